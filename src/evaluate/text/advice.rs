//! Why the network is not as asked, and what to try.

use super::page::Page;
use crate::evaluate::advice::Try;
use crate::evaluate::report::Report;

pub fn advice(page: &mut Page, report: &Report) {
    let advice = report.advice();
    if !advice.why.is_empty() {
        page.heading("why it is missed");
        advice.why.iter().for_each(|why| page.point(why));
    }
    if !advice.tries.is_empty() {
        page.heading("what to try when it is compiled, the most promising first");
        let items = advice.tries.iter().map(|Try { typed, effect }| (&typed[..], &effect[..]));
        page.items(&items.collect::<Vec<_>>());
    }
}
