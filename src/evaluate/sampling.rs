//! What an evaluation is asked for, and its inputs: how many, which, and block by block.
//!
//! Must not know what is done with them.

use super::error::Error;
use crate::circuit::inputs::enumerate::{self, Distinct};
use crate::circuit::inputs::sample::Sampler;
use crate::circuit::{Circuit, Inputs};
use crate::program::Goal;
use crate::readings::BLOCK;

/// What to evaluate: which inputs, and what to tell of them besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    /// Inputs to draw from the circuit's distribution, at least 1.
    pub samples: u64,
    /// Every distinct input of nonzero probability once instead, unweighted.
    pub exhaustive: bool,
    /// Of the evaluation's own stream: inputs depend on it and on the circuit's distribution alone.
    pub seed: u64,
    /// An ε to tell the accuracy at, besides those of every report and of the program.
    pub epsilon: Option<f64>,
    /// What the network is to reach besides what the program requires; `None`: what nobody need say.
    pub goal: Option<Goal>,
    /// Whether gates that these show on, or off, too seldom get inputs of their own.
    pub seldom: bool,
    /// Whether to tell what the network would compute without its ReLUs, on some thousand inputs more.
    pub without_relu: bool,
    /// Whether to tell how well heads attend, on as many sequences as `samples`.
    pub heads: bool,
}

/// What a run draws when nothing is said.
pub const DEFAULT_SAMPLES: u64 = 10_000;

impl Default for Sampling {
    fn default() -> Sampling {
        Sampling {
            samples: DEFAULT_SAMPLES,
            exhaustive: false,
            seed: 0,
            epsilon: None,
            goal: None,
            seldom: true,
            without_relu: true,
            heads: true,
        }
    }
}

/// Where inputs come from, in blocks of at most 64.
pub(super) enum Stream<'a> {
    Drawn { sampler: Sampler<'a>, seed: u64, samples: u64 },
    Listed(Distinct<'a>),
}

impl<'a> Stream<'a> {
    pub fn new(circuit: &'a Circuit, sampling: &Sampling) -> Result<Stream<'a>, Error> {
        Ok(if sampling.exhaustive {
            Stream::Listed(enumerate::distinct_inputs(circuit)?)
        } else {
            Stream::Drawn { sampler: Sampler::new(circuit)?, seed: sampling.seed, samples: sampling.samples }
        })
    }

    pub fn n_inputs(&self) -> u64 {
        match self {
            Stream::Drawn { samples, .. } => *samples,
            Stream::Listed(distinct) => distinct.n_inputs(),
        }
    }

    pub fn n_blocks(&self) -> u64 {
        self.n_inputs().div_ceil(BLOCK as u64)
    }

    /// Nothing behind the last block.
    pub fn block(&self, block_idx: u64) -> Inputs {
        let left = self.n_inputs().saturating_sub(block_idx * BLOCK as u64).min(BLOCK as u64) as usize;
        let mut inputs = Inputs::default();
        match self {
            _ if left == 0 => {}
            Stream::Drawn { sampler, seed, .. } => sampler.extend(*seed, "eval", block_idx, left, &mut inputs),
            Stream::Listed(distinct) => inputs = distinct.block(block_idx),
        }
        inputs
    }
}
