//! How well solved read-offs read: readings by class on draws that they have not seen.
//!
//! Must not know how neurons were wired or read-offs found.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::circuit::inputs::sample::Sampler;
use crate::compile::layer::LayerTask;
use crate::compile::solve::background::Activate;
use crate::compile::solve::readoff::Solved;
use crate::compile::solve::threshold::{Bins, ClassReadings, Evidence};
use crate::compile::strata::{Classes, Rounds, Strata};
use crate::kernels;
use crate::network::forward::{Forward, PANEL};
use crate::progress::{Progress, Reason, Watcher};
use crate::readings::{Batch, InputBlock};

/// How often an input falls into each class of each target, from `n_blocks` blocks of plain inputs.
///
/// A rare class is met a few times or never: each count starts from [`PRIOR`] inputs of the average over the targets
/// with as many operands.
pub fn class_frequencies(task: &LayerTask, sampler: &Sampler, n_blocks: u64, seed: u64) -> Vec<BTreeMap<i64, f64>> {
    let classes: Vec<Classes> = (0..task.targets.len()).map(|idx| Classes::of(task, idx)).collect();
    let mut counts: Vec<BTreeMap<i64, f64>> = vec![BTreeMap::new(); classes.len()];
    for first in (0..n_blocks).step_by(BLOCKS_AT_ONCE) {
        let filled = |block_idx| {
            let mut block = InputBlock::new(task.circuit);
            block.fill(task.circuit, sampler.block(seed, "frequencies", block_idx));
            block
        };
        let range = first..(first + BLOCKS_AT_ONCE as u64).min(n_blocks);
        let blocks: Vec<InputBlock> = range.into_par_iter().map(filled).collect();
        classes.par_iter().zip(&mut counts).for_each(|(classes, counts)| {
            for block in &blocks {
                let mut any = classes.operands.iter().fold(0u64, |any, &signal| any | block.word(signal));
                while any != 0 {
                    let bit = any.trailing_zeros();
                    *counts.entry(classes.key(|signal| block.word(signal) >> bit & 1 == 1)).or_default() += 1.0;
                    any &= any - 1;
                }
            }
        });
    }
    let n_inputs = (n_blocks * 64) as f64;
    let mut n_alike: BTreeMap<usize, f64> = BTreeMap::new();
    for classes in &classes {
        *n_alike.entry(classes.operands.len()).or_default() += 1.0;
    }
    let mut of_all: BTreeMap<(usize, i64), f64> = BTreeMap::new();
    for (counts, classes) in counts.iter().zip(&classes) {
        let n_operands = classes.operands.len();
        for (&key, count) in counts {
            *of_all.entry((n_operands, key)).or_default() += count / n_alike[&n_operands];
        }
    }
    for (counts, classes) in counts.iter_mut().zip(&classes) {
        let n_operands = classes.operands.len();
        for (&(_, key), &average) in of_all.range((n_operands, i64::MIN)..=(n_operands, i64::MAX)) {
            let count = counts.entry(key).or_default();
            *count = (*count + PRIOR) / (n_inputs + PRIOR * n_inputs / average);
        }
    }
    counts
}

/// How often a class is taken to be met that plain inputs hardly show: a threshold that never lets a rare gate on
/// would be of no use.
const RAREST: f64 = 1e-4;

/// Inputs of the average that each count of a class starts from.
const PRIOR: f64 = 2.0;

