//! What a file declares, in the order of its text.

use super::Kind;
use super::view::View;
use crate::diagnostic::{FileId, Span};
use crate::syntax::ast::{Definition, Item, Name};

/// A name, what it is, where it stands and the statement that gives it its meaning; within a block, below its block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub kind: Kind,
    pub at: Span,
    pub statement: Span,
    pub inner: Vec<Entry>,
}

/// Of the first file of a view.
pub fn outline(view: &View) -> Vec<Entry> {
    let Some(ast) = view.loaded.asts.iter().find(|ast| ast.file == FileId(0)) else { return Vec::new() };
    let mut entries = Vec::new();
    for item in &ast.items {
        let statement = item.span();
        match item {
            Item::Const { name, .. } => entries.push(entry(name, Kind::Constant, statement)),
            Item::Feature { declared, .. } => {
                entries.extend(declared.iter().map(|declared| entry(&declared.name, Kind::Feature, declared.span)));
            }
            Item::SubCircuit(circuit) => {
                let inner = gates(&circuit.body);
                entries.push(Entry { inner, ..entry(&circuit.name, Kind::SubCircuit, statement) });
            }
            Item::Layer { name, body, .. } => {
                entries.push(Entry { inner: gates(body), ..entry(name, Kind::Layer, statement) });
            }
            Item::Definition(definition) => entries.extend(gates(std::slice::from_ref(definition))),
            Item::Head(head) => entries.push(entry(&head.name, Kind::Head, statement)),
            Item::Circuit { .. }
            | Item::Use { .. }
            | Item::Sample { .. }
            | Item::Output { .. }
            | Item::Network { .. }
            | Item::Require { .. } => {}
        }
    }
    entries
}

fn gates(body: &[Definition]) -> Vec<Entry> {
    let of = |definition: &Definition| {
        let statement = definition.span;
        definition.targets.iter().map(move |target| entry(&target.name, Kind::Gate, statement)).collect::<Vec<_>>()
    };
    body.iter().flat_map(of).collect()
}

fn entry(name: &Name, kind: Kind, statement: Span) -> Entry {
    Entry { name: name.text.clone(), kind, at: name.span, statement, inner: Vec::new() }
}
