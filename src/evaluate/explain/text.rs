//! Explanations and traces as a person reads them.
//!
//! Returns text; must not know whether it goes to a terminal.

use std::fmt::Write;

use super::expected::{Expectation, Overlap};
use super::gate::{Driver, Explanation, NeuronPart};
use super::stream::Stream;
use super::subject::Subject;
use super::trace::{GateTrace, LayerTrace, Trace};
use crate::text::{counted, grouped, shown, table, wrapped};

/// Neurons and signals that are named, before the rest is summed.
const N_NAMED: usize = 8;

/// Drivers of a neuron that are named.
const N_DRIVERS: usize = 2;

/// Gates of a layer that are named.
const N_GATES: usize = 24;

impl Subject {
    /// `alert = and(a, !b), layer 2`.
    fn line(&self) -> String {
        let operand =
            |operand: &crate::circuit::Operand| format!("{}{}", if operand.negated { "!" } else { "" }, operand.signal);
        let count = self.count.iter().map(u32::to_string);
        let operands: Vec<String> = count.chain(self.operands.iter().map(operand)).collect();
        shown(&format!(
            "{}: {} = {}({}), layer {}",
            self.circuit,
            self.gate,
            self.kind,
            operands.join(", "),
            self.layer
        ))
    }
}

fn names(on: &[String]) -> String {
    if on.is_empty() { "nothing".into() } else { shown(&on.join(", ")) }
}

fn signed(value: f64) -> String {
    format!("{value:+.3}")
}

fn right(is_right: bool) -> &'static str {
    if is_right { "" } else { "WRONG" }
}

/// The first of a list, and what the rest comes to.
fn summed<T>(parts: &[T], value: impl Fn(&T) -> f64) -> (&[T], &[T], f64) {
    let (named, rest) = parts.split_at(parts.len().min(N_NAMED));
    (named, rest, rest.iter().map(value).sum())
}

fn section(text: &mut String, title: &str, lines: Vec<String>) {
    let _ = writeln!(text, "\n{title}");
    lines.iter().for_each(|line| text.extend([line, "\n"]));
}

impl Explanation {
    /// As JSON, indented, ending in a newline.
    pub fn to_json(&self) -> String {
        json(self)
    }

    /// In at most `width` columns, ending in a newline.
    pub fn to_text(&self, width: usize) -> String {
        let mut text = self.subject.line() + "\n";
        let _ = writeln!(text, "  on            {}", names(&self.on));
        let verdict = if self.right { "right" } else { "WRONG" };
        let _ = writeln!(text, "  truth         {}", self.truth);
        let _ = writeln!(text, "  read as       {:.3}     threshold {:.3}: {verdict}", self.reading, self.threshold);

        let (named, rest, sum) = summed(&self.neurons, |part| part.contribution);
        let mut rows: Vec<Vec<String>> = named.iter().map(|part| neuron_row(part, self.stream.is_some())).collect();
        if !rest.is_empty() {
            rows.push(vec![
                format!("{} more", grouped(rest.len() as u64)),
                "".into(),
                "".into(),
                signed(sum),
                "".into(),
            ]);
        }
        if let Some(stream) = &self.stream {
            rows.push(vec!["features".into(), "".into(), "".into(), signed(stream.embedding), "".into()]);
        }
        rows.push(vec!["bias".into(), "".into(), "".into(), signed(self.bias), "".into()]);
        let by = if self.stream.is_some() { "by neuron, layer.neuron" } else { "by neuron" };
        let title = format!("{by}: activation × weight ({} asleep)", grouped(self.asleep as u64));
        let header = ["neuron", "activation", "weight", "adds", "driven by"];
        section(&mut text, &title, table(&header, rows.into_iter(), 1, width));
        self.stream.iter().for_each(|stream| stream.write(&mut text, width));

        let (named, rest, sum) = summed(&self.features, |part| part.contribution);
        let mut rows: Vec<Vec<String>> = named
            .iter()
            .map(|part| {
                let what = if part.operand { "" } else { "interference" };
                vec![shown(&part.feature), signed(part.contribution), what.into()]
            })
            .collect();
        if !rest.is_empty() {
            rows.push(vec![format!("{} more", grouped(rest.len() as u64)), signed(sum), "".into()]);
        }
        rows.push(vec!["biases".into(), signed(self.biases), "".into()]);
        let title = format!("by feature: along awake neurons; interference {} in all", signed(self.interference));
        section(&mut text, &title, table(&["feature", "adds", ""], rows.into_iter(), 1, width));
        text
    }
}

impl Stream {
    fn write(&self, text: &mut String, width: usize) {
        let (Some(signals), Some(interference)) = (&self.signals, self.interference) else { return };
        let (named, rest, sum) = summed(signals, |part| part.contribution);
        let mut rows: Vec<Vec<String>> = named
            .iter()
            .map(|part| {
                let what = if part.own || part.operand { "" } else { "interference" };
                let numbers = [signed(part.overlap), signed(part.written), signed(part.contribution)];
                [&[shown(&part.signal)], &numbers[..], &[what.to_owned()]].concat()
            })
            .collect();
        let row = |name: String, sum: f64| vec![name, "".into(), "".into(), signed(sum), "".into()];
        if !rest.is_empty() {
            rows.push(row(format!("{} more", grouped(rest.len() as u64)), sum));
        }
        rows.push(row("bias".into(), self.bias));
        let title = format!("by signal in the stream: overlap × written; interference {} in all", signed(interference));
        section(text, &title, table(&["signal", "overlap", "written", "adds", ""], rows.into_iter(), 1, width));
    }
}

