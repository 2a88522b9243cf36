//! The command line from outside: exit codes, streams, files.

mod common;

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use common::binary::{BINARY, PAIRS, Place};
use serde_json::{Value, json};
use superpose::compile::{construction_names, constructions_of};
use superpose::network::Network;
use superpose::program::Activation;
use superpose::random;

#[test]
fn check_says_what_a_file_holds_and_quiet_says_nothing() {
    let place = Place::with_pairs();
    let ran = place.run(&["check", "pairs.circ"]).ends(0);
    assert_eq!(ran.stdout, "pairs.circ: 7 gates over 8 features in 1 layer\n");
    assert_eq!(ran.stderr, "");
    let ran = place.run(&["check", "--quiet", "pairs.circ"]).ends(0);
    assert_eq!(ran.stdout, "");
}

#[test]
fn every_problem_of_every_file_is_reported_at_once_on_stderr() {
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
    place.write("user.circ", "circuit user;\nuse \"gone.circ\";\nfeature a, b;\nx = a & b;\n");
    let ran = place.run(&["check", "user.circ"]).ends(1);
    assert!(ran.stderr.contains("gone.circ"), "{}", ran.stderr);
}

#[test]
fn usage_errors_are_exit_code_2_and_help_is_none() {
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
    assert!(place.run_with(&["check", "-"], PAIRS).ends(0).stdout.contains("7 gates"));
    assert_eq!(place.run_with(&["fmt", "-"], PAIRS).ends(0).stdout, PAIRS);
    let ran = place.run_with(&["check", "-"], "circuit ;").ends(1);
    assert!(ran.stderr.contains("<stdin>:1:"), "{}", ran.stderr);
    place.run_with(&["fmt", "--write", "-"], PAIRS).ends(2);
}

