//! Where the code of a layer is to stand: what it is given.

use ndarray::Array2;

use crate::compile::dictionary::Embedding;
use crate::compile::layer::LayerTask;
use crate::network::Layer;
use crate::network::matrix::Matrix;

/// One layer to be wired, on top of those below.
pub struct Site<'a> {
    pub task: &'a LayerTask<'a>,
    /// Neurons.
    pub n: usize,
    /// From the lowest.
    pub below: &'a [Layer],
    /// Where inputs are stored in superposition.
    pub embedding: Option<&'a Embedding>,
    /// By target: whether its operands are on so much more often than others' that it should keep to neurons of its
    /// own. Empty where nothing is known.
    pub is_frequent: &'a [bool],
}

impl<'a> Site<'a> {
    /// A lowest layer whose features enter one coordinate each, of which nothing is known.
    #[cfg(test)]
    pub fn lowest(task: &'a LayerTask<'a>, n: usize) -> Site<'a> {
        Site { task, n, below: &[], embedding: None, is_frequent: &[] }
    }

    /// W = C·D, with D the read-off of the layer below, or the decoder of the inputs. [n, n below]
    pub fn weight(&self, compute: &Matrix) -> Array2<f32> {
        match (self.below.last(), self.embedding) {
            (Some(below), _) => compute.product(&below.readoff.matrix),
            (None, Some(embedding)) => compute.product(&embedding.decoder),
            (None, None) => compute.to_dense(),
        }
    }
}
