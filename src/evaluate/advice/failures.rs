//! Failures, counted by what gates have in common.
//!
//! Must not know why there are any.

use std::collections::BTreeMap;

use crate::evaluate::parts::{ClassReport, GateReport};

/// The lowest layer with this share of all failures is the one to widen: what is wrong below is wrong above.
const BLAMED_FROM: f64 = 1.0 / 3.0;

/// Whether a gate ever fails: read wrong, or else so far off.
pub fn is_failing(gate: &GateReport, epsilon: Option<f64>) -> bool {
    epsilon.map_or(gate.wrong > 0, |epsilon| !is_within(gate.error_max, epsilon))
}

fn is_within(error: f32, epsilon: f64) -> bool {
    error < epsilon as f32
}

/// Failures, counted apart: plain inputs on which a gate is read wrong, or else gates that are ever so far off.
pub struct Failures {
    pub all: u64,
    pub by_layer: BTreeMap<u32, u64>,
    pub by_kind: BTreeMap<&'static str, u64>,
    /// With none, some and all of the operands on.
    pub by_class: [u64; 3],
}

impl Failures {
    pub fn of(gates: &[&GateReport], epsilon: Option<f64>) -> Failures {
        let mut failures = Failures { all: 0, by_layer: BTreeMap::new(), by_kind: BTreeMap::new(), by_class: [0; 3] };
        for gate in gates {
            let classes = [gate.classes.none, gate.classes.some, gate.classes.all];
            let (n, by_class) = match epsilon {
                None => (gate.plain_wrong.iter().sum(), gate.plain_wrong),
                Some(epsilon) => {
                    let is_failing = u64::from(is_failing(gate, Some(epsilon)));
                    (is_failing, classes.map(|class| u64::from(is_off(&class, epsilon))))
                }
            };
            failures.all += n;
            *failures.by_layer.entry(gate.layer).or_default() += n;
            *failures.by_kind.entry(gate.kind).or_default() += n;
            failures.by_class.iter_mut().zip(by_class).for_each(|(sum, n)| *sum += n);
        }
        failures
    }

    /// The lowest layer that many failures are in.
    pub fn lowest_to_blame(&self) -> Option<usize> {
        let is_blamed = |n: u64| n > 0 && n as f64 >= BLAMED_FROM * self.all as f64;
        self.by_layer.iter().find(|(_, n)| is_blamed(**n)).map(|(&layer, _)| layer as usize)
    }
}

fn is_off(class: &ClassReport, epsilon: f64) -> bool {
    class.error_max.is_some_and(|error| !is_within(error, epsilon))
}
