//! Bounds against runs of every input, in real arithmetic: the same gates fail on the same inputs, and the worst cases
//! are the same.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use ndarray::Array2;
use proptest::prelude::*;

use super::asked::Asked;
use super::bounded::Bounded;
use super::codes::Codes;
use super::first::First;
use super::real::Real;
use super::*;
use crate::circuit::by_hand::{self, choose, off, on};
use crate::circuit::truth::Truth;
use crate::circuit::{Clause, Distribution, Kind, Literal, Member};
use crate::network::forward::Forward;
use crate::network::matrix::Matrix;
use crate::network::{Block, Factors, Header, InputDictionary, Layer, Network, Readoff, Relu};
use crate::progress::unwatched;
use crate::random::{self, Pcg64};

fn dense(rng: &mut Pcg64, n_rows: usize, n_columns: usize, scale: f64) -> Array2<f32> {
    Array2::from_shape_fn((n_rows, n_columns), |_| (scale * random::gaussian(rng)) as f32)
}

/// A layer of random weights that reads off every gate.
fn network(rng: &mut Pcg64, circuit: &Circuit, n: usize, is_stored: bool) -> Network {
    let n_gates = circuit.n_gates();
    let n_coordinates = if is_stored { 5 } else { circuit.n_features() };
    let dictionary = is_stored.then(|| InputDictionary {
        embedding: Matrix::Dense(dense(rng, n_coordinates, circuit.n_features(), 0.6)),
        kind: "gaussian".into(),
        decoder: "transpose".into(),
    });
    let weight = dense(rng, n, n_coordinates, 0.7);
    let bias = dense(rng, 1, n, 0.3).into_raw_vec_and_offset().0;
    let matrix = dense(rng, n_gates, n, 0.4);
    let layer = Layer {
        name: "0".into(),
        factors: Factors { compute: Matrix::Dense(weight.clone()), decompress: None, written: None },
        block: Block::Relu(Relu { weight, bias }),
        readoff: Readoff {
            matrix: Matrix::Dense(matrix),
            bias: vec![0.1; n_gates],
            threshold: (0..n_gates).map(|_| (0.5 + 0.3 * random::gaussian(rng)) as f32).collect(),
            signals: Vec::new(),
            n_gates,
        },
    };
    let header = Header {
        version: String::new(),
        circuit: "by hand".into(),
        opt_level: 0,
        construction: String::new(),
        seed: 0,
        width_by_rule: false,
        features: Vec::new(),
        gates: Vec::new(),
        mixed: Vec::new(),
        fit: None,
    };
    Network { header, dictionary, layers: vec![layer], heads: Vec::new(), sources: Vec::new(), rows: None }
}

/// Every gate's read-off of an input, in f64.
fn readings(network: &Network, input: &[u32]) -> Vec<f64> {
    let Block::Relu(relu) = &network.layers[0].block else { panic!("a layer of ReLUs") };
    let column = |feature: u32| -> Vec<f64> {
        match &network.dictionary {
            None => relu.weight.column(feature as usize).iter().map(|&weight| weight.into()).collect(),
            Some(dictionary) => {
                let embedding = dictionary.embedding.to_dense();
                let coordinates = embedding.column(feature as usize);
                let rows = relu.weight.rows().into_iter();
                rows.map(|row| row.iter().zip(coordinates).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()).collect()
            }
        }
    };
    let mut z: Vec<f64> = relu.bias.iter().map(|&bias| bias.into()).collect();
    for &feature in input {
        z.iter_mut().zip(column(feature)).for_each(|(sum, value)| *sum += value);
    }
    let readoff = &network.layers[0].readoff;
    let rows = readoff.matrix.to_dense();
    let value = |(row, &bias): (ndarray::ArrayView1<f32>, &f32)| {
        f64::from(bias) + row.iter().zip(&z).map(|(&read, z)| f64::from(read) * z.max(0.0)).sum::<f64>()
    };
    rows.rows().into_iter().zip(&readoff.bias).map(value).collect()
}

/// By stored value, what a gate reads at most and at least, the inputs on which it fails, and those that are so near to
/// it that f32 may say otherwise.
struct Expected {
    most: [f64; 2],
    least: [f64; 2],
    failing: BTreeSet<Vec<u32>>,
    near: BTreeSet<Vec<u32>>,
}

