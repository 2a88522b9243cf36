//! `-O1`: the published wiring, with solved read-offs, calibrated thresholds and channel sizes chosen by their error.
//!
//! Layer by layer, each on the actual activations of the ones below. No training: a few matrix products.

use std::collections::BTreeMap;

use ndarray::Array2;
use rayon::prelude::*;

use crate::circuit::Inputs;
use crate::circuit::inputs::sample::Sampler;
use crate::compile::background::Background;
use crate::compile::channels::{self, Channels, Dealing};
use crate::compile::code::{Code, LayerTask};
use crate::compile::error::Error;
use crate::compile::plan::{Construction, Plan};
use crate::compile::readoff;
use crate::compile::staircase::DeadZone;
use crate::compile::threshold;
use crate::compile::universal::{self, Universal};
use crate::compile::{join, judge, lacking};
use crate::network::Layer;
use crate::network::forward::Forward;
use crate::network::matrix::{Matrix, SparseMatrix};
use crate::progress::{Progress, Watcher};
use crate::random;

/// The free choices of a layer's wiring.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    Channels(Channels),
    Universal(Universal),
}

/// Channel sizes that are tried.
const SIZES: [usize; 10] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

/// Factors to the published densities that are tried.
const DENSITIES: [f64; 7] = [0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0];

/// Targets on which a shape is judged.
const MAX_JUDGED: usize = 256;

/// An expected error below which no shape is worth a further trial.
const GOOD_ENOUGH: f64 = 1e-9;

/// Compiles the next layer on top of `layers`. Where inputs are stored in superposition, layer 0 comes back with W·Φ
/// for its weight, and is expected so below the others.
pub fn layer(
    task: &LayerTask,
    layers: &mut Vec<Layer>,
    plan: &Plan,
    sampler: &Sampler,
    watcher: Watcher,
) -> Result<Layer, Error> {
    let mut bench = Bench::new(task, layers, plan, sampler);
    let shape = bench.choose(watcher)?;
    watcher(Progress::of("solving for read-offs", 0)).go_on()?;
    let all: Vec<usize> = (0..task.targets.len()).collect();
    let effort = Effort::in_full(bench.n);
    Ok(bench.solve(shape, &all, effort, watcher)?.0)
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

/// One layer on trial.
struct Bench<'a> {
    task: &'a LayerTask<'a>,
    layers: &'a mut Vec<Layer>,
    plan: &'a Plan,
    sampler: &'a Sampler<'a>,
    n: usize,
    judged: Vec<usize>,
    frequencies: Vec<BTreeMap<i64, f64>>,
    /// By target: whether its operands are on far more often than most.
    is_loud: Vec<bool>,
}

