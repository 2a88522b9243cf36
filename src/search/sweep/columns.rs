//! The table of a sweep: its columns, and the cells of a row, as text.
//!
//! Columns are called as the fields of `eval --json` and of `show --json` are; of those by ε or by share of the inputs,
//! it stands behind an `@`. Must not know how a row came about, nor how cells are parted.

use super::axes::{Axes, Point};
use super::row::{Figures, Row};
use crate::evaluate::accuracy::{EPSILONS, SHARES};
use crate::network::Study;

/// A row, cell by cell.
pub type Cells = Vec<String>;

/// The columns of a sweep.
#[derive(Debug, Clone)]
pub struct Columns {
    /// Each has one.
    constants: Vec<String>,
    /// What is studied of fits, where somebody names it.
    studied: Vec<Studied>,
    /// At which accuracies are told, ascending.
    epsilons: Vec<f64>,
}

/// A column of what is studied, and what it says.
type Studied = (&'static str, fn(&Study) -> String);

impl Columns {
    /// Of a sweep over these axes, whose evaluations tell the accuracy at this ε too.
    pub fn of(axes: &Axes, epsilon: Option<f64>) -> Columns {
        let studies = &axes.studies;
        let studied: [(bool, Studied); 3] = [
            (!studies.freezes.is_empty(), ("fit.study.freeze", |study| study.freeze.name().to_owned())),
            (!studies.losses.is_empty(), ("fit.study.loss", |study| study.loss.name().to_owned())),
            (!studies.weights_on.is_empty(), ("fit.study.weight_on", |study| study.weight_on.to_string())),
        ];
        let mut epsilons: Vec<f64> = EPSILONS.into_iter().chain(epsilon).collect();
        epsilons.sort_by(f64::total_cmp);
        epsilons.dedup();
        Columns {
            constants: axes.constants.iter().map(|(name, _)| name.clone()).collect(),
            studied: studied.into_iter().filter(|(is_named, _)| *is_named).map(|(_, studied)| studied).collect(),
            epsilons,
        }
    }

    /// What they are called.
    pub fn names(&self) -> Vec<String> {
        let mut names = vec!["circuit".to_owned()];
        names.extend(self.constants.iter().cloned());
        names.extend(["construction", "opt_level"].map(String::from));
        names.extend(self.studied.iter().map(|(name, _)| (*name).to_owned()));
        names.extend(["width", "seed"].map(String::from));
        names.extend(SHAPE.map(String::from));
        names.extend(self.epsilons.iter().map(|epsilon| format!("accuracy@{epsilon}")));
        names.extend(SHARES.map(|share| format!("epsilon@{share}")));
        names.extend(REST.map(String::from));
        names
    }

    /// What the first of them say of a point, but for the circuit; `None`: what the file says, whatever that is.
    pub fn key(&self, point: &Point) -> Vec<Option<String>> {
        let constants = point.constants.iter().map(|(_, value)| Some(value.to_string()));
        let made = [Some(point.making.name().to_owned()), Some(point.making.level().number().to_string())];
        let study = point.making.study();
        let studied = self.studied.iter().map(|(_, said)| Some(study.as_ref().map_or(String::new(), said)));
        let asked = [point.width.map(|width| width.to_string()), point.seed.map(|seed| seed.to_string())];
        constants.chain(made).chain(studied).chain(asked).collect()
    }

    /// The cells of a row; `sweep` tells the sweep from others. What is not known is empty.
    pub fn cells(&self, row: &Row, sweep: &str) -> Cells {
        let mut cells = vec![row.circuit.clone()];
        let mut key = self.key(&row.point);
        let (width, seed) = (key.len() - 2, key.len() - 1);
        if let Some(shape) = &row.shape {
            key[seed] = Some(shape.seed.to_string());
        }
        if let Ok(figures) = &row.figures {
            key[width] = key[width].take().or(figures.width.map(|width| width.to_string()));
        }
        cells.extend(key.into_iter().map(Option::unwrap_or_default));
        match &row.shape {
            Some(shape) => cells.extend([
                shape.features.to_string(),
                shape.active_features.to_string(),
                shape.gates.to_string(),
                shape.layers.to_string(),
            ]),
            None => cells.extend(std::iter::repeat_n(String::new(), 4)),
        }
        match &row.figures {
            Ok(figures) => cells.extend(figures.cells(&self.epsilons)),
            // Up to `sweep`.
            Err(_) => cells.extend(std::iter::repeat_n(String::new(), 8 + self.epsilons.len() + SHARES.len() + 6)),
        }
        cells.push(sweep.to_owned());
        cells.push(row.figures.as_ref().err().cloned().unwrap_or_default());
        cells
    }
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
    use crate::network::Loss;
    use crate::program::Level;
    use crate::search::sweep::{Making, Studies};

    #[test]
    fn a_row_without_a_network_has_every_cell_and_says_why() {
        let studies = Studies { losses: vec![Loss::L4], ..Studies::default() };
        let axes = Axes { constants: vec![("M".into(), vec![-3])], studies, ..Axes::default() };
        let wired = (Making::Wired("channels".into(), Level::Solved), ["c", "-3", "channels", "1", "", "64", ""]);
        let study = Study { loss: Loss::L4, ..Study::default() };
        let fitted = (Making::Fitted(study), ["c", "-3", "fitted", "2", "l4", "64", ""]);
        for (making, first) in [wired, fitted] {
            let point = Point { constants: vec![("M".into(), -3)], making, width: Some(64), seed: None };
            let row = Row { circuit: "c".into(), point, shape: None, figures: Err("too narrow".into()) };
            for epsilon in [None, Some(0.4), Some(0.3)] {
                let columns = Columns::of(&axes, epsilon);
                let (names, cells) = (columns.names(), columns.cells(&row, "0123"));
                assert_eq!(names.len(), cells.len());
                assert_eq!(cells[..7], first);
                assert_eq!(cells[cells.len() - 2..], ["0123", "too narrow"]);
                let wanted = ["circuit", "M", "construction", "opt_level", "fit.study.loss", "width", "seed"];
                assert_eq!(names[..7], wanted);
                assert_eq!(names.contains(&"accuracy@0.3".to_string()), epsilon == Some(0.3));
            }
        }
    }
}
