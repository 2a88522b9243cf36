//! Networks whose layers add to a stream: they compute their circuits, as files and all, W_out = Φ R in closed form, and
//! what is fitted stands side by side in the stream where that has room.

mod common;

use common::{compiled, constructions_at, loaded, options, program, report, samples};
use ndarray::Array2;
use superpose::compile::{Options, Request, dictionary_names};
use superpose::network::forward::Forward;
use superpose::network::matrix::Matrix;
use superpose::network::{Block, Network};
use superpose::program::{Level, Program};
use superpose::progress::unwatched;
use superpose::verify::{self, Status};

/// Three layers, of which the last reads a feature, and gates of both others; a complement among them.
fn three_layers(dimensions: u32) -> Program {
    program(&format!(
        "feature x[8];
         sample {{ choose 0..=8 of x; }}
         layer a {{ pair[i] = x[i] & x[i+1] for i in 0..6; none = nor(x[0], x[7]); }}
         layer b {{ odd = x[0] ^ pair[5]; two = pair[0] & pair[2]; }}
         layer c {{ end = x[7] & !odd & pair[1]; some = any(two, none, odd); }}
         network {{ residual {dimensions}; }}"
    ))
}

fn network(program: &Program, level: Level) -> Network {
    let network = compiled(program, &options(level, 64, "channels"));
    network.check().unwrap();
    network
}

/// Everything that is below a layer is a column of C, and nothing is carried.
#[test]
fn what_was_written_is_read_by_every_layer_above() {
    let program = three_layers(40);
    assert!(program.circuit.layers.iter().all(|layer| layer.carried.is_empty()));
    let network = network(&program, Level::Solved);
    let n_columns: Vec<usize> = network.layers.iter().map(|layer| layer.factors.compute.n_columns()).collect();
    assert_eq!(n_columns, [8, 15, 17]);
    assert_eq!(network.unembedding(3).dim(), (19, 40));
}

#[test]
fn with_as_many_dimensions_as_signals_all_is_right_on_every_input() {
    let program = three_layers(40);
    let network = network(&program, Level::Solved);
    let proof = verify::verify(&program.circuit, &network, &verify::Request::default(), &mut unwatched).unwrap();
    assert_eq!(proof.status, Status::Proved);
}

#[test]
fn every_construction_writes_to_a_stream() {
    let program = three_layers(40);
    for level in [Level::Published, Level::Solved] {
        for construction in constructions_at(level) {
            let network = compiled(&program, &options(level, 400, construction));
            network.check().unwrap();
            let report = report(&program, &network, &samples(512));
            assert!(report.reliability.is_finite() && report.without_relu.is_some(), "{construction} {level:?}");
            let is_exact = level == Level::Solved && ["channels", "naive"].contains(&construction);
            assert!(!is_exact || report.reliability == 1.0, "{construction}: {}", report.reliability);
        }
    }
}

#[test]
fn a_network_that_is_read_back_reads_the_same() {
    for level in [Level::Published, Level::Solved] {
        let program = three_layers(12);
        let network = network(&program, level);
        let reread = Network::from_bytes(&network.to_bytes()).unwrap();
        assert_eq!(reread, network);
        let (before, after) = (report(&program, &network, &samples(512)), report(&program, &reread, &samples(512)));
        assert_eq!((before.reliability, before.stream), (after.reliability, Some(12)));
    }
}

/// What a layer adds lies along the directions of its gates: of fewer gates than dimensions, in a space of as many.
#[test]
fn a_layer_writes_along_the_directions_of_its_gates() {
    let program = three_layers(40);
    let network = network(&program, Level::Solved);
    let decoder = Matrix::Dense(network.unembedding(3));
    for (layer_idx, layer) in network.layers.iter().enumerate() {
        let Block::Residual(residual) = &layer.block else { panic!("it adds to the stream") };
        let read = decoder.product(&Matrix::Dense(residual.writes.clone()));
        let own = 8 + network.layers[..layer_idx].iter().map(|layer| layer.n_signals()).sum::<usize>();
        for (signal, row) in read.rows().into_iter().enumerate() {
            let greatest = row.iter().fold(0f32, |greatest, value| greatest.max(value.abs()));
            let is_own = (own..own + layer.n_signals()).contains(&signal);
            assert!(is_own == (greatest > 1e-3), "signal {signal} of layer {layer_idx}: {greatest}");
        }
    }
}

