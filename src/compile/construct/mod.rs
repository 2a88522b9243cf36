//! The constructions of the literature: each a way to wire the signals below into neurons from which targets can be
//! read.
//!
//! One file a construction, and its row in [`CONSTRUCTIONS`]; names in help, in messages and in the loops of the tests
//! come from there. Must not know activations: everything here follows from the circuit and a stream.

mod channels;
mod code;
mod construction;
mod join;
mod staircase;
mod universal;

pub use channels::{fewest_or_superposed, unshared_width};
pub use code::Code;
pub use construction::{Construction, Ladder, Wiring};
pub use join::{join, lacking};
pub use staircase::{DeadZone, Ramp, ramps};

/// The first is the default.
pub const CONSTRUCTIONS: &[&dyn Construction] = &[&channels::CHANNELS, &universal::UNIVERSAL];

pub fn names() -> Vec<&'static str> {
    CONSTRUCTIONS.iter().map(|construction| construction.name()).collect()
}

/// `None`: no construction has this name.
pub fn named(name: &str) -> Option<&'static dyn Construction> {
    CONSTRUCTIONS.iter().copied().find(|construction| construction.name() == name)
}
