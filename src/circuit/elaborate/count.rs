//! How many gates and loop turns a plan expands to, before anything is expanded.
//!
//! Sub-circuits take signals, never integers, so that each has one size: it is counted once and multiplied. Also
//! finds calls that go in a circle, or too deep.

use super::integer::{Fault, Loops, Turns, count_turns};
use super::plan::{Argument, Body, Class, Definition, Formula, Function};
use super::resolve::Plan;
use crate::circuit::load::Limits;
use crate::circuit::problems::{self, Problems};

/// Gates and turns of something, saturating.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Size {
    gates: u64,
    turns: u64,
}

impl Size {
    fn add(&mut self, other: Size) {
        self.gates = self.gates.saturating_add(other.gates);
        self.turns = self.turns.saturating_add(other.turns);
    }

    fn times(self, n: u64) -> Size {
        Size { gates: self.gates.saturating_mul(n), turns: self.turns.saturating_mul(n) }
    }
}

/// Bodies in an order in which each follows what it calls; `None` when calls go in a circle or too deep, which is
/// reported.
pub(crate) fn order_of_calls(plan: &Plan<'_>, limits: &Limits, problems: &mut Problems) -> Option<Vec<usize>> {
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
pub(crate) fn check_size(plan: &Plan<'_>, order: &[usize], limits: &Limits, problems: &mut Problems) -> bool {
    let mut sizes = vec![Size::default(); plan.bodies.len()];
    let mut fits = true;
    for &body in order {
        let mut counter = Counter { sizes: &sizes, limits, steps: 0 };
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
            }
        }
        if !fits {
            return false;
        }
        sizes[body] = total;
    }
    fits
}

/// Measures one turn under its loop variables.
type SizeOfTurn<'f, C> = &'f mut dyn FnMut(&mut C, &mut Vec<i64>) -> Result<Size, Fault>;

struct Counter<'p> {
    /// Of the bodies that are counted already.
    sizes: &'p [Size],
    limits: &'p Limits,
    /// Turns that counting itself has run.
    steps: u64,
}

impl Counter<'_> {
    fn definition(&mut self, definition: &Definition) -> Result<Size, Fault> {
        let mut env = Vec::new();
        self.repeat(definition.loops.as_ref(), &mut env, has_loops(&definition.value), 1, &mut |counter, env| {
            let (value, _) = strip(&definition.value);
            match value {
                Formula::Call(call) => {
                    let mut size = counter.sizes[call.callee];
                    size.add(counter.arguments(&call.arguments, env)?);
                    Ok(size)
                }
                Formula::Gate(gate) => counter.arguments(&gate.arguments, env).map(|mut size| {
                    let extra = (gate.function == Function::Exactly) as u64;
                    size.add(Size { gates: 1 + extra, turns: 0 });
                    size
                }),
                _ => Ok(Size { gates: 1, turns: 0 }),
            }
        })
    }

    /// The size of a formula that stands inside another.
    fn inner(&mut self, formula: &Formula, env: &mut Vec<i64>) -> Result<Size, Fault> {
        let (formula, _) = strip(formula);
        match formula {
            Formula::Gate(gate) => {
                let mut size = self.arguments(&gate.arguments, env)?;
                size.add(Size { gates: 1, turns: 0 });
                Ok(size)
            }
            Formula::Call(call) => {
                let mut size = self.sizes[call.callee];
                size.add(self.arguments(&call.arguments, env)?);
                Ok(size)
            }
            Formula::Pick(pick) => self.arguments(std::slice::from_ref(&pick.from), env),
            _ => Ok(Size::default()),
        }
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
        let over = Size { gates: surely, turns: steps.max(self.steps) };
        if over.turns > self.limits.max_turns {
            return Ok(over);
        }
        let mut size = Size { gates: 0, turns: steps };
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
    match &body.arrays[slot].class {
        Class::Result { dimensions } | Class::Parameter { dimensions } | Class::Feature { dimensions, .. } => {
            dimensions.iter().map(|&length| length as usize).product()
        }
        Class::Gates => 0,
    }
}
