//! What a person meant who wrote a statement that the grammar refuses.
//!
//! Looks at the tokens around the place where the grammar gave up. Knows the common slips, and how to say
//! what was expected where none of them fits; the words are those of `problems`.

use std::ops::Range;

use super::outline::Outline;
use super::pairs::Failure;
use super::problems;
use super::tokens::{Token, TokenKind};
use super::words::{self, CLAUSES, Place, SETTINGS, is_item_word, is_reserved};
use crate::diagnostic::{Diagnostic, FileId, Span, suggest};

/// A statement, or the head of a block, that the grammar refuses.
pub(super) struct Refused<'a> {
    text: &'a str,
    file: FileId,
    outline: &'a Outline,
    tokens: Range<usize>,
}

/// Words of other languages, and the item of this one that they mean.
const FOREIGN_ITEMS: &[(&[&str], &str)] = &[
    (&["constant", "let", "define", "parameter", "param"], "const"),
    (&["input", "inputs", "features", "signal", "signals", "var", "wire"], "feature"),
    (&["outputs", "return", "export"], "output"),
    (&["import", "include", "from"], "use"),
    (&["fn", "def", "function", "module", "sub"], "gate"),
];

/// Words of other languages, in any case, and the operator of this one that they mean.
const FOREIGN_OPERATORS: &[(&str, &str)] = &[("and", "&"), ("or", "|"), ("xor", "^"), ("not", "!")];

/// Operators of other languages, or of integers, where an operator of signals must stand, and what to write instead.
const FOREIGN_MARKS: &[(&[&str], &str)] = &[
    (&["+"], "write `|` for or, `^` for exclusive or"),
    (&["*"], "write `&`"),
    (&["-"], "write `& !` for and-not"),
    (&["'"], "write `!` before the signal"),
    (&["=="], "write `xnor(a, b)` to compare signals"),
    (&["!="], "write `^` to compare signals"),
    (&["?"], "write `mux(condition, then, otherwise)`"),
    (&["<", "<=", ">", ">="], "write `at_least(k, …)`, `at_most(k, …)` or `exactly(k, …)`"),
    (&["->", "=>"], "write `!a | b` for an implication"),
];

/// What a table says of a word.
fn meaning(table: &[(&[&str], &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(words, _)| words.contains(&word)).map(|(_, meaning)| *meaning)
}

fn operator_of_word(word: &str) -> Option<&'static str> {
    let row = FOREIGN_OPERATORS.iter().find(|(foreign, _)| word.eq_ignore_ascii_case(foreign));
    row.map(|(_, operator)| *operator)
}

impl<'a> Refused<'a> {
    pub fn new(text: &'a str, file: FileId, outline: &'a Outline, tokens: Range<usize>) -> Refused<'a> {
        Refused { text, file, outline, tokens }
    }

    fn token(&self, at: usize) -> Option<Token> {
        self.tokens.contains(&at).then(|| self.outline.tokens[at])
    }

    fn word(&self, at: usize) -> &'a str {
        self.token(at).map_or("", |token| token.text(self.text))
    }

    fn span(&self, token: Token) -> Span {
        Span { file: self.file, start: token.start, end: token.end }
    }

    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.token(at).map(|token| token.kind)
    }

    /// The token at which the grammar gave up; the end of the statement if it wanted more.
    fn culprit(&self, failure: &Failure) -> usize {
        let at = self.outline.tokens[self.tokens.start].start + failure.at as u32;
        let tokens = &self.outline.tokens[self.tokens.clone()];
        self.tokens.start + tokens.partition_point(|token| token.end <= at)
    }

    fn is_first_of_line(&self, at: usize) -> bool {
        let (Some(before), Some(token)) = (self.token(at.wrapping_sub(1)), self.token(at)) else { return false };
        self.text[before.end as usize..token.start as usize].contains('\n')
    }

    /// The tokens before which a `;` may be missing, likeliest first.
    pub fn possible_ends(&self, failure: &Failure) -> Vec<usize> {
        let culprit = self.culprit(failure);
        let mut ends = Vec::new();
        if culprit > self.tokens.start && culprit < self.tokens.end {
            let begins_statement = matches!(self.word(culprit + 1), "=" | "[") || is_item_word(self.word(culprit));
            let is_word = self.kind(culprit) == Some(TokenKind::Word);
            if self.is_first_of_line(culprit) || is_word && begins_statement {
                ends.push(culprit);
            }
        }
        // `a = b` before a line `(c, d) = …` reads as a call: the failure comes later in the line.
        let start_of_line = (self.tokens.start + 1..=culprit.min(self.tokens.end - 1)).rev().find(|&at| {
            self.is_first_of_line(at) && matches!(self.kind(at), Some(TokenKind::Word))
                || self.is_first_of_line(at) && self.word(at) == "("
        });
        ends.extend(start_of_line.filter(|at| !ends.contains(at)));
        ends
    }
}

