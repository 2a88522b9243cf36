//! `superpose explain` and `superpose trace`: the parts of a reading add up to it, and it is the one that `eval` sees.

mod common;

use std::collections::BTreeMap;

use common::binary::{Place, Ran};
use common::by_definition::Tensors;
use common::circuits::CASES;
use common::compiled;
use ndarray::Array1;
use serde_json::Value;
use superpose::circuit::inputs::sample::Sampler;
use superpose::circuit::{Circuit, GateId};
use superpose::compile::Options;
use superpose::evaluate::dataset::{Dataset, Part, Values, Wanted};
use superpose::evaluate::explain::{expect, explain, trace};
use superpose::network::Network;
use superpose::program::{Level, Program};
use superpose::progress::unwatched;

/// Every program of the table, and some as those of residual networks, with a network that is right and one that errs.
fn subjects() -> Vec<(Program, Network)> {
    let mut subjects = Vec::new();
    let residual = CASES.iter().step_by(2).filter_map(|case| case.as_residual(16));
    for program in CASES.iter().map(|case| case.program()).chain(residual) {
        let exact = compiled(&program, &Options { level: Some(Level::Solved), ..Options::default() });
        let mut wrong = exact.clone();
        for layer in &mut wrong.layers {
            layer.readoff.bias.iter_mut().step_by(2).for_each(|bias| *bias += 0.6);
        }
        subjects.extend([(program.clone(), exact), (program, wrong)]);
    }
    subjects
}

fn inputs(circuit: &Circuit) -> Vec<Vec<u32>> {
    let block = Sampler::new(circuit).unwrap().block(0, "eval", 0);
    block.iter().take(12).map(<[u32]>::to_vec).collect()
}

/// What `eval` reads, and what is true, by gate: of the first inputs.
fn readings(circuit: &Circuit, network: &Network) -> Vec<Vec<(f32, u8)>> {
    let wanted = |part| Wanted { rows: 12, seed: 0, parts: vec![part], layers: None, gates: None };
    let rows = |part| {
        let dataset = Dataset::new(circuit, network, &wanted(part)).unwrap();
        let values = dataset.rows(0..12, &mut unwatched).unwrap();
        (dataset.tensors.clone(), values)
    };
    let ((tensors, readoffs), (_, labels)) = (rows(Part::Readoffs), rows(Part::Labels));
    (0..12)
        .map(|row| {
            let of_layer = |layer_idx: usize| {
                let n = tensors[layer_idx].indices.len();
                let (Values::F32(readoffs), Values::U8(labels)) = (&readoffs[layer_idx], &labels[layer_idx]) else {
                    panic!("f32 and u8")
                };
                let gates = row * n..row * n + circuit.layers[layer_idx].gates.len();
                readoffs[gates.clone()].iter().copied().zip(labels[gates].iter().copied()).collect::<Vec<_>>()
            };
            (0..circuit.layers.len()).flat_map(of_layer).collect()
        })
        .collect()
}

fn assert_near(a: f64, b: f64, what: &str) {
    assert!((a - b).abs() <= 2e-3 * a.abs().max(1.0), "{what}: {a} and {b}");
}

