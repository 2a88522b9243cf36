//! One formula to gates: operands by operands, sets and multisets, inversion on the edge.
//!
//! Recurses on the nesting of parentheses alone, which the parser limits.

use std::rc::Rc;

use super::count::{n_members, strip};
use super::expand::{Draft, Expander, Here, Instance, Scope};
use super::integer::Turns;
use super::plan::{Application, Argument, Call, Class, Formula, Function, Index, Pick, Read};
use super::table::{Found, Table};
use crate::circuit::problems::{self};
use crate::circuit::{Kind, Literal, pick};
use crate::diagnostic::Span;

fn flipped(literal: Literal, flip: bool) -> Literal {
    Literal::new(literal.signal(), literal.negated() != flip)
}

impl<'p> Expander<'p> {
    /// Fills `gate` with a whole definition; `value` has no inversion in front, `negated` stands for it.
    pub fn build(&mut self, scope: &Scope<'p>, value: &'p Formula, negated: bool, gate: u32, here: Here) {
        match value {
            // `exactly` has no complement among the kinds: it keeps a gate of its own below the copy.
            Formula::Gate(application) if !(negated && application.function == Function::Exactly) => {
                self.fill(scope, application, negated, gate, here);
            }
            _ => {
                let base = self.scratch.len();
                if let Some(literal) = self.operand(scope, value, negated, here) {
                    self.scratch.push(literal);
                }
                self.store(gate, Kind::Copy, base, here.span);
            }
        }
    }

    /// The literal of a formula inside another; `None` when a problem was reported.
    fn operand(&mut self, scope: &Scope<'p>, formula: &'p Formula, negated: bool, here: Here) -> Option<Literal> {
        let (formula, inner) = strip(formula);
        let negated = negated != inner;
        let literal = match formula {
            Formula::Read(read) => self.read(scope, read, here)?,
            Formula::Gate(application) => {
                let name = self.inner_name(here);
                let gate = self.new_gate(&name, here.block, application.span, here.home);
                if self.aborted {
                    return None;
                }
                self.fill(scope, application, false, gate, here);
                Literal::new(self.signal(gate), false)
            }
            Formula::Call(call) => *self.call_inside(scope, call, here)?.first()?,
            Formula::Pick(pick) => {
                let base = self.scratch.len();
                self.pick(scope, pick, false, here);
                let n_picked = self.scratch.len() - base;
                let first = self.scratch.get(base).copied();
                self.scratch.truncate(base);
                if n_picked > 1 {
                    self.problems
                        .report(problems::array_for_signal(pick.span, self.plan.scopes.text(pick.span, "pick(…)")));
                    self.poisoned = true;
                    return None;
                }
                first?
            }
            Formula::Not(_) | Formula::Invalid => {
                self.poisoned = true;
                return None;
            }
        };
        Some(flipped(literal, negated))
    }

    /// Appends the literals of an argument to the scratch operands.
    fn list(&mut self, scope: &Scope<'p>, formula: &'p Formula, here: Here) {
        let (core, negated) = strip(formula);
        match core {
            Formula::Read(read) if !read.single => self.read_members(scope, read, negated, here),
            Formula::Pick(pick) => self.pick(scope, pick, negated, here),
            Formula::Call(call) => {
                if let Some(results) = self.call_inside(scope, call, here) {
                    self.scratch.extend(results.into_iter().map(|literal| flipped(literal, negated)));
                }
            }
            _ => {
                if let Some(literal) = self.operand(scope, core, negated, here) {
                    self.scratch.push(literal);
                }
            }
        }
    }

    /// Appends the literals of an argument, all turns of its comprehension.
    fn argument(&mut self, scope: &Scope<'p>, argument: &'p Argument, here: Here) {
        let Some(loops) = &argument.loops else { return self.list(scope, &argument.value, here) };
        let (n_env, n_variables) = (self.env.len(), self.variables.len());
        self.variables.extend(loops.bindings.iter().map(|binding| binding.name.as_str()));
        let mut turns = Turns::new(Some(loops));
        loop {
            match turns.next(&mut self.env) {
                Ok(true) => self.list(scope, &argument.value, here),
                Ok(false) => break,
                Err(fault) => {
                    self.fault(fault);
                    break;
                }
            }
            if self.aborted || self.too_many_operands(argument.span, 0) {
                break;
            }
        }
        self.env.truncate(n_env);
        self.variables.truncate(n_variables);
    }

