//! Which share of all pairs of features a layer can read by universal AND at some width: by formula, and of wirings
//! that are drawn.
//!
//! "Computation in superposition: math overview", universal AND: each neuron is wired to a feature with probability p,
//! a pair is read off the neurons wired to both, p² n in the mean, and has none with probability exp(−p² n). Noise is
//! small where s p is, for s features on: so p has a greatest value, and with it the share of pairs. That all of them
//! have a neuron takes p² n ≥ 2 ln m. The share depends on n and s alone, how many pairs it is of on m.
//!
//! Must not know gates.

use serde::Serialize;

use super::pool::Pool;
use crate::bounds;
use crate::random;

/// s p at most: an AND that is on then hears about so many of the other features as well.
pub const MOST_LOAD: f64 = 0.5;

/// Greater densities have neurons that hear most features.
const MAX_DENSITY: f64 = 0.5;

/// Wirings that are drawn.
const N_WIRINGS: u64 = 8;

/// Features of each that are looked at: any are as good as all.
const MOST_FEATURES: usize = 512;

/// One width.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairShare {
    /// Neurons.
    pub width: u32,
    /// p, with which s p is [`MOST_LOAD`], or ½ where that is less.
    pub density: f64,
    /// p² n: neurons that a pair has in common, in the mean.
    pub common: f64,
    /// By formula: 1 − exp(−p² n).
    pub expected: f64,
    /// Of wirings that are drawn: pairs with a neuron in common, or more.
    pub measured: f64,
    /// The standard error of that, by how the wirings differ.
    pub error: f64,
}

/// The share for a layer of `n` neurons over `n_features` features, at least 2 of them, `n_on` of them on.
pub fn readable_pairs(n_features: usize, n_on: f64, n: u32, seed: u64) -> PairShare {
    let density = (MOST_LOAD / n_on).min(MAX_DENSITY);
    let shares: Vec<f64> = (0..N_WIRINGS)
        .map(|wiring| {
            let rng = &mut random::stream(&[seed, random::key_of("pairs"), u64::from(n), wiring]);
            Pool::draw(0, n as usize, n_features.min(MOST_FEATURES), density, rng).share_of_pairs()
        })
        .collect();
    let n_wirings = N_WIRINGS as f64;
    let measured = shares.iter().sum::<f64>() / n_wirings;
    let squares = shares.iter().map(|share| (share - measured) * (share - measured)).sum::<f64>();
    PairShare {
        width: n,
        density,
        common: density * density * f64::from(n),
        expected: bounds::share_of_pairs(density, n.into()),
        measured,
        error: libm::sqrt(squares / (n_wirings * (n_wirings - 1.0))),
    }
}

/// Neurons at which p² n = 2 ln m, with which all pairs of m features are read, by inequality.
pub fn all_pairs_width(n_features: usize, n_on: f64) -> f64 {
    bounds::universal_floor(n_on / MOST_LOAD, n_features as f64, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Poisson's formula is that of the binomial law, (1 − p²)^n, up to p⁴ n / 2 of what has none.
    #[test]
    fn drawn_wirings_have_the_share_of_the_formula_within_their_standard_error() {
        for (n_features, n_on, n, seed) in
            [(1000, 4.0, 64, 1), (1000, 4.0, 250, 2), (4096, 10.0, 512, 3), (300, 25.0, 512, 4), (20, 10.0, 2048, 5)]
        {
            let pairs = readable_pairs(n_features, n_on, n, seed);
            assert!((pairs.density * n_on - MOST_LOAD).abs() < 1e-12);
            let approximation = 0.5 * pairs.density * pairs.density * pairs.common * (1.0 - pairs.expected);
            let off = (pairs.measured - pairs.expected).abs();
            assert!(off < 4.0 * pairs.error + approximation, "{pairs:?}");
            assert!(pairs.error > 0.0 && pairs.error < 0.02, "{pairs:?}");
        }
    }

    #[test]
    fn few_features_on_leave_the_density_at_a_half() {
        let pairs = readable_pairs(2, 0.25, 100, 1);
        assert_eq!((pairs.density, pairs.measured), (0.5, 1.0));
    }
}
