//! A group of inputs forward, the read-offs that miss their margin, and the gradient back to every layer.
//!
//! Of an input only the targets are looked at that read one of its active signals, and those of some others that may
//! miss, which is found out in 8 bits. A target that keeps its margin contributes nothing, so gradients are sparse: a
//! layer hears only of inputs with a miss in it or above. Groups see the same weights and are independent of one
//! another, so neither threads nor their number change a bit.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, s};

use super::others::Others;
use super::recipe::{GROUP, INNER_WEIGHT, quiet, slope};
use super::weights::{LayerWeights, Wiring};
use crate::circuit::truth::Truth;
use crate::circuit::{Circuit, Inputs, Signal};
use crate::compile::layer::LayerTask;
use crate::kernels::{self, CoarseInputs};
use crate::lists::Lists;
use crate::network::Loss;
use crate::random::Pcg64;

/// Parts into which the targets of a layer are split for updating.
pub const PARTS: usize = 4;

/// What does not change while fitting.
pub struct Frame {
    pub layers: Vec<LayerFrame>,
    /// The whitened dictionary, [features, padded coordinates], where inputs are stored.
    pub embedding: Option<Array2<f32>>,
    /// Whether what is read off may be negative: then nothing is screened.
    pub is_signed: bool,
    pub loss: Loss,
    /// Of a read-off that should be on.
    pub weight_on: f32,
}

/// The signals around one layer.
pub struct LayerFrame {
    targets: Vec<Signal>,
    /// Signals below: features alone, or what the layer below reads off, or on a stream both and all layers'.
    n_below: usize,
    /// By signal below, the targets that read it.
    readers: Lists<u32>,
    /// By target: whether its read-off must not pass its value either. Empty if nobody asks.
    is_bounded: Vec<bool>,
    /// What a read-off may be away from its value.
    pub margin: f32,
    /// Of a read-off that should be off with two operands on or more.
    hard_weight: f32,
    /// Of the layer's own read-offs in what flows to its neurons.
    weight: f32,
}

impl LayerFrame {
    pub fn new(task: &LayerTask, margin: f32, is_bounded: Vec<bool>, hard_weight: f32) -> LayerFrame {
        let operands = |target| task.operands(target).into_iter().map(|signal| task.column(signal));
        let readers = Lists::transposed(task.below.len(), (0..task.targets.len()).map(operands));
        let is_last = task.layer_idx + 1 == task.circuit.layers.len();
        LayerFrame {
            targets: task.targets.clone(),
            n_below: task.below.len(),
            readers,
            is_bounded: if is_bounded.contains(&true) { is_bounded } else { Vec::new() },
            margin,
            hard_weight,
            weight: if is_last { 1.0 } else { INNER_WEIGHT },
        }
    }

    fn is_bounded(&self, target_idx: usize) -> bool {
        self.is_bounded.get(target_idx).is_some_and(|&is_bounded| is_bounded)
    }

    /// Readings between which a target that is off has no slope.
    fn quiet(&self, target_idx: usize, loss: Loss) -> (f32, f32) {
        quiet(loss, self.margin, self.is_bounded(target_idx))
    }
}

/// A read-off that misses its margin.
#[derive(Clone, Copy)]
pub struct Miss {
    pub target: u32,
    /// The input, then the row that it has moved to.
    pub row: u32,
    /// dL/dy
    pub slope: f32,
}

/// [`GROUP`] inputs on their way.
pub struct Group {
    pub inputs: Inputs,
    truth: Truth,
    /// Stored inputs: [inputs, padded coordinates].
    embedded: Array2<f32>,
    /// Inputs with a miss: after [`Group::run`], row k of every matrix belongs to `busy[k]`. First those with a miss in
    /// the highest layer, then those in the one below: what a layer hears of is a prefix.
    pub busy: Vec<u32>,
    pub layers: Vec<GroupLayer>,
    others: Vec<u32>,
    /// So many of them, the first, were drawn blindly.
    n_blind: usize,
}

