//! A gate of the first layer over all inputs, by bounds; what they leave is run.
//!
//! A read-off whose distance from being wrong is more than what f32 can be off needs no run. Inputs that come nearer
//! are run through the network itself, and what that says counts.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::asked::{Asked, Near};
use super::cases::cases;
use super::first::First;
use super::proof::{Counterexample, GateProof, TOLERANCE, Verdict};
use super::real::Real;
use super::rounding::Rounding;
use super::search::{End, Next, Precision, Question, Search};
use super::worst::{Extreme, Worst};
use crate::circuit::inputs::support::{Rest, Support};
use crate::circuit::{Circuit, GateId, Inputs};
use crate::network::Network;
use crate::network::forward::Forward;
use crate::network::matrix::Matrix;
use crate::readings::{BLOCK, Batch};

/// Of so many options pairs are enumerated at once.
const MOST_ENUMERATED: usize = 1 << 12;

/// Features of failing inputs that are kept, of all gates together.
const MOST_KEPT: usize = 1 << 28;

/// The first layer of a network over a support.
pub struct Bounded<'a> {
    pub circuit: &'a Circuit,
    pub network: &'a Network,
    pub support: &'a Support,
    pub asked: &'a Asked,
    first: First,
    rounding: Rounding,
    real: Real<'a>,
    forward: Forward<'a>,
    /// Features of failing inputs that were kept, and one for each input.
    n_kept: AtomicUsize,
}

/// What was found of one gate.
pub struct Found {
    pub proof: GateProof,
    /// Inputs on which it is wrong, where they were asked for; `None`: too many to be kept, or not all found.
    pub failing: Option<Inputs>,
    /// Where they were asked for.
    pub hard: Inputs,
    /// Whether all that was asked for is known, or cannot be.
    pub is_complete: bool,
}

impl Found {
    pub fn nothing(gate: GateId) -> Found {
        Found { proof: GateProof::open(gate), failing: None, hard: Inputs::default(), is_complete: false }
    }

    pub fn is_open(&self) -> bool {
        self.proof.verdict == Verdict::Open
    }

    pub fn is_refuted(&self) -> bool {
        matches!(self.proof.verdict, Verdict::Refuted(_))
    }

    /// Takes what another look has found; what was refuted stays so where that look was broken off.
    pub fn learn(&mut self, other: Found) {
        if other.is_complete || self.is_open() {
            *self = other;
        }
    }
}

/// A direction in which a read-off may go wrong: above 0 of `sign` · read-off + `shift`.
struct Way {
    value: bool,
    sign: f64,
    shift: f64,
}

