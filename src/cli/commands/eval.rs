//! `superpose eval`: how well a network computes its circuit.

use std::time::Instant;

use superpose::circuit::inputs::rows;
use superpose::circuit::{Circuit, Distribution, Rows};
use superpose::compile::Beyond;
use superpose::diagnostic::{FileId, SourceFile, Sources};
use superpose::evaluate::{Sampling, Style};
use superpose::program::MAX_SAMPLES;
use superpose::search::Built;

use crate::cli::compiled::{built, say_would_do};
use crate::cli::evaluated::{evaluated, samples};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::load::{self, Subject};
use crate::cli::options::CompileOptions;
use crate::cli::session::Session;
use crate::cli::{output, read, took};

/// Evaluate a circuit's network, or a compiled one, on sampled or on all inputs.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A circuit, compiled in memory, or a network, which carries its circuit; `-` is stdin.
    #[arg(value_name = "FILE")]
    file: String,
    /// Inputs to draw [default: the file's, or 10000].
    #[arg(long, value_name = "N", conflicts_with = "exhaustive")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=MAX_SAMPLES))]
    samples: Option<u64>,
    /// Take every distinct input of nonzero probability once, unweighted (at most 2^30).
    #[arg(long)]
    exhaustive: bool,
    /// The rows of a file instead of what `sample` says: each distinct row once, or draws of --samples.
    #[arg(long, value_name = "ROWS")]
    inputs: Option<String>,
    /// Of the inputs that are drawn.
    #[arg(long, value_name = "S", default_value_t = 0)]
    eval_seed: u64,
    /// Refuse a network whose weights were changed, so that they are no longer the product of their factors.
    #[arg(long)]
    strict: bool,
    /// The figures of every gate.
    #[arg(long)]
    gates: bool,
    /// As JSON; `epsilon` is exact for up to 2^20 inputs, and for more rounded up by less than 1/8192 of itself.
    #[arg(long)]
    json: bool,
    // Last: what follows would stand below its heading.
    #[command(flatten)]
    options: CompileOptions,
}

const EXAMPLES: &str = "\
Examples:
  superpose eval newsroom.circ --width 64
  superpose eval newsroom.safetensors --samples 100000 --gates
  superpose eval newsroom.safetensors --inputs rows.csv --json";

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let mut goal = None;
    let mut compiling = None;
    let mut would_do = None;
    let Some(subject) = load::subject(&args.file, session)? else { return Ok(Outcome::Wrong) };
    let (network, proved, mut program) = match subject {
        Subject::Network(network, program) => {
            args.options.refuse_for_network(&["--epsilon"], &args.file)?;
            if args.strict && !load::is_product(&network, &args.file, session) {
                return Ok(Outcome::Wrong);
            }
            (*network, None, *program)
        }
        Subject::Program(mut program) => {
            program.claims.extend(args.options.claim());
            let options = args.options.to_be_evaluated(&program.settings);
            goal = options.to_options(None).goal_for(&program);
            let started = Instant::now();
            let Some(built) = built(&program, &options, Beyond::Told, session)? else { return Ok(Outcome::Wrong) };
            compiling = Some(started.elapsed());
            if args.json {
                say_would_do(&built, &program, session);
            }
            let Built { network, proved, .. } = built;
            would_do = built.would_do;
            (network, proved, *program)
        }
    };
    if let Some(inputs) = &args.inputs {
        // What the network was compiled for stays; only what it is evaluated on changes.
        match read_rows(inputs, &program.circuit, session)? {
            // Of all that `sample` says, nothing holds for these: they are taken as they are, and nothing is planted.
            Some(rows) => {
                program.circuit.distribution = Distribution { rows: Some(rows), ..Distribution::default() };
                program.gave_sample = true;
                // Claims are of what `sample` can draw.
                program.claims.clear();
            }
            None => return Ok(Outcome::Wrong),
        }
    }
    let sampling = Sampling {
        samples: args.samples.unwrap_or_else(|| samples(&program.settings)),
        // Distinct rows that somebody gives are all that there is to know.
        exhaustive: args.exhaustive || args.inputs.is_some() && args.samples.is_none(),
        seed: args.eval_seed,
        epsilon: args.options.epsilon,
        goal,
        ..Sampling::default()
    };
    let started = Instant::now();
    let evaluated = evaluated(&program, &network, proved, &sampling, session)?;
    let Some(mut report) = evaluated else { return Ok(Outcome::Wrong) };
    report.would_do = would_do;
    let evaluating = started.elapsed();
    let terminal = &session.terminal;
    if args.json {
        output::print(report.to_json(args.gates))?;
    } else {
        let style = Style { color: terminal.color, width: terminal.width(), gates: args.gates, ..Style::default() };
        output::print(report.to_text(&style))?;
        // Not in the report, which is the same whenever it is made.
        let compiled = compiling.map_or(String::new(), |compiling| format!("compiled in {}, ", took::words(compiling)));
        terminal.note(&format!("{compiled}evaluated in {}", took::words(evaluating)));
    }
    Ok(if report.holds() { Outcome::Fine } else { Outcome::Wrong })
}

fn read_rows(argument: &str, circuit: &Circuit, session: &Session) -> Result<Option<Rows>, Failure> {
    let (path, bytes) = read::rows(argument)?;
    let parsed = rows::parse(&bytes, &circuit.names, circuit.n_features());
    let problems = match &parsed {
        Ok(parsed) => parsed.warning.as_slice(),
        Err(problems) => problems,
    };
    if !problems.is_empty() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let sources = Sources { files: vec![SourceFile { name: path.clone(), text }] };
        let diagnostics: Vec<_> = problems.iter().map(|problem| problem.diagnostic(FileId(0))).collect();
        session.terminal.diagnostics(&diagnostics, &sources);
    }
    Ok(parsed.ok().map(|parsed| Rows { path, bytes, inputs: parsed.inputs }))
}
