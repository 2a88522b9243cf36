//! Every tensor of a network, by name, in one place.
//!
//! Files are written and read by this walk, shapes are checked, weights counted and hashed: what a new kind of layer
//! lists is in all of them. Must not know files.

use super::head::name_in_head;
use super::layer::{Factors, Layer, Written};
use super::matrix::Matrix;
use super::readoff::Readoff;
use super::tensor::{Place, Shape, Slot, Tensor, TensorRow, each_of, each_slot_of};
use super::{Head, Network};

/// Φ of stored inputs.
pub const DICTIONARY: &str = "input.dictionary";

/// The same of a residual network, whose decoder of all signals is one tensor: D of layer 0 and R of every layer.
pub const EMBEDDING: &str = "W_E";
pub const UNEMBEDDING: &str = "W_U";

/// Φ of what a layer adds to a stream; where it is, R and r are.
pub const DIRECTION: &str = "direction";

/// The factors of a head's W_QK = W_Kᵀ W_Q.
pub const QUERIES: &str = "W_Q";
pub const KEYS: &str = "W_K";

const FACTORS: [TensorRow<Factors>; 2] = [
    TensorRow {
        name: "compute",
        shape: |sizes| (sizes.n_maps * sizes.width, sizes.n_signals_below),
        place: Place::Matrix(|factors| &factors.compute, |factors| &mut factors.compute),
    },
    TensorRow {
        name: "decompress",
        shape: |sizes| (sizes.n_signals_below, sizes.n_below),
        place: Place::Optional(|factors| &factors.decompress, |factors| &mut factors.decompress),
    },
];

const READOFF: [TensorRow<Readoff>; 3] = [
    TensorRow {
        name: "readoff",
        shape: |sizes| (sizes.n_signals, sizes.n_above),
        place: Place::Matrix(|readoff| &readoff.matrix, |readoff| &mut readoff.matrix),
    },
    TensorRow {
        name: "readoff_bias",
        shape: |sizes| (sizes.n_signals, 1),
        place: Place::Vector(|readoff| &readoff.bias, |readoff| &mut readoff.bias),
    },
    TensorRow {
        name: "threshold",
        shape: |sizes| (sizes.n_signals, 1),
        place: Place::Vector(|readoff| &readoff.threshold, |readoff| &mut readoff.threshold),
    },
];

const WRITTEN: [TensorRow<Written>; 3] = [
    TensorRow {
        name: DIRECTION,
        shape: |sizes| (sizes.n_above, sizes.n_signals),
        place: Place::Matrix(|written| &written.direction, |written| &mut written.direction),
    },
    TensorRow {
        name: "estimate",
        shape: |sizes| (sizes.n_signals, sizes.width),
        place: Place::Matrix(|written| &written.estimate, |written| &mut written.estimate),
    },
    TensorRow {
        name: "estimate_bias",
        shape: |sizes| (sizes.n_signals, 1),
        place: Place::Vector(|written| &written.estimate_bias, |written| &mut written.estimate_bias),
    },
];

/// The name of a tensor of layer `layer_idx`.
pub fn name_in_layer(layer_idx: usize, name: &str) -> String {
    format!("layers.{layer_idx}.{name}")
}

impl Layer {
    /// Visits name, fitting shape and tensor (`None` where it is absent) of each: of the block, the factors, the
    /// read-off.
    pub fn each_tensor<'a, E>(
        &'a self,
        visit: &mut impl FnMut(&'static str, Shape, Option<Tensor<'a>>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.block.each_tensor(visit)?;
        each_of(&FACTORS, &self.factors, visit)?;
        self.factors.written.iter().try_for_each(|written| each_of(&WRITTEN, written, visit))?;
        each_of(&READOFF, &self.readoff, visit)
    }

    /// The same, to be filled in.
    pub fn each_slot<E>(
        &mut self,
        visit: &mut impl FnMut(&'static str, Shape, Slot<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.block.each_slot(visit)?;
        each_slot_of(&FACTORS, &mut self.factors, visit)?;
        self.factors.written.iter_mut().try_for_each(|written| each_slot_of(&WRITTEN, written, visit))?;
        each_slot_of(&READOFF, &mut self.readoff, visit)
    }
}

impl Network {
    /// Every tensor that is there, by its full name: the dictionary, then layer by layer, then head by head.
    pub fn tensors(&self) -> Vec<(String, Tensor<'_>)> {
        let dictionary = self.dictionary.iter().map(|dictionary| Tensor::Matrix(&dictionary.embedding));
        let name = if self.is_residual() { EMBEDDING } else { DICTIONARY };
        let mut tensors: Vec<(String, Tensor)> = dictionary.map(|tensor| (name.to_string(), tensor)).collect();
        for (layer_idx, layer) in self.layers.iter().enumerate() {
            let walked: Result<(), std::convert::Infallible> = layer.each_tensor(&mut |name, _, tensor| {
                tensors.extend(tensor.map(|tensor| (name_in_layer(layer_idx, name), tensor)));
                Ok(())
            });
            let Ok(()) = walked;
        }
        for (head_idx, head) in self.heads.iter().enumerate() {
            let both = [(QUERIES, &head.queries), (KEYS, &head.keys)];
            tensors.extend(both.map(|(name, matrix)| (name_in_head(head_idx, name), Tensor::Dense(matrix))));
        }
        tensors
    }

    /// Nonzeros of all blocks (W and b), of the last read-off, and of the heads.
    pub fn parameters(&self) -> u64 {
        let of_blocks: usize = self.layers.iter().map(|layer| layer.block.n_nonzeros()).sum();
        let of_heads: usize = self.heads.iter().map(Head::n_nonzeros).sum();
        (of_heads + of_blocks + self.layers.last().map_or(0, |last| last.readoff.matrix.n_nonzeros())) as u64
    }

    /// A hash over the names, the shapes and the bits of every tensor, in the manner of FNV-1a, a word at a time, and
    /// what neurons do that are no ReLUs; 16 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut add = |word: u32| hash = (hash ^ u64::from(word)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
        for (name, tensor) in self.tensors() {
            let (n_rows, n_columns) = tensor.shape();
            name.bytes().for_each(|byte| add(byte.into()));
            [n_rows, n_columns].into_iter().for_each(|size| add(size as u32));
            if let Tensor::Matrix(Matrix::Sparse(sparse)) = tensor {
                sparse.indptr.iter().chain(&sparse.indices).for_each(|&place| add(place));
            }
            tensor.values().iter().for_each(|value| add(value.to_bits()));
        }
        let activations = self.layers.iter().filter_map(|layer| layer.block.activation());
        activations.flat_map(|activation| activation.name().bytes()).for_each(|byte| add(byte.into()));
        format!("{hash:016x}")
    }
}
