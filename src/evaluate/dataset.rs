//! Inputs, what a network makes of them, and what is true of them: tensors with an input a row, some rows at a time.
//!
//! Row k is input k of the evaluation of that seed, whatever rows are taken together. Read-offs and labels are of
//! signals as written: a complement's read-off is 1 − the stored one. Must not know what becomes of the tensors.

use std::ops::Range;

use ndarray::s;
use rayon::prelude::*;

use super::draws::written_word;
use super::error::Error;
use super::sampling::{Sampling, Stream};
use crate::circuit::{Circuit, GateId, Signal};
use crate::network::Network;
use crate::network::forward::Forward;
use crate::progress::{Progress, Watcher};
use crate::readings::{BLOCK, Batch, belongs};

/// What a tensor holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// u8: the input.
    Features,
    /// f32: the stream below all layers; comes with `Stream`.
    Entering,
    /// f32: the stream above a layer, where layers add to one.
    Stream,
    /// f32: h of a layer.
    Activations,
    /// f32: what a layer reads off, as written.
    Readoffs,
    /// u8: what is true of that.
    Labels,
}

impl Part {
    /// What can be chosen.
    pub const ALL: [Part; 5] = [Part::Features, Part::Stream, Part::Activations, Part::Readoffs, Part::Labels];

    pub fn name(self) -> &'static str {
        match self {
            Part::Features => "features",
            Part::Entering | Part::Stream => "stream",
            Part::Activations => "activations",
            Part::Readoffs => "readoffs",
            Part::Labels => "labels",
        }
    }

    /// Bytes of a value.
    pub fn size(self) -> usize {
        match self {
            Part::Features | Part::Labels => 1,
            Part::Entering | Part::Stream | Part::Activations | Part::Readoffs => 4,
        }
    }
}

/// What of a network and its inputs is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    pub rows: u64,
    /// Of the evaluation's stream.
    pub seed: u64,
    pub parts: Vec<Part>,
    /// `None`: all.
    pub layers: Option<Vec<usize>>,
    /// Of these gates alone, ascending; `None`: of all that layers read off.
    pub gates: Option<Vec<GateId>>,
}

/// One of the tensors: [rows, columns].
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// `features`, `input.stream`, `layers.0.readoffs`.
    pub name: String,
    pub part: Part,
    /// 0 of what is below all layers.
    pub layer_idx: usize,
    /// Which features, dimensions, neurons or signals that the layer reads off; ascending.
    pub indices: Vec<usize>,
}

/// The values of a tensor, row by row.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    U8(Vec<u8>),
    F32(Vec<f32>),
}

impl Values {
    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            Values::U8(values) => values.len(),
            Values::F32(values) => values.len(),
        }
    }
}

pub struct Dataset<'a> {
    circuit: &'a Circuit,
    network: &'a Network,
    forward: Forward<'a>,
    stream: Stream<'a>,
    pub tensors: Vec<Tensor>,
}

/// Blocks that are run forward and read off together.
const BATCH: u64 = 3;

/// Batches that are worked on before anybody hears of it.
const ROUND: u64 = 16;

