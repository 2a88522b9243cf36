//! The phrasing of what is wrong with files of other tools. `error` says where in a text, and what to do instead.

use crate::diagnostic::{Diagnostic, Span};
use crate::text::{grouped, shortened, shown};

/// Names of files come from outside, and may be long.
fn name(text: &str) -> String {
    shortened(&shown(text), 60)
}

pub(super) fn malformed(span: Span, headline: impl Into<String>, label: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::error("netlist-syntax", span, headline, label).help(help)
}

const NOT_FLAT: &str = "netlist-not-flat";

pub(super) fn not_flat(span: Span, headline: impl Into<String>, label: &str, help: &str) -> Diagnostic {
    Diagnostic::error(NOT_FLAT, span, headline, label).help(help)
}

/// Whether the netlist has parts that are none of a circuit's.
pub(super) fn is_of_parts(problem: &Diagnostic) -> bool {
    problem.code == NOT_FLAT
}

pub(super) fn driven_twice(span: Span, text: &str, first: Span) -> Diagnostic {
    let text = name(text);
    Diagnostic::error("netlist-driven-twice", span, format!("`{text}` is driven twice"), "the second driver")
        .related(first, "first driven here")
        .help("a signal is an input, or one node's: give the second another name")
}

pub(super) fn undriven(span: Span, text: &str) -> Diagnostic {
    let text = name(text);
    Diagnostic::error("netlist-undriven", span, format!("nothing drives `{text}`"), "neither an input nor a node")
        .help("declare it as an input, or define it")
}

pub(super) fn without_outputs(start: Span) -> Diagnostic {
    Diagnostic::error("netlist-without-outputs", start, "there are no outputs", "nothing is computed")
        .help("say which signals are put out")
}

pub(super) fn too_many_signals(span: Span, n_signals: u64, most: usize) -> Diagnostic {
    let most = grouped(most as u64);
    Diagnostic::error(
        "netlist-too-large",
        span,
        format!("{} inputs, nodes and outputs are too many", grouped(n_signals)),
        format!("{most} are the limit"),
    )
    .help("take the part that you need out of it first, or write it in the language, with comprehensions")
}

pub(super) fn ignored(span: Span, what: &str, why: &str) -> Diagnostic {
    Diagnostic::warning("netlist-ignored", span, format!("`{what}` is passed over"), why)
        .help(format!("leave `{what}` out"))
}
