//! Neurons that are no ReLUs, and bases of one's choice: sums modulo P, which tokens follow others, and what mixing them
//! does to a loss whose weights are bounded.

mod common;

use common::binary::Place;
use common::onnx::Model;
use common::{compiled, exhaustive, loaded, program, report, shown};
use serde_json::Value;
use superpose::circuit::Kind;
use superpose::compile::Options;
use superpose::evaluate::{Bounded, BoundedWeights};
use superpose::network::file::{FORMATS, Written};
use superpose::network::forward::Forward;
use superpose::network::matrix::Matrix;
use superpose::network::{Activation, Block, Network};
use superpose::program::{Level, Program};

/// Addition modulo p, and a `network` block.
fn sums(p: u32, network: &str) -> String {
    format!(
        "const P = {p}; feature a[P], b[P]; sample {{ choose 1 of a; choose 1 of b; }}
         out[k] = any(a[i] & b[(k - i) % P] for i in 0..P) for k in 0..P; network {{ {network} }}"
    )
}

/// Which of n classes follows each of `v` tokens.
fn bigrams(v: u32, n: u32, network: &str) -> String {
    format!(
        "feature token[{v}]; sample {{ choose 1 of token; }}
         next[k] = any(token[i] for i in 0..{v} if (5 * i + 1) % {n} == k) for k in 0..{n}; network {{ {network} }}"
    )
}

fn network_of(program: &Program) -> Network {
    compiled(program, &Options::default())
}

/// Every read-off on every input.
fn readoffs(program: &Program, network: &Network) -> Vec<f32> {
    let inputs = common::by_definition::distinct_inputs(&program.circuit);
    let inputs: Vec<&[u32]> = inputs.iter().collect();
    let forward = Forward::new(network);
    let activations = forward.run(&inputs);
    let of_layer = |layer_idx: usize| {
        let n_signals = network.layers[layer_idx].n_signals();
        let mut out = ndarray::Array2::zeros((n_signals, inputs.len()));
        forward.read_off(layer_idx, 0..n_signals, activations.layer(layer_idx), out.view_mut());
        out.into_raw_vec_and_offset().0
    };
    (0..network.layers.len()).flat_map(of_layer).collect()
}

#[test]
fn an_any_of_pairs_is_one_gate_where_neurons_multiply() {
    let kinds = |text: &str| -> Vec<Kind> {
        let program = program(text);
        program.circuit.gates.iter().map(|gate| gate.kind).collect()
    };
    let text = |network: &str| {
        format!(
            "feature a, b, c, d; gate both(x, y, u, v) -> z {{ z = any(x & y, u & v); }}
             named = a & b; pairs = a & !b | c & d; other = named | c & d; call = both(a, d, b, c); out = call & d;
             output named, pairs, other, out; network {{ {network} }}"
        )
    };
    let in_layer = "feature a, b, c; layer one { g = any(a & b, b & c); } network { activation bilinear; }";
    assert_eq!(kinds(in_layer), [Kind::AnyPair], "one gate deep");
    let relu = loaded(&[("a.circ", &in_layer.replace("bilinear", "relu")[..])]);
    assert_eq!(relu.diagnostics[0].code, "too-deep-for-layer", "{}", shown(&relu.diagnostics, &relu.sources));
    let n_pairs = |kinds: &[Kind]| kinds.iter().filter(|kind| **kind == Kind::AnyPair).count();
    assert_eq!(n_pairs(&kinds(&text("activation quadratic;"))), 2, "`pairs` and `call`: `named` is read by name");
    assert_eq!(n_pairs(&kinds(&text("activation linear;"))), 0);
    assert_eq!(n_pairs(&kinds(&text("optimize 2;"))), 0);
}

