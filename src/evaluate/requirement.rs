//! What was asked of a network, and how it stands with that.
//!
//! Must not know how figures were gathered, nor what to do where they fall short.

use serde::Serialize;

use crate::circuit::GateId;
use crate::program::{Measure, Requirement, Scope, Status};
use crate::text::precise;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequirementReport {
    pub text: String,
    /// `None` where no gate has the figure.
    pub value: Option<Value>,
    /// `None`: unknown, since a gate that it speaks of was never seen on, or never off, or since it is not proved.
    pub holds: Option<bool>,
    #[serde(skip)]
    pub asks: Asks,
}

/// What a requirement asks of the read-offs.
#[derive(Debug, Clone, PartialEq)]
pub struct Asks {
    pub of: Of,
    /// To be strictly within this of the truth; `None`: on the right side of their thresholds.
    pub epsilon: Option<f64>,
    /// The share of the inputs on which they are to be so; `None`: all.
    pub share: Option<f64>,
    /// Whether a better network meets it sooner.
    pub is_for_better: bool,
    /// So far from the truth, and no farther, is every gate read on more than that share of the inputs; `None`: of
    /// these gates nothing is known.
    pub reached: Option<f32>,
}

/// Of whose read-offs.
#[derive(Debug, Clone, PartialEq)]
pub enum Of {
    Scope(Scope),
    Gates(Vec<GateId>),
}

impl Asks {
    pub(super) fn of(requirement: &Requirement) -> Asks {
        let metric = &requirement.metric;
        let (scope, epsilon, share) = match metric.row.measure {
            Measure::ShareRight(scope) | Measure::ShareWithin(scope) => {
                (scope, metric.epsilon, Some(requirement.bound))
            }
            Measure::WorstError => (Scope::Gates, Some(requirement.bound), None),
        };
        let of = metric.gates.clone().map_or(Of::Scope(scope), Of::Gates);
        Asks { of, epsilon, share, is_for_better: requirement.asks_for_better(), reached: None }
    }

    /// Of all gates, or of the outputs; named gates are some of all.
    pub fn scope(&self) -> Scope {
        match self.of {
            Of::Scope(scope) => scope,
            Of::Gates(_) => Scope::Gates,
        }
    }
}

/// What came of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    Figure(f64),
    Status(Status),
}

impl RequirementReport {
    /// Whether it is to be proved, not measured.
    pub fn is_claim(&self) -> bool {
        matches!(self.value, Some(Value::Status(_)))
    }

    /// How it stands with one that does not hold, in a line.
    pub fn missed_line(&self) -> String {
        let verdict = if self.holds.is_none() { "unknown" } else { "missed" };
        format!("{verdict}: {}, {}", self.text, self.found())
    }

    /// What came of it, in words.
    pub fn found(&self) -> String {
        match self.value {
            Some(Value::Figure(figure)) => precise(figure),
            Some(Value::Status(status)) => status.name().into(),
            None => "no such figure".into(),
        }
    }
}
