//! Attention heads: what a solved one is worth, and that the rest of the program knows them.

mod common;

use common::binary::Place;
use common::{compiled, loaded, program, report, samples, text_of};
use superpose::compile::Options;
use superpose::evaluate::Sampling;
use superpose::evaluate::head::HeadReport;
use superpose::network::Network;
use superpose::program::Level;
use superpose::text::share;

fn at(level: Level) -> Options {
    Options { level: Some(level), ..Options::default() }
}

/// What is measured of the only head of a text.
fn measured(text: &str, level: Level) -> HeadReport {
    let program = program(text);
    let network = compiled(&program, &at(level));
    report(&program, &network, &samples(2000)).heads.remove(0)
}

/// n pairs of m features in d dimensions, k of them on.
fn pairs(n: usize, m: usize, d: usize, rank: usize, k: usize) -> String {
    format!(
        "feature x[{m}]; sample {{ choose {k} of x; }} \
         head h rank {rank} tokens 8 {{ match x[i] -> x[(7 * i + 3) % {m}] for i in 0..{n}; }} \
         network {{ store x in {d} with gaussian; }}"
    )
}

#[test]
fn a_solved_head_attends_better_than_the_published_one_and_where_there_is_room_is_nearer() {
    // Where the stream is crowded, matches that score 1 each cost more than they save; which key is right they do tell.
    let rows = [
        (64, 200, 128, 48, 3, true),
        (100, 201, 128, 64, 2, true),
        (200, 211, 64, 32, 2, false),
        (30, 60, 60, 6, 2, false),
        (300, 307, 128, 16, 1, false),
    ];
    for (n, m, d, rank, k, has_room) in rows {
        let text = pairs(n, m, d, rank, k);
        let [published, solved] = [Level::Published, Level::Solved].map(|level| measured(&text, level));
        let errors = [&published, &solved].map(|head| head.score_error_rms.unwrap());
        assert!(!has_room || errors[1] < 0.8 * errors[0], "{n} of {m} in {d}, rank {rank}, {k} on: {errors:?}");
        let right = [&published, &solved].map(|head| head.right_key.0.unwrap()[4]);
        assert!(right[1] > right[0], "{n} of {m} in {d}, rank {rank}, {k} on: {right:?}");
    }
}

#[test]
fn a_head_of_no_more_matches_than_directions_hears_next_to_nothing_else_where_features_are_read_exactly() {
    let text = "feature x[40]; sample { choose 4 of x; } head h rank 8 tokens 6 { match x[i] -> x[i + 20] for i in 0..8; } \
                network { residual 64; }";
    let head = measured(text, Level::Solved);
    // What the ridge leaves; a projection would be off by a half.
    assert!(head.score_error_max.unwrap() < 0.05 && head.score_error_rms.unwrap() < 0.005, "{head:?}");
    assert!(head.right_key.0.unwrap()[3..].iter().all(|&share| share > 0.9999), "{head:?}");
    // Each on equal terms, however many there are.
    assert!(head.ties.sequences > 100 && head.ties.even.0.unwrap()[2] > 0.9, "{head:?}");
}

/// Mendel on features that exclude each other: a few dimensions do, where all that matters is which score is the
/// highest. Where several are on, they do not.
#[test]
fn features_that_exclude_each_other_need_few_dimensions() {
    let text = |clause: &str, rank: usize| {
        format!(
            "feature x[64]; sample {{ {clause} of x; }} \
             head h rank {rank} tokens 16 {{ match x[i] -> x[(i + 1) % 64] for i in 0..64; }} \
             network {{ store x in 64 with hadamard; }}"
        )
    };
    let highest = |clause: &str, rank: usize| measured(&text(clause, rank), Level::Solved).right_key.0.unwrap()[4];
    let (one, three) = (highest("one", 6), highest("choose 3", 6));
    assert!(one > 0.999, "{one}");
    assert!(three < 0.7, "{three}");
}