/// Two programs that mean the same are the same on every input, whatever their gates are made of.
#[test]
fn gates_of_pairs_are_on_where_the_formula_is() {
    let text = |network: &str| {
        format!(
            "feature x[6]; sample {{ each x with 0.4; }} g = x[0] & !x[1] | x[2] & x[3] | !x[4] & x[5];
             h = any(!x[0] & !x[1], x[4] & x[5]); output g, h; network {{ {network} }}"
        )
    };
    let (plain, pairs) = (program(&text("seed 1;")), program(&text("activation bilinear;")));
    assert!(pairs.circuit.gates.iter().all(|gate| gate.kind == Kind::AnyPair));
    let on = |program: &Program, name: &str| -> Vec<bool> {
        let circuit = &program.circuit;
        let inputs = common::by_definition::distinct_inputs(circuit);
        let signal = circuit.outputs.iter().find(|&&signal| circuit.name(signal) == name).unwrap();
        let is_on = |active: &[u32]| common::by_definition::truth(circuit, active)[signal.0 as usize];
        inputs.iter().map(|active| is_on(active) != circuit.is_complemented(*signal)).collect()
    };
    for name in ["g", "h"] {
        let (one, other) = (on(&plain, name), on(&pairs, name));
        assert!(one == other && one.contains(&true) && one.contains(&false), "{name}");
        let mut truth = superpose::circuit::truth::Truth::new(&pairs.circuit);
        let inputs = common::by_definition::distinct_inputs(&pairs.circuit);
        let signal = *pairs.circuit.outputs.iter().find(|&&signal| pairs.circuit.name(signal) == name).unwrap();
        truth.evaluate(&pairs.circuit, &inputs, 0..64);
        let complement = pairs.circuit.is_complemented(signal);
        let words = (0..64).map(|input| (truth.word(signal) >> input & 1 == 1) != complement);
        assert_eq!(words.collect::<Vec<bool>>(), one, "{name}, 64 at a time");
    }
}

#[test]
fn sums_are_the_highest_however_they_are_written() {
    let turned = "gate add(p[7], q[7]) -> sum[7] {
           sum[(3 * k + 1) % 7] = any(q[(2 - k) % 7] & p[0], p[i] & q[(2 - k - 5 * i) % 7] for i in 1..7) for k in 0..7;
         }
         feature a[7], b[7]; sample { choose 1 of a; one of b; } out = add(a, b);
         network { activation bilinear; optimize 1; }";
    for text in [turned.to_string(), sums(7, "activation quadratic; optimize 1;")] {
        let program = program(&text);
        let network = network_of(&program);
        let report = report(&program, &network, &exhaustive());
        assert_eq!((report.reliability, report.top1[0].share), (1.0, 1.0), "{text}");
        assert_eq!((&report.top1[0].group[..], report.top1[0].gates), ("out", 7));
        assert!(report.without_relu.is_none() && report.layers.iter().all(|layer| layer.bending.is_none()));
    }
}

#[test]
fn level_1_is_no_worse_than_level_0() {
    for p in [5, 16, 31] {
        for activation in ["bilinear", "quadratic"] {
            let at = |level: Level| {
                let program = program(&sums(p, &format!("activation {activation};")));
                let network = compiled(&program, &Options { level: Some(level), ..Options::default() });
                report(&program, &network, &exhaustive())
            };
            let (published, solved) = (at(Level::Published), at(Level::Solved));
            assert!(solved.reliability >= published.reliability && solved.reliability == 1.0, "{p}, {activation}");
            let epsilon = |report: &superpose::evaluate::Report| report.epsilon.last().unwrap().epsilon;
            assert!(epsilon(&solved) < epsilon(&published) && epsilon(&solved) < 0.5, "{p}, {activation}");
            let margin = |report: &superpose::evaluate::Report| bounded(report).unmixed.margin.unwrap();
            assert!(
                margin(&solved) > 0.999 * margin(&published) && published.top1[0].share == 1.0,
                "{p}, {activation}"
            );
        }
    }
}

fn bounded(report: &superpose::evaluate::Report) -> &BoundedWeights {
    report.bounded_weights.as_ref().expect("it has neurons that are no ReLUs")
}

