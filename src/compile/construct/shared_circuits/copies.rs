//! Which gates of a circuit are copies of each other: what was written once and stands there many times.
//!
//! A *unit* is a sub-circuit that stands for itself, and units with the same gates are *copies* of one *family*. What a
//! comprehension makes of the rows of an array, or of calls of a sub-circuit over them, are parts of the circuit that
//! share nothing, not even a feature: each is a unit, if another is like it. The rest is looked at without the features
//! that its parts share, as where a sub-circuit is called for every pair of features; and what even then is like
//! nothing else is gate by gate.
//!
//! Two gates are alike that are of one kind over operands that are alike, all features being alike; two units, that
//! have as many gates of each likeness in each layer. Within a unit every gate has a *role*, which in a copy one gate
//! of the same likeness has: where there are several, the first in the order of the file has the first.
//!
//! Must not know neurons.

use std::collections::{BTreeMap, HashMap};

use crate::circuit::{Circuit, GateId, Kind, Signal};

/// By signal, which copy of what it belongs to.
pub struct Copies {
    pub parts: Vec<Part>,
    /// By family, how many copies it has; the last is that of features which no copy has to itself.
    pub n_copies: Vec<usize>,
}

/// A signal as a part of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    pub family: usize,
    /// Below [`Copies::n_copies`] of the family.
    pub copy: usize,
    /// Of each role a copy has one signal.
    pub role: usize,
}

/// Of a gate: its layer, and what it is alike.
type Likeness = (u32, usize);

impl Copies {
    pub fn of(circuit: &Circuit) -> Copies {
        let likeness = likeness(circuit);
        let all = Units::joined(circuit, &likeness, |_| true);
        // A unit of its own kind is looked at more closely.
        let is_apart = |unit: usize| all.n_like(unit) > 1;
        let closer = Units::joined(circuit, &likeness, |signal| signal.0 >= circuit.n_features);
        let unit_of = |gate: u32| {
            let signal = circuit.n_features + gate;
            let (wide, close) = (all.of[signal as usize], closer.of[signal as usize]);
            if is_apart(wide) {
                (0, wide)
            } else if closer.n_like(close) > 1 {
                (1, close)
            } else {
                (2, gate as usize)
            }
        };
        let units: Vec<(usize, usize)> = (0..circuit.n_gates() as u32).map(unit_of).collect();
        let mut gates_of: BTreeMap<(usize, usize), Vec<u32>> = BTreeMap::new();
        (0..).zip(&units).for_each(|(gate, &unit)| gates_of.entry(unit).or_default().push(gate));

        let mut family_of: HashMap<Vec<Likeness>, usize> = HashMap::new();
        let mut n_copies: Vec<usize> = Vec::new();
        let nowhere = Part { family: 0, copy: 0, role: 0 };
        let mut parts = vec![nowhere; circuit.n_signals()];
        let mut n_roles: Vec<usize> = Vec::new();
        // Units in the order of their first gates, whatever they come of.
        let mut in_order: Vec<&Vec<u32>> = gates_of.values().collect();
        in_order.sort_unstable_by_key(|gates| gates[0]);
        for gates in in_order {
            let mut alike: Vec<(Likeness, u32)> = gates.iter().map(|&gate| (likeness[gate as usize], gate)).collect();
            alike.sort_unstable();
            let family = *family_of.entry(alike.iter().map(|entry| entry.0).collect()).or_insert_with(|| {
                n_copies.push(0);
                n_roles.push(alike.len());
                n_copies.len() - 1
            });
            let copy = n_copies[family];
            n_copies[family] += 1;
            for (role, (_, gate)) in alike.into_iter().enumerate() {
                parts[(circuit.n_features + gate) as usize] = Part { family, copy, role };
            }
        }
        let shared = n_copies.len();
        n_copies.push(0);
        // Features follow the gates that have them to themselves.
        let owner: HashMap<usize, u32> =
            (0..).zip(&units).filter(|entry| entry.1.0 == 0).map(|(gate, unit)| (unit.1, gate)).collect();
        let mut n_given: HashMap<(usize, usize), usize> = HashMap::new();
        for feature in 0..circuit.n_features() {
            parts[feature] = match owner.get(&all.of[feature]) {
                Some(&gate) => {
                    let Part { family, copy, .. } = parts[(circuit.n_features + gate) as usize];
                    let n_given = n_given.entry((family, copy)).or_default();
                    *n_given += 1;
                    Part { family, copy, role: n_roles[family] + *n_given - 1 }
                }
                None => {
                    n_copies[shared] += 1;
                    Part { family: shared, copy: n_copies[shared] - 1, role: 0 }
                }
            };
        }
        Copies { parts, n_copies }
    }

