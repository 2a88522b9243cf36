//! Read-offs of a gate from random neurons, in closed form: what each neuron is expected to do in each case of the
//! gate's operands is known, and weights follow.
//!
//! Must not know how neurons are drawn, nor which gates there are.

use ndarray::{Array2, ArrayView2};

use super::expected::Moments;
use crate::compile::construct::line::Line;
use crate::compile::construct::staircase;
use crate::linear;

/// A gate, and the neurons in each of its cases; a case is which operands are on, as bits.
pub struct Cases<'a> {
    /// By case, the stored value of the gate.
    pub values: &'a [f64],
    /// By case, whether the circuit's inputs show it.
    pub happens: &'a [bool],
    /// [n, cases]: of the neuron there; nothing where it does not happen.
    pub moments: ArrayView2<'a, Moments>,
    /// By neuron, which of the gate's weights are positive, as bits.
    pub signs: &'a [usize],
    /// [n, cases]: what the neuron would do were there no rest.
    pub alone: ArrayView2<'a, f64>,
}

/// A row of R and its offset.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub weights: Vec<f64>,
    pub offset: f64,
}

/// A further reading than this from what was to be read is none.
const FAR: f64 = 1e-3;

/// Share of the mean diagonal that is added before conditions are solved: little enough to be right to [`FAR`].
const RIDGE: f64 = 1e-10;

/// An affine reading is no further than ½ from anything.
const NOTHING: f64 = 0.5 - 1e-6;

impl Cases<'_> {
    fn n(&self) -> usize {
        self.signs.len()
    }

    fn that_happen(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.values.len()).filter(|&case| self.happens[case])
    }

    /// What a row is expected to read in a case.
    fn reading(&self, row: &Row, case: usize) -> f64 {
        let of = |(weight, neuron): (&f64, usize)| weight * self.moments[[neuron, case]].mean;
        row.offset + row.weights.iter().zip(0..).map(of).sum::<f64>()
    }

    /// The standard deviation of what it reads, in the case where that is greatest: neurons are independent given the
    /// operands.
    pub fn noise(&self, row: &Row) -> f64 {
        let variance = |case: usize| {
            let of = |(weight, neuron): (&f64, usize)| {
                let Moments { mean, square } = self.moments[[neuron, case]];
                weight * weight * (square - mean * mean)
            };
            row.weights.iter().zip(0..).map(of).sum::<f64>()
        };
        libm::sqrt(self.that_happen().map(variance).fold(0.0, f64::max))
    }

    /// One weight for each pattern of signs, such that the expectation is right in every case that happens; of these
    /// the least: four constants and four conditions for a gate of two operands. `None`: no weights do that.
    pub fn by_conditions(&self) -> Option<Row> {
        let n_patterns = self.values.len();
        let mut n_of = vec![0usize; n_patterns];
        self.signs.iter().for_each(|&pattern| n_of[pattern] += 1);
        let cases: Vec<usize> = self.that_happen().collect();
        // M over the square root of how many neurons share a weight: [cases, patterns].
        let mut scaled = Array2::<f64>::zeros((cases.len(), n_patterns));
        for (neuron, &pattern) in self.signs.iter().enumerate() {
            let root = libm::sqrt(n_of[pattern] as f64);
            for (row, &case) in cases.iter().enumerate() {
                scaled[[row, pattern]] += self.moments[[neuron, case]].mean / root;
            }
        }
        // Without a rest nothing is on in one case, and its condition says nothing.
        let mut gram = linear::product(&scaled, &scaled.t().to_owned());
        linear::add_ridge(&mut gram, RIDGE);
        let gram = linear::inverse(gram);
        let values = Array2::from_shape_fn((cases.len(), 1), |(row, _)| self.values[cases[row]]);
        let constants = linear::product(&scaled.t().to_owned(), &linear::product(&gram, &values));
        let of = |&pattern: &usize| constants[[pattern, 0]] / libm::sqrt(n_of[pattern] as f64);
        let row = Row { weights: self.signs.iter().map(of).collect(), offset: 0.0 };
        let is_right = |&case: &usize| (self.reading(&row, case) - self.values[case]).abs() < FAR;
        (self.that_happen().all(|case| is_right(&case)) && self.noise(&row).is_finite()).then_some(row)
    }

    /// For each conjunction that the gate is a sum of, the expected activation when all its operands are on, less what
    /// fewer of them do: uncorrelated with whatever any of them does without the others. `None`: neurons do nothing
    /// of the kind.
    pub fn by_expectation(&self) -> Option<Row> {
        let mut weights = vec![0.0; self.n()];
        for (subset, coefficient) in self.conjunctions() {
            let joint = |neuron: usize| {
                let parts = subsets(subset).map(|part| {
                    let sign = if (subset ^ part).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
                    sign * self.moments[[neuron, part]].mean
                });
                parts.sum::<f64>()
            };
            let joint: Vec<f64> = (0..self.n()).map(joint).collect();
            let power: f64 = joint.iter().map(|value| value * value).sum();
            if power < FAR * FAR * self.n() as f64 {
                return None;
            }
            weights.iter_mut().zip(&joint).for_each(|(weight, value)| *weight += coefficient * value / power);
        }
        Some(Row { weights, offset: 0.0 })
    }

    /// What the neuron itself does for the operands of each conjunction alone, less the mean over neurons, and of what
    /// that reads the nearest line. `None`: the gate steps up and down with it.
    pub fn plainly(&self) -> Option<Row> {
        let mut weights = vec![0.0; self.n()];
        for (subset, coefficient) in self.conjunctions() {
            let mean = self.alone.column(subset).sum() / self.n() as f64;
            let alone = self.alone.column(subset);
            weights.iter_mut().zip(alone).for_each(|(weight, value)| *weight += coefficient * (value - mean));
        }
        let row = Row { weights, offset: 0.0 };
        let ends = |is_on: bool| {
            let cases = self.that_happen().filter(|&case| (self.values[case] > 0.5) == is_on);
            let readings = cases.map(|case| self.reading(&row, case));
            readings.fold(None, |ends: Option<[f64; 2]>, reading| match ends {
                None => Some([reading, reading]),
                Some([low, high]) => Some([low.min(reading), high.max(reading)]),
            })
        };
        let line = Line::nearest(ends(false), ends(true));
        let Row { mut weights, offset } = row;
        weights.iter_mut().for_each(|weight| *weight *= line.slope);
        let row = Row { weights, offset: line.at(offset) };
        let error = |case: usize| (self.reading(&row, case) - self.values[case]).abs();
        (self.that_happen().all(|case| error(case) < NOTHING)).then_some(row)
    }

    /// The conjunctions that the gate is a sum of, as subsets of its operands; what never happens is left out.
    fn conjunctions(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        let coefficients = staircase::conjunctions(self.values.to_vec()).into_iter().enumerate();
        coefficients.filter(|&(subset, coefficient)| coefficient != 0.0 && self.happens[subset])
    }
}

/// Of a set of bits, with itself and with none.
fn subsets(set: usize) -> impl Iterator<Item = usize> {
    (0..=set).filter(move |part| part & !set == 0)
}
