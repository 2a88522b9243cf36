//! Definitions and formulas, their names resolved.
//!
//! A wrong name becomes `Formula::Invalid` and one problem; everything around it is still looked at. Recurses on the
//! nesting of parentheses alone, which the parser limits. Must not know how many members an array has.

use super::loops::{after, is_valid};
use super::resolver::{Resolver, callee};
use crate::diagnostic::{Span, suggest};
use crate::elaborate::integer::Int;
use crate::elaborate::plan::{
    Application, Argument, Call, Definition, Formula, Function, Index, Pick, Read, Role, Target,
};
use crate::elaborate::problems;
use crate::syntax::ast::{self, Operator};
use crate::syntax::words;

/// Names that are compared for suggestions, all unknown names together: each unknown name costs a look at every name.
const MAX_COMPARED: usize = 200_000;

#[derive(Clone, Copy, PartialEq)]
enum Position {
    /// One signal stands here.
    Single,
    /// The members of an array may stand here.
    List,
}

fn formula_span(formula: &ast::Formula) -> Span {
    match formula {
        ast::Formula::Signal(reference) => reference.span,
        ast::Formula::Not { span, .. } | ast::Formula::Chain { span, .. } | ast::Formula::Group { span, .. } => *span,
        ast::Formula::Call(call) => call.span,
    }
}

impl<'p, 'a> Resolver<'p, 'a> {
    /// `None` when its targets are wrong; a wrong value is `Formula::Invalid` somewhere inside.
    pub(super) fn definition(&mut self, definition: &'a ast::Definition, block: Option<u32>) -> Option<Definition> {
        let loops = self.enter(definition.comprehension.as_ref());
        let mut targets = Vec::with_capacity(definition.targets.len());
        let mut valid = true;
        for target in &definition.targets {
            let slot = self.slots[target.name.text.as_str()];
            let mut indices = Vec::with_capacity(target.indices.len());
            for index in &target.indices {
                match index {
                    ast::Index::At(expr) => indices.push(self.integer(expr)),
                    ast::Index::Slice(range) => {
                        self.problems.report(problems::slice_as_target(range.span));
                        valid = false;
                    }
                }
            }
            valid &= !indices.contains(&Int::Invalid);
            let array = &self.arrays[slot];
            valid &= matches!(array.role, Role::Gates | Role::Result { .. });
            valid &= !(array.tainted && matches!(array.role, Role::Gates));
            targets.push(Target { slot, indices, span: target.span });
        }
        let value = self.definition_value(definition, &mut valid);
        self.leave(&loops);
        if loops.as_ref().is_some_and(|loops| !is_valid(loops)) {
            valid = false;
        }
        // Ranks were compared while slots were given; a result's rank is compared here, with its indices.
        for (target_idx, target) in targets.iter().enumerate() {
            let array = &self.arrays[target.slot];
            let extra = match &value {
                Formula::Call(call) => {
                    let callee = &self.bodies[call.callee];
                    callee.results.get(target_idx).map_or(0, |&slot| self.callee_rank(call.callee, slot))
                }
                _ => 0,
            };
            valid &= array.rank == target.indices.len() + extra;
        }
        valid.then_some(Definition { targets, value, loops, block, span: definition.span })
    }

    fn callee_rank(&self, callee: usize, slot: usize) -> usize {
        let (_, circuit) = self.scopes.circuits[callee - 1];
        circuit.parameters.iter().chain(&circuit.results).nth(slot).map_or(0, |declared| declared.dimensions.len())
    }

    fn definition_value(&mut self, definition: &'a ast::Definition, valid: &mut bool) -> Formula {
        let n_targets = definition.targets.len();
        let Some(call) = callee(&definition.value) else {
            if n_targets > 1 {
                let span = formula_span(&definition.value);
                self.problems.report(problems::tuple_without_call(span, n_targets));
                *valid = false;
            }
            return self.formula(&definition.value, Position::Single);
        };
        let circuit = match Function::named(&call.name.text) {
            Some(_) => None,
            None => self.scopes.circuit(self.file, &call.name.text),
        };
        let Some(circuit) = circuit else {
            let value = self.formula(&definition.value, Position::Single);
            if n_targets > 1 {
                if !matches!(value, Formula::Invalid) {
                    self.problems.report(problems::tuple_without_call(call.span, n_targets));
                }
                *valid = false;
            }
            return value;
        };
        let n_results = self.bodies[1 + circuit].results.len();
        if n_results != n_targets {
            self.problems.report(problems::tuple_arity(call.span, &call.name.text, n_results, n_targets));
            *valid = false;
        }
        self.call(call, circuit)
    }

