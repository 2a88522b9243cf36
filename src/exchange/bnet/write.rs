//! A circuit as a Boolean network: a line for each feature, with the formula of its next state over features.
//!
//! The format has no signals between: what stands between is written out wherever it is read, which can be long.

use std::collections::HashMap;

use super::meaning::meaning;
use super::next::next_of;
use crate::circuit::{Circuit, GateId, Kind, Literal, Signal};
use crate::exchange::unwritable::Unwritable;
use crate::text::grouped;

/// So many letters may a file have.
const MAX_LETTERS: u64 = 1 << 26;

pub(in crate::exchange) fn write(circuit: &Circuit) -> Result<Vec<u8>, Unwritable> {
    let features = (0..circuit.n_features).map(|feature| circuit.name(Signal(feature)));
    if let Some(name) = features.clone().find(|name| meaning(name).is_some()) {
        return Err(Unwritable {
            fact: format!("the feature `{name}` has a name that the formulas of a `.bnet` have for something else"),
            help: "call it something else, or write BLIF: `--to blif`".into(),
        });
    }
    let mut next: HashMap<String, Option<Signal>> = features.clone().map(|name| (next_of(name), None)).collect();
    for &output in &circuit.outputs {
        let name = circuit.name(output);
        let Some(of) = next.get_mut(name) else {
            return Err(Unwritable {
                fact: format!("the output `{name}` is the next state of no feature, and a `.bnet` has nothing else"),
                help: format!(
                    "call the next state of a feature `a` `a_next`, put out nothing else, or write BLIF: `--to blif` \
                     (next states here: {})",
                    features.clone().take(3).map(next_of).collect::<Vec<_>>().join(", ")
                ),
            });
        };
        *of = Some(output);
    }
    let lengths = lengths(circuit);
    let length: u64 = circuit.outputs.iter().fold(0, |sum: u64, output| sum.saturating_add(lengths[output.0 as usize]));
    if length > MAX_LETTERS {
        return Err(Unwritable {
            fact: format!(
                "the formulas would have {} letters, and {} are the limit",
                of_size(length),
                grouped(MAX_LETTERS)
            ),
            help: "a `.bnet` has no signals between; BLIF and AIGER have them: `--to blif`".into(),
        });
    }
    let mut text = "targets, factors\n".to_owned();
    for name in features {
        text.push_str(&format!("{name}, "));
        match next.get(&next_of(name)).copied().flatten().and_then(|output| circuit.as_gate(output)) {
            Some(gate) => formula(circuit, gate, &mut text),
            None => text.push_str(name),
        }
        text.push('\n');
    }
    Ok(text.into_bytes())
}

fn of_size(length: u64) -> String {
    if length == u64::MAX { "more than 2^64".into() } else { grouped(length) }
}

/// What is still to be written.
enum Piece<'a> {
    Text(&'static str),
    Literal(Literal),
    Gate(GateId),
    /// Whether at least so many, or exactly so many, of these are on.
    Count {
        of: &'a [Literal],
        k: u32,
        is_exact: bool,
        negated: bool,
    },
    /// Whether an odd number of these is on, or an even one.
    Odd {
        of: &'a [Literal],
        is_odd: bool,
    },
}

/// Without recursion: circuits may be deep.
fn formula(circuit: &Circuit, gate: GateId, text: &mut String) {
    let mut waiting = vec![Piece::Gate(gate)];
    while let Some(piece) = waiting.pop() {
        let from = waiting.len();
        match piece {
            Piece::Text(mark) => text.push_str(mark),
            Piece::Literal(literal) => {
                text.push_str(if circuit.is_negated(literal) { "!" } else { "" });
                match circuit.as_gate(literal.signal()) {
                    None => text.push_str(circuit.name(literal.signal())),
                    Some(gate) => waiting.extend([Piece::Text("("), Piece::Gate(gate), Piece::Text(")")]),
                }
            }
            Piece::Gate(gate) => of_gate(circuit, gate, &mut waiting),
            Piece::Odd { of: [last], is_odd } => {
                waiting.extend((!is_odd).then_some(Piece::Text("!")));
                waiting.push(Piece::Literal(*last));
            }
            Piece::Odd { of: [], is_odd } => text.push(if is_odd { '0' } else { '1' }),
            Piece::Odd { of: [first, rest @ ..], is_odd } => waiting.extend([
                Piece::Text("("),
                Piece::Literal(*first),
                Piece::Text(" & ("),
                Piece::Odd { of: rest, is_odd: !is_odd },
                Piece::Text(")) | (!"),
                Piece::Literal(*first),
                Piece::Text(" & ("),
                Piece::Odd { of: rest, is_odd },
                Piece::Text("))"),
            ]),
            Piece::Count { of, k, is_exact, negated } => count(of, k, is_exact, negated, &mut waiting),
        }
        // The last is taken first.
        waiting[from..].reverse();
    }
}

