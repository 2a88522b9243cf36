//! The kinds of layers: what neurons compute of the layer below. One file a kind.

mod relu;

pub use relu::Relu;

use std::convert::Infallible;

use ndarray::{Array2, ArrayView2};

use super::tensor::{Shape, Slot, Tensor, each_of, each_slot_of};

#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    Relu(Relu),
}

impl Block {
    /// No neurons yet: to be filled in.
    pub fn empty() -> Block {
        Block::Relu(Relu { weight: Array2::zeros((0, 0)), bias: Vec::new() })
    }

    /// Visits name, fitting shape and tensor of each.
    pub fn each_tensor<'a, E>(
        &'a self,
        visit: &mut impl FnMut(&'static str, Shape, Option<Tensor<'a>>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Block::Relu(relu) => each_of(&relu::TENSORS, relu, visit),
        }
    }

    /// The same, to be filled in.
    pub fn each_slot<E>(
        &mut self,
        visit: &mut impl FnMut(&'static str, Shape, Slot<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Block::Relu(relu) => each_slot_of(&relu::TENSORS, relu, visit),
        }
    }

    /// Parameters that are not zero.
    pub fn n_nonzeros(&self) -> usize {
        let mut n_nonzeros = 0;
        let walked: Result<(), Infallible> = self.each_tensor(&mut |_, _, tensor| {
            n_nonzeros += tensor.map_or(0, Tensor::n_nonzeros);
            Ok(())
        });
        let Ok(()) = walked;
        n_nonzeros
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
