//! What a construction is asked for.

use std::fmt::Debug;
use std::sync::Arc;

use super::code::Code;
use super::regime::{Inequality, Regime};
use super::site::Site;
use crate::compile::dictionary::Embedding;
use crate::compile::layer::LayerTask;
use crate::diagnostic::{Diagnostic, Span};
use crate::program::problems::construction_option;
use crate::program::{Activation, Level};
use crate::random::Pcg64;

/// A word of what chooses a construction, and where it stands.
pub type Word = (String, Span);

/// A construction, as a row of the table.
pub trait Construction: Debug + Send + Sync {
    /// As `network { construction NAME; }` and `--construction` take it.
    fn name(&self) -> &'static str;

    /// In a few words.
    fn summary(&self) -> &'static str;

    /// The construction with what the words behind its name choose.
    ///
    /// # Errors
    /// When they choose nothing of it.
    fn with(&self, options: &[Word]) -> Chosen;

    /// As it is chosen: its name, and the words behind it.
    fn spelling(&self) -> String {
        self.name().to_string()
    }

    /// What its neurons may do.
    fn activations(&self) -> &'static [Activation] {
        &[Activation::Relu]
    }

    /// The construction with neurons that do this, one of [`Construction::activations`] and no ReLU.
    fn over(&self, activation: Activation) -> Arc<dyn Construction> {
        unreachable!("its neurons are ReLUs, not {activation:?}")
    }

    /// What stands in the way of a layer of `n` neurons, where that can be told before it is wired.
    fn refused(&self, _layer: &LayerTask, _n: usize) -> Option<Diagnostic> {
        None
    }

    /// How features enter a layer of `n` neurons, where that is for the construction to say.
    fn embedding(&self, _layer: &LayerTask, _n: usize, _level: Level) -> Option<Embedding> {
        None
    }

    /// Neurons for a layer when nobody says; at least 1.
    fn rule_of_thumb(&self, layer: &LayerTask) -> usize;

    /// Beyond so many neurons a search for a width does not go.
    fn most_neurons(&self, layer: &LayerTask) -> usize;

    /// What is published of how many neurons it takes.
    fn inequality(&self) -> Inequality;

    /// Neurons of a layer by [`Construction::inequality`], or why it speaks of no such layer.
    fn needs(&self, layer: &LayerTask, regime: &Regime) -> Needs;

    /// The wiring as published: `-O0`.
    fn published(&self, layer: &LayerTask) -> Box<dyn Wiring>;

    /// The wirings that `-O1` chooses from, for a layer of `n` neurons.
    fn ladder(&self, layer: &LayerTask, n: usize) -> Ladder;

    /// Other ways to wire, tried once the best rung of the ladder is known, and taken where they are notably better.
    fn other_ladders(&self, _layer: &LayerTask, _n: usize, _best: usize) -> Vec<Ladder> {
        Vec::new()
    }

    /// What `-O1` makes of their read-offs.
    fn solution(&self) -> Solution {
        Solution::Filters
    }

    /// Whether, with a neuron for each bend, `-O1` is free to leave nothing to be solved for.
    fn may_be_exact(&self) -> bool {
        false
    }

    /// How a layer that corrects is wired.
    fn correcting(&self) -> Correcting {
        Correcting::ByClamps
    }

    /// Whether a matrix over all neurons of a layer is inverted at this level, so that they must not be too many.
    fn inverts(&self, level: Level) -> bool {
        level > Level::Published
    }
}

/// Of a construction that has nothing to choose.
///
/// # Errors
/// When something is chosen of it.
pub fn without_options(construction: impl Construction + 'static, options: &[Word]) -> Chosen {
    match options.first() {
        None => Ok(Arc::new(construction)),
        Some((word, span)) => Err(Box::new(construction_option(*span, construction.name(), word, &[]))),
    }
}

/// Neurons, or why an inequality tells none, in a line.
pub type Needs = Result<f64, String>;

/// A construction as it was asked for, or why there is none so.
pub type Chosen = Result<Arc<dyn Construction>, Box<Diagnostic>>;

/// How a layer that corrects is wired where a construction is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Correcting {
    /// By pairs of neurons that clamp what some signals add up to, whatever the construction of the other layers.
    ByClamps,
    /// As any other layer.
    ByItself,
    /// Its neurons never bend.
    Never,
}

/// How `-O1` finds what is read off a wiring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Solution {
    /// Each read-off by itself: a filter of the least noise, and a threshold of its own.
    Filters,
    /// The wiring's own read-offs are sums of operands; each kind of target reads them by a line and a threshold.
    Lines,
    /// The wiring's own read-offs stay; what none was found for reads its most frequent value.
    Constants,
}

/// Wirings in an order in which neighbours are alike, so that the best one can be walked to.
pub struct Ladder {
    /// At least one.
    pub rungs: Vec<Box<dyn Wiring>>,
    /// A good guess: its place among the rungs.
    pub first: usize,
}

impl Ladder {
    /// Where there is nothing to choose.
    pub fn only(wiring: impl Wiring + 'static) -> Ladder {
        Ladder { rungs: vec![Box::new(wiring)], first: 0 }
    }
}

/// A construction with its free choices made.
pub trait Wiring {
    /// The code of a layer.
    fn wire(&self, site: &Site, rng: &mut Pcg64) -> Code;

    /// Another one that may be better, and is tried last.
    fn variation(&self) -> Option<Box<dyn Wiring>> {
        None
    }
}
