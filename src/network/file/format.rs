//! What a file format is.

use super::error::FileError;
use crate::network::Network;

/// A way to keep a network in a file.
pub struct Format {
    /// Also the extension of its files.
    pub name: &'static str,
    pub write: fn(&Network) -> Vec<u8>,
    pub read: fn(&[u8]) -> Result<Network, FileError>,
    /// Whether bytes may be such a file, by the first of them.
    pub begins_so: fn(&[u8]) -> bool,
}
