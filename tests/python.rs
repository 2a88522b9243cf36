//! What the README tells a Python user to type gives the activations and read-offs of this crate.
//!
//! Its blocks are run as they stand there. Needs an interpreter with numpy and safetensors: `SUPERPOSE_PYTHON`, or
//! `python3`; blocks of onnxruntime and torch are run where these can be imported. Where `SUPERPOSE_PYTHON` is not set
//! and `python3` lacks the first two, the tests say so and pass without checking anything.

mod common;

use std::process::Command;

use common::binary::Place;
use common::networks::{N_FEATURES, network};
use common::python::{NAMED, python_with};
use common::{blocks, compiled, options, program, text_of};
use superpose::compile::{Options, Request};
use superpose::network::Network;
use superpose::network::file::{FORMATS, Written};
use superpose::network::forward::Forward;
use superpose::program::{Level, Width};
use superpose::random;

/// Of what the README says of the weights, in its order.
struct Blocks {
    safetensors: String,
    run: String,
    torch: String,
    residual: String,
    onnx: String,
    npz: String,
    npz_to_safetensors: String,
}

fn readme() -> Blocks {
    let weights =
        text_of("README.md").split("\n## Inputs, activations, truth\n").next().unwrap_or_default().to_string();
    let found = blocks(&weights, "python").try_into();
    let [safetensors, run, torch, residual, onnx, npz, npz_to_safetensors] = found.expect("seven blocks of Python");
    Blocks { safetensors, run, torch, residual, onnx, npz, npz_to_safetensors }
}

/// Inputs as the README has them.
const BEFORE: &str = r#"
import json
import numpy as np

inputs = json.load(open("inputs.json"))
x = np.zeros((len(inputs), N_FEATURES), np.float32)
for row, active in zip(x, inputs):
    row[active] = 1
"#;

/// Prints what came out, a line for each layer: signal by signal, for each the inputs.
const AFTER: &str = r#"
assert len(readoffs) == len(on) == len(names["layers"])
for l, layer in enumerate(names["layers"]):
    assert readoffs[l].shape == on[l].shape == (len(inputs), len(layer["signals"]))
    assert (on[l] == (readoffs[l] > 0.5)).all()
    print(" ".join(f"{value:.9g}" for value in readoffs[l].T.ravel()))
"#;

/// W = C·D, by what the README says of both.
const FACTORS: &str = r#"
below = None if "dictionary" in names else np.eye(x.shape[1], dtype=np.float32)
n_signals = x.shape[1]
for l, layer in enumerate(names["layers"]):
    W = t[f"layers.{l}.weight"]
    own = f"layers.{l}.decompress"
    D = matrix(own, W.shape[1]) if own in t or own + ".indptr" in t else below
    C = matrix(f"layers.{l}.compute", n_signals)
    assert np.abs(W - C @ D).max() <= 1e-4 * np.abs(W).max(), "W = C D"
    below, n_signals = matrix(f"layers.{l}.readoff", len(W)), len(layer["signals"])
"#;

/// A network of one layer, as torch runs it.
const OF_TORCH: &str = r#"
h = x @ matrix("input.dictionary", x.shape[1]).T if "dictionary" in names else x
readoffs = [net(torch.from_numpy(h)).detach().numpy()]
on = [readoffs[0] > t["layers.0.threshold"]]
"#;

/// What each layer reads off the stream above it, of all signals in order; and W_in = C D, W_out = Φ R, b_out = Φ r.
const OF_STREAM: &str = r#"
first, readoffs, on = x.shape[1], [], []
for l, layer in enumerate(names["layers"]):
    W = t[f"layers.{l}.W_in"]
    assert np.abs(W - matrix(f"layers.{l}.compute", first) @ t["W_U"][:first]).max() <= 1e-4 * np.abs(W).max()
    Phi, R = t[f"layers.{l}.direction"], matrix(f"layers.{l}.estimate", len(W))
    assert np.abs(t[f"layers.{l}.W_out"] - Phi @ R).max() <= 1e-4 * np.abs(t[f"layers.{l}.W_out"]).max()
    assert np.allclose(t[f"layers.{l}.b_out"], Phi @ t[f"layers.{l}.estimate_bias"], atol=1e-5)
    assert signals[l].shape == (len(inputs), first + len(layer["signals"]))
    readoffs.append(signals[l][:, first:])
    on.append(readoffs[l] > 0.5)
    first += len(layer["signals"])
assert first == len(t["W_U"])
"#;

/// Of sparse tensors.
const MATRIX: &str = r#"
def matrix(name, n_columns):
    if name in t:
        return t[name]
    indptr, indices, values = (t[f"{name}.{part}"] for part in ("indptr", "indices", "values"))
    dense = np.zeros((len(indptr) - 1, n_columns), np.float32)
    dense[np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)), indices] = values
    return dense
"#;

fn inputs() -> Vec<Vec<u32>> {
    let mut rng = random::stream(&[9]);
    (0..50).map(|idx| random::distinct(&mut rng, idx % 5, N_FEATURES as u32)).collect()
}

