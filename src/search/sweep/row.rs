//! One point: compiled as its program and the point ask, and evaluated as `eval` would.

use super::axes::{Making, Point};
use crate::compile::{Beyond, Error, Options, Request};
use crate::diagnostic::Diagnostic;
use crate::evaluate::{self, Report, Sampling, evaluate};
use crate::network::Stopped;
use crate::program::{Program, Width};
use crate::progress::{Answer, Reason, Watcher};
use crate::search::build;

/// What is asked of all points.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Inputs to draw.
    pub samples: u64,
    /// Of these inputs.
    pub eval_seed: u64,
    /// Of fits; where nothing is fitted its ε is only measured.
    pub fit: Request,
    /// Whether there is a budget, of inputs or of time: then nothing is tried beyond it.
    pub has_budget: bool,
}

/// What became of a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub circuit: String,
    pub point: Point,
    /// `None` where the file has errors at this point.
    pub shape: Option<Shape>,
    /// Or why there are none, in a few words.
    pub figures: Result<Figures, String>,
}

/// The circuit of a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    pub features: usize,
    /// Expected, without plants.
    pub active_features: f64,
    pub gates: usize,
    pub layers: usize,
    pub seed: u64,
}

/// The network of a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Neurons of every layer, where all have as many.
    pub width: Option<usize>,
    pub report: Box<Report>,
}

/// Compiles and evaluates a point of `program`, in which the constants of the point have their values already; of a
/// program that could not be loaded, its problems.
///
/// # Errors
/// When `watcher` says that it was interrupted: half a fit is no row.
pub fn row(
    program: Result<&Program, &[Diagnostic]>,
    circuit: &str,
    point: &Point,
    asked: &Asked,
    watcher: Watcher,
) -> Result<Row, Reason> {
    let row = |shape, figures| Row { circuit: circuit.to_owned(), point: point.clone(), shape, figures };
    let program = match program {
        Ok(program) => program,
        Err(problems) => return Ok(row(None, Err(first(problems)))),
    };
    let shape = Shape {
        features: program.circuit.n_features(),
        active_features: program.circuit.distribution.active_features(),
        gates: program.circuit.n_gates(),
        layers: program.circuit.layers.len(),
        seed: point.seed.unwrap_or(program.settings.seed),
    };
    let figures = match build(program, &options(point, asked), watcher) {
        Ok(built) if built.network.header.fit.is_some_and(|fit| fit.stopped == Stopped::Interrupted) => {
            return Err(Reason::Interrupted);
        }
        Ok(built) => {
            let sampling = Sampling {
                samples: asked.samples,
                seed: asked.eval_seed,
                epsilon: asked.fit.epsilon,
                // No column tells of gates that plain inputs do not show, nor of heads.
                seldom: false,
                heads: false,
                ..Sampling::default()
            };
            match evaluate(program, &built.network, &sampling, &mut |progress| undisturbed(watcher(progress))) {
                Ok(report) => Ok(Figures { width: common(&report.widths), report: Box::new(report) }),
                Err(evaluate::Error::Stopped(reason)) => return Err(reason),
                Err(error) => Err(error.to_string()),
            }
        }
        Err(Error::Stopped(Reason::Interrupted)) => return Err(Reason::Interrupted),
        Err(Error::Stopped(Reason::BudgetSpent)) => Err("the budget was spent before there was a network".into()),
        Err(error) => Err(first(error.problems())),
    };
    Ok(row(Some(shape), figures))
}

/// A budget is the fit's.
fn undisturbed(answer: Answer) -> Answer {
    match answer {
        Answer::Stop(Reason::Interrupted) | Answer::Finish(Reason::Interrupted) => Answer::Stop(Reason::Interrupted),
        _ => Answer::GoOn,
    }
}

fn options(point: &Point, asked: &Asked) -> Options {
    let construction = match &point.making {
        Making::Wired(construction, _) => Some(construction.clone()),
        Making::Fitted(_) => None,
    };
    Options {
        level: Some(point.making.level()),
        width: point.width.map(Width::Neurons),
        layer_widths: Vec::new(),
        construction,
        seed: point.seed,
        fit: point.making.study().map_or(Request::default(), |study| Request { study, ..asked.fit.clone() }),
        // As `eval` goes: widths that nobody gives may grow.
        beyond: if point.width.is_none() && !asked.has_budget { Beyond::Wider } else { Beyond::Nothing },
    }
}

/// The first problem, as a cell has room for it.
fn first(problems: &[Diagnostic]) -> String {
    let first = problems.iter().find(|problem| problem.is_error()).or(problems.first());
    first.map_or(String::new(), |problem| format!("{}: {}", problem.code, problem.headline))
}

fn common(widths: &[usize]) -> Option<usize> {
    let first = *widths.first()?;
    widths.iter().all(|&width| width == first).then_some(first)
}
