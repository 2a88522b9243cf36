//! Thresholds for read-offs that are given.
//!
//! A gate that is never read wrong on plain inputs keeps its threshold; each of the others gets the one of the least
//! expected error. Must not know where read-offs come from.

use ndarray::{ArrayView1, Axis};
use rayon::prelude::*;

use super::readoff::Solved;
use super::{judge, threshold};
use crate::circuit::Inputs;
use crate::compile::compilation::Compilation;
use crate::compile::layer::LayerTask;
use crate::compile::strata::Rounds;
use crate::network::Layer;
use crate::network::forward::Forward;
use crate::network::matrix::Matrix;
use crate::progress::unwatched;
use crate::readings::Batch;

/// Blocks of 64 plain inputs on which classes are counted, and read-offs looked at.
const FREQUENCY_BLOCKS: u64 = 256;
const TAIL_BLOCKS: u64 = 64;

/// Readings no further apart than this are taken for the same: a bin.
const SPREAD: f64 = 1.0 / 64.0;

/// The same layers with other thresholds; `None` where none was ever wrong.
pub fn calibrated(compilation: &Compilation, layers: &[Layer]) -> Option<Vec<Layer>> {
    let mut calibrated: Option<Vec<Layer>> = None;
    for (layer_idx, task) in compilation.tasks.iter().enumerate() {
        let (below, layer) = (&layers[..layer_idx], &layers[layer_idx]);
        let wrong = ever_wrong(compilation, task, below, layer);
        if !wrong.is_empty() {
            let thresholds = thresholds(compilation, task, below, layer, &wrong);
            let readoff = &mut calibrated.get_or_insert_with(|| layers.to_vec())[layer_idx].readoff;
            wrong.iter().zip(thresholds).for_each(|(&target_idx, threshold)| readoff.threshold[target_idx] = threshold);
        }
    }
    calibrated
}

/// The gates that are read wrong on some plain input.
fn ever_wrong(compilation: &Compilation, task: &LayerTask, below: &[Layer], layer: &Layer) -> Vec<usize> {
    let (circuit, sampler, seed) = (task.circuit, &compilation.sampler, compilation.plan.seed);
    let entry = compilation.entry(below.first().unwrap_or(layer));
    let forward = Forward::on_top(&entry, below, layer);
    let of_block = |batch: &mut Batch, block_idx: u64| {
        let mut wrong = Vec::new();
        batch.fill(circuit, &forward, |_| sampler.block(seed, "tails", block_idx));
        batch.read(&forward, task.layer_idx, 0..task.n_gates(), &mut Vec::new(), |reading| {
            let target_idx = reading.signal_idx;
            if reading.wrong(task.targets[target_idx], layer.readoff.threshold[target_idx]) != 0 {
                wrong.push(target_idx);
            }
        });
        wrong
    };
    let blocks = (0..TAIL_BLOCKS).into_par_iter().map_init(|| Batch::new(circuit, 1), of_block);
    let mut wrong = blocks.collect::<Vec<_>>().concat();
    wrong.sort_unstable();
    wrong.dedup();
    wrong
}

/// The best thresholds of some targets.
fn thresholds(
    compilation: &Compilation,
    task: &LayerTask,
    below: &[Layer],
    layer: &Layer,
    targets: &[usize],
) -> Vec<f32> {
    let (sampler, seed) = (&compilation.sampler, compilation.plan.seed);
    let frequencies = judge::class_frequencies(task, sampler, FREQUENCY_BLOCKS, seed);
    let frequencies: Vec<_> = targets.iter().map(|&target_idx| &frequencies[target_idx]).collect();
    let mut layer = layer.clone();
    let rows = layer.readoff.matrix.to_dense().select(Axis(0), targets);
    layer.readoff.bias = targets.iter().map(|&target_idx| layer.readoff.bias[target_idx]).collect();
    let given =
        |(row, &bias): (ArrayView1<f32>, &f32)| Solved { weights: row.to_vec(), bias, variance: SPREAD * SPREAD };
    let given: Vec<Solved> = rows.rows().into_iter().zip(&layer.readoff.bias).map(given).collect();
    layer.readoff.matrix = Matrix::Dense(rows);
    let entry = compilation.entry(below.first().unwrap_or(&layer));
    let forward = Forward::on_top(&entry, below, &layer);
    let activate = |inputs: &Inputs| forward.top_by_input(&inputs.iter().collect::<Vec<_>>());
    let rounds = Rounds { seed, n: 1 };
    let watched = judge::readings(task, targets, &given, &frequencies, &activate, rounds, &mut unwatched);
    let mut evidence = watched.expect("nobody says stop");
    judge::add_tails(&mut evidence, task, targets, &forward, sampler, TAIL_BLOCKS, seed);
    evidence.par_iter().map(|evidence| threshold::calibrate(evidence).0).collect()
}
