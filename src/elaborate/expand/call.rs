//! Calls: arguments are bound to parameters, and the instance waits until its turn comes.
//!
//! Must not expand anything: `define` does, from a stack.

use super::declare::push_place;
use super::{Expander, Here, Instance, Scope};
use crate::circuit::Literal;
use crate::elaborate::count::n_members;
use crate::elaborate::plan::{Call, Role};
use crate::elaborate::problems;
use crate::elaborate::table::Table;

impl<'p> Expander<'p> {
    /// A call inside an expression: gives its result's gates names behind the owner's.
    pub(super) fn call_inside(&mut self, scope: &Scope<'p>, call: &'p Call, here: Here) -> Option<Vec<Literal>> {
        let callee = &self.plan.bodies[call.callee];
        let path = self.inner_name(here);
        let slot = *callee.results.first()?;
        let Role::Result { dimensions } = &callee.arrays[slot].role else { return None };
        let mut gates = Vec::new();
        for member in 0..n_members(callee, slot) {
            let mut name = path.clone();
            let mut key = Vec::new();
            push_place(&mut key, member, dimensions);
            key.iter().for_each(|index| name.push_str(&format!("[{index}]")));
            gates.push(self.new_gate(&name, here.block, call.span, here.home));
            if self.aborted {
                return None;
            }
        }
        let literals = gates.iter().map(|&gate| Literal::new(self.signal(gate), false)).collect();
        self.call(scope, call, vec![gates], path, here);
        Some(literals)
    }

    /// Binds the arguments of a call and lets it wait for its expansion.
    pub(super) fn call(&mut self, scope: &Scope<'p>, call: &'p Call, results: Vec<Vec<u32>>, path: String, here: Here) {
        let callee = &self.plan.bodies[call.callee];
        let mut tables: Vec<Table> = vec![Table::Unknown; callee.arrays.len()];
        for (argument, &slot) in call.arguments.iter().zip(&callee.parameters) {
            let base = self.scratch.len();
            let poisoned = std::mem::replace(&mut self.poisoned, false);
            self.argument(scope, argument, here);
            let incomplete = std::mem::replace(&mut self.poisoned, poisoned);
            let members = self.scratch.split_off(base);
            if self.aborted {
                return;
            }
            let parameter = &callee.arrays[slot];
            let Role::Parameter { dimensions } = &parameter.role else { continue };
            if incomplete || parameter.tainted {
                self.poisoned |= incomplete;
                continue;
            }
            let needed = n_members(callee, slot);
            if members.len() != needed {
                let example = self.example();
                let given = members.len();
                self.problems.report(problems::wrong_number_of_members(
                    argument.span,
                    &parameter.name,
                    needed,
                    given,
                    parameter.span,
                    &example,
                ));
                continue;
            }
            tables[slot] = match members[..] {
                [one] if dimensions.is_empty() => Table::One(one),
                _ => Table::Literals { members, dimensions: dimensions.clone() },
            };
        }
        self.pending.push(Instance {
            callee: call.callee,
            tables,
            results,
            prefix: path,
            block: here.block,
            home: here.home,
        });
    }
}