#[test]
fn the_parts_of_a_reading_add_up_to_what_eval_reads() {
    let mut n_operands = 0;
    for (program, network) in subjects() {
        let circuit = &program.circuit;
        let readings = readings(circuit, &network);
        for (on, readings) in inputs(circuit).iter().zip(&readings) {
            for (gate, &(reading, label)) in (0..circuit.n_gates() as u32).map(GateId).zip(readings) {
                let found = explain(circuit, &network, gate, on).unwrap();
                let what = format!("{}: {} on {on:?}", circuit.name, found.subject.gate);
                assert_eq!((found.reading.to_bits(), found.truth), (reading.to_bits(), label), "{what}");
                let by_neuron: f64 = found.neurons.iter().map(|part| part.contribution).sum();
                let embedding = found.stream.as_ref().map_or(0.0, |stream| stream.embedding);
                assert_near(found.bias + embedding + by_neuron, reading.into(), &what);
                assert_eq!(found.stream.is_some(), network.is_residual());
                if let Some(stream) = &found.stream {
                    let parts = stream.signals.as_ref().expect("the compiler knows what is written");
                    let by_signal: f64 = parts.iter().map(|part| part.contribution).sum();
                    assert_near(stream.bias + by_signal, reading.into(), &what);
                    let others = parts.iter().filter(|part| !part.own && !part.operand).map(|part| part.contribution);
                    assert_near(others.sum(), stream.interference.unwrap(), &what);
                    let operands = parts.iter().filter(|part| part.operand);
                    assert!(operands.clone().all(|part| !part.own), "{what}: a gate is none of its operands");
                    n_operands += operands.count();
                    // Gain one: what is written of the gate is read as it is.
                    let own = parts.iter().find(|part| part.own);
                    assert!(own.is_none_or(|own| (own.overlap.abs() - 1.0).abs() < 1e-4), "{what}: {own:?}");
                }
                let by_feature: f64 = found.features.iter().map(|part| part.contribution).sum();
                assert_near(found.biases + by_feature, reading.into(), &what);
                let others = found.features.iter().filter(|part| !part.operand);
                assert_near(others.map(|part| part.contribution).sum(), found.interference, &what);
                assert!(found.neurons.is_sorted_by(|a, b| a.contribution.abs() >= b.contribution.abs()), "{what}");
            }
        }
    }
    assert!(n_operands > 0, "something that a gate depends on is in the stream");
}

#[test]
fn a_trace_says_of_every_gate_what_an_explanation_says() {
    for (program, network) in subjects() {
        let circuit = &program.circuit;
        for on in &inputs(circuit)[..4] {
            let trace = trace(circuit, &network, on).unwrap();
            let gates: Vec<_> = trace.layers.iter().flat_map(|layer| &layer.gates).collect();
            assert_eq!(gates.len(), circuit.n_gates());
            assert_eq!(trace.right, gates.iter().all(|gate| gate.right));
            for (gate, traced) in (0..circuit.n_gates() as u32).map(GateId).zip(gates) {
                let explained = explain(circuit, &network, gate, on).unwrap();
                let own = explained.neurons.iter().filter(|part| part.layer == explained.subject.layer);
                let parts: Vec<(usize, f64)> = own.take(3).map(|part| (part.neuron, part.contribution)).collect();
                let strongest: Vec<(usize, f64)> =
                    traced.neurons.iter().map(|strong| (strong.neuron, strong.contribution)).collect();
                assert_eq!(parts, strongest);
                assert_eq!((traced.reading, traced.threshold), (explained.reading, explained.threshold));
                assert_eq!((traced.truth, traced.right), (explained.truth, explained.right));
            }
        }
    }
}

#[test]
fn a_driver_is_what_moves_a_neuron() {
    for (program, network) in subjects() {
        let circuit = &program.circuit;
        let tensors = Tensors::of(&network);
        let on = &inputs(circuit)[1];
        let layers = tensors.layers(circuit.n_features(), network.layers.len(), on);
        for gate in (0..circuit.n_gates() as u32).map(GateId) {
            for part in explain(circuit, &network, gate, on).unwrap().neurons {
                // Five are named: where there are no more, with the bias they are all.
                if part.drivers.len() < 5 {
                    let bias = tensors.of_layer(part.layer, "bias")[[part.neuron, 0]];
                    let sum: f64 = bias + part.drivers.iter().map(|driver| driver.contribution).sum::<f64>();
                    assert_near(sum, layers[part.layer].0[part.neuron], &circuit.name);
                }
            }
        }
    }
}

