//! The report on a program's network: what all commands that evaluate share.

use superpose::evaluate::{self, DEFAULT_SAMPLES, Error, Report, Sampling};
use superpose::network::Network;
use superpose::program::{Program, Settings, Status};
use superpose::progress::{Answer, Watcher};
use superpose::search::{self, Proved};

use super::failure::Failure;
use super::load;
use super::session::Session;
use super::watched::watched;

/// Inputs to draw when the command line does not say.
pub fn samples(settings: &Settings) -> u64 {
    settings.samples.unwrap_or(DEFAULT_SAMPLES)
}

/// Evaluates with a progress bar, and finds how claims stand where `known` does not say; `None` after its problem has
/// been shown.
pub fn evaluated(
    program: &Program,
    network: &Network,
    known: Option<Proved>,
    sampling: &Sampling,
    session: &Session,
) -> Result<Option<Report>, Failure> {
    let evaluate = |watcher: Watcher| evaluate::evaluate(program, network, sampling, watcher);
    match watched(&session.terminal, || Answer::GoOn, evaluate) {
        Ok(mut report) => {
            let statuses = match known {
                Some(proved) => proved.statuses,
                None => statuses(program, network, session)?,
            };
            program.claims.iter().zip(statuses).for_each(|(claim, status)| report.add_claim(claim, status));
            Ok(Some(report))
        }
        Err(error) => say_why(&error, session).map(|()| None),
    }
}

/// Shows why there is nothing to evaluate; an interruption ends the command.
pub fn say_why(error: &Error, session: &Session) -> Result<(), Failure> {
    let help = match error {
        Error::TooMany(_) => "leave --exhaustive out to draw --samples instead",
        Error::Mismatch(_) => load::COMPILE_AGAIN,
        Error::NothingToPlant(_) => "let a clause of `sample` choose what a gate needs on, or drop `plant`",
        Error::NoInputs => "give rows to draw from: --inputs rows.csv",
        Error::NotOfRelus { .. } => "see what each neuron adds on one input: superpose trace FILE --on A,B",
        Error::Stopped(_) => return Err(Failure::interrupted()),
    };
    session.terminal.error(&error.to_string(), Some(help));
    Ok(())
}

fn statuses(program: &Program, network: &Network, session: &Session) -> Result<Vec<Status>, Failure> {
    let find = |watcher: Watcher| search::statuses(program, network, watcher);
    watched(&session.terminal, || Answer::GoOn, find).map_err(|_| Failure::interrupted())
}
