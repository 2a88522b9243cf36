//! Inputs of the distribution in which chosen signals have chosen values: draws stratified by gate.
//!
//! A gate that is rarely on, or whose operands rarely come together, shows up too seldom in plain samples. Here the
//! wanted values are justified backwards, as in test generation for digital circuits (Goel 1981, "PODEM"): a gate's
//! value asks for values of its operands, at random where there is a choice, down to features; then every clause
//! completes its own count around them. What is forced is settled before anything is chosen. There is no way back
//! from a bad choice but to begin again, a bounded number of times; every other attempt prefers the choices that leave
//! the most signals at rest, since few features are on.
//!
//! An input that comes out has the wanted values, whatever the features that were left open. When only features are
//! wanted, it is drawn from the clauses given those features, but for rows that only have members that must be off, and
//! parents of which a child must be off: they are as likely as without; and but for choices by weight, whose counts are
//! as likely as without, and whose other members come by weight among themselves. When gates are, the choices are
//! uniform over operands rather than over inputs. With rows from a file it is uniform among the rows that have the
//! wanted values (of a fixed part of them when signals x rows are too many to keep).

use std::sync::Arc;

use rand::Rng;

use super::Inputs;
use super::clauses::{Clauses, Counts, Forced};
use super::scratch::Scratch;
use crate::circuit::truth::Truth;
use crate::circuit::{Circuit, GateId, Kind, Literal, Signal};
use crate::random::{self, Pcg64};

/// Attempts to justify wanted values.
const ATTEMPTS: u32 = 16;

/// Up to so many free operands, all their assignments are tried.
const FEW: usize = 6;

/// Words kept for the truth of rows: 64 MB.
const MAX_WORDS: usize = 8 << 20;

/// Draws inputs with wanted values. One for each thread: it reuses its memory.
#[derive(Debug, Clone)]
pub struct Planter<'a> {
    circuit: &'a Circuit,
    origin: Origin<'a>,
    values: Values,
    /// Values still to be given, and gates whose operands are still to be chosen.
    asked: Vec<(Signal, bool)>,
    open: Vec<(GateId, bool)>,
    /// Positions of operands, or free signals.
    order: Vec<u32>,
    forced: Vec<Forced>,
    scratch: Scratch,
}

