//! What a program means: a flat arena of gates in topological order, inversion on the edge.
//!
//! `elaborate` builds it from an `Ast`; `truth` evaluates it, 64 inputs at a time; `sample` draws its inputs.
//! Must not know what a network is.

#[cfg(test)]
pub(crate) mod by_hand;
mod clauses;
mod distribution;
mod elaborate;
pub mod enumerate;
mod facts;
mod listing;
pub mod lists;
mod load;
pub(crate) mod pick;
pub mod plant;
mod problems;
pub mod rows;
pub mod sample;
mod schedule;
mod settings;
pub mod truth;
mod warnings;

pub use facts::{Bounds, Facts, LayerFacts, Spread, facts};
pub use load::{Limits, Loaded, Loader, load};
pub use settings::{CONSTRUCTIONS, MAX_SAMPLES};

use std::ops::{Range, RangeInclusive};

use crate::diagnostic::{Sources, Span};

/// A Boolean circuit over sparse features, with its input distribution and what it asks of a network.
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
    /// Outputs, each a gate; sorted, distinct.
    pub outputs: Vec<Signal>,
    pub distribution: Distribution,
    pub settings: Settings,
    pub requirements: Vec<Requirement>,
    /// Every file that took part, the asked-for one first.
    pub sources: Sources,
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

/// One gate. Its value as written is `kind` over its operands; its stored value is that, complemented if `complemented`.
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

/// How the value as written depends on the number of true operands (`mux`: on their order).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    And,
    Or,
    Xor,
    Nand,
    Nor,
    Xnor,
    Copy,
    AtLeast(u32),
    AtMost(u32),
    Exactly(u32),
    /// More than half of the operands.
    Majority,
    /// Operands s, a, b: a if s, else b.
    Mux,
}

impl Kind {
    /// The value as written, when `n_true` of `n` operands are true. Not for `Mux`.
    pub fn value(self, n_true: u32, n: u32) -> bool {
        match self {
            Kind::And => n_true == n,
            Kind::Nand => n_true != n,
            Kind::Or => n_true > 0,
            Kind::Nor => n_true == 0,
            Kind::Xor => n_true % 2 == 1,
            Kind::Xnor => n_true.is_multiple_of(2),
            Kind::Copy => n_true == n,
            Kind::AtLeast(k) => n_true >= k,
            Kind::AtMost(k) => n_true <= k,
            Kind::Exactly(k) => n_true == k,
            Kind::Majority => 2 * n_true > n,
            Kind::Mux => unreachable!("a mux is not a function of a count"),
        }
    }

    /// The field's name, as in reports: `and or xor nand nor xnor copy at_least at_most exactly majority mux`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::And => "and",
            Kind::Or => "or",
            Kind::Xor => "xor",
            Kind::Nand => "nand",
            Kind::Nor => "nor",
            Kind::Xnor => "xnor",
            Kind::Copy => "copy",
            Kind::AtLeast(_) => "at_least",
            Kind::AtMost(_) => "at_most",
            Kind::Exactly(_) => "exactly",
            Kind::Majority => "majority",
            Kind::Mux => "mux",
        }
    }
}

/// One level of the circuit, one hidden layer of the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    pub name: String,
    /// Its gates, as indices into [`Circuit::gates`].
    pub gates: Range<u32>,
    /// Signals from below that a layer above the next still needs; sorted. Read off after the gates.
    pub carried: Vec<Signal>,
}

impl Layer {
    /// How many signals the layer reads off.
    pub fn n_signals(&self) -> usize {
        self.gates.len() + self.carried.len()
    }
}

/// Names by signal, in one string.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names {
    text: String,
    ends: Vec<u32>,
}

