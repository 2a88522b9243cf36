//! How the operands of a gate of the first level can have it on, or off: which features are on, and which off.
//!
//! Must not know what is read.

use crate::circuit::inputs::support::{Rest, Support};
use crate::circuit::{Circuit, GateId, Kind};

/// Gates whose operands would have to be told apart in more ways than this are left alone; and in fewer, where there
/// are so many options that the parts would not fit into memory.
const MAX_CASES: usize = 1 << 14;
const MAX_OPTIONS: usize = 1 << 26;

/// Ways that are looked at for that.
const MAX_LOOKS: u32 = 1 << 18;

/// All inputs of the support on which a gate has this stored value, parted by what decides it; `None`: too many parts.
pub fn cases(circuit: &Circuit, support: &Support, gate: GateId, value: bool) -> Option<Vec<Rest>> {
    let kind = circuit.gates[gate.0 as usize].kind;
    let written = value != circuit.gates[gate.0 as usize].complemented;
    let operands: Vec<(u32, bool)> =
        circuit.operands(gate).iter().map(|operand| (operand.signal().0, !operand.negated())).collect();
    let mut features: Vec<u32> = operands.iter().map(|(feature, _)| *feature).collect();
    features.sort_unstable();
    features.dedup();
    let n_features = features.len();
    let mut cases = Cases {
        support,
        kind,
        written,
        operands,
        features,
        values: vec![None; n_features],
        in_group: vec![0; support.groups.len()],
        found: Vec::new(),
        most: MAX_CASES.min(MAX_OPTIONS / support.options.len().max(1)),
        n_looks: 0,
    };
    cases.decide(0).then_some(cases.found)
}

struct Cases<'a> {
    support: &'a Support,
    kind: Kind,
    written: bool,
    /// Feature, and the value with which the operand is true.
    operands: Vec<(u32, bool)>,
    features: Vec<u32>,
    values: Vec<Option<bool>>,
    /// By group, members that are on.
    in_group: Vec<u32>,
    found: Vec<Rest>,
    most: usize,
    n_looks: u32,
}

impl Cases<'_> {
    /// Decides features from `at` on until the gate is decided. False when there are too many cases.
    fn decide(&mut self, at: usize) -> bool {
        self.n_looks += 1;
        if self.n_looks > MAX_LOOKS {
            return false;
        }
        if let Some(written) = self.value() {
            if written == self.written {
                let with = |value: bool| -> Vec<u32> {
                    let pairs = self.features.iter().zip(&self.values);
                    pairs.filter(|(_, of)| **of == Some(value)).map(|(feature, _)| *feature).collect()
                };
                self.found.extend(self.support.around(&with(true), &with(false)));
            }
            return self.found.len() <= self.most;
        }
        let feature = self.features[at];
        // Of single features no more than their group allows are on; rows count once for all of theirs.
        let group = self.support.group_of(feature);
        let has_room = group.is_none_or(|(group, most)| self.in_group[group as usize] < most);
        let is_always_on = self.support.is_always_on(feature);
        let can_be_on = if group.is_some() { has_room } else { is_always_on };
        if can_be_on {
            let counted = group.filter(|(group, _)| self.support.is_of_singles(*group));
            self.values[at] = Some(true);
            counted.into_iter().for_each(|(group, _)| self.in_group[group as usize] += 1);
            let goes_on = self.decide(at + 1);
            counted.into_iter().for_each(|(group, _)| self.in_group[group as usize] -= 1);
            if !goes_on {
                self.values[at] = None;
                return false;
            }
        }
        let mut goes_on = true;
        if !is_always_on {
            self.values[at] = Some(false);
            goes_on = self.decide(at + 1);
        }
        self.values[at] = None;
        goes_on
    }

    /// The value as written, where what is decided decides it.
    fn value(&self) -> Option<bool> {
        let of = |feature: u32| self.features.binary_search(&feature).ok().and_then(|at| self.values[at]);
        let truth = |&(feature, value): &(u32, bool)| of(feature).map(|on| on == value);
        if matches!(self.kind, Kind::Mux | Kind::AnyPair) {
            let operands: Option<Vec<bool>> = self.operands.iter().map(truth).collect();
            return operands.map(|operands| self.kind.value(operands));
        }
        // A feature that is read both ways is true once, whatever it is; that it is seen late costs a case.
        let n = self.operands.len() as u32;
        let n_true = self.operands.iter().filter(|operand| truth(operand) == Some(true)).count() as u32;
        let n_open = self.operands.iter().filter(|operand| truth(operand).is_none()).count() as u32;
        let value = self.kind.value_of_count(n_true, n);
        (n_true..=n_true + n_open).all(|n_true| self.kind.value_of_count(n_true, n) == value).then_some(value).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Distribution;
    use crate::circuit::by_hand::{self, choose, off, on};
    use crate::circuit::inputs::enumerate::distinct_inputs;
    use crate::circuit::truth::Truth;

    #[test]
    fn every_input_is_in_one_case_of_its_value() {
        let operands = || vec![on(0), off(2), on(3), on(5), on(3)];
        let mut gates: Vec<(Kind, Vec<_>)> = Kind::every(2).map(|kind| (kind, operands())).to_vec();
        gates.retain(|(kind, _)| *kind != Kind::Mux && *kind != Kind::Copy);
        gates.push((Kind::Mux, vec![on(1), off(2), on(4)]));
        let distribution = Distribution { clauses: vec![choose(0..7, 1..=3)], plant: 0.0, rows: None };
        let circuit = by_hand::circuit(7, &[gates], distribution);
        let support = Support::of(&circuit).unwrap();
        let distinct = distinct_inputs(&circuit).unwrap();
        let mut truth = Truth::new(&circuit);
        for gate in (0..circuit.n_gates() as u32).map(GateId) {
            let parts = [false, true].map(|value| cases(&circuit, &support, gate, value).unwrap());
            for block in (0..distinct.n_blocks()).map(|block| distinct.block(block)) {
                truth.evaluate(&circuit, &block, 0..block.len());
                for (bit, input) in block.iter().enumerate() {
                    let value = truth.word(circuit.gate_signal(gate)) >> bit & 1;
                    let holds = |rest: &&Rest| {
                        let is_open = |feature: &u32| {
                            rest.open
                                .iter()
                                .flat_map(|open| &open.options)
                                .any(|option| support.options[*option as usize].features == [*feature])
                        };
                        rest.on.iter().all(|feature| input.contains(feature))
                            && input.iter().all(|feature| rest.on.contains(feature) || is_open(feature))
                    };
                    let found = [0, 1].map(|side: usize| parts[side].iter().filter(holds).count());
                    assert_eq!(found, [1 - value as usize, value as usize], "{gate:?} {input:?}");
                }
            }
        }
    }
}
