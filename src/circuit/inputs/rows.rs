//! Inputs from a file, for `from` and `eval --inputs`: text to lists of active features.
//!
//! Two forms, told apart by the second record. If it has a cell that starts with a digit or says true or false, the
//! file is a *table*: a header of feature names, then a line of 0/1 cells for each input; features that the header does
//! not name are off. Otherwise it is a *list*: each line names the features that are on, and a line `-` is the input
//! with nothing on. A single line that names every feature is a header without rows, never an input with all of them
//! on.
//!
//! A table's cells are separated by what its header uses first of comma, semicolon, tab and blanks; a list's names by
//! commas, semicolons and blanks, as one likes. Cells may be quoted ("" is a quote). `#` starts a comment, blank lines
//! do not count, lines end in LF or CRLF, and a byte order mark is passed over. Must not know which file it reads, or
//! from where.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::Inputs;
use crate::circuit::Names;
use crate::diagnostic::{Diagnostic, FileId, MAX_PROBLEMS, Span, suggest, visible};
use crate::text::plural;

/// Why a file of rows cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// Bytes of the file.
    pub start: usize,
    pub end: usize,
    /// From 1; columns in characters.
    pub line: usize,
    pub column: usize,
    pub kind: RowProblemKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowProblemKind {
    /// Larger than 4 GB.
    TooLarge,
    NotText,
    Empty,
    /// The only line names every feature.
    HeaderAlone,
    UnclosedQuote,
    UnknownFeature {
        name: String,
        meant: Option<String>,
    },
    /// In the header of a table.
    UnknownColumn {
        name: String,
        meant: Option<String>,
    },
    ColumnTwice {
        name: String,
    },
    BadCell {
        text: String,
    },
    CellCount {
        n_cells: usize,
        n_columns: usize,
    },
    /// No mistake: features for which a table's header has no column.
    WithoutColumn {
        n_features: u64,
        /// The first of them.
        example: String,
    },
}

/// What a file of rows holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    pub inputs: Inputs,
    /// What is probably not meant.
    pub warning: Option<RowProblem>,
}

/// Larger files are refused: places in them are 32 bits wide.
pub const MAX_BYTES: u64 = u32::MAX as u64;

/// Problems for which a name that was meant is looked for: it takes a pass over all names.
const MAX_SUGGESTIONS: usize = 10;

/// Reads a file of rows. `names` starts with the features. All problems at once (up to [`MAX_PROBLEMS`]), in the order
/// of the file.
pub fn parse(bytes: &[u8], names: &Names, n_features: usize) -> Result<Parsed, Vec<RowProblem>> {
    let whole = |kind| Err(vec![RowProblem { start: 0, end: bytes.len().min(1), line: 1, column: 1, kind }]);
    if bytes.len() as u64 > MAX_BYTES {
        return whole(RowProblemKind::TooLarge);
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let start = error.valid_up_to();
            let before = std::str::from_utf8(&bytes[..start]).unwrap_or_default();
            let line_start = before.rfind('\n').map_or(0, |end| end + 1);
            let line = before.matches('\n').count() + 1;
            let column = before[line_start..].chars().count() + 1;
            return Err(vec![RowProblem { start, end: start + 1, line, column, kind: RowProblemKind::NotText }]);
        }
    };
    let mut reader =
        Reader { names, n_features, by_name: HashMap::new(), problems: Vec::new(), warning: None, n_suggested: 0 };
    reader.by_name = (0..n_features).map(|feature| (names.get(feature), feature as u32)).collect();
    let mut lines = lines(text).peekable();
    let Some(first) = lines.next() else { return whole(RowProblemKind::Empty) };
    if lines.peek().is_none() && reader.is_header(&first) {
        reader.report(&first, 0, first.text.trim_end().len(), RowProblemKind::HeaderAlone);
        return Err(reader.problems);
    }
    let is_table = lines.peek().is_some_and(|second| {
        let cells = second.cells(separator(&first)).unwrap_or_default();
        let is_value = |text: &str| {
            let number = text.strip_prefix(['-', '+']).unwrap_or(text);
            number.starts_with(|c: char| c.is_ascii_digit()) || value_meant(text).is_some()
        };
        cells.iter().any(|cell| is_value(&cell.text) && !reader.by_name.contains_key(&*cell.text))
    });
    let inputs = if is_table { reader.table(&first, lines) } else { reader.list(std::iter::once(first).chain(lines)) };
    if reader.problems.is_empty() { Ok(Parsed { inputs, warning: reader.warning }) } else { Err(reader.problems) }
}

