//! The stream of a residual network: a direction for every signal, features and gates, and one decoder of them all.
//!
//! Signal j is written along a unit vector φ_j of random direction in d dimensions, and read by g_j: φ_j itself at
//! `-O0`, or solved for, g_j = Σ⁻¹φ_j / (φ_jᵀ Σ⁻¹ φ_j) with Σ = Σ_j p_j φ_j φ_jᵀ, p_j how often the signal is on. That
//! reads it with gain 1 and the others with the least power, 1 / (φ_jᵀ Σ⁻¹ φ_j) − p_j (Capon 1969). The rows of all
//! g_j are W_U, the columns φ_j of features are W_E, and a layer with read-offs R, r of its gates adds Φ(R h + r):
//! W_out = Φ R, b_out = Φ r.
//!
//! Directions are random, and from `-O1` on features and neurons have coordinates of their own instead, as long as
//! there is room ([`Slots`]); or all are vectors of the dictionary that is named, of which a fit has the features'.
//!
//! Must not know how neurons are wired or read.

use std::iter;
use std::ops::Range;

use ndarray::{Array2, Axis, concatenate, s};

use super::dictionary::{self, Embedding, GAUSSIAN};
use super::factors;
use super::layer::LayerTask;
use super::readers::filters;
use super::slots::Slots;
use crate::circuit::inputs::sample::Sampler;
use crate::circuit::{Circuit, Signal};
use crate::linear;
use crate::network::matrix::{Matrix, transposed};
use crate::network::{Block, Factors, InputDictionary, Layer, Readoff, Residual, Written};
use crate::program::{Decoder, Level, Program, Settings};
use crate::readings::{BLOCK, InputBlock};

/// Share of the mean variance that is added before Σ is inverted.
const RIDGE: f64 = 1e-6;

/// Blocks of 64 inputs on which signals are counted; a signal is taken to be on in one more.
const N_BLOCKS: u64 = 256;

pub struct Stream {
    /// Φᵀ, by signal: [signals, d].
    directions: Array2<f32>,
    /// W_U: [signals, d].
    readers: Array2<f32>,
    decoder: Decoder,
    /// What a file calls the directions of the features.
    kind: &'static str,
    /// Who writes where, of a fit, and of what is solved for as long as there is room.
    pub slots: Option<Slots>,
}

impl Stream {
    /// `None` where layers do not add to one. `widths`: neurons by layer. A fit that goes on from a network has
    /// coordinates for whatever that has written.
    pub fn of(
        program: &Program,
        level: Level,
        widths: &[usize],
        sampler: &Sampler,
        seed: u64,
        goes_on: bool,
    ) -> Option<Stream> {
        let (circuit, settings) = (&program.circuit, &program.settings);
        let d = settings.residual? as usize;
        let named = settings.directions.as_ref().and_then(|(name, _)| dictionary::named(name));
        let drawn = named.unwrap_or(&GAUSSIAN);
        let mut directions = dictionary::of_stream(drawn, circuit.n_signals(), d, seed);
        let decoder = decoder(settings, level);
        let layers = widths.iter().zip(&circuit.layers).map(|(&n, layer)| (n, layer.gates.len()));
        let features = s![..circuit.n_features(), ..];
        let slots = (level > Level::Published).then(|| match named {
            Some(_) => Slots::along(directions.slice(features).mapv(f64::from), layers),
            None => Slots::of(d, circuit.n_features(), layers, seed, goes_on),
        });
        let has_room = slots.as_ref().is_some_and(Slots::has_room);
        if let Some(slots) = &slots {
            directions.slice_mut(features).assign(&slots.in_stream(&slots.features));
        }
        let readers = match decoder {
            // Gates are read by what their layer's neurons say of them, and features are orthonormal.
            Decoder::Linear if has_room => directions.clone(),
            Decoder::Linear => readers(&directions, &shares_on(circuit, sampler, seed)),
            Decoder::Transpose => directions.clone(),
        };
        let is_orthonormal = slots.as_ref().is_some_and(|slots| slots.features.is_square());
        let kind = if is_orthonormal && named.is_none() { "orthonormal" } else { drawn.name() };
        let slots = slots.filter(|_| level == Level::Fitted || has_room && decoder == Decoder::Linear);
        Some(Stream { directions, readers, decoder, kind, slots })
    }

