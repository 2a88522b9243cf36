//! A circuit as other tools write it: signals by number, each an input or a node over others, and what is put out.
//!
//! Must not know a format, nor what names the language takes.

use std::collections::{HashMap, HashSet};

use super::problems;
use super::value::Value;
use crate::diagnostic::{Diagnostic, FileId, MAX_PROBLEMS, Span};

/// So many inputs, nodes and outputs together may a file have: a file of the language has as many statements.
pub(super) const MAX_SIGNALS: usize = 1 << 20;

/// What a reader gives: nothing if a problem is an error.
pub(super) type Read = (Option<Netlist>, Vec<Diagnostic>);

#[derive(Debug, Default)]
pub(super) struct Netlist {
    /// Of the model, where the format has one.
    pub name: Option<String>,
    pub signals: Vec<Named>,
    pub inputs: Vec<usize>,
    pub nodes: Vec<Node>,
    pub outputs: Vec<Output>,
    /// Nodes that no output needs, which are left out.
    pub n_left_out: usize,
}

/// A name, and where it stands first.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub text: String,
    pub span: Span,
    /// Made from a number by the reader: no one has written it.
    pub is_made: bool,
}

#[derive(Debug)]
pub(super) struct Node {
    pub signal: usize,
    pub value: Value,
    pub span: Span,
}

/// A signal under a name of its own, which may be the signal's.
#[derive(Debug)]
pub(super) struct Output {
    pub name: Named,
    pub signal: usize,
    pub negated: bool,
}

/// A netlist as it is read, by name: each signal has one driver, which may stand behind those that read it.
pub(super) struct Wires {
    pub netlist: Netlist,
    pub found: Vec<Diagnostic>,
    by_name: HashMap<String, usize>,
    /// By signal.
    drivers: Vec<Option<Span>>,
    file: FileId,
}

impl Wires {
    pub fn new(file: FileId) -> Wires {
        let (netlist, found, by_name, drivers) = Default::default();
        Wires { netlist, found, by_name, drivers, file }
    }

    /// Whether there are as many problems as anybody reads.
    pub fn is_given_up(&self) -> bool {
        self.found.len() >= MAX_PROBLEMS
    }

    /// The signal of this name, driven or not.
    pub fn signal(&mut self, text: &str, span: Span) -> usize {
        if let Some(&signal) = self.by_name.get(text) {
            return signal;
        }
        let signal = self.netlist.signals.len();
        self.by_name.insert(text.to_owned(), signal);
        self.netlist.signals.push(Named { text: text.to_owned(), span, is_made: false });
        self.drivers.push(None);
        signal
    }

    /// Says what drives a signal; a second driver is reported.
    fn drive(&mut self, signal: usize, span: Span) -> bool {
        let first = *self.drivers[signal].get_or_insert(span);
        if first != span {
            let name = &self.netlist.signals[signal].text;
            self.found.push(problems::driven_twice(span, name, first));
        }
        first == span
    }

    pub fn input(&mut self, text: &str, span: Span) {
        let signal = self.signal(text, span);
        if self.drive(signal, span) {
            self.netlist.inputs.push(signal);
        }
    }

    /// A node that drives the signal named at `target`; all of it stands at `span`.
    pub fn node(&mut self, signal: usize, target: Span, value: Value, span: Span) {
        if self.drive(signal, target) {
            self.netlist.nodes.push(Node { signal, value: value.simplified(), span });
        }
    }

    /// A node that nothing is called as yet.
    pub fn part(&mut self, text: String, value: Value, span: Span) -> usize {
        let signal = self.netlist.signals.len();
        self.netlist.signals.push(Named { text, span, is_made: true });
        self.drivers.push(Some(span));
        self.netlist.nodes.push(Node { signal, value: value.simplified(), span });
        signal
    }

    /// A signal that is put out under its own name; once, however often it is said.
    pub fn output(&mut self, text: &str, span: Span) {
        let signal = self.signal(text, span);
        self.netlist.outputs.push(Output {
            name: Named { text: text.to_owned(), span, is_made: false },
            signal,
            negated: false,
        });
    }

    /// The netlist, where every signal that is read or put out is driven.
    pub fn finish(mut self) -> Read {
        // What other parts would drive is not said to be driven by nothing.
        if self.found.iter().any(problems::is_of_parts) {
            return (None, self.found);
        }
        let needed = self.netlist.needed();
        let undriven = (0..needed.len()).filter(|&signal| needed[signal] && self.drivers[signal].is_none());
        let undriven = undriven.map(|signal| &self.netlist.signals[signal]);
        let undriven = undriven.map(|named| problems::undriven(named.span, &named.text));
        let room = MAX_PROBLEMS.saturating_sub(self.found.len());
        self.found.extend(undriven.take(room));
        self.netlist.checked(self.file, self.found)
    }
}

impl Netlist {
    /// By signal: whether an output depends on it.
    fn needed(&self) -> Vec<bool> {
        let mut node_of: Vec<Option<usize>> = vec![None; self.signals.len()];
        self.nodes.iter().enumerate().for_each(|(index, node)| node_of[node.signal] = Some(index));
        let mut needed = vec![false; self.signals.len()];
        let mut waiting: Vec<usize> = self.outputs.iter().map(|output| output.signal).collect();
        while let Some(signal) = waiting.pop() {
            if !std::mem::replace(&mut needed[signal], true)
                && let Some(index) = node_of[signal]
            {
                self.nodes[index].value.each_signal(&mut |signal| waiting.push(signal));
            }
        }
        needed
    }

    /// The netlist, if nothing is wrong with it.
    pub fn checked(mut self, file: FileId, mut found: Vec<Diagnostic>) -> Read {
        let start = Span { file, start: 0, end: 0 };
        let mut seen = HashSet::new();
        self.outputs.retain(|output| seen.insert((output.name.text.clone(), output.signal, output.negated)));
        let (needed, n_nodes) = (self.needed(), self.nodes.len());
        self.nodes.retain(|node| needed[node.signal]);
        self.n_left_out = n_nodes - self.nodes.len();
        let has_errors = |found: &[Diagnostic]| found.iter().any(Diagnostic::is_error);
        if self.outputs.is_empty() && !has_errors(&found) {
            found.push(problems::without_outputs(start));
        }
        let n_signals = self.inputs.len() + self.nodes.len() + self.outputs.len();
        if n_signals > MAX_SIGNALS {
            found.push(problems::too_many_signals(start, n_signals as u64, MAX_SIGNALS));
        }
        ((!has_errors(&found)).then_some(self), found)
    }
}
