//! Rows of a Hadamard matrix over √d: signs, any two of them orthogonal, so that nothing interferes. There are d.

use ndarray::Array2;

use super::row::Dictionary;
use crate::random::{self, Pcg64};
use crate::weighing::{self, Signs};

#[derive(Debug)]
pub struct Hadamard;

pub const HADAMARD: Hadamard = Hadamard;

impl Dictionary for Hadamard {
    fn name(&self) -> &'static str {
        "hadamard"
    }

    fn summary(&self) -> &'static str {
        "rows of a Hadamard matrix, all orthogonal"
    }

    fn dimensions(&self) -> &'static str {
        "a power of two, or one times q + 1 or 2 (q + 1), with q a prime"
    }

    fn most_vectors(&self, d: usize) -> usize {
        if weighing::exists(d) { d } else { 0 }
    }

    /// Random rows, with the signs of columns and rows drawn.
    fn draw(&self, n: usize, d: usize, rng: &mut Pcg64) -> Array2<f32> {
        let signs = Signs::of(d).expect("there is one");
        let size = (1.0 / libm::sqrt(d as f64)) as f32;
        let mut rows: Vec<usize> = (0..d).collect();
        random::shuffle(rng, &mut rows);
        let flips: Vec<bool> = (0..n + d).map(|_| random::coin(rng, 0.5)).collect();
        let (of_rows, of_columns) = flips.split_at(n);
        Array2::from_shape_fn((n, d), |(row, column)| {
            let is_negative = signs.is_negative(rows[row], column) ^ of_rows[row] ^ of_columns[column];
            if is_negative { -size } else { size }
        })
    }
}
