//! Between fitted weights and the layers of a network: C_l = W_l D_l⁺ on the way out, so that W = C·D holds with D the
//! read-off of the layer below; and back, to fit on.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis, concatenate, s};

use super::weights::{LayerWeights, Wiring, Writes};
use crate::compile::compilation::Compilation;
use crate::compile::dictionary::Embedding;
use crate::compile::layer::LayerTask;
use crate::compile::slots::Slots;
use crate::compile::stream::Stream;
use crate::kernels;
use crate::linear;
use crate::network::matrix::Matrix;
use crate::network::{Block, Factors, Layer, Network, Readoff, Relu, Residual, Written};

/// Coordinates of stored features in which the dictionary is tight: x' = L⁻¹ Φ x √(m/d), with Φ Φᵀ = L Lᵀ. Of a stream
/// they are those of its slots, of which the features' are tight in the same way.
pub struct Whitening {
    /// [coordinates, coordinates]
    forward: Array2<f64>,
    backward: Array2<f64>,
    /// The whitened dictionary, over the coordinates that it has, which come first: [features, coordinates].
    pub by_feature: Array2<f32>,
    /// Whether features share coordinates.
    pub is_superposed: bool,
}

impl Whitening {
    pub fn of(embedding: &Embedding) -> Whitening {
        Whitening::of_dictionary(&embedding.dictionary.embedding.to_dense().mapv(f64::from))
    }

    /// `dictionary`: [coordinates, features]
    fn of_dictionary(dictionary: &Array2<f64>) -> Whitening {
        let (n_coordinates, n_features) = dictionary.dim();
        let mut gram = linear::product(dictionary, &dictionary.t().to_owned());
        linear::add_ridge(&mut gram, 1e-6);
        let scale = libm::sqrt(n_features as f64 / n_coordinates as f64);
        let lower = linear::cholesky(gram);
        let forward = linear::inverse_lower(&lower).mapv(|value| value * scale);
        let by_feature = linear::product(&forward, dictionary).t().mapv(|value| value as f32);
        let backward = lower.mapv(|value| value / scale);
        Whitening { forward, backward, by_feature, is_superposed: true }
    }

    pub fn of_stream(slots: &Slots) -> Whitening {
        let d = slots.basis.nrows();
        let (n_features, n_entry) = slots.features.dim();
        let of_features = match n_entry < n_features {
            true => Whitening::of_dictionary(&slots.features.t().to_owned()),
            false => Whitening {
                forward: Array2::eye(n_entry),
                backward: Array2::eye(n_entry),
                by_feature: slots.features.mapv(|value| value as f32),
                is_superposed: false,
            },
        };
        let within = |of_features: &Array2<f64>| {
            let mut within = Array2::eye(d);
            within.slice_mut(s![..n_entry, ..n_entry]).assign(of_features);
            within
        };
        Whitening {
            forward: linear::product(&within(&of_features.forward), &slots.basis.t().to_owned()),
            backward: linear::product(&slots.basis, &within(&of_features.backward)),
            by_feature: of_features.by_feature,
            is_superposed: of_features.is_superposed,
        }
    }

    pub fn n_coordinates(&self) -> usize {
        self.forward.nrows()
    }
}

/// Rounding aside: share of the largest weight that W_out may be away from Φ·R.
const SPANNED: f64 = 1e-3;

/// The layers of a network with these weights.
pub fn layers(compilation: &Compilation, weights: &[LayerWeights], whitening: Option<&Whitening>) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    for (task, fitted) in compilation.tasks.iter().zip(weights) {
        if let (Some(stream), Some(whitening)) = (&compilation.stream, whitening) {
            let layer = layer_on_stream(task, stream, fitted, &layers, whitening);
            layers.push(layer);
            continue;
        }
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
        readoff: readoff(task, fitted.readoffs.rows.slice(s![.., ..n]).to_owned(), &fitted.readoffs.offsets),
    }
}

fn layer_on_stream(
    task: &LayerTask,
    stream: &Stream,
    fitted: &LayerWeights,
    below: &[Layer],
    whitening: &Whitening,
) -> Layer {
    let (n, d) = (fitted.n, whitening.n_coordinates());
    // Over the first coordinates, padded: on the others there is nothing yet.
    let in_stream = |rows: ArrayView2<f32>| {
        let n_coordinates = rows.ncols().min(d);
        let rows = rows.slice(s![.., ..n_coordinates]).mapv(f64::from);
        linear::product(&rows, &whitening.forward.slice(s![..n_coordinates, ..]).to_owned())
    };
    let weight = match &fitted.wiring {
        Wiring::Columns { by_feature, .. } => in_stream(by_feature.slice(s![.., ..n]).t()),
        Wiring::Dense { weight, .. } | Wiring::Factored { compute: weight, .. } => in_stream(weight.slice(s![..n, ..])),
    };
    let of_features = below.first().and_then(|lowest| lowest.factors.decompress.as_ref());
    let of_features = of_features.map_or_else(|| stream.feature_readers(), Matrix::to_dense);
    let parts: Vec<Array2<f32>> = below.iter().map(|layer| layer.readoff.matrix.to_dense()).collect();
    let parts: Vec<_> = [of_features.view()].into_iter().chain(parts.iter().map(|part| part.view())).collect();
    let decompress = Matrix::Dense(concatenate(Axis(0), &parts).expect("all read one stream"));
    let (weight, compute) = factors(&weight, &decompress);
    let readers = in_stream(fitted.readoffs.rows.view()).mapv(|value| value as f32);
    let writes = fitted.writes.as_ref().expect("it adds to a stream").to_dense(d, n).mapv(f64::from);
    let writes = linear::product(&whitening.backward, &writes);
    let (writes, written) = written_factors(&writes, &readers);
    let block = Residual { reads: weight, bias: fitted.bias[..n].to_vec(), writes, offset: vec![0.0; d] };
    Layer {
        name: task.layer_name().to_string(),
        block: Block::Residual(block),
        factors: Factors { compute, decompress: below.is_empty().then_some(decompress), written },
        readoff: readoff(task, readers, &fitted.readoffs.offsets),
    }
}

