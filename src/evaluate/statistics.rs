//! What is counted of one gate's read-offs, 64 inputs at a time.
//!
//! Everything here is in terms of the *stored* signal; `report` turns it into the gate as written. Most read-offs are
//! those of a gate whose operands all rest, so that class goes through in vector lanes and the few others one by one.
//! Sums run in f32 over 16 fixed lanes within a block and in f64 over blocks, in order: the same bits however many
//! threads or lanes the machine has. A read-off that is no number is infinitely far from the truth. Must not know how
//! read-offs come about.

use super::histogram::Histogram;
use crate::circuit::{Circuit, GateId};
use crate::readings::{BLOCK, InputBlock};

const LANES: usize = 16;

/// Errors of one class of inputs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    pub n_inputs: u64,
    /// Inputs on which the read-off lay on the wrong side of the threshold.
    pub n_wrong: u64,
    /// Of the errors |read-off − truth|.
    pub square_sum: f64,
    pub error_max: f32,
}

impl Tally {
    /// Both classes as one.
    pub fn with(self, other: Tally) -> Tally {
        Tally {
            n_inputs: self.n_inputs + other.n_inputs,
            n_wrong: self.n_wrong + other.n_wrong,
            square_sum: self.square_sum + other.square_sum,
            error_max: greater(self.error_max, other.error_max),
        }
    }

    /// The root mean square error; `None` without inputs.
    pub fn rms(&self) -> Option<f64> {
        (self.n_inputs > 0).then(|| libm::sqrt(self.square_sum / self.n_inputs as f64))
    }
}

/// One gate over all inputs so far, by how many of its stored operands were on and by its stored truth.
#[derive(Debug, Clone, PartialEq)]
pub struct GateStatistics {
    /// No operand on: the gate rests, its stored truth is 0.
    pub none: Tally,
    /// Some operands on; by stored truth 0, 1.
    pub some: [Tally; 2],
    /// All operands on; by stored truth 0, 1.
    pub all: [Tally; 2],
    /// −∞ where the gate was never off.
    pub highest_off: f32,
    /// +∞ where the gate was never on.
    pub lowest_on: f32,
}

impl Default for GateStatistics {
    fn default() -> GateStatistics {
        GateStatistics {
            none: Tally::default(),
            some: [Tally::default(); 2],
            all: [Tally::default(); 2],
            highest_off: f32::NEG_INFINITY,
            lowest_on: f32::INFINITY,
        }
    }
}

/// The truth about one gate on a block of inputs; bit i stands for input i.
#[derive(Debug, Clone, Copy)]
pub struct BlockTruth {
    /// Which inputs there are.
    pub valid: u64,
    /// The stored value.
    pub stored: u64,
    /// At least one stored operand on.
    pub some: u64,
    /// All stored operands on.
    pub all: u64,
}

impl BlockTruth {
    /// What is true of a gate on a block.
    pub fn of(circuit: &Circuit, gate_id: GateId, block: &InputBlock) -> BlockTruth {
        let operands = circuit.operands(gate_id);
        let (mut some, mut all) = (0, if operands.is_empty() { 0 } else { u64::MAX });
        for literal in operands {
            let word = block.word(literal.signal());
            some |= word;
            all &= word;
        }
        BlockTruth { valid: block.valid(), stored: block.word(circuit.gate_signal(gate_id)), some, all }
    }
}

impl GateStatistics {
    /// Adds a block of read-offs; returns which inputs were read on the wrong side of `threshold`.
    ///
    /// `readoffs` of inputs that are not valid are ignored; the histogram gets every valid one, and which are wrong;
    /// `worst`, by input, is raised to the error where that is greater.
    pub fn add(
        &mut self,
        readoffs: &[f32; BLOCK],
        truth: BlockTruth,
        threshold: f32,
        histogram: &mut Histogram,
        worst: &mut [f32; BLOCK],
    ) -> u64 {
        let touched = (truth.some | truth.all | truth.stored) & truth.valid;
        let resting = truth.valid & !touched;
        let mut wrong = 0;
        if resting != 0 {
            wrong = self.add_resting(readoffs, resting, threshold, histogram, worst);
        }
        for_each_bit(touched, |input_idx| {
            let value = readoffs[input_idx];
            let on = truth.stored >> input_idx & 1;
            let error = error_of(value - on as f32);
            worst[input_idx] = greater(worst[input_idx], error);
            let is_wrong = u64::from((value > threshold) != (on == 1));
            wrong |= is_wrong << input_idx;
            let class = if truth.all >> input_idx & 1 == 1 { &mut self.all } else { &mut self.some };
            let tally = &mut class[on as usize];
            tally.n_inputs += 1;
            tally.n_wrong += is_wrong;
            tally.square_sum += f64::from(error) * f64::from(error);
            tally.error_max = greater(tally.error_max, error);
            if on == 1 {
                self.lowest_on = lesser(self.lowest_on, value);
            } else {
                self.highest_off = greater(self.highest_off, value);
            }
            histogram.add(value, on == 1, is_wrong == 1);
        });
        wrong
    }

