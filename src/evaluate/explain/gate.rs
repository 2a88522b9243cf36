//! One read-off on one input, taken apart: by neuron, and by feature.
//!
//! *By neuron*: a read-off is r + Σ R h. *By feature*: with its awake neurons fixed a ReLU network is affine, so that
//! the same reading is a sum over the features that are on, of what each adds along awake neurons, and of what biases
//! come to; what a feature adds that the gate does not depend on is interference. What is read of a stream is a sum
//! over the neurons of all layers below it and the features themselves, and taken apart by signal as well (`stream`).

use serde::Serialize;

use super::run::{Run, by_feature, in_neurons, of_offset, of_relus, pulled_back, row, sign};
use super::stream::{Stream, stored};
use super::subject::{Subject, depends_on, largest_first};
use crate::circuit::{Circuit, GateId, Signal};
use crate::evaluate::dataset::as_written;
use crate::evaluate::error::Error;
use crate::network::Network;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    #[serde(flatten)]
    pub subject: Subject,
    /// The features that are on.
    pub on: Vec<String>,
    pub truth: u8,
    pub reading: f32,
    pub threshold: f32,
    /// Whether it is read on the right side of its threshold.
    pub right: bool,
    /// Of the read-off, and what layers add to a stream anyway: with what all neurons add, and features to the stream,
    /// the reading.
    pub bias: f64,
    /// Those that add something, the most first: of the layer, and where it adds to a stream of those below.
    pub neurons: Vec<NeuronPart>,
    /// Neurons of these layers that are asleep.
    pub asleep: usize,
    /// What all biases along awake neurons come to: with what all features add, the reading.
    pub biases: f64,
    /// Those that are on, what adds most first.
    pub features: Vec<Contribution>,
    /// What features add that the gate does not depend on.
    pub interference: f64,
    /// Where layers add to a stream, what is read of all that was written to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<Stream>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NeuronPart {
    pub layer: usize,
    pub neuron: usize,
    pub activation: f32,
    /// Of the read-off.
    pub weight: f64,
    /// Activation times weight.
    pub contribution: f64,
    /// What adds most to W h + b of the neuron: features that are on, or stored signals below, by C and D.
    pub drivers: Vec<Driver>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Driver {
    /// Marked where the complement is stored: `!quiet`.
    pub signal: String,
    pub contribution: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contribution {
    pub feature: String,
    pub contribution: f64,
    /// Whether the gate depends on it.
    pub operand: bool,
}

/// Drivers that are named.
const N_DRIVERS: usize = 5;

/// Takes apart what a gate is read as with these features on, ascending.
///
/// # Errors
/// When network and circuit do not belong together, or neurons are no ReLUs.
pub fn explain(circuit: &Circuit, network: &Network, gate: GateId, on: &[u32]) -> Result<Explanation, Error> {
    of_relus(network)?;
    let run = Run::new(circuit, network, on)?;
    let (layer_idx, signal_idx) = circuit.place(gate);
    let readoff = &network.layers[layer_idx].readoff;
    let is_complemented = readoff.signals[signal_idx].complemented;
    let (stored, threshold) = (run.readoffs(layer_idx)[signal_idx], readoff.threshold[signal_idx]);
    let is_on = run.is_on(circuit.gate_signal(gate));
    let turn = sign(is_complemented);
    let direction: Vec<f64> = row(&readoff.matrix, signal_idx).iter().map(|weight| turn * weight).collect();
    let bias = f64::from(u8::from(is_complemented)) + turn * f64::from(readoff.bias[signal_idx]);
    let stream = network.is_residual().then(|| Stream::of(&run, gate, &direction, bias, on));

    // Of a stream all that is below is read.
    let lowest = if stream.is_some() { 0 } else { layer_idx };
    let (mut neurons, mut asleep, mut bias_in_all) = (Vec::new(), 0, bias);
    for layer_idx in lowest..=layer_idx {
        let layer = &network.layers[layer_idx];
        let (activations, weights) = (run.activations(layer_idx), in_neurons(layer, &direction));
        asleep += activations.iter().filter(|activation| **activation <= 0.0).count();
        bias_in_all += of_offset(layer, &direction);
        let drives = Drives::of(&run, layer_idx, on);
        let awake = activations.into_iter().zip(weights).enumerate();
        neurons.extend(awake.filter(|(_, (h, weight))| *h > 0.0 && *weight != 0.0).map(|(neuron, (h, weight))| {
            let contribution = f64::from(h) * weight;
            let drivers = drives.of_neuron(neuron);
            NeuronPart { layer: layer_idx, neuron, activation: h, weight, contribution, drivers }
        }));
    }
    largest_first(&mut neurons, |part: &NeuronPart| part.contribution);

    let depends = depends_on(circuit, gate);
    let (biases, by_feature) = through_awake_neurons(&run, layer_idx, direction);
    let mut features: Vec<Contribution> = on
        .iter()
        .map(|&feature| Contribution {
            feature: circuit.name(Signal(feature)).to_owned(),
            contribution: by_feature[feature as usize],
            operand: depends[feature as usize],
        })
        .collect();
    largest_first(&mut features, |part| part.contribution);
    Ok(Explanation {
        subject: Subject::of(circuit, gate),
        on: on.iter().map(|&feature| circuit.name(Signal(feature)).to_owned()).collect(),
        truth: (is_on != is_complemented).into(),
        reading: as_written(stored, is_complemented),
        threshold: as_written(threshold, is_complemented),
        right: (stored > threshold) == is_on,
        bias: bias_in_all,
        asleep,
        neurons,
        biases: bias + biases,
        interference: features.iter().filter(|part| !part.operand).fold(0.0, |sum, part| sum + part.contribution),
        features,
        stream,
    })
}

/// What a direction in what a layer hands up comes to, along those that are awake: what biases add, and each feature.
fn through_awake_neurons(run: &Run, layer_idx: usize, mut direction: Vec<f64>) -> (f64, Vec<f64>) {
    let mut biases = 0.0;
    for layer_idx in (0..=layer_idx).rev() {
        let (layer, activations) = (&run.network.layers[layer_idx], run.activations(layer_idx));
        let mut awake = in_neurons(layer, &direction);
        awake.iter_mut().zip(&activations).for_each(|(value, &h)| *value = if h > 0.0 { *value } else { 0.0 });
        let bias = layer.block.bias();
        biases += awake.iter().zip(bias).map(|(value, &bias)| value * f64::from(bias)).sum::<f64>();
        biases += of_offset(layer, &direction);
        let below = pulled_back(run.network, layer_idx, &awake);
        match layer.block.is_residual() {
            // What is below stays.
            true => direction.iter_mut().zip(below).for_each(|(value, more)| *value += more),
            false => direction = below,
        }
    }
    (biases, by_feature(run.network, direction))
}

/// What moves the neurons of a layer.
struct Drives<'a> {
    run: &'a Run<'a>,
    layer_idx: usize,
    on: &'a [u32],
    /// D h, or D x: of each stored signal below; empty for layer 0.
    below: Vec<f64>,
}

