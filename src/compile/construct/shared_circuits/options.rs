//! What may be chosen of `shared_circuits`, word by word.
//!
//! Must not know what a choice does.

use crate::compile::construct::construction::Word;
use crate::diagnostic::Diagnostic;
use crate::program::problems::{construction_option, construction_value};

/// What may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// S: on how many places a neuron of a small circuit lies; `None` where nobody says.
    pub redundancy: Option<usize>,
    /// One copy at a time, between two blocks.
    pub ping_pong: bool,
}

const REDUNDANCY: &str = "redundancy";
const REDUNDANCY_ALLOWED: &str = "a whole number from 1 to 64";
const MAX_REDUNDANCY: usize = 64;
const PING_PONG: &str = "ping_pong";

impl Options {
    pub const NONE: Options = Options { redundancy: None, ping_pong: false };

    /// The name of the construction, and the words that choose this.
    pub fn spelled(&self, name: &str) -> String {
        match *self {
            Options { redundancy: Some(s), .. } => format!("{name} {REDUNDANCY} {s}"),
            Options { ping_pong: true, .. } => format!("{name} {PING_PONG}"),
            Options::NONE => name.to_string(),
        }
    }
}

/// # Errors
/// A word that chooses nothing, or no such value.
pub fn chosen(name: &str, words: &[Word]) -> Result<Options, Box<Diagnostic>> {
    let unknown = |(word, span): &Word, known: &[&str]| Err(Box::new(construction_option(*span, name, word, known)));
    match words {
        [] => Ok(Options::NONE),
        [(word, span), rest @ ..] if word == REDUNDANCY => {
            let no_value = |value, span| Box::new(construction_value(span, word, value, REDUNDANCY_ALLOWED, "6"));
            let [(value, value_span), rest @ ..] = rest else { return Err(no_value(None, *span)) };
            let s = value.parse().ok().filter(|s| (1..=MAX_REDUNDANCY).contains(s));
            let s = s.ok_or_else(|| no_value(Some(value.as_str()), *value_span))?;
            match rest.first() {
                Some(word) => unknown(word, &[]),
                None => Ok(Options { redundancy: Some(s), ..Options::NONE }),
            }
        }
        [(word, _), rest @ ..] if word == PING_PONG => match rest.first() {
            Some(word) => unknown(word, &[]),
            None => Ok(Options { ping_pong: true, ..Options::NONE }),
        },
        [word, ..] => unknown(word, &[REDUNDANCY, PING_PONG]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Span;

    #[test]
    fn what_is_chosen_is_spelled_as_it_was_typed_and_all_else_is_refused() {
        let words =
            |text: &str| text.split(' ').skip(1).map(|word| (word.to_string(), Span::NOWHERE)).collect::<Vec<_>>();
        for text in ["name", "name redundancy 6", "name redundancy 64", "name ping_pong"] {
            assert_eq!(chosen("name", &words(text)).unwrap().spelled("name"), text);
        }
        for text in
            ["redundancy", "redundancy 0", "redundancy 65", "redundancy 0.5", "redundancy 6 6", "ping_pong 6", "s 6"]
        {
            let problem = chosen("name", &words(&format!("name {text}"))).unwrap_err();
            assert_eq!(problem.code, "construction-option", "{text}");
        }
    }
}
