//! What an editor is told: names, what they are, where they stand, what can be typed, and how to mend what is wrong.

mod common;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use common::{Folder, files_below, root, text_of};
use superpose::diagnostic::FileId;
use superpose::ide::{self, Edited, Errors, View, completions, fixes, hover, places, rename};

type Files = BTreeMap<String, Vec<u8>>;

/// Files of which the first has a cursor, `¦`: without it, and where it was.
fn opened(files: &[(&str, &str)]) -> (Files, View, u32) {
    let offset = files[0].1.find('¦').expect("a cursor");
    let text = files[0].1.replace('¦', "");
    let all = [(files[0].0, text.as_str())].into_iter().chain(files[1..].iter().copied());
    let mut loader: Files = all.map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect();
    let view = View::of(files[0].0, &mut loader);
    (loader, view, offset as u32)
}

fn places_of(files: &[(&str, &str)]) -> Vec<String> {
    let (loader, view, offset) = opened(files);
    let Some((symbol, _)) = view.index.at(FileId(0), offset) else { return Vec::new() };
    let text = |file: &str| String::from_utf8(loader[file].clone()).unwrap();
    let all = places(&view, symbol, []);
    let shown = |(file, spans): (&String, &std::collections::BTreeSet<(u32, u32)>)| {
        let text = text(file);
        spans
            .iter()
            .map(|&(start, end)| {
                let line = text[..start as usize].matches('\n').count() + 1;
                format!("{file}:{line} {}", &text[start as usize..end as usize])
            })
            .collect::<Vec<_>>()
    };
    all.iter().flat_map(shown).collect()
}

const ADDERS: &str = "const WIDE = 2;\ngate half(a, b) -> (s, c) {\n  s = a ^ b;\n  c = a & b;\n}\n";
const MAIN: &str = "use \"adders.circ\";\nconst N = 4;\nfeature x[N][WIDE], y;\nlayer first {\n  (s[i], c[i]) = half(x[i][0], x[i][1]) for i in 0..N;\n}\nout = any(s[i] for i in 0..N) & y;\noutput out, c;\nnetwork { width first 40; }\nrequire { error(out) < 0.4; }\n";

#[test]
fn a_name_is_found_wherever_it_means_the_same() {
    let at = |before: &str| {
        let text = MAIN.replacen(before, &format!("{before}¦"), 1);
        places_of(&[("main.circ", &text), ("adders.circ", ADDERS)])
    };
    assert_eq!(at("const N"), ["main.circ:2 N", "main.circ:3 N", "main.circ:5 N", "main.circ:7 N"]);
    assert_eq!(at("[N][WI"), ["adders.circ:1 WIDE", "main.circ:3 WIDE"]);
    assert_eq!(at("= hal"), ["adders.circ:2 half", "main.circ:5 half"]);
    assert_eq!(at("(s[i], c"), ["main.circ:5 c", "main.circ:8 c"]);
    assert_eq!(at("\nlayer fir"), ["main.circ:4 first", "main.circ:9 first"]);
    assert_eq!(at("\nou"), ["main.circ:7 out", "main.circ:8 out", "main.circ:10 out"]);
    // Two loops, two variables.
    assert_eq!(at("any(s[i"), ["main.circ:7 i", "main.circ:7 i"]);
    assert_eq!(at("outp"), [] as [&str; 0]);
    // Within a sub-circuit, `s` and `a` are its own.
    let inner = ADDERS.replacen("s = a", "s = a¦", 1);
    assert_eq!(places_of(&[("adders.circ", &inner)]), ["adders.circ:2 a", "adders.circ:3 a", "adders.circ:4 a"]);
}

