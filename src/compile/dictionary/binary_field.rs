//! Fields of 2^n elements: polynomials over GF(2), a bit a coefficient, modulo the least irreducible one of degree n.

pub struct BinaryField {
    degree: u32,
    modulus: u32,
}

impl BinaryField {
    pub fn of_degree(degree: u32) -> BinaryField {
        let is_irreducible = |&number: &u32| (2..2 << (degree / 2)).all(|factor| remainder(number, factor) != 0);
        let modulus = (1 << degree..2 << degree).find(is_irreducible).expect("there is one of every degree");
        BinaryField { degree, modulus }
    }

    pub fn n_elements(&self) -> u32 {
        1 << self.degree
    }

    pub fn product(&self, a: u32, b: u32) -> u32 {
        let (mut sum, mut shifted) = (0, a);
        for bit in 0..self.degree {
            if b >> bit & 1 == 1 {
                sum ^= shifted;
            }
            shifted <<= 1;
            if shifted >> self.degree == 1 {
                shifted ^= self.modulus;
            }
        }
        sum
    }

    /// a, a², a⁴, …: n of them.
    pub fn conjugates(&self, a: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(a), |&a| Some(self.product(a, a))).take(self.degree as usize)
    }

    /// The sum of the conjugates: 0 or 1.
    pub fn trace(&self, a: u32) -> u32 {
        self.conjugates(a).fold(0, |sum, conjugate| sum ^ conjugate)
    }
}

/// Of a division of polynomials.
fn remainder(mut number: u32, by: u32) -> u32 {
    while number != 0 && number.ilog2() >= by.ilog2() {
        number ^= by << (number.ilog2() - by.ilog2());
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_but_zero_has_an_inverse_and_half_of_all_have_trace_one() {
        for degree in [1, 3, 5, 7, 9] {
            let field = BinaryField::of_degree(degree);
            let all = 0..field.n_elements();
            for a in 1..field.n_elements() {
                assert_eq!(all.clone().filter(|&b| field.product(a, b) == 1).count(), 1, "{a} of degree {degree}");
            }
            assert!(all.clone().all(|a| field.trace(a) <= 1));
            assert_eq!(2 * all.clone().filter(|&a| field.trace(a) == 1).count(), all.len());
        }
    }
}
