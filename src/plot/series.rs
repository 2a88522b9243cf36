//! Rows to series: what was made in the same way, of the same circuit, lies on one line.
//!
//! What tells rows apart is their circuit, constants, construction, level, study and width; not what moves `x`, nor
//! the seed: rows that differ in nothing else are one dot, with all of their values. Must not know how a series is
//! drawn.

use std::collections::{BTreeMap, BTreeSet};

use super::choice::{Choice, Drawn};

/// One line, or one panel.
#[derive(Debug)]
pub struct Series<'c> {
    pub label: String,
    /// Series that differ in their level alone have the same.
    pub hue: usize,
    /// `-O0`: as published.
    pub is_published: bool,
    pub rows: Vec<&'c Drawn<'c>>,
}

/// What tells a row apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    circuit: String,
    construction: String,
    level: String,
    /// By axis: see [`axes`].
    values: Vec<String>,
}

/// Columns of what is studied of fits.
const STUDIED: [&str; 3] = ["fit.study.freeze", "fit.study.loss", "fit.study.weight_on"];

/// The series of a choice, in the order in which they first appear. `moved`: the numbers that have axes of their own.
pub fn series<'c>(choice: &'c Choice<'c>, moved: &[fn(&Drawn) -> f64]) -> Vec<Series<'c>> {
    let table = choice.table;
    let named = STUDIED.iter().chain(&["width"]).filter_map(|name| table.find(name));
    let axes: Vec<usize> = table.constants.iter().copied().chain(named).collect();
    let mut keys: Vec<Key> = choice.rows.iter().map(|drawn| key(choice, drawn, &axes)).collect();
    let of_axes: Vec<usize> = (0..axes.len()).filter(|&axis| is_moved(axis, &keys, choice, moved)).collect();
    for key in &mut keys {
        of_axes.iter().for_each(|&axis| key.values[axis].clear());
    }

    let mut found: Vec<(Key, Vec<&Drawn>)> = Vec::new();
    let mut places: BTreeMap<Key, usize> = BTreeMap::new();
    for (key, drawn) in keys.into_iter().zip(&choice.rows) {
        let place = *places.entry(key.clone()).or_insert(found.len());
        if place == found.len() {
            found.push((key, Vec::new()));
        }
        found[place].1.push(drawn);
    }

    let differs = |of: &dyn Fn(&Key) -> &str| {
        let said = found.iter().map(|(key, _)| of(key)).filter(|said| !said.is_empty());
        said.collect::<BTreeSet<_>>().len() > 1
    };
    let is_told_circuit = differs(&|key| &key.circuit);
    let is_told: Vec<bool> = (0..axes.len()).map(|axis| differs(&|key| &key.values[axis])).collect();
    let mut hues: Vec<Key> = Vec::new();
    let mut all = Vec::new();
    for (key, rows) in &found {
        let without_level = Key { level: String::new(), ..key.clone() };
        let hue = hues.iter().position(|known| *known == without_level).unwrap_or(hues.len());
        if hue == hues.len() {
            hues.push(without_level);
        }
        let mut label = match key.level.as_str() {
            "" => key.construction.clone(),
            level => format!("-O{level} {}", key.construction),
        };
        let told = axes.iter().enumerate().filter(|(axis, _)| is_told[*axis] && !key.values[*axis].is_empty());
        for (axis, &column) in told {
            label += &format!(", {} {}", table.columns[column], key.values[axis]);
        }
        if is_told_circuit && !key.circuit.is_empty() {
            label += &format!(", {}", key.circuit);
        }
        all.push(Series { label, hue, is_published: key.level == "0", rows: rows.clone() });
    }
    all
}

fn key(choice: &Choice, drawn: &Drawn, axes: &[usize]) -> Key {
    let (table, row) = (choice.table, drawn.row);
    let text = |name: &str| row.text(table.find(name)).to_owned();
    let construction = match text("construction") {
        // A table of something else, such as networks that were trained, is called by its file.
        none if none.is_empty() => stem(&table.files[row.file]).to_owned(),
        construction => construction,
    };
    let values = axes.iter().map(|&axis| row.text(Some(axis)).to_owned()).collect();
    Key { circuit: text("circuit"), construction, level: text("opt_level"), values }
}

/// Whether rows that differ in this axis alone lie at different places.
fn is_moved(axis: usize, keys: &[Key], choice: &Choice, moved: &[fn(&Drawn) -> f64]) -> bool {
    moved.iter().any(|place| {
        let mut places: BTreeMap<Key, (u64, &str)> = BTreeMap::new();
        keys.iter().zip(&choice.rows).any(|(key, drawn)| {
            let (mut others, at) = (key.clone(), place(drawn).to_bits());
            let value = std::mem::take(&mut others.values[axis]);
            let first = *places.entry(others).or_insert((at, &key.values[axis]));
            first.0 != at && first.1 != value
        })
    })
}

/// A file's name without folders and extension.
fn stem(name: &str) -> &str {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    base.rsplit_once('.').map_or(base, |(stem, _)| stem)
}

/// Some values, at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Dot {
    pub x: f64,
    pub median: f64,
    pub least: f64,
    pub greatest: f64,
    pub n_values: usize,
    /// Of the value, where it is the only one.
    pub interval: Option<[f64; 2]>,
}

/// The dots of a series, by `x`, ascending.
pub fn dots(rows: &[&Drawn]) -> Vec<Dot> {
    let mut sorted = rows.to_vec();
    sorted.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.value.total_cmp(&b.value)));
    let of_place = |rows: &[&Drawn]| Dot {
        x: rows[0].x,
        median: median(rows),
        least: rows[0].value,
        greatest: rows[rows.len() - 1].value,
        n_values: rows.len(),
        interval: rows[0].interval.filter(|_| rows.len() == 1),
    };
    sorted.chunk_by(|a, b| a.x == b.x).map(of_place).collect()
}

/// Of rows that are sorted by their values.
pub fn median(rows: &[&Drawn]) -> f64 {
    let half = rows.len() / 2;
    match rows.len() % 2 {
        0 => (rows[half - 1].value + rows[half].value) / 2.0,
        _ => rows[half].value,
    }
}
