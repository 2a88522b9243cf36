//! Which constants and sub-circuits each file sees: its own, and those of the files that it uses directly.
//!
//! A file's own names hide used ones; two used files that bring the same name are an error. Constants may stand in
//! any order and are evaluated without recursion.

use std::collections::BTreeMap;

use super::files::Files;
use super::integer::{Fault, Int, Meaning, compile_expr};
use crate::diagnostic::{Sources, Span, suggest, suggest_surely};
use crate::elaborate::problems::{self, Problems};
use crate::syntax::ast::{Call, Expr, Item, Name, SubCircuit};
use crate::syntax::{foreign, words};

pub(crate) struct Scopes<'a> {
    sources: &'a Sources,
    files: Vec<Scope<'a>>,
    /// By file, then by name: where a constant's value stands.
    values: Vec<Option<i64>>,
    /// The sub-circuits of all files: (file, definition). Body 1 + index is theirs.
    pub circuits: Vec<(usize, &'a SubCircuit)>,
}

#[derive(Default)]
struct Scope<'a> {
    constants: BTreeMap<&'a str, (usize, Span)>,
    circuits: BTreeMap<&'a str, (usize, Span)>,
    /// Where own constants stand, to report clashes with signals.
    own: BTreeMap<&'a str, Span>,
}

