//! What is promised for every circuit, held on one table of small ones: at every level, with every construction, on
//! every distinct input, against a second evaluator.

mod common;

use std::collections::BTreeMap;

use common::by_definition::{Figures, NeuronFigures, ROUNDING, Tensors, below, distinct_inputs, figures, truth};
use common::circuits::{CASES, Case, ENOUGH};
use common::{compiled, constructions_at, exhaustive, options, report, samples};
use superpose::circuit::inputs::sample::Sampler;
use superpose::circuit::{Circuit, GateId, Inputs, Kind};
use superpose::compile::{self, Options, Request, constructions_of};
use superpose::evaluate::accuracy::{Accuracy, Quantile};
use superpose::evaluate::{Report, Sampling};
use superpose::network::matrix::Matrix;
use superpose::network::{Network, Readoff};
use superpose::program::{Activation, Level, Program};
use superpose::progress::unwatched;

/// Inputs on which a fit may train: no more than it needs to have changed every weight.
const BUDGET: u64 = 2000;

fn at(level: Level, n: u32, construction: &str) -> Options {
    let budget = (level == Level::Fitted).then_some(BUDGET);
    Options { fit: Request { budget, ..Request::default() }, ..options(level, n, construction) }
}

/// Neurons few enough to err, where so few can be wired at all.
fn few(level: Level, construction: &str) -> u32 {
    match (level, construction) {
        (Level::Published, "universal" | "random_features" | "shared_circuits") => ENOUGH,
        (Level::Solved, "shared_circuits") => 48,
        _ => 24,
    }
}

fn enough(_: Level, _: &str) -> u32 {
    ENOUGH
}

/// Every case at every level with every construction that can do it: (what it is called, case, program, its network).
fn each_network(
    levels: &[Level],
    width: impl Fn(Level, &str) -> u32,
    mut check: impl FnMut(&str, &Case, &Program, &Network),
) {
    for case in &CASES {
        let program = case.program();
        for &level in levels {
            for construction in constructions_at(level) {
                if case.refusal(level, construction).is_none() {
                    let network = compiled(&program, &at(level, width(level, construction), construction));
                    let called = format!("{} at -O{} with `{construction}`", case.name, level.number());
                    check(&called, case, &program, &network);
                }
            }
        }
    }
}

#[test]
fn between_them_the_circuits_have_every_kind_of_gate_and_of_input() {
    let circuits: Vec<Circuit> = CASES.iter().map(|case| case.program().circuit).collect();
    let kinds = circuits.iter().flat_map(|circuit| &circuit.gates).map(|gate| gate.kind.name());
    let n_of_kind = kinds.fold(BTreeMap::new(), |mut n_of_kind: BTreeMap<&str, usize>, kind| {
        *n_of_kind.entry(kind).or_default() += 1;
        n_of_kind
    });
    for kind in Kind::every(1) {
        assert!(n_of_kind.contains_key(kind.name()), "no gate is {}", kind.name());
    }
    let has = |is: &dyn Fn(&Circuit) -> bool| circuits.iter().any(is);
    assert!(has(&|circuit| circuit.layers.len() > 2));
    assert!(has(&|circuit| circuit.layers.iter().any(|layer| !layer.carried.is_empty())));
    assert!(has(&|circuit| circuit.gates.iter().any(|gate| gate.complemented)));
    assert!(has(&|circuit| circuit.distribution.rows.is_some()));
    assert!(has(&|circuit| circuit.distribution.plant > 0.0) && has(&|circuit| circuit.distribution.plant == 1.0));
    for circuit in &circuits {
        let n_inputs = distinct_inputs(circuit).len();
        assert!((2..=2000).contains(&n_inputs), "{}: {n_inputs} distinct inputs", circuit.name);
    }
}

/// `compiled` checks shapes, numbers and factors; a report is refused to a network of another circuit.
#[test]
fn every_network_is_of_its_circuit_and_is_read_back_as_it_was_written() {
    each_network(&Level::ALL, few, |called, _, program, network| {
        assert_eq!(Network::from_bytes(&network.to_bytes()).as_ref(), Ok(network), "{called}");
        assert_eq!(report(program, network, &samples(100)).samples, 100, "{called}");
    });
}

