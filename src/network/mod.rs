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
mod head;
mod header;
mod layer;
pub mod matrix;
mod readoff;
mod study;
pub mod tensor;
pub mod tensors;

pub use block::{Block, Relu, Residual};
pub use check::{FACTOR_TOLERANCE, FactorError, NetworkError};
pub use file::FileError;
pub use head::Head;
pub use header::{Fit, Header, NamedGate, Stopped};
pub use layer::{Factors, Layer, Written};
pub use readoff::{Readoff, SignalName};
pub use study::{Freeze, Loss, Study};

use std::borrow::Cow;
use std::ops::Range;

use ndarray::{Array2, Axis, concatenate};

use matrix::Matrix;

/// A ReLU network that computes named signals in superposition.
///
/// `h_l = relu(W_l h_{l-1} + b_l)`, h_{-1} = the input coordinates; signal j of layer l is read as
/// `R_l[j] · h_l + r_l[j]` and is on where that exceeds `threshold[j]`.
///
/// Of a residual network every layer reads a stream x of d dimensions and adds to it, x_0 = W_E f of the features f:
/// `h_l = relu(W_in_l x_l + b_l)`, `x_{l+1} = x_l + W_out_l h_l + b_out_l`. Nothing is carried, for whatever is written
/// stays; the gates of layer l are read off x_{l+1}. Rows of one decoder W_U read every signal off every x: first the
/// features (D of layer 0), then the gates of each layer (its R).
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    pub header: Header,
    /// How features enter. `None`: one coordinate each.
    pub dictionary: Option<InputDictionary>,
    pub layers: Vec<Layer>,
    /// Attention heads over what features enter as; only where some enter in superposition.
    pub heads: Vec<Head>,
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

impl InputDictionary {
    /// Columns of Φ over some of its rows: [features, coordinates].
    pub fn vectors(&self, coordinates: Range<usize>, features: &[u32]) -> Array2<f64> {
        let mut vectors = Array2::zeros((features.len(), coordinates.len()));
        let mut row = vec![0f32; self.embedding.n_columns()];
        for (coordinate, mut column) in coordinates.zip(vectors.columns_mut()) {
            self.embedding.copy_row(coordinate, &mut row);
            column.iter_mut().zip(features).for_each(|(value, &feature)| *value = f64::from(row[feature as usize]));
        }
        vectors
    }
}

impl Network {
    /// The size of h_{-1}: features that enter one coordinate each, and coordinates of the dictionary.
    pub fn n_inputs(&self) -> usize {
        match &self.dictionary {
            Some(dictionary) => dictionary.embedding.n_rows(),
            None => self.header.features.len(),
        }
    }

    /// Whether layers add to a stream.
    pub fn is_residual(&self) -> bool {
        self.layers.first().is_some_and(|layer| layer.block.is_residual())
    }

    /// D_l: [signals of the layer below, n_{l-1}], or of a residual network [signals of all layers below, d]; `None` is
    /// the identity.
    pub fn decompress(&self, layer_idx: usize) -> Option<Cow<'_, Matrix>> {
        match (&self.layers[layer_idx].factors.decompress, layer_idx.checked_sub(1)) {
            (Some(decompress), _) => Some(Cow::Borrowed(decompress)),
            (None, Some(_)) if self.is_residual() => Some(Cow::Owned(Matrix::Dense(self.unembedding(layer_idx)))),
            (None, Some(below)) => Some(Cow::Borrowed(&self.layers[below].readoff.matrix)),
            (None, None) => None,
        }
    }

    /// The rows of W_U that read the features and the gates of the first so many layers.
    ///
    /// Panics where the network is not residual.
    pub fn unembedding(&self, n_layers: usize) -> Array2<f32> {
        let of_features = self.layers[0].factors.decompress.as_ref().expect("a stream has a decoder");
        let of_layers = self.layers[..n_layers].iter().map(|layer| &layer.readoff.matrix);
        let parts: Vec<Array2<f32>> = [of_features].into_iter().chain(of_layers).map(Matrix::to_dense).collect();
        let parts: Vec<_> = parts.iter().map(|part| part.view()).collect();
        concatenate(Axis(0), &parts).expect("all read one stream")
    }

    /// The same network, up to rounding, in which no layer adds b_out: what reads the stream above has it among its
    /// biases. One whose layers add to no stream is as it was.
    pub fn without_offsets(&self) -> Cow<'_, Network> {
        if !self.is_residual() {
            return Cow::Borrowed(self);
        }
        let mut network = self.clone();
        let mut offset = vec![0.0; self.n_inputs()];
        for layer in &mut network.layers {
            let Block::Residual(residual) = &mut layer.block else { unreachable!("all layers add to the stream") };
            add_product(&mut residual.bias, &residual.reads, &offset);
            offset.iter_mut().zip(&residual.offset).for_each(|(sum, &more)| *sum += f64::from(more));
            residual.offset.fill(0.0);
            add_product(&mut layer.readoff.bias, &layer.readoff.matrix.to_dense(), &offset);
        }
        Cow::Owned(network)
    }
}

/// b += M v, each sum rounded once.
fn add_product(biases: &mut [f32], matrix: &Array2<f32>, vector: &[f64]) {
    for (bias, row) in biases.iter_mut().zip(matrix.rows()) {
        let more: f64 = row.iter().zip(vector).map(|(&weight, value)| f64::from(weight) * value).sum();
        *bias = (f64::from(*bias) + more) as f32;
    }
}
