//! What `superpose show` says about a circuit: its shape, and the bounds that its layers meet.
//!
//! The bounds are asymptotic statements with every constant set to 1: yardsticks, not promises. Counting floor,
//! capacity and storage: counting arguments (Adler & Shavit 2024 give the floor, and a construction above it); the
//! conditions of universal AND: Vaintrob, Mendel, Hänni 2024.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Circuit, Clause, Member, Width};

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
    /// What each figure of `bounds` is, by its field.
    pub explanations: BTreeMap<&'static str, &'static str>,
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

/// The bounds of one layer with m' gates over m inputs, s of them on, and n neurons; constants are 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bounds {
    /// Neurons: sqrt(m' log2 m').
    pub counting_floor: f64,
    /// Neurons: sqrt(m') log2 m'.
    pub adler_shavit: f64,
    /// Neurons: log2 m'.
    pub storage: f64,
    /// Gates: n^2 / log2 n.
    pub capacity: Option<f64>,
    /// Universal AND: the least density p of its wiring, sqrt(2 ln m / n).
    pub universal_density: Option<f64>,
    /// Universal AND: s p at that density, which must be far below 1.
    pub universal_load: Option<f64>,
    /// Universal AND: the neurons at which s p = 1 meets p^2 n = 2 ln m: 2 s^2 ln m.
    pub universal_floor: f64,
}

const EXPLANATIONS: [(&str, &str); 7] = [
    ("counting_floor", "neurons that any compressed layer of so many gates needs, by counting: sqrt(m' log2 m')"),
    ("adler_shavit", "neurons that the construction of Adler & Shavit needs: sqrt(m') log2 m'"),
    ("storage", "neurons that only store the gates' values, computing nothing: log2 m'"),
    ("capacity", "gates that a layer of n neurons can hold, by counting: n^2 / log2 n"),
    ("universal_density", "least density p of the universal-AND wiring: p^2 n >= 2 ln m"),
    ("universal_load", "s p at that density, to be far below 1: active inputs must rarely share a neuron"),
    ("universal_floor", "neurons at which both conditions of universal AND meet: 2 s^2 ln m"),
];

/// The facts of a circuit. Widths are those of its `network` block.
pub fn facts(circuit: &Circuit) -> Facts {
    let active = active_features(circuit);
    let mut readers = vec![0u64; circuit.n_signals()];
    let layers = (0..circuit.layers.len()).map(|layer| layer_facts(circuit, layer, active, &mut readers)).collect();
    Facts {
        name: circuit.name.clone(),
        features: circuit.n_features() as u64,
        gates: circuit.n_gates() as u64,
        outputs: circuit.outputs.len() as u64,
        kinds: kinds(circuit, 0..circuit.n_gates()),
        active_features: active,
        layers,
        explanations: EXPLANATIONS.into_iter().collect(),
    }
}

fn kinds(circuit: &Circuit, gates: std::ops::Range<usize>) -> BTreeMap<&'static str, u64> {
    let mut kinds = BTreeMap::new();
    circuit.gates[gates].iter().for_each(|gate| *kinds.entry(gate.kind.name()).or_insert(0) += 1);
    kinds
}

/// `readers` is 0 for every signal, and is left so.
fn layer_facts(circuit: &Circuit, layer_idx: usize, active: f64, readers: &mut [u64]) -> LayerFacts {
    let layer = &circuit.layers[layer_idx];
    let range = layer.gates.start as usize..layer.gates.end as usize;
    let gates = &circuit.gates[range.clone()];
    let operands = match (gates.first(), gates.last()) {
        (Some(first), Some(last)) => {
            &circuit.operands[first.first_operand as usize..(last.first_operand + last.n_operands) as usize]
        }
        _ => &[],
    };
    let mut read: Vec<usize> = Vec::new();
    for gate in gates {
        let mut own: Vec<usize> = circuit.operands[gate.first_operand as usize..][..gate.n_operands as usize]
            .iter()
            .map(|literal| literal.signal().0 as usize)
            .collect();
        // A gate that reads an input twice is one reader.
        own.sort_unstable();
        own.dedup();
        for signal in own {
            if readers[signal] == 0 {
                read.push(signal);
            }
            readers[signal] += 1;
        }
    }
    debug_assert_eq!(operands.len() as u64, gates.iter().map(|gate| gate.n_operands as u64).sum::<u64>());
    let influence = spread(read.iter().map(|&signal| readers[signal]));
    read.iter().for_each(|&signal| readers[signal] = 0);
    let n_inputs = match layer_idx {
        0 => circuit.n_features(),
        _ => circuit.layers[layer_idx - 1].n_signals(),
    };
    let width = circuit
        .settings
        .layer_widths
        .iter()
        .find(|(layer, _)| *layer as usize == layer_idx)
        .map(|(_, width)| *width)
        .or(circuit.settings.width);
    let width = match width {
        Some(Width::Neurons(neurons)) => Some(neurons),
        _ => None,
    };
    LayerFacts {
        name: layer.name.clone(),
        gates: gates.len() as u64,
        kinds: kinds(circuit, range),
        carried: layer.carried.len() as u64,
        complemented: gates.iter().filter(|gate| gate.complemented).count() as u64,
        fan_in: spread(gates.iter().map(|gate| gate.n_operands as u64)),
        influence,
        inputs_read: read.len() as u64,
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

/// The bounds of a layer with `n_gates` gates over `n_inputs` inputs, `active` of them on.
///
/// Above the first layer `active` is still the number of features that are on: how many gates are on is not known
/// before sampling.
pub fn bounds(n_gates: f64, n_inputs: f64, active: f64, width: Option<u32>) -> Bounds {
    let log2 = |x: f64| libm::log2(x.max(1.0));
    let ln_inputs = libm::log(n_inputs.max(1.0));
    let width = width.map(f64::from);
    let density = width.map(|n| libm::sqrt(2.0 * ln_inputs / n).min(1.0));
    Bounds {
        counting_floor: libm::sqrt(n_gates * log2(n_gates)),
        adler_shavit: libm::sqrt(n_gates) * log2(n_gates),
        storage: log2(n_gates),
        capacity: width.filter(|&n| n > 1.0).map(|n| n * n / log2(n)),
        universal_density: density,
        universal_load: density.map(|p| active * p),
        universal_floor: 2.0 * active * active * ln_inputs,
    }
}

/// The expected number of features that are on.
fn active_features(circuit: &Circuit) -> f64 {
    let distribution = &circuit.distribution;
    if let Some(rows) = &distribution.rows {
        return rows.inputs.active.len() as f64 / rows.inputs.len().max(1) as f64;
    }
    distribution
        .clauses
        .iter()
        .map(|clause| match clause {
            Clause::Each { features, probability } => features.len() as f64 * probability,
            Clause::Choose { members, count } => {
                let total: f64 = members
                    .iter()
                    .map(|member| match member {
                        Member::One(_) => 1.0,
                        Member::Row(row) => row.len() as f64 / 2.0,
                    })
                    .sum();
                let mean_count = (*count.start() as f64 + *count.end() as f64) / 2.0;
                mean_count * total / members.len().max(1) as f64
            }
        })
        .sum()
}