#[test]
fn an_overlap_is_what_a_signal_adds_where_all_neurons_are_awake() {
    for (program, network) in subjects().into_iter().filter(|(_, network)| !network.is_residual()) {
        let circuit = &program.circuit;
        let tensors = Tensors::of(&network);
        for gate in (0..circuit.n_gates() as u32).map(GateId) {
            let (layer_idx, signal_idx) = circuit.place(gate);
            let turn = if circuit.is_complemented(circuit.gate_signal(gate)) { -1.0 } else { 1.0 };
            let readoff = tensors.of_layer(layer_idx, "readoff").row(signal_idx).to_owned() * turn;
            let overlaps = match (layer_idx, tensors.get("input.dictionary")) {
                (0, None) => readoff.dot(tensors.of_layer(0, "weight")),
                (0, Some(dictionary)) => readoff.dot(tensors.of_layer(0, "weight")).dot(dictionary),
                _ => readoff.dot(tensors.of_layer(layer_idx, "compute")),
            };
            let below: Vec<String> = match layer_idx.checked_sub(1) {
                None => network.header.features.clone(),
                Some(lower) => {
                    let signals = &network.layers[lower].readoff.signals;
                    let mark = |complemented| if complemented { "!" } else { "" };
                    signals.iter().map(|signal| format!("{}{}", mark(signal.complemented), signal.name)).collect()
                }
            };
            let wanted: BTreeMap<String, f64> = below.into_iter().zip(overlaps).collect();
            let found = expect(circuit, &network, gate).unwrap();
            assert_eq!(found.signals.len(), wanted.len());
            for signal in &found.signals {
                assert_near(signal.overlap, wanted[&signal.signal], &circuit.name);
                assert!((0.0..=1.0).contains(&signal.on));
                assert_near(signal.expected, signal.overlap * signal.on, &circuit.name);
            }
            assert!(found.signals.is_sorted_by(|a, b| a.expected.abs() >= b.expected.abs()));
        }
    }
}

/// A signal moves the stream along its direction, and with it all neurons of the gate's layer.
#[test]
fn an_overlap_in_a_stream_is_what_is_read_of_a_step_along_the_direction() {
    for (program, network) in subjects().into_iter().filter(|(_, network)| network.is_residual()) {
        let circuit = &program.circuit;
        let tensors = Tensors::of(&network);
        for gate in (0..circuit.n_gates() as u32).map(GateId) {
            let (layer_idx, signal_idx) = circuit.place(gate);
            let turn = if circuit.is_complemented(circuit.gate_signal(gate)) { -1.0 } else { 1.0 };
            let reader = tensors.of_layer(layer_idx, "readoff").row(signal_idx).to_owned() * turn;
            let through = reader.dot(tensors.of_layer(layer_idx, "W_out")).dot(tensors.of_layer(layer_idx, "W_in"));
            let found = expect(circuit, &network, gate).unwrap();
            let mut n_found = 0;
            let mut hold = |signal: String, direction: Array1<f64>, passes: bool| {
                let overlap = found.signals.iter().find(|overlap| overlap.signal == signal).unwrap();
                let in_stream = reader.dot(&direction);
                assert_near(overlap.in_stream.unwrap(), in_stream, &signal);
                let wanted = if passes { in_stream + through.dot(&direction) } else { in_stream };
                assert_near(overlap.overlap, wanted, &signal);
                n_found += 1;
            };
            for (feature, direction) in tensors.get("W_E").unwrap().columns().into_iter().enumerate() {
                hold(network.header.features[feature].clone(), direction.to_owned(), true);
            }
            for (other_idx, layer) in network.layers[..=layer_idx].iter().enumerate() {
                let directions = tensors.of_layer(other_idx, "direction").columns();
                for (signal, direction) in layer.readoff.signals.iter().zip(directions) {
                    if signal.name != found.subject.gate {
                        let mark = if signal.complemented { "!" } else { "" };
                        hold(format!("{mark}{}", signal.name), direction.to_owned(), other_idx < layer_idx);
                    }
                }
            }
            assert_eq!(n_found, found.signals.len());
        }
    }
}

