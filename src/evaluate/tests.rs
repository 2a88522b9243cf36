//! The evaluator against one that looks at one input and one gate at a time.

use ndarray::Array2;

use super::*;
use crate::circuit::inputs::sample::Sampler;
use crate::circuit::{Circuit, Clause, Distribution, GateId, Inputs, Kind, by_hand};
use crate::diagnostic::Span;
use crate::evaluate::requirement::Value;
use crate::network::forward::Forward;
use crate::network::matrix::{Matrix, SparseMatrix};
use crate::network::{Block, Factors, Header, Layer, Readoff, Relu, SignalName};
use crate::program::{Metric, Requirement};
use crate::progress::{Answer, Reason, unwatched};
use crate::random::{self, Pcg64, gaussian};
use crate::readings::Share;

/// A network of the circuit's shape with Gaussian weights: it computes nothing, but every figure has something to say.
fn noise(circuit: &Circuit, width: usize, rng: &mut Pcg64) -> Network {
    let mut n_below = circuit.n_features();
    let mut layers = Vec::new();
    for (layer_idx, layer) in circuit.layers.iter().enumerate() {
        let n_signals = layer.n_signals();
        let mut matrix = |n_rows, n_columns| Array2::from_shape_fn((n_rows, n_columns), |_| 0.4 * gaussian(rng) as f32);
        let weight = matrix(width, n_below);
        let readoff = matrix(n_signals, width);
        let sparse = Matrix::Sparse(SparseMatrix::from_dense(&readoff));
        let readoff = if layer_idx == 1 { sparse } else { Matrix::Dense(readoff) };
        let bias = (0..n_signals).map(|_| gaussian(rng) as f32).collect();
        let threshold = (0..n_signals).map(|_| 0.3 + 0.1 * gaussian(rng) as f32).collect();
        let relu = Relu { weight, bias: vec![0.1; width] };
        layers.push(layer_by_hand(circuit, layer_idx, relu, (readoff, bias, threshold)));
        n_below = width;
    }
    network_by_hand(circuit, layers)
}

/// A layer of the circuit, from its neurons, and from R, r and the thresholds of its read-offs.
fn layer_by_hand(circuit: &Circuit, layer_idx: usize, relu: Relu, readoff: (Matrix, Vec<f32>, Vec<f32>)) -> Layer {
    let (matrix, bias, threshold) = readoff;
    let signals = circuit.layer_signals(layer_idx).map(|signal| SignalName {
        name: circuit.name(signal).to_owned(),
        complemented: circuit.is_complemented(signal),
    });
    Layer {
        name: circuit.layers[layer_idx].name.clone(),
        factors: Factors {
            compute: Matrix::Dense(relu.weight.clone()),
            decompress: Some(Matrix::identity(relu.weight.ncols())),
            written: None,
        },
        block: Block::Relu(relu),
        readoff: Readoff {
            matrix,
            bias,
            threshold,
            signals: signals.collect(),
            n_gates: circuit.layers[layer_idx].gates.len(),
        },
    }
}

fn network_by_hand(circuit: &Circuit, layers: Vec<Layer>) -> Network {
    Network {
        heads: Vec::new(),
        header: Header {
            version: String::new(),
            circuit: circuit.name.clone(),
            opt_level: 1,
            construction: "noise".into(),
            seed: 0,
            width_by_rule: false,
            features: (0..circuit.n_features()).map(|feature| circuit.names.get(feature).to_owned()).collect(),
            gates: Vec::new(),
            mixed: Vec::new(),
            fit: None,
        },
        dictionary: None,
        layers,
        sources: Vec::new(),
        rows: None,
    }
}

fn subject() -> (Program, Network) {
    let mut rng = random::stream(&[4]);
    let mut circuit = by_hand::random(&mut rng, 9, 3, 150);
    circuit.outputs = (0..150).step_by(40).map(|gate| circuit.gate_signal(GateId(gate + 300))).collect();
    let network = noise(&circuit, 6, &mut rng);
    (circuit.into(), network)
}

fn evaluated(program: &Program, network: &Network, sampling: &Sampling) -> Report {
    evaluate(program, network, sampling, &mut unwatched).unwrap()
}

