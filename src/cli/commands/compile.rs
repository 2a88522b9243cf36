//! `superpose compile`: a circuit to a file of weights, or a network to a file of another kind.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use superpose::compile::Beyond;
use superpose::evaluate::Sampling;
use superpose::evaluate::advice::Try;
use superpose::evaluate::parts::{Basis, GateReport};
use superpose::network::file::{FORMATS, Format, WriteError, Written, called};
use superpose::network::{Header, Network};
use superpose::program::Program;
use superpose::search::Built;
use superpose::text::{counted, grouped};

use crate::cli::compiled::built;
use crate::cli::evaluated::evaluated;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::load::{self, Subject};
use crate::cli::options::CompileOptions;
use crate::cli::session::Session;
use crate::cli::{interrupt, output};

/// Compile a circuit to the weights of a network.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The circuit; or a network, to be written as it is in another format; `-` is stdin.
    #[arg(value_name = "FILE")]
    file: String,
    /// Where the network goes; `-` is stdout.
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// What kind of file [default: what the name of --output ends in, or safetensors].
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    emit: Option<&'static Format>,
    /// Inputs that an ONNX file takes at a time [default: any number].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    batch: Option<u32>,
    // Last: what follows would stand below its heading.
    #[command(flatten)]
    options: CompileOptions,
}

const EXAMPLES: &str = "\
Examples:
  superpose compile newsroom.circ -o newsroom.safetensors
  superpose compile newsroom.circ --width 64 --budget 5m -o narrow.safetensors
  superpose compile newsroom.safetensors -o newsroom.onnx";

fn format_parser() -> impl TypedValueParser<Value = &'static Format> {
    let names = FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.summary));
    let named = |name: String| FORMATS.iter().find(|format| format.name == name);
    PossibleValuesParser::new(names).map(move |name| named(name).expect("a possible value names one"))
}

impl Args {
    /// What kind of file is asked for.
    fn format(&self) -> Result<&'static Format, Failure> {
        let output = self.output.display();
        let by_name = called(&self.output.to_string_lossy());
        let format = match (self.emit, by_name) {
            (Some(asked), Some(named)) if asked.name != named.name => {
                let message = format!("`{output}` ends in .{}, but --emit asks for {}", named.name, asked.name);
                let meant = self.output.with_extension(asked.name);
                return Err(Failure::new(message).help(format!("leave --emit out, or type: -o {}", meant.display())));
            }
            (asked, named) => asked.or(named).unwrap_or(&FORMATS[0]),
        };
        match self.batch {
            Some(_) if !format.has_batch => {
                let message =
                    format!("`--batch` means nothing to {}, which holds weights and runs nothing", format.name);
                Err(Failure::new(message).help("leave it out, or make a graph that runs: --emit onnx"))
            }
            _ => Ok(format),
        }
    }
}

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    // Whoever waits for a fit hears of it first.
    let format = args.format()?;
    let mut program = match load::subject(&args.file, session)? {
        None => return Ok(Outcome::Wrong),
        Some(Subject::Program(program)) => *program,
        Some(Subject::Network(network, program)) => {
            args.options.refuse_for_network(&[], &args.file)?;
            return write(&network, &program, format, args, session);
        }
    };
    program.claims.extend(args.options.claim());
    let Some(built) = built(&program, &args.options, Beyond::Told, session)? else { return Ok(Outcome::Wrong) };
    if write(&built.network, &program, format, args, session)? == Outcome::Wrong {
        return Ok(Outcome::Wrong);
    }
    let is_proved = match interrupt::requested() {
        true => built.proved.is_some_and(|proved| proved.is_proved()),
        false => warn(&program, built, args, session)?,
    };
    // Who asks for a proof wants to know; what `require` asks for is held against it by `eval` and `test`.
    Ok(if is_proved || !args.options.prove { Outcome::Fine } else { Outcome::Wrong })
}

