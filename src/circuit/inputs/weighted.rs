//! Members drawn one after the other without replacement, each as likely as its weight among those that are left.
//!
//! Weights are whole numbers: the share of each times 2^62, and at least 1, so that what is left is exact whatever was
//! taken. A member is found by a number below the sum of all; one that is taken already is drawn again, which comes to
//! the same. After [`TRIES`] of these in a row the number is drawn below what is left, and the members are walked
//! through. All that are left are taken without a draw. Must not know what a member is.

use super::scratch::Scratch;
use crate::random::{self, Pcg64};

/// Draws of what is taken, before the members are walked through.
const TRIES: u32 = 16;

#[derive(Debug, Clone)]
pub(super) struct Weights {
    /// By member, the sum of the weights up to it.
    ends: Vec<u64>,
}

impl Weights {
    /// All are above 0.
    pub fn new(weights: &[f64]) -> Weights {
        let total: f64 = weights.iter().sum();
        let unit = (1u64 << 62) as f64;
        let mut end = 0;
        let whole = |weight: f64| ((weight / total * unit) as u64).max(1);
        let ends = weights.iter().map(|&weight| {
            end += whole(weight);
            end
        });
        Weights { ends: ends.collect() }
    }

    fn weight(&self, member: usize) -> u64 {
        self.ends[member] - if member == 0 { 0 } else { self.ends[member - 1] }
    }

    /// Draws `k` of the members that are not excluded, into `scratch.drawn`, ascending.
    pub fn draw(&self, rng: &mut Pcg64, k: u32, scratch: &mut Scratch) {
        let Scratch { drawn, excluded, bits } = scratch;
        let n = self.ends.len();
        drawn.clear();
        if k as usize == n - excluded.len() {
            let mut passed = excluded.iter().peekable();
            drawn.extend((0..n as u32).filter(|member| passed.next_if_eq(&member).is_none()));
            return;
        }
        if bits.len() * 64 < n {
            bits.resize(n / 64 + 1, 0);
        }
        let total = self.ends[n - 1];
        let mut left = total;
        for &member in excluded.iter() {
            bits[member as usize / 64] |= 1 << (member % 64);
            left -= self.weight(member as usize);
        }
        for _ in 0..k {
            let is_taken = |member: usize| bits[member / 64] >> (member % 64) & 1 == 1;
            let try_one = |rng: &mut Pcg64| {
                let number = random::below_wide(rng, total);
                self.ends.partition_point(|end| *end <= number)
            };
            let member = (0..TRIES).map(|_| try_one(rng)).find(|member| !is_taken(*member)).unwrap_or_else(|| {
                let mut number = random::below_wide(rng, left);
                let mut walked = (0..n).filter(|member| !is_taken(*member));
                let found = walked.find(|&member| match number.checked_sub(self.weight(member)) {
                    Some(rest) => {
                        number = rest;
                        false
                    }
                    None => true,
                });
                found.expect("the number is below what is left")
            });
            bits[member / 64] |= 1 << (member % 64);
            left -= self.weight(member);
            drawn.push(member as u32);
        }
        let taken = drawn.iter().chain(excluded.iter());
        taken.for_each(|&member| bits[member as usize / 64] = 0);
        drawn.sort_unstable();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The probability of each set, by definition.
    fn sets(weights: &[f64], k: usize) -> std::collections::BTreeMap<Vec<u32>, f64> {
        let mut found = std::collections::BTreeMap::new();
        let mut open = vec![(Vec::new(), 1.0)];
        while let Some((taken, probability)) = open.pop() {
            if taken.len() == k {
                let mut set: Vec<u32> = taken;
                set.sort_unstable();
                *found.entry(set).or_default() += probability;
                continue;
            }
            let left = (0..weights.len() as u32).filter(|member| !taken.contains(member));
            let total: f64 = left.clone().map(|member| weights[member as usize]).sum();
            for member in left {
                let with = taken.iter().copied().chain([member]).collect();
                open.push((with, probability * weights[member as usize] / total));
            }
        }
        found
    }

    #[test]
    fn sets_are_as_likely_as_their_members_come_one_after_the_other() {
        // The last one is hardly ever left to chance: the heavy members are taken, and then walked through.
        for (weights, k) in [(vec![4.0, 2.0, 1.0, 1.0], 2), (vec![1e6, 1e3, 1.0, 0.5, 2.0], 3)] {
            let prepared = Weights::new(&weights);
            let (mut rng, mut scratch) = (random::stream(&[1]), Scratch::default());
            let mut counts = std::collections::BTreeMap::new();
            let n = 60_000;
            for _ in 0..n {
                prepared.draw(&mut rng, k as u32, &mut scratch);
                *counts.entry(scratch.drawn.clone()).or_insert(0) += 1;
            }
            for (set, probability) in sets(&weights, k) {
                let share = f64::from(counts.get(&set).copied().unwrap_or(0)) / f64::from(n);
                let tolerance = 5.0 * (probability * (1.0 - probability) / f64::from(n)).sqrt() + 1e-4;
                assert!((share - probability).abs() < tolerance, "{set:?}: {share}, not {probability}");
            }
        }
    }

    #[test]
    fn what_is_excluded_is_never_drawn_and_all_that_is_left_can_be() {
        let prepared = Weights::new(&[1.0, 1e-300, 2.0, 3.0, 1.0]);
        let (mut rng, mut scratch) = (random::stream(&[2]), Scratch::default());
        scratch.excluded = vec![2, 3];
        for k in 0..=3 {
            prepared.draw(&mut rng, k, &mut scratch);
            assert_eq!(scratch.drawn.len(), k as usize);
            assert!(scratch.drawn.is_sorted() && scratch.drawn.iter().all(|member| ![2, 3].contains(member)));
            assert!(scratch.bits.iter().all(|word| *word == 0));
        }
        assert_eq!(scratch.drawn, [0, 1, 4]);
    }
}
