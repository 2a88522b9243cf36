//! The phrasing of what is wrong with files: the program, what it uses, and its rows.

use crate::diagnostic::{Diagnostic, Span};
use crate::exchange::Broken;

pub(crate) fn unreadable_file(span: Span, path: &str, reason: &str) -> Diagnostic {
    Diagnostic::error("unreadable-file", span, format!("cannot read `{path}`"), reason)
}

pub(crate) fn unreadable_use(span: Span, path: &str, reason: &str) -> Diagnostic {
    Diagnostic::error("unreadable-use", span, format!("cannot read `{path}`"), reason)
        .help("the path is relative to the file that uses it")
}

pub(crate) fn not_utf8(span: Span, path: &str, offset: usize) -> Diagnostic {
    Diagnostic::error(
        "not-utf8",
        span,
        format!("`{path}` is not text"),
        format!("the byte at offset {offset} is not valid UTF-8"),
    )
    .help("save it as UTF-8 text")
}

pub(crate) fn circular_use(span: Span, path: &[String]) -> Diagnostic {
    Diagnostic::error(
        "circular-use",
        span,
        format!("`{}` uses itself", path[0]),
        format!("closes the circle {}", path.join(" -> ")),
    )
    .help("move what both files need to a third one")
}

pub(crate) fn too_many_files(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error("too-many-files", span, format!("more than {limit} files are used"), "the last one that fits")
        .help("put several of them into one file")
}

pub(crate) fn ambiguous_use(span: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::error(
        "ambiguous-use",
        span,
        format!("two used files define `{name}`"),
        format!("brings a second `{name}`"),
    )
    .stands()
    .related(first, "first brought here")
    .help("rename one of them, or define it in this file")
}

pub(crate) fn unreadable_rows(span: Span, path: &str, reason: &str) -> Diagnostic {
    Diagnostic::error("unreadable-rows", span, format!("cannot read `{path}`"), reason)
        .help("the path is relative to the file that names it")
}

pub(crate) fn broken_netlist(span: Span, path: &str, broken: &Broken) -> Diagnostic {
    let label = format!("at byte {}: {}", broken.offset, broken.fact);
    Diagnostic::error("netlist-broken", span, format!("`{path}` is no binary AIGER"), label)
        .help("write it again with the tool that it is from, or as ASCII: `aag`")
}
