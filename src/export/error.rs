//! Why there is nothing to write. Whoever shows it says what to type instead.

use thiserror::Error;

use crate::readings::Mismatch;
use crate::text::grouped;

#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    #[error("the inputs are {} rows of a file: bounds and counts cannot tell them from others", grouped(*n_rows))]
    Rows { n_rows: u64 },
    #[error(
        "{} gates are too many to ask about at once: each question bounds {} inputs and outputs, and {} such bounds \
         are the limit",
        grouped(*n_gates),
        grouped(*n_bounds),
        grouped(*most)
    )]
    TooManyGates { n_gates: u64, n_bounds: u64, most: u64 },
    #[error(
        "layer `{layer}` is too large to be written without its zeros left out: {} weights, and {} are the limit",
        grouped(*n_weights), grouped(*most)
    )]
    TooManyWeights { layer: String, n_weights: u64, most: u64 },
    #[error("layer `{layer}` is {activation}: verifiers are asked about ReLUs alone")]
    NotOfRelus { layer: String, activation: &'static str },
    #[error("no gate is left to ask about: each is decided by its features in more than {} ways", grouped(*most))]
    NothingLeft { most: u64 },
}
