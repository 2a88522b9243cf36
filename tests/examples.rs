//! Every example is a test: it is in canonical form, means what its listing says, and gives the report that lies
//! beside it.

use std::fs;
use std::path::{Path, PathBuf};

use superpose::circuit;
use superpose::diagnostic::{self, FileId, SourceFile, Sources};
use superpose::elaborate::{Limits, Loader};
use superpose::syntax;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// All .circ files below `examples`, sorted, by their path below it.
fn examples() -> Vec<String> {
    let mut rest = vec![directory()];
    let mut found = Vec::new();
    while let Some(path) = rest.pop() {
        if path.is_dir() {
            rest.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "circ") {
            found.push(path.strip_prefix(directory()).unwrap().to_str().unwrap().replace('\\', "/"));
        }
    }
    found.sort();
    found
}

struct Files;

impl Loader for Files {
    fn read(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        fs::read(directory().join(path))
    }
}

#[test]
fn examples_are_in_canonical_form() {
    for name in examples() {
        let text = fs::read_to_string(directory().join(&name)).unwrap();
        let sources = Sources { files: vec![SourceFile { name: name.clone(), text: text.clone() }] };
        let (ast, diagnostics) = syntax::parse(&sources, FileId(0));
        assert!(diagnostics.is_empty(), "{}", diagnostic::render(&diagnostics, &sources, false, 100));
        assert_eq!(syntax::format(&ast, &text), text, "{name}: superpose fmt --write examples/{name}");
    }
}

#[test]
fn examples_mean_what_their_listings_say() {
    const MOST_LINES: usize = 120;
    for name in examples() {
        let loaded = elaborate::load(&name, &mut Files, &Limits::default());
        let Some(circuit) = loaded.program else {
            let is_library = loaded.diagnostics.iter().all(|problem| problem.code == "no-gate");
            let rendered = diagnostic::render(&loaded.diagnostics, &loaded.sources, false, 100);
            assert!(is_library, "{rendered}");
            continue;
        };
        let listing = circuit.listing();
        let mut shown: Vec<&str> = listing.lines().take(MOST_LINES).collect();
        let left = format!("… and {} lines", listing.lines().count() - shown.len());
        if left != "… and 0 lines" {
            shown.push(&left);
        }
        insta::assert_snapshot!(name.trim_end_matches(".circ").replace('/', "_"), shown.join("\n"));
    }
}

#[test]
fn examples_give_the_reports_beside_them() {
    let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_superpose"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CI", "true")
        .args(["test", "examples"])
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}
