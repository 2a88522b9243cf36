//! What the caller asks of a compilation; what it leaves open is for the program, and then for the defaults, to say.

use crate::circuit::{Circuit, Inputs};
use crate::network::{Network, Study};
use crate::program::{Goal, Level, Program, Settings, Sides, Width};

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
    /// What is tried where a fit misses its goal.
    pub beyond: Beyond,
}

impl Options {
    /// How far to go: as the caller asks, or else the program, or else all the way. A construction that the caller
    /// names without a level is meant to be seen.
    pub fn level_for(&self, settings: &Settings) -> Level {
        let of_construction = self.construction.as_ref().map(|_| Level::Solved);
        self.level.or(of_construction).or(settings.optimize).unwrap_or(Level::Fitted)
    }

    /// On which sides a fit holds its read-offs: as the caller asks, or else the program, or else on both.
    pub fn sides_for(&self, program: &Program) -> Sides {
        self.fit.sides.or(program.settings.readoff).unwrap_or(Sides::Two)
    }

    /// What a network is to reach beside what the program requires: see [`Goal::of`].
    pub fn goal_for(&self, program: &Program) -> Option<Goal> {
        Goal::of(program, self.sides_for(program), self.fit.epsilon, self.fit.target)
    }

    /// The same with these widths, layer by layer.
    pub fn at_widths(&self, circuit: &Circuit, widths: &[usize]) -> Options {
        let layers = circuit.layers.iter().zip(widths);
        let layer_widths = layers.map(|(layer, &n)| (layer.name.clone(), Width::Neurons(n as u32))).collect();
        Options { width: None, layer_widths, ..self.clone() }
    }

    /// What is asked for a layer by its name, or else for all.
    pub fn width_of(&self, layer: &str) -> Option<Width> {
        let own = self.layer_widths.iter().rev().find(|(name, _)| name == layer);
        own.map(|(_, width)| *width).or(self.width)
    }
}

/// How far to go beyond a fit that misses its goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Beyond {
    /// It is what it is.
    Nothing,
    /// Layers whose width nobody has given become wider.
    #[default]
    Wider,
    /// And where widths were given, it is said which ones would do.
    Told,
}

/// What a fit is asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// The share of inputs on which every gate is to be read well; the default is what the program requires.
    pub target: Option<f64>,
    /// How near to the truth every read-off is to be, above 0 and at most ½.
    pub epsilon: Option<f64>,
    /// On which sides read-offs are held: see [`Options::sides_for`].
    pub sides: Option<Sides>,
    /// Inputs to train on at most.
    pub budget: Option<u64>,
    /// How it is to differ from what it would do by itself.
    pub study: Study,
    /// A network of the same circuit and widths, to be fitted on.
    pub from: Option<Box<Network>>,
    /// What the network of `from` has yet to learn, in short steps.
    pub hard: Option<Hard>,
}

/// Inputs that a network finds hard; at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct Hard {
    pub inputs: Inputs,
    /// How often it has been fitted to some before: each time there are other inputs beside them.
    pub round: u64,
}

impl Request {
    /// Whether somebody looks at what a fit does, rather than for a good network.
    pub fn is_study(&self) -> bool {
        !self.study.is_none()
    }
}
