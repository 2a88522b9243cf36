//! What a metric of `require` is worth, from whatever was counted.
//!
//! Must not know the names of the metrics: the table of `program` says what each measures.

use super::share::{Confidence, Share};
use crate::circuit::GateId;
use crate::program::{Measure, Metric, Requirement, Scope};

/// Something that was held against the truth.
pub trait Measured {
    /// The inputs on which every gate of the scope was right.
    fn share_right(&self, scope: Scope) -> Share;

    /// The inputs on which every gate of the scope was read strictly within `epsilon` of the truth; `None` where that
    /// was not counted.
    fn share_within(&self, scope: Scope, epsilon: f64) -> Option<Share>;

    /// The worst |read-off − truth| of these gates, or of all; `None` where no gate has one.
    fn worst_error(&self, gates: Option<&[GateId]>) -> Option<f64>;

    /// Whether each of these gates, or of all, was seen on and off, wherever some input has it so.
    fn is_shown(&self, gates: Option<&[GateId]>) -> bool;

    /// Whether the inputs are all that there are, so that nothing was left to chance.
    fn is_exhaustive(&self) -> bool;
}

/// `None` where there is no such figure.
pub fn value(measured: &impl Measured, metric: &Metric) -> Option<f64> {
    match metric.row.measure {
        Measure::ShareRight(_) | Measure::ShareWithin(_) => share(measured, metric).map(Share::value),
        Measure::WorstError => measured.worst_error(metric.gates.as_deref()),
    }
}

/// Of a metric that is a share of the inputs.
fn share(measured: &impl Measured, metric: &Metric) -> Option<Share> {
    match metric.row.measure {
        Measure::ShareRight(scope) => Some(measured.share_right(scope)),
        Measure::ShareWithin(scope) => measured.share_within(scope, metric.epsilon?),
        Measure::WorstError => None,
    }
}

/// Whether the figure that was counted meets the bound; `None` where it is of a gate that was never seen on, or never
/// off: then it may say too little, and a bound that is not missed is not known to be met.
pub fn holds(measured: &impl Measured, requirement: &Requirement) -> Option<bool> {
    let metric = &requirement.metric;
    let is_met = value(measured, metric).is_some_and(|value| requirement.comparison.holds(value, requirement.bound));
    let is_of_gates = metric.row.measure == Measure::WorstError;
    let is_unknown = is_met && is_of_gates && !measured.is_shown(metric.gates.as_deref());
    (!is_unknown).then_some(is_met)
}

/// Whether other inputs would meet the bound as well: a share that is to be high is taken with care, unless there are
/// no other inputs.
pub fn surely_holds(measured: &impl Measured, requirement: &Requirement, confidence: Confidence) -> bool {
    let is_sure = match share(measured, &requirement.metric) {
        Some(share) if requirement.asks_for_better() && !measured.is_exhaustive() => {
            share.is_surely_above(requirement.bound, confidence)
        }
        _ => true,
    };
    is_sure && holds(measured, requirement) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Span;
    use crate::program::Bound;

    struct Counted {
        gates: Share,
        outputs: Share,
        is_exhaustive: bool,
    }

    impl Measured for Counted {
        fn share_right(&self, scope: Scope) -> Share {
            match scope {
                Scope::Gates => self.gates,
                Scope::Outputs => self.outputs,
            }
        }

        fn share_within(&self, scope: Scope, epsilon: f64) -> Option<Share> {
            (epsilon == 0.25).then_some(self.share_right(scope))
        }

        fn worst_error(&self, _: Option<&[GateId]>) -> Option<f64> {
            None
        }

        fn is_shown(&self, _: Option<&[GateId]>) -> bool {
            true
        }

        fn is_exhaustive(&self) -> bool {
            self.is_exhaustive
        }
    }

    #[test]
    fn every_share_is_held_to_the_lower_end_of_its_interval() {
        let requirement = |name: &str, comparison, bound| Requirement {
            metric: Metric { epsilon: Some(0.25), ..Metric::named(name).unwrap() },
            comparison,
            bound,
            text: String::new(),
            span: Span::default(),
        };
        let counted = |n, is_exhaustive| {
            let share = Share { n, of: 1000 };
            Counted { gates: share, outputs: share, is_exhaustive }
        };
        for name in ["reliability", "output_reliability", "accuracy", "output_accuracy"] {
            let asked = requirement(name, Bound::Greater, 0.99);
            let sure = |n, is_exhaustive| surely_holds(&counted(n, is_exhaustive), &asked, Confidence::Usual);
            assert!(holds(&counted(992, false), &asked) == Some(true) && !sure(992, false), "{name}");
            assert!(sure(992, true) && sure(998, false) && sure(1000, false), "{name}");
            // What asks for worse is not taken with care, and nothing is above 1.
            let worse = requirement(name, Bound::Less, 0.993);
            assert!(surely_holds(&counted(992, false), &worse, Confidence::Usual), "{name}");
            let above = requirement(name, Bound::Greater, 1.0);
            assert!(!surely_holds(&counted(1000, false), &above, Confidence::Usual), "{name}");
        }
    }
}
