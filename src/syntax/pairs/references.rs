//! Names with brackets behind them: what is declared, and what is referred to.
//!
//! Must not know whether there is anything of that name.

use pest::iterators::Pair;

use super::super::ast::*;
use super::grammar::{Inner, Rule, take, tokens_of};
use super::reader::Reader;

impl Reader<'_> {
    pub(super) fn declared(&mut self, pair: Pair<Rule>) -> Declared {
        let span = self.span(&pair);
        let mut inner = tokens_of(pair);
        let name = self.name(take(&mut inner, Rule::name));
        let dimensions = inner.map(|dimension| self.bracketed(dimension)).collect();
        Declared { name, dimensions, span }
    }

    /// The references that come before anything that is neither reference nor punctuation.
    pub(super) fn references(&mut self, inner: &mut Inner) -> Vec<Reference> {
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

    pub(super) fn reference(&mut self, pair: Pair<Rule>) -> Reference {
        let span = self.span(&pair);
        let mut inner = tokens_of(pair);
        let name = self.name(take(&mut inner, Rule::name));
        Reference { name, indices: inner.map(|index| self.index(index)).collect(), span }
    }

    pub(super) fn index(&mut self, pair: Pair<Rule>) -> Index {
        let mut inner = tokens_of(pair);
        inner.next();
        match self.one_or_range(&mut inner) {
            Count::Exactly(expression) => Index::At(expression),
            Count::Between(range) => Index::Slice(range),
        }
    }
}
