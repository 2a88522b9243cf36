//! The fewest neurons with which one way of making networks meets the goal, found by making some.
//!
//! Must not know what is published.

use serde::Serialize;

use super::ladder::{ladder, least};
use crate::compile::{self, Asked, Beyond, Error, Options, Request, layer_tasks, unshared_width};
use crate::evaluate::requirement::{RequirementReport, Value};
use crate::evaluate::{DEFAULT_SAMPLES, Report};
use crate::program::{self, Goal, Level, Measure, Program, Width};
use crate::progress::{Progress, Reason, Watcher};
use crate::readings::{Confidence, Share};
use crate::search::trial::judged_on;

/// Inputs on which it is seen first whether a network is far from the goal.
const N_FIRST: u64 = 512;

/// What is asked of all networks.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// Neurons of every layer, ascending; `None`: steps of √2, up to one neuron for each bend or where
    /// patience ends.
    pub widths: Option<Vec<u32>>,
    /// `None`: the file's.
    pub seed: Option<u64>,
    /// Of fits.
    pub fit: Request,
    /// What is to be reached besides what the program requires.
    pub goal: Option<Goal>,
}

/// Where a search ends when nobody says.
struct Patience {
    neurons: u32,
    /// Read-offs times neurons.
    products: u64,
}

/// So far all of a plan takes less than a minute of two cores. As published nothing is solved for.
const PUBLISHED: Patience = Patience { neurons: 4096, products: 10_240_000 };
const SOLVED: Patience = Patience { neurons: 1024, products: 2_560_000 };

/// What came of one construction at one level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    pub opt_level: u8,
    /// The fewest neurons of every layer that meet the goal, of those that were tried; `None`: none of them does.
    pub width: Option<u32>,
    /// Why it cannot be made so at all; left out of the JSON where it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Whether a budget of time ended the search; left out of the JSON where none did.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
    /// By width.
    pub tried: Vec<Tried>,
}

/// One network.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tried {
    /// Neurons of every layer.
    pub width: u32,
    /// The share of the inputs on which it does what is asked for, or its reliability; `None`: too narrow to be wired.
    pub value: Option<f64>,
    /// Inputs that it was judged by: fewer where these show that it is far from the goal.
    pub samples: u64,
    pub holds: bool,
}

impl Measured {
    /// The one that came nearest, of those that do not meet the goal.
    pub fn nearest(&self) -> Option<&Tried> {
        let known = self.tried.iter().filter(|tried| tried.value.is_some());
        known.max_by(|a, b| f64::total_cmp(&a.value.unwrap_or(0.0), &b.value.unwrap_or(0.0)))
    }

    /// The most neurons that were tried.
    pub fn widest(&self) -> Option<u32> {
        self.tried.last().map(|tried| tried.width)
    }
}

/// Makes networks at this level, by this construction (a fit has its own), and judges them.
///
/// # Errors
/// When `watcher` says that it was interrupted.
pub fn measured(
    program: &Program,
    construction: Option<&str>,
    level: Level,
    terms: &Terms,
    watcher: Watcher,
) -> Result<Measured, Reason> {
    let options = |width: u32| Options {
        level: Some(level),
        width: Some(Width::Neurons(width)),
        construction: construction.map(str::to_owned),
        seed: terms.seed,
        fit: if level == Level::Fitted { terms.fit.clone() } else { Request::default() },
        beyond: Beyond::Nothing,
        ..Options::default()
    };
    let mut found =
        Measured { opt_level: level.number(), width: None, refused: None, unfinished: false, tried: Vec::new() };
    let asked = match Asked::of(program, &options(1)) {
        Ok(asked) => asked,
        Err(problems) => return Ok(Measured { refused: problems.first().map(one_line), ..found }),
    };
    let widths = terms.widths.clone().unwrap_or_else(|| ladder(most(program, level)));
    let mut tried: Vec<Tried> = Vec::new();
    let mut refusal = None;
    let place = least(&widths, guess(program, &asked), |width| {
        let one = match one(program, &options(width), width, terms.goal, watcher) {
            // Other widths may do.
            Err(Error::Refused(problems)) => {
                refusal = Some(Error::Refused(problems));
                Tried { width, value: None, samples: 0, holds: false }
            }
            tried => tried?,
        };
        tried.push(one);
        Ok::<_, Error>(tried.last().is_some_and(|tried| tried.holds))
    });
    tried.sort_by_key(|tried| tried.width);
    found.tried = tried;
    let place = match refusal {
        Some(refusal) if place.is_ok() && found.tried.iter().all(|tried| tried.value.is_none()) => Err(refusal),
        _ => place,
    };
    match place {
        Ok(place) => found.width = place.map(|place| widths[place]),
        Err(Error::Stopped(Reason::Interrupted)) => return Err(Reason::Interrupted),
        Err(Error::Stopped(Reason::BudgetSpent)) => {
            found.width = found.tried.iter().find(|tried| tried.holds).map(|tried| tried.width);
            found.unfinished = true;
        }
        Err(error) => {
            // So wide that nothing is said of what is too narrow.
            let widest = widths.last().map_or(1, |&width| width);
            let error = match compile::compile(program, &options(widest), watcher) {
                Err(Error::Stopped(Reason::Interrupted)) => return Err(Reason::Interrupted),
                Err(widest @ (Error::Refused(_) | Error::TooNarrow(_))) => widest,
                Err(Error::Stopped(Reason::BudgetSpent)) | Ok(_) => error,
            };
            found.refused = error.problems().iter().find(|problem| problem.is_error()).map(one_line);
        }
    }
    Ok(found)
}

