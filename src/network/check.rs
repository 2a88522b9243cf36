//! Whether a network is what it says: shapes that chain, finite numbers, `W = C·D`.
//!
//! Must not know what a circuit is, nor where the network came from.

use ndarray::Array2;
use thiserror::Error;

use super::head::name_in_head;
use super::matrix::{Matrix, SparseFault};
use super::tensor::{Sizes, Tensor};
use super::tensors::{DICTIONARY, KEYS, QUERIES, name_in_layer};
use super::{Block, Head, Layer, Network};

/// `|W - C·D|` may reach this share of `max |W|` of its layer: factors and product are rounded separately.
pub const FACTOR_TOLERANCE: f32 = 1e-4;

/// How far a matrix of a layer is from the product of its factors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FactorError {
    /// `max |W - C·D|`; infinite where the product overflows.
    pub difference: f32,
    /// `max |W|`, or 1 where all weights are 0.
    pub largest: f32,
}

impl FactorError {
    /// `right`: `None` is the identity.
    fn of(weight: &Array2<f32>, left: &Matrix, right: Option<&Matrix>) -> FactorError {
        let largest = weight.iter().fold(0f32, |largest, value| largest.max(value.abs()));
        let mut difference = 0f32;
        let mut product = vec![0f32; weight.ncols()];
        for (row, weights) in weight.rows().into_iter().enumerate() {
            match right {
                Some(right) => left.product_row(row, right, &mut product),
                None => left.copy_row(row, &mut product),
            }
            for (weight, product) in weights.iter().zip(&product) {
                // A NaN (from an overflow) must count as a difference.
                let distance = (weight - product).abs();
                difference = if distance.is_nan() { f32::INFINITY } else { difference.max(distance) };
            }
        }
        FactorError { difference, largest: if largest > 0.0 { largest } else { 1.0 } }
    }

    /// The difference, with the greatest weight as unit.
    pub fn share(self) -> f32 {
        self.difference / self.largest
    }

    /// Whether it is more than rounding.
    pub fn is_change(self) -> bool {
        self.share() > FACTOR_TOLERANCE
    }
}

/// What is wrong with a network. Tensors are called as in the file.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum NetworkError {
    #[error("the network has no layer")]
    NoLayer,
    #[error("head `{head}` reads a stream, and the network has none: `W_E` or `input.dictionary` makes one")]
    HeadWithoutStream { head: String },
    #[error("head `{head}` has no direction: its rank is 0")]
    NoRank { head: String },
    #[error("head `{head}` matches a feature that there is not")]
    NoSuchMatch { head: String },
    #[error("layer `{layer}` adds to a stream, and the network has none: `W_E` and a decoder of features make one")]
    NoStream { layer: String },
    #[error("layer `{layer}` is of another kind than the first: all layers add to a stream, or none does")]
    Mixed { layer: String },
    #[error("layer `{layer}` has no neuron")]
    NoNeuron { layer: String },
    #[error("`{tensor}` is {} x {}, but {} x {} fits its neighbours", found.0, found.1, wanted.0, wanted.1)]
    Shape { tensor: String, found: (usize, usize), wanted: (usize, usize) },
    #[error("`{tensor}` is no sparse matrix: {fault}")]
    Sparse { tensor: String, fault: SparseFault },
    #[error("`{tensor}` holds a number that is not finite")]
    NotFinite { tensor: String },
    #[error("layer `{layer}` counts {n_gates} gates among {n_signals} signals")]
    GateCount { layer: String, n_gates: usize, n_signals: usize },
    #[error("the name `{name}` begins with `!`, which marks a complement")]
    Name { name: String },
    #[error(
        "the weights of layer `{layer}` differ from compute times decompress by {difference:e}; {allowed:e} is rounding"
    )]
    Factors { layer: String, difference: f32, allowed: f32 },
    #[error(
        "what layer `{layer}` writes differs from direction times estimate by {difference:e}; {allowed:e} is rounding"
    )]
    Written { layer: String, difference: f32, allowed: f32 },
}

