//! What a network comes to when its weights are bounded: margins and cross-entropy, as it was made and as it is mixed.
//!
//! A loss that falls as logits grow asks for weights as large as they may be. Let each matrix (what features enter by,
//! W of each layer, the read-off) be scaled until its largest weight is 1, biases along with what they are added to:
//! then read-offs are as they were times one factor, the same for all, by which margins grow. A change of basis leaves
//! all read-offs where they are, and that factor not. Where a stream is added to, there is no such factor.
//!
//! *Rounded*: what a W that is no ReLU's has in a mixed space, vector by vector, is 1 or −1 by its sign, and 1 where it
//! is 0, but for vectors that are 0 altogether. Must not know where a network comes from.

use ndarray::{ArrayViewMut1, Axis, s};
use serde::Serialize;

use super::draws::written_word;
use super::error::Error;
use super::groups::{Group, arrays, lead};
use super::sampling::{Sampling, Stream};
use crate::circuit::{Circuit, GateId};
use crate::network::forward::Forward;
use crate::network::{Activation, Block, Layer, Mixture, Network};
use crate::progress::{Progress, Watcher};
use crate::readings::Batch;

/// The bound, for which any other would do.
const BOUND: f64 = 1.0;

/// Blocks of 64 inputs at most that are looked at, those that come first.
const MOST_BLOCKS: u64 = 256;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoundedWeights {
    /// What no weight exceeds.
    pub bound: f64,
    /// Inputs that were looked at.
    pub samples: u64,
    /// As the network was made.
    pub unmixed: Bounded,
    /// As it is mixed; left out where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mixed: Option<Bounded>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bounded {
    pub largest: Largest,
    /// By what the read-offs of the last layer grow; `None` of a stream, and where a matrix is 0.
    pub scale: Option<f64>,
    /// What then separates right from wrong, at least: of groups that exclude each other the right one from the highest
    /// of the others; or, where there are none, of each gate its read-offs when on from those when off.
    pub margin: Option<f64>,
    /// −log of the share that the softmax over a group gives the right one, in the mean over inputs and groups; `None`
    /// where there is no group.
    pub cross_entropy: Option<f64>,
    /// The same with rounded weights; `None` also where all neurons are ReLUs, and where no space is mixed.
    pub cross_entropy_rounded: Option<f64>,
}

/// The largest weights as they are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Largest {
    /// Of what features enter by; `None` where each enters by itself.
    pub input: Option<f32>,
    /// Of all W, and of a stream W_out.
    pub weights: f32,
    /// Of the last read-off.
    pub readoff: f32,
}

/// `None` where there is nothing to compare: all neurons are ReLUs, and no space is mixed.
pub(super) fn bounded(
    circuit: &Circuit,
    network: &Network,
    sampling: &Sampling,
    watcher: Watcher,
) -> Result<Option<BoundedWeights>, Error> {
    let has_relus = network.layers.iter().all(|layer| layer.block.activation().is_none());
    let is_mixed = !network.header.mixed.is_empty();
    if network.layers.is_empty() || has_relus && !is_mixed {
        return Ok(None);
    }
    watcher(Progress::of("bounding weights", 0)).go_on().map_err(Error::Stopped)?;
    let stream = Stream::new(circuit, sampling)?;
    let inputs = Inputs { circuit, stream, mixtures: &network.header.mixed };
    let Some(unmixed) = network.unmixed() else { return Ok(None) };
    let samples = inputs.stream.n_inputs().min(64 * MOST_BLOCKS);
    let unmixed = inputs.of(&unmixed);
    let mixed = is_mixed.then(|| inputs.of(network));
    Ok(Some(BoundedWeights { bound: BOUND, samples, unmixed, mixed }))
}

/// What networks are run on.
struct Inputs<'a> {
    circuit: &'a Circuit,
    stream: Stream<'a>,
    /// Of the network as it is mixed.
    mixtures: &'a [Mixture],
}

