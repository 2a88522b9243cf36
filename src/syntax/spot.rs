//! Where in a text somebody is typing: in which block, and behind which words of its statement.
//!
//! Works on tokens, so that it does not matter how broken the text is. Must not know what could be typed there.

use std::ops::Range;

use super::tokens::{TokenKind, tokens};
use super::words;

/// A place between the words of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot<'a> {
    /// The word that opens the innermost block around it; `None` outside all blocks.
    pub block: Option<&'a str>,
    /// What stands before it in its statement, without the word that is being typed.
    pub before: Vec<&'a str>,
    /// The word that is being typed, as bytes of the text; empty where none is.
    pub typed: Range<usize>,
    /// The loop variables of its statement, which may stand behind it.
    pub variables: Vec<&'a str>,
}

/// `None` within comments, strings and numbers, where no word of the language stands.
pub fn spot(text: &str, offset: usize) -> Option<Spot<'_>> {
    let mut blocks: Vec<Option<&str>> = Vec::new();
    let mut before: Vec<&str> = Vec::new();
    let mut typed = offset..offset;
    let mut rest = tokens(text).peekable();
    while let Some(token) = rest.next_if(|token| (token.start as usize) < offset) {
        let (start, end) = (token.start as usize, token.end as usize);
        let is_under_way = match token.kind {
            TokenKind::Word => end >= offset,
            TokenKind::Number if end >= offset => return None,
            TokenKind::Text { closed } if end > offset || !closed && end >= offset => return None,
            TokenKind::BlockComment { closed } if end > offset || !closed => return None,
            TokenKind::LineComment | TokenKind::ForeignComment if end >= offset => return None,
            _ => false,
        };
        if is_under_way {
            typed = start..end;
            break;
        }
        match token.text(text) {
            _ if token.is_comment() => {}
            ";" => before.clear(),
            "{" => {
                blocks.push(before.first().copied().filter(|word| words::block(word).is_some()));
                before.clear();
            }
            "}" => {
                blocks.pop();
                before.clear();
            }
            word => before.push(word),
        }
    }
    let behind = rest.map(|token| token.text(text)).take_while(|token| ![";", "{", "}"].contains(token));
    let statement: Vec<&str> = before.iter().copied().chain(behind).collect();
    let bound = statement.windows(2).filter(|pair| pair[1] == "in" && is_name(pair[0])).map(|pair| pair[0]);
    let variables = bound.collect();
    Some(Spot { block: blocks.last().copied().flatten(), before, typed, variables })
}

/// Whether a text can be a name.
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    let begins = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
    begins && bytes.all(super::tokens::is_word_byte) && !words::is_reserved(text)
}

/// The words that can begin a statement in a block, or outside all; of gates none can.
pub fn beginnings(block: Option<&str>) -> Vec<&'static str> {
    match block {
        None => words::item_words().chain(["head"]).collect(),
        Some("sample") => words::CLAUSES.iter().map(|clause| clause.word.text).collect(),
        Some("network") => words::SETTINGS.iter().map(|setting| setting.word.text).collect(),
        Some("head") => vec!["match"],
        Some("require") => vec!["proved"],
        Some(_) => Vec::new(),
    }
}

/// The built-in functions.
pub fn functions() -> impl Iterator<Item = &'static str> {
    words::FUNCTIONS.iter().map(|function| function.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<(Option<&str>, Vec<&str>, &str)> {
        let offset = text.find('|').unwrap();
        let text: &'static str = Box::leak(text.replacen('|', "", 1).into_boxed_str());
        spot(text, offset).map(|spot| (spot.block, spot.before, &text[spot.typed]))
    }

    #[test]
    fn a_spot_knows_its_block_and_its_statement() {
        assert_eq!(at("|"), Some((None, vec![], "")));
        assert_eq!(at("const N = 8;\nfea|"), Some((None, vec![], "fea")));
        assert_eq!(
            at("network { width auto; construction ch|an"),
            Some((Some("network"), vec!["construction"], "chan"))
        );
        assert_eq!(at("layer a { x = b & |; }"), Some((Some("layer"), vec!["x", "=", "b", "&"], "")));
        assert_eq!(at("gate g(a) -> (b) { b = |"), Some((Some("gate"), vec!["b", "="], "")));
        assert_eq!(at("sample { choose 2 of x; } a = |b"), Some((None, vec!["a", "="], "")));
        assert_eq!(at("a = b|"), Some((None, vec!["a", "="], "b")));
    }

    #[test]
    fn nothing_is_typed_in_comments_strings_and_numbers() {
        for text in ["// a |", "/* a | */", "/* a |", "use \"a|.circ\";", "use \"a|", "x[1|2]"] {
            assert_eq!(at(text), None, "{text}");
        }
        assert!(at("/* a */|").is_some() && at("use \"a\"|;").is_some());
    }

    #[test]
    fn reserved_words_are_no_names() {
        assert!(is_name("x_1") && !is_name("1x") && !is_name("") && !is_name("for") && !is_name("a b"));
    }
}
