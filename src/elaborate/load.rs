//! A program by the name of its file: read, parsed, elaborated, with everything that is wrong.
//!
//! Where statements are broken, the rest is elaborated all the same, for the problems that stand whatever those say.

use std::collections::HashMap;

use super::elaborate;
use super::files::{Loader, as_text, is_separator, read_rows, read_uses};
use super::limits::Limits;
use super::problems::{self, Problems};
use super::set::set;
use crate::diagnostic::{Diagnostic, FileId, SourceFile, Sources, Span, Standing};
use crate::exchange;
use crate::program::Program;
use crate::syntax::ast::Ast;

/// What loading gives: everything that is wrong, and the program when nothing is.
#[derive(Debug)]
pub struct Loaded {
    /// `None` exactly when a diagnostic is an error.
    pub program: Option<Program>,
    pub sources: Sources,
    /// Errors and warnings, sorted by position.
    pub diagnostics: Vec<Diagnostic>,
    /// What was written, by file; none where the first could not be read.
    pub asts: Vec<Ast>,
    /// By file: the files that it uses, and where.
    pub uses: Vec<Vec<(usize, Span)>>,
}

/// Reads, parses and elaborates the file `name` and all that it uses.
pub fn load(name: &str, loader: &mut dyn Loader, limits: &Limits) -> Loaded {
    load_with(name, loader, limits, &[])
}

/// The same, as if the file gave its constants of these names these values.
pub fn load_with(name: &str, loader: &mut dyn Loader, limits: &Limits, constants: &[(String, i64)]) -> Loaded {
    let mut problems = Problems::default();
    let mut sources = Sources::default();
    let start = Span { file: FileId(0), start: 0, end: 0 };
    let text = match loader.read(name) {
        Ok(bytes) => match String::from_utf8(as_text(bytes, start, name, &mut problems).unwrap_or_default()) {
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
                return Loaded::nothing(sources, problems);
            }
        },
        Err(error) => {
            problems.report(problems::unreadable_file(start, name, &error.to_string()));
            sources.files.push(SourceFile { name: name.to_string(), text: String::new() });
            return Loaded::nothing(sources, problems);
        }
    };
    sources.files.push(SourceFile { name: name.to_string(), text });
    if problems.has_errors() {
        return Loaded::nothing(sources, problems);
    }
    let (mut files, all_read) = read_uses(&mut sources, loader, &mut problems);
    let is_broken = problems.has_errors();
    set(&mut files.asts[0], constants, &mut problems);
    read_rows(&mut files, &sources, loader, &mut problems);
    let program = if !is_broken {
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
    let program = program.filter(|_| !has_errors);
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
    Loaded { program, sources, diagnostics, asts: files.asts, uses: files.uses }
}

impl Loaded {
    /// Where not even the first file could be read.
    fn nothing(sources: Sources, problems: Problems) -> Loaded {
        let (asts, uses) = (Vec::new(), Vec::new());
        Loaded { program: None, sources, diagnostics: problems.list, asts, uses }
    }
}

/// Whether a problem of a program with broken statements stands whatever those declare. A name that is nowhere else in
/// the text is declared nowhere.
fn stands_anyway(problem: &Diagnostic, sources: &Sources, counts: &HashMap<&str, u32>) -> bool {
    match problem.standing {
        Standing::Open => false,
        Standing::Firm => true,
        Standing::UnlessWrittenElsewhere => counts.get(word_at(problem.span, sources)) == Some(&1),
    }
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
    let unknown = problems.iter().filter(|problem| problem.standing == Standing::UnlessWrittenElsewhere);
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

/// The file's name without directory and extension.
fn stem(name: &str) -> &str {
    let base = name.rsplit(is_separator).next().unwrap_or(name);
    let stem = match exchange::format_of(base) {
        Some(_) => exchange::stem(base),
        None => base.strip_suffix(".circ").unwrap_or(base),
    };
    if stem.is_empty() || stem == "-" { "circuit" } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stem_names_a_circuit_without_a_name() {
        assert_eq!(stem("dir/newsroom.circ"), "newsroom");
        assert_eq!(stem("-"), "circuit");
    }
}
