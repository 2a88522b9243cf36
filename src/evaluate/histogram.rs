//! How far read-offs lie from what they should be: fixed bins a tenth wide, centred on the multiples of 0.1.
//!
//! 0 and 1, which exact networks read, are centres of bins, and the bins are symmetric about 1/2, so that the
//! histogram of a complement is the mirror image.

use serde::Serialize;

/// Bins: centres −0.5, −0.4, … 1.5; the first and the last are open.
pub const N_BINS: usize = 21;

/// Counts of read-offs by bin, apart for those that should be 0 and those that should be 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Histogram {
    pub off: [u64; N_BINS],
    pub on: [u64; N_BINS],
    /// Of `off` and `on`, those on the wrong side of their own gate's threshold.
    #[serde(skip)]
    pub off_wrong: [u64; N_BINS],
    #[serde(skip)]
    pub on_wrong: [u64; N_BINS],
}

impl Histogram {
    pub fn add(&mut self, value: f32, on: bool, is_wrong: bool) {
        let (counts, wrong) =
            if on { (&mut self.on, &mut self.on_wrong) } else { (&mut self.off, &mut self.off_wrong) };
        let bin = bin_of(value);
        counts[bin] += 1;
        wrong[bin] += u64::from(is_wrong);
    }

    /// Adds a block of read-offs that should be 0; those above `threshold` are wrong.
    pub fn add_off_block(&mut self, values: &[f32], threshold: f32) {
        // Four counters for each bin: most read-offs fall into one, and each count would wait for the one before.
        let mut counts = [[0u32; 32]; 4];
        let mut bins = [0u32; 16];
        for row in values.chunks(16) {
            for (bin, &value) in bins.iter_mut().zip(row) {
                *bin = bin_of(value) as u32;
            }
            for quad in bins[..row.len()].chunks(4) {
                for (counter, &bin) in counts.iter_mut().zip(quad) {
                    counter[(bin & 31) as usize] += 1;
                }
            }
        }
        let mut n = [0u64; N_BINS];
        for (bin_idx, (n, count)) in n.iter_mut().zip(&mut self.off).enumerate() {
            *n = counts.iter().map(|counter| u64::from(counter[bin_idx])).sum();
            *count += *n;
        }
        let n_wrong: u32 = values.iter().map(|&value| u32::from(value > threshold)).sum();
        if n_wrong > 0 {
            // All of a bin above the threshold's are wrong; the threshold's own has what is left of them.
            let own = bin_of(threshold);
            let above = own + 1..N_BINS;
            self.off_wrong[own] += u64::from(n_wrong) - n[above.clone()].iter().sum::<u64>();
            self.off_wrong[above.clone()].iter_mut().zip(&n[above]).for_each(|(wrong, n)| *wrong += n);
        }
    }

    /// Takes `n` read-offs of the same value back.
    pub fn remove_off(&mut self, value: f32, threshold: f32, n: u64) {
        let bin = bin_of(value);
        self.off[bin] -= n;
        self.off_wrong[bin] -= if value > threshold { n } else { 0 };
    }

    /// Adds another histogram; of complements, whose read-off as written is 1 − the stored one, when `mirrored`.
    pub fn merge(&mut self, other: &Histogram, mirrored: bool) {
        let (off, on) = if mirrored { (&other.on, &other.off) } else { (&other.off, &other.on) };
        let (off_wrong, on_wrong) = match mirrored {
            true => (&other.on_wrong, &other.off_wrong),
            false => (&other.off_wrong, &other.on_wrong),
        };
        for bin_idx in 0..N_BINS {
            let from = if mirrored { N_BINS - 1 - bin_idx } else { bin_idx };
            self.off[bin_idx] += off[from];
            self.on[bin_idx] += on[from];
            self.off_wrong[bin_idx] += off_wrong[from];
            self.on_wrong[bin_idx] += on_wrong[from];
        }
    }

    /// The centre of a bin.
    pub fn centre(bin_idx: usize) -> f64 {
        (bin_idx as f64 - 5.0) / 10.0
    }
}

/// The bin of a read-off or a threshold; anything that is no number falls into the first.
pub fn bin_of(value: f32) -> usize {
    // 1.5 · 2^23: adding it rounds to an integer, which the low bits of the sum then are. No branch and no checked
    // cast, so that the loop above runs in vector lanes.
    const ROUND: f32 = 12_582_912.0;
    let low = if value > -0.5 { value } else { -0.5 };
    let clamped = if low < 1.5 { low } else { 1.5 };
    (((clamped * 10.0 + 5.0) + ROUND).to_bits() & 31) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_and_one_are_centres_of_bins() {
        assert_eq!(bin_of(0.0), 5);
        assert_eq!(bin_of(0.049), 5);
        assert_eq!(bin_of(0.051), 6);
        assert_eq!(bin_of(1.0), 15);
        assert_eq!(bin_of(-7.0), 0);
        assert_eq!(bin_of(f32::INFINITY), 20);
        assert_eq!(bin_of(f32::NAN), 0);
        assert_eq!(Histogram::centre(15), 1.0);
    }

    #[test]
    fn a_mirrored_histogram_is_that_of_the_complement() {
        let (mut stored, mut written) = (Histogram::default(), Histogram::default());
        for (value, on, is_wrong) in
            [(0.02, false, false), (0.31, false, true), (0.87, true, false), (1.9, true, false)]
        {
            stored.add(value, on, is_wrong);
            written.add(1.0 - value, !on, is_wrong);
        }
        let mut mirrored = Histogram::default();
        mirrored.merge(&stored, true);
        assert_eq!(mirrored, written);
    }
    #[test]
    fn a_block_is_counted_as_its_read_offs_are_one_by_one() {
        for threshold in [-9.0, -0.5, 0.449, 0.45, 0.5, 0.551, 1.5, 9.0] {
            let values: Vec<f32> =
                (0..61).map(|idx| (idx as f32 - 20.0) * 0.049).chain([f32::NAN, threshold]).collect();
            let (mut block, mut single) = (Histogram::default(), Histogram::default());
            block.add_off_block(&values, threshold);
            block.remove_off(values[40], threshold, 1);
            for (_, &value) in values.iter().enumerate().filter(|(idx, _)| *idx != 40) {
                single.add(value, false, value > threshold);
            }
            assert_eq!(block, single, "{threshold}");
        }
    }
}
