//! How to compile: what every command that compiles takes.
//!
//! An option is a field here, and what it means to a compilation in `to_options`. Must not know how a network comes
//! about.

use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, FromArgMatches};
use superpose::compile::{self, Beyond};
use superpose::network::{Freeze, Loss, Network, Study};
use superpose::program::{Claim, Level, Settings, Sides, Width, is_epsilon};

use super::failure::Failure;

/// How to compile; each overrides the file's `network` block.
#[derive(Debug, Clone, Args, Default)]
#[command(next_help_heading = "How to compile")]
pub struct CompileOptions {
    // First: clap takes out what it has read.
    #[command(flatten)]
    given: Given,
    #[arg(short = 'O', value_name = "LEVEL", help = level_help(), value_parser = level_parser())]
    level: Option<Level>,
    /// Hidden neurons: `N` or `auto` for every layer, `LAYER=N` for one; can be given again.
    #[arg(long, value_name = "N|auto|LAYER=N", value_parser = parse_width)]
    width: Vec<WidthArgument>,
    #[arg(long, value_name = "NAME", help = construction_help())]
    construction: Option<String>,
    /// Of codes and fits (not of the circuit's picks) [default: the file's].
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Fit until this share of inputs has every read-off as asked [default: what `require` asks for, or 0.999].
    #[arg(long, value_name = "R", value_parser = parse_target)]
    target: Option<f64>,
    /// Every read-off is to be strictly within this of 0 or 1, whichever is true; evaluations tell how often it is.
    #[arg(long, value_name = "E", value_parser = parse_epsilon)]
    pub epsilon: Option<f64>,
    /// Fit until every input that `sample` can draw is proved to be read as asked: within --epsilon of the truth, or
    /// else on the right side of every threshold.
    #[arg(long)]
    pub prove: bool,
    /// How a fit holds read-offs [default: the file's, or two-sided where an ε is asked for].
    #[arg(long, value_name = "SIDES", value_parser = readoff_parser())]
    readoff: Option<Sides>,
    /// Fit no longer than this: `30s`, `5m`, or a number (`600000`, `600k`, `2M`).
    #[arg(long, value_name = "SECONDS|SAMPLES", value_parser = parse_budget)]
    pub budget: Option<Budget>,
    /// Go on from a network of the same program; its widths stay.
    #[arg(long, value_name = "NETWORK")]
    pub from: Option<String>,
    /// Leave the neurons of the first layer random, and fit what stands on them.
    #[arg(long, value_name = "WHAT", value_parser = freeze_parser())]
    freeze: Option<Freeze>,
    /// What is minimised; all but the margin are for study.
    #[arg(long, value_name = "NAME", value_parser = loss_parser())]
    loss: Option<Loss>,
    /// What a read-off that should be 1 weighs in it, against 1 of one that should be 0; for study.
    #[arg(long, value_name = "W", value_parser = parse_weight)]
    weight_on: Option<f32>,
}

impl CompileOptions {
    /// `from`: the network of `--from`.
    pub fn to_options(&self, from: Option<Network>) -> compile::Options {
        let of_layer = |argument: &WidthArgument| Some((argument.layer.clone()?, argument.width));
        compile::Options {
            level: self.level,
            width: self.width.iter().rev().find(|argument| argument.layer.is_none()).map(|argument| argument.width),
            layer_widths: self.width.iter().filter_map(of_layer).collect(),
            construction: self.construction.clone(),
            seed: self.seed,
            fit: compile::Request {
                target: self.target,
                epsilon: self.epsilon,
                sides: self.readoff,
                budget: match self.budget {
                    Some(Budget::Inputs(inputs)) => Some(inputs),
                    _ => None,
                },
                study: study(self.freeze, self.loss, self.weight_on),
                from: from.map(Box::new),
                ..compile::Request::default()
            },
            beyond: Beyond::Nothing,
        }
    }

    /// The same for a network that is evaluated at once: where nothing is fitted, an ε is measured and no goal.
    pub fn to_be_evaluated(&self, settings: &Settings) -> CompileOptions {
        let is_fitted = self.to_options(None).level_for(settings) == Level::Fitted;
        CompileOptions { epsilon: self.epsilon.filter(|_| is_fitted || self.prove), ..self.clone() }
    }

