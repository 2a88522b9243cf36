//! Any bytes given to `Network::from_bytes` are a network or an error: no panic, and no allocation out of proportion.
//!
//! A network that is accepted must be written back to a file that reads the same, and must run. Plain mutation would
//! seldom get past the header, so half of the mutations change one part of a whole file and put the frame around it.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use ndarray::{Array2, array};
use superpose::network::forward::Forward;
use superpose::network::matrix::{Matrix, SparseMatrix};
use superpose::network::{Block, Factors, Header, InputDictionary, Layer, Network, Readoff, Relu, SignalName};

fuzz_target!(|bytes: &[u8]| {
    let Ok(network) = Network::from_bytes(bytes) else { return };
    let written = network.to_bytes();
    let again = Network::from_bytes(&written).expect("what was accepted is written as a valid file");
    assert_eq!(again, network);
    let _ = network.check();
    let _ = network.parameters();

    let all: Vec<u32> = (0..network.header.features.len() as u32).collect();
    let inputs: [&[u32]; 3] = [&[], &all, &all[..all.len().min(1)]];
    let forward = Forward::new(&network);
    let activations = forward.run(&inputs);
    for (layer_idx, layer) in network.layers.iter().enumerate() {
        let mut read = Array2::zeros((layer.n_signals(), inputs.len()));
        forward.read_off(layer_idx, 0..layer.n_signals(), activations.layer(layer_idx), read.view_mut());
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let Some((header, body)) = split(&data[..size]) else {
        let whole = &SEEDS[seed as usize % SEEDS.len()];
        if whole.len() > max_size || seed % 4 == 0 {
            return fuzzer_mutate(data, size, max_size);
        }
        data[..whole.len()].copy_from_slice(whole);
        return whole.len();
    };
    let (mut header, mut body) = (header.to_vec(), body.to_vec());
    match seed % 8 {
        1..4 if !body.is_empty() => {
            let length = body.len();
            fuzzer_mutate(&mut body, length, length);
        }
        4.. if max_size > 8 + body.len() => {
            let (length, room) = (header.len(), max_size - 8 - body.len());
            let length = length.min(room);
            header.resize(room, b' ');
            let length = fuzzer_mutate(&mut header, length, room);
            header.truncate(length);
        }
        _ => return fuzzer_mutate(data, size, max_size),
    }
    let whole = [&(header.len() as u64).to_le_bytes(), &header[..], &body].concat();
    if whole.len() > max_size {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..whole.len()].copy_from_slice(&whole);
    whole.len()
});

/// Header and tensors, if the frame is whole.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

/// A layer with a sparse read-off below one with a dense one; and stored inputs.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let compute = SparseMatrix::from_triplets(2, 3, &[(0, 0, 1.0), (0, 1, 1.0), (1, 2, 1.0)]);
    let readoff = Matrix::Sparse(SparseMatrix::from_triplets(2, 2, &[(0, 0, 1.0), (1, 1, -2.0)]));
    let below = layer("a", compute.to_dense(), Matrix::Sparse(compute.clone()), readoff);
    let top = layer("b", array![[1.0, -2.0]], Matrix::from(array![[1.0, 1.0]]), Matrix::from(array![[2.0]]));
    let direct = Network {
        heads: Vec::new(),
        header: header(),
        dictionary: None,
        layers: vec![below, top],
        sources: vec![("a.circ".into(), "feature a, b, c;".into())],
        rows: None,
    };
    let embedding = Matrix::from(array![[1.0, 0.0, -1.0], [0.0, 1.0, 1.0]]);
    let decompress = embedding.transpose();
    let weight = Matrix::Sparse(compute.clone()).product(&decompress);
    let mut only = layer("a", weight, Matrix::Sparse(compute), Matrix::from(array![[1.0, 0.5]]));
    only.factors.decompress = Some(decompress);
    let stored = Network {
        heads: Vec::new(),
        header: header(),
        dictionary: Some(InputDictionary { embedding, kind: "gaussian".into(), decoder: "transpose".into() }),
        layers: vec![only],
        sources: vec![],
        rows: Some(("rows.csv".into(), b"a\n1\n".to_vec())),
    };
    vec![direct.to_bytes(), stored.to_bytes()]
});

fn layer(name: &str, weight: Array2<f32>, compute: Matrix, matrix: Matrix) -> Layer {
    let (n_signals, width) = matrix.shape();
    Layer {
        name: name.into(),
        block: Block::Relu(Relu { weight, bias: vec![-1.0; width] }),
        factors: Factors { compute, decompress: None, written: None },
        readoff: Readoff {
            matrix,
            bias: vec![0.0; n_signals],
            threshold: vec![0.5; n_signals],
            signals: (0..n_signals)
                .map(|idx| SignalName { name: format!("{name}{idx}"), complemented: idx == 1 })
                .collect(),
            n_gates: n_signals,
        },
    }
}

fn header() -> Header {
    Header {
        version: "0.1.0".into(),
        circuit: "seed".into(),
        opt_level: 0,
        construction: "channels".into(),
        seed: 0,
        width_by_rule: false,
        features: ["a", "b", "c"].map(String::from).into(),
        gates: Vec::new(),
        mixed: Vec::new(),
        fit: None,
    }
}