/// A line with something on it, without its comment.
struct Line<'t> {
    text: &'t str,
    /// Of the file's bytes, where it starts.
    start: usize,
    /// From 1.
    number: usize,
}

/// A name or value, unquoted, and the bytes of the line that it stands on.
struct Cell<'t> {
    text: Cow<'t, str>,
    start: usize,
    end: usize,
}

#[derive(Clone, Copy)]
enum Separator {
    /// One character between any two cells; cells may be empty.
    Each(char),
    /// Any run of commas, semicolons and blanks; no cell is empty.
    Any,
    /// Any run of blanks.
    Blanks,
}

impl Separator {
    fn separates(self, c: char) -> bool {
        match self {
            Separator::Each(separator) => c == separator,
            Separator::Any => c == ',' || c == ';' || c.is_whitespace(),
            Separator::Blanks => c.is_whitespace(),
        }
    }
}

/// The lines that count.
fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut start = text.len() - body.len();
    let lines = body.split('\n').enumerate().map(move |(line_idx, line)| {
        let this = start;
        start += line.len() + 1;
        Line { text: without_comment(line), start: this, number: line_idx + 1 }
    });
    lines.filter(|line| !line.text.trim().is_empty())
}

/// The value that a cell of another kind of table means.
fn value_meant(text: &str) -> Option<&'static str> {
    let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    match text.parse::<f64>() {
        Ok(1.0) => Some("1"),
        Ok(0.0) => Some("0"),
        _ if is_one_of(&["true", "t", "yes", "y", "on"]) => Some("1"),
        _ if is_one_of(&["false", "f", "no", "n", "off"]) => Some("0"),
        _ => None,
    }
}

fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'#' if !quoted => return &line[..at],
            _ => {}
        }
    }
    line
}

fn separator(header: &Line) -> Separator {
    let used = [',', ';', '\t'].into_iter().find(|&separator| header.text.trim().contains(separator));
    used.map_or(Separator::Blanks, Separator::Each)
}

impl<'t> Line<'t> {
    /// The cells; a quoted one that does not end with a quote is an error at its place.
    fn cells(&self, separator: Separator) -> Result<Vec<Cell<'t>>, usize> {
        let mut cells = Vec::new();
        let text = self.text;
        let mut at = 0;
        loop {
            // Blanks around a cell are not part of it; a tab may be the separator, though.
            let rest = &text[at..];
            at += rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() && !separator.separates(c)).len();
            let start = at;
            let cell = if text[at..].starts_with('"') {
                let (value, end) = unquote(text, at)?;
                at = end;
                Cell { text: value, start, end }
            } else {
                let length = text[at..].find(|c| separator.separates(c)).unwrap_or(text.len() - at);
                let value = text[at..at + length].trim_end();
                at += length;
                Cell { text: Cow::Borrowed(value), start, end: start + value.len() }
            };
            if matches!(separator, Separator::Each(_)) || cell.end > cell.start {
                cells.push(cell);
            }
            match text[at..].char_indices().find(|&(_, c)| separator.separates(c) || !c.is_whitespace()) {
                Some((before, c)) if separator.separates(c) => at += before + c.len_utf8(),
                // Something between the closing quote and the separator.
                Some(_) => return Err(start),
                None => return Ok(cells),
            }
        }
    }
}

