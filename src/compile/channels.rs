//! Construction `channels`: every gate draws a few neurons of its own choice and is read as their mean.
//!
//! Targeted superpositional AND (Vaintrob, Mendel, Hänni 2024, "Toward a mathematical framework for computation in
//! superposition") and the output channels of Adler and Shavit 2024 ("On the complexity of neural computation in
//! superposition"): a gate draws c random neurons; column i of C is the union over the gates that read i; b = −1;
//! the read-off is the mean over the gate's own c. Gates other than AND are sums of ramps, each bend a draw of its
//! own; bends at equal heights share a block of neurons, so that what fires on a single signal does not drown what
//! waits for two.
//!
//! Must not know activations: everything here follows from the circuit and the stream.

use std::collections::BTreeMap;

use crate::compile::code::{Code, LayerTask, merged};
use crate::compile::problems;
use crate::compile::staircase::{DeadZone, Ramp};
use crate::network::matrix::SparseMatrix;
use crate::random::{self, Pcg64};

/// The free choices of the construction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Channels {
    /// c: neurons that each bend draws.
    pub size: usize,
    pub dead_zone: DeadZone,
    pub dealing: Dealing,
}

/// How a bend draws its neurons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dealing {
    /// Each draw is independent, as published.
    Independent,
    /// From a shuffled deck that is used up before any neuron is drawn again: even loads, and no sharing at all where
    /// there are neurons enough.
    Deck,
}

/// As published: c = ⌈log2 m'⌉ for m' targets, independent draws.
pub fn published(task: &LayerTask) -> Channels {
    let size = libm::ceil(libm::log2(task.targets.len().max(2) as f64)) as usize;
    Channels { size, dead_zone: DeadZone::AtRest, dealing: Dealing::Independent }
}

/// How many bends a layer has, by height (as bits: heights are positive, so their bits sort as they do).
fn bends_by_height<'a>(ramps: impl IntoIterator<Item = &'a Ramp>) -> BTreeMap<u32, usize> {
    let mut n_bends_at = BTreeMap::new();
    for bend in ramps.into_iter().flat_map(|ramp| &ramp.bends) {
        *n_bends_at.entry(bend.at.to_bits()).or_default() += 1;
    }
    n_bends_at
}

fn ramps(task: &LayerTask, dead_zone: DeadZone) -> Vec<Vec<Ramp>> {
    (0..task.targets.len()).map(|target_idx| task.ramps(target_idx, dead_zone)).collect()
}

/// With so many neurons no two bends of the layer share one.
pub fn unshared_width(task: &LayerTask) -> usize {
    bends_by_height(ramps(task, DeadZone::AtRest).iter().flatten()).values().sum()
}

/// Neurons for a layer when nobody says: for the bends of each height [`superposed_width`].
pub fn rule_of_thumb(task: &LayerTask) -> usize {
    let n_bends_at = bends_by_height(ramps(task, DeadZone::AtRest).iter().flatten());
    n_bends_at.into_values().map(superposed_width).sum::<usize>().max(1)
}

/// √m' log2 m' neurons for m' bends (the construction of Adler and Shavit 2024 with constant 1), at least 64, never
/// more than one for each.
fn superposed_width(n_bends: usize) -> usize {
    let n = n_bends as f64;
    let superposed = libm::ceil(libm::sqrt(n) * libm::log2(n.max(1.0))) as usize;
    superposed.max(64).min(n_bends)
}

/// The code of a layer of `n` neurons.
pub fn wire(task: &LayerTask, n: usize, choices: Channels, rng: &mut Pcg64) -> Code {
    let ramps = ramps(task, choices.dead_zone);
    let mut blocks = blocks(&ramps, n, choices.dealing);
    let mut wiring = Wiring { neurons_of: vec![Vec::new(); task.below.len()] };
    let mut readoff = SparseMatrix::with_columns(n);
    let mut missing = Vec::new();
    let mut hand = Vec::new();
    for (target_idx, ramps) in ramps.iter().enumerate() {
        let mut row: Vec<(u32, f32)> = Vec::new();
        for ramp in ramps {
            for bend in &ramp.bends {
                // Scaled so that every bias is −1: rise · relu(w·x − at) = rise · at · relu(w/at · x − 1).
                let weights = ramp.weights.iter().map(|&(signal, weight)| (task.column(signal), weight / bend.at));
                let weights: Vec<(u32, f32)> = weights.collect();
                let block = blocks.get_mut(&bend.at.to_bits()).expect("every height has its block");
                block.deal(choices.size, |neuron| wiring.admits(neuron, &weights), &mut hand, rng);
                for &neuron in &hand {
                    wiring.join(neuron, &weights);
                    row.push((neuron, bend.rise * bend.at / hand.len() as f32));
                }
                if hand.is_empty() {
                    missing.push(problems::no_neuron_left(task, target_idx, n));
                }
            }
        }
        readoff.push_row(merged(row));
    }
    Code { compute: wiring.into_compute(n), bias: vec![-1.0; n], readoff, missing }
}

