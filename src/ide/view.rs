//! A program as an editor has it open: what was loaded, and what its names are.
//!
//! Must not know what is asked of it.

use super::index::{Index, Kind, Symbol};
use crate::diagnostic::{Diagnostic, FileId, Span};
use crate::elaborate::{Limits, Loaded, Loader, load, parse};
use crate::syntax::ast::{Clause, Item, Requirement, Setting};

/// What is known of a file and of all that it uses.
#[derive(Debug)]
pub struct View {
    pub loaded: Loaded,
    pub index: Index,
}

/// Longer declarations are shown up to here.
const MOST_SHOWN: usize = 400;

impl View {
    pub fn of(name: &str, loader: &mut dyn Loader) -> View {
        let loaded = load(name, loader, &Limits::default());
        let index = Index::of(&loaded);
        View { loaded, index }
    }

    /// How many errors there are, and warnings.
    pub fn n_problems(&self) -> (usize, usize) {
        let n_errors = self.loaded.diagnostics.iter().filter(|problem| problem.is_error()).count();
        (n_errors, self.loaded.diagnostics.len() - n_errors)
    }

    /// What is wrong with how the files are written.
    pub fn slips(&self) -> Vec<Diagnostic> {
        let sources = &self.loaded.sources;
        (0..self.loaded.asts.len() as u32).flat_map(|file| parse(sources, FileId(file)).1).collect()
    }

    /// Whether a signal is of the top level of the program, and not of a sub-circuit.
    pub fn is_of_program(&self, symbol: &Symbol) -> bool {
        symbol.scope.file == FileId(0) && symbol.scope.end == u32::MAX
    }

    pub fn text(&self, span: Span) -> &str {
        let file = self.loaded.sources.files.get(span.file.0 as usize);
        file.and_then(|file| file.text.get(span.start as usize..span.end as usize)).unwrap_or_default()
    }

    /// The innermost statement around a place; a block is none.
    pub fn statement(&self, span: Span) -> Option<Span> {
        let item = self.item(span)?;
        let statements: Vec<Span> = match item {
            Item::Layer { body, .. } => body.iter().map(|definition| definition.span).collect(),
            Item::SubCircuit(circuit) => circuit.body.iter().map(|definition| definition.span).collect(),
            Item::Sample { clauses, .. } => clauses.iter().map(Clause::span).collect(),
            Item::Network { settings, .. } => settings.iter().map(Setting::span).collect(),
            Item::Require { requirements, .. } => requirements.iter().map(Requirement::span).collect(),
            Item::Head(head) => head.matches.iter().map(|matched| matched.span).collect(),
            item => vec![item.span()],
        };
        statements.into_iter().find(|statement| contains(*statement, span))
    }

    fn item(&self, span: Span) -> Option<&Item> {
        let items = &self.loaded.asts.get(span.file.0 as usize)?.items;
        items.iter().find(|item| contains(item.span(), span))
    }

    /// The statement that first gives a name its meaning, or the head of a block.
    pub fn declaration<'s>(&'s self, symbol: &'s Symbol) -> &'s str {
        let Some(&first) = symbol.definitions.first() else { return &symbol.name };
        let item = || self.item(first).map(Item::span);
        let Some(statement) = self.statement(first).or_else(item) else { return &symbol.name };
        let text = self.text(statement);
        let has_block =
            matches!(symbol.kind, Kind::SubCircuit | Kind::Parameter | Kind::Result | Kind::Layer | Kind::Head);
        let head = if has_block { text.split('{').next().unwrap_or(text) } else { text };
        let end = (0..=MOST_SHOWN.min(head.len())).rev().find(|&end| head.is_char_boundary(end)).unwrap_or(0);
        head[..end].trim_end()
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
