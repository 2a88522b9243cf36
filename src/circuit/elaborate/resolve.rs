//! Ast to plan: every name becomes a number, every integer expression code, every wrong name one problem.
//!
//! Works on the text alone: nothing is expanded, so that its cost is that of the file. Must not evaluate loops.

use std::collections::HashMap;

use super::Files;
use super::integer::{Binding, Int, Loops, Meaning, compile_condition, compile_expr};
use super::plan::{
    Application, Argument, Array, Body, Call, Class, Definition, Formula, Function, Index, Pick, Read, Target,
};
use super::scopes::Scopes;
use crate::circuit::problems::{self, Problems};
use crate::diagnostic::{Sources, Span, suggest};
use crate::syntax::ast::{self, Item, Operator};

/// The features of the file, in order of declaration.
#[derive(Debug, Clone)]
pub(crate) struct Feature {
    pub name: String,
    pub span: Span,
    pub first: u32,
    pub dimensions: Vec<u32>,
}

impl Feature {
    pub fn n_members(&self) -> u32 {
        self.dimensions.iter().product()
    }
}

/// A file with its names resolved.
pub(crate) struct Plan<'a> {
    pub scopes: Scopes<'a>,
    /// The top level, then the sub-circuits.
    pub bodies: Vec<Body>,
    /// By body: what it calls, and where.
    pub calls: Vec<Vec<(usize, Span)>>,
    pub features: Vec<Feature>,
    pub n_features: u32,
    /// The `layer` blocks: name and place.
    pub blocks: Vec<(String, Span)>,
    /// Slots of the top level by name.
    pub slots: HashMap<&'a str, usize>,
}

/// Names that are compared for suggestions, all unknown names together: each unknown name costs a look at every name.
const MAX_COMPARED: usize = 200_000;

pub(crate) fn resolve<'a>(
    files: &'a Files,
    sources: &'a Sources,
    max_features: u64,
    problems: &mut Problems,
) -> Plan<'a> {
    let scopes = Scopes::build(files, sources, problems);
    let n_bodies = 1 + scopes.circuits.len();
    let mut bodies: Vec<Body> = vec![Body::default()];
    for index in 0..scopes.circuits.len() {
        bodies.push(header(&scopes, index, max_features, problems));
    }
    let mut plan = Plan {
        scopes,
        bodies,
        calls: vec![Vec::new(); n_bodies],
        features: Vec::new(),
        n_features: 0,
        blocks: Vec::new(),
        slots: HashMap::new(),
    };
    let main = &files.asts[0];
    plan.slots = plan.declare_features(main, max_features, problems);
    let mut definitions: Vec<(&'a ast::Definition, Option<u32>)> = Vec::new();
    for item in &main.items {
        match item {
            Item::Definition(definition) => definitions.push((definition, None)),
            Item::Layer { name, body, .. } => {
                if let Some((_, first)) = plan.blocks.iter().find(|(other, _)| *other == name.text) {
                    problems.report(problems::defined_twice(name.span, &name.text, *first));
                }
                let block = plan.blocks.len() as u32;
                plan.blocks.push((name.text.clone(), name.span));
                definitions.extend(body.iter().map(|definition| (definition, Some(block))));
            }
            _ => {}
        }
    }
    let mut n_unknown = 0;
    let slots = std::mem::take(&mut plan.slots);
    plan.slots = plan.resolve_body(0, 0, slots, &definitions, problems, &mut n_unknown);
    for index in 0..plan.scopes.circuits.len() {
        let (file, circuit) = plan.scopes.circuits[index];
        let mut slots = HashMap::new();
        for (declared, slot) in circuit.parameters.iter().chain(&circuit.results).zip(0..) {
            slots.entry(declared.name.text.as_str()).or_insert(slot);
        }
        let definitions: Vec<_> = circuit.body.iter().map(|definition| (definition, None)).collect();
        plan.resolve_body(1 + index, file, slots, &definitions, problems, &mut n_unknown);
    }
    plan
}

