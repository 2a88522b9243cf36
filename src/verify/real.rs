//! What a network reads in real arithmetic, as nearly as f64 holds it: its weights are f32 numbers, and exact.
//!
//! Must not know what is true of an input.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis};

use crate::circuit::Inputs;
use crate::kernels;
use crate::network::{Block, Network};

/// A network made ready to run in f64.
pub struct Real<'a> {
    network: &'a Network,
    /// W_0ᵀ, of stored inputs (W_0 Φ)ᵀ: [features, n_0].
    by_feature: Array2<f64>,
    /// W_lᵀ of the layers above the first: [n_{l-1}, n_l].
    weights: Vec<Array2<f64>>,
}

impl<'a> Real<'a> {
    pub fn new(network: &'a Network) -> Real<'a> {
        let transposed = |weight: &Array2<f32>| weight.t().mapv(f64::from).as_standard_layout().into_owned();
        let weights = network.layers.iter().skip(1).map(|layer| transposed(layer.block.weight())).collect();
        Real { network, by_feature: by_feature(network, f64::from), weights }
    }

    /// What the first `n_layers` layers hand up, each [inputs, n_l]: their neurons, or the stream above them.
    pub fn hidden(&self, inputs: &Inputs, n_layers: usize) -> Vec<Array2<f64>> {
        let mut hidden: Vec<Array2<f64>> = Vec::with_capacity(n_layers);
        for (layer_idx, layer) in self.network.layers.iter().enumerate().take(n_layers) {
            let mut h = Array2::zeros((inputs.len(), layer.block.bias().len()));
            for (mut row, input) in h.rows_mut().into_iter().zip(inputs.iter()) {
                row.iter_mut().zip(layer.block.bias()).for_each(|(z, &bias)| *z = bias.into());
                if layer_idx == 0 {
                    input.iter().for_each(|&feature| row += &self.by_feature.row(feature as usize));
                }
            }
            if let Some(below) = hidden.last() {
                kernels::product(below.view(), self.weights[layer_idx - 1].view(), h.view_mut());
            }
            match layer.block.activation() {
                None => h.mapv_inplace(|z| z.max(0.0)),
                Some(activation) => {
                    h = activation.of(h.reversed_axes()).reversed_axes().as_standard_layout().into_owned()
                }
            }
            hidden.push(match &layer.block {
                Block::Relu(_) | Block::Polynomial(_) => h,
                Block::Residual(residual) => {
                    let mut above = hidden.last().cloned().unwrap_or_else(|| self.coordinates(inputs));
                    for (mut column, &offset) in above.columns_mut().into_iter().zip(&residual.offset) {
                        column.mapv_inplace(|value| value + f64::from(offset));
                    }
                    let writes = residual.writes.t().mapv(f64::from).as_standard_layout().into_owned();
                    kernels::product(h.view(), writes.view(), above.view_mut());
                    above
                }
            });
        }
        hidden
    }

    /// Φ x: [inputs, n_{-1}].
    fn coordinates(&self, inputs: &Inputs) -> Array2<f64> {
        let dictionary = self.network.dictionary.as_ref().expect("a stream has a dictionary");
        let by_feature = dictionary.embedding.to_dense().mapv(f64::from);
        let mut coordinates = Array2::zeros((inputs.len(), by_feature.nrows()));
        for (mut row, input) in coordinates.rows_mut().into_iter().zip(inputs.iter()) {
            input.iter().for_each(|&feature| row += &by_feature.column(feature as usize));
        }
        coordinates
    }

    /// What some signals of a layer read off what it hands up, [inputs, n_l]: [inputs, signals].
    pub fn read_off(&self, layer_idx: usize, signals: Range<usize>, h: ArrayView2<f64>) -> Array2<f64> {
        let readoff = &self.network.layers[layer_idx].readoff;
        let mut row = vec![0.0f32; readoff.matrix.n_columns()];
        let mut rows = Array2::<f64>::zeros((signals.len(), row.len()));
        for (mut target, signal_idx) in rows.rows_mut().into_iter().zip(signals.clone()) {
            readoff.matrix.copy_row(signal_idx, &mut row);
            target.iter_mut().zip(&row).for_each(|(target, &value)| *target = value.into());
        }
        let mut read = Array2::zeros((h.nrows(), signals.len()));
        for (mut column, &bias) in read.axis_iter_mut(Axis(1)).zip(&readoff.bias[signals]) {
            column.fill(bias.into());
        }
        kernels::product(h, rows.t(), read.view_mut());
        read
    }

    /// What one signal reads on one input, ascending.
    pub fn reading(&self, layer_idx: usize, signal_idx: usize, input: &[u32]) -> f64 {
        let mut inputs = Inputs::default();
        inputs.push(input.iter().copied());
        let hidden = self.hidden(&inputs, layer_idx + 1);
        self.read_off(layer_idx, signal_idx..signal_idx + 1, hidden[layer_idx].view())[[0, 0]]
    }
}

/// W_0ᵀ with `of` each weight, of stored inputs (W_0 Φ)ᵀ: [features, n_0].
pub fn by_feature(network: &Network, of: impl Fn(f32) -> f64) -> Array2<f64> {
    let weight = network.layers[0].block.weight().t().mapv(&of).as_standard_layout().into_owned();
    match &network.dictionary {
        None => weight,
        Some(dictionary) => {
            let embedding = dictionary.embedding.to_dense().mapv(&of);
            let mut product = Array2::zeros((embedding.ncols(), weight.ncols()));
            kernels::product(embedding.t(), weight.view(), product.view_mut());
            product
        }
    }
}
