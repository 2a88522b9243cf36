//! `superpose dataset`: what its files hold, and what becomes of a directory that was left in the middle.
//!
//! One test needs a Python with numpy and safetensors, as `SUPERPOSE_PYTHON` or `python3`; without, it says so and
//! passes without checking anything.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use common::binary::{BINARY, Place, Ran};
use common::by_definition::{Tensors, truth};
use common::circuits::CASES;
use common::compiled;
use common::python::python_with;
use safetensors::SafeTensors;
use serde_json::Value;
use superpose::circuit::inputs::sample::Sampler;
use superpose::circuit::{Circuit, GateId};
use superpose::compile::Options;
use superpose::evaluate::dataset::{Dataset, Part, Values, Wanted};
use superpose::network::Network;
use superpose::program::Level;
use superpose::progress::{Answer, Reason, unwatched};

fn everything(rows: u64, seed: u64) -> Wanted {
    Wanted { rows, seed, parts: Part::ALL.to_vec(), layers: None, gates: None }
}

fn input(circuit: &Circuit, seed: u64, row: u64) -> Vec<u32> {
    Sampler::new(circuit).unwrap().block(seed, "eval", row / 64).get(row as usize % 64).to_vec()
}

/// Holds rows against the definitions, value by value.
fn assert_is_what_they_say(circuit: &Circuit, network: &Network, dataset: &Dataset, first: u64, values: &[Values]) {
    let tensors = Tensors::of(network);
    for row_idx in 0..50 {
        let active = input(circuit, 5, first + row_idx as u64);
        let stored = truth(circuit, &active);
        let layers = tensors.layers(circuit.n_features(), network.layers.len(), &active);
        let streams = tensors.streams(circuit.n_features(), network.layers.len(), &active);
        for (tensor, values) in dataset.tensors.iter().zip(values) {
            let place = |column: usize| row_idx * tensor.indices.len() + column;
            for (column, &idx) in tensor.indices.iter().enumerate() {
                let signal = circuit.layer_signals(tensor.layer_idx).nth(idx);
                let turned = signal.is_some_and(|signal| circuit.is_complemented(signal));
                let what = format!("{}: {} of row {row_idx}, column {column}", circuit.name, tensor.name);
                match (tensor.part, values) {
                    (Part::Features, Values::U8(x)) => {
                        assert_eq!(x[place(column)], u8::from(active.contains(&(idx as u32))), "{what}");
                    }
                    (Part::Labels, Values::U8(labels)) => {
                        let written = stored[signal.unwrap().0 as usize] != turned;
                        assert_eq!(labels[place(column)], u8::from(written), "{what}");
                    }
                    (Part::Entering | Part::Stream, Values::F32(x)) => {
                        let above = tensor.layer_idx + usize::from(tensor.part == Part::Stream);
                        let (found, wanted) = (f64::from(x[place(column)]), streams[above][idx]);
                        assert!((found - wanted).abs() <= 1e-4 * wanted.abs().max(1.0), "{what}: {found}, {wanted}");
                    }
                    (Part::Activations, Values::F32(h)) => {
                        let wanted = layers[tensor.layer_idx].0[idx].max(0.0);
                        let found = f64::from(h[place(column)]);
                        assert!((found - wanted).abs() <= 1e-4 * wanted.abs().max(1.0), "{what}: {found}, {wanted}");
                    }
                    (Part::Readoffs, Values::F32(readoffs)) => {
                        let read = layers[tensor.layer_idx].1[idx];
                        let wanted = if turned { 1.0 - read } else { read };
                        let found = f64::from(readoffs[place(column)]);
                        assert!((found - wanted).abs() <= 1e-3 * wanted.abs().max(1.0), "{what}: {found}, {wanted}");
                    }
                    _ => panic!("{what}: another type"),
                }
            }
        }
    }
}

#[test]
fn every_value_is_what_the_definitions_say() {
    let residual = CASES.iter().step_by(3).filter_map(|case| case.as_residual(9));
    for program in CASES.iter().map(|case| case.program()).chain(residual) {
        let network = compiled(&program, &Options { level: Some(Level::Solved), ..Options::default() });
        let dataset = Dataset::new(&program.circuit, &network, &everything(400, 5)).unwrap();
        let n_streams = dataset.tensors.iter().filter(|tensor| tensor.name.ends_with(".stream")).count();
        assert_eq!(n_streams, if network.is_residual() { 1 + network.layers.len() } else { 0 });
        let values = dataset.rows(190..240, &mut unwatched).unwrap();
        assert_is_what_they_say(&program.circuit, &network, &dataset, 190, &values);
    }
}

