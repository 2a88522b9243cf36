//! What a construction answers: the code of one layer.
//!
//! Must not know any sampled input.

use ndarray::Array2;

use crate::diagnostic::Diagnostic;
use crate::network::Block;
use crate::network::matrix::Matrix;

/// C and b, dense or sparse, and a construction's own read-offs: their offsets too.
pub struct Code {
    /// C: [n, signals below], of bilinear neurons [2 n, signals below].
    pub compute: Matrix,
    /// [n].
    pub bias: Vec<f32>,
    /// Neurons that are no ReLUs of C·D and `bias`, where they are others.
    pub block: Option<Block>,
    /// R: [targets, n].
    pub readoff: Matrix,
    /// r: [targets].
    pub readoff_bias: Vec<f32>,
    /// Targets whose read-off has no neuron to stand on.
    pub missing: Vec<Missing>,
}

impl Code {
    /// Of nothing: to be filled in.
    pub fn empty() -> Code {
        let nothing = || Matrix::Dense(Array2::zeros((0, 0)));
        Code {
            compute: nothing(),
            bias: Vec::new(),
            block: None,
            readoff: nothing(),
            readoff_bias: Vec::new(),
            missing: Vec::new(),
        }
    }
}

/// A target without a neuron.
pub struct Missing {
    pub problem: Diagnostic,
    /// Whether a wider layer could have one.
    pub would_fit_wider: bool,
    /// Whether it can be read all the same, where the read-off is solved for: from what other targets have.
    pub can_be_solved: bool,
}
