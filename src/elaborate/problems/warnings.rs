//! The phrasing of what means something, but was probably not meant.

use crate::diagnostic::{Diagnostic, Span};

pub(crate) fn unread_feature(span: Span, name: &str, n_unread: u64, n_members: u64, example: &str) -> Diagnostic {
    let (headline, label) = if n_members == 1 {
        (format!("no gate reads feature `{name}`"), "never read".to_string())
    } else if n_unread == n_members {
        (format!("no gate reads a member of `{name}`"), format!("none of its {n_members} members is read"))
    } else {
        let headline = format!("no gate reads {n_unread} of the {n_members} members of `{name}`");
        (headline, format!("such as `{example}`"))
    };
    Diagnostic::warning("unread-feature", span, headline, label)
        .help("read it in a gate, or remove it; nothing is wrong if it is there to disturb")
}

pub(crate) fn unread_gate(span: Span, name: &str, n_unread: u64, n_made: u64) -> Diagnostic {
    let headline = if n_made <= 1 {
        format!("nothing reads gate `{name}`, and it is no output")
    } else {
        format!("nothing reads {n_unread} of the {n_made} gates of this definition, and they are no outputs")
    };
    let label = if n_made <= 1 { "never read".to_string() } else { format!("such as `{name}`") };
    Diagnostic::warning("unread-gate", span, headline, label).help(format!("read it, or name it: `output {name};`"))
}

pub(crate) fn constant_gate(span: Span, name: &str, value: bool, n_constant: u64, reason: &str) -> Diagnostic {
    let value = if value { "on" } else { "off" };
    let headline = if n_constant <= 1 {
        format!("gate `{name}` is always {value}")
    } else {
        format!("{n_constant} gates of this definition are constant")
    };
    let label =
        if n_constant <= 1 { reason.to_string() } else { format!("such as `{name}`, always {value}: {reason}") };
    Diagnostic::warning("constant-gate", span, headline, label)
        .help("remove it, or mend what it is made of; `all()` is on and `any()` is off by intent")
}
