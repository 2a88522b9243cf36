//! The phrasing of what is wrong with definitions: targets, calls, arguments and circles.

use super::{Example, for_example};
use crate::diagnostic::{Diagnostic, Span};
use crate::text::plural;

pub(crate) fn tuple_arity(span: Span, name: &str, n_results: usize, n_targets: usize) -> Diagnostic {
    let fits = if n_targets == 1 { "1 target stands".to_string() } else { format!("{n_targets} targets stand") };
    let problem = Diagnostic::error(
        "tuple-arity",
        span,
        format!("`{name}` gives {}", plural(n_results as u64, "signal")),
        format!("{fits} on the left"),
    )
    .stands();
    if n_results == 1 {
        return problem.help(format!("write `a = {name}(…);`"));
    }
    problem.help(format!("write `({}) = {name}(…);`", letters(n_results)))
}

/// Names to stand for so many signals: `a, b, c`.
fn letters(count: usize) -> String {
    let letters = ('a'..='z').take(count).map(String::from);
    let more = (count > 26).then(|| "…".to_string());
    letters.chain(more).collect::<Vec<_>>().join(", ")
}

pub(crate) fn tuple_without_call(span: Span, n_targets: usize) -> Diagnostic {
    Diagnostic::error(
        "tuple-without-call",
        span,
        format!("{n_targets} targets for one value"),
        "only a sub-circuit gives several signals",
    )
    .stands()
    .help("write one definition for each target")
}

pub(crate) fn several_results(span: Span, name: &str, n_results: usize) -> Diagnostic {
    Diagnostic::error(
        "several-results",
        span,
        format!("`{name}` gives {} where one is needed", plural(n_results as u64, "signal")),
        "cannot stand inside an expression",
    )
    .stands()
    .help(format!("name the results first: `(a, b) = {name}(…);`"))
}

pub(crate) fn wrong_number_of_arguments(
    span: Span,
    name: &str,
    needed: usize,
    given: usize,
    declared: Option<Span>,
) -> Diagnostic {
    let problem = Diagnostic::error(
        "wrong-number-of-arguments",
        span,
        format!("`{name}` takes {}, not {given}", plural(needed as u64, "argument")),
        format!("{} given", plural(given as u64, "argument")),
    )
    .stands();
    let problem = match declared {
        Some(declared) => problem.related(declared, "declared here"),
        None => problem,
    };
    let arguments = if name == "pick" { "2, x".to_string() } else { letters(needed) };
    problem.help(format!("write `{name}({arguments})`"))
}

pub(crate) fn wrong_number_of_members(
    span: Span,
    parameter: &str,
    needed: usize,
    given: usize,
    declared: Span,
    example: Example<'_>,
) -> Diagnostic {
    Diagnostic::error(
        "wrong-number-of-members",
        span,
        format!("parameter `{parameter}` has {}, not {given}", plural(needed as u64, "member")),
        format!("{}{}", plural(given as u64, "signal"), for_example(example)),
    )
    .related(declared, "declared here")
    .help(match needed {
        1 => "pass one signal, such as `x[0]`".to_string(),
        _ => format!("pass as many signals, such as `x[0..{needed}]`"),
    })
}

/// `arguments`: what is given, and may be repeated.
pub(crate) fn missing_count(span: Span, name: &str, arguments: &str) -> Diagnostic {
    Diagnostic::error("missing-count", span, format!("`{name}` needs a count"), "the first argument is a number")
        .stands()
        .help(format!("write `{name}(k, {arguments})`, with a number for k"))
}

pub(crate) fn undefined_result(span: Span, circuit: &str, member: &str) -> Diagnostic {
    Diagnostic::error(
        "undefined-result",
        span,
        format!("sub-circuit `{circuit}` never defines its result `{member}`"),
        "declared here",
    )
    .help(format!("add `{member} = …;` to its body"))
}

pub(crate) fn empty_result(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("empty-result", span, format!("result `{name}` has no members"), "a result has at least one")
        .help("give it a length of at least 1, or remove it")
}

pub(crate) fn pick_too_many(span: Span, count: i64, available: u64, example: Example<'_>) -> Diagnostic {
    Diagnostic::error(
        "pick-too-many",
        span,
        format!("cannot pick {count} of {}", plural(available, "member")),
        format!("distinct members run out{}", for_example(example)),
    )
    .help(format!("pick at most {available}"))
}

pub(crate) fn cycle(span: Span, path: &[String], places: &[Span]) -> Diagnostic {
    let shown: Vec<&str> = if path.len() > 24 {
        let (front, back) = (&path[..12], &path[path.len() - 11..]);
        front.iter().map(String::as_str).chain(["…"]).chain(back.iter().map(String::as_str)).collect()
    } else {
        path.iter().map(String::as_str).collect()
    };
    let problem = Diagnostic::error(
        "cycle",
        span,
        format!("`{}` depends on itself", path[0]),
        format!("in a circle: {}", shown.join(" -> ")),
    );
    places
        .iter()
        .filter(|place| **place != span)
        .take(4)
        .fold(problem, |problem, place| problem.related(*place, "part of the circle"))
        .help("let one of them read only what does not depend on it")
}