/// Random streams, wide enough for some circuits and too narrow for others.
#[test]
fn every_circuit_is_one_of_a_residual_network_as_well() {
    let (mut n_right, mut n_wrong) = (0, 0);
    for (case, dimensions) in CASES.iter().zip([6, 60].into_iter().cycle()) {
        let Some(program) = case.as_residual(dimensions) else { continue };
        let circuit = &program.circuit;
        for level in [Level::Published, Level::Solved] {
            for construction in constructions_at(level) {
                let called = format!("{} at -O{} with `{construction}`, {dimensions}", case.name, level.number());
                let needs_more = ["universal", "random_features", "shared_circuits"].contains(&construction);
                let width = if needs_more { ENOUGH } else { 80 };
                let options = at(level, width, construction);
                let network = match compile::compile(&program, &options, &mut unwatched) {
                    Ok(network) => network,
                    // A gate of many inputs, for a construction that has no neuron for it.
                    Err(error) if case.refusal(level, construction).is_some() => {
                        let code = case.refusal(level, construction);
                        assert!(error.problems().iter().all(|problem| Some(problem.code) == code), "{called}");
                        continue;
                    }
                    Err(error) => panic!("{called}: {:?}", error.problems()),
                };
                network.check().unwrap();
                assert_eq!(Network::from_bytes(&network.to_bytes()).as_ref(), Ok(&network), "{called}");
                const N: usize = 128;
                let drawn = inputs(circuit, N);
                let report =
                    report(&program, &network, &Sampling { epsilon: Some(0.3), seldom: false, ..samples(N as u64) });
                assert_eq!(report.stream, Some(dimensions as usize), "{called}");
                // Its neurons stay awake by large biases, of which narrow streams leave little in f32.
                if construction != "linear" {
                    same(&called, &report, &figures(circuit, &network, drawn.iter()), circuit);
                }
                let is_right = report.reliability == 1.0;
                n_right += u32::from(is_right);
                n_wrong += u32::from(!is_right);
            }
        }
    }
    assert!(n_right > 10 && n_wrong > 10, "{n_right} networks are right, and {n_wrong} are not");
}

#[test]
fn with_neurons_enough_a_solved_network_errs_where_the_table_says_and_nowhere_else() {
    each_network(&[Level::Solved], enough, |called, case, program, network| {
        let report = report(program, network, &exhaustive());
        let wrong: Vec<&str> =
            report.gates.iter().filter(|gate| gate.wrong > 0).map(|gate| gate.name.as_str()).collect();
        let errs = case.errs_when_solved.contains(&network.header.construction.as_str());
        assert_eq!(report.reliability < 1.0, errs, "{called}: {wrong:?}");
    });
}

/// What a construction as published guarantees of a read-off that stands on exact ones.
#[derive(Clone, Copy)]
enum Guarantee {
    /// Exact where no neuron of the gate is another's as well: nothing else is wired to them.
    NoNeuronShared,
    /// Exact where nothing is on but what the gate reads: its neurons tell its own inputs apart.
    NothingElseOn,
    /// Never further than ½ away where everything below is exact: a line over the sum of its operands.
    WithinHalf,
    /// Right in expectation alone, over layers and inputs: its own tests hold that.
    OnAverage,
}

/// What comes of rounding.
const EXACT: f64 = 1e-4;

/// A new construction of ReLUs says here what it promises; others have tests of their own.
const GUARANTEES: [(&str, Guarantee); 6] = [
    ("channels", Guarantee::NoNeuronShared),
    ("universal", Guarantee::NothingElseOn),
    ("random_features", Guarantee::OnAverage),
    ("shared_circuits", Guarantee::NoNeuronShared),
    ("linear", Guarantee::WithinHalf),
    ("naive", Guarantee::NoNeuronShared),
];

