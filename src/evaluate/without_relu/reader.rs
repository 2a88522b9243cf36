//! Affine readers along one direction: a line that brings values near 1 and 0, and a threshold that parts them.
//!
//! Must not know what the values are the projections of.

/// Values along a direction, on inputs on which a gate is on, and on which it is off.
pub struct Values {
    pub on: Vec<f32>,
    pub off: Vec<f32>,
    /// The probability that the gate is on: inputs may be drawn otherwise.
    pub p_on: f64,
}

/// Reads d as `slope` · d + `offset`, and as on where d is above `threshold`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reader {
    pub slope: f32,
    pub offset: f32,
    pub threshold: f32,
}

impl Reader {
    /// The best for these values.
    pub fn fitted(values: &Values) -> Reader {
        let (slope, offset) = line(values);
        Reader { slope, offset, threshold: threshold(values) }
    }

    /// |read-off − truth|; infinite where that is no number.
    pub fn error_at(&self, value: f32, truth: f32) -> f32 {
        let error = (self.slope * value + self.offset - truth).abs();
        if error.is_nan() { f32::INFINITY } else { error }
    }
}

/// Slope and offset of the least greatest error. With a to b the range of the on-values and c to d that of the
/// off-values, the ends of both can come to lie equally far from 1 and 0, and the wider range as far on its other side:
/// at w / (a − d + 2w), w the greater of (b − a)/2 and (d − c)/2. No line is better than ½ where a > d.
fn line(values: &Values) -> (f32, f32) {
    let (Some((a, b)), Some((c, d))) = (ends(&values.on), ends(&values.off)) else {
        // What has one value only is read as that.
        return (0.0, if values.off.is_empty() { 1.0 } else { 0.0 });
    };
    let width = ((b - a) / 2.0).max((d - c) / 2.0);
    let length = a - d + 2.0 * width;
    if !length.is_finite() || length <= 0.0 {
        return (0.0, 0.5);
    }
    ((1.0 / length) as f32, (0.5 - (a + d) / (2.0 * length)) as f32)
}

/// The middle of the gap between the classes, or of that between two values with the fewest expected errors.
fn threshold(values: &Values) -> f32 {
    let (Some((a, _)), Some((_, d))) = (ends(&values.on), ends(&values.off)) else {
        return if values.off.is_empty() { f32::NEG_INFINITY } else { f32::INFINITY };
    };
    let (a, d) = (a as f32, d as f32);
    if a > d {
        return d + (a - d) / 2.0;
    }
    // On-values above the overlap and off-values below it are right with every threshold in it.
    let on = values.on.iter().map(|&value| (value, true)).filter(|value| value.0 <= d);
    let off = values.off.iter().map(|&value| (value, false)).filter(|value| value.0 >= a);
    let mut overlap: Vec<(f32, bool)> = on.chain(off).collect();
    overlap.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let (each_on, each_off) = values.weights();
    let mut wrong = each_off * overlap.iter().filter(|value| !value.1).count() as f64;
    let (mut threshold, mut least) = (a.next_down(), wrong);
    for (place, &(value, is_on)) in overlap.iter().enumerate() {
        wrong += if is_on { each_on } else { -each_off };
        let next = overlap.get(place + 1).map(|next| next.0);
        if wrong < least && next != Some(value) {
            (threshold, least) = (next.map_or(value, |next| value + (next - value) / 2.0), wrong);
        }
    }
    threshold
}

/// The least value and the greatest; infinite where one is no number.
fn ends(values: &[f32]) -> Option<(f64, f64)> {
    let mut ends = (f32::INFINITY, f32::NEG_INFINITY);
    let mut all_numbers = true;
    for &value in values {
        ends = (if value < ends.0 { value } else { ends.0 }, if value > ends.1 { value } else { ends.1 });
        all_numbers &= !value.is_nan();
    }
    let ends = if all_numbers { ends } else { (f32::NEG_INFINITY, f32::INFINITY) };
    (!values.is_empty()).then_some((ends.0.into(), ends.1.into()))
}

