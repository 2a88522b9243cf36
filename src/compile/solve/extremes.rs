//! A line and a threshold for many read-offs at once, from the extremes of what they read.
//!
//! Of one input only four sums matter: the least and the greatest of the read-offs that should be off, and of those
//! that should be on. Read as a·u + c, the worst error of the input is that of one of the four.
//!
//! Must not know where sums come from.

use crate::compile::construct::Line;

/// The least and greatest sum on one input, of what is off and of what is on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extremes {
    pub off: Ends,
    pub on: Ends,
}

/// An interval of sums; empty where nothing was added.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ends {
    pub least: f32,
    pub greatest: f32,
}

impl Ends {
    pub const NONE: Ends = Ends { least: f32::INFINITY, greatest: f32::NEG_INFINITY };

    pub fn add(&mut self, sum: f32) {
        self.least = self.least.min(sum);
        self.greatest = self.greatest.max(sum);
    }

    pub fn is_empty(&self) -> bool {
        self.least > self.greatest
    }

    fn middle(&self) -> f64 {
        (f64::from(self.least) + f64::from(self.greatest)) / 2.0
    }

    /// What a line makes of it.
    fn read(&self, line: Line) -> [f64; 2] {
        let (a, b) = (line.at(f64::from(self.least)), line.at(f64::from(self.greatest)));
        [a.min(b), a.max(b)]
    }
}

impl Extremes {
    pub const NONE: Extremes = Extremes { off: Ends::NONE, on: Ends::NONE };

    /// Thresholds that are right on the input: from the first on, and below the second.
    fn right_between(&self, line: Line) -> [f64; 2] {
        let greatest_off = if self.off.is_empty() { f64::NEG_INFINITY } else { self.off.read(line)[1] };
        let least_on = if self.on.is_empty() { f64::INFINITY } else { self.on.read(line)[0] };
        [greatest_off, least_on]
    }

    /// What an offset must lie between for the input to be within 0 of the truth, with a line of this slope: the
    /// greatest first, so that an offset c has the worst error max(greatest − c, c − least).
    fn offsets(&self, slope: f64) -> [f64; 2] {
        let line = Line { slope, offset: 0.0 };
        let mut offsets = [f64::NEG_INFINITY, f64::INFINITY];
        for (ends, truth) in [(self.off, 0.0), (self.on, 1.0)] {
            if !ends.is_empty() {
                let [least, greatest] = ends.read(line);
                offsets = [offsets[0].max(truth - least), offsets[1].min(truth - greatest)];
            }
        }
        offsets
    }
}

/// How a kind of target is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    pub line: Line,
    pub threshold: f64,
    /// Whether ½ is as near as any line: all that is read then is on which side.
    pub is_side: bool,
}

impl Rule {
    const fn near(line: Line, threshold: f64) -> Rule {
        Rule { line, threshold, is_side: false }
    }
}

/// What a kind of target shows, input by input.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// With one of the kind on: the first are of the distribution, the rest was drawn because these are too few.
    on: Vec<Extremes>,
    n_plain_on: usize,
    /// With none.
    off: Vec<Extremes>,
}

/// How far read-offs lean from ½, over all sums that were seen, where no line is nearer: they are then as good as none,
/// but a threshold still serves.
const LEAN: f64 = 1.0 / 2048.0;

/// Sums no further apart than this are the same.
const ROUNDING: f64 = 1e-4;

/// What a plain input counts, beside one that was drawn for what it shows: this decides where those leave it open.
const PLAIN: u64 = 1 << 20;

impl Shown {
    /// Adds a plain input. They come first.
    pub fn add(&mut self, extremes: Extremes) {
        if extremes.on.is_empty() {
            self.off.push(extremes);
        } else {
            self.on.push(extremes);
            self.n_plain_on = self.on.len();
        }
    }

    /// Adds an input that was drawn because a target is on.
    pub fn add_drawn(&mut self, sum: f32) {
        let mut extremes = Extremes::NONE;
        extremes.on.add(sum);
        self.on.push(extremes);
    }

    pub fn n_on(&self) -> usize {
        self.on.len()
    }

