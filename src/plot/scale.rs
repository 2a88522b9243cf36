//! Where a value lies on an axis, 0 at its beginning and 1 at its end, and which values are written beside it.

use super::words;

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    kind: Kind,
    /// Of what `kind` makes of values.
    from: f64,
    to: f64,
    /// Values, ascending, with what is written.
    pub ticks: Vec<(f64, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Linear,
    Log,
    /// By the number of nines, up to what the samples can tell from 1.
    Nines {
        limit: f64,
    },
}

/// Room at both ends, of the whole.
const MARGIN: f64 = 0.04;

/// Above this an ε says nothing more.
pub const HALF: f64 = 0.5;

/// As far as ε is drawn.
const FARTHEST: f64 = 0.56;

/// Distinct values that are all written.
const FEW: usize = 10;

impl Scale {
    /// For an axis over these values: logarithmic where they span a decade or more.
    pub fn over(values: &[f64]) -> Scale {
        let mut distinct = values.to_vec();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        let (least, greatest) = (distinct[0], distinct[distinct.len() - 1]);
        let (kind, candidates) = match least > 0.0 && greatest >= 10.0 * least {
            true => (Kind::Log, if distinct.len() <= FEW { distinct } else { decades(least, greatest) }),
            false => (Kind::Linear, if distinct.len() <= FEW { distinct } else { steps(least, greatest) }),
        };
        let mut scale = Scale { kind, from: 0.0, to: 1.0, ticks: Vec::new() };
        let (low, high) = (scale.image(least), scale.image(greatest));
        // One value alone stands in the middle.
        let room = if high > low { MARGIN * (high - low) } else { 1.0 };
        (scale.from, scale.to) = (low - room, high + room);
        scale.ticks = candidates.into_iter().map(|value| (value, words::tick(value))).collect();
        scale
    }

    /// For the values of a column, by what the column is.
    pub fn of_column(column: &str, values: &[f64], samples: f64) -> Scale {
        if is_share(column) && values.iter().all(|value| (0.0..=1.0).contains(value)) {
            return if values.iter().any(|&value| value > 0.9) { Scale::nines(samples) } else { Scale::shares() };
        }
        if column.starts_with("epsilon") {
            let ticks = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5].map(|tick| (tick, words::tick(tick)));
            return Scale { kind: Kind::Linear, from: 0.0, to: FARTHEST, ticks: ticks.to_vec() };
        }
        let (least, greatest) = (least(values), -least_of(values.iter().map(|value| -value)));
        let ends =
            if least > 0.0 && greatest >= 10.0 * least { decades(least, greatest) } else { steps(least, greatest) };
        let mut scale = Scale::over(values);
        scale.ticks = ends.into_iter().map(|value| (value, words::tick(value))).collect();
        scale
    }

    fn nines(samples: f64) -> Scale {
        let limit = 1.0 - 1.0 / samples.max(100.0);
        let mut ticks: Vec<(f64, String)> = [0.0, 0.5].map(|tick| (tick, words::tick(tick))).to_vec();
        let mut missing = 0.1;
        let mut text = "0.9".to_string();
        while 1.0 - missing <= limit + 1e-12 && ticks.len() < 12 {
            ticks.push((1.0 - missing, text.clone()));
            missing /= 10.0;
            text.push('9');
        }
        let mut scale = Scale { kind: Kind::Nines { limit }, from: 0.0, to: 1.0, ticks };
        scale.to = scale.image(limit) * (1.0 + MARGIN);
        scale
    }

    fn shares() -> Scale {
        let ticks = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0].map(|tick| (tick, words::tick(tick)));
        Scale { kind: Kind::Linear, from: 0.0, to: 1.0, ticks: ticks.to_vec() }
    }

    fn image(&self, value: f64) -> f64 {
        match self.kind {
            Kind::Linear => value,
            Kind::Log => libm::log10(value.max(f64::MIN_POSITIVE)),
            Kind::Nines { limit } => -libm::log10(1.0 - value.clamp(0.0, limit)),
        }
    }

    /// Between 0 and 1, also of what lies beyond.
    pub fn place(&self, value: f64) -> f64 {
        ((self.image(value) - self.from) / (self.to - self.from)).clamp(0.0, 1.0)
    }

    /// Whether the value may as well be nearer to 1: so many samples cannot tell.
    pub fn is_bound(&self, value: f64) -> bool {
        matches!(self.kind, Kind::Nines { limit } if value >= limit)
    }

    /// What is said of the axis beside its name.
    pub fn remark(&self) -> &'static str {
        match self.kind {
            Kind::Linear => "",
            Kind::Log => " (logarithmic)",
            Kind::Nines { .. } => " (each nine one step)",
        }
    }
}