fn one_line(problem: &crate::diagnostic::Diagnostic) -> String {
    problem.headline.clone()
}

/// A search begins with so many times fewer neurons than counting asks for: narrow networks take no time.
const BELOW_FLOOR: f64 = 4.0;

/// Where a search begins: below what counting asks for, or where a fit would.
fn guess(program: &Program, asked: &Asked) -> u32 {
    let floors = program::facts(program).layers.into_iter().map(|layer| layer.bounds.counting_floor);
    let tasks = layer_tasks(&program.circuit);
    let widest = match asked.level {
        Level::Fitted => tasks.iter().map(|task| asked.rule_of_thumb(task)).max(),
        Level::Published | Level::Solved => floors.map(|floor| (floor / BELOW_FLOOR) as usize).max(),
    };
    widest.unwrap_or(1).max(1) as u32
}

/// One neuron for each bend, unless that is more than anybody waits for.
fn most(program: &Program, level: Level) -> u32 {
    let tasks = layer_tasks(&program.circuit);
    let unshared = tasks.iter().map(|task| unshared_width(task)).max().unwrap_or(1) as u64;
    let n_read: usize = tasks.iter().map(|task| task.targets.len()).sum();
    let patience = if level == Level::Published { PUBLISHED } else { SOLVED };
    let most = (patience.products / n_read.max(1) as u64).min(patience.neurons.into());
    unshared.min(most).max(1) as u32
}

/// Makes one and judges it: first on few inputs.
fn one(program: &Program, options: &Options, width: u32, goal: Option<Goal>, watcher: Watcher) -> Result<Tried, Error> {
    let network = match compile::compile(program, options, watcher) {
        Ok(network) => network,
        Err(Error::TooNarrow(_)) => return Ok(Tried { width, value: None, samples: 0, holds: false }),
        Err(error) => return Err(error),
    };
    // Whatever came of the last moments of a fit is no figure.
    watcher(Progress::of("planning", 0)).go_on()?;
    let are_gates_asked = program.requirements.iter().any(|line| line.metric.row.measure == Measure::WorstError);
    let of_gates = goal.is_some() || are_gates_asked;
    let mut judge = |samples, of_gates| judged_on(program, goal, (samples, of_gates), &network, watcher);
    let first = judge(N_FIRST, false)?;
    let report = if is_far(&first) { first } else { judge(DEFAULT_SAMPLES, of_gates)? };
    let holds = report.is_as_asked() && report.samples == DEFAULT_SAMPLES;
    Ok(Tried { width, value: Some(reached(&report)), samples: report.samples, holds })
}

/// The least of the shares that are asked for, or else the reliability.
fn reached(report: &Report) -> f64 {
    let share = |line: &RequirementReport| match line.value {
        Some(Value::Figure(share)) if line.asks.share.is_some() && line.asks.is_for_better => Some(share),
        _ => None,
    };
    report.requirements.iter().chain(&report.goal).filter_map(share).reduce(f64::min).unwrap_or(report.reliability)
}

/// Whether a few inputs show that the goal is missed: by the upper end of the interval, or by an error that is there.
fn is_far(report: &Report) -> bool {
    let is_far = |line: &RequirementReport| match (line.value, line.asks.share) {
        (Some(Value::Figure(share)), Some(bound)) if line.asks.is_for_better => {
            let share = Share { n: libm::round(share * report.samples as f64) as u64, of: report.samples };
            share.interval(Confidence::Careful)[1] < bound
        }
        (Some(Value::Figure(_)), None) => line.asks.is_for_better && line.holds == Some(false),
        _ => false,
    };
    report.missed().any(is_far)
}