    fn add_resting(
        &mut self,
        readoffs: &[f32; BLOCK],
        resting: u64,
        threshold: f32,
        histogram: &mut Histogram,
        worst: &mut [f32; BLOCK],
    ) -> u64 {
        let (mut square_sum, lowest, highest);
        if resting == u64::MAX {
            square_sum = sum_of_squares(readoffs);
            raise(worst, readoffs);
            (lowest, highest) = extremes(readoffs);
            histogram.add_off_block(readoffs, threshold);
        } else {
            // The others are replaced by what changes nothing: 0 in the sum, a resting read-off in the extremes.
            let mut kept = *readoffs;
            for_each_bit(!resting, |input_idx| kept[input_idx] = 0.0);
            square_sum = sum_of_squares(&kept);
            raise(worst, &kept);
            let neutral = readoffs[resting.trailing_zeros() as usize];
            for_each_bit(!resting, |input_idx| kept[input_idx] = neutral);
            (lowest, highest) = extremes(&kept);
            histogram.add_off_block(&kept, threshold);
            histogram.remove_off(neutral, threshold, u64::from((!resting).count_ones()));
        }
        let mut wrong = 0;
        if highest > threshold {
            for_each_bit(resting, |input_idx| wrong |= u64::from(readoffs[input_idx] > threshold) << input_idx);
        }
        if square_sum.is_nan() {
            // Some read-off is no number, which no comparison above has seen.
            square_sum = f32::INFINITY;
            self.none.error_max = f32::INFINITY;
            for_each_bit(resting, |input_idx| {
                worst[input_idx] = greater(worst[input_idx], error_of(readoffs[input_idx]))
            });
        }
        self.none.n_inputs += u64::from(resting.count_ones());
        self.none.n_wrong += u64::from(wrong.count_ones());
        self.none.square_sum += f64::from(square_sum);
        self.none.error_max = greater(self.none.error_max, greater(highest.abs(), lowest.abs()));
        self.highest_off = greater(self.highest_off, highest);
        wrong
    }

    /// Adds what other inputs showed.
    pub fn add_all(&mut self, other: &GateStatistics) {
        let both = |here: [Tally; 2], there: [Tally; 2]| [here[0].with(there[0]), here[1].with(there[1])];
        *self = GateStatistics {
            none: self.none.with(other.none),
            some: both(self.some, other.some),
            all: both(self.all, other.all),
            highest_off: greater(self.highest_off, other.highest_off),
            lowest_on: lesser(self.lowest_on, other.lowest_on),
        };
    }

    /// All inputs on which the stored signal is 0 (`false`) or 1 (`true`).
    pub fn stored(&self, on: bool) -> Tally {
        let touched = self.some[on as usize].with(self.all[on as usize]);
        if on { touched } else { self.none.with(touched) }
    }
}

/// Calls `act` with the index of every bit that is set, ascending.
fn for_each_bit(mut word: u64, mut act: impl FnMut(usize)) {
    while word != 0 {
        act(word.trailing_zeros() as usize);
        word &= word - 1;
    }
}

