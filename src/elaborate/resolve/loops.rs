//! The integers of a body, and the loop variables that are in scope around them.
//!
//! Must not evaluate anything: an expression becomes code, a comprehension its bindings and its guard.

use std::collections::HashMap;

use super::resolver::Resolver;
use crate::diagnostic::Span;
use crate::elaborate::integer::{Binding, Int, Loops, Meaning, Step, compile_condition, compile_expr};
use crate::elaborate::problems::{self, Problems};
use crate::elaborate::scopes::Scopes;
use crate::syntax::ast;
use crate::syntax::ast::Arithmetic::Add;

impl<'a> Resolver<'_, 'a> {
    pub(super) fn integer(&mut self, expr: &'a ast::Expr) -> Int {
        let mut meaning = Self::meaning(self.scopes, self.slots, self.file, &self.variables, self.problems);
        compile_expr(expr, &mut meaning)
    }

    /// What names mean in integer expressions; the innermost loop variable wins.
    fn meaning<'m>(
        scopes: &'m Scopes<'a>,
        slots: &'m HashMap<&'a str, usize>,
        file: usize,
        variables: &'m [&'a str],
        problems: &'m mut Problems,
    ) -> impl FnMut(&ast::Name) -> Meaning + 'm {
        move |name| {
            if let Some(variable) = variables.iter().rposition(|variable| *variable == name.text) {
                return Meaning::Variable(variable as u32);
            }
            match scopes.constant(file, &name.text) {
                Some(value) => value.map_or(Meaning::Invalid, Meaning::Constant),
                None if slots.contains_key(name.text.as_str()) => {
                    problems.report(problems::signal_for_integer(name.span, &name.text));
                    Meaning::Invalid
                }
                None => {
                    problems.report(scopes.unknown_constant(file, name, variables.iter().copied()));
                    Meaning::Invalid
                }
            }
        }
    }

    /// Resolves a comprehension and brings its variables into scope.
    pub(super) fn enter(&mut self, comprehension: Option<&'a ast::Comprehension>) -> Option<Loops> {
        let comprehension = comprehension?;
        let mut names: HashMap<&str, Span> = HashMap::new();
        let mut bindings: Vec<Binding> = Vec::with_capacity(comprehension.bindings.len());
        for binding in &comprehension.bindings {
            let start = self.integer(&binding.range.start);
            let end = self.integer(&binding.range.end);
            self.check_direction(&binding.range, &start, &end);
            let first = *names.entry(&binding.name.text).or_insert(binding.name.span);
            if first != binding.name.span {
                self.problems.report(problems::defined_twice(binding.name.span, &binding.name.text, first));
            }
            bindings.push(Binding {
                name: binding.name.text.clone(),
                start,
                end,
                inclusive: binding.range.inclusive,
                span: binding.range.span,
            });
            self.variables.push(&binding.name.text);
        }
        let guard = comprehension.guard.as_ref().map(|guard| {
            let mut meaning = Self::meaning(self.scopes, self.slots, self.file, &self.variables, self.problems);
            compile_condition(guard, &mut meaning)
        });
        Some(Loops { bindings, guard })
    }

    /// A comprehension of which nothing else is resolved here; `None` when a problem of it was reported.
    pub(super) fn loops_alone(&mut self, comprehension: Option<&'a ast::Comprehension>) -> Option<Loops> {
        let loops = self.enter(comprehension);
        self.leave(&loops);
        loops.filter(is_valid)
    }

    /// Warns of a range that runs down whatever the loop variables are.
    pub(super) fn check_direction(&mut self, range: &ast::Range, start: &Int, end: &Int) {
        if let (Int::Constant(start), Int::Constant(end)) = (start, end)
            && start > end
        {
            // Without its own end `5..0` is 5, 4, 3, 2, 1.
            let upwards = match range.inclusive {
                true => format!("{end}..={start}"),
                false => format!("{}..={start}", end + 1),
            };
            self.problems.report(problems::descending_range(range.span, &upwards));
        }
    }

    pub(super) fn leave(&mut self, loops: &Option<Loops>) {
        let n_inner = loops.as_ref().map_or(0, |loops| loops.bindings.len());
        self.variables.truncate(self.variables.len() - n_inner);
    }
}

pub(super) fn is_valid(loops: &Loops) -> bool {
    let bound = |binding: &Binding| binding.start != Int::Invalid && binding.end != Int::Invalid;
    loops.bindings.iter().all(bound) && loops.guard.as_ref().is_none_or(|guard| *guard != Int::Invalid)
}

/// `end + 1`, for inclusive slices.
pub(super) fn after(end: Int, span: Span) -> Int {
    let mut steps = match end {
        Int::Constant(value) if value < i64::MAX => return Int::Constant(value + 1),
        Int::Constant(value) => vec![Step::Push(value)],
        Int::Variable(variable) => vec![Step::Load(variable)],
        Int::Code(steps) => steps.into_vec(),
        Int::Invalid => return Int::Invalid,
    };
    steps.extend([Step::Push(1), Step::Binary(Add, span)]);
    Int::Code(steps.into())
}
