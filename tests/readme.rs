//! The README says nothing that the program does not: its circuits load, its report and figures are the examples'.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use superpose::circuit::{Limits, load};
use superpose::diagnostic::render;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The fenced blocks of exactly this info string.
fn blocks(text: &str, info: &str) -> Vec<String> {
    let fence = format!("\n```{info}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_string()).collect()
}

/// What `superpose test` holds of an example.
fn report(example: &str) -> String {
    read(&format!("examples/snapshots/{example}.snap"))
}

#[test]
fn every_circuit_loads_without_a_warning() {
    let blocks = blocks(&read("README.md"), "circ");
    assert!(!blocks.is_empty());
    for block in blocks {
        let mut files = BTreeMap::from([("README.circ".to_string(), block.into_bytes())]);
        let loaded = load("README.circ", &mut files, &Limits::default());
        assert!(loaded.diagnostics.is_empty(), "{}", render(&loaded.diagnostics, &loaded.sources, false, 80));
    }
}

#[test]
fn the_fragment_stands_in_the_newsroom() {
    let newsroom = read("examples/newsroom.circ");
    for fragment in blocks(&read("README.md"), "circ fragment") {
        for line in fragment.lines().filter(|line| !line.is_empty()) {
            let code = |line: &str| line.split("//").next().unwrap().trim_end().to_string();
            assert!(newsroom.lines().any(|other| code(other) == code(line)), "not in newsroom.circ: {line}");
        }
    }
}

#[test]
fn the_report_shown_is_the_newsrooms() {
    let shown = blocks(&read("README.md"), "text").remove(0);
    assert!(
        report("newsroom").contains(&shown),
        "README shows\n{shown}\nbut the newsroom reports\n{}",
        report("newsroom")
    );
}

#[test]
fn the_figures_of_the_table_are_the_examples() {
    let readme = read("README.md");
    let mut n_checked = 0;
    for row in readme.lines().filter(|line| line.starts_with("| `examples/")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let arguments = cells[1].split('`').nth(1).unwrap();
        let Some(name) = arguments.strip_prefix("examples/").and_then(|rest| rest.strip_suffix(".circ")) else {
            continue;
        };
        let report = report(name);
        let reliability = report.lines().find(|line| line.trim_start().starts_with("reliability ")).unwrap();
        assert!(reliability.contains(cells[6]), "{name}: README says {}, the report {reliability}", cells[6]);
        n_checked += 1;
    }
    assert!(n_checked >= 4);
}
