//! How well a network computes its circuit: `evaluate` takes both to a [`Report`].
//!
//! The circuit says what is true, the network what is read; both go through blocks of 64 inputs. Some batches of blocks
//! are drawn and run forward in parallel, by batch; then read off and counted in parallel, by gate. Each gate's counts
//! are thus the work of one thread, block by block in order, and the same bits come out for any number of threads. No
//! samples × gates matrix is stored. Prints nothing and knows no clock: whoever calls can watch and stop.

pub mod accuracy;
pub mod advice;
mod bending;
mod bounded;
pub mod corrections;
mod count;
pub mod dataset;
mod draws;
mod error;
pub mod explain;
mod groups;
pub mod head;
pub mod histogram;
pub mod parts;
pub mod report;
pub mod requirement;
mod sampling;
mod seldom;
pub mod statistics;
pub mod text;
mod without_relu;
pub mod worst;

pub use bounded::{Bounded, BoundedWeights, Largest};
pub use draws::{Drawn, Draws};
pub use error::Error;
pub use groups::Top1;
pub use report::Report;
pub use sampling::{DEFAULT_SAMPLES, Sampling};
pub use text::Style;
pub use without_relu::WithoutRelu;

use crate::network::Network;
use crate::program::Program;
use crate::progress::Watcher;
use crate::readings::{belongs, heads_belong};
use seldom::Seldom;
use without_relu::without_relu;

/// Runs `network` on inputs of `program`'s circuit and holds every read-off against the truth.
///
/// `watcher` is called now and then, and stops the run by any answer but [`Answer::GoOn`](crate::progress::Answer).
///
/// # Errors
/// When network and circuit do not belong together, when there are too many inputs to take them all, or when
/// `watcher` says so.
pub fn evaluate(program: &Program, network: &Network, sampling: &Sampling, watcher: Watcher) -> Result<Report, Error> {
    belongs(&program.circuit, network)?;
    heads_belong(program, network)?;
    let mut counts = count::count(program, network, sampling, watcher)?;
    let seldom = Seldom::measure(&program.circuit, network, sampling, &counts.gates, watcher)?;
    let without_relu = match sampling.without_relu && program.circuit.n_gates() > 0 {
        true => without_relu(&program.circuit, network, sampling.seed, watcher)?,
        false => None,
    };
    let passes = std::mem::take(&mut counts.passes).into_iter();
    let corrections = passes.map(|pass| pass.judged(&program.circuit, network)).collect();
    let heads = match sampling.heads {
        true => head::heads(program, network, sampling, watcher)?,
        false => Vec::new(),
    };
    let top1 = counts.contests.iter().filter_map(|contest| contest.top1(sampling.exhaustive)).collect();
    let bounded_weights = bounded::bounded(&program.circuit, network, sampling, watcher)?;
    let report = Report::new(program, network, sampling, &counts, &seldom, without_relu);
    Ok(Report { corrections, heads, top1, bounded_weights, ..report })
}

#[cfg(test)]
mod tests;
