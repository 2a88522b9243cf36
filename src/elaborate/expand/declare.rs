//! The elements of a body: every turn of every definition gets its gate, every array its table.
//!
//! Must not look at what a definition says: that is for `define`.

use super::{Expander, NONE, Scope};
use crate::circuit::Literal;
use crate::diagnostic::Span;
use crate::elaborate::plan::{Body, Role, Target};
use crate::elaborate::problems;
use crate::elaborate::table::{Elements, Table};

impl<'p> Expander<'p> {
    /// Gives every element of the body its gate, and every array its table.
    ///
    /// `results` are the gates of a sub-circuit's results. Returns the gates of all definitions: by turn, then by
    /// target, then by member.
    pub(super) fn declare(&mut self, scope: &mut Scope<'p>, results: &[Vec<u32>]) -> Vec<u32> {
        let body = scope.body;
        let mut elements: Vec<Elements> = body.arrays.iter().map(|array| Elements::new(array.rank)).collect();
        let mut defined: Vec<Vec<Option<Span>>> = results.iter().map(|members| vec![None; members.len()]).collect();
        let mut broken = vec![false; body.arrays.len()];
        let mut roots: Vec<u32> = Vec::new();
        let mut name = String::new();
        let mut key: Vec<u32> = Vec::new();
        for definition in &body.definitions {
            let block = if scope.is_top { definition.block } else { scope.block };
            let complete = self.each_turn(definition.loops.as_ref(), |expander| {
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
                        if let Role::Result { dimensions } = &array.role {
                            let result = scope.body.result_of(target.slot);
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
            match &array.role {
                Role::Gates if array.tainted => scope.tables[slot] = Table::Unknown,
                Role::Gates => {
                    let (table, twice) = elements.into_table();
                    for (first, again) in twice {
                        let name = self.out.names.get((again.0 - self.out.n_features) as usize);
                        let (first, again) = (self.draft(first).span, self.draft(again).span);
                        self.problems.report(problems::defined_twice_in_loop(again, name, first));
                    }
                    scope.tables[slot] = if broken[slot] { Table::Unknown } else { table };
                }
                Role::Result { dimensions } => {
                    let result = body.result_of(slot);
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
                Role::Feature { .. } | Role::Parameter { .. } => {}
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
    pub(super) fn target_path(&mut self, scope: &Scope<'p>, target: &Target) -> String {
        let (mut path, mut key) = (String::new(), Vec::new());
        self.target_key(scope.body, target, &mut key);
        write_name(&mut path, &scope.prefix, &scope.body.arrays[target.slot].name, &key);
        path
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
