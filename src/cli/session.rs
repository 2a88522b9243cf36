//! What every command may look at. Must not know the commands.

use superpose::elaborate::Limits;

use super::terminal::Terminal;

pub struct Session {
    pub terminal: Terminal,
    pub limits: Limits,
    /// Describes all that can be typed, for the commands that print something about it.
    pub command_line: fn() -> clap::Command,
}
