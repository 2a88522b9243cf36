//! What a neuron does with its sum.

use super::job::{Kernel, dispatch};
use super::vector::{Element, Vector};

/// x_i = x_i if x_i > 0, else 0 (also for NaN and −0).
pub fn relu_in_place<T: Element>(x: &mut [T]) {
    dispatch(Relu { x });
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