/// Each a program with `mix hadamard;`, and what its largest weights are less of.
#[test]
fn a_mixed_network_reads_what_the_unmixed_one_reads() {
    let stored = "feature x[12]; sample { choose 0..=2 of x; } y[i] = x[i] & x[(i + 3) % 12] for i in 0..12;
         z[i] = y[i] | x[i] for i in 0..4; network { store x in 12 with s_hot; optimize 1; width 30; MIX }";
    let stream = "feature x[8]; sample { choose 0..=3 of x; } y[i] = x[i] & x[(i + 3) % 8] for i in 0..8;
         z[i] = y[i] & x[(i + 5) % 8] for i in 0..4; network { residual 32; optimize 1; MIX }";
    let fitted = stored.replace("optimize 1;", "optimize 2;");
    let texts = [
        stored.to_string(),
        stream.to_string(),
        fitted,
        sums(12, "activation bilinear; construction fourier frequencies 1 5; optimize 1; MIX"),
        sums(14, "activation bilinear; construction fourier frequencies 1 3 5; optimize 1; MIX")
            .replace("MIX", "MIX /* conference */"),
        sums(12, "activation quadratic; construction fourier frequencies 1 5; optimize 1; MIX"),
        bigrams(24, 8, "activation linear; optimize 0; MIX"),
    ];
    for text in texts {
        let of = |mix: &str| {
            let mix = if text.contains("conference") { mix.replace("hadamard", "conference") } else { mix.to_string() };
            let program = program(&text.replace("MIX", &mix));
            let options = Options {
                fit: superpose::compile::Request {
                    budget: text.contains("optimize 2").then_some(2000),
                    ..Default::default()
                },
                ..Options::default()
            };
            let network = compiled(&program, &options);
            let readoffs = readoffs(&program, &network);
            (program, network, readoffs)
        };
        let ((program, mixed, found), (_, plain, expected)) = (of("mix hadamard;"), of(""));
        assert!(!mixed.header.mixed.is_empty() && plain.header.mixed.is_empty());
        assert_ne!(mixed.fingerprint(), plain.fingerprint());
        for (value, expected) in found.iter().zip(&expected) {
            assert!((value - expected).abs() < 1e-5 * expected.abs().max(1.0), "{text}: {value} for {expected}");
        }
        assert_eq!(Network::from_bytes(&mixed.to_bytes()).as_ref(), Ok(&mixed));
        // What a report says of the network as it was made is of that network.
        let report = report(&program, &mixed, &exhaustive());
        let figures = bounded(&report);
        let of_plain = common::report(&program, &plain, &exhaustive()).bounded_weights;
        match of_plain {
            Some(of_plain) => {
                assert!(of_plain.mixed.is_none());
                near(&Bounded { cross_entropy_rounded: None, ..figures.unmixed.clone() }, &of_plain.unmixed);
            }
            None => assert!(text.contains("x[12]") || text.contains("residual"), "ReLUs that are not mixed"),
        }
    }
}

fn near(found: &Bounded, expected: &Bounded) {
    let pairs = [
        (found.scale, expected.scale),
        (found.margin, expected.margin),
        (found.cross_entropy, expected.cross_entropy),
        (found.cross_entropy_rounded, expected.cross_entropy_rounded),
    ];
    for (found, expected) in pairs {
        let is_near = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-4 * expected.abs(),
            (found, expected) => found == expected,
        };
        assert!(is_near, "{found:?} for {expected:?}");
    }
}

/// A matrix of d signs in place of one of zeros and ones: each of two factors becomes √d times as large.
#[test]
fn a_model_without_layers_gains_as_many_times_as_it_has_coordinates() {
    for d in [4, 8, 12, 16] {
        let program = program(&bigrams(3 * d, d, "activation linear; optimize 1; mix hadamard;"));
        let network = network_of(&program);
        let report = report(&program, &network, &exhaustive());
        let BoundedWeights { unmixed, mixed, .. } = bounded(&report);
        let mixed = mixed.as_ref().unwrap();
        assert_eq!((report.top1[0].share, unmixed.margin), (1.0, Some(1.0)));
        let close = |value: Option<f64>, to: f64| (value.unwrap() - to).abs() < 1e-4 * to;
        assert!(close(mixed.margin, f64::from(d)), "{d}: {mixed:?}");
        // ln(1 + (d − 1) e^−margin).
        let expected = |margin: f64| libm::log1p(f64::from(d - 1) * libm::exp(-margin));
        assert!(close(unmixed.cross_entropy, expected(1.0)) && close(mixed.cross_entropy, expected(f64::from(d))));
        assert_eq!(mixed.cross_entropy_rounded, mixed.cross_entropy, "its weights are signs already");
        assert!(unmixed.cross_entropy_rounded > unmixed.cross_entropy);
    }
}

