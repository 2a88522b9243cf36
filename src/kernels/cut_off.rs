//! What many rows of bytes come to above other bytes: neurons that bend, eight bits each.
//!
//! Codes are integers, so sums of them are exact and the same everywhere: no order of additions has to be kept.

use ndarray::ArrayView2;

#[cfg(target_arch = "x86_64")]
use super::path::Path;
use super::path::path;

/// Codes of a row that are taken at once: rows are as long as a multiple of it, and so is what of them counts positive.
pub const AT_ONCE: usize = 32;

/// The largest code.
pub const LARGEST: u8 = u8::MAX;

/// 1.5 · 2⁵²: the sum of a small number with it is rounded to a whole one, half to even.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// x, rounded to a whole number, half to even; of small ones, up to 2⁵¹.
#[inline(always)]
pub fn whole(x: f64) -> f64 {
    (x + ROUNDER) - ROUNDER
}

/// code_j = scale_j (x_i − zero_j), i = at_j, rounded to a whole number, 255 at most. Returns by how much codes are too
/// low (`is_low`) or too high: Σ_j max(0, ±(scale_j (x_i − zero_j) − code_j)), over eight lanes.
///
/// All but `x` are as long as a multiple of [`AT_ONCE`]; numbers lie between 0 and 255, nearly. Panics if lengths
/// differ or an index is out of range.
pub fn encode(x: &[f64], at: &[u32], zero: &[f64], scale: &[f64], is_low: bool, codes: &mut [u8]) -> f64 {
    let n = codes.len();
    assert!([at.len(), zero.len(), scale.len()] == [n; 3] && n.is_multiple_of(AT_ONCE));
    match path() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a path is taken only where its instructions are.
        Path::Avx512 | Path::Avx2 => unsafe { x86::encode_avx2(x, at, zero, scale, is_low, codes) },
        _ => encode_by_parts(x, at, zero, scale, is_low, codes),
    }
}

#[inline(always)]
fn encode_by_parts(x: &[f64], at: &[u32], zero: &[f64], scale: &[f64], is_low: bool, codes: &mut [u8]) -> f64 {
    const LANES: usize = 8;
    let sign = if is_low { 1.0 } else { -1.0 };
    let mut off = [0.0; LANES];
    let of_chunk = at.as_chunks::<LANES>().0.iter().zip(zero.as_chunks::<LANES>().0).zip(scale.as_chunks::<LANES>().0);
    for (((at, zero), scale), codes) in of_chunk.zip(codes.as_chunks_mut::<LANES>().0) {
        let x = at.map(|at| x[at as usize]);
        let mut wholes = [0; LANES];
        for lane in 0..LANES {
            let scaled = scale[lane] * (x[lane] - zero[lane]);
            let whole = whole(scaled).min(f64::from(LARGEST));
            off[lane] += f64::max(sign * (scaled - whole), 0.0);
            // The lowest bits of the sum are the number.
            wholes[lane] = (whole + ROUNDER).to_bits() as u8;
        }
        *codes = wholes;
    }
    off.iter().sum()
}

/// out_i = Σ_j ± max(0, x_ij − cut_j), x_i row `rows_i` of the matrix; the first `n_positive` terms count positive, the
/// others negative.
///
/// `matrix`: [any, n], rows contiguous; `out` as long as `rows`. Panics if the lengths differ, a row is out of range or
/// n or `n_positive` is no multiple of [`AT_ONCE`].
pub fn cut_off_sums(cut: &[u8], n_positive: usize, matrix: ArrayView2<u8>, rows: &[u32], out: &mut [i32]) {
    let (n_rows, n) = matrix.dim();
    assert_eq!(cut.len(), n);
    assert_eq!(rows.len(), out.len());
    assert!(n_positive <= n && [n, n_positive].iter().all(|length| length.is_multiple_of(AT_ONCE)));
    assert!(rows.iter().all(|&row| (row as usize) < n_rows), "a row out of range");
    let codes = matrix.to_slice().expect("the rows of the matrix are contiguous, and lie together");
    match path() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a path is taken only where its instructions are, and every row is one of the matrix.
        Path::Avx512 | Path::Avx2 => unsafe { x86::cut_off_sums_avx2(cut, n_positive, codes, rows, out) },
        _ => cut_off_sums_by_parts(cut, n_positive, codes, rows, out),
    }
}

#[inline(always)]
fn cut_off_sums_by_parts(cut: &[u8], n_positive: usize, codes: &[u8], rows: &[u32], out: &mut [i32]) {
    let n = cut.len();
    for (out, &row) in out.iter_mut().zip(rows) {
        let row = &codes[row as usize * n..][..n];
        let sum = |range: std::ops::Range<usize>| -> i32 {
            row[range.clone()].iter().zip(&cut[range]).map(|(x, cut)| i32::from(x.saturating_sub(*cut))).sum()
        };
        *out = sum(0..n_positive) - sum(n_positive..n);
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{AT_ONCE, cut_off_sums_by_parts, encode_by_parts};

    #[target_feature(enable = "avx2")]
    pub unsafe fn encode_avx2(
        x: &[f64],
        at: &[u32],
        zero: &[f64],
        scale: &[f64],
        is_low: bool,
        codes: &mut [u8],
    ) -> f64 {
        encode_by_parts(x, at, zero, scale, is_low, codes)
    }

    /// Rows that are added up together.
    const ROWS: usize = 4;

    /// # Safety
    /// `codes` has every row of `rows`, each as long as `cut`, which is as long as a multiple of [`AT_ONCE`].
    #[target_feature(enable = "avx2")]
    pub unsafe fn cut_off_sums_avx2(cut: &[u8], n_positive: usize, codes: &[u8], rows: &[u32], out: &mut [i32]) {
        let n = cut.len();
        let (chunks, rest) = rows.as_chunks::<ROWS>();
        let (outs, out_of_rest) = out.as_chunks_mut::<ROWS>();
        for (chunk, out) in chunks.iter().zip(outs) {
            // SAFETY: the caller has seen that these rows are there.
            let starts = unsafe { chunk.map(|row| codes.as_ptr().add(row as usize * n)) };
            let mut sums = [_mm256_setzero_si256(); ROWS];
            for (range, is_positive) in [(0..n_positive, true), (n_positive..n, false)] {
                for at in range.step_by(AT_ONCE) {
                    // SAFETY: `at + AT_ONCE` is at most n.
                    let cut = unsafe { _mm256_loadu_si256(cut.as_ptr().add(at).cast()) };
                    for (sum, start) in sums.iter_mut().zip(starts) {
                        // SAFETY: as above.
                        let row = unsafe { _mm256_loadu_si256(start.add(at).cast()) };
                        let term = _mm256_sad_epu8(_mm256_subs_epu8(row, cut), _mm256_setzero_si256());
                        let signed = if is_positive { _mm256_add_epi32 } else { _mm256_sub_epi32 };
                        *sum = signed(*sum, term);
                    }
                }
            }
            // The upper half of every sum of eight bytes is zero.
            let [a, b, c, d] = sums;
            let quarters = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
            let whole = _mm_add_epi32(_mm256_castsi256_si128(quarters), _mm256_extracti128_si256::<1>(quarters));
            // SAFETY: there are four.
            unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), whole) };
        }
        cut_off_sums_by_parts(cut, n_positive, codes, rest, out_of_rest);
    }
}
