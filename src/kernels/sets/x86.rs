//! AVX-512 F, and AVX2 with FMA.

use std::arch::x86_64::*;

use crate::kernels::vector::{LANES, ROWS, Tiled, Vector};

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