impl<'a> Scopes<'a> {
    pub fn build(files: &'a Files, sources: &'a Sources, problems: &mut Problems) -> Scopes<'a> {
        let mut scopes = Scopes { sources, files: Vec::new(), values: Vec::new(), circuits: Vec::new() };
        let mut expressions: Vec<(usize, &'a Name, &'a Expr)> = Vec::new();
        for (file, ast) in files.asts.iter().enumerate() {
            let mut scope = Scope::default();
            for item in &ast.items {
                match item {
                    Item::Const { name, value, .. } => {
                        if let Some(&(_, first)) = scope.constants.get(name.text.as_str()) {
                            problems.report(problems::defined_twice(name.span, &name.text, first));
                            continue;
                        }
                        scope.constants.insert(&name.text, (expressions.len(), name.span));
                        scope.own.insert(&name.text, name.span);
                        expressions.push((file, name, value));
                    }
                    Item::SubCircuit(circuit) => {
                        let name = &circuit.name;
                        if words::function(&name.text).is_some() {
                            problems.report(problems::reserved_function(name.span, &name.text));
                            continue;
                        }
                        if let Some(&(_, first)) = scope.circuits.get(name.text.as_str()) {
                            problems.report(problems::defined_twice(name.span, &name.text, first));
                            continue;
                        }
                        scope.circuits.insert(&name.text, (scopes.circuits.len(), name.span));
                        scopes.circuits.push((file, circuit));
                    }
                    _ => {}
                }
            }
            scopes.files.push(scope);
        }
        scopes.bring_used(files, problems);
        scopes.evaluate(&expressions, problems);
        scopes
    }

    /// Adds what each file uses. Only own names of the used file: a use does not reach through.
    fn bring_used(&mut self, files: &'a Files, problems: &mut Problems) {
        type Brought<'a> = BTreeMap<&'a str, ((usize, Span), Span)>;
        let mut brought: Vec<(Brought<'a>, Brought<'a>)> = Vec::new();
        for uses in &files.uses {
            let (mut constants, mut circuits): (Brought<'a>, Brought<'a>) = Default::default();
            for &(used, span) in uses {
                let scope = &self.files[used];
                for (into, from) in [(&mut constants, &scope.constants), (&mut circuits, &scope.circuits)] {
                    for (&name, &(index, place)) in from {
                        match into.get(name) {
                            Some(&((other, _), first)) if other != index => {
                                problems.report(problems::ambiguous_use(span, name, first));
                            }
                            Some(_) => {}
                            None => {
                                into.insert(name, ((index, place), span));
                            }
                        }
                    }
                }
            }
            brought.push((constants, circuits));
        }
        for (scope, (constants, circuits)) in self.files.iter_mut().zip(brought) {
            for (name, (constant, _)) in constants {
                scope.constants.entry(name).or_insert(constant);
            }
            for (name, (circuit, _)) in circuits {
                scope.circuits.entry(name).or_insert(circuit);
            }
        }
    }

    /// Evaluates all constants, each after those that it names.
    fn evaluate(&mut self, expressions: &[(usize, &'a Name, &'a Expr)], problems: &mut Problems) {
        #[derive(Clone, Copy, PartialEq)]
        enum State {
            New,
            Waiting,
            Done,
        }
        let mut states = vec![State::New; expressions.len()];
        self.values = vec![None; expressions.len()];
        for root in 0..expressions.len() {
            let mut path: Vec<usize> = if states[root] == State::Done { Vec::new() } else { vec![root] };
            while let Some(&constant) = path.last() {
                let (file, name, expr) = expressions[constant];
                let mut missing: Option<(usize, Span)> = None;
                let value = compile_expr(expr, &mut |name| match self.files[file].constants.get(name.text.as_str()) {
                    Some(&(named, _)) if states[named] == State::Done => {
                        self.values[named].map_or(Meaning::Invalid, Meaning::Constant)
                    }
                    Some(&(named, _)) => {
                        missing.get_or_insert((named, name.span));
                        Meaning::Invalid
                    }
                    None => {
                        problems.report(self.unknown_constant(file, name, []));
                        Meaning::Invalid
                    }
                });
                states[constant] = State::Waiting;
                match missing {
                    Some((named, _)) if states[named] == State::New => path.push(named),
                    Some((named, span)) => {
                        let start = path.iter().position(|&waiting| waiting == named).unwrap_or(0);
                        let mut circle: Vec<String> =
                            path[start..].iter().map(|&waiting| expressions[waiting].1.text.clone()).collect();
                        circle.push(expressions[named].1.text.clone());
                        problems.report(problems::circular_constant(span, &circle));
                        for waiting in path.drain(..) {
                            states[waiting] = State::Done;
                        }
                    }
                    None => {
                        self.values[constant] = known(&value, &[], problems);
                        states[constant] = State::Done;
                        path.pop();
                    }
                }
                let _ = name;
            }
        }
    }

    /// The value of a constant that `file` sees: `None` when there is no such name, `Some(None)` when it has none.
    pub fn constant(&self, file: usize, name: &str) -> Option<Option<i64>> {
        self.files[file].constants.get(name).map(|&(constant, _)| self.values[constant])
    }

    /// The sub-circuit that `file` sees under a name, as an index into `circuits`.
    pub fn circuit(&self, file: usize, name: &str) -> Option<usize> {
        self.files[file].circuits.get(name).map(|&(circuit, _)| circuit)
    }

    /// What stands at a place, for messages; `short` instead of what is long.
    pub fn text<'t>(&'t self, span: Span, short: &'t str) -> &'t str {
        let text = self.sources.files.get(span.file.0 as usize).map_or("", |file| file.text.as_str());
        match text.get(span.start as usize..span.end as usize).map(str::trim) {
            Some(text) if text.len() <= 40 && !text.contains('\n') => text,
            _ => short,
        }
    }

    /// Where `file` itself defines a constant.
    pub fn own_constant(&self, file: usize, name: &str) -> Option<Span> {
        self.files[file].own.get(name).copied()
    }

    pub fn unknown_constant<'n>(
        &'n self,
        file: usize,
        name: &Name,
        variables: impl IntoIterator<Item = &'n str>,
    ) -> crate::diagnostic::Diagnostic {
        let known: Vec<&str> = variables.into_iter().chain(self.files[file].constants.keys().copied()).collect();
        problems::unknown_constant(name.span, &name.text, suggest(&name.text, known))
    }

    pub fn unknown_function(&self, file: usize, call: &Call) -> crate::diagnostic::Diagnostic {
        let name = call.name.text.as_str();
        let arguments: Vec<&str> = call.arguments.iter().map(|argument| self.text(argument.span, "…")).collect();
        // Many are not repeated.
        let length: usize = arguments.iter().map(|argument| argument.len()).sum();
        let arguments = if length > 40 { vec!["…"] } else { arguments };
        if let Some(instead) = foreign::call(name, &arguments) {
            return problems::foreign_function(call.name.span, name, &instead);
        }
        let mut known: Vec<&str> = self.files[file].circuits.keys().copied().collect();
        known.extend(words::FUNCTIONS.iter().map(|function| function.name));
        // Three words are of both languages.
        for word in foreign::words().filter(|word| words::function(word).is_none()) {
            known.push(word);
        }
        let meant = suggest_surely(name, known);
        // A misspelt word of another language is none of this one.
        let is_known = |word: &str| self.circuit(file, word).is_some() || words::function(word).is_some();
        let instead = meant.and_then(|word| match is_known(word) {
            true => Some(word.to_string()),
            false => foreign::call(word, &arguments),
        });
        problems::unknown_function(call.name.span, name, instead.as_deref())
    }

    /// The value of an expression over the constants of `file`; problems are reported.
    pub fn integer(&self, file: usize, expr: &Expr, problems: &mut Problems) -> Option<i64> {
        let value = compile_expr(expr, &mut |name| match self.constant(file, &name.text) {
            Some(value) => value.map_or(Meaning::Invalid, Meaning::Constant),
            None => {
                problems.report(self.unknown_constant(file, name, []));
                Meaning::Invalid
            }
        });
        known(&value, &[], problems)
    }
}

/// The value of an integer without variables; a fault is reported.
pub(crate) fn known(value: &Int, example: problems::Example<'_>, problems: &mut Problems) -> Option<i64> {
    match value.value(&[]) {
        Ok(value) => Some(value),
        Err(fault) => {
            report_fault(fault, example, problems);
            None
        }
    }
}

/// Reports why an integer has no value.
pub(crate) fn report_fault(fault: Fault, example: problems::Example<'_>, problems: &mut Problems) {
    match fault {
        Fault::Overflow(span) => problems.report(problems::integer_overflow(span, example)),
        Fault::DivisionByZero(span) => problems.report(problems::division_by_zero(span, example)),
        Fault::Known => {}
    }
}
