//! Comma-separated values: lines of cells, quoted where a cell has a comma or a quote.
//!
//! A cell ends with its line, so that a file can be cut and joined between lines. Must not know what cells mean.

use std::borrow::Cow;

/// A cell, unquoted, and where it begins: its column on the line, from 1, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell<'t> {
    pub text: Cow<'t, str>,
    pub column: usize,
}

/// Why a line has no cells, and in which column, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("a quote is opened and not closed on its line")]
    Unclosed(usize),
    #[error("a comma is missing behind a quoted cell")]
    Behind(usize),
}

impl Fault {
    pub fn column(self) -> usize {
        match self {
            Fault::Unclosed(column) | Fault::Behind(column) => column,
        }
    }
}

/// A line of these cells, with its end; what would end it early is a blank.
pub fn line<'t>(cells: impl IntoIterator<Item = &'t str>) -> String {
    let quoted = |cell: &str| -> String {
        let cell: String = cell.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        if cell.contains([',', '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    };
    let cells: Vec<String> = cells.into_iter().map(quoted).collect();
    cells.join(",") + "\n"
}

/// The cells of a line; its end, LF or CRLF, belongs to none.
///
/// # Errors
/// A quote that is not closed, or closed inside a cell.
pub fn cells(line: &str) -> Result<Vec<Cell<'_>>, Fault> {
    let line = line.strip_suffix('\n').unwrap_or(line);
    let mut rest = line.strip_suffix('\r').unwrap_or(line);
    let (mut cells, mut column) = (Vec::new(), 1);
    loop {
        let (text, end) = match rest.strip_prefix('"') {
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (Cow::Borrowed(&rest[..end]), end)
            }
            Some(inner) => {
                let (text, end) = quoted(inner).ok_or(Fault::Unclosed(column))?;
                (text, end + 1)
            }
        };
        cells.push(Cell { text, column });
        column += rest[..end].chars().count();
        rest = &rest[end..];
        match rest.strip_prefix(',') {
            Some(behind) => rest = behind,
            None if rest.is_empty() => return Ok(cells),
            None => return Err(Fault::Behind(column)),
        }
        column += 1;
    }
}

/// What a quote behind which this stands holds, and how many bytes it takes with its closing quote.
fn quoted(inner: &str) -> Option<(Cow<'_, str>, usize)> {
    let mut from = 0;
    loop {
        let at = from + inner[from..].find('"')?;
        if !inner[at + 1..].starts_with('"') {
            let text = &inner[..at];
            let text = if from == 0 { Cow::Borrowed(text) } else { Cow::Owned(text.replace("\"\"", "\"")) };
            return Some((text, at + 1));
        }
        from = at + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        cells(line).unwrap().into_iter().map(|cell| cell.text.into_owned()).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        for row in [vec!["a", "b"], vec![""], vec!["", ""], vec!["a,b", "say \"no\"", "\"", ",", "ε"]] {
            assert_eq!(texts(&line(row.iter().copied())), row);
        }
        assert_eq!(line(["two\nlines", "x"]), "two lines,x\n");
        assert_eq!(texts("a,b\r\n"), ["a", "b"]);
    }

    #[test]
    fn a_cell_knows_its_column_in_characters() {
        let columns = |line| cells(line).unwrap().iter().map(|cell| cell.column).collect::<Vec<_>>();
        assert_eq!(columns("ε,\"a,\"\"b\",c"), [1, 3, 11]);
        assert_eq!(cells("a,\"b"), Err(Fault::Unclosed(3)));
        assert_eq!(cells("a,\"b\"c,d"), Err(Fault::Behind(6)));
    }
}
