//! `superpose verify --certificate`, and the program in Python that checks one: it accepts what is true, and refuses
//! what is not, number by number.
//!
//! Checking needs an interpreter with numpy: `SUPERPOSE_PYTHON`, or `python3`. Where `SUPERPOSE_PYTHON` is not set and
//! `python3` lacks it, the tests say so, and only what is written is looked at.

mod common;

use std::process::Command;

use common::binary::{Place, Ran};
use common::root;
use serde_json::{Value, json};

/// A gate that is never on, one of each side, and one that is stored as its complement.
const TINY: &str = "circuit tiny; feature x[3]; sample { choose 0..=2 of x; }\n\
                    layer one { both = x[0] & x[1]; all = x[0] & x[1] & x[2]; }\n\
                    layer two { quiet = nor(both, all); } output quiet; network { optimize 1; }";

/// More inputs than are run one by one: 487 635.
const PAIRS: &str = "circuit pairs; feature x[60]; sample { choose 4 of x; }\n\
                     g[i] = all(pick(2, x)) for i in 0..100; network { width 60; readoff one_sided; }";

/// Rows, coins, members of which some show up, planted, in two layers.
const MIXED: &str = "circuit mixed; feature x[6], word[3][3], coin[3];\n\
                     sample { choose 1..=2 of x; choose 1 of word; each coin with 0.3; plant 1; }\n\
                     layer one { p = x[0] & !x[1]; q = word[0][0] & word[0][2]; r = nor(coin[0], coin[1]);\n\
                     t = at_least(2, x[2], x[3], coin[2]); u = word[1][0] ^ x[4]; }\n\
                     layer two { v = p | !q; w = exactly(1, t, u, q); z = mux(r, t, !u); }\n\
                     output v, w, z; network { optimize 1; }";

/// The same, and too many to run one by one: what shows up in the first layer is searched, groups and rows together.
const WIDE: &str = "circuit wide; feature x[16], word[6][3], coin[4];\n\
                    sample { choose 1..=3 of x; choose 0..=2 of word; each coin with 0.3; }\n\
                    layer one { p[i] = x[i] & !x[i + 1] for i in 0..8; q[i] = word[i][0] & word[i][2] for i in 0..6;\n\
                    r = nor(coin[0], coin[1], x[9]); t = at_least(2, x[2], x[3], coin[2]); u = word[1][0] ^ x[4]; }\n\
                    network { optimize 1; }";

/// Features that are on with others only.
const UNDER: &str = "circuit under; feature x[8], child[8], same, group[2];\n\
                     sample { choose 1..=2 of x weighted zipf(1.0); each child with 0.3 when x; each same with 1.0 when x[0];\n\
                     each group with 0.2 correlated 0.5; }\n\
                     layer one { g[i] = x[i] & child[i] for i in 0..8; h = same ^ x[1]; s = at_least(2, group); }\n\
                     network { optimize 1; }";

const ROWS: &str = "circuit rows; feature a, b, c; sample { from \"rows.csv\"; }\n\
                    layer one { y = a & b; z = b ^ c; } network { optimize 1; }";

/// What `superpose verify --certificate` writes of a circuit, compiled with these arguments.
fn certified(place: &Place, text: &str, compile: &[&str], verify: &[&str]) -> Value {
    place.write("of.circ", text);
    place.run(&[&["compile", "of.circ", "-o", "net.safetensors"], compile].concat()).ends(0);
    place.run(&[&["verify", "net.safetensors", "--certificate", "certificate.json"], verify].concat()).ends(0);
    serde_json::from_str(&place.read("certificate.json")).unwrap()
}

/// The interpreter, if it has numpy.
fn python() -> Option<String> {
    let named = std::env::var("SUPERPOSE_PYTHON").ok();
    let interpreter = named.clone().unwrap_or_else(|| "python3".into());
    let output = Command::new(&interpreter).args(["-c", "import numpy"]).output();
    let works = output.is_ok_and(|output| output.status.success());
    assert!(works || named.is_none(), "SUPERPOSE_PYTHON = {interpreter} cannot import numpy");
    if !works {
        eprintln!("SKIPPED: no python3 with numpy; name one in SUPERPOSE_PYTHON");
    }
    works.then_some(interpreter)
}

