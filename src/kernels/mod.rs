//! The arithmetic of every number that reaches an output: sums in a fixed order, the same bits on every machine.
//!
//! Each kernel has one body, written over a `Vector` of any width and compiled once per instruction set. Which
//! additions are made, and in which order, is fixed for every output element by the definitions below and never
//! depends on vector width, tiles or threads; a multiplication is always fused with its addition. So the body over
//! plain `mul_add` ([`Path::Portable`]) defines the bits, and the others are held to it by tests.
//!
//! Floor 0: knows numbers only. `mul_add` stands in this folder and nowhere else (without hardware support it is a
//! library call, a hundred times slower); whoever needs a fused sum calls a kernel.

mod product;
mod screen;
mod steps;
mod vector;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

use ndarray::ArrayView2;
pub use product::{par_product, product};
pub use screen::{CoarseInputs, CoarseRows, coarsen};
pub use steps::{dots, fetch, rms_step};
pub use vector::Element;
use vector::{Kernel, LANES, Vector};

/// An instruction set that the kernels are compiled for. All give the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Path {
    Portable = 1,
    /// AVX2 with FMA.
    Avx2,
    /// AVX-512 F.
    Avx512,
    Neon,
}

/// The paths that this machine can run, slowest first.
pub fn available() -> Vec<Path> {
    [Path::Portable, Path::Avx2, Path::Avx512, Path::Neon].into_iter().filter(|&path| runs_here(path)).collect()
}

fn runs_here(path: Path) -> bool {
    match path {
        Path::Portable => true,
        #[cfg(target_arch = "x86_64")]
        Path::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
        #[cfg(target_arch = "x86_64")]
        Path::Avx512 => is_x86_feature_detected!("avx512f") && runs_here(Path::Avx2),
        #[cfg(target_arch = "aarch64")]
        Path::Neon => std::arch::is_aarch64_feature_detected!("neon"),
        _ => false,
    }
}

/// The path in use, as a number; 0 until it is first asked for.
static PATH: AtomicU8 = AtomicU8::new(0);

/// The path that every kernel takes: the fastest that this machine can run.
pub fn path() -> Path {
    match PATH.load(Ordering::Relaxed) {
        1 => Path::Portable,
        2 => Path::Avx2,
        3 => Path::Avx512,
        4 => Path::Neon,
        _ => {
            let fastest = available().pop().unwrap_or(Path::Portable);
            // Two threads may both come here; they store the same.
            PATH.store(fastest as u8, Ordering::Relaxed);
            fastest
        }
    }
}

/// Runs `work` with every kernel of the process, on all threads, on `path`. For tests and benches: other threads
/// change speed but not results. Calls wait for one another and must not be nested.
///
/// Panics if this machine cannot run `path`.
pub fn with_path<R>(path: Path, work: impl FnOnce() -> R) -> R {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    struct Restore;
    impl Drop for Restore {
        fn drop(&mut self) {
            PATH.store(0, Ordering::Relaxed);
        }
    }
    assert!(runs_here(path), "this machine cannot run {path:?}");
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let _restore = Restore;
    PATH.store(path as u8, Ordering::Relaxed);
    work()
}

/// y_i = fma(alpha, x_i, y_i). Panics if the lengths differ.
pub fn axpy<T: Element>(alpha: T, x: &[T], y: &mut [T]) {
    assert_eq!(x.len(), y.len());
    T::dispatch(path(), Axpy { alpha, x, y });
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

/// y_j = fma(alpha, x_i, y_j) for j = columns_i, in order: a sparse row. Panics if the lengths of `columns` and `x` differ
/// or a column is out of range.
pub fn sparse_axpy<T: Element>(alpha: T, columns: &[u32], x: &[T], y: &mut [T]) {
    assert_eq!(columns.len(), x.len());
    T::dispatch(path(), SparseAxpy { alpha, columns, x, y });
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

/// Σ a_i b_i over 16 lanes: lane l is the chain of fused multiply-adds over i = l, l + 16, … from 0; then lanes l and
/// l + 8 are added, then l and l + 4, l + 2, l + 1. Panics if the lengths differ.
pub fn dot<T: Element>(a: &[T], b: &[T]) -> T {
    assert_eq!(a.len(), b.len());
    T::dispatch(path(), Dot { a, b })
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

/// x_i = x_i if x_i > 0, else 0 (also for NaN and −0).
pub fn relu_in_place<T: Element>(x: &mut [T]) {
    T::dispatch(path(), Relu { x });
}

struct Relu<'a, T> {
    x: &'a mut [T],
}

impl<T: Element> Kernel<T> for Relu<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Scalar = T>>(self) {
        let whole = self.x.len() / V::WIDTH * V::WIDTH;
        // SAFETY: the caller has the instruction set of V; `at + WIDTH` is at most the length.
        unsafe {
            for at in (0..whole).step_by(V::WIDTH) {
                let x = self.x.as_mut_ptr().add(at);
                V::load(x).relu().store(x);
            }
        }
        for x in &mut self.x[whole..] {
            *x = if *x > T::ZERO { *x } else { T::ZERO };
        }
    }
}

/// The product of a matrix with a sparse 0/1 input: out_j = base_j + Σ `by_feature[feature, j]` over the features of
/// `active`, added one after the other as listed.
///
/// `by_feature`: [features, n], rows contiguous (the transpose of a weight matrix: a feature's column is a row here);
/// `base`, `out`: n each. Panics if the lengths differ or a feature is out of range.
pub fn sum_columns<T: Element>(base: &[T], by_feature: ArrayView2<T>, active: &[u32], out: &mut [T]) {
    columns::<T, false>(base, by_feature, active, &[], out);
}

/// [`sum_columns`], then [`relu_in_place`] of the sum.
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
    T::dispatch(path(), Columns::<T, RELU> { base, rows: by_feature.as_ptr(), stride, active, scales, out });
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

#[cfg(test)]
mod tests;