fn expected(circuit: &Circuit, network: &Network, asked: &Asked) -> Vec<Expected> {
    let nothing = || Expected {
        most: [f64::NEG_INFINITY; 2],
        least: [f64::INFINITY; 2],
        failing: BTreeSet::new(),
        near: BTreeSet::new(),
    };
    let mut all: Vec<Expected> = (0..circuit.n_gates()).map(|_| nothing()).collect();
    let distinct = enumerate::distinct_inputs(circuit).expect("few inputs");
    let mut truth = Truth::new(circuit);
    for block in (0..distinct.n_blocks()).map(|block| distinct.block(block)) {
        truth.evaluate(circuit, &block, 0..block.len());
        for (bit, input) in block.iter().enumerate() {
            for (gate, reading) in readings(network, input).into_iter().enumerate() {
                let side = (truth.word(circuit.gate_signal(GateId(gate as u32))) >> bit & 1) as usize;
                let expected = &mut all[gate];
                expected.most[side] = expected.most[side].max(reading);
                expected.least[side] = expected.least[side].min(reading);
                let threshold = f64::from(network.layers[0].readoff.threshold[gate]);
                let (is_wrong, distance) = match asked.epsilon {
                    None => ((reading > threshold) != (side == 1), reading - threshold),
                    Some(epsilon) => {
                        let error = (reading - side as f64).abs();
                        (error >= epsilon, error - epsilon)
                    }
                };
                if is_wrong {
                    expected.failing.insert(input.to_vec());
                }
                if distance.abs() < 1e-5 {
                    expected.near.insert(input.to_vec());
                }
            }
        }
    }
    all
}

fn literal(rng: &mut Pcg64, n_features: u32) -> Literal {
    let feature = random::below(rng, n_features);
    if random::coin(rng, 0.7) { on(feature) } else { off(feature) }
}

/// A gate of every kind, over a few features.
fn gates(rng: &mut Pcg64, n_features: u32) -> Vec<(Kind, Vec<Literal>)> {
    let of = |rng: &mut Pcg64, n: u32| (0..n).map(|_| literal(rng, n_features)).collect::<Vec<_>>();
    Kind::every(1 + random::below(rng, 2))
        .into_iter()
        .map(|kind| match kind {
            Kind::Mux => (kind, of(rng, 3)),
            Kind::Copy => (kind, of(rng, 1)),
            _ => {
                let n = 2 + random::below(rng, 2);
                (kind, of(rng, n))
            }
        })
        .collect()
}

/// Clauses of every kind over features that follow one another; the last feature is in none.
fn clauses(rng: &mut Pcg64) -> (u32, Vec<Clause>) {
    let mut clauses = Vec::new();
    let mut n_features = 0;
    for _ in 0..1 + random::below(rng, 2) {
        match random::below(rng, 4) {
            0 => {
                let n = 3 + random::below(rng, 5);
                let count = random::below(rng, 4).min(n);
                let least = count - random::below(rng, 2).min(count);
                clauses.push(choose(n_features..n_features + n, least..=count));
                n_features += n;
            }
            1 => {
                let n = 1 + random::below(rng, 5);
                let features = (n_features..n_features + n).collect();
                let probability = [0.0, 0.3, 0.3, 1.0][random::below(rng, 4) as usize];
                clauses.push(Clause::Each { features, probability });
                n_features += n;
            }
            _ => {
                // Rows, and features beside them.
                let mut members = Vec::new();
                for _ in 0..2 + random::below(rng, 2) {
                    let length = 1 + random::below(rng, 3);
                    members.push(Member::Row(n_features..n_features + length));
                    n_features += length;
                }
                if random::coin(rng, 0.5) {
                    members.push(Member::One(n_features));
                    members.push(Member::One(n_features + 1));
                    n_features += 2;
                }
                let count = 1 + random::below(rng, members.len() as u32);
                let least = count - random::below(rng, 2);
                clauses.push(Clause::Choose { members, count: least..=count });
            }
        }
    }
    (n_features + 1, clauses)
}

fn circuit(rng: &mut Pcg64, plant: f64) -> Circuit {
    // Of every kind, some under others; or of few kinds and more of each.
    let (n_features, clauses) = match random::coin(rng, 0.5) {
        true => (9, by_hand::random_clauses(rng, 9)),
        false => clauses(rng),
    };
    let gates = gates(rng, n_features);
    by_hand::circuit(n_features, &[gates], Distribution { clauses, plant, rows: None })
}

