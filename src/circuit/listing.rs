//! A circuit as a person reads it: every gate as written, layer by layer. For tests and for looking.

use std::fmt::{self, Write};

use super::{Child, Circuit, Clause, GateId, Literal, Member, Signal};

impl Circuit {
    /// Every gate as written, layer by layer, with what is carried, put out and drawn. `~` marks a gate that is
    /// stored as its complement.
    pub fn listing(&self) -> String {
        let mut text = String::new();
        self.write_listing(&mut text).expect("writing to a string");
        text
    }

    fn write_listing(&self, text: &mut String) -> fmt::Result {
        writeln!(text, "circuit {}: {} features, {} gates", self.name, self.n_features(), self.n_gates())?;
        for clause in &self.distribution.clauses {
            match clause {
                Clause::Choose { members, count } => {
                    let members: Vec<String> = members.iter().map(|member| self.member_text(member)).collect();
                    writeln!(text, "choose {}..={} of {}", count.start(), count.end(), shortened(&members))?;
                }
                Clause::Weighted { members, count, weights } => {
                    let members: Vec<String> = members.iter().map(|member| self.member_text(member)).collect();
                    let (weights, members) = (shortened_numbers(weights), shortened(&members));
                    writeln!(text, "choose {}..={} of {members} weighted {weights}", count.start(), count.end())?;
                }
                Clause::Each { features, probability } => {
                    writeln!(text, "each {} with {probability}", self.features_text(features))?;
                }
                Clause::Coins { features, probabilities } => {
                    let (features, probabilities) = (self.features_text(features), shortened_numbers(probabilities));
                    writeln!(text, "each {features} with {probabilities}")?;
                }
                Clause::Correlated { features, probability, correlation } => {
                    let features = self.features_text(features);
                    writeln!(text, "each {features} with {probability} correlated {correlation}")?;
                }
                Clause::When { children } => {
                    let of_child = |child: &Child| {
                        let [feature, parent] = [child.feature, child.parent].map(|feature| self.name(Signal(feature)));
                        format!("{feature} with {} when {parent}", child.probability)
                    };
                    let children: Vec<String> = children.iter().map(of_child).collect();
                    writeln!(text, "each {}", shortened(&children))?;
                }
            }
        }
        if let Some(rows) = &self.distribution.rows {
            writeln!(text, "from {}: {} rows", rows.path, rows.inputs.len())?;
        }
        if self.distribution.plant > 0.0 {
            writeln!(text, "plant {}", self.distribution.plant)?;
        }
        for (layer_idx, layer) in self.layers.iter().enumerate() {
            writeln!(text, "layer {layer_idx} {}", layer.name)?;
            for gate in layer.gates.clone() {
                writeln!(text, "  {}", self.gate_text(GateId(gate)))?;
            }
            if !layer.carried.is_empty() {
                let carried: Vec<&str> = layer.carried.iter().map(|&signal| self.name(signal)).collect();
                writeln!(text, "  carried: {}", carried.join(", "))?;
            }
        }
        let outputs: Vec<&str> = self.outputs.iter().map(|&signal| self.name(signal)).collect();
        writeln!(text, "output {}", shortened(&outputs))
    }

    fn features_text(&self, features: &[u32]) -> String {
        let names: Vec<&str> = features.iter().map(|&feature| self.name(Signal(feature))).collect();
        shortened(&names)
    }

    fn member_text(&self, member: &Member) -> String {
        match member {
            Member::One(feature) => self.name(Signal(*feature)).to_string(),
            Member::Row(row) => {
                format!("({} ..= {})", self.name(Signal(row.start)), self.name(Signal(row.end.saturating_sub(1))))
            }
        }
    }

    /// `storm = and(weather, breaking, !sport)`, operands as written.
    pub fn gate_text(&self, gate: GateId) -> String {
        let record = &self.gates[gate.0 as usize];
        let mut operands: Vec<String> = record.kind.count().iter().map(u32::to_string).collect();
        operands.extend(self.operands(gate).iter().map(|&operand| self.literal_text(operand)));
        let mark = if record.complemented { "~" } else { "" };
        format!("{mark}{} = {}({})", self.name(self.gate_signal(gate)), record.kind.name(), operands.join(", "))
    }

    /// `!sport`, as written.
    pub fn literal_text(&self, literal: Literal) -> String {
        format!("{}{}", if self.is_negated(literal) { "!" } else { "" }, self.name(literal.signal()))
    }
}

fn shortened_numbers(numbers: &[f64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
    shortened(&numbers)
}

/// Long lists show their ends.
fn shortened<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    if items.len() <= 12 {
        return items.join(", ");
    }
    format!("{}, … {} …, {}", items[..4].join(", "), items.len() - 8, items[items.len() - 4..].join(", "))
}
