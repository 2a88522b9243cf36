//! `superpose compile`: a circuit to a file of weights.

use std::time::Instant;

use superpose::compile::Error;
use superpose::network::{Header, Network};
use superpose::program::Program;
use superpose::progress::{Answer, Progress, Reason};
use superpose::search::{self, Trial};
use superpose::text::grouped;

use super::arguments::{Budget, Compile, CompileOptions};
use super::progress::Bar;
use super::{Failure, Outcome, Session, interrupt, load, output};

pub fn compile(command: &Compile, session: &Session) -> Result<Outcome, Failure> {
    let Some(program) = load::program(&command.file, session)? else { return Ok(Outcome::Wrong) };
    let Some(network) = compiled(&program, &command.options, session)? else { return Ok(Outcome::Wrong) };
    let bytes = network.to_bytes();
    output::write(&command.output, &bytes)?;
    let widths: Vec<String> = network.layers.iter().map(|layer| layer.block.weight().nrows().to_string()).collect();
    session.terminal.note(&format!(
        "{}: {} gates on {} neurons, {}; {} bytes to {}",
        program.circuit.name,
        grouped(program.circuit.n_gates() as u64),
        widths.join(" + "),
        how(&network.header),
        grouped(bytes.len() as u64),
        command.output.display(),
    ));
    Ok(Outcome::Fine)
}

/// Share of a budget of time after which a fit is told to finish.
const UNTIL_FINISHING: f64 = 0.7;

/// How a network came about.
fn how(header: &Header) -> String {
    match &header.fit {
        None => format!("{} at -O{}", header.construction, header.opt_level),
        Some(fit) => format!("fitted on {} inputs ({})", grouped(fit.inputs), fit.ending()),
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
    let is_late = |share: f64| match options.budget {
        Some(Budget::Time(budget)) => started.elapsed() >= budget.mul_f64(share),
        _ => false,
    };
    let mut bar = Bar::new(&session.terminal);
    let mut watcher = |progress: Progress| {
        bar.show(progress);
        if interrupt::requested() {
            Answer::Stop(Reason::Interrupted)
        } else if is_late(1.0) {
            Answer::Stop(Reason::BudgetSpent)
        } else if is_late(UNTIL_FINISHING) {
            Answer::Finish(Reason::BudgetSpent)
        } else {
            Answer::GoOn
        }
    };
    let listening = interrupt::listen();
    let built = search::build(program, &options.to_options(from), &mut watcher);
    drop(bar);
    drop(listening);
    match built {
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
