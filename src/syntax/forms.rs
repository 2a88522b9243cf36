//! What only takes another form in this language: ranges, choices, settings, percentages, comments, and names with
//! hyphens.
//!
//! Must not know operators and functions of other languages: those are `foreign`'s.

use super::pairs::Failure;
use super::problems;
use super::refused::Refused;
use super::tokens::TokenKind;
use super::words::{self, Place};
use crate::diagnostic::{Diagnostic, Span};

/// A form of another language at token `at`, where the grammar gave up.
pub(super) fn explain_form(statement: &Refused, place: Place, at: usize, failure: &Failure) -> Option<Diagnostic> {
    let wants = |what: &str| failure.expected.contains(&what);
    explain_setting(statement, place, at)
        .or_else(|| explain_percentage(statement, place, at))
        .or_else(|| explain_comment(statement, at))
        .or_else(|| explain_range(statement, at, &wants))
        .or_else(|| explain_mux(statement, place, at, &wants))
}

/// A name such as `chest-pain`, in which the grammar gave up at token `at`, the `-`.
pub(super) fn explain_hyphen(statement: &Refused, at: usize, failure: &Failure) -> Option<Diagnostic> {
    let is_joined = |at: usize| {
        let is_end = matches!(statement.kind(at + 1), Some(TokenKind::Word | TokenKind::Number));
        statement.word(at) == "-" && is_end && statement.is_attached(at) && statement.is_attached(at + 1)
    };
    let begins = at > statement.first() && statement.kind(at - 1) == Some(TokenKind::Word);
    if !begins || !is_joined(at) {
        return None;
    }
    let (mut first, mut last) = (at - 1, at + 1);
    // Letters beyond ASCII are tokens of their own.
    while statement.is_attached(first)
        && matches!(statement.kind(first - 1), Some(TokenKind::Word | TokenKind::Foreign))
    {
        first -= 1;
    }
    while is_joined(last + 1) {
        last += 2;
    }
    let name = statement.written(first..last + 1)?;
    let span = statement.span(statement.token(first)?).to(statement.span(statement.token(last)?));
    let may_be_two = failure.expected.contains(&"an operator") && last == at + 1;
    let signals = (statement.written(first..at)?, statement.word(last));
    let and_not = (may_be_two && statement.kind(last) == Some(TokenKind::Word)).then_some(signals);
    Some(problems::hyphenated_name(span, name, and_not))
}

/// `width = 64`, `plant: 0.5`, `reliability = 0.9`
fn explain_setting(statement: &Refused, place: Place, at: usize) -> Option<Diagnostic> {
    let first = statement.first();
    if !matches!(statement.word(at), "=" | ":" | ":=") {
        return None;
    }
    let word = statement.word(first);
    let value = statement.rest(at + 1).unwrap_or("…");
    let (what, help) = match place {
        Place::Network if at == first + 1 && words::setting(word).is_some() => {
            ("a setting", format!("write `{word} {value};`"))
        }
        Place::Sample if at == first + 1 && words::clause(word).is_some() => {
            ("a clause", format!("write `{word} {value};`"))
        }
        Place::Require => {
            // Errors are held below a bound, everything else above.
            let comparison = if word == "error" { "<" } else { ">" };
            let metric = statement.written(first..at).unwrap_or(word);
            ("a requirement", format!("write `{metric} {comparison} {value};`"))
        }
        _ => return None,
    };
    Some(problems::foreign_form(statement.span(statement.token(at)?), statement.word(at), what, help))
}

/// `5%`
fn explain_percentage(statement: &Refused, place: Place, at: usize) -> Option<Diagnostic> {
    let is_number = at > statement.first() && statement.kind(at - 1) == Some(TokenKind::Number);
    if statement.word(at) != "%" || !is_number || !matches!(place, Place::Sample | Place::Require) {
        return None;
    }
    let percentage = statement.word(at - 1);
    let share = percentage.parse::<f64>().map(|percentage| format!("{:.6}", percentage / 100.0)).ok()?;
    let share = share.trim_end_matches('0').trim_end_matches('.');
    let span = statement.span(statement.token(at - 1)?).to(statement.span(statement.token(at)?));
    Some(problems::foreign_form(span, &format!("{percentage}%"), "a number", format!("write `{share}`")))
}

/// `--` behind something; where a statement begins it is a comment already for the tokens.
fn explain_comment(statement: &Refused, at: usize) -> Option<Diagnostic> {
    if statement.word(at) != "-" || statement.word(at + 1) != "-" || !statement.is_attached(at + 1) {
        return None;
    }
    let span = statement.span(statement.token(at)?).to(statement.span(statement.token(at + 1)?));
    Some(problems::foreign_comment(span, "--"))
}

