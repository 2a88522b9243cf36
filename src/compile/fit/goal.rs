//! What a fit is to reach, and how near a network is.
//!
//! Judged on inputs of a stream of their own, which the fit never trains on and no evaluation uses.

use rayon::prelude::*;

use crate::circuit::inputs::sample::Sampler;
use crate::circuit::{Circuit, GateId};
use crate::compile::options::Request;
use crate::compile::seldom::{Rare, Seldom};
use crate::network::forward::Forward;
use crate::network::{InputDictionary, Layer};
use crate::program::{self, Measure, Program, Scope, Sides};
use crate::readings::{BLOCK, Batch, Confidence, Share};

/// What is asked of the network.
pub struct Goal {
    pub sides: Sides,
    /// At most one of each kind.
    shares: Vec<ShareGoal>,
    /// By gate: the error that its read-off must not exceed.
    pub error_bounds: Vec<Option<f64>>,
}

/// The share of inputs on which all of these are to be read well.
#[derive(Debug, Clone, Copy, PartialEq)]
struct ShareGoal {
    scope: Scope,
    /// Strictly within so much of the truth; `None`: on the right side of the threshold.
    epsilon: Option<f64>,
    bound: f64,
}

/// How a network did.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Inputs on which each share of the goal was as asked.
    shares: Vec<Share>,
    /// For each share of the goal: of inputs that show gates which plain ones show seldom, those with that gate as
    /// asked.
    rare: Vec<Share>,
    /// Whether every bound on an error held.
    within_bounds: bool,
    /// By input, the worst error of any gate, which is a number or infinite. Empty where errors are not asked for.
    worst: Vec<f32>,
}

const EPSILON: f64 = program::Goal::EPSILON;
const TARGET: f64 = program::Goal::BOUND;

/// Share of the inputs by whose worst errors networks are compared.
const QUANTILE: f64 = 0.99;

/// Share of a bound that the worst error may take here: other inputs will find a worse one.
const CAREFUL: f64 = 0.9;

/// A fit asks again and again, and stops at the first good answer.
const CONFIDENCE: Confidence = Confidence::Careful;

/// Blocks of 64 inputs that are judged at a time, and at most.
const BLOCKS: usize = 32;
const MOST_BLOCKS: usize = 512;

