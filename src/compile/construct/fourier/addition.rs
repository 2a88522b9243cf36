//! Which circuits add modulo P: found in what their gates are, however the text is written.
//!
//! P gates over two groups of P features, one of each on: a table in which each cell, a member of one group and one of
//! the other, has its gate. It is that of addition modulo P, up to what its rows, columns and gates are called, where
//! some step from row to row goes through all gates in one circle: then rows, columns and gates are numbered along it,
//! and every cell is looked at. Must not know a frequency, nor a neuron.

use crate::circuit::{Circuit, Clause, Gate, GateId, Kind, Literal, Member};
use crate::compile::layer::LayerTask;
use crate::compile::problems;
use crate::diagnostic::Diagnostic;

/// out = a + b modulo P.
#[derive(Debug, Clone, PartialEq)]
pub struct Addition {
    /// P.
    pub modulus: usize,
    /// By group: its features, and the number of each.
    pub groups: [Vec<(u32, usize)>; 2],
    /// By target: its number.
    pub sums: Vec<usize>,
}

impl Addition {
    /// # Errors
    /// What it is in the circuit that is no addition.
    pub fn of(task: &LayerTask) -> Result<Addition, Box<Diagnostic>> {
        let circuit = task.circuit;
        let refused = |target_idx: usize, why: &str| Box::new(problems::no_addition(task, target_idx, why));
        if circuit.layers.len() != 1 {
            return Err(refused(0, "the circuit has other layers"));
        }
        let n = task.targets.len();
        if n < 3 {
            return Err(refused(0, "there are fewer than three sums"));
        }
        let is_of_pairs = |gate: &Gate| gate.kind == Kind::AnyPair && !gate.complemented;
        if let Some(other) = circuit.gates.iter().position(|gate| !is_of_pairs(gate)) {
            return Err(refused(other, "it is no `any` of pairs"));
        }
        let mut groups: Option<[&Group; 2]> = None;
        let exclusive = exclusive(circuit);
        let mut cells: Vec<Option<usize>> = vec![None; n * n];
        for target_idx in 0..n {
            let gate = GateId(target_idx as u32);
            for pair in circuit.operands(gate).chunks_exact(2) {
                let places = pair.iter().map(|literal| place(&exclusive, literal)).collect::<Option<Vec<_>>>();
                let Some(&[one, other]) = places.as_deref() else {
                    return Err(refused(target_idx, "it reads what is not one of a group"));
                };
                let groups = *groups.get_or_insert([one.0, other.0]);
                let cell = [(one, other), (other, one)].into_iter().find_map(|(a, b)| {
                    let fits = std::ptr::eq(a.0, groups[0]) && std::ptr::eq(b.0, groups[1]);
                    fits.then_some(a.1 * n + b.1)
                });
                if groups.iter().any(|group| group.len() != n) || std::ptr::eq(groups[0], groups[1]) {
                    return Err(refused(
                        target_idx,
                        "the groups that it reads are not two, of as many as there are sums",
                    ));
                }
                match cell {
                    Some(cell) if cells[cell].is_none() => cells[cell] = Some(target_idx),
                    Some(_) => return Err(refused(target_idx, "two sums have one pair")),
                    None => return Err(refused(target_idx, "it reads other groups than the first")),
                }
            }
        }
        let (Some(groups), Some(cells)) = (groups, cells.into_iter().collect::<Option<Vec<usize>>>()) else {
            return Err(refused(0, "some pair has no sum"));
        };
        let Some((rows, columns, sums)) = numbered(&cells, n) else {
            return Err(refused(0, "it is another table than that of addition"));
        };
        let with = |group: &Group, numbers: Vec<usize>| group.iter().copied().zip(numbers).collect();
        Ok(Addition { modulus: n, groups: [with(groups[0], rows), with(groups[1], columns)], sums })
    }
}

type Group = Vec<u32>;

/// The groups of features of which always one is on.
fn exclusive(circuit: &Circuit) -> Vec<Group> {
    let clauses = circuit.distribution.clauses.iter().filter(|_| circuit.distribution.rows.is_none());
    let group = |clause: &Clause| match clause.chosen() {
        Some((members, count)) if *count == (1..=1) => {
            let single = |member: &Member| match member {
                Member::One(feature) => Some(*feature),
                Member::Row(_) => None,
            };
            let mut features = members.iter().map(single).collect::<Option<Group>>()?;
            features.sort_unstable();
            Some(features)
        }
        _ => None,
    };
    clauses.filter_map(group).collect()
}

/// The group of a literal, and its place there.
fn place<'a>(exclusive: &'a [Group], literal: &Literal) -> Option<(&'a Group, usize)> {
    let found = |group: &'a Group| Some((group, group.binary_search(&literal.signal().0).ok()?));
    exclusive.iter().find_map(found).filter(|_| !literal.negated())
}

/// Numbers of rows, columns and symbols of a square table with which it is addition modulo its size, if there are any.
fn numbered(cells: &[usize], n: usize) -> Option<(Vec<usize>, Vec<usize>, Vec<usize>)> {
    let mut column_of = vec![None; n];
    (0..n).for_each(|column| column_of[cells[column]] = Some(column));
    let column_of = column_of.into_iter().collect::<Option<Vec<usize>>>()?;
    // From a symbol of the first row to the one below it in another row; whichever row makes one circle will do.
    let circle = |row: usize| {
        let mut numbers = vec![None; n];
        let mut symbol = cells[0];
        for number in 0..n {
            if numbers[symbol].replace(number).is_some() {
                return None;
            }
            symbol = cells[row * n + column_of[symbol]];
        }
        numbers.into_iter().collect::<Option<Vec<usize>>>()
    };
    let symbols = (1..n).find_map(circle)?;
    let rows: Vec<usize> = (0..n).map(|row| symbols[cells[row * n]]).collect();
    let columns: Vec<usize> = (0..n).map(|column| symbols[cells[column]]).collect();
    let adds = |cell: usize| symbols[cells[cell]] == (rows[cell / n] + columns[cell % n]) % n;
    (0..n * n).all(adds).then_some((rows, columns, symbols))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    #[test]
    fn a_table_is_that_of_addition_whatever_its_lines_are_called() {
        let mut rng = random::stream(&[3]);
        for n in [3, 4, 6, 7, 12, 59] {
            let [rows, columns, symbols] = [(); 3].map(|()| {
                let mut numbers: Vec<usize> = (0..n).collect();
                random::shuffle(&mut rng, &mut numbers);
                numbers
            });
            let mut cells: Vec<usize> =
                (0..n * n).map(|cell| symbols[(rows[cell / n] + columns[cell % n]) % n]).collect();
            assert!(numbered(&cells, n).is_some(), "{n}");
            // Two cells of a row changed places: no Latin square.
            cells.swap(n + 1, n + 2);
            assert_eq!(numbered(&cells, n), None, "{n}");
        }
        // Exclusive or of two bits is no circle of four.
        let other: Vec<usize> = (0..16).map(|cell| (cell / 4) ^ (cell % 4)).collect();
        assert_eq!(numbered(&other, 4), None);
    }

    #[test]
    fn what_stands_in_order_keeps_its_numbers() {
        let cells: Vec<usize> = (0..49).map(|cell| (cell / 7 + cell % 7) % 7).collect();
        let in_order: Vec<usize> = (0..7).collect();
        assert_eq!(numbered(&cells, 7), Some((in_order.clone(), in_order.clone(), in_order)));
    }
}
