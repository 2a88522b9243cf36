//! Training inputs: of the circuit's distribution, a share of drills in which two gates come together, and a share that
//! shows what the distribution hardly ever does.
//!
//! Most failures are inputs of a class that a gate seldom sees: an AND that should be on, an XOR of which both are on.
//! A drill has the operands of two gates in such a class each, so that an input of the same size tells more. It pays
//! only where the rare classes make up the typical input, and where the clauses let two come together; both are
//! measured first.

use super::recipe::GROUP;
use crate::circuit::inputs::plant::Planter;
use crate::circuit::inputs::sample::Sampler;
use crate::circuit::truth::Truth;
use crate::circuit::{Circuit, Inputs, Signal};
use crate::compile::compilation::Compilation;
use crate::compile::layer::LayerTask;
use crate::compile::seldom::Seldom;
use crate::compile::strata::Classes;
use crate::lists::Lists;
use crate::random::{self, Pcg64};

/// Share of either kind of drill for each rare class that a typical input is in.
const SHARE_OF_RARE: f64 = 0.8;

/// A class that fewer inputs are in is rare.
const RARE: f64 = 0.01;

/// Share of inputs for each gate that the distribution shows on, or off, next to never; and for all of them.
const SHARE_OF_SELDOM: f64 = 0.02;
const MOST_SELDOM: f64 = 0.3;

/// Gates that the drills of a group are drawn from: their read-offs stay in cache.
const GATES: usize = 32;

/// Pairs of gates that are tried to see whether gates come together.
const TRIALS: usize = 256;

pub struct Drill<'a> {
    circuit: &'a Circuit,
    sampler: &'a Sampler<'a>,
    seed: u64,
    planter: Planter<'a>,
    /// By gate.
    classes: Vec<Classes>,
    /// By gate, the classes that come by in few inputs and are hard to tell from their neighbours.
    rare: Vec<Vec<i64>>,
    /// By signal, the gates that read it.
    readers: Lists<u32>,
    share: f64,
    seldom: &'a Seldom,
    share_of_seldom: f64,
    /// Inputs that are to be learnt.
    hard: Option<&'a Inputs>,
}

/// Scratch space of one group.
pub struct DrillScratch<'a> {
    planter: Planter<'a>,
    active: Vec<u32>,
    gates: Vec<u32>,
    wanted: Vec<(Signal, bool)>,
}

