//! The network that a verifier is given: the layers up to the one that is read, and the gadget beside them, one input
//! and one output, as chains of `Gemm` and `Relu`.
//!
//! What stands side by side is one matrix, with zeros between: these files have no sparse matrices. Above the first
//! layer the sums of the gadget are handed on, which a ReLU leaves as they are, since none is below 0 on the box.
//!
//! A stream can be negative, but it is a sum of features and neurons, none of which is: these are handed on, and what
//! reads the stream reads them, by products that are rounded once. So no verifier needs to know of a `Gemm` that adds
//! one tensor to another. Must not know what is asked.

use ndarray::{Array2, Axis, concatenate, s};

use super::gadget::Gadget;
use crate::linear;
use crate::network::{Block, Layer, Network};
use crate::onnx::{Graph, Size};

pub const INPUT: &str = "X";
pub const OUTPUT: &str = "Y";

/// What a model reads: some signals of a layer, then the sums of the gadget.
#[derive(Debug, Clone, Copy)]
pub struct Read<'a> {
    /// Without offsets.
    pub network: &'a Network,
    pub layer_idx: usize,
    /// Of the layer's, ascending.
    pub signals: &'a [usize],
    pub gadget: &'a Gadget,
}

impl Read<'_> {
    pub fn n_outputs(&self) -> usize {
        self.signals.len() + self.gadget.sums.len()
    }

    fn layers(&self) -> &[Layer] {
        &self.network.layers[..=self.layer_idx]
    }

    /// Weights of all matrices, zeros included.
    pub fn n_weights(&self) -> u64 {
        let (n_features, n_inputs) = (self.network.header.features.len() as u64, self.network.n_inputs() as u64);
        let (n_neurons, n_sums) = (self.gadget.neurons.len() as u64, self.gadget.sums.len() as u64);
        let stored = self.is_stored().then_some((n_inputs + n_features, n_features));
        let mut handed_on = n_features;
        let mut below = stored.map_or(n_features, |(n_rows, _)| n_rows);
        let mut n_weights = stored.map_or(0, |(n_rows, n_columns)| n_rows.saturating_mul(n_columns));
        for (layer_idx, layer) in self.layers().iter().enumerate() {
            let n_beside = if layer_idx == 0 { n_neurons } else { n_sums };
            let mut n_rows = layer.width() as u64 + n_beside;
            if layer.block.is_residual() {
                n_rows += handed_on;
                handed_on += layer.width() as u64;
            }
            n_weights = n_weights.saturating_add(n_rows.saturating_mul(below));
            below = n_rows;
        }
        n_weights.saturating_add((self.n_outputs() as u64).saturating_mul(below))
    }

    /// The model: Y [1, outputs] of X [1, features].
    pub fn graph(&self, name: &str) -> Graph {
        let n_features = self.network.header.features.len();
        let mut graph = Graph::new(name);
        graph.input(INPUT, &[1, n_features].map(Size::Fixed));
        let mut below = INPUT.to_owned();
        if let Some(dictionary) = self.network.dictionary.as_ref().filter(|_| self.is_stored()) {
            // The coordinates, and the features as they are.
            let weight = beneath(&dictionary.embedding.to_dense(), &Array2::eye(n_features));
            let bias = vec![0.0; weight.nrows()];
            gemm(&mut graph, "stored", &below, weight, bias);
            below = "stored".into();
        }
        let mut sums = self.sums();
        let (maps, (weight, bias)) = self.maps();
        for (layer_idx, (weight, bias)) in maps.into_iter().enumerate() {
            let (beside, bias_beside) = match layer_idx {
                0 => self.neurons(),
                _ => (sums, vec![0.0; self.gadget.sums.len()]),
            };
            let stands_on_features = layer_idx == 0 && !self.is_stored();
            let weight = match stands_on_features {
                true => beneath(&weight, &beside),
                false => diagonal(&weight, &beside),
            };
            let (before, after) = (format!("layer{layer_idx}.before"), format!("layer{layer_idx}"));
            gemm(&mut graph, &before, &below, weight, [bias, bias_beside].concat());
            graph.relu(&after, &before);
            below = after;
            sums = if layer_idx == 0 { self.sums() } else { Array2::eye(self.gadget.sums.len()) };
        }
        let bias = [bias, vec![0.0; self.gadget.sums.len()]].concat();
        gemm(&mut graph, OUTPUT, &below, diagonal(&weight, &sums), bias);
        graph.output(OUTPUT, &[1, self.n_outputs()].map(Size::Fixed));
        graph
    }

    /// Whether features enter by a matrix of their own. A stream is read together with what is written to it.
    fn is_stored(&self) -> bool {
        self.network.dictionary.is_some() && !self.network.is_residual()
    }

    /// What each layer makes of what is below it, and what is read at last; the gadget apart.
    fn maps(&self) -> (Vec<Affine>, Affine) {
        let Some(dictionary) = self.network.dictionary.as_ref().filter(|_| self.network.is_residual()) else {
            let of_layer = |layer: &Layer| (layer.block.weight().clone(), layer.block.bias().to_vec());
            return (self.layers().iter().map(of_layer).collect(), self.readoff());
        };
        // The stream, of what is handed on: features, then the neurons of each layer below.
        let mut stream = dictionary.embedding.to_dense().mapv(f64::from);
        let through = |weight: &Array2<f32>, stream: &Array2<f64>| -> Array2<f32> {
            linear::product(&weight.mapv(f64::from), stream).mapv(|value| value as f32)
        };
        let mut maps = Vec::new();
        for layer in self.layers() {
            let Block::Residual(residual) = &layer.block else { unreachable!("all layers add to the stream") };
            let n_handed_on = stream.ncols();
            let weight = beneath(&Array2::eye(n_handed_on), &through(&residual.reads, &stream));
            maps.push((weight, [vec![0.0; n_handed_on], residual.bias.clone()].concat()));
            stream = concatenate![Axis(1), stream, residual.writes.mapv(f64::from)];
        }
        let (weight, bias) = self.readoff();
        (maps, (through(&weight, &stream), bias))
    }

    /// R and r of the signals that are read.
    fn readoff(&self) -> Affine {
        let readoff = &self.network.layers[self.layer_idx].readoff;
        let mut weight = Array2::zeros((self.signals.len(), readoff.matrix.n_columns()));
        for (mut row, &signal) in weight.rows_mut().into_iter().zip(self.signals) {
            readoff.matrix.copy_row(signal, row.as_slice_mut().expect("new arrays are row-major"));
        }
        (weight, self.signals.iter().map(|&signal| readoff.bias[signal]).collect())
    }

    /// The gadget's neurons: weights [neurons, features], and biases.
    fn neurons(&self) -> (Array2<f32>, Vec<f32>) {
        let neurons = &self.gadget.neurons;
        let mut weight = Array2::zeros((neurons.len(), self.network.header.features.len()));
        for (mut row, neuron) in weight.rows_mut().into_iter().zip(neurons) {
            neuron.features.iter().for_each(|&feature| row[feature as usize] = neuron.weight);
        }
        (weight, neurons.iter().map(|neuron| neuron.bias).collect())
    }

    /// What is read off them: [sums, neurons].
    fn sums(&self) -> Array2<f32> {
        let Gadget { neurons, sums } = self.gadget;
        let mut weight = Array2::zeros((sums.len(), neurons.len()));
        for (mut row, sum) in weight.rows_mut().into_iter().zip(sums) {
            sum.iter().for_each(|&(neuron, factor)| row[neuron] = factor);
        }
        weight
    }
}

/// Weights and biases.
type Affine = (Array2<f32>, Vec<f32>);

/// Adds an affine map, and names its operands by what it makes.
fn gemm(graph: &mut Graph, name: &str, below: &str, weight: Array2<f32>, bias: Vec<f32>) {
    graph.gemm(name, below, (format!("{name}.weight"), weight), Some((format!("{name}.bias"), bias)));
}

/// Two matrices of the same inputs, one beneath the other.
fn beneath(upper: &Array2<f32>, lower: &Array2<f32>) -> Array2<f32> {
    ndarray::concatenate![ndarray::Axis(0), *upper, *lower]
}

/// Two matrices of inputs of their own.
fn diagonal(upper: &Array2<f32>, lower: &Array2<f32>) -> Array2<f32> {
    let (n, m) = upper.dim();
    let mut both = Array2::zeros((n + lower.nrows(), m + lower.ncols()));
    both.slice_mut(s![..n, ..m]).assign(upper);
    both.slice_mut(s![n.., m..]).assign(lower);
    both
}
