//! How many gates and loop turns a plan expands to, before anything is expanded.
//!
//! Sub-circuits take signals, never integers, so that each has one size: it is counted once and multiplied. Also
//! finds calls that go in a circle, or too deep.

use super::integer::{Fault, Int, Loops, Turns, count_turns};
use super::plan::{Argument, Body, Definition, Formula, Function, Index, Read, Role};
use super::resolved::Resolved;
use crate::elaborate::limits::Limits;
use crate::elaborate::problems::{self, Problems};

/// What something expands to, saturating.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Size {
    gates: u64,
    turns: u64,
    /// Operands of those gates, as far as they are known: not the members of gate arrays.
    operands: u64,
    /// What it gives to the gate around it.
    literals: u64,
}

impl Size {
    fn add(&mut self, other: Size) {
        self.gates = self.gates.saturating_add(other.gates);
        self.turns = self.turns.saturating_add(other.turns);
        self.operands = self.operands.saturating_add(other.operands);
        self.literals = self.literals.saturating_add(other.literals);
    }

    fn times(self, n: u64) -> Size {
        Size {
            gates: self.gates.saturating_mul(n),
            turns: self.turns.saturating_mul(n),
            operands: self.operands.saturating_mul(n),
            literals: self.literals.saturating_mul(n),
        }
    }

    /// One gate over what this gives.
    fn gate(mut self) -> Size {
        self.gates = self.gates.saturating_add(1);
        self.operands = self.operands.saturating_add(self.literals);
        self.literals = 1;
        self
    }
}

/// Bodies in an order in which each follows what it calls; `None` when calls go in a circle or too deep, which is
/// reported.
pub(crate) fn order_of_calls(plan: &Resolved<'_>, limits: &Limits, problems: &mut Problems) -> Option<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Waiting,
        Done,
    }
    let mut states = vec![State::New; plan.bodies.len()];
    let mut depths = vec![0u32; plan.bodies.len()];
    let mut order = Vec::with_capacity(plan.bodies.len());
    let mut valid = true;
    for root in 0..plan.bodies.len() {
        if states[root] != State::New {
            continue;
        }
        let mut path: Vec<(usize, usize)> = vec![(root, 0)];
        states[root] = State::Waiting;
        while let Some((body, next)) = path.last_mut() {
            let body = *body;
            let Some(&(callee, span)) = plan.calls[body].get(*next) else {
                path.pop();
                states[body] = State::Done;
                order.push(body);
                continue;
            };
            match states[callee] {
                State::New => {
                    // `next` stays: the call is looked at again when its callee is done.
                    states[callee] = State::Waiting;
                    path.push((callee, 0));
                }
                State::Waiting => {
                    *next += 1;
                    let start = path.iter().position(|&(waiting, _)| waiting == callee).unwrap_or(0);
                    let mut circle: Vec<String> =
                        path[start..].iter().map(|&(waiting, _)| plan.bodies[waiting].name.clone()).collect();
                    circle.push(plan.bodies[callee].name.clone());
                    problems.report(problems::circular_call(span, &circle));
                    valid = false;
                }
                State::Done => {
                    *next += 1;
                    depths[body] = depths[body].max(depths[callee] + 1);
                    if depths[callee] + 1 == limits.max_nesting + 1 {
                        problems.report(problems::too_deep_calls(span, limits.max_nesting));
                        valid = false;
                    }
                }
            }
        }
    }
    valid.then_some(order)
}

