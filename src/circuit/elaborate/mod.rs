//! Ast to [`Circuit`]: what was written becomes what it means.
//!
//! The passes, each named by its data: `scopes` (constants, sub-circuits by file), `resolve` (Ast to plan: names and
//! integers), `count` (the plan's size, before anything is expanded), `expand` (plan to gates),
//! `schedule` (gates to layers). Every pass reports all of its problems and goes on where it can.

mod count;
mod expand;
mod integer;
mod plan;
mod resolve;
mod scopes;
mod table;

use std::collections::BTreeMap;

pub(crate) use expand::Expansion;
pub(crate) use resolve::{Feature, Plan};
pub(crate) use table::{Found, Table};

use super::load::{Limits, RowsFile};
use super::problems::{self, Problems};
use super::sample::Sampler;
use super::{Circuit, distribution, schedule, settings, warnings};
use crate::diagnostic::{FileId, Sources, Span};
use crate::syntax::ast::{Ast, Clause, Item, Reference};

/// What `from` clauses name, by path as written.
pub(crate) type RowsFiles = BTreeMap<String, RowsFile>;

/// A program's files; the one that was asked for first.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub asts: Vec<Ast>,
    /// By file: the files that it uses, and where.
    pub uses: Vec<Vec<(usize, Span)>>,
    /// What `from` clauses of the first file name, by path as written.
    pub rows: RowsFiles,
}

/// The circuit that the files mean; `None` when there is an error.
pub(crate) fn elaborate(
    files: &Files,
    sources: &Sources,
    fallback_name: &str,
    limits: &Limits,
    problems: &mut Problems,
) -> Option<Circuit> {
    let main = &files.asts[0];
    check_single_blocks(main, problems);
    let plan = resolve::resolve(files, sources, limits.max_features, problems);
    let fixed = settings::fixed(&plan, main, problems);
    let order = count::order_of_calls(&plan, limits, problems)?;
    if !count::check_size(&plan, &order, limits, problems) {
        return None;
    }
    let expansion = expand::expand(&plan, fixed.seed, limits, problems);
    if expansion.gates.is_empty() && !problems.has_errors() {
        problems.report(problems::no_gate(Span { file: FileId(0), start: 0, end: 0 }));
    }
    let blocks: Vec<&str> = plan.blocks.iter().map(|(name, _)| name.as_str()).collect();
    let levels = schedule::levels(&expansion, &blocks, limits, problems);
    let distribution = distribution::distribution(&plan, &expansion, main, &files.rows, problems);
    let outputs = settings::outputs(&plan, &expansion, main, limits, problems);
    let requirements = settings::requirements(&plan, &expansion, main, sources, limits, problems);
    let names = schedule::layer_names(&plan.blocks, levels.as_deref(), problems);
    let mut settings = settings::with_layers(fixed, &plan, &expansion, main, &names, problems);
    if problems.has_errors() {
        return None;
    }
    let scheduled = schedule::schedule(&expansion, levels.as_deref()?, names, &plan.features, limits, problems)?;
    settings.layer_widths.sort_by_key(|(layer, _)| *layer);
    let name = main.items.iter().find_map(|item| match item {
        Item::Circuit { name, .. } => Some(name.text.clone()),
        _ => None,
    });
    let gave_outputs = main.items.iter().any(|item| matches!(item, Item::Output { .. }));
    let gave_sample = main.items.iter().any(|item| matches!(item, Item::Sample { .. }));
    let mut circuit = Circuit {
        name: name.unwrap_or_else(|| fallback_name.to_string()),
        names: scheduled.names,
        n_features: plan.n_features,
        gates: scheduled.gates,
        operands: scheduled.operands,
        layers: scheduled.layers,
        outputs: Vec::new(),
        distribution,
        settings,
        requirements: requirements.into_iter().map(|requirement| requirement.moved(&scheduled.places)).collect(),
        sources: sources.clone(),
    };
    circuit.outputs = match outputs {
        Some(gates) => schedule::moved(&gates, &scheduled.places, circuit.n_features),
        None => schedule::unread_gates(&circuit),
    };
    if let Some(span) = plant_clause(main)
        && Sampler::new(&circuit).is_err()
    {
        problems.report(problems::nothing_to_plant(span));
    }
    warnings::warn(&circuit, &plan.features, gave_outputs, gave_sample, problems);
    Some(circuit)
}

fn plant_clause(main: &Ast) -> Option<Span> {
    let clauses = main.items.iter().filter_map(|item| match item {
        Item::Sample { clauses, .. } => Some(clauses),
        _ => None,
    });
    clauses.flatten().find_map(|clause| match clause {
        Clause::Plant { span, .. } => Some(*span),
        _ => None,
    })
}

/// Blocks that describe the whole file stand in it once.
fn check_single_blocks(main: &Ast, problems: &mut Problems) {
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    for item in &main.items {
        let (what, span) = match item {
            Item::Circuit { span, .. } => ("circuit", *span),
            Item::Sample { span, .. } => ("sample", *span),
            Item::Network { span, .. } => ("network", *span),
            _ => continue,
        };
        match first.get(what) {
            Some(&first) => problems.report(problems::second_block(head(span, what), what, head(first, what))),
            None => {
                first.insert(what, span);
            }
        }
    }
}

/// The keyword alone: a block may be long.
fn head(span: Span, keyword: &str) -> Span {
    Span { end: (span.start + keyword.len() as u32).min(span.end), ..span }
}

/// The signals that a reference outside of definitions names (features by signal, gates as made), with the lengths
/// of the dimensions that no single index fixes; `None` when a problem was reported.
pub(crate) fn named_signals(
    plan: &Plan<'_>,
    expansion: &Expansion,
    reference: &Reference,
    problems: &mut Problems,
) -> Option<Named> {
    use crate::syntax::ast::Index;
    let name = &reference.name;
    let body = &plan.bodies[0];
    let Some(&slot) = plan.slots.get(name.text.as_str()) else {
        if plan.scopes.constant(0, &name.text).is_some() {
            problems.report(problems::integer_for_signal(name.span, &name.text));
        } else {
            let known = body.arrays.iter().map(|array| array.name.as_str());
            problems.report(problems::unknown_name(
                name.span,
                &name.text,
                crate::diagnostic::suggest(&name.text, known),
            ));
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
    Some(Named { signals, free, is_feature: is_feature(array) })
}

fn is_feature(array: &plan::Array) -> bool {
    matches!(array.class, plan::Class::Feature { .. })
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
