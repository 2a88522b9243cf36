//! The coordinates that a fit has for stored features, and for a stream. Must not know weights.

use ndarray::{Array2, s};

use crate::compile::dictionary::Embedding;
use crate::compile::slots::Slots;
use crate::linear;

/// Coordinates of stored features in which the dictionary is tight: x' = L⁻¹ Φ x √(m/d), with Φ Φᵀ = L Lᵀ. Of a stream
/// they are those of its slots, of which the features' are tight in the same way.
pub struct Whitening {
    /// From what is stored, or a stream, to coordinates, and back: [coordinates, d], [d, coordinates].
    pub forward: Array2<f64>,
    pub backward: Array2<f64>,
    /// The whitened dictionary, over the coordinates that it has, which come first: [features, coordinates].
    pub by_feature: Array2<f32>,
    /// Whether features share coordinates.
    pub is_superposed: bool,
}

impl Whitening {
    pub fn of(embedding: &Embedding) -> Whitening {
        Whitening::of_dictionary(&embedding.dictionary.embedding.to_dense().mapv(f64::from))
    }

    /// `dictionary`: [coordinates, features]
    fn of_dictionary(dictionary: &Array2<f64>) -> Whitening {
        let (n_coordinates, n_features) = dictionary.dim();
        let mut gram = linear::product(dictionary, &dictionary.t().to_owned());
        linear::add_ridge(&mut gram, 1e-6);
        let scale = libm::sqrt(n_features as f64 / n_coordinates as f64);
        let lower = linear::cholesky(gram);
        let forward = linear::inverse_lower(&lower).mapv(|value| value * scale);
        let by_feature = linear::product(&forward, dictionary).t().mapv(|value| value as f32);
        let backward = lower.mapv(|value| value / scale);
        Whitening { forward, backward, by_feature, is_superposed: true }
    }

    pub fn of_stream(slots: &Slots) -> Whitening {
        let (n_features, n_entry) = slots.features.dim();
        let of_features = match n_entry < n_features {
            true => Whitening::of_dictionary(&slots.features.t().to_owned()),
            false => Whitening {
                forward: Array2::eye(n_entry),
                backward: Array2::eye(n_entry),
                by_feature: slots.features.mapv(|value| value as f32),
                is_superposed: slots.features != Array2::<f64>::eye(n_entry),
            },
        };
        let within = |of_features: &Array2<f64>| {
            let mut within = Array2::eye(slots.basis.ncols());
            within.slice_mut(s![..n_entry, ..n_entry]).assign(of_features);
            within
        };
        Whitening {
            forward: linear::product(&within(&of_features.forward), &slots.basis.t().to_owned()),
            backward: linear::product(&slots.basis, &within(&of_features.backward)),
            by_feature: of_features.by_feature,
            is_superposed: of_features.is_superposed,
        }
    }

    pub fn n_coordinates(&self) -> usize {
        self.forward.nrows()
    }
}
