//! The loop over inputs: draw, judge, run forward, read off, count.
//!
//! Blocks of inputs go in batches of three, so that the product's register tiles come out even, and batches in rounds,
//! as many as memory allows. Must not know what is reported of the counts.

use std::ops::Range;

use rayon::prelude::*;

use super::accuracy::{Accuracy, WorstErrors};
use super::bending::Activity;
use super::corrections::passes;
use super::error::Error;
use super::groups::contests;
use super::histogram::Histogram;
use super::parts::Counts;
use super::sampling::{Sampling, Stream};
use super::statistics::{BlockTruth, GateStatistics, greater};
use crate::circuit::{Circuit, GateId};
use crate::network::Network;
use crate::network::forward::Forward;
use crate::program::{Program, Scope};
use crate::progress::{Progress, Watcher};
use crate::readings::{BLOCK, Batch, TILE};

/// Blocks that are run forward and read off together.
const BATCH: usize = 3;

/// What the activations of all batches of a round may take, in floats.
const ROUND_FLOATS: usize = 16 << 20;

/// Some gates of one layer, and what is known of them so far.
struct Tile<'a> {
    layer_idx: usize,
    /// Among the layer's gates.
    gates: Range<usize>,
    statistics: &'a mut [GateStatistics],
    /// Read-offs of stored signals: of plain gates, and of complemented ones.
    histograms: [Histogram; 2],
}

/// What some gates make of the inputs of a round. Two of these become one in any order: all is `or` and the greater of
/// two.
struct Judged {
    n_blocks: usize,
    /// [layers, blocks]: inputs with a gate read wrong.
    wrong: Vec<u64>,
    /// By block: inputs with an output read wrong.
    wrong_outputs: Vec<u64>,
    /// By block and input: the worst errors of gates that are no outputs, and of outputs.
    worst: Vec<[[f32; BLOCK]; 2]>,
}

/// What all tiles look at.
struct View<'a> {
    circuit: &'a Circuit,
    network: &'a Network,
    forward: Forward<'a>,
    /// By gate.
    is_output: Vec<bool>,
}

/// Counts everything over all inputs that `sampling` asks for. Network and circuit must belong together.
pub(super) fn count(
    program: &Program,
    network: &Network,
    sampling: &Sampling,
    watcher: Watcher,
) -> Result<Counts, Error> {
    let circuit = &program.circuit;
    let stream = Stream::new(circuit, sampling)?;
    let gate_ids = (0..circuit.n_gates() as u32).map(GateId);
    let is_output = gate_ids.map(|gate_id| circuit.is_output(circuit.gate_signal(gate_id))).collect();
    let view = View { circuit, network, forward: Forward::new(network), is_output };
    let mut gates = vec![GateStatistics::default(); circuit.n_gates()];
    let mut tiles = tiles(circuit, &mut gates);
    let mut batches: Vec<Batch> =
        (0..n_batches(circuit, network, stream.n_inputs())).map(|_| Batch::new(circuit, BATCH)).collect();
    let mut counts = Counts {
        n_inputs: 0,
        n_right: 0,
        n_layer_right: vec![0; circuit.layers.len()],
        n_outputs_right: 0,
        accuracy: Accuracy::asked(program, sampling, Scope::Gates),
        output_accuracy: Accuracy::asked(program, sampling, Scope::Outputs),
        errors: WorstErrors::new(stream.n_inputs()),
        activity: Activity::none(network),
        gates: Vec::new(),
        passes: passes(circuit),
        contests: contests(circuit),
        histogram: Histogram::default(),
    };
    let (n_blocks, total) = (stream.n_blocks(), stream.n_inputs());
    for first_block in (0..n_blocks).step_by(batches.len() * BATCH) {
        let progress = Progress { total, ..Progress::of("evaluating", counts.n_inputs) };
        watcher(progress).go_on().map_err(Error::Stopped)?;
        let n_filled = ((n_blocks - first_block).div_ceil(BATCH as u64) as usize).min(batches.len());
        let batches = &mut batches[..n_filled];
        let filled = batches.par_iter_mut().enumerate().map(|(batch_idx, batch)| {
            let first_block = first_block + (batch_idx * BATCH) as u64;
            batch.fill(circuit, &view.forward, |block_idx| stream.block(first_block + block_idx as u64));
            let mut activity = Activity::none(network);
            activity.add(batch);
            activity
        });
        counts.activity = filled.reduce(|| Activity::none(network), Activity::with).with(counts.activity);
        let batches = &*batches;
        counts.passes.iter_mut().for_each(|pass| pass.add(batches, &view.forward));
        counts.contests.iter_mut().for_each(|contest| contest.add(circuit, batches, &view.forward));
        let nothing = || Judged::nothing(circuit.layers.len(), n_filled * BATCH);
        let judged = tiles.par_iter_mut().fold(nothing, |judged, tile| tile.add(batches, &view, judged));
        count_inputs(batches, &judged.reduce(nothing, Judged::with), &mut counts);
    }
    for tile in &tiles {
        counts.histogram.merge(&tile.histograms[0], false);
        counts.histogram.merge(&tile.histograms[1], true);
    }
    drop(tiles);
    counts.gates = gates;
    if counts.n_inputs == 0 { Err(Error::NoInputs) } else { Ok(counts) }
}

