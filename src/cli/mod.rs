//! The rim: arguments in, files read and written, results on stdout, everything else on stderr.
//!
//! Exit codes: 0 fine; 1 the program or its result is wrong; 2 usage or input and output; 130 interrupted.

mod arguments;
mod asked;
mod bounds;
mod commands;
mod compiled;
mod digest;
mod directory;
mod evaluated;
mod failure;
mod interrupt;
mod load;
mod lsp;
mod manifest;
mod many;
mod options;
mod output;
mod planned;
mod programs;
mod progress;
mod read;
mod results;
mod review;
mod session;
mod shards;
mod snapshot;
mod terminal;
mod threads;
mod took;
mod values;
mod watched;

use std::process::ExitCode;

use clap::CommandFactory;
use superpose::elaborate::Limits;

use arguments::Arguments;
use failure::Outcome;
use session::Session;
use terminal::Terminal;

pub fn main() -> ExitCode {
    let arguments = Arguments::typed();
    let terminal = Terminal::new(arguments.color, arguments.quiet);
    interrupt::install(arguments.quiet);
    let mut limits = Limits::default();
    if let Some(max_gates) = arguments.max_gates {
        limits.max_gates = max_gates;
    }
    threads::start(arguments.threads);
    let session = Session { terminal, limits, command_line: Arguments::command };
    match arguments.command.run(&session) {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Wrong) => ExitCode::from(1),
        Err(failure) => {
            session.terminal.failure(&failure);
            ExitCode::from(failure.exit_code)
        }
    }
}
