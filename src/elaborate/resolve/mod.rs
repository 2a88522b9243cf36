//! Ast to plan: every name becomes a number, every integer expression code, every wrong name one problem.
//!
//! In two steps for each body, so that definitions can stand in any order: `declare` gives every name its slot,
//! `formulas` resolves what the definitions say and `heads` what heads match, with the integers and loop variables of
//! `loops`, of which those of clauses are all that is resolved of these. Works on the text
//! alone: nothing is expanded, so that its cost is that of the file. Must not evaluate loops.

mod declare;
mod formulas;
mod heads;
mod loops;
mod resolver;

use std::collections::HashMap;

use resolver::Resolver;

use super::files::Files;
use super::integer::Loops;
use super::plan::{Body, Match};
use super::problems::{self, Problems};
use super::resolved::Resolved;
use super::scopes::Scopes;
use crate::diagnostic::{Sources, Span};
use crate::syntax::ast::{self, Item};

pub(crate) fn resolve<'a>(
    files: &'a Files,
    sources: &'a Sources,
    max_features: u64,
    problems: &mut Problems,
) -> Resolved<'a> {
    let scopes = Scopes::build(files, sources, problems);
    let n_bodies = 1 + scopes.circuits.len();
    let mut bodies: Vec<Body> = vec![Body::default()];
    for index in 0..scopes.circuits.len() {
        bodies.push(declare::header(&scopes, index, max_features, problems));
    }
    let mut plan = Resolved {
        scopes,
        bodies,
        calls: vec![Vec::new(); n_bodies],
        features: Vec::new(),
        n_features: 0,
        blocks: Vec::new(),
        slots: HashMap::new(),
        heads: Vec::new(),
        clause_loops: Vec::new(),
    };
    let main = &files.asts[0];
    plan.slots = plan.declare_features(main, max_features, problems);
    let mut definitions: Vec<(&'a ast::Definition, Option<u32>)> = Vec::new();
    let mut blocks: HashMap<&str, Span> = HashMap::new();
    for item in &main.items {
        match item {
            Item::Definition(definition) => definitions.push((definition, None)),
            Item::Layer { name, body, .. } => {
                let first = *blocks.entry(&name.text).or_insert(name.span);
                if first != name.span {
                    problems.report(problems::defined_twice(name.span, &name.text, first));
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
    plan.heads = plan.resolve_heads(main, problems, &mut n_unknown);
    plan.clause_loops = plan.resolve_clauses(main, problems, &mut n_unknown);
    plan
}

impl<'a> Resolved<'a> {
    /// The heads of a file over the signals of the top level.
    fn resolve_heads(
        &self,
        main: &'a ast::Ast,
        problems: &mut Problems,
        n_unknown: &mut usize,
    ) -> Vec<(&'a ast::AttentionHead, Vec<Match>)> {
        let mut calls = Vec::new();
        let mut resolver = self.of_top_level(&mut calls, problems, n_unknown);
        let heads = main.items.iter().filter_map(|item| match item {
            Item::Head(head) => Some(head),
            _ => None,
        });
        heads
            .map(|head| (head, head.matches.iter().filter_map(|matched| resolver.matched(matched)).collect()))
            .collect()
    }

    /// The loops of the clauses of a file's first `sample` block.
    fn resolve_clauses(
        &self,
        main: &'a ast::Ast,
        problems: &mut Problems,
        n_unknown: &mut usize,
    ) -> Vec<Option<Loops>> {
        let mut calls = Vec::new();
        let mut resolver = self.of_top_level(&mut calls, problems, n_unknown);
        let clauses = main.items.iter().find_map(|item| match item {
            Item::Sample { clauses, .. } => Some(clauses),
            _ => None,
        });
        let loops = |clause: &'a ast::Clause| match clause {
            ast::Clause::Each(each) => resolver.loops_alone(each.comprehension.as_ref()),
            _ => None,
        };
        clauses.into_iter().flatten().map(loops).collect()
    }

    /// A resolver of what stands beside the definitions of the top level.
    fn of_top_level<'p>(
        &'p self,
        calls: &'p mut Vec<(usize, Span)>,
        problems: &'p mut Problems,
        n_unknown: &'p mut usize,
    ) -> Resolver<'p, 'a> {
        Resolver {
            scopes: &self.scopes,
            bodies: &self.bodies,
            slots: &self.slots,
            arrays: &self.bodies[0].arrays,
            file: 0,
            calls,
            problems,
            n_unknown,
            variables: Vec::new(),
        }
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
}
