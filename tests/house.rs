//! The house from outside: which room may know which, that no file imports in a circle, and who may touch the world.

#[path = "house/code.rs"]
mod code;
mod common;
#[path = "house/graph.rs"]
mod graph;
#[path = "house/modules.rs"]
mod modules;

use std::collections::BTreeSet;

use common::{files_below, root, text_of};
use graph::{Mention, circles, graph, mentions};
use modules::Modules;

/// The rooms, the top floor first, each with those that its code may know. A room knows lower ones only.
const ROOMS: [(&str, &str); 29] = [
    (
        "cli",
        "search plot report ide elaborate compile evaluate verify export exchange program circuit syntax network csv \
         npz diagnostic progress text",
    ),
    ("search", "compile evaluate verify readings program circuit network diagnostic progress random"),
    ("plot", "csv diagnostic text"),
    ("report", "evaluate circuit network"),
    ("ide", "elaborate program circuit syntax diagnostic text"),
    // Of the compiler which constructions and dictionaries there are, and what these hold: see below.
    ("elaborate", "compile exchange program circuit syntax diagnostic random text"),
    (
        "compile",
        "readings program circuit network diagnostic progress linear bounds random kernels lists weighing primes",
    ),
    ("evaluate", "readings program circuit network progress bounds linear lists random kernels text"),
    ("verify", "readings program circuit network progress random kernels text"),
    ("export", "readings circuit network linear onnx text"),
    ("readings", "program circuit network"),
    ("exchange", "circuit syntax diagnostic random text"),
    ("program", "circuit bounds diagnostic"),
    ("circuit", "diagnostic lists random text"),
    ("syntax", "diagnostic"),
    ("network", "progress kernels npz onnx weighing"),
    ("weighing", "primes"),
    ("linear", "kernels"),
    ("diagnostic", "text"),
    ("kernels", ""),
    ("bounds", ""),
    ("csv", ""),
    ("lists", ""),
    ("npz", ""),
    ("onnx", ""),
    ("primes", ""),
    ("progress", ""),
    ("random", ""),
    ("text", ""),
];

/// The room of a file below `src`; none of `lib.rs`, which lists them.
fn room(file: &str) -> &str {
    match file.split(['/', '.']).next() {
        Some("main") => "cli",
        Some("lib") | None => "",
        Some(room) => room,
    }
}

fn all_mentions() -> Vec<Mention> {
    let (found, lost) = mentions(&Modules::read(&root().join("src")));
    assert_eq!(lost, NOTHING, "paths that this test cannot follow");
    assert!(found.len() > 1000, "{} names", found.len());
    found
}

const NOTHING: [String; 0] = [];

#[test]
fn a_room_knows_what_the_table_says_and_nothing_else() {
    let mut offences = BTreeSet::new();
    for mention in all_mentions() {
        let here = room(&mention.file);
        let Some((_, may_know)) = ROOMS.iter().find(|row| row.0 == here) else {
            assert_eq!(mention.file, "lib.rs", "a room that is not in the table");
            continue;
        };
        for there in mention.through.iter().map(|file| room(file)) {
            if !["", here].contains(&there) && may_know.split(' ').all(|room| room != there) {
                offences.insert(format!("{here} knows {there}: {}:{}: {}", mention.file, mention.line, mention.path));
            }
        }
    }
    assert_eq!(offences.into_iter().collect::<Vec<_>>(), NOTHING);
}

#[test]
fn every_room_is_in_the_table_and_knows_lower_ones_only() {
    let names: Vec<&str> = ROOMS.iter().map(|row| row.0).collect();
    let files = files_below(&root().join("src"), "rs");
    let there: BTreeSet<&str> = files.iter().map(|file| room(file)).filter(|room| !room.is_empty()).collect();
    assert_eq!(names.iter().copied().collect::<BTreeSet<_>>(), there);
    for (floor, (name, may_know)) in ROOMS.iter().enumerate() {
        let is_lower = |room: &str| names[floor + 1..].contains(&room);
        assert!(may_know.split_whitespace().all(is_lower), "{name} may know a room that is no lower");
    }
}

