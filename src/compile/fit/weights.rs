//! The weights of a network while they are fitted, each with the running mean square of its gradient.
//!
//! Rows are padded with zeros to whole registers; a padded neuron has no weight, never wakes and never moves. Must not
//! know circuits: a target is a row of a read-off.

use ndarray::{Array2, s};

use crate::network::Layer;
use crate::random::{self, Pcg64};

/// Neurons to a register, for the widest.
const PAD: usize = 16;

/// One layer: what wires it, and what is read off it.
pub struct LayerWeights {
    /// Neurons, without padding.
    pub n: usize,
    pub wiring: Wiring,
    /// b: [padded n]
    pub bias: Vec<f32>,
    pub bias_squares: Vec<f32>,
    /// R: [targets, padded n]
    pub readoff: Array2<f32>,
    pub readoff_squares: Array2<f32>,
    /// r: [targets]
    pub offsets: Vec<f32>,
    pub offset_squares: Vec<f32>,
}

/// What a layer's neurons read.
pub enum Wiring {
    /// Features that enter one coordinate each: Cᵀ, [features, padded n].
    Columns { by_feature: Array2<f32>, squares: Array2<f32> },
    /// The neurons below, or the coordinates of stored features: W, [padded n, padded n below].
    Dense { weight: Array2<f32>, squares: Array2<f32> },
    /// What the layer below reads off, where that is fewer signals than neurons, so that D has no left inverse:
    /// C, [padded n, signals below].
    Factored { compute: Array2<f32>, squares: Array2<f32> },
}

pub fn padded(n: usize) -> usize {
    n.next_multiple_of(PAD)
}

/// `matrix` in the upper left corner of one with padded sides (only columns, if `rows` is false).
fn pad(matrix: &Array2<f32>, rows: bool, columns: bool) -> Array2<f32> {
    let (n_rows, n_columns) = matrix.dim();
    let shape = (if rows { padded(n_rows) } else { n_rows }, if columns { padded(n_columns) } else { n_columns });
    let mut larger = Array2::zeros(shape);
    larger.slice_mut(s![..n_rows, ..n_columns]).assign(matrix);
    larger
}

pub fn pad_columns(matrix: &Array2<f32>) -> Array2<f32> {
    pad(matrix, false, true)
}

impl LayerWeights {
    /// Nothing is read off yet.
    pub fn new(n: usize, n_targets: usize, bias: f32, wiring: Wiring) -> LayerWeights {
        let stride = padded(n);
        let mut biases = vec![0.0; stride];
        biases[..n].fill(bias);
        LayerWeights {
            n,
            wiring,
            bias: biases,
            bias_squares: vec![0.0; stride],
            readoff: Array2::zeros((n_targets, stride)),
            readoff_squares: Array2::zeros((n_targets, stride)),
            offsets: vec![0.0; n_targets],
            offset_squares: vec![0.0; n_targets],
        }
    }

    pub fn is_finite(&self) -> bool {
        let (Wiring::Columns { by_feature: wiring, .. }
        | Wiring::Dense { weight: wiring, .. }
        | Wiring::Factored { compute: wiring, .. }) = &self.wiring;
        let all = [self.readoff.as_slice(), wiring.as_slice(), Some(&self.bias[..]), Some(&self.offsets[..])];
        all.into_iter().flatten().flatten().all(|weight| weight.is_finite())
    }

    /// A layer of a finished network, to be fitted further. A threshold θ becomes ½ by r + ½ − θ; `bias` is the
    /// network's, less what the wiring adds by itself.
    pub fn resume(layer: &Layer, wiring: Wiring, bias: &[f32]) -> LayerWeights {
        let n = layer.width();
        let mut resumed = LayerWeights::new(n, layer.n_signals(), 0.0, wiring);
        resumed.bias[..n].copy_from_slice(bias);
        resumed.readoff = pad_columns(&layer.readoff.to_dense());
        let offsets = layer.readoff_bias.iter().zip(&layer.threshold);
        resumed.offsets = offsets.map(|(bias, threshold)| bias + (0.5 - threshold)).collect();
        resumed
    }
}

impl Wiring {
    /// ±`scale` for every feature and neuron.
    pub fn signs(n_features: usize, n: usize, scale: f32, rng: &mut Pcg64) -> Wiring {
        let sign = || if random::coin(rng, 0.5) { scale } else { -scale };
        let signs = Array2::from_shape_simple_fn((n_features, n), sign);
        Wiring::columns(&signs)
    }

    /// Cᵀ: [features, n]
    pub fn columns(by_feature: &Array2<f32>) -> Wiring {
        let by_feature = pad_columns(by_feature);
        Wiring::Columns { squares: Array2::zeros(by_feature.dim()), by_feature }
    }

    /// W: [n, n below]
    pub fn dense(weight: &Array2<f32>) -> Wiring {
        let weight = pad(weight, true, true);
        Wiring::Dense { squares: Array2::zeros(weight.dim()), weight }
    }

    /// C: [n, signals below]
    pub fn factored(compute: &Array2<f32>) -> Wiring {
        let compute = pad(compute, true, false);
        Wiring::Factored { squares: Array2::zeros(compute.dim()), compute }
    }
}

/// `diagonal` where neuron and neuron below are the same, modulo their number below, plus Gaussian noise.
pub fn noisy_identity(shape: (usize, usize), diagonal: f32, noise: f32, rng: &mut Pcg64) -> Array2<f32> {
    Array2::from_shape_fn(shape, |(neuron, below)| {
        let identity = if neuron % shape.1 == below { diagonal } else { 0.0 };
        identity + noise * random::gaussian(rng) as f32
    })
}
