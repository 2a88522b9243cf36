//! A code on top of the layers below: W = C·D.

use super::code::{Code, Missing};
use crate::compile::dictionary::Embedding;
use crate::compile::error::Error;
use crate::compile::layer::LayerTask;
use crate::network::{Block, Factors, Layer, Readoff, Relu};

/// W = C·D and b = b_C + C d, with D and d the decoder of the inputs or the read-off of the layer below.
pub fn join(task: &LayerTask, layers: &[Layer], embedding: Option<&Embedding>, code: Code) -> Layer {
    let mut bias = code.bias;
    if let Some(below) = layers.last() {
        for (neuron, bias) in bias.iter_mut().enumerate() {
            *bias += code.compute.row_times(neuron, &below.readoff.bias);
        }
    }
    let (weight, decompress) = match (layers.last(), embedding) {
        (Some(below), _) => (code.compute.product(&below.readoff.matrix), None),
        (None, Some(embedding)) => (code.compute.product(&embedding.decoder), Some(embedding.decoder.clone())),
        (None, None) => (code.compute.to_dense(), None),
    };
    Layer {
        name: task.layer_name().to_string(),
        block: Block::Relu(Relu { weight, bias }),
        factors: Factors { compute: code.compute.smaller(), decompress },
        readoff: Readoff {
            matrix: code.readoff.smaller(),
            threshold: vec![0.5; code.readoff_bias.len()],
            bias: code.readoff_bias,
            signals: task.signal_names(),
            n_gates: task.n_gates(),
        },
    }
}

/// The error of a layer that has no neuron for some targets.
pub fn lacking(missing: Vec<Missing>) -> Error {
    let would_fit_wider = missing.iter().all(|missing| missing.would_fit_wider);
    let problems = missing.into_iter().map(|missing| missing.problem).collect();
    if would_fit_wider { Error::TooNarrow(problems) } else { Error::Refused(problems) }
}
