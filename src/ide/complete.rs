//! What can be typed at a place.
//!
//! The block and the words before it decide what kind of name may stand there; whatever is offered begins as the word
//! that is under way, the editor sees to that. Must not know whether the text around it is right.

use super::index::{Kind, Symbol};
use super::reference::entries;
use super::view::View;
use crate::diagnostic::FileId;
use crate::elaborate::choices;
use crate::program::METRICS;
use crate::syntax::spot::{Spot, beginnings, functions, spot};

/// Something that can be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    pub label: String,
    pub what: What,
    /// What it is, in a few words.
    pub detail: String,
}

/// What stands there then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Word,
    Function,
    /// One of the names that a setting has.
    Choice,
    Name(Kind),
}

/// What can be typed at a byte of a file.
pub fn completions(view: &View, file: FileId, offset: u32) -> Vec<Completion> {
    let Some(source) = view.loaded.sources.files.get(file.0 as usize) else { return Vec::new() };
    let Some(Spot { block, before, variables, .. }) = spot(&source.text, offset as usize) else { return Vec::new() };
    let names = |kinds: &[Kind]| {
        let seen = view.index.seen_from(file, offset).filter(|symbol| kinds.contains(&symbol.kind));
        seen.map(|symbol| named(view, symbol)).collect::<Vec<_>>()
    };
    let words = |words: &[&str]| words.iter().map(|word| word_of(word)).collect::<Vec<_>>();
    let numbers = || {
        let variable = |name: &&str| Completion { what: What::Name(Kind::Variable), ..word_of(name) };
        names(&[Kind::Constant]).into_iter().chain(variables.iter().map(variable)).collect::<Vec<_>>()
    };
    let mut found = match (block, &before[..]) {
        (None, []) => words(&beginnings(None)),
        (block, []) if block != Some("require") => words(&beginnings(block)),
        (Some("sample"), before) => {
            let joints = match before {
                ["choose", .., "of"] | ["each", ..] | ["one", "of", ..] => words(&["with"]),
                _ => words(&["of"]),
            };
            [joints, names(&[Kind::Feature]), numbers()].concat()
        }
        (Some("network"), ["width"]) => [words(&["auto"]), names(&[Kind::Layer]), numbers()].concat(),
        (Some("network"), ["correct"]) => words(&["after"]),
        (Some("network"), ["correct", "after"]) => names(&[Kind::Layer]),
        (Some("network"), [.., "with"]) => chosen(&choices("store")),
        (Some("network"), ["store", ..]) => [words(&["in", "with"]), names(&[Kind::Feature]), numbers()].concat(),
        (Some("network"), [setting, ..]) => [chosen(&choices(setting)), numbers()].concat(),
        (Some("require"), [] | ["proved"]) => {
            let metrics = METRICS.iter().map(|metric| word_of(metric.name));
            words(&beginnings(block)).into_iter().filter(|_| before.is_empty()).chain(metrics).collect()
        }
        (Some("require"), _) => names(&[Kind::Gate]),
        (Some("head"), _) => [names(&[Kind::Feature]), numbers()].concat(),
        (None, ["circuit" | "use" | "layer" | "gate", ..]) => Vec::new(),
        (None, ["const" | "feature" | "head", ..]) => numbers(),
        (None, ["output", ..]) => names(&[Kind::Gate]),
        (_, before) if before.contains(&"=") => {
            let calls = functions().map(|name| Completion { what: What::Function, ..word_of(name) });
            let kinds = [Kind::Feature, Kind::Gate, Kind::Parameter, Kind::Result, Kind::SubCircuit];
            let comprehension = if before.contains(&"for") { ["in", "if"] } else { ["for", "if"] };
            [names(&kinds), calls.collect(), numbers(), words(&comprehension)].concat()
        }
        _ => [names(&[Kind::Gate, Kind::Result]), numbers()].concat(),
    };
    found.sort_by(|a, b| a.label.cmp(&b.label));
    found.dedup_by(|a, b| a.label == b.label);
    found
}

fn named(view: &View, symbol: &Symbol) -> Completion {
    let detail = view.declaration(symbol).split_whitespace().collect::<Vec<_>>().join(" ");
    Completion { label: symbol.name.clone(), what: What::Name(symbol.kind), detail }
}

fn word_of(word: &str) -> Completion {
    let detail = entries(word).first().map_or(String::new(), |entry| entry.meaning.clone());
    Completion { label: word.to_owned(), what: What::Word, detail }
}

fn chosen(names: &[&str]) -> Vec<Completion> {
    names.iter().map(|name| Completion { what: What::Choice, ..word_of(name) }).collect()
}
