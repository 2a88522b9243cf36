//! Why there is nothing to write. Whoever shows it says what to type instead.

/// Why a circuit cannot be written in a format, and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritable {
    pub fact: String,
    pub help: String,
}
