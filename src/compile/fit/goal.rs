//! What a fit is to reach, and how near a network is.
//!
//! Judged on inputs of a stream of their own, which the fit never trains on and no evaluation uses.

use ndarray::{Array2, s};
use rayon::prelude::*;

use crate::circuit::inputs::sample::Sampler;
use crate::circuit::truth::Truth;
use crate::circuit::{Circuit, Inputs};
use crate::network::forward::{Forward, PANEL};
use crate::network::{InputDictionary, Layer};
use crate::program::{Measure, Program};

/// What is asked of the network.
pub struct Goal {
    /// The share of inputs on which every gate is to be right; `None` where nobody asks.
    pub reliability: Option<f64>,
    /// By gate: the error that its read-off must not exceed.
    pub error_bounds: Vec<Option<f64>>,
}

/// How a network did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Inputs on which every gate was right.
    pub right: u64,
    pub inputs: u64,
    /// Whether every bound on an error held.
    pub within_bounds: bool,
}

/// Share of a bound that the worst error may take here: other inputs will find a worse one.
const CAREFUL: f64 = 0.9;

/// Blocks of 64 inputs that are judged at a time, and at most.
const BLOCKS: usize = 32;
const MOST_BLOCKS: usize = 512;

impl Goal {
    /// From `--target`, or else from the circuit's `require` block; the stricter of its lines holds.
    pub fn of(program: &Program, target: Option<f64>) -> Goal {
        let n_gates = program.circuit.n_gates();
        let mut goal = Goal { reliability: target, error_bounds: vec![None; n_gates] };
        for requirement in program.requirements.iter().filter(|requirement| requirement.asks_for_better()) {
            match requirement.metric.row.measure {
                Measure::ShareRight(_) if target.is_none() => {
                    goal.reliability =
                        Some(goal.reliability.map_or(requirement.bound, |so_far| so_far.max(requirement.bound)));
                }
                Measure::ShareRight(_) => {}
                Measure::WorstError => {
                    let all = || (0..n_gates).collect();
                    let gates = requirement.metric.gates.as_ref();
                    let gates: Vec<usize> =
                        gates.map_or_else(all, |gates| gates.iter().map(|gate| gate.0 as usize).collect());
                    for gate in gates {
                        let bound = &mut goal.error_bounds[gate];
                        *bound = Some(bound.map_or(requirement.bound, |so_far| so_far.min(requirement.bound)));
                    }
                }
            }
        }
        goal
    }

    pub fn is_open(&self) -> bool {
        self.reliability.is_none() && !self.has_error_bounds()
    }

    pub fn has_error_bounds(&self) -> bool {
        self.error_bounds.iter().any(Option::is_some)
    }

    /// Runs fresh inputs until it is clear on which side of the goal the network is, or there are enough of them.
    pub fn judge(
        &self,
        circuit: &Circuit,
        sampler: &Sampler,
        seed: u64,
        dictionary: Option<&InputDictionary>,
        layers: &[Layer],
    ) -> Score {
        let forward = Forward::of_layers(dictionary, layers);
        let mut score = Score { right: 0, inputs: 0, within_bounds: true };
        for first in (0..MOST_BLOCKS).step_by(BLOCKS) {
            let blocks = (first..first + BLOCKS).into_par_iter();
            let judge_block = |truth: &mut Truth, block: usize| {
                let inputs = sampler.block(seed, "fit: judge", block as u64);
                truth.evaluate(circuit, &inputs, 0..64);
                self.judge_block(circuit, &inputs, truth, &forward, layers)
            };
            let judged: Vec<(u64, bool)> = blocks.map_init(|| Truth::new(circuit), judge_block).collect();
            score.right += judged.iter().map(|block| block.0).sum::<u64>();
            score.inputs += 64 * BLOCKS as u64;
            score.within_bounds &= judged.iter().all(|block| block.1);
            // The worst error shows only on many inputs.
            if let (Some(target), false) = (self.reliability, self.has_error_bounds()) {
                let (low, high) = score.interval();
                if low > target || high < target {
                    break;
                }
            }
        }
        score
    }

    /// How many of 64 inputs are right, and whether all bounds held.
    fn judge_block(
        &self,
        circuit: &Circuit,
        inputs: &Inputs,
        truth: &Truth,
        forward: &Forward,
        layers: &[Layer],
    ) -> (u64, bool) {
        let activations = forward.run(&inputs.iter().collect::<Vec<_>>());
        let (mut wrong, mut within_bounds) = (0u64, true);
        let mut readings = Array2::<f32>::zeros((PANEL, 64));
        for (layer_idx, layer) in layers.iter().enumerate() {
            let first_gate = circuit.layers[layer_idx].gates.start as usize;
            for start in (0..layer.readoff.n_gates).step_by(PANEL) {
                let range = start..(start + PANEL).min(layer.readoff.n_gates);
                let mut readings = readings.slice_mut(s![..range.len(), ..]);
                forward.read_off(layer_idx, range.clone(), activations.layer(layer_idx), readings.view_mut());
                for (target, readings) in range.zip(readings.rows()) {
                    let word = truth.words()[circuit.n_features() + first_gate + target];
                    let on =
                        readings.iter().enumerate().filter(|(_, reading)| **reading > layer.readoff.threshold[target]);
                    wrong |= word ^ on.fold(0u64, |on, (input, _)| on | 1 << input);
                    if let Some(bound) = self.error_bounds[first_gate + target] {
                        within_bounds &= readings.iter().enumerate().all(|(input, &reading)| {
                            let error = f64::from(reading) - (word >> input & 1) as f64;
                            error.abs() < CAREFUL * bound
                        });
                    }
                }
            }
        }
        (64 - u64::from(wrong.count_ones()), within_bounds)
    }

    pub fn is_met_by(&self, score: &Score) -> bool {
        !self.is_open() && score.within_bounds && self.reliability.is_none_or(|target| score.surely_reaches(target))
    }
}

impl Score {
    pub fn reliability(&self) -> f64 {
        self.right as f64 / self.inputs as f64
    }

    /// Whether no input was wrong.
    pub fn is_right(&self) -> bool {
        self.right == self.inputs
    }

    /// Share of inputs on which some gate was wrong.
    pub fn failures(&self) -> f64 {
        (self.inputs - self.right) as f64 / self.inputs as f64
    }

    pub fn is_perfect(&self) -> bool {
        self.right == self.inputs && self.within_bounds
    }

    /// Whether the lower end of the interval is above, or no input was wrong.
    fn surely_reaches(&self, target: f64) -> bool {
        self.interval().0 > target || self.right == self.inputs
    }

    /// Whether this is the better network.
    pub fn beats(&self, other: &Score) -> bool {
        (self.within_bounds, self.reliability()) > (other.within_bounds, other.reliability())
    }

    /// Wilson's, at 99 %: a fit asks again and again, and stops at the first good answer.
    fn interval(&self) -> (f64, f64) {
        const Z: f64 = 2.576;
        let (n, p) = (self.inputs as f64, self.reliability());
        let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * libm::sqrt(p * (1.0 - p) / n + Z * Z / (4.0 * n * n));
        (centre - half, centre + half)
    }
}
