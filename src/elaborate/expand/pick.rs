//! `pick(k, array)`: which members are drawn, keyed by the name of the gate that draws them.
//!
//! Must not list what it need not: many gates pick from one large array.

use std::rc::Rc;

use super::build::flipped;
use super::{Expander, Here, Scope};
use crate::circuit::Literal;
use crate::elaborate::count::strip;
use crate::elaborate::plan::{Formula, Pick};
use crate::elaborate::table::Table;
use crate::elaborate::{pick, problems};

impl<'p> Expander<'p> {
    /// Appends the members that a pick draws.
    pub(super) fn pick(&mut self, scope: &Scope<'p>, pick: &'p Pick, negated: bool, here: Here) {
        let ordinal = self.pick_counts.entry(here.owner).or_insert(0);
        let drawn = *ordinal;
        *ordinal += 1;
        let count = match pick.count.value(&self.env) {
            Ok(count) => count,
            Err(fault) => return self.fault(fault),
        };
        if count < 0 {
            let example = self.example();
            self.problems.report(problems::negative_count(pick.span, count, &example));
            self.poisoned = true;
            return;
        }
        // Members by place, without listing them where that can be: many gates pick from one large array.
        let (core, inner) = strip(&pick.from.value);
        let negated = negated != inner;
        let members = match core {
            Formula::Read(read) if pick.from.loops.is_none() && !read.single => {
                let Some(ranges) = self.ranges(scope, read) else { return };
                let table = &scope.tables[read.slot];
                let is_whole = ranges.iter().zip(table.dimensions()).all(|(range, &length)| *range == (0, length));
                match table {
                    Table::Range { .. } | Table::Literals { .. } => Members::Places(table, ranges),
                    _ if is_whole && scope.is_top => {
                        let all = self.whole.entry(read.slot).or_insert_with(|| {
                            let mut all = Vec::new();
                            table.members(&ranges, |literal| all.push(literal));
                            Rc::new(all)
                        });
                        Members::All(Rc::clone(all))
                    }
                    _ => {
                        let base = self.scratch.len();
                        self.read_members(scope, read, false, Here { block: None, ..here });
                        Members::All(Rc::new(self.scratch.split_off(base)))
                    }
                }
            }
            _ => {
                let base = self.scratch.len();
                let poisoned = std::mem::replace(&mut self.poisoned, false);
                self.argument(scope, &pick.from, here);
                let incomplete = std::mem::replace(&mut self.poisoned, poisoned);
                let listed = self.scratch.split_off(base);
                if incomplete {
                    self.poisoned = true;
                    return;
                }
                // The inversion is in the list already.
                let listed = listed.into_iter().map(|literal| flipped(literal, inner)).collect();
                Members::All(Rc::new(listed))
            }
        };
        let available = members.len();
        if count as u64 > available {
            let example = self.example();
            self.problems.report(problems::pick_too_many(pick.span, count, available, &example));
            self.poisoned = true;
            return;
        }
        if self.too_many_operands(pick.span, count as u64) {
            return;
        }
        let name = self.out.names.get(here.owner as usize);
        for place in pick::places(self.seed, name, drawn, count as u32, available as u32) {
            let literal = flipped(members.get(place), negated);
            if here.block.is_some() && scope.is_top {
                self.check_layer(literal, pick.span, here);
            }
            self.scratch.push(literal);
        }
    }
}

/// What a pick draws from.
enum Members<'t> {
    /// Places of a table without gaps.
    Places(&'t Table, Vec<(u32, u32)>),
    All(Rc<Vec<Literal>>),
}

impl Members<'_> {
    fn len(&self) -> u64 {
        match self {
            Members::Places(table, ranges) => table.n_places(ranges),
            Members::All(all) => all.len() as u64,
        }
    }

    fn get(&self, place: u32) -> Literal {
        match self {
            Members::Places(table, ranges) => table.member(ranges, place),
            Members::All(all) => all[place as usize],
        }
    }
}
