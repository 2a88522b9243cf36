//! A network as one safetensors file: `Network::to_bytes` and `Network::from_bytes`.
//!
//! | tensor | type | shape |
//! |---|---|---|
//! | `layers.{l}.weight` | f32 | [n_l, n_{l-1}] |
//! | `layers.{l}.bias` | f32 | [n_l] |
//! | `layers.{l}.compute` | f32 | [n_l, signals of layer l-1; for l = 0: features] |
//! | `layers.{l}.decompress` | f32 | [signals of layer l-1, n_{l-1}]; absent where it is `layers.{l-1}.readoff`, or for l = 0 the identity |
//! | `layers.{l}.readoff` | f32 | [signals, n_l] |
//! | `layers.{l}.readoff_bias`, `layers.{l}.threshold` | f32 | [signals] |
//! | `input.dictionary` | f32 | [n_{-1}, features]; absent where features enter one coordinate each |
//! | `sources.{i}` | u8 | the text of the circuit's i-th file |
//! | `rows` | u8 | the file of rows that inputs are drawn from, if any |
//! | `metadata` | u8 | the metadata, where they are too long for the header |
//!
//! `compute`, `decompress`, `readoff` and `input.dictionary` are dense, or sparse by rows: instead of `NAME` then stand
//! `NAME.indptr` u32 [rows + 1], `NAME.indices` u32 [values] and `NAME.values` f32 [values]. In NumPy:
//!
//! ```python
//! indptr, indices, values = (t[f"{name}.{part}"] for part in ("indptr", "indices", "values"))
//! dense = np.zeros((len(indptr) - 1, n_columns), np.float32)
//! dense[np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)), indices] = values
//! ```
//!
//! The header's `__metadata__` has one entry, `superpose`: JSON with options, seed, and the names of both axes of
//! every matrix. A signal whose stored value is the complement of what its name says is marked: `!quiet`.
//!
//! Writing is left to the `safetensors` crate. Reading is not: the crate drops duplicate tensors silently, adds
//! offsets without a check for overflow, and does not say which tensor has the wrong size. Nothing here touches a
//! path, and nothing is allocated beyond a small multiple of the bytes given.

mod header;
mod read;
mod write;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Header, NetworkError};

/// The layout described above. A file of another layout is refused.
const FORMAT: u32 = 1;
/// The only key of `__metadata__`.
const METADATA_KEY: &str = "superpose";
/// Longer metadata go to the tensor `metadata`: the format caps headers at 100 MB.
const LONGEST_METADATA_IN_HEADER: usize = 16 << 20;

/// Why bytes are not a network. Positions count bytes of the data that follows the header.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FileError {
    #[error("this is no safetensors file: it ends before its first 8 bytes")]
    NoHeader,
    #[error("this is no safetensors file: it announces a header of {length} bytes, but {limit} are the limit")]
    HeaderTooLong { length: u64, limit: u64 },
    #[error("the file is truncated: its header has {length} bytes, of which {available} are there")]
    HeaderTruncated { length: u64, available: usize },
    #[error("the header is no JSON: {reason}")]
    HeaderJson { reason: String },
    #[error("the header lists `{tensor}` twice")]
    Duplicate { tensor: String },
    #[error("tensor `{tensor}` has type `{found}`, but `{wanted}` belongs there")]
    Type { tensor: String, found: String, wanted: &'static str },
    #[error("tensor `{tensor}` has {found} dimensions, but {wanted} belong there")]
    Rank { tensor: String, found: usize, wanted: usize },
    #[error("the shape of tensor `{tensor}` is too large for any file")]
    Overflow { tensor: String },
    #[error("tensor `{tensor}` takes {found} bytes, but its shape and type need {wanted}")]
    Size { tensor: String, found: usize, wanted: usize },
    #[error("tensor `{tensor}` lies at bytes {start} to {end}, but the one before it ends at {wanted}")]
    Offsets { tensor: String, start: usize, end: usize, wanted: usize },
    #[error("the file is truncated: its tensors take {wanted} bytes, of which {found} are there")]
    Truncated { wanted: usize, found: usize },
    #[error("{excess} bytes follow the last tensor")]
    TrailingBytes { excess: usize },
    #[error("this safetensors file was not written by superpose: its metadata lack the entry `{METADATA_KEY}`")]
    NotSuperpose,
    #[error("the metadata are damaged: {reason}")]
    Metadata { reason: String },
    #[error("the file has layout {found}, but this superpose reads layout {FORMAT}")]
    Format { found: u32 },
    #[error("tensor `{tensor}` is missing")]
    Missing { tensor: String },
    #[error("tensor `{tensor}` does not belong to the network that the metadata describe")]
    Unexpected { tensor: String },
    #[error("tensor `{tensor}` is not UTF-8 text")]
    Text { tensor: String },
    #[error(transparent)]
    Network(#[from] NetworkError),
}

/// The metadata.
#[derive(Debug, Serialize, Deserialize)]
struct Document {
    format: u32,
    #[serde(flatten)]
    header: Header,
    #[serde(skip_serializing_if = "Option::is_none")]
    dictionary: Option<DictionaryDocument>,
    layers: Vec<LayerDocument>,
    /// Names of the circuit's files, in the order of `sources.{i}`.
    sources: Vec<String>,
    /// The name of the file in `rows`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct DictionaryDocument {
    kind: String,
    decoder: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct LayerDocument {
    name: String,
    n_gates: usize,
    signals: Vec<String>,
}

/// What stands in the header instead, when the document is in a tensor.
#[derive(Debug, Serialize, Deserialize)]
struct Pointer {
    format: u32,
    in_tensor: String,
}
