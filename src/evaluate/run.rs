//! The loop over inputs: draw, judge, run forward, read off, count.
//!
//! Inputs go in groups of three blocks of 64, so that the product's register tiles come out even. Within a group
//! everything is [signal or neuron, input]: a block's truths are the bits of one word, its read-offs one row.

use std::ops::Range;

use ndarray::Array2;
use rayon::prelude::*;

use super::histogram::Histogram;
use super::report::Counts;
use super::statistics::{BLOCK, BlockTruth, GateStatistics};
use super::{Error, Options};
use crate::circuit::inputs::enumerate::{self, Distinct};
use crate::circuit::inputs::sample::Sampler;
use crate::circuit::truth::Truth;
use crate::circuit::{Circuit, GateId, Inputs};
use crate::network::Network;
use crate::network::forward::{Activations, Forward, PANEL};
use crate::progress::{Progress, Watcher};

/// Blocks that are run forward and read off together.
const GROUP: usize = 3;

/// Gates that one task reads off: whole panels of `forward`.
const TILE: usize = 4 * PANEL;

/// What the activations of all groups of a batch may take, in floats.
const BATCH_FLOATS: usize = 16 << 20;

/// Three blocks of inputs, what is true of them and what the network makes of them.
struct Group {
    blocks: [Block; GROUP],
    /// Of GROUP · BLOCK inputs; where a block is short, the rest have nothing on.
    activations: Option<Activations>,
}

struct Block {
    inputs: Inputs,
    truth: Truth,
}

impl Block {
    /// A bit for each input that there is.
    fn valid(&self) -> u64 {
        let n = self.inputs.len();
        if n == BLOCK { u64::MAX } else { (1 << n) - 1 }
    }
}

/// Some gates of one layer, and what is known of them so far.
struct Tile<'a> {
    layer_idx: usize,
    /// Among the layer's gates.
    gates: Range<usize>,
    statistics: &'a mut [GateStatistics],
    /// Read-offs of stored signals: of plain gates, and of complemented ones.
    histograms: [Histogram; 2],
    /// By block of the batch: which inputs have a gate read wrong, and an output read wrong.
    wrong: Vec<[u64; 2]>,
}

/// What all tiles look at.
struct View<'a> {
    circuit: &'a Circuit,
    network: &'a Network,
    forward: Forward<'a>,
    /// By gate.
    is_output: &'a [bool],
}

/// Counts everything over all inputs that `options` ask for. Network and circuit must belong together.
pub(super) fn run(circuit: &Circuit, network: &Network, options: &Options, watcher: Watcher) -> Result<Counts, Error> {
    let source = Source::new(circuit, options)?;
    let mut is_output = vec![false; circuit.n_gates()];
    for gate_id in circuit.outputs.iter().filter_map(|&signal| circuit.as_gate(signal)) {
        is_output[gate_id.0 as usize] = true;
    }
    let view = View { circuit, network, forward: Forward::new(network), is_output: &is_output };
    let mut gates = vec![GateStatistics::default(); circuit.n_gates()];
    let mut tiles = tiles(circuit, &mut gates);
    let mut groups: Vec<Group> =
        (0..n_groups(circuit, network, source.n_inputs())).map(|_| Group::new(circuit)).collect();
    let mut counts = Counts {
        n_inputs: 0,
        n_right: 0,
        n_layer_right: vec![0; circuit.layers.len()],
        n_outputs_right: 0,
        gates: Vec::new(),
        histogram: Histogram::default(),
    };
    let (n_blocks, total) = (source.n_blocks(), source.n_inputs());
    for first_block in (0..n_blocks).step_by(groups.len() * GROUP) {
        let progress = Progress { total, ..Progress::of("evaluating", counts.n_inputs) };
        watcher(progress).go_on().map_err(Error::Stopped)?;
        let n_filled = ((n_blocks - first_block).div_ceil(GROUP as u64) as usize).min(groups.len());
        let groups = &mut groups[..n_filled];
        groups.par_iter_mut().enumerate().for_each(|(group_idx, group)| {
            group.fill(&source, first_block + (group_idx * GROUP) as u64, &view);
        });
        let groups = &*groups;
        tiles.par_iter_mut().for_each(|tile| tile.add(groups, &view));
        count_inputs(groups, &tiles, &mut counts);
    }
    for tile in &tiles {
        counts.histogram.merge(&tile.histograms[0], false);
        counts.histogram.merge(&tile.histograms[1], true);
    }
    drop(tiles);
    counts.gates = gates;
    if counts.n_inputs == 0 { Err(Error::NoInputs) } else { Ok(counts) }
}

