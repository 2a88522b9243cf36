//! The commands. A command is a file and a row: its `Args` are what can be typed after its name, with the command's
//! help above them, and its `run` does it.
//!
//! What several commands do is no command: it lies beside this folder.

mod check;
mod compile;
mod completions;
mod dataset;
mod eval;
mod explain;
mod export;
mod fmt;
mod import;
mod lsp;
mod man;
mod new;
mod plan;
mod plot;
mod report;
mod sample;
mod show;
mod sweep;
mod test;
mod trace;
mod verify;

use super::failure::{Failure, Outcome};
use super::session::Session;

/// Makes the rows what can be typed, and what is done then.
macro_rules! commands {
    ($($Name:ident: $file:ident,)*) => {
        #[derive(Debug, clap::Subcommand)]
        pub enum Command {
            $($Name($file::Args),)*
        }

        impl Command {
            pub fn run(&self, session: &Session) -> Result<Outcome, Failure> {
                match self {
                    $(Command::$Name(args) => $file::run(args, session),)*
                }
            }
        }
    };
}

// In the order of the help.
commands! {
    New: new,
    Check: check,
    Fmt: fmt,
    Show: show,
    Plan: plan,
    Compile: compile,
    Eval: eval,
    Verify: verify,
    Explain: explain,
    Trace: trace,
    Sample: sample,
    Dataset: dataset,
    Sweep: sweep,
    Plot: plot,
    Report: report,
    Test: test,
    Import: import,
    Export: export,
    Lsp: lsp,
    Completions: completions,
    Man: man,
}
