//! What means something, but is probably not meant: unread features and gates, gates that are constant. (Ranges that
//! run down are seen where they are resolved.)
//!
//! Must not find out what is constant: `circuit::inputs::possible` proves it.

use std::collections::BTreeMap;

use super::features::Feature;
use super::problems::{self, Problems, Unread};
use crate::circuit::inputs::possible;
use crate::circuit::{Circuit, GateId, Signal};
use crate::diagnostic::Span;
use crate::program::Head;

/// Reports the warnings of a circuit: one for all features, one for each declaration of gates.
pub(crate) fn warn(
    circuit: &Circuit,
    heads: &[Head],
    features: &[Feature],
    gave_outputs: bool,
    gave_sample: bool,
    problems: &mut Problems,
) {
    let mut read = vec![false; circuit.n_signals()];
    circuit.operands.iter().for_each(|literal| read[literal.signal().0 as usize] = true);
    let matched = heads.iter().flat_map(|head| &head.matches).flat_map(|&(key, query)| [key, query]);
    matched.for_each(|feature| read[feature as usize] = true);
    let unread: Vec<Unread> = features
        .iter()
        .filter_map(|feature| {
            let members = feature.first..feature.first + feature.n_members();
            let mut unread = members.filter(|&member| !read[member as usize]);
            let first = unread.next()?;
            Some(Unread {
                span: feature.span,
                name: &feature.name,
                n_unread: 1 + unread.count() as u64,
                n_members: feature.n_members() as u64,
                example: circuit.name(Signal(first)),
            })
        })
        .collect();
    problems::unread_features(&unread).into_iter().for_each(|problem| problems.report(problem));
    if gave_outputs {
        circuit.outputs.iter().for_each(|output| read[output.0 as usize] = true);
        let is_unread = |gate: usize| !read[circuit.n_features() + gate];
        for found in by_declaration(circuit, is_unread) {
            let name = circuit.name(circuit.gate_signal(found.first));
            problems.report(problems::unread_gate(found.span, name, found.n_found, found.n_made));
        }
    }
    let always = possible::constants(circuit);
    let sampled = gave_sample.then(|| possible::constants_of_support(circuit));
    let of_sample = match circuit.distribution.rows {
        Some(_) => "the rows of the file have no other value",
        None => "the clauses of `sample` leave no other value",
    };
    let known = sampled.as_ref().unwrap_or(&always);
    for found in by_declaration(circuit, |gate| known[circuit.n_features() + gate].is_some()) {
        let signal = circuit.gate_signal(found.first);
        let stored = known[signal.0 as usize].unwrap_or(false);
        let value = stored != circuit.is_complemented(signal);
        let reason = match always[signal.0 as usize] {
            Some(_) => "whatever the inputs are",
            None => of_sample,
        };
        problems.report(problems::constant_gate(found.span, circuit.name(signal), value, found.n_found, reason));
    }
}

/// The gates of one declaration that something is found about.
struct FoundAt {
    span: Span,
    first: GateId,
    n_found: u64,
    n_made: u64,
}

fn by_declaration(circuit: &Circuit, is_found: impl Fn(usize) -> bool) -> Vec<FoundAt> {
    let mut found: BTreeMap<Span, FoundAt> = BTreeMap::new();
    for gate in (0..circuit.n_gates()).filter(|&gate| is_found(gate)) {
        let span = circuit.gates[gate].span;
        let first = GateId(gate as u32);
        found.entry(span).or_insert(FoundAt { span, first, n_found: 0, n_made: 0 }).n_found += 1;
    }
    if !found.is_empty() {
        for gate in &circuit.gates {
            if let Some(found) = found.get_mut(&gate.span) {
                found.n_made += 1;
            }
        }
    }
    found.into_values().collect()
}
