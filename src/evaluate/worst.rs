//! What an evaluation is worst at: of each gate the input on which it is read worst, and how far off each layer is.
//!
//! Goes through the inputs of an evaluation once more, those of rare gates included, so that every figure here is of
//! the same inputs as the report's. Must not know how any of it is shown.

use rayon::prelude::*;

use super::accuracy::{Quantile, WorstErrors};
use super::error::Error;
use super::sampling::{Sampling, Stream};
use super::seldom::{SELDOM, own_inputs};
use crate::circuit::inputs::sample::Sampler;
use crate::circuit::inputs::shown::{Shown, Side};
use crate::circuit::{Circuit, GateId};
use crate::evaluate::dataset::as_written;
use crate::network::Network;
use crate::network::forward::Forward;
use crate::progress::{Progress, Watcher};
use crate::readings::{BLOCK, Batch, Reading, belongs};

/// Where a network is worst, on the inputs of an evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct Worst {
    /// By layer, the ε of each share that a report tells, over the layer's own gates; nothing of a layer without gates.
    pub layers: Vec<Vec<Quantile>>,
    /// By gate.
    pub gates: Vec<WorstInput>,
    /// By layer and neuron, its least and its greatest activation.
    pub ranges: Vec<Vec<(f32, f32)>>,
    /// The first inputs that were drawn, as lists of the features that are on.
    pub first: Vec<Vec<u32>>,
}

/// The input on which a gate is read worst: of those on which it is read wrong, if there are any, the one on which it
/// is farthest off; of equals the first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorstInput {
    /// The features that are on, ascending.
    pub on: Vec<u32>,
    /// The gate as written.
    pub truth: bool,
    /// Its read-off as written.
    pub reading: f32,
    pub is_wrong: bool,
    /// |read-off − truth|; infinite where the read-off is no number.
    error: f32,
    is_seen: bool,
}

/// First inputs that are kept.
const N_FIRST: usize = 24;

/// Blocks that are run forward and read off together.
const BATCH: usize = 3;

/// Batches that are worked on before anybody hears of it.
const ROUND: usize = 16;

impl WorstInput {
    /// Takes the worst of a block, if it is worse.
    fn add(&mut self, circuit: &Circuit, gate: GateId, threshold: f32, reading: &Reading) {
        let signal = circuit.gate_signal(gate);
        let (wrong, errors) = (reading.wrong(signal, threshold), reading.errors(signal));
        for (input_idx, &error) in errors.iter().enumerate().take(reading.block.n_inputs()) {
            let is_wrong = wrong >> input_idx & 1 == 1;
            if self.is_seen && (self.is_wrong, self.error) >= (is_wrong, error) {
                continue;
            }
            let is_complemented = circuit.is_complemented(signal);
            *self = WorstInput {
                on: reading.block.active(input_idx).to_vec(),
                truth: (reading.block.word(signal) >> input_idx & 1 == 1) != is_complemented,
                reading: as_written(reading.readoffs[input_idx], is_complemented),
                is_wrong,
                error,
                is_seen: true,
            };
        }
    }

    fn or_worse(self, other: WorstInput) -> WorstInput {
        let stays = self.is_seen && (self.is_wrong, self.error) >= (other.is_wrong, other.error);
        if stays || !other.is_seen { self } else { other }
    }
}

/// What one batch shows.
struct Seen {
    gates: Vec<WorstInput>,
    /// By gate, inputs on which its stored value is 1.
    n_on: Vec<u64>,
    /// By layer, by input: the worst error.
    errors: Vec<Vec<f32>>,
    ranges: Vec<Vec<(f32, f32)>>,
}

/// Where `network` is worst on the inputs that `sampling` asks for.
///
/// # Errors
/// When network and circuit do not belong together, when there are too many inputs to take them all, or when `watcher`
/// says so.
pub fn worst(circuit: &Circuit, network: &Network, sampling: &Sampling, watcher: Watcher) -> Result<Worst, Error> {
    belongs(circuit, network)?;
    let stream = Stream::new(circuit, sampling)?;
    let forward = Forward::new(network);
    let (n_blocks, total) = (stream.n_blocks(), stream.n_inputs());
    let mut gates = vec![WorstInput::default(); circuit.n_gates()];
    let mut n_on = vec![0u64; circuit.n_gates()];
    let mut errors: Vec<WorstErrors> = circuit.layers.iter().map(|_| WorstErrors::new(total)).collect();
    let mut ranges: Vec<Vec<(f32, f32)>> = Vec::new();
    let n_batches = n_blocks.div_ceil(BATCH as u64);
    for first in (0..n_batches).step_by(ROUND) {
        let done = first * (BATCH * BLOCK) as u64;
        let progress = Progress { total, ..Progress::of("looking for the worst", done) };
        watcher(progress).go_on().map_err(Error::Stopped)?;
        let round = first..n_batches.min(first + ROUND as u64);
        let seen: Vec<Seen> = round
            .into_par_iter()
            .map_init(
                || Batch::new(circuit, BATCH),
                |batch, batch_idx| {
                    let first_block = batch_idx * BATCH as u64;
                    batch.fill(circuit, &forward, |block_idx| stream.block(first_block + block_idx as u64));
                    look(circuit, network, &forward, batch)
                },
            )
            .collect();
        for seen in seen {
            let with = gates.iter_mut().zip(seen.gates);
            with.for_each(|(gate, other)| *gate = std::mem::take(gate).or_worse(other));
            n_on.iter_mut().zip(seen.n_on).for_each(|(n_on, more)| *n_on += more);
            ranges = if ranges.is_empty() { seen.ranges } else { wider(ranges, seen.ranges) };
            let layers = errors.iter_mut().zip(seen.errors);
            layers.for_each(|(errors, more)| more.into_iter().for_each(|error| errors.add(error)));
        }
    }
    if !sampling.exhaustive && sampling.seldom {
        on_own_inputs(circuit, network, &forward, (&n_on, total, sampling.seed), &mut gates)?;
    }
    let has_gates = circuit.layers.iter().map(|layer| !layer.gates.is_empty());
    let layers = has_gates.zip(&errors).map(|(has_gates, errors)| if has_gates { errors.quantiles() } else { vec![] });
    Ok(Worst { layers: layers.collect(), gates, ranges, first: first_inputs(&stream) })
}