    /// The rule with the least ε such that every read-off is within ε of the truth on a `share` of the inputs with
    /// one on, and of those with none: what is rare is not given up. Its threshold is right on most inputs.
    ///
    /// `is_threshold`: noise alone keeps a threshold from being right. Where there is so much of it that the best is
    /// right on some of the inputs only, the `share` is of these: within ½ is what is on the right side, and beyond
    /// there is nothing to be had, but by a line as steep as the published one, if that is nearer to a `share` of all.
    /// Other targets are wrong on some inputs by what they are, and of those that no line is nearer to than ½, on a
    /// `share` of all, the side is read.
    pub fn rule(&self, is_threshold: bool, slope_published: f64, share: f64) -> Rule {
        let Some(gap) = self.gap() else {
            // One value is all that was ever seen.
            let value = if self.on.is_empty() { 0.0 } else { 1.0 };
            return Rule::near(Line::constant(value), 0.5);
        };
        let sign = if gap < 0.0 { -1.0 } else { 1.0 };
        let sum = Line { slope: sign, offset: 0.0 };
        let threshold = self.balanced(sum);
        let counts = |input: &Extremes| {
            let [from, below] = input.right_between(sum);
            !is_threshold || from <= threshold && threshold < below
        };
        let (error, line) = nearest(&self.parts(share, counts), sign * self.steepest(gap));
        if error > 0.5 - 1e-6 {
            return self.side();
        }
        let of_all = self.parts(share, |_| true);
        let (error, as_steep) = nearest_of(&of_all, slope_published);
        let line = if slope_published != 0.0 && error < error_of(&of_all, line) { as_steep } else { line };
        Rule::near(line, self.most_often_right(line).0)
    }

    /// The inputs with one on, and those with none; a line is to be near to a `share` of those that count.
    fn parts(&self, share: f64, counts: impl Fn(&Extremes) -> bool) -> Vec<Part<'_>> {
        let n_within = |inputs: &[Extremes]| {
            let n_counted = inputs.iter().filter(|input| counts(input)).count();
            (libm::ceil(share * n_counted as f64) as usize).max(1)
        };
        let parts = [&self.on[..], &self.off[..]].into_iter().filter(|inputs| !inputs.is_empty());
        parts.map(|inputs| (inputs, n_within(inputs))).collect()
    }

    /// ½ where the threshold that is right most often is, and as near to it elsewhere as that needs.
    fn side(&self) -> Rule {
        let [least, greatest] = self.ends();
        let steep = LEAN / (greatest - least).max(ROUNDING);
        let turning = |slope: f64| {
            let (threshold, right) = self.most_often_right(Line { slope, offset: 0.0 });
            let turning = if right == 0 { slope * (least + greatest) / 2.0 } else { threshold };
            (right, Line { slope, offset: 0.5 - turning })
        };
        let (up, down) = (turning(steep), turning(-steep));
        Rule { line: if down.0 > up.0 { down.1 } else { up.1 }, threshold: 0.5, is_side: true }
    }

    /// How much more sums are on average when on, in the middle of each input; `None` where only one value was seen.
    fn gap(&self) -> Option<f64> {
        let mean = |ends: fn(&Extremes) -> Ends| {
            let seen = self.on.iter().chain(&self.off).map(ends).filter(|ends| !ends.is_empty());
            let (sum, n) = seen.fold((0.0, 0), |(sum, n), ends| (sum + ends.middle(), n + 1));
            (n > 0).then(|| sum / f64::from(n))
        };
        Some(mean(|input| input.on)? - mean(|input| input.off)?)
    }

    /// A slope beyond which no line is near to what is off and to what is on.
    fn steepest(&self, gap: f64) -> f64 {
        let [least, greatest] = self.ends();
        let range = greatest - least;
        if range < ROUNDING { 0.0 } else { 2.0 / gap.abs().max(0.1 * range) }
    }

    /// The least and the greatest sum.
    fn ends(&self) -> [f64; 2] {
        let all = self.on.iter().chain(&self.off).flat_map(|input| [input.off, input.on]);
        let ends = all.fold([f32::INFINITY, f32::NEG_INFINITY], |[least, greatest], ends| {
            [least.min(ends.least), greatest.max(ends.greatest)]
        });
        ends.map(f64::from)
    }

    /// The threshold that is right most often if inputs with one on, and with none, are as frequent.
    fn balanced(&self, line: Line) -> f64 {
        let of_on = self.off.len().max(1) as u64;
        self.best_threshold(line, [of_on, of_on], self.on.len() as u64).0
    }

    /// The threshold that is right on most inputs of the distribution, and how often.
    fn most_often_right(&self, line: Line) -> (f64, u64) {
        self.best_threshold(line, [PLAIN, 1], PLAIN)
    }

    /// The threshold that is right on most inputs, counted by these weights: of plain and of drawn ones with one on,
    /// and of those with none. The middle of where that is so, and the weight of what is right there.
    fn best_threshold(&self, line: Line, [plain_on, drawn_on]: [u64; 2], off: u64) -> (f64, u64) {
        let (plain, drawn) = self.on.split_at(self.n_plain_on);
        let parts = [(plain, plain_on), (drawn, drawn_on), (&self.off[..], off)];
        // Where inputs become right, and where they end to be.
        let mut changes: Vec<(f64, bool, u64)> = Vec::with_capacity(2 * (self.on.len() + self.off.len()));
        let mut right = 0;
        for (inputs, weight) in parts {
            for [from, below] in inputs.iter().map(|input| input.right_between(line)) {
                if from >= below {
                    continue;
                }
                if from == f64::NEG_INFINITY {
                    right += weight
                } else {
                    changes.push((from, true, weight))
                }
                if below < f64::INFINITY {
                    changes.push((below, false, weight));
                }
            }
        }
        changes.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let next = |place: usize| changes.get(place).map_or(f64::INFINITY, |change| change.0);
        let mut best = (right, f64::NEG_INFINITY, next(0));
        for (place, &(from, begins, weight)) in changes.iter().enumerate() {
            right = if begins { right + weight } else { right - weight };
            if right > best.0 && from < next(place + 1) {
                best = (right, from, next(place + 1));
            }
        }
        let (right, from, below) = best;
        // Beyond what was seen, half a step of the sum.
        let beyond = line.slope.abs() / 2.0;
        let middle = match (from.is_finite(), below.is_finite()) {
            (true, true) => (from + below) / 2.0,
            (true, false) => from + beyond,
            (false, true) => below - beyond,
            (false, false) => 0.5,
        };
        (middle, right)
    }
}