/// Runs blocks one after the other beside the files of a network, and holds what is printed against our own read-offs.
fn run(python: &str, network: &Network, blocks: &[&str]) -> Place {
    network.check().unwrap();
    let place = Place::empty();
    for format in FORMATS {
        place.write(&format!("net.{}", format.name), &(format.write)(network, &Written::default()).unwrap());
    }
    let inputs = inputs();
    place.write("inputs.json", &serde_json::to_string(&inputs).unwrap());
    let before = BEFORE.replace("N_FEATURES", &N_FEATURES.to_string());
    let script = [&[before.as_str()], blocks].concat().join("\n");
    let output = Command::new(python).current_dir(place.folder()).args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}\n{script}", String::from_utf8_lossy(&output.stderr));
    compare(network, &inputs, &String::from_utf8(output.stdout).unwrap());
    place
}

/// Holds printed read-offs, a line for each layer, against our own.
fn compare(network: &Network, inputs: &[Vec<u32>], text: &str) {
    let forward = Forward::new(network);
    let lists: Vec<&[u32]> = inputs.iter().map(Vec::as_slice).collect();
    let activations = forward.run(&lists);
    assert_eq!(text.lines().count(), network.layers.len());
    for (layer_idx, line) in text.lines().enumerate() {
        let n_signals = network.layers[layer_idx].n_signals();
        let mut ours = ndarray::Array2::zeros((n_signals, inputs.len()));
        forward.read_off(layer_idx, 0..n_signals, activations.layer(layer_idx), ours.view_mut());
        let theirs: Vec<f32> = line.split(' ').map(|number| number.parse().unwrap()).collect();
        assert_eq!(theirs.len(), ours.len());
        let largest = ours.iter().zip(&theirs).fold(0f32, |largest, (a, b)| largest.max((a - b).abs()));
        assert!(largest < 1e-5, "layer {layer_idx}: Python differs by {largest}");
    }
}

/// The interpreter, if it has what the blocks need: one that is named must have NumPy and safetensors.
fn python(more: &str) -> Option<String> {
    let needed = "numpy, safetensors.numpy";
    let found = python_with(needed);
    assert!(found.is_some() || std::env::var(NAMED).is_err(), "{NAMED} cannot import numpy and safetensors");
    let found = found.and_then(|_| python_with(&format!("{needed}{more}")));
    if found.is_none() {
        eprintln!("SKIPPED: no python3 that can import {needed}{more}; name one in {NAMED}");
    }
    found
}

#[test]
fn numpy_reads_the_same_values() {
    let Some(python) = python("") else { return };
    let readme = readme();
    for stored in [false, true] {
        let network = network(stored);
        run(&python, &network, &[&readme.safetensors, &readme.run, AFTER, FACTORS]);
        let blocks = [&readme.npz, &readme.run, AFTER, FACTORS, &readme.npz_to_safetensors];
        let place = run(&python, &network, &blocks);
        let again = std::fs::read(place.path("again.safetensors")).unwrap();
        assert_eq!(Network::from_bytes(&again), Ok(network));
    }
}

/// Two layers that add to a stream.
/// A published one, and one that is fitted a little: it has read-offs with a bias.
fn residual(is_fitted: bool) -> Network {
    let text = "feature x[40];
                sample { choose 0..=3 of x; plant 0.5; }
                layer a { pair[i] = x[i] & x[i+1] for i in 0..30; }
                layer b { far[i] = pair[i] & x[i+8] for i in 0..20; }
                network { residual 24; }";
    let published = options(Level::Published, 200, "channels");
    let fit = Request { budget: Some(20_000), ..Request::default() };
    let fitted = Options { level: Some(Level::Fitted), width: Some(Width::Neurons(12)), fit, ..Options::default() };
    let mut network = compiled(&program(text), if is_fitted { &fitted } else { &published });
    // As what is printed is read.
    network.layers.iter_mut().for_each(|layer| layer.readoff.threshold.fill(0.5));
    network
}

#[test]
fn numpy_reads_a_stream_as_it_is_read_here() {
    let Some(python) = python("") else { return };
    let readme = readme();
    for is_fitted in [false, true] {
        run(&python, &residual(is_fitted), &[&readme.safetensors, MATRIX, &readme.residual, OF_STREAM, AFTER]);
    }
}

#[test]
fn onnxruntime_reads_the_same_values() {
    let Some(python) = python(", onnxruntime") else { return };
    for network in [network(false), network(true), residual(false), residual(true)] {
        run(&python, &network, &[&readme().onnx, AFTER]);
    }
}

#[test]
fn torch_reads_the_same_values() {
    let Some(python) = python(", torch") else { return };
    let readme = readme();
    for stored in [false, true] {
        let mut network = network(stored);
        network.layers.truncate(1);
        run(&python, &network, &[&readme.safetensors, &readme.run, &readme.torch, OF_TORCH, AFTER]);
    }
}
