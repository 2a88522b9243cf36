//! The command line from outside: exit codes, streams, files.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use common::binary::{BINARY, Place, Ran, command_in, ran};
use serde_json::Value;
use superpose::compile::construction_names;
use superpose::network::Network;
use superpose::random;

/// Small, and easy at this width.
const PAIRS: &str = "circuit pairs;

feature x[8];

sample {
  choose 2 of x;
  plant 0.5;
}

layer both {
  p[i] = x[i] & x[i+1] for i in 0..7;
}

network {
  width 64;
  samples 1000;
}

require {
  reliability > 0.5;
}
";

/// A folder with `pairs.circ`, in which commands run.
fn place() -> Place {
    let place = Place::empty();
    place.write("pairs.circ", PAIRS);
    place
}

#[test]
fn check_says_what_a_file_holds_and_quiet_says_nothing() {
    let place = place();
    let ran = place.run(&["check", "pairs.circ"]).ends(0);
    assert_eq!(ran.stdout, "pairs.circ: 7 gates over 8 features in 1 layer\n");
    assert_eq!(ran.stderr, "");
    let ran = place.run(&["check", "--quiet", "pairs.circ"]).ends(0);
    assert_eq!(ran.stdout, "");
}

#[test]
fn every_problem_of_every_file_is_reported_at_once_on_stderr() {
    let place = place();
    place.write("bad.circ", "circuit bad;\nfeature a, b;\nx = a & c;\ny = a & d;\n");
    let ran = place.run(&["check", "bad.circ", "pairs.circ"]).ends(1);
    assert_eq!(ran.stdout, "pairs.circ: 7 gates over 8 features in 1 layer\n");
    assert!(ran.stderr.contains("bad.circ:3:") && ran.stderr.contains("bad.circ:4:"), "{}", ran.stderr);
    assert!(!ran.stderr.contains('\u{1b}'), "no colour into a pipe");
    let ran = place.run(&["check", "--color", "always", "bad.circ"]).ends(1);
    assert!(ran.stderr.contains('\u{1b}'));
}

#[test]
fn what_cannot_be_read_is_exit_code_2_and_says_what_was_meant() {
    let place = place();
    let ran = place.run(&["check", "pears.circ"]).ends(2);
    assert!(ran.stderr.contains("cannot read `pears.circ`: no such file"), "{}", ran.stderr);
    assert!(ran.stderr.contains("did you mean `pairs.circ`?"), "{}", ran.stderr);
    let ran = place.run(&["check", "pairs"]).ends(2);
    assert!(ran.stderr.contains("did you mean `pairs.circ`?"), "{}", ran.stderr);
    let ran = place.run(&["check", "."]).ends(2);
    assert!(ran.stderr.contains("directory") && ran.stderr.contains("pairs.circ"), "{}", ran.stderr);
}

#[test]
fn a_file_that_a_file_names_is_its_content() {
    let place = place();
    place.write("user.circ", "circuit user;\nuse \"gone.circ\";\nfeature a, b;\nx = a & b;\n");
    let ran = place.run(&["check", "user.circ"]).ends(1);
    assert!(ran.stderr.contains("gone.circ"), "{}", ran.stderr);
}

#[test]
fn usage_errors_are_exit_code_2_and_help_is_none() {
    let place = place();
    place.run(&["check"]).ends(2);
    place.run(&["explode"]).ends(2);
    place.run(&["eval", "pairs.circ", "--width", "0"]).ends(2);
    place.run(&["eval", "pairs.circ", "-O7"]).ends(2);
    place.run(&["eval", "pairs.circ", "--samples", "5", "--exhaustive"]).ends(2);
    // A file without a command.
    for (typed, meant) in
        [("pairs.circ", "pairs.circ"), ("pairs", "pairs.circ"), ("gone.circ", "gone.circ"), ("-", "-")]
    {
        let ran = place.run(&[typed, "--width", "9"]).ends(2);
        assert!(ran.stderr.contains(&format!("did you mean `superpose eval {meant}`?")), "{}", ran.stderr);
    }
    assert!(!place.run(&["explode"]).ends(2).stderr.contains("eval"));
    assert!(place.run(&["--help"]).ends(0).stdout.contains("Exit codes"));
    assert!(place.run(&["--version"]).ends(0).stdout.starts_with("superpose "));
}

#[test]
fn stdin_is_a_file_called_minus() {
    let place = place();
    assert!(place.run_with(&["check", "-"], PAIRS).ends(0).stdout.contains("7 gates"));
    assert_eq!(place.run_with(&["fmt", "-"], PAIRS).ends(0).stdout, PAIRS);
    let ran = place.run_with(&["check", "-"], "circuit ;").ends(1);
    assert!(ran.stderr.contains("<stdin>:1:"), "{}", ran.stderr);
    place.run_with(&["fmt", "--write", "-"], PAIRS).ends(2);
}

#[test]
fn fmt_checks_and_rewrites() {
    let place = place();
    place.write("loose.circ", &PAIRS.replace("  choose 2 of x;", "choose   2 of x ; // two"));
    let ran = place.run(&["fmt", "--check", "pairs.circ", "loose.circ"]).ends(1);
    assert_eq!(ran.stdout, "loose.circ\n");
    let printed = place.run(&["fmt", "loose.circ"]).ends(0).stdout;
    assert!(printed.contains("  choose 2 of x;  // two\n"), "{printed}");
    place.run(&["fmt", "--write", "loose.circ"]).ends(0);
    assert_eq!(place.read("loose.circ"), printed);
    place.run(&["fmt", "--check", "loose.circ"]).ends(0);
}

