//! Completions and manual pages, made from the command line's own description.

use clap::CommandFactory;
use superpose::diagnostic::{one_of, suggest};

use super::arguments::{Arguments, Completions, Man};
use super::{Failure, Outcome, output};

pub fn completions(command: &Completions) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut Arguments::command(), "superpose", &mut script);
    output::print(script)?;
    Ok(Outcome::Fine)
}

pub fn man(command: &Man) -> Result<Outcome, Failure> {
    let mut described = Arguments::command();
    described.build();
    if let Some(name) = &command.command {
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