#[test]
fn rows_are_the_same_however_they_are_cut_and_whoever_works_on_them() {
    let program = CASES[3].program();
    let network = compiled(&program, &Options { level: Some(Level::Published), ..Options::default() });
    let dataset = Dataset::new(&program.circuit, &network, &everything(5000, 1)).unwrap();
    let whole = dataset.rows(0..5000, &mut unwatched).unwrap();
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let by_one = alone.install(|| dataset.rows(0..5000, &mut unwatched)).unwrap();
    assert!(whole == by_one);
    let (mut from, mut at) = (0, 0);
    while from < 5000 {
        let to = (from + 1 + 37 * at).min(5000);
        let part = dataset.rows(from..to, &mut unwatched).unwrap();
        for ((tensor, part), whole) in dataset.tensors.iter().zip(&part).zip(&whole) {
            let n = tensor.indices.len();
            let range = from as usize * n..to as usize * n;
            match (part, whole) {
                (Values::U8(part), Values::U8(whole)) => assert!(part[..] == whole[range], "{}", tensor.name),
                (Values::F32(part), Values::F32(whole)) => assert!(part[..] == whole[range], "{}", tensor.name),
                _ => panic!("{}", tensor.name),
            }
        }
        (from, at) = (to, at + 1);
    }
    let stopped = dataset.rows(0..5000, &mut |_| Answer::Stop(Reason::Interrupted));
    assert!(stopped.is_err());
}

#[test]
fn layers_tensors_and_signals_can_be_chosen() {
    let program = CASES[3].program();
    let circuit = &program.circuit;
    let network = compiled(&program, &Options { level: Some(Level::Solved), ..Options::default() });
    let names = |wanted: &Wanted| -> Vec<String> {
        let dataset = Dataset::new(circuit, &network, wanted).unwrap();
        dataset.tensors.iter().map(|tensor| format!("{} {}", tensor.name, dataset.names(tensor).join(" "))).collect()
    };
    let last = GateId(circuit.n_gates() as u32 - 1);
    let wanted = Wanted { gates: Some(vec![last]), parts: vec![Part::Readoffs, Part::Labels], ..everything(9, 0) };
    let top = network.layers.len() - 1;
    assert_eq!(names(&wanted), [format!("layers.{top}.readoffs late"), format!("layers.{top}.labels late")]);
    let wanted = Wanted { layers: Some(vec![1]), parts: vec![Part::Features, Part::Labels], ..everything(9, 0) };
    let found = names(&wanted);
    assert_eq!(found.len(), 2);
    // What a layer carries is read off as well.
    assert!(found[0].starts_with("features x[0] ") && found[1].starts_with("layers.1.labels chain[1] "), "{found:?}");
    assert!(found[1].contains("chain[0]"), "{found:?}");
    assert!(
        names(&Wanted { layers: Some(vec![0]), gates: Some(vec![last]), parts: vec![Part::Labels], ..wanted })
            .is_empty()
    );
}

const SIGNS: &str = "feature a, b, c; sample { each a, b, c with 0.5; }
low = nor(a, b); high = low & !c; network { optimize 1; width 8; }";

fn dataset(place: &Place, arguments: &[&str]) -> Ran {
    place.run(&[&["dataset"], arguments].concat())
}

/// Every file of a directory.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

fn manifest(place: &Place, folder: &str) -> Value {
    serde_json::from_str(&place.read(&format!("{folder}/manifest.json"))).unwrap()
}

