//! What is shipped: layers of weights with both factors kept by name, the forward pass, the file.
//!
//! Must not know what a circuit is: signals are names here.

mod check;
#[cfg(test)]
mod example;
mod file;
pub mod forward;
pub mod matrix;

pub use check::{FACTOR_TOLERANCE, NetworkError};
pub use file::FileError;
use matrix::Matrix;
use serde::{Deserialize, Serialize};

/// A ReLU network that computes named signals in superposition.
///
/// `h_l = relu(W_l h_{l-1} + b_l)`, h_{-1} = the input coordinates; signal j of layer l is read as
/// `R_l[j] · h_l + r_l[j]` and is on where that exceeds `threshold[j]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    pub header: Header,
    /// How features enter. `None`: one coordinate each.
    pub dictionary: Option<InputDictionary>,
    pub layers: Vec<Layer>,
    /// The circuit's files, the asked-for one first: (name, text).
    pub sources: Vec<(String, String)>,
    /// The file of a `from` clause or `--inputs`: (name, bytes).
    pub rows: Option<(String, Vec<u8>)>,
}

/// What the weights do not say: options, seed, and what each axis is called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Of the `superpose` that wrote it.
    pub version: String,
    pub circuit: String,
    pub opt_level: u8,
    pub construction: String,
    pub seed: u64,
    /// Whether the widths come from the rule of thumb.
    pub width_by_rule: bool,
    pub features: Vec<String>,
    /// How the weights were fitted, if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
}

/// What a fit took, and why it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    /// Inputs trained on.
    pub inputs: u64,
    pub stopped: Stopped,
    /// Whether the closed form of `-O1` came out better, and is what was kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_closed_form: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// All that was asked for is met.
    TargetMet,
    /// Longer fitting improved nothing.
    Converged,
    BudgetSpent,
    Interrupted,
}

impl Fit {
    /// In words.
    pub fn ending(&self) -> String {
        let stopped = match self.stopped {
            Stopped::TargetMet => "target met",
            Stopped::Converged => "converged",
            Stopped::BudgetSpent => "budget spent",
            Stopped::Interrupted => "interrupted",
        };
        let better = if self.is_closed_form { "; the closed form of -O1 was better" } else { "" };
        format!("{stopped}{better}")
    }
}

/// Features that enter superposed: `h_{-1} = Φ x`.
#[derive(Debug, Clone, PartialEq)]
pub struct InputDictionary {
    /// Φ: [n_inputs, n_features]; a feature that is not stored has a coordinate of its own.
    pub embedding: Matrix,
    /// `gaussian`, `rademacher`, …; `linear`, `transpose`.
    pub kind: String,
    pub decoder: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    pub name: String,
    /// W: [n_l, n_{l-1}], row-major.
    pub weight: ndarray::Array2<f32>,
    /// b: `[n_l]`.
    pub bias: Vec<f32>,
    /// C: [n_l, signals of the layer below].
    pub compute: Matrix,
    /// D: [signals of the layer below, n_{l-1}], where it is neither the identity nor the read-off below.
    pub decompress: Option<Matrix>,
    /// R: [signals, n_l].
    pub readoff: Matrix,
    /// r: `[signals]`.
    pub readoff_bias: Vec<f32>,
    /// `[signals]`. In terms of the stored signal.
    pub threshold: Vec<f32>,
    /// What is read off, in order.
    pub signals: Vec<SignalName>,
    /// The first so many are gates of this layer, the rest carried.
    pub n_gates: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignalName {
    pub name: String,
    /// The stored value is the complement of what the name says.
    pub complemented: bool,
}

impl Network {
    /// The size of h_{-1}: features that enter one coordinate each, and coordinates of the dictionary.
    pub fn n_inputs(&self) -> usize {
        match &self.dictionary {
            Some(dictionary) => dictionary.embedding.n_rows(),
            None => self.header.features.len(),
        }
    }

    /// D_l: [signals of the layer below, n_{l-1}]; `None` is the identity.
    pub fn decompress(&self, layer_idx: usize) -> Option<&Matrix> {
        match &self.layers[layer_idx].decompress {
            Some(decompress) => Some(decompress),
            None => layer_idx.checked_sub(1).map(|below| &self.layers[below].readoff),
        }
    }

    /// Nonzeros of all W and b, and of the last read-off.
    pub fn parameters(&self) -> u64 {
        let nonzeros = |values: &mut dyn Iterator<Item = &f32>| values.filter(|value| **value != 0.0).count() as u64;
        let layers: u64 =
            self.layers.iter().map(|layer| nonzeros(&mut layer.weight.iter()) + nonzeros(&mut layer.bias.iter())).sum();
        layers + self.layers.last().map_or(0, |last| last.readoff.n_nonzeros() as u64)
    }
}

impl Layer {
    /// Neurons.
    pub fn width(&self) -> usize {
        self.bias.len()
    }

    /// Gates and carried signals.
    pub fn n_signals(&self) -> usize {
        self.signals.len()
    }
}
