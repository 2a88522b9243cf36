//! The layers of a circuit by name, for settings that speak of one.
//!
//! Must not know what is said of a layer.

use std::collections::HashMap;

use super::problems::Problems;
use crate::diagnostic::suggest;
use crate::program::problems::unknown_layer;
use crate::syntax::ast::Name;

/// Unknown layers for which a name that was meant is looked for: it takes a pass over all layers.
const MAX_SUGGESTIONS: usize = 10;

/// All of them, and how many were asked for that there are not.
pub(crate) struct LayerNames<'a> {
    names: &'a [String],
    by_name: HashMap<&'a str, u32>,
    n_unknown: usize,
}

impl<'a> LayerNames<'a> {
    pub fn new(names: &'a [String]) -> LayerNames<'a> {
        LayerNames { names, by_name: names.iter().map(String::as_str).zip(0..).collect(), n_unknown: 0 }
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The layer of this name; that there is none is reported.
    pub fn find(&mut self, name: &Name, problems: &mut Problems) -> Option<u32> {
        let found = self.by_name.get(name.text.as_str()).copied();
        if found.is_none() {
            self.n_unknown += 1;
            let known = || self.names.iter().map(String::as_str);
            let meant = (self.n_unknown <= MAX_SUGGESTIONS).then(|| suggest(&name.text, known())).flatten();
            problems.report(unknown_layer(name.span, &name.text, known(), meant));
        }
        found
    }
}
