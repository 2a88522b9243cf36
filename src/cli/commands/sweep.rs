//! `superpose sweep`: networks of one circuit at many widths, by many constructions, a row each.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::Instant;

use superpose::compile::{Request, constructions_of};
use superpose::elaborate::Loaded;
use superpose::evaluate::DEFAULT_SAMPLES;
use superpose::network::{Freeze, Loss};
use superpose::program::{Activation, Level, MAX_SAMPLES, Program, Sides, construction_spelled};
use superpose::progress::{Answer, Progress, Reason, Watcher};
use superpose::search::sweep::{Asked, Axes, Columns, Studies, row};
use superpose::text::{counted, shown};

use crate::cli::compiled::by_the_clock;
use crate::cli::digest::sha256;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::many::{self, Values, parse_widths};
use crate::cli::options::{
    Budget, construction_list, freeze_parser, level_parser, loss_parser, parse_budget, parse_epsilon, parse_target,
    parse_weight, readoff_parser,
};
use crate::cli::results::{Expected, Key, Results};
use crate::cli::session::Session;
use crate::cli::watched::watched;
use crate::cli::{asked, load, output, took, values};

/// Compile and evaluate a circuit at many widths, levels and seeds, by many constructions: a table, a row a network.
///
/// Every option below may have several values, and each choice of one of each is a row: `64,96` are two, `64..1024`
/// doubles from 64 and includes 1024, `1..=8` counts. A row is what `eval --json` says of the same options, and columns
/// are called as its fields are. What cannot be compiled is a row too, with a `reason` and no figures. Typed again
/// after it was interrupted, or killed, it goes on behind the last row.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A circuit; `-` is stdin.
    #[arg(value_name = "FILE")]
    file: String,
    /// Where rows go, as CSV: a file that is new or begun by this very command; `-` is stdout.
    #[arg(short, long, value_name = "CSV")]
    out: PathBuf,
    /// Neurons of every layer [default: as the file says].
    #[arg(long, value_name = "N,...", value_parser = parse_widths)]
    width: Option<Values<u32>>,
    #[arg(long, value_name = "NAME,...|all", value_delimiter = ',', help = construction_help())]
    construction: Vec<String>,
    /// Levels, as `eval` has them; a fit is one row, `fitted`, whatever the constructions [default: the file's, or 2].
    #[arg(short = 'O', value_name = "LEVEL,...", value_delimiter = ',', value_parser = level_parser())]
    levels: Vec<Level>,
    /// Of codes and fits [default: the file's].
    #[arg(long, value_name = "S,...", value_parser = parse_seeds)]
    seed: Option<Values<u64>>,
    /// Values of a constant of the file, which has a column then; can be given again for another.
    #[arg(long, value_name = "NAME=N,...", value_parser = parse_constant)]
    set: Vec<(String, Values<i64>)>,
    /// Only rows K, K + N, K + 2N, … of all: N such runs make all of them, and their outputs can be joined by `cat`.
    #[arg(long, value_name = "K/N", value_parser = parse_shard)]
    shard: Option<Shard>,
    /// Inputs to draw for each [default: the file's, or 10000].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MAX_SAMPLES))]
    samples: Option<u64>,
    /// Of the inputs that are drawn.
    #[arg(long, value_name = "S", default_value_t = 0)]
    eval_seed: u64,
    /// Of fits: until this share of inputs has every read-off as asked [default: as `eval`].
    #[arg(long, value_name = "R", value_parser = parse_target, help_heading = FITS)]
    target: Option<f64>,
    /// Of fits: every read-off strictly within this of 0 or 1; of all rows it is told how often it is.
    #[arg(long, value_name = "E", value_parser = parse_epsilon, help_heading = FITS)]
    epsilon: Option<f64>,
    /// How fits hold read-offs [default: the file's, or two-sided].
    #[arg(long, value_name = "SIDES", value_parser = readoff_parser(), help_heading = FITS)]
    readoff: Option<Sides>,
    /// Each fit no longer than this: `600k`, `2M`; or a time, `30s`, with which no run makes the same rows twice.
    #[arg(long, value_name = "SECONDS|SAMPLES", value_parser = parse_budget, help_heading = FITS)]
    budget: Option<Budget>,
    /// What of the first layer stays random; a column then.
    #[arg(long, value_name = "WHAT,...", value_delimiter = ',', value_parser = freeze_parser(), help_heading = FITS)]
    freeze: Vec<Freeze>,
    /// What is minimised; a column then.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = loss_parser(), help_heading = FITS)]
    loss: Vec<Loss>,
    /// What read-offs that should be 1 weigh in it; a column then.
    #[arg(long, value_name = "W,...", value_delimiter = ',', value_parser = parse_weight, help_heading = FITS)]
    weight_on: Vec<f32>,
}

const FITS: &str = "How to fit";

