//! `superpose test`: every program below some paths, held against its snapshot and its own requirements.

use std::path::{Path, PathBuf};

use superpose::compile::Beyond;
use superpose::evaluate::{Report, Sampling, Style};
use superpose::program::Program;
use superpose::search::Built;
use superpose::text::shown;

use crate::cli::compiled::compiled;
use crate::cli::evaluated::{evaluated, samples};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::options::CompileOptions;
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::cli::{interrupt, load, output, programs, read, review, snapshot};

/// Evaluate every .circ below the paths and hold its report against its snapshot.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Files, or directories to search for .circ files.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Write the snapshots that are missing or differ.
    #[arg(long)]
    accept: bool,
}

const EXAMPLES: &str = "\
Examples:
  superpose test examples
  superpose test newsroom.circ --accept";

/// What became of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    Accepted,
    Differs,
    Missing,
    /// A requirement does not hold.
    Missed,
    /// It cannot be compiled or evaluated.
    Broken,
    /// It only defines what others use.
    Library,
}

impl Verdict {
    /// In the order of the last line.
    const ALL: [Verdict; 7] = [
        Verdict::Passed,
        Verdict::Accepted,
        Verdict::Differs,
        Verdict::Missing,
        Verdict::Missed,
        Verdict::Broken,
        Verdict::Library,
    ];

    /// Before the name of a program, behind a number of programs, and whether it is fine.
    fn words(self) -> (&'static str, &'static str, bool) {
        match self {
            Verdict::Passed => ("ok", "passed", true),
            Verdict::Accepted => ("accepted", "accepted", true),
            Verdict::Differs => ("differs", "differ", false),
            Verdict::Missing => ("new", "without a snapshot", false),
            Verdict::Missed => ("missed", "miss a requirement", false),
            Verdict::Broken => ("broken", "broken", false),
            Verdict::Library => ("library", "skipped", true),
        }
    }

    fn unless_missed(self, report: &Report) -> Verdict {
        if report.holds() { self } else { Verdict::Missed }
    }

    fn is_fine(self) -> bool {
        self.words().2
    }

    fn print(self, name: &str, remark: &str, terminal: &Terminal) -> Result<(), Failure> {
        let (word, _, is_fine) = self.words();
        let code = if is_fine { "\u{1b}[32m" } else { "\u{1b}[31m" };
        let (start, end) = if terminal.color { (code, "\u{1b}[0m") } else { ("", "") };
        let line = format!("{start}{word:<8}{end}  {:<36}  {remark}", shown(name));
        output::print(format!("{}\n", line.trim_end()))
    }
}

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let mut verdicts = Vec::new();
    for program in programs::below(&args.paths)? {
        verdicts.push(hold(&program, args.accept, session)?);
    }
    let count = |wanted: Verdict| verdicts.iter().filter(|&&verdict| verdict == wanted).count();
    let parts: Vec<String> = Verdict::ALL
        .into_iter()
        .filter(|&verdict| count(verdict) > 0 || verdict == Verdict::Passed)
        .map(|verdict| format!("{} {}", count(verdict), verdict.words().1))
        .collect();
    output::print(format!("\n{}\n", parts.join(", ")))?;
    if count(Verdict::Differs) + count(Verdict::Missing) > 0 {
        session.terminal.note("to take the new reports as they are: superpose test --accept (or: cargo insta review)");
    }
    Ok(if verdicts.iter().all(|verdict| verdict.is_fine()) { Outcome::Fine } else { Outcome::Wrong })
}

/// One program: compiled and evaluated with its own settings, compared, and judged.
fn hold(program: &Path, accept: bool, session: &Session) -> Result<Verdict, Failure> {
    let name = program.display().to_string();
    let Some((_, bytes)) = read::circuit_or_network(&name, session)? else {
        Verdict::Broken.print(&name, "", &session.terminal)?;
        return Ok(Verdict::Broken);
    };
    if programs::is_library(&name, &bytes) {
        Verdict::Library.print(&name, "only defines what others use", &session.terminal)?;
        return Ok(Verdict::Library);
    }
    let report = match load::shown(load::load(name.clone(), bytes, session), session) {
        Some(loaded) => report(&loaded, session)?,
        None => None,
    };
    let Some(report) = report else {
        Verdict::Broken.print(&name, "", &session.terminal)?;
        return Ok(Verdict::Broken);
    };
    let contents = contents(&report);
    let path = snapshot::path_of(program);
    let old = review::recorded(&path)?;
    let verdict = match &old {
        Some(old) if old == contents.trim_end() => Verdict::Passed.unless_missed(&report),
        // What is refused becomes no snapshot.
        _ if accept => Verdict::Accepted.unless_missed(&report),
        Some(_) => Verdict::Differs,
        None => Verdict::Missing,
    };
    if verdict == Verdict::Accepted {
        review::accept(program, &path, &contents)?;
    }
    match verdict {
        Verdict::Differs | Verdict::Missing => review::leave(program, &path, &contents, &session.terminal),
        _ => review::clear(&path),
    }
    verdict.print(&name, &figure(&report), &session.terminal)?;
    for requirement in report.requirements.iter().filter(|requirement| requirement.holds != Some(true)) {
        output::print(format!("    require {}: {}\n", requirement.text, requirement.found()))?;
    }
    match (verdict, old) {
        (Verdict::Differs, Some(old)) => {
            let (old, new) = (format!("{old}\n"), format!("{}\n", contents.trim_end()));
            output::print(snapshot::difference(&old, &new, session.terminal.color))?;
        }
        (Verdict::Missing, _) => {
            output::print(format!("    there is no {} yet\n", shown(&path.display().to_string())))?;
        }
        _ => {}
    }
    Ok(verdict)
}

/// The figure that stands beside a program: of one without gates, how far the scores of its first head are off.
fn figure(report: &Report) -> String {
    match report.heads.first().and_then(|head| head.score_error_rms) {
        Some(error) if !report.has_gates() => format!("score error {error:.4}"),
        _ => format!("reliability {:.4}", report.reliability),
    }
}

fn report(program: &Program, session: &Session) -> Result<Option<Report>, Failure> {
    let options = CompileOptions::default();
    let Some(Built { network, proved, .. }) = compiled(program, &options, Beyond::Wider, session)? else {
        return Ok(None);
    };
    if interrupt::requested() {
        // What a fit had by then is nothing to hold a snapshot against.
        return Err(Failure::interrupted());
    }
    let sampling = Sampling { samples: samples(&program.settings), ..Sampling::default() };
    evaluated(program, &network, proved, &sampling, session)
}

/// What a snapshot holds: the report as text at width 80, and a hash for the weights.
fn contents(report: &Report) -> String {
    format!("{}\nweights {}\n", report.to_text(&Style::default()), report.fingerprint)
}
