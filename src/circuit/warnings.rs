//! What means something, but is probably not meant: unread features and gates, gates that are constant.
//!
//! Constants are proven, never sampled: from a gate's operands alone, or from what the clauses of `sample` let them
//! be together (two members of a `choose 1` are never both on).

use std::collections::BTreeMap;

use super::elaborate::Feature;
use super::problems::{self, Problems};
use super::{Circuit, Clause, GateId, Kind, Literal, Member, Signal};
use crate::diagnostic::Span;

/// Reports the warnings of a circuit, one per declaration.
pub(crate) fn warn(
    circuit: &Circuit,
    features: &[Feature],
    gave_outputs: bool,
    gave_sample: bool,
    problems: &mut Problems,
) {
    let mut read = vec![false; circuit.n_signals()];
    circuit.operands.iter().for_each(|literal| read[literal.signal().0 as usize] = true);
    for feature in features {
        let n_members = feature.n_members();
        let members = &read[feature.first as usize..(feature.first + n_members) as usize];
        let n_unread = members.iter().filter(|read| !**read).count() as u64;
        if n_unread > 0 {
            let first = members.iter().position(|read| !read).unwrap_or(0) as u32 + feature.first;
            let example = circuit.name(Signal(first));
            problems.report(problems::unread_feature(feature.span, &feature.name, n_unread, n_members as u64, example));
        }
    }
    if gave_outputs {
        circuit.outputs.iter().for_each(|output| read[output.0 as usize] = true);
        let is_unread = |gate: usize| !read[circuit.n_features() + gate];
        for found in by_declaration(circuit, is_unread) {
            let name = circuit.name(circuit.gate_signal(found.first));
            problems.report(problems::unread_gate(found.span, name, found.n_found, found.n_made));
        }
    }
    let always = constants(circuit, None);
    let groups = (gave_sample && circuit.distribution.rows.is_none()).then(|| Groups::new(circuit));
    let sampled = groups.map(|groups| constants(circuit, Some(&groups)));
    let known = sampled.as_ref().unwrap_or(&always);
    for found in by_declaration(circuit, |gate| known[circuit.n_features() + gate].is_some()) {
        let signal = circuit.gate_signal(found.first);
        let stored = known[signal.0 as usize].unwrap_or(false);
        let value = stored != circuit.is_complemented(signal);
        let reason = match always[signal.0 as usize] {
            Some(_) => "whatever the inputs are",
            None => "the clauses of `sample` leave no other value",
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

/// What the clauses of `sample` say about each feature.
struct Groups {
    /// Features that have one value in every input; those in no clause are off.
    known: Vec<Option<bool>>,
    /// Of the others: their `choose` and the place of their member in it.
    member: Vec<Option<(u32, u32)>>,
    chooses: Vec<Choose>,
}

struct Choose {
    least: i64,
    most: i64,
    n_members: i64,
    /// Whether all members are single features, so that a chosen one is on.
    is_plain: bool,
}

impl Groups {
    fn new(circuit: &Circuit) -> Groups {
        let n = circuit.n_features();
        let mut groups = Groups { known: vec![Some(false); n], member: vec![None; n], chooses: Vec::new() };
        for clause in &circuit.distribution.clauses {
            match clause {
                Clause::Each { features, probability } => {
                    let known = match *probability {
                        0.0 => Some(false),
                        1.0 => Some(true),
                        _ => None,
                    };
                    features.iter().for_each(|&feature| groups.known[feature as usize] = known);
                }
                Clause::Choose { members, count } => {
                    let (least, most) = (*count.start() as i64, *count.end() as i64);
                    let n_members = members.len() as i64;
                    let choose = groups.chooses.len() as u32;
                    let is_plain = members.iter().all(|member| matches!(member, Member::One(_)));
                    groups.chooses.push(Choose { least, most, n_members, is_plain });
                    for (place, member) in members.iter().enumerate() {
                        let (range, known) = match member {
                            Member::One(feature) => (*feature..feature + 1, least == n_members),
                            Member::Row(row) => (row.clone(), false),
                        };
                        for feature in range {
                            groups.known[feature as usize] = match most {
                                0 => Some(false),
                                _ if known => Some(true),
                                _ => None,
                            };
                            groups.member[feature as usize] = Some((choose, place as u32));
                        }
                    }
                }
            }
        }
        groups
    }
}

/// By signal: the stored value, where it is the same in every input.
fn constants(circuit: &Circuit, groups: Option<&Groups>) -> Vec<Option<bool>> {
    let n_features = circuit.n_features();
    let mut known: Vec<Option<bool>> = match groups {
        Some(groups) => groups.known.clone(),
        None => vec![None; n_features],
    };
    known.reserve(circuit.n_gates());
    let mut sorted: Vec<Literal> = Vec::new();
    let mut chosen: Vec<(u32, u32, bool)> = Vec::new();
    for (gate_idx, gate) in circuit.gates.iter().enumerate() {
        let operands = circuit.operands(GateId(gate_idx as u32));
        let value = if gate.kind == Kind::Mux {
            mux_value(operands, &known)
        } else {
            sorted.clear();
            sorted.extend_from_slice(operands);
            sorted.sort_unstable();
            let (least, most) = n_true_range(&sorted, &known, groups, &mut chosen);
            let first = gate.kind.value(least, operands.len() as u32);
            (least..=most).all(|n_true| gate.kind.value(n_true, operands.len() as u32) == first).then_some(first)
        };
        known.push(value.map(|value| value != gate.complemented));
    }
    known
}

fn mux_value(operands: &[Literal], known: &[Option<bool>]) -> Option<bool> {
    let value = |literal: Literal| known[literal.signal().0 as usize].map(|stored| stored != literal.negated());
    let [choice, then, otherwise] = operands else { return None };
    match value(*choice) {
        Some(true) => value(*then),
        Some(false) => value(*otherwise),
        None => value(*then).filter(|_| value(*then) == value(*otherwise)),
    }
}

/// The least and the largest number of true operands, from what is known of each and of the members of a `choose`
/// together. Every number that occurs lies between; not every number between need occur.
fn n_true_range(
    sorted: &[Literal],
    known: &[Option<bool>],
    groups: Option<&Groups>,
    chosen: &mut Vec<(u32, u32, bool)>,
) -> (u32, u32) {
    let (mut least, mut most) = (0i64, 0i64);
    chosen.clear();
    for same in sorted.chunk_by(|a, b| a.signal() == b.signal()) {
        let signal = same[0].signal().0 as usize;
        let n_negated = same.iter().filter(|literal| literal.negated()).count() as i64;
        let n_positive = same.len() as i64 - n_negated;
        let member = groups.and_then(|groups| groups.member.get(signal).copied().flatten());
        match (known[signal], member) {
            (Some(value), _) => {
                let n_true = if value { n_positive } else { n_negated };
                least += n_true;
                most += n_true;
            }
            (None, Some((choose, place))) if same.len() == 1 => chosen.push((choose, place, n_positive == 1)),
            _ => {
                least += n_positive.min(n_negated);
                most += n_positive.max(n_negated);
            }
        }
    }
    let Some(groups) = groups.filter(|_| !chosen.is_empty()) else { return (least as u32, most as u32) };
    chosen.sort_unstable();
    let mut by_member: Vec<(i64, i64)> = Vec::new();
    for group in chosen.chunk_by(|a, b| a.0 == b.0) {
        let choose = &groups.chooses[group[0].0 as usize];
        let n_positive = group.iter().filter(|(.., positive)| *positive).count() as i64;
        let n_negated = group.len() as i64 - n_positive;
        by_member.clear();
        by_member.extend(group.chunk_by(|a, b| a.1 == b.1).map(|member| {
            let positive = member.iter().filter(|(.., positive)| *positive).count() as i64;
            (positive, member.len() as i64 - positive)
        }));
        // A count that must be reached leaves no way round: the members outside cannot hold all of it.
        let elsewhere = choose.n_members - by_member.len() as i64;
        let forced = |beside: i64| if choose.is_plain { (choose.least - elsewhere - beside).max(0) } else { 0 };
        most += n_negated + most_of(&mut by_member, choose.most, |member| member.0) - forced(n_positive);
        least += n_negated - most_of(&mut by_member, choose.most, |member| member.1) + forced(n_negated);
    }
    (least.max(0) as u32, most.max(0) as u32)
}

/// The sum of the `count` largest.
fn most_of(members: &mut [(i64, i64)], count: i64, of: impl Fn(&(i64, i64)) -> i64) -> i64 {
    members.sort_unstable_by_key(|member| -of(member));
    members.iter().take(count as usize).map(of).sum()
}
