//! What the reference of the language says of a word: the rows of its tables.
//!
//! Must not know where the word stands.

const REFERENCE: &str = include_str!("../../grammar/README.md");

/// A row of a table: how something is written, and what that means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub form: String,
    pub meaning: String,
}

/// The rows that show how a word is written, as Markdown without links.
pub fn entries(word: &str) -> Vec<Entry> {
    let rows = REFERENCE.lines().filter_map(|line| line.strip_prefix("| `"));
    let entry = |row: &str| {
        let (form, meaning) = row.trim_end_matches(" |").split_once(" | ")?;
        let form = format!("`{form}");
        let code = form.split('`').skip(1).step_by(2);
        let has_word = code.into_iter().any(|code| first_word(code) == word);
        has_word.then(|| Entry { form, meaning: without_links(meaning) })
    };
    rows.filter_map(entry).collect()
}

/// The letters, digits and underscores that a text begins with.
fn first_word(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    &text[..end.unwrap_or(text.len())]
}

/// `[words](place)` as the words, and a bar as itself.
fn without_links(text: &str) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some((before, link)) = rest.split_once('[') {
        out.push_str(before);
        match link.split_once("](").and_then(|(words, more)| Some((words, more.split_once(')')?.1))) {
            Some((words, behind)) => {
                out.push_str(words);
                rest = behind;
            }
            None => {
                out.push('[');
                rest = link;
            }
        }
    }
    (out + rest).replace("\\|", "|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::METRICS;
    use crate::syntax::spot::{beginnings, functions};

    #[test]
    fn every_word_that_begins_something_has_a_row() {
        let blocks = [None, Some("sample"), Some("network"), Some("require")];
        let words = blocks.into_iter().flat_map(beginnings).chain(functions());
        for word in words.chain(METRICS.iter().map(|metric| metric.name)) {
            let entries = entries(word);
            assert!(!entries.is_empty(), "{word} is in no table");
            assert!(entries.iter().all(|entry| !entry.meaning.contains("](")), "{entries:?}");
        }
        assert_eq!(entries("no_such_word"), []);
    }

    #[test]
    fn links_are_their_words() {
        assert_eq!(without_links("a [stream](#a) of [b](c); x[1] \\| y"), "a stream of b; x[1] | y");
    }
}
