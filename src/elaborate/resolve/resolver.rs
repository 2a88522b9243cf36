//! What one body sees while it is resolved.

use crate::diagnostic::Span;
use crate::elaborate::plan::{Array, Body};
use crate::elaborate::problems::Problems;
use crate::elaborate::scopes::Scopes;
use crate::syntax::ast;
use std::collections::HashMap;

/// What one body sees while it is resolved.
pub(super) struct Resolver<'p, 'a> {
    pub(super) scopes: &'p Scopes<'a>,
    /// The headers of all bodies.
    pub(super) bodies: &'p [Body],
    pub(super) slots: &'p HashMap<&'a str, usize>,
    pub(super) arrays: &'p [Array],
    pub(super) file: usize,
    pub(super) calls: &'p mut Vec<(usize, Span)>,
    pub(super) problems: &'p mut Problems,
    pub(super) n_unknown: &'p mut usize,
    /// The loop variables around, outermost first.
    pub(super) variables: Vec<&'a str>,
}

/// The call that is the whole value, if it is one.
pub(super) fn callee(value: &ast::Formula) -> Option<&ast::Call> {
    let mut value = value;
    loop {
        match value {
            ast::Formula::Group { inner, .. } => value = inner,
            ast::Formula::Call(call) => return Some(call),
            _ => return None,
        }
    }
}
