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
//! Of m features that are stored in d dimensions each that is off is read back with a standard deviation of √(s/d), and
//! a neuron that is wired to m p of them is off by √(s m p/d), which must be far below 1 ("Computation in
//! superposition: math overview", when inputs are in superposition): p is at most d/(s m), and n at least 2 (s m/d)²
//! ln m. `superpose plan examples/stored.circ` puts that beside what is measured; `tests/theory.rs` holds the formulas
//! against networks.
//!
//! Must not know activations: everything here follows from the circuit and the stream.

use std::sync::Arc;

use super::code::{Code, Missing};
use super::construction::{self, Chosen, Construction, Ladder, Wiring, Word};
use super::pool::Pool;
use super::regime::{Inequality, Regime};
use super::site::Site;
use super::staircase::{self, gathered};
use crate::bounds;
use crate::circuit::Signal;
use crate::compile::layer::LayerTask;
use crate::compile::problems;
use crate::network::matrix::{Matrix, SparseMatrix};
use crate::program::problems::{construction_option, construction_value};
use crate::random::Pcg64;

/// The row of the table.
#[derive(Debug)]
pub struct Universal {
    /// p: with which probability a neuron is wired to a signal, where `density` says so.
    density: Option<f64>,
}

pub const UNIVERSAL: Universal = Universal { density: None };

/// What may be chosen, and the values that it may have.
const DENSITY: &str = "density";
const DENSITY_ALLOWED: &str = "above 0 and at most 0.5";
const DENSITY_EXAMPLE: &str = "0.1";
const MAX_DENSITY: f64 = 0.5;

/// Factors to the published densities that `-O1` tries.
const DENSITIES: [f64; 7] = [0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0];

/// More neurons than this are not a matter for a rule of thumb.
const MOST_BY_RULE: usize = 1 << 12;

/// So many times the rule of thumb is the most that is worth searching: s p is then far below 1.
const SPARE: usize = 8;

impl Construction for Universal {
    fn name(&self) -> &'static str {
        "universal"
    }

    fn summary(&self) -> &'static str {
        "one random wiring from which every gate of few inputs is read"
    }

    fn with(&self, options: &[Word]) -> Chosen {
        let density = match options {
            [] => None,
            [(word, span), ..] if word != DENSITY => {
                return Err(Box::new(construction_option(*span, self.name(), word, &[DENSITY])));
            }
            [(word, span)] => {
                return Err(Box::new(construction_value(*span, word, None, DENSITY_ALLOWED, DENSITY_EXAMPLE)));
            }
            [(word, _), (value, span)] => match value.parse::<f64>() {
                Ok(density) if density > 0.0 && density <= MAX_DENSITY => Some(density),
                _ => {
                    return Err(Box::new(construction_value(
                        *span,
                        word,
                        Some(value),
                        DENSITY_ALLOWED,
                        DENSITY_EXAMPLE,
                    )));
                }
            },
            [_, _, (word, span), ..] => return Err(Box::new(construction_option(*span, self.name(), word, &[]))),
        };
        Ok(Arc::new(Universal { density }))
    }

    fn spelling(&self) -> String {
        self.density.map_or(self.name().to_string(), |density| format!("{} {DENSITY} {density}", self.name()))
    }

    /// The neurons with which s p = 1, or p = ½ where fewer than two of m signals are on: (k + 1) ln m · max(s, 2)^k
    /// for the largest fan-in k, and as many again where single signals are read. There p² n ≥ 2 ln m, as published;
    /// that s p ≪ 1 would take more, which `auto` looks for. Above the first layer s is still the number of features
    /// that are on.
    fn rule_of_thumb(&self, layer: &LayerTask) -> usize {
        let needs = Needs::of(layer, &recipes(layer));
        let n_on = layer.circuit.distribution.active_features().max(2.0);
        let of_fan_in = |k: usize| needs.n_common(k) * libm::pow(n_on, k as f64);
        let n_joint = if needs.max_fan_in > 1 { of_fan_in(needs.max_fan_in) } else { 0.0 };
        // Singles take half of the neurons, or all.
        let n = if !needs.has_singles { n_joint } else { of_fan_in(1).max(2.0 * n_joint) };
        libm::ceil(n.clamp(1.0, MOST_BY_RULE as f64)) as usize
    }

    fn most_neurons(&self, layer: &LayerTask) -> usize {
        SPARE * self.rule_of_thumb(layer)
    }

    fn inequality(&self) -> Inequality {
        Inequality {
            formula: "2 s^k ln m, so that p^k n = 2 ln m with s p = 1 (to be far below 1), for gates of k inputs \
                      (published of 2); with (s m / d)^k where m features are stored in d dimensions, so that their \
                      interference sqrt(s m p / d) = 1",
            source: "Vaintrob, Mendel & Hänni 2024, and its overview",
        }
    }

    fn needs(&self, layer: &LayerTask, regime: &Regime) -> construction::Needs {
        let recipes = recipes(layer);
        if let Some(target_idx) = recipes.iter().position(Option::is_none) {
            return Err(problems::too_wide_for(self.name(), layer, target_idx, MAX_FAN_IN).headline);
        }
        let fan_in = Needs::of(layer, &recipes).max_fan_in;
        let m = layer.below.len();
        // No density is above 1.
        Ok(bounds::universal_floor(regime.n_heard(m).max(1.0), m as f64, fan_in))
    }

    fn published(&self, _: &LayerTask) -> Box<dyn Wiring> {
        Box::new(self.density.map_or(Choices::Times(1.0), Choices::Density))
    }

    fn ladder(&self, _: &LayerTask, _: usize) -> Ladder {
        if let Some(density) = self.density {
            return Ladder::only(Choices::Density(density));
        }
        let rungs = DENSITIES.map(|factor| Box::new(Choices::Times(factor)) as Box<dyn Wiring>);
        Ladder { rungs: rungs.into(), first: DENSITIES.len() / 2 }
    }
}

