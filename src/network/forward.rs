//! The forward pass, and what is read off it, for blocks of sparse inputs.
//!
//! Everything is [neuron or signal, input of the block]: a row is one neuron over the whole block, so that the layers
//! above are plain products and a caller sees all read-offs of a signal side by side.
//!
//! The bits are defined as: h_{-1} is the sum of the dictionary's columns over the features that are on, from +0, in
//! ascending order. Every pre-activation and read-off is one chain from its bias over ascending features, neurons or
//! coordinates: sums of columns for features, fused multiply-adds else. A zero activation adds ±0 to such a chain and
//! may be skipped: only the sign of a zero result could tell, and read-offs that are zero come out as +0. A coordinate
//! of a stream is such a chain from what it was plus b_out.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};

use super::matrix::{Matrix, transposed};
use super::{InputDictionary, Layer, Network};
use crate::kernels;

/// Below this share of active neurons, adding up the read-off columns of the active ones beats a dense product.
const SPARSE_SHARE: f64 = 0.2;

/// Signals of one panel of [`Forward::read_off`]; ranges that begin at a multiple of it are read fastest.
pub const PANEL: usize = 64;

/// A network made ready to run.
pub struct Forward<'a> {
    layers: Vec<&'a Layer>,
    entry: Cow<'a, Entry>,
    /// By layer: Rᵀ in panels of [n_l, PANEL] (the last one narrower), made when first wanted.
    panels: Vec<OnceLock<Vec<Array2<f32>>>>,
}

/// How features become what layer 0 multiplies.
#[derive(Clone)]
pub enum Entry {
    /// W_0ᵀ: [features, n_0].
    Direct(Array2<f32>),
    /// Φᵀ: [features, n_{-1}].
    Stored(Matrix),
}

impl Entry {
    /// Features enter one coordinate each, and no layer adds to a stream. Copies W_0, feature-major, so that sparse
    /// inputs sum contiguous rows.
    pub fn direct(lowest: &Layer) -> Entry {
        Entry::Direct(transposed(lowest.block.weight()))
    }

    /// Features are stored in superposition. Copies the dictionary likewise.
    pub fn stored(dictionary: &InputDictionary) -> Entry {
        Entry::Stored(dictionary.embedding.transpose())
    }

    /// Features are stored, but W_0·Φ is multiplied beforehand: the same but for rounding, and sparse inputs are sums.
    pub fn folded(dictionary: &InputDictionary, lowest: &Layer) -> Entry {
        let weight = Matrix::Dense(lowest.block.weight().clone());
        Entry::Direct(transposed(&weight.product(&dictionary.embedding)))
    }
}

/// What a block of inputs makes of every layer.
#[derive(Debug, Clone)]
pub struct Activations {
    /// x_0 by input, [inputs, d], where layers add to a stream.
    entering: Option<Array2<f32>>,
    layers: Vec<LayerActivations>,
}

/// h_l of a block of inputs.
#[derive(Debug, Clone)]
pub struct LayerActivations {
    /// [n_l, inputs]; nothing of ReLUs is below +0.
    values: Array2<f32>,
    /// The stream above the layer, [d, inputs], where it adds to one.
    stream: Option<Array2<f32>>,
    /// Where few neurons are active: which.
    active: Option<ActiveNeurons>,
}

/// The active neurons of each input, those that are not 0, ascending, and how active they are. Compressed like
/// [`super::matrix::SparseMatrix`].
#[derive(Debug, Clone, Default)]
struct ActiveNeurons {
    starts: Vec<u32>,
    neurons: Vec<u32>,
    values: Vec<f32>,
}

impl Activations {
    pub fn layer(&self, layer_idx: usize) -> &LayerActivations {
        &self.layers[layer_idx]
    }

    /// The stream below all layers, by input, [inputs, d]; `None` where there is no stream.
    pub fn entering(&self) -> Option<ArrayView2<'_, f32>> {
        self.entering.as_ref().map(|entering| entering.view())
    }

    /// Of the last layer.
    ///
    /// Panics for a network without layers.
    pub fn top(&self) -> &LayerActivations {
        self.layers.last().expect("a network has layers")
    }
}

