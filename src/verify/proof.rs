//! What was proved, and what was not.

use serde::Serialize;

use super::worst::Worst;
use crate::circuit::{GateId, Inputs};
use crate::program::Status;

/// How exact worst cases are: many inputs may tie within the gap of a bound.
pub const TOLERANCE: f64 = 1e-4;

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
    /// Inputs so near the limit that they were run; `None` where every input was.
    pub n_near: Option<u64>,
    /// The most that the f32 network can be off, in whatever order it takes its sums; infinite where it might overflow.
    pub rounding: f64,
    /// Where it was asked for and found; to within [`TOLERANCE`].
    pub worst: Worst,
    pub margin: Option<f64>,
    pub error: Option<f64>,
}

/// What a proof of a gate stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// No input comes nearer to the limit than rounding can carry it, in whatever order sums are taken.
    BeyondRounding,
    /// Right in real arithmetic; in f32, the inputs in question were run.
    RealArithmetic,
    /// The inputs in question were run.
    Run,
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
        let worst = Worst::default();
        let (n_near, rounding) = (Some(0), f64::INFINITY);
        GateProof { gate, verdict: Verdict::Open, n_near, rounding, worst, margin: None, error: None }
    }

    /// Takes what the worst cases are.
    pub(super) fn know(&mut self, worst: Worst, epsilon: Option<f64>, threshold: f32) {
        self.margin = worst.margin(epsilon, threshold.into());
        self.error = worst.error();
        self.worst = worst;
    }

    /// `None` where it is not proved.
    pub fn basis(&self) -> Option<Basis> {
        let is_beyond = |distance: f64| self.margin.is_some_and(|margin| margin - TOLERANCE > distance);
        match self.verdict {
            Verdict::Proved if self.n_near == Some(0) || is_beyond(self.rounding) => Some(Basis::BeyondRounding),
            Verdict::Proved if is_beyond(0.0) => Some(Basis::RealArithmetic),
            Verdict::Proved => Some(Basis::Run),
            _ => None,
        }
    }
}

impl Proof {
    pub fn n_proved(&self) -> usize {
        self.gates.iter().filter(|gate| gate.verdict == Verdict::Proved).count()
    }

    /// Gates that are proved, and on what.
    pub fn n_proved_by(&self, basis: Basis) -> usize {
        self.gates.iter().filter(|gate| gate.basis() == Some(basis)).count()
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