/// Inputs, and to how many of them a line is to be near.
type Part<'a> = (&'a [Extremes], usize);

/// What an offset must lie between, input by input, with a line of this slope.
fn offsets(parts: &[Part], slope: f64) -> Vec<(Vec<[f64; 2]>, usize)> {
    let of_part =
        |(inputs, n_within): &Part| (inputs.iter().map(|input| input.offsets(slope)).collect::<Vec<_>>(), *n_within);
    parts.iter().map(of_part).collect()
}

/// The worst error with an offset, on the best so many inputs of each part.
fn error_at(parts: &[(Vec<[f64; 2]>, usize)], offset: f64) -> f64 {
    let of_part = |(offsets, n_within): &(Vec<[f64; 2]>, usize)| {
        let errors = offsets.iter().map(|[greatest, least]| (greatest - offset).max(offset - least));
        *errors.collect::<Vec<_>>().select_nth_unstable_by(n_within - 1, f64::total_cmp).1
    };
    parts.iter().map(of_part).fold(0.0, f64::max)
}

fn error_of(parts: &[Part], line: Line) -> f64 {
    error_at(&offsets(parts, line.slope), line.offset)
}

/// The line of this slope whose worst error on the best so many inputs of each part is least; the error first.
fn nearest_of(parts: &[Part], slope: f64) -> (f64, Line) {
    let parts = offsets(parts, slope);
    let middles = parts.iter().flat_map(|part| &part.0).map(|[greatest, least]| (greatest + least) / 2.0);
    let [low, high] = middles.fold([f64::INFINITY, f64::NEG_INFINITY], |[a, b], c| [a.min(c), b.max(c)]);
    let (error, offset) = least(low, high, |offset| error_at(&parts, offset));
    (error, Line { slope, offset })
}

