//! Resolved to gates: runs every loop turn and every call once, and gives each gate its name.
//!
//! Two steps for each body, so that definitions can stand in any order: `declare` gives every element its gate,
//! `define` fills the gates in, formula by formula (`build`, with the operands of `read` and `pick`). Calls (`call`)
//! wait on a stack of their own; nothing recurses on their depth. What stands at which level is for `schedule` to find
//! out.

mod build;
mod call;
mod declare;
mod define;
mod pick;
mod read;

use std::collections::HashMap;
use std::rc::Rc;

use super::integer::{Fault, Loops, Turns};
use super::plan::{Body, Definition, Formula, Role};
use super::resolved::Resolved;
use super::scopes::report_fault;
use super::table::Table;
use crate::circuit::{Kind, Literal, Names, Signal};
use crate::diagnostic::Span;
use crate::elaborate::limits::Limits;
use crate::elaborate::problems::{self, Problems};

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
struct Scope<'p> {
    body: &'p Body,
    tables: Vec<Table>,
    /// What stands before private names; empty at the top level.
    prefix: String,
    is_top: bool,
    block: Option<u32>,
    home: u32,
}

/// A call that waits for its expansion.
struct Instance {
    callee: usize,
    /// By slot; those of the parameters are filled.
    tables: Vec<Table>,
    /// By result: its gates, in index order.
    results: Vec<Vec<u32>>,
    prefix: String,
    block: Option<u32>,
    home: u32,
}

/// Where a formula stands.
#[derive(Debug, Clone, Copy)]
struct Here {
    /// The gate behind whose name inner gates are numbered.
    owner: u32,
    block: Option<u32>,
    home: u32,
    span: Span,
}

struct Expander<'p> {
    plan: &'p Resolved<'p>,
    limits: &'p Limits,
    seed: u64,
    problems: &'p mut Problems,
    out: Expansion,
    /// How many inner gates carry a gate's name so far, by gate.
    inner_counts: Vec<u32>,
    /// How many picks were drawn under a gate's name.
    pick_counts: HashMap<u32, u32>,
    /// All members of a gate array that picks draw from, by slot of the top level.
    whole: HashMap<usize, Rc<Vec<Literal>>>,
    pending: Vec<Instance>,
    /// The loop variables and the names behind them.
    env: Vec<i64>,
    variables: Vec<&'p str>,
    /// Operands of the gates that are being built.
    scratch: Vec<Literal>,
    /// Places of arrays that were looked at.
    looked_at: u64,
    /// An operand was left out, because of a problem that was reported.
    poisoned: bool,
    /// A limit was hit: stop as soon as possible.
    aborted: bool,
}

/// Expands the plan; problems are reported, and the result is then not to be used.
pub(crate) fn expand(plan: &Resolved<'_>, seed: u64, limits: &Limits, problems: &mut Problems) -> Expansion {
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
        .map(|array| match &array.role {
            _ if array.tainted => Table::Unknown,
            Role::Feature { first, dimensions } if dimensions.is_empty() => {
                Table::One(Literal::new(Signal(*first), false))
            }
            Role::Feature { first, dimensions } => Table::Range { first: *first, dimensions: dimensions.clone() },
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
    /// Calls `turn` with the variables of every turn set. `false`: an integer had no value, which is reported.
    fn each_turn(&mut self, loops: Option<&'p Loops>, mut turn: impl FnMut(&mut Self)) -> bool {
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
        let plan: &'p Resolved<'p> = self.plan;
        let callee = &plan.bodies[call.callee];
        match callee.results.get(target_idx).map(|&slot| &callee.arrays[slot].role) {
            Some(Role::Result { dimensions }) => dimensions,
            _ => &[],
        }
    }

    /// A new gate, to be filled in; `NONE` beyond the limits.
    fn new_gate(&mut self, name: &str, block: Option<u32>, span: Span, home: u32) -> u32 {
        if self.out.gates.len() as u64 >= self.limits.max_gates {
            self.problems.report(problems::too_many_gates(span, self.limits.max_gates + 1, self.limits.max_gates));
            self.aborted = true;
            return NONE;
        }
        if self.out.names.n_bytes() + name.len() > MAX_NAME_BYTES {
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
    fn inner_name(&mut self, here: Here) -> String {
        let count = &mut self.inner_counts[here.owner as usize];
        *count += 1;
        format!("{}.{}", self.out.names.get(here.owner as usize), count)
    }

    fn signal(&self, gate: u32) -> Signal {
        Signal(self.out.n_features + gate)
    }

    fn draft(&self, signal: Signal) -> &Draft {
        &self.out.gates[(signal.0 - self.out.n_features) as usize]
    }

    /// The values of the loop variables, for messages.
    fn example(&self) -> Vec<(String, i64)> {
        self.variables.iter().map(|name| name.to_string()).zip(self.env.iter().copied()).collect()
    }

    fn fault(&mut self, fault: Fault) {
        let example = self.example();
        report_fault(fault, &example, self.problems);
        self.poisoned = true;
    }
}
