//! Which constructions can work at which widths: what their inequalities say, and what is measured beside it.
//!
//! For each layer its regime (`regime`): m signals below with s of them on, m' gates, the bounds that are known. For
//! each construction the width that its published inequality asks for, with every constant taken as 1, and beside it the
//! fewest neurons with which networks of it meet the goal (`measured`, by a search over a `ladder` of widths); so for a
//! fit, of which nothing is published. And the share of all pairs of features that universal AND reads at each width
//! ("Computation in superposition: math overview", realistic regimes). Must not know how a plan is laid out.

mod ladder;
mod measured;
mod regime;

pub use measured::{Measured, Terms, Tried};

use serde::Serialize;

use crate::compile::{
    Asked, Inequality, LayerTask, MOST_LOAD, Options, PairShare, Regime, all_pairs_width, construction_names,
    correction_inequality, layer_tasks, readable_pairs, unshared_width,
};
use crate::diagnostic::{Diagnostic, Span};
use crate::program::problems::nothing_to_plant;
use crate::program::{self, Level, Program, Spread};
use crate::progress::{Progress, Reason, Watcher};
use measured::measured;

/// What a plan is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// As they are typed.
    pub constructions: Vec<String>,
    pub levels: Vec<Level>,
    pub terms: Terms,
}

/// What came of it. Other programs rely on the fields: add, never rename.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    pub circuit: String,
    pub features: usize,
    /// The expected number of features that are on, without plants.
    pub active_features: f64,
    pub gates: usize,
    pub seed: u64,
    /// What a network is to reach: the lines of `require`, and a goal besides where these say nothing of their own.
    pub goal: Vec<String>,
    /// ε: how far read-offs may be off for that; ½ where the side of a threshold is enough.
    pub epsilon: f64,
    /// δ: the share of inputs that may be read otherwise.
    pub misses: f64,
    pub layers: Vec<LayerPlan>,
    pub constructions: Vec<ConstructionPlan>,
    /// Of layers that correct, whatever the construction; left out of the JSON where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correction: Option<Inequality>,
    /// All weights fitted, where that was asked for.
    pub fitted: Option<FitPlan>,
    /// What universal AND reads of all pairs of features, by width; empty where there are no two features.
    pub pairs: Vec<PairShare>,
    /// The s p of that.
    pub pairs_load: f64,
    /// Neurons with which all pairs are read, by inequality: p² n = 2 ln m at that s p.
    pub pairs_all: f64,
}

/// One layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerPlan {
    pub name: String,
    /// m: signals below.
    pub inputs: usize,
    /// s: how many of them are on in the mean; measured.
    pub active: f64,
    /// On so many inputs.
    pub samples: u64,
    /// m'.
    pub gates: u64,
    /// Signals from below that it carries.
    pub carried: u64,
    /// Operands of a gate.
    pub fan_in: Spread,
    /// With so many neurons superposition has nothing to do.
    pub unshared: usize,
    /// Where features are stored in d dimensions: m'/d, for m' <= n d, as many gates as the layer has parameters.
    pub stored_floor: Option<f64>,
}

/// One construction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConstructionPlan {
    pub construction: String,
    pub formula: &'static str,
    pub source: &'static str,
    /// By layer; every constant is 1.
    pub by_inequality: Vec<Needed>,
    /// The most of these: what a layer of the width of all needs. `None` where one of them tells none.
    pub inequality: Option<f64>,
    /// By level.
    pub measured: Vec<Measured>,
}

/// What an inequality says of a layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Needed {
    pub width: Option<f64>,
    /// Left out of the JSON where there is a width.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FitPlan {
    /// Inputs that each fit may see; `None`: as many as it takes.
    pub budget: Option<u64>,
    #[serde(flatten)]
    pub measured: Measured,
}

/// A network that meets the goal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Best<'a> {
    /// `None`: a fit.
    pub construction: Option<&'a str>,
    pub opt_level: u8,
    pub width: u32,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    Stopped(Reason),
    Refused(Vec<Diagnostic>),
}

impl Plan {
    /// The narrowest that meet the goal, by construction and level, the first of equals first; those of a fit among
    /// them.
    pub fn best(&self) -> Vec<Best<'_>> {
        let wired =
            self.constructions.iter().flat_map(|of| of.measured.iter().map(|at| (Some(&of.construction[..]), at)));
        let fitted = self.fitted.iter().map(|fitted| (None, &fitted.measured));
        let mut all = Vec::new();
        for (construction, measured) in wired.chain(fitted) {
            let best = |width| Best { construction, opt_level: measured.opt_level, width };
            all.extend(measured.width.map(best));
        }
        all.sort_by_key(|best| best.width);
        all
    }
}

