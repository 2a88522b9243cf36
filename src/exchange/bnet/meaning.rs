//! What in a formula is no name of a component. Must not know how formulas are built.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// By its sign.
    Operator(char),
    Constant(bool),
}

/// `None`: it is a name.
pub(super) fn meaning(text: &str) -> Option<Meaning> {
    Some(match text {
        "!" | "~" | "NOT" | "not" => Meaning::Operator('!'),
        "&" | "&&" | "AND" | "and" => Meaning::Operator('&'),
        "|" | "||" | "OR" | "or" => Meaning::Operator('|'),
        "(" | ")" | "," => Meaning::Operator(text.chars().next()?),
        "0" => Meaning::Constant(false),
        "1" => Meaning::Constant(true),
        _ if text.eq_ignore_ascii_case("false") => Meaning::Constant(false),
        _ if text.eq_ignore_ascii_case("true") => Meaning::Constant(true),
        _ => return None,
    })
}
