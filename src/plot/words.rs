//! What columns and numbers are called in a picture.

use super::choice::Choice;
use crate::text::{grouped, precise, share, shortened};

/// What a column is, on an axis.
pub fn axis(column: &str) -> String {
    if let Some(share) = column.strip_prefix("epsilon@").and_then(|share| share.parse::<f64>().ok()) {
        return match share {
            1.0 => "ε on all inputs".into(),
            share => format!("ε at {} % of the inputs", precise(100.0 * share)),
        };
    }
    if let Some(epsilon) = column.strip_prefix("accuracy@") {
        return format!("share of inputs within {epsilon}");
    }
    match column {
        "width" => "neurons in each layer".into(),
        "neurons" => "neurons".into(),
        "features" => "features m".into(),
        "active_features" => "features on, s".into(),
        "gates" => "gates m′".into(),
        "output_reliability" => "reliability of the outputs".into(),
        "without_relu.reliability" => "reliability without ReLUs".into(),
        "fit.inputs" => "training inputs".into(),
        other => shortened(other, 40),
    }
}

/// A value at a tick.
pub fn tick(value: f64) -> String {
    let size = value.abs();
    let sign = if value < 0.0 { "−" } else { "" };
    let scaled = |factor: f64, unit: &str| format!("{sign}{}{unit}", precise(size / factor));
    match size {
        size if size >= 1e9 => scaled(1e9, "G"),
        size if size >= 1e6 => scaled(1e6, "M"),
        size if size >= 1.0 && size.fract() == 0.0 => format!("{sign}{}", grouped(size as u64)),
        size if size != 0.0 && size < 1e-5 => format!("{value:e}"),
        size => format!("{sign}{}", precise(size)),
    }
}

/// A value in a cell: of a share three places, and never 1 where it is less.
pub fn cell(value: f64, is_share: bool) -> String {
    if is_share && value < 1.0 {
        let cut = share((value * 1000.0).floor() / 1000.0);
        return cut[..cut.len() - 1].to_owned();
    }
    match value.abs() {
        size if size >= 1000.0 => tick(value.round()),
        size if size >= 10.0 => precise((value * 10.0).round() / 10.0),
        _ => precise((value * 1000.0).round() / 1000.0),
    }
}

/// What is the same of all rows: what the circuit is, and how many inputs were drawn.
pub fn common(choice: &Choice) -> String {
    let of = |column: &str, unit: &str| {
        let column = choice.table.find(column)?;
        // A table from elsewhere may say nothing.
        let texts = choice.rows.iter().map(|drawn| drawn.row.text(Some(column)));
        let mut numbers = texts.filter(|text| !text.is_empty());
        let first = numbers.next()?;
        let value: f64 = numbers.all(|other| other == first).then(|| first.parse().ok())??;
        (value.abs() < 1e15).then(|| format!("{} {unit}", tick(value)))
    };
    let parts = [
        of("features", "features"),
        of("active_features", "of them on"),
        of("gates", "gates"),
        of("samples", "inputs drawn for each network"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The circuits, for a heading.
pub fn circuits(choice: &Choice) -> String {
    let column = choice.table.find("circuit");
    let mut names: Vec<&str> = Vec::new();
    for drawn in &choice.rows {
        let name = drawn.row.text(column);
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    match names[..] {
        [one] => format!("{}: ", shortened(one, 24)),
        _ => String::new(),
    }
}
