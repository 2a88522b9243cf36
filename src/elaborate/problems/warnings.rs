//! The phrasing of what means something, but was probably not meant.

use crate::diagnostic::{Diagnostic, Span};

/// What no gate reads of a declared feature.
pub(crate) struct Unread<'a> {
    pub span: Span,
    pub name: &'a str,
    pub n_unread: u64,
    pub n_members: u64,
    /// The first member that is not read.
    pub example: &'a str,
}

/// One warning, however many are unread.
pub(crate) fn unread_features(unread: &[Unread<'_>]) -> Option<Diagnostic> {
    const MOST_SHOWN: usize = 8;
    let (headline, label) = match unread {
        [] => return None,
        [only] if only.n_members == 1 => (format!("no gate reads feature `{}`", only.name), "never read".to_string()),
        [only] if only.n_unread == only.n_members => {
            let label = format!("none of its {} members is read", only.n_members);
            (format!("no gate reads a member of `{}`", only.name), label)
        }
        [only] => (format!("no gate reads {}", only.part()), format!("such as `{}`", only.example)),
        [first, ..] => {
            let mut parts: Vec<String> = unread.iter().take(MOST_SHOWN).map(Unread::part).collect();
            if unread.len() > MOST_SHOWN {
                parts.push("…".to_string());
            }
            let label = match first.n_unread == first.n_members {
                true => "the first of them".to_string(),
                false => format!("the first of them: `{}`", first.example),
            };
            (format!("no gate reads {} features: {}", unread.len(), parts.join(", ")), label)
        }
    };
    let problem = Diagnostic::warning("unread-feature", unread[0].span, headline, label);
    Some(problem.help(match unread.len() {
        1 => "read it in a gate, or remove it; nothing is wrong if it is there to disturb",
        _ => "read them in gates, or remove them; nothing is wrong if they are there to disturb",
    }))
}

impl Unread<'_> {
    fn part(&self) -> String {
        match self.n_unread == self.n_members {
            true => format!("`{}`", self.name),
            false => format!("{} of the {} members of `{}`", self.n_unread, self.n_members, self.name),
        }
    }
}

/// `upwards`: the same range from its other end on.
pub(crate) fn descending_range(span: Span, upwards: &str) -> Diagnostic {
    Diagnostic::warning("descending-range", span, "a range that runs down is empty", "no integer lies in it")
        .stands()
        .help(format!("ranges run up: write `{upwards}`"))
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
