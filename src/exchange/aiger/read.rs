//! The ASCII form of AIGER to a netlist: header, literals, ANDs, and the names behind them.

use super::ands::Ands;
use super::header::{Header, not_a_number};
use crate::diagnostic::{Diagnostic, FileId, Span};
use crate::exchange::netlist::{MAX_SIGNALS, Named, Netlist, Output, Read};
use crate::exchange::problems;
use crate::exchange::value::Value;
use crate::exchange::words::{Word, lines};

pub(in crate::exchange) fn read(text: &str, file: FileId) -> Read {
    match Reader::new(text, file).and_then(Reader::whole) {
        Ok(netlist) => netlist.checked(file, Vec::new()),
        Err(problem) => (None, vec![*problem]),
    }
}

struct Reader<'a, I: Iterator<Item = Word<'a>>> {
    lines: I,
    header: Header,
    first: Span,
    /// Where the text ends.
    end: Span,
}

const FORM: &str = "the file is `aag M I L O A`, then a line for each input, output and AND, then names: see \
                    fmv.jku.at/aiger";

fn wrong(span: Span, headline: impl Into<String>, label: impl Into<String>) -> Box<Diagnostic> {
    Box::new(problems::malformed(span, headline, label, FORM))
}

/// A literal, and where it stands.
type Placed = (u32, Span);

impl<'a> Reader<'a, Box<dyn Iterator<Item = Word<'a>> + 'a>> {
    fn new(text: &'a str, file: FileId) -> Result<Self, Box<Diagnostic>> {
        let mut lines: Box<dyn Iterator<Item = Word<'a>> + 'a> = Box::new(lines(text, None, file));
        let first = lines.next().unwrap_or_else(|| Word::new("", 0, file));
        if first.text.split_ascii_whitespace().next() != Some("aag") {
            return Err(wrong(first.span, "no AIGER", "does not begin with `aag` or `aig`"));
        }
        let header = Header::read(first.text).map_err(|fact| wrong(first.span, "no header of AIGER", fact))?;
        if header.n_signals() > MAX_SIGNALS as u64 || header.max_variable > 4 * MAX_SIGNALS as u64 {
            let n_signals = header.n_signals().max(header.max_variable);
            return Err(Box::new(problems::too_many_signals(first.span, n_signals, MAX_SIGNALS)));
        }
        let end = Span { file, start: text.len() as u32, end: text.len() as u32 };
        Ok(Reader { lines, header, first: first.span, end })
    }

    /// The next line as so many literals.
    fn literals<const N: usize>(&mut self) -> Result<([Placed; N], Span), Box<Diagnostic>> {
        let line = self.lines.next().ok_or_else(|| wrong(self.end, "the file ends too early", "lines are missing"))?;
        let words: Vec<Word> = line.words().collect();
        if words.len() != N {
            let headline = format!("a line of {N} numbers has {}", words.len());
            return Err(wrong(line.span, headline, "other than the header says"));
        }
        let mut literals = [(0, line.span); N];
        for (literal, word) in literals.iter_mut().zip(words) {
            let number = word
                .text
                .parse::<u32>()
                .map_err(|_| wrong(word.span, not_a_number(word.text), "expected a literal"))?;
            if u64::from(number / 2) > self.header.max_variable {
                let most = 2 * self.header.max_variable + 1;
                return Err(wrong(word.span, format!("the literal {number} is too large"), format!("at most {most}")));
            }
            *literal = (number, word.span);
        }
        Ok((literals, line.span))
    }

