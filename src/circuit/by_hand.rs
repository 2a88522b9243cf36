//! Circuits for tests, built without the language, and an evaluator that is too simple to be wrong.

use std::ops::{Range, RangeInclusive};

use super::*;
use crate::random::{self, Pcg64};

/// Gates by layer, each a kind over literals; complements and the rest follow.
pub fn circuit(n_features: u32, layers: &[Vec<(Kind, Vec<Literal>)>], distribution: Distribution) -> Circuit {
    let mut circuit = Circuit {
        name: "by_hand".into(),
        names: Names::default(),
        n_features,
        gates: Vec::new(),
        operands: Vec::new(),
        layers: Vec::new(),
        signals_stay: false,
        outputs: Vec::new(),
        distribution,
    };
    for feature in 0..n_features {
        circuit.names.push(&format!("x[{feature}]"));
    }
    for (layer, gates) in layers.iter().enumerate() {
        let first = circuit.gates.len() as u32;
        for (kind, operands) in gates {
            circuit.names.push(&format!("g{}", circuit.gates.len()));
            circuit.gates.push(Gate {
                kind: *kind,
                first_operand: circuit.operands.len() as u32,
                n_operands: operands.len() as u32,
                complemented: kind.value(operands.iter().map(|operand| operand.negated())),
                layer: layer as u32,
                span: Span::default(),
            });
            circuit.operands.extend(operands);
        }
        let gates = first..circuit.gates.len() as u32;
        circuit.layers.push(Layer { name: format!("level{layer}"), gates, carried: Vec::new(), corrects: false });
    }
    circuit
}

/// The circuit with every layer carrying what one above the next reads from below it, as a network needs it.
pub fn carrying(mut circuit: Circuit) -> Circuit {
    for gate_idx in 0..circuit.n_gates() {
        let gate = circuit.gates[gate_idx];
        for operand in circuit.operands(GateId(gate_idx as u32)).to_vec() {
            let below = circuit.as_gate(operand.signal()).map_or(0, |gate| circuit.gates[gate.0 as usize].layer + 1);
            for layer in below..gate.layer {
                circuit.layers[layer as usize].carried.push(operand.signal());
            }
        }
    }
    for layer in &mut circuit.layers {
        layer.carried.sort_unstable();
        layer.carried.dedup();
    }
    circuit
}

pub fn on(signal: u32) -> Literal {
    Literal::new(Signal(signal), false)
}

pub fn off(signal: u32) -> Literal {
    Literal::new(Signal(signal), true)
}

/// `choose count of` features `first..first + n`.
pub fn choose(features: Range<u32>, count: RangeInclusive<u32>) -> Clause {
    Clause::Choose { members: features.map(Member::One).collect(), count }
}

/// n features, two on; gate i is features i and i + 1.
pub fn ring_of_pairs(n: u32) -> Circuit {
    let gates = (0..n).map(|i| (Kind::And, vec![on(i), on((i + 1) % n)])).collect();
    circuit(n, &[gates], Distribution { clauses: vec![choose(0..n, 2..=2)], plant: 0.0, rows: None })
}

/// Random gates of every kind over everything below, operands repeated at times.
pub fn random(rng: &mut Pcg64, n_features: u32, n_layers: usize, n_gates: u32) -> Circuit {
    let mut n_signals = n_features;
    let mut layers = Vec::new();
    for _ in 0..n_layers {
        let gates = (0..n_gates).map(|_| {
            let n = random::below(rng, 6);
            let k = random::below(rng, n + 2);
            let kind = Kind::every(k)[random::below(rng, 12) as usize];
            let n = match kind {
                Kind::Copy => 1,
                Kind::Mux => 3,
                _ => n,
            };
            let operands = (0..n).map(|_| {
                let signal = Signal(random::below(rng, n_signals));
                Literal::new(signal, random::coin(rng, 0.3))
            });
            (kind, operands.collect())
        });
        layers.push(gates.collect());
        n_signals += n_gates;
    }
    let clauses = vec![choose(0..n_features, 0..=n_features)];
    circuit(n_features, &layers, Distribution { clauses, plant: 0.0, rows: None })
}

/// The stored value of every signal on one input.
pub fn evaluate(circuit: &Circuit, active: &[u32]) -> Vec<bool> {
    let mut stored: Vec<bool> = (0..circuit.n_features).map(|feature| active.contains(&feature)).collect();
    for gate_idx in 0..circuit.n_gates() {
        let gate = circuit.gates[gate_idx];
        let operands = circuit.operands(GateId(gate_idx as u32));
        let values = operands.iter().map(|operand| stored[operand.signal().0 as usize] != operand.negated());
        stored.push(gate.kind.value(values) != gate.complemented);
    }
    stored
}
