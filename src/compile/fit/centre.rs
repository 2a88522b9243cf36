//! Where read-offs are moved about.
//!
//! Most neurons are awake on most inputs, so that all inputs have much in common, and whatever moves a row of a
//! read-off for one input moves its readings of all. Moved about a share of the mean of h, it hardly does. Must not
//! know what is read off.

use ndarray::ArrayView2;

use super::recipe::CENTRE_DECAY;
use crate::kernels;

/// Of one layer.
pub struct Centre {
    /// Share of the mean.
    share: f32,
    /// That share of the running mean of h, [padded n], or of a stream; empty before the first step.
    values: Vec<f32>,
}

impl Centre {
    pub fn new(share: f32) -> Centre {
        Centre { share, values: Vec::new() }
    }

    /// As before the first step.
    pub fn forget(&mut self) {
        self.values.clear();
    }

    /// Hears what h is on the inputs of a step, by group [inputs, padded n]; the first step is not averaged.
    pub fn learn<'h>(&mut self, groups: impl Iterator<Item = ArrayView2<'h, f32>> + Clone) {
        let n_inputs: usize = groups.clone().map(|h| h.nrows()).sum();
        let n = groups.clone().map(|h| h.ncols()).max().unwrap_or(0);
        let step = if self.values.is_empty() { 1.0 } else { 1.0 - CENTRE_DECAY };
        self.values.resize(n, 0.0);
        self.values.iter_mut().for_each(|value| *value *= 1.0 - step);
        for h in groups {
            for h in h.rows() {
                let h = h.to_slice().expect("row-major");
                kernels::axpy(step * self.share / n_inputs as f32, h, &mut self.values);
            }
        }
    }

    pub fn values(&self) -> &[f32] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn it_is_a_share_of_the_mean_and_follows_it() {
        let mut centre = Centre::new(0.5);
        let (first, then) = (array![[1.0, 0.0], [3.0, 0.0]], array![[8.0, 4.0]]);
        centre.learn([first.view()].into_iter());
        assert_eq!(centre.values(), [1.0, 0.0]);
        (0..1000).for_each(|_| centre.learn([then.view(), then.view()].into_iter()));
        assert!(centre.values().iter().zip([4.0, 2.0]).all(|(value, expected)| (value - expected).abs() < 1e-3));
        centre.forget();
        centre.learn([first.view(), then.view()].into_iter());
        assert!(centre.values().iter().zip([2.0, 2.0 / 3.0]).all(|(value, expected)| (value - expected).abs() < 1e-6));
    }
}
