//! `sweep` and `plot` from outside: rows that are those of `eval`, files that are gone on with, parts that are joined.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use common::binary::{BINARY, Place, Ran};
use serde_json::Value;
use superpose::compile::construction_names;

/// Rows by column.
fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = csv.lines().map(|line| superpose::csv::cells(line).unwrap());
    let header: Vec<String> = lines.next().unwrap().into_iter().map(|cell| cell.text.into_owned()).collect();
    let row = |cells: Vec<superpose::csv::Cell>| {
        assert_eq!(cells.len(), header.len());
        header.iter().cloned().zip(cells.into_iter().map(|cell| cell.text.into_owned())).collect()
    };
    lines.map(row).collect()
}

/// All constructions at all levels, at a width that does for each and one that does for few.
const ALL: [&str; 9] = ["sweep", "pairs.circ", "--width", "1,64", "--construction", "all", "-O", "0,1,2", "--samples"];

fn all(place: &Place, more: &[&str]) -> Ran {
    place.run(&[&ALL[..], &["300"], more].concat())
}

#[test]
fn a_row_is_what_eval_says() {
    let place = Place::with_pairs();
    let csv = all(&place, &["-o", "-", "--epsilon", "0.3"]).ends(0).stdout;
    let rows = rows(&csv);
    assert_eq!(rows.len(), 2 * (2 * construction_names().len() + 1));
    let mut n_refused = 0;
    for row in &rows {
        let level = format!("-O{}", row["opt_level"]);
        let mut arguments = vec!["eval", "pairs.circ", "--json", "--samples", "300", "--epsilon", "0.3"];
        arguments.extend([&level, "--width", &row["width"]]);
        if row["construction"] != "fitted" {
            arguments.extend(["--construction", &row["construction"]]);
        }
        let ran = place.run(&arguments);
        if !row["reason"].is_empty() {
            let code = row["reason"].split(':').next().unwrap();
            assert!(ran.stderr.contains(&format!("error[{code}]")), "{row:?}\n{}", ran.stderr);
            assert!(row["reliability"].is_empty() && row["fingerprint"].is_empty() && row["gates"] == "7", "{row:?}");
            n_refused += 1;
            continue;
        }
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let [low, high] = [0, 1].map(|end| &report["reliability_interval"][end]);
        // JSON is read back to the last bit but one.
        let number = |name: &str, value: &Value| match (row[name].parse::<f64>(), value.as_f64()) {
            (Ok(cell), Some(value)) => assert!((cell - value).abs() <= 1e-12 * value.abs(), "{name}: {row:?}"),
            (cell, value) => assert!(cell.is_err() && value.is_none(), "{name}: {value:?}, {row:?}"),
        };
        for name in ["reliability", "output_reliability", "parameters", "samples", "features", "seed", "eval_seed"] {
            number(name, &report[name]);
        }
        number("reliability_low", low);
        number("reliability_high", high);
        number("accuracy@0.3", &report["accuracy"]["0.3"]);
        number("without_relu.reliability", &report["without_relu"]["reliability"]);
        number("fit.inputs", &report["fit"]["inputs"]);
        // It was measured in f32.
        for share in ["0.5", "0.9", "0.99", "1"] {
            let cell = row[&format!("epsilon@{share}")].parse::<f32>().ok();
            assert_eq!(cell, report["epsilon"][share].as_f64().map(|value| value as f32), "{share}: {row:?}");
        }
        assert_eq!(row["fingerprint"], report["fingerprint"].as_str().unwrap());
        assert_eq!(row["readoff"], report["readoff"].as_str().unwrap());
        assert_eq!(row["fit.stopped"], report["fit"]["stopped"].as_str().unwrap_or_default());
        assert_eq!(row["neurons"], row["width"]);
    }
    assert!((1..rows.len()).contains(&n_refused), "{n_refused} of {} rows have a reason", rows.len());
}

