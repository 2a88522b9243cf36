//! A start for layers of parities: features enter by signs of low overlap (`code`), and every read-off is solved for.
//!
//! From small weights a fit learns x + y of an XOR first and last that both are on, which is one input in many. Here
//! all classes of a gate are right in the mean from the first step on, so that what is left is noise; and whatever is
//! off with several operands on weighs more. Must not know how it is fitted on.

use ndarray::{Array2, s};

use super::code;
use super::recipe::{CODE_SCALE, CODE_SHARE};
use super::weights::{LayerWeights, Readoffs, Wiring, padded};
use crate::circuit::Inputs;
use crate::compile::compilation::Compilation;
use crate::compile::error::Error;
use crate::compile::layer::LayerTask;
use crate::compile::solve;
use crate::kernels;
use crate::progress::Watcher;
use crate::random::Pcg64;

/// The lowest layer, of `n` neurons. They have no bias: each bends at 0, between the sums of an odd number of signs.
///
/// # Errors
/// When it is told to stop.
pub fn start(
    compilation: &Compilation,
    task: &LayerTask,
    n: usize,
    rng: &mut Pcg64,
    watcher: Watcher,
) -> Result<LayerWeights, Error> {
    let wiring = Wiring::columns(&(code::signs(task.below.len(), n, rng) * CODE_SCALE));
    let unread = LayerWeights::new(n, 0, 0.0, wiring);
    let Wiring::Columns { by_feature, .. } = &unread.wiring else { unreachable!("features enter by columns") };
    let activate = |inputs: &Inputs| {
        let mut h = Array2::zeros((inputs.len(), padded(n)));
        for (mut h, active) in h.rows_mut().into_iter().zip(inputs.iter()) {
            kernels::sum_columns_relu(&unread.bias, by_feature.view(), active, h.as_slice_mut().expect("row-major"));
        }
        h.slice(s![.., ..n]).as_standard_layout().to_owned()
    };
    let solved = solve::all_read_offs(compilation, task, &activate, n, watcher)?;
    let mut rows = Array2::zeros((task.targets.len(), padded(n)));
    for (mut row, solved) in rows.rows_mut().into_iter().zip(&solved) {
        row.iter_mut().zip(&solved.weights).for_each(|(weight, solved)| *weight = CODE_SHARE * solved);
    }
    let offsets = solved.iter().map(|solved| 0.5 + CODE_SHARE * (solved.bias - 0.5)).collect();
    Ok(LayerWeights { readoffs: Readoffs::new(rows, offsets), ..unread })
}
