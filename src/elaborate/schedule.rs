//! Gates to layers: block k is level k, everything else as early as it can be after the last block.
//!
//! Then the final order (layer by layer, within a layer in order of definition), the complements that make every
//! stored signal rest at 0, and what each layer carries for a later one. Loops only: a chain may be as deep as the
//! limits let it.

use std::collections::BTreeMap;

use super::expand::Expansion;
use super::features::{Feature, write_feature_names};
use super::limits::Limits;
use super::problems::{self, Problems};
use crate::circuit::{Circuit, Gate, Layer, Literal, Names, Signal};
use crate::diagnostic::Span;

const UNKNOWN: u32 = u32::MAX;
const WAITING: u32 = u32::MAX - 1;

/// The level of every gate as it was made; cycles, definitions too deep for their block and too many levels are
/// reported. `None` when some gate has no level.
pub(crate) fn levels(
    expansion: &Expansion,
    blocks: &[&str],
    limits: &Limits,
    problems: &mut Problems,
) -> Option<Vec<u32>> {
    let n_features = expansion.n_features;
    let gates = &expansion.gates;
    // Of a gate in a block: its depth within its definition, from 0. Of others: its level.
    let mut ranks = vec![UNKNOWN; gates.len()];
    let mut path: Vec<(u32, u32)> = Vec::new();
    let mut valid = true;
    let mut too_deep: BTreeMap<Span, (u32, u32)> = BTreeMap::new();
    for root in 0..gates.len() as u32 {
        if ranks[root as usize] != UNKNOWN {
            continue;
        }
        path.push((root, 0));
        ranks[root as usize] = WAITING;
        while let Some((gate, next)) = path.last_mut() {
            let gate = *gate;
            let draft = &gates[gate as usize];
            let operands = &expansion.operands[draft.first_operand as usize..][..draft.n_operands as usize];
            let mut descend = None;
            while let Some(literal) = operands.get(*next as usize) {
                if let Some(operand) = literal.signal().0.checked_sub(n_features) {
                    match ranks[operand as usize] {
                        UNKNOWN => {
                            descend = Some(operand);
                            break;
                        }
                        WAITING => {
                            descend = Some(operand);
                            *next += 1;
                            break;
                        }
                        _ => {}
                    }
                }
                *next += 1;
            }
            match descend {
                Some(operand) if ranks[operand as usize] == WAITING => {
                    valid = false;
                    report_cycle(expansion, &path, operand, problems);
                }
                Some(operand) => {
                    ranks[operand as usize] = WAITING;
                    path.push((operand, 0));
                }
                None => {
                    let rank = rank_of(expansion, &ranks, gate, blocks.len() as u32);
                    ranks[gate as usize] = rank;
                    path.pop();
                    if draft.block.is_some() {
                        if rank > 0 {
                            let home = expansion.homes[gate as usize];
                            let deepest = too_deep.entry(gates[home as usize].span).or_insert((rank, home));
                            deepest.0 = deepest.0.max(rank);
                        }
                    } else if rank >= limits.max_levels {
                        let name = expansion.names.get(gate as usize);
                        let (span, limit) = (draft.span, limits.max_levels);
                        if valid {
                            problems.report(problems::too_many_levels(span, name, limit));
                        }
                        valid = false;
                    }
                }
            }
        }
    }
    for (span, (depth, home)) in too_deep {
        valid = false;
        let layer = gates[home as usize].block.map_or("", |block| blocks[block as usize]);
        let name = expansion.names.get(home as usize);
        problems.report(problems::too_deep_for_layer(span, name, layer, depth + 1));
    }
    if !valid {
        return None;
    }
    for (rank, draft) in ranks.iter_mut().zip(gates) {
        if let Some(block) = draft.block {
            *rank = block;
        }
    }
    Some(ranks)
}