/// Whether a column tells shares of the inputs.
pub fn is_share(column: &str) -> bool {
    column.starts_with("accuracy@") || column.ends_with("reliability")
}

fn least(values: &[f64]) -> f64 {
    least_of(values.iter().copied())
}

fn least_of(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}

/// 1, 2 and 5 of every decade between, or where these are many the decades alone.
fn decades(least: f64, greatest: f64) -> Vec<f64> {
    let (low, high) = (libm::floor(libm::log10(least)) as i32, libm::ceil(libm::log10(greatest)) as i32);
    let factors: &[f64] = if high - low <= 3 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let ticks = (low..=high).flat_map(|decade| factors.iter().map(move |factor| factor * power_of_ten(decade)));
    ticks.filter(|&tick| tick >= least * 0.999 && tick <= greatest * 1.001).collect()
}

/// Round steps, some five.
fn steps(least: f64, greatest: f64) -> Vec<f64> {
    let range = greatest - least;
    if range <= 0.0 {
        return vec![least];
    }
    let rough = range / 5.0;
    let unit = power_of_ten(libm::floor(libm::log10(rough)) as i32);
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * unit).find(|&step| step >= rough);
    let step = step.unwrap_or(10.0 * unit);
    let first = (least / step).ceil();
    let ticks = (0..12).map(|idx| (first + f64::from(idx)) * step);
    ticks.take_while(|&tick| tick <= greatest + step * 1e-6).collect()
}

/// The nearest f64, unlike a product of tens.
fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().expect("a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(scale: &Scale) -> Vec<&str> {
        scale.ticks.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn a_decade_or_more_is_drawn_by_its_logarithm() {
        let doubled: Vec<f64> = (0..5).map(|step| 64.0 * f64::from(1 << step)).collect();
        let scale = Scale::over(&doubled);
        assert_eq!(scale.kind, Kind::Log);
        assert_eq!(texts(&scale), ["64", "128", "256", "512", "1024"]);
        let places: Vec<f64> = doubled.iter().map(|&value| scale.place(value)).collect();
        let steps: Vec<f64> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|step| (step - steps[0]).abs() < 1e-12) && places[0] > 0.0 && places[4] < 1.0);
        assert_eq!(Scale::over(&[100.0, 150.0, 200.0]).kind, Kind::Linear);
        assert_eq!(Scale::over(&[0.0, 150.0]).kind, Kind::Linear);
    }

    #[test]
    fn a_reliability_is_drawn_by_its_nines_up_to_what_samples_can_tell() {
        let scale = Scale::of_column("reliability", &[0.2, 1.0], 10_000.0);
        assert_eq!(texts(&scale), ["0", "0.5", "0.9", "0.99", "0.999", "0.9999"]);
        let place = |value| scale.place(value);
        assert!((place(0.99) - place(0.9) - (place(0.999) - place(0.99))).abs() < 1e-9);
        assert!(place(1.0) == place(0.9999) && place(1.0) < 1.0 && scale.is_bound(1.0) && !scale.is_bound(0.999));
        assert_eq!(texts(&Scale::of_column("reliability", &[0.2, 0.7], 1e4)).last(), Some(&"1"));
    }

    #[test]
    fn any_values_have_some_ticks_and_lie_on_the_axis() {
        let cases = [
            vec![7.0],
            vec![0.0],
            vec![-1e15, 1e15],
            vec![1e-300, 1e15],
            vec![1.0, 1.0 + f64::EPSILON],
            (0..1000).map(f64::from).collect(),
            (1..1000).map(|value| f64::from(value).powi(4)).collect(),
        ];
        for values in cases {
            for scale in [Scale::over(&values), Scale::of_column("parameters", &values, 1e4)] {
                assert!((1..=700).contains(&scale.ticks.len()), "{values:?}: {} ticks", scale.ticks.len());
                assert!(values.iter().all(|&value| (0.0..=1.0).contains(&scale.place(value))), "{values:?}");
            }
        }
    }
}