#[test]
fn a_manifest_names_every_axis_and_every_file() {
    let place = Place::empty();
    place.write("signs.circ", SIGNS);
    let ran = dataset(&place, &["signs.circ", "-n", "250", "--shard", "100", "-o", "data"]).ends(0);
    assert_eq!((&ran.stdout[..], &ran.stderr[..]), ("", "signs: 250 rows of 7 tensors in 3 files; data\n"));
    let manifest = manifest(&place, "data");
    let names: Vec<String> = files(&place.path("data")).into_keys().collect();
    let shards = [0, 1, 2].map(|idx| format!("shard-0000{idx}.safetensors"));
    assert_eq!(names[..2], ["manifest.json", "network.safetensors"]);
    assert_eq!(names[2..], shards);
    assert_eq!((&manifest["rows"], &manifest["rows_per_shard"]), (&250.into(), &100.into()));
    assert_eq!((&manifest["seed"], &manifest["complete"]), (&0.into(), &true.into()));
    assert_eq!(manifest["axes"]["features"], serde_json::json!(["a", "b", "c"]));
    assert_eq!(manifest["axes"]["layers.1.signals"], serde_json::json!(["high"]));
    assert_eq!(manifest["axes"]["layers.1.neurons"][7], "level1.7");
    assert_eq!(manifest["thresholds"]["layers.1.signals"].as_array().unwrap().len(), 1);
    let readoffs = serde_json::json!({"dtype": "f32", "shape": [250, 1], "axes": ["rows", "layers.1.signals"]});
    assert_eq!(manifest["tensors"]["layers.1.readoffs"], readoffs);
    assert_eq!(manifest["sources"][0]["text"], SIGNS);
    assert_eq!(manifest["shards"][2]["rows"], serde_json::json!([200, 250]));

    // The network beside them is what `compile` writes, and its dataset the same.
    place.run(&["compile", "signs.circ", "-o", "net.safetensors"]).ends(0);
    assert!(fs::read(place.path("net.safetensors")).unwrap() == files(&place.path("data"))["network.safetensors"]);
    dataset(&place, &["net.safetensors", "-n", "250", "--shard", "100", "-o", "again", "--threads", "1"]).ends(0);
    assert!(files(&place.path("data")) == files(&place.path("again")));

    // What is read off is what `eval` reports: no label is on the other side of a threshold.
    let bytes = &files(&place.path("data"))[&shards[1]];
    let tensors = SafeTensors::deserialize(bytes).unwrap();
    let [labels, readoffs] = ["labels", "readoffs"].map(|part| tensors.tensor(&format!("layers.0.{part}")).unwrap());
    assert_eq!(labels.shape(), readoffs.shape());
    for (label, readoff) in labels.data().iter().zip(readoffs.data().as_chunks::<4>().0) {
        assert_eq!(*label == 1, f32::from_le_bytes(*readoff) > 0.5);
    }
}

#[test]
fn what_was_left_in_the_middle_is_gone_on_with() {
    let place = Place::with_pairs();
    let arguments = ["pairs.circ", "-O1", "-n", "400", "--shard", "100", "-o", "data"];
    dataset(&place, &arguments).ends(0);
    let whole = files(&place.path("data"));
    let path = |name: &str| place.path("data").join(name);
    let again = |said: &str| {
        let ran = dataset(&place, &arguments).ends(0);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        assert!(files(&place.path("data")) == whole);
    };
    again("4 of them from before");

    // One is gone, one was changed, one is not listed though it is there, and so is a half-written one.
    fs::remove_file(path("shard-00001.safetensors")).unwrap();
    fs::write(path("shard-00002.safetensors"), "somebody's").unwrap();
    again("2 of them from before");
    let mut manifest = manifest(&place, "data");
    manifest["shards"].as_array_mut().unwrap().truncate(1);
    manifest["complete"] = false.into();
    fs::write(path("manifest.json"), manifest.to_string()).unwrap();
    again("1 of them from before");
    fs::remove_file(path("network.safetensors")).unwrap();
    again("4 of them from before");

    // A manifest leads to no file that is not the dataset's own.
    fs::write(place.path("outside"), "outside").unwrap();
    manifest["shards"][0]["file"] = "../outside".into();
    fs::write(path("manifest.json"), manifest.to_string()).unwrap();
    again("0 of them from before");
    assert_eq!(place.read("outside"), "outside");
}

#[cfg(unix)]
#[test]
fn a_link_in_a_dataset_leads_nowhere() {
    let place = Place::with_pairs();
    let arguments = ["pairs.circ", "-O1", "-n", "10", "-o", "data"];
    dataset(&place, &arguments).ends(0);
    fs::write(place.path("outside"), "outside").unwrap();
    let shard = place.path("data/shard-00000.safetensors");
    fs::remove_file(&shard).unwrap();
    std::os::unix::fs::symlink("../outside", &shard).unwrap();
    let ran = dataset(&place, &arguments).ends(2);
    assert!(ran.stderr.contains("is a link") && ran.stderr.contains("rm data/shard-00000"), "{}", ran.stderr);
    assert_eq!(place.read("outside"), "outside");
}

