//! Codes of the inputs of high influence: the neurons inside which their gates are computed.
//!
//! Adler and Shavit 2024: every such input has a random code of density m'^{-1/4} over the neurons of its block. Two of
//! them meet in √m' log2 m' · m'^{-1/2} = log2 m' neurons, as many as an output channel has: there their gate is read.
//! Where only one of a gate's inputs is such, the gate draws its channel inside the one code. For k inputs of high
//! influence codes are denser, so that they meet as often. Must not know which neurons are taken.

use std::collections::BTreeMap;

use super::bends::{Bend, Bends, Place};
use super::decks::Deck;
use crate::circuit::{Case, Influence};
use crate::compile::layer::LayerTask;
use crate::random::{self, Pcg64};

/// Which share of a block's neurons the codes of a gate's inputs have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Density {
    /// m'^{-1/2} of input channels, m'^{-1/4} of the others.
    Published,
    /// So many neurons of input channels; of the others as many as leave a gate the same share again to choose from.
    OfSize(usize),
}

/// By place, (column, weight) of a signal of high influence: its code, ascending. Weights as bits: a signal enters a
/// neuron with one weight only.
pub struct Codes {
    neurons_of: BTreeMap<(Place, u32, u32), Vec<u32>>,
}

impl Codes {
    pub fn draw(
        task: &LayerTask,
        bends: &Bends,
        decks: &BTreeMap<Place, Deck>,
        density: Density,
        rng: &mut Pcg64,
    ) -> Codes {
        let influence = Influence::of(task.circuit, task.layer_idx);
        let mut density_of: BTreeMap<(Place, u32, u32), f64> = BTreeMap::new();
        for bend in bends.iter().filter(|bend| bend.place.case != Case::Output) {
            let n = decks[&bend.place].cards().len();
            let high: Vec<(Place, u32, u32)> = high(task, &influence, bend).collect();
            let common = common(density, bend.place.case, bends.n_gates, n);
            let own = libm::pow(common, 1.0 / high.len().max(1) as f64);
            for key in high {
                let known = density_of.entry(key).or_default();
                *known = known.max(own);
            }
        }
        let mut neurons_of = BTreeMap::new();
        for (key, density) in density_of {
            let mut cards = decks[&key.0].cards().to_vec();
            cards.sort_unstable();
            cards.retain(|_| random::coin(rng, density));
            neurons_of.insert(key, cards);
        }
        Codes { neurons_of }
    }

    /// The neurons where the codes of a bend's inputs of high influence meet.
    pub fn meet(&self, bend: &Bend) -> Vec<u32> {
        let code = |&(column, weight): &(u32, f32)| self.neurons_of.get(&(bend.place, column, weight.to_bits()));
        let mut codes = bend.weights.iter().filter_map(code);
        let mut common = codes.next().cloned().unwrap_or_default();
        codes.for_each(|code| common.retain(|neuron| code.binary_search(neuron).is_ok()));
        common
    }
}

/// The signals of high influence that a bend reads.
fn high<'a>(
    task: &'a LayerTask,
    influence: &'a Influence,
    bend: &'a Bend,
) -> impl Iterator<Item = (Place, u32, u32)> + 'a {
    let is_high = |entry: &&(u32, f32)| influence.is_high(task.below[entry.0 as usize]);
    bend.weights.iter().filter(is_high).map(|&(column, weight)| (bend.place, column, weight.to_bits()))
}

/// The share of a block of `n` neurons that the codes of a gate's inputs are to have in common.
fn common(density: Density, case: Case, n_gates: usize, n: usize) -> f64 {
    let of_input_channels = match density {
        Density::Published => 1.0 / libm::sqrt(n_gates.max(1) as f64),
        Density::OfSize(size) => (size as f64 / n.max(1) as f64).min(1.0),
    };
    if case == Case::Input { of_input_channels } else { libm::sqrt(of_input_channels) }
}
