//! `any` of `all`s to one gate: what a neuron that multiplies can add up at once.
//!
//! Expansion to expansion, before there are levels: an `any` of nothing but ANDs of two, which have no name at the top
//! level and which nothing else reads, becomes a gate of pairs, and these ANDs are no gates any more. Must not know
//! which neurons there will be, only that they multiply.

use super::expand::{Draft, Expansion};
use crate::circuit::{Kind, Literal, Names, Signal};

/// The expansion with its gates of pairs.
pub(crate) fn paired(expansion: Expansion) -> Expansion {
    let Expansion { n_features, n_elements, .. } = expansion;
    let as_gate = |literal: &Literal| literal.signal().0.checked_sub(n_features);
    let read_by = |draft: &Draft| &expansion.operands[draft.first_operand as usize..][..draft.n_operands as usize];
    let mut n_reads = vec![0u32; expansion.gates.len()];
    expansion.gates.iter().flat_map(read_by).filter_map(as_gate).for_each(|gate| n_reads[gate as usize] += 1);
    let is_pair = |literal: &Literal| {
        let gate = as_gate(literal).filter(|&gate| gate >= n_elements && n_reads[gate as usize] == 1);
        let draft = gate.map(|gate| &expansion.gates[gate as usize]);
        !literal.negated() && draft.is_some_and(|draft| draft.kind == Kind::And && draft.n_operands == 2)
    };
    let becomes_pairs =
        |draft: &Draft| draft.kind == Kind::Or && draft.n_operands > 0 && read_by(draft).iter().all(is_pair);
    let mut is_gone = vec![false; expansion.gates.len()];
    let all = expansion.gates.iter();
    all.filter(|draft| becomes_pairs(draft)).flat_map(read_by).filter_map(as_gate).for_each(|gate| {
        is_gone[gate as usize] = true;
    });
    // Elements keep their numbers: none of them goes.
    let mut numbers = Vec::with_capacity(is_gone.len());
    let mut n_kept = 0;
    for &is_gone in &is_gone {
        numbers.push(n_kept);
        n_kept += u32::from(!is_gone);
    }
    let moved = |literal: &Literal| match as_gate(literal) {
        Some(gate) => Literal::new(Signal(n_features + numbers[gate as usize]), literal.negated()),
        None => *literal,
    };
    let (mut gates, mut operands) = (Vec::with_capacity(n_kept as usize), Vec::new());
    let (mut names, mut homes) = (Names::default(), Vec::with_capacity(n_kept as usize));
    for (gate, draft) in expansion.gates.iter().enumerate().filter(|(gate, _)| !is_gone[*gate]) {
        let first_operand = operands.len() as u32;
        let kind = if becomes_pairs(draft) { Kind::AnyPair } else { draft.kind };
        for literal in read_by(draft) {
            match as_gate(literal).filter(|_| kind == Kind::AnyPair) {
                Some(pair) => operands.extend(read_by(&expansion.gates[pair as usize]).iter().map(moved)),
                None => operands.push(moved(literal)),
            }
        }
        gates.push(Draft { kind, first_operand, n_operands: operands.len() as u32 - first_operand, ..*draft });
        names.push(expansion.names.get(gate));
        homes.push(expansion.homes[gate]);
    }
    let Expansion { tables, .. } = expansion;
    Expansion { n_features, gates, operands, names, n_elements, homes, tables }
}