/// The features are still there on top of all layers.
#[test]
fn features_are_read_off_the_last_stream() {
    let program = three_layers(40);
    let network = network(&program, Level::Solved);
    let activations = Forward::new(&network).run(&[&[0, 1, 5], &[], &[7]]);
    let read = Matrix::Dense(network.unembedding(3)).product(&Matrix::from(activations.top().above().to_owned()));
    for (feature, expected) in [(0, [1.0, 0.0, 0.0]), (5, [1.0, 0.0, 0.0]), (7, [0.0, 0.0, 1.0])] {
        assert!(read.row(feature).iter().zip(expected).all(|(read, truth)| (read - truth).abs() < 1e-2), "{read:?}");
    }
}

/// Two layers of more gates than neurons.
fn crowded(dimensions: u32) -> Program {
    program(&format!(
        "feature x[24];
         sample {{ choose 0..=3 of x; plant 0.5; }}
         layer a {{ both[i] = all(pick(2, x)) for i in 0..90; }}
         layer b {{ but[i] = pick(1, both) & !pick(1, x) for i in 0..60; odd[i] = parity(pick(2, both)) for i in 0..30; }}
         output both, but, odd;
         network {{ width 18; residual {dimensions}; }}
         require {{ accuracy(0.45) > 0.9; }}"
    ))
}

fn fitted(program: &Program, fit: Request) -> Network {
    let network = compiled(program, &Options { level: Some(Level::Fitted), fit, ..Options::default() });
    network.check().unwrap();
    network
}

fn budget(n_inputs: u64) -> Request {
    Request { budget: Some(n_inputs), ..Request::default() }
}

fn within(program: &Program, network: &Network) -> f64 {
    report(program, network, &samples(2000)).accuracy.iter().find(|row| row.is_asked).unwrap().share.value()
}

fn reliability(program: &Program, network: &Network) -> f64 {
    report(program, network, &samples(2000)).reliability
}

/// All signals off the stream above a layer: [signals, inputs].
fn read_off(network: &Network, layer_idx: usize, inputs: &[&[u32]]) -> Array2<f32> {
    let activations = Forward::new(network).run(inputs);
    let decoder = Matrix::Dense(network.unembedding(network.layers.len()));
    decoder.product(&Matrix::from(activations.layer(layer_idx).above().to_owned()))
}

#[test]
fn a_fit_trains_through_the_stream() {
    // Room for every neuron, for features alone, and for neither.
    for (dimensions, least) in [(60, 0.9), (40, 0.6), (20, 0.2)] {
        let program = crowded(dimensions);
        let network = fitted(&program, budget(400_000));
        let solved = within(&program, &compiled(&program, &options(Level::Solved, 18, "channels")));
        let reached = within(&program, &network);
        assert!(reached >= least && reached > solved + 0.1, "{dimensions}: {reached}, beside {solved}");
    }
}

/// A layer of few gates under one of many neurons: what is below has fewer signals than the stream has dimensions.
#[test]
fn a_stream_of_more_dimensions_than_signals_loses_nothing_of_a_fit() {
    let reached = [75, 60].map(|dimensions| {
        let program = program(&format!(
            "feature x[40];
             sample {{ choose 0..=3 of x; plant 0.5; }}
             layer a {{ both[i] = all(pick(2, x)) for i in 0..8; }}
             layer b {{ but[i] = pick(1, both) & !pick(1, x) for i in 0..40; }}
             output both, but;
             network {{ width 40; width a 6; residual {dimensions}; }}
             require {{ accuracy(0.45) > 0.9; }}"
        ));
        let network = fitted(&program, budget(400_000));
        assert_eq!(network.header.construction, "fitted", "{dimensions}");
        within(&program, &network)
    });
    assert!(reached.iter().all(|&reached| reached > 0.9), "{reached:?}");
}

