//! What no input can show: signals that have one value in every input, or in every input that the clauses allow.
//!
//! Proven, never sampled: from a gate's operands alone, or from what the clauses let them be together (two members of a
//! `choose 1` are never both on). Must not know what is made of it.

use super::{Inputs, Member};
use crate::circuit::truth::Truth;
use crate::circuit::{Circuit, GateId, Kind, Literal, Signal};

/// What the clauses of `sample` say about each feature.
struct Support {
    /// Features that have one value in every input; those in no clause are off.
    known: Vec<Option<bool>>,
    /// Of the others: their `choose` and the place of their member in it.
    member: Vec<Option<(u32, u32)>>,
    chooses: Vec<Choose>,
    /// By feature: the one without which it is off. Empty where there is none.
    parent: Vec<Option<u32>>,
}

struct Choose {
    least: i64,
    most: i64,
    n_members: i64,
    /// Whether all members are single features, so that a chosen one is on.
    is_plain: bool,
}

impl Support {
    fn new(circuit: &Circuit) -> Support {
        let n = circuit.n_features();
        let mut support =
            Support { known: vec![Some(false); n], member: vec![None; n], chooses: Vec::new(), parent: Vec::new() };
        for clause in &circuit.distribution.clauses {
            for (feature, probability) in clause.coins() {
                support.known[feature as usize] = match probability {
                    0.0 => Some(false),
                    1.0 => Some(true),
                    _ => None,
                };
            }
            for child in clause.children() {
                let of_parent = support.known[child.parent as usize];
                support.known[child.feature as usize] = match child.probability {
                    0.0 => Some(false),
                    1.0 => of_parent,
                    _ => of_parent.filter(|on| !on),
                };
                support.parent.resize(n, None);
                support.parent[child.feature as usize] = Some(child.parent);
            }
            let Some((members, count)) = clause.chosen() else { continue };
            let (least, most) = (*count.start() as i64, *count.end() as i64);
            let n_members = members.len() as i64;
            let choose = support.chooses.len() as u32;
            let is_plain = members.iter().all(|member| matches!(member, Member::One(_)));
            support.chooses.push(Choose { least, most, n_members, is_plain });
            for (place, member) in members.iter().enumerate() {
                let (range, known) = match member {
                    Member::One(feature) => (*feature..feature + 1, least == n_members),
                    Member::Row(row) => (row.clone(), false),
                };
                for feature in range {
                    support.known[feature as usize] = match most {
                        0 => Some(false),
                        _ if known => Some(true),
                        _ => None,
                    };
                    support.member[feature as usize] = Some((choose, place as u32));
                }
            }
        }
        support
    }
}

/// By signal: the stored value, where no input whatever gives it another one.
pub fn constants(circuit: &Circuit) -> Vec<Option<bool>> {
    constant_under(circuit, None)
}

/// By signal: the stored value, where it is the same in every input that there can be: of the rows of a file, or of
/// what the clauses allow. `plant` is not looked at.
pub fn constants_of_support(circuit: &Circuit) -> Vec<Option<bool>> {
    match &circuit.distribution.rows {
        Some(rows) => constants_of_rows(circuit, &rows.inputs),
        None => constants_of_clauses(circuit),
    }
}

fn constants_of_rows(circuit: &Circuit, rows: &Inputs) -> Vec<Option<bool>> {
    let mut truth = Truth::new(circuit);
    // By signal: some input has it off, and some on.
    let mut seen = vec![[false; 2]; circuit.n_signals()];
    for start in (0..rows.len()).step_by(64) {
        let range = start..rows.len().min(start + 64);
        let valid = u64::MAX >> (64 - range.len());
        truth.evaluate(circuit, rows, range);
        for (seen, signal) in seen.iter_mut().zip((0..).map(Signal)) {
            let on = truth.word(signal) & valid;
            *seen = [seen[0] || on != valid, seen[1] || on != 0];
        }
    }
    let value = |[off, on]: [bool; 2]| if off == on { None } else { Some(on) };
    seen.into_iter().map(value).collect()
}

/// By signal: the stored value, where it is the same in every input that the clauses of the distribution allow. Rows of
/// a file and `plant` are not looked at.
fn constants_of_clauses(circuit: &Circuit) -> Vec<Option<bool>> {
    constant_under(circuit, Some(&Support::new(circuit)))
}

