//! The grammar of `grammar/circ.pest` as pest compiles it, and the steps of a walk over what it has read.
//!
//! Must not know what a rule means.

use pest::iterators::{Pair, Pairs};

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/circ.pest"]
pub(super) struct Circ;

pub(super) type Inner<'a> = std::iter::Peekable<Pairs<'a, Rule>>;

pub(super) fn tokens_of(pair: Pair<Rule>) -> Inner {
    pair.into_inner().peekable()
}

/// The next pair of this rule; what stands before it is punctuation.
pub(super) fn take<'a>(inner: &mut Inner<'a>, rule: Rule) -> Pair<'a, Rule> {
    inner.find(|pair| pair.as_rule() == rule).expect("the grammar puts this rule here")
}

pub(super) fn last(pair: Pair<Rule>) -> Pair<Rule> {
    pair.into_inner().last().expect("the grammar puts something here")
}
