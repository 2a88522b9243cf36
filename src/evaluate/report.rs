//! The result of an evaluation: what `eval --json` prints, and what the text report is made of.
//!
//! Figures speak of each gate as written: a complement's read-off is 1 − the stored one, its on-inputs are the stored
//! signal's off-inputs. Must not know how the figures were gathered, nor how they are laid out.

use serde::Serialize;

use super::accuracy::{Accuracy, Quantile, by_epsilon, by_share};
use super::bounded::BoundedWeights;
use super::corrections::Correction;
use super::groups::Top1;
use super::head::HeadReport;
use super::histogram::Histogram;
use super::parts::{
    Basis, Classes, Counts, GateReport, LayerReport, Planted, class_reports, gate_reports, layer_reports, output_gates,
    planted_report, usual_inputs,
};
use super::requirement::{Asks, Of, RequirementReport, Value};
use super::sampling::Sampling;
use super::seldom::Seldom;
use super::without_relu::WithoutRelu;
use crate::circuit::GateId;
use crate::network::{Fit, Network};
use crate::program::{Claim, Goal, Program, Scope, Sides, Status};
use crate::readings::{self, Confidence, Measured, Share};

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
    /// Of groups of outputs of which exactly one is on, how often it is read highest; left out of the JSON where there
    /// is no such group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub top1: Vec<Top1>,
    /// What the network comes to when its weights are bounded; left out of the JSON where all neurons are ReLUs and no
    /// linear space is mixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounded_weights: Option<BoundedWeights>,
    pub layers: Vec<LayerReport>,
    /// What the layers that correct do; left out of the JSON where none does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
    /// Left out of the JSON when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateReport>,
    /// How well heads attend; left out of the JSON where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<HeadReport>,
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
    /// Whether all neurons are ReLUs.
    #[serde(skip)]
    pub has_relus: bool,
    /// Coordinates that features enter in superposition by, for ReLUs; `None`: by one each.
    #[serde(skip)]
    pub stored_in: Option<usize>,
    /// Widths with which what is missed here was met, by layer, where whoever compiled has found some.
    #[serde(skip)]
    pub would_do: Option<Vec<usize>>,
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
        let has_relus = network.layers.iter().all(|layer| layer.block.activation().is_none());
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
            top1: Vec::new(),
            bounded_weights: None,
            corrections: Vec::new(),
            heads: Vec::new(),
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
            has_relus,
            stored_in: (network.dictionary.is_some() && !network.is_residual() && has_relus)
                .then(|| network.n_inputs()),
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
        // Without gates there is nothing to reach.
        let goal = goal.filter(|_| circuit.n_gates() > 0);
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

    /// Whether it speaks of any gate: a file of heads needs none.
    pub fn has_gates(&self) -> bool {
        self.layers.iter().any(|layer| layer.gates > 0)
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