impl<'a> Drill<'a> {
    /// With drills for at most this share of the inputs, and every second one out of `hard`.
    pub fn new(compilation: &'a Compilation, most: f64, hard: Option<&'a Inputs>) -> Drill<'a> {
        let Compilation { circuit, sampler, tasks, seldom, .. } = compilation;
        let seed = compilation.plan.seed;
        let of_gates = |task: &LayerTask| 0..circuit.layers[task.layer_idx].gates.len();
        let classes: Vec<Classes> =
            tasks.iter().flat_map(|task| of_gates(task).map(|target| Classes::of(task, target))).collect();
        let operands = classes.iter().map(|classes| classes.operands.iter().map(|operand| operand.0));
        let readers = Lists::transposed(circuit.n_signals(), operands);
        let planter = Planter::new(circuit);
        let share_of_seldom = (SHARE_OF_SELDOM * seldom.rare.len() as f64).min(MOST_SELDOM);
        let mut drill = Drill {
            circuit,
            sampler,
            seed,
            planter,
            classes,
            rare: Vec::new(),
            readers,
            share: 0.0,
            seldom,
            share_of_seldom,
            hard,
        };
        drill.share = (SHARE_OF_RARE * drill.find_rare(circuit)).min(most);
        if drill.share > 0.0 && !drill.gates_come_together() {
            drill.share = 0.0;
        }
        drill
    }

    /// Finds the rare classes of every gate; how many of them a typical input is in.
    fn find_rare(&mut self, circuit: &Circuit) -> f64 {
        const BLOCKS: u64 = 64;
        let mut n_members: Vec<Vec<u32>> =
            self.classes.iter().map(|classes| vec![0; classes.hard_keys.len()]).collect();
        let mut truth = Truth::new(circuit);
        for block in 0..BLOCKS {
            truth.evaluate(circuit, &self.sampler.block(self.seed, "fit: how rare", block), 0..64);
            for (classes, n_members) in self.classes.iter().zip(&mut n_members) {
                let mut some = classes.operands.iter().fold(0, |some, &operand| some | truth.word(operand));
                while some != 0 {
                    let input = some.trailing_zeros();
                    some &= some - 1;
                    let key = classes.key(|signal| truth.word(signal) >> input & 1 == 1);
                    if let Some(place) = classes.hard_keys.iter().position(|&hard| hard == key) {
                        n_members[place] += 1;
                    }
                }
            }
        }
        let n_inputs = (64 * BLOCKS) as f64;
        let share = |n: &u32| f64::from(*n) / n_inputs;
        let is_rare = |n: &u32| share(n) < RARE;
        let rare = |(classes, n_members): (&Classes, &Vec<u32>)| {
            let members = classes.hard_keys.iter().zip(n_members);
            members.filter(|(_, n)| is_rare(n)).map(|(&key, _)| key).collect()
        };
        self.rare = self.classes.iter().zip(&n_members).map(rare).collect();
        n_members.iter().flatten().filter(|n| is_rare(n)).map(share).sum()
    }

    fn gates_come_together(&self) -> bool {
        let mut rng = random::stream(&[self.seed, random::key_of("fit: come together")]);
        let (mut planter, mut wanted, mut active) = (self.planter.clone(), Vec::new(), Vec::new());
        let n_gates = self.classes.len() as u32;
        let fits = |_: &usize| {
            wanted.clear();
            for _ in 0..2 {
                self.wish(random::below(&mut rng, n_gates) as usize, &mut rng, &mut wanted);
            }
            planter.draw(&mut rng, &wanted, &mut active)
        };
        2 * (0..TRIALS).filter(fits).count() > TRIALS
    }

    pub fn scratch(&self) -> DrillScratch<'a> {
        DrillScratch { planter: self.planter.clone(), active: Vec::new(), gates: Vec::new(), wanted: Vec::new() }
    }

    /// Group `index` of the fit's stream: [`GROUP`] inputs.
    pub fn draw(&self, scratch: &mut DrillScratch, rng: &mut Pcg64, index: u64, inputs: &mut Inputs) {
        inputs.starts.truncate(1);
        inputs.active.clear();
        let DrillScratch { planter, active, gates, wanted } = scratch;
        let mut n_plain = GROUP;
        if let Some(hard) = self.hard {
            n_plain -= GROUP / 2;
            for _ in 0..GROUP / 2 {
                inputs.push(hard.get(random::below(rng, hard.len() as u32) as usize).iter().copied());
            }
        }
        if self.share_of_seldom > 0.0 {
            let n_left = n_plain;
            for _ in 0..n_left {
                if random::coin(rng, self.share_of_seldom) {
                    self.draw_seldom(planter, rng, wanted, active);
                    inputs.push(active.iter().copied());
                    n_plain -= 1;
                }
            }
        }
        if self.share > 0.0 {
            let n_gates = self.classes.len() as u32;
            gates.clear();
            gates.extend((0..GATES).map(|_| random::below(rng, n_gates)));
            let n_left = n_plain;
            for _ in 0..n_left {
                let kind = random::uniform(rng);
                if kind >= 2.0 * self.share {
                    continue;
                }
                let any = |rng: &mut Pcg64| gates[random::below(rng, GATES as u32) as usize] as usize;
                let first = any(rng);
                let second = if kind < self.share { any(rng) } else { self.partner(first, rng) };
                wanted.clear();
                self.wish(first, rng, wanted);
                self.wish(second, rng, wanted);
                if planter.draw(rng, wanted, active) {
                    inputs.push(active.iter().copied());
                    n_plain -= 1;
                }
            }
        }
        self.sampler.extend(self.seed, "fit", index, n_plain, inputs);
    }

    /// Draws an input in which a gate is on the side that it seldom is on, or in one of its rare classes.
    fn draw_seldom(
        &self,
        planter: &mut Planter,
        rng: &mut Pcg64,
        wanted: &mut Vec<(Signal, bool)>,
        active: &mut Vec<u32>,
    ) {
        let rare = &self.seldom.rare[random::below(rng, self.seldom.rare.len() as u32) as usize];
        let gate = rare.side.gate;
        wanted.clear();
        if random::coin(rng, 0.5) {
            self.wish(gate.0 as usize, rng, wanted);
        } else {
            wanted.push((self.circuit.gate_signal(gate), rare.side.value));
        }
        if !planter.draw(rng, wanted, active) {
            active.clear();
            active.extend(rare.inputs.get(random::below(rng, rare.inputs.len() as u32) as usize));
        }
    }

    /// Adds stored values of a gate's operands that put an input into one of its rare classes, all equally likely.
    fn wish(&self, gate: usize, rng: &mut Pcg64, wanted: &mut Vec<(Signal, bool)>) {
        let rare = &self.rare[gate];
        if !rare.is_empty() {
            self.classes[gate].wish(rare[random::below(rng, rare.len() as u32) as usize], rng, wanted);
        }
    }

    /// A gate that shares an operand.
    fn partner(&self, gate: usize, rng: &mut Pcg64) -> usize {
        let operands = &self.classes[gate].operands;
        if operands.is_empty() {
            return gate;
        }
        let readers = self.readers.get(operands[random::below(rng, operands.len() as u32) as usize].0 as usize);
        readers[random::below(rng, readers.len() as u32) as usize] as usize
    }
}
