//! References to literals: one signal, or the members of an array or a slice.
//!
//! Whatever stands in a `layer` block is held against the layers that it may read. Must not know what is made of it.

use super::build::flipped;
use super::{Expander, Here, Scope};
use crate::circuit::Literal;
use crate::diagnostic::Span;
use crate::elaborate::plan::{Index, Read};
use crate::elaborate::problems;
use crate::elaborate::table::{Found, Table};

impl<'p> Expander<'p> {
    pub(super) fn read(&mut self, scope: &Scope<'p>, read: &'p Read, here: Here) -> Option<Literal> {
        let mut small = [0i64; 4];
        let mut large = Vec::new();
        let n = read.indices.len();
        let indices: &mut [i64] = if n <= small.len() {
            &mut small[..n]
        } else {
            large.resize(n, 0);
            &mut large
        };
        for (index, place) in read.indices.iter().zip(indices.iter_mut()) {
            let Index::At(index) = index else { return None };
            match index.value(&self.env) {
                Ok(index) => *place = index,
                Err(fault) => {
                    self.fault(fault);
                    return None;
                }
            }
        }
        let array = &scope.body.arrays[read.slot];
        match scope.tables[read.slot].find(indices) {
            Found::Literal(literal) => {
                if here.block.is_some() && scope.is_top {
                    self.check_layer(literal, read.span, here);
                }
                return Some(literal);
            }
            Found::OutOfRange { axis, index, length } => {
                let example = self.example();
                let problem = problems::index_out_of_range(read.span, &array.name, index, axis, length, &example);
                self.problems.report(problem);
            }
            Found::Missing => {
                let example = self.example();
                let indices: String = indices.iter().map(|index| format!("[{index}]")).collect();
                let member = format!("{}{indices}", array.name);
                self.problems.report(problems::missing_member(read.span, &member, array.span, &example));
            }
            Found::Unknown => {}
        }
        self.poisoned = true;
        None
    }

    /// A definition in a block reads features and earlier blocks.
    pub(super) fn check_layer(&mut self, literal: Literal, span: Span, here: Here) {
        let (Some(block), Some(gate)) = (here.block, literal.signal().0.checked_sub(self.out.n_features)) else {
            return;
        };
        let draft = self.out.gates[gate as usize];
        if draft.block.is_some_and(|other| other < block) {
            return;
        }
        let name = self.out.names.get(gate as usize);
        let layer = &self.plan.blocks[block as usize].0;
        self.problems.report(match draft.block {
            None => problems::scheduled_in_layer(span, name, layer, draft.span),
            Some(other) if other == block => problems::same_layer(span, name, layer, draft.span),
            Some(other) => problems::later_layer(span, name, layer, &self.plan.blocks[other as usize].0, draft.span),
        });
        self.poisoned = true;
    }

    /// The ranges of the dimensions that a read of several members covers; `None` when a problem was reported.
    pub(super) fn ranges(&mut self, scope: &Scope<'p>, read: &'p Read) -> Option<Vec<(u32, u32)>> {
        let table = &scope.tables[read.slot];
        if matches!(table, Table::Unknown) {
            self.poisoned = true;
            return None;
        }
        let lengths = table.dimensions();
        let mut ranges = Vec::with_capacity(lengths.len());
        for (axis, &length) in lengths.iter().enumerate() {
            let (start, end) = match read.indices.get(axis) {
                None => (Ok(0), Ok(length as i64)),
                Some(Index::At(at)) => {
                    let at = at.value(&self.env);
                    (at, at.map(|at| at.saturating_add(1)))
                }
                Some(Index::Slice(start, end)) => (start.value(&self.env), end.value(&self.env)),
            };
            let (start, end) = match (start, end) {
                (Ok(start), Ok(end)) => (start, end),
                (Err(fault), _) | (_, Err(fault)) => {
                    self.fault(fault);
                    return None;
                }
            };
            if start >= end {
                ranges.push((0, 0));
                continue;
            }
            if start < 0 || end > length as i64 {
                let index = if start < 0 || start >= length as i64 { start } else { end - 1 };
                let name = &scope.body.arrays[read.slot].name;
                let example = self.example();
                self.problems.report(problems::index_out_of_range(read.span, name, index, axis, length, &example));
                self.poisoned = true;
                return None;
            }
            ranges.push((start as u32, end as u32));
        }
        Some(ranges)
    }

    pub(super) fn read_members(&mut self, scope: &Scope<'p>, read: &'p Read, negated: bool, here: Here) {
        let Some(ranges) = self.ranges(scope, read) else { return };
        let table = &scope.tables[read.slot];
        let n_places = table.n_places(&ranges);
        self.looked_at = self.looked_at.saturating_add(n_places);
        if self.looked_at > self.limits.max_operands {
            self.problems.report(problems::too_many_operands(read.span, self.limits.max_operands));
            self.aborted = true;
        }
        if self.aborted {
            return;
        }
        let base = self.scratch.len();
        let scratch = &mut self.scratch;
        table.members(&ranges, |literal| scratch.push(flipped(literal, negated)));
        if here.block.is_some() && scope.is_top {
            for place in base..self.scratch.len() {
                self.check_layer(self.scratch[place], read.span, here);
            }
        }
    }
}
