//! What the kernels are written over: a register of floats, whatever the instruction set.
//!
//! A scalar is a vector of width 1: leftovers at the end of a row run through the same bodies. Must not know what is
//! computed with it, nor how an instruction set does it (`sets`).

use std::ops::{Add, Mul};

/// The lanes of a dot product, whatever the width.
pub(super) const LANES: usize = 16;

/// The rows that many dot products with one vector take at a time.
pub(super) const ROWS: usize = 4;

/// f32 or f64, and its registers.
pub trait Element:
    Vector<Scalar = Self> + Copy + Default + PartialOrd + Send + Sync + Add<Output = Self> + Mul<Output = Self>
{
    const ZERO: Self;
    /// The register of AVX-512.
    #[cfg(target_arch = "x86_64")]
    type Avx512: Vector<Scalar = Self>;
    /// The register of AVX2.
    #[cfg(target_arch = "x86_64")]
    type Avx2: Vector<Scalar = Self>;
    /// The register of NEON.
    #[cfg(target_arch = "aarch64")]
    type Neon: Vector<Scalar = Self>;
    /// One fused multiply-add: self · factor + summand, rounded once.
    fn mul_add(self, factor: Self, summand: Self) -> Self;
}

/// A computation over tiles of ROWS x REGISTERS vectors, of any such shape.
pub trait Tiled<V> {
    /// # Safety
    /// The machine has the instructions of `V`.
    unsafe fn run<const ROWS: usize, const REGISTERS: usize>(self);
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
    /// Adds the products of the first `n` elements (a multiple of [`LANES`]) to the lanes, one after the other: that of
    /// element i to lane i mod [`LANES`], by a fused multiply-add.
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
    /// Runs a computation with the tile that this instruction set has registers for.
    unsafe fn in_tiles<J: Tiled<Self>>(job: J);
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
