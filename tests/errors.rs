//! Every kind of problem has its file `tests/errors/CODE.circ`, every such file shows its kind, and what a person
//! then reads is held in a snapshot.

mod common;

use common::{files_below, loaded_below, root, shown, text_of};
use std::collections::BTreeSet;

/// Kinds that no small text file can show, and why.
const WITHOUT_FILE: [(&str, &str); 8] = [
    ("file-too-large", "the file would have 64 mebibytes"),
    ("rows-too-large", "the file would have four gibibytes"),
    ("too-long-names", "the names would have a gibibyte"),
    ("statement-too-long", "the statement would have four million words"),
    ("too-many-files", "a thousand files would be used"),
    ("too-many-problems", "a thousand problems would be shown"),
    ("too-many-statements", "a million statements would be written"),
    ("unreadable-file", "there is no file that is not there"),
];

#[test]
fn each_problem_is_drawn_as_its_snapshot_shows() {
    let folder = root().join("tests/errors");
    insta::glob!("errors/*.circ", |path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let loaded = loaded_below(&folder, &name);
        let code = name.trim_end_matches(".circ");
        let found: Vec<&str> = loaded.diagnostics.iter().map(|problem| problem.code).collect();
        assert!(found.contains(&code), "{name} shows {found:?}");
        for problem in &loaded.diagnostics {
            // What is expected at a place stands in the headline itself.
            let says_enough = problem.code == "unexpected-token";
            assert!(says_enough || problem.help.is_some(), "{}: nothing to type instead", problem.code);
        }
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(shown(&loaded.diagnostics, &loaded.sources));
        });
    });
}

#[test]
fn each_kind_of_problem_has_its_file() {
    let without_file: BTreeSet<String> = WITHOUT_FILE.iter().map(|(code, _)| code.to_string()).collect();
    let mut codes = BTreeSet::new();
    let src = root().join("src");
    for path in files_below(&src, "rs") {
        codes.extend(codes_of(&text_of(&format!("src/{path}"))));
    }
    assert!(codes.len() > 20, "{codes:?}");
    let missing: Vec<&String> = codes
        .difference(&without_file)
        .filter(|code| !root().join("tests/errors").join(format!("{code}.circ")).exists())
        .collect();
    assert_eq!(missing, [] as [&String; 0], "codes without a file");
    let unknown: Vec<&String> = without_file.difference(&codes).collect();
    assert_eq!(unknown, [] as [&String; 0], "exceptions that are no codes");
}

/// The codes in a file of phrasings: the first text that a builder is given.
fn codes_of(source: &str) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for builder in ["Diagnostic::error(", "Diagnostic::warning(", "choice(", " error("] {
        for (at, _) in source.match_indices(builder) {
            let rest = source[at + builder.len()..].trim_start();
            if let Some(code) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                codes.insert(code.to_string());
            }
        }
    }
    codes
}
