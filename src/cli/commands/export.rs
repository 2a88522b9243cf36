//! `superpose export`: a circuit, or its network and what is to be proved of it, for tools of others.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use superpose::circuit::{Circuit, GateId};
use superpose::compile::Beyond;
use superpose::exchange;
use superpose::export::{Error, FORMATS, Format, Request};
use superpose::text::{counted, grouped};

use crate::cli::failure::{Failure, Outcome};
use crate::cli::options::CompileOptions;
use crate::cli::session::Session;
use crate::cli::{asked, directory, load, output};

/// Write a circuit, or a network and what is to be proved of it, for tools of others.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[command(mut_arg("epsilon", |argument| argument.help_heading(None).help(EPSILON)))]
pub struct Args {
    /// A network, which carries its circuit, or a circuit, compiled in memory where a network is asked for; `-` is
    /// stdin.
    #[arg(value_name = "FILE")]
    file: String,
    /// For whom.
    #[arg(long, value_name = "FORMAT", value_parser = target_parser())]
    to: Target,
    /// Where it goes: a directory that is new or empty; of a circuit alone a file, and `-` is stdout.
    #[arg(short, long, value_name = "DIR|FILE")]
    output: PathBuf,
    /// Of this gate, or of all of this array, alone; can be given again.
    #[arg(long, value_name = "NAME")]
    gate: Vec<String>,
    /// Over every input with at most so many features on, instead of those that `sample` has.
    #[arg(long, value_name = "N")]
    support: Option<u32>,
    /// How long a tool may take over each question.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    timeout: u32,
    // Last: what follows would stand below its heading.
    #[command(flatten)]
    options: CompileOptions,
}

/// An option of a compilation means something to the questions as well.
const EPSILON: &str =
    "Ask for every read-off to be strictly within this of 0 or 1, whichever is true, instead of its threshold";

const EXAMPLES: &str = "\
Examples:
  superpose export newsroom.safetensors --to vnnlib -o questions
  superpose export news.circ --width 64 --to vnnlib --gate alert -o questions
  superpose export newsroom.circ --to blif -o newsroom.blif";

/// What is written.
#[derive(Debug, Clone, Copy)]
enum Target {
    /// The circuit alone.
    Circuit(&'static exchange::Format),
    /// The network, and questions about it.
    Network(&'static Format),
}

impl Target {
    /// With their summaries, in the order of the help.
    fn all() -> impl Iterator<Item = (&'static str, &'static str, Target)> {
        let networks = FORMATS.iter().map(|format| (format.name, format.summary, Target::Network(format)));
        let circuits = exchange::FORMATS.iter().filter(|format| format.write.is_some());
        networks.chain(circuits.map(|format| (format.name, format.summary, Target::Circuit(format))))
    }
}

fn target_parser() -> impl TypedValueParser<Value = Target> {
    let names = Target::all().map(|(name, summary, _)| PossibleValue::new(name).help(summary));
    let named = |name: String| Target::all().find(|target| target.0 == name).map(|target| target.2);
    PossibleValuesParser::new(names).map(move |name| named(name).expect("a possible value names one"))
}

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    match args.to {
        Target::Circuit(format) => write_circuit(args, format, session),
        Target::Network(format) => write_network(args, format, session),
    }
}

fn write_circuit(args: &Args, format: &exchange::Format, session: &Session) -> Result<Outcome, Failure> {
    let of_questions = [("--gate", !args.gate.is_empty()), ("--support", args.support.is_some())];
    let asked = of_questions.into_iter().find(|(_, is_given)| *is_given).map(|(option, _)| option);
    if let Some(option) = args.options.given(&[]).or(asked) {
        return Err(Failure::new(format!("`{option}` is of networks, and `--to {}` writes a circuit", format.name))
            .help(format!("leave {option} out")));
    }
    let Some(subject) = load::subject(&args.file, session)? else { return Ok(Outcome::Wrong) };
    if !asked::has_gates(subject.program(), "export", &args.file, session) {
        return Ok(Outcome::Wrong);
    }
    let circuit = &subject.program().circuit;
    let write = format.write.expect("what is only read is no target");
    match write(circuit) {
        Ok(bytes) => output::write(&args.output, &bytes)?,
        Err(unwritable) => {
            session.terminal.error(&unwritable.fact, Some(&unwritable.help));
            return Ok(Outcome::Wrong);
        }
    }
    if !output::is_stdout(&args.output) {
        let (n_features, n_outputs) = (circuit.n_features() as u64, circuit.outputs.len() as u64);
        let counts = format!("{}, {}", counted(n_features, "feature"), counted(n_outputs, "output"));
        session.terminal.note(&format!("{}: {counts} in {}", circuit.name, args.output.display()));
    }
    Ok(Outcome::Fine)
}

fn write_network(args: &Args, format: &Format, session: &Session) -> Result<Outcome, Failure> {
    if args.output.as_os_str() == "-" {
        return Err(Failure::new("a directory is written, which stdout cannot take").help("name it: -o DIR"));
    }
    // Whoever waits for a fit hears of it first.
    directory::place(&args.output)?;
    let subject = load::subject(&args.file, session)?;
    if subject.as_ref().is_some_and(|subject| !asked::has_gates(subject.program(), "export", &args.file, session)) {
        return Ok(Outcome::Wrong);
    }
    let gates = match &subject {
        Some(subject) => asked::gates(&args.gate, &subject.program().circuit, &args.file)?,
        None => None,
    };
    let compiled = asked::network_to(subject, &args.options, &[], Beyond::Nothing, &args.file, session)?;
    let Some((network, program)) = compiled else { return Ok(Outcome::Wrong) };
    let circuit = &program.circuit;
    let Args { support, timeout, .. } = *args;
    let epsilon = args.options.epsilon;
    let request = Request { epsilon, gates, support, timeout };
    let export = match (format.export)(circuit, &network, &request) {
        Ok(export) => export,
        Err(error) => {
            session.terminal.error(&error.to_string(), Some(&help(&error, circuit, format, args)));
            return Ok(Outcome::Wrong);
        }
    };
    directory::write(&args.output, &export.files)?;
    let (n_files, place) = (grouped(export.files.len() as u64), args.output.display());
    session.terminal.note(&format!("{}: {}; {n_files} files in {place}", circuit.name, export.summary));
    for caveat in &export.caveats {
        session.terminal.warning(&caveat.fact, Some(&caveat.meaning));
    }
    Ok(Outcome::Fine)
}

/// What to type instead.
fn help(error: &Error, circuit: &Circuit, format: &Format, args: &Args) -> String {
    let typed = |option: &str| format!("superpose export {} --to {} {option} -o DIR", args.file, format.name);
    match error {
        Error::Mismatch(_) => load::COMPILE_AGAIN.into(),
        Error::Rows { .. } => {
            format!("to ask about every input with at most N features on, type: {}", typed("--support N"))
        }
        Error::TooManyGates { .. } => {
            let name = circuit.name(circuit.gate_signal(GateId(0)));
            format!("name some of them: {}", typed(&format!("--gate '{name}'")))
        }
        Error::TooManyWeights { .. } => "give it fewer neurons or features".into(),
        Error::NotOfRelus { .. } | Error::NothingLeft { .. } => {
            format!("to prove them all the same, type: superpose verify {}", args.file)
        }
    }
}
