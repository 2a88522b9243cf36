//! Every word of the language, once: a row for each, from which the outline, the readers of statements, the messages,
//! the canonical form and the meaning of calls take what they know of words.
//!
//! Must not know what may follow a word: that is the grammar's, whose rules a test holds against these rows, together
//! with the reference and the dictionary of the fuzzer.

/// A word, and how messages show it.
pub(crate) struct Word {
    pub text: &'static str,
    pub shown: &'static str,
}

macro_rules! word {
    ($text:literal) => {
        Word { text: $text, shown: concat!("`", $text, "`") }
    };
}

/// Where a statement stands decides what it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    File,
    Gate,
    Layer,
    Sample,
    Network,
    Require,
    Attention,
}

/// The words that begin an item of one statement; none of them can be a name.
const DECLARATIONS: &[Word] = &[word!("circuit"), word!("use"), word!("const"), word!("feature"), word!("output")];

/// A word that begins an item with a block.
pub(super) struct BlockWord {
    pub word: Word,
    /// Whether it cannot be a name.
    pub is_reserved: bool,
    /// Where the statements of the block stand.
    pub place: Place,
    /// How the block is written.
    pub form: &'static str,
    pub holds: &'static str,
}

pub(super) const BLOCKS: &[BlockWord] = &[
    BlockWord {
        word: word!("gate"),
        is_reserved: true,
        place: Place::Gate,
        form: "gate name(a, b) -> (c, d) { … }",
        holds: "definitions of gates",
    },
    BlockWord {
        word: word!("layer"),
        is_reserved: true,
        place: Place::Layer,
        form: "layer name { … }",
        holds: "definitions of gates",
    },
    BlockWord {
        word: word!("sample"),
        is_reserved: true,
        place: Place::Sample,
        form: "sample { … }",
        holds: "clauses",
    },
    BlockWord {
        word: word!("network"),
        is_reserved: true,
        place: Place::Network,
        form: "network { … }",
        holds: "settings",
    },
    BlockWord {
        word: word!("require"),
        is_reserved: true,
        place: Place::Require,
        form: "require { … }",
        holds: "requirements",
    },
    BlockWord {
        word: word!("head"),
        is_reserved: false,
        place: Place::Attention,
        form: "head name rank 64 tokens 16 { … }",
        holds: "matches of features",
    },
];

/// The words of a comprehension; none of them can be a name.
const COMPREHENSION: &[Word] = &[word!("for"), word!("in"), word!("if")];

/// A word that begins a statement of a `sample` block.
pub(super) struct ClauseWord {
    pub word: Word,
    /// How the clause is written.
    pub form: &'static str,
}

pub(super) const CLAUSES: &[ClauseWord] = &[
    ClauseWord { word: word!("choose"), form: "choose 2 of a;" },
    ClauseWord { word: word!("each"), form: "each a, b with 0.1;" },
    ClauseWord { word: Word { text: "one", shown: "`one of`" }, form: "one of a;" },
    ClauseWord { word: word!("plant"), form: "plant 0.5;" },
    ClauseWord { word: word!("from"), form: "from \"rows.csv\";" },
];

/// A word that begins a statement of a `network` block.
pub(crate) struct SettingWord {
    pub word: Word,
    pub shape: Shape,
}

/// What is written behind the word of a setting: the grammar has a rule for each shape, the tree a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `256`, `detect 300`, `auto`
    Width,
    /// An integer expression.
    Number,
    /// One name out of a few.
    Choice,
    /// One name out of a few, and what is chosen of it: `universal density 0.1`.
    Words,
    /// `topic in 48 with gaussian`
    Store,
    /// `256`, `256 with kerdock`
    Stream,
    /// `after detect`
    After,
}

