//! d/2 + 1 orthonormal bases of d = 4^k dimensions, in which vectors of different bases overlap by exactly 1/√d: d (d +
//! 2)/2 vectors, as many as real bases can have that are all mutually unbiased (Calderbank, Cameron, Kantor & Seidel
//! 1997, "Z4-Kerdock codes, orthogonal spreads, and extremal Euclidean line-sets").
//!
//! One is the standard basis. The others are Hadamard matrices, each bent by a quadratic form of a Kerdock set: with
//! F the field of d/2 elements, a coordinate is a pair (y, e) of F and GF(2), and for each a of F
//!
//!   Q_a(y, e) = q(a y) + e Tr(a y),  q(z) = Σ Tr(z^(1 + 2^i)) over 1 ≤ i ≤ k − 1.
//!
//! Q_a + Q_b is a form of full rank, so that (−1)^(Q_a + Q_b) correlates by 1/√d with every linear function. The
//! vectors of basis a are (−1)^(Q_a(x) + b·x)/√d, b of all d.
//!
//! Of fewer features than vectors whole bases are taken first, which leaves the most pairs orthogonal, and the standard
//! basis last.

use ndarray::Array2;

use super::binary_field::BinaryField;
use super::row::Dictionary;
use crate::random::{self, Pcg64};

#[derive(Debug)]
pub struct Kerdock;

pub const KERDOCK: Kerdock = Kerdock;

impl Dictionary for Kerdock {
    fn name(&self) -> &'static str {
        "kerdock"
    }

    fn summary(&self) -> &'static str {
        "Hadamard bases and the standard one, overlapping by 1/√d at most"
    }

    fn dimensions(&self) -> &'static str {
        "a power of four, from 4"
    }

    fn most_vectors(&self, d: usize) -> usize {
        if d > 1 && d.is_power_of_two() && d.trailing_zeros().is_multiple_of(2) { d * (d + 2) / 2 } else { 0 }
    }

    /// Bases in random order, the standard one last; of the last that is needed random vectors; signs of columns and of
    /// vectors are drawn, and which feature has which vector.
    fn draw(&self, n: usize, d: usize, rng: &mut Pcg64) -> Array2<f32> {
        let forms = Forms::of(d);
        let size = (1.0 / libm::sqrt(d as f64)) as f32;
        let mut bases: Vec<u32> = (0..d as u32 / 2).collect();
        random::shuffle(rng, &mut bases);
        let bases = bases.into_iter().map(Some).chain([None]);
        let mut places: Vec<usize> = (0..n).collect();
        random::shuffle(rng, &mut places);
        let of_columns: Vec<bool> = (0..d).map(|_| random::coin(rng, 0.5)).collect();
        let mut vectors = Array2::zeros((n, d));
        for (places, basis) in places.chunks(d).zip(bases) {
            let bent: Option<Vec<bool>> = basis.map(|a| (0..d as u32).map(|x| forms.is_odd(a, x)).collect());
            let mut members: Vec<usize> = (0..d).collect();
            random::shuffle(rng, &mut members);
            for (&place, &member) in places.iter().zip(&members) {
                let flip = random::coin(rng, 0.5);
                let signed = |is_negative: bool, size: f32| if is_negative { -size } else { size };
                let Some(bent) = &bent else {
                    vectors[[place, member]] = signed(flip, 1.0);
                    continue;
                };
                for (x, value) in vectors.row_mut(place).iter_mut().enumerate() {
                    let is_linear_odd = (member & x).count_ones() % 2 == 1;
                    *value = signed(flip ^ of_columns[x] ^ bent[x] ^ is_linear_odd, size);
                }
            }
        }
        vectors
    }
}

/// The quadratic forms Q_a, by what they are made of on each element of F.
struct Forms {
    field: BinaryField,
    quadratic: Vec<bool>,
    trace: Vec<bool>,
}

impl Forms {
    /// Of d = 4^k coordinates.
    fn of(d: usize) -> Forms {
        let field = BinaryField::of_degree(d.trailing_zeros() - 1);
        let half = (d.trailing_zeros() / 2) as usize;
        let quadratic = |z: u32| {
            let powers = field.conjugates(z).take(half).skip(1);
            powers.fold(0, |sum, power| sum ^ field.trace(field.product(z, power))) == 1
        };
        let elements = 0..field.n_elements();
        let (quadratic, trace) = (elements.clone().map(quadratic).collect(), elements.map(|z| field.trace(z) == 1));
        let trace = trace.collect();
        Forms { field, quadratic, trace }
    }

    /// Whether Q_a(x) is 1; e is the highest bit of x.
    fn is_odd(&self, a: u32, x: u32) -> bool {
        let n_elements = self.field.n_elements();
        let product = self.field.product(a, x % n_elements) as usize;
        self.quadratic[product] ^ (x >= n_elements && self.trace[product])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a function of signs has in common with every linear one: fast, in place.
    fn correlations(mut values: Vec<i32>) -> Vec<i32> {
        let mut step = 1;
        while step < values.len() {
            for block in values.chunks_mut(2 * step) {
                let (low, high) = block.split_at_mut(step);
                for (a, b) in low.iter_mut().zip(high) {
                    (*a, *b) = (*a + *b, *a - *b);
                }
            }
            step *= 2;
        }
        values
    }

    /// The overlap of any two vectors of two Hadamard bases is one of these correlations over d.
    #[test]
    fn any_two_hadamard_bases_overlap_by_one_over_the_root_of_d_everywhere() {
        for d in [4, 16, 64, 256, 1024] {
            let forms = Forms::of(d);
            let n_bases = d as u32 / 2;
            let others = if d > 256 { n_bases - 3..n_bases } else { 0..n_bases };
            for (a, b) in others.flat_map(|a| (0..a).map(move |b| (a, b))) {
                let sign = |x: u32| if forms.is_odd(a, x) == forms.is_odd(b, x) { 1 } else { -1 };
                let found = correlations((0..d as u32).map(sign).collect());
                assert!(found.iter().all(|&found| (found * found) as usize == d), "{a} and {b} of {d}");
            }
        }
    }

    #[test]
    fn all_vectors_are_there_and_overlap_by_one_over_the_root_of_d_or_not_at_all() {
        for d in [4, 16, 64] {
            let n = KERDOCK.most_vectors(d);
            assert_eq!(n, d * (d / 2 + 1));
            let vectors = KERDOCK.draw(n, d, &mut random::stream(&[1]));
            let largest = 1.0 / libm::sqrt(d as f64) as f32;
            for one in 0..n {
                let mut n_orthogonal = 0;
                for other in 0..n {
                    // Powers of two: exact.
                    let overlap = vectors.row(one).dot(&vectors.row(other)).abs();
                    n_orthogonal += usize::from(overlap == 0.0);
                    assert!(overlap == if one == other { 1.0 } else { largest } || overlap == 0.0, "{overlap}");
                }
                assert_eq!(n_orthogonal, d - 1, "the rest of its own basis");
            }
        }
    }

    #[test]
    fn whole_bases_are_taken_first() {
        let (n, d) = (40, 16);
        let vectors = KERDOCK.draw(n, d, &mut random::stream(&[2]));
        let n_orthogonal =
            |one: usize| (0..n).filter(|&other| vectors.row(one).dot(&vectors.row(other)) == 0.0).count();
        let mut found: Vec<usize> = (0..n).map(n_orthogonal).collect();
        found.sort_unstable();
        assert_eq!(found, [vec![7; 8], vec![15; 32]].concat());
    }
}