    fn whole(mut self) -> Result<Netlist, Box<Diagnostic>> {
        let Header { max_variable, inputs, latches, outputs, ands, others } = self.header;
        if others > 0 {
            return Err(Box::new(problems::not_flat(
                self.first,
                "bad states, constraints, justice or fairness",
                "properties of a model checker, and a circuit here has none",
                "leave them out: the header ends behind the number of ANDs",
            )));
        }
        let mut circuit = Ands::new(max_variable as usize);
        for index in 0..inputs {
            let ([(literal, span)], _) = self.literals()?;
            let named = Named { text: format!("i{index}"), span, is_made: true };
            self.check_target(literal, span)?;
            circuit.input(literal, named).map_err(|first| twice(literal, span, first))?;
        }
        if latches > 0 {
            let latch = self.lines.next().map_or(self.end, |line| line.span);
            return Err(Box::new(problems::not_flat(
                latch,
                "a latch",
                "and a circuit here has no state",
                "cut the circuit at its state, so that what is stored is an input and what is stored next an output: \
                 abc -c \"read x.aig; comb; write_aiger y.aig\"",
            )));
        }
        let mut put_out: Vec<(Placed, Named)> = Vec::new();
        for index in 0..outputs {
            let ([(literal, span)], _) = self.literals()?;
            put_out.push(((literal, span), Named { text: format!("o{index}"), span, is_made: true }));
        }
        for _ in 0..ands {
            let ([target, first, second], line) = self.literals()?;
            self.check_target(target.0, target.1)?;
            circuit.and(target, [first, second], line).map_err(|first| twice(target.0, target.1, first))?;
        }
        self.names(&mut circuit, &mut put_out)?;
        netlist(circuit, put_out)
    }

    fn check_target(&self, literal: u32, span: Span) -> Result<(), Box<Diagnostic>> {
        match literal {
            0 | 1 => Err(wrong(span, "a constant is defined", "`0` is off and `1` is on")),
            _ if literal % 2 == 1 => Err(wrong(span, "a negated literal is defined", "must be even")),
            _ => Ok(()),
        }
    }

    /// `i0 name`, `o3 name`, up to the comments.
    fn names(&mut self, circuit: &mut Ands, put_out: &mut [(Placed, Named)]) -> Result<(), Box<Diagnostic>> {
        for line in self.lines.by_ref() {
            if line.text == "c" {
                break;
            }
            if line.text.is_empty() {
                continue;
            }
            let (key, text) = line.text.split_once(' ').unwrap_or((line.text, ""));
            let index = key.get(1..).and_then(|digits| digits.parse::<usize>().ok());
            let named = match (key.chars().next(), index) {
                (Some('i'), Some(index)) => circuit.inputs.get_mut(index).map(|(_, named)| named),
                (Some('o'), Some(index)) => put_out.get_mut(index).map(|(_, named)| named),
                _ => None,
            };
            let Some(named) = named.filter(|_| !text.trim().is_empty()) else {
                return Err(wrong(line.span, "no name of an input or output", "expected `i0 name` or `o0 name`"));
            };
            let start = line.text.len() - text.len();
            *named = Named { text: text.to_owned(), span: line.part(start, line.text.len()).span, is_made: false };
        }
        Ok(())
    }
}

fn twice(literal: u32, span: Span, first: Span) -> Box<Diagnostic> {
    Box::new(problems::driven_twice(span, &literal.to_string(), first))
}

fn netlist(circuit: Ands, put_out: Vec<(Placed, Named)>) -> Result<Netlist, Box<Diagnostic>> {
    let outputs: Vec<Placed> = put_out.iter().map(|(placed, _)| *placed).collect();
    if let Some((literal, span)) = circuit.undriven(&outputs) {
        return Err(Box::new(problems::undriven(span, &literal.to_string())));
    }
    let (mut netlist, signals) = circuit.nodes(&outputs);
    for ((literal, span), name) in put_out {
        let (signal, negated) = match literal {
            0 | 1 => {
                // Named as the output, whose node it is.
                let signal = netlist.signals.len();
                netlist.signals.push(Named { is_made: true, ..name.clone() });
                netlist.nodes.push(crate::exchange::netlist::Node {
                    signal,
                    value: Value::constant(literal == 1),
                    span,
                });
                (signal, false)
            }
            _ => signals.of(literal),
        };
        netlist.outputs.push(Output { name, signal, negated });
    }
    Ok(netlist)
}
