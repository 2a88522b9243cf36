//! A network as one safetensors file: `Network::to_bytes` and `Network::from_bytes`.
//!
//! | tensor | type | shape |
//! |---|---|---|
//! | `layers.{l}.weight` | f32 | [n_l, n_{l-1}] |
//! | `layers.{l}.bias` | f32 | [n_l] |
//! | `layers.{l}.compute` | f32 | [n_l, signals of layer l-1; for l = 0: features] |
//! | `layers.{l}.decompress` | f32 | [signals of layer l-1, n_{l-1}]; absent: the read-off below, or the identity |
//! | `layers.{l}.readoff` | f32 | [signals, n_l] |
//! | `layers.{l}.readoff_bias`, `layers.{l}.threshold` | f32 | [signals] |
//! | of a residual network, without `.weight`: `layers.{l}.W_in`, `.W_out`, `.b_out` | f32 | [n_l, d], [d, n_l], [d] |
//! | `layers.{l}.direction`, `.estimate`: W_out = Φ R, if it is known to be | f32 | [d, signals], [signals, n_l] |
//! | `layers.{l}.estimate_bias`: b_out = Φ r | f32 | [signals] |
//! | `W_E`, and `W_U` instead of every `.readoff` | f32 | [d, features], [features and all signals, d] |
//! | `heads.{h}.W_Q`, `.W_K`: score(k, q) = (W_K x_k) · (W_Q x_q) | f32 | [rank, n_{-1}] |
//! | `input.dictionary` | f32 | [n_{-1}, features]; absent where features enter one coordinate each |
//! | `sources.{i}` | u8 | the text of the circuit's i-th file |
//! | `rows` | u8 | the file of rows that inputs are drawn from, if any |
//! | `metadata` | u8 | the metadata, where they are too long for the header |
//!
//! Of a bilinear layer `.weight`, `.bias` and `.compute` have 2 n_l rows: those of what is multiplied, then those of
//! what it is multiplied by.
//!
//! `compute`, `decompress`, `readoff`, `direction`, `estimate` and `input.dictionary` are dense, or sparse by rows:
//! instead of `NAME` then stand `NAME.indptr` i32 [rows + 1], `NAME.indices` i32 [values] and `NAME.values` f32
//! [values]. In NumPy:
//!
//! ```python
//! indptr, indices, values = (t[f"{name}.{part}"] for part in ("indptr", "indices", "values"))
//! dense = np.zeros((len(indptr) - 1, n_columns), np.float32)
//! dense[np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)), indices] = values
//! ```
//!
//! Numbers are read in f16, bf16 and f64 as well, places in u32 and i64.
//!
//! The header's `__metadata__` has one entry, `superpose`: JSON with options, seed, the names of both axes of every
//! matrix, `gates`: kind and operands of each, as written, and `heads`: name, tokens and matches of each.
//! A layer whose neurons are no ReLUs says there what they do, `activation`; `mixed` are coordinates that stand in
//! another basis than they were made in, with what turned them. A signal
//! whose stored value is the complement of what its name says is marked: `!quiet`. Names of files are as seen from the
//! folder of the first: nothing tells where that was.
//!
//! Writing is left to the `safetensors` crate. Reading is not: the crate drops duplicate tensors silently, adds
//! offsets without a check for overflow, and does not say which tensor has the wrong size. Nothing here touches a
//! path, and nothing is allocated beyond a small multiple of the bytes given.

mod header;
mod read;
mod write;

use super::format::Format;
use crate::network::Network;

pub(super) const SAFETENSORS: Format = Format {
    name: "safetensors",
    summary: "everything, and what all other commands read",
    has_batch: false,
    write: |network, _| Ok(network.to_bytes()),
    read: Some(Network::from_bytes),
    // A length below 2^40, then JSON.
    begins_so: |bytes| bytes.len() > 8 && bytes[8] == b'{' && bytes[5..8] == [0, 0, 0],
};
