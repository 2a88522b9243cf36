//! What `superpose export` writes: read back, run, and held against the network and against what `verify` says.
//!
//! One test needs a Python with onnx and onnxruntime, as `SUPERPOSE_PYTHON` or `python3`; without, it says so and passes
//! without checking anything.

mod common;
#[path = "export/vnnlib.rs"]
mod vnnlib;

use std::collections::BTreeMap;
use std::process::Command;

use common::binary::Place;
use common::onnx::Model;
use common::python::python_with;
use common::{compiled, program};
use ndarray::Array2;
use superpose::circuit::Circuit;
use superpose::circuit::inputs::enumerate::distinct_inputs;
use superpose::compile::Options;
use superpose::export::{Export, FORMATS, Request};
use superpose::network::Network;
use superpose::network::forward::Forward;
use superpose::program::{Level, Program};
use superpose::progress::unwatched;
use superpose::verify::{self, Verdict, verify};

use vnnlib::Question;

const REQUEST: Request = Request { epsilon: None, gates: None, support: None, timeout: 60 };

/// Every way in which inputs can be said to be, and layers upon layers.
const PROGRAMS: [&str; 6] = [
    "feature x[7]; sample { choose 1..=3 of x; } y[i] = x[i] & x[(i + 2) % 7] for i in 0..7;",
    "feature a, b, x[4], r[2][3]; sample { each a with 0.3; each b with 1; choose 0..=1 of r; choose 2 of x; }
     y[i] = x[i] ^ r[0][i] for i in 0..3; z = mux(a, r[1][0], x[3]); u = !x[0] & !r[1][2] | b & a;",
    "feature x[6], r[1][2]; sample { choose 2 of x, r; } y[i] = at_least(2, x[i], r[0][0], !x[i + 1]) for i in 0..5;",
    "feature x[6]; sample { choose 0..=2 of x; }
     layer low { p = x[0] | x[1]; q = x[2] ^ x[3]; } layer mid { s = p & q; t = p ^ q; } layer top { w = s | t; }",
    "feature x[8]; sample { choose 0..=2 of x; } network { store x in 6 with gaussian; }
     p[i] = x[i] & x[i + 1] for i in 0..7; any_p = any(p);",
    "feature x[6]; sample { choose 0..=2 of x; } network { residual 14; }
     layer low { p = x[0] | x[1]; q = nor(x[2], x[3]); } layer mid { s = p & !q; t = p ^ x[4]; }
     layer top { w = s | t; v = t & x[0]; }",
];

/// Networks of a program, the exact one and one that is wrong here and there.
fn networks(program: &Program) -> [Network; 2] {
    let exact = compiled(program, &Options { level: Some(Level::Solved), ..Options::default() });
    let mut wrong = exact.clone();
    for layer in &mut wrong.layers {
        layer.readoff.bias.iter_mut().step_by(3).for_each(|bias| *bias += 0.45);
        layer.readoff.threshold.iter_mut().step_by(2).for_each(|threshold| *threshold -= 0.2);
    }
    [exact, wrong]
}

fn export(circuit: &Circuit, network: &Network, request: &Request) -> Export {
    (FORMATS[0].export)(circuit, network, request).unwrap_or_else(|error| panic!("{error}"))
}

fn text<'a>(export: &'a Export, path: &str) -> &'a str {
    std::str::from_utf8(bytes(export, path)).unwrap()
}

fn bytes<'a>(export: &'a Export, path: &str) -> &'a [u8] {
    &export.files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).bytes
}

/// The inputs that the circuit can have, as lists of features.
fn inputs(circuit: &Circuit) -> Vec<Vec<u32>> {
    let distinct = distinct_inputs(circuit).unwrap();
    (0..distinct.n_blocks())
        .flat_map(|block| distinct.block(block).iter().map(<[u32]>::to_vec).collect::<Vec<_>>())
        .collect()
}

fn dense(circuit: &Circuit, active: &[u32]) -> Vec<f64> {
    (0..circuit.n_features).map(|feature| f64::from(u8::from(active.contains(&feature)))).collect()
}

/// The rows of `instances.csv`: model and question.
fn instances<'a>(export: &'a Export, version: &str) -> Vec<(&'a str, &'a str)> {
    let rows = text(export, &format!("{version}/instances.csv")).lines();
    rows.map(|row| {
        let [model, question, timeout] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{row}") };
        assert_eq!(timeout, "60");
        (model, question)
    })
    .collect()
}

