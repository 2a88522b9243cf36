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

use ndarray::{Array2, Axis};
use rayon::prelude::*;

use crate::compile::layer::LayerTask;
use crate::compile::solve::background::{Activate, Background};
use crate::compile::strata::{Class, Classes, Rounds, Strata};
use crate::kernels;
use crate::linear;
use crate::progress::{Progress, Reason, Watcher};

/// One row of a solved read-off, and what it is worth.
#[derive(Debug, Clone)]
pub struct Solved {
    pub weights: Vec<f32>,
    pub bias: f32,
    /// E[(r·h + b − t)²] over the background.
    pub variance: f64,
}

/// 1/w: how far a class mean may stray, as variance of the read-off.
const SLACK: f64 = 1e-4;

/// Targets whose classes are filtered together: enough rows for a matrix product, few enough to stay in cache.
const TARGETS_AT_ONCE: usize = 16;

/// Targets between two reports of progress.
const TARGETS_WATCHED: usize = 32 * TARGETS_AT_ONCE;

/// What the read-off of one target is asked for.
struct Equations {
    /// κ.
    covariance: Direction,
    /// τ.
    frequency: f64,
    conditions: Vec<Condition>,
}

/// What to read in the mean of a class of inputs.
struct Condition {
    /// μ_c − μ.
    mean: Direction,
    /// t_c.
    truth: f64,
}

/// A vector v over the neurons, and Σ⁻¹v.
struct Direction {
    vector: Vec<f32>,
    filtered: Vec<f32>,
}

impl Direction {
    /// vᵀΣ⁻¹w, summed in f64: the systems below are close to singular.
    fn gain(&self, other: &Direction) -> f64 {
        self.vector.iter().zip(&other.filtered).map(|(&v, &w)| f64::from(v) * f64::from(w)).sum()
    }
}

/// Solves for the read-offs of `targets`, in their order, from `rounds` of 64 stratified inputs each.
/// `background` was measured for the same targets. Ends when it is told to stop.
pub fn solve(
    task: &LayerTask,
    targets: &[usize],
    background: &Background,
    activate: Activate,
    rounds: Rounds,
    watcher: Watcher,
) -> Result<Vec<Solved>, Reason> {
    let strata = Strata::new(task.circuit, rounds.seed);
    let total = targets.len() as u64;
    let mut solved = Vec::with_capacity(targets.len());
    for (part_idx, part) in targets.chunks(TARGETS_WATCHED).enumerate() {
        watcher(Progress { total, ..Progress::of("solving for read-offs", solved.len() as u64) }).go_on()?;
        let first = part_idx * TARGETS_WATCHED / TARGETS_AT_ONCE;
        let of_part = part
            .par_chunks(TARGETS_AT_ONCE)
            .enumerate()
            .map_init(
                || strata.clone(),
                |strata, (chunk_idx, targets)| {
                    let chunk_idx = first + chunk_idx;
                    let measure = |&target_idx: &usize| {
                        let mut means = ClassMeans::new(background.mean.len());
                        let classes = Classes::of(task, target_idx);
                        for round in 0..rounds.n {
                            let (inputs, found) = strata.block(task.targets[target_idx], &classes, "classes", round);
                            means.add(&activate(&inputs), &found);
                        }
                        means
                    };
                    let measured: Vec<ClassMeans> = targets.iter().map(measure).collect();
                    let equations = filter(measured, chunk_idx * TARGETS_AT_ONCE, background);
                    equations.iter().map(|equations| equations.solve(background)).collect::<Vec<_>>()
                },
            )
            .flatten_iter();
        solved.par_extend(of_part);
    }
    Ok(solved)
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

/// Centres the class means of several targets and filters them, with their κ, in one product.
fn filter(measured: Vec<ClassMeans>, first: usize, background: &Background) -> Vec<Equations> {
    let n = background.mean.len();
    let n_rows = measured.iter().map(|means| means.classes.len() + 1).sum();
    let mut vectors = Array2::<f32>::zeros((n_rows, n));
    let mut rows = vectors.axis_iter_mut(Axis(0));
    for (place, means) in measured.iter().enumerate() {
        let mut next = || rows.next().expect("rows were counted");
        next().assign(&background.covariances.row(first + place));
        for (_, _, n_members, sum) in &means.classes {
            for ((value, sum), mean) in next().iter_mut().zip(sum).zip(&background.mean) {
                *value = sum / *n_members as f32 - mean;
            }
        }
    }
    let mut filtered = Array2::<f32>::zeros(vectors.dim());
    kernels::product(vectors.view(), background.precision.view(), filtered.view_mut());
    let mut directions = vectors
        .rows()
        .into_iter()
        .zip(filtered.rows())
        .map(|(vector, filtered)| Direction { vector: vector.to_vec(), filtered: filtered.to_vec() });
    let mut next = || directions.next().expect("rows were counted");
    let equations = |(place, means): (usize, ClassMeans)| {
        let covariance = next();
        let conditions =
            means.classes.iter().map(|class| Condition { mean: next(), truth: f64::from(class.1 as u8) }).collect();
        Equations { covariance, frequency: background.frequencies[first + place], conditions }
    };
    measured.into_iter().enumerate().map(equations).collect()
}

impl Equations {
    fn solve(&self, background: &Background) -> Solved {
        let n = background.mean.len();
        let n_conditions = self.conditions.len();
        if self.frequency == 0.0 && self.conditions.iter().all(|condition| condition.truth == 0.0) {
            // Never on: it is read as what it is at rest.
            return Solved { weights: vec![0.0; n], bias: 0.0, variance: 0.0 };
        }
        // The constant coordinate adds 1 to every product of classes, τ to every product with κ̃.
        let mut gains = Array2::<f64>::zeros((n_conditions, n_conditions));
        for (row, condition) in self.conditions.iter().enumerate() {
            for column in 0..=row {
                let gain = condition.mean.gain(&self.conditions[column].mean) + 1.0;
                gains[[row, column]] = gain;
                gains[[column, row]] = gain;
            }
            gains[[row, row]] += SLACK;
        }
        let wanted: Vec<f64> = self
            .conditions
            .iter()
            .map(|condition| condition.truth - condition.mean.gain(&self.covariance) - self.frequency)
            .collect();
        let mixture = times(&linear::inverse(gains), &wanted);
        let constant = self.frequency + mixture.iter().sum::<f64>();
        // r = Σ⁻¹v, v = κ + Mα.
        let (mut weights, mut direction) = (self.covariance.filtered.clone(), self.covariance.vector.clone());
        for (condition, &share) in self.conditions.iter().zip(&mixture) {
            kernels::axpy(share as f32, &condition.mean.filtered, &mut weights);
            kernels::axpy(share as f32, &condition.mean.vector, &mut direction);
        }
        let bias = constant as f32 - kernels::dot(&weights, &background.mean);
        // rᵀΣr = r·v; the error is that − 2 r·κ + Var t + (b' − τ)².
        let power = f64::from(kernels::dot(&weights, &direction));
        let covariance = f64::from(kernels::dot(&weights, &self.covariance.vector));
        let off_centre = constant - self.frequency;
        let variance = power - 2.0 * covariance + self.frequency * (1.0 - self.frequency) + off_centre * off_centre;
        Solved { weights, bias, variance: variance.max(0.0) }
    }
}

/// A small matrix by a vector.
fn times(matrix: &Array2<f64>, vector: &[f64]) -> Vec<f64> {
    matrix.rows().into_iter().map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum()).collect()
}
