//! What stands in the blocks and behind `output`: which inputs are typical, how a network is made, what it must
//! achieve.
//!
//! One file a block; `named` finds the signals that their references name. Must not know what a definition says.

mod head;
mod named;
mod network;
mod output;
mod require;
mod sample;

pub(super) use head::{check_shown, heads};
pub use network::choices;
pub(super) use network::{fixed, residual_setting, settings, with_layers};
pub(super) use output::outputs;
pub(super) use require::{moved, required};
pub(super) use sample::distribution;
