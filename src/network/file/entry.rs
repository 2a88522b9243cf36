//! What a file holds beside the metadata: every tensor by its full name, the texts of the circuit, its rows.
//!
//! Must not know a format.

use std::borrow::Cow;

use crate::network::Network;
use crate::network::matrix::Matrix;
use crate::network::tensor::Tensor;
use crate::network::tensors::UNEMBEDDING;

/// Borrowed values with their shape; turned into bytes one entry at a time.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) shape: Vec<usize>,
    pub(super) values: Values<'a>,
}

#[derive(Debug)]
pub(super) enum Values<'a> {
    F32(&'a [f32]),
    /// Row by row, of matrices that stand one below the other.
    Stacked(Vec<&'a [f32]>),
    /// Below 2^31: written as `i32`, which every reader knows.
    Places(&'a [u32]),
    U8(&'a [u8]),
}

impl<'a> Entry<'a> {
    /// All of a network, in order.
    pub(super) fn each_of(network: &'a Network) -> Vec<(String, Entry<'a>)> {
        let mut entries = Vec::new();
        let mut unembedding = Vec::new();
        for (name, tensor) in network.tensors() {
            match network.is_residual() && is_of_unembedding(&name) {
                true => unembedding.push(tensor),
                false => push_tensor(&mut entries, name, tensor),
            }
        }
        if let Some(first) = unembedding.first() {
            let n_rows = unembedding.iter().map(|part| part.shape().0).sum();
            let shape = vec![n_rows, first.shape().1];
            let values = Values::Stacked(unembedding.iter().map(|part| part.values()).collect());
            entries.push((UNEMBEDDING.into(), Entry { shape, values }));
        }
        for (source_idx, (_, text)) in network.sources.iter().enumerate() {
            entries.push((source_name(source_idx), Entry::bytes(text.as_bytes())));
        }
        if let Some((_, bytes)) = &network.rows {
            entries.push(("rows".into(), Entry::bytes(bytes)));
        }
        entries
    }

    fn vector(values: &'a [f32]) -> Entry<'a> {
        Entry { shape: vec![values.len()], values: Values::F32(values) }
    }

    fn places(values: &'a [u32]) -> Entry<'a> {
        Entry { shape: vec![values.len()], values: Values::Places(values) }
    }

    pub(super) fn bytes(values: &'a [u8]) -> Entry<'a> {
        Entry { shape: vec![values.len()], values: Values::U8(values) }
    }

    /// Row by row, each value with its lowest byte first.
    pub(super) fn data(&self) -> Cow<'a, [u8]> {
        match &self.values {
            Values::F32(values) => Cow::Owned(little_endian(values.iter().map(|value| value.to_le_bytes()))),
            Values::Stacked(parts) => {
                let parts = parts.iter().map(|part| little_endian(part.iter().map(|value| value.to_le_bytes())));
                Cow::Owned(parts.collect::<Vec<_>>().concat())
            }
            Values::Places(values) => Cow::Owned(little_endian(values.iter().map(|value| value.to_le_bytes()))),
            Values::U8(values) => Cow::Borrowed(values),
        }
    }

    pub(super) fn n_bytes(&self) -> usize {
        match &self.values {
            Values::F32(values) => size_of_val(*values),
            Values::Stacked(parts) => parts.iter().map(|part| size_of_val(*part)).sum(),
            Values::Places(values) => size_of_val(*values),
            Values::U8(values) => values.len(),
        }
    }
}

/// Whether a tensor of a residual network is written as rows of W_U.
pub(super) fn is_of_unembedding(name: &str) -> bool {
    name.ends_with(".readoff") || name.ends_with(".decompress")
}

/// Of the text of a file of the circuit.
pub(super) fn source_name(source_idx: usize) -> String {
    format!("sources.{source_idx}")
}

fn push_tensor<'a>(entries: &mut Vec<(String, Entry<'a>)>, name: String, tensor: Tensor<'a>) {
    match tensor {
        Tensor::Vector(values) => entries.push((name, Entry::vector(values))),
        Tensor::Matrix(Matrix::Sparse(sparse)) => {
            entries.push((format!("{name}.indptr"), Entry::places(&sparse.indptr)));
            entries.push((format!("{name}.indices"), Entry::places(&sparse.indices)));
            entries.push((format!("{name}.values"), Entry::vector(&sparse.values)));
        }
        Tensor::Matrix(Matrix::Dense(_)) | Tensor::Dense(_) => {
            let (n_rows, n_columns) = tensor.shape();
            entries.push((name, Entry { shape: vec![n_rows, n_columns], values: Values::F32(tensor.values()) }));
        }
    }
}

fn little_endian(words: impl ExactSizeIterator<Item = [u8; 4]>) -> Vec<u8> {
    let mut bytes = vec![0; 4 * words.len()];
    for (target, word) in bytes.chunks_exact_mut(4).zip(words) {
        target.copy_from_slice(&word);
    }
    bytes
}
