//! A network over *all* inputs of its circuit: proved right, or an input on which it is wrong.
//!
//! Every gate and both of its sides. Where inputs are few, all are run (`runs`). Where they are many, a search finds
//! every input that bounds on the first layer cannot exclude (`cases`, `first`, `search`), and runs those (`bounded`);
//! for the layers above all inputs are run if that can be, or else some are drawn, which proves nothing.
//! What the network does is what it does in f32, as it is evaluated: bounds are held against the most that rounding can
//! come to. Must not know how a network comes about, nor a clock.

mod asked;
mod bounded;
mod cases;
mod first;
mod proof;
mod runs;
mod search;
mod text;
mod watched;

pub use asked::Request;
pub use bounded::TOLERANCE;
pub use proof::{Counterexample, GateProof, Method, Proof, Status, Verdict};

use std::borrow::Cow;
use std::fmt;

use crate::circuit::inputs::enumerate::{self, MAX_INPUTS};
use crate::circuit::inputs::sample::{NothingToPlant, Sampler};
use crate::circuit::inputs::support::Support;
use crate::circuit::{Circuit, GateId, Inputs};
use crate::network::Network;
use crate::progress::{Reason, Watcher};
use crate::random;
use crate::readings::{BLOCK, Mismatch, belongs};
use asked::Asked;
use bounded::{Bounded, Found};
use runs::Runs;

/// So many inputs are always run.
const FEW: u128 = 1 << 17;

/// Options times neurons that are held in memory: a gigabyte.
const MOST_HELD: usize = 1 << 27;

/// Inputs that are drawn against what bounds do not reach.
const DRAWN: u64 = 1 << 16;

/// Nodes for each question about a gate in a first round, and how many times as many in the next.
const FIRST_NODES: u64 = 256;
const MORE_NODES: u64 = 16;

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
    belongs(circuit, network).map_err(Error::Mismatch)?;
    let circuit = match request.support {
        Some(most) => Cow::Owned(circuit.with_at_most(most)),
        None => Cow::Borrowed(circuit),
    };
    let asked = Asked::new(&circuit, request);
    let n_inputs = enumerate::count(&circuit);
    let can_run_all = n_inputs <= MAX_INPUTS;
    if circuit.distribution.plant > 0.0 {
        Sampler::new(&circuit).map_err(Error::NothingToPlant)?;
    }
    let n_neurons = network.layers.first().map_or(0, |layer| layer.width());
    let is_held = |support: &Support| support.options.len().saturating_mul(n_neurons) <= MOST_HELD;
    let support = Support::of(&circuit).filter(|support| n_inputs > FEW && is_held(support));
    let over = Over { circuit: &circuit, network, asked: &asked };
    match support {
        None if can_run_all => over.exhausted(watcher),
        support => over.in_parts(support.as_ref(), n_inputs, can_run_all, watcher),
    }
}

/// A circuit and its network, and what is asked of them.
#[derive(Clone, Copy)]
struct Over<'a> {
    circuit: &'a Circuit,
    network: &'a Network,
    asked: &'a Asked,
}

/// What is known of some gates.
struct Part {
    gates: Vec<GateProof>,
    /// The inputs on which one is wrong; `None` where they are not all known, or too many.
    failing: Option<Vec<Inputs>>,
}

