//! A multiple of one vector added to another: dense, and at the columns of a sparse row.

use super::job::{Kernel, dispatch};
use super::vector::{Element, Vector};

/// y_i = fma(alpha, x_i, y_i). Panics if the lengths differ.
pub fn axpy<T: Element>(alpha: T, x: &[T], y: &mut [T]) {
    assert_eq!(x.len(), y.len());
    dispatch(Axpy { alpha, x, y });
}

struct Axpy<'a, T> {
    alpha: T,
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Element> Kernel<T> for Axpy<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Scalar = T>>(self) {
        let whole = self.x.len() / V::WIDTH * V::WIDTH;
        // SAFETY: the caller has the instruction set of V; `at + WIDTH` is at most the length of both slices.
        unsafe {
            let alpha = V::splat(self.alpha);
            for at in (0..whole).step_by(V::WIDTH) {
                let y = self.y.as_mut_ptr().add(at);
                alpha.fma(V::load(self.x.as_ptr().add(at)), V::load(y)).store(y);
            }
        }
        for (x, y) in self.x[whole..].iter().zip(&mut self.y[whole..]) {
            *y = self.alpha.mul_add(*x, *y);
        }
    }
}

/// y_j = fma(alpha, x_i, y_j) for j = columns_i, in order: a sparse row. Panics if the lengths of `columns` and `x`
/// differ or a column is out of range.
pub fn sparse_axpy<T: Element>(alpha: T, columns: &[u32], x: &[T], y: &mut [T]) {
    assert_eq!(columns.len(), x.len());
    dispatch(SparseAxpy { alpha, columns, x, y });
}

struct SparseAxpy<'a, T> {
    alpha: T,
    columns: &'a [u32],
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Element> Kernel<T> for SparseAxpy<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Scalar = T>>(self) {
        for (&column, &x) in self.columns.iter().zip(self.x) {
            let y = &mut self.y[column as usize];
            *y = self.alpha.mul_add(x, *y);
        }
    }
}
