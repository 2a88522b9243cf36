//! What the caller asks of a compilation; what it leaves open is for the program, and then for the defaults, to say.

use crate::network::Network;
use crate::program::{Level, Settings, Width};

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    pub level: Option<Level>,
    /// Neurons in every layer.
    pub width: Option<Width>,
    /// By layer name; overrides `width`.
    pub layer_widths: Vec<(String, Width)>,
    pub construction: Option<String>,
    /// For codes; the default is the block's `seed`.
    pub seed: Option<u64>,
    /// For `-O2`.
    pub fit: Request,
}

impl Options {
    /// How far to go: as the caller asks, or else the program, or else all the way.
    pub fn level_for(&self, settings: &Settings) -> Level {
        self.level.or(settings.optimize).unwrap_or(Level::Fitted)
    }

    /// What is asked for a layer by its name, or else for all.
    pub fn width_of(&self, layer: &str) -> Option<Width> {
        let own = self.layer_widths.iter().rev().find(|(name, _)| name == layer);
        own.map(|(_, width)| *width).or(self.width)
    }
}

/// What a fit is asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// Reliability to reach; the default is what the program requires.
    pub target: Option<f64>,
    /// How near to the truth every read-off is to be, above 0 and at most ½.
    pub epsilon: Option<f64>,
    /// Inputs to train on at most.
    pub budget: Option<u64>,
    pub loss: Loss,
    /// Leave the neurons of the first layer as they begin.
    pub freeze_first: bool,
    /// A network of the same circuit and widths, to be fitted on.
    pub from: Option<Box<Network>>,
}

impl Request {
    /// Whether somebody looks at what a fit does, rather than for a good network.
    pub fn is_study(&self) -> bool {
        self.freeze_first || self.loss != Loss::Margin
    }
}

/// What the read-offs are pulled towards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Loss {
    /// Squared hinge: on-read-offs to 0.9 or more, off-read-offs to 0.1 or less, and nothing beyond.
    #[default]
    Margin,
    /// Squared error. For study: it gives rare gates up.
    L2,
    /// Fourth power of the error. For study.
    L4,
}

impl Loss {
    pub const ALL: [Loss; 3] = [Loss::Margin, Loss::L2, Loss::L4];

    pub fn name(self) -> &'static str {
        match self {
            Loss::Margin => "margin",
            Loss::L2 => "l2",
            Loss::L4 => "l4",
        }
    }

    /// In a few words.
    pub fn summary(self) -> &'static str {
        match self {
            Loss::Margin => "Squared hinge beyond a margin",
            Loss::L2 => "Squared error",
            Loss::L4 => "Fourth power of the error",
        }
    }

    /// `None`: no loss has this name.
    pub fn named(name: &str) -> Option<Loss> {
        Loss::ALL.into_iter().find(|loss| loss.name() == name)
    }
}