#[test]
fn another_dataset_and_other_files_stay() {
    let place = Place::with_pairs();
    let whole = |place: &Place| files(&place.path("data"));
    dataset(&place, &["pairs.circ", "-O1", "-n", "200", "-o", "data"]).ends(0);
    let before = whole(&place);
    let refused = |arguments: &[&str], why: &str| {
        let ran = dataset(&place, &[arguments, &["-o", "data"]].concat()).ends(2);
        assert!(ran.stderr.contains(why) && ran.stderr.contains("rm -r data"), "{}", ran.stderr);
        assert!(whole(&place) == before);
    };
    refused(&["pairs.circ", "-O1", "-n", "201"], "has 200 for `rows`, and 201 is asked for");
    refused(&["pairs.circ", "-O1", "-n", "200", "--eval-seed", "4"], "has 0 for `seed`, and 4 is asked for");
    refused(&["pairs.circ", "-O1", "-n", "200", "--shard", "50"], "`rows_per_shard`");
    refused(&["pairs.circ", "-O1", "-n", "200", "--format", "npz"], "for `file_format`, and \"npz\" is asked for");
    refused(&["pairs.circ", "-O0", "-n", "200"], "has another `network`");
    refused(&["pairs.circ", "-O1", "-n", "200", "--only", "labels"], "has another `tensors`");
    place.write("others.circ", &common::binary::PAIRS.replace("p[i]", "q[i]"));
    refused(&["others.circ", "-O1", "-n", "200"], "has another `sources`");

    place.write("data/manifest.json", "{");
    let ran = dataset(&place, &["pairs.circ", "-O1", "-n", "200", "-o", "data"]).ends(2);
    assert!(ran.stderr.contains("its manifest is damaged"), "{}", ran.stderr);
    place.write("mine/mine", "mine");
    let ran = dataset(&place, &["pairs.circ", "-O1", "-o", "mine"]).ends(2);
    assert!(ran.stderr.contains("`mine` is not empty"), "{}", ran.stderr);
    let ran = dataset(&place, &["pairs.circ", "-O1", "-o", "no/such"]).ends(2);
    assert!(ran.stderr.contains("mkdir -p no"), "{}", ran.stderr);
    assert!(dataset(&place, &["pairs.circ", "-o", "-"]).ends(2).stderr.contains("-o DIR"));
}

#[test]
fn what_is_chosen_by_name_is_asked_for_by_name() {
    let place = Place::with_pairs();
    let refused = |arguments: &[&str], why: &str| {
        let ran = dataset(&place, &[&["pairs.circ", "-O1", "-o", "data"], arguments].concat()).ends(2);
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
        assert!(!place.path("data").exists());
    };
    refused(&["--layers", "bot"], "did you mean `both`?");
    refused(&["--layers", "7"], "the layers are both");
    refused(&["--signals", "q"], "no gate is called `q`");
    refused(&["--only", "label"], "labels");
    refused(&["-n", "0"], "0");
    refused(&["--only", "stream"], "leave `stream` out of --only");
    place.run(&["compile", "pairs.circ", "-O1", "-o", "net.safetensors"]).ends(0);
    let ran = dataset(&place, &["net.safetensors", "-O1", "-o", "data"]).ends(2);
    assert!(ran.stderr.contains("`-O` has no meaning for a network"), "{}", ran.stderr);
    let ran = dataset(&place, &["net.safetensors", "--seed", "3", "-o", "data"]).ends(2);
    assert!(ran.stderr.contains("--eval-seed S"), "{}", ran.stderr);
    dataset(
        &place,
        &["net.safetensors", "--layers", "both", "--signals", "p[2],p[3]", "--only", "labels", "-o", "data"],
    )
    .ends(0);
    let manifest = manifest(&place, "data");
    assert_eq!(manifest["axes"], serde_json::json!({"layers.0.signals": ["p[2]", "p[3]"]}));
}

#[test]
fn the_stream_of_every_layer_is_asked_for_by_name() {
    let place = Place::empty();
    place.write("signs.circ", &SIGNS.replace("optimize 1; width 8;", "residual 5; width 8;"));
    dataset(&place, &["signs.circ", "-n", "70", "--only", "stream,features", "-o", "data"]).ends(0);
    let manifest = manifest(&place, "data");
    let names: Vec<&String> = manifest["tensors"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["features", "input.stream", "layers.0.stream", "layers.1.stream"]);
    let axes = serde_json::json!({"dtype": "f32", "shape": [70, 5], "axes": ["rows", "stream"]});
    assert_eq!((&manifest["tensors"]["input.stream"], &manifest["tensors"]["layers.1.stream"]), (&axes, &axes));
    assert_eq!(manifest["axes"]["stream"][4], "stream.4");
    dataset(&place, &["signs.circ", "-n", "70", "--only", "stream", "--layers", "level1", "-o", "one"]).ends(0);
    let tensors = files(&place.path("one"))["shard-00000.safetensors"].clone();
    let mut names =
        SafeTensors::deserialize(&tensors).unwrap().names().into_iter().map(String::from).collect::<Vec<_>>();
    names.sort_unstable();
    assert_eq!(names, ["input.stream", "layers.1.stream"]);
}

