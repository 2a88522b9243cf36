//! What is read off a layer: signal j is `R[j] · h + r[j]`, and on where that exceeds its threshold; h are the neurons
//! of the layer, or the stream above it.

use serde::{Deserialize, Serialize};

use super::matrix::Matrix;

#[derive(Debug, Clone, PartialEq)]
pub struct Readoff {
    /// R: [signals, n_l], or [signals, d] of a stream.
    pub matrix: Matrix,
    /// r: `[signals]`.
    pub bias: Vec<f32>,
    /// `[signals]`. In terms of the stored signal.
    pub threshold: Vec<f32>,
    /// What is read off, in order.
    pub signals: Vec<SignalName>,
    /// The first so many are gates of this layer, the rest carried.
    pub n_gates: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignalName {
    pub name: String,
    /// The stored value is the complement of what the name says.
    pub complemented: bool,
}
