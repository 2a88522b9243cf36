//! What a node is: a formula over signals, made of the gates that the language has.
//!
//! A formula over few signals is known by its truth table, however it was written: a cover of two rows can be an
//! exclusive or. Must not know a format.

/// A formula. Its depth is the reader's to limit.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Signal(usize),
    Not(Box<Value>),
    Gate(Gate, Vec<Value>),
}

/// The functions of the language that imports are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    All,
    Any,
    Parity,
    Nand,
    Nor,
    Xnor,
    AtLeast(u32),
    AtMost(u32),
    Exactly(u32),
    /// Of three: the second if the first is on, else the third.
    Mux,
}

/// Truth tables of so many signals fit into a word.
const MAX_TABLE: usize = 6;

/// The table of each of [`MAX_TABLE`] signals: bit m is bit i of m.
const COLUMNS: [u64; MAX_TABLE] = [
    0xaaaa_aaaa_aaaa_aaaa,
    0xcccc_cccc_cccc_cccc,
    0xf0f0_f0f0_f0f0_f0f0,
    0xff00_ff00_ff00_ff00,
    0xffff_0000_ffff_0000,
    0xffff_ffff_0000_0000,
];

impl Value {
    pub fn constant(is_on: bool) -> Value {
        Value::Gate(if is_on { Gate::All } else { Gate::Any }, Vec::new())
    }

    pub fn literal(signal: usize, negated: bool) -> Value {
        if negated { Value::Signal(signal).not() } else { Value::Signal(signal) }
    }

    pub fn not(self) -> Value {
        match self {
            Value::Not(inner) => *inner,
            value => Value::Not(Box::new(value)),
        }
    }

    /// The same as [`Value::not`], without an inversion outside where none is needed.
    pub fn complement(self) -> Value {
        let is_not = |operand: &Value| matches!(operand, Value::Not(_));
        match self {
            Value::Gate(Gate::All, operands) if operands.iter().all(is_not) => {
                Value::Gate(Gate::Any, operands.into_iter().map(Value::not).collect())
            }
            Value::Gate(Gate::All, operands) => Value::Gate(Gate::Nand, operands),
            value => value.not(),
        }
    }

