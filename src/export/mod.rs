//! A circuit and its network for tools of others. One file or folder a format, and its row in the table.
//!
//! Files come out as paths below a folder and bytes: must not touch a path, nor know how a network comes about.

mod error;
mod format;
mod vnnlib;

pub use error::Error;
pub use format::{Caveat, Export, File, Format, Request};

/// In the order of the help.
pub const FORMATS: &[Format] = &[vnnlib::VNNLIB];