/// `names_layer`: of a neuron among those of several layers.
fn neuron_row(part: &NeuronPart, names_layer: bool) -> Vec<String> {
    let driver = |driver: &Driver| format!("{} {}", shown(&driver.signal), signed(driver.contribution));
    let drivers: Vec<String> = part.drivers.iter().take(N_DRIVERS).map(driver).collect();
    vec![
        if names_layer { format!("{}.{}", part.layer, part.neuron) } else { part.neuron.to_string() },
        format!("{:.3}", part.activation),
        signed(part.weight),
        signed(part.contribution),
        drivers.join(", "),
    ]
}

impl Expectation {
    /// As JSON, indented, ending in a newline.
    pub fn to_json(&self) -> String {
        json(self)
    }

    /// In at most `width` columns, ending in a newline.
    pub fn to_text(&self, width: usize) -> String {
        let mut text = self.subject.line() + "\n";
        let _ = writeln!(text, "  threshold     {:.3}", self.threshold);
        let _ = writeln!(text, "  bias          {}", signed(self.bias));
        let neurons: Vec<String> = self
            .neurons
            .iter()
            .take(N_NAMED)
            .map(|neuron| format!("{} {}", neuron.neuron, signed(neuron.weight)))
            .collect();
        let _ = writeln!(text, "{}", wrapped("  neurons      ", &neurons.join(", "), width));
        let (operands, others): (Vec<&Overlap>, Vec<&Overlap>) = self.signals.iter().partition(|signal| signal.operand);
        let is_of_stream = self.signals.iter().any(|signal| signal.in_stream.is_some());
        let in_stream = is_of_stream.then_some("in the stream");
        let header: Vec<&str> =
            ["signal", "overlap"].into_iter().chain(in_stream).chain(["on", "on average"]).collect();
        section(&mut text, "what it depends on", table(&header, overlaps(&operands), 1, width));
        section(&mut text, "what interferes most on average", table(&header, overlaps(&others), 1, width));
        text
    }
}

fn overlaps<'a>(signals: &'a [&Overlap]) -> impl Iterator<Item = Vec<String>> + 'a {
    signals.iter().take(N_NAMED).map(|signal| {
        let cells = [shown(&signal.signal), signed(signal.overlap)].into_iter();
        let cells = cells.chain(signal.in_stream.map(signed));
        cells.chain([format!("{:.3}", signal.on), format!("{:+.4}", signal.expected)]).collect()
    })
}

impl Trace {
    /// As JSON, indented, ending in a newline.
    pub fn to_json(&self) -> String {
        json(self)
    }

    /// In at most `width` columns, ending in a newline.
    pub fn to_text(&self, width: usize) -> String {
        let n_wrong = self.layers.iter().flat_map(|layer| &layer.gates).filter(|gate| !gate.right).count() as u64;
        let verdict =
            if n_wrong == 0 { "every gate right".into() } else { format!("{} WRONG", counted(n_wrong, "gate")) };
        let mut text = format!("{}: {verdict}\n  on            {}\n", shown(&self.circuit), names(&self.on));
        self.layers.iter().for_each(|layer| layer.write(&mut text, width));
        text
    }
}

impl LayerTrace {
    fn write(&self, text: &mut String, width: usize) {
        // What is wrong comes first where there is no room for all.
        let mut told: Vec<&GateTrace> = self.gates.iter().filter(|gate| gate.truth == 1 || !gate.right).collect();
        let n_on = self.gates.iter().filter(|gate| gate.truth == 1).count() as u64;
        if told.len() > N_GATES {
            told.sort_by_key(|gate| gate.right);
        }
        let n_left = told.len().saturating_sub(N_GATES);
        let rows = told.iter().take(N_GATES).map(|gate| {
            let neurons: Vec<String> = gate
                .neurons
                .iter()
                .map(|strong| format!("{} {}", strong.neuron, signed(strong.contribution)))
                .collect();
            vec![
                shown(&gate.name),
                gate.truth.to_string(),
                format!("{:.3}", gate.reading),
                format!("{:.3}", gate.threshold),
                right(gate.right).into(),
                neurons.join(", "),
            ]
        });
        let title = format!(
            "{}: {} of {} on; {} of {} awake",
            shown(&self.name),
            grouped(n_on),
            counted(self.gates.len() as u64, "gate"),
            grouped(self.awake as u64),
            counted(self.width as u64, "neuron"),
        );
        let header = ["gate", "truth", "read as", "threshold", "", "strongest neurons"];
        section(text, &title, if told.is_empty() { Vec::new() } else { table(&header, rows, 1, width) });
        if n_left > 0 {
            let _ = writeln!(text, "  and {} more", grouped(n_left as u64));
        }
        let off = self.gates.iter().filter(|gate| gate.truth == 0 && gate.right).map(|gate| gate.reading);
        let (n_off, least, most) = off.fold((0, f32::INFINITY, f32::NEG_INFINITY), |(n, least, most), reading| {
            (n + 1, reading.min(least), reading.max(most))
        });
        let _ = match n_off {
            0 => Ok(()),
            1 => writeln!(text, "  1 off and right, read as {least:.3}"),
            n => writeln!(text, "  {} off and right, read as {least:.3} to {most:.3}", grouped(n)),
        };
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).expect("no key that is not text") + "\n"
}
