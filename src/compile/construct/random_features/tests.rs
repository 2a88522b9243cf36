//! What the papers say of random layers, held against what they do.

use super::*;
use crate::circuit::{Circuit, Distribution, Kind, Literal, Signal, by_hand};
use crate::compile::construct::staircase::table;

/// All pairs of some features, or some triples, of a kind.
fn gates(kind: Kind, n_features: u32, fan_in: u32) -> Circuit {
    let operands =
        |first: u32| (0..fan_in).map(move |idx| Literal::new(Signal((first + idx * idx) % n_features), false));
    let gates = (0..n_features).map(|first| (kind, operands(first).collect())).collect();
    by_hand::circuit(n_features, &[gates], Distribution::default())
}

fn layer(n: usize, n_features: usize, n_on: usize, weights: Weights, seed: u64) -> RandomLayer {
    let rng = &mut random::stream(&[seed]);
    let draw = || match weights {
        Weights::Rademacher if random::coin(rng, 0.5) => 1.0,
        Weights::Rademacher => -1.0,
        Weights::Gaussian => random::gaussian(rng) as f32,
    };
    let adds = Array2::from_shape_simple_fn((n, n_features), draw);
    RandomLayer { weights, adds, power: 1.0, rest: Rest::always(n_features, n_on) }
}

/// By case of the target's operands, the mean and the standard deviation of what it reads of a layer, over draws of
/// `n_on` features.
fn readings(layer: &RandomLayer, columns: &[usize], row: &Row, bias: f64, n_on: usize) -> Vec<[f64; 2]> {
    const N_DRAWS: usize = 400;
    let (n, n_features) = layer.adds.dim();
    let rng = &mut random::stream(&[99]);
    let of_case = |case: usize| {
        let given: Vec<usize> =
            columns.iter().enumerate().filter(|entry| case >> entry.0 & 1 == 1).map(|entry| *entry.1).collect();
        let read: Vec<f64> = (0..N_DRAWS)
            .map(|_| {
                let mut on = given.clone();
                while on.len() < n_on {
                    let feature = random::below(rng, n_features as u32) as usize;
                    if !on.contains(&feature) && !columns.contains(&feature) {
                        on.push(feature);
                    }
                }
                let h = |neuron: usize| {
                    (on.iter().map(|&feature| f64::from(layer.adds[[neuron, feature]])).sum::<f64>() + bias).max(0.0)
                };
                row.offset + (0..n).map(|neuron| row.weights[neuron] * h(neuron)).sum::<f64>()
            })
            .collect();
        let mean = read.iter().sum::<f64>() / N_DRAWS as f64;
        let variance = read.iter().map(|read| (read - mean) * (read - mean)).sum::<f64>() / N_DRAWS as f64;
        [mean, libm::sqrt(variance)]
    };
    (0..1 << columns.len()).map(of_case).collect()
}

/// Whatever two-input gates a file has, they read their value in the mean in all four cases, with either weights, and
/// as noisily as is foretold.
#[test]
fn four_conditions_are_right_on_average_in_each_of_four_cases() {
    for (kind, weights, bias) in [
        (Kind::And, Weights::Rademacher, 0.0),
        (Kind::Xor, Weights::Rademacher, 0.0),
        (Kind::Or, Weights::Gaussian, 0.0),
        (Kind::Xor, Weights::Gaussian, -1.0),
    ] {
        let circuit = gates(kind, 400, 2);
        let task = LayerTask::new(&circuit, 0);
        let (n_on, layer) = (6, layer(2000, 400, 6, weights, 5));
        let expected = layer.expected(bias);
        for target_idx in [3, 20] {
            let columns = layer.columns(&task, target_idx).unwrap();
            let row = layer.row(&task, target_idx, bias, &expected, ReadBy::Conditions).unwrap();
            let foretold = layer.with_cases(&task, target_idx, &columns, bias, &expected[2], |cases| cases.noise(&row));
            let values = table(&task, target_idx, &task.operands(target_idx));
            let read = readings(&layer, &columns, &row, bias, n_on);
            for (case, [mean, deviation]) in read.iter().enumerate() {
                // 400 draws, all of which hear what a neuron's weights come to in the mean.
                let most = 4.0 * foretold * libm::sqrt(1.0 / 400.0 + n_on as f64 / 400.0);
                assert!((mean - values[case]).abs() < most, "{kind:?} {case}: {mean}, not within {most}");
                assert!(*deviation < 1.3 * foretold, "{kind:?} {case}: {deviation} against {foretold}");
            }
            let largest = read.iter().fold(0.0f64, |most, read| most.max(read[1]));
            assert!(largest > 0.7 * foretold, "{largest} against {foretold}");
        }
    }
}

/// relu is a line and an even function: three signs together do not show, unless a bias breaks the symmetry.
#[test]
fn three_inputs_together_need_a_bias() {
    let circuit = gates(Kind::And, 60, 3);
    let task = LayerTask::new(&circuit, 0);
    let layer = layer(4000, 60, 5, Weights::Rademacher, 8);
    let read = |bias| layer.row(&task, 4, bias, &layer.expected(bias), ReadBy::Conditions);
    assert_eq!(read(0.0), None);
    assert!(!layer.missing(&task, 4, ReadBy::Conditions).would_fit_wider);
    let bias = layer.best_bias(&task);
    assert_ne!(bias, 0.0);
    let row = read(bias).unwrap();
    let columns = layer.columns(&task, 4).unwrap();
    let read = readings(&layer, &columns, &row, bias, 5);
    assert!((read[7][0] - 1.0).abs() < 0.1 && read[3][0].abs() < 0.1 && read[0][0].abs() < 0.1, "{read:?}");
}

/// The expectation reads nothing of an operand alone; plain weights hear it, with less noise.
#[test]
fn two_more_read_offs_do_what_their_words_say() {
    let circuit = gates(Kind::And, 60, 2);
    let task = LayerTask::new(&circuit, 0);
    let layer = layer(3000, 60, 4, Weights::Gaussian, 6);
    let expected = layer.expected(0.0);
    // Of some gates in the mean: which weights two features have shows.
    let targets = [3, 9, 15, 22, 31, 38, 44, 51];
    let read = |read_by| {
        let mut sum = vec![[0.0; 2]; 4];
        for target_idx in targets {
            let columns = layer.columns(&task, target_idx).unwrap();
            let row = layer.row(&task, target_idx, 0.0, &expected, read_by).unwrap();
            for (sum, read) in sum.iter_mut().zip(readings(&layer, &columns, &row, 0.0, 4)) {
                *sum = [0, 1].map(|idx| sum[idx] + read[idx] / targets.len() as f64);
            }
        }
        sum
    };
    let [none, one, other, both] = read(ReadBy::Expectation)[..] else { panic!("four cases") };
    assert!([none, one, other].iter().all(|read| read[0].abs() < 0.15), "{none:?} {one:?} {other:?}");
    assert!((both[0] - 1.0).abs() < 0.15, "{both:?}");
    let plain = read(ReadBy::Plain);
    let step = |read: &[[f64; 2]]| read[3][0] - read[0][0];
    assert!(plain[1][0] - plain[0][0] > 0.2 * step(&plain), "an operand alone is heard: {plain:?}");
    assert!(plain[0][1] / step(&plain) < none[1], "with less noise for its step: {plain:?} against {none:?}");
    let xor = gates(Kind::Xor, 60, 2);
    let task = LayerTask::new(&xor, 0);
    assert_eq!(layer.row(&task, 9, 0.0, &expected, ReadBy::Plain), None);
}