/// How many batches a round has: as many as there is work for, and as memory allows.
fn n_batches(circuit: &Circuit, network: &Network, n_inputs: u64) -> usize {
    let widths: usize = network.layers.iter().map(|layer| layer.width()).sum();
    // A word of truth for 64 inputs weighs 2 floats.
    let floats = BATCH * (BLOCK * widths + 2 * circuit.n_signals());
    let wanted = n_inputs.div_ceil((BATCH * BLOCK) as u64).max(1);
    (ROUND_FLOATS / floats.max(1)).clamp(2, 16).min(wanted as usize)
}

/// Cuts the gates of every layer into tiles.
fn tiles<'a>(circuit: &Circuit, gates: &'a mut [GateStatistics]) -> Vec<Tile<'a>> {
    let mut rest = gates;
    let mut tiles = Vec::new();
    for (layer_idx, layer) in circuit.layers.iter().enumerate() {
        let n_gates = layer.gates.len();
        for start in (0..n_gates).step_by(TILE) {
            let gates = start..n_gates.min(start + TILE);
            let (statistics, behind) = rest.split_at_mut(gates.len());
            rest = behind;
            tiles.push(Tile { layer_idx, gates, statistics, histograms: Default::default() });
        }
    }
    tiles
}

impl Tile<'_> {
    /// Reads the gates off all inputs of the round, counts, and judges the inputs.
    fn add(&mut self, batches: &[Batch], view: &View, mut judged: Judged) -> Judged {
        let threshold = &view.network.layers[self.layer_idx].readoff.threshold;
        let first_gate = view.circuit.layers[self.layer_idx].gates.start as usize;
        let mut space = Vec::new();
        for (batch_idx, batch) in batches.iter().enumerate() {
            batch.read(&view.forward, self.layer_idx, self.gates.clone(), &mut space, |reading| {
                let gate_id = GateId((first_gate + reading.signal_idx) as u32);
                let truth = BlockTruth::of(view.circuit, gate_id, reading.block);
                let histogram = &mut self.histograms[view.circuit.gates[gate_id.0 as usize].complemented as usize];
                let statistics = &mut self.statistics[reading.signal_idx - self.gates.start];
                let (threshold, is_output) = (threshold[reading.signal_idx], view.is_output[gate_id.0 as usize]);
                let block_idx = batch_idx * BATCH + reading.block_idx;
                let worst = &mut judged.worst[block_idx][usize::from(is_output)];
                let wrong = statistics.add(reading.readoffs, truth, threshold, histogram, worst);
                judged.wrong[self.layer_idx * judged.n_blocks + block_idx] |= wrong;
                judged.wrong_outputs[block_idx] |= if is_output { wrong } else { 0 };
            });
        }
        judged
    }
}

impl Judged {
    fn nothing(n_layers: usize, n_blocks: usize) -> Judged {
        Judged {
            n_blocks,
            wrong: vec![0; n_layers * n_blocks],
            wrong_outputs: vec![0; n_blocks],
            worst: vec![[[0.0; BLOCK]; 2]; n_blocks],
        }
    }

    fn with(mut self, other: Judged) -> Judged {
        let either = |words: &mut [u64], others: &[u64]| words.iter_mut().zip(others).for_each(|(a, b)| *a |= b);
        either(&mut self.wrong, &other.wrong);
        either(&mut self.wrong_outputs, &other.wrong_outputs);
        let errors = self.worst.as_flattened_mut().as_flattened_mut();
        errors.iter_mut().zip(other.worst.as_flattened().as_flattened()).for_each(|(a, &b)| *a = greater(*a, b));
        self
    }
}

/// How many inputs of the round are right, in each layer, in all, in the outputs; and how near to the truth.
fn count_inputs(batches: &[Batch], judged: &Judged, counts: &mut Counts) {
    for (block_idx, block) in batches.iter().flat_map(Batch::blocks).enumerate() {
        let valid = block.valid();
        let n_right = |wrong: u64| u64::from((valid & !wrong).count_ones());
        let mut wrong = 0;
        for (count, of_layer) in counts.n_layer_right.iter_mut().zip(judged.wrong.chunks(judged.n_blocks)) {
            wrong |= of_layer[block_idx];
            *count += n_right(of_layer[block_idx]);
        }
        counts.n_inputs += u64::from(valid.count_ones());
        counts.n_right += n_right(wrong);
        counts.n_outputs_right += n_right(judged.wrong_outputs[block_idx]);
        let [others, outputs] = &judged.worst[block_idx];
        for (&other, &output) in others.iter().zip(outputs).take(valid.count_ones() as usize) {
            let error = greater(other, output);
            counts.errors.add(error);
            counts.accuracy.iter_mut().for_each(|accuracy| accuracy.add(error));
            counts.output_accuracy.iter_mut().for_each(|accuracy| accuracy.add(output));
        }
    }
}