impl Names {
    pub fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends.push(self.text.len() as u32);
    }
    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.text[start..self.ends[index] as usize]
    }
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    /// Keeps the first `n`.
    pub fn truncate(&mut self, n: usize) {
        self.ends.truncate(n);
        self.text.truncate(self.ends.last().map_or(0, |&end| end as usize));
    }
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// Which inputs are typical.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Distribution {
    /// Over disjoint features; a feature in no clause is off.
    pub clauses: Vec<Clause>,
    /// The probability that an input has one first-level gate planted.
    pub plant: f64,
    /// Rows of a file; replaces the clauses.
    pub rows: Option<Rows>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    /// A count drawn uniformly from `count`, then so many distinct members.
    Choose { members: Vec<Member>, count: RangeInclusive<u32> },
    /// Independent coins.
    Each { features: Vec<u32>, probability: f64 },
}

/// What a `choose` draws.
#[derive(Debug, Clone, PartialEq)]
pub enum Member {
    /// A feature: on when chosen.
    One(u32),
    /// A row of an array of rank two or more: when chosen, every bit is a fair coin.
    Row(Range<u32>),
}

/// The inputs of a `from` clause.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The file as it was named, and its bytes: they travel with the network.
    pub path: String,
    pub bytes: Vec<u8>,
    pub inputs: Inputs,
}

/// Inputs as lists of the features that are on: input i is `active[starts[i]..starts[i + 1]]`, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    pub starts: Vec<u32>,
    pub active: Vec<u32>,
}

impl Default for Inputs {
    fn default() -> Inputs {
        Inputs { starts: vec![0], active: Vec::new() }
    }
}

impl Inputs {
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The features that are on in input `index`, ascending.
    pub fn get(&self, index: usize) -> &[u32] {
        &self.active[self.starts[index] as usize..self.starts[index + 1] as usize]
    }
    /// Input by input, the features that are on.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> + '_ {
        (0..self.len()).map(|index| self.get(index))
    }
    /// Adds an input; `active` must be ascending.
    pub fn push(&mut self, active: impl IntoIterator<Item = u32>) {
        self.active.extend(active);
        self.starts.push(self.active.len() as u32);
    }
}

/// The `network` block. What is `None` was not said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    pub width: Option<Width>,
    /// By layer index; overrides `width`.
    pub layer_widths: Vec<(u32, Width)>,
    pub construction: Option<(String, Span)>,
    pub optimize: Option<u8>,
    pub seed: u64,
    pub samples: Option<u64>,
    /// Features that enter in superposition; disjoint.
    pub stores: Vec<Store>,
    pub decoder: Option<Decoder>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// The smallest that meets `require`.
    Auto,
    Neurons(u32),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    /// Ascending.
    pub features: Vec<u32>,
    pub dimensions: u32,
    pub dictionary: Dictionary,
    pub span: Span,
}

/// How stored features are embedded (constructions: "dictionaries").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dictionary {
    Gaussian,
    Rademacher,
}

/// How stored features are read back (the D of layer 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoder {
    /// The best linear one.
    Linear,
    Transpose,
}

/// One line of `require`.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    pub metric: Metric,
    pub comparison: Bound,
    pub bound: f64,
    /// As written, in canonical form: `error(alert) < 0.45`.
    pub text: String,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Metric {
    Reliability,
    OutputReliability,
    /// The worst error of these gates; of all when `None`.
    Error(Option<Vec<GateId>>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
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
    pub fn name(&self, signal: Signal) -> &str {
        self.names.get(signal.0 as usize)
    }
    pub fn gate_signal(&self, gate: GateId) -> Signal {
        Signal(self.n_features + gate.0)
    }
    /// The gate behind a signal; `None` for a feature.
    pub fn as_gate(&self, signal: Signal) -> Option<GateId> {
        signal.0.checked_sub(self.n_features).map(GateId)
    }
    /// Whether the stored value is the complement of the value as written.
    pub fn is_complemented(&self, signal: Signal) -> bool {
        self.as_gate(signal).is_some_and(|gate| self.gates[gate.0 as usize].complemented)
    }
    /// The signals that layer `l` reads off, in order: its gates, then what it carries.
    pub fn layer_signals(&self, layer_idx: usize) -> impl Iterator<Item = Signal> + '_ {
        let layer = &self.layers[layer_idx];
        layer.gates.clone().map(|gate| self.gate_signal(GateId(gate))).chain(layer.carried.iter().copied())
    }
}
