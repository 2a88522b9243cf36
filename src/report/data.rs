//! What a page is made of: names, wiring, weights, figures.
//!
//! Signals are numbers here, features first, then gates; gates are as written unless something else is said. Must not
//! know what is drawn.

use std::borrow::Cow;

use ndarray::Array2;
use serde::Serialize;

use super::encode::{Numbers, Table};
use super::response::Response;
use crate::circuit::{Circuit, GateId};
use crate::evaluate::Report;
use crate::evaluate::accuracy::{LEADING, Quantile};
use crate::evaluate::parts::GateReport;
use crate::evaluate::worst::Worst;
use crate::network::matrix::Matrix;
use crate::network::{Block, Layer, Network};

/// What there is to show. Network and report must belong to the circuit.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub circuit: &'a Circuit,
    pub network: &'a Network,
    pub report: &'a Report,
    pub worst: &'a Worst,
    /// What it is held against; or why there is nothing.
    pub baseline: Result<Baseline<'a>, &'a str>,
}

/// The linear code of the same width, on the same inputs.
#[derive(Debug, Clone, Copy)]
pub struct Baseline<'a> {
    pub network: &'a Network,
    pub report: &'a Report,
    pub worst: &'a Worst,
}

#[derive(Serialize)]
pub struct Data<'a> {
    version: &'static str,
    circuit: &'a str,
    features: Vec<&'a str>,
    gates: Gates<'a>,
    outputs: Vec<u32>,
    layers: Vec<LayerData<'a>>,
    dictionary: Option<Dictionary<'a>>,
    /// How many linear spaces stand in another basis than they were made in.
    mixed: usize,
    heads: Vec<&'a str>,
    /// Inputs of the evaluation.
    inputs: &'a [Vec<u32>],
    figures: Figures,
    baseline: Option<Figures>,
    baseline_response: Option<Response>,
    no_baseline: Option<&'a str>,
}

/// Columns, a value for each gate.
#[derive(Serialize)]
struct Gates<'a> {
    names: Vec<&'a str>,
    kinds: Vec<&'static str>,
    /// Of those that count; else 0.
    counts: Vec<u32>,
    layers: Vec<u32>,
    /// Operands of gate g are `operands[starts[g]..starts[g + 1]]`, each 2 · signal + 1 if it is negated.
    starts: Vec<u32>,
    operands: Vec<u32>,
    /// Those whose complement is stored.
    complemented: Vec<u32>,
    /// On which inputs it is measured: `sampled`, `planted`, `all`, `never`.
    measured: Vec<&'static str>,
    /// The input on which a gate is read worst: features that are on, as operands above; what is true, and read.
    worst_starts: Vec<u32>,
    worst_on: Vec<u32>,
    worst_truth: Vec<u8>,
    worst_wrong: Vec<u8>,
    worst_reading: Numbers,
}

#[derive(Serialize)]
struct LayerData<'a> {
    name: &'a str,
    width: usize,
    /// `relu`, `bilinear`, `quadratic`, `linear`.
    activation: &'static str,
    corrects: bool,
    n_gates: usize,
    /// What it reads off, its gates first.
    signals: Vec<u32>,
    weight: Table,
    bias: Numbers,
    /// Of a stream: W_out and b_out.
    writes: Option<Table>,
    offset: Option<Numbers>,
    readoff: Table,
    readoff_bias: Numbers,
    /// In terms of the stored signals.
    threshold: Numbers,
    /// What C reads, in the order of its columns.
    below: Vec<u32>,
    /// C, where it is not W itself.
    compute: Option<Table>,
    /// D, where it is neither the identity nor what the layer below reads off.
    decompress: Option<Table>,
}

#[derive(Serialize)]
struct Dictionary<'a> {
    embedding: Table,
    kind: &'a str,
}

/// How a network does.
#[derive(Serialize)]
struct Figures {
    /// As `eval --json` has it, without gates.
    report: Report,
    /// Of the read-offs of its histogram those on the wrong side of their thresholds.
    off_wrong: Vec<u64>,
    on_wrong: Vec<u64>,
    /// ε at 99 %, by layer.
    epsilon: Vec<Option<f32>>,
    /// By gate: the largest error, and inputs on which it is read wrong.
    errors: Numbers,
    wrong: Vec<u64>,
    /// By rank, the median over all features of how much each adds to the neurons of the first layer, in size.
    code: Numbers,
    /// By gate, how many neurons serve it; by layer and neuron, how many gates it serves.
    neurons_of_gate: Vec<u32>,
    gates_of_neuron: Vec<Vec<u32>>,
}

