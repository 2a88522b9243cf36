//! The layers of a network in closed form, by a construction that need not be the one of the plan: `-O0` and `-O1`.
//!
//! Must not know how a fit goes, only how layers are judged.

use super::compilation::Compilation;
use super::construct::{self, Construction, Solution};
use super::error::Error;
use super::options::Request;
use super::stack::{stacked, wired};
use super::{fit, solve};
use crate::network::Layer;
use crate::program::Sides;
use crate::progress::Watcher;

/// `-O0`: layer by layer, the construction as published.
pub fn published(
    compilation: &Compilation,
    construction: &dyn Construction,
    watcher: Watcher,
) -> Result<Vec<Layer>, Error> {
    stacked(compilation, watcher, |task, below, _| {
        wired(compilation, &*construct::of_layer(construction, task).published(task), task, below)
    })
}

/// `-O1`: solved for, unless the construction as published already does more of what is asked for.
pub fn solved(
    compilation: &Compilation,
    construction: &dyn Construction,
    watcher: Watcher,
) -> Result<Vec<Layer>, Error> {
    let solved = solve::layers(compilation, construction, watcher)?;
    let solved = match &compilation.stream {
        Some(_) => solve::calibrated(compilation, &solved).unwrap_or(solved),
        None => solved,
    };
    if solve::is_exact(compilation, construction) || construction.solution() != Solution::Filters {
        return Ok(solved);
    }
    let published = match published(compilation, construction, watcher) {
        Ok(published) => published,
        Err(Error::Stopped(reason)) => return Err(Error::Stopped(reason)),
        Err(Error::TooNarrow(_) | Error::Refused(_)) => return Ok(solved),
    };
    let goal = fit::Goal::of(compilation.program, &Request::default(), Sides::Two);
    let score = |layers: &[Layer]| fit::judge(compilation, &goal, layers);
    Ok(if score(&published).beats(&score(&solved)) { published } else { solved })
}
