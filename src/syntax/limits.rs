//! How much a file may hold, so that no later pass need fear its text.
//!
//! Must not know how anything is counted.

/// Longer files are refused: a tree is many times as large as its text.
pub const MAX_BYTES: u64 = 1 << 26;

/// So many statements and comments together may a file have: its tree takes a kilobyte for each.
pub(super) const MAX_STATEMENTS: usize = 1 << 20;

/// So many tokens may a statement have: its parse takes a few hundred bytes for each.
pub(super) const MAX_STATEMENT: usize = 1 << 22;

/// How deep brackets, prefix operators and chains of integer operators may nest.
pub(super) const MAX_NESTING: usize = 256;
