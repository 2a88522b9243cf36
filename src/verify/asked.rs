//! What is to be proved of whom, and what is wrong then.

use std::borrow::Cow;
use std::ops::Range;

use crate::circuit::{Circuit, GateId, Signal};
use crate::program::{Claim, Scope};
use crate::readings::Reading;

/// What a verification is asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// Every read-off is to be strictly within this of the truth; `None`: on the right side of its threshold.
    pub epsilon: Option<f64>,
    /// `None`: every gate of every layer.
    pub gates: Option<Vec<GateId>>,
    /// Whether to find the worst case of each gate.
    pub worst: bool,
    /// Whether to count the inputs that fail.
    pub count: bool,
    /// Any so many features on, at most, instead of what `sample` says.
    pub support: Option<u32>,
    /// About so many nodes of the search, over all gates.
    pub nodes: Option<u64>,
    /// Which inputs are to be handed back as hard.
    pub near: Option<Near>,
    /// Whether to end once a gate is refuted: the status is known then, but not how all gates stand.
    pub until_refuted: bool,
}

impl Request {
    /// What a line of `require` claims.
    pub fn of(claim: &Claim, circuit: &Circuit) -> Request {
        let outputs = || circuit.outputs.iter().filter_map(|&output| circuit.as_gate(output)).collect();
        let gates = (claim.scope == Scope::Outputs).then(outputs);
        Request { epsilon: claim.epsilon, gates, ..Request::default() }
    }

    /// The circuit over the inputs that are asked about.
    pub fn over<'c>(&self, circuit: &'c Circuit) -> Cow<'c, Circuit> {
        match self.support {
            Some(most) => Cow::Owned(circuit.with_at_most(most)),
            None => Cow::Borrowed(circuit),
        }
    }
}

/// Which inputs are hard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// The read-off is wrong, or less than this away from it.
    pub within: f64,
    /// Of each gate, on either side, no more than this.
    pub most: usize,
}

/// The same, resolved.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub epsilon: Option<f64>,
    /// Ascending.
    pub gates: Vec<GateId>,
    /// The same, as far as they follow one another in a layer.
    pub ranges: Vec<Signals>,
    pub worst: bool,
    pub count: bool,
    pub near: Option<Near>,
    pub until_refuted: bool,
    /// For each question about a gate.
    pub nodes: u64,
}

/// Gates that a layer reads off one after the other.
#[derive(Debug, Clone)]
pub(super) struct Signals {
    pub layer_idx: usize,
    pub signals: Range<usize>,
    pub first_gate: GateId,
    /// Its place among those that are asked about.
    pub first_asked: usize,
}

impl Asked {
    pub fn new(circuit: &Circuit, request: &Request) -> Asked {
        let gates = match &request.gates {
            Some(gates) => gates.clone(),
            None => (0..circuit.n_gates() as u32).map(GateId).collect(),
        };
        let Request { epsilon, worst, count, near, until_refuted, .. } = *request;
        let n_questions = match (epsilon, worst) {
            (None, false) => 2,
            (Some(_), false) => 4,
            (None, true) => 6,
            (Some(_), true) => 8,
        };
        let share = |nodes: u64| nodes / (n_questions * gates.len().max(1) as u64);
        let nodes = request.nodes.map_or(u64::MAX, |nodes| share(nodes).max(1));
        let (gates_of, ranges) = (Vec::new(), Vec::new());
        Asked { epsilon, worst, count, near, until_refuted, nodes, gates: gates_of, ranges }.of(circuit, gates)
    }

    /// The same of these gates alone.
    pub fn of(&self, circuit: &Circuit, mut gates: Vec<GateId>) -> Asked {
        gates.sort_unstable();
        gates.dedup();
        let mut ranges: Vec<Signals> = Vec::new();
        for (first_asked, &first_gate) in gates.iter().enumerate() {
            let (layer_idx, signal_idx) = circuit.place(first_gate);
            match ranges.last_mut() {
                Some(last) if last.layer_idx == layer_idx && last.signals.end == signal_idx => last.signals.end += 1,
                _ => ranges.push(Signals { layer_idx, signals: signal_idx..signal_idx + 1, first_gate, first_asked }),
            }
        }
        Asked { gates, ranges, ..self.clone() }
    }

    /// The inputs on which a signal is read wrong: bit i is the i-th of the block.
    pub fn wrong(&self, reading: &Reading, signal: Signal, threshold: f32) -> u64 {
        match self.epsilon {
            None => reading.wrong(signal, threshold),
            Some(epsilon) => {
                let errors = reading.errors(signal).into_iter().enumerate();
                let wrong = errors.fold(0, |wrong, (idx, error)| wrong | u64::from(f64::from(error) >= epsilon) << idx);
                wrong & reading.block.valid()
            }
        }
    }

    /// How far a reading is beyond where it would be wrong; negative where it is right.
    pub fn beyond(&self, read: f64, truth: bool, threshold: f64) -> f64 {
        match self.epsilon {
            None if truth => threshold - read,
            None => read - threshold,
            Some(epsilon) => (read - f64::from(u8::from(truth))).abs() - epsilon,
        }
    }
}
