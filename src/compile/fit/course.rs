//! The course of a fit: rounds that treble in length, each judged, until there is a reason to stop.
//!
//! Where one layer can nearly be read off a code that computes nothing (`affine`), the fit begins there, with short
//! steps: that is by far the fastest way as long as it leads on. It does not lead far where neurons are few; then the
//! fit begins anew, from small weights and with nothing read off yet. A network that is fitted further takes the same
//! short steps first.
//!
//! Must not know how a step is made.

use super::Fitter;
use super::affine;
use super::others::Others;
use super::recipe::{self, Rates};
use super::weights::LayerWeights;
use crate::compile::options::Request;
use crate::network::Stopped;
use crate::program::Sides;
use crate::progress::Watcher;

/// A round has improved the network if it leaves at most this share of the failures.
const IMPROVED: f64 = 0.85;

/// Or if the worst error of a typical input is below this share of what it was: long before anything is as asked, that
/// tells whether it gets nearer.
const NEARER: f32 = 0.97;

/// Rounds without improvement that end a fit, and those that end what an affine start is good for.
const PATIENCE: u32 = 2;
const AFFINE_PATIENCE: u32 = 1;

/// Share of inputs that may fail after a round from an affine start for another one to follow.
const FEW: f64 = 0.01;

/// A fit that stalls with more than this share of inputs failing begins again, and ends when it has taken so many times
/// the inputs of its first attempt, which was a short one.
const FAR: f64 = 0.1;
const AS_LONG_AGAIN: u64 = 4;
const AS_LONG_FOR_A_TARGET: u64 = 16;
const SOON: u64 = 500_000;

/// Inputs after which a fit ends by itself.
const MOST_INPUTS: u64 = 200_000_000;

/// By how much steps are shortened after weights have overflowed.
const SHORTER: f32 = 0.25;

/// From where the next rounds go.
struct Course {
    /// Inputs of the next round.
    length: u64,
    /// Whether it is the first.
    is_first: bool,
    /// Share of inputs that fail so far, and the worst error of a typical one.
    failures: f64,
    spread: f32,
    /// Share of inputs that may fail after a round for another one to follow.
    most_failures: f64,
    /// Rounds without improvement that end it.
    patience: u32,
}

impl Course {
    /// From weights that have learnt nothing.
    fn anew(length: u64) -> Course {
        Course {
            length,
            is_first: true,
            failures: f64::INFINITY,
            spread: f32::INFINITY,
            most_failures: 1.0,
            patience: PATIENCE,
        }
    }
}

