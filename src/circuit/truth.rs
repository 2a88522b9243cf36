//! What every signal of a circuit is on given inputs: 64 inputs at a time, one bit each.
//!
//! Must not know how inputs are drawn. Stored values throughout: all rest at 0 when every feature is off.

use std::ops::Range;

use super::{Circuit, GateId, Inputs, Kind, Literal, Signal};

/// The stored values of all signals on one block of at most 64 inputs. Memory is reused from block to block.
#[derive(Debug, Clone)]
pub struct Truth {
    /// By signal; bit i is the i-th input of the block.
    words: Vec<u64>,
    /// The features that are not 0, each once.
    set: Vec<u32>,
    /// All gates, in order.
    runs: Vec<Run>,
}

/// Gates that follow one another and are alike.
#[derive(Debug, Clone)]
struct Run {
    gates: Range<u32>,
    kind: Kind,
    complemented: bool,
    /// Whether each has two operands, and no gate of the run reads another.
    is_of_pairs: bool,
}

impl Truth {
    pub fn new(circuit: &Circuit) -> Truth {
        let mut runs: Vec<Run> = Vec::new();
        for (gate, gate_idx) in circuit.gates.iter().zip(0..) {
            let is_of_pairs = gate.n_operands == 2 && matches!(gate.kind, Kind::And | Kind::Or | Kind::Xor);
            let (kind, complemented) = (gate.kind, gate.complemented);
            let next = Run { gates: gate_idx..gate_idx + 1, kind, complemented, is_of_pairs };
            match runs.last_mut() {
                Some(run) if run.takes(&next, circuit) => run.gates.end += 1,
                _ => runs.push(next),
            }
        }
        Truth { words: vec![0; circuit.n_signals()], set: Vec::new(), runs }
    }

    /// Evaluates the inputs of `range`, at most 64; bits beyond its length are those of an input with nothing on.
    ///
    /// `circuit` is the one that `new` was given. Time is proportional to the operands of all gates plus the active
    /// features.
    pub fn evaluate(&mut self, circuit: &Circuit, inputs: &Inputs, range: Range<usize>) {
        assert!(range.len() <= 64, "a block has at most 64 inputs");
        for feature in self.set.drain(..) {
            self.words[feature as usize] = 0;
        }
        for (bit, input) in range.enumerate() {
            for &feature in inputs.get(input) {
                let word = &mut self.words[feature as usize];
                if *word == 0 {
                    self.set.push(feature);
                }
                *word |= 1 << bit;
            }
        }
        for run in &self.runs {
            // A gate reads only what stands before it.
            let (below, rest) = self.words.split_at_mut(circuit.n_features() + run.gates.start as usize);
            let complement = (run.complemented as u64).wrapping_neg();
            if !run.is_of_pairs {
                rest[0] = complement ^ written(below, run.kind, circuit.operands(GateId(run.gates.start)));
                continue;
            }
            let first = circuit.gates[run.gates.start as usize].first_operand as usize;
            let pairs = circuit.operands[first..first + 2 * run.gates.len()].chunks_exact(2);
            let values = rest.iter_mut().zip(pairs.map(|pair| (literal(below, pair[0]), literal(below, pair[1]))));
            match run.kind {
                Kind::And => values.for_each(|(word, (a, b))| *word = complement ^ (a & b)),
                Kind::Or => values.for_each(|(word, (a, b))| *word = complement ^ (a | b)),
                _ => values.for_each(|(word, (a, b))| *word = complement ^ a ^ b),
            }
        }
    }

    /// The stored value of a signal: bit i is the i-th input of the block.
    pub fn word(&self, signal: Signal) -> u64 {
        self.words[signal.0 as usize]
    }

    /// The stored values of all signals, features first.
    pub fn words(&self) -> &[u64] {
        &self.words
    }
}

impl Run {
    /// Whether the gate after this run can be one of it.
    fn takes(&self, next: &Run, circuit: &Circuit) -> bool {
        let gate = |idx: u32| &circuit.gates[idx as usize];
        let (first, new) = (gate(self.gates.start), gate(next.gates.start));
        let follows = new.first_operand == first.first_operand + 2 * self.gates.len() as u32;
        (self.is_of_pairs && next.is_of_pairs && follows && new.layer == first.layer)
            && (self.kind, self.complemented) == (next.kind, next.complemented)
    }
}

fn literal(words: &[u64], literal: Literal) -> u64 {
    words[literal.signal().0 as usize] ^ (literal.negated() as u64).wrapping_neg()
}

