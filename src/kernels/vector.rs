//! What the kernels are written over: a register of floats, for each instruction set.
//!
//! A scalar is a vector of width 1: leftovers at the end of a row run through the same bodies.

use std::ops::{Add, Mul};

use super::Path;
use super::product::{Product, blocked};

/// The lanes of [`super::dot`].
pub(super) const LANES: usize = 16;

/// The rows that [`super::dots`] takes at a time.
pub(super) const ROWS: usize = 4;

/// f32 or f64.
pub trait Element:
    Vector<Scalar = Self> + Copy + Default + PartialEq + PartialOrd + Send + Sync + Add<Output = Self> + Mul<Output = Self>
{
    const ZERO: Self;
    /// One fused multiply-add: self · factor + summand, rounded once.
    fn mul_add(self, factor: Self, summand: Self) -> Self;
    /// Compiles a kernel for every instruction set and runs the one of `path`, which this machine must have.
    fn dispatch<K: Kernel<Self>>(path: Path, kernel: K) -> K::Output;
}

/// A computation over vectors of any width.
pub trait Kernel<T: Element> {
    type Output;
    /// # Safety
    /// The machine has the instructions of `V`.
    unsafe fn run<V: Vector<Scalar = T>>(self) -> Self::Output;
}

/// A register of `WIDTH` numbers; every operation works lane by lane.
///
/// # Safety
/// All functions require the instructions of the implementing type; `load` and `store` require `WIDTH` valid elements,
/// of any alignment.
#[allow(clippy::missing_safety_doc)] // Said once, above.
pub trait Vector: Copy {
    type Scalar: Element;
    const WIDTH: usize;
    unsafe fn load(from: *const Self::Scalar) -> Self;
    unsafe fn store(self, to: *mut Self::Scalar);
    unsafe fn splat(value: Self::Scalar) -> Self;
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn mul(self, other: Self) -> Self;
    unsafe fn div(self, other: Self) -> Self;
    unsafe fn sqrt(self) -> Self;
    /// self · factor + summand, rounded once.
    unsafe fn fma(self, factor: Self, summand: Self) -> Self;
    /// x if x > 0, else 0.
    unsafe fn relu(self) -> Self;
    /// Adds the products of the first `n` elements (a multiple of 16) to the lanes, as [`super::dot`] says.
    unsafe fn dot_lanes(a: *const Self::Scalar, b: *const Self::Scalar, n: usize, lanes: &mut [Self::Scalar; LANES]);
    /// [`Vector::dot_lanes`] of one `b` with [`ROWS`] rows, whose chains do not wait for one another.
    unsafe fn dot_lanes_of_rows(
        rows: [*const Self::Scalar; ROWS],
        b: *const Self::Scalar,
        n: usize,
        lanes: &mut [[Self::Scalar; LANES]; ROWS],
    );
    /// The sum of the lanes by halves: lane i takes lane i + 8, then i + 4, i + 2, i + 1.
    unsafe fn total(lanes: &mut [Self::Scalar; LANES]) -> Self::Scalar {
        by_halves(lanes)
    }
    /// The blocked product with the tile that fits the registers.
    unsafe fn product(job: Product<Self::Scalar>);
}

#[inline(always)]
fn by_halves<T: Element>(lanes: &mut [T; LANES]) -> T {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] = lanes[lane] + lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}

/// The parts of an implementation that only need constants: registers per 16 lanes, rows and registers of a tile.
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
        unsafe fn product(job: Product<Self::Scalar>) {
            // SAFETY: the caller has the instructions; the job's views are valid by construction.
            unsafe { blocked::<Self, $rows, $registers>(job) }
        }
    };
}

