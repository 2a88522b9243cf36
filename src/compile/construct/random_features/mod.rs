//! Construction `random_features`: a layer at random, from which gates are read by what its neurons are expected to do.
//!
//! Mendel (comment on "Toward a mathematical framework for computation in superposition", 2024) reports that networks
//! whose first layer stays random read U-AND and U-XOR nearly as well as trained ones, and sketches, after Hänni, why:
//! of Gaussian weights and no bias, give each neuron one of four weights in the read-off of AND(i, j), by the signs of
//! W_ki and W_kj, such that the expectation is right in the four cases of x_i and x_j. With random signs its standard
//! deviation is about √(s / 2c²n), c = ¼ (E relu(2 + Z) − 2 E relu(Z) + E relu(Z − 2)), Z what the s − 2 others add.
//! Here a gate of k operands has 2^k constants and 2^k conditions, so that any gate of few operands is read; how many
//! others are on is counted, and conditions hold over what is counted (`rest`). Without a bias the part of relu that is
//! not linear is even: then no gate is read that needs three operands together, or five. Where there is one, and nobody
//! says, neurons have the bias with which read-offs are expected to have the least noise.
//!
//! Two more read-offs ("Computation in superposition: math overview"; the formulas are worked out from its words, and
//! what they say is tested): `expectation`, the expected activation with all operands on less that with fewer of them,
//! and `plain`, the activation by the operands alone, of which the nearest line is taken: it correlates more with what
//! is read, but hears each operand by itself too.
//!
//! Must not know activations: everything here follows from the circuit and the stream.

mod expected;
mod options;
mod read;
mod rest;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ndarray::Array2;
use rayon::prelude::*;

use super::affine::Affine;
use super::code::{Code, Missing};
use super::construction::{Chosen, Construction, Ladder, Needs, Wiring, Word};
use super::regime::{Inequality, Regime};
use super::site::Site;
use super::staircase;
use crate::compile::layer::LayerTask;
use crate::compile::problems;
use crate::network::matrix::{Matrix, SparseMatrix};
use crate::random::{self, Pcg64};
use expected::{Expected, Moments, curvature};
use options::{Bias, Options};
use read::{Cases, Row};
use rest::Rest;

pub use options::{ReadBy, Weights};

/// The row of the table, and what is chosen of it.
#[derive(Debug)]
pub struct RandomFeatures {
    options: Options,
}

pub const RANDOM_FEATURES: RandomFeatures = RandomFeatures { options: Options::NONE };

/// More neurons than this are not a matter for a rule of thumb.
const MOST_BY_RULE: f64 = 4096.0;

/// So many times the rule of thumb is the most that is worth searching.
const SPARE: usize = 8;

/// Gates of more distinct inputs than this have too many patterns of signs.
const MAX_FAN_IN: usize = 6;

/// Biases that `-O1` tries, over √s.
const BIASES: [f64; 7] = [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5];