/// Writes the network, and says so.
fn write(
    network: &Network,
    program: &Program,
    format: &Format,
    args: &Args,
    session: &Session,
) -> Result<Outcome, Failure> {
    let bytes = match (format.write)(network, &Written { batch: args.batch }) {
        Ok(bytes) => bytes,
        Err(error @ WriteError::TooLargeForOnnx { .. }) => {
            let help = "leave zeros out, in a file of another kind: --emit npz, or --emit safetensors";
            session.terminal.error(&error.to_string(), Some(help));
            return Ok(Outcome::Wrong);
        }
    };
    output::write(&args.output, &bytes)?;
    session.terminal.note(&format!(
        "{}: {}; {} bytes to {}",
        program.circuit.name,
        made(network, program),
        grouped(bytes.len() as u64),
        args.output.display(),
    ));
    Ok(Outcome::Fine)
}

/// What there is in a network.
fn made(network: &Network, program: &Program) -> String {
    let heads = counted(network.heads.len() as u64, "head");
    if network.layers.is_empty() {
        return format!("{heads} at -O{}", network.header.opt_level);
    }
    let widths: Vec<String> = network.layers.iter().map(|layer| layer.width().to_string()).collect();
    let n_gates = grouped(program.circuit.n_gates() as u64);
    let gates = format!("{n_gates} gates on {} neurons, {}", widths.join(" + "), how(&network.header));
    if network.heads.is_empty() { gates } else { format!("{gates}, and {heads}") }
}

/// Inputs on which a network is looked at once it is written.
const LOOK: u64 = 4096;

/// Says what the network does not do: what it was to reach, and the gates that could not be shown to work. Whether all
/// claims are proved.
fn warn(program: &Program, built: Built, args: &Args, session: &Session) -> Result<bool, Failure> {
    let Built { network, proved, would_do, .. } = built;
    let goal = args.options.to_options(None).goal_for(program);
    let sampling = Sampling { samples: LOOK, goal, without_relu: false, heads: false, ..Sampling::default() };
    let Some(mut report) = evaluated(program, &network, proved, &sampling, session)? else { return Ok(false) };
    report.would_do = would_do;
    let first = report.advice().tries.into_iter().next();
    let first = first.map_or(String::new(), |Try { typed, effect }| format!("try {typed} ({effect}); "));
    for missed in report.missed() {
        let command = if missed.is_claim() { "verify" } else { "eval" };
        // What cannot be read back is asked about by its circuit.
        let network = match args.output.to_string_lossy() {
            output if output != "-" && args.format()?.read.is_some() => output.into_owned(),
            _ => args.file.clone(),
        };
        let help = format!("{first}for more, type: superpose {command} {network}");
        session.terminal.warning(&missed.missed_line(), Some(&help));
    }
    let unshown: Vec<String> =
        report.planted.unknown.iter().map(|(name, side)| format!("`{name}` was never {side}")).collect();
    if !unshown.is_empty() {
        let help = "let `sample` draw inputs that show it, or give rows that do: `from \"rows.csv\";`";
        session.terminal.warning(&format!("not shown to work: {}", listed(&unshown)), Some(help));
    }
    let is_wrong = |gate: &&GateReport| gate.measured == Basis::Planted && gate.is_mostly_wrong();
    let wrong: Vec<String> = report.gates.iter().filter(is_wrong).map(|gate| format!("`{}`", gate.name)).collect();
    if !wrong.is_empty() {
        let message = format!("rare gates that are read wrong where they matter: {}", listed(&wrong));
        session.terminal.warning(&message, Some("give the network more neurons"));
    }
    Ok(report.is_proved())
}

/// The first few of a list.
fn listed(items: &[String]) -> String {
    const N_NAMED: usize = 8;
    let rest = if items.len() > N_NAMED { format!(" and {} more", items.len() - N_NAMED) } else { String::new() };
    items.iter().take(N_NAMED).cloned().collect::<Vec<_>>().join(", ") + &rest
}

/// How a network came about.
fn how(header: &Header) -> String {
    match &header.fit {
        None => format!("{} at -O{}", header.construction, header.opt_level),
        Some(fit) if fit.inputs == 0 && fit.is_closed_form => format!("{} as at -O1", header.construction),
        Some(fit) => format!("fitted on {} inputs ({})", grouped(fit.inputs), fit.ending()),
    }
}