impl Goal {
    /// What the circuit's `require` block asks for; the stricter of its lines holds. An ε or a target of the request's
    /// own stands in the place of all its shares, and is of every gate.
    ///
    /// On both sides, a line that asks for the right side of a threshold is pursued at ε = 0.45 where none names an ε.
    pub fn of(program: &Program, request: &Request, sides: Sides) -> Goal {
        let n_gates = program.circuit.n_gates();
        let mut goal = Goal { sides, shares: Vec::new(), error_bounds: vec![None; n_gates] };
        let is_given = request.target.is_some() || request.epsilon.is_some();
        let requirements = || program.requirements.iter().filter(|requirement| requirement.asks_for_better());
        let names_epsilon = requirements().any(|requirement| requirement.metric.epsilon.is_some());
        let of_right = (sides == Sides::Two && !names_epsilon).then_some(EPSILON);
        for requirement in requirements() {
            match requirement.metric.row.measure {
                Measure::ShareRight(scope) if !is_given => goal.ask_for_share(scope, of_right, requirement.bound),
                Measure::ShareWithin(scope) if !is_given && sides == Sides::Two => {
                    goal.ask_for_share(scope, requirement.metric.epsilon, requirement.bound);
                }
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
        if goal.shares.is_empty() {
            let epsilon = (sides == Sides::Two).then(|| request.epsilon.unwrap_or(EPSILON));
            goal.ask_for_share(Scope::Gates, epsilon, request.target.unwrap_or(TARGET));
        }
        goal
    }

    fn ask_for_share(&mut self, scope: Scope, epsilon: Option<f64>, bound: f64) {
        match self.shares.iter_mut().find(|goal| (goal.scope, goal.epsilon) == (scope, epsilon)) {
            Some(goal) => goal.bound = goal.bound.max(bound),
            None => self.shares.push(ShareGoal { scope, epsilon, bound }),
        }
    }

    /// How near to the truth read-offs are to be; `None` where only their sides count.
    pub fn epsilon(&self) -> Option<f64> {
        self.shares.iter().filter_map(|goal| goal.epsilon).reduce(f64::min)
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
        let nothing = || vec![nothing; self.shares.len()];
        let mut score = Score { shares: nothing(), rare: nothing(), within_bounds: true, worst: Vec::new() };
        for first in (0..MOST_BLOCKS).step_by(BLOCKS) {
            let blocks = (first..first + BLOCKS).into_par_iter();
            let judge_block = |batch: &mut Batch, block: usize| {
                batch.fill(circuit, &forward, |_| sampler.block(seed, "fit: judge", block as u64));
                self.judge_block(circuit, batch, &forward, layers)
            };
            let judged: Vec<Score> = blocks.map_init(|| Batch::new(circuit, 1), judge_block).collect();
            judged.into_iter().for_each(|judged| score.add(judged));
            if self.is_decided(&score) {
                break;
            }
        }
        score
    }

    /// Adds how a network does on gates that plain inputs show too seldom.
    pub fn judge_seldom(
        &self,
        circuit: &Circuit,
        seldom: &Seldom,
        dictionary: Option<&InputDictionary>,
        layers: &[Layer],
        score: &mut Score,
    ) {
        let forward = Forward::of_layers(dictionary, layers);
        let judge = |batch: &mut Batch, rare: &Rare| {
            let gate = rare.side.gate;
            let signal = circuit.gate_signal(gate);
            let thresholds = &layers[circuit.gates[gate.0 as usize].layer as usize].readoff.threshold;
            let mut shares = Vec::new();
            batch.read_gate(circuit, &forward, gate, &rare.inputs, |reading| {
                let valid = reading.block.valid();
                let of_goal = |goal: &ShareGoal| {
                    let missed = match goal.epsilon {
                        Some(epsilon) => beyond(&reading.errors(signal), epsilon as f32),
                        None => reading.wrong(signal, thresholds[reading.signal_idx]),
                    };
                    let counts = goal.scope == Scope::Gates || circuit.is_output(signal);
                    let valid = if counts { valid } else { 0 };
                    Share { n: u64::from((valid & !missed).count_ones()), of: u64::from(valid.count_ones()) }
                };
                shares = self.shares.iter().map(of_goal).collect();
            });
            shares
        };
        let judged: Vec<Vec<Share>> = seldom.judged().map_init(|| Batch::new(circuit, 1), judge).collect();
        for shares in judged {
            add_shares(&mut score.rare, &shares);
        }
    }

    /// How a network does on a batch of one block.
    fn judge_block(&self, circuit: &Circuit, batch: &Batch, forward: &Forward, layers: &[Layer]) -> Score {
        // Each of gates that are no outputs, and of outputs.
        let (mut wrong, mut worst) = ([0u64; 2], [[0f32; BLOCK]; 2]);
        let (mut within_bounds, mut space) = (true, Vec::new());
        for (layer_idx, layer) in layers.iter().enumerate() {
            let first_gate = circuit.layers[layer_idx].gates.start;
            batch.read(forward, layer_idx, 0..layer.readoff.n_gates, &mut space, |reading| {
                let gate = first_gate + reading.signal_idx as u32;
                let signal = circuit.gate_signal(GateId(gate));
                let kind = usize::from(circuit.is_output(signal));
                wrong[kind] |= reading.wrong(signal, layer.readoff.threshold[reading.signal_idx]);
                if self.sides == Sides::Two {
                    raise(&mut worst[kind], &reading.errors(signal));
                }
                if let Some(bound) = self.error_bounds[gate as usize] {
                    within_bounds &= reading.errors(signal).iter().all(|&error| f64::from(error) < CAREFUL * bound);
                }
            });
        }
        let as_asked = |goal: &ShareGoal| {
            let [others, outputs] = match goal.epsilon {
                Some(epsilon) => worst.map(|errors| beyond(&errors, epsilon as f32)),
                None => wrong,
            };
            let missed = if goal.scope == Scope::Outputs { outputs } else { others | outputs };
            Share { n: u64::from(missed.count_zeros()), of: BLOCK as u64 }
        };
        let shares: Vec<Share> = self.shares.iter().map(as_asked).collect();
        let rare = vec![Share { n: 0, of: 0 }; shares.len()];
        let [mut worst, outputs] = worst;
        raise(&mut worst, &outputs);
        let worst = if self.sides == Sides::Two { worst.to_vec() } else { Vec::new() };
        Score { shares, rare, within_bounds, worst }
    }

    /// Whether more inputs would hardly change the verdict on any share.
    fn is_decided(&self, score: &Score) -> bool {
        let is_clear = |(goal, share): (&ShareGoal, &Share)| {
            let [low, high] = share.interval(CONFIDENCE);
            low > goal.bound || high < goal.bound
        };
        // The worst error shows only on many inputs.
        !self.has_error_bounds() && self.shares.iter().zip(&score.shares).all(is_clear)
    }

    pub fn is_met_by(&self, score: &Score) -> bool {
        let is_met = |(goal, share): (&ShareGoal, &Share)| share.is_surely_above(goal.bound, CONFIDENCE);
        let is_met_by_rare = |(goal, share): (&ShareGoal, &Share)| share.of == 0 || share.value() > goal.bound;
        let shares = || self.shares.iter().zip(&score.shares);
        score.within_bounds && shares().all(is_met) && self.shares.iter().zip(&score.rare).all(is_met_by_rare)
    }
}

impl Score {
    /// Adds the inputs of another.
    fn add(&mut self, other: Score) {
        add_shares(&mut self.shares, &other.shares);
        add_shares(&mut self.rare, &other.rare);
        self.within_bounds &= other.within_bounds;
        self.worst.extend(other.worst);
    }

    /// Shares of anything at all.
    fn counted(&self) -> impl Iterator<Item = &Share> + '_ {
        self.shares.iter().chain(&self.rare).filter(|share| share.of > 0)
    }

    /// Share of inputs that are as asked, for whichever is asked for and farthest from it.
    pub fn share(&self) -> f64 {
        self.counted().map(|share| share.value()).fold(1.0, f64::min)
    }

    /// Share of inputs that are not as asked.
    pub fn failures(&self) -> f64 {
        self.counted().map(|share| (share.of - share.n) as f64 / share.of as f64).fold(0.0, f64::max)
    }

    /// Every read-off lies within this of the truth on 99 % of the inputs; 0 where errors are not asked for.
    pub fn spread(&self) -> f32 {
        let mut worst = self.worst.clone();
        let place = (libm::ceil(QUANTILE * worst.len() as f64) as usize).saturating_sub(1);
        if worst.is_empty() { 0.0 } else { *worst.select_nth_unstable_by(place, f32::total_cmp).1 }
    }

    /// Whether nothing that is asked for was missed on any input.
    pub fn is_perfect(&self) -> bool {
        self.within_bounds && self.counted().all(|share| share.is_whole())
    }

    /// Whether a typical input's worst read-off is nearer to the truth, and nearer than ½: that far off is every
    /// network whose read-offs are shrunk to ½.
    pub fn is_nearer_than(&self, other: &Score) -> bool {
        self.within_bounds >= other.within_bounds && self.spread() < 0.5 && self.spread() < other.spread()
    }

    /// Whether this is the better network.
    pub fn beats(&self, other: &Score) -> bool {
        let rank = |score: &Score| (score.within_bounds, score.share(), -score.spread());
        rank(self) > rank(other)
    }
}

fn add_shares(shares: &mut [Share], others: &[Share]) {
    for (share, other) in shares.iter_mut().zip(others) {
        *share = Share { n: share.n + other.n, of: share.of + other.of };
    }
}

/// Raises each of `worst` to the error where that is greater.
fn raise(worst: &mut [f32; BLOCK], errors: &[f32; BLOCK]) {
    worst.iter_mut().zip(errors).for_each(|(worst, &error)| *worst = worst.max(error));
}

/// The inputs, one bit each, whose worst error is not below `epsilon`.
fn beyond(worst: &[f32; BLOCK], epsilon: f32) -> u64 {
    worst.iter().rev().fold(0, |word, &error| word << 1 | u64::from(error >= epsilon))
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

    fn goal(lines: &str, request: &Request, sides: Sides) -> Goal {
        Goal::of(&program(&format!("{CROWDED} require {{ {lines} }}")), request, sides)
    }

    /// Of 2048 inputs, as many as asked by each share of a goal, in the order of its lines.
    fn score(shares: &[u64]) -> Score {
        let shares = shares.iter().map(|&n| Share { n, of: 2048 }).collect();
        Score { shares, rare: Vec::new(), within_bounds: true, worst: Vec::new() }
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
        let none = Request::default();
        let outputs = goal("output_reliability > 0.99;", &none, Sides::One);
        let met = |right| outputs.is_met_by(&score(&[right]));
        // 0.993 of them, but the true share may be below 0.99.
        assert!(!met(2034) && met(2044) && met(2048));
        assert!(!outputs.is_decided(&score(&[2034])) && outputs.is_decided(&score(&[2044])));

        let lines = "output_reliability > 0.99; reliability > 0.5; output_reliability > 0.9;";
        let both = goal(lines, &none, Sides::One);
        assert!(both.is_met_by(&score(&[2048, 1200])));
        assert!(!both.is_met_by(&score(&[2048, 1000])) && !both.is_met_by(&score(&[2034, 1200])));
        assert!(!both.is_decided(&score(&[2034, 1200])));
    }

    #[test]
    fn what_the_request_asks_for_replaces_what_is_required() {
        let asked = |lines: &str, target, epsilon, sides| {
            let goal = goal(lines, &Request { target, epsilon, ..Request::default() }, sides);
            goal.shares.iter().map(|goal| (goal.scope, goal.epsilon, goal.bound)).collect::<Vec<_>>()
        };
        let (lines, gates) = ("output_accuracy(0.3) > 0.9; reliability > 0.8;", Scope::Gates);
        let required = [(Scope::Outputs, Some(0.3), 0.9), (gates, None, 0.8)];
        assert_eq!(asked(lines, None, None, Sides::Two), required);
        assert_eq!(asked("reliability > 0.8;", None, None, Sides::Two), [(gates, Some(EPSILON), 0.8)]);
        assert_eq!(asked(lines, None, None, Sides::One), [(gates, None, 0.8)]);
        assert_eq!(asked(lines, Some(0.5), None, Sides::One), [(gates, None, 0.5)]);
        assert_eq!(asked(lines, Some(0.5), None, Sides::Two), [(gates, Some(EPSILON), 0.5)]);
        assert_eq!(asked(lines, None, Some(0.2), Sides::Two), [(gates, Some(0.2), TARGET)]);
        assert_eq!(asked("error < 0.4;", None, None, Sides::Two), [(gates, Some(EPSILON), TARGET)]);
        assert_eq!(
            asked("accuracy(0.3) > 0.9; accuracy(0.3) > 0.7;", None, None, Sides::Two),
            [(gates, Some(0.3), 0.9)]
        );
    }

    #[test]
    fn networks_are_ranked_by_the_share_that_is_farthest_from_what_is_asked_and_then_by_their_errors() {
        assert!(score(&[2000, 1900]).beats(&score(&[2048, 1800])));
        assert_eq!(score(&[2048, 2000]).failures(), 48.0 / 2048.0);
        assert!(score(&[2048]).is_perfect() && !score(&[2048, 0]).is_perfect());
        let spread = |worst: f32| Score { worst: vec![worst; 100], ..score(&[0]) };
        assert!(spread(0.6).beats(&spread(0.7)) && spread(0.7).beats(&spread(f32::INFINITY)));
        let one_far_off = [vec![0.3; 99], vec![9.0]].concat();
        assert_eq!(Score { worst: one_far_off, ..score(&[0]) }.spread(), 0.3);
    }
}
