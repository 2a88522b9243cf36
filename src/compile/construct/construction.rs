//! What a construction is asked for.

use std::fmt::Debug;

use super::code::Code;
use crate::compile::layer::LayerTask;
use crate::random::Pcg64;

/// A construction of the literature, as a row of the table.
pub trait Construction: Debug + Sync {
    /// As `network { construction NAME; }` and `--construction` take it.
    fn name(&self) -> &'static str;

    /// Neurons for a layer when nobody says; at least 1.
    fn rule_of_thumb(&self, layer: &LayerTask) -> usize;

    /// Beyond so many neurons a search for a width does not go.
    fn most_neurons(&self, layer: &LayerTask) -> usize;

    /// The wiring as published: `-O0`.
    fn published(&self, layer: &LayerTask) -> Box<dyn Wiring>;

    /// The wirings that `-O1` chooses from, for a layer of `n` neurons.
    fn ladder(&self, layer: &LayerTask, n: usize) -> Ladder;
}

/// Wirings in an order in which neighbours are alike, so that the best one can be walked to.
pub struct Ladder {
    /// At least one.
    pub rungs: Vec<Box<dyn Wiring>>,
    /// A good guess: its place among the rungs.
    pub first: usize,
}

/// A construction with its free choices made.
pub trait Wiring {
    /// The code of a layer of `n` neurons. `is_frequent`, by target: its operands are on so much more often than
    /// others' that it should keep to neurons of its own; empty where nothing is known.
    fn wire(&self, layer: &LayerTask, n: usize, is_frequent: &[bool], rng: &mut Pcg64) -> Code;

    /// Another one that may be better, and is tried last.
    fn variation(&self) -> Option<Box<dyn Wiring>> {
        None
    }
}
