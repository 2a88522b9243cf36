//! Read-offs solved for: the least noise that leaves each class of a gate at its truth.
//!
//! With activations h of mean μ and covariance Σ over the input distribution, and the mean μ_c of h in each class c
//! of a gate (its operands' patterns) whose truth is t_c, the read-off r·h + b, b = −r·μ, minimises
//!
//! rᵀΣr + Σ_c w (r·(μ_c − μ) − t_c)²,  so  r = Σ⁻¹M (MᵀΣ⁻¹M + I/w)⁻¹ t,  M = [μ_c − μ]:
//!
//! the linearly constrained minimum variance filter (Capon 1969; Frost 1972) with soft constraints, or, read the
//! other way, least squares balanced over the classes: unbalanced least squares shrinks every rare gate to 0. Σ is
//! shared by all gates, so a gate costs O(n²). Classes are measured on draws stratified by gate (`strata`), always on
//! the layer's actual activations, noise of the layers below included: that is what keeps errors from growing with
//! depth.
//!
//! Must not know how the neurons were wired.

use ndarray::{Array1, Array2, Axis, s};
use rayon::prelude::*;

use crate::circuit::Inputs;
use crate::circuit::sample::Sampler;
use crate::compile::code::LayerTask;
use crate::compile::linear;
use crate::compile::strata::{Class, Classes, Strata};
use crate::kernels;

/// The activations of the layer that is being compiled: [inputs, n].
pub type Activate<'a> = &'a (dyn Fn(&Inputs) -> Array2<f32> + Sync);

/// The noise that every read-off of a layer has to live with.
pub struct Background {
    /// μ: [n].
    pub mean: Vec<f32>,
    /// Σ⁻¹: [n, n].
    pub precision: Array2<f32>,
}

/// One row of a solved read-off, and what it is worth.
#[derive(Debug, Clone)]
pub struct Solved {
    pub weights: Vec<f32>,
    pub bias: f32,
    /// rᵀΣr: the variance of the reading over the background.
    pub variance: f64,
}

/// Share of the mean variance that is added to every neuron's own: keeps silent neurons from dividing by zero, and
/// what the draws show of a rare direction from being believed too much.
const RIDGE: f64 = 1e-3;

/// 1/w: how far a class mean may stray, as variance of the read-off.
const SLACK: f64 = 1e-4;

/// Targets whose systems are solved together: enough rows for a matrix product, few enough to stay in cache.
const TARGETS_AT_ONCE: usize = 16;

/// Inputs whose second moments are summed in f32 before they go to f64.
const CHUNK_BLOCKS: u64 = 16;

impl Background {
    /// From `n_blocks` blocks of 64 inputs of the circuit's distribution.
    pub fn measure(sampler: &Sampler, activate: Activate, n: usize, n_blocks: u64, seed: u64) -> Background {
        let mut moment = Array2::<f64>::zeros((n, n));
        let mut sum = Array1::<f64>::zeros(n);
        let mut n_inputs = 0;
        for chunk in 0..n_blocks.div_ceil(CHUNK_BLOCKS) {
            let blocks = chunk * CHUNK_BLOCKS..((chunk + 1) * CHUNK_BLOCKS).min(n_blocks);
            let blocks: Vec<Array2<f32>> = blocks
                .into_par_iter()
                .map(|block_idx| activate(&sampler.block(seed, "background", block_idx)))
                .collect();
            let views: Vec<_> = blocks.iter().map(|block| block.view()).collect();
            let activations = ndarray::concatenate(Axis(0), &views).expect("blocks are equally wide");
            let transposed = activations.t().as_standard_layout().to_owned();
            let mut gram = Array2::<f32>::zeros((n, n));
            kernels::par_product(transposed.view(), activations.view(), gram.view_mut());
            moment.zip_mut_with(&gram, |total, &part| *total += f64::from(part));
            for row in activations.rows() {
                sum.zip_mut_with(&row, |total, &part| *total += f64::from(part));
            }
            n_inputs += activations.nrows();
        }
        let mean = sum / n_inputs as f64;
        for (mut row, &mean_row) in moment.rows_mut().into_iter().zip(&mean) {
            row.zip_mut_with(&mean, |value, &mean_column| *value = *value / n_inputs as f64 - mean_row * mean_column);
        }
        linear::add_ridge(&mut moment, RIDGE);
        let precision = linear::inverse(moment).mapv(|value| value as f32);
        Background { mean: mean.mapv(|value| value as f32).to_vec(), precision }
    }
}