/// W_out = Φ·R, R what the neurons say of each signal as W_U reads it: of gates that span what is written. Otherwise
/// W_out as it is.
fn written_factors(writes: &Array2<f64>, readers: &Array2<f32>) -> (Array2<f32>, Option<Written>) {
    let estimate = Matrix::Dense(linear::product(&readers.mapv(f64::from), writes).mapv(|value| value as f32));
    let (product, direction) = factors(writes, &estimate);
    let largest = writes.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let is_near = |(product, value): (&f32, &f64)| (f64::from(*product) - value).abs() <= SPANNED * largest;
    if product.iter().zip(writes).all(is_near) {
        let estimate_bias = vec![0.0; readers.nrows()];
        return (product, Some(Written { direction, estimate, estimate_bias }));
    }
    (writes.mapv(|value| value as f32), None)
}

fn readoff(task: &LayerTask, rows: Array2<f32>, offsets: &[f32]) -> Readoff {
    Readoff {
        matrix: Matrix::Dense(rows),
        bias: offsets.to_vec(),
        threshold: vec![0.5; task.targets.len()],
        signals: task.signal_names(),
        n_gates: task.n_gates(),
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

/// Weights that are fitted on from a finished layer, the one above `below`; `start` has what the fit would begin with
/// otherwise.
pub fn resume(layer: &Layer, below: &[Layer], start: LayerWeights, whitening: Option<&Whitening>) -> LayerWeights {
    if let (Block::Residual(block), Some(whitening)) = (&layer.block, whitening) {
        return resume_on_stream(layer, block, below, start, whitening);
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
    LayerWeights::resume(layer, wiring, &bias, &layer.readoff.matrix.to_dense())
}

/// Over which of its coordinates a layer writes to a stream: [coordinates, n].
fn written(block: &Residual, whitening: &Whitening) -> Array2<f32> {
    linear::product(&whitening.forward, &block.writes.mapv(f64::from)).mapv(|value| value as f32)
}

/// Whether the layers of a network write where a fit would have them write.
pub fn writes_to(slots: &Slots, network: &Network, whitening: &Whitening) -> bool {
    let is_near = |rest: &f32| rest.abs() < 1e-4;
    network.layers.iter().zip(&slots.layers).all(|(layer, slot)| {
        let Block::Residual(block) = &layer.block else { return false };
        let mut written = written(block, whitening);
        let mut own = written.slice_mut(s![slot.clone(), ..]);
        match slot.len() == layer.width() {
            true => own.diag_mut().mapv_inplace(|value| value - 1.0),
            false => own.fill(0.0),
        }
        written.iter().all(is_near)
    })
}

/// What layers add to the stream without their neurons goes into biases.
fn resume_on_stream(
    layer: &Layer,
    block: &Residual,
    below: &[Layer],
    start: LayerWeights,
    whitening: &Whitening,
) -> LayerWeights {
    let d = whitening.n_coordinates();
    let over_coordinates = |rows: &Array2<f32>, n_padded: usize| {
        let rows = linear::product(&rows.mapv(f64::from), &whitening.backward).mapv(|value| value as f32);
        rows.slice(s![.., ..n_padded.min(d)]).to_owned()
    };
    let wiring = match &start.wiring {
        Wiring::Columns { by_feature, .. } => {
            Wiring::columns(&over_coordinates(&block.reads, by_feature.nrows()).t().to_owned())
        }
        Wiring::Dense { weight, .. } | Wiring::Factored { compute: weight, .. } => {
            Wiring::dense(&over_coordinates(&block.reads, weight.ncols()))
        }
    };
    let writes = match start.writes.expect("it adds to a stream") {
        Writes::Own(slot) => Writes::Own(slot),
        Writes::Along { coordinates, .. } => {
            Writes::along(coordinates.clone(), &written(block, whitening).slice(s![coordinates, ..]).to_owned())
        }
    };
    let mut offset = vec![0.0; d];
    let mut add = |block: &Block| {
        if let Block::Residual(block) = block {
            kernels::axpy(1.0, &block.offset, &mut offset);
        }
        offset.clone()
    };
    let readers = layer.readoff.matrix.to_dense();
    let entering = below.iter().fold(vec![0.0; d], |_, layer| add(&layer.block));
    let leaving = add(&layer.block);
    let mut bias = block.bias.clone();
    let read = |row: ArrayView1<f32>, offset: &[f32]| kernels::dot(row.to_slice().expect("row-major"), offset);
    bias.iter_mut().zip(block.reads.rows()).for_each(|(bias, row)| *bias += read(row, &entering));
    let mut resumed =
        LayerWeights::resume(layer, wiring, &bias, &over_coordinates(&readers, start.readoffs.rows.ncols()));
    let offsets = &mut resumed.readoffs.offsets;
    offsets.iter_mut().zip(readers.rows()).for_each(|(bias, row)| *bias += read(row, &leaving));
    LayerWeights { writes: Some(writes), ..resumed }
}
