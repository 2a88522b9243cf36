//! Small networks for the tests of this folder: layers stacked on each other, inputs stored in superposition, and
//! layers that add to a stream.

use ndarray::Array2;

use super::matrix::{Matrix, SparseMatrix};
use super::{
    Activation, Block, Factors, Head, Header, InputDictionary, Layer, Network, Polynomial, Readoff, Relu, Residual,
    SignalName, Written,
};
use crate::random::{self, Pcg64};

fn gaussian(rng: &mut Pcg64, n_rows: usize, n_columns: usize) -> Array2<f32> {
    Array2::from_shape_fn((n_rows, n_columns), |_| random::gaussian(rng) as f32)
}

fn sparse(rng: &mut Pcg64, n_rows: usize, n_columns: usize) -> Matrix {
    let mut matrix = SparseMatrix::with_columns(n_columns);
    for _ in 0..n_rows {
        let columns = random::distinct(rng, 2, n_columns as u32);
        matrix.push_row(columns.into_iter().map(|column| (column, random::gaussian(rng) as f32)));
    }
    Matrix::Sparse(matrix)
}

fn signals(prefix: &str, n: usize) -> Vec<SignalName> {
    (0..n).map(|idx| SignalName { name: format!("{prefix}[{idx}]"), complemented: idx == 1 }).collect()
}

fn layer(rng: &mut Pcg64, name: &str, compute: Matrix, weight: Array2<f32>, readoff: Matrix) -> Layer {
    let (n_signals, width) = readoff.shape();
    let bias = gaussian(rng, 1, width).into_raw_vec_and_offset().0;
    Layer {
        name: name.into(),
        block: Block::Relu(Relu { weight, bias }),
        factors: Factors { compute, decompress: None, written: None },
        readoff: Readoff {
            matrix: readoff,
            bias: gaussian(rng, 1, n_signals).into_raw_vec_and_offset().0,
            threshold: vec![0.5; n_signals],
            signals: signals(name, n_signals),
            n_gates: n_signals - 1,
        },
    }
}

fn header(n_features: usize) -> Header {
    Header {
        version: "0.1.0".into(),
        circuit: "example".into(),
        opt_level: 1,
        construction: "channels".into(),
        seed: 7,
        width_by_rule: true,
        features: (0..n_features).map(|idx| format!("x[{idx}]")).collect(),
        gates: Vec::new(),
        mixed: Vec::new(),
        fit: None,
    }
}

/// 6 features, one coordinate each; 5 neurons, a sparse read-off of 4 signals; 3 neurons, a dense read-off of 2.
pub fn stacked() -> Network {
    let mut rng = random::stream(&[random::key_of("stacked")]);
    let compute = sparse(&mut rng, 5, 6);
    let weight = compute.to_dense();
    let readoff = sparse(&mut rng, 4, 5);
    let below = layer(&mut rng, "below", compute, weight, readoff);
    let compute = Matrix::from(gaussian(&mut rng, 3, 4));
    let weight = compute.product(&below.readoff.matrix);
    let readoff = Matrix::from(gaussian(&mut rng, 2, 3));
    let above = layer(&mut rng, "above", compute, weight, readoff);
    let sources = vec![("example.circ".into(), "feature x[6];\n".into()), ("é.circ".into(), String::new())];
    Network { header: header(6), dictionary: None, layers: vec![below, above], heads: Vec::new(), sources, rows: None }
}

/// 6 features in 3 coordinates; 5 neurons that are no ReLUs, a sparse read-off of 4 signals; 2 more, of 3 signals.
pub fn polynomial(activation: Activation) -> Network {
    let mut rng = random::stream(&[random::key_of("polynomial")]);
    let mut network = stored();
    let n_maps = activation.n_maps();
    let decompress = network.layers[0].factors.decompress.clone().expect("inputs are stored");
    let mut layer = |name: &str, n: usize, below: &Matrix, readoff: Matrix| {
        let compute = Matrix::from(gaussian(&mut rng, n_maps * n, below.n_rows()));
        let weight = compute.product(below);
        let mut layer = layer(&mut rng, name, compute, weight.clone(), readoff);
        let bias = gaussian(&mut rng, 1, n_maps * n).into_raw_vec_and_offset().0;
        layer.block = Block::Polynomial(Polynomial { activation, weight, bias });
        layer
    };
    let mut readoffs = random::stream(&[random::key_of("read-offs")]);
    let mut below = layer("below", 5, &decompress, sparse(&mut readoffs, 4, 5));
    let above = layer("above", 2, &below.readoff.matrix, Matrix::from(gaussian(&mut readoffs, 3, 2)));
    below.factors.decompress = Some(decompress);
    network.layers = vec![below, above];
    network
}

