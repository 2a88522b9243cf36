//! A group of inputs forward, the read-offs that miss their margin, and the gradient back to every layer.
//!
//! Of an input only the targets are looked at that read one of its active signals, one dot product each, and some
//! others, in one matrix product for the group. A target that keeps its margin contributes nothing, so gradients are
//! sparse: inputs without a miss go no further than the read-offs. Groups see the same weights and are independent of one another, so neither threads nor their number
//! change a bit.

use ndarray::{Array2, ArrayView2, Axis, s};

use super::others::Others;
use super::recipe::{GROUP, INNER_WEIGHT, Loss};
use super::weights::{LayerWeights, Wiring};
use crate::circuit::lists::Lists;
use crate::circuit::truth::Truth;
use crate::circuit::{Circuit, Inputs, Signal};
use crate::compile::code::LayerTask;
use crate::kernels;
use crate::random::Pcg64;

/// Parts into which the targets of a layer are split for updating.
pub const PARTS: usize = 4;

/// What does not change while fitting.
pub struct Frame {
    pub layers: Vec<LayerFrame>,
    /// The whitened dictionary, [features, padded coordinates], where inputs are stored.
    pub embedding: Option<Array2<f32>>,
    pub loss: Loss,
}

/// The signals around one layer.
pub struct LayerFrame {
    targets: Vec<Signal>,
    /// By signal below, the targets that read it.
    readers: Lists<u32>,
    /// By target: whether its read-off must not pass its value either. Empty if nobody asks.
    is_bounded: Vec<bool>,
    /// Of the layer's own read-offs in what flows to its neurons.
    weight: f32,
}

impl LayerFrame {
    pub fn new(task: &LayerTask, is_bounded: Vec<bool>) -> LayerFrame {
        let operands = |target| task.operands(target).into_iter().map(|signal| task.column(signal));
        let readers = Lists::transposed(task.below.len(), (0..task.targets.len()).map(operands));
        let is_last = task.layer_idx + 1 == task.circuit.layers.len();
        LayerFrame {
            targets: task.targets.clone(),
            readers,
            is_bounded: if is_bounded.contains(&true) { is_bounded } else { Vec::new() },
            weight: if is_last { 1.0 } else { INNER_WEIGHT },
        }
    }

    fn is_bounded(&self, target_idx: usize) -> bool {
        self.is_bounded.get(target_idx).is_some_and(|&is_bounded| is_bounded)
    }

    /// A target that is off and reads no more than this has no slope.
    fn quiet(&self, target_idx: usize, loss: Loss) -> f32 {
        if self.is_bounded(target_idx) { f32::NEG_INFINITY } else { loss.quiet() }
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
    /// Inputs with a miss, ascending: after [`Group::run`], row k of every matrix belongs to `busy[k]`.
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
    /// What is read off the layer below, [inputs, signals]; only for [`Wiring::Factored`].
    read: Array2<f32>,
    /// By part of the targets.
    pub misses: [Vec<Miss>; PARTS],
    pub n_missed_readers: usize,
    pub n_missed_blind: usize,
    pub missed_others: Vec<u32>,
    /// By input, the targets that are on.
    on: Vec<Vec<u32>>,
    /// By input, the others that may miss: their places among the others, and their readings without offset.
    loud: Vec<Vec<(usize, f32)>>,
    candidates: Candidates,
    readings: Vec<f32>,
}

/// The targets that one input looks at, each once.
struct Candidates {
    targets: Vec<u32>,
    /// By target, one bit: in the first cache, even where targets are many.
    taken: Vec<u64>,
}

impl Candidates {
    fn clear(&mut self) {
        self.targets.drain(..).for_each(|target| self.taken[target as usize / 64] = 0);
    }

