//! What reads signals off the code that stores them: the rows of the code's pseudo-inverse, scaled to unit gain.
//!
//! Signal i enters n neurons (or coordinates) as its code c_i. With Σ = Σ_j c_j c_jᵀ its reader is g_i = Σ⁻¹c_i / (c_iᵀ
//! Σ⁻¹ c_i), which leaves the signal its weight 1 and the others the least power: noise of variance about s (1/n −
//! 1/m), where s of m signals are on and their codes are random. Not scaled, a reader shrinks its signal to n/m of it.
//!
//! Must not know what signals are, nor what is made of what is read.

use ndarray::Array2;

use crate::linear;

/// What neurons show of a signal is how it goes with them: κ_i, its covariance with each, beside their own Σ and its
/// own power p_i. Its reader is Σ⁻¹κ_i, scaled so that the reading goes with the signal as the signal with itself:
/// g_i·κ_i = p_i. [signals, n]
///
/// A share `ridge` of the mean variance is added to each neuron's own, so that Σ can be inverted. A signal that does
/// not show is not read.
pub fn filters(covariances: &Array2<f64>, mut variance: Array2<f64>, powers: &[f64], ridge: f64) -> Array2<f64> {
    linear::add_ridge(&mut variance, ridge);
    let mut filters = linear::product(covariances, &linear::inverse(variance));
    for ((mut filter, covariance), power) in filters.rows_mut().into_iter().zip(covariances.rows()).zip(powers) {
        let gain: f64 = filter.iter().zip(covariance).map(|(r, c)| r * c).sum();
        if gain > 0.0 {
            filter.mapv_inplace(|value| value / gain * power);
        }
    }
    filters
}

/// Of codes [signals, n] the readers, [signals, n]. A share `ridge` of the mean variance is added to each neuron's own,
/// so that Σ can be inverted where there are more neurons than signals. A signal that has no code is not read.
pub fn readers(codes: &Array2<f64>, ridge: f64) -> Array2<f64> {
    let gram = linear::product(&codes.t().to_owned(), codes);
    filters(codes, gram, &vec![1.0; codes.nrows()], ridge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    fn signs(m: usize, n: usize) -> Array2<f64> {
        let mut rng = random::stream(&[7]);
        Array2::from_shape_simple_fn((m, n), || if random::coin(&mut rng, 0.5) { 1.0 } else { -1.0 })
    }

    /// What each reader makes of each signal: [signals, signals].
    fn gains(codes: &Array2<f64>) -> Array2<f64> {
        linear::product(&readers(codes, 1e-9), &codes.t().to_owned())
    }

    #[test]
    fn with_as_many_neurons_as_signals_each_is_read_alone() {
        for n in [40, 41, 100] {
            let rest = gains(&signs(40, n)) - Array2::<f64>::eye(40);
            assert!(rest.iter().all(|gain| gain.abs() < 1e-4), "{n} neurons");
        }
    }

    #[test]
    fn every_signal_is_read_with_gain_one_and_one_without_code_not_at_all() {
        let mut codes = signs(200, 30);
        codes.row_mut(7).fill(0.0);
        let gains = gains(&codes);
        let is_one = |(signal, gain): (usize, &f64)| (gain - f64::from(u8::from(signal != 7))).abs() < 1e-12;
        assert!(gains.diag().iter().enumerate().all(is_one));
        assert!(gains.row(7).iter().all(|&gain| gain == 0.0));
    }

    #[test]
    fn the_noise_of_a_reading_is_what_the_code_leaves_of_the_signals_that_are_on() {
        let (m, n, n_active) = (600, 150, 5);
        let gains = gains(&signs(m, n));
        let (mut power, mut n_readings) = (0.0, 0);
        let mut signals: Vec<usize> = (0..m).collect();
        let mut rng = random::stream(&[8]);
        for _ in 0..200 {
            random::shuffle(&mut rng, &mut signals);
            let (active, idle) = signals.split_at(n_active);
            for &reader in idle {
                power += active.iter().map(|&signal| gains[[reader, signal]]).sum::<f64>().powi(2);
                n_readings += 1;
            }
        }
        let (noise, s) = (power / f64::from(n_readings), n_active as f64);
        let expected = s * (1.0 / n as f64 - 1.0 / m as f64);
        assert!((noise / expected - 1.0).abs() < 0.05, "{noise}, not {expected}");
    }
}
