//! What plain inputs show of a layer: the noise that every read-off has to live with, and how it goes with the gates.
//!
//! Must not know how neurons are wired, nor what is made of the moments.

use ndarray::{Array1, Array2, Axis};
use rayon::prelude::*;

use crate::circuit::Inputs;
use crate::circuit::truth::Truth;
use crate::compile::compilation::Compilation;
use crate::compile::layer::LayerTask;
use crate::kernels;
use crate::linear;
use crate::progress::{Progress, Reason, Watcher};

/// The activations of the layer that is being compiled: [inputs, n].
pub type Activate<'a> = &'a (dyn Fn(&Inputs) -> Array2<f32> + Sync);

/// Moments of the activations over the input distribution.
pub struct Background {
    /// μ: [n].
    pub mean: Vec<f32>,
    /// Σ⁻¹: [n, n].
    pub precision: Array2<f32>,
    /// κ = Cov(h, t) by target: [targets, n].
    pub covariances: Array2<f32>,
    /// τ = E[t] by target.
    pub frequencies: Vec<f64>,
}

/// Share of the mean variance that is added to every neuron's own: keeps silent neurons from dividing by zero, and
/// what the draws show of a rare direction from being believed too much.
const RIDGE: f64 = 1e-3;

/// Inputs whose second moments are summed in f32 before they go to f64.
const CHUNK_BLOCKS: u64 = 16;

impl Background {
    /// From `n_blocks` blocks of 64 inputs of the circuit's distribution, unless it is told to stop.
    pub fn measure(
        compilation: &Compilation,
        task: &LayerTask,
        targets: &[usize],
        activate: Activate,
        n: usize,
        n_blocks: u64,
        watcher: Watcher,
    ) -> Result<Background, Reason> {
        let (sampler, seed) = (&compilation.sampler, compilation.plan.seed);
        let mut moment = Array2::<f64>::zeros((n, n));
        let mut sum = Array1::<f64>::zeros(n);
        let mut sums_on = Array2::<f32>::zeros((targets.len(), n));
        let mut counts_on = vec![0u32; targets.len()];
        let mut n_inputs = 0;
        let n_chunks = n_blocks.div_ceil(CHUNK_BLOCKS);
        for chunk in 0..n_chunks {
            watcher(Progress { total: n_chunks, ..Progress::of("measuring interference", chunk) }).go_on()?;
            let blocks: Vec<(Array2<f32>, Truth)> = (chunk * CHUNK_BLOCKS..((chunk + 1) * CHUNK_BLOCKS).min(n_blocks))
                .into_par_iter()
                .map(|block_idx| {
                    let inputs = sampler.block(seed, "background", block_idx);
                    let mut truth = Truth::new(task.circuit);
                    truth.evaluate(task.circuit, &inputs, 0..inputs.len());
                    (activate(&inputs), truth)
                })
                .collect();
            let views: Vec<_> = blocks.iter().map(|block| block.0.view()).collect();
            let activations = ndarray::concatenate(Axis(0), &views).expect("blocks are equally wide");
            let transposed = activations.t().as_standard_layout().to_owned();
            let mut gram = Array2::<f32>::zeros((n, n));
            kernels::par_product(transposed.view(), activations.view(), gram.view_mut());
            moment.zip_mut_with(&gram, |total, &part| *total += f64::from(part));
            for row in activations.rows() {
                sum.zip_mut_with(&row, |total, &part| *total += f64::from(part));
            }
            n_inputs += activations.nrows();
            let rows = sums_on.as_slice_mut().expect("new arrays are row-major").par_chunks_mut(n);
            rows.zip(&mut counts_on).zip(targets).for_each(|((sums, count), &target_idx)| {
                for (activations, truth) in &blocks {
                    let mut on = truth.word(task.targets[target_idx]);
                    *count += on.count_ones();
                    while on != 0 {
                        let activations = activations.row(on.trailing_zeros() as usize);
                        sums.iter_mut().zip(activations).for_each(|(sum, value)| *sum += value);
                        on &= on - 1;
                    }
                }
            });
        }
        let mean = sum / n_inputs as f64;
        for (mut row, &mean_row) in moment.rows_mut().into_iter().zip(&mean) {
            row.zip_mut_with(&mean, |value, &mean_column| *value = *value / n_inputs as f64 - mean_row * mean_column);
        }
        linear::add_ridge(&mut moment, RIDGE);
        let precision = linear::inverse(moment).mapv(|value| value as f32);
        let mean = mean.mapv(|value| value as f32).to_vec();
        for (mut sums, &count) in sums_on.rows_mut().into_iter().zip(&counts_on) {
            for (sum, mean) in sums.iter_mut().zip(&mean) {
                *sum = (*sum - count as f32 * mean) / n_inputs as f32;
            }
        }
        let frequencies = counts_on.iter().map(|&count| f64::from(count) / n_inputs as f64).collect();
        Ok(Background { mean, precision, covariances: sums_on, frequencies })
    }
}
