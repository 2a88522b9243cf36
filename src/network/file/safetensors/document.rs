//! The metadata, as JSON: all that the tensors do not say.

use serde::{Deserialize, Serialize};

use crate::network::Header;

/// Longer metadata go to the tensor `metadata`: the format caps headers at 100 MB.
pub(super) const LONGEST_METADATA_IN_HEADER: usize = 16 << 20;

/// The metadata.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document {
    pub(super) format: u32,
    #[serde(flatten)]
    pub(super) header: Header,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dictionary: Option<DictionaryDocument>,
    pub(super) layers: Vec<LayerDocument>,
    /// Names of the circuit's files, in the order of `sources.{i}`.
    pub(super) sources: Vec<String>,
    /// The name of the file in `rows`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rows: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DictionaryDocument {
    pub(super) kind: String,
    pub(super) decoder: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LayerDocument {
    pub(super) name: String,
    pub(super) n_gates: usize,
    pub(super) signals: Vec<String>,
}

/// What stands in the header instead, when the document is in a tensor.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Pointer {
    pub(super) format: u32,
    pub(super) in_tensor: String,
}
