//! A start that computes nothing in its neurons: a random code in which all of them stay awake, and every target read
//! off it as a threshold of the sum of its operands.
//!
//! With few features on and enough neurons that is nearly all it takes: the code's pseudo-inverse reads a feature with
//! noise of variance about s (1/n − 1/m), for s of m features on, and an AND of two lies ½ away from its threshold.
//! Gates that are no threshold of a sum are read as their first step.
//!
//! Must not know how it is fitted on.

use ndarray::{Array2, s};

use super::weights::{LayerWeights, Readoffs, Wiring, padded};
use crate::compile::construct::{DeadZone, ramps};
use crate::compile::layer::LayerTask;
use crate::compile::readers::readers;
use crate::kernels;

/// Share of the mean variance that is added before the code is inverted.
const RIDGE: f64 = 0.01;

/// A layer of `n` neurons over features that come in by `wiring`. `bias` keeps neurons awake; `embedding`: the features
/// where they are stored in superposition, [features, padded coordinates].
pub fn start(task: &LayerTask, n: usize, wiring: Wiring, bias: f32, embedding: Option<&Array2<f32>>) -> LayerWeights {
    let code = match (&wiring, embedding) {
        (Wiring::Dense { weight, .. }, Some(embedding)) => {
            let mut code = Array2::zeros((embedding.nrows(), n));
            kernels::par_product(embedding.view(), weight.slice(s![..n, ..]).t(), code.view_mut());
            code
        }
        (Wiring::Columns { by_feature, .. }, _) => by_feature.slice(s![.., ..n]).as_standard_layout().to_owned(),
        _ => unreachable!("the lowest layer reads features"),
    };
    let readers = readers(&code.mapv(f64::from), RIDGE).mapv(|value| value as f32);
    let mut rows = Array2::<f32>::zeros((task.targets.len(), padded(n)));
    let mut offsets = vec![0.0; task.targets.len()];
    for (target_idx, (mut row, offset)) in rows.rows_mut().into_iter().zip(&mut offsets).enumerate() {
        let ramps = ramps(task, target_idx, DeadZone::Always);
        let Some(first) = ramps.first() else { continue };
        let row = &mut row.as_slice_mut().expect("row-major")[..n];
        for (signal, weight) in ramps.iter().flat_map(|ramp| &ramp.weights) {
            let reader = readers.row(task.column(*signal) as usize);
            kernels::axpy(*weight, reader.to_slice().expect("row-major"), row);
        }
        let at_rest = bias * row.iter().sum::<f32>();
        *offset = 0.5 - first.bends[0].at - at_rest;
    }
    LayerWeights { readoffs: Readoffs::new(rows, offsets), ..LayerWeights::new(n, 0, bias, wiring) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::by_hand::{self, off, on};
    use crate::circuit::{Distribution, Kind};
    use crate::random;

    fn signs(m: usize, n: usize) -> Wiring {
        Wiring::signs(m, n, 0.27, &mut random::stream(&[7]))
    }

    /// What is read off, given which features are on.
    fn read(layer: &LayerWeights, active: &[usize]) -> Vec<f32> {
        let Wiring::Columns { by_feature, .. } = &layer.wiring else { panic!("features come in directly") };
        let mut h = layer.bias.clone();
        active.iter().for_each(|&feature| kernels::axpy(1.0, &by_feature.row(feature).to_vec(), &mut h));
        kernels::relu_in_place(&mut h);
        let reading = |row: &[f32], offset: f32| kernels::dot(row, &h) + offset;
        let rows = layer.readoffs.rows.rows().into_iter().zip(&layer.readoffs.offsets);
        rows.map(|(row, &offset)| reading(row.to_slice().expect("row-major"), offset)).collect()
    }

    #[test]
    fn with_as_many_neurons_as_features_every_sum_is_read_exactly() {
        let gates = vec![
            (Kind::And, vec![on(0), on(1)]),
            (Kind::Or, vec![on(2), on(3)]),
            (Kind::AtLeast(2), vec![on(0), on(1), on(2)]),
            (Kind::And, vec![on(0), off(3)]),
            (Kind::Xor, vec![on(0), on(1)]),
        ];
        let circuit = by_hand::circuit(4, &[gates], Distribution::default());
        let task = LayerTask::new(&circuit, 0);
        let layer = start(&task, 64, signs(4, 64), 1.2, None);
        for (active, expected) in [
            (vec![], [-1.0, 0.0, -1.0, 0.0, 0.0]),
            (vec![0], [0.0, 0.0, 0.0, 1.0, 1.0]),
            (vec![0, 1], [1.0, 0.0, 1.0, 1.0, 2.0]),
            (vec![0, 3], [0.0, 1.0, 0.0, 0.0, 1.0]),
        ] {
            for (reading, expected) in read(&layer, &active).into_iter().zip(expected) {
                assert!((reading - expected).abs() < 0.05, "{active:?}: {reading}, not {expected}");
            }
        }
    }
}
