//! Construction `bigram`: an embedding and an unembedding, and no neuron that computes between them.
//!
//! What a transformer without layers is, and the shortest path through any other: which tokens follow others (Elhage
//! and others 2021, "A mathematical framework for transformer circuits"). One token of a group is on; a gate that is on
//! for some of them is the sum of those. Tokens for which the same gates are on are one class; each class has a
//! coordinate of its own, which the embedding writes and the unembedding reads: 0 and 1, and exact.
//!
//! Must not know any sampled input.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::code::Code;
use super::construction::{Chosen, Construction, Correcting, Ladder, Needs, Solution, Wiring, Word, without_options};
use super::regime::{Inequality, Regime};
use super::site::Site;
use crate::circuit::{Clause, GateId, Kind, Member};
use crate::compile::layer::LayerTask;
use crate::compile::problems;
use crate::diagnostic::Diagnostic;
use crate::network::matrix::{Matrix, SparseMatrix};
use crate::network::{self, Block, Polynomial};
use crate::program::{Activation, Level};
use crate::random::Pcg64;

/// The row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Bigram;

pub const BIGRAM: Bigram = Bigram;

impl Construction for Bigram {
    fn name(&self) -> &'static str {
        "bigram"
    }

    fn summary(&self) -> &'static str {
        "an embedding and an unembedding: a coordinate for tokens that the same gates are on for"
    }

    fn with(&self, options: &[Word]) -> Chosen {
        without_options(Bigram, options)
    }

    fn activations(&self) -> &'static [Activation] {
        &[Activation::Linear]
    }

    fn over(&self, _: Activation) -> Arc<dyn Construction> {
        Arc::new(Bigram)
    }

    fn correcting(&self) -> Correcting {
        Correcting::Never
    }

    /// A coordinate for each class.
    fn rule_of_thumb(&self, layer: &LayerTask) -> usize {
        classes(layer).len().max(1)
    }

    fn most_neurons(&self, layer: &LayerTask) -> usize {
        self.rule_of_thumb(layer)
    }

    fn inequality(&self) -> Inequality {
        Inequality {
            formula: "one for each class of tokens: those that the same gates are on for",
            source: "Elhage and others 2021, a transformer without layers",
        }
    }

    fn needs(&self, layer: &LayerTask, _: &Regime) -> Needs {
        Ok(self.rule_of_thumb(layer) as f64)
    }

    fn published(&self, _: &LayerTask) -> Box<dyn Wiring> {
        Box::new(Classes)
    }

    fn ladder(&self, _: &LayerTask, _: usize) -> Ladder {
        Ladder::only(Classes)
    }

    fn solution(&self) -> Solution {
        Solution::Constants
    }

    fn inverts(&self, _: Level) -> bool {
        false
    }

    fn refused(&self, layer: &LayerTask, n: usize) -> Option<Diagnostic> {
        if layer.circuit.layers.len() != 1 {
            return Some(problems::no_bigrams(layer, 0, "the circuit has other layers"));
        }
        let tokens = tokens(layer);
        let fault = |target_idx: usize| {
            let record = &layer.circuit.gates[target_idx];
            let operands = layer.circuit.operands(GateId(target_idx as u32));
            let sums = [Kind::Copy, Kind::Or, Kind::Xor, Kind::AtLeast(1), Kind::Exactly(1)];
            let is_sum = sums.contains(&record.kind);
            let reads_one = operands.iter().all(|operand| {
                !operand.negated() && tokens.is_some_and(|tokens| tokens.contains(&Member::One(operand.signal().0)))
            });
            match (is_sum && !record.complemented, reads_one) {
                (false, _) => Some("it is no `any`, and no copy"),
                (_, false) => Some("it reads what is not one of the tokens"),
                _ => None,
            }
        };
        let found = (0..layer.n_gates()).find_map(|target_idx| Some((target_idx, fault(target_idx)?)));
        let needed = classes(layer).len();
        match found {
            Some((target_idx, why)) => Some(problems::no_bigrams(layer, target_idx, why)),
            None => (n < needed).then(|| problems::too_few_coordinates(layer, n, needed)),
        }
    }
}

/// The group of which always one is on, that the first gate reads.
fn tokens<'a>(layer: &LayerTask<'a>) -> Option<&'a [Member]> {
    let distribution = &layer.circuit.distribution;
    let first = layer.circuit.operands(GateId(0)).first()?.signal().0;
    let of = |clause: &'a Clause| {
        let (members, count) = clause.chosen()?;
        (*count == (1..=1) && members.contains(&Member::One(first))).then_some(members)
    };
    distribution.clauses.iter().filter(|_| distribution.rows.is_none()).find_map(of)
}

/// By which targets are on for a token, ascending: the tokens, in the order of the first of each class.
fn classes(layer: &LayerTask) -> Vec<(Vec<u32>, Vec<u32>)> {
    let mut targets_of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for target_idx in 0..layer.n_gates() {
        for signal in layer.operands(target_idx) {
            targets_of.entry(layer.column(signal)).or_default().push(target_idx as u32);
        }
    }
    let mut classes: Vec<(Vec<u32>, Vec<u32>)> = Vec::new();
    let mut place_of: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
    for (token, targets) in targets_of {
        let place = *place_of.entry(targets.clone()).or_insert(classes.len());
        if place == classes.len() {
            classes.push((targets, Vec::new()));
        }
        classes[place].1.push(token);
    }
    classes
}

/// There is nothing to choose.
struct Classes;

impl Wiring for Classes {
    fn wire(&self, site: &Site, _: &mut Pcg64) -> Code {
        let (task, n) = (site.task, site.n);
        let mut compute = SparseMatrix::with_columns(task.below.len());
        let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); task.targets.len()];
        for (coordinate, (targets, tokens)) in (0..).zip(classes(task)) {
            compute.push_row(tokens.into_iter().map(|token| (token, 1.0)));
            targets.into_iter().for_each(|target| rows[target as usize].push((coordinate, 1.0)));
        }
        while compute.n_rows < n {
            compute.push_row([]);
        }
        let mut readoff = SparseMatrix::with_columns(n);
        rows.into_iter().for_each(|row| readoff.push_row(row));
        let compute = Matrix::Sparse(compute);
        let (weight, bias) = (site.weight(&compute), vec![0.0; n]);
        let block = Polynomial { activation: network::Activation::Linear, weight, bias };
        Code {
            compute,
            block: Some(Block::Polynomial(block)),
            readoff: Matrix::Sparse(readoff),
            readoff_bias: vec![0.0; task.targets.len()],
            ..Code::empty()
        }
    }
}