impl<'a> Bench<'a> {
    fn new(task: &'a LayerTask, layers: &'a mut Vec<Layer>, plan: &'a Plan, sampler: &'a Sampler) -> Bench<'a> {
        let n_targets = task.targets.len();
        let n_judged = n_targets.min(MAX_JUDGED);
        let judged: Vec<usize> = (0..n_judged).map(|idx| idx * n_targets / n_judged).collect();
        let frequencies = judge::class_frequencies(task, sampler, 256, plan.seed);
        let n = plan.widths[task.layer_idx];
        let is_loud = loud(task, &frequencies, n);
        Bench { task, n, layers, plan, sampler, judged, frequencies, is_loud }
    }

    /// The shape with the least expected error, by a walk along the ladder from a good guess.
    fn choose(&mut self, watcher: Watcher) -> Result<Shape, Error> {
        let ladder: Vec<Shape> = match self.plan.construction {
            Construction::Channels => {
                let channels = |size| Channels { size, dead_zone: DeadZone::AtRest, dealing: Dealing::Deck };
                SIZES.iter().filter(|&&size| size <= self.n).map(|&size| Shape::Channels(channels(size))).collect()
            }
            Construction::Universal => DENSITIES.map(|density| Shape::Universal(Universal { density })).to_vec(),
        };
        let first = match self.plan.construction {
            Construction::Channels if channels::unshared_width(self.task) <= self.n => 0,
            _ => (ladder.len() / 2).min(ladder.len() - 1),
        };
        let effort = Effort::of_a_trial(self.n);
        let judged = self.judged.clone();
        let mut n_tried = 0;
        let mut trial = |shape: Shape, bench: &mut Bench| {
            n_tried += 1;
            let progress = Progress::of("choosing a wiring", n_tried);
            let (_, errors) = bench.solve(shape, &judged, effort, &mut |_| watcher(progress))?;
            Ok::<f64, Error>(errors.iter().sum())
        };
        let mut best = (trial(ladder[first], self)?, first);
        for step in [1isize, -1] {
            let mut place = first as isize + step;
            while best.0 > GOOD_ENOUGH && place >= 0 && (place as usize) < ladder.len() {
                let error = trial(ladder[place as usize], self)?;
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
        let (error, place) = best;
        let shape = ladder[place];
        if let (Shape::Channels(channels), true) = (shape, error > GOOD_ENOUGH) {
            let deaf = Shape::Channels(Channels { dead_zone: DeadZone::Always, ..channels });
            if trial(deaf, self)? < error {
                return Ok(deaf);
            }
        }
        Ok(shape)
    }

    /// The layer with read-offs for `targets` alone, its thresholds calibrated, and the expected error of each target.
    fn solve(
        &mut self,
        shape: Shape,
        targets: &[usize],
        effort: Effort,
        watcher: Watcher,
    ) -> Result<(Layer, Vec<f64>), Error> {
        let (task, sampler, seed, n) = (self.task, self.sampler, self.plan.seed, self.n);
        let layer = self.wire(shape)?;
        self.layers.push(layer);
        let frequencies: Vec<_> = targets.iter().map(|&idx| &self.frequencies[idx]).collect();
        let (solved, mut evidence) = {
            let forward = Forward::of_layers(None, self.layers);
            let activate = |inputs: &Inputs| forward.top_by_input(&inputs.iter().collect::<Vec<_>>());
            watcher(Progress::of("measuring interference", 0)).go_on()?;
            let background = Background::measure(task, targets, sampler, &activate, n, effort.background_blocks, seed);
            watcher(Progress::of("solving for read-offs", 0)).go_on()?;
            let solved = readoff::solve(task, targets, &background, &activate, seed, effort.rounds);
            watcher(Progress::of("calibrating thresholds", 0)).go_on()?;
            let evidence = judge::readings(task, targets, &solved, &frequencies, &activate, seed, effort.rounds);
            (solved, evidence)
        };
        let mut layer = self.layers.pop().expect("it was just pushed");
        let rows: Vec<f32> = solved.iter().flat_map(|solved| solved.weights.iter().copied()).collect();
        layer.readoff.matrix =
            Matrix::Dense(Array2::from_shape_vec((targets.len(), n), rows).expect("rows of n weights"));
        layer.readoff.bias = solved.iter().map(|solved| solved.bias).collect();
        self.layers.push(layer);
        judge::add_tails(
            &mut evidence,
            task,
            targets,
            &Forward::of_layers(None, self.layers),
            sampler,
            effort.tail_blocks,
            seed,
        );

        let mut layer = self.layers.pop().expect("it was just pushed");
        let calibrated: Vec<(f32, f64)> = evidence.par_iter().map(threshold::calibrate).collect();
        layer.readoff.threshold = calibrated.iter().map(|calibrated| calibrated.0).collect();
        Ok((layer, calibrated.iter().map(|calibrated| calibrated.1).collect()))
    }

    /// The layer without read-offs.
    fn wire(&self, shape: Shape) -> Result<Layer, Error> {
        let mut rng = random::stream(&[self.plan.seed, random::key_of("wiring"), self.task.layer_idx as u64]);
        let code = match shape {
            Shape::Channels(choices) => channels::wire(self.task, self.n, choices, &self.is_loud, &mut rng),
            Shape::Universal(choices) => universal::wire(self.task, self.n, choices, &mut rng),
        };
        // What universal wiring has no neuron for is read as well as can be; channels without a neuron are lost.
        if self.plan.construction == Construction::Channels && !code.missing.is_empty() {
            return Err(lacking(code.missing));
        }
        let unread = Code { readoff: SparseMatrix::with_columns(self.n), ..code };
        let mut layer = join(self.task, self.layers, unread);
        if let (0, Some(embedding)) = (self.task.layer_idx, self.task.embedding) {
            *layer.block.weight_mut() =
                Matrix::Dense(layer.block.weight().clone()).product(&embedding.dictionary.embedding);
        }
        Ok(layer)
    }
}

/// Targets whose operands are on more than [`LOUD`] times as often as the median target's: few of them would be
/// noise for all. None if there are so many that they would take more than a quarter of the neurons.
fn loud(task: &LayerTask, frequencies: &[BTreeMap<i64, f64>], n: usize) -> Vec<bool> {
    let activity = |classes: &BTreeMap<i64, f64>| classes.values().sum::<f64>();
    let mut sorted: Vec<f64> = frequencies.iter().map(activity).collect();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let is_loud: Vec<bool> = frequencies.iter().map(|classes| activity(classes) > LOUD * median).collect();
    let n_bends = |target_idx: usize| -> usize {
        task.ramps(target_idx, DeadZone::AtRest).iter().map(|ramp| ramp.bends.len()).sum()
    };
    let n_loud: usize = (0..is_loud.len()).filter(|&idx| is_loud[idx]).map(n_bends).sum();
    if 4 * n_loud > n { vec![false; is_loud.len()] } else { is_loud }
}

/// How many times the median activity makes a target loud.
const LOUD: f64 = 3.0;
