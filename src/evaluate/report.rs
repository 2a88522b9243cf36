//! The result of an evaluation: what `eval --json` prints, and what the text report is made of.
//!
//! Figures speak of each gate as written: a complement's read-off is 1 − the stored one, its on-inputs are the stored
//! signal's off-inputs. Must not know how the figures were gathered, nor how they are laid out.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use super::accuracy::{Accuracy, Quantile, WorstErrors, by_epsilon, by_share};
use super::bending::Activity;
use super::histogram::Histogram;
use super::sampling::Sampling;
use super::seldom::Seldom;
use super::statistics::{GateStatistics, Tally};
use super::without_relu::WithoutRelu;
use crate::circuit::{Circuit, Clause, GateId, Operand};
use crate::network::{Fit, Network};
use crate::program::{Claim, Goal, Measure, Program, Requirement, Scope, Sides, Status};
use crate::readings::{self, Confidence, Measured, Share};
use crate::text::precise;

/// Everything known about a network's run. Other programs rely on the fields up to `requirements`: add, never rename.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub circuit: String,
    pub opt_level: u8,
    pub construction: String,
    pub seed: u64,
    /// Neurons, by layer.
    pub widths: Vec<usize>,
    /// Dimensions of the stream that layers add to; left out of the JSON where they do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<usize>,
    /// Nonzeros of all W and b, and of the last read-off.
    pub parameters: u64,
    /// What each layer reads off: gates and carried signals.
    pub signals: Vec<usize>,
    /// Inputs that were evaluated.
    pub samples: u64,
    /// Whether these are all distinct inputs of nonzero probability, once each.
    pub exhaustive: bool,
    /// The share of inputs on which every gate of every layer is on the right side of its threshold.
    pub reliability: f64,
    /// How many these are.
    #[serde(skip)]
    pub n_right: u64,
    /// Wilson's 95 % interval; exhaustive runs sample nothing: twice the value itself.
    pub reliability_interval: [f64; 2],
    /// The share of inputs on which every output is right.
    pub output_reliability: f64,
    #[serde(skip)]
    pub n_outputs_right: u64,
    /// What read-offs are held to: near 0 and 1 (`two_sided`), or to the right side of a threshold (`one_sided`).
    pub readoff: &'static str,
    /// By ε: the share of inputs on which every gate of every layer is read strictly within ε of the truth.
    #[serde(serialize_with = "by_epsilon")]
    pub accuracy: Vec<Accuracy>,
    /// The same of every output, for each ε that is asked; left out of the JSON where none is.
    #[serde(serialize_with = "by_epsilon", skip_serializing_if = "Vec::is_empty")]
    pub output_accuracy: Vec<Accuracy>,
    /// By share of the inputs: so far from the truth is every gate of every layer read on these, and no farther. Exact
    /// for up to 2^20 inputs; for more, rounded up by less than 1/8192 of itself, but for the share of 1.
    #[serde(serialize_with = "by_share")]
    pub epsilon: Vec<Quantile>,
    /// The same network with its ReLUs left out; `None` where that was not asked for, would take more than some
    /// seconds, or no input can be drawn.
    pub without_relu: Option<WithoutRelu>,
    pub layers: Vec<LayerReport>,
    /// Left out of the JSON when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateReport>,
    pub requirements: Vec<RequirementReport>,
    /// What the network was to reach where `require` does not say; left out of the JSON where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<RequirementReport>,
    /// The seed of the evaluation's own stream.
    pub eval_seed: u64,
    /// What inputs are drawn where the circuit has no `sample` block; left out of the JSON where it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_inputs: Option<String>,
    pub features: usize,
    /// Whether the widths come from the rule of thumb.
    pub width_by_rule: bool,
    /// Gates that were on in no input.
    pub never_on: u64,
    /// The first of them, by name.
    pub never_on_names: Vec<String>,
    /// Gates that were off in no input.
    pub never_off: u64,
    /// Gates that plain inputs show on, or off, too seldom, and what inputs of their own show. These count in no other
    /// figure of the report but those of the gates themselves.
    pub planted: Planted,
    /// Errors by how many of a gate's stored operands were on.
    pub classes: Classes,
    /// Of all read-offs, as written.
    pub histogram: Histogram,
    /// Of the weights: a hash over the bits of every tensor.
    pub fingerprint: String,
    /// What the fit took, and why it ended; left out of the JSON of a network that was not fitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// How far W is from C·D, of the layer where it is farthest: see [`LayerReport::factor_error`].
    pub factor_error: f32,
    /// The gates that are outputs.
    #[serde(skip)]
    pub outputs: Vec<GateId>,
    /// Coordinates that features enter in superposition by; `None`: by one each.
    #[serde(skip)]
    pub stored_in: Option<usize>,
    /// Widths with which what is missed here was met, by layer, where whoever compiled has found some.
    #[serde(skip)]
    pub would_do: Option<Vec<usize>>,
}

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

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequirementReport {
    pub text: String,
    /// `None` where no gate has the figure.
    pub value: Option<Value>,
    /// `None`: unknown, since a gate that it speaks of was never seen on, or never off, or since it is not proved.
    pub holds: Option<bool>,
    #[serde(skip)]
    pub asks: Asks,
}