pub(crate) const SETTINGS: &[SettingWord] = &[
    SettingWord { word: word!("width"), shape: Shape::Width },
    SettingWord { word: word!("construction"), shape: Shape::Words },
    SettingWord { word: word!("optimize"), shape: Shape::Number },
    SettingWord { word: word!("seed"), shape: Shape::Number },
    SettingWord { word: word!("samples"), shape: Shape::Number },
    SettingWord { word: word!("residual"), shape: Shape::Stream },
    SettingWord { word: word!("store"), shape: Shape::Store },
    SettingWord { word: word!("correct"), shape: Shape::After },
    SettingWord { word: word!("decoder"), shape: Shape::Choice },
    SettingWord { word: word!("readoff"), shape: Shape::Choice },
    SettingWord { word: word!("activation"), shape: Shape::Choice },
    SettingWord { word: word!("mix"), shape: Shape::Choice },
];

/// The words between the parts of a clause or a setting.
const JOINTS: &[Word] =
    &[word!("of"), word!("with"), word!("after"), word!("when"), word!("correlated"), word!("weighted")];

/// The functions of probabilities and weights.
const SHARES: &[Word] = &[word!("zipf")];

/// The words that stand where an integer could.
const VALUES: &[Word] = &[word!("auto")];

/// The words that stand where a metric could.
const PROOFS: &[Word] = &[word!("proved")];

/// The words within a head and its block.
const HEADS: &[Word] = &[word!("rank"), word!("tokens"), word!("match")];

/// A built-in function: a name that a call may have and a sub-circuit may not.
pub(crate) struct FunctionWord {
    pub name: &'static str,
    /// Its first argument is an integer.
    pub needs_count: bool,
}

pub(crate) const FUNCTIONS: &[FunctionWord] = &[
    FunctionWord { name: "all", needs_count: false },
    FunctionWord { name: "any", needs_count: false },
    FunctionWord { name: "parity", needs_count: false },
    FunctionWord { name: "nand", needs_count: false },
    FunctionWord { name: "nor", needs_count: false },
    FunctionWord { name: "xnor", needs_count: false },
    FunctionWord { name: "majority", needs_count: false },
    FunctionWord { name: "at_least", needs_count: true },
    FunctionWord { name: "at_most", needs_count: true },
    FunctionWord { name: "exactly", needs_count: true },
    FunctionWord { name: "mux", needs_count: false },
    FunctionWord { name: "pick", needs_count: true },
];

/// The words that begin an item and cannot be names.
pub(super) fn item_words() -> impl Iterator<Item = &'static str> {
    let blocks = BLOCKS.iter().filter(|block| block.is_reserved);
    DECLARATIONS.iter().chain(blocks.map(|block| &block.word)).map(|word| word.text)
}

pub(super) fn is_item_word(text: &str) -> bool {
    item_words().any(|word| word == text)
}

/// Whether the word cannot be a name.
pub(crate) fn is_reserved(text: &str) -> bool {
    is_item_word(text) || is_of_comprehension(text)
}

pub(super) fn is_of_comprehension(text: &str) -> bool {
    COMPREHENSION.iter().any(|word| word.text == text)
}

pub(super) fn is_joint(text: &str) -> bool {
    JOINTS.iter().any(|word| word.text == text)
}

/// Whether the word, with a bracket behind it, is a function of probabilities.
pub(super) fn is_of_shares(text: &str) -> bool {
    SHARES.iter().any(|word| word.text == text)
}

/// The block that the word opens.
pub(super) fn block(text: &str) -> Option<&'static BlockWord> {
    BLOCKS.iter().find(|block| block.word.text == text)
}

/// The block whose statements stand there; `None` outside all blocks.
pub(super) fn block_around(place: Place) -> Option<&'static BlockWord> {
    BLOCKS.iter().find(|block| block.place == place)
}

pub(super) fn clause(text: &str) -> Option<&'static ClauseWord> {
    CLAUSES.iter().find(|clause| clause.word.text == text)
}

pub(super) fn setting(text: &str) -> Option<&'static SettingWord> {
    SETTINGS.iter().find(|setting| setting.word.text == text)
}

