//! One statement to a node of the tree, by the grammar of `grammar/circ.pest`: only this folder knows pest.
//!
//! Here: the way in, names and items. `formulas`: what defines a gate. `integers`: expressions. `guards`: ranges and
//! conditions of comprehensions. `blocks`: what stands in `sample`, `network` and `require`. `wording`: what a rule is
//! called in a message. Must not know where a statement stands in its file, nor what a name means. Recursion here and
//! in pest follows the nesting of brackets, which the outline has bounded before.

mod blocks;
mod formulas;
mod guards;
mod integers;
mod wording;

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::{Pair, Pairs};

use super::ast::*;
use super::problems;
use crate::diagnostic::{Diagnostic, FileId, MAX_PROBLEMS, Span};

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/circ.pest"]
struct CircParser;

/// Where a statement stands decides what it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    File,
    Gate,
    Layer,
    Sample,
    Network,
    Require,
}

/// What a statement turned out to be.
pub(super) enum Statement {
    Item(Item),
    Definition(Definition),
    Clause(Clause),
    Setting(Setting),
    Requirement(Requirement),
}

/// What stands before `{`.
pub(super) enum Head {
    Gate { name: Name, parameters: Vec<Declared>, results: Vec<Declared> },
    Layer { name: Name },
    Sample,
    Network,
    Require,
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
        Place::Network => Rule::network_statement,
        Place::Require => Rule::require_statement,
    };
    let pair = only_pair(rule, text)?;
    let mut reader = Reader { file, base, found, depth: 0, is_too_deep: false };
    Ok(match place {
        Place::File => Statement::Item(reader.item(pair)),
        Place::Gate | Place::Layer => Statement::Definition(reader.definition(pair)),
        Place::Sample => Statement::Clause(reader.clause(pair)),
        Place::Network => Statement::Setting(reader.setting(pair)),
        Place::Require => Statement::Requirement(reader.requirement(pair)),
    })
}

/// Reads the head of a block, without its `{`.
pub(super) fn head(text: &str, file: FileId, base: u32, found: &mut Vec<Diagnostic>) -> Result<Head, Failure> {
    let pair = only_pair(Rule::block_head, text)?;
    let mut reader = Reader { file, base, found, depth: 0, is_too_deep: false };
    Ok(match pair.as_rule() {
        Rule::gate_head => {
            let (mut name, mut parameters, mut results) = (None, Vec::new(), Vec::new());
            for part in pair.into_inner() {
                match part.as_rule() {
                    Rule::name => name = Some(reader.name(part)),
                    Rule::declared => parameters.push(reader.declared(part)),
                    Rule::results => {
                        let declared = part.into_inner().filter(|inner| inner.as_rule() == Rule::declared);
                        results = declared.map(|inner| reader.declared(inner)).collect();
                    }
                    _ => {}
                }
            }
            Head::Gate { name: name.expect("a gate head has a name"), parameters, results }
        }
        Rule::layer_head => Head::Layer { name: reader.name(last(pair)) },
        Rule::sample_head => Head::Sample,
        Rule::network_head => Head::Network,
        Rule::require_head => Head::Require,
        rule => unreachable!("{rule:?} is no head of a block"),
    })
}

/// Whether the whole of `text` is a program, by the one rule that describes a file.
#[cfg(test)]
pub(super) fn is_file(text: &str) -> bool {
    CircParser::parse(Rule::file, text).is_ok()
}

fn only_pair(rule: Rule, text: &str) -> Result<Pair<'_, Rule>, Failure> {
    match CircParser::parse(rule, text) {
        Ok(mut pairs) => Ok(pairs.next().expect("a statement is one pair")),
        Err(error) => {
            let at = match error.location {
                InputLocation::Pos(at) => at,
                InputLocation::Span((start, _)) => start,
            };
            let mut expected = Vec::new();
            if let ErrorVariant::ParsingError { positives, .. } = error.variant {
                for words in positives.into_iter().flat_map(wording::of_rule) {
                    if !expected.contains(words) {
                        expected.push(*words);
                    }
                }
            }
            Err(Failure { at, expected: wording::tidied(expected) })
        }
    }
}

fn last(pair: Pair<Rule>) -> Pair<Rule> {
    pair.into_inner().last().expect("the grammar puts something here")
}

/// Turns pairs, whose shape the grammar guarantees, into nodes.
struct Reader<'a> {
    file: FileId,
    base: u32,
    /// Problems that the grammar lets pass, such as integers that are too large.
    found: &'a mut Vec<Diagnostic>,
    /// How many operators deep the integer expression is that was read last.
    depth: usize,
    /// Reported already.
    is_too_deep: bool,
}

type Inner<'a> = std::iter::Peekable<Pairs<'a, Rule>>;