    /// How features enter it, and are read back.
    pub fn entry(&self, circuit: &Circuit) -> Embedding {
        let n_features = circuit.n_features();
        Embedding {
            spaces: Vec::new(),
            dictionary: InputDictionary {
                embedding: Matrix::Dense(transposed(&self.directions.slice(s![..n_features, ..]).to_owned())),
                kind: self.kind.to_string(),
                decoder: self.decoder.name().to_string(),
            },
            decoder: self.readers_of(0..n_features),
        }
    }

    /// Rows of W_U.
    pub fn readers_of(&self, signals: Range<usize>) -> Matrix {
        Matrix::Dense(self.readers.slice(s![signals, ..]).to_owned())
    }

    /// D and d, which read all signals below off a stream that these layers have written to: see [`Stream::written`].
    pub fn readoff(&self, below: &[Layer], n_signals: usize) -> (Matrix, Vec<f32>) {
        let n_features = n_signals - below.iter().map(Layer::n_signals).sum::<usize>();
        let of_features = self.readers.slice(s![..n_features, ..]);
        let of_layers: Vec<Array2<f32>> = below.iter().map(|layer| layer.readoff.matrix.to_dense()).collect();
        let parts: Vec<_> = [of_features].into_iter().chain(of_layers.iter().map(|part| part.view())).collect();
        let biases = below.iter().flat_map(|layer| layer.readoff.bias.iter().copied());
        let matrix = Matrix::Dense(concatenate(Axis(0), &parts).expect("all read one stream"));
        (matrix, iter::repeat_n(0.0, n_features).chain(biases).collect())
    }

    /// X, whose columns span all that a stream can show that these layers have written to: W_E and each W_out. [d, n]
    pub fn shown(&self, below: &[Layer], n_features: usize) -> Array2<f64> {
        let written = below.iter().filter_map(|layer| match &layer.block {
            Block::Residual(block) => Some(block.writes.t()),
            Block::Relu(_) | Block::Polynomial(_) => None,
        });
        let rows: Vec<_> = [self.directions.slice(s![..n_features, ..])].into_iter().chain(written).collect();
        concatenate(Axis(0), &rows).expect("all in one stream").t().mapv(f64::from).as_standard_layout().into_owned()
    }

    /// A layer of neurons over the stream that adds to it: its gates, by its own read-offs of them, or, where it has
    /// room for that, whatever they are read off.
    pub fn written(&self, task: &LayerTask, layer: Layer) -> Layer {
        if let Some(slots) = self.slots.as_ref().filter(|slots| slots.has_room()) {
            let slot = slots.layers[task.layer_idx].clone();
            if slot.len() == layer.width().min(layer.n_signals()) {
                return side_by_side(&slots.basis.slice(s![.., slot]).to_owned(), layer);
            }
        }
        let first = task.below.len();
        let signals = first..first + task.targets.len();
        let directions = Matrix::Dense(transposed(&self.directions.slice(s![signals.clone(), ..]).to_owned()));
        let Readoff { matrix, bias, .. } = layer.readoff;
        let block = Residual {
            reads: layer.block.weight().clone(),
            bias: layer.block.bias().to_vec(),
            writes: directions.product(&matrix),
            offset: (0..directions.n_rows()).map(|row| directions.row_times(row, &bias)).collect(),
        };
        let readoff = task.readoff(self.readers_of(signals), vec![0.0; matrix.n_rows()]);
        let written = Written { direction: directions, estimate: matrix, estimate_bias: bias };
        let factors = Factors { written: Some(written), ..layer.factors };
        Layer { block: Block::Residual(block), factors, readoff, ..layer }
    }
}

/// A layer that has these coordinates of the stream to itself, [d, its own]: its neurons write one each, or, if its
/// gates are fewer, what they say of one each. Nothing else is there, so that read-offs stay what they are.
fn side_by_side(coordinates: &Array2<f64>, layer: Layer) -> Layer {
    let rows = layer.readoff.matrix.to_dense().mapv(f64::from);
    let eye = Array2::eye(coordinates.ncols());
    let (says, reads) = if rows.ncols() == coordinates.ncols() { (eye, rows) } else { (rows, eye) };
    let readers = linear::product(&reads, &coordinates.t().to_owned()).mapv(|value| value as f32);
    let (writes, written) = factors::written(&linear::product(coordinates, &says), &readers);
    let block = Residual {
        reads: layer.block.weight().clone(),
        bias: layer.block.bias().to_vec(),
        offset: vec![0.0; writes.nrows()],
        writes,
    };
    Layer {
        block: Block::Residual(block),
        factors: Factors { written, ..layer.factors },
        readoff: Readoff { matrix: Matrix::Dense(readers), ..layer.readoff },
        ..layer
    }
}

