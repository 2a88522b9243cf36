//! Layer by layer, each on top of the ones below. Must not know how a layer comes about.

use super::compilation::Compilation;
use super::error::Error;
use super::layer::LayerTask;
use crate::network::Layer;
use crate::progress::{Progress, Watcher};

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
        layers.push(layer);
        watcher(Progress { total, ..Progress::of("wiring", layers.len() as u64) }).go_on()?;
    }
    Ok(layers)
}