#[test]
fn models_read_what_the_network_reads_and_know_which_inputs_are_boolean() {
    for text in PROGRAMS {
        let program = program(text);
        let circuit = &program.circuit;
        let lists = inputs(circuit);
        let is_free = |feature: &u32| {
            let n_on = lists.iter().filter(|active| active.contains(feature)).count();
            n_on > 0 && n_on < lists.len()
        };
        let free: Vec<u32> = (0..circuit.n_features).filter(is_free).collect();
        for network in networks(&program) {
            let export = export(circuit, &network, &REQUEST);
            let forward = Forward::new(&network);
            for (layer_idx, layer) in network.layers.iter().enumerate() {
                let model = Model::read(bytes(&export, &format!("1.0/onnx/{layer_idx}_{}.onnx", layer.name)));
                let n_outputs: usize = model.outputs[0].1[1].parse().unwrap();
                for active in &lists {
                    let outputs = model.run(&dense(circuit, active)).remove(0);
                    let mut ours = Array2::zeros((layer.n_gates(), 1));
                    let activations = forward.run(&[active]);
                    forward.read_off(layer_idx, 0..layer.n_gates(), activations.layer(layer_idx), ours.view_mut());
                    for (ours, theirs) in ours.iter().zip(&outputs) {
                        assert!((f64::from(*ours) - theirs).abs() < 1e-4, "{text}: {active:?}: {ours}, {theirs}");
                    }
                    assert_eq!((outputs.len(), outputs[n_outputs - 1]), (n_outputs, 0.0), "{text}: {active:?}");
                    for &feature in &free {
                        let mut between = dense(circuit, active);
                        between[feature as usize] = 0.25;
                        assert_eq!(model.run(&between)[0][n_outputs - 1], 0.25, "{text}: {active:?}");
                    }
                }
            }
        }
    }
}

/// Checks a model, and prints what comes out of it for each row of 0 and 1.
const SCRIPT: &str = r#"
import sys
import numpy as np, onnx, onnxruntime

onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)
session = onnxruntime.InferenceSession(sys.argv[1])
for row in open(sys.argv[2]):
    x = np.array([[float(value) for value in row.split()]], np.float32)
    print(" ".join(f"{value:.9g}" for value in session.run(["Y"], {"X": x})[0][0]))
"#;

#[test]
fn onnxruntime_reads_the_same_from_them() {
    let Some(python) = python_with("numpy, onnx, onnxruntime") else {
        eprintln!("SKIPPED: no python3 with onnx and onnxruntime; name one in SUPERPOSE_PYTHON");
        return;
    };
    let place = Place::empty();
    for text in [PROGRAMS[1], PROGRAMS[3], PROGRAMS[4], PROGRAMS[5]] {
        let program = program(text);
        let circuit = &program.circuit;
        let export = export(circuit, &networks(&program)[1], &REQUEST);
        let rows: Vec<Vec<f64>> = inputs(circuit).iter().map(|active| dense(circuit, active)).collect();
        let line = |row: &Vec<f64>| row.iter().map(f64::to_string).collect::<Vec<_>>().join(" ") + "\n";
        place.write("rows", &rows.iter().map(line).collect::<String>());
        for file in export.files.iter().filter(|file| file.path.ends_with(".onnx")) {
            place.write("model.onnx", &file.bytes);
            let mut command = Command::new(&python);
            let ran = command.current_dir(place.folder()).args(["-c", SCRIPT, "model.onnx", "rows"]).output().unwrap();
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
            let model = Model::read(&file.bytes);
            let printed = String::from_utf8(ran.stdout).unwrap();
            assert_eq!(printed.lines().count(), rows.len());
            for (row, line) in rows.iter().zip(printed.lines()) {
                let theirs = line.split(' ').map(|value| value.parse::<f64>().unwrap());
                let differs =
                    model.run(row).remove(0).into_iter().zip(theirs).any(|(ours, theirs)| (ours - theirs).abs() > 1e-4);
                assert!(!differs, "{}: {row:?}", file.path);
            }
        }
    }
}

