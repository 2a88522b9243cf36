//! A program's files: the one that was asked for, what it `use`s, and the rows that it draws from.
//!
//! Paths are text here, joined to the directory of the file that names them; a [`Loader`] turns them into bytes.
//! Must not touch a file system.

use std::collections::{BTreeMap, HashMap};

use super::elaborate::{Files, elaborate};
use super::problems::{self, Problems};
use super::{Circuit, Names, Rows, rows, schedule};
use crate::diagnostic::{Diagnostic, FileId, SourceFile, Sources, Span};
use crate::syntax::ast::{Ast, Clause, Item};

/// Where files come from: the rim reads them from disk, a network file from its own bytes.
pub trait Loader {
    fn read(&mut self, path: &str) -> std::io::Result<Vec<u8>>;
}

/// Files by name, in memory.
impl Loader for BTreeMap<String, Vec<u8>> {
    fn read(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        self.get(path).cloned().ok_or_else(|| std::io::Error::new(std::io::ErrorKind::NotFound, "no such file"))
    }
}

/// How large a program may become. What is beyond is one clear error, counted before anything is expanded.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    pub max_gates: u64,
    /// Turns of all comprehensions together.
    pub max_turns: u64,
    /// Operands of all gates together.
    pub max_operands: u64,
    pub max_features: u64,
    /// How deep calls of sub-circuits may nest.
    pub max_nesting: u32,
    /// Layers.
    pub max_levels: u32,
    /// Signals that layers carry, together.
    pub max_carried: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_gates: 10_000_000,
            max_turns: 100_000_000,
            max_operands: 100_000_000,
            max_features: 10_000_000,
            max_nesting: 256,
            max_levels: 10_000,
            max_carried: 20_000_000,
        }
    }
}

/// What loading gives: everything that is wrong, and the circuit when nothing is.
#[derive(Debug)]
pub struct Loaded {
    /// `None` exactly when a diagnostic is an error.
    pub circuit: Option<Circuit>,
    pub sources: Sources,
    /// Errors and warnings, sorted by position.
    pub diagnostics: Vec<Diagnostic>,
}

/// A file of rows, as it was read.
#[derive(Debug)]
pub(crate) struct RowsFile {
    /// Joined to the directory of the file that names it.
    pub path: String,
    pub bytes: Vec<u8>,
    /// Where its text would stand among the sources, if its own problems must be shown.
    pub file: FileId,
}

/// More used files than this are an error.
const MAX_FILES: usize = 1000;

/// Reads, parses and elaborates the file `name` and all that it uses.
pub fn load(name: &str, loader: &mut dyn Loader, limits: &Limits) -> Loaded {
    let mut problems = Problems::default();
    let mut sources = Sources::default();
    let start = Span { file: FileId(0), start: 0, end: 0 };
    let text = match loader.read(name) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                // What can be read is shown, up to the byte that cannot.
                let end = error.utf8_error().valid_up_to();
                let mut bytes = error.into_bytes();
                bytes.truncate(end);
                let span = Span { start: end as u32, end: end as u32 + 1, ..start };
                problems.report(problems::not_utf8(span, name, end));
                bytes.push(b'?');
                let text = String::from_utf8_lossy(&bytes).into_owned();
                sources.files.push(SourceFile { name: name.to_string(), text });
                return Loaded { circuit: None, sources, diagnostics: problems.list };
            }
        },
        Err(error) => {
            problems.report(problems::unreadable_file(start, name, &error.to_string()));
            sources.files.push(SourceFile { name: name.to_string(), text: String::new() });
            return Loaded { circuit: None, sources, diagnostics: problems.list };
        }
    };
    sources.files.push(SourceFile { name: name.to_string(), text });
    let (mut files, all_read) = read_uses(&mut sources, loader, &mut problems);
    let is_broken = problems.has_errors();
    read_rows(&mut files, &sources, loader, &mut problems);
    let circuit = if !is_broken {
        elaborate(&files, &sources, stem(name), limits, &mut problems)
    } else {
        if all_read {
            let mut further = Problems::default();
            elaborate(&files, &sources, stem(name), limits, &mut further);
            let counts = word_counts(&further.list, &sources);
            further.list.retain(|problem| stands_anyway(problem, &sources, &counts));
            further.list.into_iter().for_each(|problem| problems.report(problem));
        }
        None
    };
    let has_errors = problems.has_errors();
    let circuit = circuit.filter(|_| !has_errors);
    let mut diagnostics = problems.list;
    // A problem in a file of rows is shown in that file.
    for rows in files.rows.values() {
        if diagnostics.iter().any(|problem| problem.span.file == rows.file) {
            let text = String::from_utf8_lossy(&rows.bytes).into_owned();
            sources
                .files
                .resize_with(rows.file.0 as usize + 1, || SourceFile { name: String::new(), text: String::new() });
            sources.files[rows.file.0 as usize] = SourceFile { name: rows.path.clone(), text };
        }
    }
    diagnostics.sort_by_key(|problem| (problem.span, problem.code));
    Loaded { circuit, sources, diagnostics }
}