/// A neuron serves a gate if over the inputs it moves the read-off by more than this.
const SERVES: f32 = 0.1;

impl<'a> Data<'a> {
    pub fn of(subject: &Subject<'a>) -> Data<'a> {
        let Subject { circuit, network, report, worst, baseline } = *subject;
        Data {
            version: env!("CARGO_PKG_VERSION"),
            circuit: &circuit.name,
            features: (0..circuit.n_features()).map(|feature| circuit.names.get(feature)).collect(),
            gates: Gates::of(circuit, report, worst),
            outputs: circuit.outputs.iter().map(|signal| signal.0).collect(),
            layers: (0..network.layers.len()).map(|layer_idx| LayerData::of(circuit, network, layer_idx)).collect(),
            dictionary: network
                .dictionary
                .as_ref()
                .map(|dictionary| Dictionary { embedding: Table::of(&dictionary.embedding), kind: &dictionary.kind }),
            mixed: network.header.mixed.len(),
            heads: network.heads.iter().map(|head| head.name.as_str()).collect(),
            inputs: &worst.first,
            figures: Figures::of(network, report, worst),
            baseline: baseline.ok().map(|of| Figures::of(of.network, of.report, of.worst)),
            baseline_response: baseline.ok().map(|of| Response::of(circuit, of.network)),
            no_baseline: baseline.err(),
        }
    }
}

impl<'a> Gates<'a> {
    fn of(circuit: &'a Circuit, report: &Report, worst: &Worst) -> Gates<'a> {
        let ids = || (0..circuit.n_gates() as u32).map(GateId);
        let operands = ids().map(|gate| {
            let of_gate = circuit.operands(gate).iter();
            of_gate.map(|&operand| operand.signal().0 << 1 | u32::from(circuit.is_negated(operand))).collect()
        });
        let (starts, operands) = ragged(operands);
        let (worst_starts, worst_on) = ragged(worst.gates.iter().map(|gate| gate.on.clone()));
        let complemented = ids().filter(|gate| circuit.gates[gate.0 as usize].complemented).map(|gate| gate.0);
        Gates {
            names: ids().map(|gate| circuit.name(circuit.gate_signal(gate))).collect(),
            kinds: circuit.gates.iter().map(|gate| gate.kind.name()).collect(),
            counts: circuit.gates.iter().map(|gate| gate.kind.count().unwrap_or(0)).collect(),
            layers: circuit.gates.iter().map(|gate| gate.layer).collect(),
            starts,
            operands,
            complemented: complemented.collect(),
            measured: report.gates.iter().map(|gate| gate.measured.name()).collect(),
            worst_starts,
            worst_on,
            worst_truth: worst.gates.iter().map(|gate| gate.truth.into()).collect(),
            worst_wrong: worst.gates.iter().map(|gate| gate.is_wrong.into()).collect(),
            worst_reading: Numbers::f32(worst.gates.iter().map(|gate| gate.reading)),
        }
    }
}

/// Lists, one after the other, with where each begins and the last ends.
fn ragged(lists: impl Iterator<Item = Vec<u32>>) -> (Vec<u32>, Vec<u32>) {
    let (mut starts, mut all) = (vec![0], Vec::new());
    for list in lists {
        all.extend(list);
        starts.push(all.len() as u32);
    }
    (starts, all)
}

impl<'a> LayerData<'a> {
    fn of(circuit: &'a Circuit, network: &'a Network, layer_idx: usize) -> LayerData<'a> {
        let layer = &network.layers[layer_idx];
        let Layer { block, factors, readoff, .. } = layer;
        let residual = match block {
            Block::Residual(residual) => Some(residual),
            Block::Relu(_) | Block::Polynomial(_) => None,
        };
        let weight = block.weight();
        let is_weight = factors.compute.shape() == weight.dim() && factors.compute.to_dense() == *weight;
        LayerData {
            name: &layer.name,
            width: layer.width(),
            activation: block.activation().map_or("relu", |activation| activation.name()),
            corrects: circuit.layers[layer_idx].corrects,
            n_gates: layer.n_gates(),
            signals: circuit.layer_signals(layer_idx).map(|signal| signal.0).collect(),
            weight: Table::dense(weight),
            bias: Numbers::f32(block.bias().iter().copied()),
            writes: residual.map(|residual| Table::dense(&residual.writes)),
            offset: residual.map(|residual| Numbers::f32(residual.offset.iter().copied())),
            readoff: Table::of(&readoff.matrix),
            readoff_bias: Numbers::f32(readoff.bias.iter().copied()),
            threshold: Numbers::f32(readoff.threshold.iter().copied()),
            below: circuit.signals_below(layer_idx).iter().map(|signal| signal.0).collect(),
            compute: (!is_weight).then(|| Table::of(&factors.compute)),
            decompress: factors.decompress.as_ref().map(Table::of),
        }
    }
}

impl Figures {
    fn of(network: &Network, report: &Report, worst: &Worst) -> Figures {
        let without_gates = Report { gates: Vec::new(), ..report.clone() };
        let leading = |layer: &Vec<_>| epsilon_at(layer, LEADING);
        let (neurons_of_gate, gates_of_neuron) = serving(network, worst);
        Figures {
            report: without_gates,
            off_wrong: report.histogram.off_wrong.to_vec(),
            on_wrong: report.histogram.on_wrong.to_vec(),
            epsilon: worst.layers.iter().map(leading).collect(),
            errors: Numbers::f32(report.gates.iter().map(|gate: &GateReport| gate.error_max)),
            wrong: report.gates.iter().map(|gate| gate.wrong).collect(),
            code: Numbers::f32(median_code(network)),
            neurons_of_gate,
            gates_of_neuron,
        }
    }
}

fn epsilon_at(quantiles: &[Quantile], share: f64) -> Option<f32> {
    quantiles.iter().find(|quantile| quantile.share == share).map(|quantile| quantile.epsilon)
}

/// How many neurons serve each gate, and how many gates each neuron of each layer.
fn serving(network: &Network, worst: &Worst) -> (Vec<u32>, Vec<Vec<u32>>) {
    let (mut of_gates, mut of_neurons) = (Vec::new(), Vec::new());
    for (layer, ranges) in network.layers.iter().zip(&worst.ranges) {
        let readoff = layer.neuron_readoff();
        let mut of_layer = vec![0; layer.width()];
        let mut row = vec![0f32; layer.width()];
        for signal_idx in 0..layer.n_gates() {
            readoff.copy_row(signal_idx, &mut row);
            let mut n = 0;
            for ((weight, (low, high)), count) in row.iter().zip(ranges).zip(&mut of_layer) {
                let serves = u32::from(weight.abs() * (high - low) > SERVES);
                (n, *count) = (n + serves, *count + serves);
            }
            of_gates.push(n);
        }
        of_neurons.push(of_layer);
    }
    (of_gates, of_neurons)
}

/// What each feature adds to the neurons of layer 0, sorted by size, the greatest first; by rank the median feature's.
fn median_code(network: &Network) -> Vec<f32> {
    let Some(layer) = network.layers.first() else { return Vec::new() };
    let weight = layer.block.weight();
    let map: Cow<Array2<f32>> = match &network.dictionary {
        Some(dictionary) => Cow::Owned(Matrix::Dense(weight.clone()).product(&dictionary.embedding)),
        None => Cow::Borrowed(weight),
    };
    let sorted: Vec<Vec<f32>> = map
        .columns()
        .into_iter()
        .map(|column| {
            let mut sizes: Vec<f32> = column.iter().map(|weight| weight.abs()).collect();
            sizes.sort_by(|a, b| b.total_cmp(a));
            sizes
        })
        .collect();
    (0..map.nrows())
        .map(|rank| {
            let mut sizes: Vec<f32> = sorted.iter().map(|code| code[rank]).collect();
            sizes.sort_by(f32::total_cmp);
            sizes[sizes.len() / 2]
        })
        .collect()
}
