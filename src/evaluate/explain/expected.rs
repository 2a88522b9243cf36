//! What moves a read-off before there is an input: how far the direction of each signal below lies along the gate's.
//!
//! The direction of a gate in its layer's neurons is its row of R, that of a feature its column of W Φ, that of a
//! signal that the layer below reads off its column of C. Their overlap is what the signal adds to the reading where
//! all of its neurons are awake; how often it is on, some thousand inputs show.

use serde::Serialize;

use super::run::{by_feature, pulled_back, row, sign};
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
    /// Of the read-off.
    pub bias: f64,
    /// Neurons with the largest weights of the read-off, the largest first.
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
/// When network and circuit do not belong together, nothing can be drawn, or the network is residual.
pub fn expect(circuit: &Circuit, network: &Network, gate: GateId) -> Result<Expectation, Error> {
    belongs(circuit, network)?;
    if network.is_residual() {
        return Err(Error::Residual);
    }
    let (layer_idx, signal_idx) = circuit.place(gate);
    let layer = &network.layers[layer_idx];
    let readoff = &layer.readoff;
    let is_complemented = readoff.signals[signal_idx].complemented;
    let turn = sign(is_complemented);
    let direction: Vec<f64> = row(&readoff.matrix, signal_idx).iter().map(|weight| turn * weight).collect();
    let (below, overlaps): (Vec<Signal>, Vec<f64>) = match layer_idx.checked_sub(1) {
        None => {
            let overlaps = by_feature(network, pulled_back(network, 0, &direction));
            ((0..circuit.n_features).map(Signal).collect(), overlaps)
        }
        Some(lower_idx) => {
            let mut overlaps = vec![0.0; network.layers[lower_idx].n_signals()];
            for (neuron, value) in direction.iter().enumerate() {
                let weights = row(&layer.factors.compute, neuron);
                overlaps.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
            }
            (circuit.layer_signals(lower_idx).collect(), overlaps)
        }
    };
    let depends = depends_on(circuit, gate);
    let shares = shares_on(circuit, &below)?;
    let mut signals: Vec<Overlap> = (below.iter().zip(overlaps).zip(shares))
        .map(|((&signal, overlap), on)| Overlap {
            signal: format!("{}{}", if circuit.is_complemented(signal) { "!" } else { "" }, circuit.name(signal)),
            overlap,
            on,
            expected: overlap * on,
            operand: depends[signal.0 as usize],
        })
        .collect();
    largest_first(&mut signals, |overlap| overlap.expected);
    let mut neurons: Vec<Weight> =
        direction.into_iter().enumerate().map(|(neuron, weight)| Weight { neuron, weight }).collect();
    neurons.retain(|neuron| neuron.weight != 0.0);
    largest_first(&mut neurons, |neuron| neuron.weight);
    Ok(Expectation {
        subject: Subject::of(circuit, gate),
        threshold: as_written(readoff.threshold[signal_idx], is_complemented),
        bias: f64::from(u8::from(is_complemented)) + turn * f64::from(readoff.bias[signal_idx]),
        neurons,
        signals,
    })
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
