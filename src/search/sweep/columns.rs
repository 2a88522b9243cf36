//! The table of a sweep: its columns, and the cells of a row, as text.
//!
//! Columns are called as the fields of `eval --json` and of `show --json` are; of those by ε or by share of the inputs,
//! it stands behind an `@`. Must not know how a row came about, nor how cells are parted.

use super::axes::Point;
use super::row::{Figures, Row};
use crate::evaluate::accuracy::{EPSILONS, SHARES};

/// A row, cell by cell.
pub type Cells = Vec<String>;

/// The columns of a sweep over these constants, whose evaluations tell the accuracy at this ε too.
pub fn columns(constants: &[String], epsilon: Option<f64>) -> Vec<String> {
    let mut columns = key_columns(constants);
    columns.extend(SHAPE.map(String::from));
    columns.extend(epsilons(epsilon).into_iter().map(|epsilon| format!("accuracy@{epsilon}")));
    columns.extend(SHARES.map(|share| format!("epsilon@{share}")));
    columns.extend(REST.map(String::from));
    columns
}

/// The first of them: which circuit it is, and which point of the grid.
fn key_columns(constants: &[String]) -> Vec<String> {
    let constants = constants.iter().map(String::as_str);
    let of_networks = ["construction", "opt_level", "width", "seed"];
    ["circuit"].into_iter().chain(constants).chain(of_networks).map(String::from).collect()
}

/// What follows, up to what is told by ε.
const SHAPE: [&str; 12] = [
    "features",
    "active_features",
    "gates",
    "layers",
    "neurons",
    "parameters",
    "samples",
    "eval_seed",
    "reliability",
    "reliability_low",
    "reliability_high",
    "output_reliability",
];

/// What follows behind that.
const REST: [&str; 8] = [
    "without_relu.reliability",
    "readoff",
    "fit.inputs",
    "fit.stopped",
    "closed_form",
    "fingerprint",
    "sweep",
    "reason",
];

/// At which accuracies are told, ascending.
fn epsilons(asked: Option<f64>) -> Vec<f64> {
    let mut all: Vec<f64> = EPSILONS.into_iter().chain(asked).collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

impl Point {
    /// What the key columns say of it, but for the circuit; `None`: what the file says, whatever that is.
    pub fn key(&self) -> Vec<Option<String>> {
        let constants = self.constants.iter().map(|(_, value)| Some(value.to_string()));
        let made = [Some(self.making.name().to_owned()), Some(self.making.level().number().to_string())];
        let asked = [self.width.map(|width| width.to_string()), self.seed.map(|seed| seed.to_string())];
        constants.chain(made).chain(asked).collect()
    }
}

impl Row {
    /// Its cells, in the order of [`columns`]; `sweep` tells the sweep from others. What is not known is empty.
    pub fn cells(&self, epsilon: Option<f64>, sweep: &str) -> Cells {
        let mut cells = vec![self.circuit.clone()];
        let mut key = self.point.key();
        let (width, seed) = (key.len() - 2, key.len() - 1);
        if let Some(shape) = &self.shape {
            key[seed] = Some(shape.seed.to_string());
        }
        if let Ok(figures) = &self.figures {
            key[width] = key[width].take().or(figures.width.map(|width| width.to_string()));
        }
        cells.extend(key.into_iter().map(Option::unwrap_or_default));
        match &self.shape {
            Some(shape) => cells.extend([
                shape.features.to_string(),
                shape.active_features.to_string(),
                shape.gates.to_string(),
                shape.layers.to_string(),
            ]),
            None => cells.extend(std::iter::repeat_n(String::new(), 4)),
        }
        let n_epsilons = epsilons(epsilon).len();
        match &self.figures {
            Ok(figures) => cells.extend(figures.cells(&epsilons(epsilon))),
            // Up to `sweep`.
            Err(_) => cells.extend(std::iter::repeat_n(String::new(), 8 + n_epsilons + SHARES.len() + 6)),
        }
        cells.push(sweep.to_owned());
        cells.push(self.figures.as_ref().err().cloned().unwrap_or_default());
        cells
    }
}

impl Figures {
    fn cells(&self, epsilons: &[f64]) -> Cells {
        let report = &self.report;
        let [low, high] = report.reliability_interval;
        let mut cells = vec![
            report.widths.iter().sum::<usize>().to_string(),
            report.parameters.to_string(),
            report.samples.to_string(),
            report.eval_seed.to_string(),
            number(report.reliability),
            number(low),
            number(high),
            number(report.output_reliability),
        ];
        let within = |&epsilon: &f64| report.accuracy.iter().find(|accuracy| accuracy.epsilon == epsilon);
        cells.extend(epsilons.iter().map(|e| within(e).map_or(String::new(), |found| number(found.share.value()))));
        let on = |share: f64| report.epsilon.iter().find(|quantile| quantile.share == share);
        cells.extend(SHARES.map(|share| match on(share) {
            // As the number was measured, in f32.
            Some(quantile) if quantile.epsilon.is_finite() => quantile.epsilon.to_string(),
            _ => String::new(),
        }));
        let fit = report.fit.as_ref();
        cells.extend([
            report.without_relu.as_ref().map_or(String::new(), |without| number(without.reliability)),
            report.readoff.to_owned(),
            fit.map_or(String::new(), |fit| fit.inputs.to_string()),
            fit.map_or(String::new(), |fit| fit.stopped.name().to_owned()),
            fit.filter(|fit| fit.is_closed_form).map_or(String::new(), |_| report.construction.clone()),
            report.fingerprint.clone(),
        ]);
        cells
    }
}

fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Level;
    use crate::search::sweep::Making;

    #[test]
    fn a_row_without_a_network_has_every_cell_and_says_why() {
        let constants = vec!["M".to_string()];
        let making = Making::Wired("channels".into(), Level::Solved);
        let point = Point { constants: vec![("M".into(), -3)], making, width: Some(64), seed: None };
        let row = Row { circuit: "c".into(), point, shape: None, figures: Err("too narrow".into()) };
        for epsilon in [None, Some(0.4), Some(0.3)] {
            let (columns, cells) = (columns(&constants, epsilon), row.cells(epsilon, "0123"));
            assert_eq!(columns.len(), cells.len());
            assert_eq!(cells[..6], ["c", "-3", "channels", "1", "64", ""]);
            assert_eq!(cells[cells.len() - 2..], ["0123", "too narrow"]);
            assert_eq!(columns[..6], ["circuit", "M", "construction", "opt_level", "width", "seed"]);
            assert_eq!(columns.contains(&"accuracy@0.3".to_string()), epsilon == Some(0.3));
        }
    }
}