impl Construction for RandomFeatures {
    fn name(&self) -> &'static str {
        "random_features"
    }

    fn summary(&self) -> &'static str {
        "random weights, read by what neurons are expected to do"
    }

    fn with(&self, options: &[Word]) -> Chosen {
        Ok(Arc::new(RandomFeatures { options: options::chosen(self.name(), options)? }))
    }

    fn spelling(&self) -> String {
        self.options.spelled(self.name())
    }

    /// Half a step is √(2 ln 100 m') standard deviations √(s / 2c²n) for m' targets: n = 4 s ln(100 m') / c². Above the
    /// first layer s is still the number of features that are on.
    fn rule_of_thumb(&self, layer: &LayerTask) -> usize {
        let n_on = layer.circuit.distribution.active_features();
        let half_a_step = Regime { n_on, stored_in: None, epsilon: 0.5, one_in: 100.0 };
        libm::ceil(width(layer, &half_a_step).min(MOST_BY_RULE)) as usize
    }

    fn most_neurons(&self, layer: &LayerTask) -> usize {
        SPARE * self.rule_of_thumb(layer)
    }

    fn inequality(&self) -> Inequality {
        Inequality {
            formula: "s ln(m'/δ) / c² ε², so that ε is t = sqrt(2 ln(m'/δ)) deviations sqrt(s / 2c²n), of m' read-offs \
                      on all but a share δ of the inputs",
            source: "Mendel 2024, after Hänni",
        }
    }

    fn needs(&self, layer: &LayerTask, regime: &Regime) -> Needs {
        let is_too_wide = |target_idx: &usize| layer.operands(*target_idx).len() > MAX_FAN_IN;
        match (0..layer.targets.len()).find(is_too_wide) {
            Some(target_idx) => Err(problems::too_wide_for(self.name(), layer, target_idx, MAX_FAN_IN).headline),
            None => Ok(width(layer, regime)),
        }
    }

    /// Random signs, by conditions, without a bias where no gate needs one, unless something else is chosen.
    fn published(&self, _: &LayerTask) -> Box<dyn Wiring> {
        Box::new(Choices {
            weights: self.options.weights.unwrap_or(Weights::Rademacher),
            bias: self.options.bias.unwrap_or(Bias::AsNeeded),
            read_by: Some(self.options.read_by.unwrap_or(ReadBy::Conditions)),
        })
    }

    fn ladder(&self, _: &LayerTask, _: usize) -> Ladder {
        let weights = self.options.weights.unwrap_or(Weights::Rademacher);
        let of_bias = |bias| Choices { weights, bias, read_by: None };
        match self.options.bias {
            Some(bias) => Ladder::only(of_bias(bias)),
            None => {
                let rungs = BIASES.map(|over| Box::new(of_bias(Bias::Over(over))) as Box<dyn Wiring>);
                Ladder { rungs: rungs.into(), first: BIASES.len() / 2 }
            }
        }
    }
}

/// Neurons with which ε is √(2 ln(m'/δ)) standard deviations √(s / 2c²n) for m' targets.
fn width(layer: &LayerTask, regime: &Regime) -> f64 {
    let n_on = regime.n_on.max(2.0);
    let c = curvature(n_on - 2.0);
    n_on * regime.variances(layer.targets.len()) / (2.0 * c * c * regime.epsilon * regime.epsilon)
}

/// The construction with its free choices made.
#[derive(Debug, Clone, Copy)]
struct Choices {
    weights: Weights,
    bias: Bias,
    /// `None`: read-offs are solved for.
    read_by: Option<ReadBy>,
}

impl Wiring for Choices {
    fn wire(&self, site: &Site, rng: &mut Pcg64) -> Code {
        let task = site.task;
        let draw = || match self.weights {
            Weights::Rademacher if random::coin(rng, 0.5) => 1.0,
            Weights::Rademacher => -1.0,
            Weights::Gaussian => random::gaussian(rng) as f32,
        };
        let compute = Matrix::Dense(Array2::from_shape_simple_fn((site.n, task.below.len()), draw));
        let layer = RandomLayer::of(site, self.weights, &compute);
        let bias = match self.bias {
            Bias::Over(over) => over * libm::sqrt(layer.rest.n_on() * layer.power),
            Bias::AsNeeded if !layer.needs_bias(task) => 0.0,
            Bias::AsNeeded | Bias::Fitted => layer.best_bias(task),
        };
        let (readoff, readoff_bias, missing) = match self.read_by {
            Some(read_by) => layer.read(task, bias, read_by),
            None => (Matrix::Sparse(SparseMatrix::with_columns(site.n)), vec![0.0; task.targets.len()], Vec::new()),
        };
        let bias = vec![bias as f32; site.n];
        Code { compute, bias, block: None, readoff, readoff_bias, missing }
    }
}

/// Neurons, and what reaches them.
struct RandomLayer {
    weights: Weights,
    /// What a signal that is on adds to a neuron: [n, signals below].
    adds: Array2<f32>,
    /// The mean square of that.
    power: f64,
    rest: Rest,
}

