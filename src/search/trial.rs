//! A network on trial: how it does on inputs that no later evaluation sees.
//!
//! Must not know what is searched for.

use crate::compile::{Error, Options};
use crate::diagnostic::{Diagnostic, Span};
use crate::evaluate::{self, Report, evaluate};
use crate::network::Network;
use crate::program::{Goal, Program};
use crate::progress::{Answer, Progress, Reason, Watcher};
use crate::random;

/// One compilation of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    pub widths: Vec<usize>,
    /// Of a network to be fitted, inputs on which what came out of it was: none where the closed form is kept.
    pub fitted_on: Option<u64>,
    pub reliability: f64,
    /// Whether every line of `require` holds, for a reliability with the lower end of its interval.
    pub holds: bool,
}

impl Trial {
    /// Of a network that is nothing at all, being too narrow to be wired.
    pub fn too_narrow(widths: Vec<usize>) -> Trial {
        Trial { widths, fitted_on: None, reliability: 0.0, holds: false }
    }

    pub fn of(network: &Network, report: &Report) -> Trial {
        let widths = network.layers.iter().map(|layer| layer.width()).collect();
        let fitted_on = network.header.fit.map(|fit| if fit.is_closed_form { 0 } else { fit.inputs });
        Trial { widths, fitted_on, reliability: report.reliability, holds: report.is_as_asked() }
    }
}

/// How `network` does.
pub fn judged(program: &Program, options: &Options, network: &Network, watcher: Watcher) -> Result<Report, Error> {
    judged_on(program, options.goal_for(program), (evaluate::DEFAULT_SAMPLES, true), network, watcher)
}

/// How it does on the first so many of the inputs, held to this goal besides what the program requires; and whether
/// gates that these show too seldom have inputs of their own.
pub fn judged_on(
    program: &Program,
    goal: Option<Goal>,
    (samples, seldom): (u64, bool),
    network: &Network,
    watcher: Watcher,
) -> Result<Report, Error> {
    let seed = random::key_of("width auto");
    let plain = evaluate::Sampling { without_relu: false, heads: false, ..evaluate::Sampling::default() };
    let sampling = evaluate::Sampling { samples, seed, goal, seldom, ..plain };
    let mut judging = |progress| patiently(watcher, Progress { phase: "judging a width", ..progress });
    evaluate(program, network, &sampling, &mut judging).map_err(|error| match error {
        evaluate::Error::Stopped(reason) => Error::Stopped(reason),
        error => Error::Refused(vec![unjudged(&error.to_string())]),
    })
}

/// The time for fitting is over before that for judging and proving is.
pub fn patiently(watcher: Watcher, progress: Progress) -> Answer {
    match watcher(progress) {
        Answer::Finish(Reason::BudgetSpent) => Answer::GoOn,
        answer => answer,
    }
}

fn unjudged(why: &str) -> Diagnostic {
    Diagnostic::error("not-evaluated", Span::NOWHERE, format!("a trial of `width auto` cannot be evaluated: {why}"), "")
        .help("give a number of neurons: `--width 256`")
}