/// The free choice of the construction.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Choices {
    /// So many times the published densities.
    Times(f64),
    /// This one.
    Density(f64),
}

impl Wiring for Choices {
    fn wire(&self, site: &Site, rng: &mut Pcg64) -> Code {
        wire(site.task, site.n, *self, rng)
    }
}

/// Gates of more distinct inputs than this have too many subsets to be read universally.
const MAX_FAN_IN: usize = 12;

/// The code of a layer of `n` neurons.
///
/// Densities: ((k + 1) ln m / n)^{1/k} for m signals below and the largest fan-in k: a k-subset is met by (k + 1) ln m
/// neurons in the mean, so that all m^k of them are met with probability about 1 − 1/m (k = 2: 3 ln m, within the
/// published p² n ≥ 2 ln m); the block of single signals likewise with k = 1.
fn wire(task: &LayerTask, n: usize, choices: Choices, rng: &mut Pcg64) -> Code {
    let recipes = recipes(task);
    let mut missing = Vec::new();
    for (target_idx, _) in recipes.iter().enumerate().filter(|(_, recipe)| recipe.is_none()) {
        let problem = problems::too_wide_for("universal", task, target_idx, MAX_FAN_IN);
        missing.push(Missing { problem, would_fit_wider: false, can_be_solved: true });
    }
    let needs = Needs::of(task, &recipes);
    let n_singles = match (needs.has_singles, needs.max_fan_in) {
        (false, _) => 0,
        (true, ..=1) => n,
        (true, _) => n / 2,
    };
    let n_joint = n - n_singles;
    let density = |n_pool: usize, fan_in: usize| {
        let share = needs.n_common(fan_in) / n_pool.max(1) as f64;
        match choices {
            Choices::Times(factor) => (factor * libm::pow(share, 1.0 / fan_in as f64)).min(MAX_DENSITY),
            Choices::Density(density) => density,
        }
    };
    let joint = Pool::draw(0, n_joint, task.below.len(), density(n_joint, needs.max_fan_in.max(2)), rng);
    let singles = Pool::draw(n_joint, n_singles, task.below.len(), density(n_singles, 1), rng);

    let mut readoff = SparseMatrix::with_columns(n);
    for (target_idx, recipe) in recipes.iter().enumerate() {
        let mut row = Vec::new();
        let Some(recipe) = recipe else {
            readoff.push_row(row);
            continue;
        };
        let columns: Vec<u32> = recipe.operands.iter().map(|&signal| task.column(signal)).collect();
        for &(subset, coefficient) in &recipe.means {
            let pool = if subset.count_ones() == 1 { &singles } else { &joint };
            let neurons = pool.wired_exactly(&columns, subset);
            if neurons.is_empty() {
                let names = (0..columns.len()).filter(|idx| subset >> idx & 1 == 1);
                let names = names.map(|idx| task.circuit.name(recipe.operands[idx])).collect::<Vec<_>>().join("`, `");
                let problem = problems::no_common_neuron(task, target_idx, &names, n);
                missing.push(Missing { problem, would_fit_wider: true, can_be_solved: true });
            }
            row.extend(neurons.iter().map(|&neuron| (neuron, coefficient / neurons.len() as f32)));
        }
        readoff.push_row(gathered(row));
    }

    let bias = (0..n).map(|neuron| if neuron < n_joint { -1.0 } else { 0.0 }).collect();
    let mut compute = SparseMatrix::with_columns(task.below.len());
    for pool in [&joint, &singles] {
        for row in pool.rows() {
            compute.push_row(row);
        }
    }
    let readoff_bias = vec![0.0; recipes.len()];
    Code {
        compute: Matrix::Sparse(compute),
        bias,
        block: None,
        readoff: Matrix::Sparse(readoff),
        readoff_bias,
        missing,
    }
}

/// By target; `None` where it has too many inputs.
fn recipes(task: &LayerTask) -> Vec<Option<Recipe>> {
    (0..task.targets.len()).map(|target_idx| Recipe::of(task, target_idx)).collect()
}

/// What the wiring of a layer must offer.
struct Needs {
    /// Whether single signals are read.
    has_singles: bool,
    max_fan_in: usize,
    /// ln m.
    log_m: f64,
}

impl Needs {
    fn of(task: &LayerTask, recipes: &[Option<Recipe>]) -> Needs {
        let is_single = |recipe: &Recipe| recipe.means.iter().any(|mean| mean.0.count_ones() == 1);
        Needs {
            has_singles: recipes.iter().flatten().any(is_single),
            max_fan_in: recipes.iter().flatten().map(|recipe| recipe.operands.len()).max().unwrap_or(0),
            log_m: libm::log(task.below.len().max(2) as f64),
        }
    }

    /// Neurons that each set of k signals should have in common.
    fn n_common(&self, k: usize) -> f64 {
        (k + 1) as f64 * self.log_m
    }
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
        let n_subsets = 1usize << operands.len();
        let conjunctions = staircase::conjunctions(staircase::table(task, target_idx, &operands));
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
