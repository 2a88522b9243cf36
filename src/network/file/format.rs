//! What a file format is.

use super::error::{FileError, WriteError};
use crate::network::Network;

/// A way to keep a network in a file.
#[derive(Debug)]
pub struct Format {
    /// Also the extension of its files.
    pub name: &'static str,
    /// What is in them, in a few words.
    pub summary: &'static str,
    /// Whether they say how the network is run, and so on how many inputs at a time.
    pub has_batch: bool,
    pub write: fn(&Network, &Written) -> Result<Vec<u8>, WriteError>,
    /// `None` where networks are written for others alone.
    pub read: Option<Reader>,
    /// Whether bytes may be such a file, by the first of them.
    pub begins_so: fn(&[u8]) -> bool,
}

/// Bytes that anybody may have tampered with, to a network.
pub type Reader = fn(&[u8]) -> Result<Network, FileError>;

/// How a network is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Inputs at a time; `None`: any number.
    pub batch: Option<u32>,
}