/// One more than the largest rank of its operands; within a block only those of the same definition count.
fn rank_of(expansion: &Expansion, ranks: &[u32], gate: u32, n_blocks: u32) -> u32 {
    let draft = &expansion.gates[gate as usize];
    let mut rank = if draft.block.is_some() { 0 } else { n_blocks };
    for literal in &expansion.operands[draft.first_operand as usize..][..draft.n_operands as usize] {
        let Some(operand) = literal.signal().0.checked_sub(expansion.n_features) else { continue };
        let below = &expansion.gates[operand as usize];
        let operand_rank = match (draft.block, below.block) {
            // A cycle, which was reported.
            _ if ranks[operand as usize] >= WAITING => continue,
            (None, None) => ranks[operand as usize],
            (None, Some(block)) => block,
            (Some(_), Some(_)) if expansion.homes[operand as usize] == expansion.homes[gate as usize] => {
                ranks[operand as usize]
            }
            (Some(_), _) => continue,
        };
        rank = rank.max(operand_rank + 1);
    }
    rank
}

fn report_cycle(expansion: &Expansion, path: &[(u32, u32)], operand: u32, problems: &mut Problems) {
    let start = path.iter().position(|&(gate, _)| gate == operand).unwrap_or(0);
    let mut circle: Vec<u32> = path[start..].iter().map(|&(gate, _)| gate).collect();
    // From its first definition on, so that the same circle reads the same from wherever it was entered.
    let first = (0..circle.len()).min_by_key(|&place| circle[place]).unwrap_or(0);
    circle.rotate_left(first);
    let spans: Vec<Span> = circle.iter().map(|&gate| expansion.gates[gate as usize].span).collect();
    let mut distinct: Vec<Span> = Vec::new();
    spans.iter().take(64).for_each(|span| {
        if !distinct.contains(span) {
            distinct.push(*span);
        }
    });
    // The path that is shown is cut in its middle: only what is shown needs its name.
    let name = |gate: u32| expansion.names.get(gate as usize).to_string();
    circle.push(circle[0]);
    let names: Vec<String> = if circle.len() > 64 {
        circle[..32].iter().chain(&circle[circle.len() - 32..]).map(|&gate| name(gate)).collect()
    } else {
        circle.iter().map(|&gate| name(gate)).collect()
    };
    problems.report(problems::cycle(spans[0], &names, &distinct));
}

/// The names of all layers: those of the blocks, then `levelK` for level K.
pub(crate) fn layer_names(blocks: &[(String, Span)], levels: Option<&[u32]>, problems: &mut Problems) -> Vec<String> {
    let n_layers = levels.and_then(|levels| levels.iter().max()).map_or(0, |&last| last as usize + 1).max(blocks.len());
    let name_of = |level: usize| match blocks.get(level) {
        Some((name, _)) => name.clone(),
        None => format!("level{level}"),
    };
    for (level, (name, span)) in blocks.iter().enumerate() {
        let number = name.strip_prefix("level").and_then(|number| number.parse::<usize>().ok());
        if let Some(number) = number
            && number != level
            && format!("level{number}") == *name
        {
            problems.report(problems::reserved_layer(*span, name, level));
        }
    }
    (0..n_layers).map(name_of).collect()
}

/// The parts of a circuit that scheduling makes.
pub(crate) struct Scheduled {
    pub names: Names,
    pub gates: Vec<Gate>,
    pub operands: Vec<Literal>,
    pub layers: Vec<Layer>,
    /// Where each gate went: from its number as made to its place.
    pub places: Vec<u32>,
}

