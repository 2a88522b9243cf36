//! Neurons with independent 0/1 weights: the wiring of universal AND.
//!
//! Must not know gates: what is read off them.

use crate::random::{self, Pcg64};

/// Neurons with independent 0/1 weights.
pub struct Pool {
    n: usize,
    n_words: usize,
    /// By signal, one bit a neuron.
    wired: Vec<u64>,
    first: usize,
}

impl Pool {
    /// Neurons from `first` on, each wired to each signal with probability `density`.
    pub fn draw(first: usize, n: usize, n_signals: usize, density: f64, rng: &mut Pcg64) -> Pool {
        let n_words = n.div_ceil(64);
        let mut wired = vec![0u64; n_words * n_signals];
        for signal in 0..n_signals {
            for neuron in 0..n {
                if random::coin(rng, density) {
                    wired[signal * n_words + neuron / 64] |= 1 << (neuron % 64);
                }
            }
        }
        Pool { n, n_words, wired, first }
    }

    /// The neurons wired to the columns of the subset and to none of the others, ascending.
    pub fn wired_exactly(&self, columns: &[u32], subset: u32) -> Vec<u32> {
        let mut neurons = Vec::new();
        for word_idx in 0..self.n_words {
            let mut word = u64::MAX;
            for (idx, &column) in columns.iter().enumerate() {
                let wired = self.wired[column as usize * self.n_words + word_idx];
                word &= if subset >> idx & 1 == 1 { wired } else { !wired };
            }
            while word != 0 {
                let neuron = word_idx * 64 + word.trailing_zeros() as usize;
                if neuron < self.n {
                    neurons.push((self.first + neuron) as u32);
                }
                word &= word - 1;
            }
        }
        neurons
    }

    /// The share of all pairs of signals, at least two, that some neuron is wired to both of.
    pub fn share_of_pairs(&self) -> f64 {
        let signals: Vec<&[u64]> = self.wired.chunks(self.n_words.max(1)).collect();
        let meet = |a: &[u64], b: &[u64]| a.iter().zip(b).any(|(a, b)| a & b != 0);
        let n_met = |first: usize| signals[first + 1..].iter().filter(|other| meet(signals[first], other)).count();
        let n_pairs = signals.len() * (signals.len() - 1) / 2;
        (0..signals.len()).map(n_met).sum::<usize>() as f64 / n_pairs as f64
    }

    /// By neuron, the signals that it is wired to, with weight 1.
    pub fn rows(&self) -> impl Iterator<Item = Vec<(u32, f32)>> + '_ {
        let n_signals = self.wired.len().checked_div(self.n_words).unwrap_or(0);
        (0..self.n).map(move |neuron| {
            let is_wired = |signal: &usize| self.wired[signal * self.n_words + neuron / 64] >> (neuron % 64) & 1 == 1;
            (0..n_signals).filter(is_wired).map(|signal| (signal as u32, 1.0)).collect()
        })
    }
}
