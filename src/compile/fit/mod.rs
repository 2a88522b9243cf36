//! `-O2`: all weights of all layers, fitted under the circuit's own inputs, so that read-offs lie on the right side of
//! a threshold, or on near 1 and off near 0.
//!
//! Squared hinges on the read-offs of every layer, minimised by stochastic gradient steps (`step`, `update`) on inputs
//! of the circuit's distribution (`draw`), in rounds that treble in length (`course`); the rates of a round fall to
//! nothing at its end (`recipe`), and the network is judged (`goal`). Nothing of the published constructions goes in:
//! as starting points they lead to worse networks. Parities alone begin with read-offs that are solved for (`coded`).
//!
//! The same circuit and options give the same weights on any number of threads, unless the caller ends the fit early.
//! Must not know how a network is evaluated or stored.

mod affine;
mod centre;
mod code;
mod coded;
mod course;
mod draw;
mod finish;
mod goal;
mod on_stream;
mod others;
mod recipe;
mod start;
mod step;
mod update;
mod weights;
mod whitening;
pub mod widths;

use rayon::prelude::*;

use centre::Centre;
use draw::{Drill, DrillScratch};
pub use goal::{Goal, Score};
use others::Others;
use recipe::{GROUP, GROUPS, Rates};
use start::begin;
use step::{Frame, Group, LayerFrame};
use weights::LayerWeights;
use whitening::Whitening;

use super::compilation::Compilation;
use super::layer::LayerTask;
use super::options::Request;
use crate::circuit::{GateId, Kind};
use crate::network::{Fit, Layer};
use crate::program::Sides;
use crate::progress::{Answer, Progress, Reason, Watcher, unwatched};
use crate::random;

/// Steps between two reports of progress, where layers are few.
const BURST: u64 = 8;

/// What a fit ends with.
pub struct Fitted {
    pub layers: Vec<Layer>,
    pub fit: Fit,
    /// Of these layers.
    pub score: Score,
}

/// Fits a network. `watcher` hears of progress after every few steps. Once it asks to finish, rates fall to nothing as
/// long as it does not say stop, and the best network so far is kept.
pub fn fit(compilation: &Compilation, goal: &Goal, request: &Request, watcher: Watcher) -> Fitted {
    let mut fitter = Fitter::new(compilation, goal, request, watcher);
    let stopped = fitter.run(request, watcher);
    let two_sided = goal.sides == Sides::Two;
    let fit = Fit { inputs: fitter.n_inputs(), stopped, two_sided, is_closed_form: false, study: request.study };
    let (score, layers) = fitter.best.take().expect("a round keeps its network");
    Fitted { layers, fit, score }
}

/// How near layers are to the goal, on inputs of a stream of their own.
pub fn judge(compilation: &Compilation, goal: &Goal, layers: &[Layer]) -> Score {
    let dictionary = compilation.embedding.as_ref().map(|embedding| &embedding.dictionary);
    let Compilation { circuit, plan, sampler, seldom, .. } = compilation;
    let mut score = goal.judge(circuit, sampler, plan.seed, dictionary, layers);
    goal.judge_seldom(circuit, seldom, dictionary, layers, &mut score);
    score
}

/// Moves read-offs so that every threshold is at ½, where a fit has them.
pub fn centre(layers: &mut [Layer]) {
    for layer in layers {
        for (bias, threshold) in layer.readoff.bias.iter_mut().zip(&mut layer.readoff.threshold) {
            *bias += 0.5 - *threshold;
            *threshold = 0.5;
        }
    }
}

struct Fitter<'a> {
    compilation: &'a Compilation<'a>,
    goal: &'a Goal,
    /// Whether the start is a code that every read-off is solved for (`coded`).
    is_coded: bool,
    whitening: Option<Whitening>,
    frame: Frame,
    drill: Drill<'a>,
    weights: Vec<LayerWeights>,
    centres: Vec<Centre>,
    others: Vec<Others>,
    /// By layer, at full height.
    rates: Vec<Rates>,
    groups: Vec<(Group, DrillScratch<'a>)>,
    n_steps: u64,
    /// The place of its first step in the stream of inputs.
    first_step: u64,
    /// How often it has begun again.
    attempt: u64,
    /// How much of a mean square its first steps have filled: 1 − decay^steps.
    filled: f32,
    best: Option<(Score, Vec<Layer>)>,
}

