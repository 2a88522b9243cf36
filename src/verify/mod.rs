//! A network over *all* inputs of its circuit: proved right, or an input on which it is wrong.
//!
//! Every gate and both of its sides. Where inputs are few, all are run (`runs`). Where they are many, a search
//! finds every input that bounds on the first layer cannot exclude (`cases`, `first`, `search`), and runs those
//! (`bounded`); for the layers above all inputs are run if that can be, or else some are drawn, which proves
//! nothing. What the network does is what it does in f32, as it is evaluated: bounds are held against the most that
//! rounding can come to (`rounding`). Worst cases (`worst`) are in real arithmetic (`real`). A proof can be written
//! down for others to check (`certificate`). Must not know how a network comes about, nor a clock, nor files.

mod asked;
mod bounded;
mod cases;
mod certificate;
mod codes;
mod first;
mod hard;
mod proof;
mod real;
mod rounding;
mod runs;
mod search;
mod text;
mod watched;
mod worst;

pub use asked::{Near, Request};
pub use certificate::{Uncertified, certificate};
pub use hard::distinct;
pub use proof::{Basis, Counterexample, GateProof, Method, Proof, TOLERANCE, Verdict};
pub use worst::{Extreme, Worst};

pub use crate::program::Status;

use std::borrow::Cow;
use std::fmt;

use crate::circuit::inputs::enumerate::{self, MAX_INPUTS};
use crate::circuit::inputs::sample::{NothingToPlant, Sampler};
use crate::circuit::inputs::support::Support;
use crate::circuit::{Circuit, GateId, Inputs};
use crate::network::{Layer, Network};
use crate::progress::{Reason, Watcher};
use crate::random;
use crate::readings::{BLOCK, Mismatch, belongs};
use asked::Asked;
use bounded::{Bounded, Found};
use rounding::Rounding;
use runs::Runs;

/// So many inputs are always run.
const FEW: u128 = 1 << 17;

/// Products that running all inputs may take, unless there are few: half an hour of two cores.
const MOST_PRODUCTS: u128 = 1 << 47;

/// Options times neurons that are held in memory: a gigabyte.
const MOST_HELD: usize = 1 << 27;

/// Inputs that are drawn against what bounds do not reach.
const DRAWN: u64 = 1 << 16;

/// Nodes for each question about a gate in a first round, and how many times as many in the next.
const FIRST_NODES: u64 = 64;
const MORE_NODES: u64 = 16;

/// Looking at an option in a bound takes as long as running so many inputs; bounds may take half as long as running
/// all.
const INPUTS_FOR_AN_OPTION: u128 = 8;

/// Failing inputs of all gates that are told apart.
const MOST_FAILING: usize = 1 << 25;

/// Why nothing was proved or refuted.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    Mismatch(Mismatch),
    NothingToPlant(NothingToPlant),
    Interrupted,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Error::Mismatch(mismatch) => mismatch.fmt(f),
            Error::NothingToPlant(nothing) => nothing.fmt(f),
            Error::Interrupted => write!(f, "interrupted"),
        }
    }
}

impl std::error::Error for Error {}

/// Decides every gate that is asked about over every input. Ends with what there is when `watcher` says that its budget
/// is spent.
pub fn verify(circuit: &Circuit, network: &Network, request: &Request, watcher: Watcher) -> Result<Proof, Error> {
    let plan = Plan::of(circuit, network, request)?;
    match (&plan.support, plan.can_run_all) {
        (None, true) => plan.over().exhausted(watcher),
        _ => plan.over().in_parts(&plan, watcher),
    }
}

/// What is asked for, and how it can be found.
struct Plan<'a> {
    circuit: Cow<'a, Circuit>,
    network: &'a Network,
    asked: Asked,
    n_inputs: u128,
    /// Whether every input can be run.
    can_run_all: bool,
    /// Whether what bounds leave is run.
    runs_left: bool,
    /// Where bounds are worth it, and can say something of the first layer.
    support: Option<Support>,
}

