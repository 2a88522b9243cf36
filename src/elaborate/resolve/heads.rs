//! The matches of attention heads, their names resolved.
//!
//! A wrong match is one problem and left out. Must not know how many pairs a comprehension gives.

use super::loops::is_valid;
use super::resolver::Resolver;
use crate::elaborate::plan::{Match, Read};
use crate::elaborate::problems;
use crate::syntax::ast;

impl<'a> Resolver<'_, 'a> {
    /// `None` when a name or an integer of it is wrong.
    pub(super) fn matched(&mut self, matched: &'a ast::Match) -> Option<Match> {
        let loops = self.enter(matched.comprehension.as_ref());
        let (key, query) = (self.one(&matched.key), self.one(&matched.query));
        self.leave(&loops);
        let is_valid = loops.as_ref().is_none_or(is_valid);
        Some(Match { key: key?, query: query?, loops, span: matched.span }).filter(|_| is_valid)
    }

    /// What names one signal.
    fn one(&mut self, reference: &'a ast::Reference) -> Option<Read> {
        let read = self.read(reference)?;
        if !read.single {
            let text = self.scopes.text(reference.span, &reference.name.text);
            self.problems.report(problems::array_for_signal(reference.span, text));
            return None;
        }
        Some(read)
    }
}