/// Two coprime frequencies in four columns: H₄/2 is symmetric, an involution; what it makes of selected coordinates are
/// signs of one size.
#[test]
fn four_columns_of_two_frequencies_are_mixed_and_unmixed_by_one_involution() {
    let text =
        |mix: &str| sums(59, &format!("activation bilinear; construction fourier frequencies 2 5; optimize 1; {mix}"));
    let program = program(&text("mix hadamard;"));
    let mixed = network_of(&program);
    let weights = mixed.layers[0].block.weight();
    assert_eq!(weights.dim(), (16, 8));
    for (row, weights) in weights.rows().into_iter().enumerate() {
        // Left maps read a, right ones b.
        let (own, other) = if row < 8 { (0..4, 4..8) } else { (4..8, 0..4) };
        assert!(own.into_iter().all(|column| weights[column].abs() == 0.5), "row {row}");
        assert!(other.into_iter().all(|column| weights[column] == 0.0), "row {row}");
    }
    let twice = mixed.mixed(&mixed.header.mixed).unwrap();
    let plain = network_of(&common::program(&text("")));
    let difference =
        (twice.layers[0].block.weight() - plain.layers[0].block.weight()).iter().fold(0f32, |a, b| a.max(b.abs()));
    assert!(difference < 1e-6, "{difference}");
    let report = report(&program, &mixed, &exhaustive());
    let BoundedWeights { unmixed, mixed, .. } = bounded(&report);
    let mixed = mixed.as_ref().unwrap();
    assert!(mixed.margin.unwrap() > 1.9 * unmixed.margin.unwrap(), "{unmixed:?}, {mixed:?}");
    assert!(mixed.cross_entropy.unwrap() < unmixed.cross_entropy.unwrap());
    assert_eq!(mixed.cross_entropy_rounded, mixed.cross_entropy);
    assert!(unmixed.cross_entropy_rounded.unwrap() > unmixed.cross_entropy.unwrap());
}

#[test]
fn only_outputs_of_which_always_one_is_on_are_held_against_each_other() {
    let groups = |text: &str| {
        let program = program(text);
        let options = Options { level: Some(Level::Solved), ..Options::default() };
        let report = report(&program, &compiled(&program, &options), &exhaustive());
        report.top1.into_iter().map(|top1| top1.group).collect::<Vec<String>>()
    };
    let text = "feature x[6]; sample { SAMPLE } copy[i] = x[i] for i in 0..6; pair[i] = x[i] | x[i + 1] for i in 0..5;
         none[i] = !x[i] for i in 0..2; lone[0] = x[0];";
    assert_eq!(groups(&text.replace("SAMPLE", "choose 1 of x;")), ["copy"]);
    assert_eq!(groups(&text.replace("SAMPLE", "choose 0..=1 of x;")), [] as [&str; 0]);
    assert_eq!(groups(&text.replace("SAMPLE", "choose 2 of x;")), [] as [&str; 0]);
}

#[test]
fn graphs_of_products_are_run_by_their_definition() {
    let write = FORMATS.iter().find(|format| format.name == "onnx").unwrap().write;
    for text in [
        sums(9, "activation bilinear; construction fourier frequencies 1 2; optimize 1; mix hadamard;"),
        sums(9, "activation quadratic; construction fourier frequencies 1 2; optimize 0;"),
        bigrams(9, 4, "activation linear; optimize 1; mix hadamard;"),
    ] {
        let program = program(&text);
        let network = network_of(&program);
        let model = Model::read(&write(&network, &Written::default()).unwrap());
        let expected = readoffs(&program, &network);
        let inputs = common::by_definition::distinct_inputs(&program.circuit);
        let n_inputs = inputs.len();
        for (input_idx, active) in inputs.iter().enumerate() {
            let mut row = vec![0.0; program.circuit.n_features()];
            active.iter().for_each(|&feature| row[feature as usize] = 1.0);
            for (signal, value) in model.run(&row)[0].iter().enumerate() {
                let expected = f64::from(expected[signal * n_inputs + input_idx]);
                assert!((value - expected).abs() < 1e-5, "{text}: {value} for {expected}");
            }
        }
    }
}