/// The same of any slope from 0 to `steepest`.
fn nearest(parts: &[Part], steepest: f64) -> (f64, Line) {
    let (_, slope) = least(0.0, steepest, |slope| nearest_of(parts, slope).0);
    nearest_of(parts, slope)
}

/// Where a function of one minimum is least between two values, and what it is there, which comes first: the best of a
/// few, and golden sections between its neighbours.
fn least(low: f64, high: f64, mut value: impl FnMut(f64) -> f64) -> (f64, f64) {
    const N_STEPS: usize = 8;
    const N_SECTIONS: usize = 20;
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let at = |step: usize| low + (high - low) * step as f64 / N_STEPS as f64;
    let tried: Vec<f64> = (0..=N_STEPS).map(|step| value(at(step))).collect();
    let best = (0..=N_STEPS).min_by(|&a, &b| tried[a].total_cmp(&tried[b])).expect("some were tried");
    let (mut low, mut high) = (at(best.saturating_sub(1)), at((best + 1).min(N_STEPS)));
    let mut found = (tried[best], at(best));
    let inner = |low: f64, high: f64| [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    let [left, right] = inner(low, high);
    let (mut left, mut right) = ((value(left), left), (value(right), right));
    for _ in 0..N_SECTIONS {
        let better = if left.0 <= right.0 { left } else { right };
        if better.0 < found.0 {
            found = better;
        }
        if left.0 <= right.0 {
            (high, right) = (right.1, left);
            let next = inner(low, high)[0];
            left = (value(next), next);
        } else {
            (low, left) = (left.1, right);
            let next = inner(low, high)[1];
            right = (value(next), next);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    fn ends(sums: &[f32]) -> Ends {
        let mut ends = Ends::NONE;
        sums.iter().for_each(|&sum| ends.add(sum));
        ends
    }

    /// Inputs with sums that are off and on, as often as it says.
    fn shown(inputs: &[(&[f32], &[f32], usize)]) -> Shown {
        let mut shown = Shown::default();
        for (off, on, n) in inputs {
            (0..*n).for_each(|_| shown.add(Extremes { off: ends(off), on: ends(on) }));
        }
        shown
    }

    fn assert_near(rule: Rule, slope: f64, offset: f64, threshold: f64) {
        let found = [rule.line.slope, rule.line.offset, rule.threshold];
        let is_near = found.iter().zip([slope, offset, threshold]).all(|(a, b)| (a - b).abs() < 1e-3);
        assert!(is_near, "{found:?}, not {slope}, {offset}, {threshold}");
    }

    #[test]
    fn exact_sums_are_read_by_the_nearest_line() {
        assert_near(shown(&[(&[0.0, 1.0], &[2.0], 10)]).rule(true, 0.0, 0.99), 0.5, -0.25, 0.5);
        // An input has only one sum, where there is one gate of a kind.
        let apart = shown(&[(&[0.0], &[], 10), (&[1.0], &[], 10), (&[], &[2.0], 10)]);
        assert_near(apart.rule(true, 0.0, 0.99), 0.5, -0.25, 0.5);
        // What goes down with the sum.
        assert_near(shown(&[(&[0.0, -1.0], &[-2.0], 10)]).rule(true, 0.0, 0.99), -0.5, -0.25, 0.5);
    }

    /// On most inputs sums are exact, and u is nearest; on the others it is 1 off, and ½ u + ⅛ no more than ⅝.
    #[test]
    fn where_noise_leaves_many_wrong_a_line_as_steep_as_published_is_taken_if_it_is_nearer() {
        let noisy = shown(&[(&[0.0], &[1.0], 60), (&[1.0], &[0.5], 40)]);
        let rule = |slope| noisy.rule(true, slope, 0.99);
        assert_near(rule(0.5), 0.5, 0.125, 0.375);
        assert_near(rule(3.0), 1.0, 0.0, 0.5);
    }

    #[test]
    fn what_has_one_value_is_constant() {
        assert_near(shown(&[(&[0.0, 3.0], &[], 10)]).rule(true, 0.0, 0.99), 0.0, 0.0, 0.5);
        assert_near(shown(&[(&[], &[1.0], 10)]).rule(true, 0.0, 0.99), 0.0, 1.0, 0.5);
    }

    #[test]
    fn one_input_of_a_hundred_may_be_far_away_whichever_it_is() {
        let outlier = shown(&[(&[0.0, 1.0], &[2.0], 198), (&[0.0, 1.9], &[2.0], 2)]);
        assert_near(outlier.rule(true, 0.0, 0.99), 0.5, -0.25, 0.725);
    }

    #[test]
    fn a_gate_that_is_rarely_on_is_read_all_the_same() {
        let mut rare = shown(&[(&[0.0], &[], 1000), (&[1.0], &[], 1000)]);
        (0..3).for_each(|_| rare.add_drawn(2.0));
        assert_near(rare.rule(true, 0.0, 0.99), 0.5, -0.25, 0.5);
        // Twice as likely to be off at 1.5: the threshold serves what is frequent, the line both.
        let mut noisy = shown(&[(&[0.0], &[], 1000), (&[1.5], &[], 20), (&[], &[1.5], 10)]);
        noisy.add_drawn(1.5);
        let rule = noisy.rule(true, 0.0, 0.99);
        assert!(rule.threshold >= rule.line.at(1.5), "{rule:?}");
    }

    #[test]
    fn an_xor_is_read_at_one_half_and_its_threshold_serves_the_more_frequent_step() {
        for (n_one_on, n_both_on) in [(30, 20), (20, 30)] {
            let xor = shown(&[(&[0.0], &[], 20), (&[], &[1.0], n_one_on), (&[2.0], &[], n_both_on)]);
            let rule = xor.rule(false, 0.0, 0.99);
            assert!([0.0, 1.0, 2.0].iter().all(|&u| (rule.line.at(u) - 0.5).abs() < 0.01), "{rule:?}");
            let n_right = [(0.0, false, 20), (1.0, true, n_one_on), (2.0, false, n_both_on)].into_iter();
            let n_right = n_right.filter(|&(u, value, _)| (rule.line.at(u) > rule.threshold) == value);
            assert_eq!(n_right.map(|class| class.2).sum::<usize>(), 50, "{rule:?}");
        }
        // However far apart sums are, and where no threshold is ever right.
        for scale in [0.001, 1.0, 1000.0] {
            let never = shown(&[(&[0.0, 2.0 * scale], &[scale], 10)]).rule(false, 0.0, 0.99);
            assert!(
                [0.0, 1.0, 2.0].iter().all(|u| (never.line.at(u * f64::from(scale)) - 0.5).abs() < 0.001),
                "{never:?}"
            );
        }
        // Where both are hardly ever on, an XOR is a sum.
        let rare = shown(&[(&[0.0], &[], 500), (&[], &[1.0], 500), (&[2.0], &[], 1)]);
        assert_near(rare.rule(false, 0.0, 0.99), 1.0, 0.0, 0.5);
    }

    /// Against every line of a grid, on Gaussian noise of which 1 % may go beyond.
    #[test]
    fn no_line_is_nearer_to_as_many_inputs() {
        let mut rng = random::stream(&[1]);
        let mut noise = || 0.1 * random::gaussian(&mut rng) as f32;
        let mut shown = Shown::default();
        for _ in 0..1000 {
            shown.add(Extremes { off: ends(&[noise(), 1.0 + noise(), 1.0 + noise()]), on: ends(&[2.0 + noise()]) });
        }
        let parts = [(&shown.on[..], 990)];
        let (error, line) = nearest(&parts, 2.0);
        let mut at_least = f64::INFINITY;
        for slope in 0..100 {
            let offsets: Vec<[f64; 2]> = shown.on.iter().map(|input| input.offsets(f64::from(slope) / 100.0)).collect();
            for offset in -100..100 {
                let offset = f64::from(offset) / 100.0;
                let mut errors: Vec<f64> = offsets.iter().map(|[a, b]| (a - offset).max(offset - b)).collect();
                errors.sort_unstable_by(f64::total_cmp);
                at_least = at_least.min(errors[989]);
            }
        }
        assert!(error <= at_least + 1e-3, "{line:?} has {error}, another line {at_least}");
    }
}
