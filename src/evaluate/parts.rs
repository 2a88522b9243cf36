//! The parts of a report: of each layer and each gate, by how many operands are on; made of what a run counts.
//!
//! Must not know what is asked of the figures.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use super::accuracy::{Accuracy, WorstErrors};
use super::bending::Activity;
use super::corrections::Pass;
use super::groups::Contest;
use super::histogram::Histogram;
use super::seldom::Seldom;
use super::statistics::{GateStatistics, Tally};
use crate::circuit::{Cases, Circuit, GateId, Operand};
use crate::network::Network;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerReport {
    pub name: String,
    pub width: usize,
    pub gates: usize,
    /// The share of inputs on which every gate of this layer is right.
    pub reliability: f64,
    /// `None` without gates.
    pub error_max: Option<f32>,
    pub error_rms: Option<f64>,
    /// Of the neurons whose removal would move a read-off by more than 0.01 on some input, the share that is awake on
    /// one input at least and on less than 99 % of them. `None` where no neuron would.
    pub bending: Option<f64>,
    /// Signals that pass through for a layer above; they count in none of the figures.
    pub carried: usize,
    /// max |W − C·D| with max |W| as unit: more than rounding where somebody changed the weights. The figures are of W.
    pub factor_error: f32,
    /// Of a construction that routes gates by the influence of what they read, how many go where; left out of the JSON
    /// of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cases: Option<Cases>,
}

/// A figure without any input that it could speak of is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateReport {
    pub name: String,
    pub kind: &'static str,
    pub layer: u32,
    /// Of the gate as written.
    pub threshold: f32,
    pub error_max: f32,
    pub rms_on: Option<f64>,
    pub rms_off: Option<f64>,
    /// A share of the inputs on which the gate is on.
    pub false_negative: Option<f64>,
    /// A share of the inputs on which the gate is off.
    pub false_positive: Option<f64>,
    /// The lowest read-off when on less the highest when off.
    pub margin: Option<f32>,
    /// Whether the network computes the complement.
    pub complemented: bool,
    /// On which inputs.
    pub measured: Basis,
    /// Inputs on which the gate is on.
    pub inputs_on: u64,
    /// Inputs on which it is read wrong.
    pub wrong: u64,
    pub classes: Classes,
    /// Of plain inputs those on which it is read wrong, with none, some and all of its stored operands on.
    #[serde(skip)]
    pub plain_wrong: [u64; 3],
    /// As in [`WrittenGate`](crate::circuit::WrittenGate).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    pub operands: Vec<Operand>,
}

/// Which inputs the figures of a gate are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Drawn from the circuit's distribution.
    Sampled,
    /// These, and some in which the gate is on, or off: each figure is conditional on the side that it speaks of.
    Planted,
    /// All that there are.
    All,
    /// The gate was never seen on, or never off, though nothing says that it cannot be.
    Never,
}

impl GateReport {
    /// Whether it is missed, or false, more often than not.
    pub fn is_mostly_wrong(&self) -> bool {
        [self.false_negative, self.false_positive].into_iter().flatten().any(|share| share > 0.5)
    }
}

impl Basis {
    pub fn name(self) -> &'static str {
        match self {
            Basis::Sampled => "sampled",
            Basis::Planted => "planted",
            Basis::All => "all",
            Basis::Never => "never",
        }
    }
}

