//! Lines to nodes, formulas without recursion: what waits lies on a stack.

use super::meaning::{Meaning, meaning};
use super::next::next_of;
use crate::diagnostic::{Diagnostic, FileId, Span};
use crate::exchange::netlist::{Named, Node, Output, Read, Wires};
use crate::exchange::problems;
use crate::exchange::value::{Gate, Value};
use crate::exchange::words::{Word, lines};

/// Deeper formulas are cut: what stands in the parentheses there becomes a node of its own.
const MAX_DEPTH: u32 = 64;

pub(in crate::exchange) fn read(text: &str, file: FileId) -> Read {
    let (next, places, parts) = Default::default();
    let mut components = Components { wires: Wires::new(file), next, places, parts };
    let mut is_first = true;
    for line in lines(text, Some('#'), file).map(|line| line.trim()).filter(|line| !line.text.is_empty()) {
        let is_header = std::mem::take(&mut is_first) && is_header(line.text);
        if components.wires.is_given_up() {
            break;
        }
        if !is_header && let Err(problem) = components.line(line) {
            components.wires.found.push(*problem);
        }
    }
    components.finish(file)
}

/// `targets, factors`, without which a file may be as well.
fn is_header(line: &str) -> bool {
    line.split(',').next().is_some_and(|word| word.trim().trim_matches('"').eq_ignore_ascii_case("targets"))
}

struct Components {
    wires: Wires,
    /// The signals of components, and what becomes of them.
    next: Vec<(usize, Value)>,
    /// Where each of them stands: its name, and its line.
    places: Vec<(Span, Span)>,
    /// Nodes that were cut from formulas.
    parts: Vec<usize>,
}

impl Components {
    fn line(&mut self, line: Word) -> Result<(), Box<Diagnostic>> {
        let Some(comma) = line.text.find(',') else {
            let help = "a line is `target, formula`, such as `A, B & !C`";
            return Err(Box::new(problems::malformed(line.span, "a line without a comma", "no target, formula", help)));
        };
        let target = line.part(0, comma).trim();
        if target.text.is_empty() || target.text.contains(is_mark) || meaning(target.text).is_some() {
            let help = "begin the line with a component, then a comma";
            return Err(Box::new(problems::malformed(target.span.to(line.span), "no component", "no name", help)));
        }
        let formula = line.part(comma + 1, line.text.len()).trim();
        let signal = self.wires.signal(target.text, target.span);
        let value = Formula { target: target.text, rest: formula, components: self }.whole()?;
        self.next.push((signal, value));
        self.places.push((target.span, line.span));
        Ok(())
    }

    fn finish(mut self, file: FileId) -> Read {
        let n_signals = self.wires.netlist.signals.len();
        let mut first: Vec<Option<Span>> = vec![None; n_signals];
        let netlist = &mut self.wires.netlist;
        // In the order of their lines, then what has none.
        let mut is_listed = vec![false; n_signals];
        self.parts.iter().for_each(|&part| is_listed[part] = true);
        let components = self.next.iter().map(|(signal, _)| *signal).chain(0..n_signals);
        netlist.inputs = components.filter(|&signal| !std::mem::replace(&mut is_listed[signal], true)).collect();
        for ((signal, value), (name, line)) in self.next.into_iter().zip(self.places) {
            let Named { text, .. } = netlist.signals[signal].clone();
            let earlier = *first[signal].get_or_insert(name);
            if earlier != name {
                self.wires.found.push(problems::driven_twice(name, &text, earlier));
                continue;
            }
            let value = value.simplified();
            if value == Value::Signal(signal) {
                continue;
            }
            let named = Named { text: next_of(&text), span: name, is_made: false };
            let next = netlist.signals.len();
            netlist.signals.push(named.clone());
            netlist.nodes.push(Node { signal: next, value, span: line });
            netlist.outputs.push(Output { name: named, signal: next, negated: false });
        }
        self.wires.netlist.checked(file, self.wires.found)
    }
}

/// What is no part of a name.
fn is_mark(letter: char) -> bool {
    letter.is_whitespace() || "()&|!~,".contains(letter)
}

/// What is left of the formula of a component.
struct Formula<'a, 'c> {
    target: &'a str,
    rest: Word<'a>,
    components: &'c mut Components,
}

/// An operator that waits for its right side, or what encloses it.
#[derive(Clone, Copy, PartialEq)]
enum Waiting {
    Group(Span),
    Not,
}

