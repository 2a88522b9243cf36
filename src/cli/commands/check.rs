//! `superpose check`: every problem of every file.

use superpose::program::Program;
use superpose::text::{counted, shown};

use crate::cli::failure::{Failure, Outcome};
use crate::cli::session::Session;
use crate::cli::{load, output};

/// Parse and check files; report every problem at once.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Files to check; `-` is stdin.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  superpose check newsroom.circ
  superpose check *.circ";

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Fine;
    for file in &args.files {
        match load::program(file, session)? {
            None => outcome = Outcome::Wrong,
            Some(program) if !session.terminal.quiet => output::print(format!(
                "{}: {} over {} in {}{}\n",
                shown(file),
                counted(program.circuit.n_gates() as u64, "gate"),
                counted(program.circuit.n_features() as u64, "feature"),
                counted(program.circuit.layers.len() as u64, "layer"),
                with_heads(&program),
            ))?,
            Some(_) => {}
        }
    }
    Ok(outcome)
}

fn with_heads(program: &Program) -> String {
    match program.heads.len() as u64 {
        0 => String::new(),
        n => format!(", {}", counted(n, "head")),
    }
}
