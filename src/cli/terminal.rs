//! The terminal at the other end of stdout and stderr: whether there is one, how wide, and what is said on stderr.

use std::io::{IsTerminal, Write};

use clap::ValueEnum;
use superpose::diagnostic::{Diagnostic, Severity, Sources, render};
use superpose::text::shown;

use super::failure::Failure;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

pub struct Terminal {
    /// Colour on stdout.
    pub color: bool,
    color_on_stderr: bool,
    pub quiet: bool,
}

/// Where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 80;

impl Terminal {
    pub fn new(color: Color, quiet: bool) -> Terminal {
        let wanted = |is_terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !said_not_to(),
        };
        let color_on_stderr = wanted(std::io::stderr().is_terminal());
        Terminal { color: wanted(std::io::stdout().is_terminal()), color_on_stderr, quiet }
    }

    /// Columns of stdout's terminal.
    pub fn width(&self) -> usize {
        columns(terminal_size::terminal_size_of(std::io::stdout()))
    }

    fn width_of_stderr(&self) -> usize {
        columns(terminal_size::terminal_size_of(std::io::stderr()))
    }

    /// Shows problems on stderr; warnings not when quiet.
    pub fn diagnostics(&self, diagnostics: &[Diagnostic], sources: &Sources) {
        let problems: Vec<Diagnostic> = diagnostics
            .iter()
            .filter(|diagnostic| !self.quiet || diagnostic.severity == Severity::Error)
            .cloned()
            .collect();
        if !problems.is_empty() {
            self.say(render(&problems, sources, self.color_on_stderr, self.width_of_stderr()).trim_end());
        }
    }

    /// Why a command could not do its work.
    pub fn failure(&self, failure: &Failure) {
        self.error(&failure.message, failure.help.as_deref());
    }

    /// An error without a position.
    pub fn error(&self, message: &str, help: Option<&str>) {
        let (red, end) = if self.color_on_stderr { ("\u{1b}[1;31m", "\u{1b}[0m") } else { ("", "") };
        self.say(&format!("{red}error{end}: {}", shown(message)));
        if let Some(help) = help {
            self.say(&format!("  help: {}", shown(help)));
        }
    }

    /// Something to know about a result that there is; unless quiet.
    pub fn warning(&self, message: &str, help: Option<&str>) {
        let (yellow, end) = if self.color_on_stderr { ("\u{1b}[1;33m", "\u{1b}[0m") } else { ("", "") };
        self.note(&format!("{yellow}warning{end}: {message}"));
        if let Some(help) = help {
            self.note(&format!("  help: {help}"));
        }
    }

    /// A remark on stderr, unless quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.say(&shown(text));
        }
    }

    fn say(&self, text: &str) {
        // There is nowhere to report that stderr is gone.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

/// By the conventions of no-color.org, and of terminals that know no colour.
fn said_not_to() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

fn columns(size: Option<(terminal_size::Width, terminal_size::Height)>) -> usize {
    match size {
        Some((terminal_size::Width(columns), _)) if columns >= 40 => columns as usize,
        Some(_) => 40,
        None => DEFAULT_WIDTH,
    }
}
