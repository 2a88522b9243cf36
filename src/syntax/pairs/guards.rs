//! Comprehensions: the ranges of their variables, and the condition behind `if`.
//!
//! A bracket behind `if` may hold a condition or an integer: the grammar does not tell them apart, and reads each once;
//! which it is shows when it is closed. Must not know the values of integers.

use pest::iterators::Pair;

use super::super::ast::*;
use super::super::problems;
use super::grammar::{Inner, Rule, take, tokens_of};
use super::integers::negated;
use super::reader::{Reader, comparison};
use crate::diagnostic::Span;

/// What stands behind `if`, or in a bracket there: the grammar does not tell them apart.
enum GuardValue {
    Integer(Expr),
    Condition(Condition),
}

impl Reader<'_> {
    pub(super) fn comprehension(&mut self, pair: Pair<Rule>) -> Comprehension {
        let span = self.span(&pair);
        let mut inner = tokens_of(pair);
        let (mut bindings, mut guard) = (Vec::new(), None);
        while let Some(pair) = inner.next() {
            match pair.as_rule() {
                Rule::binding => {
                    let mut binding = tokens_of(pair);
                    let name = self.name(take(&mut binding, Rule::name));
                    take(&mut binding, Rule::kw_in);
                    let Count::Between(range) = self.one_or_range(&mut tokens_of(take(&mut binding, Rule::range)))
                    else {
                        unreachable!("a binding has a range")
                    };
                    bindings.push(Binding { name, range });
                }
                Rule::kw_if => guard = Some(self.guard(&mut inner)),
                _ => {}
            }
        }
        Comprehension { bindings, guard, span }
    }

    fn guard(&mut self, inner: &mut Inner) -> Condition {
        let value = self.guard_value(inner);
        self.condition(value)
    }

    /// `||` loosest, then `&&`, `!`.
    fn guard_value(&mut self, inner: &mut Inner) -> GuardValue {
        let first = self.guard_term(inner);
        if inner.peek().is_none_or(|pair| !matches!(pair.as_rule(), Rule::both | Rule::either)) {
            return first;
        }
        let and = |left, right, span| Condition::And { left, right, span };
        let mut alternatives = Vec::new();
        let mut conjunction = vec![self.condition(first)];
        while let Some(pair) = inner.next_if(|pair| matches!(pair.as_rule(), Rule::both | Rule::either)) {
            if pair.as_rule() == Rule::either {
                alternatives.push(balanced(std::mem::take(&mut conjunction), and));
            }
            let term = self.guard_term(inner);
            conjunction.push(self.condition(term));
        }
        alternatives.push(balanced(conjunction, and));
        GuardValue::Condition(balanced(alternatives, |left, right, span| Condition::Or { left, right, span }))
    }

    fn guard_term(&mut self, inner: &mut Inner) -> GuardValue {
        let mut negations = Vec::new();
        while let Some(not) = inner.next_if(|pair| pair.as_rule() == Rule::not) {
            negations.push(self.span(&not));
        }
        let compare = inner.next().expect("an operator has operands");
        let span = self.span(&compare);
        let mut parts = tokens_of(compare);
        let mut value = self.compared(&mut parts);
        if let Some(pair) = parts.next() {
            let comparison = comparison(&pair);
            let left = self.integer(value);
            let right = self.compared(&mut parts);
            let right = self.integer(right);
            value = GuardValue::Condition(Condition::Compare { comparison, left, right, span });
        }
        negations.into_iter().rev().fold(value, |inner, not| {
            let inner = self.condition(inner);
            let span = not.to(inner.span());
            GuardValue::Condition(Condition::Not { inner: Box::new(inner), span })
        })
    }

    /// One side of a comparison, or a condition in brackets.
    fn compared(&mut self, inner: &mut Inner) -> GuardValue {
        let first = self.compared_term(inner);
        if inner.peek().is_none_or(|pair| pair.as_rule() != Rule::arithmetic) {
            return first;
        }
        let first = self.integer(first);
        GuardValue::Integer(self.integer_chain(first, inner, |reader, inner| {
            let term = reader.compared_term(inner);
            reader.integer(term)
        }))
    }

    fn compared_term(&mut self, inner: &mut Inner) -> GuardValue {
        let negations = self.minuses(inner);
        let pair = inner.next().expect("an operator has operands");
        let value = if pair.as_rule() == Rule::condition_group {
            let span = self.span(&pair);
            let mut parts = tokens_of(pair);
            parts.next();
            match self.guard_value(&mut parts) {
                GuardValue::Integer(inner) => GuardValue::Integer(Expr::Group { inner: Box::new(inner), span }),
                GuardValue::Condition(inner) => {
                    GuardValue::Condition(Condition::Group { inner: Box::new(inner), span })
                }
            }
        } else {
            GuardValue::Integer(self.number_or_name(pair))
        };
        if negations.is_empty() { value } else { GuardValue::Integer(negated(negations, self.integer(value))) }
    }

    /// The value as a condition; an integer is reported.
    fn condition(&mut self, value: GuardValue) -> Condition {
        match value {
            GuardValue::Condition(condition) => condition,
            GuardValue::Integer(integer) => {
                let span = integer.span();
                self.report(problems::integer_for_condition(span));
                let zero = Expr::Integer { value: 0, span };
                Condition::Compare { comparison: Comparison::NotEqual, left: integer, right: zero, span }
            }
        }
    }

    /// The value as an integer; a condition is reported.
    fn integer(&mut self, value: GuardValue) -> Expr {
        match value {
            GuardValue::Integer(integer) => integer,
            GuardValue::Condition(condition) => {
                let span = condition.span();
                self.depth = 0;
                self.report(problems::condition_for_integer(span));
                Expr::Integer { value: 0, span }
            }
        }
    }
}

/// Joins conditions by an associative operator, in order, as a tree of logarithmic depth.
fn balanced(mut conditions: Vec<Condition>, join: fn(Box<Condition>, Box<Condition>, Span) -> Condition) -> Condition {
    while conditions.len() > 1 {
        let mut halved = Vec::with_capacity(conditions.len().div_ceil(2));
        let mut rest = conditions.into_iter();
        while let Some(left) = rest.next() {
            halved.push(match rest.next() {
                Some(right) => {
                    let span = left.span().to(right.span());
                    join(Box::new(left), Box::new(right), span)
                }
                None => left,
            });
        }
        conditions = halved;
    }
    conditions.pop().expect("at least one condition")
}
