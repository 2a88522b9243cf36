//! Networks as files. One folder a format, and its row in the table; `safetensors` is the one that carries everything.
//!
//! Bytes in, bytes out: must not touch a path.

mod error;
mod format;
mod safetensors;

pub use error::FileError;
pub use format::Format;

pub const FORMATS: [Format; 1] = [safetensors::SAFETENSORS];

/// What a network is written as when nobody says.
pub const DEFAULT: &Format = &safetensors::SAFETENSORS;

/// The format of a file, by its name, or else by its first bytes; `None` if it is no network.
pub fn format_of(name: &str, bytes: &[u8]) -> Option<&'static Format> {
    const TABLE: &[Format] = &FORMATS;
    let is_called = |format: &&Format| name.strip_suffix(format.name).is_some_and(|stem| stem.ends_with('.'));
    TABLE.iter().find(is_called).or_else(|| TABLE.iter().find(|format| (format.begins_so)(bytes)))
}
