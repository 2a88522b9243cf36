//! The linear algebra that read-offs and decoders stand on, in f64 over the kernels' products.
//!
//! Must not know what the matrices mean.

use ndarray::{Array2, Axis, s};

use crate::kernels;

/// A·B: [m, k] by [k, n].
pub fn product(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    let mut c = Array2::zeros((a.nrows(), b.ncols()));
    kernels::par_product(a.view(), b.view(), c.view_mut());
    c
}

/// Adds `share` of the mean diagonal element to the diagonal, and 1 where that is 0: what is nothing is then divided by
/// something.
pub fn add_ridge(matrix: &mut Array2<f64>, share: f64) {
    let n = matrix.nrows().max(1);
    let ridge = share * matrix.diag().iter().sum::<f64>() / n as f64;
    let ridge = if ridge > 0.0 { ridge } else { 1.0 };
    matrix.diag_mut().mapv_inplace(|value| value + ridge);
}

/// The inverse of a symmetric positive definite matrix: blocked Gauss and Jordan in place, no pivots needed.
///
/// For each block B of rows: P = A_BB⁻¹, A_Bj ← P A_Bj, A_ij ← A_ij − A_iB P A_Bj, A_iB ← −A_iB P, A_BB ← P.
pub fn inverse(mut a: Array2<f64>) -> Array2<f64> {
    const BLOCK: usize = 64;
    let n = a.nrows();
    for start in (0..n).step_by(BLOCK) {
        let block = start..(start + BLOCK).min(n);
        let pivot = inverse_small(a.slice(s![block.clone(), block.clone()]).to_owned());
        let mut rows = product(&pivot, &a.slice(s![block.clone(), ..]).to_owned());
        rows.slice_mut(s![.., block.clone()]).assign(&pivot);
        let mut columns = a.slice(s![.., block.clone()]).mapv(|value| -value);
        columns.slice_mut(s![block.clone(), ..]).fill(0.0);
        a.slice_mut(s![.., block.clone()]).fill(0.0);
        a.slice_mut(s![block.clone(), ..]).fill(0.0);
        kernels::par_product(columns.view(), rows.view(), a.view_mut());
        a.slice_mut(s![block, ..]).assign(&rows);
    }
    a
}

/// The same, one row at a time.
fn inverse_small(mut a: Array2<f64>) -> Array2<f64> {
    let n = a.nrows();
    for pivot_idx in 0..n {
        let pivot = 1.0 / a[[pivot_idx, pivot_idx]];
        let mut row = a.row(pivot_idx).mapv(|value| value * pivot);
        row[pivot_idx] = pivot;
        for (other_idx, mut other) in a.axis_iter_mut(Axis(0)).enumerate() {
            if other_idx != pivot_idx {
                let factor = -other[pivot_idx];
                other[pivot_idx] = 0.0;
                other.zip_mut_with(&row, |value, &step| *value += factor * step);
            }
        }
        a.row_mut(pivot_idx).assign(&row);
    }
    a
}

/// L, lower triangular, with A = L Lᵀ, of a symmetric positive definite matrix.
pub fn cholesky(mut a: Array2<f64>) -> Array2<f64> {
    let n = a.nrows();
    for column in 0..n {
        let row = a.slice(s![column, ..column]).to_owned();
        for below in column..n {
            let mut value = a[[below, column]];
            for (k, factor) in row.iter().enumerate() {
                value -= a[[below, k]] * factor;
            }
            a[[below, column]] = value;
        }
        let pivot = libm::sqrt(a[[column, column]]);
        a.slice_mut(s![column.., column]).mapv_inplace(|value| value / pivot);
        a.slice_mut(s![column, column + 1..]).fill(0.0);
    }
    a
}

/// The inverse of a lower triangular matrix, row by row.
pub fn inverse_lower(lower: &Array2<f64>) -> Array2<f64> {
    let n = lower.nrows();
    let mut inverse = Array2::zeros((n, n));
    for row in 0..n {
        let (above, mut rest) = inverse.view_mut().split_at(Axis(0), row);
        let mut current = rest.row_mut(0);
        current[row] = 1.0;
        for k in 0..row {
            let factor = lower[[row, k]];
            current.zip_mut_with(&above.row(k), |value, &step| *value -= factor * step);
        }
        current.mapv_inplace(|value| value / lower[[row, row]]);
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    #[test]
    fn the_inverse_undoes_the_matrix() {
        for n in [1, 5, 64, 65, 200] {
            let mut rng = random::stream(&[n as u64]);
            let factor = Array2::from_shape_fn((n, n + 3), |_| random::gaussian(&mut rng));
            let mut matrix = product(&factor, &factor.t().to_owned());
            add_ridge(&mut matrix, 1e-3);
            let unit = product(&matrix, &inverse(matrix.clone()));
            let worst = (unit - Array2::<f64>::eye(n)).iter().fold(0.0f64, |worst, value| worst.max(value.abs()));
            assert!(worst < 1e-8, "n = {n}: {worst}");
            let lower = cholesky(matrix.clone());
            let rebuilt = product(&lower, &lower.t().to_owned());
            assert!((rebuilt - &matrix).iter().all(|value| value.abs() < 1e-8 * n as f64), "n = {n}");
            let unit = product(&lower, &inverse_lower(&lower));
            assert!((unit - Array2::<f64>::eye(n)).iter().all(|value| value.abs() < 1e-8), "n = {n}");
        }
    }
}
