//! Blocks of inputs, what is true of them, and what a network makes of them: where read-offs meet the truth.
//!
//! Everything is [signal or neuron, input]: a block's truths are the bits of one word, its read-offs one row. Must not
//! know where inputs come from, nor what is counted.

use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::circuit::truth::Truth;
use crate::circuit::{Circuit, GateId, Inputs, Signal};
use crate::network::forward::{Activations, Forward, LayerActivations, PANEL};

/// Inputs per block: the bits of a machine word.
pub const BLOCK: usize = 64;

/// Signals that are best read off at a time: whole panels of [`Forward`].
pub const TILE: usize = 4 * PANEL;

/// At most 64 inputs, and what is true of them.
#[derive(Debug, Clone)]
pub struct InputBlock {
    inputs: Inputs,
    truth: Truth,
}

/// Some blocks that are run forward and read off together.
#[derive(Debug, Clone)]
pub struct Batch {
    blocks: Vec<InputBlock>,
    /// Of BLOCK inputs for each block; where a block is short, the rest have nothing on.
    activations: Option<Activations>,
}

/// What one signal reads on one block.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Among what the layer reads off.
    pub signal_idx: usize,
    /// Among the blocks of the batch.
    pub block_idx: usize,
    pub block: &'a InputBlock,
    /// Only those of inputs that there are mean anything.
    pub readoffs: &'a [f32; BLOCK],
}

impl InputBlock {
    /// Without inputs.
    pub fn new(circuit: &Circuit) -> InputBlock {
        InputBlock { inputs: Inputs::default(), truth: Truth::new(circuit) }
    }

    /// Takes these inputs, at most 64, in the place of those before; `circuit` is the one that `new` was given.
    pub fn fill(&mut self, circuit: &Circuit, inputs: Inputs) {
        self.truth.evaluate(circuit, &inputs, 0..inputs.len());
        self.inputs = inputs;
    }

    pub fn n_inputs(&self) -> usize {
        self.inputs.len()
    }

    /// A bit for each input that there is.
    pub fn valid(&self) -> u64 {
        let n = self.inputs.len();
        if n == BLOCK { u64::MAX } else { (1 << n) - 1 }
    }

    /// The stored value of a signal: bit i is the i-th input.
    pub fn word(&self, signal: Signal) -> u64 {
        self.truth.word(signal)
    }

    /// The features that are on; none beyond the last input.
    pub fn active(&self, input_idx: usize) -> &[u32] {
        if input_idx < self.inputs.len() { self.inputs.get(input_idx) } else { &[] }
    }
}

impl Batch {
    /// To be filled. Memory is reused from filling to filling.
    pub fn new(circuit: &Circuit, n_blocks: usize) -> Batch {
        Batch { blocks: vec![InputBlock::new(circuit); n_blocks], activations: None }
    }

    /// Takes the inputs that `draw` gives for each block, at most 64, and runs the network on them.
    pub fn fill(&mut self, circuit: &Circuit, forward: &Forward, draw: impl Fn(usize) -> Inputs) {
        for (block_idx, block) in self.blocks.iter_mut().enumerate() {
            block.fill(circuit, draw(block_idx));
        }
        let inputs: Vec<&[u32]> =
            self.blocks.iter().flat_map(|block| (0..BLOCK).map(|input_idx| block.active(input_idx))).collect();
        self.activations = Some(forward.run(&inputs));
    }

    /// Takes at most 64 inputs, runs the network on them and hands on what one gate reads there. The batch must be one
    /// of a single block.
    pub fn read_gate(
        &mut self,
        circuit: &Circuit,
        forward: &Forward,
        gate: GateId,
        inputs: &Inputs,
        act: impl FnMut(Reading),
    ) {
        let (layer_idx, signal_idx) = circuit.place(gate);
        self.fill(circuit, forward, |_| inputs.clone());
        self.read(forward, layer_idx, signal_idx..signal_idx + 1, &mut Vec::new(), act);
    }

    pub fn blocks(&self) -> &[InputBlock] {
        &self.blocks
    }

    /// h of a layer, [n_l, inputs]: 64 for each block, the rest of a short one with nothing on.
    ///
    /// Panics when the batch was never filled.
    pub fn activations(&self, layer_idx: usize) -> ArrayView2<'_, f32> {
        self.of_layer(layer_idx).values()
    }

    /// What a layer hands up likewise: its neurons, or the stream above it, [d, inputs].
    ///
    /// Panics when the batch was never filled.
    pub fn above(&self, layer_idx: usize) -> ArrayView2<'_, f32> {
        self.of_layer(layer_idx).above()
    }

    /// The stream below all layers by input, [inputs, d]; `None` where there is no stream.
    ///
    /// Panics when the batch was never filled.
    pub fn entering(&self) -> Option<ArrayView2<'_, f32>> {
        self.filled().entering()
    }

    fn of_layer(&self, layer_idx: usize) -> &LayerActivations {
        self.filled().layer(layer_idx)
    }

    fn filled(&self) -> &Activations {
        self.activations.as_ref().expect("a batch is filled before it is read")
    }

    /// Reads some signals of a layer off all inputs and hands them on, signal by signal, block by block. `forward` is
    /// the one that the batch was filled with, or another of the same neurons; `space` is reused from call to call.
    ///
    /// Panics when the batch was never filled or the signals are out of range.
    pub fn read(
        &self,
        forward: &Forward,
        layer_idx: usize,
        signals: Range<usize>,
        space: &mut Vec<f32>,
        mut act: impl FnMut(Reading),
    ) {
        let activations = self.of_layer(layer_idx);
        let n_inputs = self.blocks.len() * BLOCK;
        space.resize(signals.len().min(TILE) * n_inputs, 0.0);
        for start in signals.clone().step_by(TILE) {
            let tile = start..signals.end.min(start + TILE);
            let readoffs = &mut space[..tile.len() * n_inputs];
            let mut readoffs = ArrayViewMut2::from_shape((tile.len(), n_inputs), readoffs).expect("rows by columns");
            forward.read_off(layer_idx, tile.clone(), activations, readoffs.view_mut());
            for (signal_idx, row) in tile.zip(readoffs.rows()) {
                let (by_block, _) = row.to_slice().expect("rows are contiguous").as_chunks::<BLOCK>();
                for (block_idx, (block, readoffs)) in self.blocks.iter().zip(by_block).enumerate() {
                    act(Reading { signal_idx, block_idx, block, readoffs });
                }
            }
        }
    }
}

