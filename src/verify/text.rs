//! A proof as a person and as a program reads it.
//!
//! Returns text; must not know whether it goes to a terminal.

use std::fmt::Write;

use serde::Serialize;

use super::proof::{Basis, GateProof, Method, Proof, TOLERANCE, Verdict, status};
use super::worst::Extreme;
use crate::circuit::{Circuit, GateId, Signal};
use crate::program::Status;
use crate::text::{counted, grouped, number, precise, shown};

/// Gates that are named.
const MOST_NAMED: usize = 8;

#[derive(Serialize)]
struct Json<'a> {
    status: Status,
    inputs: f64,
    #[serde(skip_serializing_if = "is_false")]
    inputs_bound: bool,
    method: Method,
    epsilon: Option<f64>,
    gates: usize,
    gates_proved: usize,
    /// Of these, each in one: beyond what rounding can do, else in real arithmetic, else by running f32 alone.
    proved_beyond_rounding: usize,
    proved_in_reals: usize,
    proved_as_run: usize,
    gates_refuted: usize,
    margin: Option<f64>,
    error: Option<f64>,
    /// Of margin and error.
    #[serde(skip_serializing_if = "Option::is_none")]
    tolerance: Option<f64>,
    failing_inputs: Option<u64>,
    counterexample: Option<JsonCounterexample<'a>>,
    /// With the worst cases alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_gate: Option<Vec<JsonGate<'a>>>,
    seconds: f64,
}

#[derive(Serialize)]
struct JsonGate<'a> {
    gate: String,
    status: Status,
    margin: Option<f64>,
    error: Option<f64>,
    off: JsonSide<'a>,
    on: JsonSide<'a>,
}

/// What a gate reads where it should be off, or on; `None` where it never is, or where that is not known.
#[derive(Serialize)]
struct JsonSide<'a> {
    lowest: Option<JsonExtreme<'a>>,
    highest: Option<JsonExtreme<'a>>,
}

#[derive(Serialize)]
struct JsonExtreme<'a> {
    reading: f64,
    on: Vec<&'a str>,
}

#[derive(Serialize)]
struct JsonCounterexample<'a> {
    on: Vec<&'a str>,
    gate: String,
    truth: u8,
    reading: f32,
    threshold: f32,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Proof {
    /// Ends in a newline. `seconds`: how long it took.
    pub fn to_json(&self, circuit: &Circuit, seconds: f64) -> String {
        let counterexample = self.counterexample.as_ref().map(|found| JsonCounterexample {
            on: names(&found.on, circuit),
            gate: stored_name(found.gate, circuit),
            truth: found.truth.into(),
            reading: found.reading,
            threshold: found.threshold,
        });
        let is_worst_asked = self.gates.iter().any(|gate| gate.margin.or(gate.error).is_some());
        let json = Json {
            status: self.status,
            inputs: self.n_inputs,
            inputs_bound: self.inputs_bound,
            method: self.method,
            epsilon: self.epsilon,
            gates: self.gates.len(),
            gates_proved: self.n_proved(),
            proved_beyond_rounding: self.n_proved_by(Basis::BeyondRounding),
            proved_in_reals: self.n_proved_by(Basis::RealArithmetic),
            proved_as_run: self.n_proved_by(Basis::Run),
            gates_refuted: self.n_refuted(),
            margin: self.margin,
            error: self.error,
            tolerance: self.tolerance(),
            failing_inputs: self.failing_inputs,
            counterexample,
            by_gate: is_worst_asked.then(|| self.gates.iter().map(|gate| json_gate(gate, circuit)).collect()),
            seconds,
        };
        serde_json::to_string_pretty(&json).expect("a proof has no key that is not text") + "\n"
    }

    /// Ends in a newline.
    pub fn to_text(&self, circuit: &Circuit, seconds: f64) -> String {
        let mut text = String::new();
        let what = match self.epsilon {
            None => "on its side of the threshold".to_string(),
            Some(epsilon) => format!("strictly within {epsilon} of the truth"),
        };
        let n_gates = self.gates.len() as u64;
        let verdict = match self.status {
            Status::Proved => format!("PROVED: every read-off is {what}, on every input"),
            Status::Refuted => format!("REFUTED: not every read-off is {what}"),
            Status::NotProved => format!("NOT PROVED: {} left", counted(self.n_open() as u64, "gate")),
        };
        let _ = writeln!(text, "{}: {verdict}", shown(&circuit.name));
        if let Some(found) = &self.counterexample {
            let on = names(&found.on, circuit);
            let on = if on.is_empty() { "nothing".to_string() } else { on.join(", ") };
            let _ = writeln!(text, "  with          {} on", shown(&on));
            let threshold = match self.epsilon {
                None => format!(", and is on above {}", found.threshold),
                Some(_) => String::new(),
            };
            let name = stored_name(found.gate, circuit);
            let (reading, truth) = (found.reading, u8::from(found.truth));
            let _ = writeln!(text, "  reads         {reading} for {}, which is {truth}{threshold}", shown(&name));
        }
        let bound = if self.inputs_bound { "at most " } else { "" };
        let _ = writeln!(text, "  inputs        {bound}{}", count(self.n_inputs));
        let _ = writeln!(text, "  by            {}", self.method.summary());
        let mut parts = vec![format!("{} of {} proved", grouped(self.n_proved() as u64), counted(n_gates, "gate"))];
        for (n, how) in [(self.n_refuted(), "refuted"), (self.n_open(), "left")] {
            if n > 0 {
                parts.push(format!("{} {how}", grouped(n as u64)));
            }
        }
        let _ = writeln!(text, "  gates         {}", parts.join(", "));
        let bases = [Basis::BeyondRounding, Basis::RealArithmetic, Basis::Run];
        let by = bases.map(|basis| (self.n_proved_by(basis), basis.summary()));
        let by: Vec<String> =
            by.iter().filter(|(n, _)| *n > 0).map(|(n, how)| format!("{} {how}", grouped(*n as u64))).collect();
        if !by.is_empty() {
            let _ = writeln!(text, "  of these      {}", by.join(", "));
        }
        let n_near: u64 = self.gates.iter().filter_map(|gate| gate.n_near).sum();
        if n_near > 0 {
            let inputs = counted(n_near, "input");
            let _ = writeln!(text, "  run           {inputs} nearer to a limit than rounding can be, and right");
        }
        if let Some(failing) = self.failing_inputs {
            let share = match failing > 0 && !self.inputs_bound {
                true => format!(", {:.3e} of all", failing as f64 / self.n_inputs),
                false => String::new(),
            };
            let _ = writeln!(text, "  failing       {}{share}", counted(failing, "input"));
        }
        let tolerance = self.tolerance().map_or(String::new(), |tolerance| format!(", to {tolerance}"));
        if let Some(margin) = self.margin {
            let nearest = self.gates.iter().find(|gate| gate.margin == Some(margin) && self.gates.len() > 1);
            let whose = nearest.map_or(String::new(), |gate| format!(" ({})", shown(&stored_name(gate.gate, circuit))));
            let _ = writeln!(text, "  margin        {}, the least over all gates{whose}{tolerance}", precise(margin));
        }
        if let Some(error) = self.error {
            let _ = writeln!(text, "  error         {}, the worst{tolerance}", precise(error));
        }
        self.name_open(circuit, &mut text);
        let _ = writeln!(text, "  took          {} s", number(seconds));
        text
    }

    /// How exact worst cases are, where they were found by bounds.
    fn tolerance(&self) -> Option<f64> {
        let is_known = self.margin.or(self.error).is_some();
        (is_known && self.method != Method::Exhaustion).then_some(TOLERANCE)
    }

    fn name_open(&self, circuit: &Circuit, text: &mut String) {
        let open = self.gates.iter().filter(|gate| gate.verdict == Verdict::Open);
        let open: Vec<&str> = open.map(|gate| circuit.name(circuit.gate_signal(gate.gate))).collect();
        if !open.is_empty() && self.gates.len() > 1 {
            let more = if open.len() > MOST_NAMED { ", …" } else { "" };
            let named = open[..open.len().min(MOST_NAMED)].join(", ");
            let _ = writeln!(text, "  left          {}{more}", shown(&named));
        }
    }
}

