//! Names to slots: features, the parameters and results of sub-circuits, and the targets of definitions.
//!
//! Lengths are constants, evaluated here. Must not look into what a definition says, except for what it calls: the
//! results of a sub-circuit may be arrays, whose dimensions follow those of the target.

use std::collections::HashMap;

use super::resolver::callee;
use crate::diagnostic::Span;
use crate::elaborate::features::Feature;
use crate::elaborate::plan::{Array, Body, Function, Role};
use crate::elaborate::problems::{self, Problems};
use crate::elaborate::resolved::Resolved;
use crate::elaborate::scopes::Scopes;
use crate::syntax::ast::{self, Item};

/// A sub-circuit's parameters and results, at most `max_members` signals together.
pub(super) fn header(scopes: &Scopes<'_>, index: usize, max_members: u64, problems: &mut Problems) -> Body {
    let (file, circuit) = scopes.circuits[index];
    let mut body = Body { name: circuit.name.text.clone(), span: circuit.name.span, ..Body::default() };
    let mut n_members = 0u64;
    let mut names: HashMap<&str, Span> = HashMap::new();
    let declared = circuit.parameters.iter().map(|parameter| (parameter, true));
    for (declared, is_parameter) in declared.chain(circuit.results.iter().map(|result| (result, false))) {
        let slot = body.arrays.len();
        let first = *names.entry(&declared.name.text).or_insert(declared.name.span);
        if first != declared.name.span {
            problems.report(problems::defined_twice(declared.name.span, &declared.name.text, first));
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
            role: if is_parameter { Role::Parameter { dimensions } } else { Role::Result { dimensions } },
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

impl<'a> Resolved<'a> {
    pub(super) fn declare_features(
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
                    role: Role::Feature { first: n_features as u32, dimensions },
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

    /// Gives the targets of a definition their slots.
    pub(super) fn declare_targets(
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
                        role: Role::Gates,
                        rank,
                        tainted: is_unknown,
                    });
                }
                Some(&slot) => match &arrays[slot].role {
                    Role::Feature { .. } | Role::Parameter { .. } => {
                        problems.report(problems::defined_twice(name.span, &name.text, arrays[slot].span));
                    }
                    Role::Result { .. } | Role::Gates => {
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