/// The table of the README: how often the right key scores highest, by rank, of the example and of tokens that have two
/// features each, at both levels.
#[test]
fn the_table_of_ranks_is_what_a_run_shows() {
    let page = text_of("README.md");
    let table = page.split("| rank | `one of`").nth(1).expect("the table stands there");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert!(rows.len() > 4);
    let example = text_of("examples/lookup.circ");
    for row in rows {
        let found: Vec<String> = ["one of", "choose 2 of"]
            .into_iter()
            .flat_map(|clause| [Level::Published, Level::Solved].map(|level| (clause, level)))
            .map(|(clause, level)| {
                let text = example.replace("one of", clause).replace("rank 12", &format!("rank {}", row[0]));
                let program = program(&text);
                let report = report(&program, &compiled(&program, &at(level)), &samples(10_000));
                share(report.heads[0].right_key.0.unwrap()[4])
            })
            .collect();
        assert_eq!(row[1..], found, "rank {}", row[0]);
    }
}

#[test]
fn a_head_travels_in_the_file_and_comes_out_the_same() {
    let both = "feature x[12]; sample { choose 3 of x; plant 0.5; } g[i] = x[i] & x[i + 1] for i in 0..11; \
                head one rank 3 tokens 5 { match x[i] -> x[11 - i] for i in 0..6; } \
                head two rank 2 tokens 3 { match x[0] -> x[0]; match x[1] -> x[2]; } network { width 24; residual 40; }";
    let stored = both.replace("residual 40", "store x[0..12] in 9 with s_hot");
    let alone = stored.replace("g[i] = x[i] & x[i + 1] for i in 0..11;", "").replace("plant 0.5;", "");
    for text in [both, &stored, &alone] {
        let program = program(text);
        for level in [Level::Published, Level::Solved] {
            let network = compiled(&program, &at(level));
            let bytes = network.to_bytes();
            assert_eq!(compiled(&program, &at(level)).to_bytes(), bytes, "the same text gives the same bytes");
            let read = Network::from_bytes(&bytes).unwrap();
            assert_eq!(read, network);
            let reports = [&network, &read].map(|network| report(&program, network, &samples(500)));
            assert_eq!(reports[0], reports[1]);
            assert_eq!(reports[0].heads.iter().map(|head| &head.name[..]).collect::<Vec<_>>(), ["one", "two"]);
        }
    }
}

#[test]
fn gates_are_what_they_are_without_a_head() {
    let gates = "feature x[12]; sample { choose 3 of x; plant 0.5; } g[i] = x[i] & x[i + 1] for i in 0..11; \
                 network { width 24; store x in 10 with gaussian; }";
    let with_head = format!("{gates} head h rank 3 tokens 5 {{ match x[0] -> x[1]; }}");
    let networks = [gates, &with_head].map(|text| compiled(&program(text), &at(Level::Solved)));
    assert_eq!(networks[0].layers, networks[1].layers);
    let reports =
        [(gates, 0), (&with_head, 1)].map(|(text, idx)| report(&program(text), &networks[idx], &samples(500)));
    assert_eq!(reports[0].gates, reports[1].gates);
    let json: serde_json::Value = serde_json::from_str(&reports[0].to_json(false)).unwrap();
    assert!(json.get("heads").is_none(), "who has no head hears of none");
}

#[test]
fn a_report_in_json_has_what_other_programs_rely_on() {
    let program = program(&pairs(20, 41, 16, 8, 2));
    let report = report(&program, &compiled(&program, &at(Level::Solved)), &samples(300));
    let json: serde_json::Value = serde_json::from_str(&report.to_json(false)).unwrap();
    let head = &json["heads"][0];
    assert_eq!((&head["name"], &head["rank"]), (&"h".into(), &8.into()));
    for figure in ["score_error_max", "score_error_rms", "score_error_expected"] {
        assert!(head[figure].as_f64().is_some_and(|error| error > 0.0), "{figure}");
    }
    let right: Vec<f64> = ["1", "0.3", "0.1", "0.03", "0"].map(|at| head["right_key"][at].as_f64().unwrap()).into();
    assert!(right.iter().all(|share| (0.0..=1.0).contains(share)) && right[0] < right[4], "{right:?}");
}

