//! What `require` asks to be proved, and how that stands.
//!
//! Must not know how anything is proved: `verify` does.

use serde::Serialize;

use super::metrics::{Measure, Metric, Scope};
use crate::diagnostic::Span;

/// One line of `require` that speaks of every input that `sample` can draw: `proved;`, `proved accuracy(0.4);`.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Whose read-offs.
    pub scope: Scope,
    /// They are strictly within this of the truth; `None`: on the right side of their thresholds.
    pub epsilon: Option<f64>,
    /// As written, in canonical form.
    pub text: String,
    pub span: Span,
}

/// How a claim over all inputs stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Proved,
    /// There is an input on which it is wrong.
    Refuted,
    /// Neither is known.
    NotProved,
}

impl Claim {
    /// Of every gate: the line `proved;`, or `proved accuracy(E);`.
    pub fn of_all(epsilon: Option<f64>) -> Claim {
        let text = epsilon.map_or("proved".into(), |epsilon| format!("proved accuracy({epsilon})"));
        Claim { scope: Scope::Gates, epsilon, text, span: Span::NOWHERE }
    }

    /// Whose read-offs a proof of this metric would speak of, and within which ε; `None`: it is no share of the inputs.
    pub fn of(metric: &Metric) -> Option<(Scope, Option<f64>)> {
        match metric.row.measure {
            Measure::ShareRight(scope) | Measure::ShareWithin(scope) => Some((scope, metric.epsilon)),
            Measure::WorstError => None,
        }
    }
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Proved => "proved",
            Status::Refuted => "refuted",
            Status::NotProved => "not proved",
        }
    }
}
