//! The floors of the house, held against the `use` lines: who may know whom, and who may touch the world outside.

use std::fs;
use std::path::{Path, PathBuf};

/// Every source file below a path of `src`, with its text up to the tests at its end.
fn sources(part: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut rest = vec![root.join(part), root.join(format!("{part}.rs"))];
    rest.retain(|path| path.exists());
    let mut found = Vec::new();
    while let Some(path) = rest.pop() {
        if path.is_dir() {
            rest.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let is_test = path.file_stem().is_some_and(|stem| stem == "tests" || stem == "by_hand");
            let text = fs::read_to_string(&path).unwrap();
            // A file's own tests may build what its code must not know.
            let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
            if !is_test {
                found.push((path, code));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "there is no src/{part}");
    found
}

/// Lines of code, without comments, that contain one of the words.
fn offences(part: &str, words: &[&str]) -> Vec<String> {
    let mut offences = Vec::new();
    for (path, code) in sources(part) {
        for (line_idx, line) in code.lines().enumerate() {
            let line = line.trim_start();
            if !line.starts_with("//") && words.iter().any(|word| line.contains(word)) {
                offences.push(format!("{}:{}: {line}", path.display(), line_idx + 1));
            }
        }
    }
    offences
}

/// The modules of the crate that the code of a part names.
fn knows(part: &str, modules: &[&str]) -> Vec<String> {
    let paths: Vec<String> = modules.iter().map(|module| format!("crate::{module}")).collect();
    let mut found = offences(part, &paths.iter().map(String::as_str).collect::<Vec<_>>());
    // `use crate::{…}` would hide what is named.
    found.extend(offences(part, &["use crate::{"]));
    found
}

const NOTHING: [String; 0] = [];

const BELOW_THE_RIM: [&str; 9] =
    ["build", "syntax", "circuit", "network", "compile", "evaluate", "diagnostic", "kernels", "random"];

#[test]
fn syntax_knows_nothing_of_circuits() {
    assert_eq!(knows("syntax", &["circuit", "network", "compile", "evaluate", "kernels"]), NOTHING);
}

#[test]
fn circuits_know_nothing_of_networks() {
    assert_eq!(knows("circuit", &["network", "compile", "evaluate", "kernels"]), NOTHING);
}

#[test]
fn networks_know_nothing_of_circuits() {
    assert_eq!(knows("network", &["circuit", "syntax", "compile", "evaluate"]), NOTHING);
}

#[test]
fn the_ground_floor_knows_nobody() {
    let upstairs = ["syntax", "circuit", "network", "compile", "evaluate"];
    for part in ["diagnostic", "kernels", "random"] {
        assert_eq!(knows(part, &upstairs), NOTHING, "{part}");
    }
}

#[test]
fn the_compiler_and_the_evaluator_know_nothing_of_each_other() {
    assert_eq!(knows("compile", &["evaluate", "syntax"]), NOTHING);
    assert_eq!(knows("evaluate", &["compile", "syntax"]), NOTHING);
}

#[test]
fn only_the_parser_knows_its_generator() {
    for part in ["circuit", "network", "compile", "evaluate", "kernels", "random"] {
        assert_eq!(offences(part, &["pest::", "pest_derive"]), NOTHING, "{part}");
    }
    let mut in_syntax = offences("syntax", &["pest::", "pest_derive", "Rule::"]);
    in_syntax.retain(|offence| !offence.contains("pairs"));
    assert_eq!(in_syntax, NOTHING, "only src/syntax/pairs");
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
    for part in BELOW_THE_RIM {
        assert_eq!(offences(part, &world), NOTHING, "{part}");
    }
}

#[test]
fn transcendental_functions_are_not_the_platforms() {
    let shaky = [".exp()", ".ln()", ".sin()", ".cos()", ".powf(", ".log2()", ".log10()", ".tanh()", ".cbrt()"];
    for part in BELOW_THE_RIM {
        assert_eq!(offences(part, &shaky), NOTHING, "{part}: libm has it, the same on every machine");
    }
}