impl<'a> Dataset<'a> {
    /// # Errors
    /// When network and circuit do not belong together, or nothing can be drawn.
    pub fn new(circuit: &'a Circuit, network: &'a Network, wanted: &Wanted) -> Result<Dataset<'a>, Error> {
        belongs(circuit, network)?;
        let sampling = Sampling { samples: wanted.rows, seed: wanted.seed, ..Sampling::default() };
        let stream = Stream::new(circuit, &sampling)?;
        let tensors = tensors(circuit, network, wanted);
        Ok(Dataset { circuit, network, forward: Forward::new(network), stream, tensors })
    }

    /// Bytes of a row of all tensors.
    pub fn bytes_per_row(&self) -> usize {
        self.tensors.iter().map(|tensor| tensor.part.size() * tensor.indices.len()).sum()
    }

    /// What the columns of a tensor are called.
    pub fn names(&self, tensor: &Tensor) -> Vec<String> {
        let layer = &self.network.layers[tensor.layer_idx];
        let name = |&idx: &usize| match tensor.part {
            Part::Features => self.circuit.names.get(idx).to_owned(),
            Part::Entering | Part::Stream => format!("stream.{idx}"),
            Part::Activations => format!("{}.{idx}", layer.name),
            Part::Readoffs | Part::Labels => layer.readoff.signals[idx].name.clone(),
        };
        tensor.indices.iter().map(name).collect()
    }

    /// The thresholds of read-offs as written: a signal is read as on above, or, where the complement is stored, at it.
    pub fn thresholds(&self, tensor: &Tensor) -> Vec<f32> {
        let readoff = &self.network.layers[tensor.layer_idx].readoff;
        let written = |&idx: &usize| as_written(readoff.threshold[idx], readoff.signals[idx].complemented);
        tensor.indices.iter().map(written).collect()
    }

    /// The values of these rows, by tensor. `watcher` hears how many rows there are by then.
    ///
    /// # Errors
    /// When `watcher` says so.
    pub fn rows(&self, rows: Range<u64>, watcher: Watcher) -> Result<Vec<Values>, Error> {
        let n_rows = (rows.end - rows.start) as usize;
        let mut values: Vec<Values> = self.tensors.iter().map(|tensor| Values::with_room(tensor, n_rows)).collect();
        let step = BATCH * BLOCK as u64;
        let pieces: Vec<Range<u64>> = (rows.start / step..rows.end.div_ceil(step))
            .map(|piece| rows.start.max(piece * step)..rows.end.min((piece + 1) * step))
            .collect();
        for round in pieces.chunks(ROUND as usize) {
            let progress = Progress { total: self.stream.n_inputs(), ..Progress::of("writing rows", round[0].start) };
            watcher(progress).go_on().map_err(Error::Stopped)?;
            let batch = || Batch::new(self.circuit, BATCH as usize);
            let made: Vec<Vec<Values>> =
                round.par_iter().map_init(batch, |batch, rows| self.piece(rows, batch)).collect();
            for piece in made {
                values.iter_mut().zip(piece).for_each(|(values, more)| values.append(more));
            }
        }
        Ok(values)
    }

    /// Rows of one batch.
    fn piece(&self, rows: &Range<u64>, batch: &mut Batch) -> Vec<Values> {
        let first_block = rows.start / BLOCK as u64;
        batch.fill(self.circuit, &self.forward, |block_idx| self.stream.block(first_block + block_idx as u64));
        let first = (rows.start % BLOCK as u64) as usize;
        let inputs = first..first + (rows.end - rows.start) as usize;
        self.tensors.iter().map(|tensor| self.values(tensor, batch, inputs.clone())).collect()
    }

    /// Of some inputs of a batch.
    fn values(&self, tensor: &Tensor, batch: &Batch, inputs: Range<usize>) -> Values {
        let n_columns = tensor.indices.len();
        let (n, layer_idx) = (inputs.len() * n_columns, tensor.layer_idx);
        match tensor.part {
            Part::Features => {
                let mut values = vec![0; n];
                for (row, input) in values.chunks_exact_mut(n_columns.max(1)).zip(inputs) {
                    let active = batch.blocks()[input / BLOCK].active(input % BLOCK);
                    active.iter().for_each(|&feature| row[feature as usize] = 1);
                }
                Values::U8(values)
            }
            Part::Entering => {
                let entering = batch.entering().expect("it is asked for where there is a stream");
                Values::F32(entering.slice(s![inputs, ..]).iter().copied().collect())
            }
            Part::Stream | Part::Activations => {
                let mut values = vec![0.0; n];
                let of_layer = match tensor.part {
                    Part::Stream => batch.above(layer_idx),
                    _ => batch.activations(layer_idx),
                };
                for (neuron, row) in of_layer.rows().into_iter().enumerate() {
                    for (row_idx, input) in inputs.clone().enumerate() {
                        values[row_idx * n_columns + neuron] = row[input];
                    }
                }
                Values::F32(values)
            }
            Part::Readoffs => {
                let mut values = vec![0.0; n];
                let signals = &self.network.layers[layer_idx].readoff.signals;
                let mut column = 0;
                for run in runs(&tensor.indices) {
                    let first = run.start;
                    batch.read(&self.forward, layer_idx, run.clone(), &mut Vec::new(), |reading| {
                        let start = reading.block_idx * BLOCK;
                        let here = inputs.start.max(start)..inputs.end.min(start + BLOCK);
                        for input in here {
                            let place = (input - inputs.start) * n_columns + column + reading.signal_idx - first;
                            let is_complemented = signals[reading.signal_idx].complemented;
                            values[place] = as_written(reading.readoffs[input - start], is_complemented);
                        }
                    });
                    column += run.len();
                }
                Values::F32(values)
            }
            Part::Labels => {
                let mut values = vec![0; n];
                let signals: Vec<Signal> = self.circuit.layer_signals(layer_idx).collect();
                for (column, &signal_idx) in tensor.indices.iter().enumerate() {
                    let words: Vec<u64> = batch
                        .blocks()
                        .iter()
                        .map(|block| written_word(self.circuit, block, signals[signal_idx]))
                        .collect();
                    for (row_idx, input) in inputs.clone().enumerate() {
                        values[row_idx * n_columns + column] = (words[input / BLOCK] >> (input % BLOCK) & 1) as u8;
                    }
                }
                Values::U8(values)
            }
        }
    }
}

