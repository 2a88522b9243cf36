//! Read-offs solved for: the least noise that leaves each class of a gate at its truth.
//!
//! With activations h of mean μ and covariance Σ over the input distribution, a gate's truth t, and the mean μ_c of h
//! in each class c of the gate (its operands' patterns) whose truth is t_c, the read-off r·h + b minimises
//!
//! E[(r·h + b − t)²] + Σ_c w (r·μ_c + b − t_c)²,
//!
//! least squares balanced over the classes: unbalanced least squares shrinks every rare gate to 0. For a rare gate the
//! first term is the noise rᵀΣr and the second makes each class right in the mean: the linearly constrained minimum
//! variance filter (Capon 1969; Frost 1972). With κ = Cov(h, t), τ = E[t], and everything centred and extended by a
//! constant coordinate of unit weight (h̃, μ̃, Σ̃, κ̃ = (κ, τ)), M = [μ̃_c − μ̃]:
//!
//! r̃ = Σ̃⁻¹(κ̃ + M α),  (MᵀΣ̃⁻¹M + I/w) α = t − MᵀΣ̃⁻¹κ̃.
//!
//! Σ is shared by all gates, so a gate costs O(n²). Classes are measured on draws stratified by gate (`strata`),
//! always on the layer's actual activations, noise of the layers below included: that is what keeps errors from
//! growing with depth.
//!
//! Must not know how the neurons were wired.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::circuit::Inputs;
use crate::circuit::sample::Sampler;
use crate::circuit::truth::Truth;
use crate::compile::code::LayerTask;
use crate::compile::linear;
use crate::compile::strata::{Class, Classes, Strata};
use crate::kernels;

/// The activations of the layer that is being compiled: [inputs, n].
pub type Activate<'a> = &'a (dyn Fn(&Inputs) -> Array2<f32> + Sync);

/// What plain inputs show: the noise that every read-off has to live with, and how it goes with the gates.
pub struct Background {
    /// μ: [n].
    mean: Vec<f32>,
    /// Σ⁻¹: [n, n].
    precision: Array2<f32>,
    /// κ: [targets, n].
    covariances: Array2<f32>,
    /// τ: [targets].
    frequencies: Vec<f64>,
}

/// One row of a solved read-off, and what it is worth.
#[derive(Debug, Clone)]
pub struct Solved {
    pub weights: Vec<f32>,
    pub bias: f32,
    /// E[(r·h + b − t)²] over the background.
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
    pub fn measure(
        task: &LayerTask,
        targets: &[usize],
        sampler: &Sampler,
        activate: Activate,
        n: usize,
        n_blocks: u64,
        seed: u64,
    ) -> Background {
        let mut moment = Array2::<f64>::zeros((n, n));
        let mut sum = Array1::<f64>::zeros(n);
        let mut sums_on = Array2::<f32>::zeros((targets.len(), n));
        let mut counts_on = vec![0u32; targets.len()];
        let mut n_inputs = 0;
        for chunk in 0..n_blocks.div_ceil(CHUNK_BLOCKS) {
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
        Background { mean, precision, covariances: sums_on, frequencies }
    }
}

/// Solves for the read-offs of `targets`, in their order, from `rounds` blocks of 64 stratified inputs each.
/// `background` was measured for the same targets.
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
        .enumerate()
        .map_init(
            || strata.clone(),
            |strata, (chunk_idx, targets)| {
                let system = |(place, &target_idx): (usize, &usize)| {
                    let mut means = ClassMeans::new(background.mean.len());
                    let classes = Classes::of(task, target_idx);
                    for round in 0..rounds {
                        let (inputs, found) = strata.block(task.targets[target_idx], &classes, "classes", round);
                        means.add(&activate(&inputs), &found);
                    }
                    System::new(means, chunk_idx * TARGETS_AT_ONCE + place, background)
                };
                let systems: Vec<System> = targets.iter().enumerate().map(system).collect();
                solve_together(&systems, background)
            },
        )
        .flatten_iter()
        .collect()
}

