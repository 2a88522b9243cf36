//! Addition against its closed form, and against the circuit.

use ndarray::Array2;

use super::*;
use crate::circuit::by_hand;
use crate::circuit::{Circuit, Clause, Distribution, Gate, Kind, Literal, Member, Signal};
use crate::compile::construct::join;
use crate::compile::layer::layer_tasks;
use crate::diagnostic::Span;
use crate::network::forward::Forward;
use crate::network::{FACTOR_TOLERANCE, Layer};
use crate::random;

/// out[k] = any(a[i] & b[(k - i) % p]), with what is written in whatever order.
fn sums(p: u32, shuffled: bool) -> Circuit {
    let mut rng = random::stream(&[9]);
    let mut order: Vec<u32> = (0..p).collect();
    let mut gates = Vec::new();
    for k in 0..p {
        if shuffled {
            random::shuffle(&mut rng, &mut order);
        }
        let mut operands = Vec::new();
        for (turn, &i) in order.iter().enumerate() {
            let pair = [i, p + (k + p - i) % p].map(|feature| Literal::new(Signal(feature), false));
            let turned = shuffled && turn % 2 == 1;
            operands.extend(if turned { [pair[1], pair[0]] } else { pair });
        }
        gates.push((Kind::AnyPair, operands));
    }
    let group = |first: u32| Clause::Choose { members: (first..first + p).map(Member::One).collect(), count: 1..=1 };
    let distribution = Distribution { clauses: vec![group(0), group(p)], ..Distribution::default() };
    by_hand::circuit(2 * p, &[gates], distribution)
}

struct Wired {
    embedding: Embedding,
    layer: Layer,
}

fn wired(circuit: &Circuit, fourier: &Fourier, n: usize, level: Level) -> Wired {
    let task = &layer_tasks(circuit)[0];
    assert!(fourier.refused(task, n).is_none());
    let embedding = fourier.embedding(task, n, level).expect("it adds");
    let site = Site { embedding: Some(&embedding), ..Site::lowest(task, n) };
    let wiring = match level {
        Level::Published => fourier.published(task),
        _ => fourier.ladder(task, n).rungs.remove(0),
    };
    let layer = join(&site, wiring.wire(&site, &mut random::stream(&[1])));
    Wired { embedding, layer }
}

/// What each sum is read as, for a and b: [sum].
fn read(wired: &Wired, a: u32, b: u32, p: u32) -> Vec<f32> {
    let forward = Forward::of_layers(Some(&wired.embedding.dictionary), std::slice::from_ref(&wired.layer));
    let activations = forward.run(&[&[a, p + b]]);
    let mut out = Array2::zeros((p as usize, 1));
    forward.read_off(0, 0..p as usize, activations.layer(0), out.view_mut());
    out.into_raw_vec_and_offset().0
}

#[test]
fn sums_are_read_as_the_mean_cosine_of_how_far_they_are_off() {
    for activation in [Activation::Bilinear, Activation::Quadratic] {
        let fourier = Fourier { frequencies: vec![1, 3], activation, ..FOURIER };
        for (p, shuffled) in [(7, false), (11, true), (12, false)] {
            let circuit = sums(p, shuffled);
            let wired = wired(&circuit, &fourier, 2 * fourier.n_neurons() + 3, Level::Published);
            for (a, b) in (0..p).flat_map(|a| (0..p).map(move |b| (a, b))) {
                for (k, value) in read(&wired, a, b, p).into_iter().enumerate() {
                    let d = f64::from(a + b) - k as f64;
                    let turn = |f: f64| libm::cos(2.0 * std::f64::consts::PI * f * d / f64::from(p));
                    let expected = (turn(1.0) + turn(3.0)) / 2.0;
                    assert!((f64::from(value) - expected).abs() < 1e-5, "{a} + {b} as {k} modulo {p}");
                }
            }
        }
    }
}

#[test]
fn solved_for_every_sum_is_on_its_side_and_no_line_is_nearer() {
    let p = 23;
    let circuit = sums(p, true);
    let wired = wired(&circuit, &FOURIER, 12, Level::Solved);
    let mut distance = 0f32;
    for (a, b) in (0..p).flat_map(|a| (0..p).map(move |b| (a, b))) {
        for (k, value) in read(&wired, a, b, p).into_iter().enumerate() {
            let truth = if (a + b) % p == k as u32 { 1.0 } else { 0.0 };
            distance = distance.max((value - truth).abs());
        }
    }
    let [least, greatest] =
        frequencies::wrong(&frequencies::best(3, &frequencies::cosines(23)), &frequencies::cosines(23));
    let expected = (greatest - least) / (2.0 * (1.0 - least));
    assert!((f64::from(distance) - expected).abs() < 1e-5 && distance < 0.5, "{distance} for {expected}");
}

#[test]
fn weights_are_the_product_of_what_is_wired_and_what_reads_members_back() {
    for activation in [Activation::Bilinear, Activation::Quadratic] {
        let fourier = Fourier { activation, ..FOURIER };
        let Wired { embedding, layer } = wired(&sums(13, false), &fourier, 24, Level::Solved);
        let weight = layer.block.weight();
        let product = layer.factors.compute.product(&embedding.decoder);
        let difference = (&product - weight).iter().fold(0f32, |most, value| most.max(value.abs()));
        assert!(difference < FACTOR_TOLERANCE, "{difference}");
        assert!(weight.iter().all(|value| [-1.0, 0.0, 1.0].contains(value)));
    }
}

#[test]
fn what_is_no_addition_is_refused_and_said_why() {
    let refused = |change: &dyn Fn(&mut Circuit)| {
        let mut circuit = sums(5, false);
        change(&mut circuit);
        let task = &layer_tasks(&circuit)[0];
        FOURIER.refused(task, 20).map(|problem| problem.label)
    };
    assert_eq!(refused(&|_| {}), None);
    let gate = |circuit: &mut Circuit, change: &dyn Fn(&mut Gate)| change(&mut circuit.gates[2]);
    let messages = [
        refused(&|circuit| gate(circuit, &|gate| gate.kind = Kind::Or)),
        refused(&|circuit| gate(circuit, &|gate| gate.complemented = true)),
        refused(&|circuit| circuit.distribution.clauses.truncate(1)),
        refused(&|circuit| circuit.distribution = Distribution::default()),
        refused(&|circuit| circuit.operands[0] = Literal::new(Signal(0), true)),
        refused(&|circuit| circuit.operands.swap(1, 3)),
        refused(&|circuit| circuit.operands[3] = circuit.operands[1]),
        refused(&|circuit| gate(circuit, &|gate| gate.n_operands = 8)),
        refused(&|circuit| circuit.operands[1] = Literal::new(Signal(3), false)),
    ];
    insta::assert_snapshot!(messages.map(|message| message.unwrap_or("taken".into())).join("\n"));
}

#[test]
fn frequencies_are_chosen_by_words() {
    let chosen = |words: &str| {
        let words: Vec<Word> = words.split(' ').map(|word| (word.to_string(), Span::NOWHERE)).collect();
        FOURIER.with(&words).map(|fourier| fourier.spelling()).map_err(|problem| problem.headline)
    };
    assert_eq!(chosen("frequencies 3 1"), Ok("fourier frequencies 3 1".to_string()));
    let messages = ["turns 1", "frequencies", "frequencies 0", "frequencies 1 1", "frequencies 1.5", "frequencies one"];
    insta::assert_snapshot!(messages.map(|words| chosen(words).unwrap_err()).join("\n"));
}
