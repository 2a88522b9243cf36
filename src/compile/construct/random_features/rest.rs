//! The rest: how many signals are on beside those of a gate.
//!
//! Only how many signals below are on together is counted; which of them is taken to be of no account, as for
//! `choose s of` all features. Must not know neurons.

use crate::circuit::inputs::sample::Sampler;
use crate::compile::layer::LayerTask;
use crate::readings::InputBlock;

/// Blocks of 64 inputs that are counted.
const N_BLOCKS: u64 = 64;

/// How often so many of the signals below a layer are on.
pub struct Rest {
    n_signals: usize,
    /// By how many are on; they sum to 1.
    shares: Vec<f64>,
}

impl Rest {
    /// Counted on inputs of the circuit's own distribution.
    pub fn below(task: &LayerTask) -> Rest {
        let mut counts = vec![0u64; task.below.len() + 1];
        if let Ok(sampler) = Sampler::new(task.circuit) {
            let mut block = InputBlock::new(task.circuit);
            for block_idx in 0..N_BLOCKS {
                block.fill(task.circuit, sampler.block(0, "rest", block_idx));
                let mut n_on = [0; 64];
                for &signal in &task.below {
                    let mut word = block.word(signal);
                    while word != 0 {
                        n_on[word.trailing_zeros() as usize] += 1;
                        word &= word - 1;
                    }
                }
                n_on[..block.n_inputs()].iter().for_each(|&n: &usize| counts[n] += 1);
            }
        }
        Rest::of(task.below.len(), &counts)
    }

    fn of(n_signals: usize, counts: &[u64]) -> Rest {
        let total = counts.iter().sum::<u64>().max(1) as f64;
        Rest { n_signals, shares: counts.iter().map(|&count| count as f64 / total).collect() }
    }

    /// Of `n_on` of `n_signals`, always.
    #[cfg(test)]
    pub fn always(n_signals: usize, n_on: usize) -> Rest {
        Rest::of(n_signals, &(0..=n_on).map(|n| u64::from(n == n_on)).collect::<Vec<_>>())
    }

    /// s: how many are on in the mean.
    pub fn n_on(&self) -> f64 {
        self.shares.iter().zip(0..).map(|(share, n_on)| share * f64::from(n_on)).sum()
    }

    /// How many others are on, and how often, where exactly `n_on` of `k` given signals are: P(N = t) C(m − k, r) /
    /// C(m, t) with t = n_on + r, over its sum. Nothing where that never happens.
    pub fn beside(&self, k: usize, n_on: usize) -> Vec<(usize, f64)> {
        let m = self.n_signals;
        let log_choose = |n: usize, r: usize| ln_factorial(n) - ln_factorial(r) - ln_factorial(n - r);
        let is_met = |&(total, share): &(usize, f64)| share > 0.0 && total >= n_on && total - n_on <= m - k;
        let met = self.shares.iter().copied().enumerate().filter(is_met);
        let logs: Vec<(usize, f64)> = met
            .map(|(total, share)| {
                let rest = total - n_on;
                (rest, libm::log(share) + log_choose(m - k, rest) - log_choose(m, total))
            })
            .collect();
        let most = logs.iter().fold(f64::NEG_INFINITY, |most, entry| most.max(entry.1));
        let weights: Vec<(usize, f64)> = logs.into_iter().map(|(rest, log)| (rest, libm::exp(log - most))).collect();
        let total: f64 = weights.iter().map(|entry| entry.1).sum();
        weights.into_iter().map(|(rest, weight)| (rest, weight / total)).collect()
    }
}

fn ln_factorial(n: usize) -> f64 {
    libm::lgamma(n as f64 + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_as_many_are_always_on_the_rest_is_what_is_left_of_them() {
        let rest = Rest::of(10, &[0, 0, 0, 7]);
        assert_eq!(rest.n_on(), 3.0);
        assert_eq!(rest.beside(2, 0), [(3, 1.0)]);
        assert_eq!(rest.beside(2, 1), [(2, 1.0)]);
        assert_eq!(rest.beside(2, 2), [(1, 1.0)]);
        assert_eq!(Rest::of(10, &[0, 5]).beside(2, 2), [], "two are never on together");
    }

    /// Against every input of four coins of which two are looked at.
    #[test]
    fn where_their_number_varies_it_is_what_enumeration_says() {
        // Coins with probability 1/4, by number: 81, 108, 54, 12 and 1 of 256.
        let rest = Rest::of(4, &[81, 108, 54, 12, 1]);
        for n_on in 0..=2 {
            let found = rest.beside(2, n_on);
            // The other two are coins still.
            for ((n, share), expected) in found.into_iter().zip([9.0, 6.0, 1.0]) {
                assert!((share - expected / 16.0).abs() < 1e-12, "{n_on} {n}: {share}");
            }
        }
    }
}
