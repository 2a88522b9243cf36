//! `-O1`: a construction's wiring, with the read-offs that serve it best. No training: a few matrix products.
//!
//! Layer by layer, each on the actual activations of the ones below. As long as there is a neuron for each bend of
//! every layer so far, there is nothing to solve for, and all is exact. How read-offs are found else is for the
//! construction to say: each by itself (`filtered`), a line for each kind of target (`lines`), or as they are
//! (`constants`).

mod background;
mod calibrated;
mod constants;
mod extremes;
mod filtered;
mod judge;
mod lines;
mod readoff;
mod threshold;

pub use calibrated::calibrated;
pub use filtered::all_read_offs;

use std::collections::BTreeSet;

use super::compilation::Compilation;
use super::construct::{self, Construction, NAIVE, Solution, unshared_width};
use super::error::Error;
use super::stack::{stacked, wired};
use crate::network::Layer;
use crate::progress::Watcher;

/// The layers of a network, by a construction that need not be the one of the plan: `construct::LINEAR` gives the code
/// that any other network of these widths is to be held against.
///
/// # Errors
/// When the construction cannot wire a layer, or it is told to stop.
pub fn layers(
    compilation: &Compilation,
    construction: &dyn Construction,
    watcher: Watcher,
) -> Result<Vec<Layer>, Error> {
    let n_exact = n_exact(compilation, construction);
    let mut faint = BTreeSet::new();
    stacked(compilation, watcher, |task, below, watcher| match task.layer_idx < n_exact {
        true => wired(compilation, &*NAIVE.published(task), task, below),
        false => {
            let construction = construct::of_layer(construction, task);
            match construction.solution() {
                Solution::Filters => filtered::layer(compilation, construction, task, below, watcher),
                Solution::Constants => constants::layer(compilation, construction, task, below, watcher),
                Solution::Lines => lines::layer(compilation, construction, task, below, &mut faint, watcher),
            }
        }
    })
}

/// How many of the lowest layers have a neuron for each bend, on inputs that come in exactly.
fn n_exact(compilation: &Compilation, construction: &dyn Construction) -> usize {
    if !construction.may_be_exact() || compilation.embedding.is_some() {
        return 0;
    }
    let layers = compilation.tasks.iter().zip(&compilation.plan.widths);
    layers.take_while(|(task, n)| **n >= unshared_width(task)).count()
}

/// Whether nothing is left to be solved for.
pub fn is_exact(compilation: &Compilation, construction: &dyn Construction) -> bool {
    n_exact(compilation, construction) == compilation.tasks.len()
}
