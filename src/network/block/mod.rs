//! The kinds of layers: what neurons compute of the layer below. One file a kind.

mod relu;

pub use relu::Relu;

use ndarray::{Array2, ArrayView2};

use super::tensor::{Tensor, TensorRow};

#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    Relu(Relu),
}

impl Block {
    /// The tensors of a ReLU layer.
    pub const RELU: &'static [TensorRow<Relu>] = &relu::TENSORS;

    /// No neurons yet: to be filled in.
    pub fn empty() -> Block {
        Block::Relu(Relu { weight: Array2::zeros((0, 0)), bias: Vec::new() })
    }

    pub fn tensors(&self) -> Vec<Tensor<'_>> {
        match self {
            Block::Relu(relu) => Block::RELU.iter().filter_map(|row| row.tensor(relu)).collect(),
        }
    }

    /// Neurons.
    pub fn width(&self) -> usize {
        match self {
            Block::Relu(relu) => relu.bias.len(),
        }
    }

    /// W = C·D: [n_l, n_{l-1}], row-major.
    pub fn weight(&self) -> &Array2<f32> {
        match self {
            Block::Relu(relu) => &relu.weight,
        }
    }

    pub fn weight_mut(&mut self) -> &mut Array2<f32> {
        match self {
            Block::Relu(relu) => &mut relu.weight,
        }
    }

    /// b: `[n_l]`.
    pub fn bias(&self) -> &[f32] {
        match self {
            Block::Relu(relu) => &relu.bias,
        }
    }

    /// h_l of a block of inputs, [n_l, inputs], from what is below, [n_{l-1}, inputs].
    pub fn apply(&self, below: ArrayView2<f32>) -> Array2<f32> {
        match self {
            Block::Relu(relu) => relu.apply(below),
        }
    }

    /// h_l by input, [inputs, n_l], of inputs that list the features that are on, which enter one coordinate each.
    /// `by_feature` is Wᵀ.
    pub fn apply_sparse(&self, by_feature: ArrayView2<f32>, inputs: &[&[u32]]) -> Array2<f32> {
        match self {
            Block::Relu(relu) => relu.apply_sparse(by_feature, inputs),
        }
    }
}
