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
use crate::program::{Bound, METRICS, Metric, Requirement, Takes, is_epsilon};
use crate::syntax::ast::{self, Ast, Comparison, Item, MetricArgument};

/// The lines of `require`, their gates as made.
pub(crate) fn requirements(
    plan: &Resolved<'_>,
    expansion: &Expansion,
    main: &Ast,
    sources: &Sources,
    limits: &Limits,
    problems: &mut Problems,
) -> Vec<Requirement> {
    let blocks = main.items.iter().filter_map(|item| match item {
        Item::Require { requirements, .. } => Some(requirements),
        _ => None,
    });
    let mut result = Vec::new();
    let mut n_named = 0;
    for requirement in blocks.flatten() {
        let metric = metric(plan, expansion, requirement, problems);
        let comparison = match requirement.comparison {
            Comparison::Less => Some(Bound::Less),
            Comparison::LessEqual => Some(Bound::LessEqual),
            Comparison::Greater => Some(Bound::Greater),
            Comparison::GreaterEqual => Some(Bound::GreaterEqual),
            Comparison::Equal | Comparison::NotEqual => {
                problems.report(problems::bad_comparison(requirement.span));
                None
            }
        };
        if let (Some(Metric { gates: Some(gates), .. }), Some(of)) = (&metric, &requirement.of) {
            n_named += gates.len() as u64;
            // Each line keeps the gates that it names, and may name the same array as the line before.
            if n_named > limits.max_operands {
                problems.report(problems::too_many_operands(of.span(), limits.max_operands));
                break;
            }
        }
        let (Some(metric), Some(comparison)) = (metric, comparison) else { continue };
        if let Some(is_met) = comparison.verdict(metric.row.range(), requirement.bound.value) {
            let (name, bound) = (&requirement.metric.text, &requirement.bound);
            problems.report(problems::bound_out_of_range(bound.span, name, &bound.text, metric.row.range(), is_met));
            continue;
        }
        let of = requirement.of.as_ref().map_or(String::new(), |of| format!("({})", canonical(sources, of.span())));
        let text = format!("{}{of} {} {}", requirement.metric.text, comparison.sign(), requirement.bound.text);
        result.push(Requirement { metric, comparison, bound: requirement.bound.value, text, span: requirement.span });
    }
    result
}

fn metric(
    plan: &Resolved<'_>,
    expansion: &Expansion,
    requirement: &ast::Requirement,
    problems: &mut Problems,
) -> Option<Metric> {
    let name = &requirement.metric;
    let Some(metric) = Metric::named(&name.text) else {
        let known: Vec<&str> = METRICS.iter().map(|row| row.name).collect();
        problems.report(problems::unknown_metric(name.span, &name.text, &known));
        return None;
    };
    match (metric.row.takes, &requirement.of) {
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