/// What a requirement asks of the read-offs.
#[derive(Debug, Clone, PartialEq)]
pub struct Asks {
    pub of: Of,
    /// To be strictly within this of the truth; `None`: on the right side of their thresholds.
    pub epsilon: Option<f64>,
    /// The share of the inputs on which they are to be so; `None`: all.
    pub share: Option<f64>,
    /// Whether a better network meets it sooner.
    pub is_for_better: bool,
    /// So far from the truth, and no farther, is every gate read on more than that share of the inputs; `None`: of
    /// these gates nothing is known.
    pub reached: Option<f32>,
}

/// Of whose read-offs.
#[derive(Debug, Clone, PartialEq)]
pub enum Of {
    Scope(Scope),
    Gates(Vec<GateId>),
}

impl Asks {
    fn of(requirement: &Requirement) -> Asks {
        let metric = &requirement.metric;
        let (scope, epsilon, share) = match metric.row.measure {
            Measure::ShareRight(scope) | Measure::ShareWithin(scope) => {
                (scope, metric.epsilon, Some(requirement.bound))
            }
            Measure::WorstError => (Scope::Gates, Some(requirement.bound), None),
        };
        let of = metric.gates.clone().map_or(Of::Scope(scope), Of::Gates);
        Asks { of, epsilon, share, is_for_better: requirement.asks_for_better(), reached: None }
    }
}

/// What came of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    Figure(f64),
    Status(Status),
}

impl RequirementReport {
    /// Whether it is to be proved, not measured.
    pub fn is_claim(&self) -> bool {
        matches!(self.value, Some(Value::Status(_)))
    }

    /// How it stands with one that does not hold, in a line.
    pub fn missed_line(&self) -> String {
        let verdict = if self.holds.is_none() { "unknown" } else { "missed" };
        format!("{verdict}: {}, {}", self.text, self.found())
    }

    /// What came of it, in words.
    pub fn found(&self) -> String {
        match self.value {
            Some(Value::Figure(figure)) => precise(figure),
            Some(Value::Status(status)) => status.name().into(),
            None => "no such figure".into(),
        }
    }
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
    /// As written.
    pub histogram: Histogram,
}

/// How many never-on gates are named.
const N_NAMED: usize = 10;

impl Measured for Report {
    fn share_right(&self, scope: Scope) -> Share {
        let n = match scope {
            Scope::Gates => self.n_right,
            Scope::Outputs => self.n_outputs_right,
        };
        Share { n, of: self.samples }
    }

    fn share_within(&self, scope: Scope, epsilon: f64) -> Option<Share> {
        let accuracies = match scope {
            Scope::Gates => &self.accuracy,
            Scope::Outputs => &self.output_accuracy,
        };
        accuracies.iter().find(|accuracy| accuracy.epsilon == epsilon).map(|accuracy| accuracy.share)
    }

    fn worst_error(&self, gates: Option<&[GateId]>) -> Option<f64> {
        let worst = |errors: &mut dyn Iterator<Item = f32>| errors.map(f64::from).reduce(f64::max);
        match gates {
            None => worst(&mut self.gates.iter().map(|gate| gate.error_max)),
            Some(named) => worst(&mut named.iter().map(|gate_id| self.gates[gate_id.0 as usize].error_max)),
        }
    }

