//! Random orthonormal directions. Must not know what lies along them.

use ndarray::Array2;

use crate::linear;
use crate::random::{self, Pcg64};

/// Random directions, n of d: Q = G L⁻ᵀ of a Gaussian G with GᵀG = L Lᵀ, and again for what rounding has left. The
/// first are the same, however many there are. [d, n]
pub fn orthonormal(d: usize, n: usize, rng: &mut Pcg64) -> Array2<f64> {
    let by_column = Array2::from_shape_simple_fn((n, d), || random::gaussian(rng));
    let mut basis = by_column.t().as_standard_layout().into_owned();
    for _ in 0..3 {
        let gram = linear::product(&basis.t().to_owned(), &basis);
        let inverse = linear::inverse_lower(&linear::cholesky(gram));
        basis = linear::product(&basis, &inverse.t().to_owned());
    }
    basis
}

#[cfg(test)]
mod tests {
    use ndarray::s;

    use super::*;

    #[test]
    fn directions_are_orthonormal_and_the_first_of_more() {
        for (d, n) in [(1, 1), (7, 7), (150, 150), (150, 40)] {
            let basis = orthonormal(d, n, &mut random::stream(&[3]));
            let rest = linear::product(&basis.t().to_owned(), &basis) - Array2::<f64>::eye(n);
            assert!(rest.iter().all(|value| value.abs() < 1e-12), "{n} of {d} dimensions");
            let all = orthonormal(d, d, &mut random::stream(&[3]));
            let moved = &all.slice(s![.., ..n]) - &basis;
            assert!(moved.iter().all(|moved| moved.abs() < 1e-12), "{n} of {d} dimensions");
        }
    }
}
