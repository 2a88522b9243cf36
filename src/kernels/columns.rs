//! Columns of a matrix added up: its product with a sparse input.

use ndarray::ArrayView2;

use super::job::{Kernel, dispatch};
use super::vector::{Element, Vector};

/// The product of a matrix with a sparse 0/1 input: out_j = base_j + Σ `by_feature[feature, j]` over the features of
/// `active`, added one after the other as listed.
///
/// `by_feature`: [features, n], rows contiguous (the transpose of a weight matrix: a feature's column is a row here);
/// `base`, `out`: n each. Panics if the lengths differ or a feature is out of range.
pub fn sum_columns<T: Element>(base: &[T], by_feature: ArrayView2<T>, active: &[u32], out: &mut [T]) {
    columns::<T, false>(base, by_feature, active, &[], out);
}

/// [`sum_columns`], then [`relu_in_place`](super::relu_in_place) of the sum.
pub fn sum_columns_relu<T: Element>(base: &[T], by_feature: ArrayView2<T>, active: &[u32], out: &mut [T]) {
    columns::<T, true>(base, by_feature, active, &[], out);
}

/// The product of a matrix with a sparse input: out_j = base_j, then fma(scales_i, `by_feature[active_i, j]`, out_j)
/// for each i in order. Otherwise as [`sum_columns`].
pub fn sum_scaled_columns<T: Element>(
    base: &[T],
    by_feature: ArrayView2<T>,
    active: &[u32],
    scales: &[T],
    out: &mut [T],
) {
    assert_eq!(active.len(), scales.len());
    columns::<T, false>(base, by_feature, active, scales, out);
}

fn columns<T: Element, const RELU: bool>(
    base: &[T],
    by_feature: ArrayView2<T>,
    active: &[u32],
    scales: &[T],
    out: &mut [T],
) {
    let (n_rows, n) = by_feature.dim();
    assert_eq!(base.len(), n);
    assert_eq!(out.len(), n);
    assert!(n_rows == 0 || n < 2 || by_feature.strides()[1] == 1, "the rows of a feature-major matrix are contiguous");
    assert!(active.iter().all(|&feature| (feature as usize) < n_rows), "a feature out of range");
    let stride = by_feature.strides()[0];
    dispatch(Columns::<T, RELU> { base, rows: by_feature.as_ptr(), stride, active, scales, out });
}

/// `scales` is empty where all are 1.
struct Columns<'a, T, const RELU: bool> {
    base: &'a [T],
    rows: *const T,
    stride: isize,
    active: &'a [u32],
    scales: &'a [T],
    out: &'a mut [T],
}

impl<T: Element, const RELU: bool> Columns<'_, T, RELU> {
    /// N vectors of the output, from element `at`, summed in registers.
    #[inline(always)]
    unsafe fn tile<V: Vector<Scalar = T>, const N: usize>(&mut self, at: usize) {
        // SAFETY: the caller has the instruction set of V, every row and both slices reach to `at + N * WIDTH`, and
        // all of `active` are rows.
        unsafe {
            let mut sums: [V; N] = std::array::from_fn(|part| V::load(self.base.as_ptr().add(at + part * V::WIDTH)));
            if self.scales.is_empty() {
                for &feature in self.active {
                    let row = self.rows.offset(feature as isize * self.stride).add(at);
                    for (part, sum) in sums.iter_mut().enumerate() {
                        *sum = sum.add(V::load(row.add(part * V::WIDTH)));
                    }
                }
            } else {
                for (&feature, &scale) in self.active.iter().zip(self.scales) {
                    let row = self.rows.offset(feature as isize * self.stride).add(at);
                    let scale = V::splat(scale);
                    for (part, sum) in sums.iter_mut().enumerate() {
                        *sum = scale.fma(V::load(row.add(part * V::WIDTH)), *sum);
                    }
                }
            }
            for (part, sum) in sums.into_iter().enumerate() {
                let sum = if RELU { sum.relu() } else { sum };
                sum.store(self.out.as_mut_ptr().add(at + part * V::WIDTH));
            }
        }
    }
}

impl<T: Element, const RELU: bool> Kernel<T> for Columns<'_, T, RELU> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Scalar = T>>(mut self) {
        const PARTS: usize = 4;
        let n = self.out.len();
        let mut at = 0;
        // SAFETY: as `tile` asks; `at` never passes the length.
        unsafe {
            while at + PARTS * V::WIDTH <= n {
                self.tile::<V, PARTS>(at);
                at += PARTS * V::WIDTH;
            }
            while at + V::WIDTH <= n {
                self.tile::<V, 1>(at);
                at += V::WIDTH;
            }
            for at in at..n {
                self.tile::<T, 1>(at);
            }
        }
    }
}
