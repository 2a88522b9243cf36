//! Networks whose layers add to a stream: they compute their circuits, as files and all, and W_out = Φ R.

mod common;

use common::{compiled, constructions_at, options, program, report, samples};
use superpose::network::forward::Forward;
use superpose::network::matrix::Matrix;
use superpose::network::{Block, Network};
use superpose::program::{Level, Program};
use superpose::progress::unwatched;
use superpose::verify::{self, Request, Status};

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
    let proof = verify::verify(&program.circuit, &network, &Request::default(), &mut unwatched).unwrap();
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