/// Read-offs and stored truths of all gates on one input.
fn one_by_one(circuit: &Circuit, network: &Network, active: &[u32]) -> Vec<(f32, bool)> {
    let forward = Forward::new(network);
    let activations = forward.run(&[active]);
    let stored = by_hand::evaluate(circuit, active);
    let mut read = Vec::new();
    for (layer_idx, layer) in network.layers.iter().enumerate() {
        let mut out = Array2::zeros((layer.readoff.n_gates, 1));
        forward.read_off(layer_idx, 0..layer.readoff.n_gates, activations.layer(layer_idx), out.view_mut());
        read.extend(out);
    }
    read.into_iter().zip(stored[circuit.n_features()..].iter().copied()).collect()
}

mod advice;

#[test]
fn every_figure_is_what_its_definition_says() {
    let (program, network) = subject();
    let circuit = &program.circuit;
    let report = evaluated(
        &program,
        &network,
        &Sampling { samples: 500, epsilon: Some(0.5), seldom: false, ..Sampling::default() },
    );
    let sampler = Sampler::new(circuit).unwrap();
    let mut inputs = Inputs::default();
    for block in (0..8).map(|block_idx| sampler.block(0, "eval", block_idx)) {
        (0..64).for_each(|input_idx| inputs.push(block.get(input_idx).iter().copied()));
    }
    let runs: Vec<Vec<(f32, bool)>> =
        (0..500).map(|input_idx| one_by_one(circuit, &network, inputs.get(input_idx))).collect();
    let thresholds: Vec<f32> = network
        .layers
        .iter()
        .flat_map(|layer| layer.readoff.threshold[..layer.readoff.n_gates].iter().copied())
        .collect();
    let right = |run: &[(f32, bool)], gate: usize| (run[gate].0 > thresholds[gate]) == run[gate].1;
    type Judge<'a> = &'a dyn Fn(&[(f32, bool)]) -> bool;
    let share = |good: Judge| runs.iter().filter(|run| good(run)).count() as f64 / runs.len() as f64;

    let errors = |gates: &mut dyn Iterator<Item = usize>| -> Vec<f32> {
        let gates: Vec<usize> = gates.collect();
        let error = |run: &[(f32, bool)], gate: usize| (run[gate].0 - f32::from(u8::from(run[gate].1))).abs();
        runs.iter().map(|run| gates.iter().map(|&gate| error(run, gate)).fold(0.0, f32::max)).collect()
    };
    let (of_gates, of_outputs) = (errors(&mut (0..450)), errors(&mut (300..450).step_by(40)));
    for (accuracies, errors) in [(&report.accuracy, &of_gates), (&report.output_accuracy, &of_outputs)] {
        for accuracy in accuracies {
            let n_within = errors.iter().filter(|&&error| error < accuracy.epsilon as f32).count();
            assert_eq!(accuracy.share, Share { n: n_within as u64, of: 500 }, "{accuracy:?}");
            assert_eq!(accuracy.is_asked, accuracy.epsilon == 0.5);
        }
    }
    let mut ranked = of_gates.clone();
    ranked.sort_by(f32::total_cmp);
    let quantiles: Vec<f32> = report.epsilon.iter().map(|quantile| quantile.epsilon).collect();
    assert_eq!(quantiles, [ranked[249], ranked[449], ranked[494], ranked[499]]);

    assert_eq!(report.samples, 500);
    assert_eq!(report.reliability, share(&|run| (0..450).all(|gate| right(run, gate))));
    assert_eq!(report.output_reliability, share(&|run| (300..450).step_by(40).all(|gate| right(run, gate))));
    for (layer_idx, layer) in report.layers.iter().enumerate() {
        let mut gates = 150 * layer_idx..150 * (layer_idx + 1);
        assert_eq!(layer.reliability, share(&|run| gates.clone().all(|gate| right(run, gate))));
        let errors: Vec<f64> = runs
            .iter()
            .flat_map(|run| gates.clone().map(|gate| f64::from((run[gate].0 - f32::from(run[gate].1)).abs())))
            .collect();
        let rms = (errors.iter().map(|error| error * error).sum::<f64>() / errors.len() as f64).sqrt();
        assert!((layer.error_rms.unwrap() - rms).abs() < 1e-5 * rms, "{:?} {rms}", layer.error_rms);
        let worst = errors.iter().copied().fold(0.0, f64::max);
        assert_eq!(f64::from(layer.error_max.unwrap()), worst);
        assert!(gates.next().is_some());
    }
    for (gate_idx, gate) in report.gates.iter().enumerate() {
        let complemented = circuit.gates[gate_idx].complemented;
        // As written.
        let read: Vec<(f64, bool, bool)> = runs
            .iter()
            .map(|run| {
                let (value, stored) = (f64::from(run[gate_idx].0), run[gate_idx].1);
                let value = if complemented { 1.0 - value } else { value };
                (value, stored != complemented, right(run, gate_idx))
            })
            .collect();
        for (on, rms, missed) in [(true, gate.rms_on, gate.false_negative), (false, gate.rms_off, gate.false_positive)]
        {
            let class: Vec<_> = read.iter().filter(|(_, truth, _)| *truth == on).collect();
            let n = class.len() as f64;
            let square: f64 = class.iter().map(|(value, truth, _)| (value - f64::from(*truth as u8)).powi(2)).sum();
            assert_eq!(rms.is_some(), n > 0.0, "{}", gate.name);
            assert!(rms.is_none_or(|rms| (rms - (square / n).sqrt()).abs() < 1e-5 * (1.0 + rms)), "{}", gate.name);
            let wrong = class.iter().filter(|(_, _, right)| !right).count() as f64;
            assert_eq!(missed, (n > 0.0).then_some(wrong / n), "{}", gate.name);
        }
        let least = |on: bool, sign: f64| {
            read.iter().filter(|(_, truth, _)| *truth == on).map(|(value, ..)| sign * value).reduce(f64::min)
        };
        match (least(true, 1.0), least(false, -1.0), gate.margin) {
            (Some(low), Some(high), Some(margin)) => assert!((f64::from(margin) - (low + high)).abs() < 1e-5),
            (None, _, None) | (_, None, None) => {}
            other => panic!("{}: {other:?}", gate.name),
        }
        let classes = [gate.classes.none, gate.classes.some, gate.classes.all];
        assert_eq!(classes.iter().map(|class| class.readoffs).sum::<u64>(), 500);
        assert_eq!(classes.iter().map(|class| class.wrong).sum::<u64>(), gate.wrong);
    }
    assert_eq!(report.histogram.off.iter().chain(&report.histogram.on).sum::<u64>(), 450 * 500);
    assert_eq!(report.histogram.on.iter().sum::<u64>(), report.gates.iter().map(|gate| gate.inputs_on).sum::<u64>());
}

