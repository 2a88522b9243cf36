//! What a Python user reads from a file with `safetensors.numpy` gives the activations and read-offs of this crate.
//!
//! Needs an interpreter with numpy and safetensors: `SUPERPOSE_PYTHON`, or `python3`. Where `SUPERPOSE_PYTHON` is not
//! set and `python3` lacks them, the test says so and passes without checking anything.

mod common;

use std::process::Command;

use common::networks::{N_FEATURES, network};
use common::python::{NAMED, python_with};
use ndarray::Array2;
use superpose::network::Network;
use superpose::network::forward::Forward;
use superpose::random;

/// Reads a file and a list of inputs, and prints the read-offs of every layer; see the README.
const SCRIPT: &str = r#"
import json, sys
import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file

t = load_file(sys.argv[1])
with safe_open(sys.argv[1], "np") as file:
    meta = json.loads(file.metadata()["superpose"])
inputs = json.load(open(sys.argv[2]))

def matrix(name, n_columns):
    if name in t:
        return t[name]
    indptr, indices, values = (t[f"{name}.{part}"] for part in ("indptr", "indices", "values"))
    dense = np.zeros((len(indptr) - 1, n_columns), np.float32)
    dense[np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)), indices] = values
    return dense

x = np.zeros((len(meta["features"]), len(inputs)), np.float32)
for i, active in enumerate(inputs):
    x[active, i] = 1
h = matrix("input.dictionary", len(x)) @ x if "dictionary" in meta else x
below = None if "dictionary" in meta else np.eye(len(x), dtype=np.float32)
for l, layer in enumerate(meta["layers"]):
    W = t[f"layers.{l}.weight"]
    C = matrix(f"layers.{l}.compute", len(meta["layers"][l - 1]["signals"] if l else meta["features"]))
    own = f"layers.{l}.decompress"
    D = matrix(own, W.shape[1]) if own in t or own + ".indptr" in t else below
    assert np.abs(W - C @ D).max() <= 1e-4 * np.abs(W).max(), "W = C D"
    h = np.maximum(W @ h + t[f"layers.{l}.bias"][:, None], 0)
    R = matrix(f"layers.{l}.readoff", len(h))
    r = R @ h + t[f"layers.{l}.readoff_bias"][:, None]
    assert len(r) == len(layer["signals"]) == len(t[f"layers.{l}.threshold"])
    below = R
    print(" ".join(f"{value:.9g}" for value in r.ravel()))
"#;

fn inputs() -> Vec<Vec<u32>> {
    let mut rng = random::stream(&[9]);
    (0..50).map(|idx| random::distinct(&mut rng, idx % 5, N_FEATURES as u32)).collect()
}

/// The interpreter, if it has what the script needs: one that is named must.
fn python() -> Option<String> {
    let found = python_with("numpy, safetensors.numpy");
    assert!(found.is_some() || std::env::var(NAMED).is_err(), "{NAMED} cannot import numpy and safetensors");
    found
}

#[test]
fn numpy_reads_the_same_values() {
    let Some(python) = python() else {
        eprintln!("SKIPPED: no python3 with numpy and safetensors; name one in SUPERPOSE_PYTHON");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let inputs = inputs();
    let inputs_path = folder.path().join("inputs.json");
    std::fs::write(&inputs_path, serde_json::to_string(&inputs).unwrap()).unwrap();
    for stored in [false, true] {
        let network = network(stored);
        network.check().unwrap();
        let path = folder.path().join("net.safetensors");
        std::fs::write(&path, network.to_bytes()).unwrap();
        let output = Command::new(&python).args(["-c", SCRIPT]).args([&path, &inputs_path]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        compare(&network, &inputs, &text);
    }
}

/// Holds printed read-offs, a line for each layer, against our own.
fn compare(network: &Network, inputs: &[Vec<u32>], text: &str) {
    let forward = Forward::new(network);
    let lists: Vec<&[u32]> = inputs.iter().map(Vec::as_slice).collect();
    let activations = forward.run(&lists);
    assert_eq!(text.lines().count(), network.layers.len());
    for (layer_idx, line) in text.lines().enumerate() {
        let n_signals = network.layers[layer_idx].n_signals();
        let mut ours = Array2::zeros((n_signals, inputs.len()));
        forward.read_off(layer_idx, 0..n_signals, activations.layer(layer_idx), ours.view_mut());
        let theirs: Vec<f32> = line.split(' ').map(|number| number.parse().unwrap()).collect();
        assert_eq!(theirs.len(), ours.len());
        let largest = ours.iter().zip(&theirs).fold(0f32, |largest, (a, b)| largest.max((a - b).abs()));
        assert!(largest < 1e-5, "layer {layer_idx}: NumPy differs by {largest}");
    }
}
