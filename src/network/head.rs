//! An attention head: how much a token that asks attends to a token that is asked, as a product of two small vectors.
//!
//! Must not know what a circuit is, nor where its weights came from.

use ndarray::Array2;

/// Tokens x of the stream, the vectors that features enter by: score(k, q) = (W_K x_k) · (W_Q x_q), so that W_QK =
/// W_Kᵀ W_Q has that rank; attention is the softmax of the scores of all keys, over a temperature.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    pub name: String,
    /// Tokens of a sequence.
    pub tokens: u32,
    /// What it is meant to match: (key, query), by feature.
    pub matches: Vec<(u32, u32)>,
    /// W_Q: [rank, n_inputs]
    pub queries: Array2<f32>,
    /// W_K: [rank, n_inputs]
    pub keys: Array2<f32>,
}

impl Head {
    pub fn rank(&self) -> usize {
        self.queries.nrows()
    }

    /// Nonzeros of both.
    pub fn n_nonzeros(&self) -> usize {
        self.queries.iter().chain(&self.keys).filter(|weight| **weight != 0.0).count()
    }
}

/// The name of a tensor of head `head_idx`: `W_Q`, `W_K`.
pub fn name_in_head(head_idx: usize, name: &str) -> String {
    format!("heads.{head_idx}.{name}")
}
