//! What `require` can bound: the table of metrics, and the lines of the block.
//!
//! Must not know how anything is measured: `readings` does.

use crate::circuit::GateId;
use crate::diagnostic::Span;

/// One metric of `require`.
#[derive(Debug, PartialEq, Eq)]
pub struct MetricRow {
    pub name: &'static str,
    pub takes: Takes,
    pub better: Better,
    pub measure: Measure,
}

/// What stands behind its name in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    /// Some gates, or nothing: `error(alert)`.
    Gates,
    /// An ε: `accuracy(0.25)`.
    Epsilon,
}

/// Which direction is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    Higher,
    Lower,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The share of inputs on which every gate of the scope is on the right side of its threshold.
    ShareRight(Scope),
    /// The share of inputs on which every gate of the scope is read strictly within ε of the truth.
    ShareWithin(Scope),
    /// The worst |read-off − truth| of the gates.
    WorstError,
}

/// Which gates of an input must be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every gate of every layer.
    Gates,
    Outputs,
}

/// The metrics, in the order in which messages name them.
pub const METRICS: &[MetricRow] = &[
    MetricRow {
        name: "reliability",
        takes: Takes::Nothing,
        better: Better::Higher,
        measure: Measure::ShareRight(Scope::Gates),
    },
    MetricRow {
        name: "output_reliability",
        takes: Takes::Nothing,
        better: Better::Higher,
        measure: Measure::ShareRight(Scope::Outputs),
    },
    MetricRow {
        name: "accuracy",
        takes: Takes::Epsilon,
        better: Better::Higher,
        measure: Measure::ShareWithin(Scope::Gates),
    },
    MetricRow {
        name: "output_accuracy",
        takes: Takes::Epsilon,
        better: Better::Higher,
        measure: Measure::ShareWithin(Scope::Outputs),
    },
    MetricRow { name: "error", takes: Takes::Gates, better: Better::Lower, measure: Measure::WorstError },
];

/// Whether there is an accuracy at `epsilon`: beyond ½ a read-off may lie nearer to what is false.
pub fn is_epsilon(epsilon: f64) -> bool {
    epsilon > 0.0 && epsilon <= 0.5
}

/// What a requirement bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    pub row: &'static MetricRow,
    /// The gates that it is asked of; `None`: all.
    pub gates: Option<Vec<GateId>>,
    /// The ε that it is asked at, where its row takes one.
    pub epsilon: Option<f64>,
}

impl MetricRow {
    /// The least and the greatest value that it can have.
    pub fn range(&self) -> [f64; 2] {
        match self.measure {
            Measure::ShareRight(_) | Measure::ShareWithin(_) => [0.0, 1.0],
            Measure::WorstError => [0.0, f64::INFINITY],
        }
    }
}

impl Metric {
    /// With nothing in brackets. `None`: no metric has this name.
    pub fn named(name: &str) -> Option<Metric> {
        METRICS.iter().find(|row| row.name == name).map(|row| Metric { row, gates: None, epsilon: None })
    }
}

/// One line of `require`.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    pub metric: Metric,
    pub comparison: Bound,
    pub bound: f64,
    /// As written, in canonical form: `error(alert) < 0.45`.
    pub text: String,
    pub span: Span,
}

impl Requirement {
    /// Whether a better value meets it sooner: `reliability > 0.9`, and not `reliability < 0.9`.
    pub fn asks_for_better(&self) -> bool {
        let is_lower_bound = matches!(self.comparison, Bound::Greater | Bound::GreaterEqual);
        is_lower_bound == (self.metric.row.better == Better::Higher)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Bound {
    pub fn sign(self) -> &'static str {
        match self {
            Bound::Less => "<",
            Bound::LessEqual => "<=",
            Bound::Greater => ">",
            Bound::GreaterEqual => ">=",
        }
    }

    /// Whether every value of a range meets the bound, or none; `None` where it depends.
    pub fn verdict(self, [least, greatest]: [f64; 2], bound: f64) -> Option<bool> {
        let (at_least, at_greatest) = (self.holds(least, bound), self.holds(greatest, bound));
        (at_least == at_greatest).then_some(at_least)
    }

    pub fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Bound::Less => value < bound,
            Bound::LessEqual => value <= bound,
            Bound::Greater => value > bound,
            Bound::GreaterEqual => value >= bound,
        }
    }
}
