//! How well a head attends: sequences of tokens are drawn, one match planted in each, and the scores of all keys held
//! against how many matches they have.
//!
//! Every token is an independent draw of the circuit's inputs. The last asks, all are asked, itself included; of a
//! match drawn among those that tokens can have, the last is given the query feature, and a token before it the key
//! feature.
//! A right key is one with as many matches as any. Must not know how a head was compiled.

mod attention;
mod report;
mod sequences;

pub use attention::TEMPERATURES;
pub use report::{ByTemperature, HeadReport, Ties};

use rayon::prelude::*;

use self::attention::Sums;
use self::sequences::{CHUNK, Sequences};
use super::error::Error;
use super::sampling::Sampling;
use crate::network::Network;
use crate::program::Program;
use crate::progress::{Progress, Watcher};

/// Chunks between two reports of progress.
const AT_ONCE: u64 = 256;

/// One report a head. The heads of program and network must belong together.
pub fn heads(
    program: &Program,
    network: &Network,
    sampling: &Sampling,
    watcher: Watcher,
) -> Result<Vec<HeadReport>, Error> {
    let mut reports = Vec::new();
    for (head, weights) in program.heads.iter().zip(&network.heads) {
        let sequences = Sequences::new(program, head, network, weights, sampling.seed)?;
        let n_sequences = if sequences.can_be_planted() { sampling.samples } else { 0 };
        let mut sums = Sums::default();
        let n_chunks = n_sequences.div_ceil(CHUNK);
        for first in (0..n_chunks).step_by(AT_ONCE as usize) {
            let progress = Progress { total: n_sequences, ..Progress::of("attending", first * CHUNK) };
            watcher(progress).go_on().map_err(Error::Stopped)?;
            let chunks = first..(first + AT_ONCE).min(n_chunks);
            let size = |chunk: u64| (n_sequences - chunk * CHUNK).min(CHUNK) as usize;
            let scored = chunks
                .into_par_iter()
                .map_init(|| sequences.desk(), |desk, chunk| sequences.scored(chunk, size(chunk), desk));
            // In order, whoever was done first.
            let scored: Vec<Sums> = scored.collect();
            scored.iter().for_each(|of_chunk| sums.add(of_chunk));
        }
        reports.push(HeadReport::of(head, weights, program, &sums));
    }
    Ok(reports)
}