    fn add(&mut self, targets: &[u32]) {
        for &target in targets {
            let (word, bit) = (&mut self.taken[target as usize / 64], 1 << (target % 64));
            if *word & bit == 0 {
                *word |= bit;
                self.targets.push(target);
            }
        }
    }
}

impl Group {
    pub fn new(circuit: &Circuit, frame: &Frame, weights: &[LayerWeights]) -> Group {
        let layers = weights.iter().zip(&frame.layers).map(|(weights, frame)| {
            let shape = (GROUP, weights.bias.len());
            let n_read = if let Wiring::Factored { compute, .. } = &weights.wiring { compute.ncols() } else { 0 };
            GroupLayer {
                h: Array2::zeros(shape),
                dz: Array2::zeros(shape),
                read: Array2::zeros((GROUP, n_read)),
                misses: Default::default(),
                n_missed_readers: 0,
                n_missed_blind: 0,
                missed_others: Vec::new(),
                on: vec![Vec::new(); GROUP],
                loud: vec![Vec::new(); GROUP],
                candidates: Candidates { targets: Vec::new(), taken: vec![0; frame.targets.len().div_ceil(64)] },
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
            self.hear_others(layer_idx, frame, &weights[layer_idx]);
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
        match &layer_weights.wiring {
            Wiring::Columns { by_feature, .. } => {
                for (mut h, active) in layer.h.rows_mut().into_iter().zip(self.inputs.iter()) {
                    let h = h.as_slice_mut().expect("row-major");
                    kernels::sum_columns_relu(&layer_weights.bias, by_feature.view(), active, h);
                }
                return;
            }
            Wiring::Dense { weight, .. } => {
                if let (0, Some(embedding)) = (layer_idx, &frame.embedding) {
                    let zero = vec![0.0; embedding.ncols()];
                    for (mut row, active) in self.embedded.rows_mut().into_iter().zip(self.inputs.iter()) {
                        let row = row.as_slice_mut().expect("row-major");
                        kernels::sum_columns(&zero, embedding.view(), active, row);
                    }
                }
                let below = lower.last().map_or(&self.embedded, |below| &below.h);
                fill_rows(&mut layer.h, &layer_weights.bias);
                kernels::product(below.view(), weight.t(), layer.h.view_mut());
            }
            Wiring::Factored { compute, .. } => {
                let below = &weights[layer_idx - 1];
                fill_rows(&mut layer.read, &below.offsets);
                kernels::product(lower[layer_idx - 1].h.view(), below.readoff.t(), layer.read.view_mut());
                fill_rows(&mut layer.h, &layer_weights.bias);
                kernels::product(layer.read.view(), compute.t(), layer.h.view_mut());
            }
        }
        kernels::relu_in_place(layer.h.as_slice_mut().expect("row-major"));
    }

    /// dL/dh of the layer's own read-offs, and which of them missed.
    fn read_off(&mut self, layer_idx: usize, frame: &Frame, weights: &LayerWeights) {
        let loss = frame.loss;
        let frame = &frame.layers[layer_idx];
        let (lower, upper) = self.layers.split_at_mut(layer_idx);
        let layer = &mut upper[0];
        let part_length = frame.targets.len().div_ceil(PARTS);
        layer.misses.iter_mut().for_each(Vec::clear);
        (layer.n_missed_readers, layer.n_missed_blind) = (0, 0);
        layer.missed_others.clear();
        layer.dz.fill(0.0);
        layer.find_on(&frame.targets, &self.truth);
        for input in 0..self.inputs.len() {
            let candidates = &mut layer.candidates;
            candidates.clear();
            candidates.add(&layer.on[input]);
            let n_on = candidates.targets.len();
            let active = lower.last().map_or(self.inputs.get(input), |below| &below.on[input]);
            active.iter().for_each(|&signal| candidates.add(frame.readers.get(signal as usize)));
            let n_readers = candidates.targets.len();
            layer.readings.resize(n_readers, 0.0);
            let h = layer.h.row(input).to_slice().expect("row-major");
            kernels::dots(h, weights.readoff.view(), &candidates.targets, &mut layer.readings);
            let mut n_not_caught = n_readers;
            for &(place, reading) in &layer.loud[input] {
                let n_so_far = candidates.targets.len();
                candidates.add(&self.others[place..=place]);
                if candidates.targets.len() > n_so_far {
                    layer.readings.push(reading);
                    n_not_caught += usize::from(place < self.n_blind);
                }
            }
            let mut dz = layer.dz.row_mut(input);
            let dz = dz.as_slice_mut().expect("row-major");
            for (place, (&target, reading)) in candidates.targets.iter().zip(&layer.readings).enumerate() {
                let target_idx = target as usize;
                let reading = reading + weights.offsets[target_idx];
                if place >= n_on && reading <= frame.quiet(target_idx, loss) {
                    continue;
                }
                let slope = loss.slope(reading, place < n_on, frame.is_bounded(target_idx));
                if slope != 0.0 {
                    layer.misses[target_idx / part_length].push(Miss { target, row: input as u32, slope });
                    let row = weights.readoff.row(target_idx);
                    kernels::axpy(frame.weight * slope, row.to_slice().expect("row-major"), dz);
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
    fn hear_others(&mut self, layer_idx: usize, frame: &Frame, weights: &LayerWeights) {
        let loss = frame.loss;
        let frame = &frame.layers[layer_idx];
        let layer = &mut self.layers[layer_idx];
        let h = layer.h.slice(s![..self.inputs.len(), ..]);
        let mut readings = Array2::<f32>::zeros((self.others.len(), self.inputs.len()));
        if self.others.len() == frame.targets.len() {
            kernels::product(weights.readoff.view(), h.t(), readings.view_mut());
        } else {
            let rows: Vec<usize> = self.others.iter().map(|&target| target as usize).collect();
            kernels::product(weights.readoff.select(Axis(0), &rows).view(), h.t(), readings.view_mut());
        }
        layer.loud.iter_mut().for_each(Vec::clear);
        for (place, (readings, &target)) in readings.rows().into_iter().zip(&self.others).enumerate() {
            let quiet = frame.quiet(target as usize, loss) - weights.offsets[target as usize];
            for (&reading, loud) in readings.iter().zip(&mut layer.loud) {
                if reading > quiet {
                    loud.push((place, reading));
                }
            }
        }
    }

    /// Moves the inputs with a miss in any layer to the front; the rest has nothing more to say.
    fn keep_busy(&mut self, n_layers: usize) {
        let layers = &mut self.layers[..n_layers];
        let mut is_busy = [false; GROUP];
        for miss in layers.iter().flat_map(|layer| layer.misses.iter().flatten()) {
            is_busy[miss.row as usize] = true;
        }
        self.busy.clear();
        self.busy.extend((0..GROUP as u32).filter(|&input| is_busy[input as usize]));
        let mut row_of = [0u32; GROUP];
        for (row, &input) in self.busy.iter().enumerate() {
            row_of[input as usize] = row as u32;
            for layer in &mut *layers {
                move_row(&mut layer.h, input as usize, row);
                move_row(&mut layer.dz, input as usize, row);
                move_row(&mut layer.read, input as usize, row);
            }
            move_row(&mut self.embedded, input as usize, row);
        }
        for miss in layers.iter_mut().flat_map(|layer| layer.misses.iter_mut().flatten()) {
            miss.row = row_of[miss.row as usize];
        }
    }

    /// dL/dh to dL/dz, and on to the layer below.
    fn back(&mut self, layer_idx: usize, weights: &[LayerWeights]) {
        let (lower, upper) = self.layers.split_at_mut(layer_idx);
        let layer = &mut upper[0];
        let rows = s![..self.busy.len(), ..];
        let mut dz = layer.dz.slice_mut(rows);
        dz.zip_mut_with(&layer.h.slice(rows), |dz, &h| *dz = if h > 0.0 { *dz } else { 0.0 });
        let Some(below) = lower.last_mut() else { return };
        let mut below_dz = below.dz.slice_mut(rows);
        match &weights[layer_idx].wiring {
            Wiring::Columns { .. } => {}
            Wiring::Dense { weight, .. } => kernels::product(dz.view(), weight.view(), below_dz.view_mut()),
            // The read-off below is moved by its own misses alone.
            Wiring::Factored { compute, .. } => {
                let mut read_gradient = Array2::zeros((self.busy.len(), compute.ncols()));
                kernels::product(dz.view(), compute.view(), read_gradient.view_mut());
                let readoff = &weights[layer_idx - 1].readoff;
                kernels::product(read_gradient.view(), readoff.view(), below_dz.view_mut());
            }
        }
    }

    /// dL/dz of the busy inputs.
    pub fn gradients(&self, layer_idx: usize) -> ArrayView2<'_, f32> {
        self.layers[layer_idx].dz.slice(s![..self.busy.len(), ..])
    }

    /// What the wiring of a layer reads of the busy inputs.
    pub fn sources(&self, layer_idx: usize, wiring: &Wiring) -> ArrayView2<'_, f32> {
        let all = match (wiring, layer_idx.checked_sub(1)) {
            (Wiring::Factored { .. }, _) => &self.layers[layer_idx].read,
            (_, Some(below)) => &self.layers[below].h,
            (_, None) => &self.embedded,
        };
        all.slice(s![..self.busy.len(), ..])
    }
}

impl GroupLayer {
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

fn move_row(matrix: &mut Array2<f32>, from: usize, to: usize) {
    let n = matrix.ncols();
    if from != to && n > 0 {
        matrix.as_slice_mut().expect("row-major").copy_within(from * n..(from + 1) * n, to * n);
    }
}

fn fill_rows(matrix: &mut Array2<f32>, row: &[f32]) {
    for mut target in matrix.rows_mut() {
        target.as_slice_mut().expect("row-major").copy_from_slice(row);
    }
}
