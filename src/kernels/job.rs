//! What is run, once it is written over vectors of any width: a kernel, compiled for each instruction set and run on
//! the one in use.
//!
//! Must not know what a kernel computes, nor which registers an instruction set has: an `Element` names them.

use super::path::{Path, path};
use super::vector::{Element, Vector};

/// A computation over vectors of any width.
pub trait Kernel<T: Element> {
    type Output;
    /// # Safety
    /// The machine has the instructions of `V`.
    unsafe fn run<V: Vector<Scalar = T>>(self) -> Self::Output;
}

/// Runs a kernel on the path in use.
pub fn dispatch<T: Element, K: Kernel<T>>(kernel: K) -> K::Output {
    match path() {
        // SAFETY: `path` yields what the machine has.
        #[cfg(target_arch = "x86_64")]
        Path::Avx512 => unsafe { avx512(kernel) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Path::Avx2 => unsafe { avx2(kernel) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Path::Neon => unsafe { neon(kernel) },
        // SAFETY: a scalar needs no special instructions.
        _ => unsafe { kernel.run::<T>() },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
unsafe fn avx512<T: Element, K: Kernel<T>>(kernel: K) -> K::Output {
    // SAFETY: this function's own features.
    unsafe { kernel.run::<T::Avx512>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<T: Element, K: Kernel<T>>(kernel: K) -> K::Output {
    // SAFETY: this function's own features.
    unsafe { kernel.run::<T::Avx2>() }
}

#[cfg(target_arch = "aarch64")]
#[target_feature(enable = "neon")]
unsafe fn neon<T: Element, K: Kernel<T>>(kernel: K) -> K::Output {
    // SAFETY: this function's own features.
    unsafe { kernel.run::<T::Neon>() }
}