impl Fitter<'_> {
    /// Fits until there is a reason to stop.
    pub fn run(&mut self, request: &Request, watcher: Watcher) -> Stopped {
        let budget = request.budget.unwrap_or(MOST_INPUTS);
        if request.hard.is_some() {
            return self.run_hard(request, watcher);
        }
        let mut course = Course { is_first: request.from.is_none(), ..Course::anew(self.first_round()) };
        if request.from.is_some() {
            course.failures = self.keep_better().failures();
            if self.best_meets_goal() {
                return Stopped::TargetMet;
            }
        }
        if self.may_be_affine(request) {
            if request.from.is_none() {
                self.weights = vec![self.affine_start()];
            }
            if let Some(stopped) = self.run_gently(course.failures, request, budget, watcher) {
                return stopped;
            }
        }
        let mut stopped = self.rounds(course, request, budget, watcher);
        // Somebody who names a target wants it reached.
        let times = if request.target.is_some() { AS_LONG_FOR_A_TARGET } else { AS_LONG_AGAIN };
        let most = budget.min(times * self.n_inputs().min(SOON));
        while stopped == Stopped::Converged && self.n_inputs() < most && self.may_begin_again(request) {
            self.attempt += 1;
            let rates = self.rates.clone();
            let rate = recipe::RATES_ANEW[self.attempt as usize % recipe::RATES_ANEW.len()];
            self.rates.iter_mut().for_each(|rates| *rates = rates.scaled(rate));
            self.restart(self.begun(request));
            let course = Course::anew(recipe::LONGER_ANEW * self.first_round());
            stopped = self.rounds(course, request, most, watcher);
            self.rates = rates;
            // Not by whoever watches: it is this search that has had its share.
            if stopped == Stopped::BudgetSpent && (most..budget).contains(&self.n_inputs()) {
                stopped = Stopped::Converged;
            }
        }
        stopped
    }

    /// Whether a fit that has stalled is to begin with other weights and rates: where it is far from its goal, or
    /// somebody has named one.
    fn may_begin_again(&self, request: &Request) -> bool {
        let Some((best, _)) = &self.best else { return true };
        let is_worth_it = best.failures() > FAR || request.target.is_some() && !best.is_perfect();
        is_worth_it && request.from.is_none() && !request.is_study()
    }

    fn first_round(&self) -> u64 {
        let from_nothing = recipe::first_round(self.n_targets(), self.compilation.tasks.len());
        from_nothing * if self.is_coded { recipe::LONGER_CODED } else { 1 }
    }

    fn n_targets(&self) -> usize {
        self.compilation.tasks.iter().map(|task| task.targets.len()).sum()
    }

    /// Whether a layer may have come from an affine start: not below other layers, which need neurons that compute, not
    /// on a stream, not where read-offs must stay near 0 and 1, and not where solving for it would take longer than
    /// training.
    fn may_be_affine(&self, request: &Request) -> bool {
        let [task] = &self.compilation.tasks[..] else { return false };
        let is_quick = recipe::is_quickly_affine(task.below.len(), self.compilation.plan.widths[0], task.targets.len());
        let is_alone = self.compilation.stream.is_none();
        is_quick && is_alone && !request.is_study() && !self.goal.has_error_bounds() && self.goal.sides == Sides::One
    }

    /// An affine start with the random signs that the long way begins with.
    fn affine_start(&self) -> LayerWeights {
        let n = self.compilation.plan.widths[0];
        let is_stored = self.whitening.is_some();
        let inputs = self.compilation.sampler.block(self.compilation.plan.seed, "fit: how many are on", 0);
        let bias = recipe::affine_bias(inputs.active.len() as f32 / inputs.len() as f32, is_stored);
        let scale = recipe::AFFINE_SCALE / recipe::start(n, is_stored).0;
        let wiring = self.weights[0].wiring.scaled(scale);
        affine::start(&self.compilation.tasks[0], n, wiring, bias, self.frame.embedding.as_ref())
    }

    /// Rounds of short steps, for a layer that is nearly right. `None` if that has led nowhere, or leads no further:
    /// nothing is left of it then but the best network so far.
    fn run_gently(&mut self, failures: f64, request: &Request, budget: u64, watcher: Watcher) -> Option<Stopped> {
        let rates = std::mem::replace(&mut self.rates, vec![Rates::of_affine(self.compilation.plan.widths[0])]);
        // A network that goes on is past its first rounds.
        let n_past = if request.from.is_some() { 2 } else { 0 };
        let length = recipe::first_affine_round(self.n_targets()) * recipe::GROWTH.pow(n_past);
        let course = Course {
            length,
            is_first: true,
            failures,
            spread: f32::INFINITY,
            most_failures: FEW,
            patience: AFFINE_PATIENCE,
        };
        let stopped = self.rounds(course, request, budget, watcher);
        self.rates = rates;
        self.restart(self.begun(request));
        let is_perfect = self.best.as_ref().is_some_and(|(score, _)| score.is_perfect());
        (stopped != Stopped::Converged || is_perfect).then_some(stopped)
    }

    /// One round of short steps on hard inputs, of which every read-off is looked at. What comes of it is kept,
    /// whatever the goal makes of it.
    fn run_hard(&mut self, request: &Request, watcher: Watcher) -> Stopped {
        self.rates.iter_mut().for_each(|rates| *rates = rates.scaled(recipe::RATE_OF_HARD));
        let tasks = self.compilation.tasks.iter();
        self.others = tasks.map(|task| Others::all(task.targets.len())).collect();
        let n_inputs = request.budget.unwrap_or(recipe::HARD_ROUND).min(recipe::HARD_ROUND);
        let ended = self.round(n_inputs, false, watcher);
        self.keep_better();
        ended.map_or(Stopped::BudgetSpent, Stopped::from)
    }

    fn rounds(&mut self, mut course: Course, request: &Request, budget: u64, watcher: Watcher) -> Stopped {
        let mut n_idle = 0;
        loop {
            let left = budget.saturating_sub(self.n_inputs());
            // What would remain is too little for a round of its own.
            let length = if left < 2 * course.length { left } else { course.length };
            let ended = self.round(length, course.is_first, watcher);
            if !self.is_finite() {
                // Steps were too long for the circuit.
                self.rates.iter_mut().for_each(|rates| *rates = rates.scaled(SHORTER));
                self.restart(self.begun(request));
            }
            let score = self.keep_better();
            let (failures, spread) = (score.failures(), score.spread());
            let is_nearer = spread < NEARER * course.spread && course.spread.is_finite();
            let is_better = is_nearer || failures <= IMPROVED * course.failures && failures < course.failures;
            n_idle = if is_better { 0 } else { n_idle + 1 };
            course.failures = course.failures.min(failures);
            course.spread = course.spread.min(spread);
            if self.best_meets_goal() {
                return Stopped::TargetMet;
            } else if let Some(reason) = ended {
                return reason.into();
            } else if self.n_inputs() >= budget {
                return Stopped::BudgetSpent;
            } else if n_idle >= course.patience || score.is_perfect() || score.failures() > course.most_failures {
                return Stopped::Converged;
            }
            course.is_first = false;
            course.length *= recipe::GROWTH;
        }
    }
}