const EXAMPLES: &str = "\
Examples:
  superpose sweep pairs.circ --width 64..1024 -O 0,1 --out pairs.csv
  superpose sweep pairs.circ --construction all -O 0,1,2 --out all.csv
  superpose sweep pairs.circ --set M=100,200,400 --seed 1..=5 --out m.csv
  superpose sweep pairs.circ --loss l2,l4 --weight-on 1,10 --out losses.csv
  superpose sweep pairs.circ --width 64..4096 --shard 3/16 --out 3.csv

Under a job runner that numbers its tasks from 1, such as a Slurm array:
  superpose sweep … --shard $SLURM_ARRAY_TASK_ID/16 -o $SLURM_ARRAY_TASK_ID.csv
  superpose plot *.csv -o frontier.svg";

fn parse_seeds(text: &str) -> Result<Values<u64>, String> {
    if text.contains("..") && !text.contains("..=") {
        return Err("`A..B` doubles, which is meant for widths; to count, type `1..=8`".into());
    }
    let values = values::parse_from(0, i64::MAX, text)?;
    Ok(Values(values.into_iter().map(|value| value as u64).collect()))
}

fn parse_constant(text: &str) -> Result<(String, Values<i64>), String> {
    match text.split_once('=') {
        Some((name, values)) if !name.is_empty() && !values.is_empty() => {
            Ok((name.to_owned(), Values(values::parse(values)?)))
        }
        _ => Err("name a constant and its values, as in `M=100,200`".into()),
    }
}

/// Every `of`th point, from one that is counted from 1.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Shard {
    number: usize,
    of: usize,
}

fn parse_shard(text: &str) -> Result<Shard, String> {
    let parsed = text.split_once('/').and_then(|(number, of)| {
        let shard = Shard { number: number.parse().ok()?, of: of.parse().ok()? };
        (1..=shard.of).contains(&shard.number).then_some(shard)
    });
    parsed.ok_or_else(|| "a part of all, from 1 on: `1/16` to `16/16`".to_string())
}

fn construction_help() -> String {
    format!("How gates become neurons, below -O2 [default: the file's]: `all`, or {}", construction_list())
}

/// More points than this are a slip of the hand.
const MOST_POINTS: usize = 1_000_000;

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let started = Instant::now();
    let Some((name, bytes)) = load::circuit(&args.file, session)? else { return Ok(Outcome::Wrong) };
    let loaded = |constants: &[(String, i64)]| load::load_with(name.clone(), bytes.clone(), constants, session);
    let constants = args.constants()?;
    let first: Vec<(String, i64)> = constants.iter().map(|(name, values)| (name.clone(), values[0])).collect();
    let Some(program) = load::shown(loaded(&first), session) else { return Ok(Outcome::Wrong) };
    if !asked::has_gates(&program, "sweep", &args.file, session) {
        return Ok(Outcome::Wrong);
    }
    let axes = args.axes(constants, &program)?;
    let asked = args.asked(&program, &axes.levels)?;
    if axes.n_points() > MOST_POINTS {
        let failure = Failure::new(format!("these are {}", counted(axes.n_points() as u64, "network")));
        return Err(failure.help(format!("at most {MOST_POINTS} make a sweep: give fewer values")));
    }
    let mut points = axes.points();
    if let Some(Shard { number, of }) = args.shard {
        points = points.into_iter().skip(number - 1).step_by(of).collect();
    }

    let columns = Columns::of(&axes, args.epsilon);
    let keys: Vec<Key> = points.iter().map(|point| [vec![None], columns.key(point)].concat()).collect();
    let mark = mark(&program, &asked, args.budget);
    let expected = Expected { columns: &columns.names(), keys: &keys, mark: ("sweep", &mark) };
    let circuit = program.circuit.name.clone();
    let mut results = Results::open(&args.out, &expected)?;
    let n_before = results.n_rows;

    let began = Cell::new(Instant::now());
    let clock = by_the_clock(args.budget, !program.claims.is_empty(), || began.get().elapsed());
    let sweep = |watcher: Watcher| {
        let mut of_constants = (first, Ok(program));
        for (point, done) in points.iter().zip(0..).skip(n_before) {
            if of_constants.0 != point.constants {
                let Loaded { program, diagnostics, .. } = loaded(&point.constants);
                of_constants = (point.constants.clone(), program.ok_or(diagnostics));
            }
            let program = of_constants.1.as_ref().map_err(|problems| &problems[..]);
            began.set(Instant::now());
            let progress = Progress { total: points.len() as u64, ..Progress::of("sweeping", done) };
            let row = row(program, &circuit, point, &asked, &mut |_| watcher(progress));
            // Whatever came of the last moments of a fit is no row.
            match row {
                Ok(row) if watcher(progress) != Answer::Stop(Reason::Interrupted) => {
                    if !results.add(&columns.cells(&row, &mark))? {
                        break;
                    }
                }
                _ => return Err(Failure::interrupted()),
            }
        }
        Ok(())
    };
    let swept = watched(&session.terminal, clock, sweep);
    let rows = counted(points.len() as u64, "row");
    let is_stdout = output::is_stdout(&args.out);
    let place = if is_stdout { "stdout".to_owned() } else { shown(&args.out.display().to_string()) };
    if let Err(failure) = swept {
        let how = if is_stdout { "" } else { "; the same command goes on behind them" };
        session.terminal.note(&format!("{} of {rows} are in {place}{how}", results.n_rows));
        return Err(failure);
    }
    let before = if n_before > 0 { format!(", {n_before} of them from before") } else { String::new() };
    let took = took::words(started.elapsed());
    session.terminal.note(&format!("{}: {rows}{before} to {place} in {took}", shown(&circuit)));
    Ok(Outcome::Fine)
}