#[test]
fn every_command_takes_them_or_says_why_not() {
    let place = Place::empty();
    place.write(
        "add.circ",
        &sums(7, "activation bilinear; construction fourier frequencies 1 2; optimize 1; mix hadamard;"),
    );
    place.run(&["compile", "add.circ", "-o", "add.safetensors"]).ends(0);
    place.run(&["compile", "add.circ", "-o", "add.npz"]).ends(0);
    let json = place.run(&["eval", "add.safetensors", "--exhaustive", "--json"]).ends(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["top1"][0]["share"], 1.0);
    assert_eq!(json["construction"], "fourier frequencies 1 2");
    assert!(json["without_relu"].is_null() && json["layers"][0]["bending"].is_null());
    let figure = |basis: &str, name: &str| json["bounded_weights"][basis][name].as_f64().unwrap();
    assert!(figure("mixed", "margin") > figure("unmixed", "margin"));
    assert!(figure("mixed", "cross_entropy") < figure("unmixed", "cross_entropy"));
    assert!(json["bounded_weights"]["mixed"]["largest"]["weights"].as_f64() < Some(1.0));
    let text = place.run(&["eval", "add.circ"]).ends(0).stdout;
    assert!(text.contains("\n  top1  ") && text.contains("\n  mixed  "), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(place.run(&["verify", "add.safetensors"]).ends(0).stdout.contains("PROVED"));
    place.run(&["verify", "add.safetensors", "--worst"]).ends(0);
    assert!(place.run(&["trace", "add.circ", "--on", "a[3],b[5]"]).ends(0).stdout.contains("out[1]"));
    place.run(&["show", "add.circ", "--json"]).ends(0);
    place.run(&["dataset", "add.safetensors", "-n", "10", "-o", "rows"]).ends(0);
    for command in [
        &["explain", "add.circ", "--gate", "out[1]"][..],
        &["explain", "add.circ", "--gate", "out[1]", "--on", "a[3],b[5]"],
        &["export", "add.safetensors", "--to", "vnnlib", "-o", "asked"],
    ] {
        let stderr = place.run(command).ends(1).stderr;
        assert!(stderr.contains("layer `level0` is bilinear") && stderr.contains("help: "), "{stderr}");
    }
    let swept = place.run(&["sweep", "add.circ", "--construction", "all", "-O", "0,1", "-o", "-"]).ends(0).stdout;
    assert_eq!(swept.lines().count(), 3, "{swept}");
}

/// A network that is fitted on is what it was before it was mixed, and is mixed again.
#[test]
fn a_fit_goes_on_from_a_mixed_network() {
    let text = "feature x[8]; sample { choose 0..=2 of x; } y[i] = x[i] & x[(i + 3) % 8] for i in 0..8;
         network { store x in 8 with hadamard; mix hadamard; width 16; }";
    let program = program(text);
    let budget = |budget, from| Options {
        fit: superpose::compile::Request { budget: Some(budget), from, ..Default::default() },
        ..Options::default()
    };
    let first = compiled(&program, &budget(2000, None));
    let second = compiled(&program, &budget(2000, Some(Box::new(first.clone()))));
    assert_eq!(second.header.mixed, first.header.mixed);
    let reliability = |network: &Network| report(&program, network, &exhaustive()).reliability;
    assert!(reliability(&second) >= reliability(&first) - 0.05);
}

/// The rows of the table of mixtures: what they are typed as, neurons, and the figures as made and as mixed.
#[test]
fn the_readme_shows_what_mixing_is_worth() {
    let readme = common::text_of("README.md");
    let rows: Vec<&str> = readme.lines().filter(|line| line.starts_with("| `eval ")).collect();
    assert!(rows.len() >= 6);
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        // What stands in quotes is one argument.
        let typed = cells[1].trim_matches('`');
        let mut arguments: Vec<&str> = Vec::new();
        for (place, part) in typed.split('\'').enumerate() {
            if place % 2 == 1 { arguments.push(part) } else { arguments.extend(part.split_whitespace()) }
        }
        arguments.extend(["--json", "--quiet"]);
        let ran = common::binary::ran(common::binary::command_in(common::root()).args(arguments));
        let json: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{typed}: {}", ran.stderr));
        let shown = |value: &Value| match value.as_f64() {
            None => "-".to_string(),
            Some(value) if value < 0.001 => format!("{value:.1e}"),
            Some(value) => format!("{value:.3}"),
        };
        let mut found = vec![json["widths"][0].to_string()];
        for figure in ["margin", "cross_entropy", "cross_entropy_rounded"] {
            for basis in ["unmixed", "mixed"] {
                found.push(shown(&json["bounded_weights"][basis][figure]));
            }
        }
        assert_eq!(cells[2..9].to_vec(), found, "{typed}");
    }
}