/// How a stream is read.
pub fn decoder(settings: &Settings, level: Level) -> Decoder {
    settings.decoder.unwrap_or(match level {
        Level::Published => Decoder::Transpose,
        Level::Solved | Level::Fitted => Decoder::Linear,
    })
}

/// The decoder of the least power, by signal: [signals, d]. `shares`: p.
fn readers(directions: &Array2<f32>, shares: &[f64]) -> Array2<f32> {
    let directions = directions.mapv(f64::from);
    let mut weighted = directions.clone();
    weighted.rows_mut().into_iter().zip(shares).for_each(|(mut row, &share)| row *= share);
    let power = linear::product(&directions.t().to_owned(), &weighted);
    filters(&directions, power, &vec![1.0; shares.len()], RIDGE).mapv(|value| value as f32)
}

/// How often each stored signal is on.
fn shares_on(circuit: &Circuit, sampler: &Sampler, seed: u64) -> Vec<f64> {
    let mut counts = vec![1u64; circuit.n_signals()];
    let mut block = InputBlock::new(circuit);
    for block_idx in 0..N_BLOCKS {
        block.fill(circuit, sampler.block(seed, "stream", block_idx));
        for (count, signal) in counts.iter_mut().zip(0..) {
            *count += u64::from((block.word(Signal(signal)) & block.valid()).count_ones());
        }
    }
    let n_inputs = (N_BLOCKS * BLOCK as u64) as f64;
    counts.into_iter().map(|count| count as f64 / n_inputs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::dictionary::Dictionary;
    use crate::random::{self, Pcg64};

    /// Independent signals that are on now and then: what g_j reads of the others has the power that the formula says.
    #[test]
    fn interference_has_the_power_that_is_left_of_capon() {
        let (m, d) = (300, 80);
        let mut rng = random::stream(&[5]);
        let directions = GAUSSIAN.draw(m, d, &mut rng);
        let shares: Vec<f64> = (0..m).map(|idx| if idx % 3 == 0 { 0.05 } else { 0.01 }).collect();
        let readers = readers(&directions, &shares).mapv(f64::from);
        let gains = linear::product(&readers, &directions.mapv(f64::from).t().to_owned());
        let phi = directions.mapv(f64::from);
        let mut weighted = phi.clone();
        weighted.rows_mut().into_iter().zip(&shares).for_each(|(mut row, &share)| row *= share);
        let inverse = linear::inverse(linear::product(&phi.t().to_owned(), &weighted));
        let said = |signal: usize| 1.0 / phi.row(signal).dot(&inverse.dot(&phi.row(signal))) - shares[signal];
        let transposed_power = |signal: usize| -> f64 {
            let row = directions.row(signal);
            let overlap = |other: usize| f64::from(row.dot(&directions.row(other)));
            (0..m).filter(|&other| other != signal).map(|other| shares[other] * overlap(other).powi(2)).sum()
        };
        let n_draws = 20_000;
        for signal in [0, 1, 150] {
            assert!((gains[[signal, signal]] - 1.0).abs() < 1e-5, "gain one");
            let mut power = 0.0;
            for _ in 0..n_draws {
                let on = |rng: &mut Pcg64, other: usize| other != signal && random::coin(rng, shares[other]);
                let read: f64 = (0..m).filter(|&other| on(&mut rng, other)).map(|o| gains[[signal, o]]).sum();
                let mean: f64 = (0..m).filter(|&o| o != signal).map(|o| shares[o] * gains[[signal, o]]).sum();
                power += (read - mean).powi(2);
            }
            let (measured, said) = (power / f64::from(n_draws), said(signal));
            assert!((measured / said - 1.0).abs() < 0.1, "{measured}, not {said}");
            assert!(said < 0.9 * transposed_power(signal), "less than the transpose reads");
        }
    }
}
