//! A network as an ONNX file, which every runtime of neural networks can run: `Gemm` and `Relu`, or `Mul`, alone.
//!
//! | what | name | shape |
//! |---|---|---|
//! | the only input, 0 or 1 | `features` | [batch, features] |
//! | an output for each layer, in order | `layers.{l}.readoffs` | [batch, signals] |
//! | between them | `layers.{l}.preactivations`, `layers.{l}.activations` | [batch, n_l] |
//! | the same of stored inputs | `input.coordinates` | [batch, n_{-1}] |
//! | the same of a residual network, x_0 | `input.coordinates` | [batch, d] |
//! | and the stream above a layer, less all b_out | `layers.{l}.stream` | [batch, d] |
//! | of each head, whose score is their product, token by token | `heads.{h}.keys`, `.queries` | [batch, rank] |
//!
//! A layer adds to a stream by its `Gemm`, whose third operand is the stream below. That leaves no place for b_out:
//! `.bias` and `.readoff_bias` of what reads the stream have all of it that was added below.
//!
//! Neurons that are no ReLUs are `Mul`: a square of its own pre-activations, and of a bilinear layer the product of
//! `layers.{l}.left` and `.right`, whose weights are `.left_weight` and `.right_weight`, likewise `_bias`: the two
//! halves of the rows of `layers.{l}.weight`. A linear layer has its `Gemm` alone.
//!
//! Weights are called as in a safetensors file, and are dense: `input.dictionary`, `layers.{l}.weight`, `.bias`,
//! `.readoff`, `.readoff_bias`, `heads.{h}.W_Q`, `.W_K`. The model's metadata say what its numbers mean: `superpose` is
//! the JSON that a safetensors file has, with the names of both axes; `layers.{l}.threshold` a layer's thresholds, as a
//! list in JSON; `sources.{i}` the text of the circuit's i-th file. The factors C and D stay out, which no runtime
//! needs.

use std::ops::Range;

use ndarray::s;

use super::document::{Document, json};
use super::entry::source_name;
use super::error::{METADATA_KEY, WriteError};
use super::format::{Format, Written};
use crate::network::head::name_in_head;
use crate::network::tensors::{DICTIONARY, EMBEDDING, KEYS, QUERIES, name_in_layer};
use crate::network::{Activation, Block, Network};
use crate::onnx::{Graph, Size};

pub(super) const ONNX: Format = Format {
    name: "onnx",
    summary: "a graph of Gemm and Relu (or Mul), from `features` to the read-offs of every layer, for any runtime",
    has_batch: true,
    write,
    read: None,
    // Which version of the format, at most 127; then who wrote it.
    begins_so: |bytes| bytes.len() > 2 && bytes[0] == 0x08 && bytes[2] == 0x12,
};

const INPUT: &str = "features";
const COORDINATES: &str = "input.coordinates";

/// What a message of protocol buffers can be long, less room for all that is no weight and no text.
const MOST_BYTES: u64 = (1 << 31) - (1 << 20);

fn write(network: &Network, written: &Written) -> Result<Vec<u8>, WriteError> {
    let metadata = metadata(network);
    let n_bytes = n_bytes(network, &metadata);
    if n_bytes > MOST_BYTES {
        return Err(WriteError::TooLargeForOnnx { n_bytes, most: MOST_BYTES });
    }
    let mut graph = graph(network, written);
    metadata.into_iter().for_each(|(key, text)| graph.add_metadata(key, text));
    Ok(graph.to_bytes())
}

/// Weights, zeros included, and texts; a little too many, so that biases are counted as well.
fn n_bytes(network: &Network, metadata: &[(String, String)]) -> u64 {
    let n_texts: u64 = metadata.iter().map(|(key, text)| (key.len() + text.len()) as u64).sum();
    let matrices = network.layers.iter().flat_map(|layer| {
        let (weight, is_residual) = (layer.block.weight().dim(), layer.block.is_residual());
        [weight, if is_residual { weight } else { (0, 0) }, layer.readoff.matrix.shape()]
    });
    let of_heads = network.heads.iter().flat_map(|head| [head.queries.dim(), head.keys.dim()]);
    let matrices =
        matrices.chain(of_heads).chain(network.dictionary.iter().map(|dictionary| dictionary.embedding.shape()));
    let n_weights = matrices.map(|(n_rows, n_columns)| (n_rows as u64 + 1).saturating_mul(n_columns as u64 + 1));
    n_weights.fold(n_texts, |sum, n| sum.saturating_add(n.saturating_mul(4)))
}

fn metadata(network: &Network) -> Vec<(String, String)> {
    let thresholds = network.layers.iter().enumerate().map(|(layer_idx, layer)| {
        let threshold = &layer.readoff.threshold;
        (name_in_layer(layer_idx, "threshold"), json(threshold))
    });
    let sources = network.sources.iter().enumerate().map(|(idx, (_, text))| (source_name(idx), text.clone()));
    let document = (METADATA_KEY.to_owned(), json(&Document::of(network)));
    [document].into_iter().chain(thresholds).chain(sources).collect()
}

