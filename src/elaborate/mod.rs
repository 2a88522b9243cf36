//! Ast to [`Program`]: what was written becomes what it means.
//!
//! [`load`] reads the files and calls `elaborate`. The passes, each named by its data: `scopes` (constants,
//! sub-circuits by file), `resolve` (names to numbers, integers to code), `count` (the size, before anything is
//! expanded), `expand` (definitions to gates), `pairs` (gates that one product can be), `schedule` (gates to layers),
//! `corrections` (layers that correct
//! others), `blocks` (what stands in `sample`, `network`, `require`, `output` and heads). Every pass reports all of its
//! problems and goes on where it can; `problems` alone phrases them. Must not know what a network is: of the compiler
//! it knows which constructions and dictionaries there are.

mod blocks;
mod corrections;
mod count;
mod expand;
mod features;
mod files;
mod integer;
mod layer_names;
mod limits;
mod load;
mod pairs;
mod pick;
mod plan;
mod problems;
mod resolve;
mod resolved;
mod schedule;
mod scopes;
mod set;
mod table;
mod warnings;

pub use blocks::choices;
pub use files::{Loader, parse};
pub use limits::Limits;
pub use load::{Loaded, load, load_with};

use std::collections::BTreeMap;

use corrections::Corrections;
use files::Files;
use problems::Problems;

use crate::circuit::Circuit;
use crate::circuit::inputs::sample::Sampler;
use crate::circuit::inputs::usual::usual;
use crate::diagnostic::{FileId, Sources, Span};
use crate::program::problems::nothing_to_plant;
use crate::program::{Head, Program};
use crate::syntax::ast::{Ast, Clause, Item};

/// The program that the files mean; `None` when there is an error.
pub(crate) fn elaborate(
    files: &Files,
    sources: &Sources,
    fallback_name: &str,
    limits: &Limits,
    problems: &mut Problems,
) -> Option<Program> {
    let main = &files.asts[0];
    check_single_blocks(main, problems);
    let resolved = resolve::resolve(files, sources, limits.max_features, problems);
    let fixed = blocks::fixed(&resolved, main, problems);
    let order = count::order_of_calls(&resolved, limits, problems)?;
    if !count::check_size(&resolved, &order, limits, problems) {
        return None;
    }
    let mut expansion = expand::expand(&resolved, fixed.seed, limits, problems);
    if fixed.activation.is_some_and(|(activation, _)| activation.multiplies()) && !problems.has_errors() {
        expansion = pairs::paired(expansion);
    }
    if expansion.gates.is_empty() && !problems.has_errors() {
        match require_block(main) {
            _ if resolved.heads.is_empty() => {
                problems.report(problems::no_gate(Span { file: FileId(0), start: 0, end: 0 }))
            }
            Some(span) => problems.report(problems::nothing_to_require(head(span, "require"))),
            None => {}
        }
    }
    let layer_blocks: Vec<&str> = resolved.blocks.iter().map(|(name, _)| name.as_str()).collect();
    let levels = schedule::levels(&expansion, &layer_blocks, limits, problems);
    let distribution = blocks::distribution(&resolved, &expansion, main, &files.rows, limits, problems);
    let outputs = blocks::outputs(&resolved, &expansion, main, limits, problems);
    let required = blocks::required(&resolved, &expansion, main, sources, limits, problems);
    let names = schedule::layer_names(&resolved.blocks, levels.as_deref(), problems);
    let corrections = Corrections::asked(main, &names, &resolved.blocks, problems);
    let (levels, names) = (levels.map(|levels| corrections.shifted(levels)), corrections.named(names));
    let mut settings = blocks::with_layers(fixed, &resolved, &expansion, main, &names, problems);
    let heads = blocks::heads(&resolved, &expansion, &settings, limits, problems);
    if problems.has_errors() {
        return None;
    }
    let stays = settings.residual.is_some();
    let mut scheduled =
        schedule::schedule(&expansion, levels.as_deref()?, names, &resolved.features, stays, limits, problems)?;
    corrections.mark(&mut scheduled.layers);
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
        n_features: resolved.n_features,
        gates: scheduled.gates,
        operands: scheduled.operands,
        layers: scheduled.layers,
        signals_stay: stays,
        outputs: Vec::new(),
        distribution,
    };
    circuit.outputs = match outputs {
        Some(gates) => schedule::moved(&gates, &scheduled.places, circuit.n_features),
        None => schedule::unread_gates(&circuit),
    };
    if !gave_sample {
        circuit.distribution = usual(&circuit);
    }
    if let Some(span) = plant_clause(main)
        && Sampler::new(&circuit).is_err()
    {
        problems.report(nothing_to_plant(span));
    }
    blocks::check_shown(&circuit, &heads, problems);
    let heads: Vec<Head> = heads.into_iter().map(|placed| placed.head).collect();
    warnings::warn(&circuit, &heads, &resolved.features, gave_outputs, gave_sample, problems);
    let moved = |requirement| blocks::moved(requirement, &scheduled.places);
    let requirements = required.requirements.into_iter().map(moved).collect();
    let claims = required.claims;
    let names = files.names.clone();
    Some(Program { circuit, gave_sample, settings, requirements, claims, heads, sources: sources.clone(), names })
}

fn require_block(main: &Ast) -> Option<Span> {
    main.items.iter().find_map(|item| match item {
        Item::Require { span, .. } => Some(*span),
        _ => None,
    })
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
