//! `superpose plot`: the tables of sweeps as a picture.

use std::path::PathBuf;

use superpose::plot::{self, Wanted};

use crate::cli::failure::{Failure, Outcome};
use crate::cli::session::Session;
use crate::cli::{output, read};

/// Draw what `sweep` wrote: reliability, or any other column, against width, or any other.
///
/// A line for each construction and level, and for each value of a column that nothing else tells; where only seeds
/// differ, the median, between the least and the greatest. Several files are one table, and a file may be several that
/// `cat` joined. Short names: m is features, s active_features, m' gates, epsilon epsilon@0.99. A file without a column
/// `construction`, such as networks from elsewhere, is a line by its own name.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Tables; `-` is stdin.
    #[arg(required = true, value_name = "CSV")]
    files: Vec<String>,
    /// Where the picture goes, an SVG; `-` is stdout.
    #[arg(short, long, value_name = "SVG")]
    output: PathBuf,
    /// The column across.
    #[arg(long, value_name = "COLUMN", default_value = "width")]
    x: String,
    /// The column upwards [default: reliability; with --phase gates].
    #[arg(long, value_name = "COLUMN")]
    y: Option<String>,
    /// A column to colour by, over both axes: a phase diagram, a panel for each construction and level.
    #[arg(long, value_name = "COLUMN")]
    phase: Option<String>,
    /// The heading [default: what is drawn].
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  superpose plot results.csv -o frontier.svg
  superpose plot results.csv --y epsilon -o epsilon.svg
  superpose plot 1.csv 2.csv --x M --title Features -o features.svg
  superpose plot m.csv --x width --y M --phase reliability -o phases.svg";

/// Larger tables nobody draws.
const MAX_BYTES: u64 = 1 << 28;

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let mut files = Vec::new();
    for file in &args.files {
        let (name, bytes) = read::table(file, MAX_BYTES)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Failure::new(format!("`{name}` is no table: byte {at} is no text"))
        })?;
        files.push((name, text));
    }
    let y = args.y.clone().unwrap_or_else(|| if args.phase.is_some() { "gates" } else { "reliability" }.into());
    let wanted = Wanted { x: args.x.clone(), y, phase: args.phase.clone(), title: args.title.clone() };
    match plot::draw(&files, &wanted) {
        Ok(picture) => output::write(&args.output, picture.as_bytes()).map(|()| Outcome::Fine),
        Err(problem) => {
            session.terminal.error(&problem.to_string(), problem.help.as_deref());
            Ok(Outcome::Wrong)
        }
    }
}
