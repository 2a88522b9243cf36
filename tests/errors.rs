//! Every kind of problem has a case that shows it: a file `tests/errors/CODE.circ`, or, where only a compilation comes
//! upon it, a row of a table here. What a person then reads is held in a snapshot.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{compiled, files_below, loaded, loaded_below, options, program, root, shown, text_of};
use superpose::compile::{self, Error, Options, Request};
use superpose::diagnostic::Span;
use superpose::elaborate::{Limits, load};
use superpose::program::{Level, Program, Width};
use superpose::progress::unwatched;
use superpose::search;

/// Kinds that no small case can show, and why.
const WITHOUT_CASE: [(&str, &str); 7] = [
    ("file-too-large", "the file would have 64 mebibytes: `hostile` has it"),
    ("not-evaluated", "a search judges only networks that it has compiled from the circuit itself"),
    ("rows-too-large", "the file would have four gibibytes"),
    ("statement-too-long", "the statement would have four million words: `hostile` has it"),
    ("too-long-names", "the names would have a gibibyte"),
    ("too-many-problems", "a thousand problems would be shown: `hostile` has them"),
    ("too-many-statements", "a million statements would be written: `hostile` has them"),
];

/// Kinds that are of the files around a text, shown by tests of their own below.
const OF_FILES: [&str; 2] = ["too-many-files", "unreadable-file"];

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
fn a_file_that_cannot_be_read_is_the_only_problem() {
    let loaded = load("gone.circ", &mut BTreeMap::new(), &Limits::default());
    let problems: Vec<(&str, &str, &str)> =
        loaded.diagnostics.iter().map(|problem| (problem.code, &problem.headline[..], &problem.label[..])).collect();
    assert_eq!(problems, [("unreadable-file", "cannot read `gone.circ`", "no such file")]);
}

