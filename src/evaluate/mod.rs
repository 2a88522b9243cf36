//! How well a network computes its circuit: `evaluate` takes both to a [`Report`].
//!
//! The circuit says what is true, the network what is read; both go through blocks of 64 inputs. A batch of blocks is
//! drawn, judged and run forward in parallel, by block; then read off and counted in parallel, by gate. Each gate's
//! counts are thus the work of one thread, block by block in order, and the same bits come out for any number of
//! threads. No samples × gates matrix is stored. Prints nothing and knows no clock: whoever calls can watch and stop.

pub mod histogram;
pub mod report;
mod run;
pub mod statistics;
pub mod text;

pub use report::Report;
pub use text::Style;

use crate::circuit::Circuit;
use crate::circuit::inputs::enumerate::TooMany;
use crate::circuit::inputs::sample::NothingToPlant;
use crate::network::Network;
use crate::program::Program;
use crate::progress::{Reason, Watcher};

/// How to evaluate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Inputs to draw from the circuit's distribution, at least 1.
    pub samples: u64,
    /// Every distinct input of nonzero probability once instead, unweighted.
    pub exhaustive: bool,
    /// Of the evaluation's own stream: inputs depend on it and on the circuit's distribution alone.
    pub seed: u64,
}

/// What a run draws when nothing is said.
pub const DEFAULT_SAMPLES: u64 = 10_000;

impl Default for Options {
    fn default() -> Options {
        Options { samples: DEFAULT_SAMPLES, exhaustive: false, seed: 0 }
    }
}

/// Why there is no report.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    #[error("the network does not compute this circuit: {0}")]
    Mismatch(String),
    #[error(transparent)]
    TooMany(#[from] TooMany),
    #[error(transparent)]
    NothingToPlant(#[from] NothingToPlant),
    #[error("there are no inputs to evaluate")]
    NoInputs,
    #[error("interrupted")]
    Stopped(Reason),
}

/// Runs `network` on inputs of `circuit` and holds every read-off against the truth.
///
/// `watcher` is called now and then, and stops the run by any answer but [`Answer::GoOn`](crate::progress::Answer).
///
/// # Errors
/// When network and circuit do not belong together, when there are too many inputs to take them all, or when
/// `watcher` says so.
pub fn evaluate(program: &Program, network: &Network, options: &Options, watcher: Watcher) -> Result<Report, Error> {
    let circuit = &program.circuit;
    matches(circuit, network)?;
    let counts = run::run(circuit, network, options, watcher)?;
    Ok(Report::new(program, network, options.exhaustive, options.seed, &counts))
}

/// Whether the network's axes are the circuit's: features, layers, and the signals that each reads off, by name.
fn matches(circuit: &Circuit, network: &Network) -> Result<(), Error> {
    let mismatch = |text: String| Err(Error::Mismatch(text));
    if network.header.features.len() != circuit.n_features() {
        let (theirs, ours) = (network.header.features.len(), circuit.n_features());
        return mismatch(format!("it reads {theirs} features, the circuit has {ours}"));
    }
    for (feature_idx, name) in network.header.features.iter().enumerate() {
        let ours = circuit.names.get(feature_idx);
        if name != ours {
            return mismatch(format!("its feature {feature_idx} is `{name}`, the circuit's is `{ours}`"));
        }
    }
    if network.layers.len() != circuit.layers.len() {
        let (theirs, ours) = (network.layers.len(), circuit.layers.len());
        return mismatch(format!("it has {theirs} layers, the circuit {ours}"));
    }
    for (layer_idx, (weights, layer)) in network.layers.iter().zip(&circuit.layers).enumerate() {
        let name = &layer.name;
        if weights.name != *name {
            return mismatch(format!("its layer {layer_idx} is `{}`, the circuit's is `{name}`", weights.name));
        }
        if (weights.readoff.n_gates, weights.readoff.signals.len()) != (layer.gates.len(), layer.n_signals()) {
            return mismatch(format!("layer `{name}` reads off other signals than the circuit's"));
        }
        for (theirs, signal) in weights.readoff.signals.iter().zip(circuit.layer_signals(layer_idx)) {
            let ours = circuit.name(signal);
            if theirs.name != ours {
                return mismatch(format!("layer `{name}` reads off `{}`, the circuit `{ours}`", theirs.name));
            }
            if theirs.complemented != circuit.is_complemented(signal) {
                return mismatch(format!("`{ours}` is complemented in one and not in the other"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
