//! A program's network, compiled as the command line asks: what all commands that compile share.

use std::time::{Duration, Instant};

use superpose::compile::{self, Beyond, Error};
use superpose::program::{Program, Sides};
use superpose::progress::{Answer, Reason};
use superpose::search::{self, Built, Proved, Trial};
use superpose::text::counted;
use superpose::text::grouped;

use super::failure::Failure;
use super::load;
use super::options::{Budget, CompileOptions};
use super::session::Session;
use super::watched::watched;

/// Share of a budget of time after which a fit is told to finish; where there is something to prove, it is half of the
/// work.
const UNTIL_FINISHING: f64 = 0.7;
const UNTIL_PROVING: f64 = 0.35;

/// Compiles with a progress bar; `None` after its problems have been shown. Where a fit misses its goal, goes as far
/// as `beyond`, unless there is a budget, and says which widths would do.
pub fn compiled(
    program: &Program,
    options: &CompileOptions,
    beyond: Beyond,
    session: &Session,
) -> Result<Option<Built>, Failure> {
    let built = built(program, options, beyond, session)?;
    built.iter().for_each(|built| say_would_do(built, program, session));
    Ok(built)
}

/// The same for whoever says which widths would do in a report.
pub fn built(
    program: &Program,
    options: &CompileOptions,
    beyond: Beyond,
    session: &Session,
) -> Result<Option<Built>, Failure> {
    let from = match &options.from {
        Some(path) => match load::network(path, session)? {
            Some(network) => Some(network),
            None => return Ok(None),
        },
        None => None,
    };
    let started = Instant::now();
    let by_the_clock = by_the_clock(options.budget, !program.claims.is_empty(), || started.elapsed());
    let beyond = if options.budget.is_some() { Beyond::Nothing } else { beyond };
    if program.circuit.n_gates() == 0 && !program.claims.is_empty() {
        let failure = Failure::new("`--prove` is of gates, and the circuit defines none");
        return Err(failure.help("leave it out: heads are measured, and not proved"));
    }
    let options = compile::Options { beyond, ..options.to_options(from) };
    if options.fit.epsilon.is_some() && options.sides_for(program) == Sides::One {
        let failure = Failure::new("`--epsilon` means nothing to read-offs that are held on one side of a threshold");
        return Err(failure.help("give `--readoff two-sided`, or leave `--epsilon` out"));
    }
    match watched(&session.terminal, by_the_clock, |watcher| search::build(program, &options, watcher)) {
        Ok(built) => {
            say_path(&built, program, session);
            Ok(Some(built))
        }
        Err(Error::Stopped(Reason::Interrupted)) => Err(Failure::interrupted()),
        Err(Error::Stopped(Reason::BudgetSpent)) => {
            let failure = Failure::new("the budget was spent before there was a network");
            Err(failure.help("give a longer `--budget`"))
        }
        Err(error) => {
            session.terminal.diagnostics(error.problems(), &program.sources);
            Ok(None)
        }
    }
}

/// What a watcher answers, after so long, where a budget may be one of time; `is_to_prove`: whether half of the work
/// comes behind the fit.
pub fn by_the_clock(budget: Option<Budget>, is_to_prove: bool, elapsed: impl Fn() -> Duration) -> impl Fn() -> Answer {
    let until_finishing = if is_to_prove { UNTIL_PROVING } else { UNTIL_FINISHING };
    move || match budget {
        Some(Budget::Time(budget)) if elapsed() >= budget => Answer::Stop(Reason::BudgetSpent),
        Some(Budget::Time(budget)) if elapsed() >= budget.mul_f64(until_finishing) => {
            Answer::Finish(Reason::BudgetSpent)
        }
        _ => Answer::GoOn,
    }
}

fn wanted(program: &Program) -> &'static str {
    if program.requirements.is_empty() { "its goal" } else { "`require`" }
}

/// The widths that were tried, and how each did.
fn say_path(built: &Built, program: &Program, session: &Session) {
    let wanted = wanted(program);
    for Trial { widths, fitted_on, reliability, holds } in &built.trials {
        let widths: Vec<String> = widths.iter().map(ToString::to_string).collect();
        let verdict = if *holds { "meets" } else { "misses" };
        let widths = widths.join(" + ");
        let level = match fitted_on {
            None => String::new(),
            Some(0) => ", in closed form".into(),
            Some(inputs) => format!(", fitted on {} inputs", grouped(*inputs)),
        };
        session.terminal.note(&format!("width {widths}{level}: reliability {reliability:.4}, {verdict} {wanted}"));
    }
    if let Some(&Proved { n_rounds, .. }) = built.proved.as_ref().filter(|proved| proved.n_rounds > 0) {
        session.terminal.note(&format!("learnt hard inputs by {} of proving", counted(n_rounds, "round")));
    }
}

/// Widths that would do, where the network has others and does not.
pub fn say_would_do(built: &Built, program: &Program, session: &Session) {
    if let Some(widths) = &built.would_do {
        let wanted = wanted(program);
        let layers = program.circuit.layers.iter().zip(widths);
        let options: Vec<String> = layers.map(|(layer, n)| format!("--width {}={n}", layer.name)).collect();
        session.terminal.warning(
            &format!("the network misses {wanted} at the widths that it was given"),
            Some(&format!("these meet it: {}", options.join(" "))),
        );
    }
}
