//! The `.bench` netlists of the ISCAS benchmarks, without flip-flops; also constants and tables as ABC writes them.
//!
//! Source: F. Brglez, H. Fujiwara, "A neutral netlist of 10 combinational benchmark circuits", ISCAS 1985.

use super::netlist::{Read, Wires};
use super::problems;
use super::value::{Gate, Value};
use super::words::{Word, lines};
use crate::diagnostic::{Diagnostic, FileId};

pub(super) fn read(text: &str, file: FileId) -> Read {
    let mut wires = Wires::new(file);
    for line in lines(text, Some('#'), file).map(|line| line.trim()).filter(|line| !line.text.is_empty()) {
        if wires.is_given_up() {
            break;
        }
        if let Err(problem) = statement(&mut wires, line) {
            wires.found.push(*problem);
        }
    }
    wires.finish()
}

const FORM: &str = "a line is `INPUT(a)`, `OUTPUT(y)` or `y = NAND(a, b)`";

fn statement(wires: &mut Wires, line: Word) -> Result<(), Box<Diagnostic>> {
    let wrong = |label: &str| Box::new(problems::malformed(line.span, "no line of a `.bench` file", label, FORM));
    let Some(equals) = line.text.find('=') else {
        let (word, name) = called(line).ok_or_else(|| wrong("neither declares nor defines a signal"))?;
        if name.text.is_empty() {
            return Err(wrong("no name"));
        }
        match word.text.to_ascii_uppercase().as_str() {
            "INPUT" => wires.input(name.text, name.span),
            "OUTPUT" => wires.output(name.text, name.span),
            _ => return Err(wrong("neither an input nor an output")),
        }
        return Ok(());
    };
    let target = line.part(0, equals).trim();
    let formula = line.part(equals + 1, line.text.len()).trim();
    if target.text.is_empty() || target.text.contains(|letter: char| letter.is_whitespace()) {
        return Err(wrong("defines no name"));
    }
    let value = match formula.text.to_ascii_lowercase().as_str() {
        "vdd" => Value::constant(true),
        "gnd" => Value::constant(false),
        _ => {
            let (word, operands) = called(formula).ok_or_else(|| wrong("no function of signals"))?;
            let names: Vec<Word> = operands.listed().collect();
            if names.iter().any(|name| name.text.is_empty()) {
                return Err(wrong("an operand without a name"));
            }
            let signals: Vec<usize> = names.iter().map(|name| wires.signal(name.text, name.span)).collect();
            value(word, signals)?
        }
    };
    let signal = wires.signal(target.text, target.span);
    wires.node(signal, target.span, value, line.span);
    Ok(())
}

/// `WORD(…)`: the word, and what stands in the parentheses.
fn called(text: Word) -> Option<(Word, Word)> {
    let open = text.text.find('(')?;
    let close = text.text.strip_suffix(')')?.len();
    (open < close).then(|| (text.part(0, open).trim(), text.part(open + 1, close).trim()))
}

fn value(word: Word, signals: Vec<usize>) -> Result<Value, Box<Diagnostic>> {
    let wrong = |label: String, help: &str| {
        let headline = format!("`{}` is no function here", crate::text::shown(word.text));
        Err(Box::new(problems::malformed(word.span, headline, label, help)))
    };
    let operands = || signals.iter().map(|&signal| Value::Signal(signal)).collect();
    let upper = word.text.to_ascii_uppercase();
    if let Some(table) = upper.strip_prefix("LUT").map(str::trim) {
        let digits = table.strip_prefix("0X").unwrap_or(table);
        return match u64::from_str_radix(digits, 16) {
            Ok(table) if signals.len() <= 6 => Ok(Value::of_table(&signals, table)),
            _ => wrong("tables have up to 6 inputs".into(), "write it as gates: AND, OR, NOT"),
        };
    }
    let gate = match upper.as_str() {
        "AND" => Gate::All,
        "OR" => Gate::Any,
        "NAND" => Gate::Nand,
        "NOR" => Gate::Nor,
        "XOR" => Gate::Parity,
        "XNOR" => Gate::Xnor,
        "NOT" | "INV" | "BUF" | "BUFF" => {
            let [signal] = signals[..] else {
                return wrong(format!("has {} operands, not one", signals.len()), "give it one operand");
            };
            return Ok(Value::literal(signal, matches!(upper.as_str(), "NOT" | "INV")));
        }
        "DFF" | "LATCH" | "DFFSR" | "DFFRSE" => {
            return Err(Box::new(problems::not_flat(
                word.span,
                format!("`{}`", word.text),
                "is a flip-flop, and a circuit here has no state",
                "cut the circuit at its state, so that what is stored is an input and what is stored next an output: \
                 abc -c \"read_bench x.bench; comb; write_bench y.bench\"",
            )));
        }
        _ => {
            return wrong("not known".into(), "there are AND, OR, NAND, NOR, XOR, XNOR, NOT, BUF, LUT, vdd and gnd");
        }
    };
    Ok(Value::Gate(gate, operands()))
}
