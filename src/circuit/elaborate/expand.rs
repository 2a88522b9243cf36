//! Plan to gates: runs every loop turn and every call once, and gives each gate its name.
//!
//! Two steps for each body, so that definitions can stand in any order: `declare` gives every element its gate,
//! `define` fills the gates in. Calls wait on a stack of their own; nothing recurses on their depth. What stands at
//! which level is for `schedule` to find out.

use std::collections::HashMap;
use std::rc::Rc;

use super::count::{n_members, strip};
use super::integer::{Fault, Turns};
use super::plan::{Body, Class, Definition, Formula, Target};
use super::resolve::Plan;
use super::scopes::report_fault;
use super::table::{Elements, Table};
use crate::circuit::load::Limits;
use crate::circuit::problems::{self, Problems};
use crate::circuit::{Kind, Literal, Names, Signal};
use crate::diagnostic::Span;

/// A gate before levels are known; its operands are literals of values as written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draft {
    pub kind: Kind,
    pub first_operand: u32,
    pub n_operands: u32,
    /// Its `layer` block.
    pub block: Option<u32>,
    pub span: Span,
}

/// All gates, numbered as they were made: signal `n_features + i` is gate i.
#[derive(Debug, Default)]
pub(crate) struct Expansion {
    pub n_features: u32,
    pub gates: Vec<Draft>,
    pub operands: Vec<Literal>,
    pub names: Names,
    /// The first so many gates are the elements of the top level, in order of definition.
    pub n_elements: u32,
    /// For each gate: the first element of the turn of the top-level definition that it belongs to; ascending among
    /// the elements, and among the others.
    pub homes: Vec<u32>,
    /// What stands under each name of the top level, by slot.
    pub tables: Vec<Table>,
}

/// A gate that could not be made; the reason was reported.
const NONE: u32 = u32::MAX;

/// Names longer than this all together are an error: 2^30 bytes.
const MAX_NAME_BYTES: usize = 1 << 30;

/// A body that is being expanded.
pub(super) struct Scope<'p> {
    pub body: &'p Body,
    pub tables: Vec<Table>,
    /// What stands before private names; empty at the top level.
    pub prefix: String,
    pub is_top: bool,
    block: Option<u32>,
    home: u32,
}

/// A call that waits for its expansion.
pub(super) struct Instance {
    pub callee: usize,
    /// By slot; those of the parameters are filled.
    pub tables: Vec<Table>,
    /// By result: its gates, in index order.
    pub results: Vec<Vec<u32>>,
    pub prefix: String,
    pub block: Option<u32>,
    pub home: u32,
}

/// Where a formula stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Here {
    /// The gate behind whose name inner gates are numbered.
    pub owner: u32,
    pub block: Option<u32>,
    pub home: u32,
    pub span: Span,
}

pub(super) struct Expander<'p> {
    pub plan: &'p Plan<'p>,
    pub limits: &'p Limits,
    pub seed: u64,
    pub problems: &'p mut Problems,
    pub out: Expansion,
    /// How many inner gates carry a gate's name so far, by gate.
    inner_counts: Vec<u32>,
    /// How many picks were drawn under a gate's name.
    pub pick_counts: HashMap<u32, u32>,
    /// All members of a gate array that picks draw from, by slot of the top level.
    pub whole: HashMap<usize, Rc<Vec<Literal>>>,
    pub pending: Vec<Instance>,
    /// The loop variables and the names behind them.
    pub env: Vec<i64>,
    pub variables: Vec<&'p str>,
    /// Operands of the gates that are being built.
    pub scratch: Vec<Literal>,
    /// Places of arrays that were looked at.
    pub looked_at: u64,
    /// An operand was left out, because of a problem that was reported.
    pub poisoned: bool,
    /// A limit was hit: stop as soon as possible.
    pub aborted: bool,
}

