//! What gate an explanation is of, what it depends on, and what comes first in one.

use serde::Serialize;

use crate::circuit::{Circuit, GateId, Operand};

/// What gate is spoken of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subject {
    pub circuit: String,
    pub gate: String,
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    pub operands: Vec<Operand>,
    pub layer: usize,
}

impl Subject {
    pub fn of(circuit: &Circuit, gate: GateId) -> Subject {
        let kind = circuit.gates[gate.0 as usize].kind;
        Subject {
            circuit: circuit.name.clone(),
            gate: circuit.name(circuit.gate_signal(gate)).to_owned(),
            kind: kind.name(),
            count: kind.count(),
            operands: circuit.written_operands(gate),
            layer: circuit.place(gate).0,
        }
    }
}

/// By signal: whether a gate depends on it, itself left out.
pub fn depends_on(circuit: &Circuit, gate: GateId) -> Vec<bool> {
    let mut depends = vec![false; circuit.n_signals()];
    let mut rest = vec![gate];
    while let Some(gate) = rest.pop() {
        for operand in circuit.operands(gate) {
            let signal = operand.signal();
            if !std::mem::replace(&mut depends[signal.0 as usize], true) {
                rest.extend(circuit.as_gate(signal));
            }
        }
    }
    depends
}

/// The largest first, by size; equal ones stay in order.
pub fn largest_first<T>(items: &mut [T], size: impl Fn(&T) -> f64) {
    items.sort_by(|a, b| size(b).abs().total_cmp(&size(a).abs()));
}