#[test]
fn show_describes_in_text_and_json() {
    let place = place();
    let text = place.run(&["show", "pairs.circ"]).ends(0).stdout;
    assert!(text.starts_with("pairs: 7 gates over 8 features in 1 layer\n") && text.contains("Adler-Shavit"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let json: Value = serde_json::from_str(&place.run(&["show", "--json", "pairs.circ"]).ends(0).stdout).unwrap();
    assert_eq!(json["gates"], 7);
}

#[test]
fn eval_prints_a_report_and_judges_it() {
    let place = place();
    let ran = place.run(&["eval", "pairs.circ"]).ends(0);
    assert!(ran.stdout.starts_with("pairs: 7 gates over 8 features in 1 layer\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("holds   reliability > 0.5  1\n"), "{}", ran.stdout);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.stdout);
    place.write("strict.circ", &PAIRS.replace("reliability > 0.5", "reliability < 0.1"));
    let ran = place.run(&["eval", "strict.circ"]).ends(1);
    assert!(ran.stdout.contains("missed  reliability < 0.1"), "{}", ran.stdout);
}

#[test]
fn eval_json_has_the_fields_that_programs_rely_on() {
    let place = place();
    let json = |arguments: &[&str]| -> Value {
        let arguments: Vec<&str> = ["eval", "pairs.circ", "--json"].iter().chain(arguments).copied().collect();
        serde_json::from_str(&place.run(&arguments).ends(0).stdout).unwrap()
    };
    let report = json(&["--gates", "-O0", "--width", "100", "--seed", "3", "--samples", "77"]);
    let keys: Vec<&str> = report.as_object().unwrap().keys().map(String::as_str).collect();
    let wanted = "circuit opt_level construction seed widths parameters signals samples exhaustive reliability \
                  reliability_interval output_reliability readoff accuracy epsilon without_relu layers gates requirements";
    assert_eq!(keys[..19], wanted.split(' ').collect::<Vec<_>>());
    assert_eq!((&report["circuit"], &report["opt_level"], &report["seed"]), (&"pairs".into(), &0.into(), &3.into()));
    assert_eq!((&report["widths"], &report["signals"]), (&vec![100].into(), &vec![7].into()));
    assert_eq!((&report["samples"], &report["exhaustive"]), (&77.into(), &false.into()));
    assert_eq!(report["gates"][6]["name"], "p[6]");
    assert_eq!(report["requirements"][0]["text"], "reliability > 0.5");
    let report = json(&["--exhaustive"]);
    assert!(report.get("gates").is_none());
    // 28 pairs of 8.
    assert_eq!((&report["samples"], &report["exhaustive"]), (&28.into(), &true.into()));
    assert_eq!(report["reliability_interval"][0], report["reliability"]);
    assert_eq!(json(&["--width", "both=90"])["widths"], Value::from(vec![90]));
}

#[test]
fn one_side_of_a_threshold_knows_no_epsilon() {
    let place = place();
    let epsilon = |readoff: &str| {
        let sides = ["--readoff", readoff, "--epsilon", "0.4", "--width", "8", "--budget", "2k"];
        place.run(&[&["compile", "pairs.circ", "-o", "pairs.safetensors"], &sides[..]].concat())
    };
    let ran = epsilon("one-sided").ends(2);
    assert!(ran.stderr.contains("--readoff two-sided"), "{}", ran.stderr);
    epsilon("two-sided").ends(0);
    let json = place.run(&["eval", "pairs.safetensors", "--json"]).ends(0).stdout;
    assert!(json.contains("\"readoff\": \"two_sided\""), "{json}");
}

#[test]
fn a_circuit_and_a_network_are_measured_at_an_epsilon() {
    let place = place();
    for bad in ["0", "0.51", "near"] {
        let ran = place.run(&["eval", "pairs.circ", "--epsilon", bad]).ends(2);
        assert!(ran.stderr.contains("at most 0.5, such as 0.25"), "{}", ran.stderr);
    }
    // Nothing is fitted here, so that ε can be no goal.
    let at = |arguments: &[&str]| place.run(&[arguments, &["-O1", "--epsilon", "0.125"]].concat());
    let refused = at(&["compile", "pairs.circ", "-o", "pairs.safetensors"]).ends(1);
    assert!(refused.stderr.contains("nothing-is-fitted"), "{}", refused.stderr);
    place.run(&["compile", "pairs.circ", "-O1", "-o", "pairs.safetensors"]).ends(0);
    let of_circuit = at(&["eval", "pairs.circ", "--json"]).ends(0).stdout;
    let of_network = place.run(&["eval", "pairs.safetensors", "--json", "--epsilon", "0.125"]).ends(0).stdout;
    assert_eq!(of_network, of_circuit);
    let report: Value = serde_json::from_str(&of_network).unwrap();
    let keys = |field: &str| report[field].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys("accuracy"), ["0.1", "0.125", "0.25", "0.4", "0.45"]);
    assert_eq!(keys("output_accuracy"), ["0.125"]);
    let text = place.run(&["eval", "pairs.safetensors", "--epsilon", "0.125"]).ends(0).stdout;
    assert!(text.contains("  within 0.125  ") && text.contains("  ε at 99 %     "), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn a_construction_is_looked_at_without_saying_how() {
    let place = place();
    for name in construction_names() {
        let ran = place.run(&["eval", "pairs.circ", "--construction", name]).ends(0);
        assert!(ran.stdout.contains(&format!("compiled      -O1, {name}, seed 0\n")), "{}", ran.stdout);
    }
    let ran = place.run(&["eval", "pairs.circ", "--construction", "linear", "--width", "auto"]).ends(0);
    assert!(ran.stderr.contains("meets `require`"), "{}", ran.stderr);
    let ran = place.run(&["eval", "pairs.circ", "--construction", "linear", "-O2"]).ends(1);
    assert!(ran.stderr.contains("error[construction-of-a-fit]"), "{}", ran.stderr);
    let ran = place.run(&["eval", "pairs.circ", "--construction", "linear", "--target", "0.9"]).ends(1);
    assert!(ran.stderr.contains("error[nothing-is-fitted]"), "{}", ran.stderr);
    let help = place.run(&["compile", "--help"]).ends(0).stdout;
    assert!(construction_names().iter().all(|name| help.contains(&format!("`{name}`"))), "{help}");
}

#[test]
fn a_network_carries_its_circuit() {
    let place = place();
    let ran = place.run(&["compile", "pairs.circ", "-o", "net.safetensors", "--seed", "5"]).ends(0);
    assert_eq!(ran.stdout, "");
    let from_source = place.run(&["eval", "pairs.circ", "--seed", "5", "--json", "--gates"]).ends(0).stdout;
    fs::remove_file(place.path("pairs.circ")).unwrap();
    assert_eq!(place.run(&["eval", "net.safetensors", "--json", "--gates"]).ends(0).stdout, from_source);
    let ran = place.run(&["eval", "net.safetensors", "-O0"]).ends(2);
    assert!(ran.stderr.contains("`-O` has no meaning"), "{}", ran.stderr);
    let ran = place.run(&["check", "net.safetensors"]).ends(2);
    assert!(ran.stderr.contains("is a network"), "{}", ran.stderr);
}

#[test]
fn what_a_circuit_uses_travels_with_its_network() {
    let place = place();
    place.write("lib/parts.circ", "gate both(a, b) -> (c) {\n  c = a & b;\n}\n");
    place.write(
        "sub/user.circ",
        "circuit user;\nuse \"../lib/parts.circ\";\nfeature a, b;\nsample { from \"rows.csv\"; }\nc = both(a, b);\n",
    );
    place.write("sub/rows.csv", "a,b\n1,1\n0,1\n1,0\n");
    place.run(&["compile", "sub/user.circ", "-o", "net.safetensors", "--width", "8"]).ends(0);
    fs::remove_dir_all(place.path("lib")).unwrap();
    fs::remove_dir_all(place.path("sub")).unwrap();
    place.run(&["eval", "net.safetensors"]).ends(0);
}

#[test]
fn a_damaged_network_is_a_clear_error() {
    let place = place();
    place.run(&["compile", "pairs.circ", "-o", "net.safetensors"]).ends(0);
    let mut bytes = fs::read(place.path("net.safetensors")).unwrap();
    bytes.truncate(bytes.len() - 9);
    fs::write(place.path("cut.safetensors"), &bytes).unwrap();
    let ran = place.run(&["eval", "cut.safetensors"]).ends(1);
    assert!(ran.stderr.contains("cut.safetensors"), "{}", ran.stderr);
    place.write("empty.safetensors", "");
    place.run(&["eval", "empty.safetensors"]).ends(1);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let place = place();
    let run = |threads: &str, file: &str| {
        place.run(&["compile", "pairs.circ", "--threads", threads, "-o", file]).ends(0);
        let report = place.run(&["eval", "pairs.circ", "--json", "--gates", "--threads", threads]).ends(0).stdout;
        (fs::read(place.path(file)).unwrap(), report)
    };
    assert!(run("1", "one") == run("2", "two"));
}

#[test]
fn rows_of_a_file_replace_what_sample_says() {
    let place = place();
    place.write("rows.csv", "x[0],x[1],x[2]\n1,1,0\n0,0,0\n1,1,0\n");
    let run = |arguments: &[&str]| place.run(&[&["eval", "pairs.circ", "--json", "--gates"], arguments].concat());
    let report: Value = serde_json::from_str(&run(&["--inputs", "rows.csv", "--exhaustive"]).ends(0).stdout).unwrap();
    assert_eq!((&report["samples"], &report["gates"][0]["inputs_on"]), (&2.into(), &1.into()));
    place.write("plant.circ", "feature x[4]; sample { choose 2 of x; plant 1; } g = x[0] & x[1];");
    place.write("none.csv", "x[2]\nx[3]\n");
    let ran = place.run(&["eval", "plant.circ", "--json", "--gates", "--inputs", "none.csv"]).ends(0);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["gates"][0]["inputs_on"], 0, "nothing is planted among given rows");
    place.write("bad.csv", "x[0],y\n1,1\n");
    let ran = run(&["--inputs", "bad.csv"]).ends(1);
    assert!(ran.stderr.contains("bad.csv:1:6"), "{}", ran.stderr);
    run(&["--inputs", "gone.csv"]).ends(2);
}

#[test]
fn outputs_go_to_stdout_when_asked_and_nowhere_when_impossible() {
    let place = place();
    place.run(&["compile", "pairs.circ", "-o", "net.safetensors"]).ends(0);
    let bytes = fs::read(place.path("net.safetensors")).unwrap();
    for target in ["-", "/dev/stdout"] {
        let command = ["compile", "pairs.circ", "-q", "-o", target];
        let output = Command::new(BINARY).current_dir(place.folder()).args(command).output().unwrap();
        assert!(output.status.success() && output.stdout == bytes, "{target}");
    }
    let ran = place.run(&["compile", "pairs.circ", "-o", "no/such/net"]).ends(2);
    assert!(ran.stderr.contains("cannot write `no/such/net`"), "{}", ran.stderr);
    place.run(&["compile", "pairs.circ", "-o", "."]).ends(2);
    // Whatever fails before, an existing file stays as it was.
    place.write("bad.circ", "circuit bad;");
    place.run(&["compile", "bad.circ", "-o", "net.safetensors"]).ends(1);
    assert_eq!(fs::read(place.path("net.safetensors")).unwrap(), bytes);
    let names = fs::read_dir(place.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().ends_with(".tmp")));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = place();
    let mut child = Command::new(BINARY)
        .current_dir(place.folder())
        .args(["eval", "pairs.circ", "--json", "--gates"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn too_many_inputs_are_refused_with_their_number() {
    let place = place();
    place.write("wide.circ", &PAIRS.replace("x[8]", "x[40]").replace("choose 2 of", "choose 20 of"));
    let ran = place.run(&["eval", "wide.circ", "--exhaustive"]).ends(1);
    assert!(ran.stderr.contains("137846528820 distinct inputs"), "{}", ran.stderr);
}

#[test]
fn a_snapshot_is_missing_then_accepted_then_held() {
    let place = place();
    place.write("parts/lib.circ", "gate both(a, b) -> (c) {\n  c = a & b;\n}\n");
    place.write("target/ignored.circ", "nonsense");
    place.write(".hidden/ignored.circ", "nonsense");
    let ran = place.run(&["test"]).ends(1);
    assert!(ran.stdout.contains("new       pairs.circ") && ran.stderr.contains("--accept"), "{ran:#?}");
    assert!(ran.stdout.contains("library   parts"), "{}", ran.stdout);
    assert!(place.path("snapshots/pairs.snap.new").exists());
    place.run(&["test", "--accept"]).ends(0);
    let snapshot = place.read("snapshots/pairs.snap");
    assert!(snapshot.starts_with("---\nsource: \"pairs.circ\"\nexpression: "), "{snapshot}");
    assert!(!place.path("snapshots/pairs.snap.new").exists());
    let ran = place.run(&["test"]).ends(0);
    assert!(ran.stdout.ends_with("1 passed, 1 skipped\n"), "{}", ran.stdout);

    place.write("snapshots/pairs.snap", &snapshot.replace("gates over 8", "gates over 9"));
    let ran = place.run(&["test", "pairs.circ"]).ends(1);
    assert!(
        ran.stdout.contains("    - pairs: 7 gates over 9") && ran.stdout.contains("    + pairs: 7 gates over 8"),
        "{}",
        ran.stdout
    );
    assert_eq!(place.read("snapshots/pairs.snap.new"), snapshot);
}

#[test]
fn a_missed_requirement_fails_the_test_even_when_accepted() {
    let place = place();
    place.write("pairs.circ", &PAIRS.replace("reliability > 0.5", "reliability < 0.1"));
    let ran = place.run(&["test", "--accept"]).ends(1);
    assert!(
        ran.stdout.contains("missed    pairs.circ") && ran.stdout.contains("require reliability < 0.1"),
        "{}",
        ran.stdout
    );
    assert!(!place.path("snapshots").exists(), "what is refused becomes no snapshot");
}

#[test]
fn a_broken_program_is_reported_among_the_others() {
    let place = place();
    place.write("bad.circ", "circuit bad;\nfeature a;\nx = a & b;\n");
    let ran = place.run(&["test", "--accept"]).ends(1);
    assert!(ran.stdout.contains("broken    bad.circ") && ran.stdout.contains("accepted  pairs.circ"), "{}", ran.stdout);
    assert!(ran.stderr.contains("bad.circ:3:"), "{}", ran.stderr);
    place.run(&["test", "no/such/place"]).ends(2);
    fs::create_dir(place.path("empty")).unwrap();
    place.run(&["test", "empty"]).ends(2);
}

#[test]
fn shells_and_manuals_are_served() {
    let place = place();
    for shell in ["bash", "zsh", "fish"] {
        assert!(place.run(&["completions", shell]).ends(0).stdout.contains("superpose"));
    }
    assert!(place.run(&["man"]).ends(0).stdout.contains(".TH superpose"));
    assert!(place.run(&["man", "eval"]).ends(0).stdout.contains("exhaustive"));
    let ran = place.run(&["man", "evel"]).ends(2);
    assert!(ran.stderr.contains("did you mean `eval`?"), "{}", ran.stderr);
}

#[test]
fn insta_reads_the_snapshots_that_are_written() {
    let place = place();
    place.run(&["test", "--accept"]).ends(0);
    let snapshot = place.read("snapshots/pairs.snap");
    let contents = snapshot.split("\n---\n").nth(1).unwrap();
    insta::with_settings!({ snapshot_path => place.path("snapshots"), prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("pairs", contents);
    });
}

#[test]
fn endless_devices_and_endless_lists_end_soon() {
    let place = place();
    if std::path::Path::new("/dev/zero").exists() {
        let ran = place.run(&["check", "/dev/zero"]).ends(2);
        assert!(ran.stderr.contains("more than 512 MiB"), "{}", ran.stderr);
    }
    let outputs = vec!["y"; 2000].join(", ");
    place.write("outputs.circ", &format!("feature x[2]; y[i] = x[0] & x[1] for i in 0..100000; output {outputs};"));
    place.run(&["check", "outputs.circ"]).ends(0);
    let outputs = vec!["y[0..100000]"; 2000].join(", ");
    place.write("slices.circ", &format!("feature x[2]; y[i] = x[0] & x[1] for i in 0..100000; output {outputs};"));
    let ran = place.run(&["check", "slices.circ"]).ends(1);
    assert!(ran.stderr.contains("too-many-operands"), "{}", ran.stderr);
    place.write("fine.circ", "feature x[2]; y = x[0] & x[1];");
    place.run(&["check", "fine.circ", "--threads", "18446744073709551615"]).ends(2);
}

#[test]
fn settings_columns_and_requirements_beyond_all_measure_end_soon() {
    let place = place();
    let widths: String = (0..50_000).map(|idx| format!("width l{idx} 5;")).collect();
    place.write("widths.circ", &format!("feature x[2]; y = x[0] & x[1]; network {{ {widths} }}"));
    let ran = place.run(&["check", "widths.circ"]).ends(1);
    assert!(ran.stderr.contains("unknown-layer"), "{}", ran.stderr);

    let columns: Vec<String> = (0..100_000).map(|idx| format!("z{idx}")).collect();
    place.write("rows.csv", &columns.join(","));
    let ran = place.run(&["eval", "pairs.circ", "--inputs", "rows.csv"]).ends(1);
    assert!(ran.stderr.contains("rows-unknown-feature"), "{}", ran.stderr);

    let lines = "error(y) < 1;".repeat(2000);
    place.write("lines.circ", &format!("feature x[2]; y[i] = x[0] & x[1] for i in 0..100000; require {{ {lines} }}"));
    let ran = place.run(&["check", "lines.circ"]).ends(1);
    assert!(ran.stderr.contains("too-many-operands"), "{}", ran.stderr);

    place.write("wide.circ", "feature x[100000]; y = any(x);");
    let ran = place.run(&["eval", "wide.circ"]).ends(1);
    assert!(ran.stderr.contains("too-wide-to-solve"), "{}", ran.stderr);

    place.run(&["eval", "pairs.circ", "--samples", "4294967296"]).ends(2);
    place.run(&["check", "pairs.circ", "--max-gates", "100000001"]).ends(2);
}

#[test]
fn names_beyond_all_measure_are_checked() {
    let place = place();
    let listed =
        |form: &dyn Fn(usize) -> String, between: &str| (0..100_000).map(form).collect::<Vec<_>>().join(between);
    let layers = listed(&|idx| format!("layer l{idx} {{ }}"), " ");
    let parameters = listed(&|idx| format!("p{idx}"), ", ");
    let results = listed(&|idx| format!("r{idx}"), ", ");
    let bodies = listed(&|idx| format!("r{idx} = !p;"), " ");
    let loops = listed(&|idx| format!("i{idx} in 0..1"), ", ");
    // With time for each pair of them, whoever waits would wait for minutes.
    for (text, code) in [
        (format!("feature a; {layers} y = !a;"), 1),
        (format!("feature a; gate g({parameters}) -> (q) {{ q = !p0; }} y = !a;"), 0),
        (format!("feature a; gate g(p) -> ({results}) {{ {bodies} }} y = !a;"), 0),
        (format!("feature a; y = !a for {loops};"), 0),
    ] {
        place.write("names.circ", &text);
        place.run(&["check", "names.circ"]).ends(code);
    }
}

/// `changed.safetensors`, from a network of `pairs.circ`.
fn change(place: &Place, change: impl FnOnce(&mut Network)) {
    place.run(&["compile", "pairs.circ", "-O1", "-o", "net.safetensors"]).ends(0);
    let mut network = Network::from_bytes(&fs::read(place.path("net.safetensors")).unwrap()).unwrap();
    change(&mut network);
    place.write("changed.safetensors", &network.to_bytes());
}

#[test]
fn a_network_that_somebody_changed_is_evaluated_and_the_report_says_by_how_much() {
    let place = place();
    let json =
        |file: &str| -> Value { serde_json::from_str(&place.run(&["eval", file, "--json"]).ends(0).stdout).unwrap() };
    change(&place, |network| {
        let mut rng = random::stream(&[1]);
        network.layers[0].block.weight_mut().iter_mut().for_each(|w| *w += 0.02 * random::gaussian(&mut rng) as f32);
    });
    let (before, after) = (json("net.safetensors"), json("changed.safetensors"));
    assert!(before["factor_error"].as_f64().unwrap() < 1e-4 && after["factor_error"].as_f64().unwrap() > 0.01);
    assert_eq!(after["layers"][0]["factor_error"], after["factor_error"]);
    assert_ne!(after["epsilon"], before["epsilon"], "W counts");
    let text = |file: &str| place.run(&["eval", file]).ends(0).stdout;
    assert!(text("changed.safetensors").contains("the weights were changed"), "{}", text("changed.safetensors"));
    assert!(!text("net.safetensors").contains("the weights were changed"));
    place.run(&["eval", "net.safetensors", "--strict"]).ends(0);
    let ran = place.run(&["eval", "changed.safetensors", "--strict"]).ends(1);
    assert!(ran.stderr.contains("differ from compute times decompress"), "{}", ran.stderr);
    // A fit goes on from the factors.
    place.run(&["eval", "pairs.circ", "--from", "changed.safetensors"]).ends(1);
    // All of it gone: nothing to measure by, and still a report.
    change(&place, |network| network.layers[0].block.weight_mut().fill(0.0));
    assert!(place.run(&["eval", "changed.safetensors"]).stdout.contains("the weights were changed"));
}

#[test]
fn a_network_tells_nothing_of_where_its_circuit_lay() {
    let place = place();
    place.write("lib/parts.circ", "gate both(a, b) -> (c) {\n  c = a & b;\n}\n");
    let user =
        "circuit user;\nuse \"../lib/parts.circ\";\nfeature a, b;\nsample { from \"rows.csv\"; }\nc = both(a, b);\n";
    place.write("sub/user.circ", user);
    place.write("sub/rows.csv", "a,b\n1,1\n0,1\n1,0\n");
    let absolute = place.path("sub/user.circ").display().to_string();
    let mut written = Vec::new();
    for (idx, path) in ["sub/user.circ", "./sub/../sub/user.circ", &absolute].into_iter().enumerate() {
        let net = format!("net{idx}.safetensors");
        place.run(&["compile", path, "-O1", "-o", &net, "--width", "8"]).ends(0);
        written.push(fs::read(place.path(&net)).unwrap());
        place.run(&["eval", &net]).ends(0);
    }
    assert!(written[0] == written[1] && written[0] == written[2], "the same text gives the same bytes");
    let network = Network::from_bytes(&written[2]).unwrap();
    let names: Vec<&str> = network.sources.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["user.circ", "../lib/parts.circ"]);
    assert_eq!(network.rows.unwrap().0, "rows.csv");
}

#[test]
fn a_network_that_tells_where_its_circuit_lay_is_still_read() {
    let place = place();
    place.write("sub/rows.csv", "x[0]\nx[1]\n");
    place.write("sub/user.circ", "feature x[2]; sample { from \"rows.csv\"; } y = x[0] | x[1];");
    place.run(&["compile", "sub/user.circ", "-O1", "-o", "net.safetensors", "--width", "8"]).ends(0);
    let mut network = Network::from_bytes(&fs::read(place.path("net.safetensors")).unwrap()).unwrap();
    network.sources[0].0 = "/home/sub/user.circ".into();
    network.rows.as_mut().unwrap().0 = "/home/sub/rows.csv".into();
    place.write("old.safetensors", &network.to_bytes());
    place.run(&["eval", "old.safetensors"]).ends(0);
}

#[test]
fn rows_of_a_file_may_be_planted() {
    let place = place();
    place.write("rows.csv", &format!("a b\n{}", "-\n".repeat(98)));
    place.write("rows.circ", "feature a, b;\nsample { from \"rows.csv\"; plant 0.5; }\ng = a & b;\n");
    let ran = place.run(&["eval", "rows.circ", "-O1", "--json", "--gates", "--samples", "1000"]).ends(0);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(report["gates"][0]["inputs_on"].as_u64().unwrap() > 400, "{}", ran.stdout);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_below_dev_is_a_file() {
    let place = place();
    let Ok(shared) = tempfile::tempdir_in("/dev/shm") else { return };
    let target = shared.path().join("net.safetensors");
    let compile = ["compile", "pairs.circ", "-O1", "-o", target.to_str().unwrap()];
    place.run(&compile).ends(0);
    let bytes = fs::read(&target).unwrap();
    fs::write(&target, [&bytes[..], b"more"].concat()).unwrap();
    place.run(&compile).ends(0);
    assert!(fs::read(&target).unwrap() == bytes);
    place.run(&["compile", "pairs.circ", "-O1", "-o", "/dev/null"]).ends(0);
}

/// As after `ulimit`, in a shell.
#[cfg(target_os = "linux")]
fn limited(place: &Place, limits: &str, arguments: &[&str]) -> Ran {
    let script = format!("{limits}; exec \"$0\" \"$@\"");
    ran(assert_cmd::Command::new("sh").current_dir(place.folder()).args(["-c", &script, BINARY]).args(arguments))
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_may_not_grow_so_large_is_an_error_and_leaves_nothing() {
    let place = place();
    // In blocks of 512 bytes, or of 1024.
    let ran = limited(&place, "ulimit -f 2", &["compile", "pairs.circ", "-O1", "-o", "net.safetensors"]).ends(2);
    assert!(ran.stderr.contains("cannot write `net.safetensors`"), "{}", ran.stderr);
    let names: Vec<_> = fs::read_dir(place.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["pairs.circ"]);
}

#[cfg(target_os = "linux")]
#[test]
fn where_there_is_no_thread_to_be_had_one_does() {
    let place = place();
    // Who may do everything has no limit. It is called so by bash, and otherwise by dash.
    let as_nobody = "[ $(id -u) != 0 ] || set -- setpriv --reuid 65534 --regid 65534 --clear-groups \"$@\"";
    let script = format!("{as_nobody}; ulimit -u 1 2>/dev/null || ulimit -p 1; exec \"$@\"");
    let arguments = ["-c", &script, "sh", BINARY, "eval", "-", "-O1", "--width", "20"];
    let ran = ran(assert_cmd::Command::new("sh").current_dir("/").args(arguments).write_stdin(PAIRS)).ends(0);
    assert_eq!(ran.stdout, place.run(&["eval", "pairs.circ", "-O1", "--width", "20"]).ends(0).stdout);
}

/// While it waits for a file, its threads can be counted.
#[cfg(target_os = "linux")]
#[test]
fn there_are_no_more_threads_than_cores() {
    let place = place();
    assert!(Command::new("mkfifo").arg(place.path("x.circ")).status().unwrap().success());
    let check = ["check", "x.circ", "--threads", "1024"];
    let mut child = Command::new(BINARY).current_dir(place.folder()).args(check).stdout(Stdio::null()).spawn().unwrap();
    // Opened when the other end is.
    let mut pipe = fs::OpenOptions::new().write(true).open(place.path("x.circ")).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    pipe.write_all(PAIRS.as_bytes()).unwrap();
    drop(pipe);
    assert!(child.wait().unwrap().success());
    let n_threads = status.lines().find_map(|line| line.strip_prefix("Threads:")).unwrap().trim();
    let n_cores = std::thread::available_parallelism().unwrap().get();
    // And the main one, and the one that hears signals.
    assert!(n_threads.parse::<usize>().unwrap() <= n_cores + 2, "{n_threads} threads on {n_cores} cores");
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let place = place();
    let sparse = |name: &str, size: u64| fs::File::create(place.path(name)).unwrap().set_len(size).unwrap();
    sparse("huge.circ", 1 << 40);
    for command in ["check", "fmt", "show", "eval", "test"] {
        let ran = place.run(&[command, "huge.circ"]).ends(1);
        assert!(
            ran.stderr.contains("huge.circ:1:1: error[file-too-large]: the file has 1099511627776 bytes"),
            "{ran:?}"
        );
    }
    place.write("user.circ", "use \"huge.circ\"; feature a, b; c = a & b;");
    let ran = place.run(&["check", "user.circ"]).ends(1);
    assert!(ran.stderr.contains("it has 1099511627776 bytes, and 67108864 are the limit"), "{}", ran.stderr);
    sparse("huge.csv", 1 << 40);
    place.write("rows.circ", "feature a, b; sample { from \"huge.csv\"; } c = a & b;");
    let ran = place.run(&["check", "rows.circ"]).ends(1);
    assert!(ran.stderr.contains("it has 1099511627776 bytes, and 4294967295 are the limit"), "{}", ran.stderr);
    let ran = place.run(&["eval", "pairs.circ", "--inputs", "huge.csv"]).ends(2);
    assert!(ran.stderr.contains("it has 1099511627776 bytes"), "{}", ran.stderr);
    let ran = place.run(&["compile", "pairs.circ", "-O0", "--width", "10000000", "-o", "net.safetensors"]).ends(1);
    assert!(ran.stderr.contains("would have 10000000 neurons"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn nothing_from_outside_steers_the_terminal() {
    let place = place();
    let evil = "\u{1b}]0;title\u{7}\u{202e}.circ";
    place.write(evil, PAIRS);
    place.write(&format!("bad{evil}"), "feature a; x = a & b;");
    place.write("rows.csv", "x[0],\u{1b}[31mred\n1,\u{1b}[31m2\n");
    let runs: [&[&str]; 7] = [
        &["check", evil],
        &["check", &format!("bad{evil}")],
        &["check", &format!("gone{evil}")],
        &["compile", evil, "-O0", "-o", &format!("no{evil}/net")],
        &["compile", evil, "-O0", "-o", &format!("net{evil}")],
        &["test", evil],
        &["eval", "pairs.circ", "--inputs", "rows.csv"],
    ];
    for arguments in runs {
        let ran = place.run(arguments);
        let said = ran.stdout + &ran.stderr;
        assert!(!said.is_empty() && !said.chars().any(|c| c != '\n' && superpose::text::steers(c)), "{said:?}");
    }
    // A circuit without a name is called after its file.
    place.write(evil, "feature a, b; x = a & b;");
    assert!(!place.run(&["show", evil]).ends(0).stdout.contains('\u{1b}'));
    assert!(!place.run(&["eval", evil, "-O1"]).ends(0).stdout.contains('\u{1b}'));
    let long = format!("feature a; x = a & {};", "b".repeat(1 << 20));
    place.write("long.circ", &long);
    assert!(place.run(&["check", "long.circ"]).ends(1).stderr.len() < 5000);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_program_to_be_tested() {
    let place = place();
    place.write("pairs.circ", &PAIRS.replace("width 64", "width 64; optimize 1"));
    assert!(Command::new("mkfifo").arg(place.path("x.circ")).status().unwrap().success());
    let mut test = command_in(place.folder());
    let ran = ran(test.args(["test", "--accept"]).timeout(std::time::Duration::from_secs(60))).ends(0);
    assert!(ran.stdout.ends_with("1 accepted\n"), "{}", ran.stdout);
}

/// A file is written, and then something else is waited for.
#[cfg(unix)]
#[test]
fn a_signal_behind_a_written_file_says_that_it_is_written() {
    let place = place();
    place.write("loose.circ", &PAIRS.replace("choose 2 of", "choose   2 of"));
    assert!(Command::new("mkfifo").arg(place.path("x.circ")).status().unwrap().success());
    let mut child = Command::new(BINARY)
        .current_dir(place.folder())
        .args(["fmt", "--write", "loose.circ", "x.circ"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while place.read("loose.circ") != PAIRS {
        assert!(child.try_wait().unwrap().is_none(), "it waits for the pipe");
    }
    let kill = format!("kill -TERM {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(said.contains("error: interrupted, but `loose.circ` is written"), "{said}");
}

#[test]
fn heads_of_tables_are_not_torn_apart() {
    let place = place();
    let above: String = (1..11).map(|l| format!("layer level{l} {{ y{l} = !y{}; }}\n", l - 1)).collect();
    place.write("deep.circ", &format!("feature a, b;\nlayer level0 {{ y0 = a & b; }}\n{above}"));
    let text = place.run(&["eval", "deep.circ", "-O0", "--width", "8", "--samples", "100"]).ends(0).stdout;
    let head = text.lines().skip_while(|line| *line != "layers").nth(1).unwrap();
    assert!(head.contains("reliability") && head.contains("neurons"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_files_as_they_were() {
    let place = place();
    place.write("net.safetensors", "old");
    let search = "feature x[300]; sample { choose 3 of x; plant 0.5; } g[i] = all(pick(2, x)) for i in 0..3000;
network { width auto; }
require { reliability > 0.9999; }";
    place.write("search.circ", search);
    for signal in ["INT", "TERM"] {
        let ran = interrupted(&place, &["compile", "search.circ", "-o", "net.safetensors"], signal).ends(130);
        assert!(ran.stderr.contains("error: interrupted"), "{}", ran.stderr);
        assert_eq!(place.read("net.safetensors"), "old");
        let mut names: Vec<_> = fs::read_dir(place.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["net.safetensors", "pairs.circ", "search.circ"]);
    }
}

/// As if a signal came after a while; Ctrl-C is `INT`.
#[cfg(unix)]
fn interrupted(place: &Place, arguments: &[&str], signal: &str) -> Ran {
    let mut child = Command::new(BINARY)
        .current_dir(place.folder())
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    let kill = format!("kill -{signal} {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    Ran { code: child.wait().unwrap().code().unwrap(), stdout: String::new(), stderr }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_fit_and_keeps_the_best_network_so_far() {
    let place = place();
    let endless = "feature x[300]; sample { choose 3 of x; plant 0.5; } g[i] = all(pick(2, x)) for i in 0..3000;";
    place.write("endless.circ", endless);
    let compile = ["compile", "endless.circ", "-O2", "--width", "40", "--target", "1", "-o", "net.safetensors"];
    for signal in ["INT", "TERM"] {
        let ran = interrupted(&place, &compile, signal).ends(0);
        assert!(ran.stderr.contains("stopping") && ran.stderr.contains("(interrupted)"), "{}", ran.stderr);
        let report = place.run(&["eval", "net.safetensors", "--samples", "100", "--json"]).ends(0).stdout;
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!((&report["opt_level"], &report["fit"]["stopped"]), (&2.into(), &"interrupted".into()));
        fs::remove_file(place.path("net.safetensors")).unwrap();
    }

    // But what a fit had by then is never taken for the result of a test.
    place.write("endless.circ", &format!("{endless} network {{ width 40; }} require {{ reliability >= 1; }}"));
    interrupted(&place, &["test", "endless.circ", "--accept"], "INT").ends(130);
    assert!(!place.path("snapshots").exists());
}

#[test]
fn a_fit_says_on_stderr_and_in_json_why_it_ended() {
    let place = place();
    let ran = place.run(&["compile", "pairs.circ", "-o", "net.safetensors"]).ends(0);
    assert!(ran.stderr.contains("64 neurons, channels as at -O1; "), "{}", ran.stderr);
    let report = |arguments: &[&str]| -> Value {
        let arguments = [&["eval", "pairs.circ", "--json"], arguments].concat();
        serde_json::from_str(&place.run(&arguments).stdout).unwrap()
    };
    assert_eq!(report(&[])["fit"]["stopped"], "target-met");
    assert_eq!(report(&["-O2", "--target", "1", "--width", "3", "--budget", "5k"])["fit"]["stopped"], "budget-spent");
    assert_eq!(report(&["--from", "net.safetensors"])["fit"]["inputs"], 0);
    assert!(report(&["-O1"]).get("fit").is_none());
    let many = "feature x[40]; sample { choose 3 of x; plant 0.5; } g[i] = all(pick(2, x)) for i in 0..200;";
    place.write("many.circ", many);
    let ran = place
        .run(&["compile", "many.circ", "--width", "40", "--readoff", "one-sided", "-o", "many.safetensors"])
        .ends(0);
    assert!(ran.stderr.contains("40 neurons, fitted on ") && ran.stderr.contains("(target met)"), "{}", ran.stderr);
    let ran = place.run(&["eval", "pairs.circ", "--from", "pairs.circ"]).ends(2);
    assert!(ran.stderr.contains("pairs.circ"), "{}", ran.stderr);
}

#[test]
fn a_time_to_spend_changes_nothing_of_a_fit_that_ends_before() {
    let place = place();
    let bytes = |more: &[&str]| {
        place.run(&[&["compile", "pairs.circ", "-o", "net.safetensors"], more].concat()).ends(0);
        fs::read(place.path("net.safetensors")).unwrap()
    };
    assert!(bytes(&["--budget", "10m"]) == bytes(&[]));
    let endless = "feature x[300]; sample { choose 3 of x; plant 0.5; } g[i] = all(pick(2, x)) for i in 0..3000;";
    place.write("endless.circ", endless);
    let run = ["eval", "endless.circ", "--width", "40", "--target", "1", "--budget", "0.3s", "--samples", "100"];
    let ran = place.run(&run).ends(0);
    assert!(ran.stdout.contains("inputs, budget spent\n"), "{}", ran.stdout);
}
