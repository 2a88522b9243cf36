//! A program's files: the one that was asked for, what it `use`s, and the rows that it draws from.
//!
//! Paths are text here, joined to the directory of the file that names them; a [`Loader`] turns them into bytes.
//! Must not touch a file system.

use std::collections::BTreeMap;

use super::problems::{self, Problems};
use crate::diagnostic::{Diagnostic, FileId, SourceFile, Sources, Span};
use crate::exchange;
use crate::syntax;
use crate::syntax::ast::{Ast, Clause, Item};

/// Where files come from: the rim reads them from disk, a network file from its own bytes.
pub trait Loader {
    fn read(&mut self, path: &str) -> std::io::Result<Vec<u8>>;

    /// The same of a file of rows, which may be much larger than a circuit.
    fn read_rows(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        self.read(path)
    }
}

/// Files by name, in memory.
impl Loader for BTreeMap<String, Vec<u8>> {
    fn read(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        self.get(path).cloned().ok_or_else(|| std::io::Error::new(std::io::ErrorKind::NotFound, "no such file"))
    }
}

/// What `from` clauses name, by path as written.
pub(crate) type RowsFiles = BTreeMap<String, RowsFile>;

/// A program's files; the one that was asked for first.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub asts: Vec<Ast>,
    /// As seen from the directory of the first, whose own it is: what does not tell where that lies.
    pub names: Vec<String>,
    /// By file: the files that it uses, and where.
    pub uses: Vec<Vec<(usize, Span)>>,
    /// What `from` clauses of the first file name, by path as written.
    pub rows: RowsFiles,
}

/// A file of rows, as it was read.
#[derive(Debug)]
pub(crate) struct RowsFile {
    /// Joined to the directory of the file that names it.
    pub path: String,
    /// As seen from there.
    pub name: String,
    pub bytes: Vec<u8>,
    /// Where its text would stand among the sources, if its own problems must be shown.
    pub file: FileId,
}

/// More used files than this are an error.
const MAX_FILES: usize = 1000;

fn text_of(bytes: Vec<u8>, span: Span, path: &str, problems: &mut Problems) -> Option<String> {
    let bytes = as_text(bytes, span, path, problems)?;
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            problems.report(problems::not_utf8(span, path, error.utf8_error().valid_up_to()));
            None
        }
    }
}

/// The bytes of a file as those of a text: of circuits of other tools that are none.
pub(crate) fn as_text(bytes: Vec<u8>, span: Span, path: &str, problems: &mut Problems) -> Option<Vec<u8>> {
    let Some(format) = exchange::format_of(path) else { return Some(bytes) };
    match exchange::as_text(format, bytes) {
        Ok(bytes) => Some(bytes),
        Err(broken) => {
            problems.report(problems::broken_netlist(span, path, &broken));
            None
        }
    }
}

/// The tree of a file of the language, or of one of another tool, and what is wrong with how it is written.
pub fn parse(sources: &Sources, file: FileId) -> (Ast, Vec<Diagnostic>) {
    match exchange::format_of(&sources.files[file.0 as usize].name) {
        Some(format) => exchange::parse(format, sources, file),
        None => syntax::parse(sources, file),
    }
}

/// Parses the first source and all that is used from it on, each file once; circles are reported. Also says whether
/// every file could be read.
pub(crate) fn read_uses(sources: &mut Sources, loader: &mut dyn Loader, problems: &mut Problems) -> (Files, bool) {
    let base = sources.files[0].name.rsplit(is_separator).next().unwrap_or_default();
    let mut files = Files { names: vec![base.to_string()], ..Files::default() };
    let mut all_read = true;
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    known.insert(normal(&sources.files[0].name), 0);
    let mut next = 0;
    while next < sources.files.len() {
        let (ast, syntax_problems) = parse(sources, FileId(next as u32));
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
                files.names.push(join(&files.names[next], path));
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
pub(crate) fn read_rows(files: &mut Files, sources: &Sources, loader: &mut dyn Loader, problems: &mut Problems) {
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
        match loader.read_rows(&joined) {
            Ok(bytes) => {
                let file = FileId((sources.files.len() + rows.len()) as u32);
                let name = join(&files.names[0], &path.text);
                rows.insert(path.text.clone(), RowsFile { path: joined, name, bytes, file });
            }
            Err(error) => problems.report(problems::unreadable_rows(path.span, &joined, &error.to_string())),
        }
    }
    files.rows = rows;
}

pub(crate) fn is_separator(letter: char) -> bool {
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
}
