//! Which signal stands at which index of an array, while members may be missing.
//!
//! Dense where the members fill their bounding box, sorted keys otherwise: `x[1000000 * i]` costs what it defines.

use crate::circuit::{Literal, Signal};

/// No signal: a missing member, or one whose definition was reported.
const NONE: u32 = u32::MAX;

/// The members of one array.
#[derive(Debug, Clone)]
pub(crate) enum Table {
    /// A scalar.
    One(Literal),
    /// Signals from `first` on, in index order: features.
    Range { first: u32, dimensions: Vec<u32> },
    /// Literals in index order: a parameter.
    Literals { members: Vec<Literal>, dimensions: Vec<u32> },
    /// Gates in index order with [`NONE`] where a member is missing.
    Dense { members: Vec<u32>, dimensions: Vec<u32> },
    /// Sorted keys of `rank` indices each.
    Sparse { rank: usize, keys: Vec<u32>, members: Vec<u32>, dimensions: Vec<u32> },
    /// Its definitions are missing or wrong, which was reported.
    Unknown,
}

/// What stands at an index.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Literal(Literal),
    /// The index of dimension `axis` is not below its length.
    OutOfRange {
        axis: usize,
        index: i64,
        length: u32,
    },
    /// Within the lengths, but never defined.
    Missing,
    Unknown,
}

fn positive(signal: u32) -> Literal {
    Literal::new(Signal(signal), false)
}

impl Table {
    /// The lengths of the dimensions (of gates: the largest index + 1).
    pub fn dimensions(&self) -> &[u32] {
        match self {
            Table::One(_) | Table::Unknown => &[],
            Table::Range { dimensions, .. }
            | Table::Literals { dimensions, .. }
            | Table::Dense { dimensions, .. }
            | Table::Sparse { dimensions, .. } => dimensions,
        }
    }

    /// What stands at `indices`, one for each dimension.
    #[inline]
    pub fn find(&self, indices: &[i64]) -> Found {
        let dimensions = match self {
            Table::One(literal) => return Found::Literal(*literal),
            Table::Unknown => return Found::Unknown,
            _ => self.dimensions(),
        };
        let mut place = 0;
        for (axis, (&index, &length)) in indices.iter().zip(dimensions).enumerate() {
            if index < 0 || index >= length as i64 {
                return Found::OutOfRange { axis, index, length };
            }
            // A sparse table has no places; its product may be anything.
            place = usize::wrapping_add(usize::wrapping_mul(place, length as usize), index as usize);
        }
        match self {
            Table::Range { first, .. } => Found::Literal(positive(first + place as u32)),
            Table::Literals { members, .. } => Found::Literal(members[place]),
            Table::Dense { members, .. } => match members[place] {
                NONE => Found::Missing,
                signal => Found::Literal(positive(signal)),
            },
            Table::Sparse { rank, keys, members, .. } => {
                let place = partition(members.len(), |member| {
                    compare(&keys[member * rank..(member + 1) * rank], indices) == std::cmp::Ordering::Less
                });
                let hit = place < members.len()
                    && compare(&keys[place * rank..(place + 1) * rank], indices) == std::cmp::Ordering::Equal;
                if hit { Found::Literal(positive(members[place])) } else { Found::Missing }
            }
            Table::One(_) | Table::Unknown => unreachable!("answered above"),
        }
    }

    /// Hands the members in `ranges` (half open, within the lengths, one for each dimension) to `visit`, in index
    /// order. Missing members are passed over.
    ///
    /// Returns how many places were looked at.
    pub fn members(&self, ranges: &[(u32, u32)], mut visit: impl FnMut(Literal)) -> u64 {
        if ranges.iter().any(|(start, end)| start >= end) {
            return 0;
        }
        match self {
            Table::One(literal) => {
                visit(*literal);
                1
            }
            Table::Unknown => 0,
            Table::Sparse { rank, keys, members, .. } => {
                let start = partition(members.len(), |member| keys[member * rank] < ranges[0].0);
                let end = partition(members.len(), |member| keys[member * rank] < ranges[0].1);
                for member in start..end {
                    let key = &keys[member * rank..(member + 1) * rank];
                    if key.iter().zip(ranges).all(|(index, (start, end))| (start..end).contains(&index)) {
                        visit(positive(members[member]));
                    }
                }
                (end - start) as u64
            }
            _ => {
                let dimensions = self.dimensions();
                let mut indices: Vec<u32> = ranges.iter().map(|range| range.0).collect();
                let mut looked_at = 0;
                loop {
                    let place = indices
                        .iter()
                        .zip(dimensions)
                        .fold(0, |place, (&index, &length)| place * length as usize + index as usize);
                    // The last dimension is contiguous.
                    let run = indices.last().map_or(1, |_| {
                        let (start, end) = ranges[ranges.len() - 1];
                        (end - start) as usize
                    });
                    looked_at += run as u64;
                    match self {
                        Table::Range { first, .. } => {
                            (place..place + run).for_each(|place| visit(positive(first + place as u32)))
                        }
                        Table::Literals { members, .. } => {
                            members[place..place + run].iter().for_each(|&member| visit(member))
                        }
                        Table::Dense { members, .. } => members[place..place + run]
                            .iter()
                            .filter(|&&member| member != NONE)
                            .for_each(|&member| visit(positive(member))),
                        _ => unreachable!("answered above"),
                    }
                    let mut axis = indices.len().saturating_sub(1);
                    loop {
                        if axis == 0 {
                            return looked_at;
                        }
                        axis -= 1;
                        indices[axis] += 1;
                        if indices[axis] < ranges[axis].1 {
                            break;
                        }
                        indices[axis] = ranges[axis].0;
                    }
                }
            }
        }
    }

