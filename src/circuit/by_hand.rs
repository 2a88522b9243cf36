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

/// Clauses of every kind over features that follow one another; the last one is in none.
pub fn random_clauses(rng: &mut Pcg64, n_features: u32) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut first = 0;
    while first + 1 < n_features {
        let end = (first + 1 + random::below(rng, 4)).min(n_features - 1);
        let features: Vec<u32> = (first..end).collect();
        let probability = |rng: &mut Pcg64| [0.0, 0.03, 0.3, 0.5, 1.0][random::below(rng, 5) as usize];
        clauses.push(match random::below(rng, 6) {
            kind @ 0..=1 => {
                let mut members = Vec::new();
                while first < end {
                    let length = 1 + random::below(rng, end - first);
                    let is_row = random::coin(rng, 0.4);
                    members.push(if is_row { Member::Row(first..first + length) } else { Member::One(first) });
                    first += if is_row { length } else { 1 };
                }
                let most = random::below(rng, members.len() as u32 + 1);
                let count = most - random::below(rng, most + 1)..=most;
                let weights = members.iter().map(|_| random::uniform(rng) + 0.1).collect();
                if kind == 0 { Clause::Choose { members, count } } else { Clause::Weighted { members, count, weights } }
            }
            2 => Clause::Each { features, probability: probability(rng) },
            3 => {
                let correlation = f64::from(random::below(rng, 4)) / 4.0;
                Clause::Correlated { features, probability: probability(rng), correlation }
            }
            4 if first > 0 => {
                let child = |feature| {
                    let parent = random::below(rng, feature);
                    Child { feature, parent, probability: probability(rng) }
                };
                Clause::When { children: features.into_iter().map(child).collect() }
            }
            _ => {
                let probabilities = features.iter().map(|_| probability(rng)).collect();
                Clause::Coins { features, probabilities }
            }
        });
        first = end;
    }
    clauses
}

/// How likely clauses draw an input, by what they say.
pub fn probability(clauses: &[Clause], is_on: &dyn Fn(u32) -> bool) -> f64 {
    let coin = |feature: u32, probability: f64| if is_on(feature) { probability } else { 1.0 - probability };
    let of_clause = |clause: &Clause| match clause {
        Clause::Each { features, probability } => features.iter().map(|&feature| coin(feature, *probability)).product(),
        Clause::Coins { features, probabilities } => {
            features.iter().zip(probabilities).map(|(&feature, &probability)| coin(feature, probability)).product()
        }
        Clause::Correlated { features, probability, correlation } => {
            let copied = correlation.sqrt();
            let given = |common: f64| -> f64 {
                let of = |&feature: &u32| coin(feature, copied * common + (1.0 - copied) * probability);
                features.iter().map(of).product()
            };
            probability * given(1.0) + (1.0 - probability) * given(0.0)
        }
        Clause::When { children } => {
            let of = |child: &Child| coin(child.feature, if is_on(child.parent) { child.probability } else { 0.0 });
            children.iter().map(of).product()
        }
        Clause::Choose { members, count } => chosen_so(members, count, &vec![1.0; members.len()], is_on),
        Clause::Weighted { members, count, weights } => chosen_so(members, count, weights, is_on),
    };
    clauses.iter().map(of_clause).product()
}

fn chosen_so(members: &[Member], count: &RangeInclusive<u32>, weights: &[f64], is_on: &dyn Fn(u32) -> bool) -> f64 {
    // Every order in which members can come.
    let mut total = 0.0;
    for k in count.clone() {
        let mut open: Vec<(Vec<usize>, f64)> = vec![(Vec::new(), 1.0)];
        while let Some((taken, probability)) = open.pop() {
            let left: Vec<usize> = (0..members.len()).filter(|member| !taken.contains(member)).collect();
            if taken.len() < k as usize {
                let of_left: f64 = left.iter().map(|&member| weights[member]).sum();
                for member in left {
                    let with = taken.iter().copied().chain([member]).collect();
                    open.push((with, probability * weights[member] / of_left));
                }
                continue;
            }
            let shown = |(member, of): (usize, &Member)| match (of, taken.contains(&member)) {
                (Member::One(feature), chosen) => f64::from(u8::from(is_on(*feature) == chosen)),
                (Member::Row(row), true) => 0.5f64.powi(row.len() as i32),
                (Member::Row(row), false) => f64::from(u8::from(!row.clone().any(is_on))),
            };
            total += probability * members.iter().enumerate().map(shown).product::<f64>();
        }
    }
    total / count.clone().count() as f64
}

/// All inputs that clauses can draw, ascending features each, with how likely they are.
pub fn every_input(clauses: &[Clause], n_features: u32) -> Vec<(Vec<u32>, f64)> {
    let mut is_drawn = vec![false; n_features as usize];
    for clause in clauses {
        let members = clause.chosen().map_or(&[][..], |(members, _)| members);
        let of_members = members.iter().flat_map(|member| match member {
            Member::One(feature) => *feature..*feature + 1,
            Member::Row(row) => row.clone(),
        });
        let others =
            clause.coins().map(|(feature, _)| feature).chain(clause.children().iter().map(|child| child.feature));
        of_members.chain(others).for_each(|feature| is_drawn[feature as usize] = true);
    }
    let inputs = (0u32..1 << n_features).map(|bits| {
        let active: Vec<u32> = (0..n_features).filter(|bit| bits >> bit & 1 == 1).collect();
        let is_possible = active.iter().all(|&feature| is_drawn[feature as usize]);
        let likely = if is_possible { probability(clauses, &|feature| bits >> feature & 1 == 1) } else { 0.0 };
        (active, likely)
    });
    inputs.filter(|(_, likely)| *likely > 0.0).collect()
}
