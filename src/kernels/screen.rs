//! Which of many dot products may be large: the same products over 8 bits, a quarter of the work.
//!
//! Whoever only asks whether a number passes a bound computes the few that may, exactly, afterwards. Codes are
//! integers, so sums are exact and the answer is the same everywhere: no order of additions has to be kept.

use ndarray::{Array2, ArrayView2};

#[cfg(target_arch = "x86_64")]
use super::path::Path;
use super::path::path;

/// Inputs that are screened together: one bit of a word each.
pub const INPUTS: usize = 64;

/// Codes of rows lie in ±LARGEST, those of inputs in 0 … LARGEST: two products of them fit into 16 bits.
const LARGEST: f32 = 127.0;

/// Codes of an input that lie together.
const BLOCK: usize = 4;

/// 1.5 · 2²³: the sum of a small number with it has the number, rounded to even, in its lowest bits.
const ROUNDER: f32 = 12_582_912.0;

/// A vector as 8-bit codes: codes_i = round(x_i / unit), unit = max |x| / 127. Returns the unit, 0 for a vector of
/// zeros. Panics if the lengths differ.
pub fn coarsen(x: &[f32], codes: &mut [i8]) -> f32 {
    assert_eq!(x.len(), codes.len());
    match path() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a path is taken only where its instructions are.
        Path::Avx512 => unsafe { x86::coarsen_avx512(x, codes) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Path::Avx2 => unsafe { x86::coarsen_avx2(x, codes) },
        _ => coarsen_by_parts(x, codes),
    }
}

#[inline(always)]
fn coarsen_by_parts(x: &[f32], codes: &mut [i8]) -> f32 {
    // Numbers without sign are in the order of their bits.
    let magnitude = |x: &f32| x.to_bits() & (u32::MAX >> 1);
    let largest = f32::from_bits(x.iter().map(magnitude).max().unwrap_or(0));
    let per_unit = if largest > 0.0 { LARGEST / largest } else { 0.0 };
    for (code, &x) in codes.iter_mut().zip(x) {
        // What is not finite is cut off: any code will do, as long as it is always the same.
        let scaled = x * per_unit;
        let scaled = if scaled > -LARGEST { scaled } else { -LARGEST };
        let scaled = if scaled < LARGEST { scaled } else { LARGEST };
        *code = (scaled + ROUNDER).to_bits() as i8;
    }
    largest / LARGEST
}

/// By input, four codes in a word. No load of it straddles two cache lines.
#[derive(Clone)]
#[repr(align(64))]
struct Block([u32; INPUTS]);

/// Up to 64 vectors without negative numbers, as codes.
pub struct CoarseInputs {
    /// By block of coordinates.
    blocks: Vec<Block>,
    units: [f32; INPUTS],
    /// The inputs that there are.
    all: u64,
    scratch: Vec<i8>,
}

impl Default for CoarseInputs {
    fn default() -> CoarseInputs {
        CoarseInputs { blocks: Vec::new(), units: [0.0; INPUTS], all: 0, scratch: Vec::new() }
    }
}

impl CoarseInputs {
    /// Rows of `inputs`: [up to 64, n], contiguous. Panics if they are more, or n is no multiple of 4.
    pub fn set(&mut self, inputs: ArrayView2<f32>) {
        let (n_inputs, n) = inputs.dim();
        assert!(n_inputs <= INPUTS && n.is_multiple_of(BLOCK));
        self.blocks.clear();
        self.blocks.resize(n / BLOCK, Block([0; INPUTS]));
        self.scratch.resize(n, 0);
        self.units.fill(0.0);
        self.all = if n_inputs == INPUTS { u64::MAX } else { (1 << n_inputs) - 1 };
        for (idx, row) in inputs.rows().into_iter().enumerate() {
            self.units[idx] = coarsen(row.to_slice().expect("row-major"), &mut self.scratch);
            for (block, codes) in self.blocks.iter_mut().zip(self.scratch.as_chunks::<BLOCK>().0) {
                block.0[idx] = u32::from_le_bytes(codes.map(|code| code as u8));
            }
        }
    }
}

/// The rows of a matrix, as codes.
pub struct CoarseRows {
    /// [rows, n]
    pub codes: Array2<i8>,
    /// Of each row, as [`coarsen`] returns them.
    pub units: Vec<f32>,
}

impl CoarseRows {
    /// `matrix`: [rows, n]. Panics if its rows are not contiguous.
    pub fn of(matrix: ArrayView2<f32>) -> CoarseRows {
        let mut rows = CoarseRows { codes: Array2::zeros(matrix.dim()), units: vec![0.0; matrix.nrows()] };
        for ((row, mut codes), unit) in matrix.rows().into_iter().zip(rows.codes.rows_mut()).zip(&mut rows.units) {
            let row = row.to_slice().expect("row-major");
            *unit = coarsen(row, codes.as_slice_mut().expect("row-major"));
        }
        rows
    }

