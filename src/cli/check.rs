//! `superpose check`: every problem of every file.

use superpose::evaluate::text::grouped;

use super::arguments::Check;
use super::{Failure, Outcome, Session, load, output};

pub fn check(command: &Check, session: &Session) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Fine;
    for file in &command.files {
        match load::circuit(file, session)? {
            None => outcome = Outcome::Wrong,
            Some(circuit) if !session.terminal.quiet => output::print(format!(
                "{file}: {} over {} in {}\n",
                counted(circuit.n_gates(), "gate"),
                counted(circuit.n_features(), "feature"),
                counted(circuit.layers.len(), "layer"),
            ))?,
            Some(_) => {}
        }
    }
    Ok(outcome)
}

fn counted(n: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(n as u64), if n == 1 { "" } else { "s" })
}
