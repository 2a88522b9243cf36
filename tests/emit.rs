//! Networks in the formats of others, ONNX and npz: what runs there gives what the network gives here.
//!
//! One test needs a Python with numpy, safetensors, onnx and onnxruntime, as `SUPERPOSE_PYTHON` or `python3`; without,
//! it says so and passes without checking anything.

mod common;

use std::fs;
use std::io::Write;
use std::process::Command;

use common::binary::{PAIRS, Place};
use common::networks::{N_FEATURES, network, residual};
use common::onnx::Model;
use common::python::python_with;
use common::{example_programs, root};
use ndarray::Array2;
use superpose::circuit::inputs::sample::Sampler;
use superpose::compile::{Options, Request};
use superpose::network::Network;
use superpose::network::file::{FORMATS, Format, Written, called};
use superpose::network::forward::Forward;
use superpose::program::Level;
use superpose::progress::unwatched;
use superpose::{random, search};

fn written(network: &Network, name: &str) -> Vec<u8> {
    (called(name).unwrap().write)(network, &Written::default()).unwrap()
}

/// What is read off each layer, input by input: [inputs, signals].
fn readoffs(network: &Network, inputs: &[Vec<u32>]) -> Vec<Array2<f32>> {
    let forward = Forward::new(network);
    let lists: Vec<&[u32]> = inputs.iter().map(Vec::as_slice).collect();
    let activations = forward.run(&lists);
    let of_layer = |layer_idx: usize| {
        let n_signals = network.layers[layer_idx].n_signals();
        let mut read = Array2::zeros((n_signals, inputs.len()));
        forward.read_off(layer_idx, 0..n_signals, activations.layer(layer_idx), read.view_mut());
        read.reversed_axes().as_standard_layout().into_owned()
    };
    (0..network.layers.len()).map(of_layer).collect()
}

fn drawn(n_inputs: usize) -> Vec<Vec<u32>> {
    let mut rng = random::stream(&[3]);
    (0..n_inputs).map(|idx| random::distinct(&mut rng, idx as u32 % 5, N_FEATURES as u32)).collect()
}

#[test]
fn a_model_reads_what_the_network_reads_and_names_its_axes() {
    for network in [network(false), network(true), residual()] {
        let model = Model::read(&written(&network, "net.onnx"));
        assert_eq!(model.inputs, [("features".to_owned(), vec!["batch".to_owned(), N_FEATURES.to_string()])]);
        let signals = network.layers.iter().map(|layer| layer.n_signals().to_string());
        let outputs = signals.enumerate().map(|(l, n)| (format!("layers.{l}.readoffs"), vec!["batch".to_owned(), n]));
        assert_eq!(model.outputs, outputs.collect::<Vec<_>>());
        let names: serde_json::Value = serde_json::from_str(&model.metadata["superpose"]).unwrap();
        assert_eq!((&names["features"][7], &names["layers"][1]["signals"][3]), (&"x[7]".into(), &"!g[3]".into()));
        assert_eq!(model.metadata["sources.0"], network.sources[0].1);
        assert!(model.operators.iter().all(|(operator, ..)| operator == "Gemm" || operator == "Relu"));
        let thresholds: Vec<f32> = serde_json::from_str(&model.metadata["layers.1.threshold"]).unwrap();
        assert_eq!(thresholds, network.layers[1].readoff.threshold);
        let inputs = drawn(20);
        let ours = readoffs(&network, &inputs);
        for (input_idx, active) in inputs.iter().enumerate() {
            let x: Vec<f64> = (0..N_FEATURES as u32).map(|feature| f64::from(active.contains(&feature))).collect();
            for (ours, theirs) in ours.iter().zip(model.run(&x)) {
                assert_eq!(ours.ncols(), theirs.len());
                let most = 1e-6 * ours.iter().fold(10f64, |largest, ours| largest.max(f64::from(*ours).abs()));
                let pairs = ours.row(input_idx).into_iter().zip(&theirs);
                pairs.for_each(|(ours, theirs)| assert!((f64::from(*ours) - theirs).abs() < most, "{active:?}"));
            }
        }
    }
}

/// Inputs on which a fit may train: no more than it needs to have changed every weight.
const BUDGET: u64 = 2000;

/// Differences that f32 makes, in shares of the largest read-off, or of 1.
const MOST: f64 = 1e-4;

