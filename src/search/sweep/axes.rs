//! The grid: what differs from point to point, and in which order points come.

use crate::network::{Freeze, Loss, Study};
use crate::program::Level;

/// What differs. A point has one value of each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Axes {
    /// Constants of the file, each with its values; all others are as the file has them.
    pub constants: Vec<(String, Vec<i64>)>,
    /// By name.
    pub constructions: Vec<String>,
    pub levels: Vec<Level>,
    /// Of fits; each as a fit does it by itself where nothing is named.
    pub studies: Studies,
    /// Neurons of every layer; `None`: as the file says.
    pub widths: Vec<Option<u32>>,
    /// `None`: the file's.
    pub seeds: Vec<Option<u64>>,
}

/// What is studied of fits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Studies {
    pub freezes: Vec<Freeze>,
    pub losses: Vec<Loss>,
    pub weights_on: Vec<f32>,
}

/// How gates become neurons.
#[derive(Debug, Clone, PartialEq)]
pub enum Making {
    /// By a construction, at a level below the fit.
    Wired(String, Level),
    Fitted(Study),
}

/// One network.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Constants by name.
    pub constants: Vec<(String, i64)>,
    pub making: Making,
    pub width: Option<u32>,
    pub seed: Option<u64>,
}

impl Making {
    pub fn level(&self) -> Level {
        match self {
            Making::Wired(_, level) => *level,
            Making::Fitted(_) => Level::Fitted,
        }
    }

    /// The name of its construction; all weights of a fit are its own.
    pub fn name(&self) -> &str {
        match self {
            Making::Wired(construction, _) => construction,
            Making::Fitted(_) => "fitted",
        }
    }

    /// Of a fit.
    pub fn study(&self) -> Option<Study> {
        match self {
            Making::Wired(..) => None,
            Making::Fitted(study) => Some(*study),
        }
    }
}

impl Studies {
    /// Every choice of one of each.
    fn all(&self) -> Vec<Study> {
        let usual = Study::default();
        let mut studies = Vec::new();
        for &freeze in or_usual(&self.freezes, &usual.freeze) {
            for &loss in or_usual(&self.losses, &usual.loss) {
                for &weight_on in or_usual(&self.weights_on, &usual.weight_on) {
                    studies.push(Study { loss, weight_on, freeze });
                }
            }
        }
        studies
    }
}

fn or_usual<'a, T>(named: &'a [T], usual: &'a T) -> &'a [T] {
    if named.is_empty() { std::slice::from_ref(usual) } else { named }
}

impl Axes {
    /// All points: by constants, the first slowest, then by construction and level, fits last, by what is frozen, by
    /// loss and by weight; then by width; then by seed.
    pub fn points(&self) -> Vec<Point> {
        let makings = self.makings();
        let mut points = Vec::new();
        for constants in self.settings() {
            for making in &makings {
                for &width in &self.widths {
                    for &seed in &self.seeds {
                        points.push(Point { constants: constants.clone(), making: making.clone(), width, seed });
                    }
                }
            }
        }
        points
    }

    /// How many points there are.
    pub fn n_points(&self) -> usize {
        let of_constants = self.constants.iter().map(|(_, values)| values.len());
        let of_others = [self.makings().len(), self.widths.len(), self.seeds.len()];
        of_constants.chain(of_others).fold(1, usize::saturating_mul)
    }

    /// A fit is the same whatever the construction.
    fn makings(&self) -> Vec<Making> {
        let wired = self.levels.iter().filter(|&&level| level != Level::Fitted);
        let mut makings: Vec<Making> = Vec::new();
        for construction in &self.constructions {
            makings.extend(wired.clone().map(|&level| Making::Wired(construction.clone(), level)));
        }
        if self.levels.contains(&Level::Fitted) {
            makings.extend(self.studies.all().into_iter().map(Making::Fitted));
        }
        makings
    }

    /// Every choice of values for all constants.
    fn settings(&self) -> Vec<Vec<(String, i64)>> {
        let mut settings = vec![Vec::new()];
        for (name, values) in &self.constants {
            let with = |begun: &Vec<(String, i64)>, &value: &i64| {
                begun.iter().cloned().chain([(name.clone(), value)]).collect::<Vec<_>>()
            };
            settings = settings.iter().flat_map(|begun| values.iter().map(move |value| with(begun, value))).collect();
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes() -> Axes {
        Axes {
            constants: vec![("M".into(), vec![8, 16]), ("S".into(), vec![2, 3])],
            constructions: vec!["channels".into(), "linear".into()],
            levels: vec![Level::Published, Level::Solved, Level::Fitted],
            studies: Studies::default(),
            widths: vec![Some(64), Some(32)],
            seeds: vec![Some(1), Some(2)],
        }
    }

    #[test]
    fn a_fit_is_one_row_whatever_the_constructions() {
        let points = axes().points();
        assert_eq!(points.len(), 2 * 2 * (2 * 2 + 1) * 2 * 2);
        assert_eq!(points.len(), axes().n_points());
        let of = |point: &Point| (point.making.name().to_owned(), point.making.level().number());
        let mut makings: Vec<_> = points[..20].iter().map(of).collect();
        makings.dedup();
        let wanted = [("channels", 0), ("channels", 1), ("linear", 0), ("linear", 1), ("fitted", 2)];
        assert_eq!(makings, wanted.map(|(name, level)| (name.to_owned(), level)));
    }

    #[test]
    fn what_is_studied_differs_from_fit_to_fit() {
        let studies =
            Studies { losses: vec![Loss::Margin, Loss::L4], weights_on: vec![1.0, 10.0], ..Studies::default() };
        let points = Axes { studies, ..axes() }.points();
        assert_eq!(points.len(), 2 * 2 * (2 * 2 + 4) * 2 * 2);
        let mut found: Vec<Study> = points[..32].iter().filter_map(|point| point.making.study()).collect();
        found.dedup();
        let of = |(loss, weight_on)| Study { loss, weight_on, freeze: Freeze::None };
        let wanted = [(Loss::Margin, 1.0), (Loss::Margin, 10.0), (Loss::L4, 1.0), (Loss::L4, 10.0)];
        assert_eq!(found, wanted.map(of));
    }

    #[test]
    fn the_first_constant_is_slowest_and_the_seed_fastest() {
        let points = axes().points();
        let constants = |idx: usize| points[idx].constants.iter().map(|(_, value)| *value).collect::<Vec<_>>();
        assert_eq!([0, 19, 20, 40, 79].map(constants), [vec![8, 2], vec![8, 2], vec![8, 3], vec![16, 2], vec![16, 3]]);
        let next = |idx: usize| (points[idx].width, points[idx].seed);
        assert_eq!([0, 1, 2].map(next), [(Some(64), Some(1)), (Some(64), Some(2)), (Some(32), Some(1))]);
    }
}
