//! Read-offs that are lines over sums: one line and one threshold for each kind of target, chosen on draws.
//!
//! A wiring whose own read-offs are the sums of the targets is run on inputs of the circuit's distribution. Targets
//! that are the same function of a sum of the same weights are of a kind, and are read alike: by the line with the
//! least ε at 99 % of the inputs (`extremes`). Where a layer has several kinds, they share the 1 % out among them.
//! Where plain inputs show hardly one of a kind on, some are drawn gate by gate (`strata`). Sums that are told apart by
//! less than a thousandth, since no line was near to what they are of, are of kinds of their own.
//!
//! Must not know which constructions there are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rayon::prelude::*;

use super::extremes::{Extremes, Shown};
use crate::circuit::{Inputs, Signal};
use crate::compile::compilation::Compilation;
use crate::compile::construct::{Construction, Sum};
use crate::compile::error::Error;
use crate::compile::layer::LayerTask;
use crate::compile::stack::wired;
use crate::compile::strata::{Classes, Strata};
use crate::network::Layer;
use crate::network::forward::Forward;
use crate::network::matrix::Matrix;
use crate::progress::{Progress, Watcher};
use crate::readings::{BLOCK, Batch};

/// Share of the inputs on which a read-off may be further from the truth.
const BEYOND: f64 = 0.01;

/// Blocks of 64 inputs that are drawn.
const N_BLOCKS: u64 = 64;

/// So few inputs with one on are too few to choose by; targets of the kind that more are drawn for.
const FEW: usize = 32;
const MAX_DRAWN_FOR: usize = 8;

/// The next layer on top of `below`. What is read of a `faint` signal only tells on which side of ½ it is; `faint` is
/// brought up to this layer.
pub fn layer(
    compilation: &Compilation,
    construction: &dyn Construction,
    task: &LayerTask,
    below: &[Layer],
    faint: &mut BTreeSet<Signal>,
    watcher: Watcher,
) -> Result<Layer, Error> {
    let ladder = construction.ladder(task, compilation.plan.widths[task.layer_idx]);
    let mut layer = wired(compilation, &*ladder.rungs[ladder.first], task, below)?;
    watcher(Progress::of("choosing lines", 0)).go_on()?;
    let kinds = kinds(task, faint);
    let rules: Vec<_> = {
        let entry = compilation.entry(below.first().unwrap_or(&layer));
        let sight = Sight { compilation, task, forward: Forward::on_top(&entry, below, &layer) };
        let share = 1.0 - BEYOND / kinds.len() as f64;
        let read = |(kind, mut shown): (&Kind, Shown)| {
            if shown.n_on() < FEW {
                sight.show_on(kind, &mut shown);
            }
            shown.rule(kind.sum.is_threshold(), kind.sum.nearest_line().slope, share)
        };
        kinds.par_iter().zip(sight.plain(&kinds)).map(read).collect()
    };
    let mut matrix = layer.readoff.matrix.to_dense();
    for (kind, rule) in kinds.iter().zip(rules) {
        for &target_idx in &kind.targets {
            let signal = task.targets[target_idx];
            if rule.is_side {
                faint.insert(signal)
            } else {
                faint.remove(&signal)
            };
        }
        for &target_idx in &kind.targets {
            matrix.row_mut(target_idx).mapv_inplace(|weight| rule.line.slope as f32 * weight);
            let offset = &mut layer.readoff.bias[target_idx];
            *offset = rule.line.at(f64::from(*offset)) as f32;
            layer.readoff.threshold[target_idx] = rule.threshold as f32;
        }
    }
    layer.readoff.matrix = Matrix::Dense(matrix).smaller();
    Ok(layer)
}

/// Targets that are read alike.
struct Kind {
    /// Ascending.
    targets: Vec<usize>,
    /// Of the first of them.
    sum: Sum,
}

fn kinds(task: &LayerTask, faint: &BTreeSet<Signal>) -> Vec<Kind> {
    let mut kinds = BTreeMap::new();
    for target_idx in 0..task.targets.len() {
        let sum = Sum::of(task, target_idx);
        let is_faint: Vec<bool> = sum.weights.iter().map(|term| faint.contains(&term.0)).collect();
        kinds
            .entry((sum.kind(), is_faint))
            .or_insert_with(|| Kind { targets: Vec::new(), sum })
            .targets
            .push(target_idx);
    }
    kinds.into_values().collect()
}

/// The layer whose sums are looked at.
struct Sight<'a> {
    compilation: &'a Compilation<'a>,
    task: &'a LayerTask<'a>,
    forward: Forward<'a>,
}

impl Sight<'_> {
    /// By kind, what some plain inputs show.
    fn plain(&self, kinds: &[Kind]) -> Vec<Shown> {
        let mut kind_of = vec![0; self.task.targets.len()];
        for (kind_idx, kind) in kinds.iter().enumerate() {
            kind.targets.iter().for_each(|&target_idx| kind_of[target_idx] = kind_idx);
        }
        let of_block = |block_idx: u64| {
            let mut seen = vec![Extremes::NONE; kinds.len() * BLOCK];
            let inputs = self.compilation.sampler.block(self.compilation.plan.seed, "lines", block_idx);
            self.read(&inputs, 0..kind_of.len(), |target_idx, input_idx, sum, is_on| {
                let extremes = &mut seen[kind_of[target_idx] * BLOCK + input_idx];
                if is_on { extremes.on.add(sum) } else { extremes.off.add(sum) }
            });
            seen
        };
        let blocks: Vec<Vec<Extremes>> = (0..N_BLOCKS).into_par_iter().map(of_block).collect();
        let of_kind = |kind_idx: usize| {
            let mut shown = Shown::default();
            let seen = blocks.iter().flat_map(|seen| &seen[kind_idx * BLOCK..][..BLOCK]);
            seen.for_each(|&extremes| shown.add(extremes));
            shown
        };
        (0..kinds.len()).map(of_kind).collect()
    }

    /// Adds what some targets of the kind read when they are on.
    fn show_on(&self, kind: &Kind, shown: &mut Shown) {
        let mut strata = Strata::new(self.task.circuit, self.compilation.plan.seed);
        let n_drawn_for = kind.targets.len().min(MAX_DRAWN_FOR);
        for place in 0..n_drawn_for {
            let target_idx = kind.targets[place * kind.targets.len() / n_drawn_for];
            let classes = Classes::of(self.task, target_idx);
            let (inputs, _) = strata.block(self.task.targets[target_idx], &classes, "lines", 0);
            self.read(&inputs, target_idx..target_idx + 1, |_, _, sum, is_on| {
                if is_on {
                    shown.add_drawn(sum);
                }
            });
        }
    }

    /// Shows the sums of some targets on at most 64 inputs: (target, input, sum, whether the target is on).
    fn read(&self, inputs: &Inputs, targets: Range<usize>, mut show: impl FnMut(usize, usize, f32, bool)) {
        let n_inputs = inputs.len();
        let mut batch = Batch::new(self.task.circuit, 1);
        batch.fill(self.task.circuit, &self.forward, |_| inputs.clone());
        batch.read(&self.forward, self.task.layer_idx, targets, &mut Vec::new(), |reading| {
            let on = reading.block.word(self.task.targets[reading.signal_idx]);
            for (input_idx, &sum) in reading.readoffs[..n_inputs].iter().enumerate() {
                show(reading.signal_idx, input_idx, sum, on >> input_idx & 1 == 1);
            }
        });
    }
}
