//! What a reference names that stands outside of definitions, in a block or behind `output`.

use crate::diagnostic::suggest;
use crate::elaborate::expand::Expansion;
use crate::elaborate::integer::{Meaning, compile_expr};
use crate::elaborate::plan::Role;
use crate::elaborate::problems::{self, Problems};
use crate::elaborate::resolved::Resolved;
use crate::elaborate::scopes::known;
use crate::elaborate::table::{Found, Table};
use crate::syntax::ast::{Expr, Index, Name, Reference};

/// The loop variables around a reference, and their values; none outside loops.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Turn<'t> {
    /// Outermost first.
    pub names: &'t [&'t str],
    pub env: &'t [i64],
}

impl Turn<'_> {
    /// For messages.
    pub fn example(&self) -> Vec<(String, i64)> {
        self.names.iter().map(|name| name.to_string()).zip(self.env.iter().copied()).collect()
    }

    /// The value of an expression over constants and loop variables; problems are reported.
    fn integer(&self, plan: &Resolved<'_>, expr: &Expr, problems: &mut Problems) -> Option<i64> {
        if self.names.is_empty() {
            return plan.scopes.integer(0, expr, problems);
        }
        let value = compile_expr(expr, &mut |name| match self.value_of(plan, name, problems) {
            Some(value) => Meaning::Constant(value),
            None => Meaning::Invalid,
        });
        known(&value, &self.example(), problems)
    }

    /// The value of a constant or a loop variable, of which the innermost wins; problems are reported.
    pub fn value_of(&self, plan: &Resolved<'_>, name: &Name, problems: &mut Problems) -> Option<i64> {
        if let Some(variable) = self.names.iter().rposition(|variable| *variable == name.text) {
            return Some(self.env[variable]);
        }
        match plan.scopes.constant(0, &name.text) {
            Some(value) => value,
            None if plan.slots.contains_key(name.text.as_str()) => {
                problems.report(problems::signal_for_integer(name.span, &name.text));
                None
            }
            None => {
                problems.report(plan.scopes.unknown_constant(0, name, self.names.iter().copied()));
                None
            }
        }
    }
}

/// What a reference names.
#[derive(Debug)]
pub(crate) struct Named {
    /// In index order.
    pub signals: Vec<u32>,
    /// The dimensions that no single index fixes: (axis, length).
    pub free: Vec<(usize, u32)>,
    pub is_feature: bool,
}

/// The signals that a reference outside of definitions names (features by signal, gates as made), with the lengths
/// of the dimensions that no single index fixes; `None` when a problem was reported.
pub(crate) fn named_signals(
    plan: &Resolved<'_>,
    expansion: &Expansion,
    reference: &Reference,
    problems: &mut Problems,
) -> Option<Named> {
    named_in_turn(plan, expansion, reference, &Turn::default(), problems)
}

fn named_in_turn(
    plan: &Resolved<'_>,
    expansion: &Expansion,
    reference: &Reference,
    turn: &Turn,
    problems: &mut Problems,
) -> Option<Named> {
    let name = &reference.name;
    let body = &plan.bodies[0];
    let Some(&slot) = plan.slots.get(name.text.as_str()) else {
        if plan.scopes.constant(0, &name.text).is_some() {
            problems.report(problems::integer_for_signal(name.span, &name.text));
        } else {
            let known = body.arrays.iter().map(|array| array.name.as_str());
            problems.report(problems::unknown_name(name.span, &name.text, suggest(&name.text, known)));
        }
        return None;
    };
    let array = &body.arrays[slot];
    if array.tainted {
        return None;
    }
    if reference.indices.len() > array.rank {
        problems.report(problems::wrong_number_of_indices(
            reference.span,
            &name.text,
            array.rank,
            reference.indices.len(),
            array.span,
        ));
        return None;
    }
    let table = &expansion.tables[slot];
    if matches!(table, Table::Unknown) {
        return None;
    }
    let mut ranges = Vec::with_capacity(array.rank);
    let mut free = Vec::new();
    for (axis, &length) in table.dimensions().iter().enumerate() {
        let (start, end) = match reference.indices.get(axis) {
            None => (0, length as i64),
            Some(Index::At(at)) => {
                let at = turn.integer(plan, at, problems)?;
                (at, at.saturating_add(1))
            }
            Some(Index::Slice(range)) => {
                let start = turn.integer(plan, &range.start, problems);
                let end = turn.integer(plan, &range.end, problems);
                (start?, end?.saturating_add(range.inclusive as i64))
            }
        };
        let is_at = matches!(reference.indices.get(axis), Some(Index::At(_)));
        if start < end && (start < 0 || end > length as i64) {
            let index = if start < 0 || start >= length as i64 { start } else { end - 1 };
            let example = turn.example();
            let problem = problems::index_out_of_range(reference.span, &name.text, index, axis, length, &example);
            problems.report(problem);
            return None;
        }
        let range = if start < end { (start as u32, end as u32) } else { (0, 0) };
        if !is_at {
            free.push((axis, range.1 - range.0));
        }
        ranges.push(range);
    }
    let mut signals = Vec::new();
    table.members(&ranges, |literal| signals.push(literal.signal().0));
    if signals.is_empty()
        && free.is_empty()
        && let Found::Missing = table.find(&ranges.iter().map(|range| range.0 as i64).collect::<Vec<_>>())
    {
        let indices: String = ranges.iter().map(|range| format!("[{}]", range.0)).collect();
        problems.report(problems::missing_member(reference.span, &format!("{}{indices}", name.text), array.span, &[]));
        return None;
    }
    Some(Named { signals, free, is_feature: matches!(array.role, Role::Feature { .. }) })
}

/// The features that a reference names, in a turn of the loops around it; a gate is reported.
pub(crate) fn features_of(
    plan: &Resolved<'_>,
    expansion: &Expansion,
    reference: &Reference,
    turn: &Turn,
    problems: &mut Problems,
) -> Option<Named> {
    let named = named_in_turn(plan, expansion, reference, turn, problems)?;
    if !named.is_feature {
        problems.report(problems::not_a_feature(reference.span, &reference.name.text));
        return None;
    }
    Some(named)
}
