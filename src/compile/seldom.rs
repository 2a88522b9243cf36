//! Gates that the circuit's own inputs show on, or off, so seldom that a fit would never see it: inputs of their own.
//!
//! Must not know networks.

use rayon::prelude::*;

use crate::circuit::inputs::sample::Sampler;
use crate::circuit::inputs::shown::{self, Shown, Side};
use crate::circuit::truth::Truth;
use crate::circuit::{Circuit, GateId, Inputs};

/// Blocks of 64 plain inputs, of which fewer than so many show a side that is seldom seen.
const BLOCKS: u64 = 1024;
const SELDOM: u32 = 2;

/// Inputs that are looked for, of each side.
const INPUTS: usize = 42;

/// Sides that a network is judged on.
const MOST_JUDGED: usize = 1024;

/// A side that is seldom seen, and inputs that show it.
pub struct Rare {
    pub side: Side,
    /// With the gate on that side, or next to it. Not to be trained on, unless nothing else is found.
    pub inputs: Inputs,
}

/// All such sides; most circuits have none.
#[derive(Default)]
pub struct Seldom {
    pub rare: Vec<Rare>,
}

impl Seldom {
    pub fn find(circuit: &Circuit, sampler: &Sampler, seed: u64) -> Seldom {
        let sides = sides(circuit, sampler, seed);
        let shown = shown::show(circuit, sampler, &sides, INPUTS, seed, "compile: seldom");
        let rare = |(side, shown)| match shown {
            Shown::Inputs(inputs) => Some(Rare { side, inputs }),
            Shown::Never | Shown::Unknown => None,
        };
        Seldom { rare: sides.into_iter().zip(shown).filter_map(rare).collect() }
    }

    /// Those that a network is judged on, spread over all.
    pub fn judged(&self) -> impl ParallelIterator<Item = &Rare> + '_ {
        self.rare.par_iter().step_by(self.rare.len().div_ceil(MOST_JUDGED).max(1))
    }
}

/// Sides of gates that plain inputs show seldom or never.
fn sides(circuit: &Circuit, sampler: &Sampler, seed: u64) -> Vec<Side> {
    let count = |(mut truth, mut n_on): (Truth, Vec<u32>), block_idx| {
        let inputs = sampler.block(seed, "compile: how seldom", block_idx);
        truth.evaluate(circuit, &inputs, 0..inputs.len());
        let gates = (0..circuit.n_gates() as u32).map(GateId);
        n_on.iter_mut().zip(gates).for_each(|(n, gate)| *n += truth.word(circuit.gate_signal(gate)).count_ones());
        (truth, n_on)
    };
    let nothing = || (Truth::new(circuit), vec![0; circuit.n_gates()]);
    let counted = (0..BLOCKS).into_par_iter().fold(nothing, count).map(|(_, n_on)| n_on);
    let both = |mut a: Vec<u32>, b: Vec<u32>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    let n_on = counted.reduce(|| vec![0; circuit.n_gates()], both);
    let n_inputs = 64 * BLOCKS as u32;
    let of_gate = |(gate, n_on): (u32, u32)| {
        let sides = [(false, n_inputs - n_on), (true, n_on)].into_iter().filter(|(_, n)| *n < SELDOM);
        sides.map(move |(value, _)| Side { gate: GateId(gate), value })
    };
    (0..).zip(n_on).flat_map(of_gate).collect()
}