#[test]
fn of_the_compiler_an_elaboration_knows_what_there_is_and_what_a_dictionary_holds() {
    let known: BTreeSet<String> = all_mentions()
        .into_iter()
        .filter(|mention| room(&mention.file) == "elaborate")
        .filter(|mention| mention.defined_in.as_deref().is_some_and(|file| room(file) == "compile"))
        .map(|mention| mention.path.rsplit("::").next().unwrap_or_default().to_string())
        .collect();
    let asked = ["check_construction", "construction_names", "dictionary_names", "dictionary_refused"];
    assert_eq!(known, asked.map(str::to_string).into());
}

#[test]
fn no_file_imports_in_a_circle() {
    let graph = graph(&all_mentions());
    assert!(graph.len() > 100, "{} files", graph.len());
    let found = circles(&graph);
    assert!(found.is_empty(), "{} circles:\n{}", found.len(), found.join("\n\n"));
}

/// Lines of code below `src` that contain one of the words, tests and comments left out; of files that `is_meant`.
fn offences(words: &[&str], is_meant: impl Fn(&str) -> bool) -> Vec<String> {
    let mut offences = Vec::new();
    for file in files_below(&root().join("src"), "rs").iter().filter(|file| is_meant(file)) {
        let is_test = file.ends_with("tests.rs") || file.ends_with("by_hand.rs");
        let text = text_of(&format!("src/{file}"));
        // A file's own tests may build what its code must not know.
        let code = text.split("\n#[cfg(test)]\nmod tests {").next().filter(|_| !is_test).unwrap_or_default();
        for (line_idx, line) in code.lines().map(str::trim_start).enumerate() {
            if !line.starts_with("//") && words.iter().any(|word| line.contains(word)) {
                offences.push(format!("src/{file}:{}: {line}", line_idx + 1));
            }
        }
    }
    offences
}

#[test]
fn only_the_parser_knows_its_generator() {
    assert_eq!(offences(&["pest::", "pest_derive"], |file| room(file) != "syntax"), NOTHING);
    let is_outside = |file: &str| room(file) == "syntax" && !file.starts_with("syntax/pairs/");
    assert_eq!(offences(&["pest::", "pest_derive", "Rule::"], is_outside), NOTHING, "only src/syntax/pairs");
}

fn is_below_the_rim(file: &str) -> bool {
    room(file) != "cli"
}

#[test]
fn nothing_below_the_rim_prints_reads_the_clock_or_touches_a_path() {
    let world = [
        "println!",
        "print!(",
        "eprint!",
        "dbg!(",
        "std::fs",
        "std::env",
        "std::path",
        "std::process",
        "std::time",
        "std::net",
        "Instant::",
        "SystemTime",
        "stdout()",
        "stderr()",
        "stdin()",
    ];
    assert_eq!(offences(&world, is_below_the_rim), NOTHING);
}

#[test]
fn transcendental_functions_are_not_the_platforms() {
    let shaky = [".exp()", ".ln()", ".sin()", ".cos()", ".powf(", ".log2()", ".log10()", ".tanh()", ".cbrt()"];
    assert_eq!(offences(&shaky, is_below_the_rim), NOTHING, "libm has it, the same on every machine");
}

/// What the formatter leaves as it is: comments, and code that it cannot break. Texts in tests may be longer.
#[test]
fn no_line_is_too_long_to_be_read() {
    const MOST: usize = 120;
    let mut long = Vec::new();
    for file in files_below(&root().join("src"), "rs") {
        let text = text_of(&format!("src/{file}"));
        let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for (line, number) in text.lines().zip(1..) {
            let is_code = number <= code.lines().count() && !file.ends_with("tests.rs");
            if line.chars().count() > MOST && (is_code || line.trim_start().starts_with("//")) {
                long.push(format!("src/{file}:{number}"));
            }
        }
    }
    assert_eq!(long, NOTHING);
}

/// What takes too long for a test is a measurement: it has its place among the benches.
#[test]
fn no_test_of_the_source_is_left_out() {
    let mut left_out = Vec::new();
    for file in files_below(&root().join("src"), "rs") {
        let text = text_of(&format!("src/{file}"));
        let lines = text.lines().zip(1..).filter(|(line, _)| line.trim_start().starts_with("#[ignore"));
        left_out.extend(lines.map(|(_, number)| format!("src/{file}:{number}")));
    }
    assert_eq!(left_out, NOTHING);
}