fn constant_under(circuit: &Circuit, support: Option<&Support>) -> Vec<Option<bool>> {
    let n_features = circuit.n_features();
    let mut known: Vec<Option<bool>> = match support {
        Some(support) => support.known.clone(),
        None => vec![None; n_features],
    };
    known.reserve(circuit.n_gates());
    let mut sorted: Vec<Literal> = Vec::new();
    let mut chosen: Vec<(u32, u32, bool)> = Vec::new();
    for (gate_idx, gate) in circuit.gates.iter().enumerate() {
        let operands = circuit.operands(GateId(gate_idx as u32));
        let value = if gate.kind == Kind::Mux {
            mux_value(operands, &known)
        } else if gate.kind == Kind::AnyPair {
            pairs_value(operands, &known)
        } else {
            sorted.clear();
            sorted.extend_from_slice(operands);
            sorted.sort_unstable();
            let (least, most) = n_true_range(&sorted, &known, support, &mut chosen);
            let value = |n_true| gate.kind.value_of_count(n_true, operands.len() as u32);
            (least..=most).all(|n_true| value(n_true) == value(least)).then(|| value(least)).flatten()
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

fn pairs_value(operands: &[Literal], known: &[Option<bool>]) -> Option<bool> {
    let value = |literal: Literal| known[literal.signal().0 as usize].map(|stored| stored != literal.negated());
    let both = |pair: &[Literal]| match (value(pair[0]), value(pair[1])) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    };
    let mut pairs = operands.chunks_exact(2).map(both);
    match pairs.clone().any(|pair| pair == Some(true)) {
        true => Some(true),
        false => pairs.all(|pair| pair == Some(false)).then_some(false),
    }
}

/// The least and the largest number of true operands, from what is known of each and of the members of a `choose`
/// together. Every number that occurs lies between; not every number between need occur.
fn n_true_range(
    sorted: &[Literal],
    known: &[Option<bool>],
    support: Option<&Support>,
    chosen: &mut Vec<(u32, u32, bool)>,
) -> (u32, u32) {
    let (mut least, mut most) = (0i64, 0i64);
    chosen.clear();
    for same in sorted.chunk_by(|a, b| a.signal() == b.signal()) {
        let signal = same[0].signal().0 as usize;
        let n_negated = same.iter().filter(|literal| literal.negated()).count() as i64;
        let n_positive = same.len() as i64 - n_negated;
        let member = support.and_then(|support| support.member.get(signal).copied().flatten());
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
    let Some(support) = support else { return (least as u32, most as u32) };
    let (never, always) = pairs_with_parents(sorted, known, support);
    let apart = (least + always, most + chosen.len() as i64 - never);
    chosen.sort_unstable();
    let mut by_member: Vec<(i64, i64)> = Vec::new();
    for group in chosen.chunk_by(|a, b| a.0 == b.0) {
        let choose = &support.chooses[group[0].0 as usize];
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
    (least.max(apart.0).max(0) as u32, most.min(apart.1).max(0) as u32)
}

/// Pairs of operands, none of them in two, of a feature and its parent, of which never both are true, and of which
/// always one is: the feature is off where its parent is.
fn pairs_with_parents(sorted: &[Literal], known: &[Option<bool>], support: &Support) -> (i64, i64) {
    let (mut never, mut always) = (0, 0);
    if support.parent.is_empty() {
        return (never, always);
    }
    let mut paired: Vec<Signal> = Vec::new();
    let lone = |signal: Signal| {
        let start = sorted.partition_point(|literal| literal.signal() < signal);
        let end = sorted.partition_point(|literal| literal.signal() <= signal);
        (end == start + 1 && known[signal.0 as usize].is_none()).then(|| sorted[start])
    };
    for literal in sorted {
        let signal = literal.signal();
        let parent = support.parent.get(signal.0 as usize).copied().flatten().map(Signal);
        let Some(parent) = parent.filter(|_| lone(signal).is_some()).and_then(lone) else { continue };
        if paired.contains(&signal) || paired.contains(&parent.signal()) {
            continue;
        }
        match (literal.negated(), parent.negated()) {
            (false, true) => never += 1,
            (true, false) => always += 1,
            _ => continue,
        }
        paired.extend([signal, parent.signal()]);
    }
    (never, always)
}

/// The sum of the `count` largest.
fn most_of(members: &mut [(i64, i64)], count: i64, of: impl Fn(&(i64, i64)) -> i64) -> i64 {
    members.sort_unstable_by_key(|member| -of(member));
    members.iter().take(count as usize).map(of).sum()
}
