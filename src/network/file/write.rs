//! `Network::to_bytes`: the same bytes for the same network, always.

use std::borrow::Cow;
use std::collections::HashMap;

use safetensors::tensor::{Dtype, View};

use super::{DictionaryDocument, Document, FORMAT, LONGEST_METADATA_IN_HEADER, LayerDocument, METADATA_KEY, Pointer};
use crate::network::matrix::Matrix;
use crate::network::{Network, SignalName};

impl Network {
    /// The network as a safetensors file: see the table at the head of this folder.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_bytes_with(LONGEST_METADATA_IN_HEADER)
    }

    pub(super) fn to_bytes_with(&self, longest_metadata: usize) -> Vec<u8> {
        let document = json(&self.document());
        let mut tensors = self.tensors();
        let metadata = if document.len() <= longest_metadata {
            document.clone()
        } else {
            tensors.push(("metadata".into(), Tensor::bytes(document.as_bytes())));
            json(&Pointer { format: FORMAT, in_tensor: "metadata".into() })
        };
        // The crate orders tensors by type and name, and a map of one entry has one order: so the bytes are fixed.
        let metadata = HashMap::from([(METADATA_KEY.to_string(), metadata)]);
        safetensors::serialize(tensors, Some(metadata)).expect("long metadata went to a tensor, so the header is short")
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
                    n_gates: layer.n_gates,
                    signals: layer.signals.iter().map(marked_name).collect(),
                })
                .collect(),
            sources: self.sources.iter().map(|(name, _)| name.clone()).collect(),
            rows: self.rows.as_ref().map(|(name, _)| name.clone()),
        }
    }

    fn tensors(&self) -> Vec<(String, Tensor<'_>)> {
        let mut tensors = Vec::new();
        for (layer_idx, layer) in self.layers.iter().enumerate() {
            let name = |part: &str| format!("layers.{layer_idx}.{part}");
            let weight = layer.weight.as_slice().expect("weights are kept row-major");
            tensors.push((name("weight"), Tensor { shape: layer.weight.shape().into(), values: Values::F32(weight) }));
            tensors.push((name("bias"), Tensor::vector(&layer.bias)));
            push_matrix(&mut tensors, name("compute"), &layer.compute);
            if let Some(decompress) = &layer.decompress {
                push_matrix(&mut tensors, name("decompress"), decompress);
            }
            push_matrix(&mut tensors, name("readoff"), &layer.readoff);
            tensors.push((name("readoff_bias"), Tensor::vector(&layer.readoff_bias)));
            tensors.push((name("threshold"), Tensor::vector(&layer.threshold)));
        }
        if let Some(dictionary) = &self.dictionary {
            push_matrix(&mut tensors, "input.dictionary".into(), &dictionary.embedding);
        }
        for (source_idx, (_, text)) in self.sources.iter().enumerate() {
            tensors.push((format!("sources.{source_idx}"), Tensor::bytes(text.as_bytes())));
        }
        if let Some((_, bytes)) = &self.rows {
            tensors.push(("rows".into(), Tensor::bytes(bytes)));
        }
        tensors
    }
}

fn json(document: &impl serde::Serialize) -> String {
    serde_json::to_string(document).expect("strings, numbers and lists are always JSON")
}

/// A name, marked where the stored value is the complement.
fn marked_name(signal: &SignalName) -> String {
    if signal.complemented { format!("!{}", signal.name) } else { signal.name.clone() }
}

fn push_matrix<'a>(tensors: &mut Vec<(String, Tensor<'a>)>, name: String, matrix: &'a Matrix) {
    match matrix {
        Matrix::Dense(_) => {
            let shape = [matrix.n_rows(), matrix.n_columns()];
            tensors.push((name, Tensor { shape: shape.into(), values: Values::F32(matrix.values()) }));
        }
        Matrix::Sparse(sparse) => {
            tensors.push((format!("{name}.indptr"), Tensor::indices(&sparse.indptr)));
            tensors.push((format!("{name}.indices"), Tensor::indices(&sparse.indices)));
            tensors.push((format!("{name}.values"), Tensor::vector(&sparse.values)));
        }
    }
}

/// Borrowed values with their shape; turned into bytes one tensor at a time.
struct Tensor<'a> {
    shape: Vec<usize>,
    values: Values<'a>,
}

enum Values<'a> {
    F32(&'a [f32]),
    U32(&'a [u32]),
    U8(&'a [u8]),
}

impl<'a> Tensor<'a> {
    fn vector(values: &'a [f32]) -> Tensor<'a> {
        Tensor { shape: vec![values.len()], values: Values::F32(values) }
    }
    fn indices(values: &'a [u32]) -> Tensor<'a> {
        Tensor { shape: vec![values.len()], values: Values::U32(values) }
    }
    fn bytes(values: &'a [u8]) -> Tensor<'a> {
        Tensor { shape: vec![values.len()], values: Values::U8(values) }
    }
}

impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        match self.values {
            Values::F32(_) => Dtype::F32,
            Values::U32(_) => Dtype::U32,
            Values::U8(_) => Dtype::U8,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        match self.values {
            Values::F32(values) => Cow::Owned(little_endian(values.iter().map(|value| value.to_le_bytes()))),
            Values::U32(values) => Cow::Owned(little_endian(values.iter().map(|value| value.to_le_bytes()))),
            Values::U8(values) => Cow::Borrowed(values),
        }
    }

    fn data_len(&self) -> usize {
        match self.values {
            Values::F32(values) => size_of_val(values),
            Values::U32(values) => size_of_val(values),
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