/// 6 features in 3 coordinates; 5 neurons; 4 signals; rows of a file.
pub fn stored() -> Network {
    let mut rng = random::stream(&[random::key_of("stored")]);
    let embedding = Matrix::from(gaussian(&mut rng, 3, 6));
    let decompress = embedding.transpose();
    let compute = sparse(&mut rng, 5, 6);
    let weight = compute.product(&decompress);
    let readoff = Matrix::from(gaussian(&mut rng, 4, 5));
    let mut only = layer(&mut rng, "only", compute, weight, readoff);
    only.factors.decompress = Some(decompress);
    Network {
        header: Header { seed: u64::MAX, ..header(6) },
        dictionary: Some(InputDictionary { embedding, kind: "gaussian".into(), decoder: "transpose".into() }),
        layers: vec![only],
        heads: Vec::new(),
        sources: vec![("example.circ".into(), "feature x[6];\n".into())],
        rows: Some(("rows.csv".into(), b"x[0],x[1]\n1,0\n".to_vec())),
    }
}

/// 6 features and a stream of 3 dimensions; 5 neurons that write 4 gates, then 2 that write 2 more.
pub fn residual() -> Network {
    let mut rng = random::stream(&[random::key_of("residual")]);
    let embedding = Matrix::from(gaussian(&mut rng, 3, 6));
    let unembedding = gaussian(&mut rng, 12, 3);
    let rows = |rows: std::ops::Range<usize>| Matrix::from(unembedding.slice(ndarray::s![rows, ..]).to_owned());
    let mut residual = |name: &str, width: usize, signals: std::ops::Range<usize>| {
        let compute = Matrix::from(gaussian(&mut rng, width, signals.start));
        let reads = compute.product(&rows(0..signals.start));
        let readoff = Matrix::from(gaussian(&mut rng, signals.len(), width));
        let mut layer = layer(&mut rng, name, compute, reads, readoff);
        let (reads, bias) = (layer.block.weight().clone(), layer.block.bias().to_vec());
        let (direction, estimate) = (gaussian(&mut rng, 3, signals.len()), gaussian(&mut rng, signals.len(), width));
        let (direction, estimate) = (Matrix::from(direction), Matrix::from(estimate));
        let estimate_bias = gaussian(&mut rng, 1, signals.len()).into_raw_vec_and_offset().0;
        let writes = direction.product(&estimate);
        let offset = (0..3).map(|row| direction.row_times(row, &estimate_bias)).collect();
        layer.factors.written = Some(Written { direction, estimate, estimate_bias });
        layer.block = Block::Residual(Residual { reads, bias, writes, offset });
        layer.readoff.matrix = rows(signals);
        layer.readoff.n_gates = layer.readoff.signals.len();
        layer
    };
    let (mut below, above) = (residual("below", 5, 6..10), residual("above", 2, 10..12));
    below.factors.decompress = Some(rows(0..6));
    Network {
        header: header(6),
        dictionary: Some(InputDictionary { embedding, kind: "gaussian".into(), decoder: "linear".into() }),
        layers: vec![below, above],
        heads: Vec::new(),
        sources: vec![("example.circ".into(), "feature x[6];\n".into())],
        rows: None,
    }
}

/// The second with a head of rank 2 over its stream.
pub fn attending() -> Network {
    let mut network = stored();
    let mut rng = random::stream(&[random::key_of("attending")]);
    let n_inputs = network.n_inputs();
    let [queries, keys] = [(); 2].map(|()| gaussian(&mut rng, 2, n_inputs));
    network.heads = vec![Head { name: "copy".into(), tokens: 4, matches: vec![(0, 1), (2, 2)], queries, keys }];
    network
}

/// The same without layers.
pub fn attending_alone() -> Network {
    Network { layers: Vec::new(), ..attending() }
}