fn asked(circuit: &Circuit, epsilon: Option<f64>) -> Asked {
    Asked::new(circuit, &Request { epsilon, worst: true, count: true, ..Request::default() })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn bounds_find_what_runs_of_all_inputs_find(
        seed: u64, n in 1usize..40, plant in prop::sample::select(vec![0.0, 0.5, 1.0]), is_stored: bool,
        epsilon in prop::sample::select(vec![None, Some(0.5), Some(2.0)]),
    ) {
        let mut rng = random::stream(&[seed]);
        let circuit = circuit(&mut rng, plant);
        prop_assume!(Sampler::new(&circuit).is_ok());
        let network = network(&mut rng, &circuit, n, is_stored);
        let asked = asked(&circuit, epsilon);
        check(&circuit, &network, &asked);
    }
}

/// Holds what bounds find against runs of all inputs.
fn check(circuit: &Circuit, network: &Network, asked: &Asked) {
    let support = Support::of(circuit).expect("clauses");
    let bounded = Bounded::new(circuit, network, &support, asked);
    let distinct = enumerate::distinct_inputs(circuit).expect("few inputs");
    let block = |block| distinct.block(block);
    let run = worst::worst(circuit, network, asked, distinct.n_blocks(), block, &mut unwatched).unwrap();
    for ((expected, &gate), run) in expected(circuit, network, asked).iter().zip(&asked.gates).zip(&run) {
        let found = bounded.decide(gate, u64::MAX, &|| false);
        check_extremes(network, gate, expected, run, 1e-9);
        check_extremes(network, gate, expected, &found.proof.worst, TOLERANCE + 1e-9);
        let failing: BTreeSet<Vec<u32>> = found.failing.expect("all are found").iter().map(<[u32]>::to_vec).collect();
        let other = expected.failing.symmetric_difference(&failing).find(|input| !expected.near.contains(*input));
        assert_eq!(other, None, "{gate:?}");
        let is_refuted = matches!(found.proof.verdict, Verdict::Refuted(_));
        assert_eq!(is_refuted, !failing.is_empty());
        assert!(is_refuted || found.proof.verdict == Verdict::Proved);
        let threshold = network.layers[0].readoff.threshold[gate.0 as usize].into();
        let extremes = |of: [f64; 2]| of.map(|reading| Some(Extreme { reading, on: Vec::new() }));
        let worst = Worst { highest: extremes(expected.most), lowest: extremes(expected.least) };
        let (margin, error) = (worst.margin(asked.epsilon, threshold).unwrap(), worst.error().unwrap());
        let (found_margin, found_error) = (found.proof.margin.unwrap(), found.proof.error.unwrap());
        // One is found within a tolerance of the other, and on an input that there is.
        let slack = 1e-9;
        let is_margin = margin == found_margin || (margin - slack..=margin + TOLERANCE + slack).contains(&found_margin);
        assert!(is_margin, "margin {found_margin} for {margin}");
        let is_error = (error - TOLERANCE - slack..=error + slack).contains(&found_error);
        assert!(is_error, "error {found_error} for {error}");
    }
}