/// What one run comes to.
struct Found {
    margin: Option<f64>,
    cross_entropy: Option<f64>,
}

impl Inputs<'_> {
    fn of(&self, network: &Network) -> Bounded {
        let last = network.layers.len() - 1;
        let Found { margin, cross_entropy } = self.run(network);
        let rounded = rounded(network, self.mixtures);
        let cross_entropy_rounded = rounded.and_then(|rounded| self.run(&rounded).cross_entropy);
        let scale = scale(network, last);
        Bounded { largest: largest(network), scale, margin, cross_entropy, cross_entropy_rounded }
    }

    fn run(&self, network: &Network) -> Found {
        let circuit = self.circuit;
        let forward = Forward::new(network);
        let scales: Vec<Option<f64>> = (0..network.layers.len()).map(|layer_idx| scale(network, layer_idx)).collect();
        let mut groups: Vec<Group> = arrays(circuit);
        let mut batch = Batch::new(circuit, 1);
        let n_blocks = self.stream.n_blocks().min(MOST_BLOCKS);
        // First which exclude each other.
        for block_idx in 0..n_blocks {
            if groups.is_empty() {
                break;
            }
            batch.fill(circuit, &forward, |_| self.stream.block(block_idx));
            groups.retain(|group| group.is_exclusive(circuit, &batch));
        }
        let (mut least, mut sum, mut n) = (f64::INFINITY, 0.0, 0u64);
        let mut gates = vec![[f32::INFINITY, f32::NEG_INFINITY]; circuit.n_gates()];
        for block_idx in 0..n_blocks {
            batch.fill(circuit, &forward, |_| self.stream.block(block_idx));
            for group in &groups {
                let scale = scales[group.layer_idx].unwrap_or(f64::NAN);
                group.each_input(circuit, &batch, &forward, |right, readoffs| {
                    least = least.min(scale * f64::from(lead(right, readoffs)));
                    sum += surprise(right, readoffs, scale);
                    n += 1;
                });
            }
            if groups.is_empty() {
                spread(circuit, &batch, &forward, &mut gates);
            }
        }
        let known = scales.iter().all(Option::is_some);
        if groups.is_empty() {
            let of_gate = |(gate, [lowest_on, highest_off]): (usize, &[f32; 2])| {
                let (layer_idx, _) = circuit.place(GateId(gate as u32));
                scales[layer_idx].unwrap_or(f64::NAN) * (f64::from(*lowest_on) - f64::from(*highest_off))
            };
            let seen = gates.iter().enumerate().filter(|(_, ends)| ends.iter().all(|end| end.is_finite()));
            least = seen.map(of_gate).fold(f64::INFINITY, f64::min);
        }
        let margin = Some(least).filter(|least| known && least.is_finite());
        Found { margin, cross_entropy: (known && n > 0).then(|| sum / n as f64) }
    }
}

/// Of each gate the lowest read-off when on, and the highest when off, as written.
fn spread(circuit: &Circuit, batch: &Batch, forward: &Forward, gates: &mut [[f32; 2]]) {
    for (layer_idx, layer) in circuit.layers.iter().enumerate() {
        batch.read(forward, layer_idx, 0..layer.gates.len(), &mut Vec::new(), |reading| {
            let gate = GateId(layer.gates.start + reading.signal_idx as u32);
            let signal = circuit.gate_signal(gate);
            let word = written_word(circuit, reading.block, signal);
            let [lowest_on, highest_off] = &mut gates[gate.0 as usize];
            for (input_idx, &value) in reading.readoffs.iter().enumerate().take(reading.block.n_inputs()) {
                let value = if circuit.is_complemented(signal) { 1.0 - value } else { value };
                match word >> input_idx & 1 {
                    1 => *lowest_on = lowest_on.min(value),
                    _ => *highest_off = highest_off.max(value),
                }
            }
        });
    }
}

