//! The phrasing of every problem of syntax: code, headline, label and help.
//!
//! Knows facts and spans, never how they were found.

use super::foreign;
use super::words::{BLOCKS, BlockWord, CLAUSES, SETTINGS};
use crate::diagnostic::{Diagnostic, MAX_PROBLEMS, Span, code_points, is_invisible};

pub(super) fn file_too_large(span: Span, n_bytes: u64, limit: u64) -> Diagnostic {
    Diagnostic::error("file-too-large", span, format!("the file has {n_bytes} bytes"), "begins here")
        .help(format!("a .circ file has at most {limit} bytes; comprehensions (`for i in 0..N`) keep it short"))
}

pub(super) fn too_many_problems(span: Span) -> Diagnostic {
    Diagnostic::error("too-many-problems", span, format!("more than {MAX_PROBLEMS} problems"), "given up here")
        .help("mend the first ones; if this file was never meant as a circuit, name another")
}

pub(super) fn too_many_statements(span: Span, limit: usize) -> Diagnostic {
    let headline = format!("more than {limit} statements and comments");
    Diagnostic::error("too-many-statements", span, headline, "this one is too many")
        .help("comprehensions (`for i in 0..N`) and files of their own (`use \"….circ\";`) keep a file short")
}

pub(super) fn statement_too_long(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(
        "statement-too-long",
        span,
        format!("a statement of more than {limit} words and marks"),
        "begins here",
    )
    .help("end every statement with `;`; comprehensions (`for i in 0..N`) keep it short")
}

pub(super) fn unclosed_comment(span: Span) -> Diagnostic {
    Diagnostic::error("unclosed-comment", span, "a comment has no end", "begins here")
        .help("end it with `*/`, or write `//` for a comment up to the end of the line")
}

pub(super) fn unclosed_text(span: Span) -> Diagnostic {
    Diagnostic::error("unclosed-text", span, "a text has no closing quote", "begins here")
        .help("end it with `\"` on the same line")
}

pub(super) fn foreign_comment(span: Span, mark: &str) -> Diagnostic {
    Diagnostic::error("foreign-comment", span, format!("`{mark}` begins no comment"), "not part of the language")
        .help("write `//`")
}

pub(super) fn unexpected_character(span: Span, text: &str) -> Diagnostic {
    if text.chars().all(is_invisible) {
        let headline = format!("{} can stand in comments and texts only", code_points(text));
        let is_blank = text.chars().all(char::is_whitespace);
        return Diagnostic::error(
            "unexpected-character",
            span,
            headline,
            "not to be seen, and not part of the language",
        )
        .help(if is_blank { "write an ordinary blank in its place" } else { "remove it" });
    }
    let shown = shortened(text);
    let problem = Diagnostic::error(
        "unexpected-character",
        span,
        format!("`{shown}` can stand in comments and texts only"),
        "not part of the language",
    );
    let replacement = text.chars().find_map(|character| match character {
        '∧' | '·' | '⋀' => Some("&"),
        '∨' | '⋁' => Some("|"),
        '⊕' | '⊻' => Some("^"),
        '¬' | '~' => Some("!"),
        '≤' => Some("<="),
        '≥' => Some(">="),
        '≠' => Some("!="),
        '“' | '”' | '„' => Some("\""),
        '−' | '–' | '—' => Some("-"),
        '→' => Some("->"),
        '…' => Some(".."),
        _ => None,
    });
    match replacement {
        Some(replacement) => problem.help(format!("write `{replacement}`")),
        None => problem.help("names consist of the letters a to z, digits and `_`"),
    }
}

pub(super) fn nesting_too_deep(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error("nesting-too-deep", span, format!("more than {limit} levels of nesting"), "this one is too many")
        .help("define inner parts as gates or constants of their own")
}

