//! `superpose compile`: a circuit to a file of weights.

use std::path::PathBuf;

use superpose::network::Header;
use superpose::network::file::{FORMATS, format_for};
use superpose::text::grouped;

use crate::cli::compiled::compiled;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::options::CompileOptions;
use crate::cli::session::Session;
use crate::cli::{load, output};

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
    let Some(program) = load::program(&args.file, session)? else { return Ok(Outcome::Wrong) };
    let Some(network) = compiled(&program, &args.options, session)? else { return Ok(Outcome::Wrong) };
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
    Ok(Outcome::Fine)
}

/// How a network came about.
fn how(header: &Header) -> String {
    match &header.fit {
        None => format!("{} at -O{}", header.construction, header.opt_level),
        Some(fit) => format!("fitted on {} inputs ({})", grouped(fit.inputs), fit.ending()),
    }
}
