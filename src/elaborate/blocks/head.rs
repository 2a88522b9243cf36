//! The heads of a file: their sizes, and which features each matches, checked to be stored and distinct.
//!
//! Must not know what a head is compiled to.

use std::collections::HashMap;

use super::named::Turn;
use super::network::within;
use crate::circuit::inputs::plant::Planter;
use crate::circuit::{Circuit, Signal};
use crate::diagnostic::Span;
use crate::elaborate::expand::Expansion;
use crate::elaborate::features::feature_name;
use crate::elaborate::integer::{Fault, Loops, Turns, count_turns};
use crate::elaborate::limits::Limits;
use crate::elaborate::plan::{Index, Match, Read, Role};
use crate::elaborate::problems::{self, Problems};
use crate::elaborate::resolved::Resolved;
use crate::elaborate::scopes::report_fault;
use crate::elaborate::table::Found;
use crate::program::{Head, Settings};
use crate::random;
use crate::syntax::ast::AttentionHead;

/// Matches of one head that are still taken.
const MAX_MATCHES: u64 = 1 << 20;

/// Directions of queries and keys that are still taken.
const MAX_RANK: i64 = 1 << 12;

/// Tokens of a sequence that are still taken.
const MAX_TOKENS: i64 = 1 << 12;

/// A head, and where each of its matches stands.
pub(crate) struct Placed {
    pub head: Head,
    pub spans: Vec<Span>,
}

/// The heads of the first file, in order.
pub(crate) fn heads(
    plan: &Resolved<'_>,
    expansion: &Expansion,
    settings: &Settings,
    limits: &Limits,
    problems: &mut Problems,
) -> Vec<Placed> {
    if plan.heads.is_empty() {
        return Vec::new();
    }
    let mut first: HashMap<&str, Span> = HashMap::new();
    let is_stored = is_stored(plan, settings);
    let are_any_stored = is_stored.contains(&true);
    let mut heads = Vec::new();
    for (head, matches) in &plan.heads {
        let name = &head.name;
        let before = *first.entry(&name.text).or_insert(name.span);
        if before != name.span {
            problems.report(problems::defined_twice(name.span, &name.text, before));
        }
        let sizes = sizes(plan, head, settings, problems);
        if !fits(matches, limits, problems) {
            continue;
        }
        let is_stored = are_any_stored.then_some(&is_stored[..]);
        let mut reader = Reader { plan, expansion, is_stored, problems, first: HashMap::new(), matches: Vec::new() };
        matches.iter().for_each(|matched| reader.each_turn(matched));
        let (matches, spans): (Vec<_>, Vec<_>) = reader.matches.into_iter().unzip();
        // What is wrong with its matches has been said.
        if matches.is_empty() && !problems.has_errors() {
            problems.report(problems::empty_head(name.span, &name.text));
        }
        if let Some((rank, tokens)) = sizes {
            heads.push(Placed { head: Head { name: name.text.clone(), rank, tokens, matches }, spans });
        }
    }
    heads
}

/// Says which matched features no input has on.
pub(crate) fn check_shown(circuit: &Circuit, heads: &[Placed], problems: &mut Problems) {
    if heads.is_empty() {
        return;
    }
    let mut planter = Planter::new(circuit);
    let rng = &mut random::stream(&[0]);
    let mut can_be_on: HashMap<u32, bool> = HashMap::new();
    for (&(key, query), &span) in heads.iter().flat_map(|placed| placed.head.matches.iter().zip(&placed.spans)) {
        for feature in [key, query] {
            let wanted = [(Signal(feature), true)];
            let is_shown = *can_be_on.entry(feature).or_insert_with(|| planter.draw(rng, &wanted, &mut Vec::new()));
            if !is_shown {
                problems.report(problems::match_never_on(span, circuit.name(Signal(feature))));
            }
        }
    }
}

/// By feature, whether a stream has it.
fn is_stored(plan: &Resolved<'_>, settings: &Settings) -> Vec<bool> {
    let mut is_stored = vec![settings.residual.is_some(); plan.n_features as usize];
    let stored = settings.stores.iter().flat_map(|store| &store.features);
    stored.for_each(|&feature| is_stored[feature as usize] = true);
    is_stored
}

