//! Inputs in superposition: the dictionary that stores features, and the decoder that is D of layer 0.
//!
//! Stored features are unit vectors φ_i of a dictionary; they are read back by φ_iᵀ (transpose) or by the best linear
//! decoder (`readers`), which leaves x_i its weight 1 and the rest of the dictionary the least power: 1/h_i − 1, with
//! h_i = φ_iᵀ Σ⁻¹ φ_i its leverage, Σ = Σ_j φ_j φ_jᵀ (Elhage et al. 2022, "Toy models of superposition", for the
//! setting).
//!
//! Must not know gates.

use std::ops::Range;

use ndarray::Array2;

use super::row::Dictionary;
use super::table::named;
use crate::circuit::Circuit;
use crate::compile::readers::readers;
use crate::network::InputDictionary;
use crate::network::matrix::{Matrix, SparseMatrix};
use crate::program::{Decoder, Settings, Store};
use crate::random;

/// Share of the mean variance that is added before the dictionary is inverted.
const RIDGE: f64 = 1e-6;

/// How features enter, and how they are read back.
pub struct Embedding {
    pub dictionary: InputDictionary,
    /// Coordinates that features share: of each store, of each group.
    pub spaces: Vec<Range<usize>>,
    /// D of layer 0: [n_features, n_inputs].
    pub decoder: Matrix,
}

/// Of each group of features the vectors that store them: [features, dimensions].
pub fn stored(stores: &[Store], seed: u64) -> impl Iterator<Item = Array2<f32>> {
    let mut rng = random::stream(&[seed, random::key_of("dictionary")]);
    stores.iter().map(move |store| {
        let dictionary = named(&store.dictionary.0).expect("a plan refuses what is not there");
        dictionary.draw(store.features.len(), store.dimensions as usize, &mut rng)
    })
}

/// The vectors of all signals of a stream: [signals, d].
pub fn of_stream(dictionary: &dyn Dictionary, n_signals: usize, d: usize, seed: u64) -> Array2<f32> {
    dictionary.draw(n_signals, d, &mut random::stream(&[seed, random::key_of("stream")]))
}

/// `None` where every feature has a coordinate of its own.
pub fn embed(circuit: &Circuit, settings: &Settings, seed: u64) -> Option<Embedding> {
    let stores = &settings.stores;
    if stores.is_empty() {
        return None;
    }
    let n_features = circuit.n_features();
    let mut is_stored = vec![false; n_features];
    stores.iter().flat_map(|store| &store.features).for_each(|&feature| is_stored[feature as usize] = true);
    let n_direct = is_stored.iter().filter(|&&stored| !stored).count();
    let n_inputs = n_direct + stores.iter().map(|store| store.dimensions as usize).sum::<usize>();

    // Rows of Φ and of the decoder, as (column, value).
    let mut rows: Vec<Vec<(u32, f32)>> = Vec::with_capacity(n_inputs);
    let mut decoder: Vec<Vec<(u32, f32)>> = vec![Vec::new(); n_features];
    for feature in (0..n_features).filter(|&feature| !is_stored[feature]) {
        decoder[feature].push((rows.len() as u32, 1.0));
        rows.push(vec![(feature as u32, 1.0)]);
    }
    let kind = settings.decoder.unwrap_or(Decoder::Linear);
    let mut spaces = Vec::with_capacity(stores.len());
    for (store, codes) in stores.iter().zip(stored(stores, seed)) {
        let readers = match kind {
            Decoder::Transpose => codes.clone(),
            Decoder::Linear => readers(&codes.mapv(f64::from), RIDGE).mapv(|value| value as f32),
        };
        for (&feature, reader) in store.features.iter().zip(readers.rows()) {
            let first = rows.len() as u32;
            decoder[feature as usize] = reader.iter().zip(first..).map(|(&value, column)| (column, value)).collect();
        }
        spaces.push(rows.len()..rows.len() + codes.ncols());
        for coordinate in codes.columns() {
            rows.push(store.features.iter().zip(coordinate).map(|(&feature, &value)| (feature, value)).collect());
        }
    }
    let mut names: Vec<&str> = stores.iter().map(|store| &store.dictionary.0[..]).collect();
    names.dedup();
    Some(Embedding {
        dictionary: InputDictionary {
            embedding: Matrix::Sparse(from_rows(n_features, rows)).smaller(),
            kind: names.join("+"),
            decoder: kind.name().to_string(),
        },
        spaces,
        decoder: Matrix::Sparse(from_rows(n_inputs, decoder)).smaller(),
    })
}

fn from_rows(n_columns: usize, rows: Vec<Vec<(u32, f32)>>) -> SparseMatrix {
    let mut matrix = SparseMatrix::with_columns(n_columns);
    rows.into_iter().for_each(|row| matrix.push_row(row));
    matrix
}
