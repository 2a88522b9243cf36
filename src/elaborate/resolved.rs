//! A program with its names resolved: what `resolve` makes, `count` measures and `expand` runs.

use std::collections::HashMap;

use super::features::Feature;
use super::integer::Loops;
use super::plan::{Body, Match};
use super::scopes::Scopes;
use crate::diagnostic::Span;
use crate::syntax::ast::AttentionHead;

/// A file with its names resolved.
pub(crate) struct Resolved<'a> {
    pub scopes: Scopes<'a>,
    /// The top level, then the sub-circuits.
    pub bodies: Vec<Body>,
    /// By body: what it calls, and where.
    pub calls: Vec<Vec<(usize, Span)>>,
    pub features: Vec<Feature>,
    pub n_features: u32,
    /// The `layer` blocks: name and place.
    pub blocks: Vec<(String, Span)>,
    /// Slots of the top level by name.
    pub slots: HashMap<&'a str, usize>,
    /// The heads of the first file, with their matches.
    pub heads: Vec<(&'a AttentionHead, Vec<Match>)>,
    /// The loops of each clause of the `sample` block; `None` without, or when a problem of them was reported.
    pub clause_loops: Vec<Option<Loops>>,
}