#[test]
fn tokens_that_can_have_no_match_leave_figures_open() {
    let text = "feature x[12]; sample { choose 2 of x; } head h rank 3 tokens 5 { match x[0] -> x[1]; } \
                network { residual 16; }";
    let mut program = program(text);
    let network = compiled(&program, &at(Level::Solved));
    program.circuit.distribution.clauses.clear();
    let report = report(&program, &network, &samples(100));
    let head = &report.heads[0];
    assert_eq!((head.sequences, head.score_error_rms, &head.right_key.0), (0, None, &None));
    assert!(report.to_text(&Default::default()).contains('-'));
}

#[test]
fn another_head_is_another_network() {
    let text = pairs(20, 41, 16, 8, 2);
    let network = compiled(&program(&text), &at(Level::Published));
    for (from, to) in
        [("rank 8", "rank 7"), ("tokens 8", "tokens 9"), ("head h", "head i"), ("0..20", "0..19"), ("in 16", "in 17")]
    {
        let other = program(&text.replace(from, to));
        let found = superpose::evaluate::evaluate(&other, &network, &Sampling::default(), &mut |_| {
            superpose::progress::Answer::GoOn
        });
        assert!(found.is_err(), "{from} is {to}");
    }
}

#[test]
fn what_no_head_can_be_is_told_at_its_place() {
    let found = |head: &str| -> Vec<String> {
        let text =
            format!("const N = 4; feature x[8], y[2][2]; g = x[0] & y[0][0]; head h {head} network {{ residual 16; }}");
        loaded(&[("a.circ", &text)])
            .diagnostics
            .iter()
            .map(|problem| format!("{} {}", problem.code, problem.span.start))
            .collect()
    };
    let start = "const N = 4; feature x[8], y[2][2]; g = x[0] & y[0][0]; head h ".len();
    let rows = [
        ("rank 0 tokens 4 { match x[0] -> x[1]; }", "bad-setting", "0 tokens"),
        ("rank 4097 tokens 4 { match x[0] -> x[1]; }", "bad-setting", "4097"),
        ("rank 17 tokens 4 { match x[0] -> x[1]; }", "rank-too-large", "17"),
        ("rank 9223372036854775807 tokens 4 { match x[0] -> x[1]; }", "bad-setting", "9223372036854775807"),
        ("rank N tokens 1 { match x[0] -> x[1]; }", "bad-setting", "1 {"),
        ("rank N tokens 5000 { match x[0] -> x[1]; }", "bad-setting", "5000"),
        ("rank M tokens 4 { match x[0] -> x[1]; }", "unknown-constant", "M"),
        ("rank 2 tokens 4 { match x[0] -> z; }", "unknown-name", "z"),
        ("rank 2 tokens 4 { match x[0] -> g; }", "not-a-feature", "g"),
        ("rank 2 tokens 4 { match x[0] -> N; }", "integer-for-signal", "N"),
        ("rank 2 tokens 4 { match x -> x[1]; }", "array-for-signal", "x ->"),
        ("rank 2 tokens 4 { match y[0] -> x[1]; }", "array-for-signal", "y[0]"),
        ("rank 2 tokens 4 { match x[0..2] -> x[1]; }", "array-for-signal", "x[0..2]"),
        ("rank 2 tokens 4 { match x[0][1] -> x[1]; }", "wrong-number-of-indices", "x[0][1]"),
        ("rank 2 tokens 4 { match x[i] -> x[i + 1] for i in 0..8; }", "index-out-of-range", "x[i + 1]"),
        ("rank 2 tokens 4 { match x[i / 0] -> x[1] for i in 0..8; }", "division-by-zero", "i / 0"),
        ("rank 2 tokens 4 { match x[i] -> x[1] for i in 0..9223372036854775807; }", "too-many-turns", "match"),
        ("rank 2 tokens 4 { match x[0] -> x[1]; match x[0] -> x[1]; }", "duplicate-match", "match x[0] -> x[1]; }"),
        ("rank 2 tokens 4 { match x[0]; }", "unexpected-token", "; }"),
        ("rank 2 tokens 4 { x[0] -> x[1]; }", "unexpected-token", "x[0]"),
        ("rank 2 { match x[0] -> x[1]; }", "unexpected-token", " {"),
        ("rank 2 tokens 4 { }", "empty-head", ""),
    ];
    for (head, code, at) in rows {
        let place = if at.is_empty() { start - 2 } else { start + head.find(at).unwrap() };
        assert_eq!(found(head), [format!("{code} {place}")], "{head}");
    }
}

