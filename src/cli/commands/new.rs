//! `superpose new`: a file to start from.

use std::path::{Path, PathBuf};

use superpose::syntax::spot::is_name;
use superpose::text::shown;

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output;
use crate::cli::session::Session;

/// Write a small circuit to start from, which compiles as it is.
///
/// It has a line of each kind that most circuits need, with a word on each. A file that is there is left as it is.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The file, or its name without `.circ`; `-` is stdout.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  superpose new mine";

const START: &str = include_str!("new.circ");

/// Of a file that names nothing.
const NAMELESS: &str = "mine";

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let is_stdout = output::is_stdout(&args.file);
    let mut path = args.file.clone();
    if !is_stdout && path.extension().is_none() {
        path.set_extension("circ");
    }
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().replace(['-', ' ', '.'], "_")).unwrap_or_default();
    let name = if is_name(&stem) && !is_stdout { &stem } else { NAMELESS };
    let text = START.replace("circuit mine;", &format!("circuit {name};"));
    if is_stdout {
        output::print(text)?;
        return Ok(Outcome::Fine);
    }
    let place = shown(&path.display().to_string());
    if is_there(&path) {
        let failure = Failure::new(format!("`{place}` is there already"));
        return Err(failure.help("give another name, or remove it"));
    }
    output::write(&path, text.as_bytes())?;
    session.terminal.note(&format!("wrote {place}; to see what it comes to, type: superpose eval {place}"));
    Ok(Outcome::Fine)
}

fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
