//! Clauses of every kind at once, held against what they say by definition: what is drawn, listed, planted, proved.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::enumerate::distinct_inputs;
use super::plant::Planter;
use super::possible;
use super::sample::Sampler;
use super::support::Support;
use super::{Child, Clause, Distribution, Inputs, Member};
use crate::circuit::by_hand::{self, choose, every_input, off, on, random_clauses};
use crate::circuit::{Circuit, Kind, Signal};
use crate::random;

const N_FEATURES: u32 = 9;

fn circuit(clauses: Vec<Clause>, n_features: u32) -> Circuit {
    by_hand::circuit(n_features, &[], Distribution { clauses, plant: 0.0, rows: None })
}

fn random_circuit(seed: u64) -> Circuit {
    let rng = &mut random::stream(&[seed]);
    let clauses = random_clauses(rng, N_FEATURES);
    Circuit { distribution: Distribution { clauses, plant: 0.0, rows: None }, ..by_hand::random(rng, N_FEATURES, 2, 6) }
}

/// Holds how often inputs came against how likely they are: a sum of squares that is hardly ever so large by chance.
fn assert_as_likely<'a>(inputs: impl Iterator<Item = &'a [u32]>, likely: &[(Vec<u32>, f64)], what: &str) {
    let mut counts: BTreeMap<&[u32], f64> = BTreeMap::new();
    let mut n = 0.0;
    for input in inputs {
        *counts.entry(input).or_default() += 1.0;
        n += 1.0;
    }
    let (mut square, mut freedom, mut rare, mut expected_rare, mut n_seen) = (0.0f64, 0.0f64, 0.0f64, 0.0f64, 0.0);
    for (input, probability) in likely {
        let (count, expected) = (counts.get(&input[..]).copied().unwrap_or(0.0), n * probability);
        n_seen += count;
        if expected < 10.0 {
            (rare, expected_rare) = (rare + count, expected_rare + expected);
            continue;
        }
        square += (count - expected) * (count - expected) / expected;
        freedom += 1.0;
    }
    assert_eq!(n_seen, n, "{what}: drawn, though its probability is 0");
    assert!((rare - expected_rare).abs() < 6.0 * expected_rare.sqrt() + 6.0, "{what}: {rare}, not {expected_rare}");
    assert!(square < freedom + 6.0 * (2.0 * freedom).sqrt() + 12.0, "{what}: {square} with {freedom} inputs");
}

fn drawn(circuit: &Circuit, n_blocks: u64) -> Vec<Inputs> {
    let sampler = Sampler::new(circuit).unwrap();
    (0..n_blocks).map(|block| sampler.block(7, "test", block)).collect()
}

#[test]
fn inputs_come_as_often_as_the_clauses_say() {
    for seed in 0..60 {
        let circuit = random_circuit(seed);
        let likely = every_input(&circuit.distribution.clauses, N_FEATURES);
        let total: f64 = likely.iter().map(|(_, probability)| probability).sum();
        assert!((total - 1.0).abs() < 1e-9, "seed {seed}: {total}");
        let blocks = drawn(&circuit, 400);
        assert_as_likely(blocks.iter().flat_map(Inputs::iter), &likely, &format!("seed {seed}"));
        let mean: f64 = likely.iter().map(|(input, probability)| input.len() as f64 * probability).sum();
        let found = circuit.distribution.active_features();
        assert!((found - mean).abs() < 1e-9, "seed {seed}: {found} on, not {mean}");
    }
}

