//! What is shipped: layers of weights with both factors kept by name, the forward pass, the file.
//!
//! A layer is a `block` (what its neurons compute), its factors, and a `readoff`. Must not know what a circuit is:
//! signals are names here.

mod block;
mod check;
#[cfg(test)]
mod example;
pub mod file;
pub mod forward;
mod header;
mod layer;
pub mod matrix;
mod readoff;
pub mod tensor;
pub mod tensors;

pub use block::{Block, Relu};
pub use check::{FACTOR_TOLERANCE, FactorError, NetworkError};
pub use file::FileError;
pub use header::{Fit, Header, NamedGate, Stopped};
pub use layer::{Factors, Layer};
pub use readoff::{Readoff, SignalName};

use matrix::Matrix;

/// A ReLU network that computes named signals in superposition.
///
/// `h_l = relu(W_l h_{l-1} + b_l)`, h_{-1} = the input coordinates; signal j of layer l is read as
/// `R_l[j] · h_l + r_l[j]` and is on where that exceeds `threshold[j]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    pub header: Header,
    /// How features enter. `None`: one coordinate each.
    pub dictionary: Option<InputDictionary>,
    pub layers: Vec<Layer>,
    /// The circuit's files, the asked-for one first: (name, text).
    pub sources: Vec<(String, String)>,
    /// The file of a `from` clause or `--inputs`: (name, bytes).
    pub rows: Option<(String, Vec<u8>)>,
}

/// Features that enter superposed: `h_{-1} = Φ x`.
#[derive(Debug, Clone, PartialEq)]
pub struct InputDictionary {
    /// Φ: [n_inputs, n_features]; a feature that is not stored has a coordinate of its own.
    pub embedding: Matrix,
    /// `gaussian`, `rademacher`, …; `linear`, `transpose`.
    pub kind: String,
    pub decoder: String,
}

impl Network {
    /// The size of h_{-1}: features that enter one coordinate each, and coordinates of the dictionary.
    pub fn n_inputs(&self) -> usize {
        match &self.dictionary {
            Some(dictionary) => dictionary.embedding.n_rows(),
            None => self.header.features.len(),
        }
    }

    /// D_l: [signals of the layer below, n_{l-1}]; `None` is the identity.
    pub fn decompress(&self, layer_idx: usize) -> Option<&Matrix> {
        match &self.layers[layer_idx].factors.decompress {
            Some(decompress) => Some(decompress),
            None => layer_idx.checked_sub(1).map(|below| &self.layers[below].readoff.matrix),
        }
    }
}
