//! Dot products: one, and many with the same vector.

use ndarray::ArrayView2;

use super::fetch::prefetch;
use super::job::{Kernel, dispatch};
use super::vector::{Element, LANES, ROWS, Vector};

/// Σ a_i b_i over 16 lanes: lane l is the chain of fused multiply-adds over i = l, l + 16, … from 0; then lanes l and
/// l + 8 are added, then l and l + 4, l + 2, l + 1. Panics if the lengths differ.
pub fn dot<T: Element>(a: &[T], b: &[T]) -> T {
    assert_eq!(a.len(), b.len());
    dispatch(Dot { a, b })
}

struct Dot<'a, T> {
    a: &'a [T],
    b: &'a [T],
}

impl<T: Element> Kernel<T> for Dot<'_, T> {
    type Output = T;

    #[inline(always)]
    unsafe fn run<V: Vector<Scalar = T>>(self) -> T {
        let whole = self.a.len() / LANES * LANES;
        let mut lanes = [T::ZERO; LANES];
        // SAFETY: the caller has the instruction set of V; `at + LANES` is at most the length of both slices, and
        // LANES is a multiple of WIDTH.
        unsafe { V::dot_lanes(self.a.as_ptr(), self.b.as_ptr(), whole, &mut lanes) };
        for (lane, (a, b)) in lanes.iter_mut().zip(self.a[whole..].iter().zip(&self.b[whole..])) {
            *lane = a.mul_add(*b, *lane);
        }
        // SAFETY: as above.
        unsafe { V::total(&mut lanes) }
    }
}

/// out_i = [`dot`] of x and row `rows_i` of a matrix: as many dot products, to the last bit.
///
/// `matrix`: [any, n], rows contiguous; `x`: n; `out` as long as `rows`. Panics if the lengths differ or a row is out
/// of range.
pub fn dots(x: &[f32], matrix: ArrayView2<f32>, rows: &[u32], out: &mut [f32]) {
    let (n_rows, n) = matrix.dim();
    assert_eq!(x.len(), n);
    assert_eq!(rows.len(), out.len());
    assert!(n_rows == 0 || n < 2 || matrix.strides()[1] == 1, "the rows of the matrix are contiguous");
    assert!(rows.iter().all(|&row| (row as usize) < n_rows), "a row out of range");
    let stride = matrix.strides()[0];
    dispatch(Dots { x, matrix: matrix.as_ptr(), stride, rows, out });
}

struct Dots<'a> {
    x: &'a [f32],
    matrix: *const f32,
    stride: isize,
    rows: &'a [u32],
    out: &'a mut [f32],
}

/// Chunks of rows that are fetched ahead.
const AHEAD: usize = 2;

impl Kernel<f32> for Dots<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Scalar = f32>>(self) {
        let whole = self.x.len() / LANES * LANES;
        // SAFETY: every row is one of the matrix, which `dots` has seen.
        let row = |row: u32| unsafe { self.matrix.offset(row as isize * self.stride) };
        for (chunk, (rows, out)) in self.rows.chunks(ROWS).zip(self.out.chunks_mut(ROWS)).enumerate() {
            for &soon in self.rows.iter().skip((chunk + AHEAD) * ROWS).take(ROWS) {
                prefetch(row(soon), self.x.len());
            }
            // A short chunk repeats its last row.
            let rows: [*const f32; ROWS] = std::array::from_fn(|idx| row(rows[idx.min(rows.len() - 1)]));
            let mut lanes = [[0f32; LANES]; ROWS];
            // SAFETY: the caller has the instructions of V; `whole` is at most the length of x and of every row.
            unsafe { V::dot_lanes_of_rows(rows, self.x.as_ptr(), whole, &mut lanes) };
            for ((out, mut lanes), row) in out.iter_mut().zip(lanes).zip(rows) {
                for (at, lane) in (whole..self.x.len()).zip(&mut lanes) {
                    // SAFETY: as above.
                    *lane = unsafe { *row.add(at) }.mul_add(self.x[at], *lane);
                }
                // SAFETY: as above.
                *out = unsafe { V::total(&mut lanes) };
            }
        }
    }
}
