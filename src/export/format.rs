//! What a format of other tools is, what can be asked of it, and what it writes.

use super::error::Error;
use crate::circuit::{Circuit, GateId};
use crate::network::Network;

/// A way to give a circuit and its network to other tools.
#[derive(Debug)]
pub struct Format {
    pub name: &'static str,
    /// For whom it is, in a few words.
    pub summary: &'static str,
    pub export: fn(&Circuit, &Network, &Request) -> Result<Export, Error>,
}

/// What is to be exported.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Every read-off is to be strictly within this of the truth; `None`: on the right side of its threshold.
    pub epsilon: Option<f64>,
    /// `None`: every gate of every layer.
    pub gates: Option<Vec<GateId>>,
    /// Any so many features on, at most, instead of what `sample` says.
    pub support: Option<u32>,
    /// Seconds that a tool may take over each question.
    pub timeout: u32,
}

/// What a format makes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// In the order in which they are written.
    pub files: Vec<File>,
    /// What they are, such as `12 networks`.
    pub summary: String,
    /// What they do not say, each with what it means for whoever reads them.
    pub caveats: Vec<Caveat>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Below the folder of the export, with `/` between its parts.
    pub path: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caveat {
    pub fact: String,
    pub meaning: String,
}