/// Each matrix with its largest weight at 1, and biases along with what they are added to.
fn at_bound(network: &Network) -> Network {
    let mut network = network.clone();
    let greatest = |values: &[f32]| values.iter().fold(0f32, |most, value| most.max(value.abs()));
    let scaled = |values: &mut [f32], by: f32| values.iter_mut().for_each(|value| *value *= by);
    let mut grown = 1.0;
    if let Some(dictionary) = &mut network.dictionary {
        let mut dense = dictionary.embedding.to_dense();
        grown = 1.0 / greatest(dense.as_slice().unwrap());
        scaled(dense.as_slice_mut().unwrap(), grown);
        dictionary.embedding = Matrix::Dense(dense);
    }
    for layer in &mut network.layers {
        let n = layer.width();
        let activation = layer.block.activation();
        let n_columns = layer.block.weight().ncols();
        let weight = layer.block.weight_mut().as_slice_mut().unwrap();
        // Left maps and right ones are two matrices.
        let by: Vec<f32> = weight
            .chunks_mut(n * n_columns)
            .map(|map| {
                let by = 1.0 / greatest(map);
                scaled(map, by);
                by
            })
            .collect();
        let bias = match &mut layer.block {
            Block::Relu(relu) => &mut relu.bias,
            Block::Polynomial(block) => &mut block.bias,
            Block::Residual(_) => panic!("no stream"),
        };
        bias.chunks_mut(n).zip(&by).for_each(|(bias, by)| scaled(bias, grown * by));
        grown = match activation {
            Some(Activation::Bilinear) => grown * by[0] * grown * by[1],
            Some(Activation::Quadratic) => (grown * by[0]) * (grown * by[0]),
            Some(Activation::Linear) | None => grown * by[0],
        };
    }
    let last = network.layers.last_mut().unwrap();
    let mut dense = last.readoff.matrix.to_dense();
    let by = 1.0 / greatest(dense.as_slice().unwrap());
    scaled(dense.as_slice_mut().unwrap(), by);
    last.readoff.matrix = Matrix::Dense(dense);
    network
}

/// The factor of a report is what read-offs, less their own biases, grow by when every weight is scaled by hand.
#[test]
fn read_offs_grow_by_what_the_report_says() {
    for text in [
        sums(11, "activation bilinear; construction fourier frequencies 2 3; optimize 1; mix hadamard;"),
        sums(11, "activation quadratic; construction fourier frequencies 2 3; optimize 0; mix hadamard;"),
        bigrams(24, 8, "activation linear; optimize 1; mix hadamard;"),
        "feature x[8]; sample { choose 0..=2 of x; } y[i] = x[i] ^ x[(i + 3) % 8] for i in 0..8;
         network { store x in 8 with hadamard; mix hadamard; optimize 1; width 24; }"
            .to_string(),
    ] {
        let program = program(&text);
        let network = network_of(&program);
        let scale = bounded(&report(&program, &network, &exhaustive())).mixed.as_ref().unwrap().scale.unwrap();
        let (found, before) = (readoffs(&program, &at_bound(&network)), readoffs(&program, &network));
        let biases = &network.layers[0].readoff.bias;
        let n_inputs = before.len() / biases.len();
        for (idx, (found, before)) in found.iter().zip(&before).enumerate() {
            let bias = f64::from(biases[idx / n_inputs]);
            let (found, expected) = (f64::from(*found) - bias, scale * (f64::from(*before) - bias));
            assert!((found - expected).abs() < 1e-4 * scale.max(1.0), "{text}: {found} for {expected}");
        }
    }
}