/// Rank and tokens.
fn sizes(
    plan: &Resolved<'_>,
    head: &AttentionHead,
    settings: &Settings,
    problems: &mut Problems,
) -> Option<(u32, u32)> {
    let dimensions = settings.stream_dimensions();
    if dimensions.is_none() {
        problems.report(problems::head_without_stream(head.name.span, &head.name.text));
    }
    let allowed = ("rank", "between 1 and 4096");
    let rank = within(plan, &head.rank, (1, MAX_RANK), allowed, head.rank.span(), problems);
    if let (Some(rank), Some(d)) = (rank, dimensions)
        && rank > i64::from(d)
    {
        problems.report(problems::rank_too_large(head.rank.span(), rank, d));
    }
    let allowed = ("tokens", "between 2 and 4096");
    let tokens = within(plan, &head.tokens, (2, MAX_TOKENS), allowed, head.tokens.span(), problems);
    Some((rank? as u32, tokens? as u32))
}

/// Whether the matches of a head are not too many, before any is made; a fault is met again, with an example.
fn fits(matches: &[Match], limits: &Limits, problems: &mut Problems) -> bool {
    let (mut n_matches, mut n_steps) = (0u64, 0u64);
    for matched in matches {
        let counted = |loops: &Loops| count_turns(loops, &mut Vec::new(), limits.max_turns);
        let (turns, steps) = matched.loops.as_ref().map_or(Ok((1, 1)), counted).unwrap_or((0, 0));
        (n_matches, n_steps) = (n_matches.saturating_add(turns), n_steps.saturating_add(steps));
        if n_steps > limits.max_turns {
            problems.report(problems::too_many_turns(matched.span, limits.max_turns));
            return false;
        }
        if n_matches > MAX_MATCHES {
            problems.report(problems::too_many_matches(matched.span, MAX_MATCHES));
            return false;
        }
    }
    true
}

/// Reads the matches of one head.
struct Reader<'r, 'a> {
    plan: &'r Resolved<'a>,
    expansion: &'r Expansion,
    /// By feature, where any is.
    is_stored: Option<&'r [bool]>,
    problems: &'r mut Problems,
    /// Where each pair stands first.
    first: HashMap<(u32, u32), Span>,
    matches: Vec<((u32, u32), Span)>,
}

impl Reader<'_, '_> {
    fn each_turn(&mut self, matched: &Match) {
        let mut turns = Turns::new(matched.loops.as_ref());
        let mut env = Vec::new();
        let names: Vec<&str> =
            matched.loops.iter().flat_map(|loops| &loops.bindings).map(|binding| &binding.name[..]).collect();
        loop {
            match turns.next(&mut env) {
                Ok(true) => {}
                Ok(false) => return,
                Err(fault) => return report_fault(fault, &Turn { names: &names, env: &env }.example(), self.problems),
            }
            let key = self.feature(&matched.key, &env, &names);
            let query = self.feature(&matched.query, &env, &names);
            let (Some(key), Some(query)) = (key, query) else { continue };
            let first = *self.first.entry((key, query)).or_insert(matched.span);
            if self.first.len() == self.matches.len() {
                let [key, query] = [key, query].map(|feature| feature_name(&self.plan.features, feature));
                self.problems.report(problems::duplicate_match(matched.span, &key, &query, first));
                continue;
            }
            self.matches.push(((key, query), matched.span));
        }
    }

    /// The stored feature that stands there; `None` when a problem was reported.
    fn feature(&mut self, read: &Read, env: &[i64], names: &[&str]) -> Option<u32> {
        let array = &self.plan.bodies[0].arrays[read.slot];
        if !matches!(array.role, Role::Feature { .. }) {
            self.problems.report(problems::not_a_feature(read.span, &array.name));
            return None;
        }
        let index = |index: &Index| match index {
            Index::At(at) => at.value(env),
            Index::Slice(..) => Err(Fault::Known),
        };
        let indices: Result<Vec<i64>, Fault> = read.indices.iter().map(index).collect();
        let indices =
            indices.map_err(|fault| report_fault(fault, &Turn { names, env }.example(), self.problems)).ok()?;
        let feature = match self.expansion.tables[read.slot].find(&indices) {
            Found::Literal(literal) => literal.signal().0,
            Found::OutOfRange { axis, index, length } => {
                let example = Turn { names, env }.example();
                let problem = problems::index_out_of_range(read.span, &array.name, index, axis, length, &example);
                self.problems.report(problem);
                return None;
            }
            // Features have all their members.
            Found::Missing | Found::Unknown => return None,
        };
        if self.is_stored.is_some_and(|is_stored| !is_stored[feature as usize]) {
            let name = feature_name(&self.plan.features, feature);
            self.problems.report(problems::not_stored(read.span, &name, &array.name));
            return None;
        }
        Some(feature)
    }
}