/// Where inputs come from, in blocks of at most 64.
enum Source<'a> {
    Drawn { sampler: Sampler<'a>, seed: u64, samples: u64 },
    Listed(Distinct<'a>),
}

impl<'a> Source<'a> {
    fn new(circuit: &'a Circuit, options: &Options) -> Result<Source<'a>, Error> {
        Ok(if options.exhaustive {
            Source::Listed(enumerate::distinct_inputs(circuit)?)
        } else {
            Source::Drawn { sampler: Sampler::new(circuit)?, seed: options.seed, samples: options.samples }
        })
    }

    fn n_inputs(&self) -> u64 {
        match self {
            Source::Drawn { samples, .. } => *samples,
            Source::Listed(distinct) => distinct.n_inputs(),
        }
    }

    fn n_blocks(&self) -> u64 {
        self.n_inputs().div_ceil(BLOCK as u64)
    }

    /// Nothing behind the last block.
    fn block(&self, block_idx: u64) -> Inputs {
        let left = self.n_inputs().saturating_sub(block_idx * BLOCK as u64).min(BLOCK as u64) as usize;
        let mut inputs = Inputs::default();
        match self {
            _ if left == 0 => {}
            Source::Drawn { sampler, seed, .. } => sampler.extend(*seed, "eval", block_idx, left, &mut inputs),
            Source::Listed(distinct) => inputs = distinct.block(block_idx),
        }
        inputs
    }
}

/// How many groups a batch has: as many as there is work for, and as memory allows.
fn n_groups(circuit: &Circuit, network: &Network, n_inputs: u64) -> usize {
    let widths: usize = network.layers.iter().map(|layer| layer.block.weight().nrows()).sum();
    // A word of truth for 64 inputs weighs 2 floats.
    let floats = GROUP * (BLOCK * widths + 2 * circuit.n_signals());
    let wanted = n_inputs.div_ceil((GROUP * BLOCK) as u64).max(1);
    (BATCH_FLOATS / floats.max(1)).clamp(2, 16).min(wanted as usize)
}

impl Group {
    fn new(circuit: &Circuit) -> Group {
        let block = || Block { inputs: Inputs::default(), truth: Truth::new(circuit) };
        Group { blocks: std::array::from_fn(|_| block()), activations: None }
    }

    /// Takes the blocks from `first_block` on, with their truths and activations.
    fn fill(&mut self, source: &Source, first_block: u64, view: &View) {
        for (block_idx, block) in (first_block..).zip(&mut self.blocks) {
            block.inputs = source.block(block_idx);
            block.truth.evaluate(view.circuit, &block.inputs, 0..block.inputs.len());
        }
        let inputs: Vec<&[u32]> =
            self.blocks.iter().flat_map(|block| (0..BLOCK).map(|i| row(&block.inputs, i))).collect();
        self.activations = Some(view.forward.run(&inputs));
    }
}

/// The features that are on; none beyond the last input.
fn row(inputs: &Inputs, input_idx: usize) -> &[u32] {
    if input_idx < inputs.len() { inputs.get(input_idx) } else { &[] }
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
    /// Reads the gates off all inputs of the batch, and counts.
    fn add(&mut self, groups: &[Group], view: &View) {
        let layer = &view.network.layers[self.layer_idx];
        let first_gate = view.circuit.layers[self.layer_idx].gates.start as usize;
        let mut readoffs = Array2::<f32>::zeros((self.gates.len(), GROUP * BLOCK));
        self.wrong.clear();
        for group in groups {
            let activations = group.activations.as_ref().expect("a filled group has been evaluated");
            let activations = activations.layer(self.layer_idx);
            view.forward.read_off(self.layer_idx, self.gates.clone(), activations, readoffs.view_mut());
            let mut wrong = [[0; 2]; GROUP];
            for (row_idx, gate_idx) in self.gates.clone().enumerate() {
                let gate_id = GateId((first_gate + gate_idx) as u32);
                let row = readoffs.row(row_idx);
                let (blocks, _) = row.as_slice().expect("rows are contiguous").as_chunks::<BLOCK>();
                let histogram = &mut self.histograms[view.circuit.gates[gate_id.0 as usize].complemented as usize];
                for ((block, values), wrong) in group.blocks.iter().zip(blocks).zip(&mut wrong) {
                    let truth = block_truth(view.circuit, gate_id, block);
                    let threshold = layer.readoff.threshold[gate_idx];
                    let missed = self.statistics[row_idx].add(values, truth, threshold, histogram);
                    wrong[0] |= missed;
                    wrong[1] |= if view.is_output[gate_id.0 as usize] { missed } else { 0 };
                }
            }
            self.wrong.extend(wrong);
        }
    }
}

fn block_truth(circuit: &Circuit, gate_id: GateId, block: &Block) -> BlockTruth {
    let operands = circuit.operands(gate_id);
    let (mut some, mut all) = (0, if operands.is_empty() { 0 } else { u64::MAX });
    for literal in operands {
        let word = block.truth.word(literal.signal());
        some |= word;
        all &= word;
    }
    BlockTruth { valid: block.valid(), stored: block.truth.word(circuit.gate_signal(gate_id)), some, all }
}

/// How many inputs of the batch are right: in each layer, in all, in the outputs.
fn count_inputs(groups: &[Group], tiles: &[Tile], counts: &mut Counts) {
    for (block_idx, block) in groups.iter().flat_map(|group| &group.blocks).enumerate() {
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
