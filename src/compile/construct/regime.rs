//! What a layer must be read for, and what is published of how many neurons that takes.
//!
//! Must not know constructions: each has its own inequality.

use serde::Serialize;

/// How sparse what a layer reads is, and how well it must be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Regime {
    /// s: how many of the signals below are on, in the mean.
    pub n_on: f64,
    /// d: the dimensions that all signals below share, where they come in superposed.
    pub stored_in: Option<f64>,
    /// ε: how far a read-off may be from the truth; ½ where the side of a threshold is enough.
    pub epsilon: f64,
    /// 1/δ: of so many inputs one may have a read-off that is farther off.
    pub one_in: f64,
}

impl Regime {
    /// How many of m signals below a neuron hears that is wired to all of them: s; or s m / d where they are stored in
    /// fewer dimensions, for each that is off is heard with a variance of about s / d, which adds up ("Computation in
    /// superposition: math overview", when inputs are in superposition).
    pub fn n_heard(&self, m: usize) -> f64 {
        self.n_on * self.stored_in.map_or(1.0, |d| (m as f64 / d).max(1.0))
    }

    /// t²: so many variances fit into what m' read-offs tolerate, that are off by a Gaussian of mean 0: m' exp(−t²/2) =
    /// δ, the union bound over its tails. 2 ln(m'/δ).
    pub fn variances(&self, n_targets: usize) -> f64 {
        2.0 * libm::log(self.one_in * n_targets.max(1) as f64)
    }
}

/// What is published of the width that a construction takes, every constant taken as 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Inequality {
    /// Neurons, of m signals below with s of them on, m' gates, and what it names itself.
    pub formula: &'static str,
    pub source: &'static str,
}
