//! A netlist in the language: features named as its inputs, a sub-circuit, one call of it, and outputs.
//!
//! It is written as text and read as such, so that what is imported and what is used are the same; the places of the
//! tree are then those of the netlist. Must not know a format.

use std::fmt::Write;

use super::names::Names;
use super::netlist::Netlist;
use super::value::{Gate, Value};
use crate::diagnostic::{Diagnostic, FileId, SourceFile, Sources, Span, visible};
use crate::syntax::{self, ast};
use crate::text::counted;

/// A text, and which part of the netlist each of its parts is from.
pub(super) struct Written {
    pub text: String,
    /// Where a part begins, ascending.
    parts: Vec<(u32, Span)>,
}

impl Written {
    /// What follows is from there.
    fn at(&mut self, span: Span) -> &mut String {
        self.parts.push((self.text.len() as u32, span));
        &mut self.text
    }

    /// The place in the netlist.
    fn place(&self, span: Span) -> Span {
        let part = self.parts.partition_point(|(start, _)| *start <= span.start);
        part.checked_sub(1).map_or(Span::default(), |part| self.parts[part].1)
    }
}

/// `file_name` is shown, `stem` is what circuit and sub-circuit are called unless the netlist says.
pub(super) fn written(netlist: &Netlist, file: FileId, file_name: &str, stem: &str) -> Written {
    let start = Span { file, start: 0, end: 0 };
    let names = Names::of(netlist, netlist.name.as_deref().unwrap_or(stem));
    let mut out = Written { text: String::new(), parts: vec![(0, start)] };
    let (n_inputs, n_nodes) = (netlist.inputs.len() as u64, netlist.nodes.len() as u64);
    let n_outputs = netlist.outputs.len() as u64;
    let counts = [counted(n_inputs, "input"), counted(n_nodes, "node"), counted(n_outputs, "output")].join(", ");
    let left_out = match netlist.n_left_out as u64 {
        0 => String::new(),
        n => format!("; {} that no output needs left out", counted(n, "node")),
    };
    let file_name = visible(file_name);
    let _ = writeln!(out.text, "// From {file_name}: {counts}{left_out}.\ncircuit {};", names.circuit);
    out.text.push_str(&renamed(&names));
    if !names.parameters.is_empty() {
        out.text.push_str("\nfeature ");
        declared(&mut out, &names.parameters);
        out.at(start).push_str(";\n");
    }
    let _ = write!(out.text, "\ngate {}(", names.circuit);
    declared(&mut out, &names.parameters);
    out.at(start).push_str(") -> (");
    declared(&mut out, &names.results);
    out.at(start).push_str(") {\n");
    for node in &netlist.nodes {
        let target = &names.signals[node.signal];
        let _ = write!(out.at(node.span), "  {target} = ");
        write_value(&mut out.text, &node.value, &names.signals, 0);
        out.text.push_str(";\n");
    }
    for copy in &names.copies {
        let output = &netlist.outputs[copy.output];
        let mark = if output.negated { "!" } else { "" };
        let _ = writeln!(out.at(output.name.span), "  {} = {mark}{};", copy.name, names.signals[output.signal]);
    }
    out.at(start).push_str("}\n\n");
    let targets = names.targets.join(", ");
    let targets = if names.targets.len() == 1 { targets } else { format!("({targets})") };
    let arguments: Vec<&str> = names.parameters.iter().map(|declared| declared.name.as_str()).collect();
    let _ = writeln!(out.text, "{targets} = {}({});", names.circuit, arguments.join(", "));
    let _ = writeln!(out.text, "output {};", names.outputs.join(", "));
    out
}

fn declared(out: &mut Written, list: &[super::names::Declared]) {
    for (index, declared) in list.iter().enumerate() {
        out.text.push_str(if index == 0 { "" } else { ", " });
        let text = out.at(declared.span);
        text.push_str(&declared.name);
        declared.dimensions.iter().for_each(|length| text.push_str(&format!("[{length}]")));
    }
}

/// A comment with the names that are none here.
fn renamed(names: &Names) -> String {
    if names.renamed.is_empty() {
        return String::new();
    }
    let width = names.renamed.iter().map(|(made, _)| made.len()).max().unwrap_or(0).min(40);
    let mut text = "\n/* What is no name here, and what it is called instead:\n".to_string();
    for (made, old) in &names.renamed {
        let old = visible(&old.replace("*/", "* /"));
        let _ = writeln!(text, "     {made:width$}  {old}");
    }
    text + "*/\n"
}

/// How tightly operators bind: an operand that binds less tightly stands in parentheses.
fn binding(gate: Gate) -> Option<(&'static str, u32)> {
    match gate {
        Gate::Any => Some((" | ", 1)),
        Gate::Parity => Some((" ^ ", 2)),
        Gate::All => Some((" & ", 3)),
        _ => None,
    }
}