/// What a group makes of one layer.
pub struct GroupLayer {
    /// h: [inputs, padded n]
    pub h: Array2<f32>,
    /// dL/dh, then dL/dz: the same shape.
    pub dz: Array2<f32>,
    /// What stands above the layer, where layers add to a stream: there it is read.
    stream: Option<Above>,
    /// What is read off the layer below, [inputs, signals]; only for [`Wiring::Factored`].
    read: Array2<f32>,
    /// By part of the targets.
    pub misses: [Vec<Miss>; PARTS],
    /// Inputs with a miss here, one bit each, and how many have one here or above.
    missed: u64,
    n_busy: usize,
    pub n_missed_readers: usize,
    pub n_missed_blind: usize,
    pub missed_others: Vec<u32>,
    /// By input, the targets that are on.
    on: Vec<Vec<u32>>,
    /// h, for whoever only asks whether a reading may be large.
    coarse: CoarseInputs,
    /// By input, the others that may miss: their places among the others, ascending.
    suspects: Vec<Vec<usize>>,
    candidates: Candidates,
    readings: Vec<f32>,
}

/// A stream above a layer: x, and dL/dx. [inputs, padded d]
struct Above {
    x: Array2<f32>,
    dx: Array2<f32>,
}

/// The targets that one input looks at, each once.
struct Candidates {
    targets: Vec<u32>,
    /// By target, one bit: in the first cache, even where targets are many.
    taken: Vec<u64>,
    /// Those that were added more than once.
    twice: Vec<u64>,
}

impl Candidates {
    fn of(n_targets: usize) -> Candidates {
        let none = vec![0; n_targets.div_ceil(64)];
        Candidates { targets: Vec::new(), taken: none.clone(), twice: none }
    }

    fn clear(&mut self) {
        self.targets.drain(..).for_each(|target| {
            self.taken[target as usize / 64] = 0;
            self.twice[target as usize / 64] = 0;
        });
    }

    fn add(&mut self, targets: &[u32]) {
        for &target in targets {
            let (word, bit) = (target as usize / 64, 1 << (target % 64));
            if self.taken[word] & bit == 0 {
                self.taken[word] |= bit;
                self.targets.push(target);
            } else {
                self.twice[word] |= bit;
            }
        }
    }

    fn is_twice(&self, target: u32) -> bool {
        self.twice[target as usize / 64] >> (target % 64) & 1 == 1
    }
}

impl Group {
    pub fn new(circuit: &Circuit, frame: &Frame, weights: &[LayerWeights]) -> Group {
        let layers = weights.iter().zip(&frame.layers).map(|(weights, frame)| {
            let shape = (GROUP, weights.bias.len());
            let n_read = if let Wiring::Factored { compute, .. } = &weights.wiring { compute.ncols() } else { 0 };
            let above = || Array2::zeros((GROUP, weights.readoffs.rows.ncols()));
            GroupLayer {
                h: Array2::zeros(shape),
                dz: Array2::zeros(shape),
                stream: weights.writes.is_some().then(|| Above { x: above(), dx: above() }),
                read: Array2::zeros((GROUP, n_read)),
                misses: Default::default(),
                missed: 0,
                n_busy: 0,
                n_missed_readers: 0,
                n_missed_blind: 0,
                missed_others: Vec::new(),
                on: vec![Vec::new(); GROUP],
                coarse: CoarseInputs::default(),
                suspects: vec![Vec::new(); GROUP],
                candidates: Candidates::of(frame.targets.len()),
                readings: Vec::new(),
            }
        });
        let n_coordinates = frame.embedding.as_ref().map_or(0, |embedding| embedding.ncols());
        Group {
            inputs: Inputs::default(),
            truth: Truth::new(circuit),
            embedded: Array2::zeros((GROUP, n_coordinates)),
            busy: Vec::new(),
            layers: layers.collect(),
            others: Vec::new(),
            n_blind: 0,
        }
    }

    /// Forward and back through the lowest layers, as many as `others` has.
    pub fn run(
        &mut self,
        circuit: &Circuit,
        frame: &Frame,
        weights: &[LayerWeights],
        others: &[Others],
        rng: &mut Pcg64,
    ) {
        self.truth.evaluate(circuit, &self.inputs, 0..self.inputs.len());
        for layer_idx in 0..others.len() {
            self.forward(layer_idx, frame, weights);
        }
        for (layer_idx, others) in others.iter().enumerate() {
            self.n_blind = others.draw(rng, &mut self.others);
            self.screen_others(layer_idx, frame, &weights[layer_idx]);
            self.read_off(layer_idx, frame, &weights[layer_idx]);
        }
        self.keep_busy(others.len());
        for layer_idx in (0..others.len()).rev() {
            self.back(layer_idx, weights);
        }
    }