    /// Member `place` of those in `ranges`, in index order. For tables without gaps (`Range`, `Literals`).
    pub fn member(&self, ranges: &[(u32, u32)], place: u32) -> Literal {
        let (mut rest, mut offset, mut stride) = (place as usize, 0, 1);
        for (&(start, end), &length) in ranges.iter().zip(self.dimensions()).rev() {
            let width = (end - start) as usize;
            offset += (start as usize + rest % width) * stride;
            rest /= width;
            stride *= length as usize;
        }
        match self {
            Table::Range { first, .. } => positive(first + offset as u32),
            Table::Literals { members, .. } => members[offset],
            _ => unreachable!("only tables without gaps are asked for a place"),
        }
    }

    /// How many places `members` would look at.
    pub fn n_places(&self, ranges: &[(u32, u32)]) -> u64 {
        match self {
            Table::Sparse { members, .. } => members.len() as u64,
            Table::Unknown => 0,
            _ => ranges.iter().map(|(start, end)| end.saturating_sub(*start) as u64).product(),
        }
    }
}

/// The first of `0..n` for which `below` is false; `below` is true on a prefix.
fn partition(n: usize, below: impl Fn(usize) -> bool) -> usize {
    let (mut start, mut end) = (0, n);
    while start < end {
        let middle = (start + end) / 2;
        if below(middle) {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    start
}

fn compare(key: &[u32], indices: &[i64]) -> std::cmp::Ordering {
    key.iter().map(|&index| index as i64).cmp(indices.iter().copied())
}

/// Collects the elements of an array in the order of their definitions.
#[derive(Debug, Default, Clone)]
pub(crate) struct Elements {
    rank: usize,
    keys: Vec<u32>,
    signals: Vec<u32>,
}

impl Elements {
    pub fn new(rank: usize) -> Elements {
        Elements { rank, keys: Vec::new(), signals: Vec::new() }
    }

    /// Adds the element at `indices` (one for each dimension).
    pub fn push(&mut self, indices: impl IntoIterator<Item = u32>, signal: Signal) {
        self.keys.extend(indices);
        self.signals.push(signal.0);
    }

    /// The table, and the pairs of signals that claim one place: (first, again).
    pub fn into_table(self) -> (Table, Vec<(Signal, Signal)>) {
        let Elements { rank, keys, signals } = self;
        let mut twice = Vec::new();
        if signals.is_empty() {
            let members = if rank == 0 { vec![NONE] } else { Vec::new() };
            return (Table::Dense { members, dimensions: vec![0; rank] }, twice);
        }
        if rank == 0 {
            twice.extend(signals[1..].iter().map(|&again| (Signal(signals[0]), Signal(again))));
            return (Table::One(positive(signals[0])), twice);
        }
        let mut dimensions = vec![0u32; rank];
        for key in keys.chunks_exact(rank) {
            for (length, &index) in dimensions.iter_mut().zip(key) {
                *length = (*length).max(index.saturating_add(1));
            }
        }
        let volume = dimensions.iter().try_fold(1u64, |volume, &length| volume.checked_mul(length as u64));
        if volume.is_some_and(|volume| volume <= 4 * signals.len() as u64 + 64) {
            let mut members = vec![NONE; volume.unwrap_or(0) as usize];
            for (key, &signal) in keys.chunks_exact(rank).zip(&signals) {
                let place = key
                    .iter()
                    .zip(&dimensions)
                    .fold(0, |place, (&index, &length)| place * length as usize + index as usize);
                match members[place] {
                    NONE => members[place] = signal,
                    first => twice.push((Signal(first), Signal(signal))),
                }
            }
            return (Table::Dense { members, dimensions }, twice);
        }
        let mut order: Vec<u32> = (0..signals.len() as u32).collect();
        let key = |element: u32| &keys[element as usize * rank..(element as usize + 1) * rank];
        order.sort_by(|&a, &b| key(a).cmp(key(b)).then(a.cmp(&b)));
        let (mut sorted_keys, mut members): (Vec<u32>, Vec<u32>) = (Vec::with_capacity(keys.len()), Vec::new());
        for element in order {
            let signal = signals[element as usize];
            if !members.is_empty() && &sorted_keys[sorted_keys.len() - rank..] == key(element) {
                twice.push((Signal(members[members.len() - 1]), Signal(signal)));
                continue;
            }
            sorted_keys.extend_from_slice(key(element));
            members.push(signal);
        }
        (Table::Sparse { rank, keys: sorted_keys, members, dimensions }, twice)
    }
}
