//! The rim: arguments in, files read and written, results on stdout, everything else on stderr.
//!
//! Exit codes: 0 fine; 1 the program or its result is wrong; 2 usage or input and output; 130 interrupted.

mod arguments;
mod check;
mod compile;
mod evaluate;
mod format;
mod interrupt;
mod load;
mod output;
mod pages;
mod progress;
mod show;
mod snapshot;
mod terminal;
mod test;

use std::process::ExitCode;

use clap::Parser;
use superpose::elaborate;

use arguments::{Arguments, Command};
use terminal::Terminal;

/// How a command ended that could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    exit_code: u8,
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

/// What every command may look at.
pub struct Session {
    pub terminal: Terminal,
    pub limits: elaborate::Limits,
}

pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = Terminal::new(arguments.color, arguments.quiet);
    interrupt::install(arguments.quiet);
    let mut limits = elaborate::Limits::default();
    if let Some(max_gates) = arguments.max_gates {
        limits.max_gates = max_gates;
    }
    if let Some(threads) = arguments.threads {
        // Fails only where a pool exists already, and there is none yet.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
    }
    let session = Session { terminal, limits };
    let result = match arguments.command {
        Command::Check(command) => check::check(&command, &session),
        Command::Fmt(command) => format::format(&command, &session),
        Command::Show(command) => show::show(&command, &session),
        Command::Compile(command) => compile::compile(&command, &session),
        Command::Eval(command) => evaluate::evaluate(&command, &session),
        Command::Test(command) => test::test(&command, &session),
        Command::Completions(command) => pages::completions(&command),
        Command::Man(command) => pages::man(&command),
    };
    match result {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Wrong) => ExitCode::from(1),
        Err(failure) => {
            session.terminal.failure(&failure);
            ExitCode::from(failure.exit_code)
        }
    }
}
