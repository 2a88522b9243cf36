//! The tables: layers, gates, and errors by how much of what a gate reads is on.
//!
//! Tables of errors are there where something is read wrong.

use super::page::{Page, Style};
use crate::evaluate::bounded::Bounded;
use crate::evaluate::parts::GateReport;
use crate::evaluate::report::Report;
use crate::text::{grouped, number, share, shortened};

pub fn layers(page: &mut Page, report: &Report) {
    page.heading("layers");
    let header = ["layer", "neurons", "gates", "per neuron", "carried", "reliability", "error max", "error rms"];
    let rows = report.layers.iter().map(|layer| {
        vec![
            layer.name.clone(),
            grouped(layer.width as u64),
            grouped(layer.gates as u64),
            format!("{:.2}", layer.gates as f64 / layer.width.max(1) as f64),
            grouped(layer.carried as u64),
            if layer.gates == 0 { "-".into() } else { share(layer.reliability) },
            layer.error_max.map_or("-".into(), |error| number(f64::from(error))),
            layer.error_rms.map_or("-".into(), number),
        ]
    });
    page.table(&header, rows, 1);
}

/// What layers that correct do.
pub fn corrections(page: &mut Page, report: &Report) {
    if report.corrections.is_empty() {
        return;
    }
    page.heading("corrections (ε of 99 % of the inputs; published: n^1/4 / (m^1/2 s^1/4))");
    let header = ["layer", "after", "signals", "comes in", "goes on", "tolerated", "published"];
    let rows = report.corrections.iter().map(|correction| {
        vec![
            correction.layer.clone(),
            correction.after.clone(),
            grouped(correction.signals as u64),
            number(f64::from(correction.incoming)),
            number(f64::from(correction.outgoing)),
            correction.tolerated.map_or("-".into(), |error| number(f64::from(error))),
            number(correction.published),
        ]
    });
    page.table(&header, rows, 2);
}

/// What the network comes to when its weights are bounded, as it was made and as it is mixed.
pub fn bounded_weights(page: &mut Page, report: &Report) {
    let Some(found) = &report.bounded_weights else { return };
    let bound = found.bound;
    page.heading(&format!("weights of at most {bound} (each matrix scaled until its largest one is)"));
    let header = ["basis", "input", "W", "read-off", "grows by", "margin", "cross-entropy", "W rounded"];
    let row = |basis: &str, of: &Bounded| {
        let optional = |value: Option<f64>| value.map_or("-".into(), number);
        vec![
            basis.to_owned(),
            optional(of.largest.input.map(f64::from)),
            number(f64::from(of.largest.weights)),
            number(f64::from(of.largest.readoff)),
            optional(of.scale),
            optional(of.margin),
            optional(of.cross_entropy),
            optional(of.cross_entropy_rounded),
        ]
    };
    let mixed = found.mixed.iter().map(|mixed| row("mixed", mixed));
    page.table(&header, [row("as made", &found.unmixed)].into_iter().chain(mixed), 1);
}

/// Those that are ever read wrong, most often first, then by the largest error.
pub fn worst_gates(page: &mut Page, report: &Report) {
    let mut wrong: Vec<&GateReport> = report.gates.iter().filter(|gate| gate.wrong > 0).collect();
    if wrong.is_empty() {
        return;
    }
    let n_wrong = grouped(wrong.len() as u64);
    let title = format!("worst gates ({n_wrong} of {} ever read wrong)", grouped(report.gates.len() as u64));
    // The sort keeps the order of definition among equals.
    wrong.sort_by(|a, b| b.wrong.cmp(&a.wrong).then(b.error_max.total_cmp(&a.error_max)));
    wrong.truncate(page.style.worst);
    gate_table(page, &title, wrong.into_iter(), report);
}

pub fn all_gates(page: &mut Page, report: &Report) {
    gate_table(page, "gates", report.gates.iter(), report);
}

fn gate_table<'a>(page: &mut Page, title: &str, gates: impl Iterator<Item = &'a GateReport>, report: &Report) {
    page.heading(title);
    let &Style { width, .. } = page.style;
    let mut header = vec!["gate", "kind", "layer", "wrong", "missed", "false on", "error max", "margin"];
    // In 80 columns a name that can be told from others is worth more.
    let with_threshold = width >= 92;
    if with_threshold {
        header.push("threshold");
    }
    let with_basis = width >= 101 && report.gates.iter().any(|gate| gate.measured != report.gates[0].measured);
    if with_basis {
        header.push("inputs");
    }
    let taken = 66 + if with_threshold { 11 } else { 0 } + if with_basis { 9 } else { 0 };
    let name_width = width.saturating_sub(taken).clamp(12, 60);
    let rows = gates.map(|gate| {
        let optional = |value: Option<f64>| value.map_or("-".into(), number);
        let mut row = vec![
            shortened(&gate.name, name_width),
            gate.kind.to_owned(),
            shortened(&report.layers[gate.layer as usize].name, 8),
            grouped(gate.wrong),
            optional(gate.false_negative),
            optional(gate.false_positive),
            number(f64::from(gate.error_max)),
            optional(gate.margin.map(f64::from)),
        ];
        if with_threshold {
            row.push(number(f64::from(gate.threshold)));
        }
        if with_basis {
            row.push(gate.measured.name().to_owned());
        }
        row
    });
    page.table(&header, rows, 3);
}

pub fn classes(page: &mut Page, report: &Report) {
    let rows = [("none", report.classes.none), ("some", report.classes.some), ("all", report.classes.all)];
    if rows.iter().all(|(_, class)| class.wrong == 0) {
        return;
    }
    page.heading("errors by operands on");
    let header = ["operands on", "read-offs", "read wrong", "error max", "error rms"];
    let rows = rows.into_iter().map(|(name, class)| {
        vec![
            name.to_owned(),
            grouped(class.readoffs),
            grouped(class.wrong),
            class.error_max.map_or("-".into(), |error| number(f64::from(error))),
            class.error_rms.map_or("-".into(), number),
        ]
    });
    page.table(&header, rows, 1);
}
