//! NEON.

use std::arch::aarch64::*;

use crate::kernels::vector::{LANES, ROWS, Tiled, Vector};

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
