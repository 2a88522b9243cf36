//! What many rows come to through neurons that bend, each by its own slopes.

use ndarray::ArrayView2;

use super::job::{Kernel, dispatch};
use super::vector::{Element, LANES, ROWS, Vector};

/// By neuron: a line, and a line that is cut off at 0. All n long.
#[derive(Debug, Clone, Copy)]
pub struct Bends<'a, T> {
    pub linear: &'a [T],
    pub base: &'a [T],
    pub scale: &'a [T],
    pub weight: &'a [T],
}

/// out_i = Σ_j linear_j x_ij + weight_j relu(base_j + scale_j x_ij), x_i row `rows_i` of the matrix, over 16 lanes:
/// lane l is the chain over j = l, l + 16, … from 0 of a fused multiply-add of the line, then one of what is cut off,
/// itself one fused multiply-add; lanes are added as in [`dot`](super::dot).
///
/// `matrix`: [any, n], rows contiguous; `out` as long as `rows`. Panics if the lengths differ or a row is out of range.
pub fn bent_sums<T: Element>(bends: Bends<T>, matrix: ArrayView2<T>, rows: &[u32], out: &mut [T]) {
    let (n_rows, n) = matrix.dim();
    let Bends { linear, base, scale, weight } = bends;
    assert!([linear, base, scale, weight].iter().all(|of| of.len() == n), "a number of each kind for each neuron");
    assert_eq!(rows.len(), out.len());
    assert!(n_rows == 0 || n < 2 || matrix.strides()[1] == 1, "the rows of the matrix are contiguous");
    assert!(rows.iter().all(|&row| (row as usize) < n_rows), "a row out of range");
    let stride = matrix.strides()[0];
    dispatch(BentSums { bends, n, matrix: matrix.as_ptr(), stride, rows, out });
}

struct BentSums<'a, T> {
    bends: Bends<'a, T>,
    n: usize,
    matrix: *const T,
    stride: isize,
    rows: &'a [u32],
    out: &'a mut [T],
}

impl<T: Element> BentSums<'_, T> {
    /// Adds neurons `at .. at + WIDTH` of one row to a sum.
    #[inline(always)]
    unsafe fn add<V: Vector<Scalar = T>>(&self, row: *const T, at: usize, sum: V) -> V {
        // SAFETY: the caller has the instruction set of V, and `at + WIDTH` is at most n.
        unsafe {
            let Bends { linear, base, scale, weight } = self.bends;
            let of = |slice: &[T]| V::load(slice.as_ptr().add(at));
            let x = V::load(row.add(at));
            let sum = of(linear).fma(x, sum);
            of(weight).fma(of(scale).fma(x, of(base)).relu(), sum)
        }
    }
}

impl<T: Element> Kernel<T> for BentSums<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Scalar = T>>(self) {
        let whole = self.n / LANES * LANES;
        let n_registers = LANES / V::WIDTH;
        let row_of = |row: u32| {
            // SAFETY: every row is one of the matrix, which `bent_sums` has seen.
            unsafe { self.matrix.offset(row as isize * self.stride) }
        };
        for chunk in (0..self.rows.len()).step_by(ROWS) {
            let n_here = ROWS.min(self.rows.len() - chunk);
            // A short chunk repeats its last row.
            let rows: [*const T; ROWS] = std::array::from_fn(|idx| row_of(self.rows[chunk + idx.min(n_here - 1)]));
            // SAFETY: the caller has the instruction set of V; `whole` is at most n.
            unsafe {
                let mut sums = [[V::splat(T::ZERO); LANES]; ROWS];
                for at in (0..whole).step_by(LANES) {
                    for register in 0..n_registers {
                        let at = at + register * V::WIDTH;
                        for (sums, &row) in sums.iter_mut().zip(&rows) {
                            sums[register] = self.add(row, at, sums[register]);
                        }
                    }
                }
                for (idx, (sums, &row)) in sums.iter().zip(&rows).enumerate().take(n_here) {
                    let mut lanes = [T::ZERO; LANES];
                    for (register, sum) in sums.iter().enumerate().take(n_registers) {
                        sum.store(lanes.as_mut_ptr().add(register * V::WIDTH));
                    }
                    for (at, lane) in (whole..self.n).zip(&mut lanes) {
                        *lane = self.add::<T>(row, at, *lane);
                    }
                    *self.out.as_mut_ptr().add(chunk + idx) = V::total(&mut lanes);
                }
            }
        }
    }
}
