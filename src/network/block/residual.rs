//! `x_above = x + W_out h + b_out` with `h = relu(W_in x + b)`: a block that reads a stream and adds to it, as the MLPs
//! of a transformer do.

use ndarray::{Array2, ArrayView2};

use super::relu::activations;
use crate::kernels;
use crate::network::tensor::{Place, TensorRow};

#[derive(Debug, Clone, PartialEq)]
pub struct Residual {
    /// W_in: [n, d], row-major.
    pub reads: Array2<f32>,
    /// b: `[n]`.
    pub bias: Vec<f32>,
    /// W_out: [d, n], row-major.
    pub writes: Array2<f32>,
    /// b_out: `[d]`.
    pub offset: Vec<f32>,
}

pub(super) const TENSORS: [TensorRow<Residual>; 4] = [
    TensorRow {
        name: "W_in",
        shape: |sizes| (sizes.width, sizes.n_below),
        place: Place::Dense(|block| &block.reads, |block| &mut block.reads),
    },
    TensorRow {
        name: "bias",
        shape: |sizes| (sizes.width, 1),
        place: Place::Vector(|block| &block.bias, |block| &mut block.bias),
    },
    TensorRow {
        name: "W_out",
        shape: |sizes| (sizes.n_below, sizes.width),
        place: Place::Dense(|block| &block.writes, |block| &mut block.writes),
    },
    TensorRow {
        name: "b_out",
        shape: |sizes| (sizes.n_below, 1),
        place: Place::Vector(|block| &block.offset, |block| &mut block.offset),
    },
];

impl Residual {
    /// h: [n, inputs], of the stream, [d, inputs].
    pub fn apply(&self, stream: ArrayView2<f32>) -> Array2<f32> {
        activations(&self.reads, &self.bias, stream)
    }

    /// The stream above, [d, inputs]: one chain for each coordinate, from x + b_out over ascending neurons.
    pub fn above(&self, stream: ArrayView2<f32>, h: ArrayView2<f32>) -> Array2<f32> {
        let mut above = stream.as_standard_layout().into_owned();
        for (mut row, &offset) in above.rows_mut().into_iter().zip(&self.offset) {
            row.mapv_inplace(|value| value + offset);
        }
        kernels::product(self.writes.view(), h, above.view_mut());
        above
    }
}
