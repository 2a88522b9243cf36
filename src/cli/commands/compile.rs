//! `superpose compile`: a circuit to a file of weights.

use std::path::PathBuf;

use superpose::compile::Beyond;
use superpose::evaluate::Sampling;
use superpose::evaluate::report::{Basis, GateReport};
use superpose::network::file::{FORMATS, format_for};
use superpose::network::{Header, Network};
use superpose::program::Program;
use superpose::search::{Built, Proved};
use superpose::text::grouped;

use crate::cli::compiled::compiled;
use crate::cli::evaluated::evaluated;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::options::CompileOptions;
use crate::cli::session::Session;
use crate::cli::{interrupt, load, output};

/// Compile a circuit to the weights of a network.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The circuit; `-` is stdin.
    #[arg(value_name = "FILE")]
    file: String,
    #[arg(short, long, value_name = "PATH", help = output_help())]
    output: PathBuf,
    #[command(flatten)]
    options: CompileOptions,
}

fn output_help() -> String {
    let formats: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    format!("Where the network goes ({}); `-` is stdout", formats.join(", "))
}

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let Some(mut program) = load::program(&args.file, session)? else { return Ok(Outcome::Wrong) };
    program.claims.extend(args.options.claim());
    let built = compiled(&program, &args.options, Beyond::Told, session)?;
    let Some(Built { network, proved, .. }) = built else { return Ok(Outcome::Wrong) };
    let bytes = (format_for(&args.output.to_string_lossy()).write)(&network);
    output::write(&args.output, &bytes)?;
    let widths: Vec<String> = network.layers.iter().map(|layer| layer.width().to_string()).collect();
    session.terminal.note(&format!(
        "{}: {} gates on {} neurons, {}; {} bytes to {}",
        program.circuit.name,
        grouped(program.circuit.n_gates() as u64),
        widths.join(" + "),
        how(&network.header),
        grouped(bytes.len() as u64),
        args.output.display(),
    ));
    let is_proved = match interrupt::requested() {
        true => proved.is_some_and(|proved| proved.is_proved()),
        false => warn(&program, &network, proved, args, session)?,
    };
    // Who asks for a proof wants to know; what `require` asks for is held against it by `eval` and `test`.
    Ok(if is_proved || !args.options.prove { Outcome::Fine } else { Outcome::Wrong })
}

/// Inputs on which a network is looked at once it is written.
const LOOK: u64 = 4096;

/// Says what the network does not do: what it was to reach, and the gates that could not be shown to work. Whether all
/// claims are proved.
fn warn(
    program: &Program,
    network: &Network,
    proved: Option<Proved>,
    args: &Args,
    session: &Session,
) -> Result<bool, Failure> {
    let goal = args.options.to_options(None).goal_for(program);
    let sampling = Sampling { samples: LOOK, goal, without_relu: false, ..Sampling::default() };
    let Some(report) = evaluated(program, network, proved, &sampling, session)? else { return Ok(false) };
    for missed in report.missed() {
        let command = if missed.is_claim() { "verify" } else { "eval" };
        let network = match args.output.to_string_lossy() {
            output if output == "-" => args.file.clone(),
            output => output.into_owned(),
        };
        let help =
            format!("a wider network, or a longer fit, may reach it; for more, type: superpose {command} {network}");
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
