//! The phrasing of everything that can be wrong with the meaning of a program.
//!
//! The phases know facts and spans; this folder alone knows the words. One function per code; a code never changes.

mod arrays;
mod blocks;
mod definitions;
mod files;
mod heads;
mod layers;
mod names;
mod warnings;

use std::collections::HashSet;

// Whoever reports says `problems::unknown_name`, whichever file has the words.
pub(crate) use arrays::*;
pub(crate) use blocks::*;
pub(crate) use definitions::*;
pub(crate) use files::*;
pub(crate) use heads::*;
pub(crate) use layers::*;
pub(crate) use names::*;
pub(crate) use warnings::*;

use crate::diagnostic::{Diagnostic, Span};

/// Problems as they are found: one per code and place, however many loop turns or calls run into it.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub list: Vec<Diagnostic>,
    seen: HashSet<(&'static str, Span)>,
}

impl Problems {
    pub fn report(&mut self, problem: Diagnostic) {
        if self.seen.insert((problem.code, problem.span)) {
            self.list.push(problem);
        }
    }

    pub fn has_errors(&self) -> bool {
        self.list.iter().any(Diagnostic::is_error)
    }
}

/// `otherwise`: what to type where no name is near.
fn did_you_mean(problem: Diagnostic, suggestion: Option<&str>, otherwise: String) -> Diagnostic {
    problem.help(suggestion.map_or(otherwise, |name| format!("did you mean `{name}`?")))
}

/// The loop values of an example: ` for i = 3, j = 9`, or nothing outside loops.
pub(crate) type Example<'a> = &'a [(String, i64)];

fn for_example(example: Example<'_>) -> String {
    if example.is_empty() {
        return String::new();
    }
    let values: Vec<String> = example.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    format!(" for {}", values.join(", "))
}