#[test]
fn fmt_checks_and_rewrites() {
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
    let text = place.run(&["show", "pairs.circ"]).ends(0).stdout;
    assert!(text.starts_with("pairs: 7 gates over 8 features in 1 layer\n") && text.contains("Adler-Shavit"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let json: Value = serde_json::from_str(&place.run(&["show", "--json", "pairs.circ"]).ends(0).stdout).unwrap();
    assert_eq!((&json["gates"], &json["stored"]), (&json!(7), &json!([])));
}

/// Vectors of two Kerdock bases of 16 dimensions; of too many features nothing is measured.
#[test]
fn show_says_how_much_stored_features_overlap() {
    let place = Place::empty();
    let circuit = "feature x[32], y[60000]; z = x[0] & y[0]; network { store x in 16 with kerdock; }";
    place.write("stored.circ", circuit);
    let text = place.run(&["show", "stored.circ"]).ends(0).stdout;
    assert!(text.contains("\n  kerdock           32          16     0.2500  0.1796  0.1796\n"), "{text}");
    let json = |text: &str| -> Value {
        place.write("stored.circ", text);
        serde_json::from_str(&place.run(&["show", "--json", "stored.circ"]).ends(0).stdout).unwrap()
    };
    assert_eq!(json(circuit)["stored"][0]["coherence"], 0.25);
    let many = circuit.replace("}", "store y in 16 with gaussian; }");
    let (found, text) = (json(&many), place.run(&["show", "stored.circ"]).ends(0).stdout);
    assert_eq!((&found["stored"][0]["coherence"], &found["stored"][1]["rms"]), (&Value::Null, &Value::Null));
    assert!(text.contains("not measured"), "{text}");
    // All signals of a stream that names one; 31 features and a gate are whole bases.
    let stream = "feature x[31]; z = x[0] & x[1]; network { residual 16 with kerdock; }";
    let found = &json(stream)["stored"][0];
    assert_eq!((&found["of"], &found["vectors"], &found["coherence"]), (&json!("signals"), &json!(32), &json!(0.25)));
    let text = place.run(&["show", "stored.circ"]).ends(0).stdout;
    assert!(text.contains("signals of the stream\n  dictionary  signals  dimensions"), "{text}");
    assert_eq!(json(&stream.replace(" with kerdock", ""))["stored"], json!([]));
}

#[test]
fn eval_prints_a_report_and_judges_it() {
    let place = Place::with_pairs();
    let ran = place.run(&["eval", "pairs.circ"]).ends(0);
    assert!(ran.stdout.starts_with("pairs: 7 gates over 8 features in 1 layer\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("  holds         reliability > 0.5  1\n"), "{}", ran.stdout);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.stdout);
    place.write("strict.circ", &PAIRS.replace("reliability > 0.5", "reliability < 0.1"));
    let ran = place.run(&["eval", "strict.circ"]).ends(1);
    assert!(ran.stdout.contains("\n  missed        reliability < 0.1"), "{}", ran.stdout);
}

#[test]
fn how_long_it_took_is_said_beside_the_report_which_is_the_same_each_time() {
    let place = Place::with_pairs();
    let ran = [0, 1].map(|_| place.run(&["eval", "pairs.circ"]).ends(0));
    assert_eq!(ran[0].stdout, ran[1].stdout);
    let last = ran[0].stderr.lines().last().unwrap();
    assert!(last.starts_with("compiled in ") && last.contains(" s, evaluated in "), "{last}");
    place.run(&["compile", "pairs.circ", "-o", "net.safetensors"]).ends(0);
    assert!(place.run(&["eval", "net.safetensors"]).ends(0).stderr.starts_with("evaluated in "));
    for silent in ["--quiet", "--json"] {
        assert_eq!(place.run(&["eval", "net.safetensors", silent]).ends(0).stderr, "");
    }
}

#[test]
fn eval_json_has_the_fields_that_programs_rely_on() {
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
    for name in constructions_of(Activation::Relu) {
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
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
    let run = |threads: &str, file: &str| {
        place.run(&["compile", "pairs.circ", "--threads", threads, "-o", file]).ends(0);
        let report = place.run(&["eval", "pairs.circ", "--json", "--gates", "--threads", threads]).ends(0).stdout;
        (fs::read(place.path(file)).unwrap(), report)
    };
    assert!(run("1", "one") == run("2", "two"));
}

#[test]
fn rows_of_a_file_replace_what_sample_says() {
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
    place.write("wide.circ", &PAIRS.replace("x[8]", "x[40]").replace("choose 2 of", "choose 20 of"));
    let ran = place.run(&["eval", "wide.circ", "--exhaustive"]).ends(1);
    assert!(ran.stderr.contains("137846528820 distinct inputs"), "{}", ran.stderr);
}

#[test]
fn a_snapshot_is_missing_then_accepted_then_held() {
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
    for shell in ["bash", "zsh", "fish"] {
        assert!(place.run(&["completions", shell]).ends(0).stdout.contains("superpose"));
    }
    let ran = place.run(&["man", "evel"]).ends(2);
    assert!(ran.stderr.contains("did you mean `eval`?"), "{}", ran.stderr);
}

/// Every command that the page of the program names has a page of its own, with its examples.
#[test]
fn every_command_has_a_manual_page() {
    let place = Place::empty();
    let page = place.run(&["man"]).ends(0).stdout;
    assert!(page.contains(".TH superpose 1") && page.contains(".SH EXIT STATUS\n0 fine;"), "{page}");
    let named = page.lines().filter_map(|line| line.strip_prefix("superpose\\-")?.strip_suffix("(1)"));
    let mut n_pages = 0;
    for name in named {
        let page = place.run(&["man", name]).ends(0).stdout;
        assert!(page.starts_with(".ie") && page.contains(&format!(".TH superpose-{name} 1")), "{page}");
        assert!(page.contains(&format!(".SH EXAMPLES\n  superpose {name} ")), "{page}");
        assert!(!page.contains(".SH EXTRA"), "{page}");
        n_pages += 1;
    }
    let help = place.run(&["--help"]).ends(0).stdout;
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let is_name = |line: &&str| line.starts_with("  ") && !line.starts_with("   ") && !line.starts_with("  help ");
    assert_eq!(n_pages, commands.lines().filter(is_name).count(), "{commands}");
}

#[test]
fn insta_reads_the_snapshots_that_are_written() {
    let place = Place::with_pairs();
    place.run(&["test", "--accept"]).ends(0);
    let snapshot = place.read("snapshots/pairs.snap");
    let contents = snapshot.split("\n---\n").nth(1).unwrap();
    insta::with_settings!({ snapshot_path => place.path("snapshots"), prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("pairs", contents);
    });
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
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
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
    let place = Place::with_pairs();
    place.write("rows.csv", &format!("a b\n{}", "-\n".repeat(98)));
    place.write("rows.circ", "feature a, b;\nsample { from \"rows.csv\"; plant 0.5; }\ng = a & b;\n");
    let ran = place.run(&["eval", "rows.circ", "-O1", "--json", "--gates", "--samples", "1000"]).ends(0);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(report["gates"][0]["inputs_on"].as_u64().unwrap() > 400, "{}", ran.stdout);
}

#[test]
fn heads_of_tables_are_not_torn_apart() {
    let place = Place::with_pairs();
    let above: String = (1..11).map(|l| format!("layer level{l} {{ y{l} = !y{}; }}\n", l - 1)).collect();
    place.write("deep.circ", &format!("feature a, b;\nlayer level0 {{ y0 = a & b; }}\n{above}"));
    let text = place.run(&["eval", "deep.circ", "-O0", "--width", "8", "--samples", "100"]).ends(0).stdout;
    let head = text.lines().skip_while(|line| *line != "layers").nth(1).unwrap();
    assert!(head.contains("reliability") && head.contains("neurons"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}
