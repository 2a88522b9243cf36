//! `superpose trace`: one input through all layers.

use superpose::evaluate::explain;

use crate::cli::evaluated::say_why;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::options::CompileOptions;
use crate::cli::session::Session;
use crate::cli::{asked, load, output};

/// Follow one input through all layers: which gates are on, what they are read as, and by which neurons.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A circuit, compiled in memory, or a network, which carries its circuit; `-` is stdin.
    #[arg(value_name = "FILE")]
    file: String,
    /// With these features on, and no other; `--on ''` for none.
    #[arg(long, value_name = "FEATURE,...", value_delimiter = ',', required = true)]
    on: Vec<String>,
    /// As JSON, with every gate.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    options: CompileOptions,
}

const EXAMPLES: &str = "\
Examples:
  superpose trace newsroom.circ --on sport,breaking
  superpose trace newsroom.safetensors --on sport --json";

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let subject = load::subject(&args.file, session)?;
    if subject.as_ref().is_some_and(|subject| !asked::has_gates(subject.program(), "trace", &args.file, session)) {
        return Ok(Outcome::Wrong);
    }
    // Whoever waits for a fit hears of a wrong name first.
    if let Some(subject) = &subject {
        asked::features(&args.on, &subject.program().circuit)?;
    }
    let Some((network, program)) = asked::network(subject, &args.options, &args.file, session)? else {
        return Ok(Outcome::Wrong);
    };
    let on = asked::features(&args.on, &program.circuit)?;
    match explain::trace(&program.circuit, &network, &on) {
        Ok(trace) if args.json => output::print(trace.to_json()).map(|()| Outcome::Fine),
        Ok(trace) => output::print(trace.to_text(session.terminal.width())).map(|()| Outcome::Fine),
        Err(error) => say_why(&error, session).map(|()| Outcome::Wrong),
    }
}
