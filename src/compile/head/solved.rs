//! `-O1`: every match scores 1 by itself, and what tokens say besides is as little as a head of that rank allows.
//!
//! Features are read as well as can be linearly, g_i = Σ⁻¹φ_i / (φ_iᵀ Σ⁻¹ φ_i) with Σ = Σ_j p_j φ_j φ_jᵀ, p_j how often
//! a token has a feature: W_K = Σ_i c_i g_iᵀ gives each key feature a code of d_head numbers, W_Q = Σ_j q_j g_jᵀ each
//! query feature. Given the codes of keys, what a token says as a key is v = W_K x, of power S = W_K Σ W_Kᵀ. The code
//! of a query feature that matches the keys i is the one of least power, qᵀ S q, among those with q·W_Kφ_i = 1:
//! q = S⁻¹V (Vᵀ S⁻¹ V)⁻¹ 1, V the columns W_Kφ_i (Frost 1972, "An algorithm for linearly constrained adaptive array
//! processing"). Then the codes of keys likewise, given those of queries, in turn, beginning with the published ones;
//! where it begins makes no difference that was seen, and after eight rounds little changes.
//!
//! Codes of keys are kept at one length. Random projections to a few dimensions are not, so that a long one wins over
//! the right one (Mendel, on features that exclude each other): with one length the right key scores highest, however
//! few dimensions there are.

use std::ops::Range;

use ndarray::{Array2, ArrayView1, ArrayViewMut1, Axis};

use super::matched::{Factors, Matched};
use super::published;
use crate::compile::compilation::Compilation;
use crate::compile::readers::filters;
use crate::linear;
use crate::lists::Lists;
use crate::network::InputDictionary;
use crate::random::Pcg64;

/// Share of the mean power that is added before Σ or S is inverted: they may be of lower rank.
const RIDGE: f64 = 1e-6;

/// Share by which matches may miss 1: of a feature there may be more of them than directions.
const SLACK: f64 = 1e-4;

/// How often either side is found again.
const N_ROUNDS: usize = 8;

/// Blocks of 64 tokens in which features are counted.
const N_BLOCKS: u64 = 256;

/// Σ = Σ_j p_j φ_j φ_jᵀ over stored features, p_j how often a token has one: [d_resid, d_resid].
pub(super) fn power(compilation: &Compilation, dictionary: &InputDictionary, stored: Range<usize>) -> Array2<f64> {
    let n_features = compilation.circuit.n_features();
    // Each is taken to be on in one token more.
    let mut counts = vec![1u64; n_features];
    for block_idx in 0..N_BLOCKS {
        let tokens = compilation.sampler.block(compilation.plan.seed, "head", block_idx);
        tokens.active.iter().for_each(|&feature| counts[feature as usize] += 1);
    }
    let features = compilation.program.settings.stored_features(n_features);
    let vectors = dictionary.vectors(stored, &features);
    let mut weighted = vectors.clone();
    for (mut row, &feature) in weighted.rows_mut().into_iter().zip(&features) {
        row *= counts[feature as usize] as f64 / (64 * N_BLOCKS) as f64;
    }
    linear::product(&transposed(&vectors), &weighted)
}

/// `power`: Σ.
pub(super) fn factors(matched: &Matched, rank: usize, power: &Array2<f64>, rng: &mut Pcg64) -> Factors {
    let read = |vectors: &Array2<f64>| filters(vectors, power.clone(), &vec![1.0; vectors.nrows()], RIDGE);
    let (read_keys, read_queries) = (read(&matched.keys), read(&matched.queries));
    let lists = |pairs: &mut dyn Iterator<Item = (usize, usize)>, n: usize| {
        let mut others = vec![Vec::new(); n];
        pairs.for_each(|(feature, other)| others[feature].push(other as u32));
        let mut lists = Lists::default();
        others.iter().for_each(|others| lists.push(others));
        lists
    };
    let keys_of = lists(&mut matched.pairs.iter().map(|&(key, query)| (query, key)), matched.queries.nrows());
    let queries_of = lists(&mut matched.pairs.iter().copied(), matched.keys.nrows());
    let begun = published::factors(matched, rank, rng);
    let mut codes = linear::product(&matched.keys, &transposed(&begun.keys));
    let mut n_rounds = 0;
    loop {
        let keys = linear::product(&transposed(&of_one_length(codes)), &read_keys);
        let of_queries = other_side(&keys, &matched.keys, &keys_of, power);
        let queries = linear::product(&transposed(&of_queries), &read_queries);
        if n_rounds == N_ROUNDS {
            return Factors { queries, keys };
        }
        codes = other_side(&queries, &matched.queries, &queries_of, power);
        n_rounds += 1;
    }
}

