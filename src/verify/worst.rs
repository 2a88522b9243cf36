//! The readings that come nearest to being wrong: the highest and the lowest of a gate, by the value that it should be.

use std::ops::Range;

use super::asked::Asked;
use super::real::Real;
use super::watched::in_parts;
use crate::circuit::truth::Truth;
use crate::circuit::{Circuit, GateId, Inputs};
use crate::network::Network;
use crate::progress::{Reason, Watcher};

/// Signals that are read off together.
const AT_ONCE: usize = 256;

/// An extreme reading, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Extreme {
    /// In real arithmetic; where no input has the gate so, −∞ is the highest and ∞ the lowest.
    pub reading: f64,
    /// Features of the input on which it is read, ascending.
    pub on: Vec<u32>,
}

/// By stored value of the gate; `None` where it is not known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Worst {
    pub highest: [Option<Extreme>; 2],
    pub lowest: [Option<Extreme>; 2],
}

impl Extreme {
    /// Of no inputs.
    pub fn none(is_highest: bool) -> Extreme {
        Extreme { reading: if is_highest { f64::NEG_INFINITY } else { f64::INFINITY }, on: Vec::new() }
    }
}

impl Worst {
    /// Of no inputs.
    fn none() -> Worst {
        let of = |is_highest| [(); 2].map(|()| Some(Extreme::none(is_highest)));
        Worst { highest: of(true), lowest: of(false) }
    }

    fn look(&mut self, side: usize, reading: f64, input: &[u32]) {
        take(&mut self.highest[side], 1.0, reading, input);
        take(&mut self.lowest[side], -1.0, reading, input);
    }

    /// `other` comes after.
    fn with(mut self, other: &Worst) -> Worst {
        for (extremes, others, sign) in
            [(&mut self.highest, &other.highest, 1.0), (&mut self.lowest, &other.lowest, -1.0)]
        {
            for (extreme, other) in extremes.iter_mut().zip(others) {
                other.iter().for_each(|other| take(extreme, sign, other.reading, &other.on));
            }
        }
        self
    }

    /// How far readings stay from where they would be wrong; `None` where an extreme that it takes is not known.
    pub fn margin(&self, epsilon: Option<f64>, threshold: f64) -> Option<f64> {
        match epsilon {
            Some(epsilon) => self.error().map(|error| epsilon - error),
            None => {
                let (off, on) = (self.highest[0].as_ref()?.reading, self.lowest[1].as_ref()?.reading);
                Some((threshold - off).min(on - threshold))
            }
        }
    }

    /// The worst |reading − truth|.
    pub fn error(&self) -> Option<f64> {
        let of = |extreme: &Option<Extreme>| extreme.as_ref().map(|extreme| extreme.reading);
        let above = of(&self.highest[0])?.max(of(&self.highest[1])? - 1.0);
        let below = (-of(&self.lowest[0])?).max(1.0 - of(&self.lowest[1])?);
        Some(above.max(below).max(0.0))
    }
}

/// Puts a reading in the place of one that is less extreme, by the sign with which extremes are large.
fn take(extreme: &mut Option<Extreme>, sign: f64, reading: f64, input: &[u32]) {
    if let Some(extreme) = extreme.as_mut().filter(|extreme| sign * reading > sign * extreme.reading) {
        extreme.reading = reading;
        extreme.on.clear();
        extreme.on.extend_from_slice(input);
    }
}

/// Those of every gate that is asked about, over `n_blocks` blocks of at most 64 inputs.
pub fn worst(
    circuit: &Circuit,
    network: &Network,
    asked: &Asked,
    n_blocks: u64,
    block: impl Fn(u64) -> Inputs + Sync,
    watcher: Watcher,
) -> Result<Vec<Worst>, Reason> {
    let real = Real::new(network);
    let n_layers = asked.ranges.last().map_or(0, |last| last.layer_idx + 1);
    let part = |blocks: Range<u64>, should_stop: &dyn Fn() -> bool| {
        let mut found = vec![Worst::none(); asked.gates.len()];
        let mut truth = Truth::new(circuit);
        for block_idx in blocks {
            if should_stop() {
                break;
            }
            let inputs = block(block_idx);
            truth.evaluate(circuit, &inputs, 0..inputs.len());
            let hidden = real.hidden(&inputs, n_layers);
            for range in &asked.ranges {
                for start in range.signals.clone().step_by(AT_ONCE) {
                    let signals = start..range.signals.end.min(start + AT_ONCE);
                    let read = real.read_off(range.layer_idx, signals.clone(), hidden[range.layer_idx].view());
                    for (signal_idx, readings) in signals.zip(read.columns()) {
                        let at = signal_idx - range.signals.start;
                        let word = truth.word(circuit.gate_signal(GateId(range.first_gate.0 + at as u32)));
                        let found = &mut found[range.first_asked + at];
                        for (input_idx, &reading) in readings.iter().enumerate() {
                            found.look((word >> input_idx & 1) as usize, reading, inputs.get(input_idx));
                        }
                    }
                }
            }
        }
        found
    };
    let parts = in_parts(n_blocks, "finding worst cases", watcher, part)?;
    let with = |all: Vec<Worst>, part: Vec<Worst>| {
        all.into_iter().zip(&part).map(|(worst, other)| worst.with(other)).collect()
    };
    Ok(parts.into_iter().fold(vec![Worst::none(); asked.gates.len()], with))
}