    /// One gate of all operands, and of those of operands that are of the same kind.
    pub fn chain(gate: Gate, operands: Vec<Value>) -> Value {
        let mut flat = Vec::with_capacity(operands.len());
        for operand in operands {
            match operand {
                Value::Gate(inner, operands) if inner == gate => flat.extend(operands),
                operand => flat.push(operand),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Value::Gate(gate, flat) }
    }

    /// The rows of a cover, each with the literals that it asks for: on where one holds, or off there.
    pub fn cover(rows: Vec<Vec<Value>>, is_on: bool) -> Value {
        let rows = rows.into_iter().map(|literals| Value::chain(Gate::All, literals)).collect();
        let value = Value::chain(Gate::Any, rows);
        if is_on { value } else { value.not() }
    }

    /// A truth table over at most [`MAX_TABLE`] distinct signals: bit m is the value where bit i of m is signal i.
    pub fn of_table(signals: &[usize], table: u64) -> Value {
        let n = signals.len();
        let minterms = (0..1_usize << n).filter(|minterm| table >> minterm & 1 == 1);
        let rows = minterms.map(|minterm| (0..n).map(|i| Value::literal(signals[i], minterm >> i & 1 == 0)).collect());
        Value::cover(rows.collect(), true).simplified()
    }

    /// The same function as one gate, if it is one over few signals.
    pub fn simplified(self) -> Value {
        let mut signals = Vec::new();
        if !self.collect(&mut signals) {
            return self;
        }
        let table = self.table(&signals);
        known(table, signals).unwrap_or(self)
    }

    /// As often as they are read.
    pub fn each_signal(&self, visit: &mut impl FnMut(usize)) {
        match self {
            Value::Signal(signal) => visit(*signal),
            Value::Not(inner) => inner.each_signal(visit),
            Value::Gate(_, operands) => operands.iter().for_each(|operand| operand.each_signal(visit)),
        }
    }

    /// The distinct signals, in order; whether they are few.
    fn collect(&self, signals: &mut Vec<usize>) -> bool {
        match self {
            Value::Signal(signal) => {
                if !signals.contains(signal) {
                    signals.push(*signal);
                }
                signals.len() <= MAX_TABLE
            }
            Value::Not(inner) => inner.collect(signals),
            Value::Gate(_, operands) => operands.iter().all(|operand| operand.collect(signals)),
        }
    }

    fn table(&self, signals: &[usize]) -> u64 {
        match self {
            Value::Signal(signal) => {
                COLUMNS[signals.iter().position(|known| known == signal).expect("collected before")]
            }
            Value::Not(inner) => !inner.table(signals),
            Value::Gate(gate, operands) => gate.word(operands.iter().map(|operand| operand.table(signals))),
        }
    }
}

impl Gate {
    /// 64 values at once.
    fn word(self, operands: impl Iterator<Item = u64>) -> u64 {
        match self {
            Gate::All => operands.fold(u64::MAX, |word, operand| word & operand),
            Gate::Nand => !Gate::All.word(operands),
            Gate::Any => operands.fold(0, |word, operand| word | operand),
            Gate::Nor => !Gate::Any.word(operands),
            Gate::Parity => operands.fold(0, |word, operand| word ^ operand),
            Gate::Xnor => !Gate::Parity.word(operands),
            Gate::AtLeast(k) => of_count(operands, |n_on| n_on >= k),
            Gate::AtMost(k) => of_count(operands, |n_on| n_on <= k),
            Gate::Exactly(k) => of_count(operands, |n_on| n_on == k),
            Gate::Mux => {
                let words: Vec<u64> = operands.collect();
                words[0] & words[1] | !words[0] & words[2]
            }
        }
    }
}

fn of_count(operands: impl Iterator<Item = u64>, is_on: impl Fn(u32) -> bool) -> u64 {
    let words: Vec<u64> = operands.collect();
    (0..64).filter(|bit| is_on(words.iter().map(|word| (word >> bit & 1) as u32).sum())).map(|bit| 1 << bit).sum()
}

/// The gate that has this table over these signals; `None` where no one gate has it.
fn known(table: u64, mut signals: Vec<usize>) -> Option<Value> {
    let mut table = table;
    // What makes no difference is not read.
    for i in (0..signals.len()).rev() {
        let (off, on) = cofactors(table, i);
        if off == on {
            signals.remove(i);
            table = off;
        }
    }
    let n = signals.len();
    let size = 1_u32 << n;
    let table = if n == MAX_TABLE { table } else { table & ((1 << size) - 1) };
    let operands = || signals.iter().map(|&signal| Value::Signal(signal)).collect::<Vec<_>>();
    // Operand i is plain where bit i of the minterm is on.
    let literals = |minterm: u32| (0..n).map(|i| Value::literal(signals[i], minterm >> i & 1 == 0)).collect::<Vec<_>>();
    let gate = |gate| Some(Value::Gate(gate, operands()));
    match (n, table.count_ones()) {
        (0, n_on) => return Some(Value::constant(n_on == 1)),
        (1, _) => return Some(Value::literal(signals[0], table == 1)),
        (_, 1) if table == 1 => return gate(Gate::Nor),
        (_, 1) => return Some(Value::Gate(Gate::All, literals(table.trailing_zeros()))),
        (_, n_on) if n_on == size - 1 && table.trailing_ones() == size - 1 => return gate(Gate::Nand),
        (_, n_on) if n_on == size - 1 => {
            return Some(Value::Gate(Gate::Any, literals(!table.trailing_ones())));
        }
        _ => {}
    }
    by_count(table, n).map_or_else(|| mux(table, &signals), gate)
}

/// The table where signal i is off, and where it is on, over the others.
fn cofactors(table: u64, i: usize) -> (u64, u64) {
    let (mut off, mut on) = (0, 0);
    for minterm in 0..32_u64 {
        let low = minterm & ((1 << i) - 1);
        let place = (minterm - low) << 1 | low;
        off |= (table >> place & 1) << minterm;
        on |= (table >> (place | 1 << i) & 1) << minterm;
    }
    // Above 2^5 tables repeat themselves, as those of absent signals do.
    (off | off << 32, on | on << 32)
}

/// The gate whose value depends on how many of `n` signals are on alone.
fn by_count(table: u64, n: usize) -> Option<Gate> {
    let mut of_count = vec![None; n + 1];
    for minterm in 0..1_u64 << n {
        let (value, known) = (table >> minterm & 1 == 1, &mut of_count[minterm.count_ones() as usize]);
        if *known.get_or_insert(value) != value {
            return None;
        }
    }
    let of_count: Vec<bool> = of_count.into_iter().map(|value| value == Some(true)).collect();
    let n_on = of_count.iter().filter(|value| **value).count();
    let first = of_count.iter().position(|value| *value)? as u32;
    let is_run = of_count.iter().skip(first as usize).take(n_on).all(|value| *value);
    match of_count[..] {
        _ if of_count.iter().enumerate().all(|(count, &value)| value == (count % 2 == 1)) => Some(Gate::Parity),
        _ if of_count.iter().enumerate().all(|(count, &value)| value == (count % 2 == 0)) => Some(Gate::Xnor),
        [.., true] if is_run => Some(Gate::AtLeast(first)),
        [true, ..] if is_run => Some(Gate::AtMost(n_on as u32 - 1)),
        _ if n_on == 1 => Some(Gate::Exactly(first)),
        _ => None,
    }
}

/// One of two literals, whichever a third signal selects.
fn mux(table: u64, signals: &[usize]) -> Option<Value> {
    if signals.len() != 3 {
        return None;
    }
    (0..3).find_map(|select| {
        let others: Vec<usize> = (0..3).filter(|i| *i != select).collect();
        let (off, on) = cofactors(table, select);
        let literal = |half: u64| match half & 0xf {
            0b1010 => Some(Value::literal(signals[others[0]], false)),
            0b0101 => Some(Value::literal(signals[others[0]], true)),
            0b1100 => Some(Value::literal(signals[others[1]], false)),
            0b0011 => Some(Value::literal(signals[others[1]], true)),
            _ => None,
        };
        Some(Value::Gate(Gate::Mux, vec![Value::Signal(signals[select]), literal(on)?, literal(off)?]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{self, below, key_of};

    fn signal(index: usize) -> Value {
        Value::Signal(index)
    }

    #[test]
    fn a_table_is_the_gate_that_has_it() {
        let check = |n: usize, table: u64, expect: Gate| match Value::of_table(&(0..n).collect::<Vec<_>>(), table) {
            Value::Gate(gate, operands) => assert_eq!((gate, operands.len()), (expect, n), "{table:b}"),
            value => panic!("{table:b} is {value:?}"),
        };
        check(2, 0b0110, Gate::Parity);
        check(2, 0b1001, Gate::Xnor);
        check(2, 0b0111, Gate::Nand);
        check(2, 0b0001, Gate::Nor);
        check(2, 0b0100, Gate::All);
        check(3, 0b1111_1110, Gate::Any);
        check(3, 0b1110_1000, Gate::AtLeast(2));
        check(3, 0b0001_0111, Gate::AtMost(1));
        check(3, 0b0001_0110, Gate::Exactly(1));
        check(3, 0b1110_0100, Gate::Mux);
        check(6, 0x6996_9669_9669_6996, Gate::Parity);
        assert_eq!(Value::of_table(&[4, 5], 0b1100), signal(5), "the other makes no difference");
        assert_eq!(Value::of_table(&[4, 5], 0b0101), signal(4).not());
        assert_eq!(Value::of_table(&[4], 0b11), Value::constant(true));
    }

    #[test]
    fn whatever_a_table_is_taken_for_has_the_table() {
        let mut rng = random::stream(&[key_of("tables")]);
        for n in 0..=MAX_TABLE {
            let signals: Vec<usize> = (0..n).collect();
            let every = n <= 4;
            for index in 0..if every { 1 << (1 << n) } else { 4000_u64 } {
                let word = u64::from(below(&mut rng, u32::MAX)) << 32 | u64::from(below(&mut rng, u32::MAX));
                // Few minterms, or all but few, are more likely to be a gate.
                let sparse = (0..3).map(|bit| 1 << (word >> (6 * bit) & 63)).fold(0, |table, bit| table | bit);
                let table = if every { index } else { [word, sparse, !sparse][index as usize % 3] };
                let mask = if n == MAX_TABLE { u64::MAX } else { (1 << (1 << n)) - 1 };
                let value = Value::of_table(&signals, table & mask);
                assert_eq!(value.table(&signals) & mask, table & mask, "{n} {table:x} {value:?}");
            }
        }
    }
}
