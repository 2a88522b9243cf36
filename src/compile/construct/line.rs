//! An affine read-off of a sum, and the best one where the sum is exact.
//!
//! Must not know what the sum is of.

/// r = slope · u + offset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    pub slope: f64,
    pub offset: f64,
}

impl Line {
    pub const fn constant(offset: f64) -> Line {
        Line { slope: 0.0, offset }
    }

    pub fn at(&self, u: f64) -> f64 {
        self.slope * u + self.offset
    }

    /// The line whose greatest distance from a target is least (Chebyshev's), where the target is off with u between
    /// these two values, and on with u between those: ½ u − ¼ for an AND of two, never further away than ¼; for an
    /// XOR ½, wherever it is.
    ///
    /// What must be touched are the four ends alone. The width of the strip of a slope that holds them is convex in the
    /// slope, and bends at slopes of edges of their hull: the best slopes lie between some of those. Where there are
    /// several, as for a mux, it is the one in the middle.
    pub fn nearest(off: Option<[f64; 2]>, on: Option<[f64; 2]>) -> Line {
        let (off, on) = match (off, on) {
            (Some(off), Some(on)) => (off, on),
            (_, on) => return Line::constant(if on.is_some() { 1.0 } else { 0.0 }),
        };
        let strip = |slope: f64| {
            let rests = [-slope * off[0], -slope * off[1], 1.0 - slope * on[0], 1.0 - slope * on[1]];
            [rests.into_iter().fold(f64::INFINITY, f64::min), rests.into_iter().fold(f64::NEG_INFINITY, f64::max)]
        };
        let width = |slope: f64| strip(slope)[1] - strip(slope)[0];
        let runs = [on[0] - off[0], on[1] - off[1]].into_iter().filter(|&run| run != 0.0);
        let edges: Vec<f64> = runs.map(|run| 1.0 / run).chain([0.0]).collect();
        let least = edges.iter().map(|&slope| width(slope)).fold(f64::INFINITY, f64::min);
        let best = || edges.iter().copied().filter(|&slope| width(slope) < least + 1e-12);
        let slope = (best().fold(f64::INFINITY, f64::min) + best().fold(f64::NEG_INFINITY, f64::max)) / 2.0;
        Line { slope, offset: strip(slope).iter().sum::<f64>() / 2.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_line_touches_a_target_on_both_sides() {
        let nearest =
            |off: [i64; 2], on: [i64; 2]| Line::nearest(Some(off.map(|u| u as f64)), Some(on.map(|u| u as f64)));
        let line = |slope, offset| Line { slope, offset };
        assert_eq!(nearest([0, 1], [2, 2]), line(0.5, -0.25), "a & b");
        assert_eq!(nearest([0, 0], [1, 2]), line(0.5, 0.25), "a | b");
        assert_eq!(nearest([-1, 0], [1, 1]), line(0.5, 0.25), "a & !b");
        assert_eq!(nearest([0, 0], [1, 1]), line(1.0, 0.0), "a");
        assert_eq!(nearest([0, 2], [1, 1]), line(0.0, 0.5), "a ^ b");
        assert_eq!(nearest([0, 1], [1, 2]), line(0.5, 0.0), "s ? a : b");
        assert_eq!(Line::nearest(Some([0.0, 3.0]), None), line(0.0, 0.0));
        assert_eq!(Line::nearest(None, Some([0.0, 3.0])), line(0.0, 1.0));
    }

    /// Against every line of a fine grid.
    #[test]
    fn no_line_is_nearer() {
        let distance = |line: Line, off: [f64; 2], on: [f64; 2]| {
            let off = off.map(|u| line.at(u).abs());
            let on = on.map(|u| (line.at(u) - 1.0).abs());
            off.into_iter().chain(on).fold(0.0, f64::max)
        };
        for (off, on) in [([0, 2], [3, 3]), ([0, 1], [2, 9]), ([-3, 1], [2, 2]), ([0, 9], [1, 7]), ([-2, 5], [-4, 9])] {
            let (off, on) = (off.map(f64::from), on.map(f64::from));
            let least = distance(Line::nearest(Some(off), Some(on)), off, on);
            for slope in -100..=100 {
                for offset in -100..=200 {
                    let line = Line { slope: f64::from(slope) / 100.0, offset: f64::from(offset) / 100.0 };
                    assert!(
                        distance(line, off, on) >= least - 1e-12,
                        "{off:?} {on:?}: {line:?} is nearer than {least}"
                    );
                }
            }
        }
    }
}