    fn is_shown(&self, gates: Option<&[GateId]>) -> bool {
        let is_shown = |gate: &GateReport| gate.measured != Basis::Never;
        match gates {
            None => self.gates.iter().all(is_shown),
            Some(named) => named.iter().all(|gate_id| is_shown(&self.gates[gate_id.0 as usize])),
        }
    }

    fn is_exhaustive(&self) -> bool {
        self.exhaustive
    }
}

/// Closed forms aim at 0 and 1.
fn sides(network: &Network) -> Sides {
    let one_sided = network.header.fit.is_some_and(|fit| !fit.two_sided && !fit.is_closed_form);
    if one_sided { Sides::One } else { Sides::Two }
}

impl Report {
    pub(super) fn new(
        program: &Program,
        network: &Network,
        sampling: &Sampling,
        counts: &Counts,
        seldom: &Seldom,
        without_relu: Option<WithoutRelu>,
    ) -> Report {
        let exhaustive = sampling.exhaustive;
        let circuit = &program.circuit;
        let share_of = |n: u64| Share { n, of: counts.n_inputs };
        let share = |n: u64| share_of(n).value();
        let gates = gate_reports(circuit, network, exhaustive, counts, seldom);
        let never_on = || gates.iter().filter(|gate| gate.inputs_on == 0);
        let never_off = gates.iter().filter(|gate| gate.false_positive.is_none()).count() as u64;
        let layers = layer_reports(circuit, network, counts);
        let reliability = share(counts.n_right);
        let mut report = Report {
            circuit: circuit.name.clone(),
            opt_level: network.header.opt_level,
            construction: network.header.construction.clone(),
            seed: network.header.seed,
            widths: network.layers.iter().map(|layer| layer.width()).collect(),
            stream: network.is_residual().then(|| network.n_inputs()),
            parameters: network.parameters(),
            signals: network.layers.iter().map(|layer| layer.readoff.signals.len()).collect(),
            samples: counts.n_inputs,
            exhaustive,
            reliability,
            n_right: counts.n_right,
            reliability_interval: if exhaustive {
                [reliability; 2]
            } else {
                share_of(counts.n_right).interval(Confidence::Usual)
            },
            output_reliability: share(counts.n_outputs_right),
            n_outputs_right: counts.n_outputs_right,
            readoff: sides(network).name(),
            accuracy: counts.accuracy.clone(),
            output_accuracy: counts.output_accuracy.clone(),
            epsilon: counts.errors.quantiles(),
            without_relu,
            factor_error: layers.iter().map(|layer| layer.factor_error).fold(0.0, f32::max),
            layers,
            requirements: Vec::new(),
            goal: None,
            eval_seed: sampling.seed,
            usual_inputs: (!program.gave_sample).then(|| usual_inputs(circuit)),
            features: circuit.n_features(),
            width_by_rule: network.header.width_by_rule,
            never_on: never_on().count() as u64,
            never_on_names: never_on().take(N_NAMED).map(|gate| gate.name.clone()).collect(),
            never_off,
            planted: planted_report(circuit, seldom),
            classes: class_reports(&counts.gates),
            histogram: counts.histogram.clone(),
            fingerprint: network.fingerprint(),
            fit: network.header.fit,
            outputs: output_gates(circuit),
            stored_in: (network.dictionary.is_some() && !network.is_residual()).then(|| network.n_inputs()),
            would_do: None,
            gates,
        };
        report.requirements = program
            .requirements
            .iter()
            .map(|requirement| RequirementReport {
                text: requirement.text.clone(),
                value: readings::value(&report, &requirement.metric).map(Value::Figure),
                holds: readings::holds(&report, requirement),
                asks: Asks::of(requirement),
            })
            .collect();
        let goal = sampling.goal.or_else(|| Goal::of(program, sides(network), None, None));
        report.goal = goal.map(|goal| report.held_to(&goal));
        for line in report.requirements.iter_mut().chain(&mut report.goal) {
            let share = line.asks.share.filter(|_| line.asks.of == Of::Scope(Scope::Gates));
            line.asks.reached = share.map(|share| counts.errors.within_on_more(share));
        }
        report
    }

