//! `-O2`: what a fit came to, held against the closed forms of its widths, with the thresholds that serve it best.
//!
//! Must not know how a network is fitted, nor how a closed form is solved for.

use super::compilation::Compilation;
use super::construct::{Construction, LINEAR, Sum};
use super::fit::{self, Fitted, Goal, Score};
use super::layer::LayerTask;
use super::options::{Options, Request};
use super::solve;
use crate::network::{Fit, Layer, Stopped};
use crate::program::Sides;
use crate::progress::{Answer, Progress, Reason, Watcher};

/// What the header of a fitted network has for a construction.
const FITTED: &str = "fitted";

/// The layers, how the fit went, and what they came of: the fit, or the construction whose closed form is better.
///
/// A fit that falls short of its goal is not worse than `-O1`. Held on both sides, it is not farther off than a linear
/// code of its widths, unless it meets its goal and the code does not.
pub fn layers(compilation: &Compilation, options: &Options, watcher: Watcher) -> (Vec<Layer>, Fit, &'static str) {
    let goal = Goal::of(compilation.program, &options.fit, options.sides_for(compilation.program));
    let mut best = Best { fitted: fit::fit(compilation, &goal, &options.fit, watcher), construction: FITTED };
    let Fit { inputs, stopped, .. } = best.fitted.fit;
    // A network that was good enough to begin with stays as it is.
    let is_unchanged = inputs == 0 && stopped == Stopped::TargetMet;
    if options.fit.is_study() || is_unchanged || stopped == Stopped::Interrupted {
        return best.into_parts();
    }
    let is_met = goal.is_met_by(&best.fitted.score);
    let trial = Trial { compilation, goal: &goal };
    let own = compilation.plan.construction;
    if !is_met && !best.fitted.score.is_perfect() {
        best.hold_against(&trial, own, Score::beats, watcher);
    }
    if goal.sides == Sides::Two && may_be_linear(compilation) {
        let is_better = |rival: &Score, best: &Score| {
            rival.is_nearer_than(best) && (goal.is_met_by(rival) || !goal.is_met_by(best))
        };
        let watcher: Watcher = &mut |progress| patiently(watcher, progress);
        // Where neurons are so many that a linear code is nearer, they may be enough for gates to have their own.
        if best.hold_against(&trial, &LINEAR, is_better, watcher) {
            best.hold_against(&trial, own, is_better, watcher);
        }
    }
    if best.construction == FITTED && (goal.sides == Sides::One || !is_met) {
        best.calibrate(compilation);
    }
    best.into_parts()
}

/// Whether a line over a sum can be nearer than ½ to every gate.
fn may_be_linear(compilation: &Compilation) -> bool {
    let is_threshold = |task: &LayerTask| (0..task.n_gates()).all(|gate| Sum::of(task, gate).is_threshold());
    compilation.tasks.iter().all(is_threshold)
}

/// For what takes a moment and must not depend on the clock: when the time is up it goes on nevertheless.
fn patiently(watcher: Watcher, progress: Progress) -> Answer {
    match watcher(progress) {
        Answer::Finish(Reason::BudgetSpent) | Answer::Stop(Reason::BudgetSpent) => Answer::GoOn,
        answer => answer,
    }
}

/// How closed forms are tried.
struct Trial<'a> {
    compilation: &'a Compilation<'a>,
    goal: &'a Goal,
}

/// The best so far, and what it came of.
struct Best {
    fitted: Fitted,
    construction: &'static str,
}

impl Best {
    /// Puts the closed form of a construction in its place, if that is better; whether it was.
    fn hold_against(
        &mut self,
        trial: &Trial,
        construction: &'static dyn Construction,
        is_better: impl Fn(&Score, &Score) -> bool,
        watcher: Watcher,
    ) -> bool {
        let Ok(mut layers) = solve::layers(trial.compilation, construction, watcher) else { return false };
        if trial.goal.sides == Sides::One {
            fit::centre(&mut layers);
        }
        let score = fit::judge(trial.compilation, trial.goal, &layers);
        let was_better = is_better(&score, &self.fitted.score);
        if was_better {
            let fit = Fit { is_closed_form: true, ..self.fitted.fit };
            *self = Best { fitted: Fitted { layers, fit, score }, construction: construction.name() };
        }
        was_better
    }

    /// Gives each read-off the threshold that serves it best, if they serve better than ½ for all.
    fn calibrate(&mut self, compilation: &Compilation) {
        let by_side = Goal::of(compilation.program, &Request::default(), Sides::One);
        let layers = solve::calibrated(compilation, self.fitted.layers.clone());
        let score = |layers| fit::judge(compilation, &by_side, layers);
        if score(&layers).beats(&score(&self.fitted.layers)) {
            self.fitted.layers = layers;
        }
    }

    fn into_parts(self) -> (Vec<Layer>, Fit, &'static str) {
        (self.fitted.layers, self.fitted.fit, self.construction)
    }
}
