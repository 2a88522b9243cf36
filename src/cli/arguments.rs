//! What can be typed after `superpose` whatever the command. What a command takes besides is in its own file.

use std::path::Path;

use clap::Parser;
use clap::error::{ContextKind, ContextValue};

use super::commands::Command;
use super::terminal::Color;

/// Compile Boolean circuits over sparse features to small neural networks that compute them in superposition.
#[derive(Debug, Parser)]
#[command(name = "superpose", version, max_term_width = 100, after_help = EXAMPLES_AND_EXIT_CODES)]
#[command(next_help_heading = "Options of every command")]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// When to colour.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// Say nothing but results and errors.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Threads to use, at most one a core; the result does not depend on it [default: as many as there are cores].
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Gates that a file may expand to, at most 100000000 [default: 10000000].
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u64).range(..=100_000_000))]
    pub max_gates: Option<u64>,
}

impl Arguments {
    /// What was typed; ends the program where that is nothing it knows.
    pub fn typed() -> Arguments {
        Arguments::try_parse().unwrap_or_else(|error| with_command(error).exit())
    }
}

/// Where a command must stand, a file is probably to be evaluated.
fn with_command(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidSubcommand) else { return error };
    let with_extension = format!("{typed}.circ");
    let is_named = typed == "-" || [".circ", ".safetensors"].iter().any(|extension| typed.ends_with(extension));
    let file = match Path::new(typed).is_file() || is_named {
        true => typed,
        false if Path::new(&with_extension).is_file() => &with_extension,
        false => return error,
    };
    let tip = format!("did you mean `superpose eval {file}`?");
    error.remove(ContextKind::SuggestedSubcommand);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

const EXAMPLES_AND_EXIT_CODES: &str = "\
Examples:
  superpose check newsroom.circ
  superpose eval newsroom.circ
  superpose compile newsroom.circ -o newsroom.safetensors
  superpose help compile

Exit codes: 0 fine; 1 the program or its result is wrong; 2 usage, or a file that cannot be read or written; \
130 interrupted.
Ctrl-C or SIGTERM ends a fit early and keeps its best network (0).
`-` as FILE is stdin.";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    /// Every command, the program itself first.
    fn commands() -> Vec<clap::Command> {
        let mut program = Arguments::command();
        program.build();
        let of_its_own = program.get_subcommands().filter(|command| command.get_name() != "help").cloned();
        [program.clone()].into_iter().chain(of_its_own).collect()
    }

    #[test]
    fn the_help_of_every_command_has_examples_of_it_that_can_be_typed() {
        for command in commands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
            let examples: Vec<&str> = lines.map_while(|line| line.strip_prefix("  superpose ")).collect();
            assert!(!examples.is_empty(), "superpose {}: no examples", command.get_name());
            for example in examples {
                assert!("  superpose ".len() + example.len() <= 80, "{example}: torn apart");
                // What a shell does with the input and the output is its own.
                let typed = example.split(['|', '<', '>']).next().unwrap_or_default();
                let words = ["superpose"].into_iter().chain(typed.split_whitespace());
                if let Err(error) = Arguments::try_parse_from(words) {
                    assert_eq!(error.kind(), ErrorKind::DisplayHelp, "superpose {example}: {error}");
                }
                let is_of_it = typed.starts_with(&format!("{} ", command.get_name()));
                assert!(is_of_it || command.get_name() == "superpose", "superpose {example}");
            }
        }
    }

    #[test]
    fn help_is_no_wider_than_the_terminal() {
        for (command, width) in commands().into_iter().flat_map(|command| [(command.clone(), 80), (command, 100)]) {
            let help = command.term_width(width).render_long_help().to_string();
            let wide: Vec<&str> = help.lines().filter(|line| line.chars().count() > width).collect();
            assert_eq!(wide, [] as [&str; 0]);
        }
    }
}
