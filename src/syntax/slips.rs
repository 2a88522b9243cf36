//! What a person meant who wrote a statement that the grammar refuses.
//!
//! Looks at the tokens around the place where the grammar gave up. Knows the common slips, and how to say
//! what was expected where none of them fits; the words are those of `problems`, what comes from other languages is
//! `foreign`'s, and what only takes another form here `forms` knows.

use super::foreign;
use super::forms::{explain_form, explain_hyphen};
use super::pairs::Failure;
use super::problems;
use super::refused::Refused;
use super::tokens::{Token, TokenKind};
use super::words::{self, CLAUSES, Place, SETTINGS, is_item_word, is_reserved};
use crate::diagnostic::{Diagnostic, Span, suggest, suggest_surely};

/// Words and signs of other languages: they are slips wherever they stand, before any thought of a missing `;`.
pub(super) fn explain_operator(statement: &Refused, place: Place, failure: &Failure) -> Option<Diagnostic> {
    let at = statement.culprit(failure);
    let token = statement.token(at)?;
    let (span, word) = (statement.span(token), statement.word(at));
    let wants = |what: &str| failure.expected.contains(&what);
    let form = explain_hyphen(statement, at, failure).or_else(|| explain_form(statement, place, at, failure));
    if form.is_some() {
        return form;
    }
    let wants_operator = wants("an operator");
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
    if wants("`&&`") && matches!(word, "and" | "or") {
        let help = if word == "and" { "write `&&`" } else { "write `||`" };
        return Some(problems::word_operator(span, word, help.to_string()));
    }
    let begins_statement = statement.is_first_of_line(at) && matches!(statement.word(at + 1), "=" | "[");
    if wants_operator && !begins_statement {
        return explain_between(statement, at);
    }
    if wants("a signal") && token.kind == TokenKind::Mark {
        let not = if word == "-" { "~" } else { word };
        let instead = foreign::before(not, statement.operand_from(at + 1))?;
        return Some(problems::foreign_operator(span, word, format!("write `{instead}`")));
    }
    None
}

/// What stands where an operator must: a word or sign of another language, or the signal behind one.
fn explain_between(statement: &Refused, at: usize) -> Option<Diagnostic> {
    let (span, word) = (statement.span(statement.token(at)?), statement.word(at));
    let is_call = statement.word(at + 1) == "(" && words::function(word).is_some();
    let sides = statement.sides(at);
    let problem = |span: Span, word: &str, kind: Option<TokenKind>, help: String| match kind {
        Some(TokenKind::Word) => problems::word_operator(span, word, help),
        _ => problems::foreign_operator(span, word, help),
    };
    let instead = match word {
        "'" => foreign::before(word, statement.operand_before(at)),
        _ if is_call => None,
        _ => foreign::between(word, sides),
    };
    if let Some(instead) = instead {
        return Some(problem(span, word, statement.kind(at), format!("write `{instead}`")));
    }
    let before = at.checked_sub(1)?;
    if let Some(instead) = foreign::before(statement.word(before), statement.operand_from(at)) {
        let span = statement.span(statement.token(before)?);
        return Some(problem(span, statement.word(before), statement.kind(before), format!("write `{instead}`")));
    }
    let help = foreign::sign(word, sides)?;
    Some(problems::foreign_operator(span, word, help))
}

/// Why the statement is none.
pub(super) fn explain(statement: &Refused, place: Place, failure: &Failure) -> Diagnostic {
    let at = statement.culprit(failure);
    let first = statement.first();
    if let Some(problem) = explain_first_word(statement, place, at) {
        return problem;
    }
    let Some(token) = statement.token(at) else {
        return problems::unexpected(statement.end(), &failure.expected, None);
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
            return problems::constant_signal(span, word, counting_call(statement, at));
        }
        if statement.word(first) == "const" && !is_plain && word.parse::<f64>().is_ok() {
            return problems::decimal_constant(span, word);
        }
        // The grammar stops within `2.5` where an integer must stand.
        let stops_within = statement.byte_of(failure) > token.start;
        if stops_within || !is_plain && wants("an integer") {
            return problems::malformed_number(span, word, true);
        }
        if wants("a number") {
            return problems::malformed_number(span, word, false);
        }
    }
    if token.kind == TokenKind::Word && wants("a number") && !wants("a signal") {
        return problems::word_for_number(span, word);
    }
    if word == "." && wants("a number") && statement.kind(at + 1) == Some(TokenKind::Number) {
        let number = format!(".{}", statement.word(at + 1));
        let end = statement.token(at + 1).map_or(span.end, |next| next.end);
        return problems::malformed_number(Span { end, ..span }, &number, false);
    }
    if matches!(token.kind, TokenKind::Text { closed: true }) && wants("a text in quotes") {
        return explain_text(statement, at, token);
    }
    problems::unexpected(span, &failure.expected, Some(word))
}

