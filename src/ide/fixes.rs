//! What a diagnostic says to type instead, as edits.
//!
//! The help of a diagnostic is written for people. What it has in backticks is tried where the problem is, and offered
//! where the program is then without that problem and has no other. Must not know which problems there are.

use std::collections::BTreeMap;

use super::edited::Edited;
use super::view::View;
use crate::diagnostic::{Diagnostic, Span};
use crate::elaborate::Loader;

/// Text in place of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

/// An edit after which a problem is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub title: String,
    pub edit: Edit,
}

/// So many fixes of one problem at most.
const MOST_FIXES: usize = 3;

/// Programs of more text than this are not loaded again and again.
const MOST_BYTES: usize = 1 << 20;

/// What can be done about a problem of a view, the first suggestion first.
pub fn fixes(view: &View, problem: &Diagnostic, loader: &mut dyn Loader) -> Vec<Fix> {
    let Some(help) = &problem.help else { return Vec::new() };
    let files = &view.loaded.sources.files;
    let n_bytes: usize = files.iter().map(|file| file.text.len()).sum();
    let is_of_text = (problem.span.file.0 as usize) < view.loaded.asts.len();
    if n_bytes > MOST_BYTES || !is_of_text {
        return Vec::new();
    }
    let mut found: Vec<Fix> = Vec::new();
    for suggested in suggestions(view, problem, help) {
        if found.len() == MOST_FIXES {
            break;
        }
        let works = suggested.iter().find(|fix| {
            let name = files[fix.edit.span.file.0 as usize].name.clone();
            let texts = BTreeMap::from([(name, applied(view, &fix.edit))]);
            solves(view, &View::of(&files[0].name, &mut Edited { loader: &mut *loader, texts: &texts }), problem)
        });
        found.extend(works.filter(|fix| found.iter().all(|known| known.edit != fix.edit)).cloned());
    }
    found
}

/// How a help begins that has in backticks what can stand where the problem is.
const SUGGESTS: [&str; 9] = [
    "write",
    "did you mean",
    "there are",
    "there is only",
    "end every statement",
    "choose another name",
    "a signal that is always",
    "ranges run up",
    "take a member",
];

/// Words behind which an example stands, or before which a part is left to the reader.
const SCHEMATIC: [&str; 5] = ["such as", "as in", "write it as", ", with the", ", with a"];