impl Network {
    /// Validates everything that can be validated without inputs: [`Network::check_shapes`], then the factors.
    /// Takes nonzeros(C) x width steps.
    pub fn check(&self) -> Result<(), NetworkError> {
        self.check_shapes()?;
        self.check_all_factors()
    }

    /// Whether `W = C·D` in every layer, and `W_out = Φ·R` where a layer has these. The network must have passed
    /// [`Network::check_shapes`].
    pub fn check_all_factors(&self) -> Result<(), NetworkError> {
        for (layer_idx, layer) in self.layers.iter().enumerate() {
            let told = |error: FactorError| (layer.name.clone(), error.difference, FACTOR_TOLERANCE * error.largest);
            let (of_reads, of_writes) = (self.error_of_reads(layer_idx), error_of_writes(layer));
            if of_reads.is_change() {
                let (layer, difference, allowed) = told(of_reads);
                return Err(NetworkError::Factors { layer, difference, allowed });
            }
            if let Some(error) = of_writes.filter(|error| error.is_change()) {
                let (layer, difference, allowed) = told(error);
                return Err(NetworkError::Written { layer, difference, allowed });
            }
        }
        Ok(())
    }

    /// How far W is from C·D, or W_out from Φ·R where that is farther, by layer. The network must have passed
    /// [`Network::check_shapes`].
    pub fn factor_errors(&self) -> impl Iterator<Item = FactorError> {
        self.layers.iter().enumerate().map(|(layer_idx, layer)| {
            let of_reads = self.error_of_reads(layer_idx);
            error_of_writes(layer).filter(|error| error.share() > of_reads.share()).unwrap_or(of_reads)
        })
    }

    /// Shapes, sparse structure, finite numbers, names: all that the forward pass takes for granted.
    pub fn check_shapes(&self) -> Result<(), NetworkError> {
        if self.layers.is_empty() && self.heads.is_empty() {
            return Err(NetworkError::NoLayer);
        }
        let n_features = self.header.features.len();
        if let Some(dictionary) = &self.dictionary {
            let n_inputs = dictionary.embedding.n_rows();
            check_tensor(DICTIONARY.into(), Tensor::Matrix(&dictionary.embedding), (n_inputs, n_features))?;
        }
        self.heads.iter().enumerate().try_for_each(|(head_idx, head)| self.check_head(head_idx, head))?;
        let is_residual = self.is_residual();
        let of_another_kind = |layer: &&Layer| layer.block.is_residual() != is_residual;
        if let Some(layer) = self.layers.iter().find(of_another_kind) {
            return Err(NetworkError::Mixed { layer: layer.name.clone() });
        }
        if is_residual && (self.dictionary.is_none() || self.layers[0].factors.decompress.is_none()) {
            return Err(NetworkError::NoStream { layer: self.layers[0].name.clone() });
        }
        let mut n_below = self.n_inputs();
        let mut n_signals_below = n_features;
        for (layer_idx, layer) in self.layers.iter().enumerate() {
            check_layer(layer_idx, layer, n_below, n_signals_below)?;
            n_below = layer.block.n_above();
            // What is written to a stream stays.
            n_signals_below = layer.n_signals() + if is_residual { n_signals_below } else { 0 };
        }
        let names = self.layers.iter().flat_map(|layer| layer.readoff.signals.iter().map(|signal| &signal.name));
        match self.header.features.iter().chain(names).find(|name| name.starts_with('!')) {
            Some(name) => Err(NetworkError::Name { name: name.clone() }),
            None => Ok(()),
        }
    }

    fn check_head(&self, head_idx: usize, head: &Head) -> Result<(), NetworkError> {
        let (name, n_features) = (|| head.name.clone(), self.header.features.len());
        if self.dictionary.is_none() {
            return Err(NetworkError::HeadWithoutStream { head: name() });
        }
        if head.rank() == 0 {
            return Err(NetworkError::NoRank { head: name() });
        }
        if head.matches.iter().any(|&(key, query)| key.max(query) as usize >= n_features) {
            return Err(NetworkError::NoSuchMatch { head: name() });
        }
        let wanted = (head.rank(), self.n_inputs());
        let factors = [(QUERIES, &head.queries), (KEYS, &head.keys)];
        factors.into_iter().try_for_each(|(factor, matrix)| {
            check_tensor(name_in_head(head_idx, factor), Tensor::Dense(matrix), wanted)
        })
    }

