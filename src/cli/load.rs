//! Programs and networks in: what an argument names, and what a program names in turn.

use std::io::{self, ErrorKind};
use std::path::Path;

use superpose::circuit::inputs::rows;
use superpose::diagnostic::Severity;
use superpose::elaborate::{self, Loaded, Loader};
use superpose::network::Network;
use superpose::network::file::{FileError, Format, format_of};
use superpose::program::Program;
use superpose::syntax;

use super::failure::Failure;
use super::read;
use super::session::Session;

/// Reads what a program names from the file system; the program itself has been read already.
struct Files {
    name: String,
    /// Until they are asked for.
    bytes: Option<Vec<u8>>,
}

impl Loader for Files {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        match self.bytes.take_if(|_| path == self.name) {
            Some(bytes) => Ok(bytes),
            None => read::file(path, syntax::MAX_BYTES),
        }
    }

    fn read_rows(&mut self, path: &str) -> io::Result<Vec<u8>> {
        read::file(path, rows::MAX_BYTES)
    }
}

/// Reads what a network carries: its circuit's files, and its rows.
struct Carried<'a>(&'a Network);

impl Loader for Carried<'_> {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        let source = self.0.sources.iter().find(|(name, _)| name == path);
        let rows = || self.0.rows.as_ref().filter(|(name, _)| Path::new(path).ends_with(name));
        match (source, rows()) {
            (Some((_, text)), _) => Ok(text.clone().into_bytes()),
            (None, Some((_, bytes))) => Ok(bytes.clone()),
            (None, None) => Err(ErrorKind::NotFound.into()),
        }
    }
}

/// Parses and elaborates a program that was read as `name`.
pub fn load(name: String, bytes: Vec<u8>, session: &Session) -> Loaded {
    load_with(name, bytes, &[], session)
}

/// The same, as if the program gave its constants of these names these values.
pub fn load_with(name: String, bytes: Vec<u8>, constants: &[(String, i64)], session: &Session) -> Loaded {
    let mut files = Files { name: name.clone(), bytes: Some(bytes) };
    elaborate::load_with(&name, &mut files, &session.limits, constants)
}

/// The program behind an argument; `None` after its problems have been shown.
pub fn program(argument: &str, session: &Session) -> Result<Option<Program>, Failure> {
    let Some((name, bytes)) = circuit(argument, session)? else { return Ok(None) };
    Ok(shown(load(name, bytes, session), session))
}

/// The bytes of the circuit behind an argument, and the name that messages call it by; `None` after its problem has
/// been shown.
pub fn circuit(argument: &str, session: &Session) -> Result<Option<(String, Vec<u8>)>, Failure> {
    let Some((name, bytes)) = read::circuit_or_network(argument, session)? else { return Ok(None) };
    if let Some(format) = format_of(&name, &bytes) {
        let failure = Failure::new(format!("`{name}` is a network, and a circuit is needed here"));
        return Err(match format.read {
            Some(_) => failure.help(format!("to evaluate it, type: superpose eval {argument}")),
            None => failure.help("name the circuit that it was compiled from"),
        });
    }
    Ok(Some((name, bytes)))
}

/// What there is to evaluate.
pub enum Subject {
    Program(Box<Program>),
    /// With the program that it carries.
    Network(Box<Network>, Box<Program>),
}

impl Subject {
    pub fn program(&self) -> &Program {
        match self {
            Subject::Program(program) | Subject::Network(_, program) => program,
        }
    }
}

/// The program or the network behind an argument; `None` after its problems have been shown.
pub fn subject(argument: &str, session: &Session) -> Result<Option<Subject>, Failure> {
    let Some((name, bytes)) = read::circuit_or_network(argument, session)? else { return Ok(None) };
    Ok(subject_of(name, bytes, session))
}

/// The same of what was read as `name`.
pub fn subject_of(name: String, bytes: Vec<u8>, session: &Session) -> Option<Subject> {
    let Some(format) = format_of(&name, &bytes) else {
        return shown(load(name, bytes, session), session).map(|program| Subject::Program(Box::new(program)));
    };
    let network = read_network(format, &name, &bytes, session)?;
    let Some((circuit_name, _)) = network.sources.first() else {
        session.terminal.error(&format!("{name}: it carries no circuit"), Some(COMPILE_AGAIN));
        return None;
    };
    let loaded = elaborate::load(circuit_name, &mut Carried(&network), &session.limits);
    if loaded.program.is_none() {
        session.terminal.error(&format!("{name}: the circuit that it carries has errors"), Some(COMPILE_AGAIN));
    }
    // Its warnings were shown when it was compiled.
    let program = loaded.program.or_else(|| {
        session.terminal.diagnostics(&loaded.diagnostics, &loaded.sources);
        None
    });
    program.map(|program| Subject::Network(Box::new(network), Box::new(program)))
}

/// The network behind an argument; `None` after its problem has been shown.
pub fn network(argument: &str, session: &Session) -> Result<Option<Network>, Failure> {
    let Some((name, bytes)) = read::circuit_or_network(argument, session)? else { return Ok(None) };
    let Some(format) = format_of(&name, &bytes) else {
        return Err(Failure::new(format!("`{name}` is no network"))
            .help(format!("compile one first: superpose compile {argument} -o net.safetensors")));
    };
    // A fit goes on from the factors.
    Ok(read_network(format, &name, &bytes, session).filter(|network| is_product(network, &name, session)))
}

fn read_network(format: &Format, name: &str, bytes: &[u8], session: &Session) -> Option<Network> {
    let Some(read) = format.read else {
        let message = format!("{name}: {} files are written for other tools, and cannot be read back", format.name);
        session.terminal.error(&message, Some(KEEP_SAFETENSORS));
        return None;
    };
    let error = match read(bytes) {
        Ok(network) => return Some(network),
        Err(error) => error,
    };
    let help = match error {
        FileError::NotSuperpose => {
            "save it with the metadata of the file that it was made from: `save_file(t, path, metadata)`"
        }
        _ => COMPILE_AGAIN,
    };
    session.terminal.error(&format!("{name}: {error}"), Some(help));
    None
}

/// Whether the weights of a network are still the product of their factors; says which are not. To find out costs a
/// product.
pub fn is_product(network: &Network, name: &str, session: &Session) -> bool {
    let checked = network.check_all_factors();
    if let Err(error) = &checked {
        session.terminal.error(&format!("{name}: {error}"), Some(EVALUATE_AS_IT_IS));
    }
    checked.is_ok()
}

/// Shows the problems of what was loaded.
pub fn shown(loaded: Loaded, session: &Session) -> Option<Program> {
    session.terminal.diagnostics(&loaded.diagnostics, &loaded.sources);
    let n_errors = loaded.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    debug_assert_eq!(loaded.program.is_none(), n_errors > 0, "no program if and only if there are errors");
    loaded.program
}

/// What helps against a file that is no network, or no whole one.
pub const COMPILE_AGAIN: &str = "compile the circuit again: superpose compile FILE.circ -o net.safetensors";

/// What helps where a network is in a file that is only written.
const KEEP_SAFETENSORS: &str = "name the safetensors file that it was made of, or make both: superpose compile \
                                FILE.circ -o net.safetensors, and then superpose compile net.safetensors -o net.onnx";

/// What can be done with a network that somebody changed.
const EVALUATE_AS_IT_IS: &str = "to see what it does as it is, type: superpose eval FILE (without --strict)";
