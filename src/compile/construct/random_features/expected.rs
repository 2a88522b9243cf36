//! What a random neuron is expected to do: the mean and the mean square of relu(u + b + Z), where u is what the signals
//! of a gate add to it, and Z what the rest adds.
//!
//! Must not know gates.

use super::Weights;
use super::rest::Rest;

/// E h and E h², by how many of the signals that are looked at are on, and by u.
pub struct Expected {
    /// u of the first entry, and the distance between two.
    first: f64,
    step: f64,
    /// By how many are on; empty where that never happens.
    tables: Vec<Vec<Moments>>,
}

/// E h and E h².
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moments {
    pub mean: f64,
    pub square: f64,
}

/// Signs add up to integers. Whatever else is taken between two entries, where the curve is all but straight.
const STEP: f64 = 1.0 / 64.0;

/// How far out, in standard deviations of a weight, u is looked at.
const REACH: f64 = 6.0;

impl Expected {
    /// For gates of `k` signals, on neurons of bias `bias`, to which each signal that is on adds a weight of mean
    /// square `power`: 1, unless signals come in superposition.
    pub fn new(weights: Weights, power: f64, bias: f64, rest: &Rest, k: usize) -> Expected {
        let is_signs = weights == Weights::Rademacher && power == 1.0;
        let (reach, step) = match is_signs {
            true => (k as f64, 1.0),
            false => (libm::ceil(REACH * libm::sqrt(power) * k as f64) + 1.0, STEP),
        };
        let n_entries = (2.0 * reach / step) as usize + 1;
        let table = |n_on: usize| {
            let beside = rest.beside(k, n_on);
            let moments = |u: f64| {
                let of = |&(n, share): &(usize, f64)| {
                    let Moments { mean, square } = match is_signs {
                        true => of_signs(u + bias, n),
                        false => of_a_gaussian(u + bias, libm::sqrt(n as f64 * power)),
                    };
                    Moments { mean: share * mean, square: share * square }
                };
                beside.iter().map(of).fold(Moments::default(), Moments::plus)
            };
            if beside.is_empty() {
                return Vec::new();
            }
            (0..n_entries).map(|entry| moments(-reach + entry as f64 * step)).collect()
        };
        Expected { first: -reach, step, tables: (0..=k).map(table).collect() }
    }

    /// Whether it happens that so many are on.
    pub fn happens(&self, n_on: usize) -> bool {
        !self.tables[n_on].is_empty()
    }

    /// Where so many of the signals are on, and add `u`.
    pub fn at(&self, n_on: usize, u: f64) -> Moments {
        let table = &self.tables[n_on];
        let place = ((u - self.first) / self.step).clamp(0.0, (table.len() - 1) as f64);
        let entry = (place as usize).min(table.len().saturating_sub(2));
        let share = place - entry as f64;
        let mix = |low: f64, high: f64| low + share * (high - low);
        let (low, high) = (table[entry], table[(entry + 1).min(table.len() - 1)]);
        Moments { mean: mix(low.mean, high.mean), square: mix(low.square, high.square) }
    }
}

impl Moments {
    fn plus(self, other: Moments) -> Moments {
        Moments { mean: self.mean + other.mean, square: self.square + other.square }
    }
}

/// Of relu(u + Z), Z the sum of n signs.
fn of_signs(u: f64, n: usize) -> Moments {
    let n_signs = n as f64;
    let moments = |n_up: usize| {
        let up = n_up as f64;
        let log_share =
            libm::lgamma(n_signs + 1.0) - libm::lgamma(up + 1.0) - libm::lgamma(n_signs - up + 1.0) - n_signs * LN_2;
        let (share, h) = (libm::exp(log_share), (u + 2.0 * up - n_signs).max(0.0));
        Moments { mean: share * h, square: share * h * h }
    };
    (0..=n).map(moments).fold(Moments::default(), Moments::plus)
}

const LN_2: f64 = std::f64::consts::LN_2;

/// Of relu(u + Z), Z Gaussian: u Φ(u/σ) + σ φ(u/σ), and (u² + σ²) Φ(u/σ) + u σ φ(u/σ).
fn of_a_gaussian(u: f64, deviation: f64) -> Moments {
    if deviation == 0.0 {
        let h = u.max(0.0);
        return Moments { mean: h, square: h * h };
    }
    let z = u / deviation;
    let below = 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
    let density = libm::exp(-0.5 * z * z) / libm::sqrt(2.0 * std::f64::consts::PI);
    Moments {
        mean: u * below + deviation * density,
        square: (u * u + deviation * deviation) * below + u * deviation * density,
    }
}

/// c = ¼ (E relu(2 + Z) − 2 E relu(Z) + E relu(Z − 2)) with Z Gaussian of variance `rest`: how much of a neuron's
/// activation is the product of the signs of two weights.
pub fn curvature(rest: f64) -> f64 {
    let mean = |u: f64| of_a_gaussian(u, libm::sqrt(rest)).mean;
    0.25 * (mean(2.0) - 2.0 * mean(0.0) + mean(-2.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    /// Both formulas against draws.
    #[test]
    fn the_moments_are_those_of_draws() {
        let rng = &mut random::stream(&[4]);
        let n_draws = 400_000;
        for (u, n) in [(0.0, 4), (2.0, 2), (-1.0, 7), (1.5, 30)] {
            let mut drawn = [Moments::default(); 2];
            for _ in 0..n_draws {
                let signs: f64 = (0..n).map(|_| if random::coin(rng, 0.5) { 1.0 } else { -1.0 }).sum();
                let gaussian = libm::sqrt(n as f64) * random::gaussian(rng);
                for (moments, z) in drawn.iter_mut().zip([signs, gaussian]) {
                    let h = (u + z).max(0.0);
                    *moments = moments.plus(Moments { mean: h / n_draws as f64, square: h * h / n_draws as f64 });
                }
            }
            for (drawn, formula) in drawn.iter().zip([of_signs(u, n), of_a_gaussian(u, libm::sqrt(n as f64))]) {
                assert!((drawn.mean - formula.mean).abs() < 0.03, "{u} {n}: {drawn:?} {formula:?}");
                assert!((drawn.square / formula.square - 1.0).abs() < 0.03, "{u} {n}: {drawn:?} {formula:?}");
            }
        }
    }

    #[test]
    fn between_two_entries_the_curve_is_all_but_straight() {
        let rest = Rest::always(100, 5);
        let expected = Expected::new(Weights::Gaussian, 1.0, 0.0, &rest, 2);
        for u in [-3.003, -0.517, 0.0, 0.261, 4.444] {
            let (found, exact) = (expected.at(1, u), of_a_gaussian(u, 2.0));
            assert!((found.mean - exact.mean).abs() < 1e-4 && (found.square - exact.square).abs() < 1e-3, "{u}");
        }
    }
}
