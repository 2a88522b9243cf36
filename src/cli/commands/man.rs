//! `superpose man`: a manual page, made from the command line's own description.

use superpose::diagnostic::{one_of, suggest};

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output;
use crate::cli::session::Session;

/// Print a manual page.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The command to describe; without it, `superpose` itself.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  superpose man | man -l -
  superpose man compile > superpose-compile.1";

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let mut described = (session.command_line)();
    described.build();
    // Has no page of its own: it prints what is in the others.
    described = described.mut_subcommand("help", |help| help.hide(true));
    if let Some(name) = &args.command {
        described = match described.find_subcommand(name).filter(|found| !found.is_hide_set()) {
            Some(subcommand) => subcommand.clone().display_name(format!("superpose-{name}")),
            None => {
                let failure = Failure::new(format!("there is no command `{name}`"));
                let known =
                    || described.get_subcommands().filter(|known| !known.is_hide_set()).map(|known| known.get_name());
                return Err(failure.help(one_of(suggest(name, known()), known())));
            }
        };
    }
    output::print(page(described))?;
    Ok(Outcome::Fine)
}

/// The page of a command, with what stands behind its help in sections of their own.
fn page(described: clap::Command) -> String {
    let mut page = Vec::new();
    let source = concat!("superpose ", env!("CARGO_PKG_VERSION"));
    clap_mangen::Man::new(described).source(source).render(&mut page).expect("memory takes what it is given");
    String::from_utf8_lossy(&page)
        .replace(".SH EXTRA\nExamples:\n", ".SH EXAMPLES\n")
        .replace("\n\nExit codes: ", "\n.SH EXIT STATUS\n")
}