    /// What `--prove` claims.
    pub fn claim(&self) -> Option<Claim> {
        self.prove.then(|| Claim::of_all(self.epsilon))
    }

    pub fn with_budget(self, budget: Option<Budget>) -> CompileOptions {
        CompileOptions { budget, ..self }
    }

    /// The first option that was given, as typed, but for those that mean something without a compilation too.
    pub fn given(&self, but: &[&str]) -> Option<&str> {
        self.given.0.iter().map(String::as_str).find(|option| !but.contains(option))
    }

    /// What is compiled already takes none of these, but for those that mean something to the command anyway.
    pub fn refuse_for_network(&self, but: &[&str], file: &str) -> Result<(), Failure> {
        let Some(option) = self.given(but) else { return Ok(()) };
        Err(Failure::new(format!("`{option}` has no meaning for a network that is compiled already"))
            .help(format!("leave it out, or compile again: superpose compile FILE {option} … -o {file}")))
    }
}

/// The options that were given, in the order of [`CompileOptions`]. It is no option itself.
#[derive(Debug, Clone, Default)]
struct Given(Vec<String>);

impl Args for Given {
    fn augment_args(command: clap::Command) -> clap::Command {
        command
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        command
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Given, clap::Error> {
        let described = CompileOptions::augment_args(clap::Command::default());
        let is_given =
            |argument: &&Arg| matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine);
        let name = |argument: &Arg| match argument.get_long() {
            Some(long) => Some(format!("--{long}")),
            None => argument.get_short().map(|short| format!("-{short}")),
        };
        Ok(Given(described.get_arguments().filter(is_given).filter_map(name).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Given::from_arg_matches(matches)?;
        Ok(())
    }
}

fn level_help() -> String {
    let levels = Level::ALL.map(|level| format!("{} {}", level.number(), level.summary()));
    format!("Optimisation level: {} [default: 1 with --construction, else the file's, or 2]", levels.join(", "))
}

pub fn level_parser() -> impl TypedValueParser<Value = Level> {
    let highest = Level::ALL.len() as i64 - 1;
    let number = clap::value_parser!(u8).range(0..=highest);
    number.map(|number| Level::of_number(number).expect("a number in the range has a level"))
}

fn construction_help() -> String {
    format!("How gates become neurons, at -O1 unless -O0 is given: {}", construction_list())
}

/// All constructions, each with what it is in a few words.
pub fn construction_list() -> String {
    let each = compile::construction_summaries().into_iter().map(|(name, summary)| format!("`{name}`, {summary}"));
    each.collect::<Vec<_>>().join("; ")
}

pub fn readoff_parser() -> impl TypedValueParser<Value = Sides> {
    let names = Sides::ALL.map(|sides| PossibleValue::new(sides.hyphenated()).help(sides.summary()));
    let named = |name: String| Sides::ALL.into_iter().find(|sides| sides.hyphenated() == name);
    PossibleValuesParser::new(names).map(move |name| named(name).expect("a possible value names one"))
}

/// What is not given is as a fit does it by itself.
pub fn study(freeze: Option<Freeze>, loss: Option<Loss>, weight_on: Option<f32>) -> Study {
    let usual = Study::default();
    Study {
        loss: loss.unwrap_or(usual.loss),
        weight_on: weight_on.unwrap_or(usual.weight_on),
        freeze: freeze.unwrap_or(usual.freeze),
    }
}

pub fn freeze_parser() -> impl TypedValueParser<Value = Freeze> {
    let names = Freeze::ALL.map(|freeze| PossibleValue::new(freeze.name()).help(freeze.summary()));
    let named = |name: String| Freeze::ALL.into_iter().find(|freeze| freeze.name() == name);
    PossibleValuesParser::new(names).map(move |name| named(name).expect("a possible value names one"))
}

pub fn loss_parser() -> impl TypedValueParser<Value = Loss> {
    let names = Loss::ALL.map(|loss| PossibleValue::new(loss.name()).help(loss.summary()));
    let named = |name: String| Loss::ALL.into_iter().find(|loss| loss.name() == name);
    PossibleValuesParser::new(names).map(move |name| named(name).expect("a possible value names one"))
}

/// Weights beyond this, and below one over it, drown everything else.
const MOST_WEIGHT: f32 = 1e6;

pub fn parse_weight(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(weight) if (1.0 / MOST_WEIGHT..=MOST_WEIGHT).contains(&weight) => Ok(weight),
        _ => Err("a weight is a number above 0, such as 10; 1 weighs both sides alike".into()),
    }
}

/// How long a fit may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Budget {
    Time(Duration),
    Inputs(u64),
}

