//! Neurons without a ReLU: polynomials of what is below, of the first degree or the second.
//!
//! `linear`: h = W x + b; `bilinear`: h = (L x + b) ∘ (R x + c), a product of two neurons each (Sharkey 2023, "A
//! technical note on bilinear layers for interpretability"); `quadratic`: h = (W x + b)². Below, two maps of a bilinear
//! layer are one: W = [L; R].

use std::ops::Mul;

use ndarray::{Array2, ArrayView2, Zip, s};

use crate::kernels;
use crate::network::matrix::transposed;
use crate::network::tensor::{Place, TensorRow};

#[derive(Debug, Clone, PartialEq)]
pub struct Polynomial {
    pub activation: Activation,
    /// W: [n, n below], of a bilinear layer [2 n, n below]: L, and below it R; row-major.
    pub weight: Array2<f32>,
    /// b, with c behind it: as many as W has rows.
    pub bias: Vec<f32>,
}

/// What neurons do with W x + b.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Linear,
    /// The first half is multiplied by the second.
    Bilinear,
    /// Each is squared.
    Quadratic,
}

pub(super) const TENSORS: [TensorRow<Polynomial>; 2] = [
    TensorRow {
        name: "weight",
        shape: |sizes| (sizes.n_maps * sizes.width, sizes.n_below),
        place: Place::Dense(|block| &block.weight, |block| &mut block.weight),
    },
    TensorRow {
        name: "bias",
        shape: |sizes| (sizes.n_maps * sizes.width, 1),
        place: Place::Vector(|block| &block.bias, |block| &mut block.bias),
    },
];

impl Activation {
    pub const ALL: [Activation; 3] = [Activation::Linear, Activation::Bilinear, Activation::Quadratic];

    /// As files have it.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Linear => "linear",
            Activation::Bilinear => "bilinear",
            Activation::Quadratic => "quadratic",
        }
    }

    pub fn named(name: &str) -> Option<Activation> {
        Activation::ALL.into_iter().find(|activation| activation.name() == name)
    }

    /// Rows of W for each neuron.
    pub fn n_maps(self) -> usize {
        match self {
            Activation::Bilinear => 2,
            Activation::Linear | Activation::Quadratic => 1,
        }
    }

    /// How many times as large activations are that come of twice as large weights, as a power of two.
    pub fn degree(self) -> i32 {
        match self {
            Activation::Linear => 1,
            Activation::Bilinear | Activation::Quadratic => 2,
        }
    }

    /// h, [n, inputs], of W x + b, [maps · n, inputs].
    pub fn of<A: Copy + Mul<Output = A>>(self, mut sums: Array2<A>) -> Array2<A> {
        match self {
            Activation::Linear => sums,
            Activation::Quadratic => {
                sums.mapv_inplace(|value| value * value);
                sums
            }
            Activation::Bilinear => {
                let n = sums.nrows() / 2;
                Zip::from(sums.slice(s![..n, ..]))
                    .and(sums.slice(s![n.., ..]))
                    .map_collect(|&left, &right| left * right)
            }
        }
    }
}

impl Polynomial {
    /// No neurons yet: to be filled in.
    pub fn empty(activation: Activation) -> Polynomial {
        Polynomial { activation, weight: Array2::zeros((0, 0)), bias: Vec::new() }
    }

    /// Neurons.
    pub fn width(&self) -> usize {
        self.bias.len() / self.activation.n_maps()
    }

    /// h: [n, inputs], of what is below, [n below, inputs].
    pub fn apply(&self, below: ArrayView2<f32>) -> Array2<f32> {
        let mut sums = Array2::zeros((self.bias.len(), below.ncols()));
        for (mut row, &bias) in sums.rows_mut().into_iter().zip(&self.bias) {
            row.fill(bias);
        }
        kernels::product(self.weight.view(), below, sums.view_mut());
        self.activation.of(sums)
    }

    /// The same by input, [inputs, n], of the features that are on in each; `by_feature` is Wᵀ.
    pub fn apply_sparse(&self, by_feature: ArrayView2<f32>, inputs: &[&[u32]]) -> Array2<f32> {
        let mut by_input = Array2::zeros((inputs.len(), self.bias.len()));
        for (mut sums, active) in by_input.rows_mut().into_iter().zip(inputs) {
            let sums = sums.as_slice_mut().expect("new arrays are row-major");
            kernels::sum_columns(&self.bias, by_feature, active, sums);
        }
        transposed(&self.activation.of(transposed(&by_input)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    fn block(activation: Activation) -> Polynomial {
        let mut rng = random::stream(&[random::key_of(activation.name())]);
        let mut number = || random::gaussian(&mut rng) as f32;
        let n_rows = 5 * activation.n_maps();
        let weight = Array2::from_shape_fn((n_rows, 7), |_| number());
        Polynomial { activation, weight, bias: (0..n_rows).map(|_| number()).collect() }
    }

    /// Σ over pairs of coordinates of what their product adds, which is what a polynomial of degree two is.
    #[test]
    fn neurons_are_what_their_quadratic_forms_say() {
        for activation in Activation::ALL {
            let block = block(activation);
            let inputs: [&[u32]; 4] = [&[], &[0], &[1, 4, 6], &[0, 1, 2, 3, 4, 5, 6]];
            // A coordinate that is always 1 takes the biases in.
            let map = |row: usize, coordinate: usize| match coordinate {
                7 => f64::from(block.bias[row]),
                _ => f64::from(block.weight[[row, coordinate]]),
            };
            let form = |neuron: usize, i: usize, j: usize| match activation {
                Activation::Linear => map(neuron, i) * f64::from(u8::from(j == 7)),
                Activation::Quadratic => map(neuron, i) * map(neuron, j),
                Activation::Bilinear => map(neuron, i) * map(5 + neuron, j),
            };
            let mut below = Array2::zeros((7, inputs.len()));
            for (input_idx, &feature) in
                inputs.iter().enumerate().flat_map(|(idx, on)| on.iter().map(move |on| (idx, on)))
            {
                below[[feature as usize, input_idx]] = 1.0;
            }
            let (dense, sparse) =
                (block.apply(below.view()), block.apply_sparse(transposed(&block.weight).view(), &inputs));
            for (input_idx, on) in inputs.iter().enumerate() {
                let coordinates: Vec<usize> = on.iter().map(|&feature| feature as usize).chain([7]).collect();
                for neuron in 0..5 {
                    let pairs = coordinates.iter().flat_map(|&i| coordinates.iter().map(move |&j| (i, j)));
                    let expected: f64 = pairs.map(|(i, j)| form(neuron, i, j)).sum();
                    for value in [dense[[neuron, input_idx]], sparse[[input_idx, neuron]]] {
                        assert!((f64::from(value) - expected).abs() < 1e-4, "{activation:?}: {value} for {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn each_activation_has_one_name() {
        assert!(Activation::ALL.iter().all(|&activation| Activation::named(activation.name()) == Some(activation)));
        assert_eq!(Activation::named("relu"), None);
    }
}
