//! The inputs of a circuit that says nothing of them: few features are on, yet every gate is on and off.
//!
//! Must not know how inputs are drawn.

use super::sample::Sampler;
use super::{Clause, Distribution, Member};
use crate::circuit::{Circuit, GateId, Kind, Literal};

/// So many features are on at most, unless a gate needs more of them.
const FEW: u32 = 4;

/// Share of inputs with a first-level gate planted.
const PLANT: f64 = 0.5;

/// A count of 0 to 4 features drawn uniformly, or to as many as some gate needs to be on, or off; in half of the
/// inputs a gate of the first level is planted.
pub fn usual(circuit: &Circuit) -> Distribution {
    let most = most_needed(circuit).max(FEW).min(circuit.n_features);
    let members = (0..circuit.n_features).map(Member::One).collect();
    let clauses = vec![Clause::Choose { members, count: 0..=most }];
    let planted = Circuit { distribution: Distribution { clauses, plant: PLANT, rows: None }, ..circuit.clone() };
    let plant = if Sampler::new(&planted).is_ok() { PLANT } else { 0.0 };
    Distribution { plant, ..planted.distribution }
}

/// How many features must be on for each gate to be on and off: at most so many, and exactly where no two of a gate's
/// operands hang together.
fn most_needed(circuit: &Circuit) -> u32 {
    let n = circuit.n_features;
    // By signal: the features that must be on for its stored value to be 0, and 1; `None` if it cannot be.
    let mut needed: Vec<[Option<u32>; 2]> = vec![[Some(0), Some(1)]; circuit.n_features()];
    for (gate_idx, gate) in circuit.gates.iter().enumerate() {
        let operands = circuit.operands(GateId(gate_idx as u32));
        let of = |literal: Literal, value: bool| {
            needed[literal.signal().0 as usize][usize::from(value != literal.negated())]
        };
        let written = [false, true].map(|value| match gate.kind {
            Kind::Mux => of_mux(operands, value, of),
            Kind::AnyPair => of_pairs(operands, value, of),
            kind => of_count(kind, operands, value, of),
        });
        let capped = written.map(|needed| needed.map(|needed| needed.min(n)));
        needed.push(if gate.complemented { [capped[1], capped[0]] } else { capped });
    }
    needed[circuit.n_features()..].iter().flatten().filter_map(|needed| *needed).max().unwrap_or(0)
}

fn of_mux(operands: &[Literal], value: bool, of: impl Fn(Literal, bool) -> Option<u32>) -> Option<u32> {
    let [choice, then, otherwise] = operands else { return None };
    let way = |chosen: bool, branch: &Literal| Some(of(*choice, chosen)? + of(*branch, value)?);
    [way(true, then), way(false, otherwise)].into_iter().flatten().min()
}

/// The cheapest pair, or the cheaper one of each pair to be off.
fn of_pairs(operands: &[Literal], value: bool, of: impl Fn(Literal, bool) -> Option<u32>) -> Option<u32> {
    let pairs = operands.chunks_exact(2);
    match value {
        true => pairs.filter_map(|pair| Some(of(pair[0], true)? + of(pair[1], true)?)).min(),
        false => pairs.map(|pair| [of(pair[0], false), of(pair[1], false)].into_iter().flatten().min()).sum(),
    }
}

/// The cheapest number of true operands that gives a gate this value.
fn of_count(kind: Kind, operands: &[Literal], value: bool, of: impl Fn(Literal, bool) -> Option<u32>) -> Option<u32> {
    let n = operands.len() as u32;
    // Operands that can be both, by what it costs more to have them true.
    let mut changes = Vec::new();
    let (mut cost, mut n_true) = (0i64, 0);
    for &operand in operands {
        match (of(operand, false), of(operand, true)) {
            (Some(off), Some(on)) => {
                cost += i64::from(off);
                changes.push(i64::from(on) - i64::from(off));
            }
            (Some(off), None) => cost += i64::from(off),
            (None, Some(on)) => {
                cost += i64::from(on);
                n_true += 1;
            }
            (None, None) => return None,
        }
    }
    changes.sort_unstable();
    let mut least = None;
    for change in changes.into_iter().map(Some).chain([None]) {
        if kind.value_of_count(n_true, n) == Some(value) {
            least = Some(least.map_or(cost, |least: i64| least.min(cost)));
        }
        n_true += 1;
        cost += change.unwrap_or(0);
    }
    least.map(|cost| cost.max(0) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::by_hand::{self, off, on};

    fn most(n_features: u32, layers: &[Vec<(Kind, Vec<Literal>)>]) -> u32 {
        let circuit = by_hand::circuit(n_features, layers, Distribution::default());
        let Clause::Choose { count, .. } = &usual(&circuit).clauses[0] else { panic!("it chooses") };
        assert_eq!(*count.start(), 0);
        *count.end()
    }

    #[test]
    fn as_many_features_are_on_as_some_gate_needs() {
        let all = |n: u32| vec![(Kind::And, (0..n).map(on).collect())];
        assert_eq!(most(30, &[all(2)]), FEW);
        assert_eq!(most(30, &[all(7)]), 7);
        assert_eq!(most(2, &[all(2)]), 2);
        assert_eq!(most(30, &[vec![(Kind::Or, (0..30).map(on).collect())]]), FEW);
        assert_eq!(most(30, &[vec![(Kind::Majority, (0..30).map(on).collect())]]), 16);
        assert_eq!(most(30, &[vec![(Kind::AtMost(5), (0..30).map(on).collect())]]), 6);
        assert_eq!(most(30, &[vec![(Kind::And, (0..30).map(off).collect())]]), FEW);
        // A gate above needs what those below need.
        let pairs = (0..4).map(|pair| (Kind::And, vec![on(2 * pair), on(2 * pair + 1)])).collect();
        assert_eq!(most(30, &[pairs, vec![(Kind::And, (30..34).map(on).collect())]]), 8);
        assert_eq!(most(30, &[vec![(Kind::Mux, vec![on(0), on(1), on(2)])]]), FEW);
    }

    #[test]
    fn what_cannot_be_planted_is_not() {
        let constant = vec![(Kind::And, vec![on(0), off(0)])];
        let circuit = by_hand::circuit(3, &[constant], Distribution::default());
        assert_eq!(usual(&circuit).plant, 0.0);
    }
}