    fn forward(&mut self, layer_idx: usize, frame: &Frame, weights: &[LayerWeights]) {
        let layer_weights = &weights[layer_idx];
        let (lower, upper) = self.layers.split_at_mut(layer_idx);
        let layer = &mut upper[0];
        if let (0, Some(embedding)) = (layer_idx, &frame.embedding) {
            let zero = vec![0.0; embedding.ncols()];
            for (mut row, active) in self.embedded.rows_mut().into_iter().zip(self.inputs.iter()) {
                kernels::sum_columns(&zero, embedding.view(), active, row.as_slice_mut().expect("row-major"));
            }
        }
        let below = lower.last().map_or(&self.embedded, GroupLayer::read_off);
        match &layer_weights.wiring {
            Wiring::Columns { by_feature, .. } => {
                for (mut h, active) in layer.h.rows_mut().into_iter().zip(self.inputs.iter()) {
                    let h = h.as_slice_mut().expect("row-major");
                    kernels::sum_columns_relu(&layer_weights.bias, by_feature.view(), active, h);
                }
            }
            Wiring::Dense { weight, .. } => {
                fill_rows(&mut layer.h, &layer_weights.bias);
                kernels::product(below.view(), weight.t(), layer.h.view_mut());
                kernels::relu_in_place(layer.h.as_slice_mut().expect("row-major"));
            }
            Wiring::Factored { compute, .. } => {
                let readoffs = &weights[layer_idx - 1].readoffs;
                fill_rows(&mut layer.read, &readoffs.offsets);
                kernels::product(below.view(), readoffs.rows.t(), layer.read.view_mut());
                fill_rows(&mut layer.h, &layer_weights.bias);
                kernels::product(layer.read.view(), compute.t(), layer.h.view_mut());
                kernels::relu_in_place(layer.h.as_slice_mut().expect("row-major"));
            }
        }
        if let (Some(writes), Some(stream)) = (&layer_weights.writes, &mut layer.stream) {
            stream.x.fill(0.0);
            stream.x.slice_mut(s![.., ..below.ncols()]).assign(below);
            writes.add(layer.h.view(), stream.x.view_mut());
        }
    }

    /// dL/dh of the layer's own read-offs, and which of them missed.
    fn read_off(&mut self, layer_idx: usize, frame: &Frame, weights: &LayerWeights) {
        let (loss, weight_on) = (frame.loss, frame.weight_on);
        let (frames_below, frame) = (&frame.layers[..layer_idx], &frame.layers[layer_idx]);
        let (lower, upper) = self.layers.split_at_mut(layer_idx);
        let layer = &mut upper[0];
        let part_length = frame.targets.len().div_ceil(PARTS);
        layer.misses.iter_mut().for_each(Vec::clear);
        (layer.n_missed_readers, layer.n_missed_blind) = (0, 0);
        layer.missed_others.clear();
        layer.missed = 0;
        layer.find_on(&frame.targets, &self.truth);
        let (read, d_read) = match &mut layer.stream {
            Some(stream) => (&stream.x, &mut stream.dx),
            None => (&layer.h, &mut layer.dz),
        };
        let is_residual = weights.writes.is_some();
        for input in 0..self.inputs.len() {
            let candidates = &mut layer.candidates;
            candidates.clear();
            candidates.add(&layer.on[input]);
            let n_on = candidates.targets.len();
            let mut add_readers = |active: &[u32], first: usize| {
                active.iter().for_each(|&signal| candidates.add(frame.readers.get(first + signal as usize)));
            };
            match lower.last() {
                Some(below) if !is_residual => add_readers(&below.on[input], 0),
                _ => {
                    add_readers(self.inputs.get(input), 0);
                    for (below, frame) in lower.iter().zip(frames_below) {
                        add_readers(&below.on[input], frame.n_below);
                    }
                }
            }
            let n_readers = candidates.targets.len();
            // Of the others, only those that were drawn blindly tell how many miss.
            let mut n_not_caught = n_readers;
            for &place in &layer.suspects[input] {
                candidates.add(&self.others[place..=place]);
                if place < self.n_blind {
                    n_not_caught = candidates.targets.len();
                }
            }
            layer.readings.resize(candidates.targets.len(), 0.0);
            let read = read.row(input).to_slice().expect("row-major");
            kernels::dots(read, weights.readoffs.rows.view(), &candidates.targets, &mut layer.readings);
            let mut d_read = d_read.row_mut(input);
            let d_read = d_read.as_slice_mut().expect("row-major");
            for (place, (&target, reading)) in candidates.targets.iter().zip(&layer.readings).enumerate() {
                let target_idx = target as usize;
                let reading = reading + weights.readoffs.offsets[target_idx];
                let (low, high) = frame.quiet(target_idx, loss);
                if place >= n_on && low <= reading && reading <= high {
                    continue;
                }
                // The others are no operand's.
                let is_hard = place < n_readers && place >= n_on && candidates.is_twice(target);
                let class_weight = match place < n_on {
                    true => weight_on,
                    false if is_hard => frame.hard_weight,
                    false => 1.0,
                };
                let is_bounded = frame.is_bounded(target_idx);
                let slope = class_weight * slope(loss, reading, place < n_on, frame.margin, is_bounded);
                if slope != 0.0 {
                    if layer.missed >> input & 1 == 0 {
                        layer.missed |= 1 << input;
                        d_read.fill(0.0);
                    }
                    layer.misses[target_idx / part_length].push(Miss { target, row: input as u32, slope });
                    let row = weights.readoffs.rows.row(target_idx);
                    kernels::axpy(frame.weight * slope, row.to_slice().expect("row-major"), d_read);
                    if place < n_readers {
                        layer.n_missed_readers += 1;
                    } else {
                        layer.n_missed_blind += usize::from(place < n_not_caught);
                        layer.missed_others.push(target);
                    }
                }
            }
        }
    }

