//! The phrasing of what is wrong with names: twice there, not there, of another kind, or in a circle.

use super::did_you_mean;
use crate::diagnostic::{Diagnostic, Span};
use crate::syntax::foreign;

pub(crate) fn defined_twice(span: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::error("defined-twice", span, format!("`{name}` is defined twice"), "defined again here")
        .stands()
        .related(first, "first defined here")
        .help("give one of the two another name")
}

pub(crate) fn defined_twice_in_loop(span: Span, name: &str, first: Span) -> Diagnostic {
    let problem = Diagnostic::error(
        "defined-twice",
        span,
        format!("`{name}` is defined twice"),
        format!("defines `{name}` again"),
    )
    .stands();
    if first == span {
        return problem.help("every turn of the loop must define another member");
    }
    problem.related(first, "first defined here").help("let one of the two define other members")
}

pub(crate) fn unknown_name(span: Span, name: &str, suggestion: Option<&str>) -> Diagnostic {
    let problem =
        Diagnostic::error("unknown-name", span, format!("unknown name `{name}`"), "no feature or gate has this name")
            .stands_unless_written_elsewhere();
    if let Some(constant) = foreign::constant(name) {
        return problem.help(constant);
    }
    did_you_mean(problem, suggestion, format!("declare it, `feature {name};`, or define it, `{name} = …;`"))
}

pub(crate) fn unknown_constant(span: Span, name: &str, suggestion: Option<&str>) -> Diagnostic {
    let problem = Diagnostic::error(
        "unknown-constant",
        span,
        format!("unknown constant `{name}`"),
        "no constant or loop variable has this name",
    )
    .stands_unless_written_elsewhere();
    did_you_mean(problem, suggestion, format!("define it: `const {name} = 8;`"))
}

pub(crate) fn integer_for_signal(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("integer-for-signal", span, format!("`{name}` is an integer"), "a signal is needed here")
        .stands()
        .help("constants and loop variables stand in indices, counts and ranges")
}

pub(crate) fn signal_for_integer(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("signal-for-integer", span, format!("`{name}` is a signal"), "an integer is needed here")
        .stands()
        .help("indices, counts and ranges are over constants and loop variables")
}

/// `instead`: the call that means the same here.
pub(crate) fn foreign_function(span: Span, name: &str, instead: &str) -> Diagnostic {
    unknown_function(span, name, None).help(format!("write `{instead}`"))
}

pub(crate) fn unknown_function(span: Span, name: &str, suggestion: Option<&str>) -> Diagnostic {
    let problem = Diagnostic::error(
        "unknown-function",
        span,
        format!("unknown function `{name}`"),
        "no built-in function or sub-circuit has this name",
    )
    .stands_unless_written_elsewhere();
    did_you_mean(
        problem,
        suggestion,
        format!("define it, `gate {name}(a, b) -> (c) {{ … }}`, or `use` the file that does"),
    )
}

pub(crate) fn reserved_function(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(
        "reserved-function",
        span,
        format!("`{name}` is a built-in function"),
        "a sub-circuit needs another name",
    )
    .stands()
    .help(format!("choose another name, such as `{name}_`"))
}

pub(crate) fn circular_constant(span: Span, path: &[String]) -> Diagnostic {
    Diagnostic::error("circular-constant", span, format!("constant `{}` depends on itself", path[0]), path.join(" -> "))
        .stands()
        .help("give one of them a value of its own")
}

pub(crate) fn circular_call(span: Span, path: &[String]) -> Diagnostic {
    Diagnostic::error(
        "circular-call",
        span,
        format!("sub-circuit `{}` calls itself", path[0]),
        format!("closes the circle {}", path.join(" -> ")),
    )
    .stands()
    .help("sub-circuits expand in place, so that a circle would never end")
}

pub(crate) fn too_deep_calls(span: Span, limit: u32) -> Diagnostic {
    Diagnostic::error(
        "too-deep-calls",
        span,
        format!("sub-circuits are nested more than {limit} deep"),
        "this call is one too deep",
    )
    .help("call the inner ones outside, and pass their results as arguments")
}
