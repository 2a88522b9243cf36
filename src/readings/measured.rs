//! What a metric of `require` is worth, from whatever was counted.
//!
//! Must not know the names of the metrics: the table of `program` says what each measures.

use super::share::{Confidence, Share};
use crate::circuit::GateId;
use crate::program::{Better, Measure, Metric, Requirement, Scope};

/// Something that was held against the truth.
pub trait Measured {
    /// The inputs on which every gate of the scope was right.
    fn share_right(&self, scope: Scope) -> Share;

    /// The worst |read-off − truth| of these gates, or of all; `None` where no gate has one.
    fn worst_error(&self, gates: Option<&[GateId]>) -> Option<f64>;

    /// Whether the inputs are all that there are, so that nothing was left to chance.
    fn is_exhaustive(&self) -> bool;
}

/// `None` where there is no such figure.
pub fn value(measured: &impl Measured, metric: &Metric) -> Option<f64> {
    match metric.row.measure {
        Measure::ShareRight(scope) => Some(measured.share_right(scope).value()),
        Measure::WorstError => measured.worst_error(metric.gates.as_deref()),
    }
}

/// Whether the figure that was counted meets the bound.
pub fn holds(measured: &impl Measured, requirement: &Requirement) -> bool {
    value(measured, &requirement.metric).is_some_and(|value| requirement.comparison.holds(value, requirement.bound))
}

/// Whether other inputs would meet the bound as well: a share is taken at the end of its interval that is worse, unless
/// nothing was wrong at all.
pub fn surely_holds(measured: &impl Measured, requirement: &Requirement, confidence: Confidence) -> bool {
    let Measure::ShareRight(scope) = requirement.metric.row.measure else { return holds(measured, requirement) };
    let share = measured.share_right(scope);
    if !requirement.asks_for_better() || measured.is_exhaustive() || share.is_whole() {
        return holds(measured, requirement);
    }
    let [low, high] = share.interval(confidence);
    let careful = if requirement.metric.row.better == Better::Higher { low } else { high };
    careful > requirement.bound
}
