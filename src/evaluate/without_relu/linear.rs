//! A network without its ReLUs: every layer an affine map of the features, z_l = P_l x + p_l.
//!
//! P_0 = W_0 Φ and P_l = W_l P_{l−1}; a reader of z_l along u is one of x along Pᵀu, and costs no more than the
//! features that are on. Must not know circuits.

use ndarray::{Array2, ArrayView2, s};

use crate::circuit::Inputs;
use crate::kernels;
use crate::linear;
use crate::network::matrix::{Matrix, transposed};
use crate::network::{Layer, Network};

/// Neurons for which a covariance is inverted: of a wider layer the first so many.
const MOST: usize = 2048;

/// λ: so much of the mean variance is added to every neuron's own.
const RIDGE: f64 = 1e-3;

/// A layer without the ReLUs up to it, and what is read off it.
pub struct Linear<'a> {
    /// P: [n, features].
    map: Array2<f32>,
    /// p: n.
    constant: Vec<f32>,
    layer: &'a Layer,
}

/// Directions in which the features lie, for some gates: [gates, features].
pub type Directions = Array2<f32>;

impl<'a> Linear<'a> {
    /// Panics for a network without layers.
    pub fn lowest(network: &'a Network) -> Linear<'a> {
        let layer = &network.layers[0];
        let map = match &network.dictionary {
            Some(dictionary) => Matrix::Dense(layer.block.weight().clone()).product(&dictionary.embedding),
            None => layer.block.weight().clone(),
        };
        Linear { map, constant: layer.block.bias().to_vec(), layer }
    }

    /// The next layer.
    pub fn above(&self, layer: &'a Layer) -> Linear<'a> {
        let (weight, mut constant) = (layer.block.weight(), layer.block.bias().to_vec());
        for (constant, row) in constant.iter_mut().zip(weight.rows()) {
            *constant += kernels::dot(row.to_slice().expect("weights are row-major"), &self.constant);
        }
        Linear { map: product(weight.view(), self.map.view()), constant, layer }
    }

    /// The network's own read-offs of some signals of the layer, as they read without ReLUs: c · x + an offset, which
    /// stands beside the threshold.
    pub fn own(&self, signals: std::ops::Range<usize>) -> (Directions, Vec<(f32, f32)>) {
        let readoff = &self.layer.readoff;
        let mut weights = Array2::zeros((signals.len(), self.map.nrows()));
        let mut standing = Vec::with_capacity(signals.len());
        for (signal_idx, mut row) in signals.zip(weights.rows_mut()) {
            let row = row.as_slice_mut().expect("new arrays are row-major");
            readoff.matrix.copy_row(signal_idx, row);
            let offset = readoff.bias[signal_idx] + kernels::dot(row, &self.constant);
            standing.push((offset, readoff.threshold[signal_idx]));
        }
        (self.directions(weights.view()), standing)
    }

    /// uᵀP, row by row.
    pub fn directions(&self, readers: ArrayView2<f32>) -> Directions {
        let mut directions = Array2::zeros((readers.nrows(), self.map.ncols()));
        let map = self.map.slice(s![..readers.ncols(), ..]);
        kernels::product(readers, map, directions.view_mut());
        directions
    }

    /// What turns μ_on − μ of the features into Fisher's discriminant (Fisher 1936), the direction u = Σ⁻¹P(μ_on − μ)
    /// of the neurons along which the classes of a gate lie farthest apart for the noise: (Σ⁻¹P)ᵀ, [features, n].
    ///
    /// Few inputs know Σ badly, and independent features of the same frequencies would have none of what they share: it
    /// is half the one and half the other.
    pub fn discriminant(&self, inputs: &Inputs, frequencies: &[f32]) -> Array2<f32> {
        let map = self.map.slice(s![..self.map.nrows().min(MOST), ..]);
        let independent = {
            let mut scaled = map.to_owned();
            scaled.rows_mut().into_iter().for_each(|mut row| {
                row.iter_mut().zip(frequencies).for_each(|(value, p)| *value *= p * (1.0 - p));
            });
            product(scaled.view(), map.t())
        };
        let by_input = {
            let means = map
                .rows()
                .into_iter()
                .map(|row| -kernels::dot(row.to_slice().expect("rows are contiguous"), frequencies));
            let base: Vec<f32> = means.collect();
            let by_feature = transposed(&map.to_owned());
            let mut by_input = Array2::zeros((inputs.len(), map.nrows()));
            for (mut row, active) in by_input.rows_mut().into_iter().zip(inputs.iter()) {
                kernels::sum_columns(
                    &base,
                    by_feature.view(),
                    active,
                    row.as_slice_mut().expect("new arrays are row-major"),
                );
            }
            by_input
        };
        let seen = product(by_input.t(), by_input.view()) / inputs.len() as f32;
        let mut sigma = (0.5 * (independent + seen)).mapv(f64::from);
        linear::add_ridge(&mut sigma, RIDGE);
        let inverse = linear::inverse(sigma).mapv(|value| value as f32);
        transposed(&product(inverse.view(), map))
    }
}

/// A·B on all threads.
fn product(a: ArrayView2<f32>, b: ArrayView2<f32>) -> Array2<f32> {
    let mut c = Array2::zeros((a.nrows(), b.ncols()));
    kernels::par_product(a, b, c.view_mut());
    c
}
