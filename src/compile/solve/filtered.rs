//! Read-offs that are solved for one by one: the published wiring, the least noise that leaves each gate its value,
//! calibrated thresholds, and channel sizes chosen by their error.
//!
//! Must not know which constructions there are.

use std::collections::BTreeMap;

use ndarray::Array2;
use rayon::prelude::*;

use super::background::{Activate, Background};
use super::readoff::{self, Solved};
use super::{judge, threshold};
use crate::circuit::Inputs;
use crate::compile::compilation::Compilation;
use crate::compile::construct::{self, Code, Construction, DeadZone, Ladder, Wiring, join, lacking};
use crate::compile::error::Error;
use crate::compile::layer::LayerTask;
use crate::compile::strata::Rounds;
use crate::network::Layer;
use crate::network::forward::Forward;
use crate::network::matrix::{Matrix, SparseMatrix};
use crate::progress::{Progress, Watcher};

/// Targets on which a wiring is judged.
const MAX_JUDGED: usize = 256;

/// An expected error below which no wiring is worth a further trial.
const GOOD_ENOUGH: f64 = 1e-9;

/// The next layer on top of `below`.
pub fn layer(
    compilation: &Compilation,
    construction: &dyn Construction,
    task: &LayerTask,
    below: &[Layer],
    watcher: Watcher,
) -> Result<Layer, Error> {
    let bench = Bench::new(compilation, task, below);
    let wiring = bench.choose(construction, watcher)?;
    watcher(Progress::of("solving for read-offs", 0)).go_on()?;
    let all: Vec<usize> = (0..task.targets.len()).collect();
    Ok(bench.solve(&*wiring, &all, Effort::in_full(bench.n), watcher)?.0)
}

/// Another ladder is taken for an error of less than this share of the best so far: more could be the luck of draws.
const NOTABLE: f64 = 0.9;

/// Another ladder whose good guess has so many times the error of the best so far is not walked.
const FAR: f64 = 4.0;

/// Where a walk ended.
struct Walked {
    wiring: Box<dyn Wiring>,
    /// Its rung.
    place: usize,
    /// Expected, over the targets on which it was judged.
    error: f64,
}

/// Up or down the ladder as long as errors fall, and the variation of the best rung; no further than the first rung if
/// that has more than `most`.
fn walk(ladder: Ladder, most: f64, trial: &mut dyn FnMut(&dyn Wiring) -> Result<f64, Error>) -> Result<Walked, Error> {
    let Ladder { mut rungs, first } = ladder;
    let mut best = (trial(&*rungs[first])?, first);
    for step in [1isize, -1] {
        let mut place = first as isize + step;
        while best.0 > GOOD_ENOUGH && best.0 <= most && place >= 0 && (place as usize) < rungs.len() {
            let error = trial(&*rungs[place as usize])?;
            if error >= best.0 {
                break;
            }
            best = (error, place as usize);
            place += step;
        }
        if best.1 != first {
            break;
        }
    }
    let (mut error, place) = best;
    let mut wiring = rungs.swap_remove(place);
    if error > GOOD_ENOUGH
        && error <= most
        && let Some(variation) = wiring.variation()
    {
        let varied = trial(&*variation)?;
        if varied < error {
            (wiring, error) = (variation, varied);
        }
    }
    Ok(Walked { wiring, place, error })
}

/// How many inputs are looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Effort {
    /// Blocks of 64 for Σ.
    background_blocks: u64,
    /// Blocks of 64 stratified inputs for each target, to solve and again to calibrate.
    rounds: u64,
    /// Blocks of 64 plain inputs, for thresholds.
    tail_blocks: u64,
}

impl Effort {
    /// A dozen inputs a neuron for Σ, one stratified input for each four neurons.
    fn in_full(n: usize) -> Effort {
        let background_blocks = (12 * n).clamp(4096, 64 * 1024) as u64 / 64;
        Effort { background_blocks, rounds: (n as u64).div_ceil(384).clamp(1, 8), tail_blocks: 256 }
    }

    fn of_a_trial(n: usize) -> Effort {
        let full = Effort::in_full(n);
        Effort { background_blocks: full.background_blocks.div_ceil(3), rounds: full.rounds.min(2), tail_blocks: 128 }
    }
}

/// The read-offs of all targets of a layer of `n` neurons, which do what `activate` says.
pub fn all_read_offs(
    compilation: &Compilation,
    task: &LayerTask,
    activate: Activate,
    n: usize,
    watcher: Watcher,
) -> Result<Vec<Solved>, Error> {
    let all: Vec<usize> = (0..task.targets.len()).collect();
    read_offs(compilation, task, &all, activate, n, Effort::in_full(n), watcher)
}

fn read_offs(
    compilation: &Compilation,
    task: &LayerTask,
    targets: &[usize],
    activate: Activate,
    n: usize,
    effort: Effort,
    watcher: Watcher,
) -> Result<Vec<Solved>, Error> {
    let seed = compilation.plan.seed;
    let background = Background::measure(compilation, task, targets, activate, n, effort.background_blocks, watcher)?;
    Ok(readoff::solve(task, targets, &background, activate, Rounds { seed, n: effort.rounds }, watcher)?)
}

/// One layer on trial.
struct Bench<'a> {
    compilation: &'a Compilation<'a>,
    task: &'a LayerTask<'a>,
    below: &'a [Layer],
    n: usize,
    judged: Vec<usize>,
    frequencies: Vec<BTreeMap<i64, f64>>,
    /// By target: whether its operands are on far more often than most.
    is_frequent: Vec<bool>,
}

