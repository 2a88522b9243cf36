//! Inputs on which a gate is read wrong, or nearly so: what a network that is to be proved has yet to learn.
//!
//! Must not know how it learns.

use super::asked::{Asked, Near};
use crate::circuit::{Inputs, Signal};
use crate::readings::{BLOCK, Reading};

/// The hardest of the inputs that were run, by gate that was asked about.
#[derive(Clone)]
pub struct Hardest {
    near: Near,
    gates: Vec<Vec<Hard>>,
}

/// An input, and how far beyond the limit a read-off is there.
#[derive(Clone)]
struct Hard {
    beyond: f64,
    on: Vec<u32>,
}

impl Hardest {
    pub fn none(n_gates: usize, near: Near) -> Hardest {
        Hardest { near, gates: (0..n_gates).map(|_| Vec::new()).collect() }
    }

    /// Looks at what a gate reads on a block.
    pub fn look(&mut self, gate_idx: usize, asked: &Asked, reading: &Reading, signal: Signal, threshold: f32) {
        let (word, valid) = (reading.block.word(signal), reading.block.valid());
        let truth = |input_idx: usize| word >> input_idx & 1 == 1;
        let beyond =
            |input_idx: usize| asked.beyond(reading.readoffs[input_idx].into(), truth(input_idx), threshold.into());
        // Without a branch for each, since hardly any is hard.
        let all: [f64; BLOCK] = std::array::from_fn(beyond);
        let mut hard = (0..BLOCK).fold(0, |hard, at| hard | u64::from(all[at] > -self.near.within) << at) & valid;
        while hard != 0 {
            let input_idx = hard.trailing_zeros() as usize;
            hard &= hard - 1;
            self.keep(gate_idx, all[input_idx], reading, input_idx);
        }
    }

    fn keep(&mut self, gate_idx: usize, beyond: f64, reading: &Reading, input_idx: usize) {
        let kept = &mut self.gates[gate_idx];
        if kept.len() == self.near.most {
            let least = kept.iter().enumerate().min_by(|a, b| a.1.beyond.total_cmp(&b.1.beyond));
            match least {
                Some((at, hard)) if hard.beyond < beyond => kept.swap_remove(at),
                _ => return,
            };
        }
        kept.push(Hard { beyond, on: reading.block.active(input_idx).to_vec() });
    }

    /// `other` comes after.
    pub fn with(mut self, other: Hardest) -> Hardest {
        for (kept, others) in self.gates.iter_mut().zip(other.gates) {
            kept.extend(others);
            // Of equals the one that came first.
            kept.sort_by(|a, b| b.beyond.total_cmp(&a.beyond));
            kept.truncate(self.near.most);
        }
        self
    }

    pub fn inputs(&self) -> impl Iterator<Item = &[u32]> + '_ {
        self.gates.iter().flatten().map(|hard| &hard.on[..])
    }
}

/// Each input once, in ascending order.
pub fn distinct<'i>(lists: impl Iterator<Item = &'i [u32]>) -> Inputs {
    let mut all: Vec<&[u32]> = lists.collect();
    all.sort_unstable();
    all.dedup();
    let mut inputs = Inputs::default();
    all.into_iter().for_each(|on| inputs.push(on.iter().copied()));
    inputs
}