/// The equations of one target.
struct System {
    /// Mᵀ without its constant coordinate, and below it κ: [classes + 1, n].
    shifts: Array2<f32>,
    /// t: [classes].
    truths: Vec<f64>,
    /// τ.
    frequency: f64,
}

impl System {
    fn new(means: ClassMeans, place: usize, background: &Background) -> System {
        let n_classes = means.classes.len();
        let mut shifts = Array2::zeros((n_classes + 1, background.mean.len()));
        for (mut shift, (_, _, n_members, sum)) in shifts.rows_mut().into_iter().zip(&means.classes) {
            for ((value, sum), mean) in shift.iter_mut().zip(sum).zip(&background.mean) {
                *value = sum / *n_members as f32 - mean;
            }
        }
        shifts.row_mut(n_classes).assign(&background.covariances.row(place));
        let truths = means.classes.iter().map(|class| class.1 as u8 as f64).collect();
        System { shifts, truths, frequency: background.frequencies[place] }
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

/// Σ⁻¹M and Σ⁻¹κ of several targets in one product, then a small system for each.
fn solve_together(systems: &[System], background: &Background) -> Vec<Solved> {
    let views: Vec<_> = systems.iter().map(|system| system.shifts.view()).collect();
    let shifts = ndarray::concatenate(Axis(0), &views).expect("all are n wide");
    let mut filtered = Array2::<f32>::zeros(shifts.dim());
    kernels::product(shifts.view(), background.precision.view(), filtered.view_mut());
    let mut first = 0;
    let solve = |system: &System| {
        let filtered = filtered.slice(s![first..first + system.shifts.nrows(), ..]);
        first += system.shifts.nrows();
        solve_one(system, filtered, background)
    };
    systems.iter().map(solve).collect()
}

/// `filtered`: Σ⁻¹ times the rows of `system.shifts`.
fn solve_one(system: &System, filtered: ArrayView2<f32>, background: &Background) -> Solved {
    let n_classes = system.truths.len();
    let n = background.mean.len();
    if system.frequency == 0.0 && !system.truths.contains(&1.0) {
        // Never on: it is read as what it is at rest.
        return Solved { weights: vec![0.0; n], bias: 0.0, variance: 0.0 };
    }
    let gain = |row: usize, column: usize| -> f64 {
        let terms = system.shifts.row(row);
        terms.iter().zip(filtered.row(column)).map(|(&m, &g)| f64::from(m) * f64::from(g)).sum()
    };
    // The constant coordinate adds 1 to every product of classes, τ to every product with κ̃.
    let gains = Array2::from_shape_fn((n_classes, n_classes), |(row, column)| {
        gain(row, column) + 1.0 + if row == column { SLACK } else { 0.0 }
    });
    let wanted: Vec<f64> =
        (0..n_classes).map(|row| system.truths[row] - gain(row, n_classes) - system.frequency).collect();
    let mut mixture = times(&linear::inverse(gains), &wanted);
    let constant = system.frequency + mixture.iter().sum::<f64>();
    mixture.push(1.0);
    let (mut weights, mut direction) = (vec![0.0f32; n], vec![0.0f32; n]);
    for (place, &share) in mixture.iter().enumerate() {
        let row = |matrix: &ArrayView2<f32>| matrix.row(place).to_vec();
        kernels::axpy(share as f32, &row(&filtered), &mut weights);
        kernels::axpy(share as f32, &row(&system.shifts.view()), &mut direction);
    }
    let bias = constant as f32 - kernels::dot(&weights, &background.mean);
    // rᵀΣr = r·(κ + Mα); the error is that − 2 r·κ + Var t + (b' − τ)².
    let power = f64::from(kernels::dot(&weights, &direction));
    let covariance = f64::from(kernels::dot(&weights, &system.shifts.row(n_classes).to_vec()));
    let off_centre = constant - system.frequency;
    let variance = power - 2.0 * covariance + system.frequency * (1.0 - system.frequency) + off_centre * off_centre;
    Solved { weights, bias, variance: variance.max(0.0) }
}

/// A small matrix by a vector.
fn times(matrix: &Array2<f64>, vector: &[f64]) -> Vec<f64> {
    matrix.rows().into_iter().map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum()).collect()
}