macro_rules! scalar {
    ($type:ident) => {
        impl Element for $type {
            const ZERO: $type = 0.0;

            #[inline(always)]
            fn mul_add(self, factor: $type, summand: $type) -> $type {
                $type::mul_add(self, factor, summand)
            }

            fn dispatch<K: Kernel<$type>>(path: Path, kernel: K) -> K::Output {
                match path {
                    // SAFETY: callers take `path` from `super::path`, which yields what the machine has.
                    #[cfg(target_arch = "x86_64")]
                    Path::Avx512 => unsafe { x86::$type::avx512(kernel) },
                    // SAFETY: as above.
                    #[cfg(target_arch = "x86_64")]
                    Path::Avx2 => unsafe { x86::$type::avx2(kernel) },
                    // SAFETY: as above.
                    #[cfg(target_arch = "aarch64")]
                    Path::Neon => unsafe { arm::$type::neon(kernel) },
                    // SAFETY: a scalar needs no special instructions.
                    _ => unsafe { kernel.run::<$type>() },
                }
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

scalar!(f32);
scalar!(f64);

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

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::*;

    // maxps(x, 0) is `x > 0 ? x : 0`, bit for bit: its second operand wins for NaN and for −0.
    // Tiles: 8 x 3 of 32 registers, 6 x 2 of 16; larger ones spill.
    vector!(
        __m512,
        f32,
        (16, 8, 3),
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_set1_ps,
        _mm512_add_ps,
        _mm512_mul_ps,
        _mm512_div_ps,
        _mm512_sqrt_ps,
        |x, y, z| _mm512_fmadd_ps(x, y, z),
        |x| _mm512_max_ps(x, _mm512_setzero_ps()),
        |lanes| {
            let all = _mm512_loadu_ps(lanes);
            let eights = _mm512_add_ps(all, _mm512_shuffle_f32x4::<0b01_00_11_10>(all, all));
            let fours = _mm512_add_ps(eights, _mm512_shuffle_f32x4::<0b10_11_00_01>(eights, eights));
            pairs(_mm512_castps512_ps128(fours))
        }
    );
    vector!(
        __m512d,
        f64,
        (8, 8, 3),
        _mm512_loadu_pd,
        _mm512_storeu_pd,
        _mm512_set1_pd,
        _mm512_add_pd,
        _mm512_mul_pd,
        _mm512_div_pd,
        _mm512_sqrt_pd,
        |x, y, z| _mm512_fmadd_pd(x, y, z),
        |x| _mm512_max_pd(x, _mm512_setzero_pd())
    );
    vector!(
        __m256,
        f32,
        (8, 6, 2),
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_set1_ps,
        _mm256_add_ps,
        _mm256_mul_ps,
        _mm256_div_ps,
        _mm256_sqrt_ps,
        |x, y, z| _mm256_fmadd_ps(x, y, z),
        |x| _mm256_max_ps(x, _mm256_setzero_ps()),
        |lanes| {
            let eights = _mm256_add_ps(_mm256_loadu_ps(lanes), _mm256_loadu_ps(lanes.add(8)));
            pairs(_mm_add_ps(_mm256_castps256_ps128(eights), _mm256_extractf128_ps::<1>(eights)))
        }
    );
    vector!(
        __m256d,
        f64,
        (4, 6, 2),
        _mm256_loadu_pd,
        _mm256_storeu_pd,
        _mm256_set1_pd,
        _mm256_add_pd,
        _mm256_mul_pd,
        _mm256_div_pd,
        _mm256_sqrt_pd,
        |x, y, z| _mm256_fmadd_pd(x, y, z),
        |x| _mm256_max_pd(x, _mm256_setzero_pd())
    );

    /// The last two halvings.
    #[inline(always)]
    unsafe fn pairs(four: __m128) -> f32 {
        // SAFETY: every machine of this architecture has these instructions.
        unsafe {
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }

    macro_rules! entries {
        ($scalar:ident, $wide:ident, $narrow:ident) => {
            pub mod $scalar {
                use super::*;

                #[target_feature(enable = "avx512f,avx2,fma")]
                pub unsafe fn avx512<K: Kernel<$scalar>>(kernel: K) -> K::Output {
                    // SAFETY: this function's own features.
                    unsafe { kernel.run::<$wide>() }
                }

                #[target_feature(enable = "avx2,fma")]
                pub unsafe fn avx2<K: Kernel<$scalar>>(kernel: K) -> K::Output {
                    // SAFETY: this function's own features.
                    unsafe { kernel.run::<$narrow>() }
                }
            }
        };
    }
    entries!(f32, __m512, __m256);
    entries!(f64, __m512d, __m256d);
}

#[cfg(target_arch = "aarch64")]
mod arm {
    use std::arch::aarch64::*;

    use super::*;

    // vfmaq(z, x, y) is z + x·y. maxq would keep NaN, so relu masks.
    vector!(
        float32x4_t,
        f32,
        (4, 8, 2),
        vld1q_f32,
        vst1q_f32,
        vdupq_n_f32,
        vaddq_f32,
        vmulq_f32,
        vdivq_f32,
        vsqrtq_f32,
        |x, y, z| vfmaq_f32(z, x, y),
        |x| vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(x), vcgtq_f32(x, vdupq_n_f32(0.0))))
    );
    vector!(
        float64x2_t,
        f64,
        (2, 8, 2),
        vld1q_f64,
        vst1q_f64,
        vdupq_n_f64,
        vaddq_f64,
        vmulq_f64,
        vdivq_f64,
        vsqrtq_f64,
        |x, y, z| vfmaq_f64(z, x, y),
        |x| vreinterpretq_f64_u64(vandq_u64(vreinterpretq_u64_f64(x), vcgtq_f64(x, vdupq_n_f64(0.0))))
    );

    macro_rules! entries {
        ($scalar:ident, $register:ident) => {
            pub mod $scalar {
                use super::*;

                #[target_feature(enable = "neon")]
                pub unsafe fn neon<K: Kernel<$scalar>>(kernel: K) -> K::Output {
                    // SAFETY: this function's own features.
                    unsafe { kernel.run::<$register>() }
                }
            }
        };
    }
    entries!(f32, float32x4_t);
    entries!(f64, float64x2_t);
}

/// Asks for the cache lines of `n` numbers, where the machine can be asked.
#[inline(always)]
pub fn prefetch(from: *const f32, n: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..n).step_by(16) {
        // SAFETY: a hint reads nothing, whatever the address.
        unsafe {
            std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(from.wrapping_add(line).cast())
        };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (from, n);
}