#[test]
fn a_neuron_bends_if_a_read_off_hears_it_both_awake_and_asleep() {
    let mut circuit = by_hand::ring_of_pairs(4);
    circuit.distribution = Distribution::default();
    circuit.distribution.clauses = vec![by_hand::choose(0..4, 1..=1)];
    let network = |rows: [[f32; 4]; 5], biases: [f32; 5], heard: [f32; 5]| {
        let relu = Relu { weight: Array2::from(rows.to_vec()), bias: biases.to_vec() };
        let matrix =
            Array2::from_shape_fn((4, 5), |(gate, neuron)| if gate == neuron % 4 { heard[neuron] } else { 0.0 });
        let readoff = (Matrix::Dense(matrix), vec![0.0; 4], vec![0.5; 4]);
        network_by_hand(&circuit, vec![layer_by_hand(&circuit, 0, relu, readoff)])
    };
    let bending = |heard: [f32; 5]| {
        // Awake always, on one input, on one input and too low to matter by itself, never, on all but one.
        let rows = [[1.0; 4], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [-1.0; 4], [0.0, 1.0, 1.0, 1.0]];
        let network = network(rows, [0.0, 0.0, -0.99, 0.0, 0.0], heard);
        let sampling = Sampling { exhaustive: true, ..Sampling::default() };
        evaluated(&circuit.clone().into(), &network, &sampling).layers[0].bending
    };
    assert_eq!(bending([1.0, 1.0, 0.5, 1.0, 1.0]), Some(2.0 / 3.0));
    assert_eq!(bending([1.0, -1.0, 2.0, 1.0, 0.0]), Some(2.0 / 3.0));
    assert_eq!(bending([1.0, 0.0, 0.0, 0.0, 0.0]), Some(0.0));
    assert_eq!(bending([0.005; 5]), None);
}