    fn error_of_reads(&self, layer_idx: usize) -> FactorError {
        let layer = &self.layers[layer_idx];
        let decompress = self.decompress(layer_idx);
        FactorError::of(layer.block.weight(), &layer.factors.compute, decompress.as_deref())
    }
}

/// Of what a layer adds to a stream, where its factors are known.
fn error_of_writes(layer: &Layer) -> Option<FactorError> {
    let (Block::Residual(residual), Some(written)) = (&layer.block, &layer.factors.written) else { return None };
    Some(FactorError::of(&residual.writes, &written.direction, Some(&written.estimate)))
}

fn check_layer(layer_idx: usize, layer: &Layer, n_below: usize, n_signals_below: usize) -> Result<(), NetworkError> {
    let (width, n_above) = (layer.width(), layer.block.n_above());
    let n_maps = layer.block.n_maps();
    let sizes = Sizes { n_below, n_signals_below, width, n_maps, n_above, n_signals: layer.n_signals() };
    if sizes.width == 0 {
        return Err(NetworkError::NoNeuron { layer: layer.name.clone() });
    }
    if layer.n_gates() > sizes.n_signals {
        let (n_gates, n_signals) = (layer.n_gates(), sizes.n_signals);
        return Err(NetworkError::GateCount { layer: layer.name.clone(), n_gates, n_signals });
    }
    layer.each_tensor(&mut |name, shape, tensor| {
        let (name, wanted) = (name_in_layer(layer_idx, name), shape(&sizes));
        match tensor {
            Some(tensor) => check_tensor(name, tensor, wanted),
            // The identity of layer 0; above, the read-off below has been checked already.
            None if layer_idx == 0 => check_shape(name, (n_below, n_below), wanted),
            None => Ok(()),
        }
    })
}

fn check_tensor(tensor: String, found: Tensor, wanted: (usize, usize)) -> Result<(), NetworkError> {
    if let Tensor::Matrix(Matrix::Sparse(sparse)) = found
        && let Err(fault) = sparse.validate()
    {
        return Err(NetworkError::Sparse { tensor, fault });
    }
    check_shape(tensor.clone(), found.shape(), wanted)?;
    match found.values().iter().all(|value| value.is_finite()) {
        true => Ok(()),
        false => Err(NetworkError::NotFinite { tensor }),
    }
}

