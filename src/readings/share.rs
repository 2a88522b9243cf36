//! A share that was counted, and how far the true one may lie from it.

/// `n` of `of` inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub n: u64,
    pub of: u64,
}

/// How sure an interval is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// 95 %, for reports.
    Usual,
    /// 99 %, for whoever asks again and again and stops at the first good answer.
    Careful,
}

impl Share {
    pub fn value(self) -> f64 {
        self.n as f64 / self.of as f64
    }

    pub fn is_whole(self) -> bool {
        self.n == self.of
    }

    /// Whether the true share is: so says the lower end of the interval, unless nothing was wrong at all.
    pub fn is_surely_above(self, bound: f64, confidence: Confidence) -> bool {
        self.is_whole() || self.interval(confidence)[0] > bound
    }

    /// Wilson's score interval (Wilson 1927): lower and upper end.
    pub fn interval(self, confidence: Confidence) -> [f64; 2] {
        let z: f64 = match confidence {
            Confidence::Usual => 1.959963984540054,
            Confidence::Careful => 2.576,
        };
        let (n, share) = (self.of as f64, self.value());
        let square = z * z / n;
        let centre = (share + square / 2.0) / (1.0 + square);
        let half = z * libm::sqrt(share * (1.0 - share) / n + square / (4.0 * n)) / (1.0 + square);
        // At the ends the interval touches 0 or 1, but for rounding.
        let low = if self.n == 0 { 0.0 } else { centre - half };
        let high = if share == 1.0 { 1.0 } else { centre + half };
        [low.max(0.0), high.min(1.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        let usual = |n, of| Share { n, of }.interval(Confidence::Usual);
        // Newcombe (1998), table I: 81 of 263 and 0 of 20.
        let [low, high] = usual(81, 263);
        assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5, "{low} {high}");
        let [low, high] = usual(0, 20);
        assert!(low == 0.0 && (high - 0.1611).abs() < 5e-5, "{low} {high}");
        assert_eq!(usual(10, 10)[1], 1.0);
    }
}
