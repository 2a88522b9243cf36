//! `-O0`: W_QK = (Σ_B φ_i φ_jᵀ) R with R = (d_resid / d_head) P Pᵀ, the projection to d_head random directions, scaled
//! so that φᵀRφ is 1 on average (Vaintrob, Mendel, Hänni 2024, section 4).
//!
//! What is read of a key has noise of variance κ_K / d_resid, of a query κ_Q / d_head, where κ features are on; over
//! the matches that adds up to a score error of about √(κ_K κ_Q |B| / (d_resid d_head)). Where features exclude each
//! other κ is 1, and a few dimensions tell which score is the greatest, if no more than that is asked: as many as give
//! every φ a greater product with its own projection than with another's (Mendel's comment).

use ndarray::Array2;

use super::matched::{Factors, Matched};
use crate::compile::orthonormal::orthonormal;
use crate::linear;
use crate::random::Pcg64;

pub(super) fn factors(matched: &Matched, rank: usize, rng: &mut Pcg64) -> Factors {
    let d = matched.keys.ncols();
    let scale = libm::sqrt(d as f64 / rank as f64);
    let projection: Array2<f64> = orthonormal(d, rank, rng) * scale;
    let of_queries = linear::product(&matched.queries, &projection);
    let by_key = matched.to_keys(&of_queries).t().as_standard_layout().into_owned();
    Factors { queries: projection.t().as_standard_layout().into_owned(), keys: linear::product(&by_key, &matched.keys) }
}
