//! Gates that plain inputs show on, or off, too seldom to tell how well that is read: each gets inputs of its own.
//!
//! What these say is conditional, of a gate given its side, and counts in no share of the inputs. Must not know what is
//! reported of it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::error::Error;
use super::histogram::Histogram;
use super::sampling::Sampling;
use super::statistics::{BlockTruth, GateStatistics};
use crate::circuit::inputs::sample::Sampler;
use crate::circuit::inputs::shown::{self, Shown, Side};
use crate::circuit::{Circuit, GateId, Inputs};
use crate::network::Network;
use crate::network::forward::Forward;
use crate::progress::{Progress, Watcher};
use crate::readings::{BLOCK, Batch};

/// A side with fewer plain inputs gets its own.
pub(super) const SELDOM: u64 = 8;

/// How many of these have the gate on that side; half as many more have an operand otherwise.
const OWN: usize = 42;

/// Sides between two reports of progress.
const AT_ONCE: usize = 1024;

/// Of gates of which plain inputs show a side too seldom.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Seldom {
    /// By gate, what its own inputs show.
    pub own: BTreeMap<GateId, GateStatistics>,
    /// Sides that no input has: proven.
    pub impossible: Vec<Side>,
    /// Sides that no input was found for.
    pub unknown: Vec<Side>,
}

impl Seldom {
    /// Looks again at the gates that `counted` has too little of.
    pub fn measure(
        circuit: &Circuit,
        network: &Network,
        sampling: &Sampling,
        counted: &[GateStatistics],
        watcher: Watcher,
    ) -> Result<Seldom, Error> {
        let mut seldom = Seldom::default();
        if sampling.exhaustive {
            seldom.impossible = sides_below(1, counted);
            return Ok(seldom);
        }
        if !sampling.seldom {
            seldom.unknown = sides_below(1, counted);
            return Ok(seldom);
        }
        let sides = sides_below(SELDOM, counted);
        let sampler = Sampler::new(circuit)?;
        let forward = Forward::new(network);
        for (done, sides) in (0..).step_by(AT_ONCE).zip(sides.chunks(AT_ONCE)) {
            watcher(Progress::of("planting rare gates", done)).go_on().map_err(Error::Stopped)?;
            let shown = own_inputs(circuit, &sampler, sides, sampling.seed);
            let measured: Vec<Option<GateStatistics>> = sides
                .par_iter()
                .zip(&shown)
                .map_init(
                    || Batch::new(circuit, 1),
                    |batch, (side, shown)| match shown {
                        Shown::Inputs(inputs) => Some(read(circuit, network, &forward, side.gate, inputs, batch)),
                        Shown::Never | Shown::Unknown => None,
                    },
                )
                .collect();
            for ((&side, shown), measured) in sides.iter().zip(shown).zip(measured) {
                match (shown, measured) {
                    (Shown::Never, _) => seldom.impossible.push(side),
                    (_, Some(statistics)) => seldom.own.entry(side.gate).or_default().add_all(&statistics),
                    (_, None) if is_seen(side, counted) => {}
                    (_, None) => seldom.unknown.push(side),
                }
            }
        }
        Ok(seldom)
    }
}

/// Inputs of its own for each of some sides that plain inputs show too seldom.
pub(super) fn own_inputs(circuit: &Circuit, sampler: &Sampler, sides: &[Side], seed: u64) -> Vec<Shown> {
    shown::show(circuit, sampler, sides, OWN, seed, "eval: seldom")
}

fn n_inputs(side: Side, counted: &[GateStatistics]) -> u64 {
    counted[side.gate.0 as usize].stored(side.value).n_inputs
}

fn is_seen(side: Side, counted: &[GateStatistics]) -> bool {
    n_inputs(side, counted) > 0
}

/// Sides of gates with fewer inputs than `least`.
fn sides_below(least: u64, counted: &[GateStatistics]) -> Vec<Side> {
    let gates = (0..counted.len() as u32).map(GateId);
    let sides = gates.flat_map(|gate| [false, true].map(|value| Side { gate, value }));
    sides.filter(|&side| n_inputs(side, counted) < least).collect()
}

/// What a gate reads on at most 64 inputs.
fn read(
    circuit: &Circuit,
    network: &Network,
    forward: &Forward,
    gate: GateId,
    inputs: &Inputs,
    batch: &mut Batch,
) -> GateStatistics {
    let thresholds = &network.layers[circuit.gates[gate.0 as usize].layer as usize].readoff.threshold;
    let mut statistics = GateStatistics::default();
    batch.read_gate(circuit, forward, gate, inputs, |reading| {
        let (truth, threshold) = (BlockTruth::of(circuit, gate, reading.block), thresholds[reading.signal_idx]);
        statistics.add(reading.readoffs, truth, threshold, &mut Histogram::default(), &mut [0.0; BLOCK]);
    });
    statistics
}