impl<'a> Drives<'a> {
    fn of(run: &'a Run<'a>, layer_idx: usize, on: &'a [u32]) -> Drives<'a> {
        let below = match (layer_idx.checked_sub(1), run.network.decompress(layer_idx)) {
            (Some(lower_idx), Some(decompress)) => {
                let below = run.above(lower_idx);
                (0..decompress.n_rows()).map(|signal| f64::from(decompress.row_times(signal, &below))).collect()
            }
            _ => Vec::new(),
        };
        Drives { run, layer_idx, on, below }
    }

    fn of_neuron(&self, neuron: usize) -> Vec<Driver> {
        let Run { network, circuit, .. } = self.run;
        let layer = &network.layers[self.layer_idx];
        let mut drivers: Vec<Driver> = match self.layer_idx.checked_sub(1) {
            None => {
                let weights = layer.block.weight().row(neuron).iter().copied().map(f64::from).collect();
                let by_feature = by_feature(network, weights);
                let driver = |&feature: &u32| Driver {
                    signal: circuit.name(Signal(feature)).to_owned(),
                    contribution: by_feature[feature as usize],
                };
                self.on.iter().map(driver).collect()
            }
            Some(_) => {
                let weights = row(&layer.factors.compute, neuron);
                let parts = weights.iter().zip(&self.below).zip(circuit.signals_below(self.layer_idx));
                let driver = |((weight, value), signal): ((&f64, &f64), Signal)| Driver {
                    signal: stored(circuit, signal),
                    contribution: weight * value,
                };
                parts.map(driver).collect()
            }
        };
        drivers.retain(|driver| driver.contribution != 0.0);
        largest_first(&mut drivers, |driver| driver.contribution);
        drivers.truncate(N_DRIVERS);
        drivers
    }
}
