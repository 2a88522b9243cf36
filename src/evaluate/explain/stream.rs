//! What is read of a stream, by what was written to it: every feature that is on along its direction, every gate of the
//! layers up to the one that is read along its own, as much as the layer's neurons say of it.
//!
//! With the bias of the read-off these are the reading; what is neither the gate's own nor of what it depends on is
//! interference. Must not know how
//! neurons come to say so.

use serde::Serialize;

use super::run::{Run, dot, row};
use super::subject::{depends_on, largest_first};
use crate::circuit::{Circuit, GateId, Signal};
use crate::network::matrix::Matrix;
use crate::network::{Network, Written};

/// Of a network whose layers add to a stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stream {
    /// What the features that are on add by their own directions: with bias and neurons, the reading.
    pub embedding: f64,
    /// Of the read-off alone.
    pub bias: f64,
    /// What was written and adds something, the most first: with this bias, the reading. `None` where the factors of
    /// what some layer writes are not known.
    pub signals: Option<Vec<WrittenPart>>,
    /// What all add but the gate itself and what it depends on.
    pub interference: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WrittenPart {
    /// Marked where the complement is stored: `!quiet`.
    pub signal: String,
    /// How far its direction lies along the gate's reader.
    pub overlap: f64,
    /// As much of it as was written: 1 of a feature that is on, of a gate what the neurons of its layer say.
    pub written: f64,
    /// Overlap times what was written.
    pub contribution: f64,
    /// Whether it is the gate itself.
    pub own: bool,
    /// Whether the gate depends on it.
    pub operand: bool,
}

impl Stream {
    /// Of what reads a gate along `direction`, with this bias.
    pub fn of(run: &Run, gate: GateId, direction: &[f64], bias: f64, on: &[u32]) -> Stream {
        let Run { circuit, network, .. } = run;
        let ((layer_idx, _), signal) = (circuit.place(gate), circuit.gate_signal(gate));
        let depends = depends_on(circuit, gate);
        let overlaps = of_features(network, direction);
        let mut parts = Vec::new();
        for &feature in on {
            let overlap = overlaps[feature as usize];
            let signal = circuit.name(Signal(feature)).to_owned();
            let operand = depends[feature as usize];
            parts.push(WrittenPart { signal, overlap, written: 1.0, contribution: overlap, own: false, operand });
        }
        let embedding = parts.iter().fold(0.0, |sum, part| sum + part.contribution);
        let is_known = (0..=layer_idx).all(|layer_idx| {
            let Some(written) = &network.layers[layer_idx].factors.written else { return false };
            let h: Vec<f64> = run.activations(layer_idx).into_iter().map(f64::from).collect();
            let overlaps = along(&written.direction, direction);
            for (idx, (other, overlap)) in circuit.layer_signals(layer_idx).zip(overlaps).enumerate() {
                let value =
                    f64::from(written.estimate_bias[idx]) + dot(&row(&written.estimate, idx), h.iter().copied());
                parts.push(WrittenPart {
                    signal: stored(circuit, other),
                    overlap,
                    written: value,
                    contribution: overlap * value,
                    own: other == signal,
                    operand: depends[other.0 as usize],
                });
            }
            true
        });
        parts.retain(|part| part.contribution != 0.0);
        largest_first(&mut parts, |part| part.contribution);
        let others = parts.iter().filter(|part| !part.own && !part.operand);
        let interference = others.fold(0.0, |sum, part| sum + part.contribution);
        Stream { embedding, bias, signals: is_known.then_some(parts), interference: is_known.then_some(interference) }
    }
}

/// How far the direction of each feature lies along another.
pub fn of_features(network: &Network, direction: &[f64]) -> Vec<f64> {
    let embedding = &network.dictionary.as_ref().expect("a stream has features").embedding;
    along(embedding, direction)
}

/// The same of each signal of a layer.
pub fn of_signals(written: &Written, direction: &[f64]) -> Vec<f64> {
    along(&written.direction, direction)
}

/// The name of a signal as it is stored.
pub fn stored(circuit: &Circuit, signal: Signal) -> String {
    format!("{}{}", if circuit.is_complemented(signal) { "!" } else { "" }, circuit.name(signal))
}

/// vᵀ Φ, Φ [d, signals].
fn along(directions: &Matrix, direction: &[f64]) -> Vec<f64> {
    let mut overlaps = vec![0.0; directions.n_columns()];
    for (coordinate, value) in direction.iter().enumerate().filter(|(_, value)| **value != 0.0) {
        let row = row(directions, coordinate);
        overlaps.iter_mut().zip(row).for_each(|(sum, weight)| *sum += value * weight);
    }
    overlaps
}
