//! `superpose test`: every program below some paths, held against its snapshot and its own requirements.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use superpose::diagnostic::{FileId, Severity, SourceFile, Sources};
use superpose::evaluate::{Report, Sampling, Style};
use superpose::program::Program;
use superpose::syntax;
use superpose::syntax::ast::Item;
use superpose::text::precise;

use super::arguments::{CompileOptions, Test};
use super::{Failure, Outcome, Session, compile, evaluate, interrupt, load, output, snapshot};

/// What became of a program, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    Accepted,
    /// It only defines what others use.
    Library,
    Differs,
    Missing,
    /// A requirement does not hold.
    Missed,
    /// It cannot be compiled or evaluated.
    Broken,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Verdict::Passed => "ok",
            Verdict::Accepted => "accepted",
            Verdict::Library => "library",
            Verdict::Differs => "differs",
            Verdict::Missing => "new",
            Verdict::Missed => "missed",
            Verdict::Broken => "broken",
        }
    }

    fn is_fine(self) -> bool {
        matches!(self, Verdict::Passed | Verdict::Accepted | Verdict::Library)
    }
}

pub fn test(command: &Test, session: &Session) -> Result<Outcome, Failure> {
    let programs = programs(&command.paths)?;
    let mut verdicts = Vec::new();
    for program in &programs {
        let verdict = hold(program, command.accept, session)?;
        verdicts.push(verdict);
    }
    let count = |wanted: Verdict| verdicts.iter().filter(|&&verdict| verdict == wanted).count();
    let kinds = [
        (Verdict::Passed, "passed"),
        (Verdict::Accepted, "accepted"),
        (Verdict::Differs, "differ"),
        (Verdict::Missing, "without a snapshot"),
        (Verdict::Missed, "miss a requirement"),
        (Verdict::Broken, "broken"),
        (Verdict::Library, "skipped"),
    ];
    let parts: Vec<String> = kinds
        .into_iter()
        .filter(|&(verdict, _)| count(verdict) > 0 || verdict == Verdict::Passed)
        .map(|(verdict, words)| format!("{} {words}", count(verdict)))
        .collect();
    output::print(format!("\n{}\n", parts.join(", ")))?;
    if count(Verdict::Differs) + count(Verdict::Missing) > 0 {
        session.terminal.note("to take the new reports as they are: superpose test --accept (or: cargo insta review)");
    }
    Ok(if verdicts.iter().all(|verdict| verdict.is_fine()) { Outcome::Fine } else { Outcome::Wrong })
}

/// The `.circ` files below the paths, sorted, each once; what is hidden, and `target`, is not entered.
fn programs(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |path: &Path, error| load::unreadable(&path.display().to_string(), &error);
    let mut found = Vec::new();
    let mut rest: Vec<PathBuf> = Vec::new();
    for path in paths {
        let metadata = fs::metadata(path).map_err(|error| unreadable(path, error))?;
        if metadata.is_dir() {
            rest.push(path.clone());
        } else {
            found.push(path.clone());
        }
    }
    while let Some(directory) = rest.pop() {
        for entry in fs::read_dir(&directory).map_err(|error| unreadable(&directory, error))? {
            let entry = entry.map_err(|error| unreadable(&directory, error))?;
            let (name, path) = (entry.file_name(), entry.path());
            let Ok(kind) = entry.file_type() else { continue };
            let hidden = name.as_encoded_bytes().starts_with(b".");
            // A link to a directory is not followed: it may lead back.
            if kind.is_dir() && !hidden && name != "target" {
                rest.push(path);
            } else if !kind.is_dir() && !hidden && path.extension().is_some_and(|extension| extension == "circ") {
                found.push(path);
            }
        }
    }
    let mut found: Vec<PathBuf> = found.iter().map(|path| path.strip_prefix(".").unwrap_or(path).to_owned()).collect();
    found.sort();
    found.dedup();
    if found.is_empty() {
        let searched: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
        return Err(Failure::new(format!("there is no .circ file below {}", searched.join(", ")))
            .help("name a program, or a directory with programs: superpose test examples"));
    }
    Ok(found)
}

