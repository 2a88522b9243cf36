//! Weighing matrices: of signs, and few zeros, any two rows orthogonal.
//!
//! *Hadamard* matrices have no zeros. Sylvester 1867 doubles a matrix H to [H H; H −H]. Paley 1933 makes one of q + 1
//! rows of what is a square modulo a prime q = 4i + 3, and one of 2 (q + 1) where q = 4i + 1. Where several make d
//! rows, the one that is doubled most.
//!
//! *Conference* matrices have zeros on the diagonal and nowhere else. Paley makes a symmetric one of q + 1 rows of what
//! is a square modulo a prime q = 4i + 1, in dimensions where there is no Hadamard matrix.

use crate::primes::is_prime;

/// A Hadamard matrix: a core, doubled some times.
#[derive(Debug, Clone)]
pub struct Signs {
    n_doublings: u32,
    core: Core,
    /// Modulo q.
    is_square: Vec<bool>,
}

#[derive(Debug, Clone, Copy)]
enum Core {
    /// [1]
    One,
    /// Paley's first, of q + 1 rows.
    First { q: usize },
    /// His second, of 2 (q + 1) rows.
    Second { q: usize },
}

/// Whether there is a Hadamard matrix of `d` rows.
pub fn exists(d: usize) -> bool {
    made_of(d).is_some()
}

/// A conference matrix.
#[derive(Debug, Clone)]
pub struct Conference {
    /// Modulo q.
    is_square: Vec<bool>,
}

impl Conference {
    /// Of `d` rows; `None`: this construction has none.
    pub fn of(d: usize) -> Option<Conference> {
        let q = d.checked_sub(1).filter(|&q| q % 4 == 1 && is_prime(q))?;
        Some(Conference { is_square: squares(q) })
    }

    /// 1, 0 or −1.
    pub fn sign(&self, row: usize, column: usize) -> i8 {
        let q = self.is_square.len();
        match (row, column) {
            _ if row == column => 0,
            (0, _) | (_, 0) => 1,
            _ if self.is_square[(row + q - column) % q] => 1,
            _ => -1,
        }
    }
}

/// What makes a matrix of `d` rows: doublings of a core.
fn made_of(d: usize) -> Option<(u32, Core)> {
    let most_doublings = (d > 0).then(|| d.trailing_zeros())?;
    let cores = (0..=most_doublings).rev().map(|n_doublings| match d >> n_doublings {
        1 => Some((n_doublings, Core::One)),
        rows if rows % 4 == 0 && is_prime(rows - 1) => Some((n_doublings, Core::First { q: rows - 1 })),
        rows if rows % 8 == 4 && is_prime(rows / 2 - 1) => Some((n_doublings, Core::Second { q: rows / 2 - 1 })),
        _ => None,
    });
    cores.flatten().next()
}

impl Signs {
    /// Of `d` rows; `None`: these constructions have none.
    pub fn of(d: usize) -> Option<Signs> {
        let (n_doublings, core) = made_of(d)?;
        let q = match core {
            Core::One => 1,
            Core::First { q } | Core::Second { q } => q,
        };
        Some(Signs { n_doublings, core, is_square: squares(q) })
    }

    pub fn is_negative(&self, row: usize, column: usize) -> bool {
        let is_doubled_negative = (row & column & ((1 << self.n_doublings) - 1)).count_ones() % 2 == 1;
        let (row, column) = (row >> self.n_doublings, column >> self.n_doublings);
        let is_negative = match self.core {
            Core::One => false,
            Core::First { .. } if row == column => false,
            Core::First { .. } if column == 0 => true,
            Core::First { q } => self.is_difference_negative(q, row, column),
            Core::Second { .. } if row / 2 == column / 2 => (row | column) % 2 == 1,
            Core::Second { q } => self.is_difference_negative(q, row / 2, column / 2) ^ ((row & column) % 2 == 1),
        };
        is_negative ^ is_doubled_negative
    }

    /// Of the differences modulo q, which are no squares, behind a first row and column of ones.
    fn is_difference_negative(&self, q: usize, row: usize, column: usize) -> bool {
        row > 0 && column > 0 && !self.is_square[(row + q - column) % q]
    }
}

/// Whether each number below the prime is a square modulo it.
fn squares(prime: usize) -> Vec<bool> {
    let mut is_square = vec![false; prime];
    (0..prime).for_each(|root| is_square[root * root % prime] = true);
    is_square
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The orders up to 128 that these constructions leave out: 52 and 100 take q = 5² and 7², others take more.
    #[test]
    fn any_two_rows_are_orthogonal_in_almost_every_fourth_dimension() {
        let mut without = Vec::new();
        for d in 1..=128 {
            let Some(signs) = Signs::of(d) else {
                without.push(d);
                continue;
            };
            for (row, other) in (0..d).flat_map(|row| (0..row).map(move |other| (row, other))) {
                let differs = |&column: &usize| signs.is_negative(row, column) != signs.is_negative(other, column);
                assert_eq!(2 * (0..d).filter(differs).count(), d, "rows {row} and {other} of {d}");
            }
        }
        without.retain(|d| d % 4 == 0);
        assert_eq!(without, [52, 92, 100, 116]);
    }

    #[test]
    fn any_two_rows_of_a_conference_matrix_are_orthogonal() {
        let sizes: Vec<usize> = (0..64).filter(|&d| Conference::of(d).is_some()).collect();
        assert_eq!(sizes, [6, 14, 18, 30, 38, 42, 54, 62]);
        for d in sizes {
            let matrix = Conference::of(d).unwrap();
            for (row, other) in (0..d).flat_map(|row| (0..=row).map(move |other| (row, other))) {
                let products = (0..d).map(|column| i32::from(matrix.sign(row, column) * matrix.sign(other, column)));
                let expected = if row == other { d as i32 - 1 } else { 0 };
                assert_eq!(products.sum::<i32>(), expected, "rows {row} and {other} of {d}");
            }
        }
    }
}
