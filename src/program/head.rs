//! What a `head` says: which key features a query feature looks for, by how few directions, among how many tokens.
//!
//! Must not know how a head is compiled.

use super::Settings;

/// An attention head over stored features: a query looks for the keys of its matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub name: String,
    /// Directions of queries and keys: d_head.
    pub rank: u32,
    /// Tokens of a sequence, at least 2; the last is the query.
    pub tokens: u32,
    /// B: (key, query), by feature; distinct, in the order of the file.
    pub matches: Vec<(u32, u32)>,
}

impl Settings {
    /// Dimensions that stored features share: d_resid. `None` where none is stored.
    pub fn stream_dimensions(&self) -> Option<u32> {
        let stored = self.stores.iter().map(|store| store.dimensions);
        self.residual.or(stored.reduce(u32::saturating_add))
    }

    /// The features, of so many, that share these: all of a stream, or those that are named. Ascending.
    pub fn stored_features(&self, n_features: usize) -> Vec<u32> {
        if self.residual.is_some() {
            return (0..n_features as u32).collect();
        }
        let mut features: Vec<u32> = self.stores.iter().flat_map(|store| &store.features).copied().collect();
        features.sort_unstable();
        features
    }
}