/// Operators of other languages: they are slips wherever they stand, before any thought of a missing `;`.
pub(super) fn explain_operator(statement: &Refused, failure: &Failure) -> Option<Diagnostic> {
    let at = statement.culprit(failure);
    let token = statement.token(at)?;
    let (span, word) = (statement.span(token), statement.word(at));
    let wants = |what: &str| failure.expected.contains(&what);
    let wants_operator = wants("an operator");
    let wants_signal = wants("a signal");
    if matches!(word, "&&" | "||") && wants_operator {
        return Some(problems::double_operator(span, word));
    }
    if matches!(word, "==" | ":=") && wants("`=`") {
        return Some(match word {
            "==" => problems::double_equals(span),
            _ => problems::foreign_operator(span, word, "a definition is written `name = …;`"),
        });
    }
    if matches!(word, "=" | "=<" | "=>" | "<>") && wants("a comparison") {
        return Some(match word {
            "=" => problems::single_equals(span),
            "=>" => problems::foreign_operator(span, word, "write `>=`"),
            _ => problems::foreign_operator(span, word, "write `<=`"),
        });
    }
    if wants_operator && !(statement.word(at + 1) == "=" && statement.is_first_of_line(at)) {
        if let Some(operator) = operator_of_word(word) {
            return Some(problems::word_operator(span, word, operator));
        }
        let before = statement.token(at.wrapping_sub(1));
        if let Some(not) = before.filter(|_| statement.word(at - 1).eq_ignore_ascii_case("not")) {
            return Some(problems::word_operator(statement.span(not), statement.word(at - 1), "!"));
        }
        if let Some(help) = meaning(FOREIGN_MARKS, word) {
            return Some(problems::foreign_operator(span, word, help));
        }
    }
    if wants_signal && word == "~" {
        return Some(problems::foreign_operator(span, word, "write `!`"));
    }
    None
}

/// Why the statement is none.
pub(super) fn explain(statement: &Refused, place: Place, failure: &Failure) -> Diagnostic {
    let at = statement.culprit(failure);
    let first = statement.tokens.start;
    if let Some(problem) = explain_first_word(statement, place, at) {
        return problem;
    }
    let Some(token) = statement.token(at) else {
        let end = statement.outline.tokens[statement.tokens.end - 1].end;
        return problems::unexpected(Span { file: statement.file, start: end, end }, &failure.expected, None);
    };
    let (span, word) = (statement.span(token), statement.word(at));
    let wants = |what: &str| failure.expected.contains(&what);
    let wants_name = wants("a name") || wants("a signal");
    let before = if at > first { statement.word(at - 1) } else { "" };
    if is_reserved(word) && wants_name && !wants("`for`") {
        // `a & for i in …` is an operand that was forgotten, not a gate called `for`.
        let is_clause_word = words::is_of_comprehension(word) && at != first && !matches!(before, "feature" | "const");
        if !is_clause_word {
            return problems::reserved_word(span, word);
        }
    }
    if token.kind == TokenKind::Number {
        let is_plain = word.bytes().all(|byte| byte.is_ascii_digit());
        if wants("a signal") {
            return problems::constant_signal(span, word);
        }
        // The grammar stops within `2.5` where an integer must stand.
        let stops_within = statement.outline.tokens[first].start as usize + failure.at > token.start as usize;
        if stops_within || !is_plain && wants("an integer") {
            return problems::malformed_number(span, word, true);
        }
        if wants("a number") {
            return problems::malformed_number(span, word, false);
        }
    }
    if word == "." && wants("a number") && statement.kind(at + 1) == Some(TokenKind::Number) {
        let number = format!(".{}", statement.word(at + 1));
        let end = statement.token(at + 1).map_or(span.end, |next| next.end);
        return problems::malformed_number(Span { end, ..span }, &number, false);
    }
    if matches!(token.kind, TokenKind::Text { closed: true }) && wants("a text in quotes") {
        return explain_text(statement, token);
    }
    problems::unexpected(span, &failure.expected, Some(word))
}

