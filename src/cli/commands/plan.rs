//! `superpose plan`: which constructions can work at which widths, by their inequalities and by measurement.

use std::time::Instant;

use superpose::compile::{Options, Request};
use superpose::program::{self, Activation, Level, Sides};
use superpose::progress::{Answer, Reason, Watcher};
use superpose::search::plan::{Error, Question, Terms, plan};

use crate::cli::failure::{Failure, Outcome};
use crate::cli::many::{self, Values, parse_widths};
use crate::cli::options::{
    Budget, construction_list, level_parser, parse_budget, parse_epsilon, parse_target, readoff_parser,
};
use crate::cli::planned::{Typed, to_text};
use crate::cli::session::Session;
use crate::cli::watched::watched;
use crate::cli::{asked, load, output};

/// Tell which constructions can compute a circuit at which widths: by inequality, and measured.
///
/// For each layer m inputs, s of them on (measured), m' gates, and the bounds that are known; for each construction the
/// width that its published inequality asks for, with every constant taken as 1, and beside it the fewest neurons of
/// every layer with which networks of it meet the goal (`require`, or as `eval` has it), found by making some; so for a
/// fit. And which share of all pairs of features universal AND reads at each width, by formula and of wirings drawn.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A circuit; `-` is stdin.
    #[arg(value_name = "FILE")]
    file: String,
    /// Neurons of every layer to choose from: `64..4096` doubles, `64,96` is a list [default: steps of √2, up to a
    /// neuron for each bend, or as many as take seconds].
    #[arg(long, value_name = "N,...", value_parser = parse_widths)]
    width: Option<Values<u32>>,
    #[arg(long, value_name = "NAME,...|all", value_delimiter = ',', help = construction_help())]
    construction: Vec<String>,
    /// Levels to measure at; 2 is the fit [default: 0,1,2].
    #[arg(short = 'O', value_name = "LEVEL,...", value_delimiter = ',', value_parser = level_parser())]
    levels: Vec<Level>,
    /// Of codes, fits and wirings [default: the file's].
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// The goal: this share of inputs has every read-off as asked [default: as `eval`].
    #[arg(long, value_name = "R", value_parser = parse_target)]
    target: Option<f64>,
    /// The goal: every read-off strictly within this of 0 or 1.
    #[arg(long, value_name = "E", value_parser = parse_epsilon)]
    epsilon: Option<f64>,
    /// The goal: near 0 and 1, or on the right side of a threshold [default: the file's, or two-sided].
    #[arg(long, value_name = "SIDES", value_parser = readoff_parser())]
    readoff: Option<Sides>,
    /// Each fit on so many inputs at most, `600k`, `2M` [default: 300k]; or a time for all of the plan, `30s`, which
    /// leaves the rest unmeasured, so that no run says the same twice.
    #[arg(long, value_name = "SECONDS|SAMPLES", value_parser = parse_budget)]
    budget: Option<Budget>,
    /// As JSON, with every network that was tried.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  superpose plan pairs.circ
  superpose plan pairs.circ -O 0,1 --width 64..8192
  superpose plan pairs.circ --construction universal --epsilon 0.4 --json";

fn construction_help() -> String {
    format!("Which to look at [default: all]: {}", construction_list())
}

/// Inputs that each fit may see where nobody says.
const FIT_INPUTS: u64 = 300_000;

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let Some(program) = load::program(&args.file, session)? else { return Ok(Outcome::Wrong) };
    if !asked::has_gates(&program, "plan", &args.file, session) {
        return Ok(Outcome::Wrong);
    }
    let question = args.question(&program)?;
    let started = Instant::now();
    let clock = || match args.budget {
        Some(Budget::Time(budget)) if started.elapsed() >= budget => Answer::Stop(Reason::BudgetSpent),
        _ => Answer::GoOn,
    };
    let planned = match watched(&session.terminal, clock, |watcher: Watcher| plan(&program, &question, watcher)) {
        Ok(planned) => planned,
        Err(Error::Stopped(_)) => return Err(Failure::interrupted()),
        Err(Error::Refused(problems)) => {
            session.terminal.diagnostics(&problems, &program.sources);
            return Ok(Outcome::Wrong);
        }
    };
    if args.json {
        let json = serde_json::to_string_pretty(&planned).map_err(|error| Failure::new(error.to_string()))?;
        output::print(json + "\n")?;
    } else {
        let (options, making) = (&args.goal_options()[..], &args.making_options()[..]);
        let typed = Typed { file: &args.file, options, making, budget: question.terms.fit.budget };
        let (color, width) = (session.terminal.color, session.terminal.width());
        output::print(to_text(&planned, &program::facts(&program), &typed, color, width))?;
    }
    Ok(Outcome::Fine)
}

impl Args {
    fn question(&self, program: &program::Program) -> Result<Question, Failure> {
        let activation = program.settings.activation.map_or(Activation::Relu, |asked| asked.0);
        let all = [String::from("all")];
        let typed = if self.construction.is_empty() { &all } else { &self.construction[..] };
        let constructions = many::constructions(typed, activation)?;
        let mut levels = many::distinct(&self.levels);
        if levels.is_empty() {
            levels.extend(Level::ALL);
        }
        levels.sort_unstable();
        let sides = self.readoff.or(program.settings.readoff).unwrap_or(Sides::Two);
        if self.epsilon.is_some() && sides == Sides::One {
            let failure =
                Failure::new("`--epsilon` means nothing to read-offs that are held on one side of a threshold");
            return Err(failure.help("give `--readoff two-sided`, or leave `--epsilon` out"));
        }
        let budget = match self.budget {
            Some(Budget::Inputs(inputs)) => inputs,
            Some(Budget::Time(_)) | None => FIT_INPUTS,
        };
        let fit = Request {
            target: self.target,
            epsilon: self.epsilon,
            sides: self.readoff,
            budget: Some(budget),
            ..Request::default()
        };
        let goal = Options { fit: fit.clone(), ..Options::default() }.goal_for(program);
        let widths = self.width.as_ref().map(|widths| {
            let mut widths = widths.0.clone();
            widths.sort_unstable();
            widths
        });
        Ok(Question { constructions, levels, terms: Terms { widths, seed: self.seed, fit, goal } })
    }

    /// What was typed of constructions and levels.
    fn making_options(&self) -> String {
        let constructions = self.construction.join(",");
        let levels: Vec<String> = self.levels.iter().map(|level| level.number().to_string()).collect();
        let constructions = match &constructions[..] {
            "" => String::new(),
            one if one.contains(' ') => format!(" --construction '{one}'"),
            one => format!(" --construction {one}"),
        };
        let levels = if levels.is_empty() { String::new() } else { format!(" -O {}", levels.join(",")) };
        constructions + &levels
    }

    /// What of a goal was typed, as `eval` takes it for a fit.
    fn goal_options(&self) -> String {
        let target = self.target.map(|target| format!(" --target {target}"));
        let epsilon = self.epsilon.map(|epsilon| format!(" --epsilon {epsilon}"));
        let sides = self.readoff.map(|sides| format!(" --readoff {}", sides.hyphenated()));
        [target, epsilon, sides].into_iter().flatten().collect()
    }
}
