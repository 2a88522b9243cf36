//! Pairs to nodes: what every reader of a statement needs, and the leaves of the tree.
//!
//! Must not know which rules there are beyond single tokens; further readers (`integers`, `references`, …) add theirs.

use pest::iterators::Pair;

use super::super::ast::*;
use super::super::problems;
use super::grammar::Rule;
use crate::diagnostic::{Diagnostic, FileId, MAX_PROBLEMS, Span};

/// Turns pairs, whose shape the grammar guarantees, into nodes.
pub(super) struct Reader<'a> {
    file: FileId,
    base: u32,
    /// Problems that the grammar lets pass, such as integers that are too large.
    found: &'a mut Vec<Diagnostic>,
    /// How many operators deep the integer expression is that was read last.
    pub depth: usize,
    /// Reported already.
    pub is_too_deep: bool,
}

impl<'a> Reader<'a> {
    /// For a statement that begins at byte `base` of `file`.
    pub fn new(file: FileId, base: u32, found: &'a mut Vec<Diagnostic>) -> Reader<'a> {
        Reader { file, base, found, depth: 0, is_too_deep: false }
    }

    /// One statement may hold millions of problems: no more are kept than anybody reads.
    pub fn report(&mut self, problem: Diagnostic) {
        if self.found.len() <= MAX_PROBLEMS {
            self.found.push(problem);
        }
    }

    pub fn span(&self, pair: &Pair<Rule>) -> Span {
        let span = pair.as_span();
        Span { file: self.file, start: self.base + span.start() as u32, end: self.base + span.end() as u32 }
    }

    pub fn name(&self, pair: Pair<Rule>) -> Name {
        Name { text: pair.as_str().to_string(), span: self.span(&pair) }
    }

    /// The path of a file.
    pub fn text(&mut self, pair: Pair<Rule>) -> Text {
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

    pub fn decimal(&mut self, pair: Pair<Rule>) -> Decimal {
        let (text, span) = (pair.as_str().to_string(), self.span(&pair));
        let value: f64 = text.parse().expect("the grammar's decimals are Rust's");
        if value.is_infinite() {
            self.report(problems::decimal_too_large(span, &text));
        }
        Decimal { value, text, span }
    }
}

pub(super) fn comparison(pair: &Pair<Rule>) -> Comparison {
    match pair.as_str() {
        "==" => Comparison::Equal,
        "!=" => Comparison::NotEqual,
        "<=" => Comparison::LessEqual,
        ">=" => Comparison::GreaterEqual,
        "<" => Comparison::Less,
        _ => Comparison::Greater,
    }
}