/// Every extreme is what the network reads on its input, and as extreme as can be, to a tolerance.
fn check_extremes(network: &Network, gate: GateId, expected: &Expected, found: &Worst, tolerance: f64) {
    for (extremes, wanted) in [(&found.highest, &expected.most), (&found.lowest, &expected.least)] {
        for (extreme, wanted) in extremes.iter().zip(wanted) {
            let Extreme { reading, on } = extreme.as_ref().expect("all are known");
            assert!(reading == wanted || (reading - wanted).abs() <= tolerance, "{gate:?} {reading} for {wanted}");
            let there = readings(network, on)[gate.0 as usize];
            assert!(!reading.is_finite() || (reading - there).abs() < 1e-9, "{gate:?} reads {there} for {reading}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn f32_is_never_farther_off_than_rounding_can_be(seed: u64, n in 1usize..60, scale in -12i32..12, is_stored: bool) {
        let mut rng = random::stream(&[seed]);
        let circuit = circuit(&mut rng, 0.0);
        let mut network = network(&mut rng, &circuit, n, is_stored);
        let scale = f64::from(scale).exp2();
        let mut above = network.layers[0].clone();
        let n_gates = circuit.n_gates();
        above.block = Block::Relu(Relu {
            weight: dense(&mut rng, 9, n, scale),
            bias: dense(&mut rng, 1, 9, scale).into_raw_vec_and_offset().0,
        });
        above.readoff.matrix = Matrix::Dense(dense(&mut rng, n_gates, 9, 1.0));
        network.layers.push(above);
        let (rounding, real, forward) = (Rounding::new(&circuit, &network), Real::new(&network), Forward::new(&network));
        let distinct = enumerate::distinct_inputs(&circuit).expect("few inputs");
        for inputs in distinct.blocks().take(20) {
            let activations = forward.run(&inputs.iter().collect::<Vec<_>>());
            let hidden = real.hidden(&inputs, 2);
            for (layer_idx, hidden) in hidden.iter().enumerate() {
                let mut read = Array2::zeros((n_gates, inputs.len()));
                forward.read_off(layer_idx, 0..n_gates, activations.layer(layer_idx), read.view_mut());
                let exact = real.read_off(layer_idx, 0..n_gates, hidden.view());
                for signal_idx in 0..n_gates {
                    let most = rounding.of_signal(&network, layer_idx, signal_idx);
                    for (&read, &exact) in read.row(signal_idx).iter().zip(exact.column(signal_idx)) {
                        prop_assert!((f64::from(read) - exact).abs() <= most, "{read} for {exact}, bound {most}");
                    }
                    prop_assert!(most.is_finite());
                }
            }
        }
    }
}

/// Of all pairs of sixty options, on top of neurons of which some are on and some off whatever comes.
#[test]
fn eight_bits_exclude_what_is_not_above_a_cut_and_hardly_leave_more() {
    let mut rng = random::stream(&[5]);
    let distribution = Distribution { clauses: vec![choose(0..60, 2..=2)], plant: 0.0, rows: None };
    let circuit = by_hand::circuit(60, &[vec![(Kind::And, vec![on(0), on(1)])]], distribution);
    let support = Support::of(&circuit).expect("clauses");
    for (n, scale) in [(1, 1.0), (31, 1.0), (70, 1e-20), (300, 1e12)] {
        let mut network = network(&mut rng, &circuit, n, false);
        let Block::Relu(relu) = &mut network.layers[0].block else { panic!("a layer of ReLUs") };
        relu.weight.mapv_inplace(|weight| (scale * f64::from(weight)) as f32);
        let first = First::new(&network, &support);
        let read: Vec<f64> = (0..n).map(|_| random::gaussian(&mut rng)).collect();
        let z: Vec<f64> = (0..n).map(|_| 3.0 * scale * random::gaussian(&mut rng)).collect();
        let value = |a: u32, b: u32| -> f64 {
            let with = |u: usize| z[u] + first.by_option[[a as usize, u]] + first.by_option[[b as usize, u]];
            (0..n).map(|u| read[u] * with(u).max(0.0)).sum()
        };
        let all: Vec<f64> = (0..60).flat_map(|a| (0..60).map(move |b| (a, b))).map(|(a, b)| value(a, b)).collect();
        let (least, most) = all.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), &v| (l.min(v), m.max(v)));
        let codes = Codes::new(&first, &read).expect("options differ");
        let mut pairs = codes.pairs(&z);
        let others: Vec<u32> = (0..60).collect();
        let (mut n_above, mut n_left) = (0, 0);
        for cut in [0.1, 0.5, 0.9].map(|part| least + part * (most - least)) {
            for a in 0..60 {
                let left: BTreeSet<u32> = pairs.above(cut, a, &others).collect();
                let above: BTreeSet<u32> = others.iter().copied().filter(|&b| value(a, b) > cut).collect();
                assert!(left.is_superset(&above), "{n} neurons at {scale}, {a} beside {above:?}, but {left:?}");
                (n_above, n_left) = (n_above + above.len(), n_left + left.len());
            }
        }
        assert!(n_left <= n_above + n_above / 5, "{n} neurons at {scale}: {n_left} for {n_above}");
    }
    assert!(Codes::new(&First::new(&network(&mut rng, &circuit, 4, false), &support), &[0.0; 4]).is_none());
}

