//! What a `network` block says. Must not know what a construction or a dictionary does: it has
//! names alone.

use crate::diagnostic::Span;

/// Inputs that `samples` and `--samples` may ask for.
pub const MAX_SAMPLES: u64 = u32::MAX as u64;

/// The `network` block. What is `None` was not said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    pub width: Option<Width>,
    /// By layer index; overrides `width`.
    pub layer_widths: Vec<(u32, Width)>,
    /// Its name, and what is chosen of it: `universal density 0.1`, word by word.
    pub construction: Option<Vec<(String, Span)>>,
    pub optimize: Option<Level>,
    pub seed: u64,
    pub samples: Option<u64>,
    /// Features that enter in superposition; disjoint.
    pub stores: Vec<Store>,
    pub decoder: Option<Decoder>,
    pub readoff: Option<Sides>,
    /// What neurons do, and where the file says so; ReLUs if it does not.
    pub activation: Option<(Activation, Span)>,
    /// By which basis the linear spaces of the network are to be changed, and where the file says so.
    pub mix: Option<(Mix, Span)>,
    /// Where it asks for layers that correct what others read off.
    pub corrections: Vec<Span>,
    /// Dimensions of the stream that layers read and add to; `None`: each layer reads the one below.
    pub residual: Option<u32>,
    /// The dictionary of whose vectors features and gates have one each in the stream; `None`: coordinates along a
    /// random basis, as far as there is room, and random vectors.
    pub directions: Option<(String, Span)>,
}

impl Settings {
    /// What is said of a layer, or else of all.
    pub fn width_of(&self, layer_idx: usize) -> Option<Width> {
        let own = self.layer_widths.iter().find(|(idx, _)| *idx as usize == layer_idx);
        own.map(|(_, width)| *width).or(self.width)
    }
}

/// What neurons do with the sums that they read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    Relu,
    /// Nothing.
    Linear,
    /// Each multiplies two.
    Bilinear,
    /// Each squares its own.
    Quadratic,
}

impl Activation {
    pub const ALL: [Activation; 4] =
        [Activation::Relu, Activation::Linear, Activation::Bilinear, Activation::Quadratic];

    pub fn name(self) -> &'static str {
        match self {
            Activation::Relu => "relu",
            Activation::Linear => "linear",
            Activation::Bilinear => "bilinear",
            Activation::Quadratic => "quadratic",
        }
    }

    /// `None`: nothing has this name.
    pub fn named(name: &str) -> Option<Activation> {
        Activation::ALL.into_iter().find(|activation| activation.name() == name)
    }

    /// Whether a neuron can be on where two signals are.
    pub fn multiplies(self) -> bool {
        matches!(self, Activation::Bilinear | Activation::Quadratic)
    }
}

/// An orthogonal basis, for mixing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mix {
    /// Signs of one size.
    Hadamard,
    /// The same, but for zeros on the diagonal.
    Conference,
}

impl Mix {
    pub const ALL: [Mix; 2] = [Mix::Hadamard, Mix::Conference];

    pub fn name(self) -> &'static str {
        match self {
            Mix::Hadamard => "hadamard",
            Mix::Conference => "conference",
        }
    }

    /// `None`: nothing has this name.
    pub fn named(name: &str) -> Option<Mix> {
        Mix::ALL.into_iter().find(|mix| mix.name() == name)
    }
}

/// A construction as it is typed, word by word, with no place in a text.
pub fn construction_words(text: &str) -> Vec<(String, Span)> {
    text.split_whitespace().map(|word| (word.to_string(), Span::NOWHERE)).collect()
}

/// As it would be typed.
pub fn construction_spelled(words: &[(String, Span)]) -> String {
    words.iter().map(|word| &word.0[..]).collect::<Vec<_>>().join(" ")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// The smallest that meets `require`.
    Auto,
    Neurons(u32),
}

/// How far a compilation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `-O0`: the construction as published.
    Published,
    /// `-O1`: the same wiring, solved in closed form.
    Solved,
    /// `-O2`: all weights fitted.
    Fitted,
}

impl Level {
    pub const ALL: [Level; 3] = [Level::Published, Level::Solved, Level::Fitted];

    /// Of `-O` and `optimize`.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// In a few words.
    pub fn summary(self) -> &'static str {
        match self {
            Level::Published => "as published",
            Level::Solved => "solved in closed form",
            Level::Fitted => "fitted",
        }
    }

    pub fn of_number(number: u8) -> Option<Level> {
        Level::ALL.get(usize::from(number)).copied()
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    /// Ascending.
    pub features: Vec<u32>,
    pub dimensions: u32,
    /// By its name, which stands there.
    pub dictionary: (String, Span),
    pub span: Span,
}

/// How stored features are read back (the D of layer 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoder {
    /// The best linear one.
    Linear,
    Transpose,
}

impl Decoder {
    pub const ALL: [Decoder; 2] = [Decoder::Linear, Decoder::Transpose];

    pub fn name(self) -> &'static str {
        match self {
            Decoder::Linear => "linear",
            Decoder::Transpose => "transpose",
        }
    }
}

/// On which sides a fit holds its read-offs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// Near 1 when on, near 0 when off.
    Two,
    /// On the right side of a threshold, however far.
    One,
}

impl Sides {
    pub const ALL: [Sides; 2] = [Sides::Two, Sides::One];

    pub fn name(self) -> &'static str {
        match self {
            Sides::Two => "two_sided",
            Sides::One => "one_sided",
        }
    }

    /// As the command line has it.
    pub fn hyphenated(self) -> &'static str {
        match self {
            Sides::Two => "two-sided",
            Sides::One => "one-sided",
        }
    }

    /// In a few words.
    pub fn summary(self) -> &'static str {
        match self {
            Sides::Two => "on near 1, off near 0",
            Sides::One => "on the right side of a threshold, however far: denser",
        }
    }

    /// `None`: nothing has this name.
    pub fn named(name: &str) -> Option<Sides> {
        Sides::ALL.into_iter().find(|sides| sides.name() == name)
    }
}