#[test]
fn what_is_studied_of_fits_is_an_axis_of_theirs_alone() {
    let place = Place::with_pairs();
    let axes = ["--width", "24", "-O", "1,2", "--budget", "5k", "--freeze", "none,weights", "--weight-on", "1,10"];
    let sweep = [&["sweep", "pairs.circ", "--samples", "300", "-o", "study.csv"], &axes[..]].concat();
    place.run(&sweep).ends(0);
    let found = rows(&place.read("study.csv"));
    let studied = |row: &BTreeMap<String, String>| {
        ["opt_level", "fit.study.freeze", "fit.study.weight_on"].map(|column| row[column].clone())
    };
    let wanted =
        [["1", "", ""], ["2", "none", "1"], ["2", "none", "10"], ["2", "weights", "1"], ["2", "weights", "10"]];
    assert_eq!(found.iter().map(studied).collect::<Vec<_>>(), wanted.map(|row| row.map(String::from)));
    assert!(!found[0].contains_key("fit.study.loss"), "nobody names one");

    let eval = ["eval", "pairs.circ", "--json", "--samples", "300", "--width", "24", "--budget", "5k"];
    let more = ["--freeze", "weights", "--weight-on", "10"];
    let report: Value = serde_json::from_str(&place.run(&[&eval[..], &more].concat()).stdout).unwrap();
    assert_eq!(found[4]["fingerprint"], report["fingerprint"].as_str().unwrap());
    assert_eq!(report["fit"]["study"]["freeze"], "weights");
    assert_eq!(report["fit"]["study"]["weight_on"], 10.0);
    // The picture has a line for each, over what it is asked for.
    place.run(&["plot", "study.csv", "--x", "fit.study.weight_on", "-o", "study.svg"]).ends(0);
    let picture = place.read("study.svg");
    assert!(picture.contains("fit.study.freeze weights") && picture.contains("fit.study.freeze none"), "{picture}");

    let ran = place.run(&["sweep", "pairs.circ", "-O", "1", "--loss", "l4", "-o", "-"]).ends(2);
    assert!(ran.stderr.contains("`--loss` is of fits, and none of these networks is fitted"), "{}", ran.stderr);
}

#[test]
fn parts_that_are_joined_are_the_whole_whatever_the_threads() {
    let place = Place::with_pairs();
    all(&place, &["-o", "whole.csv", "--threads", "1"]).ends(0);
    let whole = place.read("whole.csv");
    let mut joined = String::new();
    for number in 1..=3 {
        let (shard, file) = (format!("{number}/3"), format!("{number}.csv"));
        all(&place, &["-o", &file, "--shard", &shard]).ends(0);
        joined += &place.read(&file);
    }
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(String::from).collect();
        lines.sort();
        lines.dedup();
        lines
    };
    assert_eq!(sorted(&joined), sorted(&whole));
    assert_eq!(joined.matches("circuit,").count(), 3, "each has the header");
    // And are one picture.
    place.write("joined.csv", &joined);
    for file in ["whole.csv", "joined.csv"] {
        place.run(&["plot", file, "--title", "All", "-o", &format!("{file}.svg")]).ends(0);
    }
    let marks = |file: &str| place.read(file).matches("<g><title>").count();
    assert_eq!(marks("whole.csv.svg"), marks("joined.csv.svg"));
}

#[test]
fn a_sweep_goes_on_where_a_killed_one_ended() {
    let place = Place::with_pairs();
    all(&place, &["-o", "whole.csv"]).ends(0);
    let whole = place.read("whole.csv");
    let third_row = whole.match_indices('\n').nth(2).unwrap().0;
    for end in [0, 10, whole.find('\n').unwrap(), third_row, third_row + 1, third_row + 30, whole.len() - 1] {
        place.write("cut.csv", &whole[..end]);
        let ran = all(&place, &["-o", "cut.csv"]).ends(0);
        assert!(place.read("cut.csv") == whole, "cut at byte {end}");
        let n_before = whole[..end].matches('\n').count().saturating_sub(1);
        let said = format!("{n_before} of them from before");
        assert_eq!(ran.stderr.contains(&said), n_before > 0, "{end}: {}", ran.stderr);
    }
    // What is whole already is left so.
    let ran = all(&place, &["-o", "whole.csv"]).ends(0);
    assert!(ran.stderr.contains("from before") && place.read("whole.csv") == whole, "{}", ran.stderr);
}