pub(super) fn unclosed_bracket(opening: Span, bracket: &str, end: Span) -> Diagnostic {
    let closing = if bracket == "(" { ")" } else { "]" };
    Diagnostic::error("unclosed-bracket", opening, format!("`{bracket}` is never closed"), "opened here")
        .related(end, format!("no `{closing}` up to here"))
        .help(format!("add `{closing}`"))
}

pub(super) fn mismatched_bracket(opening: Span, bracket: &str, closing_span: Span, closing: &str) -> Diagnostic {
    let wanted = if bracket == "(" { ")" } else { "]" };
    Diagnostic::error(
        "mismatched-bracket",
        closing_span,
        format!("`{bracket}` is closed by `{closing}`"),
        format!("expected `{wanted}`"),
    )
    .related(opening, "opened here")
    .help(format!("write `{wanted}`, or close `{bracket}` before"))
}

pub(super) fn unmatched_bracket(span: Span, bracket: &str) -> Diagnostic {
    Diagnostic::error("unmatched-bracket", span, format!("`{bracket}` closes nothing"), "nothing is open here")
        .help("remove it, or add what it should close")
}

pub(super) fn unclosed_block(brace: Span, word: &str, next: Option<(Span, String)>) -> Diagnostic {
    let problem = Diagnostic::error("unclosed-block", brace, format!("the `{word}` block has no end"), "opened here");
    match next {
        Some((span, next)) => {
            problem.related(span, format!("`{next}` cannot stand in a block")).help(format!("add `}}` before `{next}`"))
        }
        None => problem.help("add `}` where it ends"),
    }
}

pub(super) fn misplaced_block(span: Span, word: &str, outer: &str, brace: Span) -> Diagnostic {
    let (headline, label) = match word {
        "" => (format!("`{{` opens nothing inside the `{outer}` block"), "no block begins here".to_string()),
        _ => (format!("a `{word}` block inside a `{outer}` block"), "blocks do not nest".to_string()),
    };
    Diagnostic::error("misplaced-item", span, headline, label)
        .related(brace, format!("the `{outer}` block begins here"))
        .help(format!("close the `{outer}` block with `}}` first"))
}

pub(super) fn misplaced_item(span: Span, word: &str, block: &BlockWord) -> Diagnostic {
    let name = block.word.text;
    Diagnostic::error(
        "misplaced-item",
        span,
        format!("`{word}` inside a `{name}` block"),
        format!("a `{name}` block holds {}", block.holds),
    )
    .help("move it out of the block")
}

pub(super) fn unknown_block(span: Span, word: &str, meant: Option<&str>) -> Diagnostic {
    let headline = if word.is_empty() {
        "a block without a name".to_string()
    } else {
        format!("no block is called `{}`", shortened(word))
    };
    Diagnostic::error("unknown-block", span, headline, "unknown block").help(match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("blocks are {}", listed(BLOCKS.iter().map(|block| block.word.shown), "and")),
    })
}

pub(super) fn missing_block(span: Span, block: &BlockWord) -> Diagnostic {
    let headline = format!("`{}` has no block", block.word.text);
    Diagnostic::error("missing-brace", span, headline, "expected `{` before this ends")
        .help(format!("write `{}`", block.form))
}

/// `output { x }`
pub(super) fn item_in_braces(brace: Span, item: &str) -> Diagnostic {
    let form = match item {
        "circuit" => "circuit name;",
        "use" => "use \"adders.circ\";",
        "const" => "const N = 8;",
        "feature" => "feature a, b;",
        _ => "output x, y;",
    };
    foreign_form(brace, "{", &format!("`{item}`"), format!("write `{form}`"))
}

/// `instead`: the statement as it is written here.
pub(super) fn foreign_item(span: Span, word: &str, item: &str, instead: Option<String>) -> Diagnostic {
    let Some(instead) = instead else { return unknown_item(span, word, item) };
    Diagnostic::error("unknown-item", span, format!("nothing begins with `{}`", shortened(word)), "unknown word")
        .help(format!("write `{instead}`"))
}