/// With room for all, nothing that is written covers anything else: not what was there before, nor what comes after.
#[test]
fn what_a_layer_has_computed_is_read_the_same_off_every_stream_above() {
    let network = fitted(&crowded(60), budget(30_000));
    let inputs: [&[u32]; 4] = [&[], &[0, 1, 2], &[7], &[3, 11, 23]];
    let (first, last) = (read_off(&network, 0, &inputs), read_off(&network, 1, &inputs));
    let n_below = 24 + 90;
    let moved = first.iter().zip(&last).take(n_below * inputs.len()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(moved < 1e-4, "{moved}");
    // The features are there as they came.
    for (input, active) in inputs.iter().enumerate() {
        for feature in 0..24 {
            let truth = if active.contains(&(feature as u32)) { 1.0 } else { 0.0 };
            assert!((last[[feature, input]] - truth).abs() < 1e-4, "{feature} of {active:?}");
        }
    }
}

#[test]
fn a_network_on_a_stream_is_fitted_further() {
    for dimensions in [60, 20] {
        let program = crowded(dimensions);
        let network = fitted(&program, budget(30_000));
        let from = Some(Box::new(network.clone()));
        // Good enough for that: it stays as it is.
        let same = fitted(&program, Request { from: from.clone(), target: Some(1e-3), ..Request::default() });
        let inputs: [&[u32]; 3] = [&[], &[0, 1, 2], &[7]];
        let moved = readings(&same, 1, &inputs) - readings(&network, 1, &inputs);
        assert!(moved.iter().all(|moved| moved.abs() < 1e-3), "{dimensions}: {moved}");
        // Even where thresholds are not ½, which read-offs that are near 0 and 1 know nothing of.
        assert!(within(&program, &same) >= within(&program, &network) - 0.01);
        let longer = fitted(&program, Request { from, ..budget(100_000) });
        let (before, after) = (within(&program, &network), within(&program, &longer));
        assert!(after > before + 0.05, "{dimensions}: {after}, which was {before}");
    }
}

/// What each signal of a layer reads: [signals, inputs].
fn readings(network: &Network, layer_idx: usize, inputs: &[&[u32]]) -> Array2<f32> {
    let forward = Forward::new(network);
    let n_signals = network.layers[layer_idx].n_signals();
    let mut readings = Array2::zeros((n_signals, inputs.len()));
    forward.read_off(layer_idx, 0..n_signals, forward.run(inputs).layer(layer_idx), readings.view_mut());
    readings
}

/// Every signal lies along a vector of the dictionary that is named, and a fit has the features there: with as many
/// dimensions as features and with fewer.
#[test]
fn a_stream_has_the_directions_of_the_dictionary_that_is_named() {
    for name in dictionary_names() {
        for dimensions in [16, 64] {
            let text = format!(
                "feature x[24]; sample {{ choose 0..=2 of x; plant 0.5; }}
                 layer a {{ both[i] = all(pick(2, x)) for i in 0..20; }}
                 layer b {{ but[i] = pick(1, both) & !pick(1, x) for i in 0..10; }}
                 output both, but; network {{ width 30; residual {dimensions} with {name}; }}"
            );
            let Some(program) = loaded(&[("stream.circ", &text)]).program else {
                assert_eq!((name, dimensions), ("hadamard", 16), "has 16 vectors");
                continue;
            };
            let features = |network: &Network| network.dictionary.clone().unwrap();
            let networks = [Level::Published, Level::Solved].map(|level| network(&program, level));
            let fitted = fitted(&program, budget(60_000));
            for network in networks.iter().chain([&fitted]) {
                assert_eq!(features(network).kind, name);
                assert_eq!(features(network).embedding, features(&networks[0]).embedding);
            }
            // W_out = Φ R: the columns of Φ are unit vectors too, and of Kerdock overlap by no more than 1/√d.
            let mut written: Vec<Vec<f32>> = features(&networks[1])
                .embedding
                .to_dense()
                .columns()
                .into_iter()
                .map(|column| column.to_vec())
                .collect();
            for layer in &networks[1].layers {
                let directions = layer.factors.written.as_ref().unwrap().direction.to_dense();
                written.extend(directions.columns().into_iter().map(|column| column.to_vec()));
            }
            assert_eq!(written.len(), 54);
            let overlap = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>().abs();
            for (at, one) in written.iter().enumerate() {
                assert!((overlap(one, one) - 1.0).abs() < 1e-5, "{name}");
                let most = written[..at].iter().map(|other| overlap(one, other)).fold(0.0, f32::max);
                assert!(name != "kerdock" || most <= 1.0 / (dimensions as f32).sqrt(), "{most} in {dimensions}");
            }
            let solved = compiled(&program, &options(Level::Solved, 30, "channels"));
            let [solved, reached] = [&solved, &fitted].map(|network| reliability(&program, network));
            assert!(reached > 0.3 && reached > solved - 0.05, "{name} in {dimensions}: {reached}, beside {solved}");
        }
    }
}

/// One layer that is read through thresholds has a short way in elsewhere, which knows no stream.
#[test]
fn a_fit_of_one_side_stands_on_a_stream_too() {
    let program = program(
        "feature x[24]; sample { choose 0..=3 of x; plant 0.5; } both[i] = all(pick(2, x)) for i in 0..90;
         network { width 18; residual 48; readoff one_sided; }",
    );
    let network = fitted(&program, budget(100_000));
    let reliability = report(&program, &network, &samples(2000)).reliability;
    assert!(reliability > 0.95, "{reliability}");
}
