//! What was proved, and what was not.

use serde::Serialize;

use crate::circuit::{GateId, Inputs};
use crate::program::Status;

/// How it stands with every gate that was asked about, over every input.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    pub circuit: String,
    pub status: Status,
    pub method: Method,
    /// Distinct inputs of the support, to the nearest double.
    pub n_inputs: f64,
    /// Whether they are only known to be no more than that.
    pub inputs_bound: bool,
    /// Strictly within this of the truth; `None`: on the right side of its threshold.
    pub epsilon: Option<f64>,
    /// Every gate that was asked about, in the order of the circuit.
    pub gates: Vec<GateProof>,
    /// The least distance of a read-off from where it would be wrong, in real arithmetic; negative where it is. Where
    /// the worst case was asked for and found.
    pub margin: Option<f64>,
    /// The worst |read-off − truth|; likewise.
    pub error: Option<f64>,
    /// Inputs on which a gate that was asked about is wrong; where they were asked for and all found.
    pub failing_inputs: Option<u64>,
    pub counterexample: Option<Counterexample>,
    /// Inputs on which a gate is wrong, or nearly so, where they were asked for: of all that there are, as far as
    /// bounds or runs of all reach, and otherwise of some that were drawn.
    pub hard: Inputs,
}

/// Which way it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Every input was run.
    Exhaustion,
    /// Bounds over all inputs, and runs of those that they leave.
    BranchAndBound,
    /// Bounds over all inputs for the first layer, and runs of every input for the others.
    BoundsAndExhaustion,
    /// Bounds over all inputs for the first layer, and inputs drawn against the others.
    FirstLayer,
}

/// One gate.
#[derive(Debug, Clone, PartialEq)]
pub struct GateProof {
    pub gate: GateId,
    pub verdict: Verdict,
    /// Inputs so near the limit that they were run.
    pub n_near: u64,
    pub margin: Option<f64>,
    pub error: Option<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// On every input that bounds leave open, if any, the f32 network was run and is right.
    Proved,
    Refuted(Counterexample),
    /// The budget ended, or the gate has too many operands, or is of a layer that bounds do not reach.
    Open,
}

/// An input on which the f32 network is wrong, as the evaluator runs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Counterexample {
    /// Features that are on, ascending.
    pub on: Vec<u32>,
    pub gate: GateId,
    pub reading: f32,
    pub threshold: f32,
    /// The stored value that should be read.
    pub truth: bool,
}

impl GateProof {
    /// Of a gate that nothing is known of yet.
    pub(super) fn open(gate: GateId) -> GateProof {
        GateProof { gate, verdict: Verdict::Open, n_near: 0, margin: None, error: None }
    }
}

impl Proof {
    pub fn n_proved(&self) -> usize {
        self.gates.iter().filter(|gate| gate.verdict == Verdict::Proved).count()
    }

    pub fn n_refuted(&self) -> usize {
        self.gates.iter().filter(|gate| matches!(gate.verdict, Verdict::Refuted(_))).count()
    }

    pub fn n_open(&self) -> usize {
        self.gates.len() - self.n_proved() - self.n_refuted()
    }
}

/// Of gates with these verdicts.
pub(super) fn status(gates: &[GateProof]) -> Status {
    let is = |is: fn(&Verdict) -> bool| gates.iter().any(|gate| is(&gate.verdict));
    if is(|verdict| matches!(verdict, Verdict::Refuted(_))) {
        Status::Refuted
    } else if is(|verdict| *verdict == Verdict::Open) {
        Status::NotProved
    } else {
        Status::Proved
    }
}
