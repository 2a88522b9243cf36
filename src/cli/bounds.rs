//! The known bounds on the width of layers, as text: what every command that tells them shares.

use std::fmt::Write;

use superpose::program::{Facts, LayerFacts, Spread};
use superpose::text::{grouped, table, wrapped};

pub const HEADING: &str = "bounds (every constant taken as 1)";

/// A row for each layer, and what the columns are.
pub fn to_text(facts: &Facts, width: usize) -> String {
    let mut text = String::new();
    let header: Vec<&str> = ["layer"].into_iter().chain(BOUNDS.iter().map(|(name, ..)| *name)).collect();
    let rows = facts.layers.iter().map(|layer| {
        let figures = BOUNDS.iter().map(|(_, _, figure)| figure(layer).map_or("-".into(), neurons));
        [layer.name.clone()].into_iter().chain(figures).collect()
    });
    for line in table(&header, rows, 1, width) {
        let _ = writeln!(text, "{line}");
    }
    text.push('\n');
    for (name, field, _) in BOUNDS {
        let explanation = facts.explanations.get(field).copied().unwrap_or_default();
        let _ = writeln!(text, "{}", wrapped(&format!("  {name:<12}"), explanation, width));
    }
    text
}

type Figure = fn(&LayerFacts) -> Option<f64>;

/// Heading, field and figure of each bound.
const BOUNDS: [(&str, &str, Figure); 7] = [
    ("counting", "counting_floor", |layer| Some(layer.bounds.counting_floor)),
    ("storage", "storage", |layer| Some(layer.bounds.storage)),
    ("Adler-Shavit", "adler_shavit", |layer| Some(layer.bounds.adler_shavit)),
    ("capacity", "capacity", |layer| layer.bounds.capacity),
    ("U-AND floor", "universal_floor", |layer| Some(layer.bounds.universal_floor)),
    ("U-AND p", "universal_density", |layer| layer.bounds.universal_density),
    ("U-AND s p", "universal_load", |layer| layer.bounds.universal_load),
];

/// `2`, or the least, the greatest and the mean: `1–5 (2.3)`.
pub fn spread(spread: Spread) -> String {
    if spread.min == spread.max {
        grouped(spread.min)
    } else {
        format!("{}–{} ({:.1})", spread.min, spread.max, spread.mean)
    }
}

/// A width, or a figure that is near 1.
pub fn neurons(value: f64) -> String {
    if value < 10.0 { format!("{value:.3}") } else { grouped(value.round() as u64) }
}
