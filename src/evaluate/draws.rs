//! The inputs that an evaluation draws, beside what is true of them: block by block, as written.
//!
//! Must not know what is made of them.

use super::error::Error;
use super::sampling::{Sampling, Stream};
use crate::circuit::{Circuit, Signal};
use crate::readings::InputBlock;

/// The inputs of an evaluation in order, a block at a time: memory does not grow with their number.
pub struct Draws<'a> {
    circuit: &'a Circuit,
    stream: Stream<'a>,
    block: InputBlock,
    next_block: u64,
}

/// At most 64 inputs.
pub struct Drawn<'a> {
    circuit: &'a Circuit,
    block: &'a InputBlock,
}

impl<'a> Draws<'a> {
    /// Of `sampling` it matters how many inputs there are, which, and their seed.
    ///
    /// # Errors
    /// When there is nothing to draw, or too much to take it all.
    pub fn new(circuit: &'a Circuit, sampling: &Sampling) -> Result<Draws<'a>, Error> {
        let stream = Stream::new(circuit, sampling)?;
        Ok(Draws { circuit, stream, block: InputBlock::new(circuit), next_block: 0 })
    }

    /// The next block; `None` behind the last.
    pub fn next_block(&mut self) -> Option<Drawn<'_>> {
        if self.next_block >= self.stream.n_blocks() {
            return None;
        }
        self.block.fill(self.circuit, self.stream.block(self.next_block));
        self.next_block += 1;
        Some(Drawn { circuit: self.circuit, block: &self.block })
    }
}

impl Drawn<'_> {
    pub fn n_inputs(&self) -> usize {
        self.block.n_inputs()
    }

    /// The features that are on, ascending.
    pub fn active(&self, input_idx: usize) -> &[u32] {
        self.block.active(input_idx)
    }

    /// The value of a signal as written: bit i is the i-th input.
    pub fn word(&self, signal: Signal) -> u64 {
        written_word(self.circuit, self.block, signal)
    }
}

/// The value of a signal as written on a block: nothing beyond the last input.
pub(super) fn written_word(circuit: &Circuit, block: &InputBlock, signal: Signal) -> u64 {
    let complement = (circuit.is_complemented(signal) as u64).wrapping_neg();
    (block.word(signal) ^ complement) & block.valid()
}