    /// Which inputs have a dot product with a row outside `bounds`, one bit each, by their codes: rounding moves a
    /// product by less than a hundredth of |row| · |input|, mostly. Inputs and rows have the same n, or it panics.
    pub fn outside(&self, row: usize, inputs: &CoarseInputs, bounds: (f32, f32)) -> u64 {
        let codes = self.codes.row(row);
        let codes = codes.to_slice().expect("row-major");
        assert_eq!(codes.len(), inputs.blocks.len() * BLOCK);
        let bounds = (bounds.0 / self.units[row], bounds.1 / self.units[row]);
        let outside = match path() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the machine has been asked.
            Path::Avx512 if x86::has_vnni() => unsafe { x86::outside_vnni(codes, inputs, bounds) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a path is taken only where its instructions are.
            Path::Avx512 | Path::Avx2 => unsafe { x86::outside_avx2(codes, inputs, bounds) },
            _ => outside_by_parts(codes, inputs, bounds),
        };
        outside & inputs.all
    }
}

#[inline(always)]
fn outside_by_parts(codes: &[i8], inputs: &CoarseInputs, bounds: (f32, f32)) -> u64 {
    let mut sums = [0i32; INPUTS];
    for (codes, block) in codes.as_chunks::<BLOCK>().0.iter().zip(&inputs.blocks) {
        let codes = codes.map(i32::from);
        for (sum, word) in sums.iter_mut().zip(&block.0) {
            let [a, b, c, d] = word.to_le_bytes().map(i32::from);
            let products = a * codes[0] + b * codes[1] + c * codes[2] + d * codes[3];
            *sum = sum.wrapping_add(products);
        }
    }
    let mut outside = 0;
    for (bit, (&sum, unit)) in sums.iter().zip(&inputs.units).enumerate() {
        let value = sum as f32 * unit;
        outside |= u64::from(value < bounds.0 || value > bounds.1) << bit;
    }
    outside
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{BLOCK, CoarseInputs, INPUTS, coarsen_by_parts};

    pub fn has_vnni() -> bool {
        is_x86_feature_detected!("avx512vnni")
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx2")]
    pub unsafe fn coarsen_avx512(x: &[f32], codes: &mut [i8]) -> f32 {
        coarsen_by_parts(x, codes)
    }

    #[target_feature(enable = "avx2")]
    pub unsafe fn coarsen_avx2(x: &[f32], codes: &mut [i8]) -> f32 {
        coarsen_by_parts(x, codes)
    }

    #[target_feature(enable = "avx512f,avx512vnni")]
    pub unsafe fn outside_vnni(codes: &[i8], inputs: &CoarseInputs, bounds: (f32, f32)) -> u64 {
        const WIDTH: usize = 16;
        let mut sums = [_mm512_setzero_si512(); INPUTS / WIDTH];
        for (codes, block) in codes.as_chunks::<BLOCK>().0.iter().zip(&inputs.blocks) {
            let codes = _mm512_set1_epi32(i32::from_le_bytes(codes.map(|code| code as u8)));
            for (part, sum) in sums.iter_mut().enumerate() {
                // SAFETY: there are INPUTS words.
                let words = unsafe { _mm512_loadu_si512(block.0.as_ptr().add(part * WIDTH).cast()) };
                *sum = _mm512_dpbusd_epi32(*sum, words, codes);
            }
        }
        let (low, high) = (_mm512_set1_ps(bounds.0), _mm512_set1_ps(bounds.1));
        let mut outside = 0;
        for (part, sum) in sums.into_iter().enumerate() {
            // SAFETY: there are INPUTS units.
            let units = unsafe { _mm512_loadu_ps(inputs.units.as_ptr().add(part * WIDTH)) };
            let values = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), units);
            let below = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(values, low);
            let above = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(values, high);
            outside |= u64::from(below | above) << (part * WIDTH);
        }
        outside
    }

    #[target_feature(enable = "avx2")]
    pub unsafe fn outside_avx2(codes: &[i8], inputs: &CoarseInputs, bounds: (f32, f32)) -> u64 {
        const WIDTH: usize = 8;
        let ones = _mm256_set1_epi16(1);
        let mut sums = [_mm256_setzero_si256(); INPUTS / WIDTH];
        for (codes, block) in codes.as_chunks::<BLOCK>().0.iter().zip(&inputs.blocks) {
            let codes = _mm256_set1_epi32(i32::from_le_bytes(codes.map(|code| code as u8)));
            for (part, sum) in sums.iter_mut().enumerate() {
                // SAFETY: there are INPUTS words.
                let words = unsafe { _mm256_loadu_si256(block.0.as_ptr().add(part * WIDTH).cast()) };
                // Two products of codes fit into 16 bits.
                let pairs = _mm256_maddubs_epi16(words, codes);
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones));
            }
        }
        let (low, high) = (_mm256_set1_ps(bounds.0), _mm256_set1_ps(bounds.1));
        let mut outside = 0;
        for (part, sum) in sums.into_iter().enumerate() {
            // SAFETY: there are INPUTS units.
            let units = unsafe { _mm256_loadu_ps(inputs.units.as_ptr().add(part * WIDTH)) };
            let values = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), units);
            let below = _mm256_cmp_ps::<_CMP_LT_OQ>(values, low);
            let above = _mm256_cmp_ps::<_CMP_GT_OQ>(values, high);
            let mask = _mm256_movemask_ps(_mm256_or_ps(below, above)) as u32;
            outside |= u64::from(mask) << (part * WIDTH);
        }
        outside
    }
}
