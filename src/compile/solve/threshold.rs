//! Where each read-off changes its mind.
//!
//! An AND that is on reads at least 1 and all its noise is upward, so the best threshold lies just below 1, not at
//! 1/2; a solved read-off errs both ways. So each gate gets the threshold of least expected error, from readings
//! stratified by class (weighted by how often inputs fall into the class) and from plain inputs (which find the
//! accidents that no class names).
//!
//! Must not know neurons: a reading is a number.

/// What is known of one gate's readings.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    pub classes: Vec<ClassReadings>,
    /// Readings on plain inputs with the gate off.
    pub tail: Bins,
    /// How many plain inputs there were in all, and the sums of what they read and of its squares.
    pub n_plain: usize,
    pub plain_sums: [f64; 2],
    /// Standard deviation of the reading over the background, as the moments have it.
    pub spread: f64,
}

/// How many times what plain inputs show the spread may be.
const MOST_SPREAD: f64 = 2.0;

impl Evidence {
    /// Adds what a plain input reads with the gate off.
    pub fn add_plain(&mut self, reading: f32) {
        self.tail.add(reading);
        self.n_plain += 1;
        let reading = f64::from(reading);
        self.plain_sums[0] += reading;
        self.plain_sums[1] += reading * reading;
    }

    /// Where hardly a neuron is ever awake, the moments are those of a ridge, and their spread is of nothing that any
    /// input shows.
    pub fn settle_spread(&mut self) {
        let [sum, squares] = self.plain_sums.map(|sum| sum / self.n_plain.max(1) as f64);
        let shown = libm::sqrt((squares - sum * sum).max(0.0));
        self.spread = self.spread.min(MOST_SPREAD * shown);
    }
}

/// Readings of one class.
#[derive(Debug, Clone)]
pub struct ClassReadings {
    pub value: bool,
    /// How often an input falls into the class.
    pub probability: f64,
    pub readings: Bins,
    /// Standard deviation of the readings.
    pub spread: f64,
}

/// Readings in bins of 1/64, from −1/2 to 2; what lies beyond is in the outermost bins.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bins {
    /// Empty until something is added.
    counts: Vec<u32>,
}

const BINS_PER_UNIT: f32 = 64.0;
const N_BINS: usize = 160;
const LOWEST: f32 = -0.5;

impl Bins {
    pub fn add(&mut self, reading: f32) {
        if self.counts.is_empty() {
            self.counts = vec![0; N_BINS];
        }
        // A cast saturates, so that readings beyond the bins fall into the outermost.
        let bin = ((reading - LOWEST) * BINS_PER_UNIT) as usize;
        self.counts[bin.min(N_BINS - 1)] += 1;
    }

    /// Bins that are not empty: (index, count).
    fn filled(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.counts.iter().enumerate().filter(|bin| *bin.1 > 0).map(|(bin, &count)| (bin, f64::from(count)))
    }

    fn total(&self) -> f64 {
        self.counts.iter().map(|&count| f64::from(count)).sum()
    }
}

/// Borders of bins that are tried as thresholds: from 1/64 to 3/2.
const BORDERS: std::ops::RangeInclusive<usize> = 33..=128;

/// The threshold of least expected error, and that error (a probability per input).
///
/// The readings of a class are smoothed by a Gaussian of a third of their own spread; where the least error is met on a
/// whole interval, its middle is taken.
pub fn calibrate(evidence: &Evidence) -> (f32, f64) {
    let mut errors = [0.0; N_BINS];
    for class in &evidence.classes {
        let weight = class.probability / class.readings.total().max(1.0);
        add_errors(&mut errors, &class.readings, class.value, weight, class.spread / 3.0);
    }
    add_errors(&mut errors, &evidence.tail, false, 1.0 / evidence.n_plain.max(1) as f64, evidence.spread / 3.0);
    for border in BORDERS {
        let threshold = border as f64 / f64::from(BINS_PER_UNIT) + f64::from(LOWEST);
        errors[border] += upper_tail(threshold / evidence.spread.max(1e-6));
    }
    let least = BORDERS.map(|border| errors[border]).fold(f64::INFINITY, f64::min);
    // Errors that no number of samples could tell apart are equal.
    let level = least * 1.001 + 1e-12;
    let best: Vec<usize> = BORDERS.filter(|&border| errors[border] <= level).collect();
    let middle = best[best.len() / 2];
    (middle as f32 / BINS_PER_UNIT + LOWEST, least)
}

/// Adds, for each border, the smoothed share of readings on its wrong side.
fn add_errors(errors: &mut [f64; N_BINS], readings: &Bins, value: bool, weight: f64, width: f64) {
    let step = 1.0 / (width.max(1e-3) * f64::from(BINS_PER_UNIT));
    // By distance of the bin's centre from the border, in half bins: P(wrong).
    let reach = ((8.0 / step) as usize).min(N_BINS);
    let beyond: Vec<f64> = (0..reach).map(|distance| upper_tail((distance as f64 + 0.5) * step)).collect();
    for (bin, count) in readings.filled() {
        for border in BORDERS {
            let is_above = bin >= border;
            let distance = if is_above { bin - border } else { border - 1 - bin };
            let misses = beyond.get(distance).copied().unwrap_or(0.0);
            errors[border] += weight * count * if is_above == value { misses } else { 1.0 - misses };
        }
    }
}

/// P(Z > z) for a standard Gaussian Z.
fn upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(value: bool, probability: f64, spread: f64, readings: &[f32]) -> ClassReadings {
        let mut histogram = Bins::default();
        readings.iter().for_each(|&reading| histogram.add(reading));
        ClassReadings { value, probability, readings: histogram, spread }
    }

    #[test]
    fn a_gate_whose_noise_is_upward_gets_a_threshold_just_below_one() {
        let on = class(true, 1e-3, 0.1, &[1.0, 1.0, 1.3, 1.1, 1.2]);
        let off = class(false, 1e-2, 0.1, &[0.0, 0.5, 0.8, 0.1]);
        let (threshold, error) = calibrate(&Evidence { classes: vec![on, off], spread: 0.05, ..Evidence::default() });
        assert!((0.8..1.0).contains(&threshold), "{threshold}");
        assert!(error < 1e-3);
    }

    #[test]
    fn a_clean_gate_is_split_in_the_middle() {
        let classes = vec![class(true, 0.5, 0.0, &[1.0]), class(false, 0.5, 0.0, &[0.0])];
        let (threshold, error) = calibrate(&Evidence { classes, spread: 1e-4, ..Evidence::default() });
        assert!((threshold - 0.5).abs() < 0.02, "{threshold}");
        assert!(error < 1e-9);
    }

    #[test]
    fn an_accident_on_plain_inputs_raises_the_threshold() {
        let classes = vec![class(true, 1e-3, 0.0, &[1.0]), class(false, 1e-2, 0.0, &[0.0])];
        let mut evidence = Evidence { classes, spread: 1e-3, n_plain: 100, ..Evidence::default() };
        evidence.tail.add(0.7);
        assert!(calibrate(&evidence).0 > 0.7);
    }
}