#[derive(Debug, Clone, PartialEq)]
struct WidthArgument {
    /// `None`: every layer.
    layer: Option<String>,
    width: Width,
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

pub fn parse_target(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(target) if target > 0.0 && target <= 1.0 => Ok(target),
        _ => Err("a reliability is a share: above 0, at most 1, such as 0.999".into()),
    }
}

pub fn parse_epsilon(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(epsilon) if is_epsilon(epsilon) => Ok(epsilon),
        _ => Err("how near to the truth: above 0, at most 0.5, such as 0.25".into()),
    }
}

/// The least number of training inputs that can be meant.
const LEAST_BUDGET: f64 = 1000.0;

pub fn parse_budget(text: &str) -> Result<Budget, String> {
    let units = [("s", 1.0, true), ("m", 60.0, true), ("k", 1e3, false), ("M", 1e6, false), ("", 1.0, false)];
    let parsed = units.iter().find_map(|&(unit, factor, is_time)| {
        let number = text.strip_suffix(unit)?.parse::<f64>().ok()?;
        (number > 0.0 && number.is_finite()).then_some((number * factor, is_time))
    });
    match parsed {
        Some((seconds, true)) if seconds < 1e9 => Ok(Budget::Time(Duration::from_secs_f64(seconds))),
        Some((inputs, false)) if (LEAST_BUDGET..1e15).contains(&inputs) => Ok(Budget::Inputs(inputs as u64)),
        Some((inputs, false)) if inputs < LEAST_BUDGET => {
            Err(format!("{inputs} is too little to come to anything; for seconds type `{text}s`"))
        }
        _ => Err("give a time (`30s`, `5m`) or a number (`600000`, `600k`, `2M`)".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!((parse_weight("10"), parse_weight("0.5")), (Ok(10.0), Ok(0.5)));
        assert!(["0", "-1", "NaN", "inf", "1e7", "heavy"].iter().all(|bad| parse_weight(bad).is_err()));
        assert!(parse_target("1.01").is_err() && parse_target("0").is_err() && parse_target("NaN").is_err());
    }

    #[test]
    fn an_epsilon_is_near_to_the_truth() {
        assert_eq!((parse_epsilon("0.25"), parse_epsilon("0.5")), (Ok(0.25), Ok(0.5)));
        for bad in ["0", "-0.1", "0.51", "NaN", "inf", "near", ""] {
            assert!(parse_epsilon(bad).is_err(), "{bad}");
        }
    }

    fn typed(arguments: &[&str]) -> CompileOptions {
        let command = CompileOptions::augment_args(clap::Command::new("compile").no_binary_name(true));
        CompileOptions::from_arg_matches_mut(&mut command.try_get_matches_from(arguments).unwrap()).unwrap()
    }

    #[test]
    fn the_level_can_be_attached() {
        let options = typed(&["-O0", "--width", "9"]);
        assert_eq!((options.level, options.given(&[])), (Some(Level::Published), Some("-O")));
    }

    #[test]
    fn the_first_option_that_was_given_is_known_by_what_was_typed() {
        assert_eq!(typed(&["--loss", "l4", "--seed", "3"]).given(&[]), Some("--seed"));
        assert_eq!(typed(&["--loss", "l4"]).given(&[]), Some("--loss"));
        assert_eq!(typed(&[]).given(&[]), None);
        // A compiled network can be measured at an ε.
        assert_eq!(typed(&["--epsilon", "0.3"]).given(&["--epsilon"]), None);
        assert_eq!(typed(&["--epsilon", "0.3", "--budget", "9s"]).given(&["--epsilon"]), Some("--budget"));
    }
}
