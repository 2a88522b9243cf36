//! A circuit as covers: a gate of few operands is one, of many a few.
//!
//! Names are those of the circuit; what stands between its signals is called after the gate that needs it, with `$`,
//! which no name of a circuit has.

use std::fmt::Write;

use crate::circuit::{Circuit, GateId, Kind};
use crate::exchange::logic::Logic;
use crate::exchange::unwritable::Unwritable;

/// A gate of so many distinct operands has a row for each way that it is on.
const MAX_TABLE: usize = 6;

/// So long may a line be before it goes on in the next.
const MAX_LINE: usize = 100;

pub(in crate::exchange) fn write(circuit: &Circuit) -> Result<Vec<u8>, Unwritable> {
    let mut covers = Covers { circuit, text: String::new(), helpers: Vec::new(), owner: "" };
    let _ = writeln!(covers.text, ".model {}", circuit.name);
    let features = (0..circuit.n_features()).map(|feature| circuit.names.get(feature));
    covers.listed(".inputs", features);
    covers.listed(".outputs", circuit.outputs.iter().map(|&output| circuit.name(output)));
    for gate in (0..circuit.n_gates() as u32).map(GateId) {
        covers.gate(gate);
    }
    covers.text.push_str(".end\n");
    Ok(covers.text.into_bytes())
}

/// Twice a signal or helper, and one more where it is negated; the first of all stand for off and on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wire(u32);

struct Covers<'a> {
    circuit: &'a Circuit,
    text: String,
    /// Names of what stands between signals.
    helpers: Vec<String>,
    /// The gate that needs it.
    owner: &'a str,
}

impl<'a> Covers<'a> {
    fn listed(&mut self, word: &str, names: impl Iterator<Item = &'a str>) {
        self.text.push_str(word);
        let mut width = word.len();
        for name in names {
            if width + 1 + name.len() > MAX_LINE {
                self.text.push_str(" \\\n");
                width = 0;
            }
            width += 1 + name.len();
            let _ = write!(self.text, " {name}");
        }
        self.text.push('\n');
    }

    fn name(&self, wire: Wire) -> &str {
        let index = wire.0 as usize / 2;
        match index.checked_sub(self.circuit.n_signals()) {
            None => self.circuit.names.get(index),
            Some(helper) => &self.helpers[helper],
        }
    }

    /// The head of a cover over these wires, whose order its rows have.
    fn head(&mut self, inputs: &[Wire], target: &str) {
        self.text.push_str(".names");
        for &input in inputs {
            let name = self.name(input).to_owned();
            let _ = write!(self.text, " {name}");
        }
        let _ = writeln!(self.text, " {target}");
    }

    fn gate(&mut self, gate: GateId) {
        let circuit = self.circuit;
        let kind = circuit.gates[gate.0 as usize].kind;
        let target = circuit.name(circuit.gate_signal(gate));
        let literals = circuit.operands(gate).iter();
        let wires: Vec<Wire> =
            literals.map(|&literal| Wire(literal.signal().0 << 1 | u32::from(circuit.is_negated(literal)))).collect();
        self.owner = target;
        let mut signals: Vec<Wire> = Vec::with_capacity(wires.len());
        for wire in &wires {
            signals.push(Wire(wire.0 & !1));
        }
        let mut distinct = signals.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() == wires.len() && self.one_row(kind, &wires, target) {
            return;
        }
        if distinct.len() <= MAX_TABLE {
            // In the order in which they are read.
            let mut seen = Vec::new();
            signals.retain(|signal| {
                !seen.contains(signal) && {
                    seen.push(*signal);
                    true
                }
            });
            return self.table(kind, &wires, &signals, target);
        }
        let value = Logic::gate(self, kind, &wires);
        self.head(&[Wire(value.0 & !1)], target);
        self.text.push_str(if value.0 % 2 == 1 { "0 1\n" } else { "1 1\n" });
    }

    /// A gate that is on, or off, in one case alone.
    fn one_row(&mut self, kind: Kind, wires: &[Wire], target: &str) -> bool {
        // The operands in that case, and the value then.
        let (all_on, value) = match kind {
            Kind::And | Kind::Copy => (true, '1'),
            Kind::Nand => (true, '0'),
            Kind::Or => (false, '0'),
            Kind::Nor => (false, '1'),
            _ => return false,
        };
        self.head(wires, target);
        self.text.extend(wires.iter().map(|wire| if (wire.0 % 2 == 0) == all_on { '1' } else { '0' }));
        let _ = writeln!(self.text, "{}{value}", if wires.is_empty() { "" } else { " " });
        true
    }

    /// A row for each way that a gate of few operands is on.
    fn table(&mut self, kind: Kind, wires: &[Wire], signals: &[Wire], target: &str) {
        self.head(signals, target);
        let places: Vec<usize> = wires
            .iter()
            .map(|wire| signals.iter().position(|signal| signal.0 == wire.0 & !1).expect("it is one of them"))
            .collect();
        for minterm in 0..1_u32 << signals.len() {
            let values =
                wires.iter().zip(&places).map(|(wire, place)| (minterm >> place & 1 == 1) != (wire.0 % 2 == 1));
            if kind.value(values) {
                self.text.extend((0..signals.len()).map(|place| if minterm >> place & 1 == 1 { '1' } else { '0' }));
                self.text.push_str(if signals.is_empty() { "1\n" } else { " 1\n" });
            }
        }
    }

    /// A new wire between signals, of which each row says when it is on.
    fn helper(&mut self, inputs: &[Wire], rows: &[&str]) -> Wire {
        let name = format!("{}${}", self.owner, self.helpers.len());
        let signals: Vec<Wire> = inputs.iter().map(|input| Wire(input.0 & !1)).collect();
        self.head(&signals, &name);
        for row in rows {
            for (mark, input) in row.chars().zip(inputs) {
                self.text.push(match mark {
                    '-' => '-',
                    mark if input.0 % 2 == 0 => mark,
                    '1' => '0',
                    _ => '1',
                });
            }
            self.text.push_str(if inputs.is_empty() { "1\n" } else { " 1\n" });
        }
        self.helpers.push(name);
        Wire((self.circuit.n_signals() + self.helpers.len() - 1) as u32 * 2)
    }
}

impl Logic for Covers<'_> {
    type Wire = Wire;

    fn constant(&mut self, is_on: bool) -> Wire {
        self.helper(&[], if is_on { &[""] } else { &[] })
    }

    fn not(&mut self, wire: Wire) -> Wire {
        Wire(wire.0 ^ 1)
    }

    fn all(&mut self, wires: &[Wire]) -> Wire {
        self.helper(wires, &[&"1".repeat(wires.len())])
    }

    fn odd(&mut self, wires: &[Wire]) -> Wire {
        let rows: &[&str] = if wires.len() == 2 { &["10", "01"] } else { &["100", "010", "001", "111"] };
        self.helper(wires, rows)
    }

    fn two_of(&mut self, wires: [Wire; 3]) -> Wire {
        self.helper(&wires, &["11-", "1-1", "-11"])
    }
}