impl<'a> Fitter<'a> {
    fn new(compilation: &'a Compilation, goal: &'a Goal, request: &'a Request, watcher: Watcher) -> Fitter<'a> {
        let (circuit, tasks, plan) = (compilation.circuit, &compilation.tasks, &compilation.plan);
        let whitening = match (&compilation.stream, &compilation.embedding) {
            (Some(stream), _) => stream.slots.as_ref().map(Whitening::of_stream),
            (None, embedding) => embedding.as_ref().map(Whitening::of),
        };
        let is_coded = may_be_coded(compilation, goal, request);
        let weights = begin(compilation, request, whitening.as_ref(), is_coded, goal.sides, 0, watcher);
        let is_bounded = |task: &LayerTask| -> Vec<bool> {
            let has_bound = |gate: GateId| goal.error_bounds[gate.0 as usize].is_some();
            let of_target = |target| goal.sides == Sides::Two || task.gate(target).is_some_and(has_bound);
            (0..task.targets.len()).map(of_target).collect()
        };
        let margin = |task: &LayerTask| match goal.epsilon() {
            Some(epsilon) => {
                let n = plan.widths[task.layer_idx];
                let has_parities = share_of_parities(task) > 0.0;
                recipe::margin(epsilon as f32, n, task.below.len(), task.targets.len(), has_parities)
            }
            None => recipe::ONE_SIDED_MARGIN,
        };
        let hard_weight = if is_coded { recipe::HARD_WEIGHT } else { 1.0 };
        let layer_frame = |task| LayerFrame::new(task, margin(task), is_bounded(task), hard_weight);
        let is_stored = whitening.as_ref().is_some_and(|whitening| whitening.is_superposed);
        let frame = Frame {
            layers: tasks.iter().map(layer_frame).collect(),
            embedding: whitening.as_ref().map(|whitening| weights::pad_columns(&whitening.by_feature)),
            is_signed: compilation.stream.is_some() && (is_stored || weights.iter().any(LayerWeights::is_mixed)),
            loss: request.study.loss,
            weight_on: request.study.weight_on,
        };
        let rates_of = |&n: &usize| if is_coded { Rates::of_code() } else { Rates::of_layer(n, is_stored) };
        let mut rates: Vec<Rates> = plan.widths.iter().map(rates_of).collect();
        rates[0] = rates[0].frozen(request.study.freeze);
        let most_drills = recipe::most_drills(plan.widths.iter().copied().max().unwrap_or(0), goal.sides);
        let drill = Drill::new(compilation, most_drills, request.hard.as_ref().map(|hard| &hard.inputs));
        let groups = (0..GROUPS).map(|_| (Group::new(circuit, &frame, &weights), drill.scratch())).collect();
        Fitter {
            compilation,
            goal,
            is_coded,
            whitening,
            frame,
            drill,
            weights,
            centres: tasks.iter().map(|task| Centre::new(recipe::centring(share_of_parities(task)))).collect(),
            others: others(tasks, is_coded),
            rates,
            groups,
            n_steps: 0,
            first_step: request.hard.as_ref().map_or(0, |hard| hard.round * recipe::STEPS_OF_ROUND),
            attempt: 0,
            filled: 1.0 - recipe::DECAY,
            best: None,
        }
    }

    fn is_finite(&self) -> bool {
        self.weights.iter().all(LayerWeights::is_finite)
    }

    /// The weights that the long way begins with.
    fn begun(&self, request: &Request) -> Vec<LayerWeights> {
        begin(
            self.compilation,
            request,
            self.whitening.as_ref(),
            self.is_coded,
            self.goal.sides,
            self.attempt,
            &mut unwatched,
        )
    }

    /// Goes on from other weights, with nothing learnt yet.
    fn restart(&mut self, weights: Vec<LayerWeights>) {
        self.weights = weights;
        self.centres.iter_mut().for_each(Centre::forget);
        self.others = others(&self.compilation.tasks, self.is_coded);
        self.filled = 1.0 - recipe::DECAY;
    }

    /// Inputs trained on so far.
    fn n_inputs(&self) -> u64 {
        self.n_steps * (GROUPS * GROUP) as u64
    }

    /// Judges the network as it stands, and keeps it if it is the best.
    fn keep_better(&mut self) -> Score {
        let layers = finish::layers(self.compilation, &self.weights, self.whitening.as_ref());
        let score = judge(self.compilation, self.goal, &layers);
        if self.best.as_ref().is_none_or(|(best, _)| score.beats(best)) {
            self.best = Some((score.clone(), layers));
        }
        score
    }

    fn best_meets_goal(&self) -> bool {
        self.best.as_ref().is_some_and(|(score, _)| self.goal.is_met_by(score))
    }

    /// Trains on so many inputs. The reason, if it was ended early.
    fn round(&mut self, n_inputs: u64, is_first: bool, watcher: Watcher) -> Option<Reason> {
        let n_layers = self.weights.len();
        let n_steps = n_inputs.div_ceil((GROUPS * GROUP) as u64);
        let share = self.best.as_ref().map(|(score, _)| score.share());
        for start in (0..n_steps).step_by(self.burst() as usize) {
            let burst = start..n_steps.min(start + self.burst());
            let done = |step: u64| step as f64 / n_steps as f64;
            self.steps(burst.clone().map(|step| {
                let n_staged = if is_first { recipe::n_staged(done(step), n_layers) } else { n_layers };
                (n_staged, recipe::height(done(step)))
            }));
            let trained = (burst.end * (GROUPS * GROUP) as u64).min(n_inputs);
            match watcher(Progress { phase: "fitting", done: trained, total: n_inputs, share }) {
                Answer::GoOn => {}
                Answer::Stop(reason) => return Some(reason),
                Answer::Finish(reason) => {
                    self.finish(recipe::height(done(burst.end - 1)), share, watcher);
                    return Some(reason);
                }
            }
        }
        None
    }

    /// Steps between two reports.
    fn burst(&self) -> u64 {
        BURST.div_ceil(self.weights.len() as u64)
    }

    /// Lets the rates fall from where they are, unless it is told to stop.
    fn finish(&mut self, height: f32, share: Option<f64>, watcher: Watcher) {
        let total = (recipe::FINISH * self.n_steps as f64) as u64;
        for start in (0..total).step_by(self.burst() as usize) {
            if let Answer::Stop(_) = watcher(Progress { phase: "finishing", done: start, total, share }) {
                return;
            }
            let falling = |step: u64| height * (1.0 - step as f32 / total as f32);
            let n_layers = self.weights.len();
            self.steps((start..total.min(start + self.burst())).map(|step| (n_layers, falling(step))));
        }
    }

    /// Steps of so many layers, the lowest, and of this height.
    fn steps(&mut self, steps: impl Iterator<Item = (usize, f32)> + Send) {
        // On a thread of rayon's own, so that no step has to wake them up.
        rayon::scope(|_| {
            for (n_layers, height) in steps {
                // Mean squares begin empty.
                let height = height * self.filled.sqrt();
                let rates: Vec<Rates> = self.rates[..n_layers].iter().map(|rates| rates.scaled(height)).collect();
                self.step(&rates);
            }
        });
    }

    /// One step of the lowest layers, one for each of `rates`.
    fn step(&mut self, rates: &[Rates]) {
        let (weights, others) = (&self.weights, &self.others[..rates.len()]);
        let (circuit, seed) = (self.compilation.circuit, self.compilation.plan.seed);
        let (frame, drill, step) = (&self.frame, &self.drill, self.first_step + self.n_steps);
        self.groups.par_iter_mut().enumerate().for_each(|(group_idx, (group, scratch))| {
            let index = step * GROUPS as u64 + group_idx as u64;
            let mut rng = random::stream(&[seed, random::key_of("fit: drills"), index]);
            drill.draw(scratch, &mut rng, index, &mut group.inputs);
            group.run(circuit, frame, weights, others, &mut rng);
        });
        self.n_steps += 1;
        self.filled = 1.0 - recipe::DECAY * (1.0 - self.filled);
        let groups: Vec<&Group> = self.groups.iter().map(|group| &group.0).collect();
        update::update(&mut self.weights, &mut self.centres, &groups, rates);
        for (layer_idx, others) in self.others.iter_mut().enumerate().take(rates.len()) {
            for group in &groups {
                let layer = &group.layers[layer_idx];
                others.learn(layer.n_missed_readers, layer.n_missed_blind, &layer.missed_others);
            }
            others.adapt();
        }
    }
}

/// How many of the gates of a layer step up and down with each operand.
fn share_of_parities(task: &LayerTask) -> f32 {
    let kind = |gate: GateId| task.circuit.gates[gate.0 as usize].kind;
    let is_parity =
        |target: &usize| task.gate(*target).is_some_and(|gate| matches!(kind(gate), Kind::Xor | Kind::Xnor));
    let n_parities = (0..task.n_gates()).filter(is_parity).count();
    n_parities as f32 / task.n_gates().max(1) as f32
}

/// Whether to start from a code: one layer of parities over features that come in directly, on both sides, where
/// that is solved for sooner than trained.
fn may_be_coded(compilation: &Compilation, goal: &Goal, request: &Request) -> bool {
    let ([task], None) = (&compilation.tasks[..], &compilation.embedding) else { return false };
    let n = compilation.plan.widths[0];
    let is_worth_it = n >= recipe::FEWEST_CODED && recipe::is_quickly_solved(n, task.targets.len());
    let is_asked_for = goal.sides == Sides::Two && !request.is_study();
    is_worth_it && is_asked_for && share_of_parities(task) >= recipe::MOSTLY_PARITIES
}

fn others(tasks: &[LayerTask], is_coded: bool) -> Vec<Others> {
    let of_layer = if is_coded { Others::all } else { Others::new };
    tasks.iter().map(|task| of_layer(task.targets.len())).collect()
}