#[test]
fn the_words_of_a_head_stay_names() {
    let text = "feature rank, tokens, match; head = rank & tokens; layer_of = head ^ match; \
                head head rank 1 tokens 2 { match rank -> tokens; match match -> match; } network { residual 8; }";
    let program = program(text);
    assert_eq!((program.circuit.n_gates(), program.heads[0].matches.len()), (2, 2));
    assert_eq!(program.heads[0].name, "head");
}

#[test]
fn a_forgotten_semicolon_before_a_head_is_told_and_hides_nothing() {
    let text =
        "feature x[4];\ng = x[0] & x[1]\nhead h rank 1 tokens 2 { match x[0] -> x[9]; }\nnetwork { residual 8; }";
    let loaded = loaded(&[("a.circ", text)]);
    let codes: Vec<&str> = loaded.diagnostics.iter().map(|problem| problem.code).collect();
    assert_eq!(codes[0], "missing-semicolon", "{codes:?}");
}

#[test]
fn commands_of_gates_say_that_heads_are_none_of_theirs() {
    let place = Place::empty();
    place.write("alone.circ", &pairs(20, 41, 16, 8, 2));
    let both = "feature x[8]; sample { choose 2 of x; plant 0.5; } g = x[0] & x[1]; \
                head h rank 3 tokens 5 { match x[0] -> x[1]; } network { optimize 1; width 8; store x in 8 with hadamard; }";
    place.write("both.circ", both);
    let commands: [&[&str]; 6] = [
        &["verify", "FILE"],
        &["export", "FILE", "--to", "vnnlib", "-o", "DIR"],
        &["dataset", "FILE", "-n", "10", "-o", "DIR"],
        &["trace", "FILE", "--on", "x[0]"],
        &["explain", "FILE", "--gate", "g", "--on", "x[0]"],
        &["sweep", "FILE", "--seed", "1", "--out", "out.csv"],
    ];
    for (command, idx) in commands.iter().zip(0..) {
        let typed = |file: &str| -> Vec<String> {
            let named = |word: &&str| match *word {
                "FILE" => format!("{file}.circ"),
                "DIR" => format!("{file}{idx}"),
                word => word.to_string(),
            };
            command.iter().map(named).collect()
        };
        let run = |file: &str| place.run(&typed(file).iter().map(String::as_str).collect::<Vec<_>>());
        let alone = run("alone");
        assert!(alone.stderr.contains("defines no gate"), "{command:?}: {}", alone.stderr);
        alone.ends(1);
        let both = run("both");
        assert!(both.stderr.contains("1 head left out"), "{command:?}: {}", both.stderr);
        both.ends(0);
    }
    let said = place.run(&["check", "both.circ", "alone.circ"]).ends(0).stdout;
    assert_eq!(
        said,
        "both.circ: 1 gate over 8 features in 1 layer, 1 head\nalone.circ: 0 gates over 41 features in 0 layers, 1 head\n"
    );
    let claimed = place.run(&["compile", "alone.circ", "--prove", "-o", "net.safetensors"]);
    assert!(claimed.stderr.contains("--prove"), "{}", claimed.stderr);
    claimed.ends(2);
    for kind in ["safetensors", "onnx", "npz"] {
        place.run(&["compile", "both.circ", "-o", &format!("both.{kind}")]).ends(0);
        place.run(&["compile", "alone.circ", "-o", &format!("alone.{kind}")]).ends(0);
    }
    place.run(&["eval", "alone.safetensors", "--json"]).ends(0);
    place.run(&["show", "alone.circ"]).ends(0);
    place.run(&["sample", "alone.circ", "-n", "3"]).ends(0);
}
