//! Integer expressions, and ranges of them.
//!
//! Operators group from the left, so that a chain is as deep as it is long; its depth is bounded here. Must not compute
//! anything: constants have values only later.

use pest::iterators::Pair;

use super::super::ast::*;
use super::super::limits::MAX_NESTING;
use super::super::problems;
use super::grammar::{Inner, Rule, tokens_of};
use super::reader::Reader;
use crate::diagnostic::Span;

impl Reader<'_> {
    pub(super) fn integer_expression(&mut self, inner: &mut Inner) -> Expr {
        let first = self.integer_term(inner);
        self.integer_chain(first, inner, Self::integer_term)
    }

    pub(super) fn integer_chain(
        &mut self,
        first: Expr,
        inner: &mut Inner,
        next_term: impl Fn(&mut Self, &mut Inner) -> Expr,
    ) -> Expr {
        self.chain(first, inner, next_term, binary)
    }

    /// `* / %` before `+ -`, each from the left.
    pub(super) fn chain<T>(
        &mut self,
        first: T,
        inner: &mut Inner,
        next_term: impl Fn(&mut Self, &mut Inner) -> T,
        binary: fn(Arithmetic, T, T) -> T,
    ) -> T {
        let joined = |left: Option<T>, operator, right| match left {
            Some(left) => binary(operator, left, right),
            None => right,
        };
        let (mut sum, mut product, mut adding) = (None, first, Arithmetic::Add);
        let mut depth = self.depth;
        while let Some(pair) = inner.next_if(|pair| matches!(pair.as_rule(), Rule::arithmetic | Rule::scaling)) {
            let operator = match pair.as_str() {
                "+" => Arithmetic::Add,
                "-" => Arithmetic::Subtract,
                "*" => Arithmetic::Multiply,
                "/" => Arithmetic::Divide,
                _ => Arithmetic::Remainder,
            };
            let term = next_term(self, inner);
            // A chain from the left is as deep as it is long; nothing after the parser need fear its depth.
            depth = depth.max(self.depth) + 1;
            if depth > MAX_NESTING {
                depth = MAX_NESTING;
                if !self.is_too_deep {
                    self.report(problems::nesting_too_deep(self.span(&pair), MAX_NESTING));
                }
                self.is_too_deep = true;
                continue;
            }
            if matches!(operator, Arithmetic::Add | Arithmetic::Subtract) {
                let finished = std::mem::replace(&mut product, term);
                sum = Some(joined(sum, adding, finished));
                adding = operator;
            } else {
                product = binary(operator, product, term);
            }
        }
        self.depth = depth;
        joined(sum, adding, product)
    }

    fn integer_term(&mut self, inner: &mut Inner) -> Expr {
        let negations = self.minuses(inner);
        let pair = inner.next().expect("an operator has operands");
        let expression = if pair.as_rule() == Rule::integer_group {
            let span = self.span(&pair);
            Expr::Group { inner: Box::new(self.bracketed(pair)), span }
        } else {
            self.number_or_name(pair)
        };
        negated(negations, expression)
    }

    pub(super) fn minuses(&self, inner: &mut Inner) -> Vec<Span> {
        let mut spans = Vec::new();
        while let Some(minus) = inner.next_if(|pair| pair.as_rule() == Rule::minus) {
            spans.push(self.span(&minus));
        }
        spans
    }

    pub(super) fn number_or_name(&mut self, pair: Pair<Rule>) -> Expr {
        self.depth = 0;
        if pair.as_rule() == Rule::name {
            return Expr::Name(self.name(pair));
        }
        let span = self.span(&pair);
        let value = pair.as_str().parse().unwrap_or_else(|_| {
            self.report(problems::integer_too_large(span, pair.as_str()));
            0
        });
        Expr::Integer { value, span }
    }

    /// `[` expression `]`
    pub(super) fn bracketed(&mut self, pair: Pair<Rule>) -> Expr {
        let mut inner = tokens_of(pair);
        inner.next();
        self.integer_expression(&mut inner)
    }

    /// One expression, or two with dots between.
    pub(super) fn one_or_range(&mut self, inner: &mut Inner) -> Count {
        let start = self.integer_expression(inner);
        let Some(dots) = inner.next_if(|pair| pair.as_rule() == Rule::dots) else { return Count::Exactly(start) };
        let inclusive = dots.as_str() == "..=";
        let end = self.integer_expression(inner);
        let span = start.span().to(end.span());
        Count::Between(Range { start, end, inclusive, span })
    }
}

fn binary(operator: Arithmetic, left: Expr, right: Expr) -> Expr {
    let span = left.span().to(right.span());
    Expr::Binary { operator, left: Box::new(left), right: Box::new(right), span }
}

pub(super) fn negated(negations: Vec<Span>, expression: Expr) -> Expr {
    negations.into_iter().rev().fold(expression, |inner, minus| {
        let span = minus.to(inner.span());
        Expr::Negate { inner: Box::new(inner), span }
    })
}
