//! Sparse vectors: each feature on S coordinates of equal value 1/√S, so that features that share few overlap little.
//!
//! As features are laid out in Linsefors & Bushnaq 2025 ("Rotations in superposition"), whose circuits own S neurons
//! each and share at most one with another, but over polynomials in place of arithmetic progressions (Kautz & Singleton
//! 1964; DeVore 2007, "Deterministic constructions of compressed sensing matrices"): with p a prime, S ≤ p blocks of p
//! coordinates, and feature f, a polynomial modulo p of degree below k, on coordinate f(i) of each block i. Two
//! polynomials agree on k − 1 blocks at most, so that features overlap by (k − 1)/S at most; there are p^k.
//!
//! S and p are those of the least (k − 1)/S for so many features in S p ≤ d coordinates; of several with it the least
//! S, and then the largest p. Features come constant by constant, so that p after p of them share nothing and each
//! coordinate of a block is as often taken as another, give or take one. Where d is room for all features side by side,
//! each has ⌊d/m⌋ coordinates of its own.

use ndarray::Array2;

use super::row::Dictionary;
use crate::primes::is_prime;
use crate::random::{self, Pcg64};

#[derive(Debug)]
pub struct SHot;

pub const S_HOT: SHot = SHot;

impl Dictionary for SHot {
    fn name(&self) -> &'static str {
        "s_hot"
    }

    fn summary(&self) -> &'static str {
        "S coordinates of one size each, any two sharing as few as can be"
    }

    fn dimensions(&self) -> &'static str {
        "any"
    }

    fn most_vectors(&self, d: usize) -> usize {
        let most = prime_blocks(d).map(|blocks| blocks.p.saturating_pow(blocks.s as u32)).max();
        most.unwrap_or(0).max(d)
    }

    /// Which coordinates the blocks are on is drawn, and which feature has which vector.
    fn draw(&self, n: usize, d: usize, rng: &mut Pcg64) -> Array2<f32> {
        let blocks = Blocks::of(n, d);
        let size = (1.0 / libm::sqrt(blocks.s as f64)) as f32;
        let (mut coordinates, mut places): (Vec<usize>, Vec<usize>) = ((0..d).collect(), (0..n).collect());
        random::shuffle(rng, &mut coordinates);
        random::shuffle(rng, &mut places);
        let mut vectors = Array2::zeros((n, d));
        for (feature, place) in places.into_iter().enumerate() {
            for block in 0..blocks.s {
                let coordinate = block * blocks.p + blocks.taken(feature, block);
                vectors[[place, coordinates[coordinate]]] = size;
            }
        }
        vectors
    }
}

/// S blocks of p coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    pub s: usize,
    pub p: usize,
}

/// As many blocks as there can be of each prime, two at least.
fn prime_blocks(d: usize) -> impl Iterator<Item = Blocks> {
    (2..=d / 2).filter(|&p| is_prime(p)).map(move |p| Blocks { s: p.min(d / p), p })
}

impl Blocks {
    /// Of `n` features, no more than there can be.
    fn of(n: usize, d: usize) -> Blocks {
        if n <= d {
            return Blocks { s: d / n.max(1), p: n };
        }
        let candidates = prime_blocks(d).map(|blocks| (blocks.n_coefficients(n), blocks));
        let (_, blocks) = candidates
            .filter(|&(k, blocks)| k <= blocks.s)
            .min_by(|(k, one), (l, other)| ((k - 1) * other.s, one.s, other.p).cmp(&((l - 1) * one.s, other.s, one.p)))
            .expect("there are so many");
        blocks
    }

    /// k: so many coefficients tell `n` polynomials apart.
    fn n_coefficients(self, n: usize) -> usize {
        std::iter::successors(Some(self.p), |power| Some(power.saturating_mul(self.p)))
            .take_while(|&power| power < n)
            .count()
            + 1
    }

    /// The value of a polynomial, whose coefficients are the digits of `feature` with the constant first, at `block`.
    pub fn taken(self, feature: usize, block: usize) -> usize {
        let digits = std::iter::successors(Some(feature), |rest| Some(rest / self.p)).take_while(|&rest| rest > 0);
        let digits: Vec<usize> = digits.map(|rest| rest % self.p).collect();
        digits.into_iter().rev().fold(0, |value, digit| (value * block + digit) % self.p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Coordinates that two features share, at most.
    fn most_shared(vectors: &Array2<f32>) -> usize {
        let on: Vec<Vec<usize>> =
            vectors.rows().into_iter().map(|row| (0..row.len()).filter(|&at| row[at] > 0.0).collect()).collect();
        let shared = |one: usize, other: usize| on[one].iter().filter(|at| on[other].contains(at)).count();
        (0..on.len()).flat_map(|one| (0..one).map(move |other| (one, other))).map(|(a, b)| shared(a, b)).max().unwrap()
    }

    #[test]
    fn features_share_what_the_degree_says_and_each_coordinate_is_taken_as_often() {
        for (n, d, blocks, shared) in [
            (100, 200, Blocks { s: 2, p: 100 }, 0),
            (400, 120, Blocks { s: 5, p: 23 }, 1),
            (557, 250, Blocks { s: 8, p: 31 }, 1),
            (2080, 64, Blocks { s: 7, p: 7 }, 3),
            (9, 6, Blocks { s: 2, p: 3 }, 1),
        ] {
            assert_eq!(Blocks::of(n, d), blocks, "{n} in {d}");
            let vectors = S_HOT.draw(n, d, &mut random::stream(&[1]));
            assert_eq!(most_shared(&vectors), shared, "{n} in {d}");
            let counts = |lines: Vec<usize>| -> Vec<usize> {
                let mut counts = lines;
                counts.sort_unstable();
                counts.dedup();
                counts
            };
            let n_on = |line: ndarray::ArrayView1<f32>| line.iter().filter(|&&value| value > 0.0).count();
            assert_eq!(counts(vectors.rows().into_iter().map(n_on).collect()), [blocks.s], "{n} in {d}");
            let loads = counts(vectors.columns().into_iter().map(n_on).filter(|&load| load > 0).collect());
            assert!(loads.len() == 1 || loads[..] == [loads[0], loads[0] + 1], "{n} in {d}: {loads:?}");
        }
    }

    /// Where there are as many features as there can be, every one is another.
    #[test]
    fn the_most_features_that_there_are_all_differ() {
        for (d, most) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 9), (9, 27), (12, 27), (25, 3125)] {
            assert_eq!(S_HOT.most_vectors(d), most, "{d}");
            let vectors = S_HOT.draw(most, d, &mut random::stream(&[2]));
            let mut rows: Vec<Vec<u32>> =
                vectors.rows().into_iter().map(|row| row.iter().map(|value| value.to_bits()).collect()).collect();
            rows.sort_unstable();
            rows.dedup();
            assert_eq!(rows.len(), most, "{d}");
        }
    }
}
