//! Problems of a program as a person reads them: what is wrong, where, and what to type instead.
//!
//! Knows text and positions, nothing of syntax, circuits or networks.

mod invisible;
mod render;

pub use invisible::{code_points, is_invisible, visible};
pub use render::{position, render};

/// A file of a program, by its position in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(pub u32);

/// A range of bytes of one file, `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// Of a problem that no text is to blame for, such as an option; it is shown without a position.
    pub const NOWHERE: Span = Span { file: FileId(u32::MAX), start: 0, end: 0 };

    /// The smallest span that covers both (of the same file).
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// The texts of a program: the file that was asked for first, then what it uses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sources {
    pub files: Vec<SourceFile>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SourceFile {
    /// As the user wrote it; shown at the head of a diagnostic.
    pub name: String,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

/// A file with more problems of its text than this is given up: what follows would not be read by anybody.
pub const MAX_PROBLEMS: usize = 1000;

/// One problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Stable and unique to the kind of problem: `unknown-name`.
    pub code: &'static str,
    /// States the fact, lower case, names in backticks.
    pub headline: String,
    /// The culprit; the head of the report names its position.
    pub span: Span,
    /// What the pointer at the culprit says.
    pub label: String,
    /// Further places that help to understand: "first defined here".
    pub related: Vec<(Span, String)>,
    /// What to type instead.
    pub help: Option<String>,
    pub standing: Standing,
}

/// Whether a problem stands even where other statements of its program could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Those statements might mend it.
    Open,
    /// Whatever they say.
    Firm,
    /// If the name at its place is written nowhere else.
    UnlessWrittenElsewhere,
}

impl Diagnostic {
    /// A problem that stops the program.
    pub fn error(code: &'static str, span: Span, headline: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        let (headline, label) = (headline.into(), label.into());
        Diagnostic {
            severity: Severity::Error,
            code,
            headline,
            span,
            label,
            related: Vec::new(),
            help: None,
            standing: Standing::Open,
        }
    }

    /// Something that is probably not meant, but means something.
    pub fn warning(
        code: &'static str,
        span: Span,
        headline: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, span, headline, label) }
    }

    /// Says what to type instead.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Points at a further place.
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.related.push((span, text.into()));
        self
    }

    /// Says that it stands whatever other statements say.
    pub fn stands(mut self) -> Diagnostic {
        self.standing = Standing::Firm;
        self
    }

    /// Says that it stands if the name at its place is written nowhere else.
    pub fn stands_unless_written_elsewhere(mut self) -> Diagnostic {
        self.standing = Standing::UnlessWrittenElsewhere;
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The candidate that `name` was probably meant to be; `None` when nothing is near.
///
/// Nearness is the optimal string alignment distance (insert, delete, replace, swap neighbours), at most a third of
/// the longer word; case alone costs nothing. Of equally near candidates the first in alphabetical order wins, whatever
/// the order they come in.
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest(name, candidates).first().copied()
}

/// As [`suggest`], where a wrong guess would be a wrong program: `None` where several candidates are equally near, and
/// never one with another number in its name.
pub fn suggest_surely<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let digits = |name: &str| name.chars().filter(char::is_ascii_digit).collect::<String>();
    let of_name = digits(name);
    match nearest(name, candidates.into_iter().filter(|candidate| digits(candidate) == of_name))[..] {
        [only] => Some(only),
        _ => None,
    }
}

/// The nearest candidates, in alphabetical order.
fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let lower: Vec<char> = name.chars().take(LONGEST_SUGGESTED + 1).flat_map(char::to_lowercase).collect();
    if lower.len() > LONGEST_SUGGESTED {
        return Vec::new();
    }
    let mut least = usize::MAX;
    let mut found: Vec<&str> = Vec::new();
    for candidate in candidates {
        if candidate == name || candidate.len() > LONGEST_SUGGESTED {
            continue;
        }
        let other: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        let allowed = (lower.len().max(other.len()) / 3).max(1);
        if lower.len().abs_diff(other.len()) > allowed {
            continue;
        }
        let distance = edit_distance(&lower, &other);
        // A replaced single letter is another name, not a slip.
        if distance > allowed || distance >= lower.len() || distance > least {
            continue;
        }
        if distance < least {
            (least, found) = (distance, Vec::new());
        }
        found.push(candidate);
    }
    found.sort_unstable();
    found
}

/// What to type instead of a name that is none of `known`: the one that was `meant`, if any, and the first few.
pub fn one_of<'a>(meant: Option<&str>, known: impl IntoIterator<Item = &'a str>) -> String {
    const MOST_SHOWN: usize = 8;
    let mut shown: Vec<String> = known.into_iter().take(MOST_SHOWN + 1).map(|name| format!("`{name}`")).collect();
    let are = if shown.len() == 1 { "is only" } else { "are" };
    if shown.len() > MOST_SHOWN {
        shown[MOST_SHOWN] = "…".to_string();
    }
    let there = format!("there {are} {}", shown.join(", "));
    meant.map_or(there.clone(), |meant| format!("did you mean `{meant}`? {there}"))
}

/// Longer names are not compared: the distance costs their product.
const LONGEST_SUGGESTED: usize = 64;

/// The optimal string alignment distance.
fn edit_distance(left: &[char], right: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, &a) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, &b) in right.iter().enumerate() {
            let mut distance = (last[column] + (a != b) as usize).min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && a == right[column - 1] && left[row - 1] == b {
                distance = distance.min(before_last[column - 1] + 1);
            }
            current.push(distance);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_name() {
        assert_eq!(suggest("brekaing", ["sport", "breaking"]), Some("breaking"));
        assert_eq!(suggest("Sport", ["sport", "spurt"]), Some("sport"));
        assert_eq!(suggest("at_leat", ["at_most", "at_least"]), Some("at_least"));
    }

    #[test]
    fn of_several_that_are_equally_near_none_is_sure() {
        assert_eq!(suggest_surely("nro", ["nor", "not", "nand"]), Some("nor"));
        assert_eq!(suggest_surely("nnor", ["nor", "xnor"]), None);
        assert_eq!(suggest_surely("add3", ["add2"]), None);
        assert_eq!(suggest_surely("ad2", ["add2"]), Some("add2"));
    }

    #[test]
    fn nothing_near_gives_no_suggestion() {
        assert_eq!(suggest("weather", ["sport", "politics"]), None);
        assert_eq!(suggest("a", ["b", "c"]), None);
        assert_eq!(suggest("a", []), None);
    }

    #[test]
    fn a_long_list_is_cut() {
        assert_eq!(one_of(None, ["a"]), "there is only `a`");
        assert_eq!(one_of(Some("bat"), ["bat", "cat"]), "did you mean `bat`? there are `bat`, `cat`");
        let many = ["x"; 9];
        assert_eq!(one_of(None, many), format!("there are {}…", "`x`, ".repeat(8)));
    }

    #[test]
    fn ties_do_not_depend_on_the_order_of_the_candidates() {
        assert_eq!(suggest("cat", ["hat", "bat"]), Some("bat"));
        assert_eq!(suggest("cat", ["bat", "hat"]), Some("bat"));
    }
}
