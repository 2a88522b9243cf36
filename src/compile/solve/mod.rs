//! `-O1`: a construction's wiring, with the read-offs that serve it best. No training: a few matrix products.
//!
//! Layer by layer, each on the actual activations of the ones below. How read-offs are found is for the construction to
//! say: each by itself (`filtered`), a line for each kind of target (`lines`), or as they are (`constants`).

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

use super::compilation::Compilation;
use super::construct::{Construction, Solution};
use super::error::Error;
use super::stack::stacked;
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
    let solve = match construction.solution() {
        Solution::Filters => filtered::layer,
        Solution::Lines => lines::layer,
        Solution::Constants => constants::layer,
    };
    stacked(compilation, watcher, |task, below, watcher| solve(compilation, construction, task, below, watcher))
}
