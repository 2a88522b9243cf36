//! One sequence: what its scores are off by, and where attention falls as the temperature falls.
//!
//! Must not know where sequences come from.

/// Scores are divided by these before the softmax; at 0 all attention is on the highest.
pub const TEMPERATURES: [f64; 5] = [1.0, 0.3, 0.1, 0.03, 0.0];

/// Sums over sequences.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sums {
    pub n_sequences: u64,
    pub n_scores: u64,
    /// Of (score − matches)², and the greatest |score − matches|.
    pub squares: f64,
    pub error_max: f64,
    /// Stored features that were on, of keys and of queries.
    pub on_keys: u64,
    pub on_queries: u64,
    /// By temperature, the attention that right keys have.
    pub right: [f64; TEMPERATURES.len()],
    pub ties: SumsOfTies,
}

/// Of sequences with several right keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SumsOfTies {
    pub n_sequences: u64,
    /// By temperature, how evenly attention is shared among right keys.
    pub even: [f64; TEMPERATURES.len()],
    /// Of the right keys: how many, and (score − their mean)².
    pub n_keys: u64,
    pub squares: f64,
}

impl Sums {
    pub fn add(&mut self, other: &Sums) {
        self.n_sequences += other.n_sequences;
        self.n_scores += other.n_scores;
        self.squares += other.squares;
        self.error_max = self.error_max.max(other.error_max);
        self.on_keys += other.on_keys;
        self.on_queries += other.on_queries;
        add_all(&mut self.right, &other.right);
        self.ties.n_sequences += other.ties.n_sequences;
        self.ties.n_keys += other.ties.n_keys;
        self.ties.squares += other.ties.squares;
        add_all(&mut self.ties.even, &other.ties.even);
    }

    /// Scores of all keys beside how many matches each has; `attention` is space.
    pub fn add_sequence(&mut self, scores: &[f64], matches: &[u32], attention: &mut Vec<f64>) {
        self.n_sequences += 1;
        self.n_scores += scores.len() as u64;
        for (&score, &matches) in scores.iter().zip(matches) {
            let error = score - f64::from(matches);
            self.squares += error * error;
            self.error_max = self.error_max.max(error.abs());
        }
        let most = matches.iter().copied().max().unwrap_or(0);
        let is_right = |(_, matches): &(&f64, &u32)| **matches == most;
        let n_right = matches.iter().filter(|&&matches| matches == most).count();
        if n_right > 1 {
            // From the first of them, so that equal scores are exactly 0 apart.
            let first = scores.iter().zip(matches).find(is_right).map_or(0.0, |(score, _)| *score);
            let right = || scores.iter().zip(matches).filter(is_right).map(|(score, _)| score - first);
            let mean = right().sum::<f64>() / n_right as f64;
            self.ties.n_sequences += 1;
            self.ties.n_keys += n_right as u64;
            self.ties.squares += right().map(|score| (score - mean) * (score - mean)).sum::<f64>();
        }
        for (temperature_idx, &temperature) in TEMPERATURES.iter().enumerate() {
            softmax(scores, temperature, attention);
            let right = || attention.iter().zip(matches).filter(is_right).map(|(share, _)| *share);
            let on_right: f64 = right().sum();
            self.right[temperature_idx] += on_right;
            if n_right > 1 && on_right > 0.0 {
                let least = right().fold(f64::INFINITY, f64::min);
                self.ties.even[temperature_idx] += n_right as f64 * least / on_right;
            }
        }
    }
}

fn add_all(sums: &mut [f64], others: &[f64]) {
    sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += other);
}

/// exp(score / T) over their sum; at T = 0 the highest share all.
fn softmax(scores: &[f64], temperature: f64, attention: &mut Vec<f64>) {
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weight = |&score: &f64| match temperature {
        0.0 => f64::from(u8::from(score == highest)),
        _ => libm::exp((score - highest) / temperature),
    };
    attention.clear();
    attention.extend(scores.iter().map(weight));
    let sum: f64 = attention.iter().sum();
    attention.iter_mut().for_each(|share| *share /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(scores: &[f64], matches: &[u32]) -> Sums {
        let mut sums = Sums::default();
        sums.add_sequence(scores, matches, &mut Vec::new());
        sums
    }

    #[test]
    fn attention_falls_on_the_highest_score_as_the_temperature_falls() {
        let right = sums(&[0.2, 0.9, -0.1], &[0, 1, 0]);
        assert!(right.right.is_sorted() && right.right[0] < 0.6 && right.right[4] == 1.0, "{:?}", right.right);
        let wrong = sums(&[1.1, 0.9, -0.1], &[0, 1, 0]);
        assert!(wrong.right[4] == 0.0 && wrong.right[0] > 0.3, "{:?}", wrong.right);
        assert!((wrong.squares - (1.21 + 0.01 + 0.01)).abs() < 1e-12 && (wrong.error_max - 1.1).abs() < 1e-12);
        let by_hand = libm::exp(-0.1 / 0.1) / (1.0 + libm::exp(-0.2 / 0.1) + libm::exp(-1.2 / 0.1));
        assert!((wrong.right[2] - by_hand * libm::exp(-0.2 / 0.1) / libm::exp(-0.1 / 0.1)).abs() < 1e-12);
    }

    #[test]
    fn several_right_keys_share_evenly_where_their_scores_are_the_same() {
        let even = sums(&[1.0, 0.0, 1.0], &[1, 0, 1]);
        assert_eq!((even.ties.n_sequences, even.ties.n_keys, even.ties.squares), (1, 2, 0.0));
        assert!(even.ties.even.iter().all(|share| (share - 1.0).abs() < 1e-12));
        let apart = sums(&[1.2, 0.0, 1.0], &[1, 0, 1]);
        assert!((apart.ties.squares - 0.02).abs() < 1e-12);
        assert!(apart.ties.even.iter().rev().is_sorted() && apart.ties.even[4] == 0.0, "{:?}", apart.ties.even);
        assert_eq!(sums(&[1.2, 0.0, 1.0], &[2, 0, 1]).ties, SumsOfTies::default());
    }
}