impl<'a> Bounded<'a> {
    pub fn new(circuit: &'a Circuit, network: &'a Network, support: &'a Support, asked: &'a Asked) -> Bounded<'a> {
        let first = First::new(network, support);
        let rounding = Rounding::new(circuit, network);
        let real = Real::new(network);
        let forward = Forward::of_layers(network.dictionary.as_ref(), &network.layers[..1]);
        Bounded { circuit, network, support, asked, first, rounding, real, forward, n_kept: AtomicUsize::new(0) }
    }

    /// Decides a gate, with so many nodes for each question about it.
    pub fn decide(&self, gate: GateId, nodes: u64, should_stop: &dyn Fn() -> bool) -> Found {
        let (_, signal_idx) = self.circuit.place(gate);
        let readoff = &self.network.layers[0].readoff;
        let read = self.read(signal_idx);
        let (bias, threshold) = (f64::from(readoff.bias[signal_idx]), readoff.threshold[signal_idx]);
        let of_side = |value| cases(self.circuit, self.support, gate, value);
        let Some((off, on)) = of_side(false).and_then(|off| Some((off, of_side(true)?))) else {
            return Found { is_complete: true, ..Found::nothing(gate) };
        };
        if should_stop() {
            return Found::nothing(gate);
        }
        let sides = [off, on];
        let mut runner = Runner::new(self, gate, threshold);
        let mut is_complete = true;
        for way in self.ways(threshold.into()) {
            let signed: Vec<f64> = read.iter().map(|read| way.sign * read).collect();
            let question =
                Question::new(&self.first, self.support, &signed, way.sign * bias + way.shift, Precision::Coarse);
            let near = -self.rounding.of(0, &signed, bias);
            let side = &sides[usize::from(way.value)];
            let nodes = if side.iter().all(is_enumerable) { self.asked.nodes } else { nodes };
            let mut search = Search::new(&question, nodes, should_stop);
            for rest in side {
                let (end, _) = search.run(rest, near, &mut |value, input| runner.take(input, value > -near));
                is_complete &= end == End::Complete;
                if end != End::Complete {
                    break;
                }
            }
            runner.flush();
            if runner.is_done() {
                break;
            }
        }
        let mut proof = GateProof::open(gate);
        if self.asked.worst {
            let worst = self.worst(signal_idx, &read, bias, &sides, nodes, should_stop);
            proof.know(worst, self.asked.epsilon, threshold);
        }
        proof.n_near = Some(runner.n_near);
        let is_refuted = runner.counterexample.is_some();
        proof.verdict = match runner.counterexample.take() {
            Some(counterexample) => Verdict::Refuted(counterexample),
            None if is_complete => Verdict::Proved,
            None => Verdict::Open,
        };
        let all_found = is_complete && (self.asked.count || !is_refuted);
        let is_decided = is_complete || is_refuted && !self.asked.count;
        let is_complete = is_decided && (!self.asked.worst || proof.margin.is_some() && proof.error.is_some());
        let near = self.asked.near.filter(|_| is_complete || nodes == self.asked.nodes);
        let hard = near.map_or(Inputs::default(), |near| self.hard(gate, near, should_stop));
        Found { proof, failing: runner.failing.take().filter(|_| all_found), hard, is_complete }
    }

    /// Says which failing inputs are kept: those of a round that was too short are not.
    pub fn keeps<'i>(&self, failing: impl Iterator<Item = &'i Inputs>) {
        self.n_kept.store(failing.map(|failing| failing.active.len() + failing.len()).sum(), Ordering::Relaxed);
    }

    /// By neuron, what a signal is read off with.
    fn read(&self, signal_idx: usize) -> Vec<f64> {
        match &self.network.layers[0].readoff.matrix {
            Matrix::Dense(dense) => dense.row(signal_idx).iter().map(|&read| read.into()).collect(),
            Matrix::Sparse(sparse) => {
                let mut read = vec![0.0; self.first.n()];
                let (neurons, values) = sparse.row(signal_idx);
                neurons.iter().zip(values).for_each(|(&neuron, &value)| read[neuron as usize] = value.into());
                read
            }
        }
    }

    /// Hard inputs of a gate, those first that bounds promise most of.
    fn hard(&self, gate: GateId, near: Near, should_stop: &dyn Fn() -> bool) -> Inputs {
        let (_, signal_idx) = self.circuit.place(gate);
        let readoff = &self.network.layers[0].readoff;
        let read = self.read(signal_idx);
        let (bias, threshold) = (f64::from(readoff.bias[signal_idx]), f64::from(readoff.threshold[signal_idx]));
        let mut inputs = Inputs::default();
        for way in self.ways(threshold) {
            let signed: Vec<f64> = read.iter().map(|read| way.sign * read).collect();
            let question =
                Question::new(&self.first, self.support, &signed, way.sign * bias + way.shift, Precision::Coarse);
            let mut search = Search::new(&question, self.asked.nodes, should_stop);
            let mut left = near.most;
            for rest in cases(self.circuit, self.support, gate, way.value).iter().flatten() {
                let (end, _) = search.run(rest, -near.within, &mut |_, input| {
                    inputs.push(input.iter().copied());
                    left -= 1;
                    if left == 0 { Next::Stop } else { Next::GoOn }
                });
                if end != End::Complete {
                    break;
                }
            }
        }
        inputs
    }

    fn ways(&self, threshold: f64) -> Vec<Way> {
        let way = |value, sign, shift| Way { value, sign, shift };
        match self.asked.epsilon {
            None => vec![way(true, -1.0, threshold), way(false, 1.0, -threshold)],
            Some(epsilon) => vec![
                way(true, -1.0, 1.0 - epsilon),
                way(true, 1.0, -1.0 - epsilon),
                way(false, 1.0, -epsilon),
                way(false, -1.0, -epsilon),
            ],
        }
    }

    /// The worst cases; of each `None` where the nodes do not suffice.
    fn worst(
        &self,
        signal_idx: usize,
        read: &[f64],
        bias: f64,
        sides: &[Vec<Rest>; 2],
        nodes: u64,
        should_stop: &dyn Fn() -> bool,
    ) -> Worst {
        let extreme = |side: usize, is_highest: bool| -> Option<Extreme> {
            let sign = if is_highest { 1.0 } else { -1.0 };
            let signed: Vec<f64> = read.iter().map(|read| sign * read).collect();
            let question = Question::new(&self.first, self.support, &signed, sign * bias, Precision::Fine);
            let mut search = Search::new(&question, nodes, should_stop);
            let mut best = Extreme::none(is_highest);
            let mut cut = f64::NEG_INFINITY;
            for rest in &sides[side] {
                let end;
                (end, cut) = search.run(rest, cut, &mut |value, input| {
                    if value > sign * best.reading {
                        best = Extreme { reading: sign * value, on: input.to_vec() };
                    }
                    Next::Above(sign * best.reading + TOLERANCE)
                });
                if end != End::Complete {
                    return None;
                }
            }
            if best.reading.is_finite() {
                best.reading = self.real.reading(0, signal_idx, &best.on);
            }
            Some(best)
        };
        let [highest, lowest] = [true, false].map(|is_highest| [0, 1].map(|side| extreme(side, is_highest)));
        Worst { highest, lowest }
    }
}

