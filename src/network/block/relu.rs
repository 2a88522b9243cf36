//! `h = relu(W h_below + b)`.

use ndarray::{Array2, ArrayView2};

use crate::kernels;
use crate::network::tensor::{Place, TensorRow};

#[derive(Debug, Clone, PartialEq)]
pub struct Relu {
    /// W: [n, n below], row-major.
    pub weight: Array2<f32>,
    /// b: `[n]`.
    pub bias: Vec<f32>,
}

pub(super) const TENSORS: [TensorRow<Relu>; 2] = [
    TensorRow {
        name: "weight",
        shape: |sizes| (sizes.width, sizes.n_below),
        place: Place::Dense(|relu| &relu.weight, |relu| &mut relu.weight),
    },
    TensorRow {
        name: "bias",
        shape: |sizes| (sizes.width, 1),
        place: Place::Vector(|relu| &relu.bias, |relu| &mut relu.bias),
    },
];

impl Relu {
    pub fn apply(&self, below: ArrayView2<f32>) -> Array2<f32> {
        activations(&self.weight, &self.bias, below)
    }
}

/// relu(W x + b), [n, inputs], of what is below, [n below, inputs].
pub(super) fn activations(weight: &Array2<f32>, bias: &[f32], below: ArrayView2<f32>) -> Array2<f32> {
    let mut values = Array2::zeros((bias.len(), below.ncols()));
    for (mut row, &bias) in values.rows_mut().into_iter().zip(bias) {
        row.fill(bias);
    }
    kernels::product(weight.view(), below, values.view_mut());
    kernels::relu_in_place(values.as_slice_mut().expect("new arrays are row-major"));
    values
}

/// The same by input, [inputs, n], of the features that are on in each; `by_feature` is Wᵀ.
pub(super) fn sparse_activations(bias: &[f32], by_feature: ArrayView2<f32>, inputs: &[&[u32]]) -> Array2<f32> {
    let mut by_input = Array2::zeros((inputs.len(), bias.len()));
    for (mut sums, active) in by_input.rows_mut().into_iter().zip(inputs) {
        let sums = sums.as_slice_mut().expect("new arrays are row-major");
        kernels::sum_columns_relu(bias, by_feature, active, sums);
    }
    by_input
}
