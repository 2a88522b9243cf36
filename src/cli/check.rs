//! `superpose check`: every problem of every file.

use superpose::evaluate::text::counted;

use super::arguments::Check;
use super::{Failure, Outcome, Session, load, output};

pub fn check(command: &Check, session: &Session) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Fine;
    for file in &command.files {
        match load::circuit(file, session)? {
            None => outcome = Outcome::Wrong,
            Some(circuit) if !session.terminal.quiet => output::print(format!(
                "{file}: {} over {} in {}\n",
                counted(circuit.n_gates() as u64, "gate"),
                counted(circuit.n_features() as u64, "feature"),
                counted(circuit.layers.len() as u64, "layer"),
            ))?,
            Some(_) => {}
        }
    }
    Ok(outcome)
}
