//! One input through all layers: what every gate is read as, and by which neurons.

use serde::Serialize;

use super::run::{Run, in_neurons, row, sign};
use super::subject::largest_first;
use crate::circuit::{Circuit, GateId, Signal};
use crate::evaluate::dataset::as_written;
use crate::evaluate::error::Error;
use crate::network::Network;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace {
    pub circuit: String,
    /// The features that are on.
    pub on: Vec<String>,
    /// Whether every gate of every layer is read on the right side of its threshold.
    pub right: bool,
    pub layers: Vec<LayerTrace>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerTrace {
    pub name: String,
    pub width: usize,
    /// Neurons that are awake.
    pub awake: usize,
    pub gates: Vec<GateTrace>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateTrace {
    pub name: String,
    pub truth: u8,
    pub reading: f32,
    pub threshold: f32,
    pub right: bool,
    /// Those that add most to the reading, the most first.
    pub neurons: Vec<Strong>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strong {
    pub neuron: usize,
    /// Activation times weight of the read-off.
    pub contribution: f64,
}

/// Neurons that are named beside a gate.
const N_STRONGEST: usize = 3;

/// Runs a network with these features on, ascending, and looks at every gate.
///
/// # Errors
/// When network and circuit do not belong together.
pub fn trace(circuit: &Circuit, network: &Network, on: &[u32]) -> Result<Trace, Error> {
    let run = Run::new(circuit, network, on)?;
    let layers: Vec<LayerTrace> = (0..network.layers.len()).map(|layer_idx| of_layer(&run, layer_idx)).collect();
    Ok(Trace {
        circuit: circuit.name.clone(),
        on: on.iter().map(|&feature| circuit.name(Signal(feature)).to_owned()).collect(),
        right: layers.iter().flat_map(|layer| &layer.gates).all(|gate| gate.right),
        layers,
    })
}

fn of_layer(run: &Run, layer_idx: usize) -> LayerTrace {
    let layer = &run.network.layers[layer_idx];
    let (activations, readoffs) = (run.activations(layer_idx), run.readoffs(layer_idx));
    let gates = run.circuit.layers[layer_idx].gates.clone().map(GateId).enumerate().map(|(signal_idx, gate)| {
        let signal = run.circuit.gate_signal(gate);
        let is_complemented = run.circuit.is_complemented(signal);
        let (stored, threshold) = (readoffs[signal_idx], layer.readoff.threshold[signal_idx]);
        let weights = in_neurons(layer, &row(&layer.readoff.matrix, signal_idx));
        let mut neurons: Vec<Strong> = (activations.iter().zip(weights).enumerate())
            .map(|(neuron, (&activation, weight))| {
                let contribution = sign(is_complemented) * f64::from(activation) * weight;
                Strong { neuron, contribution }
            })
            .filter(|strong| strong.contribution != 0.0)
            .collect();
        largest_first(&mut neurons, |strong| strong.contribution);
        neurons.truncate(N_STRONGEST);
        GateTrace {
            name: run.circuit.name(signal).to_owned(),
            truth: (run.is_on(signal) != is_complemented).into(),
            reading: as_written(stored, is_complemented),
            threshold: as_written(threshold, is_complemented),
            right: (stored > threshold) == run.is_on(signal),
            neurons,
        }
    });
    LayerTrace {
        name: layer.name.clone(),
        width: layer.width(),
        awake: activations.iter().filter(|activation| **activation != 0.0).count(),
        gates: gates.collect(),
    }
}
