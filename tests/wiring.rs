//! The operands of gates, as they come out of the program: in `show`, in `eval`, in a network's file.
//!
//! What they say is evaluated here, by name, and held against the circuit's own truth: no sign can be turned.

mod common;

use std::collections::BTreeMap;

use common::binary::Place;
use common::by_definition::truth;
use common::circuits::CASES;
use serde_json::Value;
use superpose::circuit::Circuit;
use superpose::circuit::inputs::enumerate::distinct_inputs;
use superpose::network::{NamedGate, Network};
use superpose::readings::{belongs, named_gates};

/// The value as written of a kind over operands that are on or off.
fn value(kind: &str, count: Option<u64>, operands: &[bool]) -> bool {
    let (n_on, n) = (operands.iter().filter(|on| **on).count() as u64, operands.len() as u64);
    match kind {
        "and" | "copy" => n_on == n,
        "or" => n_on > 0,
        "xor" => n_on % 2 == 1,
        "nand" => n_on < n,
        "nor" => n_on == 0,
        "xnor" => n_on.is_multiple_of(2),
        "at_least" => n_on >= count.unwrap(),
        "at_most" => n_on <= count.unwrap(),
        "exactly" => n_on == count.unwrap(),
        "majority" => 2 * n_on > n,
        "mux" => operands[if operands[0] { 1 } else { 2 }],
        _ => panic!("no kind is called {kind}"),
    }
}

/// Name, kind, count, and operands with whether each is negated.
type Said = (String, String, Option<u64>, Vec<(String, bool)>);

/// Evaluates gates on every input of the circuit.
fn assert_says_what_is_true(circuit: &Circuit, gates: &[Said]) {
    assert_eq!(gates.len(), circuit.n_gates());
    for active in distinct_inputs(circuit).unwrap().blocks().flat_map(|block| rows(&block)) {
        let stored = truth(circuit, &active);
        let mut values: BTreeMap<&str, bool> =
            (0..circuit.n_features()).map(|feature| (circuit.names.get(feature), stored[feature])).collect();
        for (gate_idx, (name, kind, count, operands)) in gates.iter().enumerate() {
            let read: Vec<bool> = operands.iter().map(|(name, negated)| values[&name[..]] != *negated).collect();
            let written = stored[circuit.n_features() + gate_idx] != circuit.gates[gate_idx].complemented;
            assert_eq!(value(kind, *count, &read), written, "{}: {name} on {active:?}", circuit.name);
            values.insert(name, written);
        }
    }
}

fn rows(inputs: &superpose::circuit::Inputs) -> Vec<Vec<u32>> {
    inputs.iter().map(<[u32]>::to_vec).collect()
}

#[test]
fn whoever_evaluates_the_wiring_finds_what_is_true() {
    for case in &CASES {
        let circuit = case.program().circuit;
        let json = serde_json::to_value(circuit.written_gates().collect::<Vec<_>>()).unwrap();
        let gates = json.as_array().unwrap().iter().map(|gate| {
            let text = |field: &str| gate[field].as_str().unwrap().to_owned();
            let operands =
                gate["operands"].as_array().unwrap().iter().map(|operand| {
                    (operand["signal"].as_str().unwrap().to_owned(), operand["negated"].as_bool().unwrap())
                });
            (text("name"), text("kind"), gate.get("count").map(|count| count.as_u64().unwrap()), operands.collect())
        });
        assert_says_what_is_true(&circuit, &gates.collect::<Vec<_>>());

        let gates = named_gates(&circuit).map(|gate| {
            let operand = |marked: String| match marked.strip_prefix('!') {
                Some(name) => (name.to_owned(), true),
                None => (marked, false),
            };
            let NamedGate { name, kind, count, operands } = gate;
            (name, kind, count.map(u64::from), operands.into_iter().map(operand).collect())
        });
        assert_says_what_is_true(&circuit, &gates.collect::<Vec<_>>());
    }
}

const EVERY_SIGN: &str = "feature a, b, c; sample { each a, b, c with 0.5; }
layer low { calm = nor(a, b); two = at_least(2, a, !b, c); }
layer high { both = calm & !two; either = mux(calm, two, !two); }
network { optimize 1; width 8; }";

#[test]
fn show_eval_and_the_file_name_the_same_operands() {
    let place = Place::empty();
    place.write("signs.circ", EVERY_SIGN);
    let json = |arguments: &[&str]| -> Value { serde_json::from_str(&place.run(arguments).ends(0).stdout).unwrap() };
    let shown = json(&["show", "signs.circ", "--json"]);
    let operand = |signal: &str, negated: bool| serde_json::json!({"signal": signal, "negated": negated});
    assert_eq!(
        shown["wiring"][1],
        serde_json::json!({"name": "two", "layer": 0, "kind": "at_least", "count": 2,
            "operands": [operand("a", false), operand("b", true), operand("c", false)], "case": "mixed"})
    );
    let both = &shown["wiring"][2];
    assert_eq!(both["operands"], serde_json::json!([operand("calm", false), operand("two", true)]));
    assert!(both.get("count").is_none());

    place.run(&["compile", "signs.circ", "-o", "net.safetensors"]).ends(0);
    for file in ["signs.circ", "net.safetensors"] {
        let report = json(&["eval", file, "--gates", "--json"]);
        for (gate, written) in report["gates"].as_array().unwrap().iter().zip(shown["wiring"].as_array().unwrap()) {
            for field in ["name", "kind", "layer", "count", "operands"] {
                assert_eq!(gate.get(field), written.get(field), "{file}: {field}");
            }
        }
    }
    let network = Network::from_bytes(&std::fs::read(place.path("net.safetensors")).unwrap()).unwrap();
    let named: Vec<String> = network.header.gates.iter().map(|gate| gate.operands.join(" ")).collect();
    assert_eq!(named, ["a b", "a !b c", "calm !two", "calm two !two"]);
}

#[test]
fn a_file_whose_gates_are_others_belongs_to_another_circuit_and_an_older_one_says_nothing() {
    let program = common::program(EVERY_SIGN);
    let mut network = common::compiled(&program, &Default::default());
    assert_eq!(belongs(&program.circuit, &network), Ok(()));
    network.header.gates[1].operands[1] = "b".into();
    let mismatch = belongs(&program.circuit, &network).unwrap_err().to_string();
    assert!(mismatch.contains("`two` is another gate"), "{mismatch}");
    network.header.gates.pop();
    let mismatch = belongs(&program.circuit, &network).unwrap_err().to_string();
    assert!(mismatch.contains("it names 3 gates, the circuit has 4"), "{mismatch}");
    network.header.gates.clear();
    assert_eq!(belongs(&program.circuit, &Network::from_bytes(&network.to_bytes()).unwrap()), Ok(()));
}

/// They are a few percent of what a file takes: names beside 250 weights a gate.
#[test]
fn the_names_of_operands_take_little_of_a_file() {
    let program = common::example("random_pairs.circ");
    let mut network = common::compiled(&program, &common::options(superpose::program::Level::Published, 250, "linear"));
    let whole = network.to_bytes().len();
    network.header.gates.clear();
    let share = (whole - network.to_bytes().len()) as f64 / whole as f64;
    assert!(share < 0.06, "{share} of {whole} bytes");
}
