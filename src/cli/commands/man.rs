//! `superpose man`: a manual page, made from the command line's own description.

use superpose::diagnostic::{one_of, suggest};

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output;
use crate::cli::session::Session;

/// Print a manual page.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The command to describe; without it, `superpose` itself.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let mut described = (session.command_line)();
    described.build();
    if let Some(name) = &args.command {
        described = match described.find_subcommand(name) {
            Some(subcommand) => subcommand.clone().display_name(format!("superpose-{name}")),
            None => {
                let failure = Failure::new(format!("there is no command `{name}`"));
                let known = || described.get_subcommands().map(|known| known.get_name());
                return Err(failure.help(one_of(suggest(name, known()), known())));
            }
        };
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(described)
        .render(&mut page)
        .map_err(|error| Failure::new(format!("cannot make the page: {error}")))?;
    output::print(page)?;
    Ok(Outcome::Fine)
}
