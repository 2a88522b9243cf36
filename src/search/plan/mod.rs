//! Which constructions can work at which widths: what their inequalities say, and what is measured beside it.
//!
//! For each layer its regime (`regime`): m signals below with s of them on, m' gates, the bounds that are known. For
//! each construction the width that its published inequality asks for, every constant taken as 1, and beside it the
//! fewest neurons with which networks of it meet the goal (`measured`, by a search over a `ladder` of widths); so for a
//! fit, of which nothing is published. And the share of all pairs of features that universal AND reads at each width
//! ("Computation in superposition: math overview", realistic regimes). Must not know how a plan is laid out.

mod ladder;
mod measured;
mod regime;

pub use measured::{Measured, Terms, Tried};

use serde::Serialize;

use crate::compile::{
    Asked, Inequality, LayerTask, MOST_LOAD, Options, PairShare, Regime, all_pairs_width, correction_inequality,
    layer_tasks, readable_pairs, unshared_width,
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
        .map(|(&n_on, task)| Regime { n_on, stored_in: stored_in(program, task), epsilon, one_in })
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::compile::{Request, constructions_of};
    use crate::elaborate::{Limits, load};
    use crate::program::Activation;
    use crate::progress::{Answer, unwatched};

    fn program(text: &str) -> Program {
        let mut files = BTreeMap::from([("a.circ".to_string(), text.as_bytes().to_vec())]);
        load("a.circ", &mut files, &Limits::default()).program.expect("a program without errors")
    }

    fn question(constructions: &[&str], levels: &[Level], widths: Option<Vec<u32>>) -> Question {
        let terms = Terms { widths, seed: None, fit: Request::default(), goal: None };
        let constructions = constructions.iter().map(|name| name.to_string()).collect();
        Question { constructions, levels: levels.to_vec(), terms }
    }

    const PAIRS: &str = "feature x[100]; sample { choose 4 of x; plant 1; } g[i] = all(pick(2, x)) for i in 0..200;";

    /// m = 100, s = 4, m' = 200, ε = ½, δ = 1/100.
    #[test]
    fn inequalities_are_the_published_ones() {
        let program = program(&format!("{PAIRS} require {{ reliability > 0.99; }}"));
        let names = constructions_of(Activation::Relu);
        let plan = plan(&program, &question(&names, &[], None), &mut unwatched).unwrap();
        let layer = &plan.layers[0];
        assert_eq!((layer.inputs, layer.active, layer.gates, layer.unshared), (100, 4.0, 200, 200));
        assert!((plan.epsilon, plan.misses) == (0.5, 0.01) || (plan.misses - 0.01).abs() < 1e-12, "{plan:?}");
        let tail = libm::log(200.0 / 0.01);
        // c = ¼ (E relu(2 + Z) − 2 E relu(Z) + E relu(Z − 2)), Z Gaussian of variance 2: by quadrature 0.243.
        let c = 0.243_032_479;
        let q = 2.0 * 2.0 * 4.0 * tail / 0.25;
        let wanted = [
            ("channels", libm::sqrt(200.0) * libm::log2(200.0)),
            ("universal", 2.0 * 16.0 * libm::log(100.0)),
            ("random_features", 4.0 * tail / (c * c * 0.25)),
            ("shared_circuits", 0.5 + libm::sqrt(0.25 + 200.0 * 30.0)),
            ("linear", q * 100.0 / (q + 100.0)),
            ("naive", 200.0),
        ];
        for (name, neurons) in wanted {
            let of = plan.constructions.iter().find(|of| of.construction == name).unwrap();
            let found = of.inequality.unwrap();
            assert!((found / neurons - 1.0).abs() < 1e-3, "{name}: {found}, and not {neurons}");
        }
    }

    #[test]
    fn what_is_stored_is_heard_by_all_that_it_shares_dimensions_with() {
        let stored = format!("{PAIRS} network {{ store x in 50 with gaussian; }} require {{ reliability > 0.99; }}");
        let program = program(&stored);
        let plan = plan(&program, &question(&["universal", "linear"], &[], None), &mut unwatched).unwrap();
        let [universal, linear] = &plan.constructions[..] else { panic!("two constructions") };
        assert!((universal.inequality.unwrap() / (2.0 * 64.0 * libm::log(100.0)) - 1.0).abs() < 1e-12);
        assert_eq!(plan.layers[0].stored_floor, Some(4.0));
        let reason = linear.by_inequality[0].reason.as_ref().unwrap();
        assert!(linear.inequality.is_none() && reason.contains("share 50 dimensions"), "{reason}");
    }

    /// Both count with the tails of a Gaussian, which a union bound makes longer.
    #[test]
    fn noise_that_is_worked_out_is_the_noise_that_is_measured() {
        let program = program(&format!("{PAIRS} require {{ reliability > 0.99; }}"));
        let mut question = question(&["random_features", "linear"], &[Level::Published], None);
        question.terms.widths = Some(ladder::ladder(4096));
        let plan = plan(&program, &question, &mut unwatched).unwrap();
        for of in &plan.constructions {
            let (published, measured) = (of.inequality.unwrap(), f64::from(of.measured[0].width.unwrap()));
            // A rung of the ladder more or less.
            let widest = published * std::f64::consts::SQRT_2;
            assert!((published / 2.0..widest).contains(&measured), "{}: {published}, {measured}", of.construction);
        }
    }

    #[test]
    fn of_several_lines_the_strictest_counts() {
        let text = format!("{PAIRS} require {{ reliability > 0.999; accuracy(0.3) > 0.9; error(g) < 0.4; }}");
        let (epsilon, one_in) = regime::asked(&program(&text), None);
        assert_eq!(epsilon, 0.3);
        assert!((one_in - 10_000.0).abs() < 1e-6, "{one_in}");
        let worse = format!("{PAIRS} require {{ reliability < 0.5; }}");
        assert_eq!(regime::asked(&program(&worse), None), (0.5, 1.0));
    }

    #[test]
    fn a_budget_of_time_leaves_the_rest_unmeasured_and_an_interruption_everything() {
        let program = program(&format!("{PAIRS} require {{ reliability > 0.99; }}"));
        let question = question(&["linear", "naive"], &[Level::Published], None);
        let mut n_calls = 0;
        let mut late = |_| {
            n_calls += 1;
            if n_calls > 3 { Answer::Stop(Reason::BudgetSpent) } else { Answer::GoOn }
        };
        let spent = plan(&program, &question, &mut late).unwrap();
        assert!(spent.constructions.iter().all(|of| of.measured[0].unfinished && of.inequality.is_some()), "{spent:?}");
        let interrupted = plan(&program, &question, &mut |_| Answer::Stop(Reason::Interrupted));
        assert_eq!(interrupted, Err(Error::Stopped(Reason::Interrupted)));
    }
}
