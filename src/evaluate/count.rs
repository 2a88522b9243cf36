//! The loop over inputs: draw, judge, run forward, read off, count.
//!
//! Blocks of inputs go in batches of three, so that the product's register tiles come out even, and batches in rounds,
//! as many as memory allows. Must not know what is reported of the counts.

use std::ops::Range;

use rayon::prelude::*;

use super::error::Error;
use super::histogram::Histogram;
use super::report::Counts;
use super::sampling::{Sampling, Stream};
use super::statistics::{BlockTruth, GateStatistics};
use crate::circuit::{Circuit, GateId};
use crate::network::Network;
use crate::network::forward::Forward;
use crate::progress::{Progress, Watcher};
use crate::readings::{BLOCK, Batch, InputBlock, TILE};

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
    /// By block of the round: which inputs have a gate read wrong, and an output read wrong.
    wrong: Vec<[u64; 2]>,
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
    circuit: &Circuit,
    network: &Network,
    sampling: &Sampling,
    watcher: Watcher,
) -> Result<Counts, Error> {
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
        gates: Vec::new(),
        histogram: Histogram::default(),
    };
    let (n_blocks, total) = (stream.n_blocks(), stream.n_inputs());
    for first_block in (0..n_blocks).step_by(batches.len() * BATCH) {
        let progress = Progress { total, ..Progress::of("evaluating", counts.n_inputs) };
        watcher(progress).go_on().map_err(Error::Stopped)?;
        let n_filled = ((n_blocks - first_block).div_ceil(BATCH as u64) as usize).min(batches.len());
        let batches = &mut batches[..n_filled];
        batches.par_iter_mut().enumerate().for_each(|(batch_idx, batch)| {
            let first_block = first_block + (batch_idx * BATCH) as u64;
            batch.fill(circuit, &view.forward, |block_idx| stream.block(first_block + block_idx as u64));
        });
        let batches = &*batches;
        tiles.par_iter_mut().for_each(|tile| tile.add(batches, &view));
        count_inputs(batches, &tiles, &mut counts);
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
            tiles.push(Tile { layer_idx, gates, statistics, histograms: Default::default(), wrong: Vec::new() });
        }
    }
    tiles
}

impl Tile<'_> {
    /// Reads the gates off all inputs of the round, and counts.
    fn add(&mut self, batches: &[Batch], view: &View) {
        let threshold = &view.network.layers[self.layer_idx].readoff.threshold;
        let first_gate = view.circuit.layers[self.layer_idx].gates.start as usize;
        let mut space = Vec::new();
        self.wrong.clear();
        for batch in batches {
            let mut wrong = [[0; 2]; BATCH];
            batch.read(&view.forward, self.layer_idx, self.gates.clone(), &mut space, |reading| {
                let gate_id = GateId((first_gate + reading.signal_idx) as u32);
                let truth = block_truth(view.circuit, gate_id, reading.block);
                let histogram = &mut self.histograms[view.circuit.gates[gate_id.0 as usize].complemented as usize];
                let statistics = &mut self.statistics[reading.signal_idx - self.gates.start];
                let missed = statistics.add(reading.readoffs, truth, threshold[reading.signal_idx], histogram);
                if missed != 0 {
                    let [any, outputs] = &mut wrong[reading.block_idx];
                    *any |= missed;
                    *outputs |= if view.is_output[gate_id.0 as usize] { missed } else { 0 };
                }
            });
            self.wrong.extend(wrong);
        }
    }
}

fn block_truth(circuit: &Circuit, gate_id: GateId, block: &InputBlock) -> BlockTruth {
    let operands = circuit.operands(gate_id);
    let (mut some, mut all) = (0, if operands.is_empty() { 0 } else { u64::MAX });
    for literal in operands {
        let word = block.word(literal.signal());
        some |= word;
        all &= word;
    }
    BlockTruth { valid: block.valid(), stored: block.word(circuit.gate_signal(gate_id)), some, all }
}

/// How many inputs of the round are right: in each layer, in all, in the outputs.
fn count_inputs(batches: &[Batch], tiles: &[Tile], counts: &mut Counts) {
    for (block_idx, block) in batches.iter().flat_map(Batch::blocks).enumerate() {
        let valid = block.valid();
        let (mut wrong, mut outputs) = (0, 0);
        let mut by_layer = vec![0; counts.n_layer_right.len()];
        for tile in tiles {
            by_layer[tile.layer_idx] |= tile.wrong[block_idx][0];
            wrong |= tile.wrong[block_idx][0];
            outputs |= tile.wrong[block_idx][1];
        }
        let n_right = |wrong: u64| u64::from((valid & !wrong).count_ones());
        counts.n_inputs += u64::from(valid.count_ones());
        counts.n_right += n_right(wrong);
        counts.n_outputs_right += n_right(outputs);
        for (count, wrong) in counts.n_layer_right.iter_mut().zip(by_layer) {
            *count += n_right(wrong);
        }
    }
}
