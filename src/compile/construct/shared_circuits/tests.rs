//! The published figures, held against what is built.

use super::*;
use crate::circuit::by_hand::{self, choose, on};
use crate::circuit::{Circuit, Clause, Distribution, Kind, Literal, Member};
use crate::compile::construct::join;
use crate::compile::layer::layer_tasks;
use crate::network::Layer;
use crate::network::forward::Forward;

/// χ, the mean square of what one circuit hears of another.
fn chi(places: usize, s: usize, n_copies: usize) -> f64 {
    1.0 / places as f64 - 1.0 / (s * n_copies) as f64
}

/// The layers of a network, each by what `of` says of its task.
fn layers(circuit: &Circuit, n: usize, of: &dyn Fn(&LayerTask) -> Box<dyn Wiring>) -> Vec<Layer> {
    let mut layers = Vec::new();
    for task in &layer_tasks(circuit) {
        let site = Site { task, n, below: &layers, stream: None, embedding: None, is_frequent: &[] };
        let code = of(task).wire(&site, &mut random::stream(&[7, task.layer_idx as u64]));
        assert!(code.missing.is_empty(), "{}", code.missing[0].problem.headline);
        let layer = join(&site, code);
        layers.push(layer);
    }
    layers
}

/// By layer, what every target is read as on one input.
fn readings(layers: &[Layer], active: &[u32]) -> Vec<Vec<f32>> {
    let forward = Forward::of_layers(None, layers);
    let activations = forward.run(&[active]);
    let of_layer = |(layer_idx, layer): (usize, &Layer)| {
        let mut readings = ndarray::Array2::zeros((layer.n_signals(), 1));
        forward.read_off(layer_idx, 0..layer.n_signals(), activations.layer(layer_idx), readings.view_mut());
        readings.into_raw_vec_and_offset().0
    };
    layers.iter().enumerate().map(of_layer).collect()
}

/// T copies of ANDs of two features of a row of its own.
fn ands(n_copies: u32) -> Circuit {
    let gates = (0..n_copies).map(|t| (Kind::And, vec![on(2 * t), on(2 * t + 1)])).collect();
    by_hand::circuit(2 * n_copies, &[gates], Distribution::default())
}

/// All of 557 circuits on 250 places. Those that are not in use hear z χ. One that is hears both operands of each of
/// the z − 1 others, for where they meet its neuron has passed its bend: four times (z − 1) χ.
#[test]
fn the_mean_square_of_what_is_heard_is_the_published_one() {
    let (n_copies, places, s) = (557u32, 250, 6);
    let circuit = ands(n_copies);
    let layers = layers(&circuit, places, &|task| SHARED_CIRCUITS.published(task));
    assert_eq!(SHARED_CIRCUITS.rule_of_thumb(&layer_tasks(&circuit)[0]), places);
    let rng = &mut random::stream(&[1]);
    for z in [1u32, 2, 3] {
        let (mut of_active, mut of_others, mut of_mean, n_inputs) = (0.0, 0.0, 0.0, 300);
        for _ in 0..n_inputs {
            let in_use = random::distinct(rng, z, n_copies);
            let active: Vec<u32> = in_use.iter().flat_map(|t| [2 * t, 2 * t + 1]).collect();
            let readings = &readings(&layers, &active)[0];
            for (t, &reading) in (0..).zip(readings) {
                let is_active = in_use.contains(&t);
                let error = f64::from(reading) - f64::from(u8::from(is_active));
                if is_active {
                    of_active += error * error
                } else {
                    of_others += error * error
                }
                of_mean += error;
            }
        }
        let n = f64::from(n_inputs);
        let (of_active, of_others) = (of_active / (n * f64::from(z)), of_others / (n * f64::from(n_copies - z)));
        let chi = chi(places, s, n_copies as usize);
        if z == 1 {
            assert!(of_active < 1e-10, "one in use is read exactly: {of_active}");
        } else {
            let said = 4.0 * f64::from(z - 1) * chi;
            assert!((of_active / said - 1.0).abs() < 0.15, "z = {z}: {of_active}, not {said}");
        }
        assert!((of_others / (f64::from(z) * chi) - 1.0).abs() < 0.1, "z = {z}: {of_others}");
        // Without c it would be z p / S.
        let p = f64::from(s as u32) * (f64::from(n_copies * s as u32) / places as f64 - 1.0) / f64::from(n_copies - 1);
        let (mean, without) = (of_mean / (n * f64::from(n_copies)), f64::from(z) * p / s as f64);
        assert!(mean.abs() < 0.2 * without, "z = {z}: {mean} in the mean, {without} without c");
    }
}

