//! Why a network falls short: which part of what was asked, which gates fail and what they have in common, how the fit
//! ended.
//!
//! Must not know what to try.

use super::failures::{Failures, is_failing};
use crate::circuit::GateId;
use crate::evaluate::parts::GateReport;
use crate::evaluate::report::Report;
use crate::evaluate::requirement::{Asks, Of, RequirementReport, Value};
use crate::network::{FACTOR_TOLERANCE, Stopped};
use crate::program::{Scope, Status};
use crate::readings::Measured;
use crate::text::{counted, grouped, number, share, shortened};

/// What has this share of all failures is named.
const NAMED_FROM: f64 = 0.5;

/// A name in a sentence is no longer than this.
const NAME_WIDTH: usize = 32;

impl Report {
    pub(super) fn why(&self, missed: &[&RequirementReport]) -> Vec<String> {
        let mut why = Vec::new();
        if self.factor_error > FACTOR_TOLERANCE {
            why.push("somebody has changed the weights since they were compiled".into());
        }
        for line in missed {
            let said = match (line.value, line.holds) {
                (Some(Value::Status(Status::Refuted)), _) => Some(format!(
                    "some input that `sample` can draw fails `{}`: `superpose verify` names it",
                    line.text
                )),
                (Some(Value::Status(_)), _) => {
                    Some(format!("nobody knows whether `{}` holds: the search for a proof came to no end", line.text))
                }
                (_, None) => Some(format!("`{}` speaks of a gate that was never seen on, or never off", line.text)),
                (_, Some(_)) if self.is_met_but_for_rare(line) => Some(self.why_rare()),
                (_, Some(_)) => self.why_short(&line.asks),
            };
            // Two lines may ask the same of the same gates.
            why.extend(said.filter(|said| !why.contains(said)));
        }
        let is_near = |line: &&&RequirementReport| self.lacks_only_nearness(&line.asks);
        if let Some(line) = missed.iter().find(is_near) {
            let scope = line.asks.scope();
            let whose = if scope == Scope::Outputs { "output" } else { "gate" };
            why.push(format!(
                "every {whose} is on its side of its threshold on {} of the inputs: it is nearness that is missing",
                share(self.share_right(scope).value())
            ));
        }
        why.push(self.how_it_ended());
        why
    }

    /// Whether plain inputs meet a goal, and gates that these hardly show do not.
    fn is_met_but_for_rare(&self, line: &RequirementReport) -> bool {
        matches!((line.value, line.asks.share), (Some(Value::Figure(value)), Some(bound)) if value > bound)
    }

    fn why_rare(&self) -> String {
        let (n, of) = (grouped(self.planted.wrong), counted(self.planted.readoffs, "read-off"));
        format!("plain inputs meet the goal; on inputs of their own, rare gates are wrong in {n} of {of}")
    }

    /// Whether gates are on the right sides as often as they are to be near.
    fn lacks_only_nearness(&self, asks: &Asks) -> bool {
        let is_right = |share: f64| self.share_right(asks.scope()).value() > share;
        asks.epsilon.is_some() && matches!(asks.of, Of::Scope(_)) && asks.share.is_some_and(is_right)
    }

    /// Which gates fail, and what most of the failures have in common.
    fn why_short(&self, asks: &Asks) -> Option<String> {
        let gates = self.gates_of(&asks.of);
        let failures = Failures::of(&gates, asks.epsilon);
        let n_failing = gates.iter().filter(|gate| is_failing(gate, asks.epsilon)).count() as u64;
        if n_failing == 0 {
            return None;
        }
        let whose = if asks.scope() == Scope::Outputs { "output" } else { "gate" };
        let of = format!("{} of {}", grouped(n_failing), counted(gates.len() as u64, whose));
        let verb = if n_failing == 1 { "is" } else { "are" };
        let common = self.in_common(&failures, &gates);
        let common = if common.is_empty() { String::new() } else { format!(": {}", common.join(", ")) };
        Some(match asks.epsilon {
            None => format!("{of} {verb} read wrong at some time{common}"),
            Some(epsilon) => {
                let farthest = gates.iter().max_by(|a, b| a.error_max.total_cmp(&b.error_max))?;
                let (name, error) = (shortened(&farthest.name, NAME_WIDTH), number(f64::from(farthest.error_max)));
                format!("{of} {verb} {epsilon} off or more at some time{common}; `{name}` is the farthest, {error}")
            }
        })
    }

    /// What most failures share that not all gates do.
    fn in_common(&self, failures: &Failures, gates: &[&GateReport]) -> Vec<String> {
        let is_told = |n: u64| n > 0 && n as f64 >= NAMED_FROM * failures.all as f64;
        let percent = |n: u64| format!("{:.0} %", libm::floor(100.0 * n as f64 / failures.all as f64));
        let mut told = Vec::new();
        let most = failures.by_layer.iter().max_by_key(|(_, n)| **n);
        if let Some((&layer, &n)) = most.filter(|(_, n)| is_told(**n) && self.layers.len() > 1) {
            told.push(format!("{} in layer {}", percent(n), self.layers[layer as usize].name));
        }
        let has_kinds = gates.iter().any(|gate| gate.kind != gates[0].kind);
        let most = failures.by_kind.iter().max_by_key(|(_, n)| **n);
        if let Some((kind, &n)) = most.filter(|(_, n)| is_told(**n) && has_kinds) {
            told.push(format!("{} of kind {kind}", percent(n)));
        }
        let classes = ["no operand", "some operands", "all operands"].iter().zip(failures.by_class);
        if let Some((class, n)) = classes.max_by_key(|(_, n)| *n).filter(|(_, n)| is_told(*n)) {
            told.push(format!("{} with {class} on", percent(n)));
        }
        told
    }

    fn gates_of(&self, of: &Of) -> Vec<&GateReport> {
        let named = |gates: &[GateId]| gates.iter().map(|gate| &self.gates[gate.0 as usize]).collect();
        match of {
            Of::Scope(Scope::Gates) => self.gates.iter().collect(),
            Of::Scope(Scope::Outputs) => named(&self.outputs),
            Of::Gates(gates) => named(gates),
        }
    }

    fn how_it_ended(&self) -> String {
        let Some(fit) = &self.fit else {
            return match self.opt_level {
                0 => "-O0 is the construction as published: nothing was solved for, nothing fitted".into(),
                _ => "-O1 solves for read-offs alone: no neuron was fitted".into(),
            };
        };
        let inputs = counted(fit.inputs, "input");
        let ended = match fit.stopped {
            _ if fit.inputs == 0 => "nothing was fitted: what -O1 solves for met the goal of a fit".into(),
            Stopped::Converged => format!("the fit converged, on {inputs}: at these widths more would bring little"),
            Stopped::BudgetSpent => format!("the fit had spent its budget of {inputs} before it converged"),
            Stopped::Interrupted => format!("the fit was interrupted after {inputs}"),
            Stopped::TargetMet => format!("the fit, on {inputs}, met its own goal, which these fresh inputs do not"),
        };
        let is_better = fit.is_closed_form && fit.inputs > 0;
        ended + if is_better { "; what -O1 solves for was better" } else { "" }
    }
}
