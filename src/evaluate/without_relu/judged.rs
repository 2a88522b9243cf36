//! What readers make of the inputs that they are judged on.
//!
//! Must not know how the readers came about.

use serde::Serialize;

use super::reader::Reader;
use crate::evaluate::accuracy::{LEADING, Quantile, WorstErrors, by_share};
use crate::evaluate::statistics::greater;
use crate::readings::{BLOCK, Share};

/// What a network computes without its ReLUs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WithoutRelu {
    /// The share of inputs on which every gate of every layer is on the right side of its threshold.
    pub reliability: f64,
    /// On 99 % of the inputs no read-off is farther than this from the truth: ½ at most, to which readers can shrink.
    #[serde(serialize_with = "by_share")]
    pub epsilon: Vec<Quantile>,
    /// Inputs on which that was counted; readers were fitted to as many others.
    pub samples: u64,
}

/// What some gates make of the inputs that they are judged on. Two of these become one in any order.
pub struct Judged {
    /// By block: inputs with a gate read wrong.
    wrong: Vec<u64>,
    /// By block and input: the worst error.
    worst: Vec<[f32; BLOCK]>,
}

/// Whatever is true, ½ is no farther from it than this.
const FARTHEST: f32 = 0.5;

impl Judged {
    pub fn nothing(n_blocks: usize) -> Judged {
        Judged { wrong: vec![0; n_blocks], worst: vec![[0.0; BLOCK]; n_blocks] }
    }

    pub fn add(&mut self, block_idx: usize, truth: u64, projected: &[f32; BLOCK], reader: &Reader) {
        let inputs = projected.iter().enumerate();
        let on = inputs.fold(0, |on, (input_idx, &value)| on | u64::from(value > reader.threshold) << input_idx);
        for (input_idx, (&value, worst)) in projected.iter().zip(&mut self.worst[block_idx]).enumerate() {
            *worst = greater(*worst, reader.error_at(value, (truth >> input_idx & 1) as f32));
        }
        self.wrong[block_idx] |= on ^ truth;
    }

    pub fn with(mut self, other: Judged) -> Judged {
        self.wrong.iter_mut().zip(&other.wrong).for_each(|(wrong, other)| *wrong |= other);
        let errors = self.worst.as_flattened_mut().iter_mut().zip(other.worst.as_flattened());
        errors.for_each(|(a, &b)| *a = greater(*a, b));
        self
    }

    /// Each figure by whichever has the better one: an affine reader that is as good is known.
    pub fn or_better(self, other: Judged) -> Judged {
        let (own, others) = (self.figures(), other.figures());
        Judged {
            wrong: if others.reliability > own.reliability { other.wrong } else { self.wrong },
            worst: if others.epsilon[0].epsilon < own.epsilon[0].epsilon { other.worst } else { self.worst },
        }
    }

    pub fn figures(&self) -> WithoutRelu {
        let samples = (self.wrong.len() * BLOCK) as u64;
        let n_right = self.wrong.iter().map(|wrong| u64::from(wrong.count_zeros())).sum();
        let mut errors = WorstErrors::new(samples);
        self.worst.as_flattened().iter().for_each(|&error| errors.add(error));
        WithoutRelu {
            reliability: Share { n: n_right, of: samples }.value(),
            // Readers shrunk to ½ come as near as they like to reading that.
            epsilon: vec![Quantile { share: LEADING, epsilon: errors.within(LEADING).min(FARTHEST) }],
            samples,
        }
    }
}