impl Reading<'_> {
    /// The inputs on which the read-off lies on the wrong side of `threshold`, if `signal` is what should be read.
    pub fn wrong(&self, signal: Signal, threshold: f32) -> u64 {
        let inputs = self.readoffs.iter().enumerate();
        let on = inputs.fold(0, |on, (input_idx, &readoff)| on | u64::from(readoff > threshold) << input_idx);
        (on ^ self.block.word(signal)) & self.block.valid()
    }

    /// |read-off − truth| of each input, if `signal` is what should be read: infinite where the read-off is no number,
    /// 0 beyond the last input.
    pub fn errors(&self, signal: Signal) -> [f32; BLOCK] {
        let (word, valid) = (self.block.word(signal), self.block.valid());
        std::array::from_fn(|input_idx| {
            let error = (self.readoffs[input_idx] - (word >> input_idx & 1) as f32).abs();
            match valid >> input_idx & 1 {
                0 => 0.0,
                _ if error.is_nan() => f32::INFINITY,
                _ => error,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::circuit::by_hand;
    use crate::network::matrix::Matrix;
    use crate::network::{Block, Factors, Layer, Readoff, Relu};

    /// A layer whose neurons are the features, and which reads off more than a tile: each feature again and again.
    fn copies(n_features: usize, n_signals: usize) -> Vec<Layer> {
        let weight = Array2::eye(n_features);
        let matrix = Array2::from_shape_fn((n_signals, n_features), |(i, j)| f32::from(i % n_features == j));
        vec![Layer {
            name: "0".into(),
            factors: Factors { compute: Matrix::Dense(weight.clone()), decompress: None, written: None },
            block: Block::Relu(Relu { weight, bias: vec![0.0; n_features] }),
            readoff: Readoff {
                matrix: Matrix::Dense(matrix),
                bias: vec![0.0; n_signals],
                threshold: vec![0.5; n_signals],
                signals: Vec::new(),
                n_gates: n_signals,
            },
        }]
    }

    #[test]
    fn every_signal_is_read_beside_its_truth_on_every_block() {
        let circuit = by_hand::ring_of_pairs(10);
        let layers = copies(10, TILE + 30);
        let forward = Forward::of_layers(None, &layers);
        let mut batch = Batch::new(&circuit, 3);
        // The second block is short, the third empty.
        let draw = |block_idx: usize| {
            let mut inputs = Inputs::default();
            (0..[64, 5, 0][block_idx] as u32).for_each(|input_idx| inputs.push([input_idx % 10]));
            inputs
        };
        batch.fill(&circuit, &forward, draw);
        assert_eq!(batch.blocks().iter().map(InputBlock::valid).collect::<Vec<_>>(), [!0, 31, 0]);
        let mut next = 20;
        batch.read(&forward, 0, 20..TILE + 25, &mut Vec::new(), |reading| {
            assert_eq!(3 * reading.signal_idx + reading.block_idx, 3 * 20 + next - 20);
            next += 1;
            let feature = Signal(reading.signal_idx as u32 % 10);
            assert_eq!(reading.wrong(feature, 0.5), 0);
            assert_eq!(reading.wrong(feature, 1.5), reading.block.word(feature));
            assert_eq!(reading.wrong(feature, -0.5), !reading.block.word(feature) & reading.block.valid());
            assert_eq!(reading.errors(feature), [0.0; BLOCK]);
            // Another feature is read one off where one of the two is on.
            let other = Signal((feature.0 + 1) % 10);
            let off_by_one = reading.block.word(feature) ^ reading.block.word(other);
            let bits = |word: u64| std::array::from_fn(|input_idx| (word >> input_idx & 1) as f32);
            assert_eq!(reading.errors(other), bits(off_by_one));
            let nothing = Reading { readoffs: &[f32::NAN; BLOCK], ..reading };
            let infinite_where_valid =
                bits(reading.block.valid()).map(|bit| if bit == 1.0 { f32::INFINITY } else { 0.0 });
            assert_eq!(nothing.errors(feature), infinite_where_valid);
        });
        assert_eq!(next - 20, 3 * (TILE + 5));
    }
}