impl Args {
    fn constants(&self) -> Result<Vec<(String, Vec<i64>)>, Failure> {
        let taken = Columns::of(&Axes { studies: self.studies(), ..Axes::default() }, self.epsilon).names();
        let mut constants: Vec<(String, Vec<i64>)> = Vec::new();
        for (name, values) in &self.set {
            if constants.iter().any(|(known, _)| known == name) {
                let failure = Failure::new(format!("`--set {name}` is given twice"));
                return Err(failure.help(format!("give all of its values at once: --set {name}=1,2")));
            }
            if taken.contains(name) {
                let failure = Failure::new(format!("a constant called `{name}` would have the column of that name"));
                return Err(failure.help("give it another name in the file"));
            }
            constants.push((name.clone(), values.0.clone()));
        }
        Ok(constants)
    }

    /// What is typed; what is not is as the file says.
    fn axes(&self, constants: Vec<(String, Vec<i64>)>, program: &Program) -> Result<Axes, Failure> {
        let settings = &program.settings;
        let activation = settings.activation.map_or(Activation::Relu, |asked| asked.0);
        let mut constructions = many::constructions(&self.construction, activation)?;
        let mut levels = many::distinct(&self.levels);
        if levels.is_empty() {
            // As everywhere, a construction that is named without a level is meant to be seen.
            let of_construction = (!constructions.is_empty()).then_some(Level::Solved);
            levels.push(of_construction.or(settings.optimize).unwrap_or(Level::Fitted));
        }
        if constructions.is_empty() {
            let of_file = settings.construction.as_deref().map(construction_spelled);
            constructions.push(of_file.unwrap_or_else(|| constructions_of(activation)[0].to_owned()));
        }
        let widths = self.width.as_ref().map_or(vec![None], |widths| widths.0.iter().copied().map(Some).collect());
        let seeds = self.seed.as_ref().map_or(vec![None], |seeds| seeds.0.iter().copied().map(Some).collect());
        Ok(Axes { constants, constructions, levels, studies: self.studies(), widths, seeds })
    }

    fn studies(&self) -> Studies {
        Studies {
            freezes: many::distinct(&self.freeze),
            losses: many::distinct(&self.loss),
            weights_on: many::distinct(&self.weight_on),
        }
    }

    fn asked(&self, program: &Program, levels: &[Level]) -> Result<Asked, Failure> {
        let is_fitted = levels.contains(&Level::Fitted);
        let sides = self.readoff.or(program.settings.readoff).unwrap_or(Sides::Two);
        if is_fitted && self.epsilon.is_some() && sides == Sides::One {
            let failure =
                Failure::new("`--epsilon` means nothing to fits that hold read-offs on one side of a threshold");
            return Err(failure.help("give `--readoff two-sided`, or leave `--epsilon` out"));
        }
        let of_fits = [
            ("--target", self.target.is_some()),
            ("--readoff", self.readoff.is_some()),
            ("--budget", self.budget.is_some()),
            ("--freeze", !self.freeze.is_empty()),
            ("--loss", !self.loss.is_empty()),
            ("--weight-on", !self.weight_on.is_empty()),
        ];
        if let Some((option, _)) = of_fits.iter().find(|(_, is_given)| *is_given && !is_fitted) {
            let failure = Failure::new(format!("`{option}` is of fits, and none of these networks is fitted"));
            return Err(failure.help("leave it out, or give `-O 2` too"));
        }
        let budget = match self.budget {
            Some(Budget::Inputs(inputs)) => Some(inputs),
            _ => None,
        };
        let (target, epsilon, sides) = (self.target, self.epsilon, self.readoff);
        let fit = Request { target, epsilon, sides, budget, ..Request::default() };
        let samples = self.samples.or(program.settings.samples).unwrap_or(DEFAULT_SAMPLES);
        Ok(Asked { samples, eval_seed: self.eval_seed, fit, has_budget: self.budget.is_some() })
    }
}

/// What tells a sweep from others but for its axes: the circuit, what is asked of every point, and this program.
fn mark(program: &Program, asked: &Asked, budget: Option<Budget>) -> String {
    let mut said = format!("{} {asked:?} {budget:?}", env!("CARGO_PKG_VERSION")).into_bytes();
    for file in &program.sources.files {
        said.push(0);
        said.extend(file.text.as_bytes());
    }
    if let Some(rows) = &program.circuit.distribution.rows {
        said.push(0);
        said.extend(&rows.bytes);
    }
    sha256(&said)[..MARK_LENGTH].to_owned()
}

/// Digits of it.
const MARK_LENGTH: usize = 12;
