//! What a network is told by: nothing of it can change unseen.

mod common;

use std::collections::BTreeSet;

use common::networks::network;
use superpose::network::matrix::{Matrix, SparseMatrix};
use superpose::network::{Block, Network};

fn sparse(matrix: &mut Matrix) -> &mut SparseMatrix {
    match matrix {
        Matrix::Sparse(sparse) => sparse,
        Matrix::Dense(_) => panic!("it is kept sparse"),
    }
}

fn nudge(matrix: &mut Matrix) {
    match matrix {
        Matrix::Sparse(sparse) => sparse.values[0] += 1.0,
        Matrix::Dense(dense) => dense[[0, 0]] += 1.0,
    }
}

/// A row of a sparse matrix gets the first value of the next one: `indptr` alone is another.
fn move_a_row_on(matrix: &mut Matrix) {
    let indptr = &mut sparse(matrix).indptr;
    let row = (1..indptr.len() - 1).find(|&row| indptr[row] < indptr[row + 1]).expect("a row that is not empty");
    indptr[row] += 1;
}

/// Of one tensor of one of the networks: what it is, whether inputs are stored there, how it changes.
type Change = (&'static str, bool, fn(&mut Network));

const CHANGES: [Change; 13] = [
    ("the dictionary", true, |network| nudge(&mut network.dictionary.as_mut().expect("inputs are stored").embedding)),
    ("W", false, |network| network.layers[1].block.weight_mut()[[0, 0]] += 1.0),
    ("b", false, |network| {
        let Block::Relu(relu) = &mut network.layers[1].block else { panic!("a layer of ReLUs") };
        relu.bias[0] += 1.0;
    }),
    ("C", false, |network| nudge(&mut network.layers[0].factors.compute)),
    ("the places of C", false, |network| move_a_row_on(&mut network.layers[0].factors.compute)),
    ("D", true, |network| nudge(network.layers[0].factors.decompress.as_mut().expect("inputs are stored"))),
    ("D that is not said", true, |network| network.layers[0].factors.decompress = None),
    ("a sparse read-off", false, |network| nudge(&mut network.layers[0].readoff.matrix)),
    ("the rows of a sparse read-off", false, |network| move_a_row_on(&mut network.layers[0].readoff.matrix)),
    ("the columns of a sparse read-off", false, |network| {
        let indices = &mut sparse(&mut network.layers[0].readoff.matrix).indices;
        indices[0] ^= 1;
    }),
    ("a dense read-off", false, |network| nudge(&mut network.layers[1].readoff.matrix)),
    ("the offset of a read-off", false, |network| network.layers[1].readoff.bias[0] += 1.0),
    ("a threshold", false, |network| network.layers[1].readoff.threshold[0] += 1.0),
];

#[test]
fn networks_that_differ_in_one_tensor_have_other_fingerprints() {
    let mut seen = BTreeSet::from([false, true].map(|stored| network(stored).fingerprint()));
    assert_eq!(seen.len(), 2);
    for (what, stored, change) in CHANGES {
        let mut changed = network(stored);
        change(&mut changed);
        assert!(seen.insert(changed.fingerprint()), "another {what} and the same fingerprint");
    }
}

#[test]
fn a_network_that_is_read_back_has_its_fingerprint() {
    for stored in [false, true] {
        let network = network(stored);
        network.check().unwrap();
        let reread = Network::from_bytes(&network.to_bytes()).unwrap();
        assert_eq!(reread.fingerprint(), network.fingerprint());
    }
}
