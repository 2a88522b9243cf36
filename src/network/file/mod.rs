//! Networks as files. One folder a format, and its row in the table; `safetensors` is the one that carries everything.
//!
//! Bytes in, bytes out: must not touch a path.

mod error;
mod format;
mod safetensors;

pub use error::FileError;
pub use format::Format;

/// The first is what a network is written as when the name of its file says nothing.
pub const FORMATS: &[Format] = &[safetensors::SAFETENSORS];

/// The format of a file, by its name, or else by its first bytes; `None` if it is no network.
pub fn format_of(name: &str, bytes: &[u8]) -> Option<&'static Format> {
    called(name).or_else(|| FORMATS.iter().find(|format| (format.begins_so)(bytes)))
}

/// The format to write a file of this name in.
pub fn format_for(name: &str) -> &'static Format {
    called(name).unwrap_or(&FORMATS[0])
}

/// The format whose name a file's name ends in.
fn called(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| name.strip_suffix(format.name).is_some_and(|stem| stem.ends_with('.')))
}