/// A sub-circuit's parameters and results, at most `max_members` signals together.
fn header(scopes: &Scopes<'_>, index: usize, max_members: u64, problems: &mut Problems) -> Body {
    let (file, circuit) = scopes.circuits[index];
    let mut body = Body { name: circuit.name.text.clone(), span: circuit.name.span, ..Body::default() };
    let mut n_members = 0u64;
    let declared = circuit.parameters.iter().map(|parameter| (parameter, true));
    for (declared, is_parameter) in declared.chain(circuit.results.iter().map(|result| (result, false))) {
        let slot = body.arrays.len();
        if let Some(other) = body.arrays.iter().find(|array| array.name == declared.name.text) {
            problems.report(problems::defined_twice(declared.name.span, &declared.name.text, other.span));
        }
        let dimensions = dimensions(scopes, file, declared, problems);
        let volume = dimensions.iter().flatten().map(|&length| length as u64).product::<u64>();
        n_members = n_members.saturating_add(volume);
        let dimensions = if n_members > max_members {
            problems.report(problems::too_many_members(declared.span, &declared.name.text, max_members));
            n_members -= volume;
            None
        } else {
            dimensions
        };
        let tainted = dimensions.is_none();
        let dimensions = dimensions.unwrap_or_default();
        if !is_parameter && dimensions.contains(&0) {
            problems.report(problems::empty_result(declared.span, &declared.name.text));
        }
        body.arrays.push(Array {
            name: declared.name.text.clone(),
            span: declared.name.span,
            rank: declared.dimensions.len(),
            class: if is_parameter { Class::Parameter { dimensions } } else { Class::Result { dimensions } },
            tainted,
        });
        if is_parameter { body.parameters.push(slot) } else { body.results.push(slot) }
    }
    body
}

fn dimensions(scopes: &Scopes<'_>, file: usize, declared: &ast::Declared, problems: &mut Problems) -> Option<Vec<u32>> {
    let mut dimensions = Some(Vec::with_capacity(declared.dimensions.len()));
    for expr in &declared.dimensions {
        let length = scopes.integer(file, expr, problems);
        if let Some(length) = length
            && !(0..u32::MAX as i64).contains(&length)
        {
            problems.report(problems::bad_length(declared.span, &declared.name.text, length));
            dimensions = None;
        }
        match (&mut dimensions, length) {
            (Some(dimensions), Some(length)) => dimensions.push(length as u32),
            _ => dimensions = None,
        }
    }
    let dimensions = dimensions?;
    // A volume that no machine holds is caught here, before anything is multiplied without care.
    let volume = dimensions.iter().try_fold(1u64, |volume, &length| volume.checked_mul(length as u64));
    if volume.is_none_or(|volume| volume > u32::MAX as u64) {
        problems.report(problems::too_many_members(declared.span, &declared.name.text, u32::MAX as u64));
        return None;
    }
    Some(dimensions)
}

/// What one body sees while it is resolved.
struct Resolver<'p, 'a> {
    scopes: &'p Scopes<'a>,
    /// The headers of all bodies.
    bodies: &'p [Body],
    slots: &'p HashMap<&'a str, usize>,
    arrays: &'p [Array],
    file: usize,
    calls: &'p mut Vec<(usize, Span)>,
    problems: &'p mut Problems,
    n_unknown: &'p mut usize,
    /// The loop variables around, outermost first.
    variables: Vec<&'a str>,
}

#[derive(Clone, Copy, PartialEq)]
enum Position {
    /// One signal stands here.
    Single,
    /// The members of an array may stand here.
    List,
}