pub(super) fn unknown_item(span: Span, word: &str, meant: &str) -> Diagnostic {
    Diagnostic::error("unknown-item", span, format!("nothing begins with `{}`", shortened(word)), "unknown word")
        .help(format!("did you mean `{meant}`? a gate is defined by `name = …;`"))
}

pub(super) fn unknown_clause(span: Span, word: &str, meant: Option<&str>) -> Diagnostic {
    Diagnostic::error(
        "unknown-clause",
        span,
        format!("no clause of `sample` is called `{}`", shortened(word)),
        "unknown clause",
    )
    .help(match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => {
            let forms = CLAUSES.iter().map(|clause| format!("`{}`", clause.form));
            format!("clauses are {}", listed(forms, "and"))
        }
    })
}

pub(super) fn unknown_setting(span: Span, word: &str, meant: Option<&str>) -> Diagnostic {
    Diagnostic::error(
        "unknown-setting",
        span,
        format!("no setting of `network` is called `{}`", shortened(word)),
        "unknown setting",
    )
    .help(match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("settings are {}", listed(SETTINGS.iter().map(|setting| setting.word.shown), "and")),
    })
}

pub(super) fn empty_statement(span: Span, follows_block: bool) -> Diagnostic {
    let help = if follows_block { "a block ends with `}` alone: remove the `;`" } else { "remove the `;`" };
    Diagnostic::error("empty-statement", span, "a statement without content", "nothing stands before this").help(help)
}

pub(super) fn missing_semicolon(span: Span) -> Diagnostic {
    Diagnostic::error("missing-semicolon", span, "a statement has no `;`", "expected `;` here")
        .help("end every statement with `;`")
}

pub(super) fn double_equals(span: Span) -> Diagnostic {
    Diagnostic::error("double-equals", span, "`==` where a definition has `=`", "compares integers")
        .help("write `=`; `==` stands in conditions only, after `if`")
}

pub(super) fn single_equals(span: Span) -> Diagnostic {
    Diagnostic::error("single-equals", span, "`=` where integers are compared", "defines a gate").help("write `==`")
}

pub(super) fn integer_for_condition(span: Span) -> Diagnostic {
    Diagnostic::error("integer-for-condition", span, "an integer where a condition must stand", "compared with nothing")
        .help("compare it, as in `i != 0`")
}

pub(super) fn condition_for_integer(span: Span) -> Diagnostic {
    Diagnostic::error("condition-for-integer", span, "a condition where an integer must stand", "true or false")
        .help("join conditions with `&&` and `||`; only integers are compared and computed with")
}

pub(super) fn double_operator(span: Span, operator: &str) -> Diagnostic {
    let single = &operator[..1];
    Diagnostic::error("double-operator", span, format!("`{operator}` between signals"), "joins conditions, after `if`")
        .help(format!("write `{single}`"))
}

pub(super) fn word_operator(span: Span, word: &str, help: String) -> Diagnostic {
    Diagnostic::error("word-operator", span, format!("`{word}` is no operator"), "not part of the language").help(help)
}

pub(super) fn foreign_operator(span: Span, mark: &str, help: impl Into<String>) -> Diagnostic {
    Diagnostic::error(
        "foreign-operator",
        span,
        format!("`{mark}` is no operator of signals"),
        "not part of the language",
    )
    .help(help)
}

/// `written`: as another language has it; `what` it is meant to be.
pub(super) fn foreign_form(span: Span, written: &str, what: &str, help: String) -> Diagnostic {
    let headline = format!("`{}` is not how {what} is written", shortened(written));
    Diagnostic::error("foreign-form", span, headline, "not part of the language").help(help)
}

/// `and_not`: the two signals, where they may be meant.
pub(super) fn hyphenated_name(span: Span, name: &str, and_not: Option<(&str, &str)>) -> Diagnostic {
    let instead = format!("write `{}`", name.replace('-', "_"));
    Diagnostic::error("hyphenated-name", span, format!("`{name}` is no name"), "a name has no `-`").help(
        match and_not {
            Some((left, right)) => format!("{instead}; if you mean and-not, `{left} & !{right}`"),
            None => instead,
        },
    )
}

