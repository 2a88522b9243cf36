//! What a layer to be compiled is asked: its signals below and its targets.
//!
//! Must not know the layers below beyond the list of their signals, nor any sampled input.

use std::collections::HashMap;

use crate::circuit::{Circuit, GateId, Kind, Signal};
use crate::diagnostic::Span;
use crate::network::matrix::Matrix;
use crate::network::{Readoff, SignalName};

/// One layer to be compiled: what comes in and what must be read off.
pub struct LayerTask<'a> {
    pub circuit: &'a Circuit,
    pub layer_idx: usize,
    /// The columns of C: see [`Circuit::signals_below`].
    pub below: Vec<Signal>,
    /// The rows of the read-off: gates, then carried signals.
    pub targets: Vec<Signal>,
    column_of: HashMap<Signal, u32>,
}

impl<'a> LayerTask<'a> {
    pub fn new(circuit: &'a Circuit, layer_idx: usize) -> LayerTask<'a> {
        let below = circuit.signals_below(layer_idx);
        let column_of = below.iter().zip(0..).map(|(&signal, column)| (signal, column)).collect();
        LayerTask { circuit, layer_idx, below, targets: circuit.layer_signals(layer_idx).collect(), column_of }
    }

    /// The column of C that belongs to a signal of the layer below.
    pub fn column(&self, signal: Signal) -> u32 {
        self.column_of[&signal]
    }

    /// The gate of this layer behind row `target_idx` of the read-off; `None` for a carried signal.
    pub fn gate(&self, target_idx: usize) -> Option<GateId> {
        let gates = &self.circuit.layers[self.layer_idx].gates;
        (target_idx < gates.len()).then(|| GateId(gates.start + target_idx as u32))
    }

    /// Of a gate of pairs, how many products it adds up.
    pub fn n_products(&self, target_idx: usize) -> Option<usize> {
        let gate = self.gate(target_idx)?;
        let is_of_pairs = self.circuit.gates[gate.0 as usize].kind == Kind::AnyPair;
        is_of_pairs.then(|| self.circuit.operands(gate).len() / 2)
    }

    /// The stored signals that a target depends on, ascending.
    pub fn operands(&self, target_idx: usize) -> Vec<Signal> {
        match self.gate(target_idx) {
            Some(gate) => self.circuit.signals_read(gate),
            None => vec![self.targets[target_idx]],
        }
    }

    /// Where the target was defined; for a carried signal, where what it carries was.
    pub fn span(&self, target_idx: usize) -> Span {
        let gate = self.gate(target_idx).or_else(|| self.circuit.as_gate(self.targets[target_idx]));
        gate.map_or(Span::NOWHERE, |gate| self.circuit.gates[gate.0 as usize].span)
    }

    pub fn name(&self, target_idx: usize) -> &str {
        self.circuit.name(self.targets[target_idx])
    }

    pub fn layer_name(&self) -> &str {
        &self.circuit.layers[self.layer_idx].name
    }

    /// Whether all that it does is to bring what it carries back to 0 and 1.
    pub fn corrects(&self) -> bool {
        self.circuit.layers[self.layer_idx].corrects
    }

    /// The first so many targets are gates, the rest is carried.
    pub fn n_gates(&self) -> usize {
        self.circuit.layers[self.layer_idx].gates.len()
    }

    /// R and r of its targets, read to a threshold of ½.
    pub fn readoff(&self, matrix: Matrix, bias: Vec<f32>) -> Readoff {
        Readoff {
            matrix,
            bias,
            threshold: vec![0.5; self.targets.len()],
            signals: self.signal_names(),
            n_gates: self.n_gates(),
        }
    }

    /// What the targets are called in a network.
    pub fn signal_names(&self) -> Vec<SignalName> {
        let of_signal = |&signal: &Signal| SignalName {
            name: self.circuit.name(signal).to_string(),
            complemented: self.circuit.is_complemented(signal),
        };
        self.targets.iter().map(of_signal).collect()
    }
}

/// All layers of a circuit.
pub fn layer_tasks(circuit: &Circuit) -> Vec<LayerTask<'_>> {
    (0..circuit.layers.len()).map(|layer_idx| LayerTask::new(circuit, layer_idx)).collect()
}
