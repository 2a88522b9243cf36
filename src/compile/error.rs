//! Why there is no network.

use crate::diagnostic::Diagnostic;
use crate::progress::Reason;

#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// The watcher said so before there was one.
    Stopped(Reason),
    /// A layer has too few neurons to be wired at all; more would do.
    TooNarrow(Vec<Diagnostic>),
    /// What is asked for cannot be done, in words.
    Refused(Vec<Diagnostic>),
}

impl Error {
    /// In words; none where it was only told to stop.
    pub fn problems(&self) -> &[Diagnostic] {
        match self {
            Error::Stopped(_) => &[],
            Error::TooNarrow(problems) | Error::Refused(problems) => problems,
        }
    }
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Error {
        Error::Stopped(reason)
    }
}
