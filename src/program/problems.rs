//! The phrasing of what is wrong with what a program asks, whether its file asks it or the command line.
//!
//! What the command line asks has no place in a text ([`Span::NOWHERE`]) and needs a few words more.

use crate::diagnostic::{Diagnostic, Span, one_of, suggest};

pub fn unknown_construction(span: Span, name: &str, known: &[&str]) -> Diagnostic {
    choice("unknown-construction", span, "construction", name, known)
}

/// `word` stands behind the name of a construction and chooses nothing of it; `known`: what would.
pub fn construction_option(span: Span, construction: &str, word: &str, known: &[&str]) -> Diagnostic {
    let help = match known {
        [] => format!("write `{construction}` alone"),
        known => one_of(suggest(word, known.iter().copied()), known.iter().copied()),
    };
    let headline = format!("`{word}` chooses nothing of construction `{construction}`");
    Diagnostic::error("construction-option", span, headline, "not one of its options").stands().help(help)
}

/// `what` of a construction is chosen by a number, as by `example`, and this is none that it takes.
pub fn construction_value(span: Span, what: &str, value: Option<&str>, allowed: &str, example: &str) -> Diagnostic {
    let headline = match value {
        Some(value) => format!("`{what}` is {allowed}, and not `{value}`"),
        None => format!("`{what}` lacks its value"),
    };
    Diagnostic::error("construction-option", span, headline, "no such value")
        .stands()
        .help(format!("write a number behind it, {allowed}: `{what} {example}`"))
}

pub fn unknown_dictionary(span: Span, name: &str, known: &[&str]) -> Diagnostic {
    choice("unknown-dictionary", span, "dictionary", name, known)
}

/// One of a few names that are known.
pub fn choice(code: &'static str, span: Span, what: &str, name: &str, known: &[&str]) -> Diagnostic {
    let known = known.iter().copied();
    Diagnostic::error(code, span, format!("unknown {what} `{name}`"), format!("no {what} has this name"))
        .stands()
        .help(one_of(suggest(name, known.clone()), known))
}

/// `meant`: the layer that was probably meant; to look for it takes a pass over all.
pub fn unknown_layer<'a>(
    span: Span,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
    meant: Option<&str>,
) -> Diagnostic {
    let headline = match span {
        Span::NOWHERE => format!("a width is given for layer `{name}`, which is not there"),
        _ => format!("unknown layer `{name}`"),
    };
    Diagnostic::error("unknown-layer", span, headline, "no layer has this name").help(one_of(meant, known))
}

pub fn nothing_to_plant(span: Span) -> Diagnostic {
    match span {
        Span::NOWHERE => Diagnostic::error(
            "nothing-to-plant",
            span,
            "`plant` finds no first-level gate that the clauses of `sample` can fit",
            "",
        )
        .help("let a clause choose at least as many features as a gate needs on, or drop `plant`"),
        _ => Diagnostic::error(
            "nothing-to-plant",
            span,
            "no first-level gate can be planted",
            "the clauses never have the operands of any together",
        )
        .help("let a clause choose as many features as a gate needs on, or remove `plant`"),
    }
}
