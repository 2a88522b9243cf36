//! Options in eight bits: which pairs of them a read-off cannot be above a cut with.
//!
//! Each neuron is measured in units of the read-off, so that all have the same unit and no products are left:
//! Σ R relu(z + w) = γ Σ ± relu(|R| z / γ + |R| w / γ), w what options add, z what is there. All are rounded to whole
//! numbers. By how much is known of each option and of what is there, and as relu(v + e) ≤ relu(v) + max(e, 0), that is
//! how far a sum can be too low, at most.
//!
//! Must not know what a cut stands for, nor what slots are.

use ndarray::Array2;

use super::first::First;
use crate::kernels::{CODES_AT_ONCE, LARGEST_CODE, cut_off_sums, encode, whole};

/// The options of a support for one question.
pub struct Codes {
    /// γ
    unit: f64,
    /// Neurons by the sign of R: positive ones, then negative ones.
    signs: [Neurons; 2],
    /// [options, neurons]
    codes: Array2<u8>,
    /// By option, how much too low its codes can make a sum, in units.
    short: Vec<f64>,
}

/// Pairs of options on top of what is there.
pub struct Pairs<'a> {
    codes: &'a Codes,
    /// By neuron, what the codes of two options have to exceed together.
    missing: Vec<i16>,
    /// What every sum has beside, in units.
    beside: f64,
    // Space.
    cut: Vec<u8>,
    sums: Vec<i32>,
}

/// Neurons of one sign, filled up with some that do nothing.
#[derive(Default)]
struct Neurons {
    at: Vec<u32>,
    /// The least that an option adds.
    least: Vec<f64>,
    /// |R| / γ
    scale: Vec<f64>,
}

impl Codes {
    /// `None` where options do not differ, or cannot be told apart by finite numbers.
    pub fn new(first: &First, read: &[f64]) -> Option<Codes> {
        let most = read.iter().zip(&first.spans).map(|(read, (least, most))| read.abs() * (most - least));
        let unit = most.fold(0.0, f64::max) / f64::from(LARGEST_CODE);
        if !(unit.is_normal() && (1.0 / unit).is_normal()) {
            return None;
        }
        let neurons = |is_here: fn(f64) -> bool| {
            let mut neurons = Neurons::default();
            for at in (0..read.len()).filter(|&at| is_here(read[at])) {
                neurons.at.push(at as u32);
                neurons.least.push(first.spans[at].0);
                neurons.scale.push(read[at].abs() / unit);
            }
            neurons.fill_up();
            neurons
        };
        let signs = [neurons(|read| read > 0.0), neurons(|read| read < 0.0)];
        let n = signs[0].at.len() + signs[1].at.len();
        let mut codes = Array2::zeros((first.by_option.nrows(), n));
        let short = first.by_option.rows().into_iter().zip(codes.rows_mut()).map(|(row, mut codes)| {
            let row = row.to_slice().expect("rows are contiguous");
            let (positive, negative) = codes.as_slice_mut().expect("as above").split_at_mut(signs[0].at.len());
            signs[0].encode(row, true, positive) + signs[1].encode(row, false, negative)
        });
        let short = short.collect();
        Some(Codes { unit, signs, codes, short })
    }

    /// Pairs on top of neurons at `z`.
    pub fn pairs(&self, z: &[f64]) -> Pairs<'_> {
        let most = 2.0 * f64::from(LARGEST_CODE);
        let (mut missing, mut beside) = (Vec::with_capacity(self.codes.ncols()), 0.0);
        for (neurons, is_positive) in self.signs.iter().zip([true, false]) {
            for ((&at, least), scale) in neurons.at.iter().zip(&neurons.least).zip(&neurons.scale) {
                let there = scale * (z[at as usize] + 2.0 * least);
                let code = whole((-there).clamp(0.0, most));
                missing.push(code as i16);
                // A neuron that is on whatever comes is a line; one that no pair can make on is nothing.
                let off = there.max(-most) + code;
                beside += match is_positive {
                    true => off.max(0.0),
                    false if there >= 0.0 => -off,
                    false => (-off).max(0.0),
                };
            }
        }
        Pairs { codes: self, cut: vec![0; missing.len()], missing, beside, sums: Vec::new() }
    }
}

impl Pairs<'_> {
    /// Those of `others` with which, beside `option`, Σ R relu(z) may be above `cut`.
    pub fn above(&mut self, cut: f64, option: u32, others: &[u32]) -> impl Iterator<Item = u32> {
        let Codes { unit, signs, codes, short } = self.codes;
        let n_positive = signs[0].at.len();
        let row = codes.row(option as usize).to_slice().expect("rows are contiguous");
        // Where the option alone exceeds what is missing, the other comes on top of the rest.
        let mut alone = [0i32; 2];
        for (sign, neurons) in [0..n_positive, n_positive..row.len()].into_iter().enumerate() {
            let missing = self.missing[neurons.clone()].iter().zip(&row[neurons.clone()]);
            for (cut, (&missing, &code)) in self.cut[neurons].iter_mut().zip(missing) {
                let missing = missing - i16::from(code);
                *cut = missing.clamp(0, LARGEST_CODE.into()) as u8;
                alone[sign] += i32::from((-missing).max(0));
            }
        }
        self.sums.clear();
        self.sums.resize(others.len(), 0);
        cut_off_sums(&self.cut, n_positive, codes.view(), others, &mut self.sums);
        let least = cut / unit - self.beside - f64::from(alone[0] - alone[1]) - short[option as usize];
        // What is no number is not excluded.
        let is_above = move |other: u32, sum: i32| f64::from(sum) + short[other as usize] > least || least.is_nan();
        let left = others.iter().zip(&self.sums).filter(move |(other, sum)| is_above(**other, **sum));
        left.map(|(&other, _)| other)
    }
}

impl Neurons {
    fn fill_up(&mut self) {
        let n = self.at.len().next_multiple_of(CODES_AT_ONCE);
        self.at.resize(n, 0);
        self.least.resize(n, 0.0);
        self.scale.resize(n, 0.0);
    }

    fn encode(&self, row: &[f64], is_low: bool, codes: &mut [u8]) -> f64 {
        encode(row, &self.at, &self.least, &self.scale, is_low, codes)
    }
}
