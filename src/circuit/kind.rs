//! The kinds of gates, and the value of each. Must not know how operands are stored.

/// How the value as written depends on the number of true operands (`mux`: on their order).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    And,
    Or,
    Xor,
    Nand,
    Nor,
    Xnor,
    Copy,
    AtLeast(u32),
    AtMost(u32),
    Exactly(u32),
    /// More than half of the operands.
    Majority,
    /// Operands s, a, b: a if s, else b.
    Mux,
    /// Operands two by two: whether both of any pair are true.
    AnyPair,
}

impl Kind {
    /// Every kind that a file can write once, in the order of reports; those that count have this count. An `any` of
    /// `all`s becomes one of pairs only where neurons multiply.
    pub const fn every(k: u32) -> [Kind; 12] {
        [
            Kind::And,
            Kind::Or,
            Kind::Xor,
            Kind::Nand,
            Kind::Nor,
            Kind::Xnor,
            Kind::Copy,
            Kind::AtLeast(k),
            Kind::AtMost(k),
            Kind::Exactly(k),
            Kind::Majority,
            Kind::Mux,
        ]
    }

    /// The value as written, over operands with these values, in order. A `mux` or pair that has lost operands is off.
    pub fn value(self, operands: impl IntoIterator<Item = bool>) -> bool {
        let mut operands = operands.into_iter();
        if self == Kind::Mux {
            return match (operands.next(), operands.next(), operands.next()) {
                (Some(select), Some(then), Some(otherwise)) => {
                    if select {
                        then
                    } else {
                        otherwise
                    }
                }
                _ => false,
            };
        }
        if self == Kind::AnyPair {
            let values: Vec<bool> = operands.collect();
            return values.chunks_exact(2).any(|pair| pair[0] && pair[1]);
        }
        let (n_true, n) = operands.fold((0, 0), |(n_true, n), value| (n_true + value as u32, n + 1));
        self.value_of_count(n_true, n) == Some(true)
    }

    /// The value as written, when `n_true` of `n` operands are true; `None` where it depends on which: of a `mux`, of
    /// pairs.
    pub fn value_of_count(self, n_true: u32, n: u32) -> Option<bool> {
        Some(match self {
            Kind::And | Kind::Copy => n_true == n,
            Kind::Nand => n_true != n,
            Kind::Or => n_true > 0,
            Kind::Nor => n_true == 0,
            Kind::Xor => n_true % 2 == 1,
            Kind::Xnor => n_true.is_multiple_of(2),
            Kind::AtLeast(k) => n_true >= k,
            Kind::AtMost(k) => n_true <= k,
            Kind::Exactly(k) => n_true == k,
            Kind::Majority => 2 * n_true > n,
            Kind::Mux | Kind::AnyPair => return None,
        })
    }

    /// The count that `at_least`, `at_most` and `exactly` have.
    pub fn count(self) -> Option<u32> {
        match self {
            Kind::AtLeast(k) | Kind::AtMost(k) | Kind::Exactly(k) => Some(k),
            _ => None,
        }
    }

    /// The field's name, as in reports: `and or xor nand nor xnor copy at_least at_most exactly majority mux
    /// any_pair`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::And => "and",
            Kind::Or => "or",
            Kind::Xor => "xor",
            Kind::Nand => "nand",
            Kind::Nor => "nor",
            Kind::Xnor => "xnor",
            Kind::Copy => "copy",
            Kind::AtLeast(_) => "at_least",
            Kind::AtMost(_) => "at_most",
            Kind::Exactly(_) => "exactly",
            Kind::Majority => "majority",
            Kind::Mux => "mux",
            Kind::AnyPair => "any_pair",
        }
    }
}
