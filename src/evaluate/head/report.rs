//! What is reported of a head.
//!
//! Must not know how it was gathered.

use serde::{Serialize, Serializer};

use super::attention::{Sums, TEMPERATURES};
use crate::bounds::score_error;
use crate::evaluate::accuracy::by_key;
use crate::network;
use crate::program::{Head, Program};

/// How well a head attends. A figure that no sequence speaks of is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeadReport {
    pub name: String,
    /// d_head.
    pub rank: usize,
    /// d_resid: dimensions that stored features share.
    pub dimensions: usize,
    pub matches: u64,
    /// In a sequence.
    pub tokens: u32,
    /// Sequences that were drawn.
    pub sequences: u64,
    /// Stored features that are on, of a key and of a query on average: κ_K and κ_Q.
    pub features_on: Option<[f64; 2]>,
    /// Over all keys, |score − matches|.
    pub score_error_max: Option<f64>,
    pub score_error_rms: Option<f64>,
    /// √(κ_K κ_Q |B| / (d_resid d_head)): see [`score_error`].
    pub score_error_expected: Option<f64>,
    /// By temperature, the share of attention that falls on right keys, those with the most matches; at 0 the share of
    /// sequences whose highest score is one of them.
    pub right_key: ByTemperature,
    pub ties: Ties,
    /// Nonzeros of W_Q and W_K.
    pub parameters: u64,
}

/// Sequences with several right keys.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ties {
    pub sequences: u64,
    /// The root of the mean square of what right keys of one sequence score besides their mean.
    pub score_spread: Option<f64>,
    /// By temperature, the least attention on a right key with their mean as unit: 1 is even, 0 is all on others.
    pub even: ByTemperature,
}

/// A figure for each of [`TEMPERATURES`]; without sequences none.
#[derive(Debug, Clone, PartialEq)]
pub struct ByTemperature(pub Option<[f64; TEMPERATURES.len()]>);

impl Serialize for ByTemperature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let figure = |temperature_idx: usize| self.0.map(|figures| figures[temperature_idx]);
        let rows: Vec<_> = (0..TEMPERATURES.len()).map(|idx| (TEMPERATURES[idx], figure(idx))).collect();
        by_key(rows.into_iter(), serializer)
    }
}

impl ByTemperature {
    fn of(sums: [f64; TEMPERATURES.len()], n: u64) -> ByTemperature {
        ByTemperature((n > 0).then(|| sums.map(|sum| sum / n as f64)))
    }
}

impl HeadReport {
    pub(super) fn of(head: &Head, weights: &network::Head, program: &Program, sums: &Sums) -> HeadReport {
        let dimensions = program.settings.stream_dimensions().unwrap_or(0) as usize;
        let mean = |sum: f64, n: u64| (n > 0).then(|| sum / n as f64);
        let on_keys = mean(sums.on_keys as f64, sums.n_scores);
        let on_queries = mean(sums.on_queries as f64, sums.n_sequences);
        let features_on = on_keys.zip(on_queries).map(|(keys, queries)| [keys, queries]);
        let (n_matches, rank) = (head.matches.len() as f64, weights.rank() as f64);
        HeadReport {
            name: head.name.clone(),
            rank: weights.rank(),
            dimensions,
            matches: head.matches.len() as u64,
            tokens: head.tokens,
            sequences: sums.n_sequences,
            features_on,
            score_error_max: mean(sums.error_max, 1).filter(|_| sums.n_scores > 0),
            score_error_rms: mean(sums.squares, sums.n_scores).map(libm::sqrt),
            score_error_expected: features_on.map(|on| score_error(on, n_matches, dimensions as f64, rank)),
            right_key: ByTemperature::of(sums.right, sums.n_sequences),
            ties: Ties {
                sequences: sums.ties.n_sequences,
                score_spread: mean(sums.ties.squares, sums.ties.n_keys).map(libm::sqrt),
                even: ByTemperature::of(sums.ties.even, sums.ties.n_sequences),
            },
            parameters: weights.n_nonzeros() as u64,
        }
    }
}