impl Over<'_> {
    /// Every input is run for every gate.
    fn exhausted(self, watcher: Watcher) -> Result<Proof, Error> {
        let Over { circuit, network, asked } = self;
        match self.run_all(watcher)? {
            Some(runs) => {
                let (n_inputs, n_failing) = (runs.n_inputs as f64, runs.n_failing);
                let gates = runs.gates(network, circuit, asked, &Verdict::Proved);
                Ok(self.proof(Method::Exhaustion, (n_inputs, false), gates, Some(n_failing)))
            }
            None => {
                let n_inputs = enumerate::count(circuit) as f64;
                Ok(self.proof(Method::Exhaustion, (n_inputs, true), self.open(), None))
            }
        }
    }

    /// `None` where the budget was spent.
    fn run_all(self, watcher: Watcher) -> Result<Option<Runs>, Error> {
        let Over { circuit, network, asked } = self;
        let distinct = enumerate::distinct_inputs(circuit).expect("there are not too many");
        known(runs::run(circuit, network, asked, distinct.n_blocks(), |block| distinct.block(block), watcher))
    }

    /// The first layer by bounds, where the inputs are put together from parts; the others by runs: of all inputs, or
    /// else of some that are drawn, which prove nothing.
    fn in_parts(
        self,
        support: Option<&Support>,
        n_inputs: u128,
        can_run_all: bool,
        watcher: Watcher,
    ) -> Result<Proof, Error> {
        let Over { circuit, asked, .. } = self;
        let first = circuit.layers.first().map_or(0..0, |layer| layer.gates.clone());
        let is_first = |gate: &GateId| support.is_some() && first.contains(&gate.0);
        let (lowest, upper): (Vec<GateId>, Vec<GateId>) = asked.gates.iter().copied().partition(is_first);
        let (lowest, upper) = (asked.of(circuit, lowest), asked.of(circuit, upper));
        let found = match support {
            Some(support) => Over { asked: &lowest, ..self }.by_bounds(support, watcher)?,
            None => Vec::new(),
        };
        // What bounds leave is run as well, where all inputs can be.
        let (left, found): (Vec<Found>, Vec<Found>) =
            found.into_iter().partition(|found| can_run_all && found.proof.verdict == Verdict::Open);
        let upper = asked.of(circuit, left.iter().map(|left| left.proof.gate).chain(upper.gates).collect());
        let over = Over { asked: &upper, ..self };
        let (above, method) = match (upper.gates.is_empty(), can_run_all) {
            (true, _) => (Part { gates: Vec::new(), failing: Some(Vec::new()) }, Method::BranchAndBound),
            (_, true) => (over.by_runs(watcher)?, Method::BoundsAndExhaustion),
            _ => (over.by_draws(watcher)?, Method::FirstLayer),
        };
        let (mut gates, failing): (Vec<GateProof>, Vec<Option<Inputs>>) =
            found.into_iter().map(|Found { proof, failing, .. }| (proof, failing)).unzip();
        let below = failing.into_iter().collect::<Option<Vec<Inputs>>>();
        let n_failing = below.zip(above.failing).and_then(|(below, above)| n_distinct(below.iter().chain(&above)));
        gates.extend(above.gates);
        gates.sort_by_key(|proof| proof.gate);
        Ok(self.proof(method, (n_inputs as f64, circuit.distribution.plant >= 1.0), gates, n_failing))
    }

    fn by_bounds(self, support: &Support, watcher: Watcher) -> Result<Vec<Found>, Error> {
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
            match ended {
                Some(Reason::Interrupted) => return Err(Error::Interrupted),
                None if !open.is_empty() && nodes < asked.nodes => nodes = (MORE_NODES * nodes).min(asked.nodes),
                _ => break,
            }
        }
        Ok(found)
    }

    fn by_runs(self, watcher: Watcher) -> Result<Part, Error> {
        let Over { circuit, network, asked } = self;
        Ok(match self.run_all(watcher)? {
            Some(mut runs) => {
                let failing = runs.failing.take().map(|failing| vec![failing]);
                Part { gates: runs.gates(network, circuit, asked, &Verdict::Proved), failing }
            }
            None => Part { gates: self.open(), failing: None },
        })
    }

    fn by_draws(self, watcher: Watcher) -> Result<Part, Error> {
        let Over { circuit, network, asked } = self;
        let sampler = Sampler::new(circuit).map_err(Error::NothingToPlant)?;
        let seed = random::key_of("verify: drawn against upper layers");
        let block = |block: u64| -> Inputs {
            let mut inputs = Inputs::default();
            sampler.extend(seed, "verify", block, BLOCK, &mut inputs);
            inputs
        };
        let runs = runs::run(circuit, network, asked, DRAWN / BLOCK as u64, block, watcher);
        let gates = match known(runs)? {
            Some(runs) => runs.gates(network, circuit, asked, &Verdict::Open),
            None => self.open(),
        };
        Ok(Part { gates, failing: None })
    }

    /// Nothing is known of any gate.
    fn open(self) -> Vec<GateProof> {
        self.asked.gates.iter().copied().map(GateProof::open).collect()
    }

    fn proof(
        self,
        method: Method,
        (n_inputs, inputs_bound): (f64, bool),
        gates: Vec<GateProof>,
        failing_inputs: Option<u64>,
    ) -> Proof {
        let Over { circuit, asked, .. } = self;
        let all = |of: fn(&GateProof) -> Option<f64>| gates.iter().map(of).collect::<Option<Vec<f64>>>();
        let margin = all(|gate| gate.margin).map(|all| all.into_iter().fold(f64::INFINITY, f64::min));
        let error = all(|gate| gate.error).map(|all| all.into_iter().fold(0.0, f64::max));
        let counterexample = gates.iter().find_map(|gate| match &gate.verdict {
            Verdict::Refuted(counterexample) => Some(counterexample.clone()),
            _ => None,
        });
        Proof {
            circuit: circuit.name.clone(),
            status: Status::of(&gates),
            method,
            n_inputs,
            inputs_bound,
            epsilon: asked.epsilon,
            margin: margin.filter(|_| asked.worst),
            error: error.filter(|_| asked.worst),
            failing_inputs: failing_inputs.filter(|_| asked.count),
            counterexample,
            gates,
        }
    }
}

/// `None` where the budget was spent: whoever has run some inputs knows nothing of the others.
fn known(runs: Result<Runs, Reason>) -> Result<Option<Runs>, Error> {
    match runs {
        Ok(runs) => Ok(Some(runs)),
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
