//! A fit that goes on until it is proved: inputs on which a network is wrong, or nearly so, go back into its training.
//!
//! Must not know how a proof is found, nor how a fit learns.

use super::trial::patiently;
use crate::circuit::Inputs;
use crate::compile::{self, Error, Hard, Options};
use crate::network::{Network, Stopped};
use crate::program::{Claim, Level, Program, Status};
use crate::progress::{Answer, Progress, Watcher};
use crate::verify::{self, Near, Proof, Request, verify};

/// How far a search for a proof goes, in nodes, where not all inputs can be run in the end.
const MOST_NODES: u64 = 1 << 22;

/// What of a network is learnt again: all that is wrong or this near to it, of each gate and side no more than so much.
const NEAR: Near = Near { within: 0.1, most: 32 };

/// Rounds of training that leave as many gates unproved as before, after which it ends.
const PATIENCE: u64 = 8;

/// What became of the claims.
#[derive(Debug, Clone, PartialEq)]
pub struct Proved {
    pub statuses: Vec<Status>,
    /// Gates that are not proved, of all claims.
    pub n_unproved: usize,
    /// Rounds of training on hard inputs.
    pub n_rounds: u64,
}

impl Proved {
    /// `None`: there was no time for a proof.
    fn by(proofs: &[Option<Proof>], n_rounds: u64) -> Proved {
        let status = |proof: &Option<Proof>| proof.as_ref().map_or(Status::NotProved, |proof| proof.status);
        let unproved = |proof: &Proof| proof.gates.len() - proof.n_proved();
        let n_unproved = proofs.iter().map(|proof| proof.as_ref().map(unproved)).sum::<Option<usize>>();
        Proved { statuses: proofs.iter().map(status).collect(), n_unproved: n_unproved.unwrap_or(usize::MAX), n_rounds }
    }

    pub fn is_proved(&self) -> bool {
        self.statuses.iter().all(|&status| status == Status::Proved)
    }
}

/// How the claims of a program stand for a network, each as far as it takes to know that.
pub fn statuses(program: &Program, network: &Network, watcher: Watcher) -> Result<Vec<Status>, verify::Error> {
    let status = |claim: &Claim| {
        let request = Request { until_refuted: true, ..request(claim, program, network) };
        verify(&program.circuit, network, &request, watcher).map(|proof| proof.status)
    };
    program.claims.iter().map(status).collect()
}

fn request(claim: &Claim, program: &Program, network: &Network) -> Request {
    let nodes = (!verify::can_run_all(&program.circuit, network)).then_some(MOST_NODES);
    Request { nodes, ..Request::of(claim, &program.circuit) }
}

/// The network, or one that was fitted further, and how it stands with what the program claims: the first that is
/// proved, or else the one with the fewest gates unproved.
pub fn until_proved(
    program: &Program,
    options: &Options,
    network: Network,
    watcher: Watcher,
) -> Result<(Network, Proved), Error> {
    let watcher: Watcher = &mut |progress| patiently(watcher, progress);
    let may_go_on = options.level_for(&program.settings) == Level::Fitted;
    let most_inputs = options.fit.budget.unwrap_or(u64::MAX);
    let claims = &program.claims;
    let near = Some(NEAR).filter(|_| may_go_on);
    let requests: Vec<Request> =
        claims.iter().map(|claim| Request { near, ..request(claim, program, &network) }).collect();
    let mut hard: Vec<Inputs> = Vec::new();
    let mut best: Option<(Network, Proved)> = None;
    let (mut candidate, mut n_rounds, mut n_idle) = (network, 0, 0);
    loop {
        let proofs = proofs(program, &candidate, &requests, watcher);
        let n_refuted: usize = proofs.iter().flatten().map(Proof::n_refuted).sum();
        let proved = Proved::by(&proofs, n_rounds);
        let is_better = best.as_ref().is_none_or(|(_, best)| proved.n_unproved < best.n_unproved);
        n_idle = if is_better { 0 } else { n_idle + 1 };
        if proved.is_proved() || !may_go_on || n_refuted == 0 || n_idle > PATIENCE {
            best = best.filter(|_| !is_better).or(Some((candidate, proved)));
            break;
        }
        // What a round has made worse tells what it has to keep.
        hard.extend(proofs.into_iter().flatten().map(|proof| proof.hard));
        if is_better {
            best = Some((candidate, proved));
        }
        let (from, _) = best.as_ref().expect("the first is the best so far");
        let n_inputs = from.header.fit.map_or(0, |fit| fit.inputs);
        let inputs = verify::distinct(hard.iter().flat_map(Inputs::iter));
        let is_over = n_inputs >= most_inputs || watcher(Progress::of("proving", n_rounds)) != Answer::GoOn;
        if is_over || inputs.is_empty() {
            break;
        }
        n_rounds += 1;
        let widths: Vec<usize> = from.layers.iter().map(|layer| layer.width()).collect();
        let mut options = options.at_widths(&program.circuit, &widths);
        options.fit.from = Some(Box::new(from.clone()));
        options.fit.hard = Some(Hard { inputs, round: n_rounds });
        options.fit.budget = options.fit.budget.map(|budget| budget - n_inputs);
        candidate = compile::compile(program, &options, watcher)?;
        if let Some(fit) = &mut candidate.header.fit {
            fit.inputs += n_inputs;
        }
    }
    let (mut network, proved) = best.expect("the first is the best so far");
    if let Some(fit) = network.header.fit.as_mut().filter(|_| proved.is_proved()) {
        fit.stopped = Stopped::TargetMet;
    }
    Ok((network, Proved { n_rounds, ..proved }))
}

/// `None` where there is no time for one.
fn proofs(program: &Program, network: &Network, requests: &[Request], watcher: Watcher) -> Vec<Option<Proof>> {
    requests.iter().map(|request| verify(&program.circuit, network, request, watcher).ok()).collect()
}
