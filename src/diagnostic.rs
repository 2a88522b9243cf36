//! Problems of a program as a person reads them: what is wrong, where, and what to type instead.
//!
//! Floor 0: knows text and positions, nothing of syntax, circuits or networks.

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
}