pub(crate) fn schedule(
    expansion: &Expansion,
    levels: &[u32],
    layer_names: Vec<String>,
    features: &[Feature],
    signals_stay: bool,
    limits: &Limits,
    problems: &mut Problems,
) -> Option<Scheduled> {
    let n_features = expansion.n_features;
    let mut starts = vec![0u32; layer_names.len() + 1];
    levels.iter().for_each(|&level| starts[level as usize + 1] += 1);
    for level in 0..layer_names.len() {
        starts[level + 1] += starts[level];
    }
    let mut layers: Vec<Layer> = layer_names
        .into_iter()
        .enumerate()
        .map(|(level, name)| Layer {
            name,
            gates: starts[level]..starts[level + 1],
            carried: Vec::new(),
            corrects: false,
        })
        .collect();
    let mut free = starts;
    let mut places = vec![0u32; levels.len()];
    let mut order = vec![0u32; levels.len()];
    in_order_of_definition(expansion, |gate| {
        let place = &mut free[levels[gate as usize] as usize];
        places[gate as usize] = *place;
        order[*place as usize] = gate;
        *place += 1;
    });
    let mut names = Names::default();
    write_feature_names(&mut names, features);
    let mut gates: Vec<Gate> = Vec::with_capacity(levels.len());
    let mut operands: Vec<Literal> = Vec::with_capacity(expansion.operands.len());
    // By signal: one more than the highest level that reads it.
    let mut read_below = vec![0u32; n_features as usize + levels.len()];
    for gate in order {
        let draft = &expansion.gates[gate as usize];
        names.push(expansion.names.get(gate as usize));
        let first_operand = operands.len() as u32;
        let level = levels[gate as usize];
        for literal in &expansion.operands[draft.first_operand as usize..][..draft.n_operands as usize] {
            // Operands refer to stored signals: a complement turns the edge.
            let (signal, turned) = match literal.signal().0.checked_sub(n_features) {
                None => (literal.signal(), false),
                Some(operand) => {
                    let place = places[operand as usize];
                    (Signal(n_features + place), gates[place as usize].complemented)
                }
            };
            let reader = &mut read_below[signal.0 as usize];
            *reader = (*reader).max(level + 1);
            operands.push(Literal::new(signal, literal.negated() != turned));
        }
        gates.push(Gate {
            kind: draft.kind,
            first_operand,
            n_operands: draft.n_operands,
            complemented: draft.kind.value(operands[first_operand as usize..].iter().map(|literal| literal.negated())),
            layer: level,
            span: draft.span,
        });
    }
    if !signals_stay {
        carry(&mut layers, &gates, &read_below, n_features, limits, problems)?;
    }
    Some(Scheduled { names, gates, operands, layers, places })
}

/// Each element of the top level, followed by the inner gates that its definition made.
fn in_order_of_definition(expansion: &Expansion, mut visit: impl FnMut(u32)) {
    let n_gates = expansion.gates.len() as u32;
    let mut inner = expansion.n_elements;
    for element in 0..expansion.n_elements {
        visit(element);
        while inner < n_gates && expansion.homes[inner as usize] <= element {
            visit(inner);
            inner += 1;
        }
    }
    (inner..n_gates).for_each(visit);
}

/// Fills in what each layer carries: what stands below it and is read above it.
fn carry(
    layers: &mut [Layer],
    gates: &[Gate],
    read_below: &[u32],
    n_features: u32,
    limits: &Limits,
    problems: &mut Problems,
) -> Option<()> {
    // The layers from `first` to before `end` carry signal `signal`.
    let span_of = |signal: usize| {
        let first = match signal.checked_sub(n_features as usize) {
            None => 0,
            Some(gate) => gates[gate].layer + 1,
        };
        // The highest reader itself is no carrier.
        first..read_below[signal].saturating_sub(1)
    };
    let n_carried: u64 = (0..read_below.len()).map(|signal| span_of(signal).len() as u64).sum();
    if n_carried > limits.max_carried {
        let deepest = gates.iter().max_by_key(|gate| gate.layer).map(|gate| gate.span).unwrap_or_default();
        problems.report(problems::too_many_carried(deepest, n_carried, limits.max_carried));
        return None;
    }
    for signal in 0..read_below.len() {
        for layer in span_of(signal) {
            layers[layer as usize].carried.push(Signal(signal as u32));
        }
    }
    Some(())
}

/// Gates as made to signals of the circuit: sorted, distinct.
pub(crate) fn moved(gates: &[u32], places: &[u32], n_features: u32) -> Vec<Signal> {
    let mut signals: Vec<Signal> = gates.iter().map(|&gate| Signal(n_features + places[gate as usize])).collect();
    signals.sort_unstable();
    signals.dedup();
    signals
}

/// Every gate that no other gate reads.
pub(crate) fn unread_gates(circuit: &Circuit) -> Vec<Signal> {
    let mut read = vec![false; circuit.n_signals()];
    circuit.operands.iter().for_each(|literal| read[literal.signal().0 as usize] = true);
    (circuit.n_features..circuit.n_signals() as u32).filter(|&signal| !read[signal as usize]).map(Signal).collect()
}