    /// A goal that no line of `require` names: gates that plain inputs hardly show count as well.
    fn held_to(&self, goal: &Goal) -> RequirementReport {
        let share = match goal.epsilon {
            Some(epsilon) => self.share_within(Scope::Gates, epsilon),
            None => Some(self.share_right(Scope::Gates)),
        };
        let value = share.map(Share::value);
        let Planted { readoffs, wrong, .. } = self.planted;
        let are_rare_right = wrong as f64 <= (1.0 - goal.bound) * readoffs as f64;
        let holds = value.is_some_and(|value| value > goal.bound) && are_rare_right;
        let (of, share) = (Of::Scope(Scope::Gates), Some(goal.bound));
        let asks = Asks { of, epsilon: goal.epsilon, share, is_for_better: true, reached: None };
        RequirementReport { text: goal.text(), value: value.map(Value::Figure), holds: Some(holds), asks }
    }

    /// Says how it stands with a claim of `require`.
    pub fn add_claim(&mut self, claim: &Claim, status: Status) {
        let holds = match status {
            Status::Proved => Some(true),
            Status::Refuted => Some(false),
            Status::NotProved => None,
        };
        let value = Some(Value::Status(status));
        let of = Of::Scope(claim.scope);
        let asks = Asks { of, epsilon: claim.epsilon, share: None, is_for_better: true, reached: None };
        self.requirements.push(RequirementReport { text: claim.text.clone(), value, holds, asks });
    }

    /// Whether what was asked for is reached, by whoever asked.
    pub fn is_as_asked(&self) -> bool {
        self.holds() && self.goal.as_ref().is_none_or(|goal| goal.holds == Some(true))
    }

    /// What was asked for and is not reached.
    pub fn missed(&self) -> impl Iterator<Item = &RequirementReport> + '_ {
        self.requirements.iter().chain(&self.goal).filter(|goal| goal.holds != Some(true))
    }

    /// Whether every claim is proved.
    pub fn is_proved(&self) -> bool {
        self.requirements.iter().filter(|line| line.is_claim()).all(|line| line.holds == Some(true))
    }

    /// Whether every requirement holds.
    pub fn holds(&self) -> bool {
        self.requirements.iter().all(|requirement| requirement.holds == Some(true))
    }

    /// The report as JSON, indented, ending in a newline; every gate's figures only `with_gates`.
    pub fn to_json(&self, with_gates: bool) -> String {
        let text = if with_gates {
            serde_json::to_string_pretty(self)
        } else {
            serde_json::to_string_pretty(&Report { gates: Vec::new(), ..self.clone() })
        };
        text.expect("a report has no key that is not text") + "\n"
    }
}

fn output_gates(circuit: &Circuit) -> Vec<GateId> {
    let gates = (0..circuit.n_gates() as u32).map(GateId);
    gates.filter(|&gate| circuit.is_output(circuit.gate_signal(gate))).collect()
}

/// What `usual` chose.
fn usual_inputs(circuit: &Circuit) -> String {
    let most = circuit.distribution.clauses.iter().map(|clause| match clause {
        Clause::Choose { count, .. } => *count.end(),
        Clause::Each { features, .. } => features.len() as u32,
    });
    let planted = if circuit.distribution.plant > 0.0 { ", half planted" } else { "" };
    let n = circuit.n_features;
    format!("0 to {} of {n} on{planted}: no `sample` block", most.sum::<u32>())
}

/// What the gates' own inputs show.
fn planted_report(circuit: &Circuit, seldom: &Seldom) -> Planted {
    let ClassReport { readoffs, wrong, error_max, .. } =
        total(seldom.own.values().flat_map(|gate| [gate.stored(false), gate.stored(true)]));
    let unknown = seldom.unknown.iter().map(|side| {
        let signal = circuit.gate_signal(side.gate);
        let as_written = side.value != circuit.is_complemented(signal);
        (circuit.name(signal).to_owned(), if as_written { "on" } else { "off" })
    });
    Planted { gates: seldom.own.len() as u64, readoffs, wrong, error_max, unknown: unknown.collect() }
}

fn gate_reports(
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

fn layer_reports(circuit: &Circuit, network: &Network, counts: &Counts) -> Vec<LayerReport> {
    let bending = counts.activity.bending(network);
    let layers = circuit.layers.iter().zip(&network.layers).zip(&counts.n_layer_right).zip(bending);
    layers
        .zip(network.factor_errors())
        .map(|((((layer, weights), &n_right), bending), factor_error)| {
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
            }
        })
        .collect()
}

fn class_reports(gates: &[GateStatistics]) -> Classes {
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
