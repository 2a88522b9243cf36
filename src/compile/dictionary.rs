//! Inputs in superposition: the dictionary that stores features, and the decoder that is D of layer 0.
//!
//! Stored features are unit vectors φ_i of random direction; they are read back by φ_iᵀ (transpose) or by the best
//! linear decoder (`readers`), which leaves x_i its weight 1 and the rest of the dictionary the least power (Elhage et
//! al. 2022, "Toy models of superposition", for the setting).
//!
//! Must not know gates.

use ndarray::Array2;

use super::readers::readers;
use crate::circuit::Circuit;
use crate::network::InputDictionary;
use crate::network::matrix::{Matrix, SparseMatrix};
use crate::program::{Decoder, Dictionary, Settings, Store};
use crate::random::{self, Pcg64};

/// Share of the mean variance that is added before the dictionary is inverted.
const RIDGE: f64 = 1e-6;

/// How features enter, and how they are read back.
pub struct Embedding {
    pub dictionary: InputDictionary,
    /// D of layer 0: [n_features, n_inputs].
    pub decoder: Matrix,
}

/// `None` where every feature has a coordinate of its own.
pub fn embed(circuit: &Circuit, settings: &Settings, rng: &mut Pcg64) -> Option<Embedding> {
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
    for store in stores {
        let codes = draw(store, rng);
        let readers = match kind {
            Decoder::Transpose => codes.clone(),
            Decoder::Linear => readers(&codes.mapv(f64::from), RIDGE).mapv(|value| value as f32),
        };
        for (&feature, reader) in store.features.iter().zip(readers.rows()) {
            let first = rows.len() as u32;
            decoder[feature as usize] = reader.iter().zip(first..).map(|(&value, column)| (column, value)).collect();
        }
        for coordinate in codes.columns() {
            rows.push(store.features.iter().zip(coordinate).map(|(&feature, &value)| (feature, value)).collect());
        }
    }
    let mut names: Vec<&str> = stores.iter().map(|store| store.dictionary.name()).collect();
    names.dedup();
    Some(Embedding {
        dictionary: InputDictionary {
            embedding: Matrix::Sparse(from_rows(n_features, rows)).smaller(),
            kind: names.join("+"),
            decoder: kind.name().to_string(),
        },
        decoder: Matrix::Sparse(from_rows(n_inputs, decoder)).smaller(),
    })
}

fn from_rows(n_columns: usize, rows: Vec<Vec<(u32, f32)>>) -> SparseMatrix {
    let mut matrix = SparseMatrix::with_columns(n_columns);
    rows.into_iter().for_each(|row| matrix.push_row(row));
    matrix
}

fn draw(store: &Store, rng: &mut Pcg64) -> Array2<f32> {
    unit_vectors((store.features.len(), store.dimensions as usize), store.dictionary, rng)
}

/// Unit vectors, one a row: [signals, dimensions].
pub fn unit_vectors(shape: (usize, usize), dictionary: Dictionary, rng: &mut Pcg64) -> Array2<f32> {
    let mut codes = Array2::<f64>::zeros(shape);
    for mut code in codes.rows_mut() {
        for value in &mut code {
            *value = match dictionary {
                Dictionary::Gaussian => random::gaussian(rng),
                Dictionary::Rademacher if random::coin(rng, 0.5) => 1.0,
                Dictionary::Rademacher => -1.0,
            };
        }
        let length = libm::sqrt(code.iter().map(|value| value * value).sum());
        if length > 0.0 {
            code.mapv_inplace(|value| value / length);
        }
    }
    codes.mapv(|value| value as f32)
}