impl<'a> Plan<'a> {
    fn of(circuit: &'a Circuit, network: &'a Network, request: &Request) -> Result<Plan<'a>, Error> {
        belongs(circuit, network).map_err(Error::Mismatch)?;
        let circuit = request.over(circuit);
        let mut asked = Asked::new(&circuit, request);
        let n_inputs = enumerate::count(&circuit);
        if circuit.distribution.plant > 0.0 {
            Sampler::new(&circuit).map_err(Error::NothingToPlant)?;
        }
        let n_neurons = network.layers.first().map_or(0, |layer| layer.width());
        let is_held = |support: &Support| support.options.len().saturating_mul(n_neurons) <= MOST_HELD;
        // What is read off a stream, and off products, bounds on ReLUs say nothing of.
        let has_relus = network.layers.iter().all(|layer| layer.block.activation().is_none());
        let has_bounds = has_relus && !network.is_residual();
        let is_bounded = |support: &Support| n_inputs > FEW && is_held(support) && has_bounds;
        let support = Support::of(&circuit).filter(is_bounded);
        let can_run_all = can_run_all(&circuit, network);
        // Who has given fewer nodes than bounds may take has not given enough for running all either.
        let mut runs_left = can_run_all;
        if let Some(support) = support.as_ref().filter(|_| can_run_all) {
            let most = n_inputs / (2 * INPUTS_FOR_AN_OPTION * support.options.len().max(1) as u128);
            runs_left = u128::from(asked.nodes) >= most;
            asked.nodes = asked.nodes.min(most.max(1) as u64);
        }
        Ok(Plan { circuit, network, asked, n_inputs, can_run_all, runs_left, support })
    }

    fn over(&self) -> Over<'_> {
        Over { circuit: &self.circuit, network: self.network, asked: &self.asked }
    }

    /// The gates of the first layer, where bounds can say something of them, and all others.
    fn parted(&self) -> [Asked; 2] {
        let first = self.circuit.layers.first().map_or(0..0, |layer| layer.gates.clone());
        let is_first = |gate: &GateId| self.support.is_some() && first.contains(&gate.0);
        let (lowest, upper): (Vec<GateId>, Vec<GateId>) = self.asked.gates.iter().copied().partition(is_first);
        [lowest, upper].map(|gates| self.asked.of(&self.circuit, gates))
    }
}

/// Whether every input can be run, and how that stands with a gate is known in the end.
pub fn can_run_all(circuit: &Circuit, network: &Network) -> bool {
    let n_inputs = enumerate::count(circuit);
    let is_work = n_inputs.saturating_mul(products(network)) > MOST_PRODUCTS;
    n_inputs <= FEW || n_inputs <= MAX_INPUTS && !is_work
}

/// Products of an input on its way, but for the few columns of the first layer.
fn products(network: &Network) -> u128 {
    let of_layer = |(layer_idx, layer): (usize, &Layer)| {
        let read = layer.readoff.signals.len() * layer.block.n_above();
        let is_counted = layer_idx > 0 || layer.block.is_residual();
        let written = if layer.block.is_residual() { layer.block.weight().len() } else { 0 };
        read + written + if is_counted { layer.block.weight().len() } else { 0 }
    };
    network.layers.iter().enumerate().map(of_layer).sum::<usize>() as u128
}

/// A circuit and its network, and what is asked of them.
#[derive(Clone, Copy)]
struct Over<'a> {
    circuit: &'a Circuit,
    network: &'a Network,
    asked: &'a Asked,
}

/// What is known of some gates.
#[derive(Default)]
struct Part {
    gates: Vec<GateProof>,
    /// Hard inputs.
    hard: Vec<Inputs>,
    /// The inputs on which one is wrong; `None` where they are not all known, or too many.
    failing: Option<Vec<Inputs>>,
}