    pub fn of_signal(&self, signal: Signal) -> Part {
        self.parts[signal.0 as usize]
    }

    /// Whether there is a gate that another is a copy of.
    pub fn any(&self) -> bool {
        self.n_copies[..self.n_copies.len() - 1].iter().any(|&n| n > 1)
    }
}

/// By gate. All features are alike, and gates of one kind over operands that are.
fn likeness(circuit: &Circuit) -> Vec<Likeness> {
    type Gate = (Kind, bool, Vec<(usize, bool)>);
    let mut known: HashMap<Gate, usize> = HashMap::new();
    let mut likeness: Vec<Likeness> = Vec::with_capacity(circuit.n_gates());
    for (gate, gate_idx) in circuit.gates.iter().zip(0..) {
        let operands = circuit.operands(GateId(gate_idx)).iter();
        let like = |signal| circuit.as_gate(signal).map_or(0, |gate| likeness[gate.0 as usize].1);
        let mut operands: Vec<(usize, bool)> =
            operands.map(|literal| (like(literal.signal()), literal.negated())).collect();
        if !matches!(gate.kind, Kind::Mux | Kind::AnyPair) {
            operands.sort_unstable();
        }
        let next = known.len() + 1;
        likeness.push((gate.layer, *known.entry((gate.kind, gate.complemented, operands)).or_insert(next)));
    }
    likeness
}

/// Signals that gates hold together.
struct Units {
    /// By signal: the first of its unit.
    of: Vec<usize>,
    /// By the first signal of a unit, which sort of unit it is; and by sort, how many there are.
    sort_of: HashMap<usize, usize>,
    n_of_sort: Vec<usize>,
}

impl Units {
    /// A gate holds itself and those of its operands together that `holds` says so of.
    fn joined(circuit: &Circuit, likeness: &[Likeness], holds: impl Fn(Signal) -> bool) -> Units {
        let mut above: Vec<usize> = (0..circuit.n_signals()).collect();
        for gate in (0..circuit.n_gates() as u32).map(GateId) {
            for signal in circuit.operands(gate).iter().map(|literal| literal.signal()).filter(|&signal| holds(signal))
            {
                let one = first(&mut above, circuit.gate_signal(gate).0 as usize);
                let other = first(&mut above, signal.0 as usize);
                above[one.max(other)] = one.min(other);
            }
        }
        let of: Vec<usize> = (0..above.len()).map(|signal| first(&mut above, signal)).collect();
        let mut gates_of: BTreeMap<usize, Vec<Likeness>> = BTreeMap::new();
        for (gate, &like) in likeness.iter().enumerate() {
            gates_of.entry(of[circuit.n_features() + gate]).or_default().push(like);
        }
        let (mut sorts, mut n_of_sort, mut sort_of) = (HashMap::new(), Vec::new(), HashMap::new());
        for (unit, mut gates) in gates_of {
            gates.sort_unstable();
            let sort = *sorts.entry(gates).or_insert_with(|| {
                n_of_sort.push(0);
                n_of_sort.len() - 1
            });
            n_of_sort[sort] += 1;
            sort_of.insert(unit, sort);
        }
        Units { of, sort_of, n_of_sort }
    }

    /// How many units are like this one.
    fn n_like(&self, unit: usize) -> usize {
        self.sort_of.get(&unit).map_or(0, |&sort| self.n_of_sort[sort])
    }
}