#[test]
fn every_example_runs_the_same_in_onnxruntime() {
    let Some(python) = python_with("numpy, safetensors, onnx, onnxruntime") else {
        eprintln!("SKIPPED: no python3 with numpy, safetensors, onnx and onnxruntime; name one in SUPERPOSE_PYTHON");
        return;
    };
    let fit = Options {
        level: Some(Level::Fitted),
        fit: Request { budget: Some(BUDGET), ..Request::default() },
        ..Options::default()
    };
    let examples = example_programs().into_iter().map(|(name, program)| {
        let sampler = Sampler::new(&program.circuit).unwrap();
        let blocks: Vec<_> = (0..4).map(|block_idx| sampler.block(0, "emit", block_idx)).collect();
        let inputs = blocks.iter().flat_map(|block| block.iter().map(<[u32]>::to_vec)).collect();
        // Other neurons than ReLUs are not fitted.
        let options = match program.settings.activation {
            Some(_) => Options { level: Some(Level::Solved), ..Options::default() },
            None => fit.clone(),
        };
        (name, search::build(&program, &options, &mut unwatched).unwrap().network, inputs)
    });
    let by_hand = [("by hand", network(false)), ("by hand, stored", network(true)), ("by hand, residual", residual())];
    let by_hand = by_hand.map(|(name, network)| (name.to_string(), network, drawn(64)));
    for (name, network, inputs) in by_hand.into_iter().chain(examples) {
        let place = Place::empty();
        for format in FORMATS {
            let file = format!("net.{}", format.name);
            place.write(&file, &written(&network, &file));
        }
        place.write("inputs.json", &serde_json::to_string(&inputs).unwrap());
        for (layer_idx, read) in readoffs(&network, &inputs).iter().enumerate() {
            let bytes: Vec<u8> = read.iter().flat_map(|value| value.to_le_bytes()).collect();
            place.write(&format!("expected.{layer_idx}.f32"), &bytes);
        }
        let script = root().join("tests/python/emitted.py");
        let ran = Command::new(&python).arg(script).arg(place.folder()).output().unwrap();
        assert!(ran.status.success(), "{name}: {}", String::from_utf8_lossy(&ran.stderr));
        let printed = String::from_utf8(ran.stdout).unwrap();
        let [difference, largest] =
            printed.split_whitespace().map(|number| number.parse::<f64>().unwrap()).collect::<Vec<_>>()[..]
        else {
            panic!("{printed}")
        };
        // Shown even where the test passes.
        let line = format!("onnxruntime: {name}: differs by {difference:.1e} at most, of read-offs up to {largest:.3}");
        writeln!(std::io::stderr(), "{line}").unwrap();
        assert!(difference <= MOST * largest.max(1.0), "{line}");
    }
}

#[test]
fn the_name_of_the_file_or_emit_says_what_it_is() {
    let place = Place::with_pairs();
    let compile = |more: &[&str]| place.run(&[&["compile", "pairs.circ", "-O1"], more].concat());
    compile(&["-o", "net.safetensors"]).ends(0);
    let kind = |file: &str| -> &'static Format {
        let bytes = fs::read(place.path(file)).unwrap();
        FORMATS.iter().find(|format| (format.begins_so)(&bytes)).unwrap()
    };
    let rows: [(&[&str], &str, &str); 6] = [
        (&["-o", "net.onnx"], "net.onnx", "onnx"),
        (&["-o", "net.NPZ"], "net.NPZ", "npz"),
        (&["-o", "net"], "net", "safetensors"),
        (&["-o", "net.model", "--emit", "onnx"], "net.model", "onnx"),
        (&["-o", "a.npz", "--emit", "npz"], "a.npz", "npz"),
        (&["-o", "b.onnx", "--batch", "16"], "b.onnx", "onnx"),
    ];
    for (more, file, expected) in rows {
        compile(more).ends(0);
        assert_eq!(kind(file).name, expected, "{more:?}");
    }
    let model = Model::read(&fs::read(place.path("b.onnx")).unwrap());
    assert_eq!((model.inputs[0].1[0].as_str(), model.outputs[0].1[0].as_str()), ("16", "16"));
    // A network that is compiled already is written as it is.
    place.run(&["compile", "net.safetensors", "-o", "again.onnx"]).ends(0);
    place.run(&["compile", "net.safetensors", "-o", "again.safetensors"]).ends(0);
    for (again, first) in [("again.onnx", "net.onnx"), ("again.safetensors", "net.safetensors")] {
        assert!(fs::read(place.path(again)).unwrap() == fs::read(place.path(first)).unwrap(), "{again}");
    }
}

#[test]
fn what_cannot_be_emitted_or_read_back_is_refused_in_words() {
    let place = Place::with_pairs();
    let hard = PAIRS.replace("width 64", "width 8; optimize 0").replace("reliability > 0.5", "reliability > 0.99");
    place.write("hard.circ", &hard);
    for file in ["net.safetensors", "net.onnx", "net.npz"] {
        place.run(&["compile", "pairs.circ", "-O1", "-q", "-o", file]).ends(0);
    }
    let rows: [(&[&str], i32); 12] = [
        (&["compile", "pairs.circ", "--emit", "npz", "-o", "new.onnx"], 2),
        (&["compile", "pairs.circ", "--batch", "4", "-o", "new.npz"], 2),
        (&["compile", "pairs.circ", "--batch", "0", "-o", "new.onnx"], 2),
        (&["compile", "pairs.circ", "--emit", "onxx", "-o", "new"], 2),
        (&["compile", "net.safetensors", "--width", "9", "-o", "new.onnx"], 2),
        (&["compile", "net.safetensors", "--epsilon", "0.1", "-o", "new.onnx"], 2),
        (&["compile", "net.onnx", "-o", "new.npz"], 1),
        (&["compile", "pairs.circ", "--from", "net.npz", "-o", "new.npz"], 1),
        (&["compile", "hard.circ", "-o", "hard.onnx"], 0),
        (&["eval", "net.onnx"], 1),
        (&["verify", "net.npz"], 1),
        (&["check", "net.onnx"], 2),
    ];
    let shown = rows.map(|(arguments, code)| {
        let ran = place.run(arguments).ends(code);
        format!("$ superpose {}\n{}", arguments.join(" "), ran.stderr)
    });
    assert!(["new", "new.onnx", "new.npz"].iter().all(|file| !place.path(file).exists()));
    insta::assert_snapshot!(shown.join("\n"));
    // By what is in it where the name does not say.
    for file in ["net.onnx", "net.npz"] {
        fs::rename(place.path(file), place.path("net")).unwrap();
        let ran = place.run(&["eval", "net"]).ends(1);
        assert!(ran.stderr.contains("cannot be read back"), "{file}: {}", ran.stderr);
    }
}
