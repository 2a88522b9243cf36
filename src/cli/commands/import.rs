//! `superpose import`: a circuit of another tool in the language.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use superpose::diagnostic::FileId;
use superpose::elaborate;
use superpose::exchange::{self, FORMATS, Format};
use superpose::syntax;
use superpose::text::counted;

use crate::cli::failure::{Failure, Outcome};
use crate::cli::session::Session;
use crate::cli::{output, read};

/// Turn a circuit of another tool into a file of the language: features, a sub-circuit, one call of it, outputs.
///
/// The other commands read such files as they are, and `use "adder.blif";` brings the sub-circuit.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The circuit; `-` is stdin, and then --from says what it is.
    #[arg(value_name = "FILE")]
    file: String,
    /// Where it goes, instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What it is, where the end of its name does not say.
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    from: Option<&'static Format>,
}

const EXAMPLES: &str = "\
Examples:
  superpose import adder.blif
  superpose import signalling.bnet -o signalling.circ
  superpose import - --from aag < adder.aag";

fn format_parser() -> impl TypedValueParser<Value = &'static Format> {
    let names = FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.summary));
    let named = |name: String| FORMATS.iter().find(|format| format.name == name);
    PossibleValuesParser::new(names).map(move |name| named(name).expect("a possible value names one"))
}

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let is_stdin = args.file == "-";
    let named = exchange::format_of(&args.file);
    let Some(format) = args.from.or(named) else {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        let message = match is_stdin {
            true => "stdin does not say what it is".to_owned(),
            false => format!("`{}` does not say what it is", args.file),
        };
        return Err(Failure::new(message).help(format!("say --from and one of {}", names.join(", "))));
    };
    let (_, bytes) = read::table(&args.file, syntax::MAX_BYTES)?;
    // By its name a file is known as what it is.
    let name = match named {
        Some(named) if named.name == format.name => args.file.clone(),
        _ if is_stdin => format!("stdin.{}", format.name),
        _ => format!("{}.{}", args.file, format.name),
    };
    let mut files = BTreeMap::from([(name.clone(), bytes)]);
    let loaded = elaborate::load(&name, &mut files, &session.limits);
    session.terminal.diagnostics(&loaded.diagnostics, &loaded.sources);
    let (Some(program), Some(text)) = (&loaded.program, exchange::to_circ(format, &loaded.sources, FileId(0))) else {
        return Ok(Outcome::Wrong);
    };
    match &args.output {
        None => output::print(text)?,
        Some(path) => {
            output::write(path, text.as_bytes())?;
            if !output::is_stdout(path) {
                let circuit = &program.circuit;
                let (n_features, n_gates) = (circuit.n_features() as u64, circuit.n_gates() as u64);
                let counts = format!("{}, {}", counted(n_features, "feature"), counted(n_gates, "gate"));
                session.terminal.note(&format!("{}: {counts} in {}", circuit.name, path.display()));
            }
        }
    }
    Ok(Outcome::Fine)
}
