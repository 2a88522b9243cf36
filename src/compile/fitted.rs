//! `-O2`: what a fit came to, held against the closed forms of its widths, with the thresholds that serve it best.
//!
//! Must not know how a network is fitted, nor how a closed form is solved for.

use super::closed_form::solved;
use super::compilation::Compilation;
use super::construct::{Construction, LINEAR, Sum};
use super::fit::{self, Fitted, Goal, Score};
use super::layer::LayerTask;
use super::options::{Options, Request};
use super::solve;
use crate::network::{Fit, Layer, Stopped, Study};
use crate::program::Sides;
use crate::progress::{Answer, Progress, Reason, Watcher};

/// What the header of a fitted network has for a construction.
const FITTED: &str = "fitted";

/// The layers, how the fit went, and what they came of: the fit, or the construction whose closed form is better.
///
/// A fit that falls short of its goal is not worse than `-O1`. Held on both sides, it is not farther off than a linear
/// code of its widths, unless it meets its goal and the code does not.
pub fn layers(compilation: &Compilation, options: &Options, watcher: Watcher) -> (Vec<Layer>, Fit, String) {
    let goal = Goal::of(compilation.program, &options.fit, options.sides_for(compilation.program));
    let mut best = match solved_at_once(compilation, &goal, options, watcher) {
        Some(best) => best,
        None => Best { fitted: fit::fit(compilation, &goal, &options.fit, watcher), construction: FITTED.to_string() },
    };
    let Fit { inputs, stopped, is_closed_form, .. } = best.fitted.fit;
    // A network that was good enough to begin with stays as it is.
    let is_unchanged = inputs == 0 && stopped == Stopped::TargetMet && !is_closed_form;
    if options.fit.is_study() || options.fit.hard.is_some() || is_unchanged || stopped == Stopped::Interrupted {
        return best.into_parts();
    }
    let is_met = goal.is_met_by(&best.fitted.score);
    let closed_form =
        |construction: &dyn Construction, watcher: Watcher| closed_form(compilation, &goal, construction, watcher);
    let construction = &*compilation.plan.construction;
    let mut own = None;
    let is_short = !is_met && !best.fitted.score.is_perfect();
    if is_short {
        own = closed_form(construction, watcher);
        best.take_if(&mut own, Score::beats);
    }
    if goal.sides == Sides::Two && may_be_linear(compilation) {
        let is_better = |rival: &Score, best: &Score| {
            rival.is_nearer_than(best) && (goal.is_met_by(rival) || !goal.is_met_by(best))
        };
        let watcher: Watcher = &mut |progress| patiently(watcher, progress);
        if best.take_if(&mut closed_form(&LINEAR, watcher), is_better) {
            // Where neurons are so many that a linear code is nearer, they may be enough for gates to have their own.
            if !is_short {
                own = closed_form(construction, watcher);
            }
            best.take_if(&mut own, is_better);
        }
    }
    if best.construction == FITTED && (goal.sides == Sides::One || !is_met) {
        best.calibrate(compilation, &goal);
    }
    best.into_parts()
}

/// So small a layer is solved for in a moment.
const FEW_NEURONS: usize = 128;
const FEW_TARGETS: usize = 1024;

/// The closed form of the circuit's construction, where that takes a moment and is all that is asked for.
fn solved_at_once(compilation: &Compilation, goal: &Goal, options: &Options, watcher: Watcher) -> Option<Best> {
    let Compilation { plan, tasks, .. } = compilation;
    let is_small = |(task, &n): (&LayerTask, &usize)| n <= FEW_NEURONS && task.targets.len() <= FEW_TARGETS;
    // One that a file names is for the levels below.
    let is_own = plan.construction.may_be_exact();
    let is_quick = tasks.iter().zip(&plan.widths).all(is_small) || solve::is_exact(compilation, &*plan.construction);
    if !is_own || !is_quick || options.fit.is_study() || options.fit.from.is_some() {
        return None;
    }
    let Rival { layers, score, construction } = closed_form(compilation, goal, &*plan.construction, watcher)?;
    let two_sided = goal.sides == Sides::Two;
    let fit = Fit { inputs: 0, stopped: Stopped::TargetMet, two_sided, is_closed_form: true, study: Study::default() };
    goal.is_met_by(&score).then_some(Best { fitted: Fitted { layers, fit, score }, construction })
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

/// What a closed form comes to.
struct Rival {
    layers: Vec<Layer>,
    score: Score,
    construction: String,
}

/// `None`: it cannot be wired, or there was no time for it.
fn closed_form(
    compilation: &Compilation,
    goal: &Goal,
    construction: &dyn Construction,
    watcher: Watcher,
) -> Option<Rival> {
    let mut layers = solved(compilation, construction, watcher).ok()?;
    if goal.sides == Sides::One {
        fit::centre(&mut layers);
    }
    let score = fit::judge(compilation, goal, &layers);
    Some(Rival { layers, score, construction: construction.spelling() })
}

/// The best so far, and what it came of.
struct Best {
    fitted: Fitted,
    construction: String,
}

impl Best {
    /// Puts a rival in its place that is better; whether there was one.
    fn take_if(&mut self, rival: &mut Option<Rival>, is_better: impl Fn(&Score, &Score) -> bool) -> bool {
        let Some(Rival { layers, score, construction }) =
            rival.take_if(|rival| is_better(&rival.score, &self.fitted.score))
        else {
            return false;
        };
        let fit = Fit { is_closed_form: true, ..self.fitted.fit };
        *self = Best { fitted: Fitted { layers, fit, score }, construction };
        true
    }

    /// Gives each read-off the threshold that serves it best, if they serve better than ½ for all.
    fn calibrate(&mut self, compilation: &Compilation, goal: &Goal) {
        let Some(layers) = solve::calibrated(compilation, &self.fitted.layers) else { return };
        let is_better = match goal.sides {
            Sides::One => fit::judge(compilation, goal, &layers).beats(&self.fitted.score),
            // What is asked for does not know thresholds.
            Sides::Two => {
                let by_side = Goal::of(compilation.program, &Request::default(), Sides::One);
                let score = |layers| fit::judge(compilation, &by_side, layers);
                score(&layers).beats(&score(&self.fitted.layers))
            }
        };
        if is_better {
            self.fitted.layers = layers;
        }
    }

    fn into_parts(self) -> (Vec<Layer>, Fit, String) {
        (self.fitted.layers, self.fitted.fit, self.construction)
    }
}