/// Neuron by neuron, what either range has.
fn wider(ranges: Vec<Vec<(f32, f32)>>, others: Vec<Vec<(f32, f32)>>) -> Vec<Vec<(f32, f32)>> {
    let both = |((low, high), (other_low, other_high)): ((f32, f32), (f32, f32))| {
        (if other_low < low { other_low } else { low }, if other_high > high { other_high } else { high })
    };
    let layers = ranges.into_iter().zip(others);
    layers.map(|(here, there)| here.into_iter().zip(there).map(both).collect()).collect()
}

/// Of the neurons of a layer, on the inputs that a batch has.
fn ranges_of(batch: &Batch, layer_idx: usize) -> Vec<(f32, f32)> {
    let of_neuron = |activations: ndarray::ArrayView1<f32>| {
        let n_valid = batch.blocks().iter().map(|block| block.n_inputs());
        let valid = n_valid.enumerate().flat_map(|(idx, n)| idx * BLOCK..idx * BLOCK + n);
        valid.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), input_idx| {
            let value = activations[input_idx];
            (if value < low { value } else { low }, if value > high { value } else { high })
        })
    };
    batch.activations(layer_idx).rows().into_iter().map(of_neuron).collect()
}

fn first_inputs(stream: &Stream) -> Vec<Vec<u32>> {
    let inputs = stream.block(0);
    inputs.iter().take(N_FIRST).map(<[u32]>::to_vec).collect()
}

/// Every gate of every layer, on the inputs of a batch.
fn look(circuit: &Circuit, network: &Network, forward: &Forward, batch: &Batch) -> Seen {
    let n_inputs = batch.blocks().iter().map(|block| block.n_inputs()).sum();
    let starts: Vec<usize> = (batch.blocks().iter())
        .scan(0, |start, block| Some(std::mem::replace(start, *start + block.n_inputs())))
        .collect();
    let mut seen = Seen {
        gates: vec![WorstInput::default(); circuit.n_gates()],
        n_on: vec![0; circuit.n_gates()],
        errors: vec![vec![0.0; n_inputs]; circuit.layers.len()],
        ranges: (0..circuit.layers.len()).map(|layer_idx| ranges_of(batch, layer_idx)).collect(),
    };
    let mut space = Vec::new();
    for (layer_idx, layer) in circuit.layers.iter().enumerate() {
        let thresholds = &network.layers[layer_idx].readoff.threshold;
        let Seen { gates, n_on, errors, .. } = &mut seen;
        batch.read(forward, layer_idx, 0..layer.gates.len(), &mut space, |reading| {
            let gate = GateId(layer.gates.start + reading.signal_idx as u32);
            let signal = circuit.gate_signal(gate);
            gates[gate.0 as usize].add(circuit, gate, thresholds[reading.signal_idx], &reading);
            let word = reading.block.word(signal) & reading.block.valid();
            n_on[gate.0 as usize] += u64::from(word.count_ones());
            let of_block = &mut errors[layer_idx][starts[reading.block_idx]..][..reading.block.n_inputs()];
            let pairs = of_block.iter_mut().zip(reading.errors(signal));
            pairs.for_each(|(worst, error)| *worst = if error > *worst { error } else { *worst });
        });
    }
    seen
}

/// Rare gates, on the inputs that the report has of them.
fn on_own_inputs(
    circuit: &Circuit,
    network: &Network,
    forward: &Forward,
    (n_on, n_inputs, seed): (&[u64], u64, u64),
    gates: &mut [WorstInput],
) -> Result<(), Error> {
    let of_gate = |(gate, &n_on): (u32, &u64)| {
        let sides = [(false, n_inputs - n_on), (true, n_on)].into_iter().filter(|side| side.1 < SELDOM);
        sides.map(move |(value, _)| Side { gate: GateId(gate), value })
    };
    let sides: Vec<Side> = (0..).zip(n_on).flat_map(of_gate).collect();
    let sampler = Sampler::new(circuit)?;
    let shown = own_inputs(circuit, &sampler, &sides, seed);
    let found: Vec<WorstInput> = sides
        .par_iter()
        .zip(&shown)
        .map_init(
            || Batch::new(circuit, 1),
            |batch, (side, shown)| {
                let mut worst = WorstInput::default();
                if let Shown::Inputs(inputs) = shown {
                    let (layer_idx, _) = circuit.place(side.gate);
                    let thresholds = &network.layers[layer_idx].readoff.threshold;
                    batch.read_gate(circuit, forward, side.gate, inputs, |reading| {
                        worst.add(circuit, side.gate, thresholds[reading.signal_idx], &reading);
                    });
                }
                worst
            },
        )
        .collect();
    for (side, worst) in sides.iter().zip(found) {
        let gate = &mut gates[side.gate.0 as usize];
        *gate = std::mem::take(gate).or_worse(worst);
    }
    Ok(())
}
