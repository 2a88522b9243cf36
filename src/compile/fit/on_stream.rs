//! The same between fitted weights and layers that add to a stream: the fit has coordinates of its own for it.
//!
//! Must not know how weights are trained.

use ndarray::{Array2, ArrayView2, s};

use super::weights::{LayerWeights, Wiring, Writes};
use super::whitening::Whitening;
use crate::compile::factors::{self, factors};
use crate::compile::layer::LayerTask;
use crate::compile::slots::Slots;
use crate::compile::stream::Stream;
use crate::linear;
use crate::network::matrix::Matrix;
use crate::network::{Block, Factors, Layer, Network, Residual};
use crate::program::Sides;

/// A layer of a network with these weights, over those below.
pub fn layer(
    task: &LayerTask,
    stream: &Stream,
    fitted: &LayerWeights,
    below: &[Layer],
    whitening: &Whitening,
) -> Layer {
    let (n, all) = (fitted.n, whitening.n_coordinates());
    // Over the first coordinates, padded: on the others there is nothing yet.
    let in_stream = |rows: ArrayView2<f32>| {
        let n_coordinates = rows.ncols().min(all);
        let rows = rows.slice(s![.., ..n_coordinates]).mapv(f64::from);
        linear::product(&rows, &whitening.forward.slice(s![..n_coordinates, ..]).to_owned())
    };
    let weight = match &fitted.wiring {
        Wiring::Columns { by_feature, .. } => in_stream(by_feature.slice(s![.., ..n]).t()),
        Wiring::Dense { weight, .. } | Wiring::Factored { compute: weight, .. } => in_stream(weight.slice(s![..n, ..])),
    };
    let (decompress, _) = stream.readoff(below, task.below.len());
    let (weight, compute) = factors_on(&weight, &decompress, &stream.shown(below, task.circuit.n_features()));
    let readers = in_stream(fitted.readoffs.rows.view()).mapv(|value| value as f32);
    let writes = fitted.writes.as_ref().expect("it adds to a stream").to_dense(all, n).mapv(f64::from);
    let writes = linear::product(&whitening.backward, &writes);
    let (writes, written) = factors::written(&writes, &readers);
    let offset = vec![0.0; writes.nrows()];
    let block = Residual { reads: weight, bias: fitted.bias[..n].to_vec(), writes, offset };
    Layer {
        name: task.layer_name().to_string(),
        block: Block::Residual(block),
        factors: Factors { compute, decompress: below.is_empty().then_some(decompress), written },
        readoff: task.readoff(Matrix::Dense(readers), fitted.readoffs.offsets.clone()),
    }
}

/// C·D and C of a W that is to stay the same on what a stream can show, X: [d, what is written]. C = W X (D X)⁺.
fn factors_on(weight: &Array2<f64>, decompress: &Matrix, shown: &Array2<f64>) -> (Array2<f32>, Matrix) {
    let read = linear::product(&decompress.to_dense().mapv(f64::from), shown).mapv(|value| value as f32);
    let (_, compute) = factors(&linear::product(weight, shown), &Matrix::Dense(read));
    (compute.product(decompress), compute)
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

/// Weights that are fitted on from a finished layer, which adds nothing to the stream but what its neurons write.
pub fn resume(
    layer: &Layer,
    block: &Residual,
    start: LayerWeights,
    whitening: &Whitening,
    sides: Sides,
) -> LayerWeights {
    let all = whitening.n_coordinates();
    let over_coordinates = |rows: &Array2<f32>, n_padded: usize| {
        let rows = linear::product(&rows.mapv(f64::from), &whitening.backward).mapv(|value| value as f32);
        rows.slice(s![.., ..n_padded.min(all)]).to_owned()
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
    let readers = over_coordinates(&layer.readoff.matrix.to_dense(), start.readoffs.rows.ncols());
    let resumed = LayerWeights::resume(layer, wiring, &block.bias, &readers, sides);
    LayerWeights { writes: Some(writes), ..resumed }
}
