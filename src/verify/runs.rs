//! Inputs run through the network itself: all that there are, or many that are drawn.
//!
//! Must not know why these inputs.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::asked::Asked;
use super::hard::Hardest;
use super::proof::{Counterexample, GateProof, Verdict};
use super::watched::in_parts;
use crate::circuit::{Circuit, GateId, Inputs};
use crate::network::Network;
use crate::network::forward::Forward;
use crate::progress::{Reason, Watcher};
use crate::readings::{BLOCK, Batch};

/// Blocks that are run together.
const AT_ONCE: u64 = 8;

/// Failing inputs that are kept.
const MOST_FAILING: usize = 1 << 22;

/// What all runs have shown.
pub struct Runs {
    pub n_inputs: u64,
    /// Inputs on which some gate that was asked about is wrong.
    pub n_failing: u64,
    /// Those inputs, where they are counted; `None`: too many.
    pub failing: Option<Inputs>,
    /// The hard ones, where they were asked for.
    pub hardest: Option<Hardest>,
    /// By gate that was asked about, the first input on which it is read wrong.
    wrong: Vec<Option<Counterexample>>,
}

/// Runs `n_blocks` blocks; where only the status counts, no more than it takes to refute a gate.
pub fn run(
    circuit: &Circuit,
    network: &Network,
    asked: &Asked,
    n_blocks: u64,
    block: impl Fn(u64) -> Inputs + Sync,
    watcher: Watcher,
) -> Result<Runs, Reason> {
    let forward = Forward::new(network);
    let is_refuted = AtomicBool::new(false);
    let part = |rounds: Range<u64>, should_stop: &dyn Fn() -> bool| {
        let mut runs = Runs::none(asked);
        let mut batch = Batch::new(circuit, AT_ONCE as usize);
        let mut space = Vec::new();
        for round in rounds {
            if should_stop() || is_refuted.load(Ordering::Relaxed) {
                break;
            }
            let of_round = |idx: usize| round * AT_ONCE + idx as u64;
            batch.fill(circuit, &forward, |idx| match of_round(idx) < n_blocks {
                true => block(of_round(idx)),
                false => Inputs::default(),
            });
            runs.add(circuit, network, asked, &forward, &batch, &mut space);
            if asked.until_refuted && runs.n_failing > 0 {
                is_refuted.store(true, Ordering::Relaxed);
            }
        }
        runs
    };
    let parts = in_parts(n_blocks.div_ceil(AT_ONCE), "running inputs", watcher, part)?;
    Ok(parts.into_iter().fold(Runs::none(asked), Runs::with))
}

impl Runs {
    fn none(asked: &Asked) -> Runs {
        let n_gates = asked.gates.len();
        Runs {
            n_inputs: 0,
            n_failing: 0,
            failing: Some(Inputs::default()),
            hardest: asked.near.map(|near| Hardest::none(n_gates, near)),
            wrong: vec![None; n_gates],
        }
    }

    fn add(
        &mut self,
        circuit: &Circuit,
        network: &Network,
        asked: &Asked,
        forward: &Forward,
        batch: &Batch,
        space: &mut Vec<f32>,
    ) {
        let mut wrong = [0u64; AT_ONCE as usize];
        for range in &asked.ranges {
            let readoff = &network.layers[range.layer_idx].readoff;
            batch.read(forward, range.layer_idx, range.signals.clone(), space, |reading| {
                let gate = GateId(range.first_gate.0 + (reading.signal_idx - range.signals.start) as u32);
                let (signal, threshold) = (circuit.gate_signal(gate), readoff.threshold[reading.signal_idx]);
                let gate_idx = range.first_asked + reading.signal_idx - range.signals.start;
                if let Some(hardest) = &mut self.hardest {
                    hardest.look(gate_idx, asked, &reading, signal, threshold);
                }
                let here = asked.wrong(&reading, signal, threshold);
                if here == 0 {
                    return;
                }
                wrong[reading.block_idx] |= here;
                let input_idx = here.trailing_zeros() as usize;
                let first = &mut self.wrong[range.first_asked + reading.signal_idx - range.signals.start];
                first.get_or_insert_with(|| Counterexample {
                    on: reading.block.active(input_idx).to_vec(),
                    gate,
                    reading: reading.readoffs[input_idx],
                    threshold,
                    truth: reading.block.word(signal) >> input_idx & 1 == 1,
                });
            });
        }
        for (block, wrong) in batch.blocks().iter().zip(wrong) {
            self.n_inputs += u64::from(block.valid().count_ones());
            self.n_failing += u64::from(wrong.count_ones());
            if let Some(failing) = self.failing.as_mut().filter(|_| asked.count) {
                let failed = (0..BLOCK).filter(|input_idx| wrong >> input_idx & 1 == 1);
                failed.for_each(|input_idx| failing.push(block.active(input_idx).iter().copied()));
            }
            self.failing.take_if(|failing| failing.len() > MOST_FAILING);
        }
    }

    /// `other` comes after.
    fn with(mut self, other: Runs) -> Runs {
        self.n_inputs += other.n_inputs;
        self.n_failing += other.n_failing;
        self.failing = match (self.failing, other.failing) {
            (Some(mut failing), Some(others)) if failing.len() + others.len() <= MOST_FAILING => {
                others.iter().for_each(|input| failing.push(input.iter().copied()));
                Some(failing)
            }
            _ => None,
        };
        self.hardest = self.hardest.zip(other.hardest).map(|(hardest, others)| hardest.with(others));
        for (first, other) in self.wrong.iter_mut().zip(other.wrong) {
            *first = first.take().or(other);
        }
        self
    }

    /// How it stands with each gate; `unrefuted`: with one that was always right.
    pub fn gates(self, asked: &Asked, unrefuted: &Verdict) -> Vec<GateProof> {
        let gates = self.wrong.into_iter().zip(&asked.gates).map(|(first, &gate)| {
            let verdict = first.map_or(unrefuted.clone(), Verdict::Refuted);
            GateProof { verdict, n_near: None, ..GateProof::open(gate) }
        });
        gates.collect()
    }
}