pub(crate) fn function(name: &str) -> Option<&'static FunctionWord> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// The words that the grammar spells as rules of their own, each by a rule `kw_…`: settings and functions are names to
/// it.
fn of_grammar() -> impl Iterator<Item = &'static Word> {
    let blocks = BLOCKS.iter().map(|block| &block.word);
    let clauses = CLAUSES.iter().map(|clause| &clause.word);
    let within = [JOINTS, SHARES, VALUES, PROOFS, HEADS].into_iter().flatten();
    DECLARATIONS.iter().chain(blocks).chain(COMPREHENSION).chain(clauses).chain(within)
}

/// How messages show a word that has a rule of its own.
pub(super) fn shown(text: &str) -> Option<&'static str> {
    of_grammar().find(|word| word.text == text).map(|word| word.shown)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const GRAMMAR: &str = include_str!("../../grammar/circ.pest");
    const REFERENCE: &str = include_str!("../../grammar/README.md");
    const DICTIONARY: &str = include_str!("../../grammar/circ.dict");
    const HIGHLIGHTING: &str = include_str!("../../grammar/circ.tmLanguage.json");

    fn every_word() -> Vec<&'static str> {
        let settings = SETTINGS.iter().map(|setting| setting.word.text);
        let functions = FUNCTIONS.iter().map(|function| function.name);
        of_grammar().map(|word| word.text).chain(settings).chain(functions).collect()
    }

    /// The runs of letters, digits and underscores.
    fn words_of(text: &str) -> impl Iterator<Item = &str> {
        text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
    }

    /// What stands in quotes in a rule of the grammar.
    fn literals_of(rule: &str) -> BTreeSet<&'static str> {
        let line = GRAMMAR.lines().find(|line| line.split(' ').next() == Some(rule) && line.contains(" = "));
        line.expect("there is such a rule").split('"').skip(1).step_by(2).collect()
    }

    #[test]
    fn each_word_has_one_row() {
        let words = every_word();
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
    }

    #[test]
    fn each_place_but_the_file_is_that_of_one_block() {
        for place in [Place::Gate, Place::Layer, Place::Sample, Place::Network, Place::Require, Place::Attention] {
            assert_eq!(BLOCKS.iter().filter(|block| block.place == place).count(), 1, "{place:?}");
        }
        assert!(block_around(Place::File).is_none());
    }

    #[test]
    fn the_grammar_has_a_rule_for_each_of_its_words() {
        let rules: BTreeSet<&str> = words_of(GRAMMAR).filter_map(|name| name.strip_prefix("kw_")).collect();
        assert_eq!(rules, of_grammar().map(|word| word.text).collect());
        for word in rules {
            assert_eq!(literals_of(&format!("kw_{word}")), BTreeSet::from([word]));
        }
    }

    #[test]
    fn the_grammar_reserves_the_same_words() {
        let reserved: BTreeSet<&str> = every_word().into_iter().filter(|word| is_reserved(word)).collect();
        assert_eq!(literals_of("reserved"), reserved);
        let written: Vec<&str> = reserved.into_iter().collect();
        assert!(REFERENCE.contains(&format!("`{}`", written.join(" "))), "the reference lists them in this order");
    }

    #[test]
    fn the_grammar_knows_which_functions_need_a_count() {
        let counted = FUNCTIONS.iter().filter(|function| function.needs_count).map(|function| function.name);
        assert_eq!(literals_of("counted_name"), counted.clone().collect());
        let starts = literals_of("counted_start");
        for name in counted {
            assert!(starts.iter().any(|start| name.starts_with(start)), "{name}");
        }
    }

    #[test]
    fn the_reference_the_fuzzer_and_the_highlighting_know_each_word() {
        let pages = [("the reference", REFERENCE), ("the dictionary", DICTIONARY), ("the highlighting", HIGHLIGHTING)];
        for (page, text) in pages {
            let known: BTreeSet<&str> = words_of(text).collect();
            let missing: Vec<&str> = every_word().into_iter().filter(|word| !known.contains(word)).collect();
            assert_eq!(missing, [] as [&str; 0], "{page}");
        }
    }
}