/// Two-bit adders over rows of four features, of which one may be in use.
fn adders(n_copies: u32) -> Circuit {
    let x = |t: u32, bit: u32| on(4 * t + bit);
    let first = 4 * n_copies;
    let gate = |role: u32, t: u32| on(first + role * n_copies + t);
    let of = |kind: Kind, a: &dyn Fn(u32) -> Literal, b: &dyn Fn(u32) -> Literal| {
        (0..n_copies).map(|t| (kind, vec![a(t), b(t)])).collect::<Vec<_>>()
    };
    let lowest = [
        of(Kind::Xor, &|t| x(t, 0), &|t| x(t, 2)),
        of(Kind::And, &|t| x(t, 0), &|t| x(t, 2)),
        of(Kind::Xor, &|t| x(t, 1), &|t| x(t, 3)),
        of(Kind::And, &|t| x(t, 1), &|t| x(t, 3)),
    ];
    let middle = [of(Kind::Xor, &|t| gate(2, t), &|t| gate(1, t)), of(Kind::And, &|t| gate(2, t), &|t| gate(1, t))];
    let top = [of(Kind::Or, &|t| gate(5, t), &|t| gate(3, t)), of(Kind::Or, &|t| gate(4, t), &|t| gate(0, t))];
    let rows = (0..n_copies).map(|t| Member::Row(4 * t..4 * t + 4)).collect();
    let clauses = vec![Clause::Choose { members: rows, count: 0..=1 }];
    let layers = [lowest.concat(), middle.concat(), top.concat()];
    by_hand::carrying(by_hand::circuit(first, &layers, Distribution { clauses, plant: 0.0, rows: None }))
}

/// (n / d)² copies, and one more that begins a row: every gate of every layer on every input.
#[test]
fn ping_pong_is_exact_for_the_copy_in_use_and_right_for_all() {
    for n_copies in [3, 4, 5, 25, 26, 30] {
        let circuit = adders(n_copies);
        for (reading, is_published) in [(Reading::PUBLISHED, true), (Reading::NEAREST, false)] {
            let tasks = layer_tasks(&circuit);
            let copies = Copies::of(&circuit);
            assert_eq!(copies.n_copies, [n_copies as usize, 0]);
            let n =
                tasks.iter().map(|task| ping_pong::width(task.layer_idx, &families(task, &copies, DeadZone::AtRest)));
            let layers = layers(&circuit, n.max().unwrap(), &|_| Box::new(PingPong { reading }));
            for (t, bits) in (0..n_copies).flat_map(|t| (0..16u32).map(move |bits| (t, bits))) {
                let active: Vec<u32> = (0..4).filter(|bit| bits >> bit & 1 == 1).map(|bit| 4 * t + bit).collect();
                let stored = by_hand::evaluate(&circuit, &active);
                for (layer_idx, readings) in readings(&layers, &active).into_iter().enumerate() {
                    for (signal, reading) in circuit.layer_signals(layer_idx).zip(readings) {
                        let error = reading - f32::from(u8::from(stored[signal.0 as usize]));
                        // Nobody is in use where nothing is on.
                        let is_in_use = copies.of_signal(signal).copy == t as usize && bits > 0;
                        let is_right = match is_published {
                            true if is_in_use => error.abs() < 1e-3,
                            true => (-2.001..0.001).contains(&error),
                            false => error.abs() < 0.25 + 3.0 / 64.0 + 1e-3,
                        };
                        let name = circuit.name(signal);
                        assert!(is_right, "{n_copies} copies: {name} is {reading}, {error} away, on {active:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn ping_pong_says_what_it_cannot_do() {
    let code = |circuit: &Circuit| {
        let task = LayerTask::new(circuit, 0);
        let code = PingPong { reading: Reading::PUBLISHED }.wire(&Site::lowest(&task, 400), &mut random::stream(&[1]));
        code.missing.first().map(|missing| (missing.problem.code, missing.would_fit_wider))
    };
    let with = |clauses| Circuit { distribution: Distribution { clauses, plant: 0.0, rows: None }, ..adders(9) };
    assert_eq!(code(&adders(9)), None);
    let rows = || (0..9).map(|t| Member::Row(4 * t..4 * t + 4)).collect();
    assert_eq!(code(&with(vec![Clause::Choose { members: rows(), count: 2..=2 }])), Some(("not-for-ping-pong", false)));
    assert_eq!(code(&with(vec![choose(0..36, 1..=1)])), None);
    let each = Clause::Each { features: (0..36).collect(), probability: 0.1 };
    assert_eq!(code(&with(vec![each])), Some(("not-for-ping-pong", false)));
    assert_eq!(code(&adders(2)), Some(("not-for-ping-pong", false)), "no square");
    assert_eq!(code(&ands(1)), Some(("nothing-to-share", false)));
    assert_eq!(code(&adders(10_000)), Some(("width-too-small", true)));
    assert_eq!(code(&by_hand::ring_of_pairs(9)), Some(("not-for-ping-pong", false)), "copies that share features");
}
