//! Files in: what an argument names, and what a program names in turn.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use superpose::diagnostic::{Severity, suggest};
use superpose::elaborate::{self, Loaded, Loader};
use superpose::network::Network;
use superpose::network::file::{Format, format_of};
use superpose::program::Program;

use super::failure::Failure;
use super::output::reason;
use super::session::Session;

/// What stdin is called in messages.
const STDIN: &str = "<stdin>";

/// The bytes behind an argument, and the name that messages call it by; `-` is stdin.
pub fn read_argument(argument: &str) -> Result<(String, Vec<u8>), Failure> {
    if argument == "-" {
        return match read_stream(io::stdin().lock()) {
            Ok(bytes) => Ok((STDIN.to_owned(), bytes)),
            Err(error) => Err(Failure::new(format!("cannot read stdin: {}", reason(&error)))),
        };
    }
    match read_path(argument) {
        Ok(bytes) => Ok((argument.to_owned(), bytes)),
        Err(error) => Err(unreadable(argument, &error)),
    }
}

/// What a pipe or a device may send; a file may be as long as it is.
const MAX_STREAM: u64 = 1 << 29;

fn read_path(path: &str) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    if file.metadata()?.is_file() { std::fs::read(path) } else { read_stream(file) }
}

fn read_stream(stream: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(MAX_STREAM + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_STREAM {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "more than 512 MiB, and no file"));
    }
    Ok(bytes)
}

/// Why a path cannot be read, and what was probably meant.
pub fn unreadable(path: &str, error: &io::Error) -> Failure {
    let failure = Failure::new(format!("cannot read `{path}`: {}", reason(error)));
    match error.kind() {
        ErrorKind::IsADirectory => match circuits_in(Path::new(path)).first() {
            Some(name) => failure.help(format!("name a file in it, such as {}", Path::new(path).join(name).display())),
            None => failure.help("name a file, not a directory"),
        },
        ErrorKind::NotFound => match neighbour(Path::new(path)) {
            Some(meant) => failure.help(format!("did you mean `{meant}`?")),
            None => failure,
        },
        _ => failure,
    }
}

fn names_in(directory: &Path) -> Vec<String> {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

fn circuits_in(directory: &Path) -> Vec<String> {
    let mut names = names_in(directory);
    names.retain(|name| name.ends_with(".circ"));
    names
}

/// A path beside the missing one with a similar name, or the same name with `.circ` behind it.
fn neighbour(path: &Path) -> Option<String> {
    let parent = path.parent()?;
    let name = path.file_name()?.to_str()?;
    let names = names_in(parent);
    let with_extension = format!("{name}.circ");
    let meant = match names.iter().find(|known| **known == with_extension) {
        Some(known) => known.as_str(),
        None => suggest(name, names.iter().map(String::as_str))?,
    };
    Some(parent.join(meant).display().to_string())
}

/// Reads what a program names from the file system; the program itself has been read already.
struct Files {
    name: String,
    bytes: Vec<u8>,
}

impl Loader for Files {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        if path == self.name { Ok(self.bytes.clone()) } else { read_path(path) }
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
    let mut files = Files { name: name.clone(), bytes };
    elaborate::load(&name, &mut files, &session.limits)
}

/// The program behind an argument; `None` after its problems have been shown.
pub fn program(argument: &str, session: &Session) -> Result<Option<Program>, Failure> {
    let (name, bytes) = read_argument(argument)?;
    if format_of(&name, &bytes).is_some() {
        return Err(Failure::new(format!("`{name}` is a network, and a circuit is needed here"))
            .help(format!("to evaluate it, type: superpose eval {argument}")));
    }
    Ok(shown(load(name, bytes, session), session))
}

/// What there is to evaluate.
pub enum Subject {
    Program(Box<Program>),
    /// With the program that it carries.
    Network(Box<Network>, Box<Program>),
}

/// The program or the network behind an argument; `None` after its problems have been shown.
pub fn subject(argument: &str, session: &Session) -> Result<Option<Subject>, Failure> {
    let (name, bytes) = read_argument(argument)?;
    let Some(format) = format_of(&name, &bytes) else {
        return Ok(shown(load(name, bytes, session), session).map(|program| Subject::Program(Box::new(program))));
    };
    let Some(network) = read_network(format, &name, &bytes, session) else { return Ok(None) };
    let Some((circuit_name, _)) = network.sources.first() else {
        session.terminal.error(&format!("{name}: it carries no circuit"), Some(COMPILE_AGAIN));
        return Ok(None);
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
    Ok(program.map(|program| Subject::Network(Box::new(network), Box::new(program))))
}

/// The network behind an argument; `None` after its problem has been shown.
pub fn network(argument: &str, session: &Session) -> Result<Option<Network>, Failure> {
    let (name, bytes) = read_argument(argument)?;
    let Some(format) = format_of(&name, &bytes) else {
        return Err(Failure::new(format!("`{name}` is no network"))
            .help(format!("compile one first: superpose compile {argument} -o net.safetensors")));
    };
    Ok(read_network(format, &name, &bytes, session))
}

fn read_network(format: &Format, name: &str, bytes: &[u8], session: &Session) -> Option<Network> {
    let network = match (format.read)(bytes) {
        Ok(network) => network,
        Err(error) => {
            session.terminal.error(&format!("{name}: {error}"), Some(COMPILE_AGAIN));
            return None;
        }
    };
    // Reading has checked the shapes; that the weights are the product of their factors costs a product, and only
    // who runs the network wants to know.
    if let Err(error) = network.check_all_factors() {
        session.terminal.error(&format!("{name}: {error}"), Some(COMPILE_AGAIN));
        return None;
    }
    Some(network)
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
