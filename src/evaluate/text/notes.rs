//! What is to be known of a report besides its figures.

use super::page::Page;
use crate::circuit::Cases;
use crate::evaluate::parts::LayerReport;
use crate::evaluate::report::Report;
use crate::network::FACTOR_TOLERANCE;
use crate::text::{counted, grouped, number};

/// How many gates that were never seen on a side are named.
const N_NAMED: usize = 10;

pub fn notes(page: &mut Page, report: &Report) {
    let mut notes = Vec::new();
    notes.extend(never_seen(report, "on"));
    notes.extend(never_seen(report, "off"));
    let changed = report.layers.iter().filter(|layer| layer.factor_error > FACTOR_TOLERANCE);
    let changed: Vec<&str> = changed.map(|layer| layer.name.as_str()).collect();
    if !changed.is_empty() {
        let (names, error) = (changed.join(", "), number(f64::from(report.factor_error)));
        notes.push(format!(
            "the weights were changed: W differs from compute times decompress by up to {error} of the greatest weight \
             of its layer ({names}); all figures are of W (--strict refuses it)"
        ));
    }
    notes.extend(cases(report));
    if notes.is_empty() {
        return;
    }
    page.heading("notes");
    notes.iter().for_each(|note| page.point(note));
}

/// Where gates are routed by the influence of what they read, how many fall into each case; nothing where all of them
/// choose neurons of their own.
fn cases(report: &Report) -> Option<String> {
    let of_layer = |layer: &LayerReport| {
        let Cases { output, mixed, input } = layer.cases.filter(|cases| cases.mixed + cases.input > 0)?;
        let [output, mixed, input] = [output, mixed, input].map(grouped);
        Some(format!(
            "{} has {output} gates for output channels, {mixed} mixed, {input} for input channels",
            layer.name
        ))
    };
    let layers: Vec<String> = report.layers.iter().filter_map(of_layer).collect();
    // Which layers were routed so, a network does not say.
    let condition = if report.opt_level == 0 { "" } else { " and that is better" };
    let cases = layers.join("; ");
    (!layers.is_empty()).then(|| format!("by influence, where neurons are enough to route so{condition}: {cases}"))
}

/// What is said of gates that no input shows on, or off.
fn never_seen(report: &Report, side: &str) -> Option<String> {
    let unknown: Vec<&str> =
        report.planted.unknown.iter().filter(|unknown| unknown.1 == side).map(|unknown| &unknown.0[..]).collect();
    if unknown.is_empty() {
        return None;
    }
    let mut names = unknown.iter().take(N_NAMED).copied().collect::<Vec<_>>().join(", ");
    if unknown.len() > N_NAMED {
        names.push_str(", …");
    }
    let (count, verb) = (counted(unknown.len() as u64, "gate"), if unknown.len() == 1 { "was" } else { "were" });
    Some(format!("{count} {verb} never {side}, so nothing is known of how well {side} is read: {names}"))
}