#[derive(Debug, Clone)]
enum Origin<'a> {
    Clauses(Arc<Clauses<'a>>),
    Rows(Arc<RowTruth<'a>>),
}

impl<'a> Planter<'a> {
    /// Takes time proportional to the features, or to the rows times the circuit.
    pub fn new(circuit: &'a Circuit) -> Planter<'a> {
        let origin = match &circuit.distribution.rows {
            Some(rows) => Origin::Rows(Arc::new(RowTruth::new(circuit, &rows.inputs))),
            None => Origin::Clauses(Arc::new(Clauses::new(&circuit.distribution.clauses, circuit.n_features()))),
        };
        Planter {
            circuit,
            origin,
            values: Values { known: vec![UNKNOWN; circuit.n_signals()], trail: Vec::new() },
            asked: Vec::new(),
            open: Vec::new(),
            order: Vec::new(),
            forced: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// Draws an input of nonzero probability in which the wanted signals have these *stored* values, and puts its
    /// active features into `active`, ascending. False if none was found, which proves nothing unless all wanted
    /// signals are features.
    pub fn draw(&mut self, rng: &mut Pcg64, wanted: &[(Signal, bool)], active: &mut Vec<u32>) -> bool {
        active.clear();
        if let Origin::Rows(rows) = &self.origin {
            let Some(row) = rows.draw(rng, wanted) else { return false };
            active.extend(rows.inputs.get(row));
            return true;
        }
        let only_features = wanted.iter().all(|(signal, _)| signal.0 < self.circuit.n_features);
        for attempt in 0..if only_features { 1 } else { ATTEMPTS } {
            if self.justify(rng, wanted, attempt % 2 == 1) && self.complete(rng, active) {
                return true;
            }
        }
        false
    }

    /// Draws the clauses around the features that have a value.
    fn complete(&mut self, rng: &mut Pcg64, active: &mut Vec<u32>) -> bool {
        let Origin::Clauses(clauses) = &self.origin else { return false };
        let features = self.values.trail.iter().filter(|signal| **signal < self.circuit.n_features);
        let decided = features.map(|&feature| (feature, self.values.known[feature as usize] == ON));
        let fits = clauses.arrange(decided, &mut self.forced);
        if fits {
            clauses.complete(rng, &self.forced, Counts::Conditional, &mut self.scratch, active);
            active.sort_unstable();
        }
        fits
    }

    /// Gives values to signals such that the wanted ones follow. False on a contradiction.
    fn justify(&mut self, rng: &mut Pcg64, wanted: &[(Signal, bool)], near_rest: bool) -> bool {
        self.values.forget();
        self.open.clear();
        self.asked.clear();
        self.asked.extend_from_slice(wanted);
        loop {
            while let Some((signal, value)) = self.asked.pop() {
                match self.values.get(signal) {
                    Some(known) if known == value => continue,
                    Some(_) => return false,
                    None => self.values.set(signal, value),
                }
                let Some(gate) = self.circuit.as_gate(signal) else { continue };
                let operands = self.circuit.operands(gate);
                match self.demand(gate, value) {
                    Demand::Some { count, value } if count == operands.len() => {
                        self.asked.extend(operands.iter().map(|operand| asked(*operand, value)));
                    }
                    Demand::Some { count, .. } if count > operands.len() => return false,
                    _ => self.open.push((gate, value)),
                }
            }
            let Some((gate, value)) = self.open.pop() else { return true };
            let chosen = match self.demand(gate, value) {
                Demand::Some { count, value } => self.choose_some(rng, gate, count, value, near_rest),
                Demand::All => self.choose_all(rng, gate, value, near_rest),
                Demand::Pair => self.choose_pair(rng, gate, value),
            };
            if !chosen {
                return false;
            }
        }
    }

    /// What a gate's stored value asks of its operands.
    fn demand(&self, gate: GateId, value: bool) -> Demand {
        let n = self.circuit.operands(gate).len();
        let gate = &self.circuit.gates[gate.0 as usize];
        let written = value != gate.complemented;
        // Gates that rise with the number of true operands, at this number; or the opposite of such a gate.
        let (least, opposite) = match gate.kind {
            Kind::And | Kind::Copy => (n, false),
            Kind::Nand => (n, true),
            Kind::Or => (1, false),
            Kind::Nor => (1, true),
            Kind::AtLeast(k) => (k as usize, false),
            Kind::AtMost(k) => (k as usize + 1, true),
            Kind::Majority => (n / 2 + 1, false),
            Kind::AnyPair => return Demand::Pair,
            Kind::Xor | Kind::Xnor | Kind::Exactly(_) | Kind::Mux => return Demand::All,
        };
        match written != opposite {
            true => Demand::Some { count: least, value: true },
            false => Demand::Some { count: (n + 1).saturating_sub(least), value: false },
        }
    }

    /// Asks for as many operands of this value as are missing from `count`.
    fn choose_some(&mut self, rng: &mut Pcg64, gate: GateId, count: usize, value: bool, near_rest: bool) -> bool {
        let operands = self.circuit.operands(gate);
        self.order.clear();
        let mut missing = count;
        for (position, operand) in operands.iter().enumerate() {
            match self.values.get(operand.signal()) {
                Some(known) => {
                    missing = missing.saturating_sub(
                        (known != operand.negated() && value) as usize
                            + (known == operand.negated() && !value) as usize,
                    )
                }
                None => self.order.push(position as u32),
            }
        }
        if missing > self.order.len() {
            return false;
        }
        // Operands that have the value at rest come first, if that is preferred; otherwise all are alike.
        let mut n_first = self.order.len();
        if near_rest {
            n_first = 0;
            for index in 0..self.order.len() {
                if operands[self.order[index] as usize].negated() == value {
                    self.order.swap(index, n_first);
                    n_first += 1;
                }
            }
        }
        for index in 0..missing {
            let end = if index < n_first { n_first } else { self.order.len() };
            let other = index + random::below(rng, (end - index) as u32) as usize;
            self.order.swap(index, other);
            self.asked.push(asked(operands[self.order[index] as usize], value));
        }
        true
    }

    /// Asks for a pair that can still be true, or for one operand of each to be false.
    fn choose_pair(&mut self, rng: &mut Pcg64, gate: GateId, value: bool) -> bool {
        let operands = self.circuit.operands(gate);
        let written = value != self.circuit.gates[gate.0 as usize].complemented;
        let may_be = |values: &Values, literal: &Literal, value: bool| {
            values.get(literal.signal()).is_none_or(|known| (known != literal.negated()) == value)
        };
        if written {
            let can_be = |pair: &&[Literal]| pair.iter().all(|literal| may_be(&self.values, literal, true));
            let fitting: Vec<&[Literal]> = operands.chunks_exact(2).filter(can_be).collect();
            if fitting.is_empty() {
                return false;
            }
            let pair = fitting[random::below(rng, fitting.len() as u32) as usize];
            self.asked.extend(pair.iter().map(|&literal| asked(literal, true)));
            return true;
        }
        for pair in operands.chunks_exact(2) {
            let fitting: Vec<&Literal> = pair.iter().filter(|literal| may_be(&self.values, literal, false)).collect();
            // What rests at false asks for nothing to be on.
            let resting = fitting.iter().find(|literal| !literal.negated()).or(fitting.first());
            let Some(&&literal) = resting else { return false };
            self.asked.push(asked(literal, false));
        }
        true
    }

    /// Asks for values of all operands of a gate that is no threshold.
    fn choose_all(&mut self, rng: &mut Pcg64, gate: GateId, value: bool, near_rest: bool) -> bool {
        let operands = self.circuit.operands(gate);
        let free =
            operands.iter().map(|operand| operand.signal().0).filter(|&s| self.values.known[s as usize] == UNKNOWN);
        self.order.clear();
        self.order.extend(free);
        self.order.sort_unstable();
        self.order.dedup();
        let written = value != self.circuit.gates[gate.0 as usize].complemented;
        let kind = self.circuit.gates[gate.0 as usize].kind;
        if self.order.len() > FEW {
            return self.choose_many(rng, gate, written, near_rest);
        }
        // Bit i of an assignment is the stored value of free signal i; bit a of `fitting` is assignment a.
        let mut fitting = 0u64;
        for assignment in 0..1u32 << self.order.len() {
            let is_true = |operand: &Literal| {
                let signal = operand.signal();
                let value = match self.order.binary_search(&signal.0) {
                    Ok(bit) => assignment >> bit & 1 == 1,
                    Err(_) => self.values.get(signal) == Some(true),
                };
                value != operand.negated()
            };
            let value = kind.value(operands.iter().map(is_true));
            fitting |= ((value == written) as u64) << assignment;
        }
        let assignments = || (0..64u32).filter(|assignment| fitting >> assignment & 1 == 1);
        let Some(fewest) = assignments().map(u32::count_ones).min() else { return false };
        let eligible = || assignments().filter(|assignment| !near_rest || assignment.count_ones() == fewest);
        let Some(assignment) = eligible().nth(random::below(rng, eligible().count() as u32) as usize) else {
            return false;
        };
        let values = self.order.iter().enumerate().map(|(bit, &signal)| (Signal(signal), assignment >> bit & 1 == 1));
        self.asked.extend(values);
        true
    }

    /// [`Planter::choose_all`] for many operands, of a gate that only counts: from rest, turns on free signals in
    /// random order as long as they bring the count nearer to one that fits.
    fn choose_many(&mut self, rng: &mut Pcg64, gate: GateId, written: bool, near_rest: bool) -> bool {
        let operands = self.circuit.operands(gate);
        let kind = self.circuit.gates[gate.0 as usize].kind;
        // By free signal: what turning it on adds to the number of true operands.
        let mut steps = vec![0i64; self.order.len()];
        let mut n_true = 0i64;
        for operand in operands {
            match self.order.binary_search(&operand.signal().0) {
                Ok(free) => {
                    steps[free] += if operand.negated() { -1 } else { 1 };
                    n_true += operand.negated() as i64;
                }
                Err(_) => n_true += (self.values.get(operand.signal()) == Some(!operand.negated())) as i64,
            }
        }
        let n = operands.len() as i64;
        let holds = |n_true: i64| kind.value_of_count(n_true as u32, n as u32) == Some(written);
        let target = match kind {
            Kind::Exactly(k) if written => k as i64,
            // The nearest count that fits; for a parity at times two more, or four, …
            _ => {
                let nearest = if holds(n_true) || n_true == n { n_true } else { n_true + 1 };
                let more =
                    if near_rest || matches!(kind, Kind::Exactly(_)) { 0 } else { rng.next_u32().trailing_ones() };
                if nearest + 2 * more as i64 <= n { nearest + 2 * more as i64 } else { nearest }
            }
        };
        let mut shuffled: Vec<u32> = (0..self.order.len() as u32).collect();
        random::shuffle(rng, &mut shuffled);
        let mut on = vec![false; self.order.len()];
        for free in shuffled {
            let step = steps[free as usize];
            let nearer = (n_true + step - target).abs() < (n_true - target).abs();
            // Where the count cannot rise, it may have to fall.
            if nearer || step != 0 && n_true == n && !holds(n_true) {
                n_true += step;
                on[free as usize] = true;
            }
        }
        self.asked.extend(self.order.iter().zip(on).map(|(&signal, on)| (Signal(signal), on)));
        holds(n_true)
    }
}

/// What is asked of the operands of a gate.
enum Demand {
    /// So many operands, or more, have this value.
    Some { count: usize, value: bool },
    /// It depends on all of them.
    All,
    /// Both of a pair are true, or one of each is not.
    Pair,
}

/// The stored value that gives an operand this value.
fn asked(operand: Literal, value: bool) -> (Signal, bool) {
    (operand.signal(), value != operand.negated())
}

const UNKNOWN: u8 = 0;
const OFF: u8 = 1;
const ON: u8 = 2;

/// Stored values of signals, some unknown; forgotten in time proportional to what is known.
#[derive(Debug, Clone)]
struct Values {
    known: Vec<u8>,
    /// The known signals.
    trail: Vec<u32>,
}

impl Values {
    fn get(&self, signal: Signal) -> Option<bool> {
        match self.known[signal.0 as usize] {
            UNKNOWN => None,
            known => Some(known == ON),
        }
    }

    fn set(&mut self, signal: Signal, value: bool) {
        self.known[signal.0 as usize] = if value { ON } else { OFF };
        self.trail.push(signal.0);
    }

    fn forget(&mut self) {
        for signal in self.trail.drain(..) {
            self.known[signal as usize] = UNKNOWN;
        }
    }
}

/// The stored values of all signals on rows of a file.
#[derive(Debug, Clone)]
struct RowTruth<'a> {
    inputs: &'a Inputs,
    /// [signals, n_words]; bit i of word w is the row 64 * (w * every) + i.
    words: Vec<u64>,
    n_words: usize,
    /// Of so many blocks of 64 rows, one is kept.
    every: usize,
}

impl<'a> RowTruth<'a> {
    fn new(circuit: &Circuit, inputs: &'a Inputs) -> RowTruth<'a> {
        let n_blocks = inputs.len().div_ceil(64);
        let every = n_blocks.div_ceil((MAX_WORDS / circuit.n_signals().max(1)).max(1)).max(1);
        let n_words = n_blocks.div_ceil(every);
        let mut words = vec![0; circuit.n_signals() * n_words];
        let mut truth = Truth::new(circuit);
        for word in 0..n_words {
            let start = 64 * word * every;
            truth.evaluate(circuit, inputs, start..inputs.len().min(start + 64));
            for (signal, &value) in truth.words().iter().enumerate() {
                words[signal * n_words + word] = value;
            }
        }
        RowTruth { inputs, words, n_words, every }
    }

    /// Which rows of a word have the wanted values.
    fn fitting(&self, wanted: &[(Signal, bool)], word: usize) -> u64 {
        let n_rows = (self.inputs.len() - 64 * word * self.every).min(64);
        wanted.iter().fold(!0 >> (64 - n_rows), |fitting, &(signal, value)| {
            let values = self.words[signal.0 as usize * self.n_words + word];
            fitting & if value { values } else { !values }
        })
    }

    /// A row with the wanted values, all equally likely.
    fn draw(&self, rng: &mut Pcg64, wanted: &[(Signal, bool)]) -> Option<usize> {
        let count = |word| self.fitting(wanted, word).count_ones();
        let total: u32 = (0..self.n_words).map(count).sum();
        if total == 0 {
            return None;
        }
        let mut rest = random::below(rng, total);
        for word in 0..self.n_words {
            let mut fitting = self.fitting(wanted, word);
            if rest >= fitting.count_ones() {
                rest -= fitting.count_ones();
                continue;
            }
            for _ in 0..rest {
                fitting &= fitting - 1;
            }
            return Some(64 * word * self.every + fitting.trailing_zeros() as usize);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::circuit::by_hand::{self, choose, off, on};
    use crate::circuit::inputs::enumerate::distinct_inputs;
    use crate::circuit::inputs::sample;
    use crate::circuit::{Clause, Distribution, Member, Rows};

    fn circuit(n_features: u32, clauses: Vec<Clause>, layers: &[Vec<(Kind, Vec<Literal>)>]) -> Circuit {
        by_hand::circuit(n_features, layers, Distribution { clauses, plant: 0.0, rows: None })
    }

    /// How often each input came, of `n` draws that must all succeed.
    fn histogram(circuit: &Circuit, wanted: &[(Signal, bool)], n: usize) -> BTreeMap<Vec<u32>, usize> {
        let (mut planter, mut rng, mut active) = (Planter::new(circuit), random::stream(&[1]), Vec::new());
        let mut counts = BTreeMap::new();
        for _ in 0..n {
            assert!(planter.draw(&mut rng, wanted, &mut active));
            let values = by_hand::evaluate(circuit, &active);
            assert!(wanted.iter().all(|&(signal, value)| values[signal.0 as usize] == value), "{active:?}");
            *counts.entry(active.clone()).or_default() += 1;
        }
        counts
    }

    #[test]
    fn given_features_the_clauses_are_drawn_as_they_would_be_with_them() {
        // Of 6 features 1 to 4 are on: given 0 on and 1 off, the counts weigh 10, 20, 30, 40 times 4/30, 8/30, 9/30,
        // 8/30 of sets: exact weights come from the plain sampler.
        let circuit = circuit(6, vec![choose(0..6, 1..=4)], &[]);
        let counts = histogram(&circuit, &[(Signal(0), true), (Signal(1), false)], 60_000);
        let plain = sample::tests::draw(&circuit, 5, "test", 0, 400_000).unwrap();
        let mut expected: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
        for input in (0..plain.len()).map(|i| plain.get(i)).filter(|input| input.contains(&0) && !input.contains(&1)) {
            *expected.entry(input.to_vec()).or_default() += 1;
        }
        let total: usize = expected.values().sum();
        assert_eq!(counts.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (input, count) in counts {
            let (share, expected) = (count as f64 / 60_000.0, expected[&input] as f64 / total as f64);
            assert!((share - expected).abs() < 0.01, "{input:?}: {share}, expected {expected}");
        }
    }

    #[test]
    fn a_deep_chain_is_justified_without_recursion() {
        // g0 = x0 & x1, then alternately with x2 kept off and by itself.
        let depth = 100_000;
        let mut layers = vec![vec![(Kind::And, vec![on(0), on(1)])]];
        for level in 1..depth {
            let below = 9 + level;
            layers.push(vec![if level % 2 == 0 {
                (Kind::Copy, vec![on(below)])
            } else {
                (Kind::And, vec![on(below), off(2)])
            }]);
        }
        let circuit = circuit(10, vec![choose(0..10, 3..=3)], &layers);
        let (mut planter, mut rng, mut active) = (Planter::new(&circuit), random::stream(&[1]), Vec::new());
        assert!(planter.draw(&mut rng, &[(Signal(9 + depth), true)], &mut active));
        assert!(active.len() == 3 && active[..2] == [0, 1] && active[2] > 2, "{active:?}");
    }

    #[test]
    fn choices_vary() {
        let gates = vec![
            (Kind::Or, (0..8).map(on).collect()),
            (Kind::Xor, (0..8).map(on).collect()),
            (Kind::Exactly(2), (0..8).map(on).collect()),
            (Kind::Mux, vec![on(8), on(0), on(1)]),
        ];
        let circuit = circuit(10, vec![choose(0..10, 0..=4)], &[gates]);
        for gate in 10..14 {
            assert!(histogram(&circuit, &[(Signal(gate), true)], 2000).len() > 25);
        }
    }

    #[test]
    fn what_no_input_has_is_not_found() {
        let gates = vec![(Kind::And, vec![on(0), on(1)]), (Kind::Nor, vec![on(0), on(2)])];
        let circuit = circuit(4, vec![choose(0..3, 1..=1)], &[gates]);
        let (mut planter, mut rng, mut active) = (Planter::new(&circuit), random::stream(&[1]), Vec::new());
        let mut draw = |wanted: &[(u32, bool)]| {
            let wanted: Vec<_> = wanted.iter().map(|&(signal, value)| (Signal(signal), value)).collect();
            planter.draw(&mut rng, &wanted, &mut active).then(|| active.clone())
        };
        assert_eq!(draw(&[(4, true)]), None);
        assert_eq!(draw(&[(3, true)]), None);
        assert_eq!(draw(&[(0, true), (0, false)]), None);
        // Stored, the nor rests at 0.
        assert_eq!(draw(&[(5, false)]), Some(vec![1]));
    }

    #[test]
    fn rows_with_the_wanted_values_are_equally_likely() {
        let mut inputs = Inputs::default();
        for row in 0..200u32 {
            inputs.push((0..3).filter(|bit| row >> bit & 1 == 1).chain([3 + row]));
        }
        let rows = Some(Rows { path: "rows.csv".into(), bytes: Vec::new(), inputs });
        let gates = vec![(Kind::And, vec![on(0), on(1)])];
        let circuit = by_hand::circuit(203, &[gates], Distribution { clauses: Vec::new(), plant: 0.0, rows });
        let counts = histogram(&circuit, &[(Signal(203), true), (Signal(2), false)], 2500);
        assert_eq!(counts.len(), 25);
        assert!(counts.values().all(|count| (50..150).contains(count)), "{counts:?}");
        let mut planter = Planter::new(&circuit);
        assert!(!planter.draw(&mut random::stream(&[1]), &[(Signal(3), true), (Signal(4), true)], &mut Vec::new()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]
        #[test]
        fn a_draw_has_the_wanted_values_and_is_of_the_distribution(seed: u64, least in 0u32..4, more in 0u32..4) {
            let mut rng = random::stream(&[seed]);
            let mut circuit = by_hand::random(&mut rng, 9, 3, 6);
            let members = (0..3).map(Member::One).chain([Member::Row(3..6), Member::Row(6..8)]).collect();
            circuit.distribution.clauses = vec![
                Clause::Choose { members, count: least..=(least + more).min(5) },
                Clause::Each { features: vec![8], probability: 0.3 },
            ];
            let possible = distinct_inputs(&circuit).unwrap();
            let possible: Vec<Vec<u32>> =
                possible.blocks().flat_map(|b| (0..b.len()).map(|i| b.get(i).to_vec()).collect::<Vec<_>>()).collect();
            let mut planter = Planter::new(&circuit);
            let mut active = Vec::new();
            for signal in 0..circuit.n_signals() as u32 {
                for value in [false, true] {
                    if planter.draw(&mut rng, &[(Signal(signal), value)], &mut active) {
                        prop_assert_eq!(by_hand::evaluate(&circuit, &active)[signal as usize], value);
                        prop_assert!(possible.contains(&active), "{:?} has probability 0", active);
                    }
                }
            }
        }
    }

    #[test]
    fn nearly_everything_that_is_possible_is_found() {
        let (mut n_possible, mut n_found) = (0, 0);
        for seed in 0..60 {
            let mut rng = random::stream(&[seed]);
            let mut circuit = by_hand::random(&mut rng, 9, 3, 6);
            circuit.distribution.clauses = vec![choose(0..9, 1..=4)];
            let mut seen = vec![[false; 2]; circuit.n_signals()];
            for block in distinct_inputs(&circuit).unwrap().blocks() {
                for i in 0..block.len() {
                    let values = by_hand::evaluate(&circuit, block.get(i));
                    values.iter().zip(&mut seen).for_each(|(value, seen)| seen[*value as usize] = true);
                }
            }
            let mut planter = Planter::new(&circuit);
            for (signal, seen) in seen.iter().enumerate() {
                for value in [false, true] {
                    let found = planter.draw(&mut rng, &[(Signal(signal as u32), value)], &mut Vec::new());
                    assert!(seen[value as usize] || !found, "found what is impossible");
                    n_possible += seen[value as usize] as usize;
                    n_found += found as usize;
                }
            }
        }
        assert!(n_found as f64 > 0.98 * n_possible as f64, "{n_found} of {n_possible}");
    }
}
