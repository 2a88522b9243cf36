//! A network run on one input, and what its weights are, row by row, in f64.

use ndarray::Array2;

use crate::circuit::{Circuit, Inputs, Signal};
use crate::evaluate::error::Error;
use crate::network::forward::Forward;
use crate::network::matrix::Matrix;
use crate::network::{Block, Layer, Network};
use crate::readings::{Batch, belongs};

pub struct Run<'a> {
    pub circuit: &'a Circuit,
    pub network: &'a Network,
    forward: Forward<'a>,
    batch: Batch,
}

impl<'a> Run<'a> {
    /// With these features on, ascending.
    pub fn new(circuit: &'a Circuit, network: &'a Network, on: &[u32]) -> Result<Run<'a>, Error> {
        belongs(circuit, network)?;
        let forward = Forward::new(network);
        let mut batch = Batch::new(circuit, 1);
        batch.fill(circuit, &forward, |_| {
            let mut inputs = Inputs::default();
            inputs.push(on.iter().copied());
            inputs
        });
        Ok(Run { circuit, network, forward, batch })
    }

    /// h of a layer.
    pub fn activations(&self, layer_idx: usize) -> Vec<f32> {
        self.batch.activations(layer_idx).column(0).to_vec()
    }

    /// What a layer hands up: its neurons, or the stream above it.
    pub fn above(&self, layer_idx: usize) -> Vec<f32> {
        self.batch.above(layer_idx).column(0).to_vec()
    }

    /// What a layer reads off, as stored.
    pub fn readoffs(&self, layer_idx: usize) -> Vec<f32> {
        let n_signals = self.network.layers[layer_idx].n_signals();
        let mut readoffs = Vec::with_capacity(n_signals);
        self.batch.read(&self.forward, layer_idx, 0..n_signals, &mut Vec::new(), |reading| {
            readoffs.push(reading.readoffs[0]);
        });
        readoffs
    }

    /// The stored value of a signal.
    pub fn is_on(&self, signal: Signal) -> bool {
        self.batch.blocks()[0].word(signal) & 1 == 1
    }
}

/// Whether all neurons are ReLUs, so that with those that are awake fixed a read-off is a sum over features.
///
/// # Errors
/// The first layer that has others.
pub fn of_relus(network: &Network) -> Result<(), Error> {
    let other = network.layers.iter().find_map(|layer| Some((&layer.name, layer.block.activation()?)));
    other.map_or(Ok(()), |(layer, activation)| {
        Err(Error::NotOfRelus { layer: layer.clone(), activation: activation.name() })
    })
}

/// A row of a matrix.
pub fn row(matrix: &Matrix, row: usize) -> Vec<f64> {
    let mut values = vec![0.0; matrix.n_columns()];
    matrix.copy_row(row, &mut values);
    values.into_iter().map(f64::from).collect()
}

/// −1 for what is stored as its complement.
pub fn sign(is_complemented: bool) -> f64 {
    if is_complemented { -1.0 } else { 1.0 }
}

/// vᵀ W: a direction in a layer's neurons as one in what is below; of a stream, what they read of it.
pub fn pulled_back(network: &Network, layer_idx: usize, direction: &[f64]) -> Vec<f64> {
    times(direction, network.layers[layer_idx].block.weight())
}

/// A direction in what a layer hands up as one in its neurons: itself, or vᵀ W_out.
pub fn in_neurons(layer: &Layer, direction: &[f64]) -> Vec<f64> {
    match &layer.block {
        Block::Relu(_) | Block::Polynomial(_) => direction.to_vec(),
        Block::Residual(residual) => times(direction, &residual.writes),
    }
}

/// vᵀ b_out: what a layer adds to a stream anyway.
pub fn of_offset(layer: &Layer, direction: &[f64]) -> f64 {
    match &layer.block {
        Block::Relu(_) | Block::Polynomial(_) => 0.0,
        Block::Residual(residual) => dot(direction, residual.offset.iter().copied().map(f64::from)),
    }
}

pub fn dot(a: &[f64], b: impl IntoIterator<Item = f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// vᵀ M.
fn times(direction: &[f64], weight: &Array2<f32>) -> Vec<f64> {
    let mut below = vec![0.0; weight.ncols()];
    for (row, &value) in weight.rows().into_iter().zip(direction).filter(|(_, value)| **value != 0.0) {
        below.iter_mut().zip(row).for_each(|(sum, &weight)| *sum += value * f64::from(weight));
    }
    below
}

/// The same of what layer 0 takes in, as one in features.
pub fn by_feature(network: &Network, direction: Vec<f64>) -> Vec<f64> {
    let Some(dictionary) = &network.dictionary else { return direction };
    let mut features = vec![0.0; dictionary.embedding.n_columns()];
    for (coordinate, value) in direction.into_iter().enumerate().filter(|(_, value)| *value != 0.0) {
        let row = row(&dictionary.embedding, coordinate);
        features.iter_mut().zip(row).for_each(|(sum, weight)| *sum += value * weight);
    }
    features
}