fn check_shape(tensor: String, found: (usize, usize), wanted: (usize, usize)) -> Result<(), NetworkError> {
    if found == wanted { Ok(()) } else { Err(NetworkError::Shape { tensor, found, wanted }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Activation, example};

    fn broken(change: impl FnOnce(&mut Network)) -> String {
        let mut network = example::stacked();
        change(&mut network);
        network.check().expect_err("the change breaks the network").to_string()
    }

    fn bias_of(network: &mut Network) -> &mut Vec<f32> {
        match &mut network.layers[0].block {
            Block::Relu(relu) => &mut relu.bias,
            Block::Polynomial(block) => &mut block.bias,
            Block::Residual(residual) => &mut residual.bias,
        }
    }

    #[test]
    fn the_examples_pass() {
        assert_eq!(example::stacked().check(), Ok(()));
        assert_eq!(example::stored().check(), Ok(()));
        assert_eq!(example::residual().check(), Ok(()));
        assert_eq!(example::attending().check(), Ok(()));
        assert_eq!(example::attending_alone().check(), Ok(()));
        Activation::ALL.iter().for_each(|&activation| assert_eq!(example::polynomial(activation).check(), Ok(())));
    }

    #[test]
    fn each_fault_of_a_stream_has_its_own_message() {
        let broken = |change: &dyn Fn(&mut Network)| {
            let mut network = example::residual();
            change(&mut network);
            network.check().expect_err("the change breaks the network").to_string()
        };
        let messages = [
            broken(&|network| network.dictionary = None),
            broken(&|network| network.layers[0].factors.decompress = None),
            broken(&|network| network.layers[1] = example::stacked().layers.remove(1)),
            broken(&|network| match &mut network.layers[1].block {
                Block::Residual(residual) => residual.offset.push(0.0),
                _ => unreachable!("the example has a stream"),
            }),
            broken(&|network| network.layers[1].block.weight_mut()[[0, 0]] += 0.01),
            broken(&|network| match &mut network.layers[1].block {
                Block::Residual(residual) => residual.writes[[0, 0]] += 0.01,
                _ => unreachable!("the example has a stream"),
            }),
            broken(&|network| network.layers[0].factors.written.as_mut().unwrap().estimate_bias.push(0.0)),
        ];
        insta::assert_snapshot!(messages.join("\n"));
    }

    #[test]
    fn each_fault_of_a_head_has_its_own_message() {
        let broken = |change: &dyn Fn(&mut Network)| {
            let mut network = example::attending_alone();
            change(&mut network);
            network.check().expect_err("the change breaks the network").to_string()
        };
        let messages = [
            broken(&|network| network.heads.clear()),
            broken(&|network| network.dictionary = None),
            broken(&|network| network.heads[0].queries = Array2::zeros((0, 3))),
            broken(&|network| network.heads[0].keys = Array2::zeros((2, 4))),
            broken(&|network| network.heads[0].queries = Array2::zeros((2, 4))),
            broken(&|network| network.heads[0].keys[[0, 0]] = f32::NAN),
            broken(&|network| network.heads[0].matches[0].1 = 6),
        ];
        insta::assert_snapshot!(messages.join("\n"));
    }

    #[test]
    fn each_fault_has_its_own_message() {
        let messages = [
            broken(|network| network.layers.clear()),
            broken(|network| bias_of(network).clear()),
            broken(|network| bias_of(network).push(0.0)),
            broken(|network| network.layers[1].readoff.threshold.clear()),
            broken(|network| network.layers[1].readoff.bias[0] = f32::NAN),
            broken(|network| network.layers[0].block.weight_mut()[[0, 0]] = f32::INFINITY),
            broken(|network| network.layers[1].readoff.n_gates = 9),
            broken(|network| network.header.features[0] = "!a".into()),
            broken(|network| network.header.features.push("more".into())),
            broken(|network| network.layers[1].block.weight_mut()[[0, 0]] += 0.01),
            broken(|network| match &mut network.layers[0].factors.compute {
                Matrix::Sparse(sparse) => sparse.indices[0] = 99,
                Matrix::Dense(_) => unreachable!("the example keeps its first factor sparse"),
            }),
        ];
        insta::assert_snapshot!(messages.join("\n"));
    }

    #[test]
    fn a_change_of_the_weights_is_measured_layer_by_layer() {
        let mut network = example::stacked();
        let weight = network.layers[1].block.weight_mut();
        let largest = weight.iter().fold(0f32, |largest, value| largest.max(value.abs()));
        let least = weight.iter_mut().min_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap();
        *least += largest / 4.0;
        let [below, above] = network.factor_errors().collect::<Vec<_>>()[..] else { panic!("two layers") };
        assert!(!below.is_change() && above.is_change() && (above.share() - 0.25).abs() < 1e-3, "{below:?} {above:?}");
        network.layers[1].block.weight_mut().fill(0.0);
        assert!(network.factor_errors().nth(1).is_some_and(FactorError::is_change), "everything is pruned");
        network.layers[0].factors.compute = Matrix::Dense(network.layers[0].factors.compute.to_dense() * f32::MAX);
        assert!(network.factor_errors().next().is_some_and(FactorError::is_change), "the product overflows");
    }

    #[test]
    fn rounding_in_the_factors_is_allowed() {
        let mut network = example::stacked();
        network.layers[1].block.weight_mut()[[0, 0]] += 1e-6;
        assert_eq!(network.check(), Ok(()));
    }
}
