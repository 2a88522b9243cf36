//! What a weight does with its gradient: a step scaled by a running mean square.
//!
//! Square roots and quotients are rounded exactly by IEEE 754, so these too have the same bits everywhere.

use super::job::{Kernel, dispatch};
use super::vector::Vector;

/// Added to a root mean square before dividing by it.
const FLOOR: f32 = 1e-8;

/// One step against a gradient, each element in units of its own running root mean square:
///
/// v_i = fma(g_i, (1 − decay) · g_i, decay · v_i), then w_i = w_i − (rate · g_i) / (√v_i + 10⁻⁸)
///
/// (RMSprop; Tieleman and Hinton 2012). Panics if the lengths differ.
pub fn rms_step(weights: &mut [f32], squares: &mut [f32], gradient: &[f32], rate: f32, decay: f32) {
    assert!(weights.len() == squares.len() && weights.len() == gradient.len());
    dispatch(RmsStep { weights, squares, gradient, rate, decay });
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