/// Makes the plan of a program that has gates.
///
/// # Errors
/// When nothing can be drawn or planted, and when `watcher` says that it was interrupted. A budget of time leaves the
/// rest unmeasured.
pub fn plan(program: &Program, question: &Question, watcher: Watcher) -> Result<Plan, Error> {
    let terms = &question.terms;
    let circuit = &program.circuit;
    let seed = terms.seed.unwrap_or(program.settings.seed);
    let tasks = layer_tasks(circuit);
    let actives =
        regime::sparsities(circuit, seed).map_err(|_| Error::Refused(vec![nothing_to_plant(Span::NOWHERE)]))?;
    let (epsilon, one_in) = regime::asked(program, terms.goal.as_ref());
    let regimes: Vec<Regime> = actives
        .iter()
        .zip(&tasks)
        .map(|(&n_on, task)| Regime { n_on, n_heard: heard(program, task, n_on), epsilon, one_in })
        .collect();

    let wired: Vec<Level> = question.levels.iter().copied().filter(|&level| level != Level::Fitted).collect();
    let is_fitted = question.levels.contains(&Level::Fitted);
    let total = (wired.len() * question.constructions.len() + usize::from(is_fitted)) as u64;
    let mut done = 0;
    let mut measure = |construction: Option<&str>, level: Level| {
        let progress = Progress { total, ..Progress::of("planning", done) };
        done += 1;
        measured(program, construction, level, terms, &mut |_| watcher(progress)).map_err(Error::Stopped)
    };
    let mut constructions = Vec::new();
    for construction in &question.constructions {
        let published = published(program, construction, &tasks, &regimes)?;
        let measured = wired.iter().map(|&level| measure(Some(construction), level)).collect::<Result<_, _>>()?;
        constructions.push(ConstructionPlan { measured, ..published });
    }
    let fitted = match is_fitted {
        true => Some(FitPlan { budget: terms.fit.budget, measured: measure(None, Level::Fitted)? }),
        false => None,
    };

    let n_features = circuit.n_features();
    let widths = |plan: &[ConstructionPlan]| match &terms.widths {
        Some(widths) => widths.clone(),
        None => widths_of(plan, fitted.as_ref()),
    };
    let n_on = actives.first().copied().unwrap_or(0.0);
    let pairs = match n_features >= 2 && n_on > 0.0 {
        true => widths(&constructions).into_iter().map(|n| readable_pairs(n_features, n_on, n, seed)).collect(),
        false => Vec::new(),
    };
    let required = program.requirements.iter().map(|line| line.text.clone());
    Ok(Plan {
        circuit: circuit.name.clone(),
        features: n_features,
        active_features: circuit.distribution.active_features(),
        gates: circuit.n_gates(),
        seed,
        goal: required.chain(terms.goal.map(|goal| goal.text())).collect(),
        epsilon,
        misses: 1.0 / one_in,
        layers: layers(program, &tasks, &actives),
        constructions,
        correction: tasks.iter().any(LayerTask::corrects).then(correction_inequality),
        fitted,
        pairs,
        pairs_load: MOST_LOAD,
        pairs_all: all_pairs_width(n_features, n_on),
    })
}

/// All constructions, by name.
pub fn all_constructions() -> Vec<String> {
    construction_names().into_iter().map(str::to_owned).collect()
}

/// Of features that are stored in d dimensions s m / d, where that is more than s.
fn heard(program: &Program, task: &LayerTask, n_on: f64) -> f64 {
    let m = task.below.len() as f64;
    stored_in(program, task).map_or(n_on, |d| n_on * (m / d).max(1.0))
}

/// The dimensions that all signals below a layer share with each other, where they come in superposed.
fn stored_in(program: &Program, task: &LayerTask) -> Option<f64> {
    let (settings, n_features) = (&program.settings, program.circuit.n_features());
    let are_stored = settings.residual.is_none() && settings.stored_features(n_features).len() == n_features;
    let is_lowest = task.layer_idx == 0;
    settings.stream_dimensions().filter(|_| is_lowest && are_stored).map(f64::from)
}

fn layers(program: &Program, tasks: &[LayerTask], actives: &[f64]) -> Vec<LayerPlan> {
    let facts = program::facts(program).layers;
    let of_layer = |((task, facts), &active): ((&LayerTask, program::LayerFacts), &f64)| LayerPlan {
        name: facts.name,
        inputs: task.below.len(),
        active,
        samples: regime::N_INPUTS,
        gates: facts.gates,
        carried: facts.carried,
        fan_in: facts.fan_in,
        unshared: unshared_width(task),
        stored_floor: stored_in(program, task).map(|d| facts.gates as f64 / d),
    };
    tasks.iter().zip(facts).zip(actives).map(of_layer).collect()
}

/// What is published of a construction, of each layer.
fn published(
    program: &Program,
    construction: &str,
    tasks: &[LayerTask],
    regimes: &[Regime],
) -> Result<ConstructionPlan, Error> {
    let options =
        Options { level: Some(Level::Published), construction: Some(construction.to_owned()), ..Options::default() };
    let asked = Asked::of(program, &options).map_err(Error::Refused)?;
    let needed = |(task, regime)| match asked.needs(task, regime) {
        Ok(width) => Needed { width: Some(width), reason: None },
        Err(reason) => Needed { width: None, reason: Some(reason) },
    };
    let by_inequality: Vec<Needed> = tasks.iter().zip(regimes).map(needed).collect();
    let widths: Option<Vec<f64>> = by_inequality.iter().map(|needed| needed.width).collect();
    let Inequality { formula, source } = asked.inequality();
    Ok(ConstructionPlan {
        construction: construction.to_owned(),
        formula,
        source,
        by_inequality,
        inequality: widths.and_then(|widths| widths.into_iter().reduce(f64::max)),
        measured: Vec::new(),
    })
}

/// Of a plan over no widths of its own: octaves from the narrowest to the widest that was tried.
fn widths_of(constructions: &[ConstructionPlan], fitted: Option<&FitPlan>) -> Vec<u32> {
    let measured = constructions.iter().flat_map(|of| &of.measured).chain(fitted.map(|fitted| &fitted.measured));
    let tried: Vec<u32> = measured.flat_map(|of| &of.tried).map(|tried| tried.width).collect();
    let (Some(&least), Some(&most)) = (tried.iter().min(), tried.iter().max()) else { return Vec::new() };
    let octaves = std::iter::successors(Some(least.next_power_of_two()), |width| width.checked_mul(2));
    octaves.take_while(|&width| width <= most).collect()
}
