//! `superpose check`: every problem of every file.

use superpose::text::counted;

use super::arguments::Check;
use super::{Failure, Outcome, Session, load, output};

pub fn check(command: &Check, session: &Session) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Fine;
    for file in &command.files {
        match load::program(file, session)? {
            None => outcome = Outcome::Wrong,
            Some(program) if !session.terminal.quiet => output::print(format!(
                "{file}: {} over {} in {}\n",
                counted(program.circuit.n_gates() as u64, "gate"),
                counted(program.circuit.n_features() as u64, "feature"),
                counted(program.circuit.layers.len() as u64, "layer"),
            ))?,
            Some(_) => {}
        }
    }
    Ok(outcome)
}
