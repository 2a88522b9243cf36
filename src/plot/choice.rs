//! What is asked for, found in a table: the columns, and of every row the numbers there.

use super::problem::Problem;
use super::table::{Row, Table};
use super::wanted::Wanted;
use crate::diagnostic::suggest;

/// Short names, and the columns that they are.
pub const ALIASES: [(&str, &str); 6] = [
    ("m", "features"),
    ("s", "active_features"),
    ("active", "active_features"),
    ("m'", "gates"),
    ("epsilon", "epsilon@0.99"),
    ("accuracy", "accuracy@0.45"),
];

/// What is drawn.
#[derive(Debug)]
pub struct Choice<'a> {
    pub table: &'a Table,
    /// Columns.
    pub x: usize,
    pub y: usize,
    pub phase: Option<usize>,
    /// Rows with a number wherever one is needed.
    pub rows: Vec<Drawn<'a>>,
    /// Rows without.
    pub n_left_out: usize,
    pub title: Option<&'a str>,
}

/// A row, as it is drawn.
#[derive(Debug)]
pub struct Drawn<'a> {
    pub row: &'a Row,
    pub x: f64,
    pub y: f64,
    /// Of the column that colours, where one does; otherwise `y` again.
    pub value: f64,
    /// Of `value`, where the row tells one.
    pub interval: Option<[f64; 2]>,
}

impl<'a> Choice<'a> {
    pub fn of(table: &'a Table, wanted: &'a Wanted) -> Result<Choice<'a>, Problem> {
        let (x, y) = (find(table, &wanted.x)?, find(table, &wanted.y)?);
        let phase = wanted.phase.as_deref().map(|name| find(table, name)).transpose()?;
        let value_column = phase.unwrap_or(y);
        let interval = match table.columns[value_column].as_str() {
            "reliability" => table.find("reliability_low").zip(table.find("reliability_high")),
            _ => None,
        };
        let (mut rows, mut n_left_out) = (Vec::new(), 0);
        for row in &table.rows {
            let number = |column| table.number(row, column);
            let (Some(x), Some(y), Some(value)) = (number(x)?, number(y)?, number(value_column)?) else {
                n_left_out += 1;
                continue;
            };
            let interval = match interval {
                Some((low, high)) => number(low)?.zip(number(high)?).map(|(low, high)| [low, high]),
                None => None,
            };
            rows.push(Drawn { row, x, y, value, interval });
        }
        if rows.is_empty() {
            let wanted = [Some(x), Some(y), phase].into_iter().flatten();
            let wanted: Vec<String> = wanted.map(|column| format!("`{}`", table.columns[column])).collect();
            let problem = Problem::new(format!("no row has a number in each of {}", wanted.join(" and ")));
            return Err(problem.help("where a network could not be compiled, its row says why under `reason`"));
        }
        Ok(Choice { table, x, y, phase, rows, n_left_out, title: wanted.title.as_deref() })
    }

    pub fn name(&self, column: usize) -> &'a str {
        &self.table.columns[column]
    }
}

fn find(table: &Table, name: &str) -> Result<usize, Problem> {
    let meant = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, column)| column);
    if let Some(column) = table.find(name).or_else(|| table.find(meant)) {
        return Ok(column);
    }
    let known = || table.columns.iter().map(String::as_str);
    let help = match suggest(name, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
    };
    Err(Problem::new(format!("no file has a column `{}`", crate::text::shown(name))).help(help))
}
