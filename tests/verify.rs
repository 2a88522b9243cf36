//! `superpose verify`, as it is typed.

mod common;

use common::binary::{Place, Ran};
use serde_json::Value;

const PAIRS: &str = "feature x[40]; sample { choose 0..=4 of x; }\n\
                     both[i] = x[i] & x[(i + 1) % 40] for i in 0..40; network { optimize 1; width 40; }";

fn verify(place: &Place, arguments: &[&str]) -> Ran {
    place.run(&[&["verify"], arguments].concat())
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
}

#[test]
fn an_exact_network_is_proved_and_a_narrow_one_refuted() {
    let place = Place::empty();
    place.write("pairs.circ", PAIRS);
    let ran = verify(&place, &["pairs.circ", "--epsilon", "0.1", "--worst", "--count", "--json"]);
    let proof = json(&ran);
    assert_eq!((ran.code, &proof["status"]), (0, &"proved".into()), "{}", ran.stderr);
    assert_eq!(
        (&proof["gates"], &proof["gates_proved"], &proof["failing_inputs"]),
        (&40.into(), &40.into(), &0.into())
    );
    assert_eq!((&proof["inputs"], &proof["counterexample"]), (&102_091.0.into(), &Value::Null));
    assert!(proof["error"].as_f64().unwrap() < 1e-4 && proof["margin"].as_f64().unwrap() > 0.099, "{proof}");

    let made = place.run(&["compile", "pairs.circ", "-O1", "--width", "20", "-o", "net.safetensors"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let ran = verify(&place, &["net.safetensors", "--support", "5", "--json"]);
    let proof = json(&ran);
    assert_eq!((ran.code, &proof["status"]), (1, &"refuted".into()));
    assert_eq!((&proof["inputs"], &proof["method"]), (&760_099.0.into(), &"branch-and-bound".into()));
    // Whoever types the counterexample into a file of rows sees it fail.
    let found = &proof["counterexample"];
    let on: Vec<&str> = found["on"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let row = if on.is_empty() { "-".to_string() } else { on.join(",") };
    place.write("rows.csv", &format!("{row}\n"));
    let ran = place.run(&["eval", "net.safetensors", "--inputs", "rows.csv", "--json", "--gates"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let of_gate = |gate: &&Value| gate["name"] == found["gate"];
    let gate = report["gates"].as_array().unwrap().iter().find(of_gate).expect("the gate is in the report");
    assert_eq!(gate["wrong"], 1, "{gate}");
}

#[test]
fn one_gate_or_an_array_can_be_asked_about() {
    let place = Place::empty();
    place.write("pairs.circ", PAIRS);
    let n_gates =
        |arguments: &[&str]| json(&verify(&place, &[&["pairs.circ", "--json"], arguments].concat()))["gates"].clone();
    assert_eq!(n_gates(&["--gate", "both[3]"]), 1);
    assert_eq!(n_gates(&["--gate", "both[3]", "--gate", "both"]), 40);
    let ran = verify(&place, &["pairs.circ", "--gate", "bot"]);
    assert!(ran.code == 2 && ran.stderr.contains("did you mean `both`?"), "{}", ran.stderr);
}

#[test]
fn a_circuit_is_compiled_as_the_command_line_says_and_a_network_is_taken_as_it_is() {
    let place = Place::empty();
    place.write("pairs.circ", PAIRS);
    let compile = ["compile", "pairs.circ", "-O0", "--width", "30", "--seed", "4", "-o", "net.safetensors"];
    place.run(&compile).ends(0);
    let worst = |arguments: &[&str]| {
        let proof = json(&verify(&place, &[arguments, &["--worst", "--json", "--budget", "1M"]].concat()));
        (proof["margin"].clone(), proof["error"].clone())
    };
    let options = ["pairs.circ", "-O0", "--width", "30", "--seed"];
    let of_circuit = worst(&[&options[..], &["4"]].concat());
    assert_eq!(of_circuit, worst(&["net.safetensors"]));
    assert_ne!(of_circuit, worst(&[&options[..], &["5"]].concat()));
    let ran = verify(&place, &["net.safetensors", "--seed", "4", "--budget", "5s"]).ends(2);
    assert!(ran.stderr.contains("`--seed` has no meaning for a network"), "{}", ran.stderr);
    // What is meant for the proof stands with the proof.
    let help = verify(&place, &["--help"]).ends(0).stdout;
    let (own, of_compilation) = help.split_once("How to compile").unwrap();
    assert!(own.contains("--budget <SECONDS|NODES>") && own.contains("--epsilon"), "{help}");
    assert!(of_compilation.contains("--width") && !of_compilation.contains("--budget <"), "{help}");
}

#[test]
fn a_budget_of_nodes_ends_it_and_says_what_is_left() {
    let place = Place::empty();
    let text = "feature x[200]; sample { choose 4 of x; }\n\
                y[i] = all(pick(2, x)) for i in 0..1000; network { optimize 1; width 200; }";
    place.write("dense.circ", text);
    let ran = verify(&place, &["dense.circ", "--epsilon", "0.01", "--count", "--budget", "1k"]);
    assert_eq!(ran.code, 1);
    assert!(!ran.stdout.contains("PROVED: every") && !ran.stdout.contains("failing"), "{}", ran.stdout);
    let again = verify(&place, &["dense.circ", "--epsilon", "0.01", "--count", "--budget", "1k", "--threads", "1"]);
    let without_time = |ran: &Ran| ran.stdout.split("  took").next().map(str::to_string);
    assert_eq!(without_time(&ran), without_time(&again), "the same on any number of threads");
}