/// Biases that are tried for the best one, over √s, from −this to this in these steps.
const BIAS_REACH: f64 = 2.0;
const N_BIASES: usize = 33;

/// Targets on which biases are tried.
const MOST_TRIED: usize = 32;

impl RandomLayer {
    fn of(site: &Site, weights: Weights, compute: &Matrix) -> RandomLayer {
        // Features in superposition reach a neuron by other weights than C's.
        let (adds, power) = match site.embedding.filter(|_| site.below.is_empty()) {
            Some(embedding) => {
                let bias = vec![0.0; site.n];
                let adds = Affine::through(&site.weight(compute), &bias, None, Some(embedding)).slopes;
                let power = adds.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>();
                let power = power / adds.len().max(1) as f64;
                (adds, power)
            }
            None => (compute.to_dense(), 1.0),
        };
        RandomLayer { weights, adds, power, rest: Rest::below(site.task) }
    }

    /// R, r, and what cannot be read.
    fn read(&self, task: &LayerTask, bias: f64, read_by: ReadBy) -> (Matrix, Vec<f32>, Vec<Missing>) {
        let expected = self.expected(bias);
        let row = |target_idx| self.row(task, target_idx, bias, &expected, read_by);
        let rows: Vec<Option<Row>> = (0..task.targets.len()).into_par_iter().map(row).collect();
        let mut readoff = Array2::<f32>::zeros((rows.len(), self.adds.nrows()));
        let (mut offsets, mut missing) = (vec![0.0; rows.len()], Vec::new());
        for (target_idx, row) in rows.into_iter().enumerate() {
            match row {
                Some(Row { weights, offset }) => {
                    let places = readoff.row_mut(target_idx);
                    places.into_iter().zip(weights).for_each(|(place, weight)| *place = weight as f32);
                    offsets[target_idx] = offset as f32;
                }
                None => missing.push(self.missing(task, target_idx, read_by)),
            }
        }
        (Matrix::Dense(readoff), offsets, missing)
    }

    /// By how many operands a gate has.
    fn expected(&self, bias: f64) -> Vec<Expected> {
        (0..=MAX_FAN_IN.min(self.adds.ncols()))
            .map(|k| Expected::new(self.weights, self.power, bias, &self.rest, k))
            .collect()
    }

    /// `None`: the target cannot be read so.
    fn row(
        &self,
        task: &LayerTask,
        target_idx: usize,
        bias: f64,
        expected: &[Expected],
        read_by: ReadBy,
    ) -> Option<Row> {
        let columns = self.columns(task, target_idx)?;
        self.with_cases(task, target_idx, &columns, bias, &expected[columns.len()], |cases| match read_by {
            ReadBy::Conditions => cases.by_conditions(),
            ReadBy::Expectation => cases.by_expectation(),
            ReadBy::Plain => cases.plainly(),
        })
    }

    /// Of a target that cannot be read.
    fn missing(&self, task: &LayerTask, target_idx: usize, read_by: ReadBy) -> Missing {
        let Some(columns) = self.columns(task, target_idx) else {
            let problem = problems::too_wide_for(RANDOM_FEATURES.name(), task, target_idx, MAX_FAN_IN);
            return Missing { problem, would_fit_wider: false, can_be_solved: true };
        };
        // Where every pattern of signs has neurons, more of them would not help.
        let signs = self.signs(&columns);
        let has_all = (0..1 << columns.len()).all(|pattern| signs.contains(&pattern));
        let n = self.adds.nrows();
        let problem = match has_all {
            true => problems::not_in_random_features(task, target_idx, read_by.name(), n),
            false => problems::too_few_signs(task, target_idx, n),
        };
        Missing { problem, would_fit_wider: !has_all, can_be_solved: true }
    }

    /// Of a target's operands; `None` where it has too many.
    fn columns(&self, task: &LayerTask, target_idx: usize) -> Option<Vec<usize>> {
        let operands = task.operands(target_idx);
        let columns = || operands.iter().map(|&signal| task.column(signal) as usize).collect();
        (operands.len() <= MAX_FAN_IN).then(columns)
    }

