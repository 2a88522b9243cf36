//! Definitions and their formulas: signals, calls and the operators between them.
//!
//! Must not know what a name stands for: whether a call is of a gate or of a built-in function is decided later.

use pest::iterators::Pair;

use super::super::ast::*;
use super::grammar::{Inner, Rule, take, tokens_of};
use super::reader::Reader;

impl Reader<'_> {
    pub(super) fn definition(&mut self, pair: Pair<Rule>) -> Definition {
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

    fn formula(&mut self, inner: &mut Inner) -> Formula {
        let first = self.term(inner);
        let mut rest = Vec::new();
        while let Some(pair) = inner.next_if(|pair| pair.as_rule() == Rule::operator) {
            let operator = match pair.as_str() {
                "&" => Operator::And,
                "^" => Operator::Xor,
                _ => Operator::Or,
            };
            rest.push((operator, self.term(inner)));
        }
        [Operator::And, Operator::Xor, Operator::Or]
            .into_iter()
            .fold((first, rest), |(first, rest), operator| chains_of(operator, first, rest))
            .0
    }

    fn term(&mut self, inner: &mut Inner) -> Formula {
        let mut negations = Vec::new();
        while let Some(not) = inner.next_if(|pair| pair.as_rule() == Rule::not) {
            negations.push(self.span(&not));
        }
        let pair = inner.next().expect("an operator has operands");
        let span = self.span(&pair);
        let formula = match pair.as_rule() {
            Rule::group => {
                let mut inner = tokens_of(pair);
                inner.next();
                Formula::Group { inner: Box::new(self.formula(&mut inner)), span }
            }
            Rule::counted => {
                let mut inner = tokens_of(pair);
                let name = self.name(take(&mut inner, Rule::counted_name));
                take(&mut inner, Rule::open_parenthesis);
                let count = Some(self.integer_expression(&mut inner));
                Formula::Call(Call { name, count, arguments: self.arguments(inner), span })
            }
            _ => self.operand(pair),
        };
        negations.into_iter().rev().fold(formula, |inner, not| {
            let span = not.to(inner.span());
            Formula::Not { inner: Box::new(inner), span }
        })
    }

    fn operand(&mut self, pair: Pair<Rule>) -> Formula {
        let span = self.span(&pair);
        let mut inner = tokens_of(pair);
        let name = self.name(take(&mut inner, Rule::name));
        if let Some(arguments) = inner.next_if(|pair| pair.as_rule() == Rule::arguments) {
            return Formula::Call(Call { name, count: None, arguments: self.arguments(tokens_of(arguments)), span });
        }
        Formula::Signal(Reference { name, indices: inner.map(|index| self.index(index)).collect(), span })
    }

    fn arguments(&mut self, inner: Inner) -> Vec<Argument> {
        let arguments = inner.filter(|pair| pair.as_rule() == Rule::argument);
        arguments
            .map(|pair| {
                let span = self.span(&pair);
                let mut inner = tokens_of(pair);
                let value = self.formula(&mut inner);
                let comprehension = inner.next().map(|pair| self.comprehension(pair));
                Argument { value, comprehension, span }
            })
            .collect()
    }
}

/// Joins the operands that `operator` holds together into chains; what looser operators join stays a list.
fn chains_of(
    operator: Operator,
    first: Formula,
    rest: Vec<(Operator, Formula)>,
) -> (Formula, Vec<(Operator, Formula)>) {
    if !rest.iter().any(|(other, _)| *other == operator) {
        return (first, rest);
    }
    let mut chains: Vec<(Operator, Vec<Formula>)> = vec![(operator, vec![first])];
    for (other, formula) in rest {
        match chains.last_mut() {
            Some((_, operands)) if other == operator => operands.push(formula),
            _ => chains.push((other, vec![formula])),
        }
    }
    let mut joined = chains.into_iter().map(|(before, mut operands)| match operands.len() {
        1 => (before, operands.remove(0)),
        _ => {
            let span = operands[0].span().to(operands[operands.len() - 1].span());
            (before, Formula::Chain { operator, operands, span })
        }
    });
    let (_, first) = joined.next().expect("there is a first operand");
    (first, joined.collect())
}