impl Serialize for Basis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Gates on inputs of their own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Planted {
    pub gates: u64,
    /// Of these gates alone.
    pub readoffs: u64,
    pub wrong: u64,
    pub error_max: Option<f32>,
    /// Gates for which no such input was found, by name and the side that was never seen.
    pub unknown: Vec<(String, &'static str)>,
}

/// By how many of the stored operands were on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Classes {
    pub none: ClassReport,
    pub some: ClassReport,
    pub all: ClassReport,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ClassReport {
    /// Read-offs of this class.
    pub readoffs: u64,
    pub wrong: u64,
    pub error_max: Option<f32>,
    pub error_rms: Option<f64>,
}

/// What a run counts, over all its inputs.
pub(super) struct Counts {
    pub n_inputs: u64,
    /// Inputs with every gate of every layer right.
    pub n_right: u64,
    /// By layer.
    pub n_layer_right: Vec<u64>,
    pub n_outputs_right: u64,
    pub accuracy: Vec<Accuracy>,
    pub output_accuracy: Vec<Accuracy>,
    /// Over the gates of every layer.
    pub errors: WorstErrors,
    pub activity: Activity,
    /// By gate.
    pub gates: Vec<GateStatistics>,
    /// By layer that corrects.
    pub passes: Vec<Pass>,
    /// Of arrays of outputs.
    pub contests: Vec<Contest>,
    /// As written.
    pub histogram: Histogram,
}

pub(super) fn output_gates(circuit: &Circuit) -> Vec<GateId> {
    let gates = (0..circuit.n_gates() as u32).map(GateId);
    gates.filter(|&gate| circuit.is_output(circuit.gate_signal(gate))).collect()
}

/// What `usual` chose.
pub(super) fn usual_inputs(circuit: &Circuit) -> String {
    let most = circuit.distribution.clauses.iter().map(|clause| match clause.chosen() {
        Some((_, count)) => *count.end(),
        None => clause.coins().count() as u32,
    });
    let planted = if circuit.distribution.plant > 0.0 { ", half planted" } else { "" };
    let n = circuit.n_features;
    format!("0 to {} of {n} on{planted}: no `sample` block", most.sum::<u32>())
}

/// What the gates' own inputs show.
pub(super) fn planted_report(circuit: &Circuit, seldom: &Seldom) -> Planted {
    let ClassReport { readoffs, wrong, error_max, .. } =
        total(seldom.own.values().flat_map(|gate| [gate.stored(false), gate.stored(true)]));
    let unknown = seldom.unknown.iter().map(|side| {
        let signal = circuit.gate_signal(side.gate);
        let as_written = side.value != circuit.is_complemented(signal);
        (circuit.name(signal).to_owned(), if as_written { "on" } else { "off" })
    });
    Planted { gates: seldom.own.len() as u64, readoffs, wrong, error_max, unknown: unknown.collect() }
}

pub(super) fn gate_reports(
    circuit: &Circuit,
    network: &Network,
    exhaustive: bool,
    counts: &Counts,
    seldom: &Seldom,
) -> Vec<GateReport> {
    let unknown: BTreeSet<GateId> = seldom.unknown.iter().map(|side| side.gate).collect();
    let gates = circuit.gates.iter().zip(&counts.gates).enumerate();
    gates
        .map(|(gate_idx, (gate, statistics))| {
            let gate_id = GateId(gate_idx as u32);
            let (layer_idx, signal_idx) = circuit.place(gate_id);
            let threshold = network.layers[layer_idx].readoff.threshold[signal_idx];
            let own = seldom.own.get(&gate_id);
            let measured = match own {
                _ if exhaustive => Basis::All,
                _ if unknown.contains(&gate_id) => Basis::Never,
                Some(_) => Basis::Planted,
                None => Basis::Sampled,
            };
            let mut statistics = statistics.clone();
            let plain = class_reports(std::slice::from_ref(&statistics));
            own.iter().for_each(|own| statistics.add_all(own));
            let on = statistics.stored(!gate.complemented);
            let off = statistics.stored(gate.complemented);
            let share = |tally: Tally| (tally.n_inputs > 0).then(|| tally.n_wrong as f64 / tally.n_inputs as f64);
            let both = on.n_inputs > 0 && off.n_inputs > 0;
            GateReport {
                name: circuit.name(circuit.gate_signal(gate_id)).to_owned(),
                kind: gate.kind.name(),
                layer: gate.layer,
                threshold: if gate.complemented { 1.0 - threshold } else { threshold },
                error_max: on.with(off).error_max,
                rms_on: on.rms(),
                rms_off: off.rms(),
                false_negative: share(on),
                false_positive: share(off),
                // 1 − lowest stored on is the highest off as written, and so on: the difference is the same.
                margin: both.then_some(statistics.lowest_on - statistics.highest_off),
                complemented: gate.complemented,
                measured,
                inputs_on: on.n_inputs,
                wrong: on.n_wrong + off.n_wrong,
                classes: class_reports(std::slice::from_ref(&statistics)),
                plain_wrong: [plain.none, plain.some, plain.all].map(|class| class.wrong),
                count: gate.kind.count(),
                operands: circuit.written_operands(gate_id),
            }
        })
        .collect()
}

/// The construction that routes gates by influence.
const ROUTED: &str = "channels";

pub(super) fn layer_reports(circuit: &Circuit, network: &Network, counts: &Counts) -> Vec<LayerReport> {
    let bending = counts.activity.bending(network);
    let is_routed = network.header.construction == ROUTED && network.header.opt_level < 2;
    let layers = circuit.layers.iter().zip(&network.layers).zip(&counts.n_layer_right).zip(bending);
    layers
        .zip(network.factor_errors())
        .enumerate()
        .map(|(layer_idx, ((((layer, weights), &n_right), bending), factor_error))| {
            let gates = &counts.gates[layer.gates.start as usize..layer.gates.end as usize];
            let total = total(gates.iter().flat_map(|gate| [gate.stored(false), gate.stored(true)]));
            LayerReport {
                name: layer.name.clone(),
                width: weights.width(),
                gates: gates.len(),
                reliability: n_right as f64 / counts.n_inputs as f64,
                error_max: total.error_max,
                error_rms: total.error_rms,
                bending,
                carried: layer.carried.len(),
                factor_error: factor_error.share(),
                cases: is_routed.then(|| circuit.cases(layer_idx).into_iter().collect()),
            }
        })
        .collect()
}

pub(super) fn class_reports(gates: &[GateStatistics]) -> Classes {
    Classes {
        none: total(gates.iter().map(|gate| gate.none)),
        some: total(gates.iter().flat_map(|gate| gate.some)),
        all: total(gates.iter().flat_map(|gate| gate.all)),
    }
}

fn total(tallies: impl Iterator<Item = Tally>) -> ClassReport {
    let total = tallies.fold(Tally::default(), Tally::with);
    ClassReport {
        readoffs: total.n_inputs,
        wrong: total.n_wrong,
        error_max: (total.n_inputs > 0).then_some(total.error_max),
        error_rms: total.rms(),
    }
}
