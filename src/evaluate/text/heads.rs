//! The tables of heads: their scores, and where attention falls.
//!
//! Must not know how sequences are drawn.

use super::page::Page;
use crate::evaluate::head::{ByTemperature, TEMPERATURES};
use crate::evaluate::report::Report;
use crate::text::{grouped, number, share, shortened};

/// So long a name at most stands in a table.
const MOST_NAME: usize = 20;

pub fn heads(page: &mut Page, report: &Report) {
    if report.heads.is_empty() {
        return;
    }
    page.heading("heads");
    let optional = |figure: Option<f64>| figure.map_or("-".into(), number);
    let header = ["head", "matches", "rank", "of", "tokens", "on", "score rms", "by formula", "score max"];
    let rows = report.heads.iter().map(|head| {
        vec![
            shortened(&head.name, MOST_NAME),
            grouped(head.matches),
            grouped(head.rank as u64),
            grouped(head.dimensions as u64),
            grouped(head.tokens.into()),
            head.features_on.map_or("-".into(), |[keys, _]| format!("{keys:.2}")),
            optional(head.score_error_rms),
            optional(head.score_error_expected),
            optional(head.score_error_max),
        ]
    });
    page.table(&header, rows, 1);
    page.heading("attention on right keys, by temperature");
    let temperatures: Vec<String> = TEMPERATURES.iter().map(f64::to_string).collect();
    let header: Vec<&str> = ["head", "sequences"].into_iter().chain(temperatures.iter().map(String::as_str)).collect();
    let rows = report.heads.iter().map(|head| {
        let first = [shortened(&head.name, MOST_NAME), grouped(head.sequences)];
        first.into_iter().chain(figures(&head.right_key)).collect()
    });
    page.table(&header, rows, 1);
    if report.heads.iter().all(|head| head.ties.sequences == 0) {
        return;
    }
    page.heading("how evenly several right keys share it");
    let header: Vec<&str> = ["head", "ties"].into_iter().chain(temperatures.iter().map(String::as_str)).collect();
    let header: Vec<&str> = header.into_iter().chain(["spread"]).collect();
    let rows = report.heads.iter().map(|head| {
        let first = [shortened(&head.name, MOST_NAME), grouped(head.ties.sequences)];
        let spread = [optional(head.ties.score_spread)];
        first.into_iter().chain(figures(&head.ties.even)).chain(spread).collect()
    });
    page.table(&header, rows, 1);
}

fn figures(by_temperature: &ByTemperature) -> impl Iterator<Item = String> + '_ {
    (0..TEMPERATURES.len()).map(|idx| by_temperature.0.map_or("-".into(), |figures| share(figures[idx])))
}