/// The value of a gate as written.
fn written(words: &[u64], kind: Kind, operands: &[Literal]) -> u64 {
    let values = operands.iter().map(|&operand| literal(words, operand));
    let n = operands.len() as u32;
    match kind {
        Kind::And | Kind::Copy => values.fold(!0, |all, value| all & value),
        Kind::Nand => !values.fold(!0, |all, value| all & value),
        Kind::Or => values.fold(0, |any, value| any | value),
        Kind::Nor => !values.fold(0, |any, value| any | value),
        Kind::Xor => values.fold(0, |odd, value| odd ^ value),
        Kind::Xnor => !values.fold(0, |odd, value| odd ^ value),
        Kind::AtLeast(k) => Counter::of(values).at_least(k),
        Kind::AtMost(k) => k.checked_add(1).map_or(!0, |above| !Counter::of(values).at_least(above)),
        Kind::Exactly(k) => Counter::of(values).exactly(k),
        Kind::Majority => Counter::of(values).at_least(n / 2 + 1),
        Kind::Mux => {
            let [select, a, b] = operands else { unreachable!("a mux has three operands") };
            let select = literal(words, *select);
            select & literal(words, *a) | !select & literal(words, *b)
        }
        Kind::AnyPair => {
            let both = |pair: &[Literal]| literal(words, pair[0]) & literal(words, pair[1]);
            operands.chunks_exact(2).fold(0, |any, pair| any | both(pair))
        }
    }
}

/// 64 counters side by side: plane p holds bit p of each.
struct Counter {
    planes: [u64; 32],
    n_planes: usize,
}

impl Counter {
    /// Counts the ones in each of the 64 positions.
    fn of(values: impl Iterator<Item = u64>) -> Counter {
        let mut counter = Counter { planes: [0; 32], n_planes: 0 };
        for value in values {
            let mut carry = value;
            let mut plane = 0;
            // Carries die out after two planes on average, and at once where nothing is on.
            while carry != 0 {
                (counter.planes[plane], carry) = (counter.planes[plane] ^ carry, counter.planes[plane] & carry);
                plane += 1;
            }
            counter.n_planes = counter.n_planes.max(plane);
        }
        counter
    }

    /// From the highest plane down, which counters already differ from k and are above it.
    fn compare(&self, k: u32) -> (u64, u64) {
        let (mut above, mut equal) = (0, !0);
        let n_planes = self.n_planes.max((u32::BITS - k.leading_zeros()) as usize);
        for plane in (0..n_planes).rev() {
            let value = if plane < self.n_planes { self.planes[plane] } else { 0 };
            if k >> plane & 1 == 1 {
                equal &= value;
            } else {
                above |= equal & value;
                equal &= !value;
            }
        }
        (above, equal)
    }

    fn at_least(&self, k: u32) -> u64 {
        let (above, equal) = self.compare(k);
        above | equal
    }

    fn exactly(&self, k: u32) -> u64 {
        self.compare(k).1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::circuit::by_hand;
    use crate::random;

    #[test]
    fn counters_compare_at_every_count() {
        for n in 0..40u32 {
            // Position i sees min(i, n) ones.
            let counter = Counter::of((0..n).map(|value| !0u64 << (value + 1)));
            for k in 0..44 {
                let count = |i: u32| i.min(n);
                let at_least = (0..64).fold(0u64, |word, i| word | ((count(i) >= k) as u64) << i);
                let exactly = (0..64).fold(0u64, |word, i| word | ((count(i) == k) as u64) << i);
                assert_eq!(counter.at_least(k), at_least, "{n} ones, at least {k}");
                assert_eq!(counter.exactly(k), exactly, "{n} ones, exactly {k}");
            }
        }
    }

    #[test]
    fn a_block_forgets_the_one_before() {
        let circuit = by_hand::ring_of_pairs(10);
        let mut inputs = Inputs::default();
        inputs.push([0, 1, 5]);
        inputs.push([]);
        let mut truth = Truth::new(&circuit);
        truth.evaluate(&circuit, &inputs, 0..1);
        assert_eq!(truth.words().iter().sum::<u64>(), 4, "three features and the gate of 0 and 1");
        truth.evaluate(&circuit, &inputs, 1..2);
        assert_eq!(truth.words().iter().sum::<u64>(), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn words_agree_with_one_input_at_a_time(seed: u64, n_inputs in 0usize..=64) {
            let mut rng = random::stream(&[seed]);
            let circuit = by_hand::random(&mut rng, 12, 4, 8);
            let mut inputs = Inputs::default();
            for _ in 0..n_inputs {
                let n_on = random::below(&mut rng, 13);
                inputs.push(random::distinct(&mut rng, n_on, 12));
            }
            let mut truth = Truth::new(&circuit);
            for _ in 0..2 {
                truth.evaluate(&circuit, &inputs, 0..n_inputs);
                for i in 0..n_inputs {
                    let expected = by_hand::evaluate(&circuit, inputs.get(i));
                    for (signal, &value) in expected.iter().enumerate() {
                        prop_assert_eq!(truth.word(Signal(signal as u32)) >> i & 1 == 1, value, "signal {}", signal);
                    }
                }
                for word in truth.words() {
                    prop_assert!(n_inputs == 64 || word >> n_inputs == 0, "stored signals rest at 0");
                }
            }
        }
    }
}
