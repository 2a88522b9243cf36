//! One layer: what its neurons compute, which factors their weights are the product of, and what is read off them.

use std::borrow::Cow;

use ndarray::Array2;

use super::block::Block;
use super::matrix::Matrix;
use super::readoff::Readoff;

#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    pub name: String,
    /// What its neurons compute of the layer below.
    pub block: Block,
    pub factors: Factors,
    pub readoff: Readoff,
}

/// W = C·D; of a layer that adds to a stream that is W_in.
#[derive(Debug, Clone, PartialEq)]
pub struct Factors {
    /// C: [n_l, signals of the layer below], of a bilinear layer [2 n_l, signals]: as many rows as W.
    pub compute: Matrix,
    /// D: [signals of the layer below, n_{l-1}], where it is neither the identity nor the read-off below.
    pub decompress: Option<Matrix>,
    /// Of W_out, where a layer adds its signals to a stream.
    pub written: Option<Written>,
}

/// W_out = Φ·R and b_out = Φ r: what neurons say of each signal of the layer, R h + r, is written along its direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// Φ: [d, signals].
    pub direction: Matrix,
    /// R: [signals, n_l].
    pub estimate: Matrix,
    /// r: `[signals]`.
    pub estimate_bias: Vec<f32>,
}

impl Written {
    /// Nothing yet: to be filled in.
    pub fn empty() -> Written {
        let nothing = || Matrix::Dense(Array2::zeros((0, 0)));
        Written { direction: nothing(), estimate: nothing(), estimate_bias: Vec::new() }
    }
}

impl Layer {
    /// Neurons.
    pub fn width(&self) -> usize {
        self.block.width()
    }

    /// What each neuron adds to each read-off: R itself, or what is read of W_out. [signals, n_l]
    pub fn neuron_readoff(&self) -> Cow<'_, Matrix> {
        match &self.block {
            Block::Relu(_) | Block::Polynomial(_) => Cow::Borrowed(&self.readoff.matrix),
            Block::Residual(residual) => {
                let writes = Matrix::Dense(residual.writes.clone());
                Cow::Owned(Matrix::Dense(self.readoff.matrix.product(&writes)))
            }
        }
    }

    /// Gates and carried signals.
    pub fn n_signals(&self) -> usize {
        self.readoff.signals.len()
    }

    /// The first so many signals are gates of this layer, the rest carried.
    pub fn n_gates(&self) -> usize {
        self.readoff.n_gates
    }
}
