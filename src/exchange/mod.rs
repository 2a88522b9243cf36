//! Circuits of other tools, both ways. One file or folder a format, and its row in the table.
//!
//! ```text
//! bytes --read--> Netlist --circ--> text of the language --> Ast          Circuit --write--> bytes
//! ```
//!
//! A file of another tool is a program of the language as it stands: features named as its inputs, a sub-circuit, one
//! call of it, and outputs; whoever uses it takes the sub-circuit. Problems are shown where they are in its own text.
//! Must not know how an Ast gets its meaning, nor a network.

mod aiger;
mod bench;
mod blif;
mod bnet;
mod circ;
mod logic;
mod names;
mod netlist;
mod problems;
mod unwritable;
mod value;
mod words;

pub use aiger::Broken;
pub use unwritable::Unwritable;

use crate::circuit::Circuit;
use crate::diagnostic::{Diagnostic, FileId, Sources};
use crate::syntax::ast::Ast;

/// A format of circuits.
#[derive(Debug)]
pub struct Format {
    pub name: &'static str,
    /// What its files end in, behind a dot.
    pub extensions: &'static [&'static str],
    /// What it is, in a few words.
    pub summary: &'static str,
    /// Whether its files need not be text.
    is_binary: bool,
    read: fn(&str, FileId) -> netlist::Read,
    /// `None`: it is read alone.
    pub write: Option<Write>,
}

/// A circuit as the bytes of a file.
pub type Write = fn(&Circuit) -> Result<Vec<u8>, Unwritable>;

/// In the order of the help.
pub const FORMATS: &[Format] = &[
    Format {
        name: "blif",
        extensions: &["blif"],
        summary: "covers, as ABC and Yosys have them",
        is_binary: false,
        read: blif::read,
        write: Some(blif::write),
    },
    Format {
        name: "aag",
        extensions: &["aag"],
        summary: "AIGER in ASCII",
        is_binary: false,
        read: aiger::read,
        write: Some(aiger::to_ascii),
    },
    Format {
        name: "aig",
        extensions: &["aig"],
        summary: "AIGER in bytes",
        is_binary: true,
        read: aiger::read,
        write: Some(aiger::to_binary),
    },
    Format {
        name: "bnet",
        extensions: &["bnet"],
        summary: "Boolean networks of biology: next states of features",
        is_binary: false,
        read: bnet::read,
        write: Some(bnet::write),
    },
    Format {
        name: "bench",
        extensions: &["bench"],
        summary: "the ISCAS benchmarks",
        is_binary: false,
        read: bench::read,
        write: None,
    },
];

/// The format of a file, by what its name ends in.
pub fn format_of(path: &str) -> Option<&'static Format> {
    let (_, extension) = path.rsplit_once('.')?;
    FORMATS.iter().find(|format| format.extensions.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// What a file is called without its folder and the end of its name.
pub fn stem(path: &str) -> &str {
    let base = path.rsplit(['/', '\\']).next().unwrap_or(path);
    base.rsplit_once('.').map_or(base, |(stem, _)| stem)
}

/// The bytes of a file as a text of its format: those of binary AIGER as ASCII that says the same, others as they are.
///
/// # Errors
/// What in them is no circuit.
pub fn as_text(format: &Format, bytes: Vec<u8>) -> Result<Vec<u8>, Broken> {
    match aiger::ascii(&bytes)? {
        Some(ascii) => Ok(ascii.into_bytes()),
        None if format.is_binary && std::str::from_utf8(&bytes).is_err() => {
            Err(Broken { offset: 0, fact: "the first line is not `aig M I L O A`".into() })
        }
        None => Ok(bytes),
    }
}

/// A file of a format as a tree of the language, with what is wrong with it. Empty if that is an error.
pub fn parse(format: &Format, sources: &Sources, file: FileId) -> (Ast, Vec<Diagnostic>) {
    let source = &sources.files[file.0 as usize];
    let (netlist, mut problems) = (format.read)(&source.text, file);
    let Some(netlist) = netlist else {
        return (Ast { file, items: Vec::new(), comments: Vec::new() }, problems);
    };
    let written = circ::written(&netlist, file, base(&source.name), stem(&source.name));
    let (ast, further) = circ::parsed(&written, file);
    problems.extend(further);
    (ast, problems)
}

/// A file of a format in the language, as `superpose fmt` prints it; `None` if it has an error, which [`parse`] finds.
pub fn to_circ(format: &Format, sources: &Sources, file: FileId) -> Option<String> {
    let source = &sources.files[file.0 as usize];
    let (netlist, _) = (format.read)(&source.text, file);
    let written = circ::written(&netlist?, file, base(&source.name), stem(&source.name));
    Some(circ::formatted(&written))
}

fn base(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
