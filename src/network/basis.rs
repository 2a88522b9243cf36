//! The same network in another orthonormal basis of one of its linear spaces.
//!
//! What features enter as, a stream, and the neurons of a layer that are linear are read by nothing but matrices:
//! turned by an orthogonal Q where they are written, and back where they are read, every read-off stays what it was.
//! What an activation stands in is no such space: relu(Q x) is not Q relu(x). Where weights are bounded, and nothing
//! else, dense ones of one size reach farther than a few large ones ("symmetric mixtures", Expanding the Scope of
//! Superposition).
//!
//! Must not know what a circuit is.

use ndarray::{Array2, ArrayViewMut1};

use super::matrix::Matrix;
use super::mixture::{Mixture, Weighing};
use super::{Activation, Block, Network};
use crate::weighing::{Conference, Signs};

impl Network {
    /// With these coordinates mixed besides. `None`: there are no such coordinates, or no such basis of them.
    pub fn mixed(&self, mixtures: &[Mixture]) -> Option<Network> {
        let mut network = self.clone();
        for mixture in mixtures {
            network.turn(mixture, false)?;
        }
        network.header.mixed.extend_from_slice(mixtures);
        Some(network)
    }

    /// As it was before its coordinates were mixed, up to rounding. `None`: it has not the coordinates that it says.
    pub fn unmixed(&self) -> Option<Network> {
        let mut network = self.clone();
        for mixture in std::mem::take(&mut network.header.mixed).iter().rev() {
            network.turn(mixture, true)?;
        }
        Some(network)
    }

    /// The coordinates of a linear space; `None`: it is none.
    fn n_coordinates(&self, layer: Option<u32>) -> Option<usize> {
        match layer {
            Some(layer_idx) => {
                let layer = self.layers.get(layer_idx as usize)?;
                (layer.block.activation() == Some(Activation::Linear)).then(|| layer.width())
            }
            None => self.dictionary.as_ref().map(|_| self.n_inputs()),
        }
    }

    fn turn(&mut self, mixture: &Mixture, is_back: bool) -> Option<()> {
        let end = mixture.first.checked_add(mixture.size)?;
        if end as usize > self.n_coordinates(mixture.layer)? {
            return None;
        }
        let turn = Turn::of(mixture, is_back)?;
        match mixture.layer {
            Some(layer_idx) => {
                let layer_idx = layer_idx as usize;
                let layer = self.layers.get_mut(layer_idx)?;
                let Block::Polynomial(block) = &mut layer.block else { return None };
                turn.rows(&mut block.weight);
                turn.vector(&mut block.bias);
                turn.rows_of(&mut layer.factors.compute);
                turn.columns_of(&mut layer.readoff.matrix);
                if let Some(above) = self.layers.get_mut(layer_idx + 1) {
                    turn.columns(above.block.weight_mut());
                    above.factors.decompress.iter_mut().for_each(|decompress| turn.columns_of(decompress));
                }
            }
            None => {
                let is_residual = self.is_residual();
                turn.rows_of(&mut self.dictionary.as_mut()?.embedding);
                for head in &mut self.heads {
                    turn.columns(&mut head.queries);
                    turn.columns(&mut head.keys);
                }
                let n_layers = if is_residual { self.layers.len() } else { 1 };
                for layer in self.layers.iter_mut().take(n_layers) {
                    turn.columns(layer.block.weight_mut());
                    layer.factors.decompress.iter_mut().for_each(|decompress| turn.columns_of(decompress));
                    if let Block::Residual(residual) = &mut layer.block {
                        turn.rows(&mut residual.writes);
                        turn.vector(&mut residual.offset);
                        turn.columns_of(&mut layer.readoff.matrix);
                        layer.factors.written.iter_mut().for_each(|written| turn.rows_of(&mut written.direction));
                    }
                }
            }
        }
        Some(())
    }
}

enum Signed {
    Hadamard(Signs),
    Conference(Conference),
}

impl Signed {
    fn sign(&self, row: usize, column: usize) -> i8 {
        match self {
            Signed::Hadamard(signs) if signs.is_negative(row, column) => -1,
            Signed::Hadamard(_) => 1,
            Signed::Conference(conference) => conference.sign(row, column),
        }
    }

    /// What a row is that is multiplied by itself.
    fn weight(&self, size: usize) -> usize {
        match self {
            Signed::Hadamard(_) => size,
            Signed::Conference(_) => size - 1,
        }
    }
}

/// An orthogonal map of some coordinates.
struct Turn {
    first: usize,
    size: usize,
    matrix: Signed,
    is_back: bool,
}

impl Turn {
    fn of(mixture: &Mixture, is_back: bool) -> Option<Turn> {
        let size = mixture.size as usize;
        let matrix = match mixture.by {
            Weighing::Hadamard => Signed::Hadamard(Signs::of(size)?),
            Weighing::Conference => Signed::Conference(Conference::of(size)?),
        };
        Some(Turn { first: mixture.first as usize, size, matrix, is_back })
    }

