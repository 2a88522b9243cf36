//! Integer expressions, guards and loops, compiled to a few stack steps so that a turn of a loop costs nanoseconds.
//!
//! Arithmetic is i64 with overflow as an error; `/` and `%` are Euclidean, so that `x[(i - 1) % N]` wraps. Compiling
//! and running use explicit stacks: a sum of 100 000 terms is as safe as one of two.

use crate::diagnostic::Span;
use crate::syntax::ast::{Arithmetic, Comparison, Condition, Expr};

/// An integer over loop variables, which are numbered from the outermost on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Int {
    Constant(i64),
    Variable(u32),
    Code(Box<[Step]>),
    /// A problem that was reported.
    Invalid,
}

/// Why an integer has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Overflow(Span),
    DivisionByZero(Span),
    /// Was reported before.
    Known,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    Push(i64),
    Load(u32),
    Negate(Span),
    Binary(Arithmetic, Span),
    Compare(Comparison),
    /// If the top is false (true), go to the step and keep it; else drop it.
    JumpIfFalse(u32),
    JumpIfTrue(u32),
    Invert,
}

/// What a name in an integer expression stands for.
pub(crate) enum Meaning {
    Constant(i64),
    Variable(u32),
    /// A problem that was reported.
    Invalid,
}

enum Todo<'a> {
    Expr(&'a Expr),
    Condition(&'a Condition),
    Emit(Step),
    /// Emit a jump, then compile the right side, then let the jump go to its end.
    Shortcut {
        on: bool,
        right: &'a Condition,
    },
    Patch(usize),
}

/// Compiles an expression; `meaning` resolves names and reports those that it cannot.
pub(crate) fn compile_expr(expr: &Expr, meaning: &mut dyn FnMut(&crate::syntax::ast::Name) -> Meaning) -> Int {
    compile(Todo::Expr(expr), meaning)
}

/// Compiles a guard to an integer that is 0 or 1.
pub(crate) fn compile_condition(
    condition: &Condition,
    meaning: &mut dyn FnMut(&crate::syntax::ast::Name) -> Meaning,
) -> Int {
    compile(Todo::Condition(condition), meaning)
}

fn compile(first: Todo<'_>, meaning: &mut dyn FnMut(&crate::syntax::ast::Name) -> Meaning) -> Int {
    let mut steps: Vec<Step> = Vec::new();
    let mut todo = vec![first];
    let mut valid = true;
    while let Some(next) = todo.pop() {
        match next {
            Todo::Emit(step) => steps.push(step),
            Todo::Patch(at) => {
                let end = steps.len() as u32;
                match &mut steps[at] {
                    Step::JumpIfFalse(target) | Step::JumpIfTrue(target) => *target = end,
                    _ => unreachable!("only jumps are patched"),
                }
            }
            Todo::Shortcut { on, right } => {
                todo.push(Todo::Patch(steps.len()));
                todo.push(Todo::Condition(right));
                steps.push(if on { Step::JumpIfTrue(0) } else { Step::JumpIfFalse(0) });
            }
            Todo::Expr(Expr::Integer { value, .. }) => steps.push(Step::Push(*value)),
            Todo::Expr(Expr::Name(name)) => match meaning(name) {
                Meaning::Constant(value) => steps.push(Step::Push(value)),
                Meaning::Variable(variable) => steps.push(Step::Load(variable)),
                Meaning::Invalid => valid = false,
            },
            Todo::Expr(Expr::Negate { inner, span }) => {
                todo.push(Todo::Emit(Step::Negate(*span)));
                todo.push(Todo::Expr(inner));
            }
            Todo::Expr(Expr::Group { inner, .. }) => todo.push(Todo::Expr(inner)),
            Todo::Expr(Expr::Binary { operator, left, right, span }) => {
                todo.push(Todo::Emit(Step::Binary(*operator, *span)));
                todo.push(Todo::Expr(right));
                todo.push(Todo::Expr(left));
            }
            Todo::Condition(Condition::Compare { comparison, left, right, .. }) => {
                todo.push(Todo::Emit(Step::Compare(*comparison)));
                todo.push(Todo::Expr(right));
                todo.push(Todo::Expr(left));
            }
            Todo::Condition(Condition::And { left, right, .. }) => {
                todo.push(Todo::Shortcut { on: false, right });
                todo.push(Todo::Condition(left));
            }
            Todo::Condition(Condition::Or { left, right, .. }) => {
                todo.push(Todo::Shortcut { on: true, right });
                todo.push(Todo::Condition(left));
            }
            Todo::Condition(Condition::Not { inner, .. }) => {
                todo.push(Todo::Emit(Step::Invert));
                todo.push(Todo::Condition(inner));
            }
            Todo::Condition(Condition::Group { inner, .. }) => todo.push(Todo::Condition(inner)),
        }
    }
    if !valid {
        return Int::Invalid;
    }
    match steps[..] {
        [Step::Push(value)] => Int::Constant(value),
        [Step::Load(variable)] => Int::Variable(variable),
        _ if steps.iter().any(|step| matches!(step, Step::Load(_))) => Int::Code(steps.into()),
        // Without variables the value is known now; a fault stays code, so that it is reported where it is needed.
        _ => match run(&steps, &[]) {
            Ok(value) => Int::Constant(value),
            Err(_) => Int::Code(steps.into()),
        },
    }
}

impl Int {
    /// The value under the loop variables `env`.
    #[inline]
    pub fn value(&self, env: &[i64]) -> Result<i64, Fault> {
        match self {
            Int::Constant(value) => Ok(*value),
            Int::Variable(variable) => Ok(env[*variable as usize]),
            Int::Code(steps) => run(steps, env),
            Int::Invalid => Err(Fault::Known),
        }
    }
}

fn run(steps: &[Step], env: &[i64]) -> Result<i64, Fault> {
    // Deep enough for what people write; longer code spills to the heap.
    let mut small = [0i64; 16];
    if steps.len() <= small.len() {
        return run_on(steps, env, &mut small);
    }
    let mut stack = vec![0i64; steps.len()];
    run_on(steps, env, &mut stack)
}

/// `stack` holds at least one place per step.
fn run_on(steps: &[Step], env: &[i64], stack: &mut [i64]) -> Result<i64, Fault> {
    let mut top = 0;
    let mut at = 0;
    while at < steps.len() {
        match steps[at] {
            Step::Push(value) => {
                stack[top] = value;
                top += 1;
            }
            Step::Load(variable) => {
                stack[top] = env[variable as usize];
                top += 1;
            }
            Step::Negate(span) => {
                stack[top - 1] = stack[top - 1].checked_neg().ok_or(Fault::Overflow(span))?;
            }
            Step::Binary(operator, span) => {
                let (left, right) = (stack[top - 2], stack[top - 1]);
                top -= 1;
                if right == 0 && matches!(operator, Arithmetic::Divide | Arithmetic::Remainder) {
                    return Err(Fault::DivisionByZero(span));
                }
                let value = match operator {
                    Arithmetic::Add => left.checked_add(right),
                    Arithmetic::Subtract => left.checked_sub(right),
                    Arithmetic::Multiply => left.checked_mul(right),
                    Arithmetic::Divide => left.checked_div_euclid(right),
                    // i64::MIN % -1 is 0, though the division overflows.
                    Arithmetic::Remainder => Some(left.wrapping_rem_euclid(right)),
                };
                stack[top - 1] = value.ok_or(Fault::Overflow(span))?;
            }
            Step::Compare(comparison) => {
                let (left, right) = (stack[top - 2], stack[top - 1]);
                top -= 1;
                stack[top - 1] = match comparison {
                    Comparison::Equal => left == right,
                    Comparison::NotEqual => left != right,
                    Comparison::Less => left < right,
                    Comparison::LessEqual => left <= right,
                    Comparison::Greater => left > right,
                    Comparison::GreaterEqual => left >= right,
                } as i64;
            }
            Step::JumpIfFalse(target) if stack[top - 1] == 0 => {
                at = target as usize;
                continue;
            }
            Step::JumpIfTrue(target) if stack[top - 1] != 0 => {
                at = target as usize;
                continue;
            }
            Step::JumpIfFalse(_) | Step::JumpIfTrue(_) => top -= 1,
            Step::Invert => stack[top - 1] = (stack[top - 1] == 0) as i64,
        }
        at += 1;
    }
    Ok(stack[top - 1])
}

/// A resolved comprehension.
#[derive(Debug)]
pub(crate) struct Loops {
    pub bindings: Vec<Binding>,
    pub guard: Option<Int>,
}

/// `name in start..end`; the variables are numbered in the order of their bindings, from the outermost loop on.
#[derive(Debug)]
pub(crate) struct Binding {
    pub name: String,
    pub start: Int,
    pub end: Int,
    pub inclusive: bool,
    pub span: Span,
}

impl Binding {
    /// The half-open range under `env`.
    fn range(&self, env: &[i64]) -> Result<(i64, i64), Fault> {
        let start = self.start.value(env)?;
        let end = self.end.value(env)?;
        if self.inclusive {
            return Ok((start, end.checked_add(1).ok_or(Fault::Overflow(self.span))?));
        }
        Ok((start, end))
    }
}

/// Runs through the turns of a comprehension: `next` sets the variables of the next turn.
pub(crate) struct Turns<'a> {
    loops: Option<&'a Loops>,
    /// The end of the range of each binding that is under way.
    ends: Vec<i64>,
    started: bool,
}

