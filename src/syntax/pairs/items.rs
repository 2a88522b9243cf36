//! Items, and the heads of those that have a block.
//!
//! Must not know what the block holds.

use pest::iterators::Pair;

use super::super::ast::*;
use super::grammar::{Rule, last, take, tokens_of};
use super::reader::Reader;

/// What stands before `{`.
pub(in crate::syntax) enum Head {
    Gate { name: Name, parameters: Vec<Declared>, results: Vec<Declared> },
    Layer { name: Name },
    Sample,
    Network,
    Require,
    Attention { name: Name, rank: Expr, tokens: Expr },
}

impl Reader<'_> {
    pub(super) fn item(&mut self, pair: Pair<Rule>) -> Item {
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

    pub(super) fn head(&mut self, pair: Pair<Rule>) -> Head {
        match pair.as_rule() {
            Rule::gate_head => {
                let (mut name, mut parameters, mut results) = (None, Vec::new(), Vec::new());
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::name => name = Some(self.name(part)),
                        Rule::declared => parameters.push(self.declared(part)),
                        Rule::results => {
                            let declared = part.into_inner().filter(|inner| inner.as_rule() == Rule::declared);
                            results = declared.map(|inner| self.declared(inner)).collect();
                        }
                        _ => {}
                    }
                }
                Head::Gate { name: name.expect("a gate head has a name"), parameters, results }
            }
            Rule::layer_head => Head::Layer { name: self.name(last(pair)) },
            Rule::sample_head => Head::Sample,
            Rule::network_head => Head::Network,
            Rule::require_head => Head::Require,
            Rule::attention_head => self.attention_head(pair),
            rule => unreachable!("{rule:?} is no head of a block"),
        }
    }

    fn attention_head(&mut self, pair: Pair<Rule>) -> Head {
        let mut inner = tokens_of(pair);
        take(&mut inner, Rule::kw_head);
        let name = self.name(take(&mut inner, Rule::name));
        take(&mut inner, Rule::kw_rank);
        let rank = self.integer_expression(&mut inner);
        take(&mut inner, Rule::kw_tokens);
        Head::Attention { name, rank, tokens: self.integer_expression(&mut inner) }
    }
}