    /// Which of the others may miss their margin, input by input.
    fn screen_others(&mut self, layer_idx: usize, frame: &Frame, weights: &LayerWeights) {
        let loss = frame.loss;
        let is_signed = frame.is_signed;
        let frame = &frame.layers[layer_idx];
        let layer = &mut self.layers[layer_idx];
        layer.suspects.iter_mut().for_each(Vec::clear);
        if is_signed {
            layer.suspects.iter_mut().for_each(|suspects| suspects.extend(0..self.others.len()));
            return;
        }
        let read = layer.stream.as_ref().map_or(&layer.h, |stream| &stream.x);
        layer.coarse.set(read.slice(s![..self.inputs.len(), ..]));
        for (place, &target) in self.others.iter().enumerate() {
            let target = target as usize;
            let (low, high) = frame.quiet(target, loss);
            let offset = weights.readoffs.offsets[target];
            let mut suspects = weights.readoffs.coarse.outside(target, &layer.coarse, (low - offset, high - offset));
            while suspects != 0 {
                layer.suspects[suspects.trailing_zeros() as usize].push(place);
                suspects &= suspects - 1;
            }
        }
    }

    /// Moves the inputs with a miss in any layer to the front; the rest has nothing more to say.
    fn keep_busy(&mut self, n_layers: usize) {
        let layers = &mut self.layers[..n_layers];
        self.busy.clear();
        let mut heard = 0;
        for layer in layers.iter_mut().rev() {
            let new = layer.missed & !heard;
            heard |= new;
            self.busy.extend((0..GROUP as u32).filter(|input| new >> input & 1 == 1));
            layer.n_busy = self.busy.len();
        }
        // By row, the input that is there, and the other way round.
        let mut input_at: [u32; GROUP] = std::array::from_fn(|row| row as u32);
        let mut row_of = input_at;
        for (row, &input) in self.busy.iter().enumerate() {
            let from = row_of[input as usize] as usize;
            for layer in &mut *layers {
                swap_rows(&mut layer.h, from, row);
                swap_rows(&mut layer.dz, from, row);
                swap_rows(&mut layer.read, from, row);
                if let Some(Above { x, dx }) = &mut layer.stream {
                    swap_rows(x, from, row);
                    swap_rows(dx, from, row);
                }
            }
            swap_rows(&mut self.embedded, from, row);
            input_at.swap(from, row);
            (row_of[input_at[from] as usize], row_of[input as usize]) = (from as u32, row as u32);
        }
        for layer in layers {
            layer.misses.iter_mut().flatten().for_each(|miss| miss.row = row_of[miss.row as usize]);
            for (row, &input) in self.busy[..layer.n_busy].iter().enumerate() {
                if layer.missed >> input & 1 == 0 {
                    layer.stream.as_mut().map_or(&mut layer.dz, |stream| &mut stream.dx).row_mut(row).fill(0.0);
                }
            }
        }
    }