impl Values {
    fn with_room(tensor: &Tensor, n_rows: usize) -> Values {
        let n = n_rows * tensor.indices.len();
        match tensor.part.size() {
            1 => Values::U8(Vec::with_capacity(n)),
            _ => Values::F32(Vec::with_capacity(n)),
        }
    }

    /// Of the same type.
    fn append(&mut self, more: Values) {
        match (self, more) {
            (Values::U8(values), Values::U8(more)) => values.extend(more),
            (Values::F32(values), Values::F32(more)) => values.extend(more),
            _ => unreachable!("the part of a tensor says its type"),
        }
    }
}

/// What of a stored value or threshold is that of the signal as written.
pub fn as_written(stored: f32, is_complemented: bool) -> f32 {
    if is_complemented { 1.0 - stored } else { stored }
}

/// All tensors that are wanted and have a column.
fn tensors(circuit: &Circuit, network: &Network, wanted: &Wanted) -> Vec<Tensor> {
    let mut tensors = Vec::new();
    let mut push = |name: String, part: Part, layer_idx: usize, indices: Vec<usize>| {
        let chosen_by = if part == Part::Entering { Part::Stream } else { part };
        if wanted.parts.contains(&chosen_by) && !indices.is_empty() {
            tensors.push(Tensor { name, part, layer_idx, indices });
        }
    };
    push(Part::Features.name().into(), Part::Features, 0, (0..circuit.n_features()).collect());
    let n_dimensions = if network.is_residual() { network.n_inputs() } else { 0 };
    push("input.stream".into(), Part::Entering, 0, (0..n_dimensions).collect());
    for (layer_idx, layer) in network.layers.iter().enumerate() {
        if wanted.layers.as_ref().is_some_and(|layers| !layers.contains(&layer_idx)) {
            continue;
        }
        let is_wanted = |signal: Signal| {
            let gate = circuit.as_gate(signal);
            wanted.gates.as_ref().is_none_or(|gates| gate.is_some_and(|gate| gates.binary_search(&gate).is_ok()))
        };
        let read = circuit.layer_signals(layer_idx).enumerate().filter(|(_, signal)| is_wanted(*signal));
        let read: Vec<usize> = read.map(|(signal_idx, _)| signal_idx).collect();
        for part in [Part::Stream, Part::Activations, Part::Readoffs, Part::Labels] {
            let indices = match part {
                Part::Stream => (0..n_dimensions).collect(),
                Part::Activations => (0..layer.width()).collect(),
                _ => read.clone(),
            };
            push(format!("layers.{layer_idx}.{}", part.name()), part, layer_idx, indices);
        }
    }
    tensors
}

/// Ascending numbers as ranges of neighbours.
fn runs(indices: &[usize]) -> Vec<Range<usize>> {
    indices.chunk_by(|a, b| a + 1 == *b).map(|run| run[0]..run[run.len() - 1] + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_read_together() {
        assert_eq!(runs(&[0, 1, 2, 5, 7, 8]), [0..3, 5..6, 7..9]);
        assert!(runs(&[]).is_empty());
    }
}
