//! A network without its ReLUs: every layer an affine map of the features, z_l = P_l x + p_l.
//!
//! P_0 = W_0 Φ and P_l = W_l P_{l−1}, or of a stream P_l = (1 + W_out W_in) P_{l−1}; a reader of z_l along u is one of
//! x along Pᵀu, and costs no more than the features that are on. Must not know gates.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};

use super::reader::Reader;
use crate::circuit::Inputs;
use crate::kernels;
use crate::linear;
use crate::network::matrix::{Matrix, transposed};
use crate::network::{Block, Layer, Network};

/// Neurons for which a covariance is inverted: of a wider layer the first so many.
const MOST: usize = 2048;

/// λ: so much of the mean variance is added to every neuron's own.
const RIDGE: f64 = 1e-3;

/// A layer without the ReLUs up to it, and what is read off it.
pub struct Linear<'a> {
    /// P: [n, features], or [d, features] of a stream.
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
        match (&network.dictionary, &layer.block) {
            (Some(dictionary), Block::Residual(_)) => {
                let map = dictionary.embedding.to_dense();
                Linear { constant: vec![0.0; map.nrows()], map, layer }.above(layer)
            }
            (Some(dictionary), _) => {
                let map = Matrix::Dense(layer.block.weight().clone()).product(&dictionary.embedding);
                Linear { map, constant: layer.block.bias().to_vec(), layer }
            }
            (None, _) => {
                let map = layer.block.weight().clone();
                Linear { map, constant: layer.block.bias().to_vec(), layer }
            }
        }
    }

    /// The next layer.
    pub fn above(&self, layer: &'a Layer) -> Linear<'a> {
        let (weight, mut constant) = (layer.block.weight(), layer.block.bias().to_vec());
        for (constant, row) in constant.iter_mut().zip(weight.rows()) {
            *constant += kernels::dot(row.to_slice().expect("weights are row-major"), &self.constant);
        }
        let map = product(weight.view(), self.map.view());
        match &layer.block {
            Block::Relu(_) | Block::Polynomial(_) => Linear { map, constant, layer },
            Block::Residual(residual) => {
                let written = residual.writes.rows().into_iter().zip(&residual.offset).zip(&self.constant);
                let constant = written.map(|((row, offset), held)| {
                    held + offset + kernels::dot(row.to_slice().expect("weights are row-major"), &constant)
                });
                let map = &self.map + &product(residual.writes.view(), map.view());
                Linear { map, constant: constant.collect(), layer }
            }
        }
    }

    /// The network's own read-offs of some signals of the layer, as they read without ReLUs: directions, and a reader
    /// along each.
    pub fn own(&self, signals: Range<usize>) -> (Directions, Vec<Reader>) {
        let readoff = &self.layer.readoff;
        let mut weights = Array2::zeros((signals.len(), self.map.nrows()));
        let mut readers = Vec::with_capacity(signals.len());
        for (signal_idx, mut row) in signals.zip(weights.rows_mut()) {
            let row = row.as_slice_mut().expect("new arrays are row-major");
            readoff.matrix.copy_row(signal_idx, row);
            let offset = readoff.bias[signal_idx] + kernels::dot(row, &self.constant);
            readers.push(Reader { slope: 1.0, offset, threshold: readoff.threshold[signal_idx] - offset });
        }
        (self.directions(weights.view()), readers)
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
    /// Σ is first that of the neurons if features were independent, which knows no noise; then half of it that, and
    /// half what these inputs show, which knows what features have in common.
    pub fn discriminants(&self, inputs: &Inputs, frequencies: &[f32]) -> [Array2<f32>; 2] {
        let map = self.map.slice(s![..self.map.nrows().min(MOST), ..]);
        let variances: Array1<f32> = frequencies.iter().map(|p| p * (1.0 - p)).collect();
        let independent = product((&map * &variances).view(), map.t());
        let by_feature = transposed(&map.to_owned());
        let mean = |row: ArrayView1<f32>| kernels::dot(row.to_slice().expect("rows are contiguous"), frequencies);
        let minus_means: Vec<f32> = map.rows().into_iter().map(|row| -mean(row)).collect();
        let mut centred = Array2::zeros((inputs.len(), map.nrows()));
        for (mut row, active) in centred.rows_mut().into_iter().zip(inputs.iter()) {
            let row = row.as_slice_mut().expect("new arrays are row-major");
            kernels::sum_columns(&minus_means, by_feature.view(), active, row);
        }
        let seen = product(centred.t(), centred.view()) / inputs.len() as f32;
        let mixed = 0.5 * (&independent + &seen);
        [independent, mixed].map(|sigma| {
            let mut sigma = sigma.mapv(f64::from);
            linear::add_ridge(&mut sigma, RIDGE);
            let inverse = linear::inverse(sigma).mapv(|value| value as f32);
            transposed(&product(inverse.view(), map))
        })
    }
}

/// A·B on all threads.
fn product(a: ArrayView2<f32>, b: ArrayView2<f32>) -> Array2<f32> {
    let mut c = Array2::zeros((a.nrows(), b.ncols()));
    kernels::par_product(a, b, c.view_mut());
    c
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Factors, Readoff, Relu};

    #[test]
    fn a_discriminant_keeps_clear_of_noise() {
        // The second neuron holds the noise of the first, and little else.
        let weight = ndarray::array![[1.0f32, 1.0, 1.0], [0.0, 1.0, 1.0], [0.1, 0.0, 0.0]];
        let readoff =
            Readoff { matrix: weight.clone().into(), bias: vec![], threshold: vec![], signals: vec![], n_gates: 0 };
        let factors = Factors { compute: weight.clone().into(), decompress: None, written: None };
        let block = Block::Relu(Relu { weight: weight.clone(), bias: vec![0.0; 3] });
        let layer = Layer { name: String::new(), factors, block, readoff };
        let subject = Linear { map: weight, constant: vec![0.0; 3], layer: &layer };
        let mut inputs = Inputs::default();
        (0..8u32).for_each(|bits| inputs.push((0..3).filter(|feature| bits >> feature & 1 == 1)));
        for discriminant in subject.discriminants(&inputs, &[0.5; 3]) {
            let direction = subject.directions(discriminant.slice(s![..1, ..]));
            let (signal, noise) = (direction[[0, 0]], direction[[0, 1]].abs().max(direction[[0, 2]].abs()));
            assert!(signal > 0.0 && noise < 0.02 * signal, "{direction}");
        }
    }
}