impl<'a> Bench<'a> {
    fn new(compilation: &'a Compilation, task: &'a LayerTask, below: &'a [Layer]) -> Bench<'a> {
        let n_targets = task.targets.len();
        let n_judged = n_targets.min(MAX_JUDGED);
        let judged: Vec<usize> = (0..n_judged).map(|idx| idx * n_targets / n_judged).collect();
        let frequencies = judge::class_frequencies(task, &compilation.sampler, 256, compilation.plan.seed);
        let n = compilation.plan.widths[task.layer_idx];
        let is_frequent = frequent(task, &frequencies, n);
        Bench { compilation, task, below, n, judged, frequencies, is_frequent }
    }

    /// The wiring with the least expected error, by a walk along the construction's ladder from its good guess; another
    /// of its ladders where that leads to much less.
    fn choose(&self, construction: &dyn Construction, watcher: Watcher) -> Result<Box<dyn Wiring>, Error> {
        let effort = Effort::of_a_trial(self.n);
        let mut n_tried = 0;
        let mut trial = |wiring: &dyn Wiring| {
            n_tried += 1;
            let progress = Progress::of("choosing a wiring", n_tried);
            let (_, errors) = self.solve(wiring, &self.judged, effort, &mut |_| watcher(progress))?;
            Ok::<f64, Error>(errors.iter().sum())
        };
        let mut best = walk(construction.ladder(self.task, self.n), f64::INFINITY, &mut trial)?;
        // What is read through a stream is calibrated once all layers stand: no trial of one shows it.
        if best.error > GOOD_ENOUGH && self.compilation.stream.is_none() {
            for ladder in construction.other_ladders(self.task, self.n, best.place) {
                let other = walk(ladder, FAR * best.error, &mut trial)?;
                if other.error < NOTABLE * best.error {
                    best = other;
                }
            }
        }
        Ok(best.wiring)
    }

    /// The layer with read-offs for `targets` alone, its thresholds calibrated, and the expected error of each target.
    fn solve(
        &self,
        wiring: &dyn Wiring,
        targets: &[usize],
        effort: Effort,
        watcher: Watcher,
    ) -> Result<(Layer, Vec<f64>), Error> {
        let (task, sampler, n) = (self.task, &self.compilation.sampler, self.n);
        let seed = self.compilation.plan.seed;
        let mut layer = self.wire(wiring)?;
        let entry = self.compilation.entry(self.below.first().unwrap_or(&layer));
        let frequencies: Vec<_> = targets.iter().map(|&idx| &self.frequencies[idx]).collect();
        let (solved, mut evidence) = {
            let forward = Forward::on_top(&entry, self.below, &layer);
            let activate = |inputs: &Inputs| forward.top_by_input(&inputs.iter().collect::<Vec<_>>());
            let solved = read_offs(self.compilation, task, targets, &activate, n, effort, watcher)?;
            let rounds = Rounds { seed, n: effort.rounds };
            let evidence = judge::readings(task, targets, &solved, &frequencies, &activate, rounds, watcher)?;
            (solved, evidence)
        };
        let rows: Vec<f32> = solved.iter().flat_map(|solved| solved.weights.iter().copied()).collect();
        let matrix = Array2::from_shape_vec((targets.len(), n), rows).expect("rows of n weights");
        layer.readoff.matrix = Matrix::Dense(matrix);
        layer.readoff.bias = solved.iter().map(|solved| solved.bias).collect();
        let forward = Forward::on_top(&entry, self.below, &layer);
        watcher(Progress::of("calibrating thresholds", 0)).go_on()?;
        judge::add_tails(&mut evidence, task, targets, &forward, sampler, effort.tail_blocks, seed);
        let calibrated: Vec<(f32, f64)> = evidence.par_iter().map(threshold::calibrate).collect();
        layer.readoff.threshold = calibrated.iter().map(|calibrated| calibrated.0).collect();
        Ok((layer, calibrated.iter().map(|calibrated| calibrated.1).collect()))
    }

    /// The layer without read-offs.
    fn wire(&self, wiring: &dyn Wiring) -> Result<Layer, Error> {
        let site = self.compilation.site(self.task, self.below, &self.is_frequent);
        let code = wiring.wire(&site, &mut self.compilation.wiring_stream(self.task));
        if code.missing.iter().any(|missing| !missing.can_be_solved) {
            return Err(lacking(code.missing));
        }
        let unread = Code { readoff: Matrix::Sparse(SparseMatrix::with_columns(self.n)), ..code };
        Ok(join(&site, unread))
    }
}

/// Targets whose operands are on more than [`FREQUENT`] times as often as the median target's: few of them would be
/// noise for all. None if there are so many that they would take more than a quarter of the neurons.
fn frequent(task: &LayerTask, frequencies: &[BTreeMap<i64, f64>], n: usize) -> Vec<bool> {
    let activity = |classes: &BTreeMap<i64, f64>| classes.values().sum::<f64>();
    let mut sorted: Vec<f64> = frequencies.iter().map(activity).collect();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let is_frequent: Vec<bool> = frequencies.iter().map(|classes| activity(classes) > FREQUENT * median).collect();
    let n_bends = |target_idx: usize| -> usize {
        construct::ramps(task, target_idx, DeadZone::AtRest).iter().map(|ramp| ramp.bends.len()).sum()
    };
    let n_frequent: usize = (0..is_frequent.len()).filter(|&idx| is_frequent[idx]).map(n_bends).sum();
    if 4 * n_frequent > n { vec![false; is_frequent.len()] } else { is_frequent }
}

/// How many times the median activity makes a target frequent.
const FREQUENT: f64 = 3.0;
