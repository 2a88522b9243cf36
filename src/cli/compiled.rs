//! A program's network, compiled as the command line asks: what all commands that compile share.

use std::time::Instant;

use superpose::compile::Error;
use superpose::network::Network;
use superpose::program::{Program, Sides};
use superpose::progress::{Answer, Reason};
use superpose::search::{self, Trial};

use super::failure::Failure;
use super::load;
use super::options::{Budget, CompileOptions};
use super::session::Session;
use super::watched::watched;

/// Share of a budget of time after which a fit is told to finish.
const UNTIL_FINISHING: f64 = 0.7;

/// Compiles with a progress bar; `None` after its problems have been shown.
pub fn compiled(program: &Program, options: &CompileOptions, session: &Session) -> Result<Option<Network>, Failure> {
    let from = match &options.from {
        Some(path) => match load::network(path, session)? {
            Some(network) => Some(network),
            None => return Ok(None),
        },
        None => None,
    };
    let started = Instant::now();
    let by_the_clock = || match options.budget {
        Some(Budget::Time(budget)) if started.elapsed() >= budget => Answer::Stop(Reason::BudgetSpent),
        Some(Budget::Time(budget)) if started.elapsed() >= budget.mul_f64(UNTIL_FINISHING) => {
            Answer::Finish(Reason::BudgetSpent)
        }
        _ => Answer::GoOn,
    };
    let options = options.to_options(from);
    if options.fit.epsilon.is_some() && options.sides_for(program) == Sides::One {
        let failure = Failure::new("`--epsilon` means nothing to read-offs that are held on one side of a threshold");
        return Err(failure.help("give `--readoff two-sided`, or leave `--epsilon` out"));
    }
    match watched(&session.terminal, by_the_clock, |watcher| search::build(program, &options, watcher)) {
        Ok(built) => {
            say_path(&built.trials, session);
            Ok(Some(built.network))
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

/// The widths that were tried, and how each did.
fn say_path(trials: &[Trial], session: &Session) {
    for trial in trials {
        let widths: Vec<String> = trial.widths.iter().map(ToString::to_string).collect();
        let verdict = if trial.holds { "meets `require`" } else { "misses `require`" };
        let reliability = trial.reliability;
        session.terminal.note(&format!("width {}: reliability {reliability:.4}, {verdict}", widths.join(" + ")));
    }
}