#[test]
fn a_published_construction_reads_exactly_where_it_promises_to() {
    assert_eq!(GUARANTEES.map(|row| row.0).to_vec(), constructions_of(Activation::Relu));
    let mut n_held = [0; GUARANTEES.len()];
    each_network(&[Level::Published], enough, |called, _, program, network| {
        let row = GUARANTEES.iter().position(|row| row.0 == network.header.construction).unwrap();
        n_held[row] += check_guarantee(called, &program.circuit, network, GUARANTEES[row].1);
    });
    let is_held = |(n, row): (&usize, &(&str, Guarantee))| *n > 200 || matches!(row.1, Guarantee::OnAverage);
    assert!(n_held.iter().zip(&GUARANTEES).all(is_held), "{n_held:?} read-offs were promised anything");
}

/// How many read-offs are promised to be near the truth; each is.
fn check_guarantee(called: &str, circuit: &Circuit, network: &Network, guarantee: Guarantee) -> usize {
    // Random directions are never read back exactly, and an upper layer stands on a lower one.
    if network.dictionary.is_some() {
        return 0;
    }
    let tensors = Tensors::of(network);
    let mut n_promised = 0;
    for active in distinct_inputs(circuit).iter() {
        let stored = truth(circuit, active);
        let readings = tensors.readings(circuit.n_features(), circuit.layers.len(), active);
        // By signal; features enter as they are.
        let mut is_exact = vec![true; circuit.n_signals()];
        for (layer_idx, layer) in circuit.layers.iter().enumerate() {
            let readoff = tensors.of_layer(layer_idx, "readoff");
            let below = below(circuit, layer_idx);
            let is_solid: Vec<bool> = below.iter().map(|signal| is_exact[signal.0 as usize]).collect();
            let all_solid = is_solid.iter().all(|solid| *solid);
            for (gate_idx, place) in layer.gates.clone().zip(0..) {
                let signal = circuit.gate_signal(GateId(gate_idx));
                let operands = circuit.operands(GateId(gate_idx));
                let reads = |signal| operands.iter().any(|operand| operand.signal() == signal);
                let is_promised = match guarantee {
                    Guarantee::NoNeuronShared => {
                        let own: Vec<usize> = (0..network.layers[layer_idx].width())
                            .filter(|&neuron| readoff[[place, neuron]] != 0.0)
                            .collect();
                        let others = (0..readoff.nrows()).filter(|&row| row != place);
                        let is_shared = others.into_iter().any(|row| own.iter().any(|&n| readoff[[row, n]] != 0.0));
                        !is_shared && below.iter().zip(&is_solid).all(|(&signal, solid)| *solid || !reads(signal))
                    }
                    Guarantee::NothingElseOn => {
                        all_solid && below.iter().all(|&signal| reads(signal) || !stored[signal.0 as usize])
                    }
                    Guarantee::WithinHalf => all_solid,
                    Guarantee::OnAverage => false,
                };
                let error = readings[layer_idx][place] - f64::from(u8::from(stored[signal.0 as usize]));
                let most = if matches!(guarantee, Guarantee::WithinHalf) { 0.5 + EXACT } else { EXACT };
                is_exact[signal.0 as usize] = is_promised && error.abs() < EXACT;
                if is_promised {
                    let name = circuit.name(signal);
                    assert!(error.abs() < most, "{called}: {name} is read {error} away on {active:?}");
                    n_promised += 1;
                }
            }
            // A carried signal is a copy: it is only as exact as it is read below, and counts as no gate.
            for (&signal, place) in layer.carried.iter().zip(layer.gates.len()..) {
                let truth = f64::from(u8::from(stored[signal.0 as usize]));
                is_exact[signal.0 as usize] &= (readings[layer_idx][place] - truth).abs() < EXACT;
            }
        }
    }
    n_promised
}

#[test]
fn a_report_says_what_a_second_evaluator_counts() {
    each_network(&Level::ALL, few, |called, _, program, network| {
        let circuit = &program.circuit;
        let all = distinct_inputs(circuit);
        let measured =
            |sampling: Sampling| report(program, network, &Sampling { epsilon: Some(0.3), seldom: false, ..sampling });
        same(called, &measured(exhaustive()), &figures(circuit, network, all.iter()), circuit);

        const N: usize = 300;
        let drawn = inputs(circuit, N);
        same(called, &measured(samples(N as u64)), &figures(circuit, network, drawn.iter()), circuit);
    });
}