    fn formula(&mut self, formula: &'a ast::Formula, position: Position) -> Formula {
        match formula {
            ast::Formula::Signal(reference) => match self.read(reference) {
                Some(read) => {
                    if position == Position::Single && !read.single {
                        self.problems.report(problems::array_for_signal(
                            reference.span,
                            self.scopes.text(reference.span, &reference.name.text),
                        ));
                        return Formula::Invalid;
                    }
                    Formula::Read(read)
                }
                None => Formula::Invalid,
            },
            ast::Formula::Not { inner, .. } => Formula::Not(Box::new(self.formula(inner, position))),
            ast::Formula::Group { inner, .. } => self.formula(inner, position),
            ast::Formula::Chain { operator, operands, span } => {
                let function = match operator {
                    Operator::And => Function::All,
                    Operator::Or => Function::Any,
                    Operator::Xor => Function::Parity,
                };
                let arguments = operands
                    .iter()
                    .map(|operand| Argument {
                        value: self.formula(operand, Position::Single),
                        loops: None,
                        span: formula_span(operand),
                    })
                    .collect();
                Formula::Gate(Box::new(Application { function, count: None, arguments, span: *span }))
            }
            ast::Formula::Call(call) => self.function(call, position),
        }
    }

    fn function(&mut self, call: &'a ast::Call, position: Position) -> Formula {
        let name = call.name.text.as_str();
        if name == "pick" {
            let count = self.count(call);
            let arguments = self.arguments(call, |_| Position::List);
            if count.is_some() && arguments.len() != 1 {
                let given = arguments.len() + 1;
                self.problems.report(problems::wrong_number_of_arguments(call.span, name, 2, given, None));
                return Formula::Invalid;
            }
            return match (count, arguments.into_iter().next()) {
                (Some(count), Some(from)) => Formula::Pick(Box::new(Pick { count, from, span: call.span })),
                _ => Formula::Invalid,
            };
        }
        if let Some(function) = Function::named(name) {
            let needs_count = words::function(name).is_some_and(|function| function.needs_count);
            let count = if needs_count { self.count(call) } else { None };
            let argument_position = if function == Function::Mux { Position::Single } else { Position::List };
            let arguments = self.arguments(call, |_| argument_position);
            if function == Function::Mux && arguments.len() != 3 {
                self.problems.report(problems::wrong_number_of_arguments(call.span, name, 3, arguments.len(), None));
                return Formula::Invalid;
            }
            if needs_count && count.is_none() {
                return Formula::Invalid;
            }
            return Formula::Gate(Box::new(Application { function, count, arguments, span: call.span }));
        }
        let Some(circuit) = self.scopes.circuit(self.file, name) else {
            self.problems.report(self.scopes.unknown_function(self.file, call));
            // Its arguments may have problems of their own.
            self.arguments(call, |_| Position::List);
            return Formula::Invalid;
        };
        let header = &self.bodies[1 + circuit];
        if header.results.len() != 1 {
            self.problems.report(problems::several_results(call.span, name, header.results.len()));
            self.arguments(call, |_| Position::List);
            return Formula::Invalid;
        }
        if position == Position::Single && self.callee_rank(1 + circuit, header.results[0]) > 0 {
            self.problems.report(problems::array_for_signal(call.span, self.scopes.text(call.span, name)));
            return Formula::Invalid;
        }
        self.call(call, circuit)
    }

    fn call(&mut self, call: &'a ast::Call, circuit: usize) -> Formula {
        let (_, declared) = self.scopes.circuits[circuit];
        let arguments = self.arguments(call, |argument| match declared.parameters.get(argument) {
            Some(parameter) if parameter.dimensions.is_empty() => Position::Single,
            _ => Position::List,
        });
        if arguments.len() != declared.parameters.len() {
            self.problems.report(problems::wrong_number_of_arguments(
                call.span,
                &call.name.text,
                declared.parameters.len(),
                arguments.len(),
                Some(declared.name.span),
            ));
            return Formula::Invalid;
        }
        self.calls.push((1 + circuit, call.span));
        Formula::Call(Box::new(Call { callee: 1 + circuit, arguments, span: call.span }))
    }