/// The codes of one side, [features, rank], given the factor of the other; `vectors` are of the other's features,
/// `matched` which of them each feature of this side matches.
fn other_side(given: &Array2<f64>, vectors: &Array2<f64>, matched: &Lists<u32>, power: &Array2<f64>) -> Array2<f64> {
    let mut said = linear::product(&linear::product(given, power), &transposed(given));
    linear::add_ridge(&mut said, RIDGE);
    let codes = linear::product(vectors, &transposed(given));
    // S⁻¹ W φ, by feature of the other side.
    let filtered = linear::product(&codes, &linear::inverse(said.clone()));
    let mut found = Array2::zeros((matched.n_lists(), given.nrows()));
    for (feature, mut code) in found.rows_mut().into_iter().enumerate() {
        let others: Vec<usize> = matched.get(feature).iter().map(|&other| other as usize).collect();
        let heard = others.iter().map(|&other| dot(filtered.row(other), codes.row(other))).sum::<f64>();
        if heard <= 0.0 {
            // Of features that are not there.
            continue;
        }
        let slack = SLACK * heard / others.len() as f64;
        if others.len() <= given.nrows() {
            add_few(&mut code, &others, &filtered, &codes, slack);
        } else {
            add_many(&mut code, &others, &said, &codes, slack);
        }
    }
    found
}

/// S⁻¹V (Vᵀ S⁻¹ V + ε)⁻¹ 1.
fn add_few(code: &mut ArrayViewMut1<f64>, others: &[usize], filtered: &Array2<f64>, codes: &Array2<f64>, slack: f64) {
    let product = |(a, b): (usize, usize)| dot(filtered.row(others[a]), codes.row(others[b]));
    let mut gram = Array2::from_shape_fn((others.len(), others.len()), product);
    gram.diag_mut().mapv_inplace(|value| value + slack);
    for (row, &other) in linear::inverse(gram).rows().into_iter().zip(others) {
        let weight = row.iter().sum::<f64>();
        code.zip_mut_with(&filtered.row(other), |sum, &value| *sum += weight * value);
    }
}

/// The same as (ε S + V Vᵀ)⁻¹ V 1.
fn add_many(code: &mut ArrayViewMut1<f64>, others: &[usize], said: &Array2<f64>, codes: &Array2<f64>, slack: f64) {
    let vectors = codes.select(Axis(0), others);
    let mut sum = Array2::zeros((vectors.ncols(), 1));
    vectors.rows().into_iter().for_each(|row| sum.column_mut(0).zip_mut_with(&row, |sum, &value| *sum += value));
    let mut power = linear::product(&transposed(&vectors), &vectors);
    power.zip_mut_with(said, |value, &said| *value += slack * said);
    code.assign(&linear::product(&linear::inverse(power), &sum).column(0));
}

/// Rows of length 1; what is nothing stays so.
fn of_one_length(mut rows: Array2<f64>) -> Array2<f64> {
    for mut row in rows.rows_mut() {
        let length = libm::sqrt(row.iter().map(|value| value * value).sum());
        if length > 0.0 {
            row.mapv_inplace(|value| value / length);
        }
    }
    rows
}

/// In order, so that the bits are fixed.
fn dot(a: ArrayView1<f64>, b: ArrayView1<f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn transposed(matrix: &Array2<f64>) -> Array2<f64> {
    matrix.t().as_standard_layout().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    #[test]
    fn few_and_many_are_one_formula() {
        let mut rng = random::stream(&[5]);
        let mut gaussian = |n_rows: usize, n_columns: usize| {
            Array2::from_shape_simple_fn((n_rows, n_columns), || random::gaussian(&mut rng))
        };
        let (root, codes) = (gaussian(6, 9), gaussian(20, 6));
        let said = linear::product(&root, &transposed(&root));
        let filtered = linear::product(&codes, &linear::inverse(said.clone()));
        for n in [1, 3, 6, 9] {
            let others: Vec<usize> = (4..4 + n).collect();
            let [mut few, mut many] = [Array2::<f64>::zeros((1, 6)), Array2::<f64>::zeros((1, 6))];
            add_few(&mut few.row_mut(0), &others, &filtered, &codes, 1e-3);
            add_many(&mut many.row_mut(0), &others, &said, &codes, 1e-3);
            let differ = few.iter().zip(&many).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(differ < 1e-6, "{n}: {few} {many}");
            // Up to as many as there are directions, each scores 1.
            let scores = others.iter().map(|&other| dot(few.row(0), codes.row(other)));
            assert!(n > 6 || scores.into_iter().all(|score| (score - 1.0).abs() < 0.05), "{n}");
        }
    }
}
