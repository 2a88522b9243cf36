//! Affine readers along one direction: a line that brings values near 1 and 0, and a threshold that parts them.
//!
//! Must not know what the values are the projections of.

/// Values along a direction, on inputs on which a gate is on, and on which it is off.
pub struct Values {
    on: Vec<f32>,
    off: Vec<f32>,
    /// The probability that the gate is on: inputs may be drawn otherwise.
    p_on: f64,
}

/// Reads d as `slope` · d + `offset`, and as on where d is above `threshold`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reader {
    pub slope: f32,
    pub offset: f32,
    pub threshold: f32,
}

/// Where the values of a gate lie: their mean, and how much higher the gate being on makes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    pub mean: f32,
    pub shift: f32,
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

/// A reader of each of some gates of one kind. A single gate is seen too seldom to know its tails; on a common scale
/// many are one.
pub fn alike(gates: &[(&Values, Scale)]) -> Vec<Reader> {
    let is_sound = |scale: Scale| scale.shift > 0.0 && scale.shift.is_finite() && scale.mean.is_finite();
    let sound = || gates.iter().filter(|gate| is_sound(gate.1));
    let (mut on, mut off, mut p_on) = (Vec::new(), Vec::new(), 0.0);
    for (values, scale) in sound() {
        let scaled = |&value: &f32| (value - scale.mean) / scale.shift;
        on.extend(values.on.iter().map(scaled));
        off.extend(values.off.iter().map(scaled));
        p_on += values.p_on / sound().count() as f64;
    }
    let common = Reader::fitted(&Values { on, off, p_on });
    let of_gate = |&(values, scale): &(&Values, Scale)| match is_sound(scale) {
        false => Reader::fitted(values),
        true => {
            let slope = common.slope / scale.shift;
            let offset = common.offset - slope * scale.mean;
            Reader { slope, offset, threshold: scale.mean + scale.shift * common.threshold }
        }
    };
    gates.iter().map(of_gate).collect()
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
    pub fn new(on: Vec<f32>, off: Vec<f32>, p_on: f64) -> Values {
        Values { on, off, p_on }
    }

    /// What one on-value and one off-value stand for of all inputs. What plain inputs never show is taken for half an
    /// input in as many.
    fn weights(&self) -> (f64, f64) {
        let (n_on, n_off) = (self.on.len().max(1) as f64, self.off.len().max(1) as f64);
        let least = 0.5 / (n_on + n_off);
        let p_on = self.p_on.clamp(least, 1.0 - least);
        (p_on / n_on, (1.0 - p_on) / n_off)
    }
}
