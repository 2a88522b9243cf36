//! A circuit as two-input ANDs, equal ones once, with the names of its features and outputs.

use std::collections::HashMap;
use std::fmt::Write;

use crate::circuit::{Circuit, GateId, Signal};
use crate::exchange::logic::Logic;
use crate::exchange::netlist::MAX_SIGNALS;
use crate::exchange::unwritable::Unwritable;
use crate::text::grouped;

/// The ANDs of a circuit, each of literals below its own.
struct Graph {
    n_inputs: u32,
    ands: Vec<[u32; 2]>,
    known: HashMap<[u32; 2], u32>,
    /// Literals.
    outputs: Vec<u32>,
}

pub(in crate::exchange) fn to_ascii(circuit: &Circuit) -> Result<Vec<u8>, Unwritable> {
    let graph = graph(circuit)?;
    let mut text = header("aag", &graph);
    (1..=graph.n_inputs).for_each(|input| text.push_str(&format!("{}\n", 2 * input)));
    graph.outputs.iter().for_each(|output| text.push_str(&format!("{output}\n")));
    for (target, [first, second]) in graph.targets().zip(&graph.ands) {
        let _ = writeln!(text, "{target} {first} {second}");
    }
    Ok((text + &names(circuit)).into_bytes())
}

pub(in crate::exchange) fn to_binary(circuit: &Circuit) -> Result<Vec<u8>, Unwritable> {
    let graph = graph(circuit)?;
    let mut text = header("aig", &graph);
    graph.outputs.iter().for_each(|output| text.push_str(&format!("{output}\n")));
    let mut bytes = text.into_bytes();
    for (target, [first, second]) in graph.targets().zip(&graph.ands) {
        push_number(&mut bytes, target - first);
        push_number(&mut bytes, first - second);
    }
    bytes.extend(names(circuit).bytes());
    Ok(bytes)
}

fn header(word: &str, graph: &Graph) -> String {
    let (inputs, outputs, ands) = (graph.n_inputs as usize, graph.outputs.len(), graph.ands.len());
    format!("{word} {} {inputs} 0 {outputs} {ands}\n", inputs + ands)
}

/// In groups of seven bits, the lowest first.
fn push_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn names(circuit: &Circuit) -> String {
    let mut text = String::new();
    for feature in 0..circuit.n_features {
        let _ = writeln!(text, "i{feature} {}", circuit.name(Signal(feature)));
    }
    for (index, &output) in circuit.outputs.iter().enumerate() {
        let _ = writeln!(text, "o{index} {}", circuit.name(output));
    }
    text + "c\n" + &circuit.name + "\n"
}

fn graph(circuit: &Circuit) -> Result<Graph, Unwritable> {
    let n_inputs = circuit.n_features;
    let mut graph = Graph { n_inputs, ands: Vec::new(), known: HashMap::new(), outputs: Vec::new() };
    // Of signals as written.
    let mut literals: Vec<u32> = (1..=n_inputs).map(|input| 2 * input).collect();
    for gate in (0..circuit.n_gates() as u32).map(GateId) {
        let operands = circuit.operands(gate).iter();
        let operands: Vec<u32> = operands
            .map(|&literal| literals[literal.signal().0 as usize] ^ u32::from(circuit.is_negated(literal)))
            .collect();
        literals.push(graph.gate(circuit.gates[gate.0 as usize].kind, &operands));
        let n_signals = graph.ands.len() + circuit.n_features() + circuit.outputs.len();
        if n_signals > MAX_SIGNALS {
            return Err(Unwritable {
                fact: format!("it has more than {} features, ANDs and outputs", grouped(MAX_SIGNALS as u64)),
                help: "BLIF has gates of many operands: `--to blif`".into(),
            });
        }
    }
    graph.outputs = circuit.outputs.iter().map(|output| literals[output.0 as usize]).collect();
    Ok(graph)
}

impl Graph {
    fn targets(&self) -> impl Iterator<Item = u32> + use<> {
        let n_inputs = self.n_inputs;
        (0..self.ands.len() as u32).map(move |and| 2 * (n_inputs + and + 1))
    }

    fn and(&mut self, a: u32, b: u32) -> u32 {
        let [first, second] = [a.max(b), a.min(b)];
        match (first, second) {
            (_, 0) => 0,
            (_, 1) => first,
            _ if first == second => first,
            _ if first == second ^ 1 => 0,
            _ => {
                let next = 2 * (self.n_inputs + self.ands.len() as u32 + 1);
                let literal = *self.known.entry([first, second]).or_insert(next);
                if literal == next {
                    self.ands.push([first, second]);
                }
                literal
            }
        }
    }

    fn xor(&mut self, a: u32, b: u32) -> u32 {
        let both = self.and(a, b);
        let none = self.and(a ^ 1, b ^ 1);
        self.and(both ^ 1, none ^ 1)
    }
}

impl Logic for Graph {
    type Wire = u32;

    fn constant(&mut self, is_on: bool) -> u32 {
        is_on.into()
    }

    fn not(&mut self, wire: u32) -> u32 {
        wire ^ 1
    }

    fn all(&mut self, wires: &[u32]) -> u32 {
        let mut wires = wires.to_vec();
        // In pairs: not as deep as it is long.
        while wires.len() > 1 {
            let pairs: Vec<u32> = wires.chunks(2).map(|pair| self.and(pair[0], *pair.last().unwrap_or(&1))).collect();
            wires = pairs;
        }
        wires.first().copied().unwrap_or(1)
    }

    fn odd(&mut self, wires: &[u32]) -> u32 {
        wires[1..].iter().fold(wires[0], |sum, &wire| self.xor(sum, wire))
    }

    fn two_of(&mut self, [a, b, c]: [u32; 3]) -> u32 {
        let pairs = [self.and(a, b), self.and(a, c), self.and(b, c)];
        self.any(&pairs)
    }
}
