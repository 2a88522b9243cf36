//! What a network is to reach where nobody says otherwise, or where the command line does.
//!
//! Must not know how that is measured, nor how it is reached.

use super::{Program, Sides};

/// Every read-off strictly within ε of the truth, or on the right side of its threshold, on more than this share of the
/// inputs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// `None`: only sides count.
    pub epsilon: Option<f64>,
    pub bound: f64,
}

impl Goal {
    /// Where nobody says otherwise.
    pub const EPSILON: f64 = 0.45;
    pub const BOUND: f64 = 0.999;

    /// What these ask for; `None` where they say nothing and the program's `require` asks for something of its own.
    pub fn of(program: &Program, sides: Sides, epsilon: Option<f64>, bound: Option<f64>) -> Option<Goal> {
        let is_given = epsilon.is_some() || bound.is_some();
        let is_required = program.requirements.iter().any(|requirement| requirement.asks_for_better());
        (is_given || !is_required).then(|| Goal {
            epsilon: (sides == Sides::Two).then(|| epsilon.unwrap_or(Goal::EPSILON)),
            bound: bound.unwrap_or(Goal::BOUND),
        })
    }

    /// As a line of `require` says it.
    pub fn text(&self) -> String {
        match self.epsilon {
            Some(epsilon) => format!("accuracy({epsilon}) > {}", self.bound),
            None => format!("reliability > {}", self.bound),
        }
    }
}