    /// Whether so many further operands are too many; reports it.
    fn too_many_operands(&mut self, span: Span, further: u64) -> bool {
        let n_operands = (self.out.operands.len() + self.scratch.len()) as u64 + further;
        if n_operands > self.limits.max_operands {
            self.problems.report(problems::too_many_operands(span, self.limits.max_operands));
            self.aborted = true;
        }
        self.aborted
    }

    fn fill(&mut self, scope: &Scope<'p>, application: &'p Application, negated: bool, gate: u32, here: Here) {
        let base = self.scratch.len();
        let count = match application.count.as_ref().map(|count| count.value(&self.env)) {
            None => 0,
            Some(Ok(count)) if count >= 0 => count.min(u32::MAX as i64 - 1) as u32,
            Some(Ok(count)) => {
                let example = self.example();
                self.problems.report(problems::negative_count(application.span, count, &example));
                0
            }
            Some(Err(fault)) => {
                self.fault(fault);
                0
            }
        };
        for argument in &application.arguments {
            self.argument(scope, argument, here);
            if self.aborted {
                return;
            }
        }
        // Counts beyond the operands are all the same.
        let n = (self.scratch.len() - base) as u32;
        let count = if application.function == Function::AtMost { count.min(n) } else { count.min(n + 1) };
        let kind = application.function.kind(count);
        let kind = match kind {
            _ if !negated => kind,
            Kind::And => Kind::Nand,
            Kind::Nand => Kind::And,
            Kind::Or => Kind::Nor,
            Kind::Nor => Kind::Or,
            Kind::Xor => Kind::Xnor,
            Kind::Xnor => Kind::Xor,
            Kind::AtLeast(0) => Kind::AtLeast(n + 1),
            Kind::AtLeast(k) => Kind::AtMost(k - 1),
            Kind::AtMost(k) => Kind::AtLeast(k + 1),
            Kind::Majority => Kind::AtMost(n / 2),
            Kind::Mux => {
                for branch in self.scratch[base..].iter_mut().skip(1) {
                    *branch = flipped(*branch, true);
                }
                Kind::Mux
            }
            Kind::Copy | Kind::Exactly(_) => unreachable!("inverted on their edge"),
        };
        self.store(gate, kind, base, here.span);
    }

    /// Gives `gate` its kind, and the scratch operands from `base` on.
    fn store(&mut self, gate: u32, kind: Kind, base: usize, span: Span) {
        match kind {
            Kind::And | Kind::Or | Kind::Nand | Kind::Nor => make_set(&mut self.scratch, base),
            Kind::Xor | Kind::Xnor => cancel_pairs(&mut self.scratch, base),
            _ => {}
        }
        if self.too_many_operands(span, 0) {
            self.scratch.truncate(base);
            return;
        }
        let first_operand = self.out.operands.len() as u32;
        self.out.operands.extend_from_slice(&self.scratch[base..]);
        let n_operands = (self.scratch.len() - base) as u32;
        self.scratch.truncate(base);
        let draft = &mut self.out.gates[gate as usize];
        *draft = Draft { kind, first_operand, n_operands, ..*draft };
    }

