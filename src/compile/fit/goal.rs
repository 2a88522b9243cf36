//! What a fit is to reach, and how near a network is.
//!
//! Judged on inputs of a stream of their own, which the fit never trains on and no evaluation uses.

use rayon::prelude::*;

use crate::circuit::inputs::sample::Sampler;
use crate::circuit::{Circuit, GateId};
use crate::network::forward::Forward;
use crate::network::{InputDictionary, Layer};
use crate::program::{Measure, Program, Scope};
use crate::readings::{BLOCK, Batch, Confidence, Share};

/// What is asked of the network.
pub struct Goal {
    /// At most one of each scope.
    shares: Vec<ShareGoal>,
    /// By gate: the error that its read-off must not exceed.
    pub error_bounds: Vec<Option<f64>>,
}

/// The share of inputs on which all of these are to be right.
struct ShareGoal {
    scope: Scope,
    bound: f64,
}

/// How a network did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Inputs on which every gate was right.
    gates: Share,
    /// Inputs on which every output was right.
    outputs: Share,
    /// Which of the two is asked for.
    asked: Scope,
    /// Whether every bound on an error held.
    within_bounds: bool,
}

/// Share of a bound that the worst error may take here: other inputs will find a worse one.
const CAREFUL: f64 = 0.9;

/// A fit asks again and again, and stops at the first good answer.
const CONFIDENCE: Confidence = Confidence::Careful;

/// Blocks of 64 inputs that are judged at a time, and at most.
const BLOCKS: usize = 32;
const MOST_BLOCKS: usize = 512;

