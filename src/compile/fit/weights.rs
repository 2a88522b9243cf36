//! The weights of a network while they are fitted, each with the running mean square of its gradient.
//!
//! Rows are padded with zeros to whole registers; a padded neuron has no weight, never wakes and never moves. Must not
//! know circuits: a target is a row of a read-off.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};
use rayon::prelude::*;

use super::code::random_signs;
use crate::kernels::{self, CoarseRows};
use crate::network::Layer;
use crate::program::Sides;
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
    /// What they add to a stream, if to any: then it is the stream that is read.
    pub writes: Option<Writes>,
    pub readoffs: Readoffs,
}

/// Which coordinates of a stream a layer adds to.
pub enum Writes {
    /// Each neuron to one of its own.
    Own(Range<usize>),
    /// W_out: [coordinates, padded n].
    Along { coordinates: Range<usize>, weight: Array2<f32>, squares: Array2<f32> },
}

/// What is read off the neurons of a layer, or off a stream of d coordinates: there is a d for every n below.
pub struct Readoffs {
    /// R: [targets, padded n]
    pub rows: Array2<f32>,
    pub row_squares: Array2<f32>,
    /// R, for whoever only asks whether a reading may be large.
    pub coarse: CoarseRows,
    /// r: [targets]
    pub offsets: Vec<f32>,
    pub offset_squares: Vec<f32>,
}

/// Some of the targets, one after the other.
pub struct ReadoffsPart<'a> {
    pub rows: &'a mut [f32],
    pub row_squares: &'a mut [f32],
    pub codes: &'a mut [i8],
    pub units: &'a mut [f32],
    pub offsets: &'a mut [f32],
    pub offset_squares: &'a mut [f32],
}

/// What a layer's neurons read.
pub enum Wiring {
    /// Features that enter one coordinate each: Cᵀ, [features, padded n].
    Columns { by_feature: Array2<f32>, squares: Array2<f32> },
    /// The neurons below, or the coordinates of stored features or of a stream: W, [padded n, padded n below].
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
            writes: None,
            readoffs: Readoffs::new(Array2::zeros((n_targets, stride)), vec![0.0; n_targets]),
        }
    }

    /// The same neurons, which add to a stream of so many coordinates.
    pub fn writing(self, writes: Writes, n_coordinates: usize) -> LayerWeights {
        let n_targets = self.readoffs.rows.nrows();
        let rows = Array2::zeros((n_targets, padded(n_coordinates)));
        LayerWeights { writes: Some(writes), readoffs: Readoffs::new(rows, vec![0.0; n_targets]), ..self }
    }

    /// Whether its neurons share the coordinates that they write to.
    pub fn is_mixed(&self) -> bool {
        matches!(self.writes, Some(Writes::Along { .. }))
    }

    pub fn is_finite(&self) -> bool {
        let (Wiring::Columns { by_feature: wiring, .. }
        | Wiring::Dense { weight: wiring, .. }
        | Wiring::Factored { compute: wiring, .. }) = &self.wiring;
        let writes = match &self.writes {
            Some(Writes::Along { weight, .. }) => weight.as_slice(),
            Some(Writes::Own(_)) | None => None,
        };
        let readoffs = [self.readoffs.rows.as_slice(), Some(&self.readoffs.offsets[..])];
        let all = readoffs.into_iter().chain([wiring.as_slice(), Some(&self.bias[..]), writes]);
        all.flatten().flatten().all(|weight| weight.is_finite())
    }

    /// A layer of a finished network, to be fitted further. `bias` is the network's, less what the wiring adds by
    /// itself; `readers`: R, over what the fit has for coordinates. To a fit of one side a threshold is all: there θ
    /// becomes ½ by r + ½ − θ.
    pub fn resume(layer: &Layer, wiring: Wiring, bias: &[f32], readers: &Array2<f32>, sides: Sides) -> LayerWeights {
        let n = layer.width();
        let mut resumed = LayerWeights::new(n, layer.n_signals(), 0.0, wiring);
        resumed.bias[..n].copy_from_slice(bias);
        let offset = |(bias, threshold): (&f32, &f32)| match sides {
            Sides::One => bias + (0.5 - threshold),
            Sides::Two => *bias,
        };
        let offsets = layer.readoff.bias.iter().zip(&layer.readoff.threshold).map(offset);
        resumed.readoffs = Readoffs::new(pad_columns(readers), offsets.collect());
        resumed
    }
}