/// The quoted cell that starts at `at`, and where it ends.
fn unquote(text: &str, at: usize) -> Result<(Cow<'_, str>, usize), usize> {
    let mut from = at + 1;
    loop {
        let quote = from + text[from..].find('"').ok_or(at)?;
        if !text[quote + 1..].starts_with('"') {
            let inner = &text[at + 1..quote];
            let value = if inner.contains('"') { inner.replace("\"\"", "\"").into() } else { inner.into() };
            return Ok((value, quote + 1));
        }
        from = quote + 2;
    }
}

struct Reader<'n> {
    names: &'n Names,
    n_features: usize,
    by_name: HashMap<&'n str, u32>,
    problems: Vec<RowProblem>,
    warning: Option<RowProblem>,
    n_suggested: usize,
}

impl<'n> Reader<'n> {
    fn list<'t>(&mut self, lines: impl Iterator<Item = Line<'t>>) -> Inputs {
        let mut inputs = Inputs::default();
        let mut active = Vec::new();
        for line in lines {
            if self.problems.len() >= MAX_PROBLEMS {
                break;
            }
            if line.text.trim() == "-" {
                inputs.push([]);
                continue;
            }
            active.clear();
            for cell in self.cells(&line, Separator::Any) {
                let unknown = |name, meant| RowProblemKind::UnknownFeature { name, meant };
                active.extend(self.feature(&line, &cell, unknown));
            }
            active.sort_unstable();
            active.dedup();
            inputs.push(active.iter().copied());
        }
        inputs
    }

    fn table<'t>(&mut self, header: &Line<'t>, lines: impl Iterator<Item = Line<'t>>) -> Inputs {
        let separator = separator(header);
        let mut columns: Vec<Option<u32>> = Vec::new();
        let mut seen = HashMap::new();
        for cell in self.cells(header, separator) {
            let unknown = |name, meant| RowProblemKind::UnknownColumn { name, meant };
            let feature = self.feature(header, &cell, unknown);
            if feature.is_some() && seen.insert(feature, ()).is_some() {
                self.report(header, cell.start, cell.end, RowProblemKind::ColumnTwice { name: cell.text.into_owned() });
            }
            columns.push(feature);
        }
        let mut without_column = (0..self.n_features as u32).filter(|&feature| !seen.contains_key(&Some(feature)));
        self.warning = without_column.next().map(|first| {
            let n_features = 1 + without_column.count() as u64;
            let example = self.names.get(first as usize).to_string();
            let end = header.text.trim_end().len();
            problem(header, 0, end, RowProblemKind::WithoutColumn { n_features, example })
        });
        let mut inputs = Inputs::default();
        let mut active = Vec::new();
        for line in lines {
            if self.problems.len() >= MAX_PROBLEMS {
                break;
            }
            active.clear();
            let cells = self.cells(&line, separator);
            for (cell, &column) in cells.iter().zip(&columns) {
                // What stands below what is no feature is no further problem.
                let Some(feature) = column else { continue };
                match &*cell.text {
                    "0" => {}
                    "1" => active.push(feature),
                    text => {
                        // An empty cell still needs a place to point at.
                        let end = cell.end.max(cell.start + 1).min(line.text.len());
                        self.report(&line, cell.start, end, RowProblemKind::BadCell { text: text.to_owned() });
                    }
                }
            }
            if cells.len() != columns.len() {
                let (n_cells, n_columns) = (cells.len(), columns.len());
                let (start, end) = match cells.get(n_columns) {
                    Some(extra) => (extra.start, line.text.trim_end().len()),
                    None => (0, line.text.trim_end().len()),
                };
                self.report(&line, start, end.max(start), RowProblemKind::CellCount { n_cells, n_columns });
            }
            active.sort_unstable();
            inputs.push(active.iter().copied());
        }
        inputs
    }

    fn cells<'t>(&mut self, line: &Line<'t>, separator: Separator) -> Vec<Cell<'t>> {
        line.cells(separator).unwrap_or_else(|quote| {
            self.report(line, quote, line.text.trim_end().len(), RowProblemKind::UnclosedQuote);
            Vec::new()
        })
    }

    /// Whether a line names each feature once.
    fn is_header(&self, line: &Line) -> bool {
        let cells = line.cells(Separator::Any).unwrap_or_default();
        let named: BTreeSet<u32> = cells.iter().filter_map(|cell| self.by_name.get(&*cell.text).copied()).collect();
        cells.len() == self.n_features && named.len() == self.n_features
    }

    fn feature(
        &mut self,
        line: &Line,
        cell: &Cell,
        unknown: impl Fn(String, Option<String>) -> RowProblemKind,
    ) -> Option<u32> {
        let feature = self.by_name.get(&*cell.text).copied();
        if feature.is_none() && self.problems.len() < MAX_PROBLEMS {
            let candidates = (0..self.n_features).map(|feature| self.names.get(feature));
            self.n_suggested += 1;
            let meant = (self.n_suggested <= MAX_SUGGESTIONS).then(|| suggest(&cell.text, candidates)).flatten();
            self.report(line, cell.start, cell.end, unknown(cell.text.to_string(), meant.map(str::to_owned)));
        }
        feature
    }

    /// Beyond the limit problems are dropped: to find the column alone takes a pass over the line.
    fn report(&mut self, line: &Line, start: usize, end: usize, kind: RowProblemKind) {
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        self.problems.push(problem(line, start, end, kind));
    }
}