/// All pairs of `n` features that are on with probability ½ each; a neuron reads each feature.
fn pairs(n: u32, kind: Kind) -> Circuit {
    let operands = |a: u32| (0..a).map(move |b| (kind, vec![by_hand::on(a), by_hand::on(b)]));
    let clauses = vec![Clause::Each { features: (0..n).collect(), probability: 0.5 }];
    by_hand::circuit(n, &[(0..n).flat_map(operands).collect()], Distribution { clauses, plant: 0.0, rows: None })
}

#[test]
fn a_linear_network_loses_nothing_without_its_relus() {
    let circuit = pairs(5, Kind::And);
    // No neuron ever sleeps: h = x + 1.
    let relu = Relu { weight: Array2::eye(5), bias: vec![1.0; 5] };
    let reads = |gate: u32, feature: usize| {
        circuit.operands(GateId(gate)).iter().any(|operand| operand.signal().0 as usize == feature)
    };
    let matrix =
        Array2::from_shape_fn((10, 5), |(gate, feature)| 0.5 * f32::from(u8::from(reads(gate as u32, feature))));
    let readoff = (Matrix::Dense(matrix), vec![-1.0; 10], vec![0.75; 10]);
    let network = network_by_hand(&circuit, vec![layer_by_hand(&circuit, 0, relu, readoff)]);
    let report = evaluated(&circuit.into(), &network, &Sampling::default());
    let without_relu = report.without_relu.as_ref().unwrap();
    assert_eq!((report.reliability, without_relu.reliability), (1.0, 1.0));
    assert_eq!(report.layers[0].bending, Some(0.0));
    // No affine reader of an AND is nearer, and this one is as near, though the network's own is not.
    assert!((without_relu.epsilon[0].epsilon - 0.25).abs() < 1e-5, "{without_relu:?}");
    assert_eq!(report.epsilon[2].epsilon, 0.5);
    assert!(report.to_text(&Style::default()).contains("a linear code does as well, ε at 99 % 0.250"));
}

#[test]
fn what_relus_kept_silent_is_read_around_without_them() {
    let circuit = pairs(5, Kind::And);
    // The features, read as sums of literals; and neurons that never wake, read with a weight that would drown those.
    let weight = Array2::from_shape_fn((10, 5), |(neuron, feature)| match neuron {
        _ if neuron % 5 != feature => 0.0,
        0..5 => 1.0,
        _ => -1.0,
    });
    let matrix = Array2::from_shape_fn((10, 10), |(gate, neuron)| {
        let mut operands = circuit.operands(GateId(gate as u32)).iter();
        let hears = operands.any(|operand| operand.signal().0 as usize == neuron);
        if neuron < 5 { f32::from(u8::from(hears)) / 2.0 } else { 7.0 * ((gate + neuron) % 3) as f32 }
    });
    let relu = Relu { weight, bias: vec![0.0; 10] };
    let readoff = (Matrix::Dense(matrix), vec![-0.25; 10], vec![0.5; 10]);
    let network = network_by_hand(&circuit, vec![layer_by_hand(&circuit, 0, relu, readoff)]);
    let report = evaluated(&circuit.into(), &network, &Sampling::default());
    let without_relu = report.without_relu.as_ref().unwrap();
    assert_eq!((report.reliability, without_relu.reliability), (1.0, 1.0));
    assert_eq!(report.epsilon[2].epsilon, 0.25);
    assert!(without_relu.epsilon[0].epsilon < 0.3, "{without_relu:?}");
}

#[test]
fn a_network_of_xors_loses_all_without_its_relus() {
    let circuit = pairs(5, Kind::Xor);
    // h = x_a + x_b and relu(x_a + x_b − 1): the XOR is the one less twice the other.
    let mut relu = Relu { weight: Array2::zeros((20, 5)), bias: [0.0, -1.0].repeat(10) };
    let mut matrix = Array2::zeros((10, 20));
    for gate in 0..10 {
        for operand in circuit.operands(GateId(gate as u32)) {
            relu.weight[[2 * gate, operand.signal().0 as usize]] = 1.0;
            relu.weight[[2 * gate + 1, operand.signal().0 as usize]] = 1.0;
        }
        (matrix[[gate, 2 * gate]], matrix[[gate, 2 * gate + 1]]) = (1.0, -2.0);
    }
    let readoff = (Matrix::Dense(matrix), vec![0.0; 10], vec![0.5; 10]);
    let network = network_by_hand(&circuit, vec![layer_by_hand(&circuit, 0, relu, readoff)]);
    let report = evaluated(&circuit.into(), &network, &Sampling::default());
    let without_relu = report.without_relu.as_ref().unwrap();
    assert_eq!((report.reliability, report.epsilon[3].epsilon), (1.0, 0.0));
    assert_eq!(report.layers[0].bending, Some(1.0));
    assert!(without_relu.reliability < 0.25 && without_relu.epsilon[0].epsilon == 0.5, "{without_relu:?}");
    assert!(report.to_text(&Style::default()).contains("read affinely as well as can be; ε at 99 % 0.500"));
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let (program, network) = subject();
    let sampling = Sampling { samples: 1000, ..Sampling::default() };
    let on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| evaluated(&program, &network, &sampling).to_json(true))
    };
    let alone = on(1);
    assert_eq!(alone, on(3));
}