#[test]
fn files_that_use_each_other_without_end_are_given_up() {
    let names: Vec<String> = (0..1010).map(|idx| format!("f{idx}.circ")).collect();
    let texts: Vec<String> = (1..1011).map(|idx| format!("use \"f{idx}.circ\";")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    let codes: Vec<&str> = loaded(&files).diagnostics.iter().map(|problem| problem.code).collect();
    assert!(codes.contains(&"too-many-files"), "{codes:?}");
}

/// What only a compilation comes upon: a program, how it is asked for, and what then is wrong.
struct Refusal {
    /// The code, and more where one has several phrasings.
    name: &'static str,
    code: &'static str,
    program: Program,
    options: Options,
    /// Whether a search over widths is asked, rather than one compilation.
    is_search: bool,
}

const PAIRS: &str = "feature x[50];\ny[i][j] = x[i] & x[j] for i in 0..50, j in i+1..50;\n";
const SUMS: &str = "feature a[5], b[5];
sample { choose 1 of a; choose 1 of b; }
out[k] = any(a[i] & b[(k - i) % 5] for i in 0..5) for k in 0..5;
";
const TOKENS: &str = "feature token[6];
sample { choose 1 of token; }
next[k] = any(token[i] for i in 0..6 if i % 3 == k) for k in 0..3;
";
const PAIR: &str = "feature a, b;\nsample { each a, b with 0.5; }\ng = a & b;\n";

fn refusals() -> Vec<Refusal> {
    let auto = Options { width: Some(Width::Auto), level: Some(Level::Solved), ..Options::default() };
    let fit = |fit: Request| Options { fit, ..Options::default() };
    let from = |width: Option<u32>| Options {
        width: width.map(Width::Neurons),
        ..fit(Request {
            from: Some(Box::new(compiled(&program(PAIR), &options(Level::Solved, 4, "channels")))),
            ..Request::default()
        })
    };
    let in_stream = format!("{PAIR}network {{ residual 8; }}\n");
    let from_seed = |level| {
        let options = Options { seed: Some(7), ..options(level, 4, "channels") };
        let options = if level == Level::Fitted { Options { construction: None, ..options } } else { options };
        fit(Request { from: Some(Box::new(compiled(&program(&in_stream), &options))), ..Request::default() })
    };
    let mut nothing_to_plant = program("feature x[4];\nsample { choose 1 of x; }\ng = x[0] & x[1];\n");
    nothing_to_plant.circuit.distribution.plant = 0.5;
    let mut along_kerdock = program(&in_stream);
    along_kerdock.settings.directions = Some(("kerdock".into(), Span::NOWHERE));
    let case =
        |code, text: &str, options| Refusal { name: code, code, program: program(text), options, is_search: false };
    let asked = |name, refusal| Refusal { name, ..refusal };
    let searched = |refusal| Refusal { is_search: true, ..refusal };
    vec![
        case(
            "construction-of-a-fit",
            PAIR,
            Options { level: Some(Level::Fitted), construction: Some("linear".into()), ..Options::default() },
        ),
        asked(
            "dictionary-dimensions-of-a-stream",
            Refusal { program: along_kerdock, ..case("dictionary-dimensions", PAIR, Options::default()) },
        ),
        case("from-another-circuit", "feature x[4];\ny = x[0] & x[1];\n", from(None)),
        case("from-another-width", PAIR, from(Some(5))),
        case("from-another-dictionary", &in_stream, from_seed(Level::Fitted)),
        asked(
            "from-another-dictionary-of-no-fit",
            case("from-another-dictionary", &in_stream, from_seed(Level::Solved)),
        ),
        case(
            "not-in-random-features",
            "feature x[9];\nsample { choose 4 of x; }\nall = x[0] & x[1] & x[2];\n",
            options(Level::Published, 64, "random_features zero_bias"),
        ),
        case("no-common-neuron", PAIRS, options(Level::Published, 12, "universal")),
        case(
            "not-for-ping-pong",
            "feature x[9][2];\nsample { choose 2 of x; }\ng[t] = x[t][0] & x[t][1] for t in 0..9;\n",
            options(Level::Published, 64, "shared_circuits ping_pong"),
        ),
        case(
            "nothing-is-fitted",
            PAIR,
            Options { level: Some(Level::Solved), ..fit(Request { budget: Some(1000), ..Request::default() }) },
        ),
        asked(
            "nothing-is-fitted-of-a-construction",
            case(
                "nothing-is-fitted",
                PAIR,
                Options {
                    construction: Some("naive".into()),
                    ..fit(Request { target: Some(0.9), ..Request::default() })
                },
            ),
        ),
        case(
            "nothing-corrected",
            "feature x[4];\nlayer low { a = x[0] & x[1]; }\nlayer high { b = a | x[2]; }\nnetwork { correct after low; }\n",
            options(Level::Published, 4, "linear"),
        ),
        case("only-relus-are-fitted", &format!("{SUMS}network {{ activation bilinear; }}\n"), Options::default()),
        case(
            "construction-without-activation",
            &format!("{SUMS}network {{ activation bilinear; construction channels; }}\n"),
            Options { level: Some(Level::Solved), ..Options::default() },
        ),
        asked(
            "construction-without-relus",
            case("construction-without-activation", PAIR, options(Level::Published, 8, "fourier")),
        ),
        case(
            "no-addition",
            &format!("{SUMS}more = a[0] & b[0];\nnetwork {{ activation quadratic; optimize 1; }}\n"),
            Options::default(),
        ),
        case(
            "frequency-too-high",
            &format!("{SUMS}network {{ activation bilinear; construction fourier frequencies 1 3; optimize 0; }}\n"),
            Options::default(),
        ),
        case(
            "too-few-products",
            &format!("{SUMS}network {{ activation bilinear; optimize 1; width 3; }}\n"),
            Options::default(),
        ),
        case(
            "stored-by-construction",
            &format!("{SUMS}network {{ activation bilinear; optimize 1; store a in 4 with gaussian; }}\n"),
            Options::default(),
        ),
        case(
            "no-bigrams",
            &format!("{TOKENS}both = token[0] & token[1];\nnetwork {{ activation linear; optimize 1; }}\n"),
            Options::default(),
        ),
        case(
            "too-few-coordinates",
            &format!("{TOKENS}network {{ activation linear; optimize 1; width 2; }}\n"),
            Options::default(),
        ),
        case("nothing-to-mix", &format!("{PAIR}network {{ mix hadamard; }}\n"), Options::default()),
        case(
            "mix-dimensions",
            &format!("{TOKENS}network {{ activation linear; optimize 1; mix hadamard; }}\n"),
            Options::default(),
        ),
        searched(case("nothing-to-meet", PAIR, auto.clone())),
        case("nothing-to-share", PAIR, options(Level::Published, 64, "shared_circuits")),
        Refusal { program: nothing_to_plant, ..case("nothing-to-plant", PAIR, Options::default()) },
        case("parity-too-wide", "feature x[2000];\nodd = parity(x);\n", Options::default()),
        searched(case(
            "require-not-met",
            &format!("{PAIR}require {{ error(g) < 0.1; reliability < 0.01; }}\n"),
            auto.clone(),
        )),
        case(
            "stream-too-large",
            &format!("{PAIR}network {{ residual 9000; }}\n"),
            Options { level: Some(Level::Fitted), ..Options::default() },
        ),
        case(
            "too-wide-for-construction",
            "feature x[20];\nwide = all(x);\n",
            options(Level::Published, 64, "universal"),
        ),
        case("too-wide-to-solve", "feature x[70000];\nwide = any(x);\n", options(Level::Solved, 64, "channels")),
        case(
            "head-too-large",
            "feature x[4];\nhead h rank 2 tokens 2 { match x[0] -> x[1]; }\nnetwork { store x in 9000 with gaussian; }\n",
            Options { level: Some(Level::Solved), ..Options::default() },
        ),
        case("unknown-construction", PAIR, options(Level::Published, 64, "chanels")),
        case(
            "unknown-layer",
            PAIR,
            Options { layer_widths: vec![("level1".into(), Width::Neurons(9))], ..Options::default() },
        ),
        case("width-auto-unresolved", PAIR, auto),
        case("width-too-large", PAIRS, options(Level::Solved, 100_000, "channels")),
        asked(
            "width-too-large-as-published",
            case("width-too-large", PAIRS, options(Level::Published, 1 << 30, "channels")),
        ),
        asked("width-too-large-for-linear", case("width-too-large", PAIRS, options(Level::Published, 9000, "linear"))),
        case(
            "width-too-small",
            "feature x[3];\na = x[0] & !x[1];\nb = x[1] & !x[0];\nc = x[0] & x[1] & x[2];\n",
            options(Level::Solved, 1, "channels"),
        ),
        asked(
            "width-too-small-for-copies",
            case("width-too-small", PAIRS, options(Level::Published, 100, "shared_circuits redundancy 6")),
        ),
        asked(
            "width-too-small-for-ping-pong",
            case(
                "width-too-small",
                "feature x[9][2];\nsample { choose 1 of x; }\ng[t] = x[t][0] & x[t][1] for t in 0..9;\n",
                options(Level::Published, 10, "shared_circuits ping_pong"),
            ),
        ),
    ]
}

#[test]
fn each_refusal_is_drawn_as_its_snapshot_shows() {
    for Refusal { name, code, program, options, is_search } in refusals() {
        let error = match is_search {
            true => search::build(&program, &options, &mut unwatched).map(|_| ()).unwrap_err(),
            false => compile::compile(&program, &options, &mut unwatched).map(|_| ()).unwrap_err(),
        };
        let may_fit_wider = ["no-common-neuron", "width-too-small"].contains(&code);
        assert_eq!(matches!(error, Error::TooNarrow(_)), may_fit_wider, "{name}: more neurons would do");
        for problem in error.problems() {
            assert_eq!(problem.code, code, "{name}");
            assert!(problem.help.is_some(), "{name}: nothing to type instead");
        }
        // A construction that starves fails many gates alike.
        insta::with_settings!({ omit_expression => true, snapshot_suffix => name }, {
            insta::assert_snapshot!(shown(&error.problems()[..1], &program.sources));
        });
    }
}

/// Functions that are given a code to phrase a problem by: the file that has them, how they are called, and whether
/// from other files as well.
const BUILDERS: [(&str, &str, bool); 2] =
    [("program/problems.rs", "choice(", true), ("circuit/inputs/rows.rs", " error(", false)];

#[test]
fn each_kind_of_problem_has_its_case() {
    let mut codes = BTreeSet::new();
    let mut builders = BTreeSet::new();
    for path in files_below(&root().join("src"), "rs").iter().filter(|path| !path.starts_with("diagnostic")) {
        let text = text_of(&format!("src/{path}"));
        let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for first in first_arguments(path, code) {
            match (first.strip_prefix('"'), constant(code, first)) {
                (Some(code), _) | (None, Some(code)) => drop(codes.insert(code.to_string())),
                (None, None) => drop(builders.insert(path.clone())),
            }
        }
    }
    assert_eq!(builders, BUILDERS.map(|row| row.0.to_string()).into(), "files that phrase what others name");
    let listed = |list: &[&str]| list.iter().map(ToString::to_string).collect::<BTreeSet<String>>();
    let without_case = listed(&WITHOUT_CASE.map(|row| row.0));
    let mut shown: BTreeSet<String> = files_below(&root().join("tests/errors"), "circ")
        .into_iter()
        .filter_map(|file| file.strip_suffix(".circ").filter(|code| !code.contains('/')).map(str::to_owned))
        .collect();
    shown.extend(refusals().iter().map(|refusal| refusal.code.to_string()));
    shown.extend(listed(&OF_FILES));
    let all: BTreeSet<String> = shown.union(&without_case).cloned().collect();
    assert_eq!(codes.difference(&all).collect::<Vec<_>>(), [] as [&String; 0], "codes without a case");
    assert_eq!(all.difference(&codes).collect::<Vec<_>>(), [] as [&String; 0], "cases of what is no code");
    assert_eq!(shown.intersection(&without_case).collect::<Vec<_>>(), [] as [&String; 0], "exceptions with a case");
}

/// What each problem of a file is made with: a text (from its quote on, without the closing one), or a word.
fn first_arguments<'c>(path: &str, code: &'c str) -> Vec<&'c str> {
    let builders = BUILDERS.iter().filter(|row| row.2 || row.0 == path).map(|row| row.1);
    let calls = ["Diagnostic::error(", "Diagnostic::warning("].into_iter().chain(builders);
    let behind =
        calls.flat_map(|call| code.match_indices(call).map(move |(at, _)| code[at + call.len()..].trim_start()));
    let first = |rest: &'c str| match rest.strip_prefix('"') {
        Some(text) => Some(&rest[..1 + text.find('"')?]),
        None => Some(&rest[..rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?]),
    };
    behind.filter_map(first).collect()
}

/// The text of a constant of the file.
fn constant<'c>(code: &'c str, name: &str) -> Option<&'c str> {
    let line = format!("const {name}: &str = \"");
    let at = code.find(&line)? + line.len();
    code[at..].split('"').next()
}
