//! What may be chosen of `channels`, word by word.
//!
//! Must not know what a choice does.

use super::bends::Routing;
use crate::compile::construct::construction::Word;
use crate::diagnostic::Diagnostic;
use crate::program::problems::{construction_option, construction_value};

/// What nobody says is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// c: neurons that each bend draws.
    pub size: Option<usize>,
    pub routing: Option<Routing>,
}

const SIZE: &str = "size";
const ROUTINGS: [(&str, Routing); 2] = [("by_influence", Routing::ByInfluence), ("unrouted", Routing::Output)];
const MOST: usize = 1 << 20;
const ALLOWED: &str = "a whole number of neurons, from 1 to 1048576";

impl Options {
    pub const NONE: Options = Options { size: None, routing: None };

    /// The name of the construction, and the words that choose this.
    pub fn spelled(&self, name: &str) -> String {
        let size = self.size.map(|size| format!(" {SIZE} {size}")).unwrap_or_default();
        let is_chosen = |row: &&(&str, Routing)| self.routing == Some(row.1);
        let routing = ROUTINGS.iter().find(is_chosen).map(|row| format!(" {}", row.0)).unwrap_or_default();
        format!("{name}{size}{routing}")
    }
}

/// # Errors
/// A word that chooses nothing, or what another has chosen.
pub fn chosen(name: &str, words: &[Word]) -> Result<Options, Box<Diagnostic>> {
    let mut options = Options::NONE;
    let mut words = words.iter();
    while let Some((word, span)) = words.next() {
        let routing = ROUTINGS.iter().find(|row| row.0 == word).map(|row| row.1);
        let is_chosen = match routing {
            Some(routing) => options.routing.replace(routing).is_none(),
            None if word == SIZE => {
                let Some((value, span)) = words.next() else {
                    return Err(Box::new(construction_value(*span, word, None, ALLOWED, "8")));
                };
                match value.parse() {
                    Ok(size) if (1..=MOST).contains(&size) => options.size.replace(size).is_none(),
                    _ => return Err(Box::new(construction_value(*span, word, Some(value), ALLOWED, "8"))),
                }
            }
            None => false,
        };
        if !is_chosen {
            let known = [SIZE, ROUTINGS[0].0, ROUTINGS[1].0];
            return Err(Box::new(construction_option(*span, name, word, &known)));
        }
    }
    Ok(options)
}