    fn count(&mut self, call: &'a ast::Call) -> Option<Int> {
        match &call.count {
            Some(ast::Expr::Name(name)) if self.is_signal(&name.text) => {}
            Some(expr) => return Some(self.integer(expr)),
            None => {}
        }
        let text = self.scopes.text(call.span, "");
        let arguments = text.split_once('(').and_then(|(_, behind)| behind.strip_suffix(')')).map(str::trim);
        let arguments = arguments.filter(|arguments| !arguments.is_empty()).unwrap_or("…");
        self.problems.report(problems::missing_count(call.span, &call.name.text, arguments));
        None
    }

    /// Whether a name is that of a signal, and of no integer.
    fn is_signal(&self, name: &str) -> bool {
        let is_integer = self.variables.contains(&name) || self.scopes.constant(self.file, name).is_some();
        !is_integer && self.slots.contains_key(name)
    }

    fn arguments(&mut self, call: &'a ast::Call, position: impl Fn(usize) -> Position) -> Vec<Argument> {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for (argument_idx, argument) in call.arguments.iter().enumerate() {
            let loops = self.enter(argument.comprehension.as_ref());
            let mut value = self.formula(&argument.value, position(argument_idx));
            self.leave(&loops);
            if loops.is_some() && position(argument_idx) == Position::Single {
                self.problems.report(problems::array_for_signal(argument.span, self.scopes.text(argument.span, "…")));
                value = Formula::Invalid;
            }
            if loops.as_ref().is_some_and(|loops| !is_valid(loops)) {
                arguments.push(Argument { value: Formula::Invalid, loops: None, span: argument.span });
                continue;
            }
            arguments.push(Argument { value, loops, span: argument.span });
        }
        arguments
    }

    pub(super) fn read(&mut self, reference: &'a ast::Reference) -> Option<Read> {
        let mut indices = Vec::with_capacity(reference.indices.len());
        let mut valid = true;
        let mut single = true;
        for index in &reference.indices {
            indices.push(match index {
                ast::Index::At(expr) => Index::At(self.integer(expr)),
                ast::Index::Slice(range) => {
                    single = false;
                    let start = self.integer(&range.start);
                    let end = self.integer(&range.end);
                    self.check_direction(range, &start, &end);
                    Index::Slice(start, if range.inclusive { after(end, range.span) } else { end })
                }
            });
            valid &= match indices.last() {
                Some(Index::At(at)) => *at != Int::Invalid,
                Some(Index::Slice(start, end)) => *start != Int::Invalid && *end != Int::Invalid,
                None => true,
            };
        }
        let name = &reference.name;
        let Some(&slot) = self.slots.get(name.text.as_str()) else {
            self.unknown_signal(name);
            return None;
        };
        let array = &self.arrays[slot];
        if indices.len() > array.rank {
            if !array.tainted {
                self.problems.report(problems::wrong_number_of_indices(
                    reference.span,
                    &name.text,
                    array.rank,
                    indices.len(),
                    array.span,
                ));
            }
            return None;
        }
        single &= indices.len() == array.rank || array.tainted;
        valid.then_some(Read { slot, indices, single, span: reference.span })
    }

    fn unknown_signal(&mut self, name: &'a ast::Name) {
        let text = name.text.as_str();
        let is_integer = self.variables.contains(&text) || self.scopes.constant(self.file, text).is_some();
        if is_integer {
            self.problems.report(problems::integer_for_signal(name.span, text));
            return;
        }
        *self.n_unknown += 1;
        let suggestion = if *self.n_unknown == 1 || *self.n_unknown * self.arrays.len() <= MAX_COMPARED {
            suggest(text, self.arrays.iter().map(|array| array.name.as_str()))
        } else {
            None
        };
        self.problems.report(problems::unknown_name(name.span, text, suggestion));
    }
}
