//! ANDs and inverters as the gates that they are: chains of ANDs that nothing else reads are one, and three that make
//! an exclusive or or a multiplexer are that.
//!
//! Must not recurse: graphs may be as deep as they are large.

use crate::diagnostic::Span;
use crate::exchange::netlist::{Named, Netlist, Node};
use crate::exchange::value::{Gate, Value};

/// A graph by variable.
pub(super) struct Ands {
    /// The variable of each input, with its name.
    pub inputs: Vec<(usize, Named)>,
    /// In the order of the file.
    order: Vec<usize>,
    ands: Vec<Option<And>>,
    /// Where a variable is defined.
    places: Vec<Option<Span>>,
}

#[derive(Debug, Clone, Copy)]
struct And {
    operands: [u32; 2],
    /// Where these stand, and the whole.
    spans: [Span; 2],
    line: Span,
}

/// What becomes of the AND of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// A gate that other ANDs may be part of.
    Chain,
    /// Of `!(s & a) & !(!s & b)`: s, a, b.
    Mux([u32; 3]),
    /// Part of the one gate that reads it.
    Part,
}

/// Which signal a variable is, and whether it stands for the complement.
pub(super) struct Signals {
    of: Vec<Option<(usize, bool)>>,
}

impl Signals {
    /// Of a literal that an output reads.
    pub fn of(&self, literal: u32) -> (usize, bool) {
        let (signal, flipped) = self.of[literal as usize / 2].expect("what is read is driven, and no part of another");
        (signal, (literal % 2 == 1) != flipped)
    }
}

impl Ands {
    pub fn new(max_variable: usize) -> Ands {
        let n = max_variable + 1;
        Ands { inputs: Vec::new(), order: Vec::new(), ands: vec![None; n], places: vec![None; n] }
    }

    /// # Errors
    /// Where the variable is defined already.
    pub fn input(&mut self, literal: u32, named: Named) -> Result<(), Span> {
        self.define(literal, named.span)?;
        self.inputs.push((literal as usize / 2, named));
        Ok(())
    }

    /// # Errors
    /// Where the variable is defined already.
    pub fn and(&mut self, target: (u32, Span), operands: [(u32, Span); 2], line: Span) -> Result<(), Span> {
        self.define(target.0, target.1)?;
        let variable = target.0 as usize / 2;
        let and = And { operands: operands.map(|operand| operand.0), spans: operands.map(|operand| operand.1), line };
        self.ands[variable] = Some(and);
        self.order.push(variable);
        Ok(())
    }

    fn define(&mut self, literal: u32, span: Span) -> Result<(), Span> {
        match self.places[literal as usize / 2].replace(span) {
            Some(first) => Err(first),
            None => Ok(()),
        }
    }

    /// The first literal that is read and that nothing drives.
    pub fn undriven(&self, outputs: &[(u32, Span)]) -> Option<(u32, Span)> {
        let ands = self.order.iter().filter_map(|&variable| self.ands[variable]);
        let read = ands.flat_map(|and| and.operands.into_iter().zip(and.spans));
        read.chain(outputs.iter().copied())
            .find(|(literal, _)| *literal > 1 && self.places[*literal as usize / 2].is_none())
    }