/// Words at the beginning that cannot stand there.
fn explain_first_word(statement: &Refused, place: Place, culprit: usize) -> Option<Diagnostic> {
    let first = statement.first();
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
    let is_named = statement.kind(first + 1) == Some(TokenKind::Word);
    if let Some(block) = words::block(word).filter(|block| block.is_reserved || is_named) {
        return Some(match statement.word(first + 1) {
            "=" => problems::reserved_word(span, word),
            _ => problems::missing_block(span, block),
        });
    }
    let next_is_word = matches!(statement.kind(first + 1), Some(TokenKind::Word | TokenKind::Text { .. }));
    if culprit == first + 1 && next_is_word && !is_item_word(word) {
        if let Some(item) = foreign::item(word) {
            return Some(problems::foreign_item(span, word, item, item_instead(statement, item)));
        }
        return Some(problems::unknown_item(span, word, suggest(word, words::item_words())?));
    }
    None
}

/// The item for a statement that begins with a word of another language, as in `let y = a & b;`.
fn item_instead(statement: &Refused, item: &str) -> Option<String> {
    let first = statement.first();
    let rest = statement.rest(first + 1)?;
    let has_value = statement.word(first + 2) == "=";
    let is_integer = statement.kind(first + 3) == Some(TokenKind::Number);
    match item {
        "gate" => None,
        "const" | "feature" if has_value && !is_integer => Some(format!("{rest};")),
        "feature" if has_value => Some(format!("const {rest};")),
        _ => Some(format!("{item} {rest};")),
    }
}

/// The call of a function that counts, if token `at` is the count of one whose name is misspelt.
fn counting_call(statement: &Refused, at: usize) -> Option<String> {
    let name = at.checked_sub(2).filter(|&name| statement.kind(name) == Some(TokenKind::Word))?;
    let counting = words::FUNCTIONS.iter().filter(|function| function.needs_count).map(|function| function.name);
    if statement.word(at - 1) != "(" || words::function(statement.word(name)).is_some() {
        return None;
    }
    let meant = suggest_surely(statement.word(name), counting)?;
    let mut end = at;
    while matches!(statement.word(end), word if word != ")" && !word.is_empty()) {
        end = statement.part_end(end + 1, &[]);
    }
    Some(format!("{meant}({})", statement.written(at..end).unwrap_or("k, …")))
}

fn explain_text(statement: &Refused, at: usize, token: Token) -> Diagnostic {
    let written = statement.word(at);
    let mut characters = written.char_indices();
    while let Some((at, character)) = characters.next() {
        if character == '\\'
            && let Some((_, next)) = characters.next()
            && !matches!(next, '\\' | '"')
        {
            let start = token.start + at as u32;
            let end = start + 1 + next.len_utf8() as u32;
            return problems::escape(Span { start, end, ..statement.span(token) }, &format!("\\{next}"));
        }
    }
    problems::unexpected(statement.span(token), &["a text in quotes"], Some(written))
}

/// Why the head of a block is none.
pub(super) fn explain_head(statement: &Refused, failure: &Failure) -> Diagnostic {
    let at = statement.culprit(failure);
    if let Some(problem) = explain_hyphen(statement, at, failure) {
        return problem;
    }
    match statement.token(at) {
        Some(token) if is_reserved(statement.word(at)) && failure.expected.contains(&"a name") => {
            problems::reserved_word(statement.span(token), statement.word(at))
        }
        Some(token) => problems::unexpected(statement.span(token), &failure.expected, Some(statement.word(at))),
        None => problems::unexpected(statement.end(), &failure.expected, Some("{")),
    }
}
