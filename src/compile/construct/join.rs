//! A code where it stands: W = C·D.

use super::code::{Code, Missing};
use super::site::Site;
use crate::compile::error::Error;
use crate::network::matrix::Matrix;
use crate::network::{Block, Factors, Layer, Readoff, Relu};

/// Neurons of W = C·D and b = b_C + C d (or those that the code has instead), with D and d the decoder of the inputs or
/// the read-off of the layer below.
pub fn join(site: &Site, code: Code) -> Layer {
    let relus = |compute: &Matrix, mut bias: Vec<f32>| {
        if let Some((_, offsets)) = site.readoff_below() {
            for (neuron, bias) in bias.iter_mut().enumerate() {
                *bias += compute.row_times(neuron, &offsets);
            }
        }
        Block::Relu(Relu { weight: site.weight(compute), bias })
    };
    let block = code.block.unwrap_or_else(|| relus(&code.compute, code.bias));
    let is_lowest = site.below.is_empty();
    let decompress = site.embedding.filter(|_| is_lowest).map(|embedding| embedding.decoder.clone());
    Layer {
        name: site.task.layer_name().to_string(),
        block,
        factors: Factors { compute: code.compute.smaller(), decompress, written: None },
        readoff: Readoff {
            matrix: code.readoff.smaller(),
            threshold: vec![0.5; code.readoff_bias.len()],
            bias: code.readoff_bias,
            signals: site.task.signal_names(),
            n_gates: site.task.n_gates(),
        },
    }
}

/// The error of a layer that has no neuron for some targets.
pub fn lacking(missing: Vec<Missing>) -> Error {
    let would_fit_wider = missing.iter().all(|missing| missing.would_fit_wider);
    let problems = missing.into_iter().map(|missing| missing.problem).collect();
    if would_fit_wider { Error::TooNarrow(problems) } else { Error::Refused(problems) }
}