/// The first signal of a unit, from any of it; paths are halved on the way.
fn first(above: &mut [usize], mut signal: usize) -> usize {
    while above[signal] != signal {
        above[signal] = above[above[signal]];
        signal = above[signal];
    }
    signal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Distribution;
    use crate::circuit::by_hand::{self, on};

    /// Adders over rows of three features, the gates of all copies side by side, as a comprehension has them.
    fn adders(n: u32) -> Circuit {
        let gates = |kind, a: u32, b: u32| (0..n).map(move |t| (kind, vec![on(3 * t + a), on(3 * t + b)]));
        let lowest: Vec<_> =
            gates(Kind::Xor, 0, 1).chain(gates(Kind::And, 0, 1)).chain(gates(Kind::Xor, 1, 2)).collect();
        let above = (0..n).map(|t| (Kind::Or, vec![on(3 * n + t), on(4 * n + t)])).collect();
        by_hand::circuit(3 * n, &[lowest, above], Distribution::default())
    }

    #[test]
    fn rows_are_copies_and_two_gates_alike_of_one_row_have_two_roles() {
        let circuit = adders(4);
        let copies = Copies::of(&circuit);
        assert_eq!(copies.n_copies, [4, 0]);
        assert!(copies.any());
        let parts = |first: u32| (0..4).map(|t| copies.of_signal(Signal(first + t))).collect::<Vec<_>>();
        let roles: Vec<usize> = [12, 16, 20, 24].map(|first| parts(first)[0].role).to_vec();
        for (first, &role) in [12, 16, 20, 24].into_iter().zip(&roles) {
            assert!(parts(first).iter().enumerate().all(|(copy, part)| *part == Part { family: 0, copy, role }));
        }
        let mut distinct = roles.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 4);
        // Features too: three roles, behind those of gates.
        let features: Vec<Part> = (0..3).map(|feature| copies.of_signal(Signal(feature))).collect();
        assert_eq!(features, [4, 5, 6].map(|role| Part { family: 0, copy: 0, role }));
    }

    #[test]
    fn what_shares_features_is_looked_at_without_them() {
        // Two gates for each pair of four features, and one over these two: a sub-circuit for every pair.
        let pairs: Vec<[u32; 2]> = (0..4).flat_map(|i| (i + 1..4).map(move |j| [i, j])).collect();
        let of_kind = |kind: Kind| pairs.iter().map(move |pair| (kind, pair.map(on).to_vec()));
        let lowest: Vec<_> = of_kind(Kind::And).chain(of_kind(Kind::Or)).collect();
        let above = (0..6).map(|t| (Kind::Xor, vec![on(4 + t), on(10 + t)])).collect();
        let circuit = by_hand::circuit(4, &[lowest, above], Distribution::default());
        let copies = Copies::of(&circuit);
        assert_eq!(copies.n_copies, [6, 4]);
        let copy_of = |signal| copies.of_signal(Signal(signal)).copy;
        assert!((0..6).all(|t| [copy_of(4 + t), copy_of(10 + t), copy_of(16 + t)] == [t as usize; 3]));
    }

    #[test]
    fn what_is_like_nothing_else_is_gate_by_gate() {
        // Six ANDs that one gate reads.
        let pair = |i| (Kind::And, vec![on(i), on((i + 1) % 6)]);
        let any = vec![(Kind::Or, (6..12).map(on).collect())];
        let circuit = by_hand::circuit(6, &[(0..6).map(pair).collect(), any], Distribution::default());
        assert_eq!(Copies::of(&circuit).n_copies, [6, 1, 6]);
        let alone = by_hand::circuit(2, &[vec![pair(0)]], Distribution::default());
        assert!(!Copies::of(&alone).any());
    }

    /// Of a thousand random pairs some share no feature with any other.
    #[test]
    fn copies_that_stand_apart_are_of_one_family_with_those_that_do_not() {
        let pairs = [[0, 1], [1, 2], [2, 0], [3, 4], [5, 6]];
        let gates = pairs.map(|pair| (Kind::And, pair.map(on).to_vec())).to_vec();
        let circuit = by_hand::circuit(7, &[gates], Distribution::default());
        assert_eq!(Copies::of(&circuit).n_copies[0], 5);
    }
}
