//! `superpose report`: a network as a page to look at.

use std::path::{Path, PathBuf};

use superpose::circuit::Kind;
use superpose::compile::{Beyond, Error};
use superpose::evaluate::worst::{Worst, worst};
use superpose::evaluate::{self, Report, Sampling};
use superpose::network::Network;
use superpose::program::{Level, MAX_SAMPLES, Program};
use superpose::progress::{Answer, Reason, Watcher};
use superpose::report::{self, Baseline};
use superpose::search;

use crate::cli::compiled::compiled;
use crate::cli::evaluated::{evaluated, samples, say_why};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::load::{self, Subject};
use crate::cli::options::CompileOptions;
use crate::cli::session::Session;
use crate::cli::watched::watched;
use crate::cli::{asked, output, read};

/// Draw a network as a page to look at: one file, opened from disk.
///
/// The circuit, what is read of it and how far off, for this network and for the linear code of its width, weights, the
/// worst gates with the inputs that break them, and a calculator that runs the network on whatever features are ticked.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A circuit, compiled in memory, or a network, which carries its circuit; `-` is stdin.
    #[arg(value_name = "FILE")]
    file: String,
    /// Where the page goes; `-` is stdout.
    #[arg(short, long, value_name = "HTML")]
    output: PathBuf,
    /// Inputs to draw [default: the file's, or 10000].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MAX_SAMPLES))]
    samples: Option<u64>,
    /// Of the inputs that are drawn.
    #[arg(long, value_name = "S", default_value_t = 0)]
    eval_seed: u64,
    // Last: what follows would stand below its heading.
    #[command(flatten)]
    options: CompileOptions,
}

const EXAMPLES: &str = "\
Examples:
  superpose report newsroom.circ -o newsroom.html
  superpose report newsroom.safetensors --samples 100000 -o newsroom.html";

/// The linear code of a network's widths, and how it does.
struct Linear {
    network: Network,
    report: Report,
    worst: Worst,
}

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let subject = load::subject(&args.file, session)?;
    if subject.as_ref().is_some_and(|subject| !asked::has_gates(subject.program(), "draw", &args.file, session)) {
        return Ok(Outcome::Wrong);
    }
    // Whoever waits for a fit hears of it first.
    may_be_written(&args.output)?;
    let mut goal = None;
    let (network, proved, program) = match subject {
        None => return Ok(Outcome::Wrong),
        Some(Subject::Network(network, program)) => {
            args.options.refuse_for_network(&["--epsilon"], &args.file)?;
            (*network, None, *program)
        }
        Some(Subject::Program(mut program)) => {
            program.claims.extend(args.options.claim());
            let options = args.options.to_be_evaluated(&program.settings);
            goal = options.to_options(None).goal_for(&program);
            match compiled(&program, &options, Beyond::Told, session)? {
                Some(built) => (built.network, built.proved, *program),
                None => return Ok(Outcome::Wrong),
            }
        }
    };
    let sampling = Sampling {
        samples: args.samples.unwrap_or_else(|| samples(&program.settings)),
        seed: args.eval_seed,
        epsilon: args.options.epsilon,
        goal,
        heads: false,
        ..Sampling::default()
    };
    let Some(report) = evaluated(&program, &network, proved, &sampling, session)? else { return Ok(Outcome::Wrong) };
    let linear = linear(&program, &network, &sampling, session)?;
    let look = |watcher: Watcher| worst(&program.circuit, &network, &sampling, watcher);
    let worst = match watched(&session.terminal, || Answer::GoOn, look) {
        Ok(worst) => worst,
        Err(error) => return say_why(&error, session).map(|()| Outcome::Wrong),
    };
    let baseline = match &linear {
        Ok(Linear { network, report, worst }) => Ok(Baseline { network, report, worst }),
        Err(why) => Err(why.as_str()),
    };
    let subject =
        report::Subject { circuit: &program.circuit, network: &network, report: &report, worst: &worst, baseline };
    let page = report::page(&subject);
    output::write(&args.output, page.as_bytes())?;
    let (name, size) = (&program.circuit.name, page.len() as f64 / 1e6);
    session.terminal.note(&format!("{name}: a page of {size:.1} MB in {}", args.output.display()));
    Ok(Outcome::Fine)
}

/// The linear code of the same widths on the same inputs; or why there is none.
fn linear(
    program: &Program,
    network: &Network,
    sampling: &Sampling,
    session: &Session,
) -> Result<Result<Linear, String>, Failure> {
    let mut program = program.clone();
    // Its neurons are always awake, whatever those of the network do; it is made to meet nothing. A gate of pairs has
    // no line over a sum, and the code is refused as one of neurons that multiply.
    if program.circuit.gates.iter().all(|gate| gate.kind != Kind::AnyPair) {
        (program.settings.activation, program.settings.mix) = (None, None);
    }
    program.claims.clear();
    let widths: Vec<usize> = network.layers.iter().map(|layer| layer.width()).collect();
    let options = superpose::compile::Options {
        level: Some(Level::Solved),
        construction: Some("linear".into()),
        seed: Some(network.header.seed),
        beyond: Beyond::Nothing,
        ..Default::default()
    };
    let options = options.at_widths(&program.circuit, &widths);
    let build = |watcher: Watcher| search::build(&program, &options, watcher);
    let network = match watched(&session.terminal, || Answer::GoOn, build) {
        Ok(built) => built.network,
        Err(Error::Stopped(Reason::Interrupted | Reason::BudgetSpent)) => return Err(Failure::interrupted()),
        Err(error) => {
            let why = error.problems().first().map(|problem| problem.headline.clone());
            return Ok(Err(why.unwrap_or_else(|| "it cannot be made".into())));
        }
    };
    let sampling = Sampling { without_relu: false, goal: None, ..sampling.clone() };
    let evaluate = |watcher: Watcher| {
        let report = evaluate::evaluate(&program, &network, &sampling, watcher)?;
        Ok((report, worst(&program.circuit, &network, &sampling, watcher)?))
    };
    match watched(&session.terminal, || Answer::GoOn, evaluate) {
        Ok((report, worst)) => Ok(Ok(Linear { network, report, worst })),
        Err(evaluate::Error::Stopped(_)) => Err(Failure::interrupted()),
        Err(error) => Ok(Err(error.to_string())),
    }
}

/// Whether a page may go there: a file that is no page is somebody's work.
fn may_be_written(path: &Path) -> Result<(), Failure> {
    let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0);
    if output::is_stdout(path) || !is_file || read::begins_with(path, report::BEGINS.as_bytes()) {
        return Ok(());
    }
    let failure = Failure::new(format!("`{}` is there already, and is no page of this command", path.display()));
    Err(failure.help("name another file, such as report.html, or remove that one"))
}