    /// Turns the coordinates of one vector. Sums of signs are rounded once.
    fn coordinates(&self, mut vector: ArrayViewMut1<f32>) {
        let before: Vec<f64> = (0..self.size).map(|idx| f64::from(vector[self.first + idx])).collect();
        if before.iter().all(|value| *value == 0.0) {
            return;
        }
        let scale = 1.0 / libm::sqrt(self.matrix.weight(self.size) as f64);
        for row in 0..self.size {
            let sign = |column| match self.is_back {
                true => self.matrix.sign(column, row),
                false => self.matrix.sign(row, column),
            };
            let signed = before.iter().enumerate().map(|(column, value)| f64::from(sign(column)) * value);
            vector[self.first + row] = (signed.sum::<f64>() * scale) as f32;
        }
    }

    /// Rows are coordinates.
    fn rows(&self, matrix: &mut Array2<f32>) {
        matrix.columns_mut().into_iter().for_each(|column| self.coordinates(column));
    }

    /// Columns are coordinates.
    fn columns(&self, matrix: &mut Array2<f32>) {
        matrix.rows_mut().into_iter().for_each(|row| self.coordinates(row));
    }

    fn vector(&self, vector: &mut [f32]) {
        self.coordinates(ArrayViewMut1::from(vector));
    }

    fn rows_of(&self, matrix: &mut Matrix) {
        self.dense(matrix, Turn::rows);
    }

    fn columns_of(&self, matrix: &mut Matrix) {
        self.dense(matrix, Turn::columns);
    }

    fn dense(&self, matrix: &mut Matrix, turn: impl Fn(&Turn, &mut Array2<f32>)) {
        let mut dense = matrix.to_dense();
        turn(self, &mut dense);
        *matrix = Matrix::Dense(dense).smaller();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::example;
    use crate::network::forward::Forward;

    const INPUTS: [&[u32]; 5] = [&[], &[0], &[1, 4], &[0, 2, 5], &[0, 1, 2, 3, 4, 5]];

    fn mixture(layer: Option<u32>, first: u32, size: u32) -> Mixture {
        Mixture { by: Weighing::Hadamard, layer, first, size }
    }

    fn readoffs(network: &Network) -> Vec<f32> {
        let forward = Forward::new(network);
        let activations = forward.run(&INPUTS);
        let of_layer = |(layer_idx, layer): (usize, &crate::network::Layer)| {
            let mut out = Array2::zeros((layer.n_signals(), INPUTS.len()));
            forward.read_off(layer_idx, 0..layer.n_signals(), activations.layer(layer_idx), out.view_mut());
            out.into_raw_vec_and_offset().0
        };
        network.layers.iter().enumerate().flat_map(of_layer).collect()
    }

    #[test]
    fn a_mixed_network_reads_the_same_and_its_factors_hold() {
        let cases = [
            (example::stored(), vec![mixture(None, 1, 2)]),
            (example::residual(), vec![mixture(None, 0, 2)]),
            (example::attending(), vec![mixture(None, 0, 2)]),
            (example::polynomial(Activation::Bilinear), vec![mixture(None, 1, 2)]),
            (example::polynomial(Activation::Linear), vec![mixture(Some(0), 0, 4), mixture(Some(1), 0, 2)]),
        ];
        for (network, mixtures) in cases {
            let mixed = network.mixed(&mixtures).expect("there are such coordinates");
            assert_eq!(mixed.check(), Ok(()));
            assert_ne!(mixed.fingerprint(), network.fingerprint());
            let back = mixed.unmixed().expect("they are there still");
            for other in [&mixed, &back] {
                for (value, expected) in readoffs(other).iter().zip(readoffs(&network)) {
                    assert!((value - expected).abs() < 1e-5 * expected.abs().max(1.0), "{value} for {expected}");
                }
            }
            assert!(back.header.mixed.is_empty() && mixed.header.mixed == mixtures);
        }
    }

    #[test]
    fn what_is_no_linear_space_is_not_mixed() {
        assert_eq!(example::stored().mixed(&[mixture(Some(0), 0, 4)]), None, "ReLUs");
        assert_eq!(example::stored().mixed(&[mixture(None, 2, 2)]), None, "too many coordinates");
        assert_eq!(example::stored().mixed(&[mixture(None, 0, 3)]), None, "no such matrix");
        assert_eq!(example::stacked().mixed(&[mixture(None, 0, 2)]), None, "features enter by themselves");
        assert_eq!(example::stored().mixed(&[mixture(None, u32::MAX, 2)]), None);
        assert_eq!(example::stored().mixed(&[mixture(None, 0, u32::MAX - 4)]), None, "as many as no memory holds");
        let conference = Mixture { by: Weighing::Conference, ..mixture(None, 0, 2) };
        assert_eq!(example::stored().mixed(std::slice::from_ref(&conference)), None, "no such matrix");
        let mut network = example::stored();
        network.header.mixed = vec![conference];
        assert_eq!(network.unmixed(), None);
    }
}
