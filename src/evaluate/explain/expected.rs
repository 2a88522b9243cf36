//! What moves a read-off before there is an input: how far the direction of each signal below lies along the gate's.
//!
//! The direction of a gate in its layer's neurons is its row of R, that of a feature its column of W Φ, that of a
//! signal that the layer below reads off its column of C. Their overlap is what the signal adds to the reading where
//! all of its neurons are awake; how often it is on, some thousand inputs show.
//!
//! A signal of a stream has a direction there: that of a feature its column of W_E, that of a gate its column of Φ. It
//! is heard along the gate's reader, its row of W_U, and through the neurons of the gate's layer.

use serde::Serialize;

use super::run::{by_feature, in_neurons, of_offset, of_relus, pulled_back, row, sign};
use super::stream::{of_features, of_signals, stored};
use super::subject::{Subject, depends_on, largest_first};
use crate::circuit::{Circuit, GateId, Signal};
use crate::evaluate::dataset::as_written;
use crate::evaluate::draws::Draws;
use crate::evaluate::error::Error;
use crate::evaluate::sampling::Sampling;
use crate::network::Network;
use crate::readings::belongs;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Expectation {
    #[serde(flatten)]
    pub subject: Subject,
    pub threshold: f32,
    /// Of the read-off, and what layers add to a stream anyway.
    pub bias: f64,
    /// Neurons of the layer with the largest weights of the read-off, the largest first.
    pub neurons: Vec<Weight>,
    /// The operands, and what else the layer takes in, what adds most on average first.
    pub signals: Vec<Overlap>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weight {
    pub neuron: usize,
    pub weight: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overlap {
    /// Marked where the complement is stored: `!quiet`.
    pub signal: String,
    /// With the direction of the gate.
    pub overlap: f64,
    /// As much of it as is heard in the stream itself, without a neuron.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_stream: Option<f64>,
    /// The share of inputs on which the signal, as stored, is on.
    pub on: f64,
    /// Overlap times share.
    pub expected: f64,
    /// Whether the gate depends on it.
    pub operand: bool,
}

/// Inputs that show how often signals are on.
const LOOK: u64 = 4096;

/// What moves a gate's read-off, on average.
///
/// # Errors
/// When network and circuit do not belong together, or nothing can be drawn.
pub fn expect(circuit: &Circuit, network: &Network, gate: GateId) -> Result<Expectation, Error> {
    belongs(circuit, network)?;
    of_relus(network)?;
    let (layer_idx, signal_idx) = circuit.place(gate);
    let layer = &network.layers[layer_idx];
    let readoff = &layer.readoff;
    let is_complemented = readoff.signals[signal_idx].complemented;
    let turn = sign(is_complemented);
    let direction: Vec<f64> = row(&readoff.matrix, signal_idx).iter().map(|weight| turn * weight).collect();
    let heard = match network.is_residual() {
        true => heard_in_stream(circuit, network, gate, &direction),
        false => heard_in_layer(circuit, network, layer_idx, &direction),
    };
    let depends = depends_on(circuit, gate);
    let shares = shares_on(circuit, &heard.iter().map(|heard| heard.0).collect::<Vec<_>>())?;
    let mut signals: Vec<Overlap> = (heard.into_iter().zip(shares))
        .map(|((signal, overlap, in_stream), on)| Overlap {
            signal: stored(circuit, signal),
            overlap,
            in_stream,
            on,
            expected: overlap * on,
            operand: depends[signal.0 as usize],
        })
        .collect();
    largest_first(&mut signals, |overlap| overlap.expected);
    let weights = in_neurons(layer, &direction);
    let mut neurons: Vec<Weight> =
        weights.into_iter().enumerate().map(|(neuron, weight)| Weight { neuron, weight }).collect();
    neurons.retain(|neuron| neuron.weight != 0.0);
    largest_first(&mut neurons, |neuron| neuron.weight);
    Ok(Expectation {
        subject: Subject::of(circuit, gate),
        threshold: as_written(readoff.threshold[signal_idx], is_complemented),
        bias: f64::from(u8::from(is_complemented))
            + turn * f64::from(readoff.bias[signal_idx])
            + network.layers[..=layer_idx].iter().map(|layer| of_offset(layer, &direction)).sum::<f64>(),
        neurons,
        signals,
    })
}

/// A signal, its overlap, and the part of that which is in a stream.
type Heard = (Signal, f64, Option<f64>);

/// Of what a layer takes in, along a direction in its neurons.
fn heard_in_layer(circuit: &Circuit, network: &Network, layer_idx: usize, direction: &[f64]) -> Vec<Heard> {
    let (below, overlaps): (Vec<Signal>, Vec<f64>) = match layer_idx.checked_sub(1) {
        None => {
            let overlaps = by_feature(network, pulled_back(network, 0, direction));
            ((0..circuit.n_features).map(Signal).collect(), overlaps)
        }
        Some(lower_idx) => {
            let mut overlaps = vec![0.0; network.layers[lower_idx].n_signals()];
            for (neuron, value) in direction.iter().enumerate() {
                let weights = row(&network.layers[layer_idx].factors.compute, neuron);
                overlaps.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
            }
            (circuit.layer_signals(lower_idx).collect(), overlaps)
        }
    };
    below.into_iter().zip(overlaps).map(|(signal, overlap)| (signal, overlap, None)).collect()
}

/// Of what is in the stream above the gate's layer, along a direction in it: features, and the other gates of all
/// layers whose directions are known. What the layer writes itself does not pass its neurons.
fn heard_in_stream(circuit: &Circuit, network: &Network, gate: GateId, direction: &[f64]) -> Vec<Heard> {
    let (layer_idx, _) = circuit.place(gate);
    let by_neurons = pulled_back(network, layer_idx, &in_neurons(&network.layers[layer_idx], direction));
    let sum: Vec<f64> = direction.iter().zip(by_neurons).map(|(direct, more)| direct + more).collect();
    let pairs = of_features(network, &sum).into_iter().zip(of_features(network, direction));
    let of_feature = |(signal, (overlap, in_stream)): (u32, (f64, f64))| (Signal(signal), overlap, Some(in_stream));
    let mut heard: Vec<Heard> = (0..circuit.n_features).zip(pairs).map(of_feature).collect();
    for (other_idx, layer) in network.layers[..=layer_idx].iter().enumerate() {
        let Some(written) = &layer.factors.written else { continue };
        let in_stream = of_signals(written, direction);
        let overlaps = if other_idx < layer_idx { of_signals(written, &sum) } else { in_stream.clone() };
        let pairs = circuit.layer_signals(other_idx).zip(overlaps.into_iter().zip(in_stream));
        heard.extend(pairs.map(|(signal, (overlap, in_stream))| (signal, overlap, Some(in_stream))));
    }
    heard.retain(|heard| heard.0 != circuit.gate_signal(gate));
    heard
}

/// How often each signal is on, as stored.
fn shares_on(circuit: &Circuit, signals: &[Signal]) -> Result<Vec<f64>, Error> {
    let mut counts = vec![0u64; signals.len()];
    let mut draws = Draws::new(circuit, &Sampling { samples: LOOK, ..Sampling::default() })?;
    while let Some(drawn) = draws.next_block() {
        for (count, &signal) in counts.iter_mut().zip(signals) {
            let n_on = u64::from(drawn.word(signal).count_ones());
            *count += if circuit.is_complemented(signal) { drawn.n_inputs() as u64 - n_on } else { n_on };
        }
    }
    Ok(counts.into_iter().map(|count| count as f64 / LOOK as f64).collect())
}