    /// By neuron, which of these columns add something positive, as bits.
    fn signs(&self, columns: &[usize]) -> Vec<usize> {
        let bits = |neuron: usize| {
            columns
                .iter()
                .enumerate()
                .filter(|entry| self.adds[[neuron, *entry.1]] > 0.0)
                .map(|entry| 1 << entry.0)
                .sum()
        };
        (0..self.adds.nrows()).map(bits).collect()
    }

    fn with_cases<T>(
        &self,
        task: &LayerTask,
        target_idx: usize,
        columns: &[usize],
        bias: f64,
        expected: &Expected,
        look: impl FnOnce(Cases) -> T,
    ) -> T {
        let operands = task.operands(target_idx);
        let values = staircase::table(task, target_idx, &operands);
        let (n, n_cases) = (self.adds.nrows(), values.len());
        let happens: Vec<bool> = (0..n_cases).map(|case| expected.happens(case.count_ones() as usize)).collect();
        let mut moments = Array2::from_elem((n, n_cases), Moments::default());
        let mut alone = Array2::<f64>::zeros((n, n_cases));
        for neuron in 0..n {
            for case in 0..n_cases {
                let on = columns.iter().enumerate().filter(|entry| case >> entry.0 & 1 == 1);
                let u: f64 = on.map(|entry| f64::from(self.adds[[neuron, *entry.1]])).sum();
                alone[[neuron, case]] = (u + bias).max(0.0);
                if happens[case] {
                    moments[[neuron, case]] = expected.at(case.count_ones() as usize, u);
                }
            }
        }
        let signs = self.signs(columns);
        let (moments, alone) = (moments.view(), alone.view());
        look(Cases { values: &values, happens: &happens, moments, signs: &signs, alone })
    }

    /// Whether a target cannot be read without a bias, and could with one.
    fn needs_bias(&self, task: &LayerTask) -> bool {
        let is_odd = |target_idx: &usize| {
            let operands = task.operands(*target_idx);
            let coefficients = || staircase::conjunctions(staircase::table(task, *target_idx, &operands));
            (2..=MAX_FAN_IN).contains(&operands.len())
                && coefficients().iter().zip(0u32..).any(|(&coefficient, subset)| {
                    coefficient != 0.0 && subset.count_ones() > 1 && subset.count_ones() % 2 == 1
                })
        };
        (0..task.targets.len()).any(|target_idx| is_odd(&target_idx))
    }

    /// The bias with which some targets are expected to be read with the least noise in the mean.
    fn best_bias(&self, task: &LayerTask) -> f64 {
        let unit = libm::sqrt(self.rest.n_on() * self.power);
        let n_tried = task.targets.len().min(MOST_TRIED);
        let tried: Vec<usize> = (0..n_tried).map(|place| place * task.targets.len() / n_tried).collect();
        let noise = |place: usize| {
            let bias = unit * BIAS_REACH * (2.0 * place as f64 / (N_BIASES - 1) as f64 - 1.0);
            let expected = self.expected(bias);
            let of = |&target_idx: &usize| {
                let columns = self.columns(task, target_idx)?;
                self.with_cases(task, target_idx, &columns, bias, &expected[columns.len()], |cases| {
                    cases.by_conditions().map(|row| cases.noise(&row))
                })
            };
            let noises: Vec<f64> = tried.iter().filter_map(of).collect();
            (bias, n_tried - noises.len(), noises.iter().sum::<f64>())
        };
        let noises: Vec<(f64, usize, f64)> = (0..N_BIASES).into_par_iter().map(noise).collect();
        // As many as can be read at all, and those with the least noise.
        let is_better = |a: &(f64, usize, f64), b: &(f64, usize, f64)| a.1 < b.1 || a.1 == b.1 && a.2 < b.2;
        noises
            .into_iter()
            .reduce(|best, found| if is_better(&found, &best) { found } else { best })
            .map_or(0.0, |b| b.0)
    }
}
