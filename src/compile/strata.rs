//! Inputs drawn gate by gate: plain samples show a rare gate too seldom to learn its read-off from.
//!
//! For each target, inputs of the circuit's distribution in which its operands take chosen values, spread over the
//! *classes* of the target: which operands are on, up to three of them; beyond, their signed sum. A target has one
//! value within a class.
//!
//! Must not know networks: what the inputs do to neurons is for others to see.

use std::collections::BTreeMap;

use super::construct::{DeadZone, Ramp, ramps};
use super::layer::LayerTask;
use crate::circuit::inputs::plant::Planter;
use crate::circuit::truth::Truth;
use crate::circuit::{Circuit, Inputs, Signal};
use crate::random::{self, Pcg64};

/// Operands up to which each pattern is a class of its own.
const MAX_PATTERN_OPERANDS: usize = 3;

/// The inputs of one class of a target.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// The pattern of the operands, or their signed sum; 0 when all are off.
    pub key: i64,
    /// The stored value of the target.
    pub value: bool,
    /// Which inputs of the block.
    pub members: Vec<usize>,
}

/// How a target depends on its operands, for drawing and for sorting.
pub struct Classes {
    pub operands: Vec<Signal>,
    ramps: Vec<Ramp>,
    /// Keys other than 0 by stored value: worth drawing.
    off_keys: Vec<i64>,
    on_keys: Vec<i64>,
    /// Keys that are hard to tell from their neighbours: on, or off with two operands on or more.
    pub hard_keys: Vec<i64>,
}

impl Classes {
    pub fn of(task: &LayerTask, target_idx: usize) -> Classes {
        let ramps = ramps(task, target_idx, DeadZone::AtRest);
        let mut operands: Vec<Signal> =
            ramps.iter().flat_map(|ramp| ramp.weights.iter().map(|weight| weight.0)).collect();
        operands.sort_unstable();
        operands.dedup();
        let mut classes = Classes { operands, ramps, off_keys: Vec::new(), on_keys: Vec::new(), hard_keys: Vec::new() };
        let keys: Vec<i64> = if classes.by_pattern() {
            (1..1 << classes.operands.len()).collect()
        } else {
            let (lowest, highest) = classes.range();
            // Only classes beside a step of the staircase tell where the threshold must lie.
            let value = |key| classes.value(key);
            let at_step = |key: i64| {
                (key > lowest && value(key) != value(key - 1)) || (key < highest && value(key) != value(key + 1))
            };
            (lowest..=highest).filter(|&key| key != 0 && at_step(key)).collect()
        };
        let is_hard = |key: &i64| !classes.by_pattern() || classes.value(*key) || key.count_ones() > 1;
        classes.hard_keys = keys.iter().copied().filter(is_hard).collect();
        (classes.on_keys, classes.off_keys) = keys.into_iter().partition(|&key| classes.value(key));
        classes
    }

    fn by_pattern(&self) -> bool {
        self.operands.len() <= MAX_PATTERN_OPERANDS
    }

    /// The least and greatest signed sum.
    fn range(&self) -> (i64, i64) {
        let weights = || self.ramps[0].weights.iter().map(|weight| weight.1 as i64);
        (weights().map(|weight| weight.min(0)).sum(), weights().map(|weight| weight.max(0)).sum())
    }

    /// The stored value of the target in a class.
    pub fn value(&self, key: i64) -> bool {
        let on = |signal: Signal| self.operands.iter().zip(0..).any(|(&o, idx)| o == signal && key >> idx & 1 == 1);
        let value: f32 = if self.by_pattern() {
            self.ramps.iter().map(|ramp| ramp.value(|signal| on(signal) as u8 as f32)).sum()
        } else {
            // The second ramp of a staircase has the weights of the first, negated.
            self.ramps.iter().zip([1.0, -1.0]).map(|(ramp, sign)| ramp.at(sign * key as f32)).sum()
        };
        value > 0.5
    }

    /// The class of an input, from the stored values of the operands.
    pub fn key(&self, is_on: impl Fn(Signal) -> bool) -> i64 {
        if self.by_pattern() {
            self.operands.iter().zip(0..).map(|(&signal, idx)| (is_on(signal) as i64) << idx).sum()
        } else {
            self.ramps[0].weights.iter().filter(|weight| is_on(weight.0)).map(|weight| weight.1 as i64).sum()
        }
    }

    /// Stored values of all operands that put an input into a class of the `turn`-th kind: on and off in turn.
    fn wish_turn(&self, turn: usize, rng: &mut Pcg64, wanted: &mut Vec<(Signal, bool)>) {
        wanted.clear();
        let keys = match (self.on_keys.is_empty(), self.off_keys.is_empty()) {
            (true, true) => return,
            (true, false) => &self.off_keys,
            (false, true) => &self.on_keys,
            (false, false) if turn.is_multiple_of(2) => &self.on_keys,
            (false, false) => &self.off_keys,
        };
        self.wish(keys[turn / 2 % keys.len()], rng, wanted);
    }

    /// Adds stored values of all operands that put an input into this class.
    pub fn wish(&self, key: i64, rng: &mut Pcg64, wanted: &mut Vec<(Signal, bool)>) {
        if self.by_pattern() {
            wanted.extend(self.operands.iter().zip(0..).map(|(&signal, idx)| (signal, key >> idx & 1 == 1)));
            return;
        }
        // Random operands that lead towards the sum are switched on until it is met.
        let mut weights = self.ramps[0].weights.clone();
        random::shuffle(rng, &mut weights);
        let mut left = key;
        for (signal, weight) in weights {
            let weight = weight as i64;
            let helps = weight.signum() == left.signum() && weight.abs() <= left.abs();
            if helps {
                left -= weight;
            }
            wanted.push((signal, helps));
        }
    }
}

/// How much is drawn for each target.
#[derive(Debug, Clone, Copy)]
pub struct Rounds {
    pub seed: u64,
    /// Blocks of 64 inputs.
    pub n: u64,
}

/// Draws blocks of inputs for the targets of a circuit. One a thread: the parts are scratch space.
#[derive(Clone)]
pub struct Strata<'a> {
    circuit: &'a Circuit,
    planter: Planter<'a>,
    truth: Truth,
    seed: u64,
}

impl<'a> Strata<'a> {
    pub fn new(circuit: &'a Circuit, seed: u64) -> Strata<'a> {
        Strata { circuit, planter: Planter::new(circuit), truth: Truth::new(circuit), seed }
    }

    /// Up to 64 inputs in which the operands of a target take the values of its classes, sorted by class.
    pub fn block(&mut self, target: Signal, classes: &Classes, purpose: &str, round: u64) -> (Inputs, Vec<Class>) {
        let key = [self.seed, random::key_of(purpose), target.0 as u64, round];
        let mut rng = random::stream(&key);
        let mut inputs = Inputs::default();
        let (mut wanted, mut active) = (Vec::new(), Vec::new());
        for turn in 0..64 {
            classes.wish_turn(turn, &mut rng, &mut wanted);
            if self.planter.draw(&mut rng, &wanted, &mut active) {
                inputs.push(active.iter().copied());
            }
        }
        self.truth.evaluate(self.circuit, &inputs, 0..inputs.len());
        let mut members: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for input_idx in 0..inputs.len() {
            let key = classes.key(|signal| self.truth.word(signal) >> input_idx & 1 == 1);
            members.entry(key).or_default().push(input_idx);
        }
        let class = |(key, members)| Class { key, value: classes.value(key), members };
        (inputs, members.into_iter().map(class).collect())
    }
}