fn problem(line: &Line, start: usize, end: usize, kind: RowProblemKind) -> RowProblem {
    let column = line.text[..start].chars().count() + 1;
    RowProblem { start: line.start + start, end: line.start + end, line: line.number, column, kind }
}

impl RowProblem {
    /// As a person reads it. `file` is the file of rows among the sources.
    pub fn diagnostic(&self, file: FileId) -> Diagnostic {
        let span = Span { file, start: self.start as u32, end: self.end as u32 };
        let error = |code, headline: String, label: &str| Diagnostic::error(code, span, headline, label);
        match &self.kind {
            RowProblemKind::TooLarge => {
                error("rows-too-large", "a file of rows has more than 4 GB".into(), "too large")
                    .help("split the file, and give one part")
            }
            RowProblemKind::NotText => error("rows-not-text", "a file of rows is not UTF-8 text".into(), "not UTF-8")
                .help("save the file as UTF-8 text"),
            RowProblemKind::Empty => error("rows-empty", "a file of rows has no row".into(), "no row").help(
                "write a header of feature names and a line of 0 and 1 for each input, or the features that are on, \
                 a line for each input (`-` for none)",
            ),
            RowProblemKind::HeaderAlone => error(
                "rows-empty",
                "a file of rows has a header and no row".into(),
                "names every feature, and no input",
            )
            .help("write a line of 0 and 1 below it for each input"),
            RowProblemKind::UnclosedQuote => {
                error("rows-unclosed-quote", "a quoted cell does not end with a quote".into(), "opened here")
                    .help("end the cell with `\"`; a quote inside it is written `\"\"`")
            }
            RowProblemKind::UnknownFeature { name, meant } => {
                let diagnostic =
                    error("rows-unknown-feature", format!("no feature is called `{}`", visible(name)), "not a feature");
                match meant {
                    Some(meant) => diagnostic.help(format!("write `{meant}`")),
                    None => diagnostic.help(
                        "a table has a header of feature names and cells of 0 and 1; a list names the features that \
                         are on, a line for each input (`-` for none)",
                    ),
                }
            }
            RowProblemKind::UnknownColumn { name, meant } => {
                let headline = match name.as_str() {
                    "" => "a column has no name".to_string(),
                    _ => format!("no feature is called `{}`", visible(name)),
                };
                error("rows-unknown-feature", headline, "not a feature").help(match meant {
                    Some(meant) => format!("write `{meant}`"),
                    None => {
                        "remove this column: all columns of a table are features, none is an index or a label".into()
                    }
                })
            }
            RowProblemKind::ColumnTwice { name } => {
                error("rows-column-twice", format!("the header names `{name}` twice"), "named before")
                    .help("remove one of the two columns")
            }
            RowProblemKind::BadCell { text } if text.is_empty() => {
                error("rows-bad-cell", "a cell is empty".into(), "neither 0 nor 1").help("write `0` or `1`")
            }
            RowProblemKind::BadCell { text } => {
                let help = value_meant(text).map_or("write `0` or `1`".into(), |value| format!("write `{value}`"));
                error("rows-bad-cell", format!("a cell is `{}`", visible(text)), "neither 0 nor 1").help(help)
            }
            RowProblemKind::CellCount { n_cells, n_columns } => {
                let (cells, columns) = (plural(*n_cells as u64, "cell"), plural(*n_columns as u64, "column"));
                error("rows-cell-count", format!("a row has {cells} under a header of {columns}"), "this row")
                    .help("give each column of the header one cell")
            }
            RowProblemKind::WithoutColumn { n_features, example } => {
                let (headline, label) = match n_features {
                    1 => (format!("the table has no column for `{example}`"), "it is off in every row".to_string()),
                    n => (
                        format!("the table has no column for {n} features"),
                        format!("they are off in every row, such as `{example}`"),
                    ),
                };
                Diagnostic::warning("rows-without-column", span, headline, label)
                    .help("give every feature a column; nothing is wrong if these are never on")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        for name in ["hair", "milk", "eggs", "leg[0]", "leg[1]", "gate"] {
            names.push(name);
        }
        names
    }

    fn read(text: impl AsRef<[u8]>) -> Result<Vec<Vec<u32>>, Vec<RowProblem>> {
        let Parsed { inputs, .. } = parse(text.as_ref(), &names(), 5)?;
        Ok((0..inputs.len()).map(|i| inputs.get(i).to_vec()).collect())
    }

    /// Line, column and the marked text of each problem, and its headline.
    fn problems(text: impl AsRef<[u8]>) -> Vec<String> {
        let bytes = text.as_ref();
        let shown = |problem: RowProblem| {
            let marked = String::from_utf8_lossy(&bytes[problem.start..problem.end]);
            let diagnostic = problem.diagnostic(FileId(1));
            let help = diagnostic.help.unwrap();
            format!("{}:{} [{marked}] {}; {help}", problem.line, problem.column, diagnostic.headline)
        };
        read(bytes).unwrap_err().into_iter().map(shown).collect()
    }

    #[test]
    fn a_table_may_have_its_columns_in_any_order() {
        let expected = Ok(vec![vec![0, 3], vec![], vec![1]]);
        assert_eq!(read("milk,leg[0],hair\n0,1,1\n0,0,0\n1,0,0\n"), expected);
        assert_eq!(read("\u{feff}milk; \"leg[0]\" ;hair\r\n\r\n 0;1;\"1\"\r\n0;0;0 # none\r\n#\r\n1;0;0"), expected);
        assert_eq!(read("# who\nmilk\tleg[0]\thair\n0\t1\t1\n0\t0\t0\n1\t0\t0\n"), expected);
        assert_eq!(read("milk leg[0]  hair\n0 1 1\n0  0 0 \n 1 0 0\n"), expected);
    }

    #[test]
    fn a_list_names_what_is_on() {
        let expected = Ok(vec![vec![0, 3], vec![], vec![1]]);
        assert_eq!(read("leg[0], hair\n-\nmilk\n"), expected);
        assert_eq!(read("hair leg[0] hair\r\n - # nothing\r\n\r\n\"milk\",\r\n"), expected);
        assert_eq!(read("hair,milk"), Ok(vec![vec![0, 1]]), "one line is a list");
    }

    #[test]
    fn problems_say_where_and_what_instead() {
        insta::assert_snapshot!(problems("hair,mylk,hair,gate\n0,1,2,\n\n1,0\n0,0,0,0,0,1\n").join("\n"));
        insta::assert_snapshot!(problems("hair eggs\nüxx milkk\n\"hair\n").join("\n"));
        insta::assert_snapshot!(problems("hair \"milk\"s\n").join("\n"));
        insta::assert_snapshot!(problems("# only a comment\n\n").join("\n"));
        insta::assert_snapshot!(problems(b"hair\nmilk, \xff").join("\n"));
        insta::assert_snapshot!(problems("id,hair,,kind\n1,True,1.0,cat\n2,off,0,dog\n").join("\n"));
        insta::assert_snapshot!(problems("hair,milk\nTrue,False\n-1,x\n").join("\n"));
        insta::assert_snapshot!(problems("hair\nmi\u{200b}lk\n").join("\n"));
    }

    #[test]
    fn a_header_without_rows_is_no_input() {
        let header = "leg[1],hair,eggs,leg[0],milk";
        insta::assert_snapshot!(problems(format!("{header}\n")).join("\n"));
        insta::assert_snapshot!(problems(format!("# 0 rows\n{header}")).join("\n"));
        assert_eq!(read(format!("{header}\n1,1,1,1,1\n")), Ok(vec![vec![0, 1, 2, 3, 4]]));
    }

    #[test]
    fn features_without_a_column_are_named() {
        let warning = |text: &str| {
            let parsed = parse(text.as_bytes(), &names(), 5).expect("rows");
            let shown = parsed.warning.map(|warning| warning.diagnostic(FileId(0)));
            shown.map(|diagnostic| format!("{}; {}", diagnostic.headline, diagnostic.label))
        };
        let shown = "the table has no column for `eggs`; it is off in every row";
        assert_eq!(warning("milk,leg[0],hair,leg[1]\n0,1,1,1\n").as_deref(), Some(shown));
        let shown = "the table has no column for 3 features; they are off in every row, such as `hair`";
        assert_eq!(warning("milk,eggs\n1,1\n").as_deref(), Some(shown));
        assert_eq!(warning("milk,leg[0],hair,leg[1],eggs\n0,1,1,1,0\n"), None);
        assert_eq!(warning("milk\nhair\n"), None, "a list names only what is on");
    }

    #[test]
    fn a_file_of_nothing_but_problems_is_given_up() {
        assert_eq!(problems("what\n".repeat(100_000)).len(), MAX_PROBLEMS);
        assert_eq!(problems("what,".repeat(100_000)).len(), MAX_PROBLEMS);
        // Two bad cells, and too many of them.
        assert_eq!(problems(format!("hair,eggs\n{}", "2,".repeat(100_000))).len(), 3);
    }

    proptest! {
        #[test]
        fn any_bytes_are_rows_or_problems_inside_the_file(
            text in "[\"#,; \t\r\n01a-]{0,12}(hair|milk|leg\\[0\\]|[ü\u{feff}\",\n01]){0,30}", tail: Vec<u8>,
        ) {
            let mut bytes = text.into_bytes();
            bytes.extend(tail);
            if let Err(problems) = read(&bytes) {
                prop_assert!(!problems.is_empty());
                for problem in problems {
                    prop_assert!(problem.start <= problem.end && problem.end <= bytes.len());
                }
            }
        }

        #[test]
        fn both_forms_say_the_same(rows in prop::collection::vec(0u32..32, 1..20)) {
            // A single line that names them all is a header.
            prop_assume!(rows != [31]);
            let names = ["hair", "milk", "eggs", "leg[0]", "leg[1]"];
            let mut table = format!("{}\n", names.join(","));
            let mut list = String::new();
            for row in &rows {
                let bits: Vec<String> = (0..5).map(|i| (row >> i & 1).to_string()).collect();
                table += &format!("{}\n", bits.join(","));
                let on: Vec<&str> = (0..5).filter(|i| row >> i & 1 == 1).map(|i| names[i]).collect();
                list += &format!("{}\n", if on.is_empty() { "-".into() } else { on.join(" ") });
            }
            prop_assert_eq!(read(table), read(list));
        }
    }
}
