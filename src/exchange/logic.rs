//! Counting in two-valued logic: sums of bits by adders, and what they are held against.
//!
//! A format says how its wires are joined; what is asked of many operands then costs a few gates for each.

use crate::circuit::Kind;

/// A format's wires, and how they are joined.
pub(super) trait Logic {
    type Wire: Copy;

    fn constant(&mut self, is_on: bool) -> Self::Wire;
    fn not(&mut self, wire: Self::Wire) -> Self::Wire;
    fn all(&mut self, wires: &[Self::Wire]) -> Self::Wire;
    /// Whether an odd number of two or three is on.
    fn odd(&mut self, wires: &[Self::Wire]) -> Self::Wire;
    /// Whether at least two of three are on.
    fn two_of(&mut self, wires: [Self::Wire; 3]) -> Self::Wire;

    fn any(&mut self, wires: &[Self::Wire]) -> Self::Wire {
        let negated: Vec<Self::Wire> = wires.iter().map(|&wire| self.not(wire)).collect();
        let none = self.all(&negated);
        self.not(none)
    }

    /// A gate of this kind over operands as written.
    fn gate(&mut self, kind: Kind, operands: &[Self::Wire]) -> Self::Wire {
        let n = operands.len() as u32;
        let value = match kind {
            Kind::And | Kind::Copy | Kind::Nand => self.all(operands),
            Kind::Or | Kind::Nor => self.any(operands),
            Kind::Xor | Kind::Xnor => self.parity(operands),
            Kind::AtLeast(k) => self.at_least(k, operands),
            Kind::AtMost(k) => self.at_least(k.saturating_add(1), operands),
            Kind::Majority => self.at_least(n / 2 + 1, operands),
            Kind::Exactly(k) => {
                let sum = self.sum(operands);
                self.equals(&sum, k)
            }
            Kind::Mux => {
                let [select, then, otherwise] = operands else { return self.constant(false) };
                let on = self.all(&[*select, *then]);
                let unselected = self.not(*select);
                let off = self.all(&[unselected, *otherwise]);
                self.any(&[on, off])
            }
            Kind::AnyPair => {
                let pairs: Vec<Self::Wire> = operands.chunks_exact(2).map(|pair| self.all(pair)).collect();
                self.any(&pairs)
            }
        };
        let is_complement = matches!(kind, Kind::Nand | Kind::Nor | Kind::Xnor | Kind::AtMost(_));
        if is_complement { self.not(value) } else { value }
    }

    fn parity(&mut self, wires: &[Self::Wire]) -> Self::Wire {
        let mut wires = wires.to_vec();
        while wires.len() > 1 {
            let pairs: Vec<Self::Wire> = wires.chunks(2).map(|pair| self.odd_of(pair)).collect();
            wires = pairs;
        }
        wires.first().copied().unwrap_or_else(|| self.constant(false))
    }

    fn odd_of(&mut self, wires: &[Self::Wire]) -> Self::Wire {
        if let [only] = wires { *only } else { self.odd(wires) }
    }

    fn at_least(&mut self, k: u32, wires: &[Self::Wire]) -> Self::Wire {
        let n = wires.len() as u32;
        match k {
            0 => self.constant(true),
            1 => self.any(wires),
            _ if k > n => self.constant(false),
            _ if k == n => self.all(wires),
            _ => {
                let sum = self.sum(wires);
                // From the lowest bit on: whether the bits so far are at least those of k.
                let mut reached = self.constant(true);
                for (place, &bit) in sum.iter().enumerate() {
                    let both = [bit, reached];
                    reached = if k >> place & 1 == 1 { self.all(&both) } else { self.any(&both) };
                }
                reached
            }
        }
    }

    fn equals(&mut self, bits: &[Self::Wire], k: u32) -> Self::Wire {
        if u64::from(k) >> bits.len() > 0 {
            return self.constant(false);
        }
        let of_place = |(place, &bit): (usize, &Self::Wire)| if k >> place & 1 == 1 { bit } else { self.not(bit) };
        let equal: Vec<Self::Wire> = bits.iter().enumerate().map(of_place).collect();
        self.all(&equal)
    }

    /// How many wires are on, in binary, the lowest bit first: a tree of adders, a few gates for each wire.
    fn sum(&mut self, wires: &[Self::Wire]) -> Vec<Self::Wire> {
        let mut column = wires.to_vec();
        let mut bits = Vec::new();
        while !column.is_empty() {
            let mut carried = Vec::new();
            while column.len() > 1 {
                let (mut sums, mut threes) = (Vec::new(), column.chunks_exact(3));
                for three in threes.by_ref() {
                    sums.push(self.odd(three));
                    carried.push(self.two_of([three[0], three[1], three[2]]));
                }
                let rest = threes.remainder();
                if sums.is_empty() && rest.len() == 2 {
                    carried.push(self.all(rest));
                    sums.push(self.odd(rest));
                } else {
                    sums.extend(rest);
                }
                column = sums;
            }
            bits.append(&mut column);
            column = carried;
        }
        bits
    }
}
