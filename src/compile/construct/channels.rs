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

use super::code::{Code, Missing};
use super::construction::{self, Chosen, Construction, Ladder, Word, without_options};
use super::site::Site;
use super::staircase::{self, DeadZone, Ramp, gathered};
use crate::compile::layer::LayerTask;
use crate::compile::problems;
use crate::network::matrix::{Matrix, SparseMatrix};
use crate::random::{self, Pcg64};

/// The row of the table.
#[derive(Debug)]
pub struct Channels;

pub const CHANNELS: Channels = Channels;

/// Channel sizes that `-O1` tries.
const SIZES: [usize; 10] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

/// So few bends are not superposed when nobody says, nor where that would save less than this factor.
const FEW: usize = 128;
const SAVED: usize = 4;

/// Twice as many neurons as would leave none shared are the most that is worth trying: more would change nothing.
const SPARE: usize = 2;

impl Construction for Channels {
    fn name(&self) -> &'static str {
        "channels"
    }

    fn summary(&self) -> &'static str {
        "each gate on a few random neurons of its own choice"
    }

    fn with(&self, options: &[Word]) -> Chosen {
        without_options(Channels, options)
    }

    /// For the bends of each height √m' log2 m' (see [`superposed_width`]); where that saves little, one for each.
    fn rule_of_thumb(&self, layer: &LayerTask) -> usize {
        let (superposed, unshared) = (fewest_or_superposed(layer), unshared_width(layer).max(1));
        if unshared <= FEW.max(SAVED * superposed) { unshared } else { superposed }
    }

    fn most_neurons(&self, layer: &LayerTask) -> usize {
        SPARE * unshared_width(layer)
    }

    /// Channels of one neuron that no other target shares.
    fn may_be_exact(&self) -> bool {
        true
    }

    /// c = ⌈log2 m'⌉ for m' targets, independent draws.
    fn published(&self, layer: &LayerTask) -> Box<dyn construction::Wiring> {
        let size = libm::ceil(libm::log2(layer.targets.len().max(2) as f64)) as usize;
        Box::new(Choices { size, dead_zone: DeadZone::AtRest, dealing: Dealing::Independent })
    }

    fn ladder(&self, layer: &LayerTask, n: usize) -> Ladder {
        let choices = |size| Choices { size, dead_zone: DeadZone::AtRest, dealing: Dealing::Deck };
        let sizes = SIZES.into_iter().filter(|&size| size <= n);
        let rungs: Vec<Box<dyn construction::Wiring>> = sizes.map(|size| Box::new(choices(size)) as Box<_>).collect();
        let first = if unshared_width(layer) <= n { 0 } else { (rungs.len() / 2).min(rungs.len() - 1) };
        Ladder { rungs, first }
    }
}

/// The free choices of the construction.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Choices {
    /// c: neurons that each bend draws.
    size: usize,
    dead_zone: DeadZone,
    dealing: Dealing,
}

/// How a bend draws its neurons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dealing {
    /// Each draw is independent, as published.
    Independent,
    /// From a shuffled deck that is used up before any neuron is drawn again: even loads, and no sharing at all where
    /// there are neurons enough.
    Deck,
}

impl construction::Wiring for Choices {
    fn wire(&self, site: &Site, rng: &mut Pcg64) -> Code {
        wire(site, *self, rng)
    }

    /// Deaf to more noise.
    fn variation(&self) -> Option<Box<dyn construction::Wiring>> {
        Some(Box::new(Choices { dead_zone: DeadZone::Always, ..*self }))
    }
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
    (0..task.targets.len()).map(|target_idx| staircase::ramps(task, target_idx, dead_zone)).collect()
}

/// With so many neurons no two bends of the layer share one.
pub fn unshared_width(task: &LayerTask) -> usize {
    bends_by_height(ramps(task, DeadZone::AtRest).iter().flatten()).values().sum()
}

/// Neurons that superpose the bends of each height, and never more than one for each.
pub fn fewest_or_superposed(task: &LayerTask) -> usize {
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

fn wire(site: &Site, choices: Choices, rng: &mut Pcg64) -> Code {
    let (task, n) = (site.task, site.n);
    let ramps = ramps(task, choices.dead_zone);
    let is_frequent = |target_idx: usize| site.is_frequent.get(target_idx).copied().unwrap_or(false);
    let mut decks = decks(&ramps, is_frequent, n, choices.dealing);
    let mut columns = Columns { neurons_of: vec![Vec::new(); task.below.len()] };
    let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); ramps.len()];
    let mut missing = Vec::new();
    let mut hand = Vec::new();
    let mut order: Vec<usize> = (0..ramps.len()).collect();
    if choices.dealing == Dealing::Deck {
        // Neighbours in the file often share an operand: dealt one after the other they would take the whole deck.
        random::shuffle(rng, &mut order);
    }
    for target_idx in order {
        for (ramp, bend) in ramps[target_idx].iter().flat_map(|ramp| ramp.bends.iter().map(move |bend| (ramp, bend))) {
            // Scaled so that every bias is −1: rise · relu(w·x − at) = rise · at · relu(w/at · x − 1).
            let weights = ramp.weights.iter().map(|&(signal, weight)| (task.column(signal), weight / bend.at));
            let weights: Vec<(u32, f32)> = weights.collect();
            let place = (is_frequent(target_idx), bend.at.to_bits());
            let size = if place.0 { 1 } else { choices.size };
            let deck = decks.get_mut(&place).expect("every height has its deck");
            deck.deal(size, |neuron| columns.admits(neuron, &weights), &mut hand, rng);
            for &neuron in &hand {
                columns.join(neuron, &weights);
                rows[target_idx].push((neuron, bend.rise * bend.at / hand.len() as f32));
            }
            if hand.is_empty() {
                let problem = problems::no_neuron_left(task, target_idx, n);
                missing.push(Missing { problem, would_fit_wider: true, can_be_solved: false });
            }
        }
    }
    let mut readoff = SparseMatrix::with_columns(n);
    rows.into_iter().for_each(|row| readoff.push_row(gathered(row)));
    Code {
        compute: Matrix::Sparse(columns.into_compute(n)),
        bias: vec![-1.0; n],
        readoff: Matrix::Sparse(readoff),
        readoff_bias: vec![0.0; ramps.len()],
        missing,
    }
}