/// The first inputs of an evaluation.
fn inputs(circuit: &Circuit, n: usize) -> Inputs {
    let sampler = Sampler::new(circuit).unwrap();
    let mut drawn = Inputs::default();
    for block_idx in 0..n.div_ceil(64) {
        sampler.extend(0, "eval", block_idx as u64, (n - 64 * block_idx).min(64), &mut drawn);
    }
    drawn
}

/// Up to the rounding of f32: a read-off that nearly touches its threshold may lie on either side.
fn same(called: &str, report: &Report, counted: &Figures, circuit: &Circuit) {
    let n = counted.n_inputs;
    assert_eq!(report.samples, n, "{called}");
    let is_near = |share: f64, count: u64| (share * n as f64 - count as f64).abs() <= counted.n_close as f64 + 1e-6;
    assert!(is_near(report.reliability, counted.n_right), "{called}: {} of {n}", counted.n_right);
    assert!(
        is_near(report.output_reliability, counted.n_outputs_right),
        "{called}: {} of {n}",
        counted.n_outputs_right
    );
    same_nearness(called, report, counted);
    same_bending(called, report, counted);
    for (layer, &n_right) in report.layers.iter().zip(&counted.n_layer_right) {
        assert!(is_near(layer.reliability, n_right), "{called}, layer {}: {n_right} of {n}", layer.name);
    }
    assert_eq!(report.gates.len(), circuit.n_gates());
    for (gate, counted_gate) in report.gates.iter().zip(&counted.gates) {
        let told = format!("{called}: {} is {gate:?}, but {counted_gate:?}", gate.name);
        assert_eq!(gate.inputs_on, counted_gate.n_on, "{told}");
        assert!(gate.wrong.abs_diff(counted_gate.n_wrong) <= counted.n_close, "{told}");
        let is_close = |a: f64, b: f64| (a - b).abs() <= 1e-3 * (1.0 + b.abs());
        assert!(is_close(f64::from(gate.error_max), counted_gate.error_max), "{told}");
        let (n_on, n_off) = (counted_gate.n_on, n - counted_gate.n_on);
        for (said, n, square) in
            [(gate.rms_off, n_off, counted_gate.squares[0]), (gate.rms_on, n_on, counted_gate.squares[1])]
        {
            let rms = (n > 0).then(|| (square / n as f64).sqrt());
            assert!(said.is_some() == rms.is_some(), "{told}");
            assert!(said.zip(rms).is_none_or(|(said, rms)| is_close(said, rms)), "{told}");
        }
    }
}

/// How near to the truth the read-offs are: at each ε, and for each share of the inputs.
fn same_nearness(called: &str, report: &Report, counted: &Figures) {
    let of_scope = |scope: usize| {
        let mut errors: Vec<f64> = counted.errors.iter().map(|errors| errors[scope]).collect();
        errors.sort_by(f64::total_cmp);
        errors
    };
    let epsilons = |accuracies: &[Accuracy]| accuracies.iter().map(|accuracy| accuracy.epsilon).collect::<Vec<_>>();
    assert_eq!(epsilons(&report.accuracy), [0.1, 0.25, 0.3, 0.4, 0.45]);
    assert_eq!(epsilons(&report.output_accuracy), [0.3]);
    for (accuracies, errors) in [(&report.accuracy, of_scope(0)), (&report.output_accuracy, of_scope(1))] {
        for &Accuracy { epsilon, share, .. } in accuracies {
            let n_within = |epsilon: f64| errors.iter().filter(|&&error| error < epsilon).count() as u64;
            let possible = n_within(epsilon - ROUNDING)..=n_within(epsilon + ROUNDING);
            assert!(possible.contains(&share.n), "{called}: {share:?} within {epsilon}, but {possible:?}");
            assert_eq!(share.of, counted.n_inputs, "{called}");
        }
    }
    let errors = of_scope(0);
    for &Quantile { share, epsilon } in &report.epsilon {
        // Of 300 inputs, the 297th is the worst of 99 %.
        let worst = errors[(share * errors.len() as f64).ceil() as usize - 1];
        assert!(
            (f64::from(epsilon) - worst).abs() < ROUNDING * (1.0 + worst),
            "{called}: {epsilon} {worst} at {share}"
        );
    }
    assert_eq!(report.epsilon.iter().map(|row| row.share).collect::<Vec<_>>(), [0.5, 0.9, 0.99, 1.0]);
}