#[test]
fn draws_of_the_new_clauses_are_fixed_for_ever() {
    let zipf = |n: u32| (0..n).map(|place| 1.0 / f64::from(place + 1));
    let members = (0..30).map(Member::One).collect();
    let children = (0..30).map(|parent| Child { feature: 30 + parent, parent, probability: 0.4 }).collect();
    let clauses = vec![
        Clause::Weighted { members, count: 1..=3, weights: zipf(30).collect() },
        Clause::When { children },
        Clause::Coins { features: (60..100).collect(), probabilities: zipf(40).map(|weight| weight / 2.0).collect() },
        Clause::Correlated { features: (100..106).collect(), probability: 0.2, correlation: 0.5 },
    ];
    let lines: Vec<String> =
        drawn(&circuit(clauses, 106), 1)[0].iter().take(8).map(|input| format!("{input:?}")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn pairs_of_correlated_features_have_that_correlation() {
    for (probability, correlation) in [(0.1, 0.5), (0.02, 0.25), (0.5, 0.0), (0.3, 0.9)] {
        let of = Clause::Correlated { features: (0..4).collect(), probability, correlation };
        let blocks = drawn(&circuit(vec![of], 4), 1500);
        let n = 1500.0 * 64.0;
        let share = |of: &[u32]| {
            let has = |input: &&[u32]| of.iter().all(|feature| input.contains(feature));
            blocks.iter().flat_map(Inputs::iter).filter(has).count() as f64 / n
        };
        for (one, other) in [(0, 1), (1, 3), (2, 3)] {
            assert!((share(&[one]) - probability).abs() < 5.0 * (probability / n).sqrt(), "{}", share(&[one]));
            let found = (share(&[one, other]) - probability * probability) / (probability * (1.0 - probability));
            assert!((found - correlation).abs() < 0.03, "{found}, not {correlation}");
        }
    }
}

/// Far more features than are on: gaps and thinning.
#[test]
fn rare_coins_of_several_probabilities_come_as_often_as_each_says() {
    let probabilities: Vec<f64> = (0..2000).map(|place| 0.5 * libm::pow(f64::from(place + 1), -1.1)).collect();
    let expected = probabilities.clone();
    let circuit = circuit(vec![Clause::Coins { features: (0..2000).collect(), probabilities }], 2000);
    let n = 2000.0 * 64.0;
    let mut counts = vec![0.0; 2000];
    let blocks = drawn(&circuit, 2000);
    blocks.iter().flat_map(Inputs::iter).flatten().for_each(|&feature| counts[feature as usize] += 1.0);
    let square: f64 =
        counts.iter().zip(&expected).map(|(count, p)| (count - n * p) * (count - n * p) / (n * p * (1.0 - p))).sum();
    assert!((square - 2000.0).abs() < 6.0 * 4000.0f64.sqrt(), "{square}");
}

#[test]
fn inputs_around_decided_features_come_as_often_as_without() {
    let members = (0..3).map(Member::One).collect();
    let clauses = vec![
        Clause::Weighted { members, count: 1..=1, weights: vec![3.0, 2.0, 1.0] },
        Clause::Correlated { features: (3..7).collect(), probability: 0.2, correlation: 0.4 },
        Clause::When { children: vec![Child { feature: 7, parent: 3, probability: 0.3 }] },
        Clause::Coins { features: vec![8], probabilities: vec![0.1] },
    ];
    let circuit = circuit(clauses.clone(), 9);
    for wanted in [
        vec![(3, true)],
        vec![(3, false), (4, true)],
        vec![(0, false), (5, true), (6, true)],
        vec![(7, true), (8, true)],
        vec![(1, true), (3, true), (7, false)],
    ] {
        let mut likely = every_input(&clauses, 9);
        likely.retain(|(input, _)| wanted.iter().all(|(feature, value)| input.contains(feature) == *value));
        let total: f64 = likely.iter().map(|(_, probability)| probability).sum();
        likely.iter_mut().for_each(|(_, probability)| *probability /= total);
        let (mut planter, mut rng, mut inputs) = (Planter::new(&circuit), random::stream(&[1]), Inputs::default());
        let signals: Vec<(Signal, bool)> = wanted.iter().map(|&(feature, value)| (Signal(feature), value)).collect();
        for _ in 0..20_000 {
            let mut active = Vec::new();
            assert!(planter.draw(&mut rng, &signals, &mut active), "{wanted:?}");
            inputs.push(active);
        }
        assert_as_likely(inputs.iter(), &likely, &format!("{wanted:?}"));
    }
}

#[test]
fn a_plant_under_others_has_them_on_and_what_cannot_be_is_never_planted() {
    let clauses = vec![
        choose(0..4, 1..=1),
        Clause::When { children: (4..8).map(|f| Child { feature: f, parent: f - 4, probability: 0.01 }).collect() },
        Clause::When { children: vec![Child { feature: 8, parent: 4, probability: 1.0 }] },
    ];
    let plantable = |gates: &[Vec<crate::circuit::Literal>]| {
        let gates = gates.iter().map(|operands| (Kind::And, operands.clone())).collect();
        let distribution = Distribution { clauses: clauses.clone(), plant: 1.0, rows: None };
        by_hand::circuit(9, &[gates], distribution)
    };
    let misfits =
        [vec![on(4), off(0)], vec![on(4), on(5)], vec![on(8), off(4)], vec![on(4), off(8)], vec![on(8), on(1)]];
    assert!(misfits.iter().all(|operands| Sampler::new(&plantable(std::slice::from_ref(operands))).is_err()));
    let all = [&misfits[..], &[vec![on(4)], vec![on(5), off(0)]]].concat();
    let circuit = plantable(&all);
    assert_eq!(Sampler::new(&circuit).unwrap().n_plantable(), 2);
    let blocks = drawn(&circuit, 100);
    let (mut n, mut n_first) = (0, 0);
    for input in blocks.iter().flat_map(Inputs::iter) {
        assert!(input == [0, 4, 8] || input == [1, 5], "{input:?}");
        n += 1;
        n_first += usize::from(input == [0, 4, 8]);
    }
    assert!((n_first as f64 / n as f64 - 0.5).abs() < 0.04, "{n_first} of {n}");
}

#[test]
fn an_operand_and_what_it_is_under_make_a_constant() {
    let clauses = vec![
        choose(0..2, 1..=1),
        Clause::When { children: (2..4).map(|f| Child { feature: f, parent: f - 2, probability: 0.3 }).collect() },
        Clause::When { children: vec![Child { feature: 4, parent: 2, probability: 0.0 }] },
        Clause::When { children: vec![Child { feature: 5, parent: 4, probability: 1.0 }] },
    ];
    let gates = vec![
        (Kind::And, vec![on(2), off(0)]),
        (Kind::Or, vec![off(2), on(0)]),
        (Kind::And, vec![on(2), on(0)]),
        (Kind::AtLeast(3), vec![on(2), off(0), on(3), off(1)]),
        (Kind::Copy, vec![on(5)]),
        (Kind::And, vec![off(2), on(0)]),
    ];
    let circuit = by_hand::circuit(6, &[gates], Distribution { clauses, plant: 0.0, rows: None });
    let constants = &possible::constants_of_support(&circuit)[6..];
    // Stored, a gate that is always on rests at 1.
    let stored = |written: bool, gate: usize| Some(written != circuit.gates[gate].complemented);
    assert_eq!(constants, [stored(false, 0), stored(true, 1), None, stored(false, 3), stored(false, 4), None]);
}

#[test]
fn long_chains_and_many_choices_are_listed() {
    // x[i + 1] under x[i]: as many patterns as there are lengths.
    let n = 200_000;
    let children = (1..n).map(|f| Child { feature: f, parent: f - 1, probability: 0.5 }).collect();
    let first = Clause::Each { features: vec![0], probability: 0.5 };
    let chain = circuit(vec![first, Clause::When { children }], n);
    let distinct = distinct_inputs(&chain).unwrap();
    assert_eq!(distinct.n_inputs(), u64::from(n) + 1);
    let last = distinct.block(distinct.n_blocks() - 1);
    assert_eq!(last.iter().map(<[u32]>::len).max(), Some(n as usize));
    // Two of 1000, each with one under it; or so many that nobody counts them.
    let under = |most: u32| {
        let children = (0..1000).map(|f| Child { feature: 1000 + f, parent: f, probability: 0.5 }).collect();
        circuit(vec![choose(0..1000, most..=most), Clause::When { children }], 2000)
    };
    assert_eq!(distinct_inputs(&under(2)).unwrap().n_inputs(), 4 * 499_500);
    assert_eq!(distinct_inputs(&under(500)).map(|_| ()).unwrap_err().count, u128::MAX);
    assert_eq!(distinct_inputs(&under(4)).map(|_| ()).unwrap_err().count, 16 * 41_417_124_750);
    // All but one: what is left is few.
    let children = vec![Child { feature: 50_000, parent: 7, probability: 0.5 }];
    let wide = circuit(vec![choose(0..50_000, 49_999..=49_999), Clause::When { children }], 50_001);
    assert_eq!(distinct_inputs(&wide).unwrap().n_inputs(), 2 * 49_999 + 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn what_is_listed_is_what_can_be_drawn(seed: u64, plant: bool) {
        let mut circuit = random_circuit(seed);
        circuit.distribution.plant = f64::from(u8::from(plant));
        prop_assume!(Sampler::new(&circuit).is_ok());
        let possible = every_input(&circuit.distribution.clauses, N_FEATURES);
        let planted = super::enumerate::AlwaysPlanted::of(&circuit);
        let is_left = |input: &Vec<u32>| planted.as_ref().is_none_or(|planted| planted.reaches(input));
        let possible: BTreeSet<Vec<u32>> = possible.into_iter().map(|(input, _)| input).filter(is_left).collect();
        let distinct = distinct_inputs(&circuit).unwrap();
        let listed: Vec<Vec<u32>> =
            distinct.blocks().flat_map(|block| block.iter().map(<[u32]>::to_vec).collect::<Vec<_>>()).collect();
        prop_assert!(plant || listed.len() as u64 == distinct.n_inputs());
        let n_listed = listed.len();
        let listed: BTreeSet<Vec<u32>> = listed.into_iter().collect();
        prop_assert_eq!(n_listed, listed.len(), "an input comes twice");
        prop_assert_eq!(&listed, &possible);
        for inputs in drawn(&circuit, 4) {
            for input in inputs.iter() {
                prop_assert!(listed.contains(input), "{:?}", input);
            }
        }
        let support = Support::of(&circuit).unwrap();
        for input in &possible {
            let off: Vec<u32> = (0..N_FEATURES).filter(|feature| !input.contains(feature)).collect();
            let rest = support.around(input, &off).unwrap();
            prop_assert_eq!((&rest.on, support.has(input)), (input, true));
        }
        let constants = possible::constants_of_support(&circuit);
        let mut planter = Planter::new(&circuit);
        let rng = &mut random::stream(&[seed, 1]);
        for signal in 0..circuit.n_signals() as u32 {
            for value in [false, true] {
                let occurs = |input: &Vec<u32>| by_hand::evaluate(&circuit, input)[signal as usize] == value;
                let is_possible = possible.iter().any(occurs);
                prop_assert!(!is_possible || constants[signal as usize] != Some(!value), "signal {}", signal);
                let mut active = Vec::new();
                if !plant && planter.draw(rng, &[(Signal(signal), value)], &mut active) {
                    prop_assert!(occurs(&active) && possible.contains(&active), "{:?}", active);
                } else if !plant && signal < N_FEATURES {
                    prop_assert!(!is_possible, "feature {} is not found {}", signal, value);
                }
            }
        }
    }

    #[test]
    fn no_input_comes_to_less_than_the_least(seed: u64) {
        let circuit = random_circuit(seed);
        let mut rng = random::stream(&[seed, 2]);
        let weights = ndarray::Array2::from_shape_simple_fn((4, N_FEATURES as usize), || random::gaussian(&mut rng) as f32);
        let possible = every_input(&circuit.distribution.clauses, N_FEATURES);
        for (weights, least) in weights.rows().into_iter().zip(super::least::least_sums(&circuit.distribution, &weights)) {
            let sum = |(active, _): &(Vec<u32>, f64)| active.iter().map(|&f| weights[f as usize]).sum::<f32>();
            let found = possible.iter().map(sum).fold(f32::INFINITY, f32::min);
            prop_assert!((least - found).abs() < 1e-5, "{}, not {}", least, found);
        }
    }
}