// Spelled out, because f32::max does not fix which of -0 and 0 it returns, and does not become one instruction.
pub fn greater(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

fn lesser(a: f32, b: f32) -> f32 {
    if b < a { b } else { a }
}

/// What lies so far from the truth.
fn error_of(difference: f32) -> f32 {
    if difference.is_nan() { f32::INFINITY } else { difference.abs() }
}

/// Raises each of `worst` to |value| where that is greater.
fn raise(worst: &mut [f32; BLOCK], values: &[f32; BLOCK]) {
    for (worst, value) in worst.iter_mut().zip(values) {
        *worst = greater(*worst, value.abs());
    }
}

/// Σ x², lane by lane, then over the lanes by halves.
fn sum_of_squares(values: &[f32; BLOCK]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    for row in values.chunks_exact(LANES) {
        for (lane, &value) in lanes.iter_mut().zip(row) {
            *lane += value * value;
        }
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane_idx in 0..half {
            lanes[lane_idx] += lanes[lane_idx + half];
        }
        half /= 2;
    }
    lanes[0]
}

/// The lowest and the highest value, of those that are numbers.
fn extremes(values: &[f32; BLOCK]) -> (f32, f32) {
    let (mut low, mut high) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
    for row in values.chunks_exact(LANES) {
        for lane_idx in 0..LANES {
            low[lane_idx] = lesser(low[lane_idx], row[lane_idx]);
            high[lane_idx] = greater(high[lane_idx], row[lane_idx]);
        }
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane_idx in 0..half {
            low[lane_idx] = lesser(low[lane_idx], low[lane_idx + half]);
            high[lane_idx] = greater(high[lane_idx], high[lane_idx + half]);
        }
        half /= 2;
    }
    (low[0], high[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Read-offs of every sign and size, by a fixed recipe.
    fn readoffs(scale: f32) -> [f32; BLOCK] {
        std::array::from_fn(|input_idx| ((input_idx * 37 % 64) as f32 / 64.0 - 0.4) * scale)
    }

    #[test]
    fn blocks_are_counted_as_one_by_one() {
        let values = readoffs(1.7);
        let truth = BlockTruth { valid: !0 >> 3, stored: 0x11 << 20, some: 0xff << 18, all: 0x13 << 20 };
        let mut histogram = Histogram::default();
        let mut gate = GateStatistics::default();
        let mut worst = [0.3; BLOCK];
        let wrong = gate.add(&values, truth, 0.5, &mut histogram, &mut worst);

        let mut expected_histogram = Histogram::default();
        let mut expected_wrong = 0u64;
        let (mut square_off, mut lowest_on, mut highest_off) = (0.0, f32::INFINITY, f32::NEG_INFINITY);
        for (input_idx, &value) in values.iter().enumerate().take(61) {
            let on = truth.stored >> input_idx & 1 == 1;
            let is_wrong = (value > 0.5) != on;
            expected_histogram.add(value, on, is_wrong);
            expected_wrong |= u64::from(is_wrong) << input_idx;
            assert_eq!(worst[input_idx], (value - f32::from(u8::from(on))).abs().max(0.3));
            if on {
                lowest_on = value.min(lowest_on);
            } else {
                highest_off = value.max(highest_off);
                square_off += f64::from(value).powi(2);
            }
        }
        assert_eq!(wrong, expected_wrong);
        assert_eq!(histogram, expected_histogram);
        assert_eq!((gate.lowest_on, gate.highest_off), (lowest_on, highest_off));
        let off = gate.stored(false);
        assert_eq!(off.n_inputs, 59);
        assert_eq!(gate.stored(true).n_inputs, 2);
        assert_eq!(off.n_wrong + gate.stored(true).n_wrong, u64::from(wrong.count_ones()));
        assert!((off.square_sum - square_off).abs() < 1e-4 * square_off, "{} {square_off}", off.square_sum);
    }

    #[test]
    fn what_is_no_number_is_infinitely_wrong_and_hides_nothing() {
        for (is_off, resting) in [(false, 1u64 << 9 | 1 << 25), (true, !0)] {
            let mut values = [0.25; BLOCK];
            values[9] = f32::NAN;
            values[25] = 0.75;
            values[40] = f32::NEG_INFINITY;
            let truth = BlockTruth { valid: !0, stored: if is_off { 0 } else { !resting }, some: !resting, all: 0 };
            let (mut gate, mut worst) = (GateStatistics::default(), [0.0; BLOCK]);
            let wrong = gate.add(&values, truth, 0.5, &mut Histogram::default(), &mut worst);
            assert_eq!(wrong, truth.stored | 1 << 25, "{is_off}");
            assert_eq!((worst[9], worst[25], worst[40]), (f32::INFINITY, 0.75, f32::INFINITY), "{is_off}");
            assert_eq!(gate.none.error_max, f32::INFINITY, "{is_off}");
            assert_eq!(gate.highest_off, 0.75, "{is_off}");
        }
    }

    #[test]
    fn a_gate_without_inputs_has_no_figures() {
        let gate = GateStatistics::default();
        assert_eq!(gate.stored(true).rms(), None);
        assert_eq!(gate.lowest_on, f32::INFINITY);
    }
}