#[test]
fn a_table_of_something_else_is_left_as_it_is() {
    let place = Place::with_pairs();
    let sweep = |file: &str, more: &[&str]| {
        place.run(&[&["sweep", file, "-O", "0", "--width", "32,64", "-o", "results.csv"], more].concat())
    };
    sweep("pairs.circ", &["--samples", "100"]).ends(0);
    let before = place.read("results.csv");
    place.write("other.circ", &common::binary::PAIRS.replace("choose 2", "choose 3"));
    for (ran, said) in [
        (sweep("pairs.circ", &["--samples", "101"]), "line 2 is of another circuit, of other options"),
        (sweep("pairs.circ", &["--samples", "100", "--eval-seed", "1"]), "line 2 is of another circuit"),
        (sweep("other.circ", &["--samples", "100"]), "line 2 is of another circuit"),
        (sweep("pairs.circ", &["--samples", "100", "--epsilon", "0.3"]), "names other columns"),
        (
            sweep("pairs.circ", &["--samples", "100", "--seed", "9"]),
            "line 2 has `0` as its seed, where this sweep has `9`",
        ),
    ] {
        let ran = ran.ends(2);
        assert!(ran.stderr.contains(said) && ran.stderr.contains("holds something else"), "{}", ran.stderr);
        assert_eq!(place.read("results.csv"), before);
    }
    place.write("results.csv", "mine\n");
    sweep("pairs.circ", &[]).ends(2);
    assert_eq!(place.read("results.csv"), "mine\n");
}

const SIZED: &str = "circuit sized;
const N = 4;
const UNUSED = 2 * N;
feature x[N];
sample { choose 2 of x; plant 0.5; }
y[i] = x[i] & x[i + 1] for i in 0..N - 1;
";

