//! One formula to gates: operands by operands, sets and multisets, inversion on the edge.
//!
//! Recurses on the nesting of parentheses alone, which the parser limits.

use super::{Draft, Expander, Here, Scope};
use crate::circuit::{Kind, Literal};
use crate::diagnostic::Span;
use crate::elaborate::count::strip;
use crate::elaborate::plan::{Application, Argument, Formula, Function};
use crate::elaborate::problems;

pub(super) fn flipped(literal: Literal, flip: bool) -> Literal {
    Literal::new(literal.signal(), literal.negated() != flip)
}

impl<'p> Expander<'p> {
    /// Fills `gate` with a whole definition; `value` has no inversion in front, `negated` stands for it.
    pub(super) fn build(&mut self, scope: &Scope<'p>, value: &'p Formula, negated: bool, gate: u32, here: Here) {
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
    pub(super) fn argument(&mut self, scope: &Scope<'p>, argument: &'p Argument, here: Here) {
        let Some(loops) = &argument.loops else { return self.list(scope, &argument.value, here) };
        self.each_turn(Some(loops), |expander| {
            expander.list(scope, &argument.value, here);
            // Ends the loop with the turn that is one too many.
            expander.too_many_operands(argument.span, 0);
        });
    }

    /// Whether so many further operands are too many; reports it.
    pub(super) fn too_many_operands(&mut self, span: Span, further: u64) -> bool {
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
            Kind::Copy | Kind::Exactly(_) | Kind::AnyPair => unreachable!("inverted on their edge"),
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
