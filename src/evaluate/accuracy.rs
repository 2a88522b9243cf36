//! How near to the truth every read-off of an input is: the worst of them, held against each ε, and ranked.
//!
//! Must not know how the worst read-off of an input is found, nor how figures are laid out.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::sampling::Sampling;
use crate::program::{Measure, Program, Scope};
use crate::readings::Share;

/// Every report tells the accuracy at these ε.
pub const EPSILONS: [f64; 4] = [0.1, 0.25, 0.4, 0.45];

/// And the ε of these shares of the inputs.
pub const SHARES: [f64; 4] = [0.5, 0.9, LEADING, 1.0];

/// The one that says most in a line: a few inputs in a thousand do not decide it, and the usual ones do not either.
pub const LEADING: f64 = 0.99;

/// For how many inputs each worst error is kept as it is; for more, all are rounded up to 13 bits behind the point:
/// by less than 1/8192 of themselves.
const MOST_EXACT: u64 = 1 << 20;
const DROPPED_BITS: u32 = 10;

/// The inputs on which every read-off lies strictly within ε of the truth. Errors are f32, and so is ε beside them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    pub epsilon: f64,
    pub share: Share,
    /// Whether the program or the caller names this ε.
    pub is_asked: bool,
}

/// On this share of the inputs no read-off is farther than ε from the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    pub share: f64,
    pub epsilon: f32,
}

impl Accuracy {
    /// Of gates at every ε that is asked and at those of every report, of outputs at those that are asked; nothing is
    /// counted yet. Ascending.
    pub fn asked(program: &Program, sampling: &Sampling, scope: Scope) -> Vec<Accuracy> {
        let metrics = program.requirements.iter().map(|requirement| &requirement.metric);
        let required = metrics.filter(|metric| metric.row.measure == Measure::ShareWithin(scope));
        let asked: Vec<f64> = required
            .filter_map(|metric| metric.epsilon)
            .chain(sampling.epsilon)
            .chain(sampling.goal.and_then(|goal| goal.epsilon))
            .collect();
        let mut all = asked.clone();
        all.extend(if scope == Scope::Gates { &EPSILONS[..] } else { &[] });
        all.sort_by(f64::total_cmp);
        all.dedup();
        let nothing = Share { n: 0, of: 0 };
        let accuracy = |epsilon| Accuracy { epsilon, share: nothing, is_asked: asked.contains(&epsilon) };
        all.into_iter().map(accuracy).collect()
    }

    /// Adds an input by its worst error, which is a number or infinite.
    pub fn add(&mut self, error: f32) {
        self.share.n += u64::from(error < self.epsilon as f32);
        self.share.of += 1;
    }
}

/// The worst error of each input, counted.
#[derive(Debug, Clone)]
pub struct WorstErrors {
    n_inputs: u64,
    greatest: f32,
    /// By the bits of the error, which are in the order of the errors.
    counts: BTreeMap<u32, u64>,
    n_dropped_bits: u32,
}

impl WorstErrors {
    /// For so many inputs.
    pub fn new(n_inputs: u64) -> WorstErrors {
        let n_dropped_bits = if n_inputs > MOST_EXACT { DROPPED_BITS } else { 0 };
        WorstErrors { n_inputs: 0, greatest: 0.0, counts: BTreeMap::new(), n_dropped_bits }
    }

    /// `error`: at least +0, a number or infinite.
    pub fn add(&mut self, error: f32) {
        let dropped = (1 << self.n_dropped_bits) - 1;
        *self.counts.entry((error.to_bits() + dropped) & !dropped).or_default() += 1;
        self.n_inputs += 1;
        self.greatest = if error > self.greatest { error } else { self.greatest };
    }

    /// The ε of each share that a report tells; there must have been inputs.
    pub fn quantiles(&self) -> Vec<Quantile> {
        SHARES.into_iter().map(|share| Quantile { share, epsilon: self.within(share) }).collect()
    }

    /// The least error that is not exceeded on at least this share of the inputs.
    pub fn within(&self, share: f64) -> f32 {
        self.within_on(libm::ceil(share * self.n_inputs as f64) as u64)
    }

