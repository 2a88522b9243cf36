//! `superpose lsp`: the language server, for editors.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::lsp::serve;
use crate::cli::session::Session;

/// Talk to an editor over stdin and stdout, by the Language Server Protocol.
///
/// What is wrong as one types, with what to type instead as a quick fix; what a name is, its gates' kinds and layers;
/// definitions, references, another name in all files; what can be typed; canonical form; an outline. What is saved is
/// compiled and evaluated beside it, a fit on 300 000 inputs at most, so that a hover tells how far off a gate is read.
/// An editor starts it, for files that end in .circ: README shows how two of them are told.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Compile and evaluate nothing.
    #[arg(long)]
    no_errors: bool,
    /// What some editors add; there is no other way to talk.
    #[arg(long, hide = true)]
    stdio: bool,
}

const EXAMPLES: &str = "\
Examples:
  superpose lsp --no-errors";

pub fn run(args: &Args, _: &Session) -> Result<Outcome, Failure> {
    match serve(!args.no_errors) {
        Ok(()) => Ok(Outcome::Fine),
        Err(error) => Err(Failure::new(format!("the editor and the server do not understand each other: {error}"))),
    }
}