/// Whether every input can be looked at in a moment.
fn is_enumerable(rest: &Rest) -> bool {
    let n_slots: u32 = rest.open.iter().map(|open| open.most).sum();
    let n_options: usize = rest.open.iter().map(|open| open.options.len()).sum();
    n_slots <= 2 && n_options <= MOST_ENUMERATED
}

/// Inputs that bounds leave, run through the f32 network.
struct Runner<'b> {
    bounded: &'b Bounded<'b>,
    gate: GateId,
    threshold: f32,
    batch: Option<Batch>,
    waiting: Inputs,
    n_near: u64,
    counterexample: Option<Counterexample>,
    failing: Option<Inputs>,
}

impl<'b> Runner<'b> {
    fn new(bounded: &'b Bounded<'b>, gate: GateId, threshold: f32) -> Runner<'b> {
        Runner {
            bounded,
            gate,
            threshold,
            batch: None,
            waiting: Inputs::default(),
            n_near: 0,
            counterexample: None,
            failing: Some(Inputs::default()),
        }
    }

    /// Takes an input; `is_sure`: one that is wrong however the network rounds.
    fn take(&mut self, input: &[u32], is_sure: bool) -> Next {
        self.waiting.push(input.iter().copied());
        if self.waiting.len() == BLOCK || is_sure && self.counterexample.is_none() {
            self.flush();
        }
        if self.is_done() { Next::Stop } else { Next::GoOn }
    }

    /// Whether nothing more is to be learnt.
    fn is_done(&self) -> bool {
        self.counterexample.is_some() && !self.bounded.asked.count
    }

    fn flush(&mut self) {
        let Bounded { circuit, asked, forward, .. } = self.bounded;
        if self.waiting.is_empty() {
            return;
        }
        let waiting = std::mem::take(&mut self.waiting);
        let signal = circuit.gate_signal(self.gate);
        let batch = self.batch.get_or_insert_with(|| Batch::new(circuit, 1));
        let (mut readings, mut wrong, mut word) = ([0.0; BLOCK], 0, 0);
        batch.read_gate(circuit, forward, self.gate, &waiting, |reading| {
            readings = *reading.readoffs;
            wrong = asked.wrong(&reading, signal, self.threshold);
            word = reading.block.word(signal);
        });
        for (input_idx, input) in waiting.iter().enumerate() {
            if wrong >> input_idx & 1 == 0 {
                self.n_near += 1;
                continue;
            }
            self.counterexample.get_or_insert_with(|| Counterexample {
                on: input.to_vec(),
                gate: self.gate,
                reading: readings[input_idx],
                threshold: self.threshold,
                truth: word >> input_idx & 1 == 1,
            });
            if let Some(failing) = &mut self.failing {
                failing.push(input.iter().copied());
            }
        }
        let n_features = waiting.active.len() + waiting.len();
        let is_kept = asked.count && self.bounded.n_kept.fetch_add(n_features, Ordering::Relaxed) < MOST_KEPT;
        self.failing.take_if(|_| asked.count && !is_kept);
    }
}
