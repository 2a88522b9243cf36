//! The `require` block: metrics looked up, what each is asked of, each line in canonical form.
//!
//! Must not know how a metric is measured: it knows the table alone.

use super::named::named_signals;
use crate::circuit::GateId;
use crate::diagnostic::{Sources, Span};
use crate::elaborate::expand::Expansion;
use crate::elaborate::limits::Limits;
use crate::elaborate::problems::{self, Problems};
use crate::elaborate::resolved::Resolved;
use crate::program::{Bound, Claim, METRICS, Metric, Requirement, Takes, is_epsilon};
use crate::syntax::ast::{self, Ast, Comparison, Item, MetricArgument};

/// What `require` asks for, gates as made: what is to be measured, and what is to be proved.
#[derive(Default)]
pub(crate) struct Required {
    pub requirements: Vec<Requirement>,
    pub claims: Vec<Claim>,
}

pub(crate) fn required(
    plan: &Resolved<'_>,
    expansion: &Expansion,
    main: &Ast,
    sources: &Sources,
    limits: &Limits,
    problems: &mut Problems,
) -> Required {
    let blocks = main.items.iter().filter_map(|item| match item {
        Item::Require { requirements, .. } => Some(requirements),
        _ => None,
    });
    let mut required = Required::default();
    let mut n_named = 0;
    for line in blocks.flatten() {
        let (written, comparison, bound, span) = match line {
            ast::Requirement::Bound { metric, comparison, bound, span } => (metric, comparison, bound, *span),
            ast::Requirement::Proved { metric, span } => {
                required.claims.extend(claim(plan, expansion, metric.as_ref(), *span, sources, problems));
                continue;
            }
        };
        let metric = metric(plan, expansion, written, problems);
        let comparison = match comparison {
            Comparison::Less => Some(Bound::Less),
            Comparison::LessEqual => Some(Bound::LessEqual),
            Comparison::Greater => Some(Bound::Greater),
            Comparison::GreaterEqual => Some(Bound::GreaterEqual),
            Comparison::Equal | Comparison::NotEqual => {
                problems.report(problems::bad_comparison(span));
                None
            }
        };
        if let (Some(Metric { gates: Some(gates), .. }), Some(of)) = (&metric, &written.of) {
            n_named += gates.len() as u64;
            // Each line keeps the gates that it names, and may name the same array as the line before.
            if n_named > limits.max_operands {
                problems.report(problems::too_many_operands(of.span(), limits.max_operands));
                break;
            }
        }
        let (Some(metric), Some(comparison)) = (metric, comparison) else { continue };
        if let Some(is_met) = comparison.verdict(metric.row.range(), bound.value) {
            let (name, range) = (&written.name.text, metric.row.range());
            problems.report(problems::bound_out_of_range(bound.span, name, &bound.text, range, is_met));
            continue;
        }
        let text = format!("{} {} {}", shown(written, sources), comparison.sign(), bound.text);
        required.requirements.push(Requirement { metric, comparison, bound: bound.value, text, span });
    }
    required
}

/// `proved;` is of what `reliability` measures.
fn claim(
    plan: &Resolved<'_>,
    expansion: &Expansion,
    written: Option<&ast::Metric>,
    span: Span,
    sources: &Sources,
    problems: &mut Problems,
) -> Option<Claim> {
    let Some(written) = written else {
        return Some(Claim { span, ..Claim::of_all(None) });
    };
    let metric = metric(plan, expansion, written, problems)?;
    let Some((scope, epsilon)) = Claim::of(&metric) else {
        problems.report(problems::unprovable_metric(written.name.span, &written.name.text));
        return None;
    };
    Some(Claim { scope, epsilon, text: format!("proved {}", shown(written, sources)), span })
}

fn metric(
    plan: &Resolved<'_>,
    expansion: &Expansion,
    written: &ast::Metric,
    problems: &mut Problems,
) -> Option<Metric> {
    let ast::Metric { name, of } = written;
    let Some(metric) = Metric::named(&name.text) else {
        let known: Vec<&str> = METRICS.iter().map(|row| row.name).collect();
        problems.report(problems::unknown_metric(name.span, &name.text, &known));
        return None;
    };
    match (metric.row.takes, of) {
        (Takes::Nothing | Takes::Gates, None) => Some(metric),
        (Takes::Gates, Some(MetricArgument::Gates(of))) => {
            let gates = gates(plan, expansion, of, problems)?;
            Some(Metric { gates: Some(gates), ..metric })
        }
        (Takes::Epsilon, Some(MetricArgument::Number(number))) => {
            if !is_epsilon(number.value) {
                problems.report(problems::bad_epsilon(number.span, &number.text));
                return None;
            }
            Some(Metric { epsilon: Some(number.value), ..metric })
        }
        (takes, of) => {
            let span = of.as_ref().map_or(name.span, MetricArgument::span);
            problems.report(problems::metric_argument(span, &name.text, takes));
            None
        }
    }
}

fn gates(
    plan: &Resolved<'_>,
    expansion: &Expansion,
    of: &ast::Reference,
    problems: &mut Problems,
) -> Option<Vec<GateId>> {
    let named = named_signals(plan, expansion, of, problems)?;
    if named.is_feature {
        problems.report(problems::feature_for_gate(of.span, &of.name.text));
        return None;
    }
    Some(named.signals.iter().map(|signal| GateId(signal - expansion.n_features)).collect())
}

/// A metric in canonical form.
fn shown(written: &ast::Metric, sources: &Sources) -> String {
    let of = written.of.as_ref().map_or(String::new(), |of| format!("({})", canonical(sources, of.span())));
    format!("{}{of}", written.name.text)
}

/// The source text without white space.
fn canonical(sources: &Sources, span: Span) -> String {
    let text = sources.files.get(span.file.0 as usize).map_or("", |file| file.text.as_str());
    text.get(span.start as usize..span.end as usize).unwrap_or("").split_whitespace().collect()
}

/// The requirement with its gates at their places, from their numbers as made.
pub(crate) fn moved(mut requirement: Requirement, places: &[u32]) -> Requirement {
    if let Some(gates) = &mut requirement.metric.gates {
        gates.iter_mut().for_each(|gate| gate.0 = places[gate.0 as usize]);
        gates.sort_unstable();
    }
    requirement
}
