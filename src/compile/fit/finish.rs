//! Between fitted weights and the layers of a network: C_l = W_l D_l⁺ on the way out, so that W = C·D holds with D the
//! read-off of the layer below; and back, to fit on.

use ndarray::{Array2, s};

use super::on_stream;
use super::weights::{LayerWeights, Wiring};
use super::whitening::Whitening;
use crate::compile::compilation::Compilation;
use crate::compile::dictionary::Embedding;
use crate::compile::factors::factors;
use crate::compile::layer::LayerTask;
use crate::kernels;
use crate::linear;
use crate::network::matrix::Matrix;
use crate::network::{Block, Factors, Layer, Relu};
use crate::program::Sides;

/// The layers of a network with these weights.
pub fn layers(compilation: &Compilation, weights: &[LayerWeights], whitening: Option<&Whitening>) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    for (task, fitted) in compilation.tasks.iter().zip(weights) {
        layers.push(match (&compilation.stream, whitening) {
            (Some(stream), Some(whitening)) => on_stream::layer(task, stream, fitted, &layers, whitening),
            _ => layer(task, compilation.embedding.as_ref(), fitted, layers.last(), whitening),
        });
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
        readoff: task.readoff(
            Matrix::Dense(fitted.readoffs.rows.slice(s![.., ..n]).to_owned()),
            fitted.readoffs.offsets.clone(),
        ),
    }
}

/// b + `sign` · C r, with r the read-off biases below.
fn add_offsets(bias: &mut [f32], compute: &Array2<f32>, below: &Layer, sign: f32) {
    for (bias, row) in bias.iter_mut().zip(compute.rows()) {
        *bias += sign * kernels::dot(row.to_slice().expect("row-major"), &below.readoff.bias);
    }
}

/// Weights that are fitted on from one of these layers; `start` has what the fit would begin with otherwise.
pub fn resume(
    layers: &[Layer],
    layer_idx: usize,
    start: LayerWeights,
    whitening: Option<&Whitening>,
    sides: Sides,
) -> LayerWeights {
    let (layer, below) = (&layers[layer_idx], &layers[..layer_idx]);
    if let (Block::Residual(block), Some(whitening)) = (&layer.block, whitening) {
        return on_stream::resume(layer, block, start, whitening, sides);
    }
    let mut bias = layer.block.bias().to_vec();
    let wiring = match (&start.wiring, below.last(), whitening) {
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
    LayerWeights::resume(layer, wiring, &bias, &layer.readoff.matrix.to_dense(), sides)
}