const STORM: &str = "circuit storm; feature sport, weather, breaking, topic[6];
sample { each sport, weather, breaking with 0.3; choose 0..=2 of topic; }
layer low { news = weather & breaking & !sport; quiet = nor(sport, weather, breaking); }
layer high { alert = news & !quiet; }
network { optimize 1; construction naive; }";

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
}

#[test]
fn what_is_asked_by_name_is_explained_by_name() {
    let place = Place::empty();
    place.write("storm.circ", STORM);
    let arguments = ["explain", "storm.circ", "--gate", "news", "--on", "weather, breaking,topic[2]"];
    let text = place.run(&arguments).ends(0).stdout;
    assert!(text.starts_with("storm: news = and(weather, breaking, !sport), layer 0\n"), "{text}");
    assert!(text.contains("  on            weather, breaking, topic[2]\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let explained = json(&place.run(&[&arguments[..], &["--json"]].concat()).ends(0));
    assert_eq!(
        (&explained["gate"], &explained["truth"], &explained["right"]),
        (&"news".into(), &1.into(), &true.into())
    );
    assert_eq!(explained["operands"][2], serde_json::json!({"signal": "sport", "negated": true}));
    let feature = |name: &str| {
        explained["features"].as_array().unwrap().iter().find(|part| part["feature"] == name).unwrap()["operand"]
            .clone()
    };
    assert_eq!((feature("weather"), feature("topic[2]")), (true.into(), false.into()));

    let expected = json(&place.run(&["explain", "storm.circ", "--gate", "alert", "--json"]).ends(0));
    let signals: Vec<&str> =
        expected["signals"].as_array().unwrap().iter().map(|signal| signal["signal"].as_str().unwrap()).collect();
    assert!(signals.contains(&"news") && signals.contains(&"!quiet"), "{signals:?}");
    let text = place.run(&["explain", "storm.circ", "--gate", "alert"]).ends(0).stdout;
    assert!(text.contains("what it depends on") && text.contains("what interferes most"), "{text}");

    let nothing = json(&place.run(&["trace", "storm.circ", "--on", "", "--json"]).ends(0));
    assert_eq!((&nothing["on"], &nothing["layers"][0]["gates"][1]["truth"]), (&serde_json::json!([]), &1.into()));

    // A network says the same as the circuit that it is of, and so does stdin.
    place.run(&["compile", "storm.circ", "-o", "net.safetensors"]).ends(0);
    for command in [&["explain", "--gate", "alert", "--on", "sport"][..], &["trace", "--on", "sport"]] {
        let of = |file: &str| place.run_with(&[command, &[file]].concat(), STORM).ends(0).stdout;
        let said = of("storm.circ");
        assert_eq!(of("net.safetensors"), said);
        assert_eq!(of("-"), said);
    }
}

#[test]
fn what_a_stream_holds_is_said_signal_by_signal() {
    let place = Place::empty();
    place.write("storm.circ", &STORM.replace("optimize 1; construction naive;", "residual 7; width 8;"));
    let on = ["storm.circ", "--gate", "alert", "--on", "weather,breaking,topic[2]"];
    let text = place.run(&[&["explain"], &on[..]].concat()).ends(0).stdout;
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for said in ["by neuron, layer.neuron: ", "by signal in the stream: ", "!quiet", "interference", "features"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let explained = json(&place.run(&[&["explain", "--json"], &on[..]].concat()).ends(0));
    let own: Vec<&Value> =
        explained["stream"]["signals"].as_array().unwrap().iter().filter(|part| part["own"] == true).collect();
    assert!(own.len() <= 1 && own.iter().all(|part| part["signal"] == "alert"), "{own:?}");
    let traced = json(&place.run(&["trace", "storm.circ", "--on", "weather,breaking,topic[2]", "--json"]).ends(0));
    assert_eq!(traced["layers"][1]["gates"][0]["reading"], explained["reading"]);
    let text = place.run(&["explain", "storm.circ", "--gate", "alert"]).ends(0).stdout;
    assert!(text.contains("in the stream") && text.contains("what it depends on"), "{text}");
    // A file that somebody made without the factors of W_out is explained as far as it says something.
    let storm = common::program(&STORM.replace("optimize 1; construction naive;", "residual 7; width 8;"));
    let mut network = compiled(&storm, &Options::default());
    network.layers.iter_mut().for_each(|layer| layer.factors.written = None);
    place.write("net.safetensors", &network.to_bytes());
    let ran = place.run(&["explain", "net.safetensors", "--gate", "alert", "--on", "sport"]).ends(0);
    assert!(!ran.stdout.contains("by signal in the stream") && ran.stdout.contains("by feature"), "{}", ran.stdout);
}

#[test]
fn what_is_read_wrong_is_marked() {
    let place = Place::empty();
    // Two neurons for thirty pairs.
    let pairs =
        "circuit pairs; feature x[6]; sample { choose 2 of x; } y[i][j] = x[i] & x[j] for i in 0..6, j in i+1..6;";
    place.write("pairs.circ", pairs);
    let trace = ["trace", "pairs.circ", "--construction", "linear", "--width", "2", "--on", "x[1],x[2]"];
    let ran = place.run(&trace).ends(0);
    let traced = json(&place.run(&[&trace[..], &["--json"]].concat()).ends(0));
    let gates = traced["layers"][0]["gates"].as_array().unwrap();
    let wrong: Vec<&str> =
        gates.iter().filter(|gate| gate["right"] == false).map(|gate| gate["name"].as_str().unwrap()).collect();
    assert!(!wrong.is_empty() && traced["right"] == false);
    let marked: Vec<&str> = ran.stdout.lines().skip(1).filter(|line| line.contains("WRONG")).collect();
    assert_eq!(marked.len(), wrong.len(), "{}", ran.stdout);
    assert!(marked.iter().zip(&wrong).all(|(line, name)| line.contains(name)), "{}", ran.stdout);
    let n_wrong = wrong.len();
    let headline =
        if n_wrong == 1 { "pairs: 1 gate WRONG\n".into() } else { format!("pairs: {n_wrong} gates WRONG\n") };
    assert!(ran.stdout.starts_with(&headline), "{}", ran.stdout);
}

#[test]
fn a_name_that_nobody_has_is_an_error_before_anything_is_compiled() {
    let place = Place::empty();
    place.write("storm.circ", &STORM.replace("quiet = nor", "pair[i] = topic[i] & sport for i in 0..2; quiet = nor"));
    let refused = |arguments: &[&str], why: &[&str]| {
        let ran = place.run(arguments).ends(2);
        assert!(why.iter().all(|why| ran.stderr.contains(why)), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    };
    refused(&["explain", "storm.circ", "--gate", "alerts"], &["no gate is called `alerts`", "did you mean `alert`?"]);
    refused(&["explain", "storm.circ", "--gate", "pair"], &["an array of 2 gates", "--gate 'pair[0]'"]);
    refused(
        &["explain", "storm.circ", "--gate", "pair[2]"],
        &["no gate is called `pair[2]`", "`pair[0]` to `pair[1]`"],
    );
    refused(&["explain", "storm.circ", "--gate", "alert[0]"], &["did you mean `alert`?"]);
    refused(&["explain", "storm.circ", "--gate", "alert", "--on", "sprot"], &["did you mean `sport`?"]);
    refused(&["trace", "storm.circ", "--on", "topic"], &["no feature is called `topic`", "did you mean `topic[0]`?"]);
    refused(&["trace", "storm.circ", "--on", "news"], &["no feature is called `news`", "it is a gate"]);
    refused(&["trace", "storm.circ"], &["--on"]);
    refused(&["explain", "storm.circ"], &["--gate"]);
    place.run(&["compile", "storm.circ", "-o", "net.safetensors"]).ends(0);
    refused(
        &["trace", "net.safetensors", "--on", "sport", "--width", "9"],
        &["`--width` has no meaning for a network"],
    );
}