/// `x[0:4]`, `x[:4]`, `x[..4]`, `i in 0:8`, `i in range(8)`, `feature x[0:7]`
fn explain_range(statement: &Refused, at: usize, wants: &dyn Fn(&str) -> bool) -> Option<Diagnostic> {
    let word = statement.word(at);
    let before = if at > statement.first() { statement.word(at - 1) } else { "" };
    if word == "(" && before == "range" && wants("`..`") {
        let arguments = statement.arguments(at + 1);
        let help = match arguments.as_deref() {
            Some([length]) => range_help(None, Some(length)),
            Some([start, end]) => range_help(Some(start), Some(end)),
            Some([_, _, _]) => NO_STEP.to_string(),
            _ => "write `0..n`".to_string(),
        };
        return Some(problems::foreign_form(statement.span(statement.token(at - 1)?), "range", "a range", help));
    }
    let dots = match word {
        ":" if wants("`..`") || wants("an integer") || wants("`]`") => at,
        ".." | "..=" if wants("an integer") && before == "[" => at,
        "]" if wants("an integer") && matches!(before, ".." | "..=" | ":") => at - 1,
        _ => return None,
    };
    let start = statement.part_start(dots);
    let is_index = start > statement.first() && statement.word(start - 1) == "[";
    // `for i in 0:8`
    let start = if is_index { start } else { (start..dots).find(|&at| statement.word(at) == "in")? + 1 };
    let end = statement.part_end(dots + 1, &["if"]);
    let left = (start < dots).then(|| statement.written(start..dots).unwrap_or("…"));
    let right = (dots + 1 < end).then(|| statement.written(dots + 1..end).unwrap_or("…"));
    let span = statement.span(statement.token(start)?).to(statement.span(statement.token(end - 1)?));
    let name = if is_index && start > statement.first() + 1 { statement.word(start - 2) } else { "x" };
    let written = statement.written(start..end).unwrap_or(word);
    let is_length = is_index && word == ":" && wants("`]`") && !wants("`..`");
    let (what, help) = match (left, right) {
        _ if is_length => ("a length", length_help(name, left, right)),
        (None, None) => ("a range", format!("write `{name}`, for all its members")),
        _ => ("a range", range_help(left, right)),
    };
    Some(problems::foreign_form(span, written, what, help))
}

/// What to type for a length that is written as its first and last index.
fn length_help(name: &str, left: Option<&str>, right: Option<&str>) -> String {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<u32>().ok());
    match (number(left), number(right)) {
        (Some(left), Some(right)) => format!("write `{name}[{}]`", u64::from(left.abs_diff(right)) + 1),
        _ => format!("write how many there are, as in `{name}[8]`"),
    }
}

const NO_STEP: &str = "ranges have no step: write a guard, as in `x[i] for i in 0..8 if i % 2 == 0`";

/// What to type for a range whose ends another language parts by `:`, leaves out, or counts from behind.
fn range_help(left: Option<&str>, right: Option<&str>) -> String {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok());
    if right.is_some_and(|right| right.contains(':')) {
        return NO_STEP.to_string();
    }
    // Languages of hardware count downwards, both ends included.
    if let (Some(left), Some(right)) = (number(left), number(right))
        && left > right
        && right >= 0
    {
        return format!("write `{right}..={left}`");
    }
    let bound = |text: &str| match text.strip_prefix('-') {
        Some(from_behind) => format!("n - {}", from_behind.trim()),
        None if text.contains('(') => "n".to_string(),
        None => text.to_string(),
    };
    let (start, end) = (left.map_or("0".to_string(), bound), right.map_or("n".to_string(), bound));
    let has_length = [&start, &end].iter().any(|bound| bound.starts_with('n'));
    let what = if has_length { ", with the length for n" } else { "" };
    format!("write `{start}..{end}`{what}")
}

/// `if a then b else c`, `b if a else c`, `a ? b : c`
fn explain_mux(statement: &Refused, place: Place, at: usize, wants: &dyn Fn(&str) -> bool) -> Option<Diagnostic> {
    let word = statement.word(at);
    let has_else = (at..statement.part_end(at, &[])).any(|at| statement.word(at) == "else");
    let begins = at == statement.first() && matches!(place, Place::File | Place::Gate | Place::Layer);
    let fits = match word {
        "?" => wants("an operator"),
        "if" => begins || wants("a signal") || wants("an operator") && has_else,
        _ => return None,
    };
    if !fits {
        return None;
    }
    let part = |from: usize, end: &str| {
        let to = statement.part_end(from, &[end]);
        (statement.written(from..to), to + 1)
    };
    let is_behind = word == "if" && wants("an operator");
    let parts = if word == "if" && !is_behind {
        let (condition, then) = part(at + 1, "then");
        let (then, otherwise) = part(then, "else");
        [condition, then, part(otherwise, "").0]
    } else {
        let before = statement.written(statement.part_start(at)..at);
        let (middle, last) = part(at + 1, if is_behind { "else" } else { ":" });
        let last = part(last, "").0;
        if is_behind { [middle, before, last] } else { [before, middle, last] }
    };
    let help = match parts {
        [Some(condition), Some(then), Some(otherwise)] if !begins => {
            format!("write `mux({condition}, {then}, {otherwise})`")
        }
        _ => "write `mux(condition, then, otherwise)`".to_string(),
    };
    let span: Span = statement.span(statement.token(at)?);
    Some(match word {
        "?" => problems::foreign_operator(span, word, help),
        _ => problems::foreign_form(span, word, "a choice", help),
    })
}
