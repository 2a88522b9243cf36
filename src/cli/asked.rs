//! A network, its circuit, and the gates, features and layers that a command line names.

use superpose::circuit::{Circuit, GateId};
use superpose::compile::Beyond;
use superpose::diagnostic::suggest;
use superpose::network::Network;
use superpose::program::Program;
use superpose::text::counted;

use super::compiled::compiled;
use super::failure::Failure;
use super::load::Subject;
use super::options::CompileOptions;
use super::session::Session;

/// A network and the program that it carries; of a program, the network that it and the command line ask for. `None`
/// after its problems have been shown.
pub fn network(
    subject: Option<Subject>,
    options: &CompileOptions,
    file: &str,
    session: &Session,
) -> Result<Option<(Network, Program)>, Failure> {
    network_to(subject, options, &[], Beyond::Told, file, session)
}

/// The same for a command that takes `own` of the options, such as `--budget`, for itself, and nothing of them for a
/// compilation. A fit that misses its goal goes as far as `beyond`.
pub fn network_to(
    subject: Option<Subject>,
    options: &CompileOptions,
    own: &[&str],
    beyond: Beyond,
    file: &str,
    session: &Session,
) -> Result<Option<(Network, Program)>, Failure> {
    Ok(match subject {
        None => None,
        Some(Subject::Network(network, program)) => {
            options.refuse_for_network(&[own, &["--epsilon"]].concat(), file)?;
            Some((*network, *program))
        }
        Some(Subject::Program(mut program)) => {
            program.claims.extend(options.claim());
            let options = options.to_be_evaluated(&program.settings);
            let options = if own.contains(&"--budget") { options.with_budget(None) } else { options };
            compiled(&program, &options, beyond, session)?.map(|built| (built.network, *program))
        }
    })
}

/// Whether there are gates, of which alone a command speaks: what it `does` is said where there are none. Where there
/// are heads as well, it is said that they are left out.
pub fn has_gates(program: &Program, does: &str, file: &str, session: &Session) -> bool {
    let help = format!("to see how well heads attend, type: superpose eval {file}");
    if program.circuit.n_gates() == 0 {
        session.terminal.error(&format!("`{file}` defines no gate, and there is nothing to {does}"), Some(&help));
        return false;
    }
    if !program.heads.is_empty() {
        let heads = counted(program.heads.len() as u64, "head");
        session.terminal.warning(&format!("{heads} left out: there is no way to {does} them"), Some(&help));
    }
    true
}

/// The features with these names, ascending; empty names are none.
pub fn features(names: &[String], circuit: &Circuit) -> Result<Vec<u32>, Failure> {
    let known = || (0..circuit.n_signals()).map(|signal| circuit.names.get(signal));
    let mut found = Vec::new();
    for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let failure = || Failure::new(format!("no feature is called `{name}`"));
        match known().position(|known| known == name) {
            Some(signal) if signal < circuit.n_features() => found.push(signal as u32),
            Some(_) => return Err(failure().help("it is a gate: name the features that turn it on")),
            None => {
                let features = || known().take(circuit.n_features());
                let member = features().find(|known| known.split('[').next() == Some(name));
                return Err(match member.or_else(|| suggest(name, features())) {
                    Some(meant) => failure().help(format!("did you mean `{meant}`?")),
                    None => failure().help("features are what the circuit declares by `feature …;`"),
                });
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The layers with these names or numbers, ascending; `None`: all.
pub fn layers(names: &[String], circuit: &Circuit) -> Result<Option<Vec<usize>>, Failure> {
    if names.is_empty() {
        return Ok(None);
    }
    let known = || circuit.layers.iter().map(|layer| layer.name.as_str());
    let mut found = Vec::new();
    for name in names {
        let numbered = || name.parse().ok().filter(|&layer_idx: &usize| layer_idx < circuit.layers.len());
        match known().position(|layer| layer == name).or_else(numbered) {
            Some(layer_idx) => found.push(layer_idx),
            None => {
                let meant = suggest(name, known()).map(|meant| format!("did you mean `{meant}`?"));
                let all = || format!("the layers are {}", known().collect::<Vec<_>>().join(", "));
                return Err(Failure::new(format!("no layer is called `{name}`")).help(meant.unwrap_or_else(all)));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(Some(found))
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
            let array = name.split('[').next().unwrap_or_default();
            let mut of_array = all.clone().filter(|&gate| array_of(gate) == array).map(name_of);
            return Err(failure.help(match (of_array.next(), suggest(name, all.map(array_of))) {
                (Some(first), _) => match of_array.next_back() {
                    Some(last) => format!("there are `{first}` to `{last}`"),
                    None => format!("did you mean `{first}`?"),
                },
                (None, Some(meant)) => format!("did you mean `{meant}`?"),
                (None, None) => format!("to see the gates, type: superpose eval {file} --gates"),
            }));
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(Some(found))
}
