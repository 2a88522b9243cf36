//! The factors of weights that are there already: C of W = C·D, Φ of W_out = Φ·R.
//!
//! Must not know where weights come from.

use ndarray::Array2;

use crate::linear;
use crate::network::Written;
use crate::network::matrix::Matrix;

/// Rounding aside: share of the largest weight that W_out may be away from Φ·R.
const SPANNED: f64 = 1e-3;

/// C = W D⁺ = W (DᵀD)⁻¹ Dᵀ, and C·D in the place of W: the same but for rounding, where the columns of D are
/// independent; otherwise what of W the signals below can say.
pub fn factors(weight: &Array2<f64>, decompress: &Matrix) -> (Array2<f32>, Matrix) {
    let dense = decompress.to_dense().mapv(f64::from);
    let transposed = dense.t().to_owned();
    let mut gram = linear::product(&transposed, &dense);
    linear::add_ridge(&mut gram, 1e-10);
    let compute = linear::product(&linear::product(weight, &linear::inverse(gram)), &transposed);
    let compute = Matrix::Dense(compute.mapv(|value| value as f32));
    (compute.product(decompress), compute)
}

/// W_out = Φ·R, R what the neurons say of each signal as W_U reads it: of gates that span what is written. Otherwise
/// W_out as it is.
pub fn written(writes: &Array2<f64>, readers: &Array2<f32>) -> (Array2<f32>, Option<Written>) {
    let estimate = Matrix::Dense(linear::product(&readers.mapv(f64::from), writes).mapv(|value| value as f32));
    let (product, direction) = factors(writes, &estimate);
    let largest = writes.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let is_near = |(product, value): (&f32, &f64)| (f64::from(*product) - value).abs() <= SPANNED * largest;
    if product.iter().zip(writes).all(is_near) {
        let estimate_bias = vec![0.0; readers.nrows()];
        return (product, Some(Written { direction, estimate, estimate_bias }));
    }
    (writes.mapv(|value| value as f32), None)
}
