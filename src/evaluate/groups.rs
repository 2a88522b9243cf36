//! Outputs that exclude each other: how often the one that is on is also the one that is read highest.
//!
//! An array of outputs is such a group where exactly one of it is on, on every input that is evaluated. What a network
//! says of it is then the largest of its read-offs, as classes of a classifier are told by their logits, wherever the
//! thresholds lie. Must not know how read-offs come about.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::draws::written_word;
use crate::circuit::{Circuit, GateId, Signal};
use crate::network::forward::Forward;
use crate::readings::{BLOCK, Batch, Confidence, Share};

/// How often the right one of a group is read highest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Top1 {
    /// The name of the array.
    pub group: String,
    /// How many exclude each other.
    pub gates: usize,
    /// The share of inputs on which the one that is on is read above all others.
    pub share: f64,
    /// Wilson's 95 % interval; exhaustive runs sample nothing: twice the value itself.
    pub interval: [f64; 2],
}

/// The gates of an array, of one layer.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub name: String,
    pub layer_idx: usize,
    /// Their places in what the layer reads off, ascending.
    pub places: Vec<usize>,
    pub signals: Vec<Signal>,
}

/// The arrays among the outputs that may exclude each other.
pub(super) fn arrays(circuit: &Circuit) -> Vec<Group> {
    let mut groups: BTreeMap<&str, Vec<GateId>> = BTreeMap::new();
    for &signal in &circuit.outputs {
        let name = circuit.name(signal);
        if let (Some((array, _)), Some(gate)) = (name.split_once('['), circuit.as_gate(signal)) {
            groups.entry(array).or_default().push(gate);
        }
    }
    let group = |(name, gates): (&str, Vec<GateId>)| {
        let places: Vec<(usize, usize)> = gates.iter().map(|&gate| circuit.place(gate)).collect();
        let layer_idx = places[0].0;
        let is_group = gates.len() > 1 && places.iter().all(|place| place.0 == layer_idx);
        let signals = gates.iter().map(|&gate| circuit.gate_signal(gate)).collect();
        let places = places.iter().map(|place| place.1).collect();
        is_group.then(|| Group { name: name.to_owned(), layer_idx, places, signals })
    };
    groups.into_iter().filter_map(group).collect()
}

impl Group {
    /// Whether exactly one is on, on every input of the batch.
    pub fn is_exclusive(&self, circuit: &Circuit, batch: &Batch) -> bool {
        batch.blocks().iter().all(|block| {
            let (mut once, mut twice) = (0u64, 0u64);
            for &signal in &self.signals {
                let word = written_word(circuit, block, signal);
                (once, twice) = (once | word, twice | once & word);
            }
            once == block.valid() && twice == 0
        })
    }

    /// Hands on all read-offs of the group as written, input by input, with the place of the right one among them.
    pub fn each_input(&self, circuit: &Circuit, batch: &Batch, forward: &Forward, mut act: impl FnMut(usize, &[f32])) {
        let n_blocks = batch.blocks().len();
        let n = self.places.len();
        let mut readoffs = vec![0f32; n_blocks * BLOCK * n];
        let (first, last) = (self.places[0], self.places[n - 1]);
        batch.read(forward, self.layer_idx, first..last + 1, &mut Vec::new(), |reading| {
            let Ok(member) = self.places.binary_search(&reading.signal_idx) else { return };
            let is_complemented = circuit.is_complemented(self.signals[member]);
            for (input_idx, &value) in reading.readoffs.iter().enumerate() {
                let value = if is_complemented { 1.0 - value } else { value };
                readoffs[(reading.block_idx * BLOCK + input_idx) * n + member] = value;
            }
        });
        for (block_idx, block) in batch.blocks().iter().enumerate() {
            let words: Vec<u64> = self.signals.iter().map(|&signal| written_word(circuit, block, signal)).collect();
            for input_idx in 0..block.n_inputs() {
                let Some(right) = words.iter().position(|word| word >> input_idx & 1 == 1) else { continue };
                act(right, &readoffs[(block_idx * BLOCK + input_idx) * n..][..n]);
            }
        }
    }
}

/// How far the right one is above the highest of the others; below 0 where one of them is higher, or no number.
pub(super) fn lead(right: usize, readoffs: &[f32]) -> f32 {
    let others = readoffs.iter().enumerate().filter(|(member, _)| *member != right);
    let highest = others.fold(
        f32::NEG_INFINITY,
        |highest, (_, &value)| {
            if value.is_nan() || value > highest { value } else { highest }
        },
    );
    let lead = readoffs[right] - highest;
    if lead.is_nan() { f32::NEG_INFINITY } else { lead }
}

/// A group on the inputs so far.
pub(super) struct Contest {
    pub group: Group,
    is_exclusive: bool,
    n_first: u64,
    n_inputs: u64,
}

/// One for each array of outputs; nothing has been seen yet.
pub(super) fn contests(circuit: &Circuit) -> Vec<Contest> {
    let contest = |group| Contest { group, is_exclusive: true, n_first: 0, n_inputs: 0 };
    arrays(circuit).into_iter().map(contest).collect()
}

impl Contest {
    /// Adds the inputs of filled batches.
    pub fn add(&mut self, circuit: &Circuit, batches: &[Batch], forward: &Forward) {
        self.is_exclusive &= batches.iter().all(|batch| self.group.is_exclusive(circuit, batch));
        if !self.is_exclusive {
            return;
        }
        let of_batch = |batch: &Batch| {
            let (mut n_first, mut n_inputs) = (0u64, 0u64);
            self.group.each_input(circuit, batch, forward, |right, readoffs| {
                n_inputs += 1;
                n_first += u64::from(lead(right, readoffs) > 0.0);
            });
            (n_first, n_inputs)
        };
        let (n_first, n_inputs) = batches.par_iter().map(of_batch).reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        self.n_first += n_first;
        self.n_inputs += n_inputs;
    }

    /// `None` where they do not exclude each other.
    pub fn top1(&self, is_exhaustive: bool) -> Option<Top1> {
        let share = Share { n: self.n_first, of: self.n_inputs };
        let interval = if is_exhaustive { [share.value(); 2] } else { share.interval(Confidence::Usual) };
        let gates = self.group.places.len();
        let top1 = || Top1 { group: self.group.name.clone(), gates, share: share.value(), interval };
        (self.is_exclusive && self.n_inputs > 0).then(top1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_above_all_others_leads() {
        assert_eq!(lead(1, &[0.25, 1.0, 0.5]), 0.5);
        assert_eq!(lead(0, &[0.25, 1.0, 0.5]), -0.75);
        assert_eq!(lead(1, &[1.0, 1.0]), 0.0);
        assert_eq!(lead(0, &[1.0, f32::NAN, 0.0]), f32::NEG_INFINITY);
        assert_eq!(lead(0, &[1.0, 0.0, f32::NAN]), f32::NEG_INFINITY);
        assert_eq!(lead(0, &[f32::NAN, 0.0]), f32::NEG_INFINITY);
    }
}
