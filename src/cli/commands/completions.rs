//! `superpose completions`: a script for a shell, made from the command line's own description.

use clap_complete::Shell;

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output;
use crate::cli::session::Session;

/// Print completions for a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  superpose completions bash > superpose.bash
  superpose completions fish > ~/.config/fish/completions/superpose.fish";

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut (session.command_line)(), "superpose", &mut script);
    output::print(script)?;
    Ok(Outcome::Fine)
}