impl<'a> Plan<'a> {
    fn declare_features(
        &mut self,
        main: &'a ast::Ast,
        max_features: u64,
        problems: &mut Problems,
    ) -> HashMap<&'a str, usize> {
        let mut slots: HashMap<&'a str, usize> = HashMap::new();
        let mut n_features = 0u64;
        for item in &main.items {
            let Item::Feature { declared, .. } = item else { continue };
            for declared in declared {
                let name = &declared.name;
                let first = slots.get(name.text.as_str()).map(|&slot| self.bodies[0].arrays[slot].span);
                if let Some(first) = first.or(self.scopes.own_constant(0, &name.text)) {
                    problems.report(problems::defined_twice(name.span, &name.text, first));
                    continue;
                }
                let dimensions = dimensions(&self.scopes, 0, declared, problems);
                let tainted = dimensions.is_none();
                let dimensions = dimensions.unwrap_or_default();
                let feature = Feature {
                    name: name.text.clone(),
                    span: name.span,
                    first: n_features as u32,
                    dimensions: dimensions.clone(),
                };
                slots.insert(&name.text, self.bodies[0].arrays.len());
                self.bodies[0].arrays.push(Array {
                    name: name.text.clone(),
                    span: name.span,
                    class: Class::Feature { first: n_features as u32, dimensions },
                    rank: declared.dimensions.len(),
                    tainted,
                });
                if !tainted {
                    if n_features + feature.n_members() as u64 > max_features {
                        problems.report(problems::too_many_features(declared.span, max_features));
                        self.bodies[0].arrays.last_mut().expect("just pushed").tainted = true;
                        continue;
                    }
                    n_features += feature.n_members() as u64;
                    self.features.push(feature);
                }
            }
        }
        self.n_features = n_features as u32;
        slots
    }

    /// Resolves the definitions of a body whose parameters, results or features have `slots` already.
    fn resolve_body(
        &mut self,
        body_idx: usize,
        file: usize,
        mut slots: HashMap<&'a str, usize>,
        definitions: &[(&'a ast::Definition, Option<u32>)],
        problems: &mut Problems,
        n_unknown: &mut usize,
    ) -> HashMap<&'a str, usize> {
        let mut arrays = std::mem::take(&mut self.bodies[body_idx].arrays);
        for (definition, _) in definitions {
            self.declare_targets(file, definition, &mut slots, &mut arrays, problems);
        }
        let mut calls = std::mem::take(&mut self.calls[body_idx]);
        // The header must stay readable for calls while its body is resolved.
        let mut resolver = Resolver {
            scopes: &self.scopes,
            bodies: &self.bodies,
            slots: &slots,
            arrays: &arrays,
            file,
            calls: &mut calls,
            problems,
            n_unknown,
            variables: Vec::new(),
        };
        let mut resolved = Vec::with_capacity(definitions.len());
        let mut broken: Vec<&str> = Vec::new();
        for (definition, block) in definitions {
            match resolver.definition(definition, *block) {
                Some(definition) => resolved.push(definition),
                None => broken.extend(definition.targets.iter().map(|target| target.name.text.as_str())),
            }
        }
        for name in broken {
            if let Some(&slot) = slots.get(name) {
                arrays[slot].tainted = true;
            }
        }
        self.calls[body_idx] = calls;
        self.bodies[body_idx].arrays = arrays;
        self.bodies[body_idx].definitions = resolved;
        slots
    }

    /// Gives the targets of a definition their slots.
    fn declare_targets(
        &self,
        file: usize,
        definition: &'a ast::Definition,
        slots: &mut HashMap<&'a str, usize>,
        arrays: &mut Vec<Array>,
        problems: &mut Problems,
    ) {
        // A sub-circuit's result may be an array: its dimensions follow those of the target.
        let call = callee(&definition.value)
            .filter(|call| Function::named(&call.name.text).is_none() && call.name.text != "pick");
        let callee = call
            .and_then(|call| self.scopes.circuit(file, &call.name.text))
            .map(|circuit| self.scopes.circuits[circuit].1);
        // What an unknown sub-circuit gives may be arrays.
        let is_unknown = match callee {
            Some(callee) => callee.results.len() != definition.targets.len(),
            None => call.is_some(),
        };
        for (target_idx, target) in definition.targets.iter().enumerate() {
            let result = callee.filter(|callee| callee.results.len() == definition.targets.len());
            let rank = target.indices.len() + result.map_or(0, |callee| callee.results[target_idx].dimensions.len());
            let name = &target.name;
            match slots.get(name.text.as_str()) {
                None => {
                    if file == 0
                        && let Some(first) = self.scopes.own_constant(0, &name.text)
                    {
                        problems.report(problems::defined_twice(name.span, &name.text, first));
                    }
                    slots.insert(&name.text, arrays.len());
                    arrays.push(Array {
                        name: name.text.clone(),
                        span: name.span,
                        class: Class::Gates,
                        rank,
                        tainted: is_unknown,
                    });
                }
                Some(&slot) => match &arrays[slot].class {
                    Class::Feature { .. } | Class::Parameter { .. } => {
                        problems.report(problems::defined_twice(name.span, &name.text, arrays[slot].span));
                    }
                    Class::Result { .. } | Class::Gates => {
                        arrays[slot].tainted |= is_unknown;
                        if arrays[slot].rank != rank && !arrays[slot].tainted {
                            let (declared, needed) = (arrays[slot].span, arrays[slot].rank);
                            problems.report(problems::wrong_number_of_indices(
                                target.span,
                                &name.text,
                                needed,
                                rank,
                                declared,
                            ));
                            arrays[slot].tainted = true;
                        }
                    }
                },
            }
        }
    }
}

/// The call that is the whole value, if it is one.
fn callee(value: &ast::Formula) -> Option<&ast::Call> {
    let mut value = value;
    loop {
        match value {
            ast::Formula::Group { inner, .. } => value = inner,
            ast::Formula::Call(call) => return Some(call),
            _ => return None,
        }
    }
}

