//! The constructions: each a way to wire the signals below into neurons from which targets can be read. Those of the
//! literature, and two to hold them against: a code that computes nothing, and a neuron for each gate.
//!
//! One file a construction, and its row in [`CONSTRUCTIONS`]; names in help, in messages and in the loops of the tests
//! come from there. Must not know activations: everything here follows from the circuit, the layers below and a stream.

mod affine;
mod channels;
mod code;
mod construction;
mod join;
mod line;
mod linear;
mod naive;
mod site;
mod staircase;
mod sum;
mod universal;

pub use channels::{fewest_or_superposed, unshared_width};
pub use code::Code;
pub use construction::{Construction, Ladder, Solution, Wiring};
pub use join::{join, lacking};
pub use line::Line;
pub use linear::LINEAR;
pub use naive::NAIVE;
pub use site::Site;
pub use staircase::{DeadZone, Ramp, ramps};
pub use sum::Sum;

/// The first is the default.
pub const CONSTRUCTIONS: &[&dyn Construction] = &[&channels::CHANNELS, &universal::UNIVERSAL, &LINEAR, &naive::NAIVE];

pub fn names() -> Vec<&'static str> {
    CONSTRUCTIONS.iter().map(|construction| construction.name()).collect()
}

/// By construction, its name and what it is in a few words.
pub fn summaries() -> Vec<(&'static str, &'static str)> {
    CONSTRUCTIONS.iter().map(|construction| (construction.name(), construction.summary())).collect()
}

/// `None`: no construction has this name.
pub fn named(name: &str) -> Option<&'static dyn Construction> {
    CONSTRUCTIONS.iter().copied().find(|construction| construction.name() == name)
}