impl Method {
    fn summary(self) -> &'static str {
        match self {
            Method::Exhaustion => "exhaustion: every input was run",
            Method::BranchAndBound => "branch and bound: what bounds leave was run",
            Method::BoundsAndExhaustion => "branch and bound for the first layer; every input was run for the rest",
            Method::FirstLayer => "bounds for the first layer; inputs drawn against the others prove nothing",
        }
    }
}

impl Basis {
    fn summary(self) -> &'static str {
        match self {
            Basis::BeyondRounding => "by more than f32 can round, in any order of sums",
            Basis::RealArithmetic => "in real arithmetic, and as run in f32",
            Basis::Run => "as run in f32",
        }
    }
}

fn json_gate<'a>(proof: &GateProof, circuit: &'a Circuit) -> JsonGate<'a> {
    let extreme = |extreme: &Option<Extreme>| {
        let extreme = extreme.as_ref().filter(|extreme| extreme.reading.is_finite())?;
        Some(JsonExtreme { reading: extreme.reading, on: names(&extreme.on, circuit) })
    };
    let side = |value: usize| JsonSide {
        lowest: extreme(&proof.worst.lowest[value]),
        highest: extreme(&proof.worst.highest[value]),
    };
    JsonGate {
        gate: stored_name(proof.gate, circuit),
        status: status(std::slice::from_ref(proof)),
        margin: proof.margin.filter(|margin| margin.is_finite()),
        error: proof.error,
        off: side(0),
        on: side(1),
    }
}

fn names<'a>(on: &[u32], circuit: &'a Circuit) -> Vec<&'a str> {
    on.iter().map(|&feature| circuit.name(Signal(feature))).collect()
}

/// As the network calls what it reads: `!name` where the complement is stored.
fn stored_name(gate: GateId, circuit: &Circuit) -> String {
    let signal = circuit.gate_signal(gate);
    let mark = if circuit.is_complemented(signal) { "!" } else { "" };
    format!("{mark}{}", circuit.name(signal))
}

/// In full as long as a double counts them.
fn count(n: f64) -> String {
    if n < (1u64 << 53) as f64 { grouped(n as u64) } else { format!("{n:.3e}") }
}
