//! The ways in which features decide a gate, of whatever layer: what a question has to fix.
//!
//! An AND of two features has three: both on; the first on, the second off; the first off. No input is in two of them,
//! and each input of the region is in one. Must not know what is read.

use std::collections::BTreeSet;

use super::region::Region;
use crate::circuit::{Circuit, GateId, Kind, Literal, Signal};

/// Gates that are decided in more ways than this are left out.
pub const MOST_CASES: usize = 1 << 10;

/// Operands and features that are looked at for one gate.
const MOST_WORK: usize = 1 << 22;

/// All inputs on which these features have these values.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The stored value of the gate.
    pub value: bool,
    /// In the order in which they were decided.
    pub features: Vec<(u32, bool)>,
}

/// Decides gates, one after the other.
pub struct Decider<'a> {
    circuit: &'a Circuit,
    region: &'a Region,
    /// By signal: the stored value, where what is decided decides it. Between two gates that of the region alone.
    values: Vec<Option<bool>>,
}

impl<'a> Decider<'a> {
    pub fn new(circuit: &'a Circuit, region: &'a Region) -> Decider<'a> {
        let mut values = region.fixed.clone();
        values.resize(circuit.n_signals(), None);
        Decider { circuit, region, values }
    }

    /// The cases of a gate; `None`: too many.
    pub fn cases(&mut self, gate: GateId) -> Option<Vec<Case>> {
        let cone = self.cone(gate);
        let n_operands: usize = cone.iter().map(|&gate| self.circuit.operands(gate).len()).sum();
        let most_looks = MOST_WORK / (n_operands + self.circuit.n_features());
        let mut open: Vec<Vec<(u32, bool)>> = vec![Vec::new()];
        let mut found = Vec::new();
        let mut n_looks = 0;
        while let Some(features) = open.pop() {
            n_looks += 1;
            if n_looks > most_looks || found.len() == MOST_CASES {
                return None;
            }
            features.iter().for_each(|&(feature, value)| self.values[feature as usize] = Some(value));
            if self.region.has(|feature| self.values[feature as usize]) {
                match self.value(&cone) {
                    Some(value) => found.push(Case { value, features: features.clone() }),
                    None => {
                        let next = self.undecided_below(gate);
                        let with = |value: bool| features.iter().copied().chain([(next, value)]).collect();
                        open.extend([with(false), with(true)]);
                    }
                }
            }
            features
                .iter()
                .for_each(|&(feature, _)| self.values[feature as usize] = self.region.fixed[feature as usize]);
        }
        Some(found)
    }

    /// The gates that a gate depends on, itself the last: in an order in which they can be evaluated.
    fn cone(&self, gate: GateId) -> Vec<GateId> {
        let mut cone = BTreeSet::new();
        let mut open = vec![gate];
        while let Some(gate) = open.pop() {
            if cone.insert(gate) {
                let operands = self.circuit.operands(gate).iter();
                open.extend(operands.filter_map(|operand| self.circuit.as_gate(operand.signal())));
            }
        }
        cone.into_iter().collect()
    }

    /// Evaluates a cone; the stored value of its last gate.
    fn value(&mut self, cone: &[GateId]) -> Option<bool> {
        let mut last = None;
        for &gate in cone {
            let Circuit { gates, .. } = self.circuit;
            let written = self.written(gates[gate.0 as usize].kind, self.circuit.operands(gate));
            last = written.map(|written| written != gates[gate.0 as usize].complemented);
            self.values[self.circuit.gate_signal(gate).0 as usize] = last;
        }
        last
    }

    /// The value of a gate as written, where its operands decide it. That two of them are the same signal is not seen,
    /// which costs a case.
    fn written(&self, kind: Kind, operands: &[Literal]) -> Option<bool> {
        if kind == Kind::AnyPair {
            let operands: Option<Vec<bool>> = operands.iter().map(|&operand| self.truth(operand)).collect();
            return operands.map(|operands| kind.value(operands));
        }
        if kind == Kind::Mux {
            let [select, then, otherwise] = [0, 1, 2].map(|place| self.truth(operands[place]));
            return match select {
                Some(true) => then,
                Some(false) => otherwise,
                None => then.filter(|_| then == otherwise),
            };
        }
        let n = operands.len() as u32;
        let n_of = |truth| operands.iter().filter(|operand| self.truth(**operand) == truth).count() as u32;
        let (n_true, n_open) = (n_of(Some(true)), n_of(None));
        let value = kind.value_of_count(n_true, n);
        (n_true..=n_true + n_open).all(|n_true| kind.value_of_count(n_true, n) == value).then_some(value).flatten()
    }

    fn truth(&self, literal: Literal) -> Option<bool> {
        self.values[literal.signal().0 as usize].map(|stored| stored != literal.negated())
    }

    /// A feature that a gate waits for. Its cone has been evaluated, and it has no value.
    fn undecided_below(&self, gate: GateId) -> u32 {
        let mut signal = self.circuit.gate_signal(gate);
        while let Some(gate) = self.circuit.as_gate(signal) {
            signal = self.undecided_operand(gate);
        }
        signal.0
    }

    fn undecided_operand(&self, gate: GateId) -> Signal {
        let operands = self.circuit.operands(gate);
        let is_mux = self.circuit.gates[gate.0 as usize].kind == Kind::Mux;
        let waited_for = match self.truth(operands[0]) {
            Some(select) if is_mux => operands[if select { 1 } else { 2 }],
            _ => *operands.iter().find(|operand| self.truth(**operand).is_none()).expect("a gate waits for something"),
        };
        waited_for.signal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Distribution;
    use crate::circuit::by_hand::{self, choose, off, on};
    use crate::random;

    #[test]
    fn an_and_has_three_cases() {
        let distribution = Distribution { clauses: vec![choose(0..4, 0..=2)], plant: 0.0, rows: None };
        let circuit = by_hand::circuit(4, &[vec![(Kind::And, vec![on(2), off(0)])]], distribution);
        let region = Region::of(&circuit.distribution, 4).unwrap();
        let cases = Decider::new(&circuit, &region).cases(GateId(0)).unwrap();
        let expected =
            [(false, vec![(2, true), (0, true)]), (true, vec![(2, true), (0, false)]), (false, vec![(2, false)])];
        assert_eq!(cases, expected.map(|(value, features)| Case { value, features }));
    }

    #[test]
    fn every_input_is_in_one_case_and_has_its_value() {
        for seed in 0..60 {
            let mut rng = random::stream(&[seed]);
            let n_features = 6;
            let mut circuit = by_hand::random(&mut rng, n_features, 3, 5);
            circuit.distribution.clauses = vec![choose(0..5, 1..=3)];
            let region = Region::of(&circuit.distribution, n_features as usize).unwrap();
            let mut decider = Decider::new(&circuit, &region);
            for gate in (0..circuit.n_gates() as u32).map(GateId) {
                let cases = decider.cases(gate).unwrap();
                for bits in (0u32..1 << 5).filter(|bits| (1..=3).contains(&bits.count_ones())) {
                    let active: Vec<u32> = (0..n_features).filter(|bit| bits >> bit & 1 == 1).collect();
                    let truth = by_hand::evaluate(&circuit, &active)[circuit.gate_signal(gate).0 as usize];
                    let holds = |case: &&Case| case.features.iter().all(|(f, on)| active.contains(f) == *on);
                    let values: Vec<bool> = cases.iter().filter(holds).map(|case| case.value).collect();
                    assert_eq!(values, [truth], "seed {seed}, {gate:?}, {active:?}");
                }
            }
        }
    }

    #[test]
    fn what_has_too_many_cases_has_none() {
        let distribution = Distribution { clauses: vec![choose(0..12, 0..=12)], plant: 0.0, rows: None };
        let gates = [10, 11].map(|n| (Kind::Xor, (0..n).map(on).collect())).to_vec();
        let circuit = by_hand::circuit(12, &[gates], distribution);
        let region = Region::of(&circuit.distribution, 12).unwrap();
        let mut decider = Decider::new(&circuit, &region);
        assert_eq!([0, 1].map(|gate| decider.cases(GateId(gate)).map(|cases| cases.len())), [Some(1024), None]);
    }
}
