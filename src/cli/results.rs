//! A table that grows by a row at a time, and is whole up to its last line whatever happens: what a sweep writes.
//!
//! A file that has some of the rows already is gone on with; one that has others is left as it is. Must not know how
//! rows are made.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use superpose::csv;
use superpose::text::shown;

use super::failure::Failure;
use super::output::{is_stdout, reason};

/// Larger files are no table of ours.
const MAX_BYTES: u64 = 1 << 30;

/// What a row must say in its first columns: `None`, whatever it likes.
pub type Key = Vec<Option<String>>;

/// What a table is of.
pub struct Expected<'a> {
    pub columns: &'a [String],
    /// By row: its first cells.
    pub keys: &'a [Key],
    /// The column that tells tables apart, and what it says in this one.
    pub mark: (&'a str, &'a str),
}

/// Where rows go.
pub struct Results {
    out: Out,
    /// Rows that are there.
    pub n_rows: usize,
}

enum Out {
    Stdout,
    /// Locked, where the system has locks.
    File(File),
}

impl Results {
    /// Opens a table, or begins one; `-` is stdout, which always begins. What is no regular file is begun too.
    ///
    /// # Errors
    /// A file that holds anything else, or that somebody else is writing to.
    pub fn open(path: &Path, expected: &Expected) -> Result<Results, Failure> {
        let place = shown(&path.display().to_string());
        let unwritable = |error: &io::Error| Failure::new(format!("cannot write `{place}`: {}", reason(error)));
        if is_stdout(path) {
            return Results { out: Out::Stdout, n_rows: 0 }.begun(expected);
        }
        let is_special = path.metadata().is_ok_and(|there| !there.is_file() && !there.is_dir());
        if is_special {
            let file = OpenOptions::new().write(true).open(path).map_err(|error| unwritable(&error))?;
            return Results { out: Out::File(file), n_rows: 0 }.begun(expected);
        }
        let opened = OpenOptions::new().read(true).append(true).create(true).open(path);
        let file = opened.map_err(|error| match (error.kind(), path.parent()) {
            (ErrorKind::NotFound, Some(parent)) => {
                unwritable(&error).help(format!("create the directory first: mkdir -p {}", parent.display()))
            }
            _ => unwritable(&error),
        })?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            let failure = Failure::new(format!("another process is writing to `{place}`"));
            return Err(failure.help("wait for it, or name another file: what they write can be joined by `cat`"));
        }
        let mut bytes = Vec::new();
        let read = Read::take(&file, MAX_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|error| Failure::new(format!("cannot read `{place}`: {}", reason(&error))))?;
        let taken = taken_up(&bytes, expected).map_err(|difference| {
            let failure = Failure::new(format!("`{place}` holds something else: {difference}"));
            failure.help("name another file, or remove this one; files of several sweeps can be joined by `cat`")
        })?;
        if taken.n_bytes < bytes.len() {
            // Of the row that a killed run was writing.
            file.set_len(taken.n_bytes as u64).map_err(|error| unwritable(&error))?;
        }
        let results = Results { out: Out::File(file), n_rows: taken.n_rows };
        if taken.n_bytes == 0 { results.begun(expected) } else { Ok(results) }
    }

    fn begun(mut self, expected: &Expected) -> Result<Results, Failure> {
        self.write(&csv::line(expected.columns.iter().map(String::as_str)))?;
        Ok(self)
    }

    /// Adds a row, which is in the file when this returns. Whether there is still somebody who reads.
    pub fn add(&mut self, cells: &[String]) -> Result<bool, Failure> {
        self.n_rows += 1;
        self.write(&csv::line(cells.iter().map(String::as_str)))
    }

    /// In one piece.
    fn write(&mut self, line: &str) -> Result<bool, Failure> {
        let written = match &mut self.out {
            Out::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush())
            }
            Out::File(file) => file.write_all(line.as_bytes()),
        };
        match written {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(Failure::new(format!("cannot write the next row: {}", reason(&error)))
                .help("make room, and type the same command again: it goes on behind the last whole row")),
        }
    }
}

/// What of a file is there to go on behind.
#[derive(Debug, PartialEq)]
struct Taken {
    n_bytes: usize,
    n_rows: usize,
}

