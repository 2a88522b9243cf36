//! A target as what the signed sum of its literals tells of it: all that an affine read-off can know.
//!
//! For a threshold of the sum (AND, OR, a majority) the sum tells everything, with one step. Others step up and down
//! (XOR, `exactly`), and of a mux, whose select drops out of the sum, some values of the sum tell nothing.
//!
//! Must not know how the sum is read, nor how often it has which value.

use super::line::Line;
use super::staircase::{DeadZone, Staircase, gathered, ramps};
use crate::circuit::Signal;
use crate::compile::layer::LayerTask;

/// u = Σ weight · stored signal, and what it tells. A threshold is on where u is large.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    /// Stored signals, ascending, each once, no zero weights.
    pub weights: Vec<(Signal, i64)>,
    /// From this value of u on, what it tells; ascending, the first from the least value of u.
    runs: Vec<(i64, Told)>,
    /// The greatest value of u.
    highest: i64,
}

/// The stored value of the target, as far as the sum tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    Off,
    On,
    Nothing,
}

/// What targets have in common that are the same function of a sum of the same weights.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SumKind {
    /// Ascending.
    weights: Vec<i64>,
    runs: Vec<(i64, Told)>,
}

impl Sum {
    pub fn of(task: &LayerTask, target_idx: usize) -> Sum {
        match Staircase::of(task, target_idx) {
            Some(staircase) => {
                let range = staircase.range();
                let highest = *range.end();
                let told = |u| (u, if staircase.value(u) { Told::On } else { Told::Off });
                Sum { runs: runs(range.map(told)), highest, weights: staircase.weights }.upward()
            }
            None => Sum::of_mux(task, target_idx),
        }
    }

    /// With the sum negated, where it is a threshold that u must fall below.
    fn upward(self) -> Sum {
        let [(lowest, Told::On), (step, Told::Off)] = self.runs[..] else { return self };
        Sum {
            weights: self.weights.into_iter().map(|(signal, weight)| (signal, -weight)).collect(),
            runs: vec![(-self.highest, Told::Off), (1 - step, Told::On)],
            highest: -lowest,
        }
    }

    /// The sum of both ramps of a mux.
    fn of_mux(task: &LayerTask, target_idx: usize) -> Sum {
        let ramps = ramps(task, target_idx, DeadZone::AtRest);
        let terms = ramps.iter().flat_map(|ramp| ramp.weights.iter().map(|&(signal, weight)| (signal, weight as i64)));
        let mut weights = gathered(terms.collect());
        weights.retain(|term| term.1 != 0);
        // A select and two operands have eight patterns.
        let operands = task.operands(target_idx);
        let mut seen: Vec<(i64, Told)> = Vec::new();
        for pattern in 0..1u32 << operands.len() {
            let on = |signal| operands.iter().zip(0..).any(|(&o, idx)| o == signal && pattern >> idx & 1 == 1);
            let u = weights.iter().filter(|term| on(term.0)).map(|term| term.1).sum();
            let value: f32 = ramps.iter().map(|ramp| ramp.value(|signal| f32::from(u8::from(on(signal))))).sum();
            seen.push((u, if value > 0.5 { Told::On } else { Told::Off }));
        }
        seen.sort_unstable();
        seen.dedup();
        let same_sum = seen.chunk_by(|a, b| a.0 == b.0);
        let told = same_sum.map(|seen| (seen[0].0, if seen.len() == 1 { seen[0].1 } else { Told::Nothing }));
        Sum { runs: runs(told), highest: seen.last().map_or(0, |last| last.0), weights }
    }

    /// The line over the exact sum that lies nearest to the target.
    pub fn nearest_line(&self) -> Line {
        let ends = |is_on| self.range_of(is_on).map(|ends| ends.map(|u| u as f64));
        Line::nearest(ends(false), ends(true))
    }