/// Expands the plan; problems are reported, and the result is then not to be used.
pub(crate) fn expand(plan: &Plan<'_>, seed: u64, limits: &Limits, problems: &mut Problems) -> Expansion {
    let mut expander = Expander {
        plan,
        limits,
        seed,
        problems,
        out: Expansion { n_features: plan.n_features, ..Expansion::default() },
        inner_counts: Vec::new(),
        pick_counts: HashMap::new(),
        whole: HashMap::new(),
        pending: Vec::new(),
        env: Vec::new(),
        variables: Vec::new(),
        scratch: Vec::new(),
        looked_at: 0,
        poisoned: false,
        aborted: false,
    };
    let body = &plan.bodies[0];
    let tables = body
        .arrays
        .iter()
        .map(|array| match &array.class {
            _ if array.tainted => Table::Unknown,
            Class::Feature { first, dimensions } if dimensions.is_empty() => {
                Table::One(Literal::new(Signal(*first), false))
            }
            Class::Feature { first, dimensions } => Table::Range { first: *first, dimensions: dimensions.clone() },
            _ => Table::Unknown,
        })
        .collect();
    let mut scope = Scope { body, tables, prefix: String::new(), is_top: true, block: None, home: 0 };
    let roots = expander.declare(&mut scope, &[]);
    expander.out.n_elements = expander.out.gates.len() as u32;
    expander.define(&scope, &roots);
    expander.try_uncalled();
    expander.out.tables = scope.tables;
    expander.out
}

impl<'p> Expander<'p> {
    /// Gives every element of the body its gate, and every array its table.
    ///
    /// `results` are the gates of a sub-circuit's results. Returns the gates of all definitions: by turn, then by
    /// target, then by member.
    fn declare(&mut self, scope: &mut Scope<'p>, results: &[Vec<u32>]) -> Vec<u32> {
        let body = scope.body;
        let mut elements: Vec<Elements> = body.arrays.iter().map(|array| Elements::new(array.rank)).collect();
        let mut defined: Vec<Vec<Option<Span>>> = results.iter().map(|members| vec![None; members.len()]).collect();
        let mut broken = vec![false; body.arrays.len()];
        let mut roots: Vec<u32> = Vec::new();
        let mut name = String::new();
        let mut key: Vec<u32> = Vec::new();
        for definition in &body.definitions {
            let block = if scope.is_top { definition.block } else { scope.block };
            let complete = self.each_turn(definition, |expander| {
                let home = if scope.is_top { expander.out.gates.len() as u32 } else { scope.home };
                for (target_idx, target) in definition.targets.iter().enumerate() {
                    let members = expander.result_dimensions(definition, target_idx);
                    let n_members: usize = members.iter().map(|&length| length as usize).product();
                    if !expander.target_key(scope.body, target, &mut key) {
                        broken[target.slot] = true;
                        roots.extend(std::iter::repeat_n(NONE, n_members));
                        continue;
                    }
                    let n_indices = key.len();
                    for member in 0..n_members {
                        key.truncate(n_indices);
                        push_place(&mut key, member, members);
                        let array = &scope.body.arrays[target.slot];
                        if let Class::Result { dimensions } = &array.class {
                            let result = scope.body.results.iter().position(|&slot| slot == target.slot);
                            let result = result.expect("a result's slot is among the results");
                            let gate = expander.result_gate(
                                scope.body,
                                target,
                                dimensions,
                                &key,
                                (&results[result], &mut defined[result]),
                            );
                            broken[target.slot] |= gate == NONE;
                            roots.push(gate);
                            continue;
                        }
                        write_name(&mut name, &scope.prefix, &array.name, &key);
                        let gate = expander.new_gate(&name, block, definition.span, home);
                        if gate != NONE {
                            elements[target.slot].push(key.iter().copied(), expander.signal(gate));
                        }
                        roots.push(gate);
                    }
                }
            });
            if !complete {
                definition.targets.iter().for_each(|target| broken[target.slot] = true);
            }
        }
        for (slot, elements) in elements.into_iter().enumerate() {
            let array = &body.arrays[slot];
            match &array.class {
                Class::Gates if array.tainted => scope.tables[slot] = Table::Unknown,
                Class::Gates => {
                    let (table, twice) = elements.into_table();
                    for (first, again) in twice {
                        let name = self.out.names.get((again.0 - self.out.n_features) as usize);
                        let (first, again) = (self.draft(first).span, self.draft(again).span);
                        self.problems.report(problems::defined_twice_in_loop(again, name, first));
                    }
                    scope.tables[slot] = if broken[slot] { Table::Unknown } else { table };
                }
                Class::Result { dimensions } => {
                    let result = body.results.iter().position(|&other| other == slot);
                    let result = result.expect("a result's slot is among the results");
                    let missing = defined[result].iter().position(Option::is_none);
                    if let Some(missing) = missing
                        && !broken[slot]
                        && !array.tainted
                    {
                        key.clear();
                        push_place(&mut key, missing, dimensions);
                        write_name(&mut name, "", &array.name, &key);
                        self.problems.report(problems::undefined_result(array.span, &body.name, &name));
                    }
                    scope.tables[slot] = self.result_table(&results[result], dimensions);
                }
                Class::Feature { .. } | Class::Parameter { .. } => {}
            }
        }
        roots
    }