    fn read(&mut self, scope: &Scope<'p>, read: &'p Read, here: Here) -> Option<Literal> {
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
    fn check_layer(&mut self, literal: Literal, span: Span, here: Here) {
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
    fn ranges(&mut self, scope: &Scope<'p>, read: &'p Read) -> Option<Vec<(u32, u32)>> {
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

    fn read_members(&mut self, scope: &Scope<'p>, read: &'p Read, negated: bool, here: Here) {
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

    /// Appends the members that a pick draws.
    fn pick(&mut self, scope: &Scope<'p>, pick: &'p Pick, negated: bool, here: Here) {
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

    /// A call inside an expression: gives its result's gates names behind the owner's.
    fn call_inside(&mut self, scope: &Scope<'p>, call: &'p Call, here: Here) -> Option<Vec<Literal>> {
        let callee = &self.plan.bodies[call.callee];
        let path = self.inner_name(here);
        let slot = *callee.results.first()?;
        let Class::Result { dimensions } = &callee.arrays[slot].class else { return None };
        let mut gates = Vec::new();
        for member in 0..n_members(callee, slot) {
            let mut name = path.clone();
            let mut key = Vec::new();
            super::expand::push_place(&mut key, member, dimensions);
            key.iter().for_each(|index| name.push_str(&format!("[{index}]")));
            gates.push(self.new_gate(&name, here.block, call.span, here.home));
            if self.aborted {
                return None;
            }
        }
        let literals = gates.iter().map(|&gate| Literal::new(self.signal(gate), false)).collect();
        self.call(scope, call, vec![gates], path, here);
        Some(literals)
    }

    /// Binds the arguments of a call and lets it wait for its expansion.
    pub fn call(&mut self, scope: &Scope<'p>, call: &'p Call, results: Vec<Vec<u32>>, path: String, here: Here) {
        let callee = &self.plan.bodies[call.callee];
        let mut tables: Vec<Table> = vec![Table::Unknown; callee.arrays.len()];
        for (argument, &slot) in call.arguments.iter().zip(&callee.parameters) {
            let base = self.scratch.len();
            let poisoned = std::mem::replace(&mut self.poisoned, false);
            self.argument(scope, argument, here);
            let incomplete = std::mem::replace(&mut self.poisoned, poisoned);
            let members = self.scratch.split_off(base);
            if self.aborted {
                return;
            }
            let parameter = &callee.arrays[slot];
            let Class::Parameter { dimensions } = &parameter.class else { continue };
            if incomplete || parameter.tainted {
                self.poisoned |= incomplete;
                continue;
            }
            let needed = n_members(callee, slot);
            if members.len() != needed {
                let example = self.example();
                let given = members.len();
                self.problems.report(problems::wrong_number_of_members(
                    argument.span,
                    &parameter.name,
                    needed,
                    given,
                    parameter.span,
                    &example,
                ));
                continue;
            }
            tables[slot] = match members[..] {
                [one] if dimensions.is_empty() => Table::One(one),
                _ => Table::Literals { members, dimensions: dimensions.clone() },
            };
        }
        self.pending.push(Instance {
            callee: call.callee,
            tables,
            results,
            prefix: path,
            block: here.block,
            home: here.home,
        });
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

/// Up to so many operands are compared with each other.
const FEW: usize = 16;

/// Keeps the first of equal operands.
fn make_set(scratch: &mut Vec<Literal>, base: usize) {
    if scratch.len() - base <= FEW {
        let mut kept = base;
        for place in base..scratch.len() {
            let literal = scratch[place];
            if !scratch[base..kept].contains(&literal) {
                scratch[kept] = literal;
                kept += 1;
            }
        }
        scratch.truncate(kept);
        return;
    }
    // The members of an array come in order, each once.
    if scratch[base..].is_sorted_by(|a, b| a < b) {
        return;
    }
    let mut seen = std::collections::HashSet::with_capacity(scratch.len() - base);
    let mut kept = base;
    for place in base..scratch.len() {
        let literal = scratch[place];
        if seen.insert(literal) {
            scratch[kept] = literal;
            kept += 1;
        }
    }
    scratch.truncate(kept);
}

/// Drops operands that occur an even number of times, and all but the first of the others.
fn cancel_pairs(scratch: &mut Vec<Literal>, base: usize) {
    let mut sorted = scratch[base..].to_vec();
    sorted.sort_unstable();
    if sorted.windows(2).all(|pair| pair[0] != pair[1]) {
        return;
    }
    let mut odd: std::collections::HashSet<Literal> =
        sorted.chunk_by(|a, b| a == b).filter(|equal| equal.len() % 2 == 1).map(|equal| equal[0]).collect();
    let mut kept = base;
    for place in base..scratch.len() {
        let literal = scratch[place];
        if odd.remove(&literal) {
            scratch[kept] = literal;
            kept += 1;
        }
    }
    scratch.truncate(kept);
}
