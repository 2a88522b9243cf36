//! Which coordinates of a network stand in another basis than they were made in.
//!
//! Must not know how they are turned.

use serde::{Deserialize, Serialize};

use crate::weighing::{self, Conference};

/// Coordinates of a linear space that stand in the basis of a weighing matrix: they are Q y where they were y before,
/// with Q a Hadamard matrix over √size, or a conference matrix over √(size − 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mixture {
    pub by: Weighing,
    /// The layer whose linear neurons they are; none of what features enter as, or of a stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<u32>,
    pub first: u32,
    pub size: u32,
}

/// A family of weighing matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighing {
    Hadamard,
    Conference,
}

impl Weighing {
    /// Whether there is one of `size` rows.
    pub fn exists(self, size: usize) -> bool {
        match self {
            Weighing::Hadamard => weighing::exists(size),
            Weighing::Conference => Conference::of(size).is_some(),
        }
    }
}