/// Readings by class of `targets` under `solved`, from fresh `rounds` of 64 stratified inputs each.
pub fn readings(
    task: &LayerTask,
    targets: &[usize],
    solved: &[Solved],
    frequencies: &[&BTreeMap<i64, f64>],
    activate: Activate,
    rounds: Rounds,
    watcher: Watcher,
) -> Result<Vec<Evidence>, Reason> {
    let read = |strata: &mut Strata, place: usize| {
        let classes = Classes::of(task, targets[place]);
        let solved = &solved[place];
        let mut by_key: BTreeMap<i64, (bool, Vec<f32>)> = BTreeMap::new();
        for round in 0..rounds.n {
            let (inputs, found) = strata.block(task.targets[targets[place]], &classes, "calibrate", round);
            let activations = activate(&inputs);
            for class in found {
                let readings = &mut by_key.entry(class.key).or_insert((class.value, Vec::new())).1;
                readings.extend(class.members.iter().map(|&member| {
                    let row = activations.row(member);
                    kernels::dot(row.as_slice().expect("rows are contiguous"), &solved.weights) + solved.bias
                }));
            }
        }
        let classes = by_key.into_iter().map(|(key, (value, readings))| {
            let probability = frequencies[place].get(&key).copied().unwrap_or(0.0).max(RAREST);
            let mut histogram = Bins::default();
            readings.iter().for_each(|&reading| histogram.add(reading));
            ClassReadings { value, probability, readings: histogram, spread: spread(&readings) }
        });
        Evidence { classes: classes.collect(), spread: libm::sqrt(solved.variance), ..Evidence::default() }
    };
    let strata = Strata::new(task.circuit, rounds.seed);
    let total = targets.len() as u64;
    let mut evidence = Vec::with_capacity(targets.len());
    while evidence.len() < targets.len() {
        watcher(Progress { total, ..Progress::of("calibrating thresholds", evidence.len() as u64) }).go_on()?;
        let part = evidence.len()..targets.len().min(evidence.len() + TARGETS_WATCHED);
        evidence.par_extend(part.into_par_iter().map_init(|| strata.clone(), read));
    }
    Ok(evidence)
}

/// Adds what `n_blocks` blocks of plain inputs read while the target is off. The last layer of `forward` reads off
/// `targets`, in their order.
pub fn add_tails(
    evidence: &mut [Evidence],
    task: &LayerTask,
    targets: &[usize],
    forward: &Forward,
    sampler: &Sampler,
    n_blocks: u64,
    seed: u64,
) {
    let mut batches = vec![Batch::new(task.circuit, 1); BLOCKS_AT_ONCE.min(n_blocks as usize)];
    for first in (0..n_blocks).step_by(BLOCKS_AT_ONCE) {
        let n_here = BLOCKS_AT_ONCE.min((n_blocks - first) as usize);
        let batches = &mut batches[..n_here];
        batches.par_iter_mut().enumerate().for_each(|(batch_idx, batch)| {
            batch.fill(task.circuit, forward, |_| sampler.block(seed, "tails", first + batch_idx as u64));
        });
        // Targets in parallel, blocks in turn: each target's histogram is the work of one thread.
        evidence.par_chunks_mut(PANEL).enumerate().for_each(|(chunk_idx, evidence)| {
            let first = chunk_idx * PANEL;
            let mut space = Vec::new();
            for batch in &*batches {
                batch.read(forward, task.layer_idx, first..first + evidence.len(), &mut space, |reading| {
                    let evidence = &mut evidence[reading.signal_idx - first];
                    let on = reading.block.word(task.targets[targets[reading.signal_idx]]);
                    for (input_idx, &readoff) in reading.readoffs.iter().enumerate() {
                        if on >> input_idx & 1 == 0 {
                            evidence.add_plain(readoff);
                        }
                    }
                });
            }
        });
    }
    evidence.iter_mut().for_each(Evidence::settle_spread);
}

/// Targets between two reports of progress.
const TARGETS_WATCHED: usize = 512;

/// Blocks whose activations are held at once.
const BLOCKS_AT_ONCE: usize = 16;

fn spread(readings: &[f32]) -> f64 {
    let n = readings.len() as f64;
    let mean = readings.iter().map(|&reading| f64::from(reading)).sum::<f64>() / n;
    libm::sqrt(
        readings.iter().map(|&reading| (f64::from(reading) - mean) * (f64::from(reading) - mean)).sum::<f64>() / n,
    )
}
