//! The constructions: each a way to wire the signals below into neurons from which targets can be read. Those of the
//! literature, and two to hold them against: a code that computes nothing, and a neuron for each gate.
//!
//! One file a construction, and its row in [`CONSTRUCTIONS`]; names in help, in messages and in the loops of the tests
//! come from there. Must not know activations: everything here follows from the circuit, the layers below and a stream.

mod affine;
mod bigram;
mod channels;
mod clamps;
mod code;
mod construction;
mod fourier;
mod join;
mod line;
mod linear;
mod naive;
mod pairs;
mod pool;
mod random_features;
mod regime;
mod shared_circuits;
mod site;
mod staircase;
mod sum;
mod universal;

use super::layer::LayerTask;
use crate::diagnostic::Diagnostic;
use crate::program::Activation;
use crate::program::problems::unknown_construction;

pub use channels::{fewest_or_superposed, unshared_width};
pub use code::Code;
pub use construction::{Chosen, Construction, Correcting, Ladder, Needs, Solution, Wiring, Word};
pub use join::{join, lacking};
pub use line::Line;
pub use linear::LINEAR;
pub use naive::NAIVE;
pub use pairs::{MOST_LOAD, PairShare, all_pairs_width, readable_pairs};
pub use regime::{Inequality, Regime};
pub use site::Site;
pub use staircase::{DeadZone, Ramp, ramps};
pub use sum::Sum;

/// The first is the default.
pub const CONSTRUCTIONS: &[&dyn Construction] = &[
    &channels::CHANNELS,
    &universal::UNIVERSAL,
    &random_features::RANDOM_FEATURES,
    &shared_circuits::SHARED_CIRCUITS,
    &LINEAR,
    &naive::NAIVE,
    &fourier::FOURIER,
    &bigram::BIGRAM,
];

/// Those whose neurons may do this; there is one.
pub fn names_of(activation: Activation) -> Vec<&'static str> {
    let serving = CONSTRUCTIONS.iter().filter(|construction| construction.activations().contains(&activation));
    serving.map(|construction| construction.name()).collect()
}

pub fn names() -> Vec<&'static str> {
    CONSTRUCTIONS.iter().map(|construction| construction.name()).collect()
}

/// By construction, its name and what it is in a few words.
pub fn summaries() -> Vec<(&'static str, &'static str)> {
    CONSTRUCTIONS.iter().map(|construction| (construction.name(), construction.summary())).collect()
}

/// The construction that the first word names, as the others choose.
///
/// # Errors
/// When there is none, or nothing of it to be chosen so.
pub fn chosen(words: &[Word]) -> Chosen {
    let (name, options) = words.split_first().expect("a construction has a name");
    match CONSTRUCTIONS.iter().find(|construction| construction.name() == name.0) {
        Some(construction) => construction.with(options),
        None => Err(Box::new(unknown_construction(name.1, &name.0, &names()))),
    }
}

/// The construction by which a layer is wired where this one is asked for.
pub fn of_layer<'a>(construction: &'a dyn Construction, task: &LayerTask) -> &'a dyn Construction {
    match construction.correcting() {
        Correcting::ByClamps if task.corrects() => &clamps::Clamps,
        _ => construction,
    }
}

/// What is published of layers that correct.
pub fn correction_inequality() -> Inequality {
    clamps::Clamps.inequality()
}

/// Whether there is a construction that these words choose.
pub fn check(words: &[Word]) -> Result<(), Box<Diagnostic>> {
    chosen(words).map(|_| ())
}