    /// The netlist without its outputs, and what variables are in it.
    pub fn nodes(self, outputs: &[(u32, Span)]) -> (Netlist, Signals) {
        let mut readers = vec![0_u32; self.ands.len()];
        let ands = self.order.iter().filter_map(|&variable| self.ands[variable]);
        let mut put_out = vec![false; self.ands.len()];
        outputs.iter().for_each(|(literal, _)| put_out[*literal as usize / 2] = true);
        let mut negated = readers.clone();
        for literal in ands.flat_map(|and| and.operands).chain(outputs.iter().map(|(literal, _)| *literal)) {
            readers[literal as usize / 2] += 1;
            negated[literal as usize / 2] += literal % 2;
        }
        let fates = self.fates(&readers, &put_out);
        let mut netlist = Netlist::default();
        let mut signals = Signals { of: vec![None; self.ands.len()] };
        for (variable, named) in &self.inputs {
            signals.of[*variable] = Some((netlist.signals.len(), false));
            netlist.inputs.push(netlist.signals.len());
            netlist.signals.push(named.clone());
        }
        let is_node = |variable: &usize| fates[*variable] != Fate::Part;
        for variable in self.order.iter().copied().filter(is_node) {
            // Where only the complement is read, the gate is that.
            let flipped = readers[variable] > 0 && negated[variable] == readers[variable];
            signals.of[variable] = Some((netlist.signals.len(), flipped));
            let span = self.places[variable].unwrap_or_default();
            netlist.signals.push(Named { text: format!("n{variable}"), span, is_made: true });
        }
        for variable in self.order.iter().copied().filter(is_node) {
            let Some(and) = &self.ands[variable] else { continue };
            let (signal, flipped) = signals.of[variable].expect("given above");
            let value = match fates[variable] {
                // The complement of what it selects.
                Fate::Mux([select, then, otherwise]) => {
                    let operands = [select, then ^ 1, otherwise ^ 1];
                    Value::Gate(Gate::Mux, operands.map(|literal| signals.value(literal)).into())
                }
                _ => self.chain(and, &fates, &signals),
            };
            let value = if flipped { value.complement() } else { value };
            netlist.nodes.push(Node { signal, value: value.simplified(), span: and.line });
        }
        (netlist, signals)
    }

    fn fates(&self, readers: &[u32], put_out: &[bool]) -> Vec<Fate> {
        let mut fates = vec![Fate::Chain; self.ands.len()];
        // What one AND alone reads.
        let is_inner = |variable: usize| readers[variable] == 1 && !put_out[variable] && self.ands[variable].is_some();
        for &variable in &self.order {
            let Some(And { operands: [p, q], .. }) = self.ands[variable] else { continue };
            let inner = [p, q].map(|literal| (literal % 2 == 1).then_some(literal as usize / 2));
            let [Some(p), Some(q)] = inner else { continue };
            let is_free = [p, q].into_iter().all(|part| is_inner(part) && fates[part] == Fate::Chain);
            if p == q || !is_free || fates[variable] == Fate::Part {
                continue;
            }
            if let (Some(p_and), Some(q_and)) = (self.ands[p], self.ands[q])
                && let Some(mux) = mux(p_and.operands, q_and.operands)
            {
                fates[variable] = Fate::Mux(mux);
                (fates[p], fates[q]) = (Fate::Part, Fate::Part);
            }
        }
        let chains: Vec<usize> =
            self.order.iter().copied().filter(|&variable| fates[variable] == Fate::Chain).collect();
        for variable in chains {
            for literal in self.ands[variable].map_or([0, 0], |and| and.operands) {
                let part = literal as usize / 2;
                if literal % 2 == 0 && is_inner(part) && fates[part] == Fate::Chain {
                    fates[part] = Fate::Part;
                }
            }
        }
        fates
    }

    /// An AND with all of its parts.
    fn chain(&self, and: &And, fates: &[Fate], signals: &Signals) -> Value {
        let mut operands = Vec::new();
        let mut waiting = vec![and.operands[1], and.operands[0]];
        while let Some(literal) = waiting.pop() {
            match (&self.ands[literal as usize / 2], literal) {
                (_, 0) => return Value::constant(false),
                (_, 1) => {}
                (Some(part), _) if literal % 2 == 0 && fates[literal as usize / 2] == Fate::Part => {
                    waiting.extend([part.operands[1], part.operands[0]]);
                }
                _ => operands.push(signals.value(literal)),
            }
        }
        Value::chain(Gate::All, operands)
    }
}

impl Signals {
    fn value(&self, literal: u32) -> Value {
        match self.of[literal as usize / 2] {
            Some((signal, flipped)) => Value::literal(signal, (literal % 2 == 1) != flipped),
            // 0 and 1 are no variable's.
            None => Value::constant(literal == 1),
        }
    }
}

/// The literals s, a, b of `s & a` and `!s & b`, if that is what these are.
fn mux(p: [u32; 2], q: [u32; 2]) -> Option<[u32; 3]> {
    let places = [(0, 0), (0, 1), (1, 0), (1, 1)];
    let place = places.into_iter().find(|&(i, j)| p[i] ^ 1 == q[j] && p[i] > 1);
    place.map(|(i, j)| if p[i].is_multiple_of(2) { [p[i], p[1 - i], q[1 - j]] } else { [q[j], q[1 - j], p[1 - i]] })
}
