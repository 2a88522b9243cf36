//! What a fitted layer is made of, whatever it stands on: the factors of its weights, and its read-off.
//!
//! Must not know how weights are trained.

use ndarray::Array2;

use crate::compile::layer::LayerTask;
use crate::linear;
use crate::network::Readoff;
use crate::network::matrix::Matrix;

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

/// R and r of a layer that was fitted to a threshold of ½.
pub fn readoff(task: &LayerTask, rows: Array2<f32>, offsets: &[f32]) -> Readoff {
    Readoff {
        matrix: Matrix::Dense(rows),
        bias: offsets.to_vec(),
        threshold: vec![0.5; task.targets.len()],
        signals: task.signal_names(),
        n_gates: task.n_gates(),
    }
}
