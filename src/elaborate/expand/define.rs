//! What definitions say, run turn by turn: formulas fill their gates in, calls are expanded behind their turn.
//!
//! Must not give out gates for elements: `declare` has done so.

use super::{Expander, Here, Instance, NONE, Scope};
use crate::circuit::{Literal, Signal};
use crate::elaborate::count::{n_members, strip};
use crate::elaborate::plan::{Formula, Role};
use crate::elaborate::table::Table;

impl<'p> Expander<'p> {
    /// Fills in the gates that [`Expander::declare`] gave out.
    pub(super) fn define(&mut self, scope: &Scope<'p>, roots: &[u32]) {
        let mut roots = roots;
        for definition in &scope.body.definitions {
            let counts: Vec<usize> = (0..definition.targets.len())
                .map(|target| {
                    self.result_dimensions(definition, target).iter().map(|&length| length as usize).product()
                })
                .collect();
            let n_roots: usize = counts.iter().sum();
            let (value, negated) = strip(&definition.value);
            self.each_turn(definition.loops.as_ref(), |expander| {
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
    pub(super) fn try_uncalled(&mut self) {
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
                .map(|array| match &array.role {
                    Role::Parameter { dimensions } if dimensions.is_empty() => Table::One(stand_in),
                    Role::Parameter { dimensions } => Table::Literals {
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
}