/// Ended at any time, by whatever signal, and begun again, it comes to the same bytes.
#[cfg(unix)]
#[test]
fn a_killed_run_goes_on_and_comes_to_the_same_bytes() {
    let place = Place::with_pairs();
    place.run(&["compile", "pairs.circ", "-O1", "-o", "net.safetensors"]).ends(0);
    let arguments = ["dataset", "net.safetensors", "-n", "60000", "--shard", "500", "-o"];
    place.run(&[&arguments[..], &["whole"]].concat()).ends(0);
    for signal in ["KILL", "INT", "TERM", "KILL"] {
        let mut child = Command::new(BINARY)
            .current_dir(place.folder())
            .args(arguments)
            .arg("data")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let n_there = || fs::read_dir(place.path("data")).map_or(0, Iterator::count);
        let before = n_there();
        while n_there() < before + 5 && child.try_wait().unwrap().is_none() {}
        let kill = format!("kill -{signal} {}", child.id());
        Command::new("sh").args(["-c", &kill]).output().unwrap();
        let status = child.wait().unwrap();
        assert!(signal == "KILL" || [Some(130), Some(0)].contains(&status.code()), "{status}");
    }
    place.run(&[&arguments[..], &["data"]].concat()).ends(0);
    assert!(files(&place.path("data")) == files(&place.path("whole")));
    // What a process that was killed left there is cleared away, and nothing else.
    place.write("data/.superpose.4711.0.tmp", "half");
    place.write("data/.mine.tmp", "mine");
    place.run(&[&arguments[..], &["data"]].concat()).ends(0);
    let mut found = files(&place.path("data"));
    assert_eq!(found.remove(".mine.tmp").as_deref(), Some(&b"mine"[..]));
    assert!(found == files(&place.path("whole")));
}

const SCRIPT: &str = r#"
import hashlib, json, sys
import numpy as np
from safetensors.numpy import load_file

folders = sys.argv[1:]
manifests = [json.load(open(f"{folder}/manifest.json")) for folder in folders]
assert [manifest["file_format"] for manifest in manifests] == ["safetensors", "npz"]
weights = load_file(f"{folders[0]}/network.safetensors")
for pair in zip(*(manifest["shards"] for manifest in manifests)):
    for folder, shard in zip(folders, pair):
        assert hashlib.sha256(open(f"{folder}/{shard['file']}", "rb").read()).hexdigest() == shard["sha256"]
    t = load_file(f"{folders[0]}/{pair[0]['file']}")
    z = np.load(f"{folders[1]}/{pair[1]['file']}")
    assert set(t) == set(z) == set(manifests[0]["tensors"])
    for name, tensor in t.items():
        said = manifests[0]["tensors"][name]
        first, end = pair[0]["rows"]
        assert tensor.shape == (end - first, said["shape"][1]) == (end - first, len(manifests[0]["axes"][said["axes"][1]]))
        assert tensor.dtype == z[name].dtype == {"u8": np.uint8, "f32": np.float32}[said["dtype"]]
        assert (tensor == z[name]).all()
    h = np.maximum(t["features"] @ weights["layers.0.weight"].T + weights["layers.0.bias"], 0)
    assert np.abs(h - t["layers.0.activations"]).max() < 1e-5
    on = t["layers.0.readoffs"] > np.float32(manifests[0]["thresholds"]["layers.0.signals"])
    assert (on == t["layers.0.labels"]).all()
print("fine")
"#;

#[test]
fn numpy_reads_the_same_values_from_every_format() {
    let Some(python) = python_with("numpy, safetensors.numpy") else {
        eprintln!("SKIPPED: no python3 with numpy and safetensors; name one in SUPERPOSE_PYTHON");
        return;
    };
    let place = Place::with_pairs();
    for format in ["safetensors", "npz"] {
        dataset(&place, &["pairs.circ", "-O1", "-n", "300", "--shard", "130", "--format", format, "-o", format])
            .ends(0);
    }
    let output =
        Command::new(python).current_dir(place.folder()).args(["-c", SCRIPT, "safetensors", "npz"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "fine\n", "{}", String::from_utf8_lossy(&output.stderr));
}