/// By suggestion, the edits that it may mean, the likeliest first.
fn suggestions(view: &View, problem: &Diagnostic, help: &str) -> Vec<Vec<Fix>> {
    let span = without_end(view, problem.span);
    let statement = view.statement(span).filter(|statement| !view.text(*statement).contains('\n'));
    let statement = statement.map(|statement| with_semicolon(view, statement));
    if help.starts_with("remove") {
        let remove = |edit: Edit| Fix { title: format!("Remove `{}`", shown(view.text(edit.span))), edit };
        let edits = [Some(span), statement.map(|statement| whole_line(view, statement))];
        let edits = edits.into_iter().flatten().map(|span| Edit { span, text: String::new() });
        return vec![edits.map(remove).collect()];
    }
    let is_schematic = SCHEMATIC.iter().any(|word| help.contains(word)) && !help.starts_with("choose another name");
    if is_schematic || !SUGGESTS.iter().any(|begin| help.starts_with(begin)) {
        return Vec::new();
    }
    // Behind these it says what else there is.
    let said = help.split(['?', ';']).next().unwrap_or(help);
    let said = if help.starts_with("end every") { help } else { said };
    let of_code = |code: &str| {
        let write =
            |span: Span| Fix { title: format!("Write `{}`", shown(code)), edit: Edit { span, text: code.to_owned() } };
        let mut fixes = Vec::new();
        let first_word = |text: &str| text.split(|letter: char| !is_of_name(letter)).next().map(str::to_owned);
        let is_statement = code.ends_with([';', '}']) && code.len() > 1;
        if let Some(statement) = statement.filter(|_| is_statement) {
            if first_word(view.text(statement)) == first_word(code) {
                fixes.push(write(statement));
            }
        } else if code.bytes().all(|byte| byte.is_ascii_punctuation()) {
            fixes.push(write(span));
            fixes.extend([span.end, span.start].map(|at| write(Span { start: at, end: at, ..span })));
        } else if span.start < span.end && (!code.chars().all(is_of_name) || view.text(span).starts_with(is_of_name)) {
            fixes.push(write(Span { end: span.end + repeated(code, behind(view, span)) as u32, ..span }));
        }
        fixes
    };
    let codes = said.split('`').skip(1).step_by(2).filter(|code| !code.is_empty() && !code.contains('…'));
    codes.map(of_code).collect()
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// How much of what stands behind a problem a suggestion says again: of `~a` only the mark may be at fault.
fn repeated(code: &str, rest: &str) -> usize {
    let whole_words = |length: &usize| {
        let ends = |text: &str| text.chars().next_back().is_some_and(is_of_name);
        let begins = |text: &str| text.chars().next().is_some_and(is_of_name);
        let cuts = |before: &str, behind: &str| ends(before) && begins(behind);
        code.is_char_boundary(code.len() - length)
            && rest.is_char_boundary(*length)
            && code[code.len() - length..] == rest[..*length]
            && !cuts(&code[..code.len() - length], &code[code.len() - length..])
            && !cuts(&rest[..*length], &rest[*length..])
    };
    (1..code.len().min(rest.len() + 1)).rev().find(whole_words).unwrap_or(0)
}

/// A span without the blanks at its end.
fn without_end(view: &View, span: Span) -> Span {
    let text = view.text(span);
    let end = span.end - (text.len() - text.trim_end_matches(' ').len()) as u32;
    Span { end, ..span }
}

/// A statement and the `;` behind it.
fn with_semicolon(view: &View, statement: Span) -> Span {
    let rest = behind(view, statement);
    let blanks = rest.len() - rest.trim_start().len();
    let ends = rest[blanks..].starts_with(';');
    Span { end: statement.end + if ends { blanks as u32 + 1 } else { 0 }, ..statement }
}

/// A statement with its line, where nothing else stands there.
fn whole_line(view: &View, statement: Span) -> Span {
    let text = &view.loaded.sources.files[statement.file.0 as usize].text;
    let before = &text[..statement.start as usize];
    let start = before.trim_end_matches([' ', '\t']).len();
    let rest = behind(view, statement);
    let is_alone = (start == 0 || before[..start].ends_with('\n')) && rest.starts_with('\n');
    if is_alone { Span { start: start as u32, end: statement.end + 1, ..statement } } else { statement }
}

fn behind(view: &View, span: Span) -> &str {
    let file = view.loaded.sources.files.get(span.file.0 as usize);
    file.and_then(|file| file.text.get(span.end as usize..)).unwrap_or_default()
}

fn shown(text: &str) -> String {
    crate::text::shortened(&text.split_whitespace().collect::<Vec<_>>().join(" "), 60)
}

/// The text of the edited file.
fn applied(view: &View, Edit { span, text }: &Edit) -> String {
    let mut whole = view.loaded.sources.files[span.file.0 as usize].text.clone();
    whole.replace_range(span.start as usize..(span.end as usize).min(whole.len()), text);
    whole
}

/// Whether a problem is gone, and no other has come; what could not be seen before may be seen now.
fn solves(before: &View, after: &View, problem: &Diagnostic) -> bool {
    let (old, new) = (&before.loaded.diagnostics, &after.loaded.diagnostics);
    if count(new, problem) >= count(old, problem) {
        return false;
    }
    let (old_slips, new_slips) = (before.slips(), after.slips());
    match count(&old_slips, problem) {
        0 => {
            let is_like_it = |other: &&Diagnostic| other.is_error() || !problem.is_error();
            new_slips.is_empty() && is_part(new.iter().filter(is_like_it), old)
        }
        n => count(&new_slips, problem) < n && is_part(new_slips.iter(), &old_slips),
    }
}

/// How many of some problems say the same.
fn count(all: &[Diagnostic], problem: &Diagnostic) -> usize {
    all.iter().filter(|other| other.code == problem.code && other.headline == problem.headline).count()
}

/// Whether each of some problems was there before, as often.
fn is_part<'d>(new: impl Iterator<Item = &'d Diagnostic>, old: &[Diagnostic]) -> bool {
    let mut seen: Vec<&Diagnostic> = Vec::new();
    new.into_iter().all(|problem| {
        seen.push(problem);
        let n = seen.iter().filter(|other| other.code == problem.code && other.headline == problem.headline).count();
        n <= count(old, problem)
    })
}
