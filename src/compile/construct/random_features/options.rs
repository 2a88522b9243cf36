//! What may be chosen of `random_features`, word by word.
//!
//! Must not know what a choice does.

use crate::compile::construct::construction::Word;
use crate::diagnostic::Diagnostic;
use crate::program::problems::construction_option;

/// How weights are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// Random signs.
    Rademacher,
    /// Of variance 1.
    Gaussian,
}

/// The bias of every neuron.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bias {
    /// So many times the standard deviation of what all signals that are on add to a neuron.
    Over(f64),
    /// None where every gate is read without.
    AsNeeded,
    /// Where read-offs are expected to have the least noise.
    Fitted,
}

/// How gates are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadBy {
    Conditions,
    Expectation,
    Plain,
}

impl ReadBy {
    pub fn name(self) -> &'static str {
        match self {
            ReadBy::Conditions => "conditions",
            ReadBy::Expectation => "expectation",
            ReadBy::Plain => "plain",
        }
    }
}

/// What nobody says is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    pub weights: Option<Weights>,
    pub bias: Option<Bias>,
    pub read_by: Option<ReadBy>,
}

/// A word, and what it chooses. No two of one kind may be given.
struct Row {
    word: &'static str,
    choose: fn(&mut Options) -> bool,
}

const ROWS: [Row; 7] = [
    Row { word: "rademacher", choose: |options| options.weights.replace(Weights::Rademacher).is_none() },
    Row { word: "gaussian", choose: |options| options.weights.replace(Weights::Gaussian).is_none() },
    Row { word: "zero_bias", choose: |options| options.bias.replace(Bias::Over(0.0)).is_none() },
    Row { word: "fitted_bias", choose: |options| options.bias.replace(Bias::Fitted).is_none() },
    Row { word: "conditions", choose: |options| options.read_by.replace(ReadBy::Conditions).is_none() },
    Row { word: "expectation", choose: |options| options.read_by.replace(ReadBy::Expectation).is_none() },
    Row { word: "plain", choose: |options| options.read_by.replace(ReadBy::Plain).is_none() },
];

impl Options {
    pub const NONE: Options = Options { weights: None, bias: None, read_by: None };

    /// The name of the construction, and the words that choose this, in the order of the table.
    pub fn spelled(&self, name: &str) -> String {
        let is_chosen = |row: &&Row| {
            let mut with = *self;
            !(row.choose)(&mut with) && with == *self
        };
        let words = ROWS.iter().filter(is_chosen).map(|row| row.word);
        [name].into_iter().chain(words).collect::<Vec<_>>().join(" ")
    }
}

/// # Errors
/// A word that chooses nothing, or what another has chosen.
pub fn chosen(name: &str, words: &[Word]) -> Result<Options, Box<Diagnostic>> {
    let mut options = Options::NONE;
    for (word, span) in words {
        let row = ROWS.iter().find(|row| row.word == word);
        if !row.is_some_and(|row| (row.choose)(&mut options)) {
            return Err(Box::new(construction_option(*span, name, word, &ROWS.map(|row| row.word))));
        }
    }
    Ok(options)
}