/// Solves for the read-offs of `targets`, in their order, from `rounds` blocks of 64 stratified inputs each.
pub fn solve(
    task: &LayerTask,
    targets: &[usize],
    background: &Background,
    activate: Activate,
    seed: u64,
    rounds: u64,
) -> Vec<Solved> {
    let strata = Strata::new(task.circuit, seed);
    targets
        .par_chunks(TARGETS_AT_ONCE)
        .map_init(
            || strata.clone(),
            |strata, targets| {
                let systems: Vec<System> = targets
                    .iter()
                    .map(|&idx| System::measure(task, idx, background, activate, strata, rounds))
                    .collect();
                solve_together(&systems, background)
            },
        )
        .flatten_iter()
        .collect()
}

/// The classes of one target, measured.
struct System {
    /// M, transposed: [classes, n].
    shifts: Array2<f32>,
    /// t: [classes].
    truths: Vec<f64>,
}

impl System {
    fn measure(
        task: &LayerTask,
        target_idx: usize,
        background: &Background,
        activate: Activate,
        strata: &mut Strata,
        rounds: u64,
    ) -> System {
        let classes = Classes::of(task, target_idx);
        let mut means = ClassMeans::new(background.mean.len());
        for round in 0..rounds {
            let (inputs, found) = strata.block(task.targets[target_idx], &classes, "classes", round);
            means.add(&activate(&inputs), &found);
        }
        // The class in which all operands are off is the background itself, and its truth is 0.
        let measured: Vec<&(i64, bool, usize, Vec<f32>)> = means.classes.iter().filter(|class| class.0 != 0).collect();
        let mut shifts = Array2::zeros((measured.len(), background.mean.len()));
        for (mut shift, (_, _, n_members, sum)) in shifts.rows_mut().into_iter().zip(&measured) {
            for ((value, sum), mean) in shift.iter_mut().zip(sum).zip(&background.mean) {
                *value = sum / *n_members as f32 - mean;
            }
        }
        System { shifts, truths: measured.iter().map(|class| class.1 as u8 as f64).collect() }
    }
}

/// Sums of activations by class: (key, truth, members, sum), ascending in key.
struct ClassMeans {
    n: usize,
    classes: Vec<(i64, bool, usize, Vec<f32>)>,
}

impl ClassMeans {
    fn new(n: usize) -> ClassMeans {
        ClassMeans { n, classes: Vec::new() }
    }

    fn add(&mut self, activations: &Array2<f32>, found: &[Class]) {
        for class in found {
            let place = match self.classes.binary_search_by_key(&class.key, |entry| entry.0) {
                Ok(place) => place,
                Err(place) => {
                    self.classes.insert(place, (class.key, class.value, 0, vec![0.0; self.n]));
                    place
                }
            };
            let (_, _, n_members, sum) = &mut self.classes[place];
            *n_members += class.members.len();
            for &member in &class.members {
                sum.iter_mut().zip(activations.row(member)).for_each(|(sum, value)| *sum += value);
            }
        }
    }
}

/// Σ⁻¹M of several targets in one product, then a small system for each.
fn solve_together(systems: &[System], background: &Background) -> Vec<Solved> {
    let n = background.mean.len();
    let views: Vec<_> = systems.iter().map(|system| system.shifts.view()).collect();
    let shifts = ndarray::concatenate(Axis(0), &views).expect("all are n wide");
    let mut filtered = Array2::<f32>::zeros(shifts.dim());
    kernels::product(shifts.view(), background.precision.view(), filtered.view_mut());
    let mut first = 0;
    let solve = |system: &System| {
        let n_classes = system.truths.len();
        let filtered = filtered.slice(s![first..first + n_classes, ..]);
        first += n_classes;
        if !system.truths.contains(&1.0) {
            // Never on: it is read as what it is at rest.
            return Solved { weights: vec![0.0; n], bias: 0.0, variance: 0.0 };
        }
        let gains = Array2::<f64>::from_shape_fn((n_classes, n_classes), |(row, column)| {
            system.shifts.row(row).iter().zip(filtered.row(column)).map(|(&m, &g)| f64::from(m) * f64::from(g)).sum()
        });
        let mut softened = gains.clone();
        softened.diag_mut().mapv_inplace(|gain| gain + SLACK);
        let mixture = times(&linear::inverse(softened), &system.truths);
        let variance = times(&gains, &mixture).iter().zip(&mixture).map(|(gain, share)| gain * share).sum();
        let mut weights = vec![0.0f32; n];
        for (row, &share) in filtered.rows().into_iter().zip(&mixture) {
            kernels::axpy(share as f32, row.as_slice().expect("rows are contiguous"), &mut weights);
        }
        let bias = -kernels::dot(&weights, &background.mean);
        Solved { weights, bias, variance }
    };
    systems.iter().map(solve).collect()
}

/// A small matrix by a vector.
fn times(matrix: &Array2<f64>, vector: &[f64]) -> Vec<f64> {
    matrix.rows().into_iter().map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum()).collect()
}