    fn result_table(&self, members: &[u32], dimensions: &[u32]) -> Table {
        match members {
            [one] if dimensions.is_empty() => Table::One(Literal::new(self.signal(*one), false)),
            _ => Table::Dense {
                members: members.iter().map(|&gate| self.signal(gate).0).collect(),
                dimensions: dimensions.to_vec(),
            },
        }
    }

    /// The gate that a result's element was given by the call.
    fn result_gate(
        &mut self,
        body: &Body,
        target: &Target,
        dimensions: &[u32],
        key: &[u32],
        (gates, defined): (&[u32], &mut [Option<Span>]),
    ) -> u32 {
        if body.arrays[target.slot].tainted {
            return NONE;
        }
        let name = &body.arrays[target.slot].name;
        let mut place = 0;
        for (axis, (&index, &length)) in key.iter().zip(dimensions).enumerate() {
            if index >= length {
                let example = self.example();
                let problem = problems::index_out_of_range(target.span, name, index as i64, axis, length, &example);
                self.problems.report(problem);
                return NONE;
            }
            place = place * length as usize + index as usize;
        }
        if let Some(first) = defined[place] {
            let mut member = String::new();
            write_name(&mut member, "", name, key);
            self.problems.report(problems::defined_twice_in_loop(target.span, &member, first));
            return NONE;
        }
        defined[place] = Some(target.span);
        gates[place]
    }

    /// Fills in the gates that [`Expander::declare`] gave out.
    fn define(&mut self, scope: &Scope<'p>, roots: &[u32]) {
        let mut roots = roots;
        for definition in &scope.body.definitions {
            let counts: Vec<usize> = (0..definition.targets.len())
                .map(|target| {
                    self.result_dimensions(definition, target).iter().map(|&length| length as usize).product()
                })
                .collect();
            let n_roots: usize = counts.iter().sum();
            let (value, negated) = strip(&definition.value);
            self.each_turn(definition, |expander| {
                let (turn, rest) = roots.split_at(n_roots.min(roots.len()));
                roots = rest;
                if turn.is_empty() || turn.contains(&NONE) {
                    return;
                }
                let here = Here {
                    owner: turn[0],
                    block: if scope.is_top { definition.block } else { scope.block },
                    home: if scope.is_top { turn[0] } else { scope.home },
                    span: definition.span,
                };
                let waiting = expander.pending.len();
                match value {
                    Formula::Call(call) if !negated => {
                        let mut results = Vec::with_capacity(counts.len());
                        let mut members = turn;
                        for &count in &counts {
                            let (result, rest) = members.split_at(count);
                            results.push(result.to_vec());
                            members = rest;
                        }
                        let path = expander.target_path(scope, &definition.targets[0]);
                        expander.call(scope, call, results, path, here);
                    }
                    _ => expander.build(scope, value, negated, turn[0], here),
                }
                if scope.is_top {
                    // In reading order: the last that waits is expanded first.
                    expander.pending[waiting..].reverse();
                    expander.expand_pending();
                }
            });
        }
    }

