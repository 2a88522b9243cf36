//! What can be typed after `superpose`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use superpose::compile;
use superpose::network::Network;
use superpose::program::{Level, MAX_SAMPLES, Width};

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

const EXIT_CODES: &str = "\
Exit codes: 0 fine; 1 the program or its result is wrong; 2 usage, or a file that cannot be read or written; 130 interrupted.
Ctrl-C or SIGTERM ends a fit early and keeps its best network (0).
`-` as FILE is stdin.";

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
    /// Optimisation level: 0 as published, 1 solved in closed form, 2 fitted [default: the file's, or 2].
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
    /// Fit until this share of inputs has every gate right [default: what `require` asks for].
    #[arg(long, value_name = "R", value_parser = parse_target)]
    pub target: Option<f64>,
    /// Fit no longer than this: `30s`, `5m`, or a number of training inputs (`600000`, `600k`, `2M`).
    #[arg(long, value_name = "SECONDS|SAMPLES", value_parser = parse_budget)]
    pub budget: Option<Budget>,
    /// Go on from a network of the same program; its widths stay.
    #[arg(long, value_name = "NETWORK")]
    pub from: Option<String>,
    /// Leave the neurons of the first layer random, and fit what stands on them.
    #[arg(long, value_name = "LAYER")]
    pub freeze: Option<Freeze>,
    /// What is minimised; all but the margin are for study.
    #[arg(long, value_name = "NAME")]
    pub loss: Option<LossName>,
}

/// Which neurons a fit leaves alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Freeze {
    First,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LossName {
    /// Squared hinge beyond a margin.
    Margin,
    /// Squared error.
    L2,
    /// Fourth power of the error.
    L4,
}

/// How long a fit may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Budget {
    Time(Duration),
    Inputs(u64),
}

impl CompileOptions {
    /// `from`: the network of `--from`.
    pub fn to_options(&self, from: Option<Network>) -> compile::Options {
        let of_layer = |argument: &WidthArgument| Some((argument.layer.clone()?, argument.width));
        compile::Options {
            level: self.level.and_then(Level::of_number),
            width: self.width.iter().rev().find(|argument| argument.layer.is_none()).map(|argument| argument.width),
            layer_widths: self.width.iter().filter_map(of_layer).collect(),
            construction: self.construction.clone(),
            seed: self.seed,
            fit: compile::Request {
                target: self.target,
                budget: match self.budget {
                    Some(Budget::Inputs(inputs)) => Some(inputs),
                    _ => None,
                },
                loss: match self.loss {
                    None | Some(LossName::Margin) => compile::Loss::Margin,
                    Some(LossName::L2) => compile::Loss::L2,
                    Some(LossName::L4) => compile::Loss::L4,
                },
                freeze_first: self.freeze.is_some(),
                from: from.map(Box::new),
            },
        }
    }

    /// The first option that was given, as typed.
    pub fn given(&self) -> Option<&'static str> {
        [
            (self.level.is_some(), "-O"),
            (!self.width.is_empty(), "--width"),
            (self.construction.is_some(), "--construction"),
            (self.seed.is_some(), "--seed"),
            (self.target.is_some(), "--target"),
            (self.budget.is_some(), "--budget"),
            (self.from.is_some(), "--from"),
            (self.freeze.is_some(), "--freeze"),
            (self.loss.is_some(), "--loss"),
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
        Some(("", _)) => return Err("the layer's name is missing before `=`, as in `detect=300`".into()),
        Some((layer, width)) => (Some(layer.to_owned()), width),
        None => (None, text),
    };
    let width = match width {
        "auto" => Width::Auto,
        _ => match width.parse() {
            Ok(0) => return Err("a layer has at least 1 neuron".into()),
            Ok(n) => Width::Neurons(n),
            Err(_) => return Err(format!("`{width}` is neither a number of neurons, such as `300`, nor `auto`")),
        },
    };
    Ok(WidthArgument { layer, width })
}

fn parse_target(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(target) if target > 0.0 && target <= 1.0 => Ok(target),
        _ => Err("a reliability is a share: above 0, at most 1, such as 0.999".into()),
    }
}

/// The least number of training inputs that can be meant.
const LEAST_BUDGET: f64 = 1000.0;

fn parse_budget(text: &str) -> Result<Budget, String> {
    let units = [("s", 1.0, true), ("m", 60.0, true), ("k", 1e3, false), ("M", 1e6, false), ("", 1.0, false)];
    let parsed = units.iter().find_map(|&(unit, factor, is_time)| {
        let number = text.strip_suffix(unit)?.parse::<f64>().ok()?;
        (number > 0.0 && number.is_finite()).then_some((number * factor, is_time))
    });
    match parsed {
        Some((seconds, true)) if seconds < 1e9 => Ok(Budget::Time(Duration::from_secs_f64(seconds))),
        Some((inputs, false)) if (LEAST_BUDGET..1e15).contains(&inputs) => Ok(Budget::Inputs(inputs as u64)),
        Some((inputs, false)) if inputs < LEAST_BUDGET => {
            Err(format!("{inputs} inputs are too few to fit anything; for seconds type `{text}s`"))
        }
        _ => Err("give a time (`30s`, `5m`) or a number of training inputs (`600000`, `600k`, `2M`)".into()),
    }
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
    fn a_budget_is_a_time_or_a_number_of_inputs() {
        assert_eq!(parse_budget("30s"), Ok(Budget::Time(Duration::from_secs(30))));
        assert_eq!(parse_budget("1.5m"), Ok(Budget::Time(Duration::from_secs(90))));
        assert_eq!(parse_budget("600k"), Ok(Budget::Inputs(600_000)));
        assert_eq!(parse_budget("2e6"), Ok(Budget::Inputs(2_000_000)));
        assert!(parse_budget("30").unwrap_err().contains("`30s`"));
        for bad in ["", "s", "-3s", "NaN", "infs", "1e300s", "1e300", "0", "soon"] {
            assert!(parse_budget(bad).is_err(), "{bad}");
        }
        assert!(parse_target("1.01").is_err() && parse_target("0").is_err() && parse_target("NaN").is_err());
    }

    #[test]
    fn the_level_can_be_attached() {
        let arguments = Arguments::try_parse_from(["superpose", "eval", "-O0", "x.circ", "--width", "9"]).unwrap();
        let Command::Eval(eval) = arguments.command else { panic!("eval was typed") };
        assert_eq!((eval.options.level, eval.options.given()), (Some(0), Some("-O")));
    }
}
