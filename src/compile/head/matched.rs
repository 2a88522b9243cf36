//! The features that a head matches, as vectors of the stream, and the factors that come of them.
//!
//! Must not know how factors are found.

use std::ops::Range;

use ndarray::Array2;

use crate::network::InputDictionary;
use crate::program::Head;

/// The two factors, in double precision: W_Q and W_K, [rank, d_resid].
pub struct Factors {
    pub queries: Array2<f64>,
    pub keys: Array2<f64>,
}

/// Vectors of the features that a head matches, and the matches among them.
pub struct Matched {
    /// φ of the features that are keys: [keys, d_resid].
    pub keys: Array2<f64>,
    /// φ of the features that are queries: [queries, d_resid].
    pub queries: Array2<f64>,
    /// (key, query), by row of these.
    pub pairs: Vec<(usize, usize)>,
}

impl Matched {
    pub fn of(head: &Head, dictionary: &InputDictionary, stored: Range<usize>) -> Matched {
        let places = |feature: fn(&(u32, u32)) -> u32| {
            let mut features: Vec<u32> = head.matches.iter().map(feature).collect();
            features.sort_unstable();
            features.dedup();
            features
        };
        let (keys, queries) = (places(|pair| pair.0), places(|pair| pair.1));
        let place = |features: &[u32], feature: u32| features.binary_search(&feature).expect("it is among them");
        let pairs = head.matches.iter().map(|&(key, query)| (place(&keys, key), place(&queries, query))).collect();
        let of = |features: &[u32]| dictionary.vectors(stored.clone(), features);
        Matched { keys: of(&keys), queries: of(&queries), pairs }
    }

    /// B applied: of each key the sum over the queries that it matches. [queries, n] to [keys, n]
    pub fn to_keys(&self, of_queries: &Array2<f64>) -> Array2<f64> {
        let mut sums = Array2::zeros((self.keys.nrows(), of_queries.ncols()));
        for &(key, query) in &self.pairs {
            sums.row_mut(key).zip_mut_with(&of_queries.row(query), |sum, &value| *sum += value);
        }
        sums
    }
}
