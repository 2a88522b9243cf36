//! Networks as files. One file or folder a format, and its row in the table; `safetensors` is the one that is read
//! back.
//!
//! Bytes in, bytes out: must not touch a path.

mod document;
mod entry;
mod error;
mod format;
mod npz;
mod onnx;
mod safetensors;

pub use error::{FileError, WriteError};
pub use format::{Format, Written};

/// The first is what a network is written as when the name of its file says nothing.
pub const FORMATS: &[Format] = &[safetensors::SAFETENSORS, onnx::ONNX, npz::NPZ];

/// The format of a file, by its name, or else by its first bytes; `None` if it is no network.
pub fn format_of(name: &str, bytes: &[u8]) -> Option<&'static Format> {
    called(name).or_else(|| FORMATS.iter().find(|format| (format.begins_so)(bytes)))
}

/// The format whose name a file's name ends in.
pub fn called(name: &str) -> Option<&'static Format> {
    let (_, extension) = name.rsplit_once('.')?;
    FORMATS.iter().find(|format| format.name.eq_ignore_ascii_case(extension))
}
