//! What is known of a program without compiling it: the shape of its circuit, and the bounds that its layers meet.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Head, Program, Width};
use crate::bounds::{Bounds, EXPLANATIONS, bounds, score_error};
use crate::circuit::{Cases, Circuit, Influence};

/// What is known of a circuit without compiling it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facts {
    pub name: String,
    pub features: u64,
    pub gates: u64,
    pub outputs: u64,
    /// Gates by kind, in the order of the kinds' names.
    pub kinds: BTreeMap<&'static str, u64>,
    /// The expected number of features that are on, without plants; of rows their mean.
    pub active_features: f64,
    pub layers: Vec<LayerFacts>,
    /// Left out of the JSON where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<HeadFacts>,
    /// What each figure of `bounds` is, by its field.
    pub explanations: BTreeMap<&'static str, &'static str>,
}

/// One attention head.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeadFacts {
    pub name: String,
    pub rank: u32,
    /// That stored features share.
    pub dimensions: u32,
    pub tokens: u32,
    pub matches: u64,
    /// How far scores are off by the formula, planted matches left out: see [`score_error`]. `None` where some
    /// features are not stored.
    pub score_error_expected: Option<f64>,
}

/// One layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerFacts {
    pub name: String,
    pub gates: u64,
    pub kinds: BTreeMap<&'static str, u64>,
    /// Signals from below that it carries to a layer above the next.
    pub carried: u64,
    /// Gates that are stored as their complement.
    pub complemented: u64,
    /// Operands of a gate.
    pub fan_in: Spread,
    /// Gates of this layer that read one and the same input, over the inputs that any of them reads.
    pub influence: Spread,
    /// The inputs that any gate of this layer reads.
    pub inputs_read: u64,
    /// Gates by the influence of what they read: see [`Case`](crate::circuit::Case).
    pub cases: Cases,
    /// The greatest influence that is low: m'^{1/4} of m' gates.
    pub most_low: f64,
    /// Neurons, where the file says.
    pub width: Option<u32>,
    pub bounds: Bounds,
}

/// The spread of a count.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    pub min: u64,
    pub mean: f64,
    pub max: u64,
}

/// The facts of a program. Widths are those of its `network` block.
pub fn facts(program: &Program) -> Facts {
    let circuit = &program.circuit;
    let active = circuit.distribution.active_features();
    let layers = (0..circuit.layers.len()).map(|layer| layer_facts(program, layer, active)).collect();
    Facts {
        name: circuit.name.clone(),
        features: circuit.n_features() as u64,
        gates: circuit.n_gates() as u64,
        outputs: circuit.outputs.len() as u64,
        kinds: kinds(circuit, 0..circuit.n_gates()),
        active_features: active,
        layers,
        heads: head_facts(program, active),
        explanations: EXPLANATIONS.into_iter().collect(),
    }
}

fn kinds(circuit: &Circuit, gates: std::ops::Range<usize>) -> BTreeMap<&'static str, u64> {
    let mut kinds = BTreeMap::new();
    circuit.gates[gates].iter().for_each(|gate| *kinds.entry(gate.kind.name()).or_insert(0) += 1);
    kinds
}

fn head_facts(program: &Program, active: f64) -> Vec<HeadFacts> {
    let n_features = program.circuit.n_features();
    let are_all_stored = program.settings.stored_features(n_features).len() == n_features;
    let dimensions = program.settings.stream_dimensions().unwrap_or(0);
    let of_head = |head: &Head| {
        let n_matches = head.matches.len() as f64;
        let expected = score_error([active, active], n_matches, dimensions.into(), head.rank.into());
        HeadFacts {
            name: head.name.clone(),
            rank: head.rank,
            dimensions,
            tokens: head.tokens,
            matches: head.matches.len() as u64,
            score_error_expected: are_all_stored.then_some(expected),
        }
    };
    program.heads.iter().map(of_head).collect()
}

fn layer_facts(program: &Program, layer_idx: usize, active: f64) -> LayerFacts {
    let circuit = &program.circuit;
    let layer = &circuit.layers[layer_idx];
    let range = layer.gates.start as usize..layer.gates.end as usize;
    let gates = &circuit.gates[range.clone()];
    let influence = Influence::of(circuit, layer_idx);
    let n_inputs = match layer_idx {
        0 => circuit.n_features(),
        _ => circuit.layers[layer_idx - 1].n_signals(),
    };
    let width = match program.settings.width_of(layer_idx) {
        Some(Width::Neurons(neurons)) => Some(neurons),
        Some(Width::Auto) | None => None,
    };
    LayerFacts {
        name: layer.name.clone(),
        gates: gates.len() as u64,
        kinds: kinds(circuit, range),
        carried: layer.carried.len() as u64,
        complemented: gates.iter().filter(|gate| gate.complemented).count() as u64,
        fan_in: spread(gates.iter().map(|gate| gate.n_operands as u64)),
        influence: spread(influence.counts().map(u64::from)),
        inputs_read: influence.counts().count() as u64,
        cases: circuit.cases(layer_idx).into_iter().collect(),
        most_low: libm::pow(gates.len() as f64, 0.25),
        width,
        bounds: bounds(gates.len() as f64, n_inputs as f64, active, width),
    }
}

fn spread(counts: impl Iterator<Item = u64>) -> Spread {
    let (mut n, mut sum, mut min, mut max) = (0u64, 0u64, u64::MAX, 0);
    for count in counts {
        n += 1;
        sum += count;
        min = min.min(count);
        max = max.max(count);
    }
    if n == 0 { Spread { min: 0, mean: 0.0, max: 0 } } else { Spread { min, mean: sum as f64 / n as f64, max } }
}
