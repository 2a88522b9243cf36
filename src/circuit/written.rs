//! A gate as written, for other programs: kind, count, and operands by name.
//!
//! Speaks of values as written, not as stored: a complement that is read shows in the sign of its operand.

use serde::Serialize;

use super::{Circuit, GateId, Literal};

/// A gate as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrittenGate<'a> {
    pub name: &'a str,
    pub layer: u32,
    pub kind: &'static str,
    /// How many operands `at_least`, `at_most` and `exactly` speak of; left out of the JSON of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    pub operands: Vec<Operand>,
}

/// What a gate reads: a feature, or a gate of a layer below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operand {
    pub signal: String,
    pub negated: bool,
}

impl Circuit {
    /// Every gate, layer by layer.
    pub fn written_gates(&self) -> impl Iterator<Item = WrittenGate<'_>> {
        (0..self.n_gates() as u32).map(GateId).map(|gate| self.written(gate))
    }

    fn written(&self, gate: GateId) -> WrittenGate<'_> {
        let record = &self.gates[gate.0 as usize];
        WrittenGate {
            name: self.name(self.gate_signal(gate)),
            layer: record.layer,
            kind: record.kind.name(),
            count: record.kind.count(),
            operands: self.written_operands(gate),
        }
    }

    /// In order: of a `mux` the first selects.
    pub fn written_operands(&self, gate: GateId) -> Vec<Operand> {
        let operand = |&literal: &Literal| Operand {
            signal: self.name(literal.signal()).to_owned(),
            negated: self.is_negated(literal),
        };
        self.operands(gate).iter().map(operand).collect()
    }

    /// Whether a gate as written reads the negation of the signal as written.
    pub fn is_negated(&self, operand: Literal) -> bool {
        operand.negated() != self.is_complemented(operand.signal())
    }
}
