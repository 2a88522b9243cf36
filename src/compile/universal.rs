//! Construction `universal`: one random wiring from which every gate of few inputs can be read.
//!
//! U-AND (Vaintrob, Mendel, Hänni 2024, "Toward a mathematical framework for computation in superposition"):
//! W_ki = 1 with probability p, else 0; b = −1; AND(i, j) is read as the mean over the neurons wired to both, with
//! bias s'p and variance s'²(1−p²)/n + s'(1−p)/(np) where s' other features are on (the first term is of the number
//! of neurons wired to both, and all but falls away where the mean is over as many as there are). A neuron wired to
//! the set T of a gate's signals and to none of its others shows max(0, #on in T − 1); by inclusion and exclusion
//! every Boolean function is a sum of such means and of single signals. With b = −1 a lone signal shows nowhere, so
//! single signals are read from a second block of neurons with b = 0.
//!
//! Must not know activations: everything here follows from the circuit and the stream.

use crate::circuit::Signal;
use crate::compile::code::{Code, LayerTask};
use crate::compile::problems;
use crate::compile::staircase::{DeadZone, gathered};
use crate::network::matrix::SparseMatrix;
use crate::random::{self, Pcg64};

/// The free choice of the construction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Universal {
    /// Multiplies the published densities.
    pub density: f64,
}

/// Gates of more distinct inputs than this have too many subsets to be read universally.
const MAX_FAN_IN: usize = 12;

/// The code of a layer of `n` neurons.
///
/// Densities: ((k + 1) ln m / n)^{1/k} for m signals below and the largest fan-in k: a k-subset is met by (k + 1) ln m
/// neurons in the mean, so that all m^k of them are met with probability about 1 − 1/m (k = 2: 3 ln m, within the
/// published p² n ≥ 2 ln m); the block of single signals likewise with k = 1.
pub fn wire(task: &LayerTask, n: usize, choices: Universal, rng: &mut Pcg64) -> Code {
    let mut missing = Vec::new();
    let recipes: Vec<Option<Recipe>> = (0..task.targets.len())
        .map(|target_idx| {
            let recipe = Recipe::of(task, target_idx);
            if recipe.is_none() {
                missing.push(problems::too_wide_for_universal(task, target_idx, MAX_FAN_IN));
            }
            recipe
        })
        .collect();
    let has_singles = recipes.iter().flatten().any(|recipe| recipe.means.iter().any(|mean| mean.0.count_ones() == 1));
    let max_fan_in = recipes.iter().flatten().map(|recipe| recipe.operands.len()).max().unwrap_or(0);
    let n_singles = match (has_singles, max_fan_in) {
        (false, _) => 0,
        (true, ..=1) => n,
        (true, _) => n / 2,
    };
    let n_joint = n - n_singles;

    let log_m = libm::log(task.below.len().max(2) as f64);
    let density = |n_block: usize, fan_in: usize| {
        let n_common = (fan_in + 1) as f64 * log_m;
        (choices.density * libm::pow(n_common / n_block.max(1) as f64, 1.0 / fan_in as f64)).min(0.5)
    };
    let joint = Block::draw(0, n_joint, task.below.len(), density(n_joint, max_fan_in.max(2)), rng);
    let singles = Block::draw(n_joint, n_singles, task.below.len(), density(n_singles, 1), rng);

    let mut readoff = SparseMatrix::with_columns(n);
    for (target_idx, recipe) in recipes.iter().enumerate() {
        let mut row = Vec::new();
        let Some(recipe) = recipe else {
            readoff.push_row(row);
            continue;
        };
        let columns: Vec<u32> = recipe.operands.iter().map(|&signal| task.column(signal)).collect();
        for &(subset, coefficient) in &recipe.means {
            let block = if subset.count_ones() == 1 { &singles } else { &joint };
            let neurons = block.wired_exactly(&columns, subset);
            if neurons.is_empty() {
                let names = (0..columns.len()).filter(|idx| subset >> idx & 1 == 1);
                let names = names.map(|idx| task.circuit.name(recipe.operands[idx])).collect::<Vec<_>>().join("`, `");
                missing.push(problems::no_common_neuron(task, target_idx, &names, n));
            }
            row.extend(neurons.iter().map(|&neuron| (neuron, coefficient / neurons.len() as f32)));
        }
        readoff.push_row(gathered(row));
    }

    let bias = (0..n).map(|neuron| if neuron < n_joint { -1.0 } else { 0.0 }).collect();
    let mut compute = SparseMatrix::with_columns(task.below.len());
    for block in [&joint, &singles] {
        for row in block.rows() {
            compute.push_row(row);
        }
    }
    Code { compute, bias, readoff, missing }
}

