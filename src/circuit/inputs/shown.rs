//! Inputs that show a gate at a value which plain draws show too seldom, or never.
//!
//! In turn: the value justified backwards (`plant`); all inputs that there are, where these are few, which proves what
//! never occurs; and a long run of plain draws. Must not know what the inputs are for.

use rayon::prelude::*;

use super::Inputs;
use super::enumerate::{AlwaysPlanted, distinct_inputs};
use super::plant::Planter;
use super::possible;
use super::sample::Sampler;
use crate::circuit::truth::Truth;
use crate::circuit::{Circuit, GateId, Signal};
use crate::random::{self, Pcg64};

/// A gate at one of its stored values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    pub gate: GateId,
    pub value: bool,
}

/// What was found for a side.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// Inputs with the gate at this value, then inputs in which one of its operands is otherwise.
    Inputs(Inputs),
    /// No input has it: proven.
    Never,
    /// None was found.
    Unknown,
}

/// Up to so many inputs are all looked through.
const FEW: u64 = 1 << 18;

/// Blocks of 64 plain draws that are looked through where there are more.
const BLOCKS: u64 = 1 << 11;

/// For so many inputs of a side, one in which an operand is otherwise.
const NEIGHBOURS: usize = 2;

/// Looks for at most `n` inputs of each side.
pub fn show(circuit: &Circuit, sampler: &Sampler, sides: &[Side], n: usize, seed: u64, purpose: &str) -> Vec<Shown> {
    if sides.is_empty() {
        return Vec::new();
    }
    let constants = possible::constants_of_support(circuit);
    let support = AlwaysPlanted::of(circuit);
    let finder = Finder { circuit, planter: Planter::new(circuit), support: &support, truth: Truth::new(circuit) };
    let key = |side: &Side| [seed, random::key_of(purpose), side.gate.0.into(), side.value.into()];
    let planted = |finder: &mut Finder, side: &Side| {
        let constant = constants[circuit.gate_signal(side.gate).0 as usize];
        if constant == Some(!side.value) {
            return Shown::Never;
        }
        let inputs = finder.plant(side, n, &mut random::stream(&key(side)));
        if inputs.is_empty() { Shown::Unknown } else { Shown::Inputs(inputs) }
    };
    let mut shown: Vec<Shown> = sides.par_iter().map_init(|| finder.clone(), planted).collect();
    let open: Vec<usize> = (0..sides.len()).filter(|&place| shown[place] == Shown::Unknown).collect();
    if !open.is_empty() {
        let wanted: Vec<Side> = open.iter().map(|&place| sides[place]).collect();
        let found = scan(circuit, sampler, &wanted, n, seed, purpose);
        open.into_iter().zip(found).for_each(|(place, found)| shown[place] = found);
    }
    let mut finder = finder;
    for (shown, side) in shown.iter_mut().zip(sides) {
        if let Shown::Inputs(inputs) = shown {
            finder.add_neighbours(side, inputs, &mut random::stream(&[&key(side)[..], &[1]].concat()));
        }
    }
    shown
}

/// Looks through inputs, of all that there are or of plain draws, for some sides at once.
fn scan(circuit: &Circuit, sampler: &Sampler, sides: &[Side], n: usize, seed: u64, purpose: &str) -> Vec<Shown> {
    /// Blocks between two looks at whether every side has been found.
    const AT_ONCE: u64 = 128;

    let listed = distinct_inputs(circuit).ok().filter(|distinct| distinct.n_inputs() <= FEW);
    let n_blocks = listed.as_ref().map_or(BLOCKS, |distinct| distinct.n_blocks());
    let block = |block_idx| match &listed {
        Some(distinct) => distinct.block(block_idx),
        None => sampler.block(seed, purpose, block_idx),
    };
    let mut found = vec![Inputs::default(); sides.len()];
    for first in (0..n_blocks).step_by(AT_ONCE as usize) {
        let of_block = |truth: &mut Truth, block_idx| {
            let inputs = block(block_idx);
            truth.evaluate(circuit, &inputs, 0..inputs.len());
            let valid = if inputs.len() == 64 { u64::MAX } else { (1 << inputs.len()) - 1 };
            let word = |side: &Side| {
                let stored = truth.word(circuit.gate_signal(side.gate));
                valid & if side.value { stored } else { !stored }
            };
            let words = sides.iter().map(word).enumerate().filter(|(_, word)| *word != 0).collect::<Vec<_>>();
            (inputs, words)
        };
        let range = first..n_blocks.min(first + AT_ONCE);
        let blocks: Vec<_> = range.into_par_iter().map_init(|| Truth::new(circuit), of_block).collect();
        for (inputs, words) in blocks {
            for (place, word) in words {
                let which = (0..inputs.len()).filter(|input_idx| word >> input_idx & 1 == 1);
                let room = n - found[place].len();
                which.take(room).for_each(|input_idx| found[place].push(inputs.get(input_idx).iter().copied()));
            }
        }
        if found.iter().all(|inputs| inputs.len() == n) {
            break;
        }
    }
    let shown = |inputs: Inputs| match (inputs.is_empty(), &listed) {
        (false, _) => Shown::Inputs(inputs),
        (true, Some(_)) => Shown::Never,
        (true, None) => Shown::Unknown,
    };
    found.into_iter().map(shown).collect()
}

