//! One statement to a node of the tree, by the grammar of `grammar/circ.pest`: only this folder knows pest.
//!
//! Here: the way in. `grammar`: what pest makes of the grammar. `reader`: the leaves of the tree. `integers`:
//! expressions. `references`: names with brackets. `guards`: ranges and conditions of comprehensions. `formulas`: what
//! defines a gate. `items`: what stands in a file. `blocks`: what stands in `sample`, `network`, `require` and `head`.
//! `wording`: what a rule is called in a message. Must not know where a statement stands in its file, nor what a name
//! means. Recursion here and in pest follows the nesting of brackets, which the outline has bounded before.

mod blocks;
mod formulas;
mod grammar;
mod guards;
mod integers;
mod items;
mod reader;
mod references;
mod wording;

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

pub(super) use self::items::Head;

use self::grammar::{Circ, Rule};
use self::reader::Reader;
use super::ast::*;
use super::tokens::is_word_byte;
use super::words::{self, Place, Shape};
use crate::diagnostic::{Diagnostic, FileId};

/// What a statement turned out to be.
pub(super) enum Statement {
    Item(Item),
    Definition(Definition),
    Clause(Clause),
    Setting(Setting),
    Requirement(Requirement),
    Match(Match),
}

/// The text is no statement: the grammar came as far as byte `at`, where it could have gone on with `expected`.
pub(super) struct Failure {
    /// Relative to the statement.
    pub at: usize,
    /// In the user's words, without repetition.
    pub expected: Vec<&'static str>,
}

/// Reads `text` (without its `;`), which begins at byte `base` of `file`.
pub(super) fn statement(
    place: Place,
    text: &str,
    file: FileId,
    base: u32,
    found: &mut Vec<Diagnostic>,
) -> Result<Statement, Failure> {
    let rule = match place {
        Place::File => Rule::file_statement,
        Place::Gate | Place::Layer => Rule::definition_statement,
        Place::Sample => Rule::sample_statement,
        Place::Network => rule_of_setting(text)?,
        Place::Require => Rule::require_statement,
        Place::Attention => Rule::match_statement,
    };
    let pair = only_pair(rule, text)?;
    let mut reader = Reader::new(file, base, found);
    Ok(match place {
        Place::File => Statement::Item(reader.item(pair)),
        Place::Gate | Place::Layer => Statement::Definition(reader.definition(pair)),
        Place::Sample => Statement::Clause(reader.clause(pair)),
        Place::Network => Statement::Setting(reader.setting(pair)),
        Place::Require => Statement::Requirement(reader.requirement(pair)),
        Place::Attention => Statement::Match(reader.matched(pair)),
    })
}

/// The rule for the shape of the setting whose word the text begins with.
fn rule_of_setting(text: &str) -> Result<Rule, Failure> {
    let length = text.bytes().take_while(|&byte| is_word_byte(byte)).count();
    let Some(setting) = words::setting(&text[..length]) else {
        return Err(Failure { at: 0, expected: words::SETTINGS.iter().map(|setting| setting.word.shown).collect() });
    };
    Ok(match setting.shape {
        Shape::Width => Rule::width_statement,
        Shape::Number => Rule::number_statement,
        Shape::Choice => Rule::choice_statement,
        Shape::Words => Rule::words_statement,
        Shape::Store => Rule::store_statement,
        Shape::Stream => Rule::stream_statement,
        Shape::After => Rule::after_statement,
    })
}

/// Reads the head of a block, without its `{`.
pub(super) fn head(text: &str, file: FileId, base: u32, found: &mut Vec<Diagnostic>) -> Result<Head, Failure> {
    let pair = only_pair(Rule::block_head, text)?;
    Ok(Reader::new(file, base, found).head(pair))
}

/// Whether the whole of `text` is a program, by the one rule that describes a file.
#[cfg(test)]
pub(super) fn is_file(text: &str) -> bool {
    Circ::parse(Rule::file, text).is_ok()
}

fn only_pair(rule: Rule, text: &str) -> Result<Pair<'_, Rule>, Failure> {
    match Circ::parse(rule, text) {
        Ok(mut pairs) => Ok(pairs.next().expect("a statement is one pair")),
        Err(error) => {
            let at = match error.location {
                InputLocation::Pos(at) => at,
                InputLocation::Span((start, _)) => start,
            };
            let mut expected = Vec::new();
            if let ErrorVariant::ParsingError { positives, .. } = error.variant {
                for words in positives.into_iter().flat_map(wording::of_rule) {
                    if !expected.contains(&words) {
                        expected.push(words);
                    }
                }
            }
            Err(Failure { at, expected: wording::tidied(expected) })
        }
    }
}