/// A gate as a sum of means: over neurons wired to exactly this subset of its operands.
struct Recipe {
    operands: Vec<Signal>,
    /// (subset of the operands, coefficient), ascending in subset.
    means: Vec<(u32, f32)>,
}

impl Recipe {
    /// Möbius inversion twice: from the truth table to conjunctions, from conjunctions to max(0, # − 1) of subsets,
    /// AND_S = Σ_{T ⊆ S, |T| ≥ 2} (−1)^|T| max(0, #T − 1).
    fn of(task: &LayerTask, target_idx: usize) -> Option<Recipe> {
        let operands = task.operands(target_idx);
        if operands.len() > MAX_FAN_IN {
            return None;
        }
        let ramps = task.ramps(target_idx, DeadZone::AtRest);
        let n_subsets = 1usize << operands.len();
        let mut conjunctions: Vec<f64> = (0..n_subsets)
            .map(|on| {
                let is_on =
                    |signal: Signal| operands.iter().zip(0..).any(|(&o, idx)| o == signal && on >> idx & 1 == 1);
                ramps.iter().map(|ramp| ramp.value(|signal| is_on(signal) as u8 as f32) as f64).sum()
            })
            .collect();
        for operand in 0..operands.len() {
            for subset in (0..n_subsets).filter(|subset| subset >> operand & 1 == 1) {
                conjunctions[subset] -= conjunctions[subset ^ 1 << operand];
            }
        }
        let mut means = vec![0.0; n_subsets];
        for (subset, &coefficient) in conjunctions.iter().enumerate().filter(|entry| *entry.1 != 0.0) {
            if subset.count_ones() == 1 {
                means[subset] += coefficient;
                continue;
            }
            let mut inner = subset;
            while inner > 0 {
                if inner.count_ones() >= 2 {
                    means[inner] += if inner.count_ones() % 2 == 0 { coefficient } else { -coefficient };
                }
                inner = (inner - 1) & subset;
            }
        }
        let means = means.into_iter().enumerate().filter(|entry| entry.1 != 0.0);
        Some(Recipe { operands, means: means.map(|(subset, mean)| (subset as u32, mean as f32)).collect() })
    }
}

/// Neurons with independent 0/1 weights.
struct Block {
    n: usize,
    n_words: usize,
    /// By signal, one bit a neuron.
    wired: Vec<u64>,
    first: usize,
}

impl Block {
    fn draw(first: usize, n: usize, n_signals: usize, density: f64, rng: &mut Pcg64) -> Block {
        let n_words = n.div_ceil(64);
        let mut wired = vec![0u64; n_words * n_signals];
        for signal in 0..n_signals {
            for neuron in 0..n {
                if random::coin(rng, density) {
                    wired[signal * n_words + neuron / 64] |= 1 << (neuron % 64);
                }
            }
        }
        Block { n, n_words, wired, first }
    }

    /// The neurons wired to the columns of the subset and to none of the others, ascending.
    fn wired_exactly(&self, columns: &[u32], subset: u32) -> Vec<u32> {
        let mut neurons = Vec::new();
        for word_idx in 0..self.n_words {
            let mut word = u64::MAX;
            for (idx, &column) in columns.iter().enumerate() {
                let wired = self.wired[column as usize * self.n_words + word_idx];
                word &= if subset >> idx & 1 == 1 { wired } else { !wired };
            }
            while word != 0 {
                let neuron = word_idx * 64 + word.trailing_zeros() as usize;
                if neuron < self.n {
                    neurons.push((self.first + neuron) as u32);
                }
                word &= word - 1;
            }
        }
        neurons
    }

    fn rows(&self) -> impl Iterator<Item = Vec<(u32, f32)>> + '_ {
        let n_signals = self.wired.len().checked_div(self.n_words).unwrap_or(0);
        (0..self.n).map(move |neuron| {
            let is_wired = |signal: &usize| self.wired[signal * self.n_words + neuron / 64] >> (neuron % 64) & 1 == 1;
            (0..n_signals).filter(is_wired).map(|signal| (signal as u32, 1.0)).collect()
        })
    }
}
