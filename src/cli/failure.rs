//! How a command ends: with an outcome, or with the reason why it could not do its work.
//!
//! Must not know how either is shown.

use super::interrupt;

/// How a command ended that could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Fine,
    /// The program or its result is wrong: exit code 1.
    Wrong,
}

/// Why a command could not do its work.
#[derive(Debug)]
pub struct Failure {
    pub message: String,
    pub help: Option<String>,
    pub exit_code: u8,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), help: None, exit_code: 2 }
    }

    /// By Ctrl-C or SIGTERM.
    pub fn interrupted() -> Failure {
        Failure { message: "interrupted".into(), help: None, exit_code: interrupt::EXIT_CODE }
    }

    pub fn help(mut self, help: impl Into<String>) -> Failure {
        self.help = Some(help.into());
        self
    }
}
