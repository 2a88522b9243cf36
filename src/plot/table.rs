//! CSV files as one table: columns by name, wherever they stand in a file. A header may come again, as where files were
//! joined, and name other columns.
//!
//! Must not know what columns mean, but for where those of constants stand.

use super::problem::Problem;
use super::wanted::File;
use crate::csv;

/// All rows of all files.
#[derive(Debug, Default)]
pub struct Table {
    /// By name; each once.
    pub columns: Vec<String>,
    /// Columns of constants, which stand between `circuit` and `construction`; ascending.
    pub constants: Vec<usize>,
    pub rows: Vec<Row>,
    /// By file: what messages call it.
    pub files: Vec<String>,
}

#[derive(Debug)]
pub struct Row {
    pub file: usize,
    /// From 1.
    line: usize,
    /// Column of the table, text, column of the line from 1; in the order of the line, empty ones left out.
    cells: Vec<(usize, String, usize)>,
}

/// Numbers beyond this are no figures of a network, and cannot be drawn beside others.
const GREATEST: f64 = 1e15;

impl Table {
    /// # Errors
    /// The first line that is none of a table.
    pub fn read(files: &[File]) -> Result<Table, Problem> {
        let mut table = Table::default();
        for (file, (name, text)) in files.iter().enumerate() {
            table.files.push(name.clone());
            table.add(file, name, text)?;
        }
        table.constants.sort_unstable();
        table.constants.dedup();
        Ok(table)
    }

    fn add(&mut self, file: usize, name: &str, text: &str) -> Result<(), Problem> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // Of the header in force: its cells, and the columns that they are.
        let mut header: Option<(Vec<String>, Vec<usize>)> = None;
        for (line, number) in text.split_inclusive('\n').zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
            let fail = |column, message: String| Problem::at(name, number, column, message);
            let cells = csv::cells(line).map_err(|fault| fail(fault.column(), fault.to_string()))?;
            match &header {
                Some((names, columns)) if !is_header(&cells) && !cells.iter().map(|cell| &cell.text).eq(names) => {
                    if cells.len() != columns.len() {
                        let (n, of) = (cells.len(), columns.len());
                        let column = cells.last().map_or(1, |last| last.column);
                        return Err(fail(column, format!("the line has {n} cells, and its header has {of}")));
                    }
                    let cells = columns.iter().zip(cells).filter(|(_, cell)| !cell.text.trim().is_empty());
                    let cells = cells.map(|(&column, cell)| (column, cell.text.trim().to_owned(), cell.column));
                    self.rows.push(Row { file, line: number, cells: cells.collect() });
                }
                _ => {
                    let mut columns = Vec::new();
                    for cell in &cells {
                        let column = self.column(cell.text.trim());
                        if columns.contains(&column) {
                            return Err(fail(cell.column, format!("a second column `{}`", cell.text)));
                        }
                        columns.push(column);
                    }
                    let at = |name: &str| cells.iter().position(|cell| cell.text == name);
                    // As sweeps write them.
                    if let (Some(circuit), Some(construction), Some(_)) =
                        (at("circuit"), at("construction"), at("sweep"))
                    {
                        self.constants.extend(columns.get(circuit + 1..construction).unwrap_or_default());
                    }
                    header = Some((cells.into_iter().map(|cell| cell.text.into_owned()).collect(), columns));
                }
            }
        }
        header.map(|_| ()).ok_or_else(|| Problem::at(name, 1, 1, "there is no header, which names the columns"))
    }

    fn column(&mut self, name: &str) -> usize {
        self.find(name).unwrap_or_else(|| {
            self.columns.push(name.to_owned());
            self.columns.len() - 1
        })
    }

    /// The column of this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|known| known == name)
    }

    /// What a row says there; `None` where it says nothing.
    pub fn number(&self, row: &Row, column: usize) -> Result<Option<f64>, Problem> {
        let Some((_, text, at)) = row.cell(column) else { return Ok(None) };
        match text.parse::<f64>() {
            Ok(number) if number.abs() <= GREATEST => Ok(Some(number)),
            parsed => {
                let is_number = parsed.is_ok_and(f64::is_finite);
                let why = if is_number { "is too large to be drawn" } else { "is no number" };
                let text = crate::text::shortened(text, 40);
                Err(Problem::at(&self.files[row.file], row.line, *at, format!("`{text}` {why}")))
            }
        }
    }
}

/// Whether a line begins as headers of sweeps do, and has no number, as every row has.
fn is_header(cells: &[csv::Cell]) -> bool {
    cells[0].text == "circuit" && cells.iter().all(|cell| cell.text.trim().parse::<f64>().is_err())
}

impl Row {
    fn cell(&self, column: usize) -> Option<&(usize, String, usize)> {
        self.cells.iter().find(|(known, ..)| *known == column)
    }

    /// Empty where it says nothing.
    pub fn text(&self, column: Option<usize>) -> &str {
        column.and_then(|column| self.cell(column)).map_or("", |(_, text, _)| text)
    }
}