/// −log softmax of the right one.
fn surprise(right: usize, readoffs: &[f32], scale: f64) -> f64 {
    let logit = |value: f32| scale * f64::from(value);
    let greatest = readoffs.iter().map(|&value| logit(value)).fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = readoffs.iter().map(|&value| libm::exp(logit(value) - greatest)).sum();
    libm::log(sum) + greatest - logit(readoffs[right])
}

fn greatest<'v>(values: impl IntoIterator<Item = &'v f32>) -> f32 {
    values.into_iter().fold(0.0, |greatest: f32, value| greatest.max(value.abs()))
}

fn largest(network: &Network) -> Largest {
    let written = |layer: &Layer| match &layer.block {
        Block::Residual(residual) => greatest(&residual.writes),
        Block::Relu(_) | Block::Polynomial(_) => 0.0,
    };
    let weights = network.layers.iter().map(|layer| greatest(layer.block.weight()).max(written(layer)));
    Largest {
        input: network.dictionary.as_ref().map(|dictionary| greatest(dictionary.embedding.values())),
        weights: weights.fold(0.0, f32::max),
        readoff: network.layers.last().map_or(0.0, |last| greatest(last.readoff.matrix.values())),
    }
}

/// By what read-offs of a layer grow where each matrix is scaled until its largest weight is at the bound.
fn scale(network: &Network, layer_idx: usize) -> Option<f64> {
    if network.is_residual() {
        return None;
    }
    let to_bound = |greatest: f32| (greatest > 0.0).then(|| BOUND / f64::from(greatest));
    let mut scale = match &network.dictionary {
        Some(dictionary) => to_bound(greatest(dictionary.embedding.values()))?,
        None => 1.0,
    };
    for layer in &network.layers[..=layer_idx] {
        let (weight, n) = (layer.block.weight(), layer.width());
        scale = match layer.block.activation() {
            Some(Activation::Bilinear) => {
                let (left, right) = weight.view().split_at(Axis(0), n);
                scale * to_bound(greatest(left))? * scale * to_bound(greatest(right))?
            }
            Some(Activation::Quadratic) => {
                let scaled = scale * to_bound(greatest(weight))?;
                scaled * scaled
            }
            Some(Activation::Linear) | None => scale * to_bound(greatest(weight))?,
        };
    }
    Some(scale * to_bound(greatest(network.layers[layer_idx].readoff.matrix.values()))?)
}

/// With every W that is no ReLU's by its signs, of one size, in these spaces; `None` where there is none.
fn rounded(network: &Network, mixtures: &[Mixture]) -> Option<Network> {
    let mut network = network.clone();
    let mut is_any = false;
    for mixture in mixtures {
        let layer = network.layers.get_mut(mixture.layer.unwrap_or(0) as usize)?;
        if layer.block.activation().is_none() {
            continue;
        }
        let size = greatest(layer.block.weight());
        let to_signs = |mut vector: ArrayViewMut1<f32>| {
            let mut vector = vector.slice_mut(s![mixture.first as usize..(mixture.first + mixture.size) as usize]);
            if vector.iter().any(|value| *value != 0.0) {
                vector.mapv_inplace(|value| if value < 0.0 { -size } else { size });
            }
        };
        match mixture.layer {
            // Its rows are coordinates of the space, or its columns.
            Some(_) => layer.block.weight_mut().columns_mut().into_iter().for_each(to_signs),
            None => layer.block.weight_mut().rows_mut().into_iter().for_each(to_signs),
        }
        is_any = true;
    }
    is_any.then_some(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surprise_is_the_log_of_a_softmax() {
        let readoffs = [1.0f32, 0.25, -0.5];
        for scale in [0.5, 1.0, 40.0] {
            let powers: Vec<f64> = readoffs.iter().map(|&value| libm::exp(scale * f64::from(value))).collect();
            for (right, power) in powers.iter().enumerate() {
                let expected = -libm::log(power / powers.iter().sum::<f64>());
                assert!((surprise(right, &readoffs, scale) - expected).abs() < 1e-9);
            }
        }
    }
}