impl Goal {
    /// What the circuit's `require` block asks for; the stricter of its lines holds. `--target` asks for reliability of
    /// every gate in the place of all shares.
    pub fn of(program: &Program, target: Option<f64>) -> Goal {
        let n_gates = program.circuit.n_gates();
        let mut goal = Goal { shares: Vec::new(), error_bounds: vec![None; n_gates] };
        if let Some(bound) = target {
            goal.ask_for_share(Scope::Gates, bound);
        }
        for requirement in program.requirements.iter().filter(|requirement| requirement.asks_for_better()) {
            match requirement.metric.row.measure {
                Measure::ShareRight(scope) if target.is_none() => goal.ask_for_share(scope, requirement.bound),
                Measure::ShareRight(_) | Measure::ShareWithin(_) => {}
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

    fn ask_for_share(&mut self, scope: Scope, bound: f64) {
        match self.shares.iter_mut().find(|goal| goal.scope == scope) {
            Some(goal) => goal.bound = goal.bound.max(bound),
            None => self.shares.push(ShareGoal { scope, bound }),
        }
    }

    /// What a network is ranked by: everything, unless outputs alone are asked for.
    fn asked(&self) -> Scope {
        match self.shares[..] {
            [ShareGoal { scope, .. }] => scope,
            _ => Scope::Gates,
        }
    }

    fn is_open(&self) -> bool {
        self.shares.is_empty() && !self.has_error_bounds()
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
        let nothing = Share { n: 0, of: 0 };
        let mut score = Score { gates: nothing, outputs: nothing, asked: self.asked(), within_bounds: true };
        for first in (0..MOST_BLOCKS).step_by(BLOCKS) {
            let blocks = (first..first + BLOCKS).into_par_iter();
            let judge_block = |batch: &mut Batch, block: usize| {
                batch.fill(circuit, &forward, |_| sampler.block(seed, "fit: judge", block as u64));
                self.judge_block(circuit, batch, &forward, layers)
            };
            let judged: Vec<Score> = blocks.map_init(|| Batch::new(circuit, 1), judge_block).collect();
            score = judged.iter().fold(score, Score::with);
            if self.is_decided(&score) {
                break;
            }
        }
        score
    }

    /// How a network does on a batch of one block.
    fn judge_block(&self, circuit: &Circuit, batch: &Batch, forward: &Forward, layers: &[Layer]) -> Score {
        let (mut wrong, mut wrong_outputs, mut within_bounds) = (0u64, 0u64, true);
        let mut space = Vec::new();
        for (layer_idx, layer) in layers.iter().enumerate() {
            let first_gate = circuit.layers[layer_idx].gates.start;
            batch.read(forward, layer_idx, 0..layer.readoff.n_gates, &mut space, |reading| {
                let gate = first_gate + reading.signal_idx as u32;
                let signal = circuit.gate_signal(GateId(gate));
                let missed = reading.wrong(signal, layer.readoff.threshold[reading.signal_idx]);
                wrong |= missed;
                if missed != 0 && circuit.is_output(signal) {
                    wrong_outputs |= missed;
                }
                if let Some(bound) = self.error_bounds[gate as usize] {
                    let word = reading.block.word(signal);
                    within_bounds &= reading.readoffs.iter().enumerate().all(|(input_idx, &readoff)| {
                        let error = f64::from(readoff) - (word >> input_idx & 1) as f64;
                        error.abs() < CAREFUL * bound
                    });
                }
            });
        }
        let right = |wrong: u64| Share { n: u64::from(wrong.count_zeros()), of: BLOCK as u64 };
        Score { gates: right(wrong), outputs: right(wrong_outputs), asked: self.asked(), within_bounds }
    }

    /// Whether more inputs would hardly change the verdict on any share.
    fn is_decided(&self, score: &Score) -> bool {
        let is_clear = |goal: &ShareGoal| {
            let [low, high] = score.share(goal.scope).interval(CONFIDENCE);
            low > goal.bound || high < goal.bound
        };
        // The worst error shows only on many inputs.
        !self.shares.is_empty() && !self.has_error_bounds() && self.shares.iter().all(is_clear)
    }

    pub fn is_met_by(&self, score: &Score) -> bool {
        let is_met = |goal: &ShareGoal| score.share(goal.scope).is_surely_above(goal.bound, CONFIDENCE);
        !self.is_open() && score.within_bounds && self.shares.iter().all(is_met)
    }
}

impl Score {
    fn share(&self, scope: Scope) -> Share {
        match scope {
            Scope::Gates => self.gates,
            Scope::Outputs => self.outputs,
        }
    }

    /// On the inputs of both.
    fn with(self, other: &Score) -> Score {
        let sum = |a: Share, b: Share| Share { n: a.n + b.n, of: a.of + b.of };
        Score {
            gates: sum(self.gates, other.gates),
            outputs: sum(self.outputs, other.outputs),
            asked: self.asked,
            within_bounds: self.within_bounds && other.within_bounds,
        }
    }

    /// Share of inputs on which every gate was right.
    pub fn reliability(&self) -> f64 {
        self.gates.value()
    }

    /// Whether nothing that is asked for was wrong on any input.
    pub fn is_right(&self) -> bool {
        self.share(self.asked).is_whole()
    }

    /// Share of inputs on which something that is asked for was wrong.
    pub fn failures(&self) -> f64 {
        let share = self.share(self.asked);
        (share.of - share.n) as f64 / share.of as f64
    }

    pub fn is_perfect(&self) -> bool {
        self.is_right() && self.within_bounds
    }

    /// Whether this is the better network.
    pub fn beats(&self, other: &Score) -> bool {
        let rank = |score: &Score| (score.within_bounds, score.share(score.asked).value());
        rank(self) > rank(other)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::compile::{Options, compile};
    use crate::elaborate::{Limits, load};
    use crate::network::Stopped;
    use crate::program::{Level, Width};
    use crate::progress::unwatched;

    fn program(text: &str) -> Program {
        let mut files = BTreeMap::from([("a.circ".to_string(), text.as_bytes().to_vec())]);
        load("a.circ", &mut files, &Limits::default()).program.expect("a program without errors")
    }

    /// Far too many pairs for 8 neurons, and an output that they read with ease.
    const CROWDED: &str = "feature x[24]; sample { choose 2..4 of x; }
                           g[i][j] = x[i] & x[j] for i in 0..24, j in i + 1..24;
                           some = any(x[0..6]); output some;";

    fn score(gates: u64, outputs: u64, asked: Scope) -> Score {
        let share = |n| Share { n, of: 2048 };
        Score { gates: share(gates), outputs: share(outputs), asked, within_bounds: true }
    }

    #[test]
    fn outputs_that_are_right_meet_what_is_required_of_outputs_alone() {
        let ended = |metric: &str| {
            let program = program(&format!("{CROWDED} require {{ {metric} > 0.9; }}"));
            let mut options =
                Options { level: Some(Level::Fitted), width: Some(Width::Neurons(8)), ..Options::default() };
            options.fit.budget = Some(100_000);
            let network = compile(&program, &options, &mut unwatched).expect("it compiles");
            network.header.fit.expect("a fitted network says so").stopped
        };
        assert_eq!(ended("output_reliability"), Stopped::TargetMet);
        assert_ne!(ended("reliability"), Stopped::TargetMet);
    }

    #[test]
    fn each_share_is_held_to_the_careful_end_of_its_own_interval() {
        let goal = |lines: &str, target| Goal::of(&program(&format!("{CROWDED} require {{ {lines} }}")), target);
        let outputs = goal("output_reliability > 0.99;", None);
        let met = |right| outputs.is_met_by(&score(0, right, Scope::Outputs));
        // 0.993 of them, but the true share may be below 0.99.
        assert!(!met(2034) && met(2044) && met(2048));
        assert!(!outputs.is_decided(&score(0, 2034, Scope::Outputs)));
        assert!(outputs.is_decided(&score(0, 2044, Scope::Outputs)));

        let both = goal("output_reliability > 0.99; reliability > 0.5; output_reliability > 0.9;", None);
        assert!(both.is_met_by(&score(1200, 2048, Scope::Gates)));
        assert!(!both.is_met_by(&score(1000, 2048, Scope::Gates)));
        assert!(!both.is_met_by(&score(1200, 2034, Scope::Gates)));
        assert!(!both.is_decided(&score(1200, 2034, Scope::Gates)));

        // A target is of every gate, whatever is required.
        let target = goal("output_reliability > 0.99;", Some(0.5));
        assert!(target.is_met_by(&score(1200, 1200, Scope::Gates)));
        assert!(!target.is_met_by(&score(1000, 2048, Scope::Gates)));
    }

    #[test]
    fn networks_are_ranked_by_the_share_that_is_asked_for() {
        let (narrow, wide) = (|asked| score(100, 2000, asked), |asked| score(200, 1900, asked));
        assert!(narrow(Scope::Outputs).beats(&wide(Scope::Outputs)));
        assert!(wide(Scope::Gates).beats(&narrow(Scope::Gates)));
        assert_eq!(narrow(Scope::Outputs).failures(), 48.0 / 2048.0);
        assert!(score(0, 2048, Scope::Outputs).is_perfect() && !score(0, 2048, Scope::Gates).is_perfect());
    }
}
