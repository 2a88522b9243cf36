//! Layer by layer, each on top of the ones below, or on the stream that they have written to.
//!
//! Must not know how read-offs are found.

use super::compilation::Compilation;
use super::construct::{Wiring, join, lacking};
use super::error::Error;
use super::layer::LayerTask;
use crate::network::Layer;
use crate::progress::{Progress, Watcher};

/// A layer by a wiring, on top of `below`, with the read-offs of the wiring.
///
/// # Errors
/// When there is something that it cannot wire.
pub fn wired(
    compilation: &Compilation,
    wiring: &dyn Wiring,
    task: &LayerTask,
    below: &[Layer],
) -> Result<Layer, Error> {
    let site = compilation.site(task, below, &[]);
    let code = wiring.wire(&site, &mut compilation.wiring_stream(task));
    if code.missing.is_empty() { Ok(join(&site, code)) } else { Err(lacking(code.missing)) }
}

/// # Errors
/// The first that `next` has, and when it is told to stop.
pub fn stacked(
    compilation: &Compilation,
    watcher: Watcher,
    mut next: impl FnMut(&LayerTask, &[Layer], Watcher) -> Result<Layer, Error>,
) -> Result<Vec<Layer>, Error> {
    let total = compilation.tasks.len() as u64;
    let mut layers: Vec<Layer> = Vec::with_capacity(compilation.tasks.len());
    for task in &compilation.tasks {
        let layer = next(task, &layers, watcher)?;
        layers.push(compilation.placed(task, layer));
        watcher(Progress { total, ..Progress::of("wiring", layers.len() as u64) }).go_on()?;
    }
    Ok(layers)
}
