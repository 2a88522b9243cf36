//! Random signs: every coordinate of a vector has the same size.

use ndarray::Array2;

use super::row::Dictionary;
use crate::random::{self, Pcg64};

#[derive(Debug)]
pub struct Rademacher;

pub const RADEMACHER: Rademacher = Rademacher;

impl Dictionary for Rademacher {
    fn name(&self) -> &'static str {
        "rademacher"
    }

    fn summary(&self) -> &'static str {
        "coordinates of one size and random sign"
    }

    fn dimensions(&self) -> &'static str {
        "any"
    }

    fn most_vectors(&self, _: usize) -> usize {
        usize::MAX
    }

    fn draw(&self, n: usize, d: usize, rng: &mut Pcg64) -> Array2<f32> {
        let size = (1.0 / libm::sqrt(d as f64)) as f32;
        Array2::from_shape_simple_fn((n, d), || if random::coin(rng, 0.5) { size } else { -size })
    }
}