#[test]
fn a_question_is_answered_by_an_input_where_verify_finds_the_gate_wrong() {
    let mut n_refuted = 0;
    for text_of_program in PROGRAMS {
        let program = program(text_of_program);
        let circuit = &program.circuit;
        let lists = inputs(circuit);
        for network in networks(&program) {
            for epsilon in [None, Some(0.4)] {
                let export = export(circuit, &network, &Request { epsilon, ..REQUEST });
                let request = verify::Request { epsilon, ..verify::Request::default() };
                let proof = verify(circuit, &network, &request, &mut unwatched).unwrap();
                let mut models: BTreeMap<&str, Vec<Vec<f64>>> = BTreeMap::new();
                let mut answered = vec![false; circuit.n_gates()];
                for (model, question) in instances(&export, "1.0") {
                    let outputs = models.entry(model).or_insert_with(|| {
                        let model = Model::read(bytes(&export, &format!("1.0/{model}")));
                        lists.iter().map(|active| model.run(&dense(circuit, active)).remove(0)).collect()
                    });
                    let gate: usize = question["vnnlib/".len()..].split('_').next().unwrap().parse().unwrap();
                    let question = Question::read(text(&export, &format!("1.0/{question}")));
                    let is_answer =
                        |(active, y): (&Vec<u32>, &Vec<f64>)| question.is_satisfied(&dense(circuit, active), y);
                    answered[gate] |= lists.iter().zip(&*outputs).any(is_answer);
                }
                for gate in &proof.gates {
                    let is_refuted = matches!(gate.verdict, Verdict::Refuted(_));
                    let name = circuit.name(circuit.gate_signal(gate.gate));
                    assert_eq!(answered[gate.gate.0 as usize], is_refuted, "{text_of_program}: {name}, {epsilon:?}");
                    n_refuted += usize::from(is_refuted);
                }
            }
        }
    }
    assert!(n_refuted > 20, "{n_refuted}");
}

#[test]
fn both_versions_ask_the_same() {
    let program = program(PROGRAMS[1]);
    let export = export(&program.circuit, &networks(&program)[0], &Request { epsilon: Some(0.25), ..REQUEST });
    let (old, new) = (instances(&export, "1.0"), instances(&export, "2.0"));
    assert_eq!(old, new);
    for (model, question) in old {
        let [old, new] = ["1.0", "2.0"].map(|version| text(&export, &format!("{version}/{question}")));
        assert_eq!(Question::read(old), Question::read(new));
        let [old, new] = ["1.0", "2.0"].map(|version| bytes(&export, &format!("{version}/{model}")));
        assert_eq!(old, new);
    }
}

const TINY: &str = "circuit tiny; feature a, b, c; sample { choose 0..=2 of a, b, c; }\n\
                    both = a & b; neither = !a & !c; network { optimize 1; width 4; }";

