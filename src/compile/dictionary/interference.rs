//! How much features overlap that are stored together, or the signals of a stream, beside the least that is possible
//! (Welch 1974).
//!
//! Must not know how they are read back.

use ndarray::{Array2, Axis};
use serde::Serialize;

use super::embedding::{of_stream, stored};
use super::holding::refused;
use super::row::Dictionary;
use super::table::named;
use crate::bounds::welch;
use crate::linear;
use crate::program::{Program, Settings};

/// Vectors that share some coordinates, and what each hears of another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stored {
    /// What lies along them: `features` that are stored, or all `signals` of a stream.
    pub of: &'static str,
    pub dictionary: &'static str,
    pub vectors: u64,
    pub dimensions: u64,
    /// The largest |φ_i·φ_j| of two of them; `None`: too many to be gone through.
    pub coherence: Option<f64>,
    /// The root of the mean (φ_i·φ_j)² over all pairs.
    pub rms: Option<f64>,
    /// Neither is less in any dictionary: sqrt((m − d)/(d (m − 1))) for m features in d dimensions.
    pub welch: f64,
}

/// What each figure of [`Stored`] is, by its heading.
pub const EXPLANATIONS: [(&str, &str); 3] = [
    ("coherence", "the largest |a·b| of two, as unit vectors: what one hears of another at worst"),
    ("rms", "the root of the mean square of that over all pairs"),
    ("Welch", "no dictionary has less of either (Welch): sqrt((m - d) / (d (m - 1))) for m in d dimensions"),
];

/// Products of two numbers that all groups together may take.
const MOST_PRODUCTS: usize = 1 << 34;

/// By group, as a compilation with the program's own seed stores them; nothing where it would refuse to. Of a stream
/// all signals, where a dictionary is named for them.
pub fn interference(program: &Program) -> Vec<Stored> {
    let Settings { stores, residual, directions, seed, .. } = &program.settings;
    let in_stream = directions.iter().zip(*residual).map(|(name, d)| (name, program.circuit.n_signals(), d as usize));
    let of_stores = stores.iter().map(|store| (&store.dictionary, store.features.len(), store.dimensions as usize));
    let groups: Vec<_> = of_stores.chain(in_stream).collect();
    let rows = groups.iter().map(|&(name, m, d)| named(&name.0).filter(|_| refused(name, m, d).is_none()));
    let Some(rows) = rows.collect::<Option<Vec<_>>>() else { return Vec::new() };
    let products = groups.iter().map(|(_, m, d)| m.saturating_mul(*m).saturating_mul(*d));
    let is_measured = products.fold(0, usize::saturating_add) <= MOST_PRODUCTS;
    let of = if residual.is_some() { "signals" } else { "features" };
    let mut drawn = stored(stores, *seed);
    let group = |(dictionary, &(_, m, d)): (&dyn Dictionary, &(_, usize, usize))| {
        let vectors = is_measured.then(|| drawn.next().unwrap_or_else(|| of_stream(dictionary, m, d, *seed)));
        let (coherence, rms) = vectors.map(|vectors| overlaps(&vectors)).unzip();
        let welch = welch(m as f64, d as f64);
        Stored { of, dictionary: dictionary.name(), vectors: m as u64, dimensions: d as u64, coherence, rms, welch }
    };
    rows.into_iter().zip(&groups).map(group).collect()
}

/// The largest |φ_i·φ_j| of two rows, and the root of the mean square over all pairs; 0 without a pair.
pub fn overlaps(vectors: &Array2<f32>) -> (f64, f64) {
    const BLOCK: usize = 256;
    let vectors = vectors.mapv(f64::from);
    let transposed = vectors.t().to_owned();
    let (mut largest, mut squares) = (0.0f64, 0.0);
    for (block, rows) in vectors.axis_chunks_iter(Axis(0), BLOCK).enumerate() {
        let overlaps = linear::product(&rows.to_owned(), &transposed);
        let others = overlaps.indexed_iter().filter(|((row, other), _)| block * BLOCK + row != *other);
        for (_, overlap) in others {
            largest = largest.max(overlap.abs());
            squares += overlap * overlap;
        }
    }
    let n_pairs = vectors.nrows() * vectors.nrows().saturating_sub(1);
    (largest, libm::sqrt(squares / n_pairs.max(1) as f64))
}

