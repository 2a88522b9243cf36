//! What a reference names that stands outside of definitions, in a block or behind `output`.

use crate::diagnostic::suggest;
use crate::elaborate::expand::Expansion;
use crate::elaborate::plan::Role;
use crate::elaborate::problems::{self, Problems};
use crate::elaborate::resolved::Resolved;
use crate::elaborate::table::{Found, Table};
use crate::syntax::ast::{Index, Reference};

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
                let at = plan.scopes.integer(0, at, problems)?;
                (at, at.saturating_add(1))
            }
            Some(Index::Slice(range)) => {
                let start = plan.scopes.integer(0, &range.start, problems);
                let end = plan.scopes.integer(0, &range.end, problems);
                (start?, end?.saturating_add(range.inclusive as i64))
            }
        };
        let is_at = matches!(reference.indices.get(axis), Some(Index::At(_)));
        if start < end && (start < 0 || end > length as i64) {
            let index = if start < 0 || start >= length as i64 { start } else { end - 1 };
            problems.report(problems::index_out_of_range(reference.span, &name.text, index, axis, length, &[]));
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

/// The features that a reference names; a gate is reported.
pub(crate) fn features_of(
    plan: &Resolved<'_>,
    expansion: &Expansion,
    reference: &Reference,
    problems: &mut Problems,
) -> Option<Named> {
    let named = named_signals(plan, expansion, reference, problems)?;
    if !named.is_feature {
        problems.report(problems::not_a_feature(reference.span, &reference.name.text));
        return None;
    }
    Some(named)
}
