//! What is known of how many neurons some gates need: yardsticks for a layer, every constant set to 1.
//!
//! Asymptotic statements, no promises. Counting floor, capacity and storage: counting arguments (Adler & Shavit 2024
//! give the floor, and a construction above it); the conditions of universal AND: Vaintrob, Mendel, Hänni 2024. Must
//! not know circuits: a layer is a few numbers here.

use serde::Serialize;

/// The bounds of one layer with m' gates over m inputs, s of them on, and n neurons; constants are 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bounds {
    /// Neurons: sqrt(m' log2 m').
    pub counting_floor: f64,
    /// Neurons: sqrt(m') log2 m'.
    pub adler_shavit: f64,
    /// Neurons: log2 m'.
    pub storage: f64,
    /// Gates: n^2 / log2 n.
    pub capacity: Option<f64>,
    /// Universal AND: the least density p of its wiring, sqrt(2 ln m / n).
    pub universal_density: Option<f64>,
    /// Universal AND: s p at that density, which must be far below 1.
    pub universal_load: Option<f64>,
    /// Universal AND: the neurons at which s p = 1 meets p^2 n = 2 ln m: 2 s^2 ln m.
    pub universal_floor: f64,
}

/// What each figure of [`Bounds`] is, by its field.
pub const EXPLANATIONS: [(&str, &str); 7] = [
    ("counting_floor", "neurons that any compressed layer of so many gates needs, by counting: sqrt(m' log2 m')"),
    ("adler_shavit", "neurons that the construction of Adler & Shavit needs: sqrt(m') log2 m'"),
    ("storage", "neurons that only store the gates' values, computing nothing: log2 m'"),
    ("capacity", "gates that a layer of n neurons can hold, by counting: n^2 / log2 n"),
    ("universal_density", "least density p of the universal-AND wiring: p^2 n >= 2 ln m"),
    ("universal_load", "s p at that density, to be far below 1: active inputs must rarely share a neuron"),
    ("universal_floor", "neurons at which both conditions of universal AND meet: 2 s^2 ln m"),
];

/// The least coherence of `m` unit vectors in `d` dimensions, and the least root of the mean square of their overlaps
/// (Welch 1974): sqrt((m - d)/(d (m - 1))).
pub fn welch(m: f64, d: f64) -> f64 {
    if m > d { libm::sqrt((m - d) / (d * (m - 1.0))) } else { 0.0 }
}

/// How far the score of an attention head is off, as a root of a mean square: √(κ_K κ_Q |B| / (d_resid d_head)), where
/// κ features of a key, and of a query, are on, of |B| matches whose features lie along random vectors of d_resid
/// dimensions (Vaintrob, Mendel, Hänni 2024, section 4). It is what pairs add that are on in neither; those that are on
/// in one add a share of (d_resid + d_head) / m more to its square, for m features.
pub fn score_error([on_keys, on_queries]: [f64; 2], n_matches: f64, d_resid: f64, d_head: f64) -> f64 {
    libm::sqrt(on_keys * on_queries * n_matches / (d_resid * d_head))
}

/// Neurons that the construction of Adler & Shavit 2024 needs for m' gates: sqrt(m') log2 m'.
pub fn adler_shavit(n_gates: f64) -> f64 {
    libm::sqrt(n_gates) * libm::log2(n_gates.max(1.0))
}

/// Neurons at which both conditions of universal AND meet, s p = 1 and p^k n = 2 ln m: 2 s^k ln m for gates of k of m
/// inputs (`fan_in` of `n_inputs`), s of them on. As published k is 2; more operands are a generalisation.
pub fn universal_floor(active: f64, n_inputs: f64, fan_in: usize) -> f64 {
    (0..fan_in).fold(2.0, |product, _| product * active) * libm::log(n_inputs.max(1.0))
}

/// The share of all pairs of inputs that share a neuron of `n`, each wired to an input with probability `density`: of
/// p² n common neurons in the mean some, 1 − exp(−p² n) by Poisson ("Computation in superposition: math overview",
/// universal AND).
pub fn share_of_pairs(density: f64, n: f64) -> f64 {
    -libm::expm1(-density * density * n)
}

/// The bounds of a layer with `n_gates` gates over `n_inputs` inputs, `active` of them on.
///
/// Above the first layer `active` is still the number of features that are on: how many gates are on is not known
/// before sampling.
pub fn bounds(n_gates: f64, n_inputs: f64, active: f64, width: Option<u32>) -> Bounds {
    let log2 = |x: f64| libm::log2(x.max(1.0));
    let ln_inputs = libm::log(n_inputs.max(1.0));
    let width = width.map(f64::from);
    let density = width.map(|n| libm::sqrt(2.0 * ln_inputs / n).min(1.0));
    Bounds {
        counting_floor: libm::sqrt(n_gates * log2(n_gates)),
        adler_shavit: adler_shavit(n_gates),
        storage: log2(n_gates),
        capacity: width.filter(|&n| n > 1.0).map(|n| n * n / log2(n)),
        universal_density: density,
        universal_load: density.map(|p| active * p),
        universal_floor: universal_floor(active, n_inputs, 2),
    }
}
