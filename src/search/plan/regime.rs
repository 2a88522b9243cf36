//! In which regime a layer is: how sparse what it reads is, measured, and how well it must be read.
//!
//! Must not know constructions.

use crate::circuit::Circuit;
use crate::circuit::inputs::sample::{NothingToPlant, Sampler};
use crate::circuit::truth::Truth;
use crate::program::{Goal, Measure, Program};

/// Blocks of 64 inputs on which it is counted what is on.
const N_BLOCKS: u64 = 64;

/// Inputs of these.
pub const N_INPUTS: u64 = 64 * N_BLOCKS;

/// A bound that no share of inputs is left to miss is held to one in so many.
const MOST_IN: f64 = 1e6;

/// By layer, how many of the signals below it are on in the mean, of inputs that are drawn: stored values, which rest
/// at 0.
pub fn sparsities(circuit: &Circuit, seed: u64) -> Result<Vec<f64>, NothingToPlant> {
    let sampler = Sampler::new(circuit)?;
    let below: Vec<_> = (0..circuit.layers.len()).map(|layer_idx| circuit.signals_below(layer_idx)).collect();
    let mut truth = Truth::new(circuit);
    let mut n_on = vec![0u64; below.len()];
    for block_idx in 0..N_BLOCKS {
        let inputs = sampler.block(seed, "plan", block_idx);
        truth.evaluate(circuit, &inputs, 0..inputs.len());
        for (n_on, signals) in n_on.iter_mut().zip(&below) {
            *n_on += signals.iter().map(|&signal| u64::from(truth.word(signal).count_ones())).sum::<u64>();
        }
    }
    Ok(n_on.into_iter().map(|n_on| n_on as f64 / N_INPUTS as f64).collect())
}

/// ε and 1/δ: how far a read-off may be off, and one in how many inputs may be read otherwise. Of several lines of
/// `require` the strictest of each.
pub fn asked(program: &Program, goal: Option<&Goal>) -> (f64, f64) {
    let one_in = |bound: f64| (1.0 / (1.0 - bound).max(1.0 / MOST_IN)).min(MOST_IN);
    let lines = program.requirements.iter().filter(|line| line.asks_for_better()).map(|line| {
        match line.metric.row.measure {
            Measure::ShareRight(_) => (0.5, one_in(line.bound)),
            Measure::ShareWithin(_) => (line.metric.epsilon.unwrap_or(0.5), one_in(line.bound)),
            // Of every input that is judged.
            Measure::WorstError => (line.bound.min(0.5), crate::evaluate::DEFAULT_SAMPLES as f64),
        }
    });
    let of_goal = goal.map(|goal| (goal.epsilon.unwrap_or(0.5), one_in(goal.bound)));
    lines.chain(of_goal).fold((0.5, 1.0), |(epsilon, most), (other, one_in)| (epsilon.min(other), most.max(one_in)))
}
