//! What a program means: a flat arena of gates in topological order, inversion on the edge.
//!
//! `truth` evaluates it, 64 inputs at a time; `inputs` draws, plants and lists what it is typically given; `listing`
//! shows it to a person, `written` to a program. Must not know what a network is, nor how a circuit is written.

#[cfg(test)]
pub(crate) mod by_hand;
mod influence;
pub mod inputs;
mod kind;
mod listing;
mod names;
pub mod truth;
mod written;

pub use influence::{Case, Cases, Influence};
pub use inputs::{Child, Clause, Distribution, Inputs, Member, Rows};
pub use kind::Kind;
pub use names::Names;
pub use written::{Operand, WrittenGate};

use std::ops::Range;

use crate::diagnostic::Span;

/// A Boolean circuit over sparse features, with its input distribution.
///
/// *Stored values.* A gate that would be on when every feature is off is stored as its complement, so that every
/// stored signal rests at 0. Networks compute stored signals; reports speak of the gate as written.
#[derive(Debug, Clone)]
pub struct Circuit {
    pub name: String,
    /// Feature names, then gate names, by signal.
    pub names: Names,
    pub n_features: u32,
    /// In topological order, layer by layer; within a layer in order of definition.
    pub gates: Vec<Gate>,
    /// The operands of all gates, one after the other; see [`Circuit::operands`].
    pub operands: Vec<Literal>,
    pub layers: Vec<Layer>,
    /// Whether signals stay where they are: a layer then reads all that is below it, and nothing is carried.
    pub signals_stay: bool,
    /// Outputs, each a gate; sorted, distinct.
    pub outputs: Vec<Signal>,
    pub distribution: Distribution,
}

/// A feature (below `n_features`) or a gate (`n_features` + its index).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(pub u32);

/// The index of a gate in [`Circuit::gates`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GateId(pub u32);

/// A *stored* signal or its negation: inversion on the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Literal(u32);

impl Literal {
    pub fn new(signal: Signal, negated: bool) -> Literal {
        Literal(signal.0 << 1 | negated as u32)
    }
    pub fn signal(self) -> Signal {
        Signal(self.0 >> 1)
    }
    pub fn negated(self) -> bool {
        self.0 & 1 == 1
    }
}

/// One gate. Its value as written is `kind` over its operands; its stored value is that, complemented if
/// `complemented`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gate {
    pub kind: Kind,
    /// Where its operands stand in [`Circuit::operands`]: literals of stored signals of lower layers, as a multiset.
    pub first_operand: u32,
    pub n_operands: u32,
    pub complemented: bool,
    pub layer: u32,
    /// Where it was defined.
    pub span: Span,
}

/// One level of the circuit, one hidden layer of the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    pub name: String,
    /// Its gates, as indices into [`Circuit::gates`].
    pub gates: Range<u32>,
    /// Signals from below that a layer above the next still needs; sorted. Read off after the gates.
    pub carried: Vec<Signal>,
    /// Whether it is there to bring what it carries back to 0 and 1: error correction. It then has no gates.
    pub corrects: bool,
}

impl Layer {
    /// How many signals the layer reads off.
    pub fn n_signals(&self) -> usize {
        self.gates.len() + self.carried.len()
    }
}

impl Circuit {
    pub fn n_features(&self) -> usize {
        self.n_features as usize
    }
    pub fn n_gates(&self) -> usize {
        self.gates.len()
    }
    /// Features and gates.
    pub fn n_signals(&self) -> usize {
        self.n_features() + self.n_gates()
    }
    pub fn operands(&self, gate: GateId) -> &[Literal] {
        let gate = &self.gates[gate.0 as usize];
        &self.operands[gate.first_operand as usize..][..gate.n_operands as usize]
    }
    /// The stored signals that a gate reads, ascending, each once.
    pub fn signals_read(&self, gate: GateId) -> Vec<Signal> {
        let mut signals: Vec<Signal> = self.operands(gate).iter().map(|literal| literal.signal()).collect();
        signals.sort_unstable();
        signals.dedup();
        signals
    }
    pub fn name(&self, signal: Signal) -> &str {
        self.names.get(signal.0 as usize)
    }
    pub fn gate_signal(&self, gate: GateId) -> Signal {
        Signal(self.n_features + gate.0)
    }
    /// The layer of a gate, and its place in what that reads off.
    pub fn place(&self, gate: GateId) -> (usize, usize) {
        let layer_idx = self.gates[gate.0 as usize].layer as usize;
        (layer_idx, (gate.0 - self.layers[layer_idx].gates.start) as usize)
    }
    /// The gate behind a signal; `None` for a feature.
    pub fn as_gate(&self, signal: Signal) -> Option<GateId> {
        signal.0.checked_sub(self.n_features).map(GateId)
    }
    /// The same circuit over any inputs with so many features on, at most.
    pub fn with_at_most(&self, most: u32) -> Circuit {
        let members = (0..self.n_features).map(Member::One).collect();
        let clauses = vec![Clause::Choose { members, count: 0..=most.min(self.n_features) }];
        Circuit { distribution: Distribution { clauses, plant: 0.0, rows: None }, ..self.clone() }
    }
    pub fn is_output(&self, signal: Signal) -> bool {
        self.outputs.binary_search(&signal).is_ok()
    }
    /// Whether the stored value is the complement of the value as written.
    pub fn is_complemented(&self, signal: Signal) -> bool {
        self.as_gate(signal).is_some_and(|gate| self.gates[gate.0 as usize].complemented)
    }
    /// The signals that layer `l` can read: features below layer 0, otherwise what the layer below reads off; where
    /// signals stay, the features and all gates below.
    pub fn signals_below(&self, layer_idx: usize) -> Vec<Signal> {
        match layer_idx.checked_sub(1) {
            Some(below) if !self.signals_stay => self.layer_signals(below).collect(),
            _ => (0..self.n_features + self.layers[layer_idx].gates.start).map(Signal).collect(),
        }
    }
    /// The signals that layer `l` reads off, in order: its gates, then what it carries.
    pub fn layer_signals(&self, layer_idx: usize) -> impl Iterator<Item = Signal> + '_ {
        let layer = &self.layers[layer_idx];
        layer.gates.clone().map(|gate| self.gate_signal(GateId(gate))).chain(layer.carried.iter().copied())
    }
}
