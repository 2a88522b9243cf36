//! `superpose compile`: a circuit to a file of weights.

use superpose::circuit::Circuit;
use superpose::evaluate::text::grouped;
use superpose::network::Network;
use superpose::{build, compile};

use super::arguments::{Compile, CompileOptions};
use super::progress::Progress;
use super::{Failure, Outcome, Session, interrupt, load, output};

pub fn compile(command: &Compile, session: &Session) -> Result<Outcome, Failure> {
    let Some(circuit) = load::circuit(&command.file, session)? else { return Ok(Outcome::Wrong) };
    let Some(network) = compiled(&circuit, &command.options, session)? else { return Ok(Outcome::Wrong) };
    let bytes = network.to_bytes();
    output::write(&command.output, &bytes)?;
    let widths: Vec<String> = network.layers.iter().map(|layer| layer.weight.nrows().to_string()).collect();
    session.terminal.note(&format!(
        "{}: {} gates on {} neurons by {} at -O{}; {} bytes to {}",
        circuit.name,
        grouped(circuit.n_gates() as u64),
        widths.join(" + "),
        network.header.construction,
        network.header.opt_level,
        grouped(bytes.len() as u64),
        command.output.display(),
    ));
    Ok(Outcome::Fine)
}

/// Compiles with a progress bar; `None` after its problems have been shown.
pub fn compiled(circuit: &Circuit, options: &CompileOptions, session: &Session) -> Result<Option<Network>, Failure> {
    let mut progress = Progress::new(&session.terminal);
    let mut keep_going = |step: compile::Progress| {
        progress.show(step.phase, step.done, step.total);
        !interrupt::requested()
    };
    let listening = interrupt::listen();
    let built = build::build(circuit, &options.to_options(), &mut keep_going);
    drop(listening);
    drop(progress);
    match built {
        Ok(built) => {
            for trial in &built.trials {
                let widths: Vec<String> = trial.widths.iter().map(ToString::to_string).collect();
                let verdict = if trial.holds { "meets `require`" } else { "misses `require`" };
                let reliability = trial.reliability;
                session
                    .terminal
                    .note(&format!("width {}: reliability {reliability:.4}, {verdict}", widths.join(" + ")));
            }
            Ok(Some(built.network))
        }
        Err(problems) if problems.iter().any(|problem| problem.code == compile::INTERRUPTED) => {
            Err(Failure::interrupted())
        }
        Err(problems) => {
            session.terminal.diagnostics(&problems, &circuit.sources);
            Ok(None)
        }
    }
}