/// Every name of every example is in one symbol that has a definition, and its places do not overlap.
#[test]
fn every_name_of_the_examples_has_a_meaning() {
    let mut n_places = 0;
    for name in common::examples() {
        let view = View::of(&name, &mut Folder(common::examples_folder()));
        let mut places: Vec<(u32, u32)> = Vec::new();
        for symbol in &view.index.symbols {
            assert!(!symbol.definitions.is_empty());
            for span in symbol.definitions.iter().chain(&symbol.uses) {
                // A file of another tool is read as if it said the same in the language.
                let is_ours = view.loaded.sources.files[span.file.0 as usize].name.ends_with(".circ");
                assert!(!is_ours || view.text(*span) == symbol.name, "{name}: {}", symbol.name);
                if span.file == FileId(0) {
                    places.push((span.start, span.end));
                }
            }
        }
        places.sort_unstable();
        assert!(places.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{name}: a name is two symbols");
        n_places += places.len();
        for &(start, _) in &places {
            assert!(hover(&view, FileId(0), start, None).is_some(), "{name}: nothing is told at byte {start}");
        }
    }
    assert!(n_places > 1000, "{n_places}");
}

fn told(text: &str, errors: Option<&Errors>) -> String {
    let (_, view, offset) = opened(&[("a.circ", text), ("adders.circ", ADDERS)]);
    hover(&view, FileId(0), offset, errors).map_or(String::new(), |hover| hover.markdown)
}

#[test]
fn a_name_is_told_with_what_it_came_to() {
    let errors = Errors {
        by_gate: HashMap::from([("p[0]".to_string(), 0.125), ("p[2]".to_string(), 0.25), ("q".to_string(), 0.5)]),
        told: "a network of 9 neurons".to_string(),
    };
    let with = |gate: &str| {
        format!("feature x[4];\nlayer pairs {{\n  p[i] = x[i] & x[i + 1] for i in 0..3;\n}}\nq = any(p);\n{gate}")
    };
    insta::assert_snapshot!(
        [
            told(&with("r = p¦[1];"), Some(&errors)),
            told(&with("r = ¦p[2] & q;"), Some(&errors)),
            told(&with("r = q¦;"), None),
            told(&with("r = x¦[0];"), None),
            told(&with("r = at_le¦ast(2, x);"), None),
            told(&with("network { see¦d 7; }"), None),
            told(&with("network { width pa¦irs 9; }"), None),
            told("use \"adders.circ\";\nfeature a, b;\n(s, c) = ¦half(a, b);\n", None),
            told("use \"adders.circ\";\nfeature a[WIDE¦];\nc = all(a);\n", None),
        ]
        .join("\n----\n")
    );
    assert_eq!(told("feature a; ¦ b = a;", None), "");
}

fn offered(text: &str) -> Vec<String> {
    let (_, view, offset) = opened(&[("a.circ", text), ("adders.circ", ADDERS)]);
    completions(&view, FileId(0), offset).into_iter().map(|completion| completion.label).collect()
}

#[test]
fn what_can_be_typed_depends_on_the_place() {
    const HEAD: &str = "use \"adders.circ\";\nconst N = 4;\nfeature x[N], y;\nlayer first { p = y & x[0]; }\n";
    let at = |text: &str| offered(&format!("{HEAD}{text}"));
    assert_eq!(at("network { width ¦"), ["N", "WIDE", "auto", "first"]);
    assert_eq!(at("network { decoder ¦; }"), ["N", "WIDE", "linear", "transpose"]);
    assert_eq!(at("network { store x in 3 with ¦"), superpose_sorted(superpose::compile::dictionary_names()));
    assert_eq!(at("sample { ¦ }"), ["choose", "each", "from", "one", "plant"]);
    assert_eq!(at("sample { choose 1 of ¦ }"), ["N", "WIDE", "with", "x", "y"]);
    assert_eq!(at("require { ¦ }")[..3], ["accuracy", "error", "output_accuracy"]);
    assert_eq!(at("require { error(¦) < 0.3; }"), ["p"]);
    assert_eq!(at("output ¦"), ["p"]);
    assert_eq!(at("circuit ¦"), [] as [&str; 0]);
    assert_eq!(at("// ¦"), [] as [&str; 0]);
    let formula = at("q = y & ¦;");
    for name in ["x", "y", "p", "half", "at_least", "N"] {
        assert!(formula.iter().any(|known| known == name), "{name}: {formula:?}");
    }
    for name in ["a", "first"] {
        assert!(!formula.iter().any(|known| known == name), "{name} is no signal here");
    }
    let variables = at("q[i] = x[¦] for i in 0..N;");
    assert!(variables.iter().any(|known| known == "i"), "{variables:?}");
    assert!(at("¦").iter().any(|word| word == "feature"));
}

fn superpose_sorted(mut names: Vec<&'static str>) -> Vec<&'static str> {
    names.sort_unstable();
    names
}

#[test]
fn a_name_is_changed_in_all_files_or_not_at_all() {
    let text = MAIN.replacen("= half", "= ha¦lf", 1);
    let (mut loader, view, offset) = opened(&[("main.circ", &text), ("adders.circ", ADDERS)]);
    let (symbol, _) = view.index.at(FileId(0), offset).unwrap();
    let other = View::of("adders.circ", &mut loader);
    let mut try_it = |name: &str| rename(&view, symbol, name, std::slice::from_ref(&other), &mut loader);
    let places = try_it("adder").unwrap();
    let n_places: Vec<(&str, usize)> = places.iter().map(|(file, spans)| (file.as_str(), spans.len())).collect();
    assert_eq!(n_places, [("adders.circ", 1), ("main.circ", 1)]);
    assert!(try_it("2x").unwrap_err().contains("is no name"));
    assert!(try_it("for").unwrap_err().contains("is no name"));
    // A built-in function has that name.
    assert!(try_it("any").unwrap_err().contains("means something else"));
    let netlist = ".model inner\n.inputs a b\n.outputs c\n.names a b c\n11 1\n.end\n";
    let text = "use \"inner.blif\";\nfeature x, y;\nz = inn¦er(x, y);\n";
    let (mut loader, view, offset) = opened(&[("a.circ", text), ("inner.blif", netlist)]);
    let (symbol, _) = view.index.at(FileId(0), offset).unwrap();
    assert!(rename(&view, symbol, "other", &[], &mut loader).unwrap_err().contains("another tool"));
    let text = "feature a, b;\nc = a¦ & b;\n";
    let (mut loader, view, offset) = opened(&[("a.circ", text)]);
    let (symbol, _) = view.index.at(FileId(0), offset).unwrap();
    assert!(rename(&view, symbol, "b", &[], &mut loader).unwrap_err().contains("means something else"));
    assert!(rename(&view, symbol, "d", &[], &mut loader).is_ok());
}

/// What is offered for every kind of problem that has a case: after it the problem is gone, and no other has come.
#[test]
fn a_fix_mends_its_problem_and_nothing_else() {
    let folder = root().join("tests/errors");
    let mut shown = String::new();
    let mut n_fixed = 0;
    for name in files_below(&folder, "circ") {
        let mut loader = Folder(folder.clone());
        let view = View::of(&name, &mut loader);
        let before = view.loaded.diagnostics.len();
        for problem in &view.loaded.diagnostics {
            for ide::Fix { title, edit } in fixes(&view, problem, &mut loader) {
                let file = &view.loaded.sources.files[edit.span.file.0 as usize];
                let mut text = file.text.clone();
                text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
                let line_of = |text: &str| {
                    let at = edit.span.start as usize;
                    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
                    text[start..].lines().next().unwrap_or_default().to_owned()
                };
                let (old, new) = (line_of(&file.text), line_of(&text));
                writeln!(shown, "{name}: {}: {title}\n  - {old}\n  + {new}", problem.code).unwrap();
                let texts = BTreeMap::from([(file.name.clone(), text)]);
                let after = View::of(&name, &mut Edited { loader: &mut loader, texts: &texts });
                assert!(after.loaded.diagnostics.len() < before || problem.is_error(), "{name}: {title}");
                n_fixed += 1;
            }
        }
    }
    assert!(n_fixed > 50, "{n_fixed}");
    insta::assert_snapshot!(shown);
}

/// Half a text has names too, and nothing that is asked of it fails.
#[test]
fn a_text_that_is_being_written_is_read_as_far_as_it_goes() {
    let text = text_of("examples/newsroom.circ");
    for end in (0..text.len()).step_by(61).filter(|&end| text.is_char_boundary(end)) {
        let mut loader = Files::from([("a.circ".to_string(), text.as_bytes()[..end].to_vec())]);
        let view = View::of("a.circ", &mut loader);
        let at = end as u32;
        completions(&view, FileId(0), at);
        hover(&view, FileId(0), at, None);
        ide::outline(&view);
    }
}
