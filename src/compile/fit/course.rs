//! The course of a fit: rounds that treble in length, each judged, until there is a reason to stop.
//!
//! Where one layer can nearly be read off a code that computes nothing (`affine`), the fit begins there, with short
//! steps: that is by far the fastest way as long as it leads on. It does not lead far where neurons are few; then the
//! fit begins anew, from a start in which half of what a neuron does is computing.
//!
//! Must not know how a step is made.

use super::affine;
use super::goal::Score;
use super::recipe::{self, Rates};
use super::weights::{Wiring, noisy_identity};
use super::{Fitter, Request};
use crate::compile::Progress;
use crate::network::Stopped;
use crate::random;

/// A round has improved the network if it leaves at most this share of the failures.
const IMPROVED: f64 = 0.85;

/// Rounds without improvement that end a fit.
const PATIENCE: u32 = 2;

/// The same from an affine start, as long as the goal is not near.
const IMPROVED_BY_FAR: f64 = 0.5;

/// Share of failures up to which an affine start is worth a round.
const FEW: f64 = 0.1;

/// Blocks of 64 inputs that tell whether it is.
const GLANCE: usize = 4;

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
    is_affine: bool,
    /// Share of inputs that fail so far.
    failures: f64,
}

impl Fitter<'_> {
    /// Fits until there is a reason to stop.
    pub fn run(&mut self, request: &Request, keep_going: &mut dyn FnMut(Progress) -> bool) -> Stopped {
        let budget = request.budget.unwrap_or(MOST_INPUTS);
        let mut course = Course {
            length: recipe::first_round(self.n_targets(), self.tasks.len()),
            is_first: request.from.is_none(),
            is_affine: false,
            failures: f64::INFINITY,
        };
        if request.from.is_some() {
            course.failures = self.keep_better().failures();
            if self.best_meets_goal() {
                return Stopped::TargetMet;
            }
        } else if self.may_be_affine(request)
            && let Some(stopped) = self.run_affine(request, budget, keep_going)
        {
            return stopped;
        }
        self.rounds(course, request, budget, keep_going)
    }

    fn n_targets(&self) -> usize {
        self.tasks.iter().map(|task| task.targets.len()).sum()
    }

    /// Whether there is an affine start: not below other layers, which need neurons that compute, not where read-offs
    /// at rest must stay near 0, and not where solving for it would take longer than training.
    fn may_be_affine(&self, request: &Request) -> bool {
        let is_quick = recipe::is_quickly_affine(self.tasks[0].below.len(), self.widths[0], self.n_targets());
        self.tasks.len() == 1 && !request.is_study() && !self.goal.has_error_bounds() && is_quick
    }

    /// Rounds from an affine start. `None` if that has led nowhere, or leads no further: nothing is left of it then
    /// but the best network so far.
    fn run_affine(
        &mut self,
        request: &Request,
        budget: u64,
        keep_going: &mut dyn FnMut(Progress) -> bool,
    ) -> Option<Stopped> {
        let n = self.widths[0];
        let mut rng = random::stream(&[self.seed, random::key_of("fit: affine start")]);
        let wiring = match &self.whitening {
            Some(whitening) => {
                Wiring::dense(&noisy_identity((n, whitening.n_coordinates()), 0.0, recipe::AFFINE_SCALE, &mut rng))
            }
            None => Wiring::signs(self.tasks[0].below.len(), n, recipe::AFFINE_SCALE, &mut rng),
        };
        let inputs = self.sampler.block(self.seed, "fit: how many are on", 0);
        let n_active = inputs.active.len() as f32 / inputs.len() as f32;
        let bias = recipe::affine_bias(n_active);
        let start = affine::start(&self.tasks[0], n, wiring, bias, self.frame.embedding.as_ref());
        let weights = std::mem::replace(&mut self.weights, vec![start]);
        let rates = std::mem::replace(&mut self.rates, vec![Rates::of_affine(n)]);
        let stopped = if self.judge(&self.layers(), GLANCE).failures() <= FEW {
            let length = recipe::first_affine_round(self.n_targets());
            let course = Course { length, is_first: true, is_affine: true, failures: f64::INFINITY };
            self.rounds(course, request, budget, keep_going)
        } else {
            Stopped::Converged
        };
        self.rates = rates;
        self.restart(weights);
        let is_perfect = self.best.as_ref().is_some_and(|(score, _)| score.is_perfect());
        (stopped != Stopped::Converged || is_perfect).then_some(stopped)
    }

    fn rounds(
        &mut self,
        mut course: Course,
        request: &Request,
        budget: u64,
        keep_going: &mut dyn FnMut(Progress) -> bool,
    ) -> Stopped {
        let mut n_idle = 0;
        loop {
            let left = budget.saturating_sub(self.n_inputs());
            // What would remain is too little for a round of its own.
            let length = if left < 2 * course.length { left } else { course.length };
            let whole = self.round(length, course.is_first, keep_going);
            if !self.is_finite() && !course.is_affine {
                // Steps were too long for the circuit.
                self.rates.iter_mut().for_each(|rates| *rates = rates.scaled(SHORTER));
                self.restart(self.begun(request));
            }
            let score = self.keep_better();
            n_idle = if course.is_improved_by(&score, self.goal.is_near(&score)) { 0 } else { n_idle + 1 };
            course.failures = course.failures.min(score.failures());
            if self.best_meets_goal() {
                return Stopped::TargetMet;
            } else if !whole {
                return Stopped::Interrupted;
            } else if self.n_inputs() >= budget {
                return Stopped::BudgetSpent;
            } else if n_idle >= course.patience() || score.is_perfect() {
                return Stopped::Converged;
            }
            course.is_first = false;
            course.length *= recipe::GROWTH;
        }
    }
}

impl Course {
    fn is_improved_by(&self, score: &Score, is_near: bool) -> bool {
        let share = if self.is_affine && !is_near { IMPROVED_BY_FAR } else { IMPROVED };
        score.failures() <= share * self.failures && score.failures() < self.failures
    }

    fn patience(&self) -> u32 {
        if self.is_affine { 1 } else { PATIENCE }
    }
}