    /// Expands the calls that wait, and those that they make.
    fn expand_pending(&mut self) {
        while let Some(instance) = self.pending.pop() {
            if self.aborted {
                self.pending.clear();
                return;
            }
            // A sub-circuit sees no loop variable of its caller.
            let (env, variables) = (std::mem::take(&mut self.env), std::mem::take(&mut self.variables));
            let body = &self.plan.bodies[instance.callee];
            let mut scope = Scope {
                body,
                tables: instance.tables,
                prefix: instance.prefix,
                is_top: false,
                block: instance.block,
                home: instance.home,
            };
            let waiting = self.pending.len();
            let roots = self.declare(&mut scope, &instance.results);
            self.define(&scope, &roots);
            self.pending[waiting..].reverse();
            (self.env, self.variables) = (env, variables);
        }
    }

    /// Expands sub-circuits that nothing calls once, so that their problems are seen, and forgets the gates.
    fn try_uncalled(&mut self) {
        let mut called = vec![false; self.plan.bodies.len()];
        self.plan.calls.iter().flatten().for_each(|&(callee, _)| called[callee] = true);
        for (callee, &called) in called.iter().enumerate().skip(1) {
            if called || self.aborted || self.plan.scopes.circuits[callee - 1].0 != 0 {
                continue;
            }
            let body = &self.plan.bodies[callee];
            let kept = (self.out.gates.len(), self.out.operands.len(), self.out.names.len(), self.out.homes.len());
            let stand_in = Literal::new(Signal(0), false);
            let tables = body
                .arrays
                .iter()
                .map(|array| match &array.class {
                    Class::Parameter { dimensions } if dimensions.is_empty() => Table::One(stand_in),
                    Class::Parameter { dimensions } => Table::Literals {
                        members: vec![stand_in; dimensions.iter().map(|&length| length as usize).product()],
                        dimensions: dimensions.clone(),
                    },
                    _ => Table::Unknown,
                })
                .collect();
            let mut results = Vec::new();
            for &slot in &body.results {
                let gates = 0..n_members(body, slot);
                results.push(gates.map(|_| self.new_gate("", None, body.span, 0)).collect::<Vec<u32>>());
            }
            if !results.iter().flatten().any(|&gate| gate == NONE) {
                self.pending.push(Instance { callee, tables, results, prefix: String::new(), block: None, home: 0 });
                self.expand_pending();
            }
            self.out.gates.truncate(kept.0);
            self.inner_counts.truncate(kept.0);
            self.out.operands.truncate(kept.1);
            self.out.names.truncate(kept.2);
            self.out.homes.truncate(kept.3);
        }
    }

    /// Calls `turn` with the variables of every turn set. `false`: an integer had no value, which is reported.
    fn each_turn(&mut self, definition: &'p Definition, mut turn: impl FnMut(&mut Self)) -> bool {
        let loops = definition.loops.as_ref();
        let (n_env, n_variables) = (self.env.len(), self.variables.len());
        self.variables.extend(loops.iter().flat_map(|loops| &loops.bindings).map(|binding| binding.name.as_str()));
        let mut turns = Turns::new(loops);
        let complete = loop {
            match turns.next(&mut self.env) {
                Ok(true) => turn(self),
                Ok(false) => break true,
                Err(fault) => {
                    self.fault(fault);
                    break false;
                }
            }
            if self.aborted {
                break false;
            }
        };
        self.env.truncate(n_env);
        self.variables.truncate(n_variables);
        complete
    }

