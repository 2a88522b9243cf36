//! The kinds of layers: what neurons compute of the layer below. One file a kind.

mod polynomial;
mod relu;
mod residual;

pub use polynomial::{Activation, Polynomial};
pub use relu::Relu;
pub use residual::Residual;

use relu::sparse_activations;

use std::convert::Infallible;

use ndarray::{Array2, ArrayView2};

use super::tensor::{Shape, Slot, Tensor, each_of, each_slot_of};

#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    Relu(Relu),
    Polynomial(Polynomial),
    Residual(Residual),
}

impl Block {
    /// No neurons yet: to be filled in. `None`: ReLUs.
    pub fn empty(activation: Option<Activation>) -> Block {
        match activation {
            None => Block::Relu(Relu { weight: Array2::zeros((0, 0)), bias: Vec::new() }),
            Some(activation) => Block::Polynomial(Polynomial::empty(activation)),
        }
    }

    /// The same of a block that adds to a stream.
    pub fn empty_residual() -> Block {
        let nothing = || Array2::zeros((0, 0));
        Block::Residual(Residual { reads: nothing(), bias: Vec::new(), writes: nothing(), offset: Vec::new() })
    }

    /// Whether it adds to a stream, in which all that is below stays.
    pub fn is_residual(&self) -> bool {
        matches!(self, Block::Residual(_))
    }

    /// What its neurons do in place of a ReLU.
    pub fn activation(&self) -> Option<Activation> {
        match self {
            Block::Relu(_) | Block::Residual(_) => None,
            Block::Polynomial(block) => Some(block.activation),
        }
    }

    /// Rows of W, and of C, for each neuron.
    pub fn n_maps(&self) -> usize {
        self.activation().map_or(1, Activation::n_maps)
    }

    /// Visits name, fitting shape and tensor of each.
    pub fn each_tensor<'a, E>(
        &'a self,
        visit: &mut impl FnMut(&'static str, Shape, Option<Tensor<'a>>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Block::Relu(relu) => each_of(&relu::TENSORS, relu, visit),
            Block::Polynomial(block) => each_of(&polynomial::TENSORS, block, visit),
            Block::Residual(residual) => each_of(&residual::TENSORS, residual, visit),
        }
    }

    /// The same, to be filled in.
    pub fn each_slot<E>(
        &mut self,
        visit: &mut impl FnMut(&'static str, Shape, Slot<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Block::Relu(relu) => each_slot_of(&relu::TENSORS, relu, visit),
            Block::Polynomial(block) => each_slot_of(&polynomial::TENSORS, block, visit),
            Block::Residual(residual) => each_slot_of(&residual::TENSORS, residual, visit),
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
            Block::Polynomial(block) => block.width(),
            Block::Residual(residual) => residual.bias.len(),
        }
    }

    /// How many values it hands up: its neurons', or the stream's.
    pub fn n_above(&self) -> usize {
        match self {
            Block::Relu(relu) => relu.bias.len(),
            Block::Polynomial(block) => block.width(),
            Block::Residual(residual) => residual.offset.len(),
        }
    }

    /// W = C·D, which makes neurons of what is below: [n_l, n_{l-1}], of a bilinear block [2 n_l, n_{l-1}]; row-major.
    pub fn weight(&self) -> &Array2<f32> {
        match self {
            Block::Relu(relu) => &relu.weight,
            Block::Polynomial(block) => &block.weight,
            Block::Residual(residual) => &residual.reads,
        }
    }

    pub fn weight_mut(&mut self) -> &mut Array2<f32> {
        match self {
            Block::Relu(relu) => &mut relu.weight,
            Block::Polynomial(block) => &mut block.weight,
            Block::Residual(residual) => &mut residual.reads,
        }
    }

    /// b: as many as W has rows.
    pub fn bias(&self) -> &[f32] {
        match self {
            Block::Relu(relu) => &relu.bias,
            Block::Polynomial(block) => &block.bias,
            Block::Residual(residual) => &residual.bias,
        }
    }

    /// h_l of a block of inputs, [n_l, inputs], from what is below, [n_{l-1}, inputs].
    pub fn apply(&self, below: ArrayView2<f32>) -> Array2<f32> {
        match self {
            Block::Relu(relu) => relu.apply(below),
            Block::Polynomial(block) => block.apply(below),
            Block::Residual(residual) => residual.apply(below),
        }
    }

    /// What a block of inputs hands up, [n_above, inputs], where that is another thing than its neurons h.
    pub fn above(&self, below: ArrayView2<f32>, h: ArrayView2<f32>) -> Option<Array2<f32>> {
        match self {
            Block::Relu(_) | Block::Polynomial(_) => None,
            Block::Residual(residual) => Some(residual.above(below, h)),
        }
    }

    /// h_l by input, [inputs, n_l], of inputs that list the features that are on, which enter one coordinate each.
    /// `by_feature` is Wᵀ.
    pub fn apply_sparse(&self, by_feature: ArrayView2<f32>, inputs: &[&[u32]]) -> Array2<f32> {
        match self {
            Block::Polynomial(block) => block.apply_sparse(by_feature, inputs),
            Block::Relu(_) | Block::Residual(_) => sparse_activations(self.bias(), by_feature, inputs),
        }
    }
}