/// Draws inputs with wanted values; one a thread.
#[derive(Clone)]
struct Finder<'a> {
    circuit: &'a Circuit,
    planter: Planter<'a>,
    support: &'a Option<AlwaysPlanted>,
    truth: Truth,
}

impl Finder<'_> {
    /// Those of nonzero probability.
    fn of_support(&self, inputs: Inputs) -> Inputs {
        self.support.as_ref().map_or_else(|| inputs.clone(), |planted| planted.keep(&inputs))
    }

    fn plant(&mut self, side: &Side, n: usize, rng: &mut Pcg64) -> Inputs {
        let wanted = [(self.circuit.gate_signal(side.gate), side.value)];
        let mut inputs = Inputs::default();
        let mut active = Vec::new();
        for _ in 0..n {
            if self.planter.draw(rng, &wanted, &mut active) {
                inputs.push(active.iter().copied());
            } else if inputs.is_empty() {
                // The first try is as good as any.
                break;
            }
        }
        self.of_support(inputs)
    }

    /// Adds inputs in which one operand of the gate is not what it is in one of those that there are.
    fn add_neighbours(&mut self, side: &Side, inputs: &mut Inputs, rng: &mut Pcg64) {
        let mut operands: Vec<Signal> =
            self.circuit.operands(side.gate).iter().map(|operand| operand.signal()).collect();
        operands.sort_unstable();
        operands.dedup();
        let n = inputs.len().min(64);
        self.truth.evaluate(self.circuit, inputs, 0..n);
        let mut neighbours = Inputs::default();
        let mut active = Vec::new();
        for input_idx in (0..n).step_by(NEIGHBOURS) {
            if operands.is_empty() {
                break;
            }
            let other = random::below(rng, operands.len() as u32) as usize;
            let value = |signal: Signal| self.truth.word(signal) >> input_idx & 1 == 1;
            let wanted: Vec<(Signal, bool)> = operands
                .iter()
                .enumerate()
                .map(|(place, &signal)| (signal, value(signal) != (place == other)))
                .collect();
            if self.planter.draw(rng, &wanted, &mut active) {
                neighbours.push(active.iter().copied());
            }
        }
        self.of_support(neighbours).iter().for_each(|input| inputs.push(input.iter().copied()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::by_hand::{self, choose, off, on};
    use crate::circuit::{Clause, Distribution, Kind};

    fn sides(circuit: &Circuit) -> Vec<Side> {
        let gates = (0..circuit.n_gates() as u32).map(GateId);
        gates.flat_map(|gate| [false, true].map(|value| Side { gate, value })).collect()
    }

    #[test]
    fn what_is_rare_is_shown_and_what_is_impossible_is_proven() {
        for seed in 0..40 {
            let mut circuit = by_hand::random(&mut random::stream(&[seed]), 10, 3, 6);
            let rare = Clause::Each { features: (6..10).collect(), probability: 1e-4 };
            circuit.distribution = Distribution { clauses: vec![choose(0..6, 1..=2), rare], plant: 0.0, rows: None };
            let mut occurs = vec![[false; 2]; circuit.n_gates()];
            for block in distinct_inputs(&circuit).unwrap().blocks() {
                for input in block.iter() {
                    let values = by_hand::evaluate(&circuit, input);
                    let gates = &values[circuit.n_features()..];
                    gates.iter().zip(&mut occurs).for_each(|(&value, occurs)| occurs[usize::from(value)] = true);
                }
            }
            let sampler = Sampler::new(&circuit).unwrap();
            let sides = sides(&circuit);
            for (side, shown) in sides.iter().zip(show(&circuit, &sampler, &sides, 8, seed, "test")) {
                let signal = circuit.gate_signal(side.gate).0 as usize;
                match shown {
                    Shown::Inputs(inputs) => {
                        let value = |index| by_hand::evaluate(&circuit, inputs.get(index))[signal];
                        assert_eq!(value(0), side.value, "{side:?}");
                    }
                    shown => {
                        assert_eq!(shown, Shown::Never);
                        assert!(!occurs[side.gate.0 as usize][usize::from(side.value)], "{side:?} occurs");
                    }
                }
            }
        }
    }

    #[test]
    fn neighbours_have_one_operand_otherwise() {
        let each = Clause::Each { features: (0..40).collect(), probability: 0.01 };
        let gates = vec![(Kind::And, vec![on(0), on(1), on(2), off(3)])];
        let circuit = by_hand::circuit(40, &[gates], Distribution { clauses: vec![each], plant: 0.0, rows: None });
        let sampler = Sampler::new(&circuit).unwrap();
        let side = Side { gate: GateId(0), value: true };
        let [Shown::Inputs(inputs)] = &show(&circuit, &sampler, &[side], 16, 0, "test")[..] else { panic!("found") };
        let n_as_wanted =
            |input: &[u32]| (0..3).filter(|feature| input.contains(feature)).count() + usize::from(!input.contains(&3));
        let as_wanted: Vec<usize> = inputs.iter().map(n_as_wanted).collect();
        assert_eq!(as_wanted, [[4; 16].to_vec(), [3; 8].to_vec()].concat());
    }
}