/// Whether a problem of a program with broken statements stands whatever those declare.
///
/// A name that is nowhere else in the text is declared nowhere; of the other problems only those count that more
/// statements cannot mend.
fn stands_anyway(problem: &Diagnostic, sources: &Sources, counts: &HashMap<&str, u32>) -> bool {
    const STAND: [&str; 24] = [
        "defined-twice",
        "ambiguous-use",
        "reserved-function",
        "circular-constant",
        "circular-call",
        "integer-for-signal",
        "signal-for-integer",
        "array-for-signal",
        "slice-as-target",
        "tuple-arity",
        "tuple-without-call",
        "several-results",
        "wrong-number-of-arguments",
        "missing-count",
        "bad-probability",
        "overlapping-clauses",
        "output-feature",
        "unknown-construction",
        "unknown-dictionary",
        "unknown-decoder",
        "unknown-metric",
        "bad-comparison",
        "bad-setting",
        "duplicate-setting",
    ];
    match is_unknown(problem) {
        true => counts.get(word_at(problem.span, sources)) == Some(&1),
        false => STAND.contains(&problem.code),
    }
}

fn is_unknown(problem: &Diagnostic) -> bool {
    ["unknown-name", "unknown-constant", "unknown-function"].contains(&problem.code)
}

fn word_at(span: Span, sources: &Sources) -> &str {
    let text = sources.files.get(span.file.0 as usize).and_then(|file| file.text.get(span.start as usize..));
    text.and_then(|text| words(text).next()).unwrap_or("")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
}

/// How often each word that is said to be unknown stands in the text of all files.
fn word_counts<'a>(problems: &[Diagnostic], sources: &'a Sources) -> HashMap<&'a str, u32> {
    let unknown = problems.iter().filter(|problem| is_unknown(problem));
    let mut counts: HashMap<&str, u32> = unknown.map(|problem| (word_at(problem.span, sources), 0)).collect();
    if counts.is_empty() {
        return counts;
    }
    for word in sources.files.iter().flat_map(|file| words(&file.text)) {
        if let Some(count) = counts.get_mut(word) {
            *count += 1;
        }
    }
    counts
}

fn text_of(bytes: Vec<u8>, span: Span, path: &str, problems: &mut Problems) -> Option<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            problems.report(problems::not_utf8(span, path, error.utf8_error().valid_up_to()));
            None
        }
    }
}

/// Parses the first source and all that is used from it on, each file once; circles are reported. Also says whether
/// every file could be read.
fn read_uses(sources: &mut Sources, loader: &mut dyn Loader, problems: &mut Problems) -> (Files, bool) {
    let mut files = Files::default();
    let mut all_read = true;
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    known.insert(normal(&sources.files[0].name), 0);
    let mut next = 0;
    while next < sources.files.len() {
        let (ast, syntax_problems) = crate::syntax::parse(sources, FileId(next as u32));
        syntax_problems.into_iter().for_each(|problem| problems.report(problem));
        let mut uses = Vec::new();
        for (path, span) in used_paths(&ast) {
            let joined = join(&sources.files[next].name, path);
            if let Some(&file) = known.get(&normal(&joined)) {
                uses.push((file, span));
                continue;
            }
            if sources.files.len() > MAX_FILES {
                problems.report(problems::too_many_files(span, MAX_FILES));
                continue;
            }
            let text = match loader.read(&joined) {
                Ok(bytes) => text_of(bytes, span, &joined, problems),
                Err(error) => {
                    problems.report(problems::unreadable_use(span, &joined, &error.to_string()));
                    None
                }
            };
            all_read &= text.is_some();
            if let Some(text) = text {
                known.insert(normal(&joined), sources.files.len());
                uses.push((sources.files.len(), span));
                sources.files.push(SourceFile { name: joined, text });
            }
        }
        files.asts.push(ast);
        files.uses.push(uses);
        next += 1;
    }
    report_circles(&files, sources, problems);
    (files, all_read)
}

fn used_paths(ast: &Ast) -> impl Iterator<Item = (&str, Span)> {
    ast.items.iter().filter_map(|item| match item {
        Item::Use { path, .. } if !path.text.is_empty() => Some((path.text.as_str(), path.span)),
        _ => None,
    })
}