/// Neurons by the height of the bends that they serve: shared out in proportion to what each height needs, which for
/// few bends is one each and for many much less, so that XORs among a thousand ANDs do not starve.
fn blocks(ramps: &[Vec<Ramp>], n: usize, dealing: Dealing) -> BTreeMap<u32, Block> {
    let n_bends_at = bends_by_height(ramps.iter().flatten());
    let n_blocks = n_bends_at.len();
    let is_ample = n_bends_at.values().sum::<usize>() <= n;
    let need = |n_bends: usize| if is_ample { n_bends } else { superposed_width(n_bends) };
    let total: usize = n_bends_at.values().map(|&n_bends| need(n_bends)).sum();
    let (mut first, mut seen) = (0, 0);
    let share = |(block_idx, (height, n_bends)): (usize, (u32, usize))| {
        seen += need(n_bends);
        // At least one neuron for each block while there are any; borders are rounded, so nothing is lost.
        let most = n.saturating_sub(n_blocks - 1 - block_idx);
        let end = (n as u128 * seen as u128 / total as u128) as usize;
        let end = end.max(first + 1).min(most).max(first);
        let cards = (first as u32..end as u32).collect();
        first = end;
        (height, Block { cards, n_dealt: 0, dealing })
    };
    n_bends_at.into_iter().enumerate().map(share).collect()
}

/// The neurons of one block, as cards.
struct Block {
    cards: Vec<u32>,
    n_dealt: usize,
    dealing: Dealing,
}

impl Block {
    /// Fills `hand` with up to `size` distinct random neurons that are acceptable.
    fn deal(&mut self, size: usize, acceptable: impl Fn(u32) -> bool, hand: &mut Vec<u32>, rng: &mut Pcg64) {
        hand.clear();
        let mut is_fresh = self.dealing == Dealing::Independent || self.n_dealt == 0;
        if self.dealing == Dealing::Independent {
            self.n_dealt = 0;
        }
        let mut place = self.n_dealt;
        while hand.len() < size {
            if place == self.cards.len() {
                if is_fresh {
                    return;
                }
                (is_fresh, place, self.n_dealt) = (true, 0, 0);
                continue;
            }
            let drawn = place + random::below(rng, (self.cards.len() - place) as u32) as usize;
            self.cards.swap(place, drawn);
            let neuron = self.cards[place];
            if !hand.contains(&neuron) && acceptable(neuron) {
                hand.push(neuron);
                self.cards.swap(place, self.n_dealt);
                self.n_dealt += 1;
            }
            place += 1;
        }
    }
}

/// The columns of C while they grow: by signal, (neuron, weight) ascending.
struct Wiring {
    neurons_of: Vec<Vec<(u32, f32)>>,
}

impl Wiring {
    /// Whether the neuron can take the weights: a signal enters a neuron with one weight only.
    fn admits(&self, neuron: u32, weights: &[(u32, f32)]) -> bool {
        weights.iter().all(|&(column, weight)| {
            let neurons = &self.neurons_of[column as usize];
            neurons.binary_search_by_key(&neuron, |entry| entry.0).map_or(true, |place| neurons[place].1 == weight)
        })
    }

    fn join(&mut self, neuron: u32, weights: &[(u32, f32)]) {
        for &(column, weight) in weights {
            let neurons = &mut self.neurons_of[column as usize];
            if let Err(place) = neurons.binary_search_by_key(&neuron, |entry| entry.0) {
                neurons.insert(place, (neuron, weight));
            }
        }
    }

    fn into_compute(self, n: usize) -> SparseMatrix {
        let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); n];
        for (column, neurons) in self.neurons_of.iter().enumerate() {
            for &(neuron, weight) in neurons {
                rows[neuron as usize].push((column as u32, weight));
            }
        }
        let mut compute = SparseMatrix::with_columns(self.neurons_of.len());
        for row in rows {
            compute.push_row(row);
        }
        compute
    }
}
