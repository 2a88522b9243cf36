//! `superpose fmt`: files in canonical form.

use std::path::Path;

use superpose::diagnostic::{FileId, Severity, SourceFile, Sources};
use superpose::syntax;

use super::arguments::Fmt;
use super::{Failure, Outcome, Session, load, output};

pub fn format(command: &Fmt, session: &Session) -> Result<Outcome, Failure> {
    if command.write && command.files.iter().any(|file| file == "-") {
        return Err(Failure::new("stdin cannot be rewritten in place").help("leave --write out to print the result"));
    }
    let mut outcome = Outcome::Fine;
    for file in &command.files {
        let (name, bytes) = load::read_argument(file)?;
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
        if command.check {
            if canonical != *text {
                output::print(format!("{name}\n"))?;
                outcome = Outcome::Wrong;
            }
        } else if command.write {
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
