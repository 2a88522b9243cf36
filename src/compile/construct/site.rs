//! Where the code of a layer is to stand: what it is given.

use std::borrow::Cow;

use ndarray::Array2;

use crate::compile::dictionary::Embedding;
use crate::compile::layer::LayerTask;
use crate::compile::stream::Stream;
use crate::network::Layer;
use crate::network::matrix::Matrix;

/// One layer to be wired, on top of those below.
pub struct Site<'a> {
    pub task: &'a LayerTask<'a>,
    /// Neurons.
    pub n: usize,
    /// From the lowest.
    pub below: &'a [Layer],
    /// Where layers add to a stream.
    pub stream: Option<&'a Stream>,
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
        Site { task, n, below: &[], stream: None, embedding: None, is_frequent: &[] }
    }

    /// W = C·D, with D the read-off of the layer below, or the decoder of the inputs or of a stream. [n, n below]
    pub fn weight(&self, compute: &Matrix) -> Array2<f32> {
        match (self.readoff_below(), self.embedding) {
            (Some((readoff, _)), _) => compute.product(&readoff),
            (None, Some(embedding)) => compute.product(&embedding.decoder),
            (None, None) => compute.to_dense(),
        }
    }

    /// D and d, which read the signals below: off the neurons of the layer below, or off a stream that lower layers
    /// have added to. `None` for a lowest layer.
    pub fn readoff_below(&self) -> Option<(Cow<'a, Matrix>, Cow<'a, [f32]>)> {
        let below = self.below.last()?;
        Some(match self.stream {
            Some(stream) => {
                let (readoff, offsets) = stream.readoff(self.below, self.task.below.len());
                (Cow::Owned(readoff), Cow::Owned(offsets))
            }
            None => (Cow::Borrowed(&below.readoff.matrix), Cow::Borrowed(&below.readoff.bias[..])),
        })
    }
}
