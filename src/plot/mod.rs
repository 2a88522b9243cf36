//! Tables of sweeps as pictures: text of CSV files in, text of an SVG out, the same bytes wherever it is drawn.
//!
//! `table` reads, `choice` finds what is asked for, `series` gathers rows into lines, `scale` says where values lie;
//! `lines` and `phase` draw the two kinds of picture on a `page`. A row says all that is known of it: must not know
//! networks, nor who made the rows.

mod choice;
mod lines;
mod page;
mod phase;
mod problem;
mod scale;
mod series;
mod table;
mod wanted;
mod words;

pub use problem::Problem;
pub use wanted::{File, Wanted};

use choice::Choice;
use table::Table;

/// Draws all rows of some files.
///
/// # Errors
/// A file that is no table, a column that no file has, a cell of such a column that is no number, or nothing to draw.
pub fn draw(files: &[File], wanted: &Wanted) -> Result<String, Problem> {
    let table = Table::read(files)?;
    let choice = Choice::of(&table, wanted)?;
    if choice.phase.is_some() { phase::draw(&choice) } else { lines::draw(&choice) }
}

#[cfg(test)]
mod tests;