impl Writes {
    /// W_out: [coordinates, n].
    pub fn along(coordinates: Range<usize>, weight: &Array2<f32>) -> Writes {
        let weight = pad_columns(weight);
        Writes::Along { coordinates, squares: Array2::zeros(weight.dim()), weight }
    }

    /// x + W_out h, in the place of x: [inputs, padded d]. h: [inputs, padded n].
    pub fn add(&self, h: ArrayView2<f32>, mut x: ArrayViewMut2<f32>) {
        match self {
            Writes::Own(slot) => x.slice_mut(s![.., slot.clone()]).assign(&h.slice(s![.., ..slot.len()])),
            Writes::Along { coordinates, weight, .. } => {
                kernels::product(h, weight.t(), x.slice_mut(s![.., coordinates.clone()]));
            }
        }
    }

    /// dL/dh, in the place of `dh`: [inputs, padded n].
    pub fn back(&self, dx: ArrayView2<f32>, mut dh: ArrayViewMut2<f32>) {
        dh.fill(0.0);
        match self {
            Writes::Own(slot) => dh.slice_mut(s![.., ..slot.len()]).assign(&dx.slice(s![.., slot.clone()])),
            Writes::Along { coordinates, weight, .. } => {
                kernels::product(dx.slice(s![.., coordinates.clone()]), weight.view(), dh);
            }
        }
    }

    /// W_out of all coordinates and neurons, as it stands: [d, n].
    pub fn to_dense(&self, n_coordinates: usize, n: usize) -> Array2<f32> {
        let mut dense = Array2::zeros((n_coordinates, n));
        match self {
            Writes::Own(slot) => dense.slice_mut(s![slot.clone(), ..]).diag_mut().fill(1.0),
            Writes::Along { coordinates, weight, .. } => {
                dense.slice_mut(s![coordinates.clone(), ..]).assign(&weight.slice(s![.., ..n]));
            }
        }
        dense
    }
}

impl Readoffs {
    pub fn new(rows: Array2<f32>, offsets: Vec<f32>) -> Readoffs {
        Readoffs {
            row_squares: Array2::zeros(rows.dim()),
            coarse: CoarseRows::of(rows.view()),
            offset_squares: vec![0.0; offsets.len()],
            rows,
            offsets,
        }
    }

    /// Parts of `length` targets, the last one shorter.
    pub fn parts(&mut self, length: usize) -> impl IndexedParallelIterator<Item = ReadoffsPart<'_>> {
        let n = self.rows.ncols();
        let rows = self.rows.as_slice_mut().expect("row-major").par_chunks_mut(length * n);
        let row_squares = self.row_squares.as_slice_mut().expect("row-major").par_chunks_mut(length * n);
        let codes = self.coarse.codes.as_slice_mut().expect("row-major").par_chunks_mut(length * n);
        let units = self.coarse.units.par_chunks_mut(length);
        let offsets = self.offsets.par_chunks_mut(length).zip(self.offset_squares.par_chunks_mut(length));
        let all = rows.zip(row_squares).zip(codes.zip(units)).zip(offsets);
        all.map(|(((rows, row_squares), (codes, units)), (offsets, offset_squares))| ReadoffsPart {
            rows,
            row_squares,
            codes,
            units,
            offsets,
            offset_squares,
        })
    }
}

impl Wiring {
    /// ±`scale` for every feature and neuron.
    pub fn signs(n_features: usize, n: usize, scale: f32, rng: &mut Pcg64) -> Wiring {
        Wiring::columns(&(random_signs(n_features, n, rng) * scale))
    }

    /// The same weights times `factor`, which have not moved yet.
    pub fn scaled(&self, factor: f32) -> Wiring {
        match self {
            Wiring::Columns { by_feature, .. } => Wiring::columns(&by_feature.mapv(|weight| factor * weight)),
            Wiring::Dense { weight, .. } => Wiring::dense(&weight.mapv(|weight| factor * weight)),
            Wiring::Factored { compute, .. } => Wiring::factored(&compute.mapv(|weight| factor * weight)),
        }
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