fn of_gate<'a>(circuit: &'a Circuit, gate: GateId, waiting: &mut Vec<Piece<'a>>) {
    let of = circuit.operands(gate);
    let n = of.len() as u32;
    let mut counted = |k: u32, is_exact, negated| waiting.push(Piece::Count { of, k, is_exact, negated });
    match circuit.gates[gate.0 as usize].kind {
        Kind::And | Kind::Copy => counted(n, false, false),
        Kind::Nand => counted(n, false, true),
        Kind::Or => counted(1, false, false),
        Kind::Nor => counted(1, false, true),
        Kind::AtLeast(k) => counted(k, false, false),
        Kind::AtMost(k) => counted(k.saturating_add(1), false, true),
        Kind::Majority => counted(n / 2 + 1, false, false),
        Kind::Exactly(k) => counted(k, true, false),
        Kind::Xor => waiting.push(Piece::Odd { of, is_odd: true }),
        Kind::Xnor => waiting.push(Piece::Odd { of, is_odd: false }),
        Kind::Mux => {
            let [select, then, otherwise] = of else { return waiting.push(Piece::Text("0")) };
            waiting.extend([
                Piece::Text("("),
                Piece::Literal(*select),
                Piece::Text(" & "),
                Piece::Literal(*then),
                Piece::Text(") | (!"),
                Piece::Literal(*select),
                Piece::Text(" & "),
                Piece::Literal(*otherwise),
                Piece::Text(")"),
            ]);
        }
        Kind::AnyPair => {
            if of.len() < 2 {
                return waiting.push(Piece::Text("0"));
            }
            for (index, pair) in of.chunks_exact(2).enumerate() {
                let open = if index == 0 { "(" } else { " | (" };
                let [open, and, close] = [open, " & ", ")"].map(Piece::Text);
                waiting.extend([open, Piece::Literal(pair[0]), and, Piece::Literal(pair[1]), close]);
            }
        }
    }
}

/// Operand by operand: on, and one fewer of the others; or else.
fn count<'a>(of: &'a [Literal], k: u32, is_exact: bool, negated: bool, waiting: &mut Vec<Piece<'a>>) {
    let n = of.len() as u32;
    if negated {
        return waiting.extend([Piece::Text("!("), Piece::Count { of, k, is_exact, negated: false }, Piece::Text(")")]);
    }
    let joined = |waiting: &mut Vec<Piece<'a>>, before: &'static str, between: &'static str| {
        for (index, literal) in of.iter().enumerate() {
            waiting.extend([Piece::Text(if index == 0 { before } else { between }), Piece::Literal(*literal)]);
        }
    };
    match k {
        _ if k > n => waiting.push(Piece::Text("0")),
        0 if !is_exact || n == 0 => waiting.push(Piece::Text("1")),
        0 => joined(waiting, "!", " & !"),
        _ if k == n => joined(waiting, "", " & "),
        1 if !is_exact => joined(waiting, "", " | "),
        _ => {
            let (first, rest) = of.split_first().expect("there are more operands than are asked for");
            let further = |k| Piece::Count { of: rest, k, is_exact, negated: false };
            waiting.extend([Piece::Text("("), Piece::Literal(*first), Piece::Text(" & ("), further(k - 1)]);
            waiting.push(Piece::Text(if is_exact { ")) | (!" } else { ")) | (" }));
            waiting.extend(is_exact.then_some(Piece::Literal(*first)));
            waiting.push(Piece::Text(if is_exact { " & (" } else { "" }));
            waiting.extend([further(k), Piece::Text(if is_exact { "))" } else { ")" })]);
        }
    }
}

/// How many letters the formula of each signal has, at most.
fn lengths(circuit: &Circuit) -> Vec<u64> {
    let mut lengths: Vec<u64> =
        (0..circuit.n_features()).map(|feature| circuit.names.get(feature).len() as u64).collect();
    for gate in (0..circuit.n_gates() as u32).map(GateId) {
        let of = circuit.operands(gate);
        // With its negation, its parentheses, and what joins it to others.
        let each: Vec<u64> = of.iter().map(|literal| lengths[literal.signal().0 as usize].saturating_add(20)).collect();
        let n = of.len() as u32;
        let sum = each.iter().fold(4, |sum: u64, each| sum.saturating_add(*each));
        lengths.push(match circuit.gates[gate.0 as usize].kind {
            Kind::And | Kind::Nand | Kind::Or | Kind::Nor | Kind::Copy | Kind::AnyPair => sum,
            Kind::Mux => sum.saturating_mul(2),
            Kind::AtLeast(k) | Kind::Exactly(k) => length_of_count(&each, k),
            Kind::AtMost(k) => length_of_count(&each, k.saturating_add(1)),
            Kind::Majority => length_of_count(&each, n / 2 + 1),
            Kind::Xor | Kind::Xnor => {
                each.iter().rev().fold(4, |rest: u64, each| rest.saturating_add(*each).saturating_mul(2))
            }
        });
    }
    lengths
}

/// Of `count`, by the same steps, from the last operand on.
fn length_of_count(each: &[u64], k: u32) -> u64 {
    /// More steps are not taken: the formula is far too long.
    const MAX_STEPS: u64 = 1 << 24;
    let k = (k as usize).min(each.len());
    if each.len() as u64 * (k as u64 + 1) > MAX_STEPS {
        return u64::MAX;
    }
    // By k: of the operands from here on.
    let mut lengths = vec![1_u64; k + 1];
    for each in each.iter().rev() {
        for k in (0..=k).rev() {
            let fewer = if k > 0 { lengths[k - 1] } else { 0 };
            lengths[k] = each.saturating_mul(2).saturating_add(fewer).saturating_add(lengths[k]);
        }
    }
    lengths[k]
}
