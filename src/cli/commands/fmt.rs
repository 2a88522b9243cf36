//! `superpose fmt`: files in canonical form.

use std::path::Path;

use superpose::diagnostic::{FileId, Severity, SourceFile, Sources};
use superpose::exchange;
use superpose::syntax;
use superpose::text::shown;

use crate::cli::failure::{Failure, Outcome};
use crate::cli::session::Session;
use crate::cli::{output, read};

/// Print files in canonical form, comments kept.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Files to format; `-` is stdin.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Rewrite the files in place.
    #[arg(long, conflicts_with = "check")]
    write: bool,
    /// Name the files that would change; exit code 1 if there are any.
    #[arg(long)]
    check: bool,
}

const EXAMPLES: &str = "\
Examples:
  superpose fmt newsroom.circ
  superpose fmt --write *.circ";

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    if args.write && args.files.iter().any(|file| file == "-") {
        return Err(Failure::new("stdin cannot be rewritten in place").help("leave --write out to print the result"));
    }
    let mut outcome = Outcome::Fine;
    for file in &args.files {
        let Some((name, bytes)) = read::circuit_or_network(file, session)? else {
            outcome = Outcome::Wrong;
            continue;
        };
        if exchange::format_of(&name).is_some() {
            let help = format!("to have it in the language, type: superpose import {file}");
            session
                .terminal
                .error(&format!("{name}: a circuit of another tool has no canonical form here"), Some(&help));
            outcome = Outcome::Wrong;
            continue;
        }
        let Ok(text) = String::from_utf8(bytes) else {
            session.terminal.error(&format!("{name}: the file is not UTF-8 text"), Some("save it as UTF-8 text"));
            outcome = Outcome::Wrong;
            continue;
        };
        let sources = Sources { files: vec![SourceFile { name: name.clone(), text }] };
        let (ast, diagnostics) = syntax::parse(&sources, FileId(0));
        if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            session.terminal.diagnostics(&diagnostics, &sources);
            outcome = Outcome::Wrong;
            continue;
        }
        let text = &sources.files[0].text;
        let canonical = syntax::format(&ast, text);
        if args.check {
            if canonical != *text {
                output::print(format!("{}\n", shown(&name)))?;
                outcome = Outcome::Wrong;
            }
        } else if args.write {
            if canonical != *text {
                output::write(Path::new(file), canonical.as_bytes())?;
                session.terminal.note(&format!("formatted {name}"));
            }
        } else {
            output::print(canonical)?;
        }
    }
    Ok(outcome)
}