/// Neurons by the height of the bends that they serve, apart for frequent targets. Their bends get one each; the rest
/// is shared out in proportion to what each height needs, which for few bends is one each and for many much less, so
/// that XORs among a thousand ANDs do not starve.
fn decks(
    ramps: &[Vec<Ramp>],
    is_frequent: impl Fn(usize) -> bool,
    n: usize,
    dealing: Dealing,
) -> BTreeMap<(bool, u32), Deck> {
    let bends_of = |frequent: bool| {
        let ramps = ramps.iter().enumerate().filter(|entry| is_frequent(entry.0) == frequent);
        bends_by_height(ramps.flat_map(|entry| entry.1))
    };
    let (rare, frequent) = (bends_of(false), bends_of(true));
    let n_rare = n - frequent.values().sum::<usize>().min(n);
    let is_ample = rare.values().sum::<usize>() <= n_rare;
    let needs: Vec<usize> =
        rare.values().map(|&n_bends| if is_ample { n_bends } else { superposed_width(n_bends) }).collect();
    let sizes = shares(n_rare, &needs).into_iter().chain(frequent.values().copied());
    let places = rare.keys().map(|&height| (false, height)).chain(frequent.keys().map(|&height| (true, height)));
    let mut first = 0;
    let deck = |(place, size): (_, usize)| {
        let cards = (first..(first + size).min(n)).map(|neuron| neuron as u32).collect();
        first += size;
        (place, Deck { cards, n_dealt: 0, dealing })
    };
    places.zip(sizes).map(deck).collect()
}

/// Parts of `n` in proportion to `needs`, at least one each while there are any.
fn shares(n: usize, needs: &[usize]) -> Vec<usize> {
    let total: usize = needs.iter().sum();
    let (mut first, mut seen) = (0, 0);
    let share = |(idx, need): (usize, &usize)| {
        seen += need;
        // Borders are rounded rather than parts, so that nothing is lost.
        let border = (n as u128 * seen as u128 / total as u128) as usize;
        let most = n.saturating_sub(needs.len() - 1 - idx);
        let end = border.max(first + 1).min(most).max(first);
        let share = end - first;
        first = end;
        share
    };
    needs.iter().enumerate().map(share).collect()
}

/// Some neurons, as cards.
struct Deck {
    cards: Vec<u32>,
    n_dealt: usize,
    dealing: Dealing,
}

impl Deck {
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
struct Columns {
    neurons_of: Vec<Vec<(u32, f32)>>,
}

impl Columns {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::{Distribution, Kind, Literal, Signal, by_hand};

    fn pairs(n_features: u32) -> crate::circuit::Circuit {
        let pair = |i, j| (Kind::And, [i, j].map(|feature| Literal::new(Signal(feature), false)).to_vec());
        let gates = (0..n_features).flat_map(|i| (i + 1..n_features).map(move |j| pair(i, j))).collect();
        by_hand::circuit(n_features, &[gates], Distribution::default())
    }

    fn sparse(matrix: &Matrix) -> &SparseMatrix {
        let Matrix::Sparse(sparse) = matrix else { panic!("channels are sparse") };
        sparse
    }

    #[test]
    fn every_gate_is_the_mean_of_its_own_neurons_which_read_all_its_operands() {
        let circuit = pairs(20);
        let task = LayerTask::new(&circuit, 0);
        for dealing in [Dealing::Independent, Dealing::Deck] {
            let choices = Choices { size: 3, dead_zone: DeadZone::AtRest, dealing };
            let code = wire(&Site::lowest(&task, 40), choices, &mut random::stream(&[1]));
            assert!(code.missing.is_empty());
            for target_idx in 0..task.targets.len() {
                let (neurons, weights) = sparse(&code.readoff).row(target_idx);
                assert_eq!(neurons.len(), 3);
                assert!(weights.iter().all(|&weight| weight == 1.0 / 3.0));
                for &neuron in neurons {
                    let (columns, _) = sparse(&code.compute).row(neuron as usize);
                    assert!(task.operands(target_idx).iter().all(|&signal| columns.contains(&task.column(signal))));
                }
            }
        }
    }

    #[test]
    fn with_neurons_enough_a_deck_shares_none() {
        let circuit = pairs(8);
        let task = LayerTask::new(&circuit, 0);
        let choices = Choices { size: 2, dead_zone: DeadZone::AtRest, dealing: Dealing::Deck };
        let code = wire(&Site::lowest(&task, 2 * unshared_width(&task)), choices, &mut random::stream(&[1]));
        let loads = (0..code.compute.n_rows()).map(|neuron| sparse(&code.compute).row(neuron).0.len());
        assert!(loads.into_iter().all(|load| load == 2));
    }

    #[test]
    fn shares_lose_nothing_and_leave_nobody_out() {
        assert_eq!(shares(512, &[503, 62]).iter().sum::<usize>(), 512);
        assert_eq!(shares(10, &[1000, 1, 1]), [8, 1, 1]);
        assert_eq!(shares(2, &[5, 5, 5]), [0, 1, 1]);
    }
}