/// More slots than are told apart by how many are open, and features that are nearly all on.
#[test]
fn groups_of_many_slots_are_searched_as_well() {
    let mut rng = random::stream(&[3]);
    for count in [34..=36, 36..=36, 33..=35] {
        let clauses = vec![choose(0..36, count)];
        let gates = gates(&mut rng, 37);
        let circuit = by_hand::circuit(37, &[gates], Distribution { clauses, plant: 0.0, rows: None });
        let network = network(&mut rng, &circuit, 12, false);
        check(&circuit, &network, &asked(&circuit, None));
    }
}

/// `n` features of which four are on, 0 & 1, and a network that is exact but for one input: 10, 11, 12 and 13 on.
fn wrong_once(n_features: u32) -> (Circuit, Network) {
    let distribution = Distribution { clauses: vec![choose(0..n_features, 4..=4)], plant: 0.0, rows: None };
    let circuit = by_hand::circuit(n_features, &[vec![(Kind::And, vec![on(0), on(1)])]], distribution);
    let mut network = network(&mut random::stream(&[1]), &circuit, 2, false);
    let Block::Relu(relu) = &mut network.layers[0].block else { panic!("a layer of ReLUs") };
    relu.weight.fill(0.0);
    relu.weight.slice_mut(ndarray::s![0, 0..2]).fill(1.0);
    relu.weight.slice_mut(ndarray::s![1, 10..14]).fill(1.0);
    relu.bias = vec![-1.0, -3.0];
    network.layers[0].readoff.matrix = Matrix::Dense(ndarray::array![[1.0, 0.75]]);
    network.layers[0].readoff.bias = vec![0.0];
    network.layers[0].readoff.threshold = vec![0.5];
    (circuit, network)
}

/// By bounds, whatever they take.
fn searched<'a>(circuit: &'a Circuit, network: &'a Network, asked: &Asked) -> Plan<'a> {
    let (support, n_inputs) = (Support::of(circuit), enumerate::count(circuit));
    let can_run_all = n_inputs <= MAX_INPUTS;
    let (circuit, asked, runs_left) = (Cow::Borrowed(circuit), asked.clone(), can_run_all);
    Plan { circuit, network, asked, n_inputs, can_run_all, runs_left, support }
}

fn proved(circuit: &Circuit, network: &Network, asked: &Asked, watcher: Watcher) -> Proof {
    let plan = searched(circuit, network, asked);
    assert_eq!(plan.n_inputs, 41_417_124_750);
    plan.over().in_parts(&plan, watcher).unwrap()
}

#[test]
fn one_input_of_forty_billion_is_found() {
    let (circuit, network) = wrong_once(1000);
    let asked = asked(&circuit, None);
    let proof = proved(&circuit, &network, &asked, &mut unwatched);
    let found = proof.counterexample.clone().expect("one is wrong");
    assert_eq!((proof.status, proof.failing_inputs, &found.on[..]), (Status::Refuted, Some(1), &[10, 11, 12, 13][..]));
    assert_eq!((found.reading, found.threshold, found.truth), (0.75, 0.5, false));
    insta::assert_snapshot!(proof.to_text(&circuit, 0.25));
    insta::assert_snapshot!(proof.to_json(&circuit, 0.25));
}

#[test]
fn a_budget_that_ends_says_so() {
    let (circuit, network) = wrong_once(1000);
    let asked = Asked { nodes: 1, worst: false, ..asked(&circuit, None) };
    let proof = proved(&circuit, &network, &asked, &mut unwatched);
    assert_eq!((proof.status, proof.failing_inputs, proof.n_open()), (Status::NotProved, None, 1));
    // And one that ends by the clock.
    let asked = Asked { nodes: u64::MAX, ..asked };
    let mut spent = |_| crate::progress::Answer::Stop(Reason::BudgetSpent);
    let proof = proved(&circuit, &network, &asked, &mut spent);
    assert_ne!(proof.status, Status::Proved);
}

