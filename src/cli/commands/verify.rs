//! `superpose verify`: a network over all inputs, proved right or refuted.

use std::time::Instant;

use superpose::progress::{Answer, Reason, Watcher};
use superpose::verify::{self, Request, Status};

use crate::cli::failure::{Failure, Outcome};
use crate::cli::options::{Budget, parse_budget, parse_epsilon};
use crate::cli::session::Session;
use crate::cli::watched::watched;
use crate::cli::{asked, load, output};

/// Prove that a network is right on every input, or find one on which it is wrong.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A network, which carries its circuit, or a circuit, compiled in memory as its file says; `-` is stdin.
    #[arg(value_name = "FILE")]
    file: String,
    /// Prove that every read-off is strictly within this of 0 or 1, whichever is true, instead of its threshold.
    #[arg(long, value_name = "E", value_parser = parse_epsilon)]
    epsilon: Option<f64>,
    /// Of this gate, or of all of this array, alone; can be given again.
    #[arg(long, value_name = "NAME")]
    gate: Vec<String>,
    /// Find the worst case of every gate.
    #[arg(long)]
    worst: bool,
    /// Count the inputs that fail.
    #[arg(long)]
    count: bool,
    /// Over every input with at most so many features on, instead of those that `sample` has.
    #[arg(long, value_name = "N")]
    support: Option<u32>,
    /// No longer than this: `30s`, `5m`, or a number of nodes (`2M`).
    #[arg(long, value_name = "SECONDS|NODES", value_parser = parse_budget)]
    budget: Option<Budget>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let Some((network, program)) = asked::network(&args.file, args.epsilon, session)? else {
        return Ok(Outcome::Wrong);
    };
    let circuit = &program.circuit;
    let nodes = match args.budget {
        Some(Budget::Inputs(nodes)) => Some(nodes),
        _ => None,
    };
    let Args { epsilon, worst, count, support, .. } = *args;
    let gates = asked::gates(&args.gate, circuit, &args.file)?;
    let request = Request { epsilon, gates, worst, count, support, nodes, near: None, until_refuted: false };
    let started = Instant::now();
    let by_the_clock = || match args.budget {
        Some(Budget::Time(budget)) if started.elapsed() >= budget => Answer::Stop(Reason::BudgetSpent),
        _ => Answer::GoOn,
    };
    let verify = |watcher: Watcher| verify::verify(circuit, &network, &request, watcher);
    let proof = match watched(&session.terminal, by_the_clock, verify) {
        Ok(proof) => proof,
        Err(verify::Error::Interrupted) => return Err(Failure::interrupted()),
        Err(error) => {
            let help = match error {
                verify::Error::Mismatch(_) => Some(load::COMPILE_AGAIN),
                _ => None,
            };
            session.terminal.error(&error.to_string(), help);
            return Ok(Outcome::Wrong);
        }
    };
    let seconds = started.elapsed().as_secs_f64();
    output::print(if args.json { proof.to_json(circuit, seconds) } else { proof.to_text(circuit, seconds) })?;
    Ok(if proof.status == Status::Proved { Outcome::Fine } else { Outcome::Wrong })
}
