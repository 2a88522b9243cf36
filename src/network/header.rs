//! What the weights do not say: options, seed, how a fit ended, and what each axis is called.

use serde::{Deserialize, Serialize};

use super::study::Study;
use crate::progress::Reason;

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
    /// Every gate, layer by layer, in the order of the read-offs. Older files have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<NamedGate>,
    /// How the weights were fitted, if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
}

/// What a gate computes, for whoever reads a file without its circuit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedGate {
    pub name: String,
    pub kind: String,
    /// Of the kinds that count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// In order: features, and gates of layers below; one that is negated is marked, `!sport`.
    pub operands: Vec<String>,
}

/// What a fit took, and why it ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Inputs trained on.
    pub inputs: u64,
    pub stopped: Stopped,
    /// Whether read-offs were held near 0 and 1, and not only on the right side of a threshold. Older files do not say:
    /// theirs were not.
    #[serde(default)]
    pub two_sided: bool,
    /// Whether the closed form of `-O1` came out better, and is what was kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_closed_form: bool,
    /// What was studied, where it was not fitted to be a good network.
    #[serde(default, skip_serializing_if = "Study::is_none")]
    pub study: Study,
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

impl Stopped {
    /// As files and reports say it.
    pub fn name(self) -> &'static str {
        match self {
            Stopped::TargetMet => "target-met",
            Stopped::Converged => "converged",
            Stopped::BudgetSpent => "budget-spent",
            Stopped::Interrupted => "interrupted",
        }
    }
}

impl From<Reason> for Stopped {
    fn from(reason: Reason) -> Stopped {
        match reason {
            Reason::Interrupted => Stopped::Interrupted,
            Reason::BudgetSpent => Stopped::BudgetSpent,
        }
    }
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
        match (self.is_closed_form, self.inputs) {
            (true, 0) => format!("{stopped}, solved as at -O1"),
            (true, _) => format!("{stopped}; -O1 was better"),
            (false, _) => stopped.to_string(),
        }
    }
}