#[test]
fn every_instruction_set_gives_the_same_bytes() {
    let (program, network) = subject();
    let sampling = Sampling { samples: 200, ..Sampling::default() };
    let reports: Vec<String> = crate::kernels::available()
        .into_iter()
        .map(|path| crate::kernels::with_path(path, || evaluated(&program, &network, &sampling).to_json(true)))
        .collect();
    assert!(reports.iter().all(|report| *report == reports[0]));
}

#[test]
fn the_fields_that_programs_rely_on_are_there_in_order() {
    let (mut program, network) = subject();
    program.requirements.push(Requirement {
        metric: Metric { gates: Some(vec![GateId(3)]), ..Metric::named("error").unwrap() },
        comparison: crate::program::Bound::Less,
        bound: 1e9,
        text: "error(g) < 1e9".into(),
        span: Span::default(),
    });
    let report = evaluated(&program, &network, &Sampling { samples: 64, ..Sampling::default() });
    let keys = |value: &serde_json::Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    let json: serde_json::Value = serde_json::from_str(&report.to_json(true)).unwrap();
    let wanted = "circuit opt_level construction seed widths parameters signals samples exhaustive reliability \
                  reliability_interval output_reliability readoff accuracy epsilon without_relu layers gates requirements";
    assert_eq!(keys(&json)[..19], wanted.split(' ').collect::<Vec<_>>());
    let wanted = "name width gates reliability error_max error_rms bending";
    assert_eq!(keys(&json["layers"][0])[..7], wanted.split(' ').collect::<Vec<_>>());
    let wanted = "name kind layer threshold error_max rms_on rms_off false_negative false_positive margin";
    assert_eq!(keys(&json["gates"][0])[..10], wanted.split(' ').collect::<Vec<_>>());
    assert_eq!(keys(&json["requirements"][0]), ["text", "value", "holds"]);
    let without: serde_json::Value = serde_json::from_str(&report.to_json(false)).unwrap();
    assert!(without.get("gates").is_none() && without.get("output_accuracy").is_none());
    assert_eq!(keys(&json["accuracy"]), ["0.1", "0.25", "0.4", "0.45"]);
    assert_eq!(keys(&json["epsilon"]), ["0.5", "0.9", "0.99", "1"]);
    assert_eq!(keys(&json["without_relu"]), ["reliability", "epsilon", "samples"]);
    assert_eq!(keys(&json["without_relu"]["epsilon"]), ["0.99"]);
    assert_eq!(report.requirements[0].value, Some(Value::Figure(report.gates[3].error_max.into())));
    assert!(report.holds());
}

#[test]
fn a_stranger_of_a_network_is_refused() {
    let (program, network) = subject();
    let refused = |change: &dyn Fn(&mut Network)| {
        let mut other = network.clone();
        change(&mut other);
        evaluate(&program, &other, &Sampling::default(), &mut unwatched).unwrap_err().to_string()
    };
    let messages = [
        refused(&|network| network.header.features[2] = "y".into()),
        refused(&|network| drop(network.header.features.pop())),
        refused(&|network| drop(network.layers.pop())),
        refused(&|network| network.layers[1].name = "other".into()),
        refused(&|network| network.layers[1].readoff.signals[7].name = "other".into()),
        refused(&|network| network.layers[1].readoff.signals[7].complemented ^= true),
    ];
    assert!(messages.iter().all(|message| message.contains("does not compute this circuit")), "{messages:#?}");
}

#[test]
fn whoever_watches_can_stop() {
    let (program, network) = subject();
    let stopped = evaluate(&program, &network, &Sampling::default(), &mut |progress| {
        if progress.done == 0 { Answer::GoOn } else { Answer::Stop(Reason::Interrupted) }
    });
    assert_eq!(stopped.unwrap_err(), Error::Stopped(Reason::Interrupted));
}

