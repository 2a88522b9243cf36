//! What a gradient step is made of: many dot products with one vector, and updates scaled by a running mean square.
//!
//! Square roots and quotients are rounded exactly by IEEE 754, so these too have the same bits everywhere.

use ndarray::ArrayView2;

use super::path;
use super::vector::{Element, Kernel, LANES, ROWS, Vector, prefetch};

/// Added to a root mean square before dividing by it.
const FLOOR: f32 = 1e-8;

/// out_i = [`super::dot`] of x and row `rows_i` of a matrix: as many dot products, to the last bit.
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
    f32::dispatch(path(), Dots { x, matrix: matrix.as_ptr(), stride, rows, out });
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

/// Asks for rows of a matrix that will be needed soon: a hint, which changes no bit.
pub fn fetch(row: &[f32]) {
    prefetch(row.as_ptr(), row.len());
}

/// One step against a gradient, each element in units of its own running root mean square:
///
/// v_i = fma(g_i, (1 − decay) · g_i, decay · v_i), then w_i = w_i − (rate · g_i) / (√v_i + 10⁻⁸)
///
/// (RMSprop; Tieleman and Hinton 2012). Panics if the lengths differ.
pub fn rms_step(weights: &mut [f32], squares: &mut [f32], gradient: &[f32], rate: f32, decay: f32) {
    assert!(weights.len() == squares.len() && weights.len() == gradient.len());
    f32::dispatch(path(), RmsStep { weights, squares, gradient, rate, decay });
}

struct RmsStep<'a> {
    weights: &'a mut [f32],
    squares: &'a mut [f32],
    gradient: &'a [f32],
    rate: f32,
    decay: f32,
}

impl RmsStep<'_> {
    /// One register of elements, from `at`.
    #[inline(always)]
    unsafe fn at<V: Vector<Scalar = f32>>(&mut self, at: usize) {
        // SAFETY: the caller has the instructions of V, and `at + WIDTH` is at most the lengths.
        unsafe {
            let gradient = V::load(self.gradient.as_ptr().add(at));
            let squares = self.squares.as_mut_ptr().add(at);
            let faded = V::load(squares).mul(V::splat(self.decay));
            let mean = gradient.fma(gradient.mul(V::splat(1.0 - self.decay)), faded);
            mean.store(squares);
            let step = gradient.mul(V::splat(-self.rate)).div(mean.sqrt().add(V::splat(FLOOR)));
            let weights = self.weights.as_mut_ptr().add(at);
            V::load(weights).add(step).store(weights);
        }
    }
}

impl Kernel<f32> for RmsStep<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Scalar = f32>>(mut self) {
        let n = self.weights.len();
        let whole = n / V::WIDTH * V::WIDTH;
        // SAFETY: as `at` asks.
        unsafe {
            for at in (0..whole).step_by(V::WIDTH) {
                self.at::<V>(at);
            }
            for at in whole..n {
                self.at::<f32>(at);
            }
        }
    }
}