#[test]
fn a_constant_is_an_axis() {
    let place = Place::empty();
    place.write("sized.circ", SIZED);
    let sweep =
        |more: &[&str]| place.run(&[&["sweep", "sized.circ", "-O", "1", "--width", "40", "-o", "-"], more].concat());
    let found = rows(&sweep(&["--set", "N=4,6..12", "--samples", "100"]).ends(0).stdout);
    let shapes: Vec<[&str; 3]> =
        found.iter().map(|row| ["N", "features", "gates"].map(|column| row[column].as_str())).collect();
    assert_eq!(shapes, [["4", "4", "3"], ["6", "6", "5"], ["12", "12", "11"]]);
    // As if it had been written there.
    place.write("twelve.circ", &SIZED.replace("N = 4", "N = 12"));
    let eval = ["eval", "twelve.circ", "-O1", "--width", "40", "--samples", "100", "--json"];
    let report: Value = serde_json::from_str(&place.run(&eval).stdout).unwrap();
    assert_eq!(found[2]["fingerprint"], report["fingerprint"].as_str().unwrap());

    // A value of which nothing can be made is a row; a name that is none ends it before it begins.
    let found = rows(&sweep(&["--set", "N=4,-3", "--samples", "100"]).ends(0).stdout);
    assert!(found[0]["reason"].is_empty() && found[1]["reason"].starts_with("bad-length: "), "{found:?}");
    let ran = sweep(&["--set", "M=4"]).ends(1);
    assert!(ran.stderr.contains("error[unknown-constant]: unknown constant `M`"), "{}", ran.stderr);
    let ran = sweep(&["--set", "UNUSD=4"]).ends(1);
    assert!(ran.stderr.contains("did you mean `UNUSED`?") && ran.stdout.is_empty(), "{}", ran.stderr);
    let ran = sweep(&["--set", "N=4", "--set", "N=5"]).ends(2);
    assert!(ran.stderr.contains("`--set N` is given twice"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_whole_rows_and_the_same_command_goes_on() {
    let place = Place::with_pairs();
    let sweep = ["sweep", "pairs.circ", "-O", "0", "--width", "16", "--seed", "1..=300", "--samples", "2000", "-o"];
    let mut child = Command::new(BINARY)
        .current_dir(place.folder())
        .args(sweep)
        .arg("results.csv")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while fs::read_to_string(place.path("results.csv")).map_or(0, |text| text.lines().count()) < 4 {
        assert!(child.try_wait().unwrap().is_none(), "there are many more to come");
    }
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("of 300 rows are in results.csv; the same command goes on behind them"), "{said}");
    let part = place.read("results.csv");
    assert!(part.ends_with('\n') && part.lines().count() < 301);
    place.run(&[&sweep[..], &["results.csv"]].concat()).ends(0);
    let whole = place.run(&[&sweep[..], &["-"]].concat()).ends(0).stdout;
    assert!(whole.starts_with(&part) && place.read("results.csv") == whole);
}

#[test]
fn what_is_typed_wrong_is_said_before_anything_is_written() {
    let place = Place::with_pairs();
    let cases: [(&[&str], i32, &str); 12] = [
        (&["--width", "0"], 2, "0 is not between 1 and"),
        (&["--width", "64..8"], 2, "doubles from at least 1 upwards"),
        (&["--seed", "0..8"], 2, "1..=8"),
        (&["--shard", "4/3"], 2, "`1/16` to `16/16`"),
        (&["--shard", "0/3"], 2, "`1/16` to `16/16`"),
        (&["--set", "N"], 2, "M=100,200"),
        (&["--construction", "channel"], 2, "did you mean `channels`?"),
        (&["--construction", "everything"], 2, "there are `channels`"),
        (&["-O", "0", "--budget", "5k"], 2, "`--budget` is of fits"),
        (&["--readoff", "one-sided", "--epsilon", "0.3"], 2, "`--epsilon` means nothing"),
        (&["--seed", "1..=99999", "--width", "1..=99999"], 2, "at most 1000000 make a sweep"),
        (&["--set", "width=3"], 2, "would have the column of that name"),
    ];
    for (more, code, said) in cases {
        let ran = place.run(&[&["sweep", "pairs.circ", "-o", "results.csv"], more].concat()).ends(code);
        assert!(ran.stderr.contains(said), "{more:?}: {}", ran.stderr);
        assert!(!place.path("results.csv").exists(), "{more:?}");
    }
    place.run(&["compile", "pairs.circ", "-O0", "-o", "net.safetensors"]).ends(0);
    let ran = place.run(&["sweep", "net.safetensors", "-o", "results.csv"]).ends(2);
    assert!(ran.stderr.contains("a circuit is needed here"), "{}", ran.stderr);
    let ran = place.run(&["sweep", "pairs.circ", "-O0", "-o", "no/results.csv"]).ends(2);
    assert!(ran.stderr.contains("mkdir -p no"), "{}", ran.stderr);
    place.write("bad.circ", "feature a; b = a & c;");
    let ran = place.run(&["sweep", "bad.circ", "-o", "results.csv"]).ends(1);
    assert!(ran.stderr.contains("unknown name `c`") && !place.path("results.csv").exists(), "{}", ran.stderr);
}

#[test]
fn plot_reads_stdin_and_several_files_and_says_what_is_wrong() {
    let place = Place::empty();
    place.write("a.csv", "circuit,construction,width,reliability\nc,linear,64,0.5\nc,linear,640,0.7\n");
    place.write("b.csv", "width,reliability\n64,0.25\n");
    let svg = place.run(&["plot", "a.csv", "b.csv", "-o", "-"]).ends(0).stdout;
    assert!(svg.starts_with("<svg ") && svg.contains(">linear<") && svg.contains(">b<"), "{svg}");
    let again = place.run_with(&["plot", "-", "--title", "T", "-o", "-"], &place.read("a.csv")).ends(0).stdout;
    assert!(again.contains("<title>T</title>"), "{again}");
    place.write("bad.csv", "width,reliability\n64,nearly\n");
    let ran = place.run(&["plot", "a.csv", "bad.csv", "-o", "x.svg"]).ends(1);
    assert!(ran.stderr.contains("bad.csv:2:4: `nearly` is no number"), "{}", ran.stderr);
    let ran = place.run(&["plot", "a.csv", "--y", "reliabilty", "-o", "x.svg"]).ends(1);
    assert!(ran.stderr.contains("did you mean `reliability`?"), "{}", ran.stderr);
    place.run(&["plot", "gone.csv", "-o", "x.svg"]).ends(2);
    place.write("bytes.csv", b"width\n\xff\n");
    place.run(&["plot", "bytes.csv", "-o", "x.svg"]).ends(2);
    assert!(!place.path("x.svg").exists());
}
