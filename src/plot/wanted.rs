//! What is to be drawn. Must not know whether a table has it.

/// Columns by their names, or by their short ones, such as `epsilon`.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    pub x: String,
    pub y: String,
    /// A column that colours cells over `x` and `y`; `None`: a line chart.
    pub phase: Option<String>,
    /// Instead of a heading made of names.
    pub title: Option<String>,
}

/// A file's name, as messages call it, and its text.
pub type File = (String, String);
