//! What stands in the blocks `sample`, `network`, `require` and `head`: clauses, settings, requirements and matches.
//!
//! Must not know which settings go together, nor which names there are.

use pest::iterators::Pair;

use super::super::ast::*;
use super::grammar::{Inner, Rule, last, take, tokens_of};
use super::reader::{Reader, comparison};
use crate::diagnostic::Span;

impl Reader<'_> {
    pub(super) fn clause(&mut self, pair: Pair<Rule>) -> Clause {
        let (span, rule) = (self.span(&pair), pair.as_rule());
        let mut inner = tokens_of(pair);
        inner.next();
        match rule {
            Rule::choose => {
                let count = self.one_or_range(&mut tokens_of(take(&mut inner, Rule::count)));
                take(&mut inner, Rule::kw_of);
                Clause::Choose { count, of: self.references(&mut inner), exponent: self.exponent(&mut inner), span }
            }
            Rule::each => Clause::Each(self.each(&mut inner, span)),
            Rule::one_of => {
                take(&mut inner, Rule::kw_of);
                Clause::OneOf { of: self.references(&mut inner), exponent: self.exponent(&mut inner), span }
            }
            Rule::plant => Clause::Plant { probability: self.decimal(take(&mut inner, Rule::decimal)), span },
            _ => Clause::From { path: self.text(take(&mut inner, Rule::text)), span },
        }
    }

    fn each(&mut self, inner: &mut Inner, span: Span) -> Each {
        let of = self.references(inner);
        take(inner, Rule::kw_with);
        let chance = self.chance(take(inner, Rule::chance));
        let bond = match inner.next_if(|pair| matches!(pair.as_rule(), Rule::kw_when | Rule::kw_correlated)) {
            Some(word) if word.as_rule() == Rule::kw_when => {
                Some(Bond::When(self.reference(take(inner, Rule::reference))))
            }
            Some(_) => Some(Bond::Correlated(self.decimal(take(inner, Rule::decimal)))),
            None => None,
        };
        Each { of, chance, bond, comprehension: inner.next().map(|pair| self.comprehension(pair)), span }
    }

    /// `weighted zipf(1.0)`
    fn exponent(&mut self, inner: &mut Inner) -> Option<Chance> {
        inner.next_if(|pair| pair.as_rule() == Rule::kw_weighted)?;
        let mut parts = tokens_of(take(inner, Rule::power));
        take(&mut parts, Rule::kw_zipf);
        take(&mut parts, Rule::open_parenthesis);
        Some(self.chance(take(&mut parts, Rule::chance)))
    }

    fn chance(&mut self, pair: Pair<Rule>) -> Chance {
        let mut inner = tokens_of(pair);
        let first = self.chance_term(&mut inner);
        self.chain(first, &mut inner, Self::chance_term, |operator, left, right| {
            let span = left.span().to(right.span());
            Chance::Binary { operator, left: Box::new(left), right: Box::new(right), span }
        })
    }

    fn chance_term(&mut self, inner: &mut Inner) -> Chance {
        let negations = self.minuses(inner);
        let pair = inner.next().expect("an operator has operands");
        let span = self.span(&pair);
        self.depth = 0;
        let term = match pair.as_rule() {
            Rule::decimal => Chance::Number(self.decimal(pair)),
            Rule::name => Chance::Name(self.name(pair)),
            rule => {
                let mut parts = tokens_of(pair);
                parts.next_if(|pair| pair.as_rule() == Rule::kw_zipf);
                take(&mut parts, Rule::open_parenthesis);
                let first = Box::new(self.chance(take(&mut parts, Rule::chance)));
                if rule == Rule::zipf {
                    let depth = self.depth;
                    take(&mut parts, Rule::comma);
                    let exponent = Box::new(self.chance(take(&mut parts, Rule::chance)));
                    self.depth = self.depth.max(depth);
                    Chance::Zipf { scale: first, exponent, span }
                } else {
                    Chance::Group { inner: first, span }
                }
            }
        };
        // Two take one another away, and millions make no tree.
        match negations.len() % 2 {
            0 => term,
            _ => Chance::Negate { span: negations[0].to(term.span()), inner: Box::new(term) },
        }
    }

    pub(super) fn setting(&mut self, pair: Pair<Rule>) -> Setting {
        let (span, rule) = (self.span(&pair), pair.as_rule());
        let mut inner = tokens_of(pair);
        let word = take(&mut inner, Rule::setting_word);
        match rule {
            Rule::width_setting => {
                let layer = inner.next_if(|pair| pair.as_rule() == Rule::layer_name);
                let layer = layer.map(|pair| self.name(last(pair)));
                let mut value = tokens_of(take(&mut inner, Rule::width_value));
                let width = match value.peek().map(|pair| pair.as_rule()) {
                    Some(Rule::kw_auto) => WidthSetting::Auto,
                    _ => WidthSetting::Neurons(self.integer_expression(&mut value)),
                };
                Setting::Width { layer, width, span }
            }
            Rule::store_setting => {
                let of = self.references(&mut inner);
                take(&mut inner, Rule::kw_in);
                let dimensions = self.integer_expression(&mut inner);
                take(&mut inner, Rule::kw_with);
                Setting::Store { of, dimensions, dictionary: self.name(take(&mut inner, Rule::name)), span }
            }
            Rule::stream_setting => {
                let dimensions = self.integer_expression(&mut inner);
                let with = inner.next_if(|pair| pair.as_rule() == Rule::kw_with);
                let dictionary = with.map(|_| self.name(take(&mut inner, Rule::name)));
                Setting::Stream { dimensions, dictionary, span }
            }
            Rule::after_setting => {
                take(&mut inner, Rule::kw_after);
                Setting::Correct { after: self.name(take(&mut inner, Rule::name)), span }
            }
            Rule::number_setting => {
                Setting::Number { word: self.name(word), value: self.integer_expression(&mut inner), span }
            }
            Rule::words_setting => {
                let word = self.name(word);
                Setting::Words { word, words: inner.map(|pair| self.name(pair)).collect(), span }
            }
            _ => Setting::Choice { word: self.name(word), name: self.name(take(&mut inner, Rule::name)), span },
        }
    }

    pub(super) fn requirement(&mut self, pair: Pair<Rule>) -> Requirement {
        let span = self.span(&pair);
        let asked = last(pair);
        let is_proof = asked.as_rule() == Rule::proof;
        let mut inner = tokens_of(asked);
        if is_proof {
            take(&mut inner, Rule::kw_proved);
            let metric = inner.next_if(|pair| pair.as_rule() == Rule::metric);
            return Requirement::Proved { metric: metric.map(|metric| self.metric(metric)), span };
        }
        let metric = self.metric(take(&mut inner, Rule::metric));
        let comparison = comparison(&take(&mut inner, Rule::comparison));
        Requirement::Bound { metric, comparison, bound: self.decimal(take(&mut inner, Rule::decimal)), span }
    }

    pub(super) fn matched(&mut self, pair: Pair<Rule>) -> Match {
        let span = self.span(&pair);
        let mut inner = tokens_of(pair);
        take(&mut inner, Rule::kw_match);
        let key = self.reference(take(&mut inner, Rule::reference));
        take(&mut inner, Rule::arrow);
        let query = self.reference(take(&mut inner, Rule::reference));
        Match { key, query, comprehension: inner.next().map(|pair| self.comprehension(pair)), span }
    }

    fn metric(&mut self, pair: Pair<Rule>) -> Metric {
        let mut inner = tokens_of(pair);
        let name = self.name(take(&mut inner, Rule::name));
        let mut of = None;
        if inner.next_if(|pair| pair.as_rule() == Rule::open_parenthesis).is_some() {
            of = Some(match inner.next_if(|pair| pair.as_rule() == Rule::decimal) {
                Some(number) => MetricArgument::Number(self.decimal(number)),
                None => MetricArgument::Gates(self.reference(take(&mut inner, Rule::reference))),
            });
            take(&mut inner, Rule::close_parenthesis);
        }
        Metric { name, of }
    }
}
