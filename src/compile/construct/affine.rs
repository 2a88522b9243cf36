//! What neurons make of the features as long as all of them stay awake: an affine function, however many layers they
//! stand in.
//!
//! Must not know why they stay awake.

use ndarray::Array2;

use crate::compile::dictionary::Embedding;
use crate::kernels;
use crate::network::Layer;
use crate::network::matrix::Matrix;

/// h = K x + h_0.
pub struct Affine {
    /// K: [n, features].
    pub slopes: Array2<f32>,
    /// h_0: [n].
    pub at_rest: Vec<f32>,
}

impl Affine {
    /// The neurons of the last of these layers; `None` without layers: the features themselves.
    pub fn of(layers: &[Layer], embedding: Option<&Embedding>) -> Option<Affine> {
        layers.iter().fold(None, |below, layer| {
            Some(Affine::through(layer.block.weight(), layer.block.bias(), below.as_ref(), embedding))
        })
    }

    /// Neurons of these weights, W and b, on top of what is below.
    pub fn through(
        weight: &Array2<f32>,
        bias: &[f32],
        below: Option<&Affine>,
        embedding: Option<&Embedding>,
    ) -> Affine {
        let slopes = match (below, embedding) {
            (Some(below), _) => {
                let mut slopes = Array2::zeros((weight.nrows(), below.slopes.ncols()));
                kernels::par_product(weight.view(), below.slopes.view(), slopes.view_mut());
                slopes
            }
            (None, Some(embedding)) => Matrix::Dense(weight.clone()).product(&embedding.dictionary.embedding),
            (None, None) => weight.clone(),
        };
        let from_below = |row: usize| match below {
            Some(below) => kernels::dot(weight.row(row).to_slice().expect("row-major"), &below.at_rest),
            None => 0.0,
        };
        let at_rest = bias.iter().enumerate().map(|(neuron, &bias)| bias + from_below(neuron)).collect();
        Affine { slopes, at_rest }
    }
}
