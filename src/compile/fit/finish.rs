//! Between fitted weights and the layers of a network: C_l = W_l D_l⁺ on the way out, so that W = C·D holds with D the
//! read-off of the layer below; and back, to fit on.

use ndarray::{Array2, s};

use super::weights::{LayerWeights, Wiring};
use crate::compile::compilation::Compilation;
use crate::compile::dictionary::Embedding;
use crate::compile::layer::LayerTask;
use crate::kernels;
use crate::linear;
use crate::network::matrix::Matrix;
use crate::network::{Block, Factors, Layer, Readoff, Relu};

/// Coordinates of stored features in which the dictionary is tight: x' = L⁻¹ Φ x √(m/d), with Φ Φᵀ = L Lᵀ.
pub struct Whitening {
    /// [coordinates, coordinates]
    forward: Array2<f64>,
    backward: Array2<f64>,
    /// The whitened dictionary: [features, coordinates].
    pub by_feature: Array2<f32>,
}

impl Whitening {
    pub fn of(embedding: &Embedding) -> Whitening {
        let dictionary = embedding.dictionary.embedding.to_dense().mapv(f64::from);
        let (n_coordinates, n_features) = dictionary.dim();
        let mut gram = linear::product(&dictionary, &dictionary.t().to_owned());
        linear::add_ridge(&mut gram, 1e-6);
        let scale = libm::sqrt(n_features as f64 / n_coordinates as f64);
        let lower = linear::cholesky(gram);
        let forward = linear::inverse_lower(&lower).mapv(|value| value * scale);
        let by_feature = linear::product(&forward, &dictionary).t().mapv(|value| value as f32);
        Whitening { forward, backward: lower.mapv(|value| value / scale), by_feature }
    }

    pub fn n_coordinates(&self) -> usize {
        self.forward.nrows()
    }
}

/// The layers of a network with these weights.
pub fn layers(compilation: &Compilation, weights: &[LayerWeights], whitening: Option<&Whitening>) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    for (task, fitted) in compilation.tasks.iter().zip(weights) {
        let layer = layer(task, compilation.embedding.as_ref(), fitted, layers.last(), whitening);
        layers.push(layer);
    }
    layers
}

fn layer(
    task: &LayerTask,
    embedding: Option<&Embedding>,
    fitted: &LayerWeights,
    below: Option<&Layer>,
    whitening: Option<&Whitening>,
) -> Layer {
    let n = fitted.n;
    let mut bias = fitted.bias[..n].to_vec();
    let (weight, compute, decompress) = match (&fitted.wiring, below, embedding, whitening) {
        (Wiring::Columns { by_feature, .. }, ..) => {
            let weight = by_feature.slice(s![.., ..n]).t().as_standard_layout().to_owned();
            (weight.clone(), Matrix::Dense(weight), None)
        }
        (Wiring::Dense { weight, .. }, None, Some(embedding), Some(whitening)) => {
            let weight = weight.slice(s![..n, ..whitening.n_coordinates()]).mapv(f64::from);
            let weight = linear::product(&weight, &whitening.forward);
            let (weight, compute) = factors(&weight, &embedding.decoder);
            (weight, compute, Some(embedding.decoder.clone()))
        }
        (Wiring::Dense { weight, .. }, Some(below), ..) => {
            let weight = weight.slice(s![..n, ..below.width()]).mapv(f64::from);
            let (weight, compute) = factors(&weight, &below.readoff.matrix);
            (weight, compute, None)
        }
        (Wiring::Factored { compute, .. }, Some(below), ..) => {
            let compute = compute.slice(s![..n, ..]).to_owned();
            add_offsets(&mut bias, &compute, below, 1.0);
            let compute = Matrix::Dense(compute);
            (compute.product(&below.readoff.matrix), compute, None)
        }
        _ => unreachable!("the wiring of a layer was chosen for what is below it"),
    };
    Layer {
        name: task.layer_name().to_string(),
        block: Block::Relu(Relu { weight, bias }),
        factors: Factors { compute, decompress, written: None },
        readoff: Readoff {
            matrix: Matrix::Dense(fitted.readoffs.rows.slice(s![.., ..n]).to_owned()),
            bias: fitted.readoffs.offsets.clone(),
            threshold: vec![0.5; task.targets.len()],
            signals: task.signal_names(),
            n_gates: task.n_gates(),
        },
    }
}

/// b + `sign` · C r, with r the read-off biases below.
fn add_offsets(bias: &mut [f32], compute: &Array2<f32>, below: &Layer, sign: f32) {
    for (bias, row) in bias.iter_mut().zip(compute.rows()) {
        *bias += sign * kernels::dot(row.to_slice().expect("row-major"), &below.readoff.bias);
    }
}

/// C = W D⁺ = W (DᵀD)⁻¹ Dᵀ, and C·D in the place of W: the same but for rounding, where the columns of D are
/// independent; otherwise what of W the signals below can say.
fn factors(weight: &Array2<f64>, decompress: &Matrix) -> (Array2<f32>, Matrix) {
    let dense = decompress.to_dense().mapv(f64::from);
    let transposed = dense.t().to_owned();
    let mut gram = linear::product(&transposed, &dense);
    linear::add_ridge(&mut gram, 1e-10);
    let compute = linear::product(&linear::product(weight, &linear::inverse(gram)), &transposed);
    let compute = Matrix::Dense(compute.mapv(|value| value as f32));
    (compute.product(decompress), compute)
}

/// Weights that are fitted on from a finished layer; `wiring` says which kind the fit would choose.
pub fn resume(layer: &Layer, below: Option<&Layer>, wiring: &Wiring, whitening: Option<&Whitening>) -> LayerWeights {
    let mut bias = layer.block.bias().to_vec();
    let wiring = match (wiring, below, whitening) {
        (Wiring::Columns { .. }, ..) => Wiring::columns(&layer.block.weight().t().to_owned()),
        (Wiring::Factored { .. }, Some(below), _) => {
            let compute = layer.factors.compute.to_dense();
            add_offsets(&mut bias, &compute, below, -1.0);
            Wiring::factored(&compute)
        }
        (_, None, Some(whitening)) => {
            let weight = linear::product(&layer.block.weight().mapv(f64::from), &whitening.backward);
            Wiring::dense(&weight.mapv(|value| value as f32))
        }
        _ => Wiring::dense(layer.block.weight()),
    };
    LayerWeights::resume(layer, wiring, &bias)
}
