//! Why bytes are not a network, and why a network is no such bytes.

use thiserror::Error;

use crate::network::NetworkError;

/// The layout of the safetensors files. A file of another layout is refused.
pub(super) const FORMAT: u32 = 1;
/// What the metadata are called, in every format.
pub(super) const METADATA_KEY: &str = "superpose";

/// Why a network cannot be written so.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WriteError {
    #[error("without its zeros left out the network has {n_bytes} bytes, and an ONNX file can have {most}")]
    TooLargeForOnnx { n_bytes: u64, most: u64 },
}

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