pub(crate) fn formula_span(formula: &ast::Formula) -> Span {
    match formula {
        ast::Formula::Signal(reference) => reference.span,
        ast::Formula::Not { span, .. } | ast::Formula::Chain { span, .. } | ast::Formula::Group { span, .. } => *span,
        ast::Formula::Call(call) => call.span,
    }
}

impl<'p, 'a> Resolver<'p, 'a> {
    /// `None` when its targets are wrong; a wrong value is `Formula::Invalid` somewhere inside.
    fn definition(&mut self, definition: &'a ast::Definition, block: Option<u32>) -> Option<Definition> {
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
            valid &= matches!(array.class, Class::Gates | Class::Result { .. });
            valid &= !(array.tainted && matches!(array.class, Class::Gates));
            targets.push(Target { slot, indices, span: target.span });
        }
        let value = self.definition_value(definition, &mut valid);
        self.leave(&loops);
        if loops.as_ref().is_some_and(|loops| !is_valid(loops)) {
            valid = false;
        }
        // Ranks were compared while slots were given; a result's rank is compared here, with its indices.
        for target in &targets {
            let array = &self.arrays[target.slot];
            let extra = match &value {
                Formula::Call(call) => {
                    let callee = &self.bodies[call.callee];
                    let at = targets.iter().position(|other| std::ptr::eq(other, target)).unwrap_or(0);
                    callee.results.get(at).map_or(0, |&slot| self.callee_rank(call.callee, slot))
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
            if arguments.len() != 1 {
                let given = arguments.len() + call.count.is_some() as usize;
                self.problems.report(problems::wrong_number_of_arguments(call.span, name, 2, given, None));
                return Formula::Invalid;
            }
            return match (count, arguments.into_iter().next()) {
                (Some(count), Some(from)) => Formula::Pick(Box::new(Pick { count, from, span: call.span })),
                _ => Formula::Invalid,
            };
        }
        if let Some(function) = Function::named(name) {
            let count = if function.needs_count() { self.count(call) } else { None };
            let argument_position = if function == Function::Mux { Position::Single } else { Position::List };
            let arguments = self.arguments(call, |_| argument_position);
            if function == Function::Mux && arguments.len() != 3 {
                self.problems.report(problems::wrong_number_of_arguments(call.span, name, 3, arguments.len(), None));
                return Formula::Invalid;
            }
            if function.needs_count() && count.is_none() {
                return Formula::Invalid;
            }
            return Formula::Gate(Box::new(Application { function, count, arguments, span: call.span }));
        }
        let Some(circuit) = self.scopes.circuit(self.file, name) else {
            self.problems.report(self.scopes.unknown_function(self.file, &call.name));
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
            Some(expr) => Some(self.integer(expr)),
            None => {
                self.problems.report(problems::missing_count(call.span, &call.name.text));
                None
            }
        }
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

    fn read(&mut self, reference: &'a ast::Reference) -> Option<Read> {
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

    fn integer(&mut self, expr: &'a ast::Expr) -> Int {
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
    fn enter(&mut self, comprehension: Option<&'a ast::Comprehension>) -> Option<Loops> {
        let comprehension = comprehension?;
        let outer = self.variables.len();
        let mut bindings: Vec<Binding> = Vec::with_capacity(comprehension.bindings.len());
        for binding in &comprehension.bindings {
            let start = self.integer(&binding.range.start);
            let end = self.integer(&binding.range.end);
            if self.variables[outer..].contains(&binding.name.text.as_str()) {
                let first = &comprehension.bindings
                    [bindings.iter().position(|other| other.name == binding.name.text).unwrap_or_default()];
                self.problems.report(problems::defined_twice(binding.name.span, &binding.name.text, first.name.span));
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

    fn leave(&mut self, loops: &Option<Loops>) {
        let n_inner = loops.as_ref().map_or(0, |loops| loops.bindings.len());
        self.variables.truncate(self.variables.len() - n_inner);
    }
}

fn is_valid(loops: &Loops) -> bool {
    let bound = |binding: &Binding| binding.start != Int::Invalid && binding.end != Int::Invalid;
    loops.bindings.iter().all(bound) && loops.guard.as_ref().is_none_or(|guard| *guard != Int::Invalid)
}

/// `end + 1`, for inclusive slices.
fn after(end: Int, span: Span) -> Int {
    use super::integer::Step;
    use crate::syntax::ast::Arithmetic::Add;
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