/// How much of a file is the beginning of this table: all of it but for a last line that is not whole. Or what is
/// otherwise.
fn taken_up(bytes: &[u8], expected: &Expected) -> Result<Taken, String> {
    let header = csv::line(expected.columns.iter().map(String::as_str));
    // Where it has no end yet, it may be what a killed run had of it.
    if header.as_bytes().starts_with(bytes) && bytes.len() < header.len() {
        return Ok(Taken { n_bytes: 0, n_rows: 0 });
    }
    let Some(rows) = bytes.strip_prefix(header.as_bytes()) else {
        return Err("its first line names other columns".into());
    };
    let (mark, wanted) = expected.mark;
    let mark_idx = expected.columns.iter().position(|column| column == mark);
    let mut taken = Taken { n_bytes: header.len(), n_rows: 0 };
    for line in rows.split_inclusive(|&byte| byte == b'\n') {
        let number = taken.n_rows + 2;
        let is_whole = line.ends_with(b"\n");
        let Some(key) = expected.keys.get(taken.n_rows) else {
            return Err(format!("line {number} is beyond the last row of this sweep"));
        };
        if !is_whole {
            break;
        }
        let text = std::str::from_utf8(line).map_err(|_| format!("line {number} is no text"))?;
        let cells = csv::cells(text).map_err(|fault| format!("line {number}: {fault}"))?;
        if cells.len() != expected.columns.len() {
            return Err(format!("line {number} has other columns"));
        }
        if mark_idx.is_some_and(|idx| cells[idx].text != wanted) {
            return Err(format!("line {number} is of another circuit, of other options or of another version"));
        }
        for ((cell, wanted), column) in cells.iter().zip(key).zip(expected.columns) {
            if let Some(wanted) = wanted.as_ref().filter(|wanted| **wanted != cell.text) {
                let found = shown(&cell.text);
                return Err(format!("line {number} has `{found}` as its {column}, where this sweep has `{wanted}`"));
            }
        }
        taken.n_bytes += line.len();
        taken.n_rows += 1;
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<String> {
        ["circuit", "width", "reliability", "sweep"].map(String::from).to_vec()
    }

    fn keys() -> Vec<Key> {
        ["64", "128"].map(|width| vec![None, Some(width.to_string())]).to_vec()
    }

    const HEADER: &str = "circuit,width,reliability,sweep\n";

    fn taken(text: &str) -> Result<(usize, usize), String> {
        let expected = Expected { columns: &columns(), keys: &keys(), mark: ("sweep", "ab") };
        taken_up(text.as_bytes(), &expected).map(|taken| (taken.n_bytes, taken.n_rows))
    }

    #[test]
    fn whole_rows_stay_and_half_a_row_goes() {
        let two = format!("{HEADER}c,64,0.5,ab\nc,128,1,ab\n");
        for end in 0..=two.len() {
            let whole = two[..end].rfind('\n').map_or(0, |at| at + 1);
            let n_rows = two[..whole].lines().count().saturating_sub(1);
            assert_eq!(taken(&two[..end]), Ok((whole, n_rows)), "{:?}", &two[..end]);
        }
    }

    #[test]
    fn what_is_of_something_else_is_refused_in_words() {
        for (rest, said) in [
            ("c,64,0.5,cd\n", "line 2 is of another circuit"),
            ("c,65,0.5,ab\n", "line 2 has `65` as its width, where this sweep has `64`"),
            ("c,64,0.5\n", "line 2 has other columns"),
            ("c,64,\"0.5,ab\n", "line 2: a quote"),
            ("c,64,0.5,ab\nc,128,1,ab\nc,256,1,ab\n", "line 4 is beyond"),
            ("c,64,0.5,ab\nc,128,1,ab\nc", "line 4 is beyond"),
        ] {
            let error = taken(&format!("{HEADER}{rest}")).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
        for other in ["# Title\n", "circuit", "a,b\n1,2\n", "circuit,width\n", "\u{feff}"] {
            let is_begun = HEADER.starts_with(other);
            assert_eq!(taken(other).is_err(), !is_begun, "{other}");
        }
    }

    #[test]
    fn a_table_has_one_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.csv");
        let (columns, keys) = (columns(), keys());
        let expected = Expected { columns: &columns, keys: &keys, mark: ("sweep", "ab") };
        let mut first = Results::open(&path, &expected).unwrap();
        let row = ["c", "64", "0.5", "ab"].map(String::from);
        first.add(&row).unwrap();
        let refused = Results::open(&path, &expected).err().unwrap();
        assert!(refused.message.contains("another process is writing"), "{}", refused.message);
        drop(first);
        assert_eq!(Results::open(&path, &expected).unwrap().n_rows, 1);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{HEADER}c,64,0.5,ab\n"));
    }
}