#[cfg(test)]
mod tests {
    use super::super::embedding::embed;
    use super::super::table::DICTIONARIES;
    use super::*;
    use crate::circuit::by_hand;
    use crate::program::{Decoder, Settings, Store};
    use crate::random;

    /// The vectors of whole Kerdock bases are a tight frame: they meet the bound in the mean square.
    #[test]
    fn no_dictionary_is_below_the_bound_of_welch_and_whole_bases_meet_it_in_the_mean_square() {
        for (d, sizes) in [(16, [5, 16, 48, 144]), (64, [64, 100, 192, 2112])] {
            for (m, dictionary) in sizes.into_iter().flat_map(|m| DICTIONARIES.iter().map(move |row| (m, row))) {
                if dictionary.most_vectors(d) < m {
                    continue;
                }
                let name = dictionary.name();
                let (coherence, rms) = overlaps(&dictionary.draw(m, d, &mut random::stream(&[4])));
                let welch = welch(m as f64, d as f64);
                assert!(coherence >= rms && rms >= welch - 1e-7, "{m} in {d} by {name}: {coherence}, {rms}, {welch}");
                if name == "kerdock" {
                    let exact = if m > d { 1.0 / libm::sqrt(d as f64) } else { 0.0 };
                    assert_eq!(coherence, exact, "{m} in {d}");
                    assert!(m % d != 0 || (rms - welch).abs() < 1e-12, "{m} in {d}: {rms}, {welch}");
                }
                if m <= d && ["hadamard", "s_hot"].contains(&name) {
                    assert!(coherence < 1e-6, "{m} in {d} by {name}: {coherence}");
                }
            }
        }
    }

    /// The best linear decoder reads of a feature that is on with weight 1, and of the rest of the dictionary, every
    /// feature once, the power 1/h − 1, h its leverage φᵀ Σ⁻¹ φ. Of whole Kerdock bases h is d/m for each.
    #[test]
    fn the_linear_decoder_hears_as_much_as_leverages_leave_of_every_dictionary() {
        let (m, d) = (48usize, 16);
        let circuit = by_hand::random(&mut random::stream(&[1]), m as u32, 1, 1);
        for dictionary in DICTIONARIES.iter().filter(|dictionary| dictionary.most_vectors(d) >= m) {
            let name = dictionary.name();
            let settings = |decoder| {
                let named = (name.to_string(), Default::default());
                let features = (0..m as u32).collect();
                let store = Store { features, dimensions: d as u32, dictionary: named, span: Default::default() };
                Settings { stores: vec![store], decoder: Some(decoder), ..Settings::default() }
            };
            let gains = |decoder| {
                let found = embed(&circuit, &settings(decoder), 5).unwrap();
                let dictionary = found.dictionary.embedding.to_dense().mapv(f64::from);
                (linear::product(&found.decoder.to_dense().mapv(f64::from), &dictionary), dictionary)
            };
            let (best, columns) = gains(Decoder::Linear);
            let mut power = linear::product(&columns, &columns.t().to_owned());
            linear::add_ridge(&mut power, 1e-9);
            let inverse = linear::inverse(power);
            let transposed = gains(Decoder::Transpose).0;
            let mut sum = 0.0;
            for (feature, column) in columns.columns().into_iter().enumerate() {
                let leverage = column.dot(&inverse.dot(&column));
                sum += leverage;
                let heard = |gains: &Array2<f64>| -> f64 {
                    let others = gains.row(feature).into_iter().enumerate().filter(|(other, _)| *other != feature);
                    others.map(|(_, gain)| gain * gain).sum()
                };
                assert!((best[[feature, feature]] - 1.0).abs() < 1e-5, "{name}: gain 1");
                let said = 1.0 / leverage - 1.0;
                assert!((heard(&best) / said - 1.0).abs() < 1e-3, "{name}: {}, not {said}", heard(&best));
                assert!(heard(&best) < heard(&transposed) + 1e-4, "{name}: no worse than the transpose");
                assert!(name != "kerdock" || (leverage - d as f64 / m as f64).abs() < 1e-5, "{name}: {leverage}");
            }
            // Two blocks of seven coordinates, each with every feature once, span 13 dimensions.
            let rank = if name == "s_hot" { 13.0 } else { d as f64 };
            assert!((sum - rank).abs() < 1e-3, "{name}: leverages add up to the rank, not {sum}");
        }
    }
}