    /// The least and the greatest value of the sum with which the target can have this stored value.
    pub fn range_of(&self, value: bool) -> Option<[i64; 2]> {
        let wanted = if value { Told::On } else { Told::Off };
        let ends = self.runs.iter().skip(1).map(|run| run.0 - 1).chain([self.highest]);
        let mut fitting =
            self.runs.iter().zip(ends).filter(|(run, _)| run.1 == wanted || run.1 == Told::Nothing).peekable();
        let lowest = fitting.peek()?.0.0;
        Some([lowest, fitting.last()?.1])
    }

    /// Whether the target steps once: with an exact sum a threshold is always right.
    pub fn is_threshold(&self) -> bool {
        self.runs.len() <= 2 && self.runs.iter().all(|run| run.1 != Told::Nothing)
    }

    pub fn kind(&self) -> SumKind {
        let mut weights: Vec<i64> = self.weights.iter().map(|term| term.1).collect();
        weights.sort_unstable();
        SumKind { weights, runs: self.runs.clone() }
    }
}

/// Values of u, ascending, as runs of those that tell the same.
fn runs(values: impl Iterator<Item = (i64, Told)>) -> Vec<(i64, Told)> {
    let mut runs: Vec<(i64, Told)> = values.collect();
    runs.dedup_by(|next, kept| next.1 == kept.1);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::by_hand::{self, off, on};
    use crate::circuit::{Distribution, Kind, Literal};

    fn sums(gates: Vec<(Kind, Vec<Literal>)>) -> Vec<Sum> {
        let circuit = by_hand::circuit(4, &[gates], Distribution::default());
        let task = LayerTask::new(&circuit, 0);
        (0..task.targets.len()).map(|target_idx| Sum::of(&task, target_idx)).collect()
    }

    #[test]
    fn a_sum_tells_a_threshold_everything_and_others_less() {
        let all = [on(0), on(1), on(2)];
        let sums = sums(vec![
            (Kind::And, all.to_vec()),
            (Kind::AtLeast(2), all.to_vec()),
            (Kind::Xor, all.to_vec()),
            (Kind::Exactly(1), all.to_vec()),
            (Kind::Mux, all.to_vec()),
            (Kind::And, vec![on(0), off(1)]),
            (Kind::Nor, vec![on(0), on(1)]),
        ]);
        let ranges = |sum: &Sum| [sum.range_of(false).unwrap(), sum.range_of(true).unwrap()];
        let found: Vec<_> = sums.iter().map(|sum| (ranges(sum), sum.is_threshold())).collect();
        assert_eq!(
            found,
            [
                ([[0, 2], [3, 3]], true),
                ([[0, 1], [2, 3]], true),
                ([[0, 2], [1, 3]], false),
                ([[0, 3], [1, 1]], false),
                ([[0, 1], [1, 2]], false),
                ([[-1, 0], [1, 1]], true),
                ([[0, 0], [1, 2]], true),
            ]
        );
        assert_eq!(sums[4].weights, [(Signal(1), 1), (Signal(2), 1)], "the select of a mux tells nothing by itself");
    }

    #[test]
    fn gates_are_of_a_kind_that_are_the_same_function_of_as_many_literals() {
        let kinds: Vec<SumKind> = sums(vec![
            (Kind::And, vec![on(0), on(1)]),
            (Kind::And, vec![on(3), on(2)]),
            (Kind::Nor, vec![off(0), off(3)]),
            (Kind::And, vec![on(0), off(1)]),
            (Kind::Or, vec![on(0), on(1)]),
            (Kind::AtLeast(2), vec![on(0), on(0), on(1)]),
        ])
        .iter()
        .map(Sum::kind)
        .collect();
        assert!(kinds[..3].iter().all(|kind| *kind == kinds[0]));
        let distinct: std::collections::BTreeSet<&SumKind> = kinds.iter().collect();
        assert_eq!(distinct.len(), 4);
    }
}