#[test]
fn a_small_export_is_as_shown() {
    let place = Place::empty();
    place.write("tiny.circ", TINY);
    let ran = place.run(&["export", "tiny.circ", "--to", "vnnlib", "-o", "out", "--timeout", "9"]).ends(0);
    let mut shown = ran.stderr;
    let files: Vec<String> = ["", "csv", "onnx", "vnnlib"]
        .iter()
        .flat_map(|extension| common::files_below(&place.path("out"), extension))
        .collect();
    shown.push_str(&files.join("\n"));
    let model = Model::read(&std::fs::read(place.path("out/2.0/onnx/0_level0.onnx")).unwrap());
    shown.push_str(&format!("\n\n{:?} to {:?}\n", model.inputs, model.outputs));
    for (operator, inputs, output) in &model.operators {
        let shapes = inputs.iter().filter_map(|input| model.constants.get(input)).map(|constant| &constant.shape);
        shown.push_str(&format!("{output} = {operator}({}) {:?}\n", inputs.join(", "), shapes.collect::<Vec<_>>()));
    }
    let question = "vnnlib/1_neither_0_off.vnnlib";
    for file in ["1.0/instances.csv", &format!("1.0/{question}"), &format!("2.0/{question}")] {
        shown.push_str(&format!("\n--- {file}\n{}", place.read(&format!("out/{file}"))));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn gates_support_and_epsilon_narrow_and_widen_what_is_asked() {
    let place = Place::empty();
    place.write("tiny.circ", TINY);
    let arguments = ["export", "tiny.circ", "--to", "vnnlib", "--gate", "both", "--support", "1", "--epsilon", "0.3"];
    place.run(&[&arguments[..], &["-o", "out"]].concat()).ends(0);
    // With one feature on, both are never on together.
    let rows = place.read("out/1.0/instances.csv");
    assert_eq!(rows.lines().count(), 2, "{rows}");
    let question = place.read("out/2.0/vnnlib/0_both_0_off.vnnlib");
    assert!(question.contains("(assert (or (and (<= Y[0,0] -0.3)) (and (>= Y[0,0] 0.3))))"), "{question}");
    // The same again is the same bytes.
    place.run(&[&arguments[..], &["-o", "again"]].concat()).ends(0);
    for file in ["1.0/onnx/0_level0.onnx", "2.0/vnnlib/0_both_0_off.vnnlib"] {
        let [first, second] = ["out", "again"].map(|folder| std::fs::read(place.path(folder).join(file)).unwrap());
        assert_eq!(first, second);
    }
}

#[test]
fn a_circuit_is_compiled_as_the_command_line_says_and_a_network_is_taken_as_it_is() {
    let place = Place::empty();
    place.write("tiny.circ", TINY);
    place.run(&["compile", "tiny.circ", "--width", "9", "--seed", "3", "-o", "net.safetensors"]).ends(0);
    let options: [&[&str]; 3] =
        [&["net.safetensors"], &["tiny.circ", "--width", "9", "--seed", "3"], &["tiny.circ", "--width", "8"]];
    let [network, same, other] = [0, 1, 2].map(|idx| {
        let folder = format!("out{idx}");
        place.run(&[&["export", "--to", "vnnlib", "-o", &folder], options[idx]].concat()).ends(0);
        std::fs::read(place.path(&folder).join("1.0/onnx/0_level0.onnx")).unwrap()
    });
    assert!(network == same && network != other);
    let arguments = ["export", "net.safetensors", "--to", "vnnlib", "-o", "new", "--budget", "9s"];
    let ran = place.run(&arguments).ends(2);
    assert!(ran.stderr.contains("`--budget` has no meaning for a network"), "{}", ran.stderr);
    assert!(!place.path("new").exists());
}

#[test]
fn what_cannot_be_asked_is_refused_in_words() {
    let place = Place::empty();
    place.write("tiny.circ", TINY);
    place.write("rows.csv", "a,b\n1,0\n1,1\n");
    place.write("rows.circ", "feature a, b; sample { from \"rows.csv\"; } y = a & b; network { optimize 1; width 4; }");
    place.write(
        "large.circ",
        "feature x[2000]; sample { choose 2 of x; } y[i] = x[i] & x[i + 1] for i in 0..1900;\n\
         network { optimize 0; width 100; }",
    );
    place.write("out/mine", "mine");
    let export = |file: &str, more: &[&str]| {
        let ran = place.run(&[&["export", file, "--to", "vnnlib"], more].concat());
        format!("$ {file} {}\n{}exit code {}\n", more.join(" "), ran.stderr, ran.code)
    };
    let shown = [
        export("tiny.circ", &["-o", "out"]),
        export("tiny.circ", &["-o", "tiny.circ"]),
        export("tiny.circ", &["-o", "no/such"]),
        export("tiny.circ", &["-o", "-"]),
        export("tiny.circ", &["-o", "new", "--gate", "bot"]),
        export("rows.circ", &["-o", "new"]),
        export("large.circ", &["-o", "new"]),
    ];
    assert!(!place.path("new").exists() && place.read("out/mine") == "mine");
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn what_the_questions_leave_out_is_said() {
    let place = Place::empty();
    place.write(
        "planted.circ",
        "feature x[12]; sample { choose 0..=12 of x; plant 1; } y = x[0] & x[1]; odd = parity(x);\n\
         network { optimize 1; width 20; }",
    );
    let ran = place.run(&["export", "planted.circ", "--to", "vnnlib", "-o", "new"]).ends(0);
    insta::assert_snapshot!(ran.stderr);
    let ran = place.run(&["export", "planted.circ", "--to", "vnnlib", "-o", "none", "--gate", "odd"]).ends(1);
    assert!(ran.stderr.contains("superpose verify planted.circ"), "{}", ran.stderr);
}