/// Whether the plan fits the limits; what does not is reported. `order` is that of [`order_of_calls`].
pub(crate) fn check_size(plan: &Resolved<'_>, order: &[usize], limits: &Limits, problems: &mut Problems) -> bool {
    let mut sizes = vec![Size::default(); plan.bodies.len()];
    let mut fits = true;
    for &body in order {
        let mut counter = Counter { body: &plan.bodies[body], sizes: &sizes, limits, steps: 0 };
        let mut total = Size::default();
        for definition in &plan.bodies[body].definitions {
            // Expansion meets the same fault and knows the example.
            let Ok(size) = counter.definition(definition) else { continue };
            let before = total;
            total.add(size);
            if before.gates <= limits.max_gates && total.gates > limits.max_gates {
                problems.report(problems::too_many_gates(definition.span, size.gates, limits.max_gates));
                fits = false;
            } else if before.turns <= limits.max_turns && total.turns > limits.max_turns {
                problems.report(problems::too_many_turns(definition.span, limits.max_turns));
                fits = false;
            } else if before.operands <= limits.max_operands && total.operands > limits.max_operands {
                problems.report(problems::too_many_operands(definition.span, limits.max_operands));
                fits = false;
            }
        }
        if !fits {
            return false;
        }
        // A result that is never defined has its gates all the same, until that is reported.
        let results = &plan.bodies[body].results;
        let n_results: u64 = results.iter().map(|&slot| n_members(&plan.bodies[body], slot) as u64).sum();
        sizes[body] = Size { literals: 0, gates: total.gates.max(n_results), ..total };
    }
    fits
}

/// Measures one turn under its loop variables.
type SizeOfTurn<'f, C> = &'f mut dyn FnMut(&mut C, &mut Vec<i64>) -> Result<Size, Fault>;

struct Counter<'p> {
    body: &'p Body,
    /// Of the bodies that are counted already.
    sizes: &'p [Size],
    limits: &'p Limits,
    /// Turns that counting itself has run.
    steps: u64,
}

