//! A gate as ramps: which weighted sums of stored signals, bent where, add up to the gate's stored value.
//!
//! A gate that depends only on how many of its literals are true is a staircase of the signed sum
//! u = (positive literals on) − (negated literals on), and a staircase is a sum of ReLUs, f(u) = Σ_j α_j relu(u − j)
//! (Vaintrob, Mendel, Hänni 2024: "Toward a mathematical framework for computation in superposition", the U-AND
//! gadget is its first step). Every stored signal rests at 0, so every staircase starts at 0 and every bend lies away
//! from 0: scaled, each is a neuron with bias −1. A first step that leaves u = 0 is bent at ½ and climbs twice as
//! steeply: the *dead zone* that makes it deaf to noise at rest.
//!
//! Must not know which neurons carry the ramps.

use std::ops::{AddAssign, RangeInclusive};

use crate::circuit::{Circuit, GateId, Kind, Literal, Signal};
use crate::compile::layer::LayerTask;

/// Σ over bends of `rise · relu(Σ weight · signal − at)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Ramp {
    /// Stored signals, ascending, each once, no zero weights.
    pub weights: Vec<(Signal, f32)>,
    /// Ascending in `at`.
    pub bends: Vec<Bend>,
}

impl Ramp {
    /// The ramp at a weighted sum u.
    pub fn at(&self, u: f32) -> f32 {
        self.bends.iter().map(|bend| bend.rise * (u - bend.at).max(0.0)).sum()
    }

    /// The ramp on an input, given the value of each signal.
    pub fn value(&self, value_of: impl Fn(Signal) -> f32) -> f32 {
        self.at(self.weights.iter().map(|&(signal, weight)| weight * value_of(signal)).sum())
    }
}

/// Where a ramp changes its slope, and by how much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bend {
    /// Above 0.
    pub at: f32,
    pub rise: f32,
}

/// How far the first step of a staircase stays flat after the integer below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadZone {
    /// As published: only a step that leaves rest is bent late (`relu(2u − 1)`); an AND is `relu(u − 1)`.
    AtRest,
    /// Every first step is bent half way: AND is `2 relu(u − 3/2)`. Deaf to noise up to ½, but what passes counts
    /// twice.
    Always,
}

/// A target as a function of one signed sum u of stored signals: off at u = 0, where all of them rest.
pub struct Staircase<'a> {
    /// Stored signals, ascending, each once, no zero weights.
    pub weights: Vec<(Signal, i64)>,
    value: Box<dyn Fn(i64) -> bool + 'a>,
}