    /// The least error that is not exceeded on more than this share.
    pub fn within_on_more(&self, share: f64) -> f32 {
        self.within_on(libm::floor(share * self.n_inputs as f64) as u64 + 1)
    }

    fn within_on(&self, wanted: u64) -> f32 {
        let mut n = 0;
        let reached = self.counts.iter().find(|&(_, &count)| {
            n += count;
            n >= wanted
        });
        let epsilon = reached.map_or(self.greatest, |(&bits, _)| f32::from_bits(bits));
        if epsilon < self.greatest { epsilon } else { self.greatest }
    }
}

/// `{"0.25": 0.98}`: keys are shortest decimals.
pub fn by_epsilon<S: Serializer>(accuracies: &[Accuracy], serializer: S) -> Result<S::Ok, S::Error> {
    by_key(accuracies.iter().map(|accuracy| (accuracy.epsilon, accuracy.share.value())), serializer)
}

/// `{"0.99": 0.31}`: an ε that is infinite is null.
pub fn by_share<S: Serializer>(quantiles: &[Quantile], serializer: S) -> Result<S::Ok, S::Error> {
    by_key(quantiles.iter().map(|quantile| (quantile.share, quantile.epsilon)), serializer)
}

/// A map by shortest decimals.
pub fn by_key<S: Serializer, V: Serialize>(
    rows: impl ExactSizeIterator<Item = (f64, V)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(rows.len()))?;
    for (key, value) in rows {
        map.serialize_entry(&key.to_string(), &value)?;
    }
    map.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_is_epsilon_is_not_within_it() {
        let mut accuracy = Accuracy { epsilon: 0.45, share: Share { n: 0, of: 0 }, is_asked: true };
        let near = 0.45f32;
        for error in [0.0, f32::from_bits(near.to_bits() - 1), near, 0.46, f32::INFINITY] {
            accuracy.add(error);
        }
        assert_eq!(accuracy.share, Share { n: 2, of: 5 });
    }

    #[test]
    fn the_errors_of_few_inputs_come_back_as_they_are() {
        let mut errors = WorstErrors::new(1000);
        (0..1000u32).for_each(|input| errors.add((input * 37 % 1000) as f32 / 1000.0));
        let quantiles: Vec<(f64, f32)> = errors.quantiles().iter().map(|row| (row.share, row.epsilon)).collect();
        assert_eq!(quantiles, [(0.5, 0.499), (0.9, 0.899), (0.99, 0.989), (1.0, 0.999)]);
        assert_eq!((errors.within_on_more(0.99), errors.within_on_more(1.0)), (0.99, 0.999));
        errors.add(f32::INFINITY);
        assert_eq!(errors.within(1.0), f32::INFINITY);
        assert_eq!(errors.within(0.5), 0.5);
    }

    #[test]
    fn the_errors_of_many_inputs_are_rounded_up_a_little_and_the_greatest_is_not() {
        let mut errors = WorstErrors::new(MOST_EXACT + 1);
        let all: Vec<f32> = (0..1000).map(|input| 0.1 + input as f32 * 1e-3).collect();
        all.iter().for_each(|&error| errors.add(error));
        for (share, error) in [(0.001, all[0]), (0.5, all[499]), (0.99, all[989])] {
            let epsilon = errors.within(share);
            assert!(epsilon >= error && epsilon <= error * (1.0 + 1.0 / 8192.0), "{epsilon} {error}");
        }
        assert_eq!(errors.within(1.0), all[999]);
        errors.add(0.0);
        assert_eq!(errors.within(0.0005), 0.0);
    }

    #[test]
    fn keys_are_the_shortest_decimals() {
        let quantile = |share, epsilon| Quantile { share, epsilon };
        let rows = [quantile(0.5, 0.125), quantile(0.999, 0.25), quantile(1.0, f32::INFINITY)];
        let text = by_share(&rows, serde_json::value::Serializer).unwrap().to_string();
        assert_eq!(text, r#"{"0.5":0.125,"0.999":0.25,"1":null}"#);
    }
}