#[test]
fn the_text_report_reads_well_in_eighty_columns() {
    let (mut program, network) = subject();
    let requirement = |metric, comparison, bound, text: &str| Requirement {
        metric: Metric::named(metric).unwrap(),
        comparison,
        bound,
        text: text.into(),
        span: Span::default(),
    };
    program.requirements = vec![
        requirement("reliability", crate::program::Bound::Greater, 0.5, "reliability > 0.5"),
        requirement("error", crate::program::Bound::Less, 100.0, "error < 100"),
    ];
    let mut report = evaluated(&program, &network, &Sampling { samples: 300, ..Sampling::default() });
    report.width_by_rule = true;
    let plain = report.to_text(&Style::default());
    assert!(plain.lines().all(|line| line.chars().count() <= 80 && !line.ends_with(' ')), "{plain}");
    insta::assert_snapshot!(plain);

    let coloured = report.to_text(&Style { color: true, ..Style::default() });
    let mut stripped = String::new();
    for (part_idx, part) in coloured.split('\u{1b}').enumerate() {
        stripped.push_str(if part_idx == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(stripped.replace(" \n", "\n"), plain.replace(" \n", "\n"));
    assert!(report.to_text(&Style { gates: true, width: 120, ..Style::default() }).contains("threshold"));
}

/// Lines of a report from the one that begins with this to the next empty one.
fn part<'a>(report: &'a str, heading: &str) -> Vec<&'a str> {
    let lines = report.lines().skip_while(|line| !line.starts_with(heading));
    lines.take_while(|line| !line.is_empty()).collect()
}

#[test]
fn where_nothing_is_read_wrong_no_gate_is_the_worst() {
    let (program, network) = subject();
    let mut report = evaluated(&program, &network, &Sampling { samples: 300, ..Sampling::default() });
    let style = Style { worst: 4, ..Style::default() };
    let text = report.to_text(&style);
    assert_eq!((part(&text, "worst gates").len(), part(&text, "errors by").len()), (2 + 4, 2 + 3));
    // Of two that are wrong, no third is shown; of none, nothing.
    report.gates.iter_mut().skip(2).for_each(|gate| gate.wrong = 0);
    assert_eq!(part(&report.to_text(&style), "worst gates").len(), 2 + 2);
    report.gates.iter_mut().for_each(|gate| gate.wrong = 0);
    for class in [&mut report.classes.none, &mut report.classes.some, &mut report.classes.all] {
        class.wrong = 0;
    }
    let text = report.to_text(&style);
    assert!(part(&text, "worst gates").is_empty() && part(&text, "errors by").is_empty(), "{text}");
    assert!(!text.contains("margin"), "a word that this report does not have: {text}");
}

#[test]
fn every_word_at_the_foot_is_one_of_the_report_and_takes_a_line() {
    let (program, network) = subject();
    let report = evaluated(&program, &network, &Sampling { samples: 300, ..Sampling::default() });
    for style in [Style::default(), Style { gates: true, width: 120, ..Style::default() }] {
        let text = report.to_text(&style);
        let (above, _) = text.split_once("\nwords\n").unwrap();
        let foot = &part(&text, "words")[1..];
        assert!(foot.len() > 8, "{text}");
        for line in foot {
            // A line that went on would begin with more blanks.
            let word = line[2..].split("  ").next().unwrap();
            assert!(above.contains(word) && !line.starts_with("   "), "{line}");
        }
    }
}

#[test]
fn what_is_missed_is_said_before_what_holds_and_before_any_figure() {
    let (mut program, network) = subject();
    let requirement = |comparison, text: &str| Requirement {
        metric: Metric::named("reliability").unwrap(),
        comparison,
        bound: 0.5,
        text: text.into(),
        span: Span::default(),
    };
    program.requirements = vec![
        requirement(crate::program::Bound::Less, "reliability < 0.5"),
        requirement(crate::program::Bound::Greater, "reliability > 0.5"),
    ];
    let report = evaluated(&program, &network, &Sampling { samples: 64, ..Sampling::default() });
    let text = report.to_text(&Style::default());
    let lines: Vec<&str> = text.lines().skip(1).take(3).map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(lines, ["missed", "holds", "reliability"]);
}
