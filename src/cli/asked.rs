//! A network, its circuit, and the gates that a command line names: what `verify` and `export` share.

use superpose::circuit::{Circuit, GateId};
use superpose::compile::Beyond;
use superpose::diagnostic::suggest;
use superpose::network::Network;
use superpose::program::Program;

use super::compiled::compiled;
use super::failure::Failure;
use super::load::Subject;
use super::options::CompileOptions;
use super::session::Session;

/// A network and the program that it carries; of a program, the network that it asks for. `None` after its problems
/// have been shown.
pub fn network(
    subject: Option<Subject>,
    epsilon: Option<f64>,
    session: &Session,
) -> Result<Option<(Network, Program)>, Failure> {
    Ok(match subject {
        None => None,
        Some(Subject::Network(network, program)) => Some((*network, *program)),
        Some(Subject::Program(program)) => {
            let options = CompileOptions::default().with_epsilon(epsilon).to_be_evaluated(&program.settings);
            compiled(&program, &options, Beyond::Nothing, session)?.map(|built| (built.network, *program))
        }
    })
}

/// The gates with these names, ascending; `None`: all.
pub fn gates(names: &[String], circuit: &Circuit, file: &str) -> Result<Option<Vec<GateId>>, Failure> {
    if names.is_empty() {
        return Ok(None);
    }
    let name_of = |gate: u32| circuit.name(circuit.gate_signal(GateId(gate)));
    let array_of = |gate: u32| name_of(gate).split('[').next().unwrap_or_default();
    let all = 0..circuit.n_gates() as u32;
    let mut found = Vec::new();
    for name in names {
        let before = found.len();
        found.extend(all.clone().filter(|&gate| name_of(gate) == name || array_of(gate) == name).map(GateId));
        if found.len() == before {
            let failure = Failure::new(format!("no gate is called `{name}`"));
            return Err(match suggest(name, all.map(array_of)) {
                Some(meant) => failure.help(format!("did you mean `{meant}`?")),
                None => failure.help(format!("to see the gates, type: superpose eval {file} --gates")),
            });
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(Some(found))
}
