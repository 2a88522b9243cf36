//! Read-offs that stay as they were wired: what has no neuron reads its most frequent value.
//!
//! Must not know which constructions there are.

use rayon::prelude::*;

use crate::compile::compilation::Compilation;
use crate::compile::construct::Construction;
use crate::compile::error::Error;
use crate::compile::layer::LayerTask;
use crate::compile::stack::wired;
use crate::network::Layer;
use crate::progress::{Progress, Watcher};
use crate::readings::{BLOCK, InputBlock};

/// Blocks of 64 inputs on which values are counted.
const N_BLOCKS: u64 = 256;

/// The next layer on top of `below`.
pub fn layer(
    compilation: &Compilation,
    construction: &dyn Construction,
    task: &LayerTask,
    below: &[Layer],
    watcher: Watcher,
) -> Result<Layer, Error> {
    let ladder = construction.ladder(task, compilation.plan.widths[task.layer_idx]);
    let mut layer = wired(compilation, &*ladder.rungs[ladder.first], task, below)?;
    watcher(Progress::of("counting", 0)).go_on()?;
    let readoff = &mut layer.readoff;
    let constant: Vec<usize> = (0..task.targets.len()).filter(|&idx| readoff.matrix.is_zero_row(idx)).collect();
    for (&target_idx, n_on) in constant.iter().zip(counts(compilation, task, &constant)) {
        readoff.bias[target_idx] = if 2 * n_on > N_BLOCKS * BLOCK as u64 { 1.0 } else { 0.0 };
    }
    Ok(layer)
}

/// In how many of the inputs each of `targets` is on.
fn counts(compilation: &Compilation, task: &LayerTask, targets: &[usize]) -> Vec<u64> {
    let of_block = |block: &mut InputBlock, block_idx: u64| {
        block.fill(task.circuit, compilation.sampler.block(compilation.plan.seed, "frequencies", block_idx));
        let n_on = |&target_idx: &usize| u64::from(block.word(task.targets[target_idx]).count_ones());
        targets.iter().map(n_on).collect::<Vec<u64>>()
    };
    let nothing = || vec![0; targets.len()];
    (0..N_BLOCKS)
        .into_par_iter()
        .map_init(|| InputBlock::new(task.circuit), of_block)
        .reduce(nothing, |a, b| a.iter().zip(&b).map(|(a, b)| a + b).collect())
}