/// Words at the beginning that cannot stand there.
fn explain_first_word(statement: &Refused, place: Place, culprit: usize) -> Option<Diagnostic> {
    let first = statement.tokens.start;
    let word = statement.word(first);
    let token = statement.token(first).filter(|token| token.kind == TokenKind::Word)?;
    let span = statement.span(token);
    if let Some(block) = words::block_around(place) {
        let is_target = matches!(place, Place::Gate | Place::Layer) && statement.word(first + 1) == "=";
        return match place {
            _ if is_item_word(word) && !is_target => Some(problems::misplaced_item(span, word, block)),
            Place::Sample if culprit == first => {
                let meant = suggest(word, CLAUSES.iter().map(|clause| clause.word.text));
                Some(problems::unknown_clause(span, word, meant))
            }
            Place::Network if culprit == first => {
                let meant = suggest(word, SETTINGS.iter().map(|setting| setting.word.text));
                Some(problems::unknown_setting(span, word, meant))
            }
            _ => None,
        };
    }
    if let Some(block) = words::block(word) {
        return Some(match statement.word(first + 1) {
            "=" => problems::reserved_word(span, word),
            _ => problems::missing_block(span, block),
        });
    }
    let next_is_word = matches!(statement.kind(first + 1), Some(TokenKind::Word | TokenKind::Text { .. }));
    if culprit == first + 1 && next_is_word && !is_item_word(word) {
        let meant = meaning(FOREIGN_ITEMS, word).or_else(|| suggest(word, words::item_words()))?;
        return Some(problems::unknown_item(span, word, meant));
    }
    None
}

fn explain_text(statement: &Refused, token: Token) -> Diagnostic {
    let written = token.text(statement.text);
    let mut characters = written.char_indices();
    while let Some((at, character)) = characters.next() {
        if character == '\\'
            && let Some((_, next)) = characters.next()
            && !matches!(next, '\\' | '"')
        {
            let start = token.start + at as u32;
            let end = start + 1 + next.len_utf8() as u32;
            return problems::escape(Span { file: statement.file, start, end }, &format!("\\{next}"));
        }
    }
    problems::unexpected(statement.span(token), &["a text in quotes"], Some(written))
}

/// Why the head of a block is none.
pub(super) fn explain_head(statement: &Refused, failure: &Failure) -> Diagnostic {
    let at = statement.culprit(failure);
    match statement.token(at) {
        Some(token) if is_reserved(statement.word(at)) && failure.expected.contains(&"a name") => {
            problems::reserved_word(statement.span(token), statement.word(at))
        }
        Some(token) => problems::unexpected(statement.span(token), &failure.expected, Some(statement.word(at))),
        None => {
            let end = statement.outline.tokens[statement.tokens.end - 1].end;
            problems::unexpected(Span { file: statement.file, start: end, end }, &failure.expected, Some("{"))
        }
    }
}
