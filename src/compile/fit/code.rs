//! Signs of low overlap: of every feature a code over the neurons, so that not only the codes are nearly orthogonal,
//! but the products of two as well.
//!
//! A neuron with signs for weights hears of two features at once as relu(a + b) = ½ (a + b) + ½ |a + b|, and
//! |a + b| = 1 + ab: what tells a pair is the product of its signs. Feature i at neuron x has the sign of the trace of
//! α_i x + α_i³ x³, over GF(2^m): the dual of the double-error-correcting BCH code (Bose and Ray-Chaudhuri 1960;
//! Hocquenghem 1959). Products are words of the same code, and two of them that differ agree and disagree equally often
//! but for √(2 · 2^m) of 2^m neurons, m odd, or 2 √(2^m), m even (Gold 1968). Random signs are off by five times
//! √(2^m) for some of a few million products.
//!
//! Must not know what is read off.

use ndarray::Array2;

use crate::random::{self, Pcg64};

/// Primitive polynomials over GF(2) of degree 2 and more, one bit a coefficient.
const PRIMITIVE: [u32; 13] = [0x7, 0xb, 0x13, 0x25, 0x43, 0x83, 0x11d, 0x211, 0x409, 0x805, 0x1053, 0x201b, 0x4443];

/// GF(2^m): an element is a polynomial over GF(2), one bit a coefficient.
struct Field {
    m: u32,
    modulus: u32,
    /// Bit i: the trace of the i-th power of the generator. The trace is linear.
    traces: u32,
}

impl Field {
    /// The smallest field of at least so many elements; `None` beyond 2^14.
    fn of_at_least(n: usize) -> Option<Field> {
        let m = n.max(4).next_power_of_two().trailing_zeros();
        let mut field = Field { m, modulus: *PRIMITIVE.get(m as usize - 2)?, traces: 0 };
        field.traces = (0..m).map(|bit| field.trace_of(1 << bit) << bit).sum();
        Some(field)
    }

    fn n_elements(&self) -> u32 {
        1 << self.m
    }

    fn times(&self, a: u32, b: u32) -> u32 {
        let mut product = 0;
        for bit in (0..self.m).rev() {
            product <<= 1;
            product ^= if product >> self.m & 1 == 1 { self.modulus } else { 0 };
            product ^= if b >> bit & 1 == 1 { a } else { 0 };
        }
        product
    }

    fn cube(&self, a: u32) -> u32 {
        self.times(self.times(a, a), a)
    }

    /// a + a² + a⁴ + …: 0 or 1.
    fn trace_of(&self, a: u32) -> u32 {
        let powers = std::iter::successors(Some(a), |&power| Some(self.times(power, power)));
        powers.take(self.m as usize).fold(0, |sum, power| sum ^ power)
    }

    fn trace(&self, a: u32) -> u32 {
        (a & self.traces).count_ones() & 1
    }
}

/// ±1 at random for every feature and neuron, [features, n].
pub fn random_signs(n_features: usize, n: usize, rng: &mut Pcg64) -> Array2<f32> {
    Array2::from_shape_simple_fn((n_features, n), || if random::coin(rng, 0.5) { 1.0 } else { -1.0 })
}

/// The same, of low overlap. Of a number of neurons that is no power of two, those of the next
/// that were drawn. Random signs where there are more features than words, or too many neurons.
pub fn signs(n_features: usize, n: usize, rng: &mut Pcg64) -> Array2<f32> {
    let field = Field::of_at_least(n).filter(|field| n_features < field.n_elements() as usize);
    let Some(field) = field else {
        return random_signs(n_features, n, rng);
    };
    // Consecutive elements are closed under addition.
    let mut shuffled = |first| {
        let mut elements: Vec<u32> = (first..field.n_elements()).collect();
        random::shuffle(rng, &mut elements);
        elements.into_iter().map(|element| (element, field.cube(element)))
    };
    let places: Vec<(u32, u32)> = shuffled(0).take(n).collect();
    let mut signs = Array2::zeros((n_features, n));
    for (mut row, (a, a3)) in signs.rows_mut().into_iter().zip(shuffled(1)) {
        for (sign, &(x, x3)) in row.iter_mut().zip(&places) {
            *sign = 1.0 - 2.0 * field.trace(field.times(a, x) ^ field.times(a3, x3)) as f32;
        }
    }
    signs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_modulus_is_primitive() {
        for m in 2..=14 {
            let field = Field::of_at_least(1 << m).expect("up to 2^14");
            let order =
                1 + std::iter::successors(Some(2), |&x| Some(field.times(x, 2))).take_while(|&x| x != 1).count();
            assert_eq!(order as u32, field.n_elements() - 1, "degree {m}");
            assert!((0..field.n_elements()).step_by(7).all(|a| field.trace(a) == field.trace_of(a)), "degree {m}");
        }
        assert!(Field::of_at_least((1 << 14) + 1).is_none());
    }

    /// The overlap of every two products of two codes, at most.
    fn most_overlap(signs: &Array2<f32>) -> f32 {
        let n_features = signs.nrows();
        let pairs = || (0..n_features).flat_map(|j| (0..j).map(move |i| (i, j)));
        let products: Vec<_> = pairs().map(|(i, j)| &signs.row(i) * &signs.row(j)).collect();
        let overlap = |(i, j): (usize, usize)| products[i].dot(&products[j]).abs();
        (0..products.len()).flat_map(|j| (0..j).map(move |i| (i, j))).map(overlap).fold(0.0, f32::max)
    }

    #[test]
    fn products_of_two_codes_overlap_as_little_as_gold_says() {
        let mut rng = random::stream(&[5]);
        for (n, most) in [(128, 16.0), (256, 32.0), (512, 32.0)] {
            assert_eq!(most_overlap(&signs(25, n, &mut rng)), most, "{n} neurons");
        }
        // There are no words for so many features.
        assert!(most_overlap(&signs(128, 128, &mut rng)) > 40.0);
    }

    #[test]
    fn any_number_of_neurons_gets_signs() {
        let mut rng = random::stream(&[6]);
        for (n_features, n) in [(3, 1), (5, 6), (100, 384), (0, 3), (2, 20_000)] {
            let signs = signs(n_features, n, &mut rng);
            assert_eq!(signs.dim(), (n_features, n));
            assert!(signs.iter().all(|sign| sign.abs() == 1.0));
        }
    }
}