    /// The dimensions that a call's result adds to a target; none otherwise.
    fn result_dimensions(&self, definition: &Definition, target_idx: usize) -> &'p [u32] {
        let Formula::Call(call) = &definition.value else { return &[] };
        let plan: &'p Plan<'p> = self.plan;
        let callee = &plan.bodies[call.callee];
        match callee.results.get(target_idx).map(|&slot| &callee.arrays[slot].class) {
            Some(Class::Result { dimensions }) => dimensions,
            _ => &[],
        }
    }

    /// Evaluates the indices of a target into `key`.
    fn target_key(&mut self, body: &Body, target: &Target, key: &mut Vec<u32>) -> bool {
        key.clear();
        for index in &target.indices {
            match index.value(&self.env) {
                Ok(index) if (0..u32::MAX as i64).contains(&index) => key.push(index as u32),
                Ok(index) => {
                    let example = self.example();
                    let name = &body.arrays[target.slot].name;
                    self.problems.report(problems::bad_index(target.span, name, index, &example));
                    return false;
                }
                Err(fault) => {
                    self.fault(fault);
                    return false;
                }
            }
        }
        true
    }

    /// What private names of a call behind `target` begin with.
    fn target_path(&mut self, scope: &Scope<'p>, target: &Target) -> String {
        let (mut path, mut key) = (String::new(), Vec::new());
        self.target_key(scope.body, target, &mut key);
        write_name(&mut path, &scope.prefix, &scope.body.arrays[target.slot].name, &key);
        path
    }

    /// A new gate, to be filled in; `NONE` beyond the limits.
    pub fn new_gate(&mut self, name: &str, block: Option<u32>, span: Span, home: u32) -> u32 {
        if self.out.gates.len() as u64 >= self.limits.max_gates {
            self.problems.report(problems::too_many_gates(span, self.limits.max_gates + 1, self.limits.max_gates));
            self.aborted = true;
            return NONE;
        }
        if self.out.names.text.len() + name.len() > MAX_NAME_BYTES {
            self.problems.report(problems::too_long_names(span, MAX_NAME_BYTES as u64));
            self.aborted = true;
            return NONE;
        }
        self.out.names.push(name);
        let gate = self.out.gates.len() as u32;
        self.out.gates.push(Draft { kind: Kind::And, first_operand: 0, n_operands: 0, block, span });
        self.inner_counts.push(0);
        self.out.homes.push(home);
        gate
    }

    /// The next name behind the owner's: `alert.1`.
    pub fn inner_name(&mut self, here: Here) -> String {
        let count = &mut self.inner_counts[here.owner as usize];
        *count += 1;
        format!("{}.{}", self.out.names.get(here.owner as usize), count)
    }

    pub fn signal(&self, gate: u32) -> Signal {
        Signal(self.out.n_features + gate)
    }

    fn draft(&self, signal: Signal) -> &Draft {
        &self.out.gates[(signal.0 - self.out.n_features) as usize]
    }

    /// The values of the loop variables, for messages.
    pub fn example(&self) -> Vec<(String, i64)> {
        self.variables.iter().map(|name| name.to_string()).zip(self.env.iter().copied()).collect()
    }

    pub fn fault(&mut self, fault: Fault) {
        let example = self.example();
        report_fault(fault, &example, self.problems);
        self.poisoned = true;
    }
}

/// Appends the indices of member `place` of an array with these dimensions.
pub(super) fn push_place(key: &mut Vec<u32>, place: usize, dimensions: &[u32]) {
    let start = key.len();
    let mut place = place;
    for &length in dimensions.iter().rev() {
        key.push((place % length as usize) as u32);
        place /= length as usize;
    }
    key[start..].reverse();
}

/// `prefix.name[i][j]` into `text`.
pub(super) fn write_name(text: &mut String, prefix: &str, name: &str, key: &[u32]) {
    use std::fmt::Write;
    text.clear();
    if !prefix.is_empty() {
        text.push_str(prefix);
        text.push('.');
    }
    text.push_str(name);
    for index in key {
        write!(text, "[{index}]").expect("writing to a string");
    }
}
