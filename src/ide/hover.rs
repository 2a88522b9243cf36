//! What a name is, in a few lines: how it was written, what it came to, and how far off a network reads it.
//!
//! Must not know how a network was made, nor how an editor shows text.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::index::{Kind, Symbol};
use super::reference::entries;
use super::view::View;
use crate::circuit::{Circuit, GateId, Signal};
use crate::diagnostic::{FileId, Span};
use crate::text::counted;

/// A few lines of Markdown on what stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    pub span: Span,
    pub markdown: String,
}

/// How far off each gate is read by a network of the program.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Errors {
    /// By the name of a gate, the worst |read-off − truth|.
    pub by_gate: HashMap<String, f32>,
    /// Which network, and what it was held against.
    pub told: String,
}

/// More members than this are counted, and not listed by kind and layer.
const MOST_LISTED: usize = 4;

pub fn hover(view: &View, file: FileId, offset: u32, errors: Option<&Errors>) -> Option<Hover> {
    if let Some((symbol, span)) = view.index.at(file, offset) {
        let mut parts = vec![format!("```circ\n{}\n```", view.declaration(symbol))];
        parts.extend(
            view.loaded.program.as_ref().and_then(|program| facts(view, symbol, span, &program.circuit, errors)),
        );
        return Some(Hover { span, markdown: parts.join("\n\n") });
    }
    let text = &view.loaded.sources.files.get(file.0 as usize)?.text;
    let Range { start, end } = word_around(text, offset as usize)?;
    let span = Span { file, start: start as u32, end: end as u32 };
    let rows = entries(&text[start..end]);
    let lines: Vec<String> = rows.iter().map(|row| format!("{}: {}", row.form, row.meaning)).collect();
    (!lines.is_empty()).then(|| Hover { span, markdown: lines.join("\n\n") })
}

/// The word at a byte or just before it.
pub fn word_around(text: &str, offset: usize) -> Option<Range<usize>> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let bytes = text.as_bytes();
    let start = offset - bytes.get(..offset)?.iter().rev().take_while(|byte| is_word(byte)).count();
    let end = offset + bytes[offset..].iter().take_while(|byte| is_word(byte)).count();
    (start < end).then_some(start..end)
}

/// What a signal came to.
fn facts(view: &View, symbol: &Symbol, span: Span, circuit: &Circuit, errors: Option<&Errors>) -> Option<String> {
    match symbol.kind {
        Kind::Feature | Kind::Gate if view.is_of_program(symbol) => {}
        Kind::Layer => return layer_facts(circuit, &symbol.name),
        _ => return None,
    }
    let exact = format!("{}{}", symbol.name, indices_behind(view, span));
    let members: Vec<Signal> =
        (0..circuit.n_signals() as u32).map(Signal).filter(|&signal| is_member(circuit.name(signal), &exact)).collect();
    let gates: Vec<GateId> = members.iter().filter_map(|&signal| circuit.as_gate(signal)).collect();
    if gates.is_empty() {
        return (!members.is_empty()).then(|| counted(members.len() as u64, "feature"));
    }
    let mut kinds: BTreeMap<(u32, &str, u32), u64> = BTreeMap::new();
    for gate in &gates {
        let record = &circuit.gates[gate.0 as usize];
        *kinds.entry((record.layer, record.kind.name(), record.n_operands)).or_default() += 1;
    }
    let layer = |idx: u32| &circuit.layers[idx as usize].name;
    let mut lines = match gates[..] {
        [only] => {
            let record = &circuit.gates[only.0 as usize];
            vec![format!("`{}`, layer `{}`", circuit.gate_text(only), layer(record.layer))]
        }
        _ if kinds.len() <= MOST_LISTED => kinds
            .iter()
            .map(|((layer_idx, kind, n_operands), n)| {
                format!("{} `{kind}` of {n_operands}, layer `{}`", counted(*n, "gate"), layer(*layer_idx))
            })
            .collect(),
        _ => vec![format!("{} of {} kinds", counted(gates.len() as u64, "gate"), kinds.len())],
    };
    if let Some(errors) = errors {
        let named = gates.iter().map(|&gate| circuit.name(circuit.gate_signal(gate)));
        let read = named.filter_map(|name| errors.by_gate.get(name).map(|error| (*error, name)));
        if let Some((error, name)) = read.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1))) {
            let of = if gates.len() > 1 { format!(" (`{name}`)") } else { String::new() };
            lines.push(format!("at worst {error:.3} from the truth{of}: {}", errors.told));
        }
    }
    Some(lines.join("  \n"))
}

fn layer_facts(circuit: &Circuit, name: &str) -> Option<String> {
    let layer = circuit.layers.iter().find(|layer| layer.name == name)?;
    let carried = match layer.carried.len() {
        0 => String::new(),
        n => format!(", carries {}", counted(n as u64, "signal")),
    };
    Some(format!("{}{carried}", counted(layer.gates.len() as u64, "gate")))
}

/// Whether a signal is of this name, or a member of the array, or of the part of one, of this name.
fn is_member(signal: &str, name: &str) -> bool {
    signal.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
}

/// The indices behind a name as far as they are numbers: `[3][0]`.
fn indices_behind(view: &View, span: Span) -> &str {
    let text = view.loaded.sources.files.get(span.file.0 as usize).map_or("", |file| file.text.as_str());
    let rest = text.get(span.end as usize..).unwrap_or_default();
    let mut end = 0;
    while let Some(inner) = rest[end..].strip_prefix('[') {
        let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || !inner[digits..].starts_with(']') {
            break;
        }
        end += digits + 2;
    }
    &rest[..end]
}