/// Has a certificate checked against `net.safetensors`.
fn check(python: &str, place: &Place, certificate: &Value) -> Ran {
    place.write("checked.json", &certificate.to_string());
    let script = root().join("tests/certificate/check.py");
    let files = ["net.safetensors", "checked.json"].map(|name| place.path(name));
    let output = Command::new(python).arg(script).args(files).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_certificate_says_what_was_proved_and_of_what() {
    let place = Place::empty();
    certified(&place, TINY, &[], &[]);
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    let text = place.read("certificate.json").replacen(&version, "\"VERSION\"", 1);
    // It is of this version's network, whose file says which version that is.
    let digest = text.split("\"sha256\":\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(digest.len(), 64);
    insta::assert_snapshot!(text.replace(digest, "DIGEST"));
}

#[test]
fn what_is_not_proved_has_no_certificate() {
    let place = Place::empty();
    place.write("of.circ", PAIRS);
    place.run(&["compile", "of.circ", "--width", "12", "-o", "net.safetensors"]).ends(0);
    let ran = place.run(&["verify", "net.safetensors", "--certificate", "certificate.json"]).ends(1);
    assert!(ran.stderr.contains("no certificate was written: the network is refuted"), "{}", ran.stderr);
    let ran = place.run(&["verify", "of.circ", "--certificate", "certificate.json"]).ends(2);
    assert!(ran.stderr.contains("compile of.circ -o net.safetensors"), "{}", ran.stderr);
    let ran = place.run(&["verify", "net.safetensors", "--certificate", "-"]).ends(2);
    assert!(ran.stderr.contains("name a file"), "{}", ran.stderr);
    assert!(!place.path("certificate.json").exists());
}

#[test]
fn a_checker_that_knows_nothing_of_this_program_accepts_what_is_proved() {
    let Some(python) = python() else { return };
    let of: [(&str, &[&str], &[&str], &str); 9] = [
        (TINY, &[], &[], "3 of 3 gates are read on the right side"),
        (TINY, &[], &["--epsilon", "0.3", "--support", "3"], "strictly within 0.3 of the truth"),
        (PAIRS, &[], &[], "0 by running all inputs, 100 by branch"),
        (PAIRS, &["-O1", "--width", "100"], &["--epsilon", "0.2", "--support", "4"], "inputs        523686\n"),
        (PAIRS, &[], &["--gate", "g[3]"], "1 of 100 gates"),
        (MIXED, &[], &["--epsilon", "0.1"], "8 by running all"),
        (WIDE, &[], &["--epsilon", "0.1"], "0 by running all inputs, 17 by"),
        (ROWS, &[], &[], "inputs        3\n"),
        // One of x is on, or two; each with its child or without: (8 * 2 + 28 * 4) * 4.
        (UNDER, &[], &["--epsilon", "0.1"], "inputs        512\n"),
    ];
    for (text, compile, verify, expected) in of {
        let place = Place::empty();
        place.write("rows.csv", "a,b,c\n1,1,0\n0,1,0\n1,1,0\n0,0,1\n");
        let certificate = certified(&place, text, compile, verify);
        let ran = check(&python, &place, &certificate).ends(0);
        assert!(ran.stdout.contains("CHECKED") && ran.stdout.contains(expected), "{}", ran.stdout);
    }
}

#[test]
fn the_checkers_own_search_finds_what_runs_of_all_inputs_find() {
    let Some(python) = python() else { return };
    let script = root().join("tests/certificate/against_runs.py");
    let output = Command::new(&python).arg(script).args(["1", "40"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn one_number_that_is_changed_is_found() {
    let Some(python) = python() else { return };
    let place = Place::empty();
    let certificate = certified(&place, PAIRS, &[], &[]);
    let at = |pointer: &str| certificate.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"));
    let number = |pointer: &str| at(pointer).as_f64().unwrap();
    let digest = at("/network/sha256").as_str().unwrap();
    let other_digest = format!("{}{}", if digest.starts_with('0') { "1" } else { "0" }, &digest[1..]);
    let highest = "/gates/7/worst/highest_off/reading";
    let changes: [(&str, Value, &str); 20] = [
        ("/format", json!(2), "format"),
        ("/network/sha256", json!(other_digest), "network.sha256"),
        ("/statement/epsilon", json!(0.2), "worst"),
        ("/statement/support", json!(4), "statement.support"),
        ("/statement/gates", json!(99), "statement.gates"),
        ("/support/features", json!(61), "support.features"),
        ("/support/always", json!([59]), "twice"),
        ("/support/groups/0/features/3", json!(4), "twice"),
        ("/support/groups/0/least", json!(3), "inputs"),
        ("/support/groups/0/most", json!(5), "inputs"),
        ("/support/planted", json!(true), "no input of the support"),
        ("/inputs", json!(487_636.0), "inputs"),
        ("/tolerance", json!(1.0), "tolerance"),
        ("/gates/7/layer", json!(1), "g[7]"),
        ("/gates/7/operands/0/0", json!((at("/gates/7/operands/0/0").as_u64().unwrap() + 1) % 60), "g[7]"),
        ("/gates/7/operands/1/1", json!(false), "g[7]"),
        ("/gates/7/complemented", json!(true), "g[7]"),
        ("/gates/7/threshold", json!(number("/gates/7/threshold") + 1e-6), "g[7]: threshold"),
        ("/gates/7/rounding", json!(number("/gates/7/rounding") * 0.999), "g[7]: rounding"),
        (highest, json!(number(highest) - 1e-6), "g[7]: highest_off.reading"),
    ];
    for (pointer, value, named) in changes {
        refused(&python, &place, &certificate, pointer, value, named);
    }
    let witness = "/gates/7/worst/highest_off";
    refused(
        &python,
        &place,
        &certificate,
        "/gates/7/worst/highest_off/on",
        json!([0, 1, 2]),
        "no input of the support",
    );
    let on = at("/gates/7/worst/lowest_on/on").clone();
    refused(&python, &place, &certificate, "/gates/7/worst/highest_off/on", on, "the gate is on there");
    refused(&python, &place, &certificate, witness, Value::Null, "g[7]: highest_off: ");
    refused(&python, &place, &certificate, "/gates/7/worst", Value::Null, "statement.gates");
    refused(&python, &place, &certificate, "/gates/7/kind", json!("nand"), "g[7]");
    refused(&python, &place, &certificate, "/gates/7/operands/0/0", json!(60), "g[7]: operands");
}

#[test]
fn a_reading_that_is_not_the_worst_is_found_by_search_and_by_runs() {
    let Some(python) = python() else { return };
    let few = PAIRS.replace("x[60]", "x[30]");
    for (text, n_inputs) in [(PAIRS, 487_635.0), (&few, 27_405.0)] {
        let place = Place::empty();
        let certificate = certified(&place, text, &[], &[]);
        assert_eq!(certificate["inputs"], n_inputs);
        // Some other input, and what the network reads there, as the checker itself says.
        let worst = |reading: f64| json!({"reading": reading, "on": [0, 1, 2, 3]});
        let pointer = "/gates/7/worst/highest_off";
        let said = refused(&python, &place, &certificate, pointer, worst(9.0), "g[7]: highest_off.reading: ");
        let reading = said.split("the network reads ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
        let reading: f64 = reading.parse().unwrap();
        let said = refused(&python, &place, &certificate, pointer, worst(reading), "g[7]: highest_off: ");
        assert!(said.contains(" is worse, with ["), "{said}");
    }
}

/// The certificate, with one value changed, is refused with a message that names it: the message.
fn refused(python: &str, place: &Place, certificate: &Value, pointer: &str, value: Value, named: &str) -> String {
    let mut changed = certificate.clone();
    let place_of = changed.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}"));
    assert_ne!(*place_of, value, "{pointer} does not change");
    *place_of = value;
    let ran = check(python, place, &changed).ends(1);
    assert!(ran.stderr.contains("REFUSED: ") && ran.stderr.contains(named), "{pointer}: {}", ran.stderr);
    ran.stderr
}
