//! Inputs to fit readers to: plain ones that all gates share, and planted ones for a gate that these show too seldom.
//!
//! Must not know networks.

use std::ops::RangeInclusive;

use ndarray::Array2;

use crate::circuit::inputs::plant::Planter;
use crate::circuit::inputs::sample::Sampler;
use crate::circuit::truth::Truth;
use crate::circuit::{Circuit, Inputs, Signal};
use crate::random;
use crate::readings::BLOCK;

/// On and off, a gate is seen this often at least, if it can be; of many gates each is planted less often.
const SEEN: RangeInclusive<usize> = 4..=24;
const MOST_PLANTED: usize = 200_000;

/// Plantings that fail in a row before a gate is given up.
const FAILURES: usize = 3;

/// Plain inputs, and what is true of them.
pub struct Drawn {
    /// Block by block of 64.
    pub inputs: Inputs,
    /// [blocks, signals]: bit i of a word is the i-th input of the block.
    truth: Array2<u64>,
    /// The probability of each feature.
    pub frequencies: Vec<f32>,
    /// The features that are often on, ascending.
    frequent: Vec<u32>,
    /// How often a gate is to be seen on, and off.
    n_seen: usize,
}

/// A feature that is on more often than this may be missing from a few inputs for a reason.
const FREQUENT: f32 = 1.0 / 16.0;

/// What a gate is seen to be on.
#[derive(Debug, Default)]
pub struct Seen {
    /// Planted inputs, by stored value: off, on.
    pub planted: [Inputs; 2],
    /// The share of the plain inputs on which it is on.
    pub p_on: f64,
    /// E[x | the rarer value] − E[x], signed towards on, where it stands out of chance: features, ascending, beside it.
    pub features: Vec<u32>,
    pub shifts: Vec<f32>,
}

impl Drawn {
    /// `n_blocks` blocks of 64 of the stream of a purpose.
    pub fn new(circuit: &Circuit, sampler: &Sampler, seed: u64, purpose: &str, n_blocks: usize) -> Drawn {
        let mut inputs = Inputs::default();
        let mut truth = Array2::zeros((n_blocks, circuit.n_signals()));
        let mut evaluated = Truth::new(circuit);
        for (block_idx, mut words) in truth.rows_mut().into_iter().enumerate() {
            sampler.extend(seed, purpose, block_idx as u64, BLOCK, &mut inputs);
            evaluated.evaluate(circuit, &inputs, block_idx * BLOCK..(block_idx + 1) * BLOCK);
            words.iter_mut().zip(evaluated.words()).for_each(|(word, &value)| *word = value);
        }
        let mut counts = vec![0u32; circuit.n_features()];
        inputs.active.iter().for_each(|&feature| counts[feature as usize] += 1);
        let frequencies: Vec<f32> = counts.iter().map(|&n| n as f32 / (n_blocks * BLOCK) as f32).collect();
        let frequent = (0..circuit.n_features).filter(|&feature| frequencies[feature as usize] > FREQUENT).collect();
        let n_seen = (MOST_PLANTED / circuit.n_gates().max(1)).clamp(*SEEN.start(), *SEEN.end());
        Drawn { inputs, truth, frequencies, frequent, n_seen }
    }

    pub fn n_blocks(&self) -> usize {
        self.truth.nrows()
    }

    /// The stored values of a signal on a block.
    pub fn word(&self, block_idx: usize, signal: Signal) -> u64 {
        self.truth[[block_idx, signal.0 as usize]]
    }

    fn words(&self, signal: Signal) -> impl Iterator<Item = u64> + '_ {
        self.truth.column(signal.0 as usize).into_iter().copied()
    }

    /// What the plain inputs, and planted ones where need be, show of a signal.
    pub fn seen(&self, signal: Signal, seed: u64, planter: &mut Planter, counts: &mut Counts) -> Seen {
        let n_on: u32 = self.words(signal).map(u64::count_ones).sum();
        let n = [self.inputs.len() - n_on as usize, n_on as usize];
        let mut seen = Seen { p_on: f64::from(n_on) / self.inputs.len() as f64, ..Seen::default() };
        let mut rng = random::stream(&[seed, random::key_of("without ReLU: planted"), signal.0.into()]);
        for (value, &n_plain) in n.iter().enumerate() {
            let (mut n_failed, mut active) = (0, Vec::new());
            while n_plain + seen.planted[value].len() < self.n_seen && n_failed < FAILURES {
                match planter.draw(&mut rng, &[(signal, value == 1)], &mut active) {
                    true => {
                        seen.planted[value].push(active.iter().copied());
                        n_failed = 0;
                    }
                    false => n_failed += 1,
                }
            }
        }
        let rarer = usize::from(n[1] < n[0]);
        counts.clear();
        for (block_idx, word) in self.words(signal).enumerate() {
            let mut members = if rarer == 1 { word } else { !word };
            while members != 0 {
                counts.add(self.inputs.get(block_idx * BLOCK + members.trailing_zeros() as usize));
                members &= members - 1;
            }
        }
        seen.planted[rarer].iter().for_each(|active| counts.add(active));
        self.shifts(counts, if rarer == 1 { 1.0 } else { -1.0 }, &mut seen);
        seen
    }

    fn shifts(&self, counts: &mut Counts, sign: f32, seen: &mut Seen) {
        let n = counts.n_inputs as f32;
        counts.touched.extend_from_slice(&self.frequent);
        counts.touched.sort_unstable();
        counts.touched.dedup();
        for &feature in &counts.touched {
            let (count, p) = (counts.by_feature[feature as usize] as f32, self.frequencies[feature as usize]);
            let excess = count - n * p;
            if excess * excess > 4.0 * (n * p * (1.0 - p) + 1.0) {
                seen.features.push(feature);
                seen.shifts.push(sign * excess / n);
            }
        }
    }
}

/// How often each feature was on; cleared in time proportional to what was.
pub struct Counts {
    by_feature: Vec<u32>,
    touched: Vec<u32>,
    n_inputs: u32,
}

impl Counts {
    pub fn new(n_features: usize) -> Counts {
        Counts { by_feature: vec![0; n_features], touched: Vec::new(), n_inputs: 0 }
    }

    fn clear(&mut self) {
        self.touched.drain(..).for_each(|feature| self.by_feature[feature as usize] = 0);
        self.n_inputs = 0;
    }

    fn add(&mut self, active: &[u32]) {
        self.n_inputs += 1;
        for &feature in active {
            let count = &mut self.by_feature[feature as usize];
            if *count == 0 {
                self.touched.push(feature);
            }
            *count += 1;
        }
    }
}
