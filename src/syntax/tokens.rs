//! Text to tokens, comments among them: what the outline, the explanations of slips and the formatter look at.
//!
//! Knows words, numbers, strings, comments and punctuation, nothing of how they may follow each other. Never fails:
//! a byte that begins no token is a token of its own kind.

/// A token covers `start..end` of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub start: u32,
    pub end: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A letter or underscore, then letters, digits and underscores: names and keywords.
    Word,
    /// A digit, then whatever a number may hold.
    Number,
    /// `"…"`; `closed` is false when the line ends first.
    Text { closed: bool },
    /// `// …`, without the line end.
    LineComment,
    /// `/* … */`; `closed` is false when the file ends first.
    BlockComment { closed: bool },
    /// A line of another language's comment: from `#` on, or from `--` or `%` where a statement would begin.
    ForeignComment,
    /// The longest operator or bracket of the language that matches, or a single ASCII character that is none.
    Mark,
    /// A run of characters that can stand in comments and strings only.
    Foreign,
}

impl Token {
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start as usize..self.end as usize]
    }

    pub fn is_comment(&self) -> bool {
        matches!(self.kind, TokenKind::LineComment | TokenKind::BlockComment { .. } | TokenKind::ForeignComment)
    }
}

/// Marks of more than one character, longest first; of those that people type some are no part of the language.
const LONG_MARKS: [&str; 19] = [
    "..=", "<->", "<=>", "===", "!==", "..", "->", "==", "!=", "<=", ">=", "&&", "||", ":=", "=>", "=<", "**", "<<",
    ">>",
];

/// The tokens of a text, one after the other: a long text need not be held as tokens.
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether a statement would begin here.
    is_at_start: bool,
}

/// All tokens, in order. White space stands between them; so does a byte order mark at the very start.
pub(super) fn tokens(text: &str) -> Tokens<'_> {
    Tokens { bytes: text.as_bytes(), at: if text.starts_with('\u{feff}') { 3 } else { 0 }, is_at_start: true }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        while matches!(self.bytes.get(self.at)?, b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
        let start = self.at;
        let (kind, end) = match self.foreign_comment_end() {
            Some(end) => (TokenKind::ForeignComment, end),
            None => token_at(self.bytes, start),
        };
        self.at = end;
        let token = Token { kind, start: start as u32, end: end as u32 };
        if !token.is_comment() {
            self.is_at_start = matches!(self.bytes[start], b';' | b'{' | b'}');
        }
        Some(token)
    }
}

impl Tokens<'_> {
    fn foreign_comment_end(&self) -> Option<usize> {
        let rest = &self.bytes[self.at..];
        let is_comment = rest[0] == b'#' || self.is_at_start && (rest[0] == b'%' || rest.starts_with(b"--"));
        is_comment.then(|| self.at + rest.iter().take_while(|&&byte| byte != b'\n').count())
    }
}

fn token_at(bytes: &[u8], start: usize) -> (TokenKind, usize) {
    let rest = &bytes[start..];
    let run = |accept: fn(u8) -> bool| start + rest.iter().take_while(|&&byte| accept(byte)).count();
    match rest[0] {
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => (TokenKind::Word, run(is_word_byte)),
        b'0'..=b'9' => (TokenKind::Number, number_end(bytes, start)),
        b'"' => text_literal(bytes, start),
        b'/' if rest.starts_with(b"//") => (TokenKind::LineComment, run(|byte| byte != b'\n')),
        b'/' if rest.starts_with(b"/*") => match find(&rest[2..], b"*/") {
            Some(length) => (TokenKind::BlockComment { closed: true }, start + 2 + length + 2),
            None => (TokenKind::BlockComment { closed: false }, bytes.len()),
        },
        b'!'..=b'~' => {
            let long = LONG_MARKS.iter().find(|mark| rest.starts_with(mark.as_bytes()));
            (TokenKind::Mark, start + long.map_or(1, |mark| mark.len()))
        }
        _ => {
            let is_foreign = |byte: u8| !(b'!'..=b'~').contains(&byte) && !matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
            (TokenKind::Foreign, run(is_foreign))
        }
    }
}

pub(super) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Digits, then a fraction (but `0..8` is a range), then an exponent; a letter behind belongs to the slip `3x`.
fn number_end(bytes: &[u8], start: usize) -> usize {
    let words = |from: usize| from + bytes[from..].iter().take_while(|&&byte| is_word_byte(byte)).count();
    let mut end = words(start);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = words(end + 1);
    }
    let exponent = bytes[end - 1].eq_ignore_ascii_case(&b'e') && matches!(bytes.get(end), Some(b'+' | b'-'));
    if exponent && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = words(end + 1);
    }
    end
}

fn text_literal(bytes: &[u8], start: usize) -> (TokenKind, usize) {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return (TokenKind::Text { closed: true }, at + 1),
            b'\n' => break,
            b'\\' if bytes.get(at + 1).is_some_and(|&next| next != b'\n') => at += 2,
            _ => at += 1,
        }
    }
    let mut end = at.min(bytes.len());
    while bytes[end - 1] == b'\r' {
        end -= 1;
    }
    (TokenKind::Text { closed: false }, end)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        tokens(text).map(|token| token.text(text)).collect()
    }

    #[test]
    fn numbers_end_where_a_range_begins() {
        assert_eq!(
            texts("0..8 0.5 1e-3 2.5e+7 3x 0..=N"),
            ["0", "..", "8", "0.5", "1e-3", "2.5e+7", "3x", "0", "..=", "N"]
        );
    }

    #[test]
    fn comments_and_strings_hide_what_they_hold() {
        assert_eq!(texts("a /* ; \" */ b // c;\n\"x; // y\" d"), ["a", "/* ; \" */", "b", "// c;", "\"x; // y\"", "d"]);
    }

    #[test]
    fn unclosed_things_end_with_their_line_or_the_file() {
        let kinds: Vec<TokenKind> = tokens("\"abc\r\n/* d").map(|token| token.kind).collect();
        assert_eq!(kinds, [TokenKind::Text { closed: false }, TokenKind::BlockComment { closed: false }]);
    }

    #[test]
    fn a_comment_of_another_language_is_one_token() {
        assert_eq!(texts("a # b;\n-- c\n;\n-- d\n% e\nf"), ["a", "# b;", "-", "-", "c", ";", "-- d", "% e", "f"]);
        assert_eq!(texts("x[a % b]; y[--1]"), ["x", "[", "a", "%", "b", "]", ";", "y", "[", "-", "-", "1", "]"]);
    }

    #[test]
    fn characters_outside_the_language_are_one_token_a_run() {
        assert_eq!(texts("a ∧∧ b\0\u{1}"), ["a", "∧∧", "b", "\0\u{1}"]);
        assert_eq!(texts("\u{feff}a"), ["a"]);
    }
}
