//! Networks made by hand, with every form that a tensor can have: of random numbers, so that no two are alike.

use ndarray::Array2;
use superpose::network::matrix::{Matrix, SparseMatrix};
use superpose::network::{
    Block, Factors, Header, InputDictionary, Layer, Network, Readoff, Relu, Residual, SignalName, Written,
};
use superpose::random::{self, Pcg64};

pub const N_FEATURES: usize = 40;
const SIGNALS: [usize; 2] = [60, 25];
const WIDTHS: [usize; 2] = [32, 20];
const COORDINATES: usize = 24;

fn dense(rng: &mut Pcg64, n_rows: usize, n_columns: usize) -> Array2<f32> {
    Array2::from_shape_fn((n_rows, n_columns), |_| 0.3 * random::gaussian(rng) as f32)
}

fn sparse(rng: &mut Pcg64, n_rows: usize, n_columns: usize) -> Matrix {
    let mut matrix = SparseMatrix::with_columns(n_columns);
    for row in 0..n_rows {
        let columns = random::distinct(rng, (row % 4) as u32, n_columns as u32);
        matrix.push_row(columns.into_iter().map(|column| (column, random::gaussian(rng) as f32)));
    }
    Matrix::Sparse(matrix)
}

/// Two layers; sparse and dense factors, with inputs one coordinate each or stored in a dictionary.
pub fn network(stored: bool) -> Network {
    let mut rng = random::stream(&[stored as u64]);
    let dictionary = stored.then(|| InputDictionary {
        embedding: Matrix::from(dense(&mut rng, COORDINATES, N_FEATURES)),
        kind: "gaussian".into(),
        decoder: "transpose".into(),
    });
    let mut layers: Vec<Layer> = Vec::new();
    for (layer_idx, (&width, &n_signals)) in WIDTHS.iter().zip(&SIGNALS).enumerate() {
        let n_below = if layer_idx == 0 { N_FEATURES } else { SIGNALS[layer_idx - 1] };
        let compute = sparse(&mut rng, width, n_below);
        let decompress = match (layer_idx, &dictionary) {
            (0, Some(dictionary)) => Some(dictionary.embedding.transpose()),
            _ => None,
        };
        let weight = match (&decompress, layers.last()) {
            (Some(decompress), _) => compute.product(decompress),
            (None, Some(below)) => compute.product(&below.readoff.matrix),
            (None, None) => compute.to_dense(),
        };
        let matrix = if layer_idx == 0 {
            sparse(&mut rng, n_signals, width)
        } else {
            Matrix::from(dense(&mut rng, n_signals, width))
        };
        layers.push(Layer {
            name: format!("level{layer_idx}"),
            block: Block::Relu(Relu { weight, bias: dense(&mut rng, 1, width).into_raw_vec_and_offset().0 }),
            factors: Factors { compute, decompress, written: None },
            readoff: Readoff {
                matrix,
                bias: dense(&mut rng, 1, n_signals).into_raw_vec_and_offset().0,
                threshold: vec![0.5; n_signals],
                signals: signals(n_signals),
                n_gates: n_signals,
            },
        });
    }
    of_layers(dictionary, layers)
}

fn of_layers(dictionary: Option<InputDictionary>, layers: Vec<Layer>) -> Network {
    let header = Header {
        version: env!("CARGO_PKG_VERSION").into(),
        circuit: "interoperability".into(),
        opt_level: 0,
        construction: "channels".into(),
        seed: u64::MAX,
        width_by_rule: false,
        features: (0..N_FEATURES).map(|idx| format!("x[{idx}]")).collect(),
        gates: Vec::new(),
        mixed: Vec::new(),
        fit: None,
    };
    let sources = vec![("interoperability.circ".into(), "// näïve\n".into())];
    Network { header, dictionary, layers, heads: Vec::new(), sources, rows: None }
}

/// Two layers that add to a stream, with offsets; sparse and dense C.
pub fn residual() -> Network {
    let mut rng = random::stream(&[2]);
    let embedding = Matrix::from(dense(&mut rng, COORDINATES, N_FEATURES));
    let mut decoder = dense(&mut rng, N_FEATURES, COORDINATES);
    let mut layers: Vec<Layer> = Vec::new();
    for (layer_idx, (&width, &n_signals)) in WIDTHS.iter().zip(&SIGNALS).enumerate() {
        let compute = match layer_idx {
            0 => sparse(&mut rng, width, decoder.nrows()),
            _ => Matrix::from(dense(&mut rng, width, decoder.nrows())),
        };
        let direction = Matrix::from(dense(&mut rng, COORDINATES, n_signals));
        let estimate = sparse(&mut rng, n_signals, width);
        let mut vector = |n: usize| dense(&mut rng, 1, n).into_raw_vec_and_offset().0;
        let (bias, estimate_bias, readoff_bias) = (vector(width), vector(n_signals), vector(n_signals));
        let writes = direction.product(&estimate);
        let offset = (0..COORDINATES).map(|row| direction.row_times(row, &estimate_bias)).collect();
        let written = Written { direction, estimate, estimate_bias };
        let reads = compute.product(&Matrix::Dense(decoder.clone()));
        let matrix = dense(&mut rng, n_signals, COORDINATES);
        let decompress = (layer_idx == 0).then(|| Matrix::Dense(decoder.clone()));
        decoder = ndarray::concatenate![ndarray::Axis(0), decoder, matrix];
        layers.push(Layer {
            name: format!("level{layer_idx}"),
            block: Block::Residual(Residual { reads, bias, writes, offset }),
            factors: Factors { compute, decompress, written: Some(written) },
            readoff: Readoff {
                matrix: Matrix::Dense(matrix),
                bias: readoff_bias,
                threshold: vec![0.5; n_signals],
                signals: signals(n_signals),
                n_gates: n_signals,
            },
        });
    }
    let dictionary = InputDictionary { embedding, kind: "gaussian".into(), decoder: "linear".into() };
    of_layers(Some(dictionary), layers)
}

fn signals(n: usize) -> Vec<SignalName> {
    (0..n).map(|idx| SignalName { name: format!("g[{idx}]"), complemented: idx == 3 }).collect()
}
