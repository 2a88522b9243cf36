//! `superpose sample`, as it is typed: what it prints is drawn as `eval` draws, and true.

mod common;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use common::binary::{BINARY, Place};
use common::by_definition::truth;
use common::circuits::CASES;
use serde_json::Value;
use superpose::circuit::Circuit;
use superpose::circuit::inputs::sample::Sampler;
use superpose::evaluate::{Draws, Sampling};

const SIGNS: &str = "feature a, b, c; sample { each a, b, c with 0.5; }
low = nor(a, b); high = low & !c; network { optimize 1; width 8; }";

/// What `eval` draws with a seed: the features that are on, and every signal as written.
fn expected(circuit: &Circuit, seed: u64, n: u64) -> Vec<(Vec<u32>, Vec<bool>)> {
    let sampler = Sampler::new(circuit).unwrap();
    let blocks = (0..n.div_ceil(64)).map(|block_idx| sampler.block(seed, "eval", block_idx));
    let inputs: Vec<Vec<u32>> =
        blocks.flat_map(|block| block.iter().map(<[u32]>::to_vec).collect::<Vec<_>>()).collect();
    let written = |active: &Vec<u32>| {
        let mut values = truth(circuit, active);
        let gates = values[circuit.n_features()..].iter_mut().zip(&circuit.gates);
        gates.for_each(|(value, gate)| *value ^= gate.complemented);
        values
    };
    inputs.into_iter().take(n as usize).map(|active| (active.clone(), written(&active))).collect()
}

#[test]
fn every_signal_of_every_input_is_true_as_written() {
    for case in &CASES {
        let circuit = case.program().circuit;
        let mut draws = Draws::new(&circuit, &Sampling { samples: 150, seed: 3, ..Sampling::default() }).unwrap();
        let mut rest = expected(&circuit, 3, 150).into_iter();
        while let Some(drawn) = draws.next_block() {
            for input_idx in 0..drawn.n_inputs() {
                let (active, values) = rest.next().unwrap();
                assert_eq!(drawn.active(input_idx), active, "{}", case.name);
                for (signal, value) in (0..).map(superpose::circuit::Signal).zip(values) {
                    assert_eq!(drawn.word(signal) >> input_idx & 1 == 1, value, "{}: {signal:?}", case.name);
                }
            }
        }
        assert!(rest.next().is_none());
    }
}

#[test]
fn a_table_has_a_column_for_every_signal_and_a_line_for_every_input() {
    let place = Place::empty();
    place.write("signs.circ", SIGNS);
    let csv = |arguments: &[&str]| place.run(&[&["sample"], arguments].concat()).ends(0).stdout;
    let table = csv(&["signs.circ", "-n", "100", "--seed", "7"]);
    let lines: Vec<String> = expected(&common::program(SIGNS).circuit, 7, 100)
        .into_iter()
        .map(|(_, values)| values.iter().map(|&value| u8::from(value).to_string()).collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(table, format!("a,b,c,low,high\n{}\n", lines.join("\n")));
    assert_eq!(csv(&["signs.circ", "--csv", "-n", "100", "--eval-seed", "7"]), table);
    assert!(table.starts_with(&csv(&["signs.circ", "-n", "70", "--seed", "7"])), "fewer inputs are the first of more");
    assert_ne!(csv(&["signs.circ", "-n", "100"]), table);
    assert_eq!(csv(&["signs.circ"]).lines().count(), 1001);
    place.run(&["compile", "signs.circ", "-o", "net.safetensors"]).ends(0);
    assert_eq!(csv(&["net.safetensors", "-n", "100", "--seed", "7"]), table);
    assert_eq!(place.run_with(&["sample", "-", "-n", "100", "--seed", "7"], SIGNS).ends(0).stdout, table);
}

#[test]
fn an_object_a_line_names_what_is_on() {
    let place = Place::empty();
    place.write("signs.circ", SIGNS);
    let circuit = common::program(SIGNS).circuit;
    let lines = place.run(&["sample", "signs.circ", "-n", "65", "--json"]).ends(0).stdout;
    let on = |line: &str| -> BTreeSet<String> {
        let object: Value = serde_json::from_str(line).unwrap();
        let names = ["features_on", "gates_on"].map(|field| object[field].as_array().unwrap().clone()).concat();
        names.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let wanted = expected(&circuit, 0, 65).into_iter().map(|(_, values)| {
        let names = values.iter().enumerate().filter(|(_, value)| **value);
        names.map(|(signal, _)| circuit.names.get(signal).to_owned()).collect()
    });
    assert_eq!(lines.lines().map(on).collect::<Vec<_>>(), wanted.collect::<Vec<BTreeSet<String>>>());
}

#[test]
fn what_cannot_be_drawn_is_an_error_before_a_line_is_printed() {
    let place = Place::with_pairs();
    place.run(&["sample", "pairs.circ", "-n", "0"]).ends(2);
    place.run(&["sample", "pairs.circ", "--csv", "--json"]).ends(2);
    let ran = place.run(&["sample", "pears.circ"]).ends(2);
    assert!(ran.stderr.contains("did you mean `pairs.circ`?"), "{}", ran.stderr);
    place.write("bad.circ", "feature a; x = a & c;");
    assert_eq!(place.run(&["sample", "bad.circ"]).ends(1).stdout, "");
}

/// Draws so many inputs that no memory would hold them, into a pipe.
fn endless(place: &Place) -> Child {
    let arguments = ["sample", "pairs.circ", "-n", "4294967295"];
    let command = &mut Command::new(BINARY);
    command.current_dir(place.folder()).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::with_pairs();
    let mut child = endless(&place);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("x[0],x[1],"));
    drop(lines);
    assert!(child.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_even_where_nobody_reads() {
    let place = Place::with_pairs();
    for signal in ["INT", "TERM"] {
        let mut child = endless(&place);
        let mut first = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut first).unwrap();
        let kill = format!("kill -{signal} {}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(130), "the pipe is full by now, and open");
    }
}
