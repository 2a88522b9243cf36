//! The numbers themselves: plain Rust, which defines the bits, and the names of their registers on each instruction
//! set.

use crate::kernels::vector::{Element, LANES, ROWS, Tiled, Vector};

macro_rules! scalar {
    ($type:ident, $avx512:ident, $avx2:ident, $neon:ident) => {
        impl Element for $type {
            const ZERO: $type = 0.0;

            #[cfg(target_arch = "x86_64")]
            type Avx512 = std::arch::x86_64::$avx512;
            #[cfg(target_arch = "x86_64")]
            type Avx2 = std::arch::x86_64::$avx2;
            #[cfg(target_arch = "aarch64")]
            type Neon = std::arch::aarch64::$neon;

            #[inline(always)]
            fn mul_add(self, factor: $type, summand: $type) -> $type {
                $type::mul_add(self, factor, summand)
            }
        }

        impl Vector for $type {
            type Scalar = $type;
            shape!(1, 4, 4);
            #[inline(always)]
            unsafe fn load(from: *const $type) -> $type {
                // SAFETY: the caller vouches for the element.
                unsafe { *from }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $type) {
                // SAFETY: the caller vouches for the element.
                unsafe { *to = self }
            }
            #[inline(always)]
            unsafe fn splat(value: $type) -> $type {
                value
            }
            #[inline(always)]
            unsafe fn add(self, other: $type) -> $type {
                self + other
            }
            #[inline(always)]
            unsafe fn mul(self, other: $type) -> $type {
                self * other
            }
            #[inline(always)]
            unsafe fn div(self, other: $type) -> $type {
                self / other
            }
            #[inline(always)]
            unsafe fn sqrt(self) -> $type {
                // IEEE 754 rounds a square root exactly: the same bits everywhere.
                $type::sqrt(self)
            }
            #[inline(always)]
            unsafe fn fma(self, factor: $type, summand: $type) -> $type {
                $type::mul_add(self, factor, summand)
            }
            #[inline(always)]
            unsafe fn relu(self) -> $type {
                if self > 0.0 { self } else { 0.0 }
            }
        }
    };
}

scalar!(f32, __m512, __m256, float32x4_t);
scalar!(f64, __m512d, __m256d, float64x2_t);