impl Counter<'_> {
    fn definition(&mut self, definition: &Definition) -> Result<Size, Fault> {
        let mut env = Vec::new();
        let (value, negated) = strip(&definition.value);
        // A whole definition is a gate: a copy, where its value is none.
        let is_own = match value {
            Formula::Gate(gate) => !(negated && gate.function == Function::Exactly),
            Formula::Call(_) => !negated,
            _ => false,
        };
        self.repeat(definition.loops.as_ref(), &mut env, has_loops(value), 1, &mut |counter, env| {
            let size = counter.inner(value, env)?;
            Ok(if is_own { size } else { size.gate() })
        })
    }

    /// The size of a formula that stands inside another.
    fn inner(&mut self, formula: &Formula, env: &mut Vec<i64>) -> Result<Size, Fault> {
        let literals = |literals: u64| Size { literals, ..Size::default() };
        let (formula, _) = strip(formula);
        Ok(match formula {
            Formula::Gate(gate) => self.arguments(&gate.arguments, env)?.gate(),
            Formula::Call(call) => {
                let mut size = self.sizes[call.callee];
                size.add(Size { literals: 0, ..self.arguments(&call.arguments, env)? });
                Size { literals: 1, ..size }
            }
            Formula::Pick(pick) => {
                let size = self.arguments(std::slice::from_ref(&pick.from), env)?;
                // A count that differs from turn to turn is not known here.
                let count = if let Int::Constant(count) = pick.count { count.max(0) as u64 } else { 0 };
                Size { literals: count, ..size }
            }
            Formula::Read(read) if read.single => literals(1),
            Formula::Read(read) => literals(self.n_read(read)),
            Formula::Not(_) | Formula::Invalid => literals(0),
        })
    }

    /// Members that a read surely has; those of a gate array are not known yet.
    fn n_read(&self, read: &Read) -> u64 {
        let array = &self.body.arrays[read.slot];
        let dimensions = match &array.role {
            Role::Feature { dimensions, .. } | Role::Parameter { dimensions } | Role::Result { dimensions } => {
                dimensions
            }
            Role::Gates => return 0,
        };
        let lengths = dimensions.iter().enumerate().map(|(axis, &length)| match read.indices.get(axis) {
            None => length as u64,
            Some(Index::At(_)) => 1,
            Some(Index::Slice(Int::Constant(start), Int::Constant(end))) => {
                end.saturating_sub(*start).clamp(0, length as i64) as u64
            }
            Some(Index::Slice(..)) => 0,
        });
        lengths.fold(1, u64::saturating_mul)
    }

    fn arguments(&mut self, arguments: &[Argument], env: &mut Vec<i64>) -> Result<Size, Fault> {
        let mut size = Size::default();
        for argument in arguments {
            let depends = has_loops(&argument.value);
            size.add(match &argument.loops {
                None => self.inner(&argument.value, env)?,
                loops => {
                    let least = matches!(strip(&argument.value).0, Formula::Gate(_) | Formula::Call(_)) as u64;
                    self.repeat(loops.as_ref(), env, depends, least, &mut |counter, env| {
                        counter.inner(&argument.value, env)
                    })?
                }
            });
        }
        Ok(size)
    }

    /// The size of all turns together; only where it differs from turn to turn (`varies`) are they run. A turn has at
    /// least `least` gates.
    fn repeat(
        &mut self,
        loops: Option<&Loops>,
        env: &mut Vec<i64>,
        varies: bool,
        least: u64,
        size_of_turn: SizeOfTurn<'_, Self>,
    ) -> Result<Size, Fault> {
        let Some(loops) = loops else { return size_of_turn(self, env) };
        let outer = env.len();
        let (n_turns, steps) = count_turns(loops, env, self.limits.max_turns)?;
        self.steps = self.steps.saturating_add(steps);
        let surely = if loops.guard.is_none() { n_turns.saturating_mul(least) } else { 0 };
        let over = Size { gates: surely, turns: steps.max(self.steps), ..Size::default() };
        if over.turns > self.limits.max_turns {
            return Ok(over);
        }
        let mut size = Size { turns: steps, ..Size::default() };
        if n_turns == 0 {
            return Ok(size);
        }
        if !varies {
            env.resize(outer + loops.bindings.len(), 0);
            let turn = size_of_turn(self, env);
            env.truncate(outer);
            size.add(turn?.times(n_turns));
            return Ok(size);
        }
        let mut turns = Turns::new(Some(loops));
        let result = loop {
            match turns.next(env) {
                Ok(true) => match size_of_turn(self, env) {
                    Ok(turn) => size.add(turn),
                    Err(fault) => break Err(fault),
                },
                Ok(false) => break Ok(size),
                Err(fault) => break Err(fault),
            }
            if size.turns > self.limits.max_turns || size.gates > self.limits.max_gates {
                break Ok(size);
            }
        };
        env.truncate(outer);
        result
    }
}

/// Whether a comprehension stands inside, whose size may differ from turn to turn.
fn has_loops(formula: &Formula) -> bool {
    let any = |arguments: &[Argument]| {
        arguments.iter().any(|argument| argument.loops.is_some() || has_loops(&argument.value))
    };
    match formula {
        Formula::Not(inner) => has_loops(inner),
        Formula::Gate(gate) => any(&gate.arguments),
        Formula::Call(call) => any(&call.arguments),
        Formula::Pick(pick) => any(std::slice::from_ref(&pick.from)),
        Formula::Read(_) | Formula::Invalid => false,
    }
}

/// The formula below its inversions, and whether they are odd.
pub(crate) fn strip(formula: &Formula) -> (&Formula, bool) {
    let (mut formula, mut negated) = (formula, false);
    while let Formula::Not(inner) = formula {
        formula = inner;
        negated = !negated;
    }
    (formula, negated)
}

/// The declared members of a sub-circuit's result.
pub(crate) fn n_members(body: &Body, slot: usize) -> usize {
    match &body.arrays[slot].role {
        Role::Result { dimensions } | Role::Parameter { dimensions } | Role::Feature { dimensions, .. } => {
            dimensions.iter().map(|&length| length as usize).product()
        }
        Role::Gates => 0,
    }
}