/// A read-off of two features of a thousand at a bias and a threshold, with a margin that is real and that f32 loses.
#[test]
fn a_margin_that_rounding_eats_is_no_proof() {
    let (circuit, mut network) = wrong_once(1000);
    let readoff = &mut network.layers[0].readoff;
    readoff.matrix = Matrix::Dense(ndarray::array![[0.53, 0.0]]);
    (readoff.bias, readoff.threshold) = (vec![1e6], vec![1_000_000.5]);
    let asked = Asked { worst: false, count: false, ..asked(&circuit, None) };
    let proof = proved(&circuit, &network, &asked, &mut unwatched);
    assert_eq!(proof.status, Status::Refuted);
    let found = proof.counterexample.expect("it is wrong");
    assert!(found.truth && found.reading <= found.threshold, "{found:?}");
}

#[test]
fn what_may_overflow_is_run() {
    let (circuit, mut network) = wrong_once(1000);
    let Block::Relu(relu) = &mut network.layers[0].block else { panic!("a layer of ReLUs") };
    relu.weight.fill(0.0);
    relu.weight.slice_mut(ndarray::s![0, 0..2]).fill(1.0);
    relu.weight.slice_mut(ndarray::s![1, 0..2]).fill(3e38);
    network.layers[0].readoff.matrix = Matrix::Dense(ndarray::array![[1.0, 0.0]]);
    let asked = Asked { worst: false, count: false, ..asked(&circuit, None) };
    assert_eq!(proved(&circuit, &network, &asked, &mut unwatched).status, Status::Refuted, "infinity times 0");
}

/// A neuron whose own sums fit into f32, and what it comes to in the read-off does not.
#[test]
fn what_a_gain_would_overflow_with_is_not_excluded() {
    let distribution = Distribution { clauses: vec![choose(0..60, 0..=5)], plant: 0.0, rows: None };
    let circuit = by_hand::circuit(60, &[vec![(Kind::And, vec![on(0), on(1)])]], distribution);
    let mut network = network(&mut random::stream(&[1]), &circuit, 2, false);
    for (weight, read) in [(1e30, 1e30), (1e37, 1e-37)] {
        let Block::Relu(relu) = &mut network.layers[0].block else { panic!("a layer of ReLUs") };
        relu.weight.fill(0.0);
        relu.weight.slice_mut(ndarray::s![0, 0..2]).fill(1.0);
        relu.weight.slice_mut(ndarray::s![1, 2..60]).fill(weight);
        relu.bias = vec![-1.0, -1.25 * weight];
        network.layers[0].readoff.matrix = Matrix::Dense(ndarray::array![[1.0, read]]);
        network.layers[0].readoff.bias = vec![0.0];
        network.layers[0].readoff.threshold = vec![0.5];
        let plan = searched(&circuit, &network, &Asked { worst: false, ..asked(&circuit, None) });
        let proof = plan.over().in_parts(&plan, &mut unwatched).unwrap();
        // All with two or more of the last 58 on, but for those that have 0 and 1 on as well.
        let of = |sizes: std::ops::RangeInclusive<u64>| sizes.map(|k| choices(58, k)).sum::<u64>();
        let wrong = of(2..=5) + 2 * of(2..=4);
        assert_eq!((proof.status, proof.failing_inputs), (Status::Refuted, Some(wrong)), "{weight}");
    }
}

fn choices(n: u64, k: u64) -> u64 {
    (0..k).fold(1, |ways, i| ways * (n - i) / (i + 1))
}

/// Ways to have a gate on are given up when they are too many, and the gate is run where that can be.
#[test]
fn gates_with_too_many_ways_to_be_on_are_run_or_left() {
    let parity = |count: RangeInclusive<u32>, n: u32| {
        let distribution = Distribution { clauses: vec![choose(0..n, count)], plant: 0.0, rows: None };
        by_hand::circuit(n, &[vec![(Kind::Xor, (0..n).map(on).collect())]], distribution)
    };
    let mut rng = random::stream(&[4]);
    for (circuit, can_run_all) in [(parity(0..=5, 40), true), (parity(30..=30, 60), false)] {
        let network = network(&mut rng, &circuit, 4, false);
        let asked = Asked { worst: false, ..asked(&circuit, None) };
        let plan = searched(&circuit, &network, &asked);
        assert_eq!(plan.can_run_all, can_run_all);
        let proof = plan.over().in_parts(&plan, &mut unwatched).unwrap();
        assert_eq!(proof.n_open(), usize::from(!can_run_all), "{proof:?}");
        assert_eq!(proof.failing_inputs.is_some(), can_run_all);
    }
}
