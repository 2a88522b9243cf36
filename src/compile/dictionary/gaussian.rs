//! Unit vectors of random direction (Elhage et al. 2022, "Toy models of superposition", for the setting).

use ndarray::Array2;

use super::row::Dictionary;
use crate::random::{self, Pcg64};

#[derive(Debug)]
pub struct Gaussian;

pub const GAUSSIAN: Gaussian = Gaussian;

impl Dictionary for Gaussian {
    fn name(&self) -> &'static str {
        "gaussian"
    }

    fn summary(&self) -> &'static str {
        "unit vectors of random direction"
    }

    fn dimensions(&self) -> &'static str {
        "any"
    }

    fn most_vectors(&self, _: usize) -> usize {
        usize::MAX
    }

    fn draw(&self, n: usize, d: usize, rng: &mut Pcg64) -> Array2<f32> {
        let mut vectors = Array2::from_shape_simple_fn((n, d), || random::gaussian(rng));
        for mut vector in vectors.rows_mut() {
            let length = libm::sqrt(vector.iter().map(|value| value * value).sum());
            if length > 0.0 {
                vector.mapv_inplace(|value| value / length);
            }
        }
        vectors.mapv(|value| value as f32)
    }
}