/// Which neurons bend, of those that matter; a layer in which rounding may decide that is left alone.
fn same_bending(called: &str, report: &Report, counted: &Figures) {
    for (layer, neurons) in report.layers.iter().zip(&counted.neurons) {
        let nearly_all = |n: u64| n as f64 >= 0.99 * counted.n_inputs as f64;
        let is_close = |neuron: &NeuronFigures| {
            let NeuronFigures { n_awake, n_close, moves } = *neuron;
            (moves - 0.01).abs() < 0.01 * ROUNDING
                || nearly_all(n_awake + n_close) != nearly_all(n_awake - n_awake.min(n_close))
        };
        if !neurons.iter().any(is_close) {
            let mattering: Vec<&NeuronFigures> = neurons.iter().filter(|neuron| neuron.moves > 0.01).collect();
            let n_bending = mattering.iter().filter(|neuron| !nearly_all(neuron.n_awake)).count();
            let share = (!mattering.is_empty()).then(|| n_bending as f64 / mattering.len() as f64);
            assert_eq!(layer.bending, share, "{called}, layer {}", layer.name);
        }
    }
}

/// A read-off that says which side of its threshold it is on and nothing else is within ½ of the truth where it is
/// right: ε = ½ measures nothing but reliability.
#[test]
fn shrinking_read_offs_towards_a_half_leaves_the_accuracy_at_a_half_at_reliability() {
    let mut n_between = 0;
    each_network(&[Level::Solved, Level::Fitted], few, |called, _, program, network| {
        let at_half = Sampling { epsilon: Some(0.5), ..exhaustive() };
        let without = report(program, network, &at_half);
        // Small enough that no read-off is farther from ½ than ½.
        let farthest = without.gates.iter().fold(0f32, |farthest, gate| farthest.max(gate.error_max));
        let delta = 0.25 / (1.0 + farthest);
        let mut shrunk = network.clone();
        for Readoff { matrix, bias, threshold, .. } in shrunk.layers.iter_mut().map(|layer| &mut layer.readoff) {
            let mut dense = matrix.to_dense();
            dense.mapv_inplace(|weight| delta * weight);
            *matrix = Matrix::Dense(dense);
            bias.iter_mut().zip(&*threshold).for_each(|(bias, threshold)| *bias = 0.5 + delta * (*bias - threshold));
            threshold.fill(0.5);
        }
        let with = report(program, &shrunk, &at_half);
        let accuracy = with.accuracy.iter().find(|accuracy| accuracy.epsilon == 0.5).unwrap().share;
        // A read-off on its threshold is ½ away from either value.
        let n_close = figures(&program.circuit, network, distinct_inputs(&program.circuit).iter()).n_close;
        for n_right in [with.n_right, without.n_right] {
            assert!(accuracy.n.abs_diff(n_right) <= n_close, "{called}: {accuracy:?} and {n_right} right");
        }
        n_between += u32::from(without.n_right > 0 && without.n_right < without.samples);
    });
    assert!(n_between > 5, "{n_between} networks are right on some inputs and wrong on others");
}

#[test]
fn what_a_construction_cannot_do_it_says() {
    let mut n_refused = 0;
    for case in &CASES {
        let program = case.program();
        for &(level, construction, code) in case.refused {
            let error = compile::compile(&program, &at(level, ENOUGH, construction), &mut unwatched).unwrap_err();
            let problems = error.problems();
            assert!(problems.iter().all(|problem| problem.code == code), "{}: {problems:?}", case.name);
            assert!(!problems.is_empty());
            n_refused += 1;
        }
    }
    assert!(n_refused > 0);
}
