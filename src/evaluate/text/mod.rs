//! The report as a person reads it in a terminal: whether the network is as asked, how good and how large it is; why
//! not, where it is not, and what to try; then layers, what is read wrong, a histogram, heads, and what the words mean.
//!
//! Returns text; must not know whether it goes to a terminal, nor how wide that is, nor how long anything took.

mod advice;
mod heads;
mod histogram;
mod notes;
mod page;
mod summary;
mod tables;
mod words;

pub use page::Style;

use super::report::Report;
use page::Page;

impl Report {
    /// The report as text, ending in a newline.
    pub fn to_text(&self, style: &Style) -> String {
        let mut page = Page::new(style);
        summary::summary(&mut page, self);
        if self.has_gates() {
            advice::advice(&mut page, self);
            tables::layers(&mut page, self);
            tables::corrections(&mut page, self);
            tables::bounded_weights(&mut page, self);
            if style.gates {
                tables::all_gates(&mut page, self);
            } else {
                tables::worst_gates(&mut page, self);
            }
            tables::classes(&mut page, self);
            histogram::histogram(&mut page, &self.histogram, self.gates.iter().map(|gate| gate.threshold));
        }
        heads::heads(&mut page, self);
        notes::notes(&mut page, self);
        page.finish()
    }
}