/// A level of parentheses: the operands of `|` that are complete, and those of the `&` that is not.
#[derive(Default)]
struct Level {
    any: Vec<Value>,
    all: Vec<Value>,
    /// How deep the operands are, at most.
    depth: u32,
}

impl Level {
    fn value(mut self) -> Value {
        self.any.push(Value::chain(Gate::All, self.all));
        Value::chain(Gate::Any, self.any)
    }
}

impl<'a> Formula<'a, '_> {
    fn problem(&self, span: Span, headline: &str, label: &str) -> Box<Diagnostic> {
        let help = "a formula has components, `!`, `&`, `|`, parentheses, `0` and `1`";
        Box::new(problems::malformed(span, headline, label, help))
    }

    /// The next piece: a mark, or a name.
    fn next(&mut self) -> Option<Word<'a>> {
        let text = self.rest.trim();
        let first = text.text.chars().next()?;
        let length = match first {
            '&' | '|' if text.text[1..].starts_with(first) => 2,
            _ if is_mark(first) => first.len_utf8(),
            _ => text.text.find(is_mark).unwrap_or(text.text.len()),
        };
        self.rest = text.part(length, text.text.len());
        Some(text.part(0, length))
    }

    /// Without recursion: what waits lies on a stack.
    fn whole(mut self) -> Result<Value, Box<Diagnostic>> {
        let whole = self.rest.span;
        let mut waiting: Vec<Waiting> = Vec::new();
        let mut levels = vec![Level::default()];
        let mut needs_operand = true;
        while let Some(word) = self.next() {
            let (operator, value) = match meaning(word.text) {
                Some(Meaning::Operator(sign)) => (Some(sign), None),
                Some(Meaning::Constant(is_on)) => (None, Some(Value::constant(is_on))),
                None => (None, None),
            };
            match (operator, needs_operand) {
                (Some('!'), true) => waiting.push(Waiting::Not),
                (Some('('), true) => {
                    waiting.push(Waiting::Group(word.span));
                    levels.push(Level::default());
                }
                (Some('&'), false) => needs_operand = true,
                (Some('|'), false) => {
                    let level = levels.last_mut().expect("the outermost stays");
                    let all = std::mem::take(&mut level.all);
                    level.any.push(Value::chain(Gate::All, all));
                    needs_operand = true;
                }
                (Some(')'), false) => {
                    let Some(Waiting::Group(_)) = waiting.pop() else {
                        return Err(self.problem(word.span, "`)` without `(`", "closes nothing"));
                    };
                    let level = levels.pop().expect("opened by `(`");
                    let depth = level.depth + 1;
                    let (value, depth) = match level.value() {
                        value if depth < MAX_DEPTH => (value, depth),
                        value => (self.part(value, whole), 0),
                    };
                    operand(value, depth, &mut waiting, &mut levels);
                }
                (None, true) => {
                    let named = || Value::Signal(self.components.wires.signal(word.text, word.span));
                    operand(value.unwrap_or_else(named), 0, &mut waiting, &mut levels);
                    needs_operand = false;
                }
                (_, true) => return Err(self.problem(word.span, "an operand is missing", "expected a component here")),
                (_, false) => {
                    return Err(self.problem(word.span, "an operator is missing", "expected `&` or `|` before this"));
                }
            }
        }
        if let Some(Waiting::Group(open)) = waiting.iter().rev().find(|waiting| **waiting != Waiting::Not) {
            return Err(self.problem(*open, "`(` without `)`", "never closed"));
        }
        if needs_operand {
            let end = Span { start: whole.end, ..whole };
            return Err(self.problem(end, "the formula ends too early", "expected a component here"));
        }
        Ok(levels.pop().expect("the outermost stays").value())
    }

    /// A node of its own.
    fn part(&mut self, value: Value, span: Span) -> Value {
        let Components { wires, parts, .. } = &mut *self.components;
        let signal = wires.part(format!("{}.{}", self.target, parts.len() + 1), value, span);
        parts.push(signal);
        Value::Signal(signal)
    }
}

/// Puts an operand where it belongs, behind the negations that wait for it.
fn operand(mut value: Value, depth: u32, waiting: &mut Vec<Waiting>, levels: &mut [Level]) {
    while waiting.pop_if(|waiting| *waiting == Waiting::Not).is_some() {
        value = value.not();
    }
    let level = levels.last_mut().expect("the outermost stays");
    level.all.push(value);
    level.depth = level.depth.max(depth);
}