    /// dL/dh, or dL/dx of the stream above, to dL/dz, and on to what is below.
    fn back(&mut self, layer_idx: usize, weights: &[LayerWeights]) {
        let (lower, upper) = self.layers.split_at_mut(layer_idx);
        let layer = &mut upper[0];
        let rows = s![..layer.n_busy, ..];
        let mut dz = layer.dz.slice_mut(rows);
        if let (Some(writes), Some(stream)) = (&weights[layer_idx].writes, &layer.stream) {
            writes.back(stream.dx.slice(rows), dz.view_mut());
        }
        dz.zip_mut_with(&layer.h.slice(rows), |dz, &h| *dz = if h > 0.0 { *dz } else { 0.0 });
        let Some(below) = lower.last_mut() else { return };
        let mut d_below = match (&layer.stream, &mut below.stream) {
            (Some(above), Some(below)) => {
                let mut dx = below.dx.slice_mut(rows);
                dx += &above.dx.slice(s![..layer.n_busy, ..dx.ncols()]);
                dx
            }
            _ => below.dz.slice_mut(rows),
        };
        match &weights[layer_idx].wiring {
            Wiring::Columns { .. } => {}
            Wiring::Dense { weight, .. } => kernels::product(dz.view(), weight.view(), d_below.view_mut()),
            // The read-off below is moved by its own misses alone.
            Wiring::Factored { compute, .. } => {
                let mut read_gradient = Array2::zeros((layer.n_busy, compute.ncols()));
                kernels::product(dz.view(), compute.view(), read_gradient.view_mut());
                let readoff = &weights[layer_idx - 1].readoffs.rows;
                kernels::product(read_gradient.view(), readoff.view(), d_below.view_mut());
            }
        }
    }

    /// dL/dz of the inputs that a layer hears of.
    pub fn gradients(&self, layer_idx: usize) -> ArrayView2<'_, f32> {
        let layer = &self.layers[layer_idx];
        layer.dz.slice(s![..layer.n_busy, ..])
    }

    /// dL/dx of some coordinates of the stream above a layer, and the neurons that write to them, of the same inputs.
    pub fn written(&self, layer_idx: usize, coordinates: Range<usize>) -> (ArrayView2<'_, f32>, ArrayView2<'_, f32>) {
        let layer = &self.layers[layer_idx];
        let stream = layer.stream.as_ref().expect("whoever writes writes to a stream");
        (stream.dx.slice(s![..layer.n_busy, coordinates]), layer.h.slice(s![..layer.n_busy, ..]))
    }

    /// What the wiring of a layer reads of the same inputs.
    pub fn sources(&self, layer_idx: usize, wiring: &Wiring) -> ArrayView2<'_, f32> {
        let all = match (wiring, layer_idx.checked_sub(1)) {
            (Wiring::Factored { .. }, _) => &self.layers[layer_idx].read,
            (_, Some(below)) => self.layers[below].read_off(),
            (_, None) => &self.embedded,
        };
        all.slice(s![..self.layers[layer_idx].n_busy, ..])
    }
}

impl GroupLayer {
    /// Its neurons, or the stream above them: [inputs, padded].
    pub fn read_off(&self) -> &Array2<f32> {
        self.stream.as_ref().map_or(&self.h, |stream| &stream.x)
    }

    fn find_on(&mut self, targets: &[Signal], truth: &Truth) {
        self.on.iter_mut().for_each(Vec::clear);
        for (&signal, target) in targets.iter().zip(0..) {
            let mut word = truth.word(signal);
            while word != 0 {
                self.on[word.trailing_zeros() as usize].push(target);
                word &= word - 1;
            }
        }
    }
}

fn swap_rows(matrix: &mut Array2<f32>, a: usize, b: usize) {
    let n = matrix.ncols();
    if a != b {
        let (lower, upper) = matrix.as_slice_mut().expect("row-major").split_at_mut(a.max(b) * n);
        lower[a.min(b) * n..][..n].swap_with_slice(&mut upper[..n]);
    }
}

fn fill_rows(matrix: &mut Array2<f32>, row: &[f32]) {
    for mut target in matrix.rows_mut() {
        target.as_slice_mut().expect("row-major").copy_from_slice(row);
    }
}