impl Reader<'_> {
    /// One statement may hold millions of problems: no more are kept than anybody reads.
    fn report(&mut self, problem: Diagnostic) {
        if self.found.len() <= MAX_PROBLEMS {
            self.found.push(problem);
        }
    }

    fn span(&self, pair: &Pair<Rule>) -> Span {
        let span = pair.as_span();
        Span { file: self.file, start: self.base + span.start() as u32, end: self.base + span.end() as u32 }
    }

    fn name(&self, pair: Pair<Rule>) -> Name {
        Name { text: pair.as_str().to_string(), span: self.span(&pair) }
    }

    /// The path of a file.
    fn text(&mut self, pair: Pair<Rule>) -> Text {
        let span = self.span(&pair);
        let written = pair.as_str();
        let mut text = String::with_capacity(written.len());
        let mut characters = written[1..written.len() - 1].chars();
        while let Some(character) = characters.next() {
            // The grammar knows two escapes, `\\` and `\"`: both mean what follows.
            text.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
        }
        if text.is_empty() {
            self.report(problems::empty_path(span));
        }
        Text { text, span }
    }

    fn decimal(&mut self, pair: Pair<Rule>) -> Decimal {
        let (text, span) = (pair.as_str().to_string(), self.span(&pair));
        let value: f64 = text.parse().expect("the grammar's decimals are Rust's");
        if value.is_infinite() {
            self.report(problems::decimal_too_large(span, &text));
        }
        Decimal { value, text, span }
    }

    fn item(&mut self, pair: Pair<Rule>) -> Item {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::circuit => Item::Circuit { name: self.name(last(pair)), span },
            Rule::use_file => Item::Use { path: self.text(last(pair)), span },
            Rule::constant => {
                let mut inner = tokens_of(pair);
                let name = self.name(take(&mut inner, Rule::name));
                take(&mut inner, Rule::equals);
                Item::Const { name, value: self.integer_expression(&mut inner), span }
            }
            Rule::feature => {
                let declared = pair.into_inner().filter(|inner| inner.as_rule() == Rule::declared);
                Item::Feature { declared: declared.map(|inner| self.declared(inner)).collect(), span }
            }
            Rule::output => Item::Output { signals: self.references(&mut tokens_of(pair)), span },
            _ => Item::Definition(self.definition(pair)),
        }
    }

    fn declared(&mut self, pair: Pair<Rule>) -> Declared {
        let span = self.span(&pair);
        let mut inner = tokens_of(pair);
        let name = self.name(take(&mut inner, Rule::name));
        let dimensions = inner.map(|dimension| self.bracketed(dimension)).collect();
        Declared { name, dimensions, span }
    }

    /// `[` expression `]`
    fn bracketed(&mut self, pair: Pair<Rule>) -> Expr {
        let mut inner = tokens_of(pair);
        inner.next();
        self.integer_expression(&mut inner)
    }

    fn definition(&mut self, pair: Pair<Rule>) -> Definition {
        let span = self.span(&pair);
        let mut inner = tokens_of(pair);
        let target = inner.next().expect("a definition has a target");
        let targets = match target.as_rule() {
            Rule::tuple => self.references(&mut tokens_of(target)),
            _ => vec![self.reference(target)],
        };
        take(&mut inner, Rule::equals);
        let value = self.formula(&mut inner);
        let comprehension = inner.next().map(|pair| self.comprehension(pair));
        Definition { targets, value, comprehension, span }
    }

    /// The references that come before anything that is neither reference nor punctuation.
    fn references(&mut self, inner: &mut Inner) -> Vec<Reference> {
        let mut references = Vec::new();
        while let Some(pair) = inner.peek() {
            match pair.as_rule() {
                Rule::reference => references.extend(inner.next().map(|pair| self.reference(pair))),
                Rule::comma | Rule::open_parenthesis | Rule::kw_output => drop(inner.next()),
                _ => break,
            }
        }
        references
    }

    fn reference(&mut self, pair: Pair<Rule>) -> Reference {
        let span = self.span(&pair);
        let mut inner = tokens_of(pair);
        let name = self.name(take(&mut inner, Rule::name));
        Reference { name, indices: inner.map(|index| self.index(index)).collect(), span }
    }

    fn index(&mut self, pair: Pair<Rule>) -> Index {
        let mut inner = tokens_of(pair);
        inner.next();
        match self.one_or_range(&mut inner) {
            Count::Exactly(expression) => Index::At(expression),
            Count::Between(range) => Index::Slice(range),
        }
    }

    /// One expression, or two with dots between.
    fn one_or_range(&mut self, inner: &mut Inner) -> Count {
        let start = self.integer_expression(inner);
        let Some(dots) = inner.next_if(|pair| pair.as_rule() == Rule::dots) else { return Count::Exactly(start) };
        let inclusive = dots.as_str() == "..=";
        let end = self.integer_expression(inner);
        let span = start.span().to(end.span());
        Count::Between(Range { start, end, inclusive, span })
    }
}

fn tokens_of(pair: Pair<Rule>) -> Inner {
    pair.into_inner().peekable()
}

/// The next pair of this rule; what stands before it is punctuation.
fn take<'a>(inner: &mut Inner<'a>, rule: Rule) -> Pair<'a, Rule> {
    inner.find(|pair| pair.as_rule() == rule).expect("the grammar puts this rule here")
}

fn comparison(pair: &Pair<Rule>) -> Comparison {
    match pair.as_str() {
        "==" => Comparison::Equal,
        "!=" => Comparison::NotEqual,
        "<=" => Comparison::LessEqual,
        ">=" => Comparison::GreaterEqual,
        "<" => Comparison::Less,
        _ => Comparison::Greater,
    }
}
