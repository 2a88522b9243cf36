//! What the registers of all instruction sets have alike, written once: macros, since the number of registers that hold
//! the lanes must be a constant.
//!
//! Whoever implements `Vector` by them imports `vector::{LANES, ROWS, Tiled, Vector}`.

/// The parts of an implementation that only need constants: numbers in a register, rows and registers of a tile.
macro_rules! shape {
    ($width:expr, $rows:expr, $registers:expr) => {
        const WIDTH: usize = $width;

        #[inline(always)]
        unsafe fn dot_lanes(
            a: *const Self::Scalar,
            b: *const Self::Scalar,
            n: usize,
            lanes: &mut [Self::Scalar; LANES],
        ) {
            const REGISTERS: usize = LANES / $width;
            // SAFETY: the caller vouches for `n` elements and for the instructions.
            unsafe {
                let mut sums: [Self; REGISTERS] =
                    std::array::from_fn(|part| Self::load(lanes.as_ptr().add(part * $width)));
                for at in (0..n).step_by(LANES) {
                    for (part, sum) in sums.iter_mut().enumerate() {
                        let at = at + part * $width;
                        *sum = Self::load(a.add(at)).fma(Self::load(b.add(at)), *sum);
                    }
                }
                for (part, sum) in sums.into_iter().enumerate() {
                    sum.store(lanes.as_mut_ptr().add(part * $width));
                }
            }
        }

        #[inline(always)]
        unsafe fn dot_lanes_of_rows(
            rows: [*const Self::Scalar; ROWS],
            b: *const Self::Scalar,
            n: usize,
            lanes: &mut [[Self::Scalar; LANES]; ROWS],
        ) {
            const REGISTERS: usize = LANES / $width;
            // SAFETY: the caller vouches for `n` elements of each and for the instructions.
            unsafe {
                let mut sums: [[Self; REGISTERS]; ROWS] = std::array::from_fn(|row| {
                    std::array::from_fn(|part| Self::load(lanes[row].as_ptr().add(part * $width)))
                });
                for at in (0..n).step_by(LANES) {
                    for part in 0..REGISTERS {
                        let at = at + part * $width;
                        let b = Self::load(b.add(at));
                        for (sums, row) in sums.iter_mut().zip(rows) {
                            sums[part] = Self::load(row.add(at)).fma(b, sums[part]);
                        }
                    }
                }
                for (sums, lanes) in sums.iter().zip(lanes) {
                    for (part, sum) in sums.iter().enumerate() {
                        sum.store(lanes.as_mut_ptr().add(part * $width));
                    }
                }
            }
        }

        #[inline(always)]
        unsafe fn in_tiles<J: Tiled<Self>>(job: J) {
            // SAFETY: the caller has the instructions.
            unsafe { job.run::<$rows, $registers>() }
        }
    };
}

/// A vector type over intrinsics that are named alike.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! vector {
    ($register:ident, $scalar:ident, ($($shape:expr),*), $load:ident, $store:ident, $splat:ident, $add:ident,
     $mul:ident, $div:ident, $sqrt:ident, |$x:ident, $y:ident, $z:ident| $fma:expr, |$r:ident| $relu:expr
     $(, |$lanes:ident| $total:expr)?) => {
        impl Vector for $register {
            type Scalar = $scalar;
            shape!($($shape),*);
            #[inline(always)]
            unsafe fn load(from: *const $scalar) -> $register {
                // SAFETY: the caller vouches for the elements and for the instructions.
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $scalar) {
                // SAFETY: as above.
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn splat(value: $scalar) -> $register {
                // SAFETY: the caller vouches for the instructions.
                unsafe { $splat(value) }
            }
            #[inline(always)]
            unsafe fn add(self, other: $register) -> $register {
                // SAFETY: as above.
                unsafe { $add(self, other) }
            }
            #[inline(always)]
            unsafe fn mul(self, other: $register) -> $register {
                // SAFETY: as above.
                unsafe { $mul(self, other) }
            }
            #[inline(always)]
            unsafe fn div(self, other: $register) -> $register {
                // SAFETY: as above.
                unsafe { $div(self, other) }
            }
            #[inline(always)]
            unsafe fn sqrt(self) -> $register {
                // SAFETY: as above.
                unsafe { $sqrt(self) }
            }
            #[inline(always)]
            unsafe fn fma(self, factor: $register, summand: $register) -> $register {
                let ($x, $y, $z) = (self, factor, summand);
                // SAFETY: as above.
                unsafe { $fma }
            }
            #[inline(always)]
            unsafe fn relu(self) -> $register {
                let $r = self;
                // SAFETY: as above.
                unsafe { $relu }
            }
            $(
                #[inline(always)]
                unsafe fn total(lanes: &mut [$scalar; LANES]) -> $scalar {
                    let $lanes = lanes.as_ptr();
                    // SAFETY: as above; there are LANES numbers.
                    unsafe { $total }
                }
            )?
        }
    };
}
