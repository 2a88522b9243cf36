//! What neurons make of the features as long as all of them stay awake: an affine function, however many layers they
//! stand in.
//!
//! Must not know why they stay awake.

use ndarray::Array2;

use crate::compile::dictionary::Embedding;
use crate::kernels;
use crate::network::matrix::Matrix;
use crate::network::{Block, Layer, Residual};

/// h = K x + h_0.
pub struct Affine {
    /// K: [n, features].
    pub slopes: Array2<f32>,
    /// h_0: [n].
    pub at_rest: Vec<f32>,
}

impl Affine {
    /// The neurons of the last of these layers, or the stream above it; `None` without layers: the features themselves.
    pub fn of(layers: &[Layer], embedding: Option<&Embedding>) -> Option<Affine> {
        layers.iter().fold(None, |below, layer| {
            let h = Affine::through(layer.block.weight(), layer.block.bias(), below.as_ref(), embedding);
            Some(match &layer.block {
                Block::Relu(_) | Block::Polynomial(_) => h,
                Block::Residual(residual) => below.or(embedding.map(Affine::entry))?.with(residual, &h),
            })
        })
    }

    /// What stored features are before any layer.
    fn entry(embedding: &Embedding) -> Affine {
        let slopes = embedding.dictionary.embedding.to_dense();
        Affine { at_rest: vec![0.0; slopes.nrows()], slopes }
    }

    /// A stream with what neurons h add to it.
    fn with(mut self, block: &Residual, h: &Affine) -> Affine {
        kernels::par_product(block.writes.view(), h.slopes.view(), self.slopes.view_mut());
        let rows = block.writes.rows().into_iter().zip(&block.offset);
        for (at_rest, (row, offset)) in self.at_rest.iter_mut().zip(rows) {
            *at_rest += offset + kernels::dot(row.to_slice().expect("row-major"), &h.at_rest);
        }
        self
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