impl<'a> Staircase<'a> {
    /// Of a target; `None` for a mux, and for pairs, which depend on more than a sum.
    pub fn of(task: &LayerTask<'a>, target_idx: usize) -> Option<Staircase<'a>> {
        match task.gate(target_idx) {
            Some(gate) => Staircase::of_gate(task.circuit, gate),
            None => Some(Staircase::carrying(task.targets[target_idx])),
        }
    }

    fn of_gate(circuit: &'a Circuit, gate_id: GateId) -> Option<Staircase<'a>> {
        let gate = &circuit.gates[gate_id.0 as usize];
        let operands = circuit.operands(gate_id);
        match gate.kind {
            Kind::Mux | Kind::AnyPair => None,
            Kind::Xor | Kind::Xnor => {
                let odd = signed_sum(operands).into_iter().filter(|(_, weight)| weight.rem_euclid(2) == 1);
                let weights = odd.map(|(signal, _)| (signal, 1)).collect();
                Some(Staircase { weights, value: Box::new(|n_on| n_on.rem_euclid(2) == 1) })
            }
            kind => {
                let n_negated = operands.iter().filter(|literal| literal.negated()).count() as i64;
                let n = operands.len() as u32;
                let stored = move |u: i64| kind.value_of_count((n_negated + u) as u32, n) == Some(!gate.complemented);
                Some(Staircase { weights: signed_sum(operands), value: Box::new(stored) })
            }
        }
    }

    /// Repeats a stored signal: how a signal is carried past a layer.
    fn carrying(signal: Signal) -> Staircase<'static> {
        Staircase { weights: vec![(signal, 1)], value: Box::new(|u| u == 1) }
    }

    /// The stored value of the target, where its sum is u.
    pub fn value(&self, u: i64) -> bool {
        (self.value)(u)
    }

    /// The values that the sum can have.
    pub fn range(&self) -> RangeInclusive<i64> {
        let weights = || self.weights.iter().map(|term| term.1);
        weights().map(|weight| weight.min(0)).sum()..=weights().map(|weight| weight.max(0)).sum()
    }

    /// At most two ramps: one for u > 0, one (in −u) for u < 0.
    fn ramps(&self, dead_zone: DeadZone) -> Vec<Ramp> {
        let mut ramps = Vec::new();
        for (sign, n_steps) in [(1, *self.range().end()), (-1, -*self.range().start())] {
            let bends = bends(n_steps, |step| self.value(sign * step), dead_zone);
            if !bends.is_empty() {
                let weights = self.weights.iter().map(|&(signal, weight)| (signal, (sign * weight) as f32)).collect();
                ramps.push(Ramp { weights, bends });
            }
        }
        ramps
    }
}

/// The ramps of a target: their sum is its stored value on every input. None for a gate that is constant.
pub fn ramps(task: &LayerTask, target_idx: usize, dead_zone: DeadZone) -> Vec<Ramp> {
    match task.gate(target_idx) {
        Some(gate) => of_gate(task.circuit, gate, dead_zone),
        None if task.corrects() => vec![clamp(task.targets[target_idx])],
        None => Staircase::carrying(task.targets[target_idx]).ramps(dead_zone),
    }
}

/// Brings a stored signal back to 0 and 1: relu(2x − ½) − relu(2x − 3/2), deaf to errors of up to ¼ on either side
/// (Vaintrob, Mendel, Hänni 2024, on error correction).
pub fn clamp(signal: Signal) -> Ramp {
    Ramp { weights: vec![(signal, 1.0)], bends: vec![Bend { at: 0.25, rise: 2.0 }, Bend { at: 0.75, rise: -2.0 }] }
}

fn of_gate(circuit: &Circuit, gate_id: GateId, dead_zone: DeadZone) -> Vec<Ramp> {
    match Staircase::of_gate(circuit, gate_id) {
        Some(staircase) => staircase.ramps(dead_zone),
        None if circuit.gates[gate_id.0 as usize].kind == Kind::AnyPair => {
            unreachable!("a plan has no ReLUs where there are gates of pairs")
        }
        None => mux(circuit.operands(gate_id), circuit.gates[gate_id.0 as usize].complemented, dead_zone),
    }
}

/// `s ? a : b` is `s & a` or `!s & b`, never both; its complement selects among the complements.
fn mux(operands: &[Literal], complemented: bool, dead_zone: DeadZone) -> Vec<Ramp> {
    let flip = |literal: Literal, by: bool| Literal::new(literal.signal(), literal.negated() != by);
    let (select, if_on, if_off) = (operands[0], operands[1], operands[2]);
    let and = |pair: [Literal; 2]| {
        let n_positive = pair.iter().filter(|literal| !literal.negated()).count() as i64;
        Staircase { weights: signed_sum(&pair), value: Box::new(move |u| u == n_positive) }.ramps(dead_zone)
    };
    let mut ramps = and([select, flip(if_on, complemented)]);
    ramps.extend(and([flip(select, true), flip(if_off, complemented)]));
    ramps
}

/// The stored value of a target by which of its operands are on, those of the bits of the place: 2^k values.
pub fn table(task: &LayerTask, target_idx: usize, operands: &[Signal]) -> Vec<f64> {
    let ramps = ramps(task, target_idx, DeadZone::AtRest);
    let is_on = |signal: Signal, on: usize| operands.iter().zip(0..).any(|(&o, idx)| o == signal && on >> idx & 1 == 1);
    let value = |on| ramps.iter().map(|ramp| ramp.value(|signal| is_on(signal, on) as u8 as f32) as f64).sum();
    (0..1usize << operands.len()).map(value).collect()
}

/// A table as a sum of conjunctions: the coefficient of the AND of each subset, by Möbius inversion.
pub fn conjunctions(mut table: Vec<f64>) -> Vec<f64> {
    let mut bit = 1;
    while bit < table.len() {
        for subset in (0..table.len()).filter(|subset| subset & bit != 0) {
            table[subset] -= table[subset ^ bit];
        }
        bit <<= 1;
    }
    table
}

/// Literals gathered by signal: +1 for each positive one, −1 for each negated one. Ascending, without zeros.
fn signed_sum(literals: &[Literal]) -> Vec<(Signal, i64)> {
    let terms = literals.iter().map(|literal| (literal.signal(), if literal.negated() { -1 } else { 1 }));
    let mut terms = gathered(terms.collect());
    terms.retain(|term| term.1 != 0);
    terms
}

/// Ascending, the values of equal keys added up.
pub fn gathered<K: Ord + Copy, V: AddAssign + Copy>(mut terms: Vec<(K, V)>) -> Vec<(K, V)> {
    terms.sort_by_key(|term| term.0);
    terms.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    terms
}

/// The bends of the piecewise linear function through `value(0..=n_steps)`, with `value(0)` = 0.
fn bends(n_steps: i64, value: impl Fn(i64) -> bool, dead_zone: DeadZone) -> Vec<Bend> {
    let mut bends = Vec::new();
    let mut slope = 0.0;
    for step in 0..n_steps {
        let (from, to) = (value(step) as i32, value(step + 1) as i32);
        let first_rise = bends.is_empty() && to > from;
        let late = first_rise && (step == 0 || dead_zone == DeadZone::Always);
        let (at, next_slope) = if late { (step as f32 + 0.5, 2.0) } else { (step as f32, (to - from) as f32) };
        if next_slope != slope {
            bends.push(Bend { at, rise: next_slope - slope });
            slope = next_slope;
        }
    }
    bends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::{Distribution, by_hand};

    fn of_one_gate(n_features: u32, kind: Kind, literals: Vec<Literal>) -> Circuit {
        by_hand::circuit(n_features, &[vec![(kind, literals)]], Distribution::default())
    }

    /// Every kind, every pattern of negations, with a repeated operand: ramps against the definition.
    #[test]
    fn ramps_add_up_to_the_gate_on_every_input() {
        // Operands are three; a copy has one.
        for kind in Kind::every(2).into_iter().filter(|kind| *kind != Kind::Copy) {
            for signals in [[0, 1, 2], [0, 1, 1], [0, 0, 1], [0, 0, 0]] {
                for negations in 0..8u32 {
                    let literals: Vec<Literal> =
                        (0..3).map(|i| Literal::new(Signal(signals[i]), negations >> i & 1 == 1)).collect();
                    let written = |input: u32| {
                        let values: Vec<bool> =
                            literals.iter().map(|l| (input >> l.signal().0 & 1 == 1) != l.negated()).collect();
                        kind.value(values)
                    };
                    let circuit = of_one_gate(3, kind, literals.clone());
                    assert_eq!(circuit.gates[0].complemented, written(0));
                    for dead_zone in [DeadZone::AtRest, DeadZone::Always] {
                        let ramps = of_gate(&circuit, GateId(0), dead_zone);
                        assert!(ramps.iter().all(|ramp| ramp.bends.iter().all(|bend| bend.at > 0.0)));
                        for input in 0..8 {
                            let stored = written(input) != written(0);
                            let read: f32 =
                                ramps.iter().map(|ramp| ramp.value(|signal| (input >> signal.0 & 1) as f32)).sum();
                            assert_eq!(read, stored as u8 as f32, "{kind:?} {literals:?} on {input:03b}: {ramps:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn an_and_is_the_published_neuron_and_an_xor_has_two() {
        let pair = |kind| {
            let literals = vec![Literal::new(Signal(0), false), Literal::new(Signal(1), false)];
            of_gate(&of_one_gate(2, kind, literals), GateId(0), DeadZone::AtRest).remove(0).bends
        };
        assert_eq!(pair(Kind::And), [Bend { at: 1.0, rise: 1.0 }]);
        assert_eq!(pair(Kind::Xor), [Bend { at: 0.5, rise: 2.0 }, Bend { at: 1.0, rise: -3.0 }]);
        assert_eq!(pair(Kind::Or), [Bend { at: 0.5, rise: 2.0 }, Bend { at: 1.0, rise: -2.0 }]);
    }

    #[test]
    fn a_wide_threshold_needs_two_bends() {
        let literals = (0..9).map(|i| Literal::new(Signal(i), false)).collect();
        let circuit = of_one_gate(9, Kind::AtLeast(4), literals);
        let ramps = of_gate(&circuit, GateId(0), DeadZone::Always);
        assert_eq!(ramps[0].bends, [Bend { at: 3.5, rise: 2.0 }, Bend { at: 4.0, rise: -2.0 }]);
    }
}
