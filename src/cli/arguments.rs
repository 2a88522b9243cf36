//! What can be typed after `superpose`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use superpose::circuit::{MAX_SAMPLES, Width};
use superpose::compile;

/// Compile Boolean circuits over sparse features to small neural networks that compute them in superposition.
#[derive(Debug, Parser)]
#[command(name = "superpose", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// When to colour.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// Say nothing but results and errors.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Threads to use; the result does not depend on it [default: as many as there are cores].
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Gates that a file may expand to, at most 100000000 [default: 10000000].
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u64).range(..=100_000_000))]
    pub max_gates: Option<u64>,
}

const EXIT_CODES: &str = "Exit codes: 0 fine; 1 the program or its result is wrong; 2 usage, or a file that cannot be \
                          read or written.\n`-` as FILE is stdin.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Parse and check files; report every problem at once.
    Check(Check),
    /// Print files in canonical form, comments kept.
    Fmt(Fmt),
    /// Describe a circuit: features, gates, layers, fan-in, influence, and bounds on the width.
    Show(Show),
    /// Compile a circuit to the weights of a network.
    Compile(Compile),
    /// Evaluate a circuit's network, or a compiled one, on sampled or on all inputs.
    Eval(Eval),
    /// Evaluate every .circ below the paths and hold its report against its snapshot.
    Test(Test),
    /// Print completions for a shell.
    Completions(Completions),
    /// Print a manual page.
    Man(Man),
}

#[derive(Debug, Args)]
pub struct Check {
    /// Files to check; `-` is stdin.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Fmt {
    /// Files to format; `-` is stdin.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Rewrite the files in place.
    #[arg(long, conflicts_with = "check")]
    pub write: bool,
    /// Name the files that would change; exit code 1 if there are any.
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct Show {
    /// The circuit; `-` is stdin.
    #[arg(value_name = "FILE")]
    pub file: String,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// How to compile; each overrides the file's `network` block.
#[derive(Debug, Clone, Args, Default)]
pub struct CompileOptions {
    /// Optimisation level: 0 as published, 1 solved in closed form, 2 fitted.
    #[arg(short = 'O', value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..=2))]
    pub level: Option<u8>,
    /// Hidden neurons: `N` or `auto` for every layer, `LAYER=N` for one; can be given again.
    #[arg(long, value_name = "N|auto|LAYER=N", value_parser = parse_width)]
    pub width: Vec<WidthArgument>,
    /// What wires signals into neurons: `channels`, `universal`.
    #[arg(long, value_name = "NAME")]
    pub construction: Option<String>,
    /// Of codes and fits (not of the circuit's picks) [default: the file's].
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
}

impl CompileOptions {
    pub fn to_options(&self) -> compile::Options {
        let of_layer = |argument: &WidthArgument| Some((argument.layer.clone()?, argument.width));
        compile::Options {
            level: self.level,
            width: self.width.iter().rev().find(|argument| argument.layer.is_none()).map(|argument| argument.width),
            layer_widths: self.width.iter().filter_map(of_layer).collect(),
            construction: self.construction.clone(),
            seed: self.seed,
        }
    }

    /// The first option that was given, as typed.
    pub fn given(&self) -> Option<&'static str> {
        [
            (self.level.is_some(), "-O"),
            (!self.width.is_empty(), "--width"),
            (self.construction.is_some(), "--construction"),
            (self.seed.is_some(), "--seed"),
        ]
        .into_iter()
        .find_map(|(given, name)| given.then_some(name))
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct WidthArgument {
    /// `None`: every layer.
    pub layer: Option<String>,
    pub width: Width,
}

fn parse_width(text: &str) -> Result<WidthArgument, String> {
    let (layer, width) = match text.rsplit_once('=') {
        Some(("", _)) => return Err("the layer's name is missing before `=`".into()),
        Some((layer, width)) => (Some(layer.to_owned()), width),
        None => (None, text),
    };
    let width = match width {
        "auto" => Width::Auto,
        _ => match width.parse() {
            Ok(0) => return Err("a layer has at least one neuron".into()),
            Ok(n) => Width::Neurons(n),
            Err(_) => return Err(format!("`{width}` is neither a number of neurons nor `auto`")),
        },
    };
    Ok(WidthArgument { layer, width })
}

#[derive(Debug, Args)]
pub struct Compile {
    /// The circuit; `-` is stdin.
    #[arg(value_name = "FILE")]
    pub file: String,
    /// Where the network goes (safetensors); `-` is stdout.
    #[arg(short, long, value_name = "PATH")]
    pub output: PathBuf,
    #[command(flatten)]
    pub options: CompileOptions,
}

#[derive(Debug, Args)]
pub struct Eval {
    /// A circuit, compiled in memory, or a network, which carries its circuit; `-` is stdin.
    #[arg(value_name = "FILE")]
    pub file: String,
    #[command(flatten)]
    pub options: CompileOptions,
    /// Inputs to draw [default: the file's, or 10000].
    #[arg(long, value_name = "N", conflicts_with = "exhaustive", value_parser = clap::value_parser!(u64).range(1..=MAX_SAMPLES))]
    pub samples: Option<u64>,
    /// Take every distinct input of nonzero probability once, unweighted (at most 2^24).
    #[arg(long)]
    pub exhaustive: bool,
    /// Draw the rows of a file instead of what `sample` says; with --exhaustive, each distinct row once.
    #[arg(long, value_name = "ROWS")]
    pub inputs: Option<String>,
    /// Of the inputs that are drawn.
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub eval_seed: u64,
    /// The figures of every gate.
    #[arg(long)]
    pub gates: bool,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Test {
    /// Files, or directories to search for .circ files.
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Write the snapshots that are missing or differ.
    #[arg(long)]
    pub accept: bool,
}

#[derive(Debug, Args)]
pub struct Completions {
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct Man {
    /// The command to describe; without it, `superpose` itself.
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_width_is_for_all_layers_or_one() {
        assert_eq!(parse_width("300"), Ok(WidthArgument { layer: None, width: Width::Neurons(300) }));
        assert_eq!(parse_width("a=auto"), Ok(WidthArgument { layer: Some("a".into()), width: Width::Auto }));
        assert!(parse_width("0").is_err() && parse_width("=3").is_err() && parse_width("wide").is_err());
    }

    #[test]
    fn the_level_can_be_attached() {
        let arguments = Arguments::try_parse_from(["superpose", "eval", "-O0", "x.circ", "--width", "9"]).unwrap();
        let Command::Eval(eval) = arguments.command else { panic!("eval was typed") };
        assert_eq!((eval.options.level, eval.options.given()), (Some(0), Some("-O")));
    }
}
