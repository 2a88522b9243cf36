//! Bytes in: from files, pipes and stdin, and of none more than what is meant can have.
//!
//! Must not know what is made of them.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use superpose::circuit::inputs::rows;
use superpose::diagnostic::{FileId, SourceFile, Sources, suggest};
use superpose::network::file::format_of;
use superpose::syntax;

use super::failure::Failure;
use super::output::reason;
use super::session::Session;

/// What stdin is called in messages.
const STDIN: &str = "<stdin>";

/// What a pipe or a device may send.
const MAX_STREAM: u64 = 1 << 29;

/// First bytes, by which a network is told from a circuit.
const HEAD: u64 = 16;

/// The bytes behind an argument, a circuit or a network, and the name that messages call it by; `-` is stdin. `None`
/// after it has been shown that it is too large for a circuit; a network is as large as it is.
pub fn circuit_or_network(argument: &str, session: &Session) -> Result<Option<(String, Vec<u8>)>, Failure> {
    let (name, opened) = open(argument)?;
    let problem = opened.size.and_then(|size| syntax::too_large(FileId(0), size));
    if let Some(problem) = problem.filter(|_| format_of(&name, &opened.head).is_none()) {
        let sources = Sources { files: vec![SourceFile { name, text: String::new() }] };
        session.terminal.diagnostics(&[problem], &sources);
        return Ok(None);
    }
    let bytes = opened.read(u64::MAX).map_err(|error| unreadable(&name, &error))?;
    Ok(Some((name, bytes)))
}

/// The same of a file of rows.
pub fn rows(argument: &str) -> Result<(String, Vec<u8>), Failure> {
    table(argument, rows::MAX_BYTES)
}

/// The same of any file of at most so many bytes.
pub fn table(argument: &str, most: u64) -> Result<(String, Vec<u8>), Failure> {
    let (name, opened) = open(argument)?;
    let bytes = opened.read(most).map_err(|error| unreadable(&name, &error))?;
    Ok((name, bytes))
}

/// A file of at most so many bytes.
pub fn file(path: &str, most: u64) -> io::Result<Vec<u8>> {
    Opened::file(path)?.read(most)
}

/// Whether a file is there, can be read, and begins so.
pub fn begins_with(path: &Path, bytes: &[u8]) -> bool {
    let mut head = vec![0; bytes.len()];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok_and(|()| head == bytes)
}

fn open(argument: &str) -> Result<(String, Opened), Failure> {
    let (name, opened) = match argument {
        "-" => (STDIN, Opened::new(Box::new(io::stdin()), None)),
        path => (path, Opened::file(path)),
    };
    Ok((name.to_owned(), opened.map_err(|error| unreadable(name, &error))?))
}

/// What can be read, with its first bytes read already.
struct Opened {
    head: Vec<u8>,
    rest: Box<dyn Read>,
    /// Of a file: pipes and devices do not say.
    size: Option<u64>,
}

impl Opened {
    fn file(path: &str) -> io::Result<Opened> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        Opened::new(Box::new(file), metadata.is_file().then_some(metadata.len()))
    }

    fn new(mut rest: Box<dyn Read>, size: Option<u64>) -> io::Result<Opened> {
        let mut head = Vec::new();
        rest.by_ref().take(HEAD).read_to_end(&mut head)?;
        Ok(Opened { head, rest, size })
    }

    /// All bytes, at most so many; a size that is said is looked at first.
    fn read(self, most: u64) -> io::Result<Vec<u8>> {
        let too_large = |size: u64| format!("it has {size} bytes, and {most} are the limit");
        let (most, too_large) = match self.size {
            Some(size) if size > most => return Err(io::Error::new(ErrorKind::FileTooLarge, too_large(size))),
            Some(_) => (most, too_large(most.saturating_add(1))),
            None => (MAX_STREAM, "more than 512 MiB, and no file".into()),
        };
        let mut bytes = self.head;
        bytes.try_reserve_exact(self.size.unwrap_or(0) as usize)?;
        self.rest.take(most.saturating_sub(HEAD).saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most { Err(io::Error::new(ErrorKind::FileTooLarge, too_large)) } else { Ok(bytes) }
    }
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