fn graph(network: &Network, written: &Written) -> Graph {
    let network = &*network.without_offsets();
    let batch = written.batch.map_or(Size::Named("batch"), |batch| Size::Fixed(batch as usize));
    let mut graph = Graph::new(&network.header.circuit);
    graph.describe(format!(
        "The circuit {} in superposition. `{INPUT}` are 0 or 1; signal j of layer l is on where layers.l.readoffs[:, \
         j] exceeds layers.l.threshold[j], which is among the metadata, as are the names of features and signals \
         (JSON in `{METADATA_KEY}`; `!name` reads the complement).",
        network.header.circuit
    ));
    graph.input(INPUT, &[batch, Size::Fixed(network.header.features.len())]);
    let mut below = INPUT.to_owned();
    let dictionary_name = if network.is_residual() { EMBEDDING } else { DICTIONARY };
    if let Some(dictionary) = &network.dictionary {
        graph.gemm(COORDINATES, &below, (dictionary_name.to_owned(), dictionary.embedding.to_dense()), None);
        below = COORDINATES.to_owned();
    }
    for (layer_idx, layer) in network.layers.iter().enumerate() {
        let name = |name: &str| name_in_layer(layer_idx, name);
        let (before, after, readoffs) = (name("preactivations"), name("activations"), name("readoffs"));
        let (weight, bias) = (layer.block.weight(), layer.block.bias());
        let mut sums = |sums: &str, rows: Range<usize>, weight_name: &str, bias_name: &str| {
            let weight = (name(weight_name), weight.slice(s![rows.clone(), ..]).to_owned());
            graph.gemm(sums, &below, weight, Some((name(bias_name), bias[rows].to_vec())));
        };
        let n = layer.width();
        below = match &layer.block {
            Block::Relu(_) => {
                sums(&before, 0..n, "weight", "bias");
                graph.relu(&after, &before);
                after
            }
            Block::Polynomial(block) => match block.activation {
                Activation::Linear => {
                    sums(&after, 0..n, "weight", "bias");
                    after
                }
                Activation::Quadratic => {
                    sums(&before, 0..n, "weight", "bias");
                    graph.mul(&after, &before, &before);
                    after
                }
                Activation::Bilinear => {
                    let (left, right) = (name("left"), name("right"));
                    sums(&left, 0..n, "left_weight", "left_bias");
                    sums(&right, n..2 * n, "right_weight", "right_bias");
                    graph.mul(&after, &left, &right);
                    after
                }
            },
            Block::Residual(residual) => {
                sums(&before, 0..n, "W_in", "bias");
                graph.relu(&after, &before);
                let stream = name("stream");
                graph.gemm_onto(&stream, &after, (name("W_out"), residual.writes.clone()), &below);
                stream
            }
        };
        let bias = (name("readoff_bias"), layer.readoff.bias.clone());
        graph.gemm(&readoffs, &below, (name("readoff"), layer.readoff.matrix.to_dense()), Some(bias));
        graph.output(&readoffs, &[batch, Size::Fixed(layer.n_signals())]);
    }
    for (head_idx, head) in network.heads.iter().enumerate() {
        for (output, factor, matrix) in [("keys", KEYS, &head.keys), ("queries", QUERIES, &head.queries)] {
            let output = name_in_head(head_idx, output);
            graph.gemm(&output, COORDINATES, (name_in_head(head_idx, factor), matrix.clone()), None);
            graph.output(&output, &[batch, Size::Fixed(head.rank())]);
        }
    }
    graph
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::network::Relu;
    use crate::network::example;
    use crate::network::matrix::{Matrix, SparseMatrix};

    #[test]
    fn the_same_network_is_the_same_bytes() {
        let polynomials = Activation::ALL.map(example::polynomial);
        let others = [example::stacked(), example::stored(), example::residual(), example::attending()];
        for network in others.into_iter().chain(polynomials) {
            let bytes = write(&network, &Written::default()).unwrap();
            assert_eq!(write(&network, &Written::default()).unwrap(), bytes);
            assert!((ONNX.begins_so)(&bytes));
            assert!(bytes.len() as u64 <= n_bytes(&network, &metadata(&network)) + (1 << 12));
        }
    }

    #[test]
    fn what_no_onnx_file_can_hold_is_refused_before_it_is_made() {
        let mut network = example::stacked();
        let top = &mut network.layers[1];
        let width = 60_000;
        top.block = Block::Relu(Relu { weight: Array2::zeros((width, 5)), bias: vec![0.0; width] });
        top.readoff.matrix = Matrix::Sparse(SparseMatrix::zeros(10_000, width));
        let refused = write(&network, &Written::default());
        assert!(matches!(refused, Err(WriteError::TooLargeForOnnx { n_bytes: 2_400_000_000.., .. })), "{refused:?}");
    }
}
