//! `Network::to_bytes`: the same bytes for the same network, always.

use std::borrow::Cow;
use std::collections::HashMap;

use safetensors::tensor::{Dtype, View};

use super::document::{DictionaryDocument, Document, LONGEST_METADATA_IN_HEADER, LayerDocument, Pointer};
use crate::network::file::error::{FORMAT, METADATA_KEY};
use crate::network::matrix::Matrix;
use crate::network::tensor::Tensor;
use crate::network::{Network, SignalName};

impl Network {
    /// The network as a safetensors file: see the table at the head of this folder.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_bytes_with(LONGEST_METADATA_IN_HEADER)
    }

    pub(super) fn to_bytes_with(&self, longest_metadata: usize) -> Vec<u8> {
        let document = json(&self.document());
        let mut entries = self.entries();
        let metadata = if document.len() <= longest_metadata {
            document.clone()
        } else {
            entries.push(("metadata".into(), Entry::bytes(document.as_bytes())));
            json(&Pointer { format: FORMAT, in_tensor: "metadata".into() })
        };
        // The crate orders tensors by type and name, and a map of one entry has one order: so the bytes are fixed.
        let metadata = HashMap::from([(METADATA_KEY.to_string(), metadata)]);
        safetensors::serialize(entries, Some(metadata)).expect("long metadata went to a tensor, so the header is short")
    }

    fn document(&self) -> Document {
        Document {
            format: FORMAT,
            header: self.header.clone(),
            dictionary: self.dictionary.as_ref().map(|dictionary| DictionaryDocument {
                kind: dictionary.kind.clone(),
                decoder: dictionary.decoder.clone(),
            }),
            layers: self
                .layers
                .iter()
                .map(|layer| LayerDocument {
                    name: layer.name.clone(),
                    n_gates: layer.n_gates(),
                    signals: layer.readoff.signals.iter().map(marked_name).collect(),
                })
                .collect(),
            sources: self.sources.iter().map(|(name, _)| name.clone()).collect(),
            rows: self.rows.as_ref().map(|(name, _)| name.clone()),
        }
    }

    fn entries(&self) -> Vec<(String, Entry<'_>)> {
        let mut entries = Vec::new();
        for (name, tensor) in self.tensors() {
            push_tensor(&mut entries, name, tensor);
        }
        for (source_idx, (_, text)) in self.sources.iter().enumerate() {
            entries.push((format!("sources.{source_idx}"), Entry::bytes(text.as_bytes())));
        }
        if let Some((_, bytes)) = &self.rows {
            entries.push(("rows".into(), Entry::bytes(bytes)));
        }
        entries
    }
}

fn json(document: &impl serde::Serialize) -> String {
    serde_json::to_string(document).expect("strings, numbers and lists are always JSON")
}

/// A name, marked where the stored value is the complement.
fn marked_name(signal: &SignalName) -> String {
    if signal.complemented { format!("!{}", signal.name) } else { signal.name.clone() }
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

/// Borrowed values with their shape; turned into bytes one tensor at a time.
struct Entry<'a> {
    shape: Vec<usize>,
    values: Values<'a>,
}

enum Values<'a> {
    F32(&'a [f32]),
    /// Below 2^31: written as `i32`, which every reader knows.
    Places(&'a [u32]),
    U8(&'a [u8]),
}

impl<'a> Entry<'a> {
    fn vector(values: &'a [f32]) -> Entry<'a> {
        Entry { shape: vec![values.len()], values: Values::F32(values) }
    }
    fn places(values: &'a [u32]) -> Entry<'a> {
        Entry { shape: vec![values.len()], values: Values::Places(values) }
    }
    fn bytes(values: &'a [u8]) -> Entry<'a> {
        Entry { shape: vec![values.len()], values: Values::U8(values) }
    }
}

impl View for Entry<'_> {
    fn dtype(&self) -> Dtype {
        match self.values {
            Values::F32(_) => Dtype::F32,
            Values::Places(_) => Dtype::I32,
            Values::U8(_) => Dtype::U8,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        match self.values {
            Values::F32(values) => Cow::Owned(little_endian(values.iter().map(|value| value.to_le_bytes()))),
            Values::Places(values) => Cow::Owned(little_endian(values.iter().map(|value| value.to_le_bytes()))),
            Values::U8(values) => Cow::Borrowed(values),
        }
    }

    fn data_len(&self) -> usize {
        match self.values {
            Values::F32(values) => size_of_val(values),
            Values::Places(values) => size_of_val(values),
            Values::U8(values) => values.len(),
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