/// Depth first over the uses, without recursion: an edge to a file that is under way closes a circle.
fn report_circles(files: &Files, sources: &Sources, problems: &mut Problems) {
    let mut done = vec![false; files.uses.len()];
    for root in 0..files.uses.len() {
        let mut path: Vec<(usize, usize)> = if done[root] { Vec::new() } else { vec![(root, 0)] };
        while let Some((file, next)) = path.last_mut() {
            let (file, at) = (*file, *next);
            *next += 1;
            let Some(&(used, span)) = files.uses[file].get(at) else {
                done[file] = true;
                path.pop();
                continue;
            };
            if let Some(start) = path.iter().position(|&(waiting, _)| waiting == used) {
                let circle = path[start..].iter().map(|&(waiting, _)| waiting).chain([used]);
                let circle: Vec<String> = circle.map(|file| sources.files[file].name.clone()).collect();
                problems.report(problems::circular_use(span, &circle));
            } else if !done[used] {
                path.push((used, 0));
            }
        }
    }
}

/// Reads the files of the first file's `from` clauses.
fn read_rows(files: &mut Files, sources: &Sources, loader: &mut dyn Loader, problems: &mut Problems) {
    let mut rows: BTreeMap<String, RowsFile> = BTreeMap::new();
    let clauses = files.asts[0].items.iter().filter_map(|item| match item {
        Item::Sample { clauses, .. } => Some(clauses),
        _ => None,
    });
    for clause in clauses.flatten() {
        let Clause::From { path, .. } = clause else { continue };
        // That a path is empty has been said.
        if path.text.is_empty() || rows.contains_key(&path.text) {
            continue;
        }
        let joined = join(&sources.files[0].name, &path.text);
        match loader.read(&joined) {
            Ok(bytes) => {
                let file = FileId((sources.files.len() + rows.len()) as u32);
                rows.insert(path.text.clone(), RowsFile { path: joined, bytes, file });
            }
            Err(error) => problems.report(problems::unreadable_rows(path.span, &joined, &error.to_string())),
        }
    }
    files.rows = rows;
}

impl RowsFile {
    /// Its inputs; problems are reported in its text.
    pub fn parse(&self, plan: &super::elaborate::Plan<'_>, problems: &mut Problems) -> Option<Rows> {
        let mut names = Names::default();
        schedule::write_feature_names(&mut names, &plan.features);
        match rows::parse(&self.bytes, &names, names.len()) {
            Ok(inputs) => Some(Rows { path: self.path.clone(), bytes: self.bytes.clone(), inputs }),
            Err(found) => {
                found.iter().for_each(|problem| problems.report(problem.diagnostic(self.file)));
                None
            }
        }
    }
}

fn is_separator(letter: char) -> bool {
    letter == '/' || (cfg!(windows) && letter == '\\')
}

/// `path` as seen from the directory of `file`.
fn join(file: &str, path: &str) -> String {
    if path.starts_with(is_separator) {
        return path.to_string();
    }
    match file.rfind(is_separator) {
        Some(end) => normal(&format!("{}{path}", &file[..=end])),
        None => normal(path),
    }
}

/// The path without `.` and `x/..`: equal for equal files, so that a circle is seen.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let is_absolute = path.starts_with(is_separator);
    for part in path.split(is_separator) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if is_absolute {
        format!("/{joined}")
    } else if joined.is_empty() {
        ".".to_string()
    } else {
        joined
    }
}

/// The file's name without directory and extension.
fn stem(name: &str) -> &str {
    let base = name.rsplit(is_separator).next().unwrap_or(name);
    let stem = base.strip_suffix(".circ").unwrap_or(base);
    if stem.is_empty() || stem == "-" { "circuit" } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_to_the_directory_of_the_file() {
        let check = |file: &str, path: &str, expect: &str| assert_eq!(join(file, path), expect);
        check("a.circ", "b.circ", "b.circ");
        check("dir/a.circ", "b.circ", "dir/b.circ");
        check("dir/a.circ", "../b.circ", "b.circ");
        check("dir/a.circ", "../dir/a.circ", "dir/a.circ");
        check("/x/a.circ", "../../b.circ", "/b.circ");
        check("../a.circ", "../b.circ", "../../b.circ");
        check("dir/a.circ", "/b.circ", "/b.circ");
        check("-", "b.circ", "b.circ");
        check("a.circ", ".", ".");
        check("dir/a.circ", "..", ".");
        check("/a.circ", "..", "/");
    }

    #[test]
    fn the_stem_names_a_circuit_without_a_name() {
        assert_eq!(stem("dir/newsroom.circ"), "newsroom");
        assert_eq!(stem("-"), "circuit");
    }
}
