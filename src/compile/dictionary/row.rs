//! What a dictionary is asked for.

use std::fmt::Debug;

use ndarray::Array2;

use crate::random::Pcg64;

/// A dictionary, as a row of the table: unit vectors along which signals are written.
pub trait Dictionary: Debug + Sync {
    /// As `store … with NAME` takes it.
    fn name(&self) -> &'static str;

    /// In a few words.
    fn summary(&self) -> &'static str;

    /// In how many dimensions there is one, in a few words.
    fn dimensions(&self) -> &'static str;

    /// Vectors of `d` dimensions that it has: none where it is not there, `usize::MAX` where nothing limits them.
    fn most_vectors(&self, d: usize) -> usize;

    /// Some of them, `n` at most as many as there are, one a row: [n, d].
    fn draw(&self, n: usize, d: usize, rng: &mut Pcg64) -> Array2<f32>;
}