impl Over<'_> {
    /// Every input is run for every gate.
    fn exhausted(self, watcher: Watcher) -> Result<Proof, Error> {
        let runs = self.run_all(watcher)?;
        let n_failing = runs.as_ref().map(|runs| runs.n_failing);
        // One that ends early has not seen them all.
        let n_seen = runs.as_ref().map(|runs| runs.n_inputs).filter(|_| !self.asked.until_refuted);
        let inputs = n_seen.map_or((enumerate::count(self.circuit) as f64, true), |n_seen| (n_seen as f64, false));
        let part = self.with_worst(self.part(runs, &Verdict::Proved), watcher)?;
        Ok(self.proof(Method::Exhaustion, inputs, part, n_failing))
    }

    /// `None` where the budget was spent.
    fn run_all(self, watcher: Watcher) -> Result<Option<Runs>, Error> {
        let Over { circuit, network, asked } = self;
        let distinct = enumerate::distinct_inputs(circuit).expect("there are not too many");
        known(runs::run(circuit, network, asked, distinct.n_blocks(), |block| distinct.block(block), watcher))
    }

    /// The same, with the worst cases of all gates over every input where they are asked for; without where the budget
    /// was spent.
    fn with_worst(self, mut part: Part, watcher: Watcher) -> Result<Part, Error> {
        let Over { circuit, network, asked } = self;
        if !asked.worst {
            return Ok(part);
        }
        let distinct = enumerate::distinct_inputs(circuit).expect("there are not too many");
        let found = worst::worst(circuit, network, asked, distinct.n_blocks(), |block| distinct.block(block), watcher);
        for (proof, worst) in part.gates.iter_mut().zip(known(found)?.unwrap_or_default()) {
            let (layer_idx, signal_idx) = circuit.place(proof.gate);
            proof.know(worst, asked.epsilon, network.layers[layer_idx].readoff.threshold[signal_idx]);
        }
        Ok(part)
    }

    /// The first layer by bounds, where the inputs are put together from parts; the others by runs: of all inputs, or
    /// else of some that are drawn, which prove nothing.
    fn in_parts(self, plan: &Plan, watcher: Watcher) -> Result<Proof, Error> {
        let Over { circuit, asked, .. } = self;
        let [lowest, upper] = plan.parted();
        let can_run_all = plan.can_run_all;
        let inputs = (plan.n_inputs as f64, circuit.distribution.plant >= 1.0);
        let found = match &plan.support {
            Some(support) => Over { asked: &lowest, ..self }.by_bounds(support, plan.runs_left, watcher)?,
            None => Vec::new(),
        };
        if asked.until_refuted && found.iter().any(Found::is_refuted) {
            let left = upper.gates.iter().copied().map(GateProof::open);
            let gates = found.into_iter().map(|found| found.proof).chain(left).collect();
            let part = Part { gates, ..Part::default() };
            return Ok(self.proof(Method::BranchAndBound, inputs, part, None));
        }
        // What bounds leave is run as well, where all inputs can be.
        let (left, found): (Vec<Found>, Vec<Found>) =
            found.into_iter().partition(|found| plan.runs_left && (!found.is_complete || found.is_open()));
        let upper = asked.of(circuit, left.iter().map(|left| left.proof.gate).chain(upper.gates).collect());
        let over = Over { asked: &upper, ..self };
        let (mut above, method) = match (upper.gates.is_empty(), can_run_all) {
            (true, _) => (Part { failing: Some(Vec::new()), ..Part::default() }, Method::BranchAndBound),
            (_, true) => {
                let part = over.part(over.run_all(watcher)?, &Verdict::Proved);
                (over.with_worst(part, watcher)?, Method::BoundsAndExhaustion)
            }
            _ => (over.by_draws(watcher)?, Method::FirstLayer),
        };
        // What bounds knew is known still where there was no time to run all.
        for left in left {
            let run = above.gates.binary_search_by_key(&left.proof.gate, |proof| proof.gate);
            let run = run.ok().map(|at| &mut above.gates[at]);
            if let Some(run) = run.filter(|run| run.verdict == Verdict::Open) {
                *run = left.proof;
                above.hard.push(left.hard);
            }
        }
        let mut part = Part { failing: Some(Vec::new()), ..Part::default() };
        for Found { proof, failing, hard, .. } in found {
            part.gates.push(proof);
            part.hard.push(hard);
            part.failing = part.failing.zip(failing).map(|(mut all, failing)| {
                all.push(failing);
                all
            });
        }
        part.gates.extend(above.gates);
        part.gates.sort_by_key(|proof| proof.gate);
        part.hard.extend(above.hard);
        let failing = part.failing.take().zip(above.failing);
        let n_failing = failing.and_then(|(below, above)| n_distinct(below.iter().chain(&above)));
        Ok(self.proof(method, inputs, part, n_failing))
    }

    /// `runs_left`: what this leaves is run, which takes as long for a gate as for all.
    fn by_bounds(self, support: &Support, runs_left: bool, watcher: Watcher) -> Result<Vec<Found>, Error> {
        let Over { circuit, network, asked } = self;
        let bounded = Bounded::new(circuit, network, support, asked);
        let mut found: Vec<Found> = asked.gates.iter().copied().map(Found::nothing).collect();
        let mut open: Vec<usize> = (0..found.len()).collect();
        // What is cheap comes first, of every gate; what is not begins again, with more to spend.
        let mut nodes = FIRST_NODES.min(asked.nodes);
        loop {
            let decide =
                |idx: usize, should_stop: &dyn Fn() -> bool| bounded.decide(asked.gates[open[idx]], nodes, should_stop);
            let (decided, ended) = watched::par_map(open.len(), "proving gates", watcher, decide);
            open.iter().zip(decided).for_each(|(&gate_idx, decided)| found[gate_idx].learn(decided));
            open.retain(|&gate_idx| !found[gate_idx].is_complete);
            bounded.keeps(found.iter().filter_map(|found| found.failing.as_ref()));
            if asked.until_refuted && found.iter().any(Found::is_refuted) {
                open.clear();
            }
            match ended {
                Some(Reason::Interrupted) => return Err(Error::Interrupted),
                // Where bounds say little of most gates, a few more nodes will not change that.
                None if runs_left && asked.nodes < MORE_NODES * nodes && 2 * open.len() > found.len() => break,
                None if !open.is_empty() && nodes < asked.nodes => nodes = (MORE_NODES * nodes).min(asked.nodes),
                _ => break,
            }
        }
        Ok(found)
    }

    fn by_draws(self, watcher: Watcher) -> Result<Part, Error> {
        let Over { circuit, network, asked } = self;
        let runs = runs::run(circuit, network, asked, DRAWN / BLOCK as u64, drawn(circuit)?, watcher);
        Ok(Part { failing: None, ..self.part(known(runs)?, &Verdict::Open) })
    }

    /// What runs say of every gate; `unrefuted`: of one that was always right. `None`: nothing.
    fn part(self, runs: Option<Runs>, unrefuted: &Verdict) -> Part {
        let asked = self.asked;
        let Some(mut runs) = runs else {
            return Part { gates: asked.gates.iter().copied().map(GateProof::open).collect(), ..Part::default() };
        };
        // Whoever needs one that is wrong alone has not run the others on every input.
        let unrefuted = if asked.until_refuted && runs.n_failing > 0 { &Verdict::Open } else { unrefuted };
        let failing = runs.failing.take().map(|failing| vec![failing]);
        let hard = runs.hardest.iter().map(|hardest| hard::distinct(hardest.inputs())).collect();
        Part { gates: runs.gates(asked, unrefuted), hard, failing }
    }

    fn proof(
        self,
        method: Method,
        (n_inputs, inputs_bound): (f64, bool),
        part: Part,
        failing_inputs: Option<u64>,
    ) -> Proof {
        let Part { mut gates, hard, .. } = part;
        let Over { circuit, network, asked } = self;
        let rounding = Rounding::new(circuit, network);
        for proof in &mut gates {
            let (layer_idx, signal_idx) = circuit.place(proof.gate);
            proof.rounding = rounding.of_signal(network, layer_idx, signal_idx);
        }
        let all = |of: fn(&GateProof) -> Option<f64>| gates.iter().map(of).collect::<Option<Vec<f64>>>();
        let margin = all(|gate| gate.margin).map(|all| all.into_iter().fold(f64::INFINITY, f64::min));
        let error = all(|gate| gate.error).map(|all| all.into_iter().fold(0.0, f64::max));
        let counterexample = gates.iter().find_map(|gate| match &gate.verdict {
            Verdict::Refuted(counterexample) => Some(counterexample.clone()),
            _ => None,
        });
        Proof {
            circuit: circuit.name.clone(),
            status: proof::status(&gates),
            method,
            n_inputs,
            inputs_bound,
            epsilon: asked.epsilon,
            margin: margin.filter(|_| asked.worst),
            error: error.filter(|_| asked.worst),
            failing_inputs: failing_inputs.filter(|_| asked.count),
            counterexample,
            hard: hard::distinct(hard.iter().flat_map(Inputs::iter)),
            gates,
        }
    }
}

/// Blocks of inputs that are drawn, always the same.
fn drawn(circuit: &Circuit) -> Result<impl Fn(u64) -> Inputs + Sync + '_, Error> {
    let sampler = Sampler::new(circuit).map_err(Error::NothingToPlant)?;
    let seed = random::key_of("verify: drawn against upper layers");
    Ok(move |block: u64| {
        let mut inputs = Inputs::default();
        sampler.extend(seed, "verify", block, BLOCK, &mut inputs);
        inputs
    })
}

/// `None` where the budget was spent: whoever has run some inputs knows nothing of the others.
fn known<T>(found: Result<T, Reason>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Reason::BudgetSpent) => Ok(None),
        Err(Reason::Interrupted) => Err(Error::Interrupted),
    }
}

/// How many inputs there are, each counted once; `None`: too many to be told apart.
fn n_distinct<'i>(lists: impl Iterator<Item = &'i Inputs>) -> Option<u64> {
    let mut all: Vec<&[u32]> = Vec::new();
    for inputs in lists {
        all.extend(inputs.iter());
        if all.len() > MOST_FAILING {
            return None;
        }
    }
    all.sort_unstable();
    all.dedup();
    Some(all.len() as u64)
}

#[cfg(test)]
mod tests;