fn write_value(text: &mut String, value: &Value, names: &[String], around: u32) {
    let (gate, operands) = match value {
        Value::Signal(signal) => return text.push_str(&names[*signal]),
        Value::Not(inner) => {
            text.push('!');
            return write_value(text, inner, names, 4);
        }
        Value::Gate(gate, operands) => (*gate, operands),
    };
    if let (Some((operator, tightness)), 2..) = (binding(gate), operands.len()) {
        let is_inner = tightness <= around;
        text.push_str(if is_inner { "(" } else { "" });
        for (index, operand) in operands.iter().enumerate() {
            text.push_str(if index == 0 { "" } else { operator });
            write_value(text, operand, names, tightness);
        }
        text.push_str(if is_inner { ")" } else { "" });
        return;
    }
    let (word, count) = match gate {
        Gate::All => ("all", None),
        Gate::Any => ("any", None),
        Gate::Parity => ("parity", None),
        Gate::Nand => ("nand", None),
        Gate::Nor => ("nor", None),
        Gate::Xnor => ("xnor", None),
        Gate::AtLeast(k) => ("at_least", Some(k)),
        Gate::AtMost(k) => ("at_most", Some(k)),
        Gate::Exactly(k) => ("exactly", Some(k)),
        Gate::Mux => ("mux", None),
    };
    let _ = write!(text, "{word}(");
    if let Some(count) = count {
        let _ = write!(text, "{count}");
    }
    for (index, operand) in operands.iter().enumerate() {
        text.push_str(if index == 0 && count.is_none() { "" } else { ", " });
        write_value(text, operand, names, 0);
    }
    text.push(')');
}

/// The tree of what was written, with the places of the netlist, and what is wrong with it.
pub(super) fn parsed(written: &Written, file: FileId) -> (ast::Ast, Vec<Diagnostic>) {
    let text = SourceFile { name: String::new(), text: written.text.clone() };
    let (mut ast, mut problems) = syntax::parse(&Sources { files: vec![text] }, FileId(0));
    ast.file = file;
    ast.comments.clear();
    let moved = &mut |span: &mut Span| *span = written.place(*span);
    ast.items.iter_mut().for_each(|item| move_item(item, moved));
    for problem in &mut problems {
        moved(&mut problem.span);
        problem.related.iter_mut().for_each(|(span, _)| moved(span));
    }
    (ast, problems)
}

/// In the language as `superpose fmt` prints it.
pub(super) fn formatted(written: &Written) -> String {
    let text = SourceFile { name: String::new(), text: written.text.clone() };
    let (ast, _) = syntax::parse(&Sources { files: vec![text] }, FileId(0));
    syntax::format(&ast, &written.text)
}

type Moved<'a> = &'a mut dyn FnMut(&mut Span);

/// Of the items that are written above.
fn move_item(item: &mut ast::Item, moved: Moved) {
    match item {
        ast::Item::Circuit { name, span } => {
            moved(&mut name.span);
            moved(span);
        }
        ast::Item::Feature { declared, span } => {
            declared.iter_mut().for_each(|declared| move_declared(declared, moved));
            moved(span);
        }
        ast::Item::SubCircuit(circuit) => {
            moved(&mut circuit.name.span);
            moved(&mut circuit.span);
            circuit.parameters.iter_mut().for_each(|declared| move_declared(declared, moved));
            circuit.results.iter_mut().for_each(|declared| move_declared(declared, moved));
            circuit.body.iter_mut().for_each(|definition| move_definition(definition, moved));
        }
        ast::Item::Definition(definition) => move_definition(definition, moved),
        ast::Item::Output { signals, span } => {
            signals.iter_mut().for_each(|signal| move_reference(signal, moved));
            moved(span);
        }
        _ => {}
    }
}

fn move_declared(declared: &mut ast::Declared, moved: Moved) {
    moved(&mut declared.name.span);
    moved(&mut declared.span);
    declared.dimensions.iter_mut().for_each(|length| move_integer(length, moved));
}

fn move_integer(expr: &mut ast::Expr, moved: Moved) {
    if let ast::Expr::Integer { span, .. } = expr {
        moved(span);
    }
}

fn move_definition(definition: &mut ast::Definition, moved: Moved) {
    moved(&mut definition.span);
    definition.targets.iter_mut().for_each(|target| move_reference(target, moved));
    move_formula(&mut definition.value, moved);
}

fn move_reference(reference: &mut ast::Reference, moved: Moved) {
    moved(&mut reference.name.span);
    moved(&mut reference.span);
    for index in &mut reference.indices {
        if let ast::Index::At(expr) = index {
            move_integer(expr, moved);
        }
    }
}

fn move_formula(formula: &mut ast::Formula, moved: Moved) {
    match formula {
        ast::Formula::Signal(reference) => move_reference(reference, moved),
        ast::Formula::Not { inner, span } | ast::Formula::Group { inner, span } => {
            moved(span);
            move_formula(inner, moved);
        }
        ast::Formula::Chain { operands, span, .. } => {
            moved(span);
            operands.iter_mut().for_each(|operand| move_formula(operand, moved));
        }
        ast::Formula::Call(call) => {
            moved(&mut call.name.span);
            moved(&mut call.span);
            call.count.iter_mut().for_each(|count| move_integer(count, moved));
            for argument in &mut call.arguments {
                moved(&mut argument.span);
                move_formula(&mut argument.value, moved);
            }
        }
    }
}