pub(super) fn reserved_word(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error("reserved-word", span, format!("`{word}` is a reserved word"), "cannot be a name")
        .help(format!("choose another name, such as `{word}_`"))
}

/// `meant`: the call of a function that counts, if it is the count.
pub(super) fn constant_signal(span: Span, number: &str, meant: Option<String>) -> Diagnostic {
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => foreign::constant(number).unwrap_or("integers stand in indices, ranges and counts only").to_string(),
    };
    Diagnostic::error("number-as-signal", span, format!("`{}` is no signal", shortened(number)), "expected a signal")
        .help(help)
}

/// `const P = 0.5`
pub(super) fn decimal_constant(span: Span, number: &str) -> Diagnostic {
    malformed_number(span, number, true)
        .help(format!("a constant is an integer: write `{number}` where it is needed, as in `plant {number};`"))
}

/// `each a with P`
pub(super) fn word_for_number(span: Span, word: &str) -> Diagnostic {
    malformed_number(span, word, false).help("a probability or bound has no name: write it as `0.25` or `1e-3`")
}

pub(super) fn escape(span: Span, escape: &str) -> Diagnostic {
    Diagnostic::error(
        "unknown-escape",
        span,
        format!("`{}` means nothing in a text", shortened(escape)),
        "unknown escape",
    )
    .help("write `\\\\` for a backslash and `\\\"` for a quote")
}

pub(super) fn empty_path(span: Span) -> Diagnostic {
    Diagnostic::error("empty-path", span, "a path is empty", "names no file")
        .help("write the path of a file, relative to this one")
}

pub(super) fn integer_too_large(span: Span, digits: &str) -> Diagnostic {
    let headline = format!("`{}` is too large", shortened(digits));
    Diagnostic::error("integer-too-large", span, headline, format!("above {}", i64::MAX)).help("integers have 64 bits")
}

pub(super) fn decimal_too_large(span: Span, digits: &str) -> Diagnostic {
    let headline = format!("`{}` is too large", shortened(digits));
    Diagnostic::error("decimal-too-large", span, headline, "infinite as a number of 64 bits")
        .help("write a smaller one")
}

pub(super) fn malformed_number(span: Span, number: &str, expected_integer: bool) -> Diagnostic {
    let number = shortened(number);
    let (what, help) = match expected_integer {
        true => ("an integer", "write digits alone"),
        false => ("a number", "write it as `0.25` or `1e-3`"),
    };
    let headline = format!("`{number}` is not {what}");
    Diagnostic::error("malformed-number", span, headline, format!("expected {what}")).help(help)
}

/// `found`: what stands there instead; `None` at the end of the statement.
pub(super) fn unexpected(span: Span, expected: &[&str], found: Option<&str>) -> Diagnostic {
    let label = if found.is_some() { "unexpected" } else { "something is missing here" };
    let found = found.map_or("the end of the statement".to_string(), |found| format!("`{}`", shortened(found)));
    let headline = match expected {
        [] => format!("{found} cannot stand here"),
        _ => format!("expected {}, found {found}", listed(expected.iter().copied(), "or")),
    };
    Diagnostic::error("unexpected-token", span, headline, label)
}

/// `a`, `a and b`, `a, b and c`
fn listed(parts: impl Iterator<Item = impl Into<String>>, before_last: &str) -> String {
    let mut parts: Vec<String> = parts.map(Into::into).collect();
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() { last } else { format!("{} {before_last} {last}", parts.join(", ")) }
}

/// What is quoted must neither flood a line nor reach the terminal as control characters.
fn shortened(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars().take(33) {
        match character {
            _ if shown.chars().count() >= 32 => shown.push('…'),
            character if is_invisible(character) => shown.extend(character.escape_unicode()),
            character => shown.push(character),
        }
    }
    shown
}
