//! One statement to a node of the tree, by the grammar of `grammar/circ.pest`: the only file that knows pest.
//!
//! Recursion here and in pest follows the nesting of brackets, which the outline has bounded before.

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::{Pair, Pairs};

use super::ast::*;
use super::outline::MAX_NESTING;
use super::problems;
use crate::diagnostic::{Diagnostic, FileId, Span};

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
                for words in positives.into_iter().flat_map(|rule| wording(rule)) {
                    if !expected.contains(words) {
                        expected.push(*words);
                    }
                }
            }
            Err(Failure { at, expected: tidied(expected) })
        }
    }
}

/// In an order that reads well, without what goes without saying.
fn tidied(mut expected: Vec<&'static str>) -> Vec<&'static str> {
    // What can be negated is a signal or, among integers, a comparison.
    let is_signal = expected.contains(&"`!`") && !expected.contains(&"an integer");
    if is_signal || expected.contains(&"a signal") {
        expected.retain(|words| !matches!(*words, "a name" | "a signal"));
        expected.insert(0, "a signal");
    }
    if expected.contains(&"an operator") {
        // What could go on inside the operand is of no interest behind it.
        expected.retain(|words| !matches!(*words, "`(`" | "`[`"));
    }
    let rank = |words: &str| match words {
        "a signal" | "a name" | "an integer" | "a number" | "a comparison" | "a text in quotes" | "an operator" => 0,
        "an integer operator" | "`,`" => 2,
        "the end of the statement" => 3,
        _ => 1,
    };
    expected.sort_by_key(|words| rank(words));
    expected
}

/// What a rule is called in a message. Rules of several alternatives name each.
fn wording(rule: Rule) -> &'static [&'static str] {
    match rule {
        Rule::file | Rule::EOI => &["the end of the statement"],
        Rule::definition | Rule::tuple | Rule::requirement => &["a name"],
        Rule::name | Rule::declared | Rule::layer_name | Rule::binding | Rule::results => &["a name"],
        Rule::operand | Rule::reference | Rule::counted | Rule::counted_name => &["a signal"],
        Rule::argument | Rule::group => &["a signal", "`!`", "`(`"],
        Rule::integer | Rule::integer_group | Rule::count | Rule::range | Rule::width_value => &["an integer"],
        Rule::compare | Rule::condition_group => &["a comparison"],
        Rule::decimal => &["a number"],
        Rule::text => &["a text in quotes"],
        Rule::arguments | Rule::open_parenthesis => &["`(`"],
        Rule::close_parenthesis => &["`)`"],
        Rule::index | Rule::dimension | Rule::open_bracket => &["`[`"],
        Rule::close_bracket => &["`]`"],
        Rule::open_brace => &["`{`"],
        Rule::close_brace => &["`}`"],
        Rule::comma => &["`,`"],
        Rule::semicolon => &["`;`"],
        Rule::equals => &["`=`"],
        Rule::arrow => &["`->`"],
        Rule::dots => &["`..`"],
        Rule::not => &["`!`"],
        Rule::operator => &["an operator"],
        Rule::both => &["`&&`"],
        Rule::either => &["`||`"],
        Rule::comparison => &["a comparison"],
        Rule::arithmetic | Rule::minus => &["an integer operator"],
        Rule::comprehension | Rule::kw_for => &["`for`"],
        Rule::kw_in => &["`in`"],
        Rule::kw_if => &["`if`"],
        Rule::kw_of => &["`of`"],
        Rule::kw_with => &["`with`"],
        Rule::kw_auto => &["`auto`"],
        Rule::circuit | Rule::kw_circuit => &["`circuit`"],
        Rule::use_file | Rule::kw_use => &["`use`"],
        Rule::constant | Rule::kw_const => &["`const`"],
        Rule::feature | Rule::kw_feature => &["`feature`"],
        Rule::output | Rule::kw_output => &["`output`"],
        Rule::gate_head | Rule::kw_gate => &["`gate`"],
        Rule::layer_head | Rule::kw_layer => &["`layer`"],
        Rule::sample_head | Rule::kw_sample => &["`sample`"],
        Rule::network_head | Rule::kw_network => &["`network`"],
        Rule::require_head | Rule::kw_require => &["`require`"],
        Rule::choose | Rule::kw_choose => &["`choose`"],
        Rule::each | Rule::kw_each => &["`each`"],
        Rule::one_of | Rule::kw_one => &["`one of`"],
        Rule::plant | Rule::kw_plant => &["`plant`"],
        Rule::from | Rule::kw_from => &["`from`"],
        Rule::width | Rule::kw_width => &["`width`"],
        Rule::construction | Rule::kw_construction => &["`construction`"],
        Rule::optimize | Rule::kw_optimize => &["`optimize`"],
        Rule::seed | Rule::kw_seed => &["`seed`"],
        Rule::samples | Rule::kw_samples => &["`samples`"],
        Rule::store | Rule::kw_store => &["`store`"],
        Rule::decoder | Rule::kw_decoder => &["`decoder`"],
        // Silent: pest never names them.
        _ => &[],
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

/// What stands behind `if`, or in a bracket there: the grammar does not tell them apart.
enum GuardValue {
    Integer(Expr),
    Condition(Condition),
}

type Inner<'a> = std::iter::Peekable<Pairs<'a, Rule>>;

impl Reader<'_> {
    fn span(&self, pair: &Pair<Rule>) -> Span {
        let span = pair.as_span();
        Span { file: self.file, start: self.base + span.start() as u32, end: self.base + span.end() as u32 }
    }

    fn name(&self, pair: Pair<Rule>) -> Name {
        Name { text: pair.as_str().to_string(), span: self.span(&pair) }
    }

    fn text(&self, pair: Pair<Rule>) -> Text {
        let written = pair.as_str();
        let mut text = String::with_capacity(written.len());
        let mut characters = written[1..written.len() - 1].chars();
        while let Some(character) = characters.next() {
            // The grammar knows two escapes, `\\` and `\"`: both mean what follows.
            text.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
        }
        Text { text, span: self.span(&pair) }
    }

    fn decimal(&mut self, pair: Pair<Rule>) -> Decimal {
        let (text, span) = (pair.as_str().to_string(), self.span(&pair));
        let value: f64 = text.parse().expect("the grammar's decimals are Rust's");
        if value.is_infinite() {
            self.found.push(problems::decimal_too_large(span, &text));
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

    fn comprehension(&mut self, pair: Pair<Rule>) -> Comprehension {
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
                self.found.push(problems::integer_for_condition(span));
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
                self.found.push(problems::condition_for_integer(span));
                Expr::Integer { value: 0, span }
            }
        }
    }

    fn integer_expression(&mut self, inner: &mut Inner) -> Expr {
        let first = self.integer_term(inner);
        self.integer_chain(first, inner, Self::integer_term)
    }

    /// `* / %` before `+ -`, each from the left.
    fn integer_chain(
        &mut self,
        first: Expr,
        inner: &mut Inner,
        next_term: impl Fn(&mut Self, &mut Inner) -> Expr,
    ) -> Expr {
        let (mut sum, mut product, mut adding) = (None, first, Arithmetic::Add);
        let mut depth = self.depth;
        while let Some(pair) = inner.next_if(|pair| pair.as_rule() == Rule::arithmetic) {
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
                    self.found.push(problems::nesting_too_deep(self.span(&pair)));
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

    fn minuses(&self, inner: &mut Inner) -> Vec<Span> {
        let mut spans = Vec::new();
        while let Some(minus) = inner.next_if(|pair| pair.as_rule() == Rule::minus) {
            spans.push(self.span(&minus));
        }
        spans
    }

    fn number_or_name(&mut self, pair: Pair<Rule>) -> Expr {
        self.depth = 0;
        if pair.as_rule() == Rule::name {
            return Expr::Name(self.name(pair));
        }
        let span = self.span(&pair);
        let value = pair.as_str().parse().unwrap_or_else(|_| {
            self.found.push(problems::integer_too_large(span, pair.as_str()));
            0
        });
        Expr::Integer { value, span }
    }

    fn clause(&mut self, pair: Pair<Rule>) -> Clause {
        let (span, rule) = (self.span(&pair), pair.as_rule());
        let mut inner = tokens_of(pair);
        inner.next();
        match rule {
            Rule::choose => {
                let count = self.one_or_range(&mut tokens_of(take(&mut inner, Rule::count)));
                take(&mut inner, Rule::kw_of);
                Clause::Choose { count, of: self.references(&mut inner), span }
            }
            Rule::each => {
                let of = self.references(&mut inner);
                take(&mut inner, Rule::kw_with);
                Clause::Each { of, probability: self.decimal(take(&mut inner, Rule::decimal)), span }
            }
            Rule::one_of => {
                take(&mut inner, Rule::kw_of);
                Clause::OneOf { of: self.references(&mut inner), span }
            }
            Rule::plant => Clause::Plant { probability: self.decimal(take(&mut inner, Rule::decimal)), span },
            _ => Clause::From { path: self.text(take(&mut inner, Rule::text)), span },
        }
    }

    fn setting(&mut self, pair: Pair<Rule>) -> Setting {
        let (span, rule) = (self.span(&pair), pair.as_rule());
        let mut inner = tokens_of(pair);
        inner.next();
        match rule {
            Rule::width => {
                let layer = inner.next_if(|pair| pair.as_rule() == Rule::layer_name);
                let layer = layer.map(|pair| self.name(last(pair)));
                let mut value = tokens_of(take(&mut inner, Rule::width_value));
                let width = match value.peek().map(|pair| pair.as_rule()) {
                    Some(Rule::kw_auto) => WidthSetting::Auto,
                    _ => WidthSetting::Neurons(self.integer_expression(&mut value)),
                };
                Setting::Width { layer, width, span }
            }
            Rule::construction => Setting::Construction { name: self.name(take(&mut inner, Rule::name)), span },
            Rule::optimize => Setting::Optimize { level: self.integer_expression(&mut inner), span },
            Rule::seed => Setting::Seed { seed: self.integer_expression(&mut inner), span },
            Rule::samples => Setting::Samples { samples: self.integer_expression(&mut inner), span },
            Rule::store => {
                let of = self.references(&mut inner);
                take(&mut inner, Rule::kw_in);
                let dimensions = self.integer_expression(&mut inner);
                take(&mut inner, Rule::kw_with);
                Setting::Store { of, dimensions, dictionary: self.name(take(&mut inner, Rule::name)), span }
            }
            _ => Setting::Decoder { name: self.name(take(&mut inner, Rule::name)), span },
        }
    }

    fn requirement(&mut self, pair: Pair<Rule>) -> Requirement {
        let span = self.span(&pair);
        let mut inner = tokens_of(pair);
        let metric = self.name(take(&mut inner, Rule::name));
        let mut of = None;
        if inner.next_if(|pair| pair.as_rule() == Rule::open_parenthesis).is_some() {
            of = Some(self.reference(take(&mut inner, Rule::reference)));
            take(&mut inner, Rule::close_parenthesis);
        }
        let comparison = comparison(&take(&mut inner, Rule::comparison));
        Requirement { metric, of, comparison, bound: self.decimal(take(&mut inner, Rule::decimal)), span }
    }
}

fn tokens_of(pair: Pair<Rule>) -> Inner {
    pair.into_inner().peekable()
}

/// The next pair of this rule; what stands before it is punctuation.
fn take<'a>(inner: &mut Inner<'a>, rule: Rule) -> Pair<'a, Rule> {
    inner.find(|pair| pair.as_rule() == rule).expect("the grammar puts this rule here")
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

fn binary(operator: Arithmetic, left: Expr, right: Expr) -> Expr {
    let span = left.span().to(right.span());
    Expr::Binary { operator, left: Box::new(left), right: Box::new(right), span }
}

fn negated(negations: Vec<Span>, expression: Expr) -> Expr {
    negations.into_iter().rev().fold(expression, |inner, minus| {
        let span = minus.to(inner.span());
        Expr::Negate { inner: Box::new(inner), span }
    })
}

fn joined(left: Option<Expr>, operator: Arithmetic, right: Expr) -> Expr {
    match left {
        Some(left) => binary(operator, left, right),
        None => right,
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