impl<'a> Turns<'a> {
    /// Without loops there is one turn.
    pub fn new(loops: Option<&'a Loops>) -> Turns<'a> {
        Turns { loops, ends: Vec::new(), started: false }
    }

    /// Moves on to the next turn that the guard lets through. `env` holds the outer variables and, from the second
    /// call on, those of the turn before; `false` leaves it with the outer ones.
    pub fn next(&mut self, env: &mut Vec<i64>) -> Result<bool, Fault> {
        let Some(loops) = self.loops else {
            return Ok(!std::mem::replace(&mut self.started, true));
        };
        let n_bindings = loops.bindings.len();
        let mut descend = !std::mem::replace(&mut self.started, true);
        loop {
            if descend {
                if self.ends.len() == n_bindings {
                    if loops.guard.as_ref().map_or(Ok(1), |guard| guard.value(env))? != 0 {
                        return Ok(true);
                    }
                    descend = false;
                    continue;
                }
                let (start, end) = loops.bindings[self.ends.len()].range(env)?;
                if start < end {
                    env.push(start);
                    self.ends.push(end);
                } else {
                    descend = false;
                }
                continue;
            }
            let Some(&end) = self.ends.last() else { return Ok(false) };
            let variable = env.last_mut().expect("a variable per range under way");
            *variable += 1;
            if *variable < end {
                descend = true;
            } else {
                env.pop();
                self.ends.pop();
            }
        }
    }
}

/// The number of turns, counted without running the innermost loop where there is no guard; gives up when there are
/// more steps than `limit`. Every step of an outer loop is one too, so that empty inner loops cannot spin for ever.
///
/// Returns (turns that the guard lets through, steps of all loops); beyond the limit, those that were counted.
pub(crate) fn count_turns(loops: &Loops, env: &mut Vec<i64>, limit: u64) -> Result<(u64, u64), Fault> {
    let outer = env.len();
    let counted = count_ranges(loops, env, limit);
    env.truncate(outer);
    let (n_turns, n_steps) = counted?;
    if loops.guard.is_none() || n_steps > limit {
        return Ok((n_turns, n_steps));
    }
    // The guard decides, so that every turn is looked at.
    let mut turns = Turns::new(Some(loops));
    let mut n_turns = 0;
    let counted = loop {
        match turns.next(env) {
            Ok(true) => n_turns += 1,
            Ok(false) => break Ok((n_turns, n_steps)),
            Err(fault) => break Err(fault),
        }
    };
    env.truncate(outer);
    counted
}

/// Turns without the guard, and steps of all loops; leaves variables behind in `env` when it stops early.
fn count_ranges(loops: &Loops, env: &mut Vec<i64>, limit: u64) -> Result<(u64, u64), Fault> {
    let (last, outer) = loops.bindings.split_last().expect("a comprehension binds a name");
    let mut ends: Vec<i64> = Vec::new();
    let (mut n_turns, mut n_outer) = (0u64, 0u64);
    let mut descend = true;
    loop {
        if n_turns.saturating_add(n_outer) > limit {
            return Ok((n_turns, n_turns.saturating_add(n_outer)));
        }
        if descend && ends.len() == outer.len() {
            let (start, end) = last.range(env)?;
            let length = (end as i128 - start as i128).clamp(0, u64::MAX as i128) as u64;
            n_turns = n_turns.saturating_add(length);
            descend = false;
        } else if descend {
            let (start, end) = outer[ends.len()].range(env)?;
            descend = start < end;
            if descend {
                env.push(start);
                ends.push(end);
                n_outer += 1;
            }
        } else {
            let Some(&end) = ends.last() else { return Ok((n_turns, n_turns.saturating_add(n_outer))) };
            let variable = env.last_mut().expect("a variable per range under way");
            *variable += 1;
            descend = *variable < end;
            if descend {
                n_outer += 1;
            } else {
                env.pop();
                ends.pop();
            }
        }
    }
}