impl Values {
    /// What one on-value and one off-value stand for of all inputs. What plain inputs never show is taken for half an
    /// input in as many.
    fn weights(&self) -> (f64, f64) {
        let (n_on, n_off) = (self.on.len().max(1) as f64, self.off.len().max(1) as f64);
        let least = 0.5 / (n_on + n_off);
        let p_on = self.p_on.clamp(least, 1.0 - least);
        (p_on / n_on, (1.0 - p_on) / n_off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(on: &[f32], off: &[f32]) -> Values {
        Values { on: on.to_vec(), off: off.to_vec(), p_on: on.len() as f64 / (on.len() + off.len()) as f64 }
    }

    /// The greatest error along a line.
    fn error((slope, offset): (f32, f32), values: &Values) -> f32 {
        let reader = Reader { slope, offset, threshold: 0.0 };
        let on = values.on.iter().map(|&value| reader.error_at(value, 1.0));
        on.chain(values.off.iter().map(|&value| reader.error_at(value, 0.0))).fold(0.0, f32::max)
    }

    /// The share of the values that a threshold reads wrong.
    fn wrong(threshold: f32, values: &Values) -> f64 {
        let n_missed = values.on.iter().filter(|&&value| value <= threshold).count();
        let n_wrong = n_missed + values.off.iter().filter(|&&value| value > threshold).count();
        n_wrong as f64 / (values.on.len() + values.off.len()) as f64
    }

    #[test]
    fn a_line_brings_the_ends_of_both_classes_equally_near() {
        // The literals of an AND, summed: 2 where it is on, 0 or 1 where it is off; none reads it nearer than by 1/4.
        assert_eq!(line(&values(&[2.0, 2.0], &[0.0, 1.0])), (0.5, -0.25));
        // Of an XOR, which none reads nearer than by 1/2.
        let xor = values(&[1.0, 1.0], &[0.0, 2.0]);
        assert!(error(line(&xor), &xor) >= 0.5);
        // No line of a grid is better.
        let subject = values(&[3.1, 2.2, 4.0], &[0.4, 1.9, -0.7, 1.0]);
        let best = error(line(&subject), &subject);
        for slope in 0..200 {
            for offset in -200..200 {
                let other = (slope as f32 / 200.0, offset as f32 / 100.0);
                assert!(error(other, &subject) >= best - 1e-6, "{other:?}");
            }
        }
        for one_class in [values(&[], &[0.3, 0.7]), values(&[0.3], &[])] {
            assert_eq!(error(line(&one_class), &one_class), 0.0);
        }
        let nothing = values(&[f32::NAN], &[0.0, 1.0]);
        assert_eq!(error(line(&nothing), &nothing), f32::INFINITY);
    }

    #[test]
    fn a_threshold_has_the_fewest_errors() {
        assert_eq!(threshold(&values(&[2.0], &[0.0, 1.0])), 1.5);
        assert_eq!(threshold(&values(&[1.0, 4.0, 5.0, 6.0], &[0.0, 2.0, 3.0, 4.5])), 3.5);
        assert_eq!(threshold(&values(&[], &[0.3])), f32::INFINITY);
        assert_eq!(threshold(&values(&[0.3], &[])), f32::NEG_INFINITY);
        // Values that fall together are read alike.
        let together = values(&[1.0, 1.0, 1.0], &[0.0, 1.0]);
        assert!(threshold(&together) > 0.0 && threshold(&together) < 1.0);
        let mut state = 1u32;
        for _ in 0..200 {
            let mut drawn = |n: u32, shift: f32| -> Vec<f32> {
                let mut next = || {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as f32 / 16.0 + shift
                };
                (0..n).map(|_| next()).collect()
            };
            let subject = values(&drawn(7, 3.0), &drawn(9, 0.0));
            let best = wrong(threshold(&subject), &subject);
            let mut all = subject.on.iter().chain(&subject.off).flat_map(|&value| [value, value - 0.01]);
            assert!(all.all(|threshold| wrong(threshold, &subject) >= best - 1e-9));
        }
    }
}