impl LayerActivations {
    /// [n_l, inputs]
    pub fn values(&self) -> ArrayView2<'_, f32> {
        self.values.view()
    }

    /// What the layer above reads, and read-offs do: the neurons, or the stream. [n_above, inputs]
    pub fn above(&self) -> ArrayView2<'_, f32> {
        self.stream.as_ref().unwrap_or(&self.values).view()
    }

    /// The same by input, [inputs, n_above], copied.
    pub fn by_input(&self) -> Array2<f32> {
        transposed(self.stream.as_ref().unwrap_or(&self.values))
    }
}

impl<'a> Forward<'a> {
    /// The network must have passed [`Network::check_shapes`].
    pub fn new(network: &'a Network) -> Forward<'a> {
        Forward::of_layers(network.dictionary.as_ref(), &network.layers)
    }

    /// The same for the layers of a network in the making.
    pub fn of_layers(dictionary: Option<&InputDictionary>, layers: &'a [Layer]) -> Forward<'a> {
        let entry = match (dictionary, layers.first()) {
            (Some(dictionary), _) => Entry::stored(dictionary),
            (None, Some(lowest)) => Entry::direct(lowest),
            (None, None) => Entry::Direct(Array2::zeros((0, 0))),
        };
        Forward::with(Cow::Owned(entry), layers.iter().collect())
    }

    /// One layer on top of others.
    pub fn on_top(entry: &'a Entry, below: &'a [Layer], top: &'a Layer) -> Forward<'a> {
        Forward::with(Cow::Borrowed(entry), below.iter().chain([top]).collect())
    }

    fn with(entry: Cow<'a, Entry>, layers: Vec<&'a Layer>) -> Forward<'a> {
        let panels = layers.iter().map(|_| OnceLock::new()).collect();
        Forward { layers, entry, panels }
    }

    /// Runs a block of inputs, each the ascending list of its features that are on. Any number of inputs will do;
    /// some hundreds keep the activations in cache.
    ///
    /// Panics when a feature is out of range.
    pub fn run(&self, inputs: &[&[u32]]) -> Activations {
        let mut layers: Vec<LayerActivations> = Vec::with_capacity(self.layers.len());
        let mut entering = None;
        for (layer_idx, layer) in self.layers.iter().enumerate() {
            let of = |below: ArrayView2<f32>| {
                let values = layer.block.apply(below);
                let stream = layer.block.above(below, values.view());
                (values, stream)
            };
            let (values, stream) = match (layer_idx, &*self.entry) {
                (0, Entry::Direct(by_feature)) => {
                    (transposed(&layer.block.apply_sparse(by_feature.view(), inputs)), None)
                }
                (0, Entry::Stored(by_feature)) => of(entering.insert(embed(by_feature, inputs)).t()),
                _ => of(layers[layer_idx - 1].above()),
            };
            let active = if stream.is_none() { ActiveNeurons::find(&values) } else { None };
            layers.push(LayerActivations { values, stream, active });
        }
        entering = entering.filter(|_| layers.iter().any(|layer| layer.stream.is_some()));
        Activations { entering, layers }
    }

    /// What read-offs of the last layer read, [inputs, n], for whoever looks at it side by side.
    ///
    /// Panics for a network without layers, and when a feature is out of range.
    pub fn top_by_input(&self, inputs: &[&[u32]]) -> Array2<f32> {
        match (&*self.entry, &self.layers[..]) {
            (Entry::Direct(by_feature), [only]) => only.block.apply_sparse(by_feature.view(), inputs),
            _ => self.run(inputs).top().by_input(),
        }
    }

    /// `out` [signals, inputs] = R h + r of some signals of a layer.
    ///
    /// Panics when `out` has another shape or the signals are out of range.
    pub fn read_off(
        &self,
        layer_idx: usize,
        signals: Range<usize>,
        activations: &LayerActivations,
        mut out: ArrayViewMut2<f32>,
    ) {
        let layer = self.layers[layer_idx];
        assert_eq!(out.dim(), (signals.len(), activations.values.ncols()), "signals by inputs");
        match (&layer.readoff.matrix, &activations.active) {
            (Matrix::Sparse(sparse), _) => {
                let mut base = vec![0f32; out.ncols()];
                for (mut out, signal) in out.rows_mut().into_iter().zip(signals) {
                    base.fill(layer.readoff.bias[signal]);
                    let (neurons, weights) = sparse.row(signal);
                    let out = out.as_slice_mut().expect("rows of read-offs are contiguous");
                    kernels::sum_scaled_columns(&base, activations.above(), neurons, weights, out);
                    positive_zeros(out);
                }
            }
            (Matrix::Dense(dense), None) => {
                for (mut out, signal) in out.rows_mut().into_iter().zip(signals.clone()) {
                    out.fill(layer.readoff.bias[signal]);
                }
                kernels::product(dense.slice(s![signals, ..]), activations.above(), out.view_mut());
                for mut out in out.rows_mut() {
                    positive_zeros(out.as_slice_mut().expect("rows of read-offs are contiguous"));
                }
            }
            (Matrix::Dense(_), Some(active)) => self.read_off_active(layer_idx, signals, active, out),
        }
    }

    /// Adds up the columns of R that belong to active neurons, panel by panel.
    fn read_off_active(
        &self,
        layer_idx: usize,
        signals: Range<usize>,
        active: &ActiveNeurons,
        mut out: ArrayViewMut2<f32>,
    ) {
        let layer = self.layers[layer_idx];
        let panels = self.panels[layer_idx].get_or_init(|| panels(&layer.readoff.matrix));
        let mut start = signals.start;
        while start < signals.end {
            let panel_idx = start / PANEL;
            let end = signals.end.min((panel_idx + 1) * PANEL);
            let columns = start - panel_idx * PANEL..end - panel_idx * PANEL;
            let panel = panels[panel_idx].slice(s![.., columns]);
            let bias = &layer.readoff.bias[start..end];
            let mut rows = out.slice_mut(s![start - signals.start..end - signals.start, ..]);
            // A few inputs at a time, so that rows of `out` are written by whole cache lines.
            let mut sums = [[0f32; PANEL]; 16];
            for first in (0..rows.ncols()).step_by(sums.len()) {
                let n_here = sums.len().min(rows.ncols() - first);
                for (input_idx, sums) in (first..).zip(&mut sums[..n_here]) {
                    let (neurons, values) = active.get(input_idx);
                    kernels::sum_scaled_columns(bias, panel, neurons, values, &mut sums[..bias.len()]);
                }
                for (signal_idx, mut row) in rows.rows_mut().into_iter().enumerate() {
                    let row = &mut row.as_slice_mut().expect("rows of read-offs are contiguous")[first..][..n_here];
                    for (target, sums) in row.iter_mut().zip(&sums) {
                        *target = sums[signal_idx] + 0.0;
                    }
                }
            }
            start = end;
        }
    }
}

/// −0 becomes +0; nothing else changes.
fn positive_zeros(values: &mut [f32]) {
    for value in values {
        *value += 0.0;
    }
}

/// Φ x. [inputs, n_{-1}]
fn embed(by_feature: &Matrix, inputs: &[&[u32]]) -> Array2<f32> {
    let n_coordinates = by_feature.n_columns();
    let zero = vec![0f32; n_coordinates];
    let mut coordinates = Array2::zeros((inputs.len(), n_coordinates));
    for (mut sums, active) in coordinates.rows_mut().into_iter().zip(inputs) {
        let sums = sums.as_slice_mut().expect("new arrays are row-major");
        match by_feature {
            Matrix::Dense(dense) => kernels::sum_columns(&zero, dense.view(), active, sums),
            Matrix::Sparse(sparse) => {
                for &feature in *active {
                    let (columns, values) = sparse.row(feature as usize);
                    for (&column, &value) in columns.iter().zip(values) {
                        sums[column as usize] += value;
                    }
                }
            }
        }
    }
    coordinates
}

/// Rᵀ in panels of [n, PANEL].
fn panels(readoff: &Matrix) -> Vec<Array2<f32>> {
    let (n_signals, width) = readoff.shape();
    let starts = (0..n_signals).step_by(PANEL);
    let panels = starts.map(|start| {
        let rows = start * width..n_signals.min(start + PANEL) * width;
        let rows = ArrayView2::from_shape((rows.len() / width, width), &readoff.values()[rows]);
        transposed(&rows.expect("whole rows of a dense matrix").to_owned())
    });
    panels.collect()
}

impl ActiveNeurons {
    /// Lists the active neurons if they are few.
    fn find(values: &Array2<f32>) -> Option<ActiveNeurons> {
        let (n_neurons, n_inputs) = values.dim();
        let all = values.as_slice().expect("activations are row-major");
        let n_active = all.iter().map(|value| (*value != 0.0) as usize).sum::<usize>();
        if n_active as f64 > SPARSE_SHARE * all.len() as f64 {
            return None;
        }
        let mut starts = vec![0u32; n_inputs + 1];
        for row in all.chunks_exact(n_inputs.max(1)) {
            for (count, value) in starts[1..].iter_mut().zip(row) {
                *count += (*value != 0.0) as u32;
            }
        }
        for input_idx in 0..n_inputs {
            starts[input_idx + 1] += starts[input_idx];
        }
        let mut next = starts.clone();
        let mut active = ActiveNeurons { starts, neurons: vec![0; n_active], values: vec![0.0; n_active] };
        for neuron in 0..n_neurons {
            for (value, next) in all[neuron * n_inputs..][..n_inputs].iter().zip(&mut next) {
                if *value != 0.0 {
                    active.neurons[*next as usize] = neuron as u32;
                    active.values[*next as usize] = *value;
                    *next += 1;
                }
            }
        }
        Some(active)
    }

    /// Neurons, ascending, and their values.
    fn get(&self, input_idx: usize) -> (&[u32], &[f32]) {
        let places = self.starts[input_idx] as usize..self.starts[input_idx + 1] as usize;
        (&self.neurons[places.clone()], &self.values[places])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::matrix::SparseMatrix;
    use crate::network::{Activation, Block, example};
    use crate::random;

    /// Read-offs of all layers, layer by layer, by the definition in f64: [signal][input].
    fn by_definition(network: &Network, inputs: &[&[u32]]) -> Vec<Vec<Vec<f64>>> {
        let dense = |matrix: &Matrix| matrix.to_dense().mapv(f64::from);
        let n_features = network.header.features.len();
        let mut below = Array2::<f64>::zeros((n_features, inputs.len()));
        for (input_idx, active) in inputs.iter().enumerate() {
            for &feature in *active {
                below[[feature as usize, input_idx]] = 1.0;
            }
        }
        if let Some(dictionary) = &network.dictionary {
            below = dense(&dictionary.embedding).dot(&below);
        }
        let mut all = Vec::new();
        for layer in &network.layers {
            let mut above = layer.block.weight().mapv(f64::from).dot(&below);
            for (mut row, &bias) in above.rows_mut().into_iter().zip(layer.block.bias()) {
                row.mapv_inplace(|sum| sum + f64::from(bias));
            }
            above = match layer.block.activation() {
                None => above.mapv(|sum| sum.max(0.0)),
                Some(Activation::Linear) => above,
                Some(Activation::Quadratic) => above.mapv(|sum| sum.powi(2)),
                Some(Activation::Bilinear) => {
                    let n = layer.width();
                    Array2::from_shape_fn((n, inputs.len()), |(neuron, i)| above[[neuron, i]] * above[[n + neuron, i]])
                }
            };
            if let Block::Residual(residual) = &layer.block {
                above = below + residual.writes.mapv(f64::from).dot(&above);
                for (mut row, &offset) in above.rows_mut().into_iter().zip(&residual.offset) {
                    row.mapv_inplace(|value| value + f64::from(offset));
                }
            }
            let mut readoffs = dense(&layer.readoff.matrix).dot(&above);
            for (mut row, &bias) in readoffs.rows_mut().into_iter().zip(&layer.readoff.bias) {
                row.mapv_inplace(|sum| sum + f64::from(bias));
            }
            all.push(readoffs.rows().into_iter().map(|row| row.to_vec()).collect());
            below = above;
        }
        all
    }

    const INPUTS: [&[u32]; 6] = [&[], &[0], &[1, 4], &[0, 2, 5], &[0, 1, 2, 3, 4, 5], &[3]];

    #[test]
    fn read_offs_are_what_the_definition_says() {
        let polynomials = Activation::ALL.map(example::polynomial);
        for network in [example::stacked(), example::stored(), example::residual()].into_iter().chain(polynomials) {
            let forward = Forward::new(&network);
            let activations = forward.run(&INPUTS);
            let expected = by_definition(&network, &INPUTS);
            for (layer_idx, layer) in network.layers.iter().enumerate() {
                let mut out = Array2::zeros((layer.n_signals(), INPUTS.len()));
                forward.read_off(layer_idx, 0..layer.n_signals(), activations.layer(layer_idx), out.view_mut());
                for ((signal, input), value) in out.indexed_iter() {
                    let expected = expected[layer_idx][signal][input];
                    let most = 1e-5 * expected.abs().max(1.0);
                    assert!((f64::from(*value) - expected).abs() < most, "{value} for {expected}");
                }
            }
        }
    }

    /// One layer of 150 neurons with a dense read-off of 200 signals: many zeros, of both signs, and tiny numbers.
    fn wide(density: f64) -> (Network, LayerActivations) {
        let mut rng = random::stream(&[5]);
        let mut network = example::stored();
        let layer = &mut network.layers[0];
        let mut number = || match random::below(&mut rng, 8) {
            0 => -0.0,
            1 => 0.0,
            2 => -1e-40,
            3 => 1e-30,
            _ => random::gaussian(&mut rng) as f32,
        };
        layer.readoff.matrix = Matrix::from(Array2::from_shape_fn((200, 150), |_| number()));
        layer.readoff.bias = (0..200).map(|_| number()).collect();
        let mut values = Array2::from_shape_fn((150, 70), |_| number().abs());
        values.mapv_inplace(|value| if random::coin(&mut rng, density) { value + 0.0 } else { 0.0 });
        let active = ActiveNeurons::find(&values);
        (network, LayerActivations { values, stream: None, active })
    }

    fn bits(forward: &Forward, activations: &LayerActivations, signals: Range<usize>) -> Vec<u32> {
        let mut out = Array2::zeros((signals.len(), activations.values.ncols()));
        forward.read_off(0, signals, activations, out.view_mut());
        out.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn no_bit_depends_on_how_a_read_off_is_computed() {
        for density in [0.0, 0.01, 0.1] {
            let (network, sparse) = wide(density);
            assert!(sparse.active.is_some());
            let dense = LayerActivations { active: None, ..sparse.clone() };
            let forward = Forward::new(&network);
            let all = bits(&forward, &dense, 0..200);
            assert_eq!(bits(&forward, &sparse, 0..200), all);
            // Ranges that begin and end inside panels.
            assert_eq!(bits(&forward, &sparse, 10..190), all[10 * 70..190 * 70]);
            assert_eq!(bits(&forward, &dense, 10..20), all[10 * 70..20 * 70]);

            let mut stored_sparse = network.clone();
            let layer = &mut stored_sparse.layers[0];
            layer.readoff.matrix = Matrix::Sparse(SparseMatrix::from_dense(&layer.readoff.matrix.to_dense()));
            assert_eq!(bits(&Forward::new(&stored_sparse), &sparse, 0..200), all);
        }
    }

    #[test]
    fn no_bit_depends_on_the_size_of_the_block() {
        let polynomials = Activation::ALL.map(example::polynomial);
        for network in [example::stacked(), example::stored()].into_iter().chain(polynomials) {
            let forward = Forward::new(&network);
            let together = forward.run(&INPUTS);
            for (input_idx, input) in INPUTS.iter().enumerate() {
                let alone = forward.run(&[input]);
                assert_eq!(forward.top_by_input(&[input]), alone.top().by_input());
                for layer_idx in 0..network.layers.len() {
                    let column = together.layer(layer_idx).values.column(input_idx);
                    assert!(alone.layer(layer_idx).values.iter().zip(column).all(|(a, b)| a.to_bits() == b.to_bits()));
                }
            }
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let run = |path| {
            kernels::with_path(path, || {
                let (network, sparse) = wide(0.1);
                bits(&Forward::new(&network), &sparse, 0..200)
            })
        };
        let paths = kernels::available();
        let expected = run(paths[0]);
        assert!(paths.iter().all(|&path| run(path) == expected));
    }

    #[test]
    fn an_empty_block_is_no_error() {
        let network = example::stacked();
        let forward = Forward::new(&network);
        let activations = forward.run(&[]);
        forward.read_off(1, 0..2, activations.top(), Array2::zeros((2, 0)).view_mut());
    }
}