/// One program: compiled and evaluated with its own settings, compared, and judged.
fn hold(program: &Path, accept: bool, session: &Session) -> Result<Verdict, Failure> {
    let name = program.display().to_string();
    let (_, bytes) = load::read_argument(&name)?;
    if is_library(&name, &bytes) {
        verdict(Verdict::Library, &name, "only defines what others use", session)?;
        return Ok(Verdict::Library);
    }
    let loaded = load::shown(load::load(name.clone(), bytes, session), session);
    let report = match loaded {
        Some(loaded) => run(&loaded, session)?,
        None => None,
    };
    let Some(report) = report else {
        verdict(Verdict::Broken, &name, "", session)?;
        return Ok(Verdict::Broken);
    };
    let contents = contents(&report);
    let path = snapshot::path_of(program);
    let old = match fs::read_to_string(&path) {
        Ok(file) => Some(snapshot::contents(&file)),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(load::unreadable(&path.display().to_string(), &error)),
    };
    let same = old.as_deref() == Some(contents.trim_end());
    let mut held = if same {
        Verdict::Passed
    } else if accept {
        let directory = path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(directory).map_err(|error| {
            Failure::new(format!("cannot create `{}`: {}", directory.display(), output::reason(&error)))
        })?;
        output::write(&path, snapshot::to_text(program, &contents).as_bytes())?;
        Verdict::Accepted
    } else if old.is_some() {
        Verdict::Differs
    } else {
        Verdict::Missing
    };
    leave_for_review(program, &path, (!held.is_fine()).then_some(&contents), session);
    if held.is_fine() && !report.holds() {
        held = Verdict::Missed;
    }
    verdict(held, &name, &format!("reliability {:.4}", report.reliability), session)?;
    for requirement in report.requirements.iter().filter(|requirement| !requirement.holds) {
        let value = requirement.value.map_or("no such figure".to_owned(), precise);
        output::print(format!("    require {}: {value}\n", requirement.text))?;
    }
    match (held, old) {
        (Verdict::Differs, Some(old)) => {
            let (old, new) = (format!("{old}\n"), format!("{}\n", contents.trim_end()));
            output::print(snapshot::difference(&old, &new, session.terminal.color))?;
        }
        (Verdict::Missing, _) => {
            output::print(format!("    there is no {} yet\n", path.display()))?;
        }
        _ => {}
    }
    Ok(held)
}

fn verdict(verdict: Verdict, name: &str, remark: &str, session: &Session) -> Result<(), Failure> {
    let code = if verdict.is_fine() { "\u{1b}[32m" } else { "\u{1b}[31m" };
    let (start, end) = if session.terminal.color { (code, "\u{1b}[0m") } else { ("", "") };
    let line = format!("{start}{:<8}{end}  {name:<36}  {remark}", verdict.word());
    output::print(format!("{}\n", line.trim_end()))
}

/// Whether a file only defines sub-circuits and constants: it has no circuit of its own to evaluate.
fn is_library(name: &str, bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let sources = Sources { files: vec![SourceFile { name: name.to_owned(), text: text.to_owned() }] };
    let (ast, diagnostics) = syntax::parse(&sources, FileId(0));
    diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error)
        && ast.items.iter().any(|item| matches!(item, Item::SubCircuit(_) | Item::Const { .. }))
        && ast.items.iter().all(|item| {
            matches!(item, Item::Circuit { .. } | Item::Use { .. } | Item::Const { .. } | Item::SubCircuit(_))
        })
}

fn run(program: &Program, session: &Session) -> Result<Option<Report>, Failure> {
    let Some(network) = compile::compiled(program, &CompileOptions::default(), session)? else { return Ok(None) };
    if interrupt::requested() {
        // What a fit had by then is nothing to hold a snapshot against.
        return Err(Failure::interrupted());
    }
    let sampling = Sampling { samples: evaluate::samples(&program.settings), ..Sampling::default() };
    evaluate::report(program, &network, &sampling, session)
}

/// What a snapshot holds: the report as text at width 80, and a hash for the weights.
fn contents(report: &Report) -> String {
    format!("{}\nweights {}\n", report.to_text(&Style::default()), report.fingerprint)
}

/// Leaves a result beside its snapshot for `cargo insta review`, or clears what an earlier run left. In CI nothing is
/// left; insta does the same.
fn leave_for_review(program: &Path, snapshot: &Path, contents: Option<&String>, session: &Session) {
    let pending = snapshot::pending(snapshot);
    let Some(contents) = contents else {
        let _ = fs::remove_file(pending);
        return;
    };
    if std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0") {
        return;
    }
    let directory = snapshot.parent().unwrap_or(Path::new(""));
    let text = snapshot::to_text(program, contents);
    let left = fs::create_dir_all(directory).is_ok() && output::write(&pending, text.as_bytes()).is_ok();
    if !left {
        session.terminal.note(&format!("note: cannot leave {} for review", pending.display()));
    }
}
