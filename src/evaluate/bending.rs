//! Whether neurons bend: which of those that a read-off hears are awake on some inputs and asleep on others.
//!
//! A neuron that is always awake is linear, and one that never is is nothing. Must not know circuits.

use crate::network::{Layer, Network};
use crate::readings::{BLOCK, Batch};

/// A neuron matters if without it a read-off would be another by more than this, on some input.
const MATTERS: f32 = 0.01;

/// A neuron that is awake on this share of the inputs or more is taken for linear.
const NEARLY_ALL: f64 = 0.99;

/// What each neuron of a network did on the inputs so far.
#[derive(Debug, Clone)]
pub struct Activity {
    n_inputs: u64,
    /// By layer, by neuron.
    layers: Vec<Vec<Neuron>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Neuron {
    /// Inputs on which it was above 0.
    n_awake: u64,
    /// Its greatest activation.
    greatest: f32,
}

impl Activity {
    /// Before any input.
    pub fn none(network: &Network) -> Activity {
        let asleep = |width| vec![Neuron::default(); width];
        Activity { n_inputs: 0, layers: network.layers.iter().map(|layer| asleep(layer.width())).collect() }
    }

    /// Adds the inputs of a batch.
    pub fn add(&mut self, batch: &Batch) {
        let n_valid: Vec<usize> = batch.blocks().iter().map(|block| block.valid().count_ones() as usize).collect();
        self.n_inputs += n_valid.iter().sum::<usize>() as u64;
        for (layer_idx, neurons) in self.layers.iter_mut().enumerate() {
            for (neuron, activations) in neurons.iter_mut().zip(batch.activations(layer_idx).rows()) {
                let activations = activations.to_slice().expect("activations are rows");
                for (block, &n_valid) in activations.chunks_exact(BLOCK).zip(&n_valid) {
                    neuron.add(&block[..n_valid]);
                }
            }
        }
    }

    /// On the inputs of both.
    pub fn with(mut self, other: Activity) -> Activity {
        self.n_inputs += other.n_inputs;
        let neurons = self.layers.iter_mut().flatten().zip(other.layers.iter().flatten());
        neurons.for_each(|(neuron, other)| *neuron = neuron.with(other));
        self
    }

    /// By layer, of the neurons that matter to what the layer reads off, the share that bends: is awake on one input at
    /// least, and on less than 99 % of them. `None` where no neuron matters, and of neurons that are no ReLUs.
    pub fn bending(&self, network: &Network) -> Vec<Option<f64>> {
        let of_layer = |(layer, neurons): (&Layer, &Vec<Neuron>)| {
            if layer.block.activation().is_some() {
                return None;
            }
            let loudest = layer.neuron_readoff().greatest_of_columns();
            let matters = |pair: &(&Neuron, f32)| pair.0.greatest * pair.1 > MATTERS;
            let bends = |neuron: &Neuron| (neuron.n_awake as f64) < NEARLY_ALL * self.n_inputs as f64;
            let mattering: Vec<&Neuron> = neurons.iter().zip(loudest).filter(matters).map(|pair| pair.0).collect();
            let n_bending = mattering.iter().filter(|neuron| bends(neuron)).count();
            (!mattering.is_empty()).then(|| n_bending as f64 / mattering.len() as f64)
        };
        network.layers.iter().zip(&self.layers).map(of_layer).collect()
    }
}

impl Neuron {
    fn add(&mut self, activations: &[f32]) {
        let mut n_awake = 0u32;
        for &activation in activations {
            n_awake += u32::from(activation > 0.0);
            self.greatest = if activation > self.greatest { activation } else { self.greatest };
        }
        self.n_awake += u64::from(n_awake);
    }

    fn with(&self, other: &Neuron) -> Neuron {
        let greatest = if other.greatest > self.greatest { other.greatest } else { self.greatest };
        Neuron { n_awake: self.n_awake + other.n_awake, greatest }
    }
}
