//! A head to two small matrices: W_QK = W_Kᵀ W_Q, of the rank that is asked for, such that the score of a key and a
//! query is how many matches they have.
//!
//! Section 4 of "Toward a mathematical framework for computation in superposition" (Vaintrob, Mendel, Hänni 2024), and
//! Mendel's comments there. Feature i enters the stream along φ_i; a pair (i, j) of B, key and query, is to add 1 to
//! the score of x_k and x_q where i is on in the one and j in the other. Σ_B φ_i φ_jᵀ does, but has rank d_resid:
//! `published` projects what the query says to d_head random directions, `solved` gives every feature the code of
//! d_head numbers that serves the circuit's own tokens best.
//!
//! Must not know how attention is evaluated.

mod matched;
mod published;
mod solved;

use std::ops::Range;

use ndarray::{Array2, s};

use self::matched::Matched;
use super::compilation::Compilation;
use crate::network::{self, InputDictionary};
use crate::program::{Head, Level};
use crate::random;

/// All heads of a program: at `-O0` as published, above it solved for.
pub fn heads(compilation: &Compilation) -> Vec<network::Head> {
    let heads = &compilation.program.heads[..];
    let Some(embedding) = compilation.embedding.as_ref().filter(|_| !heads.is_empty()) else { return Vec::new() };
    let stored = stored(compilation, &embedding.dictionary);
    let power = match compilation.plan.level {
        Level::Published => None,
        Level::Solved | Level::Fitted => Some(solved::power(compilation, &embedding.dictionary, stored.clone())),
    };
    let compiled = |head: &Head| {
        let rng = &mut random::stream(&[compilation.plan.seed, random::key_of("head"), random::key_of(&head.name)]);
        let matched = Matched::of(head, &embedding.dictionary, stored.clone());
        let factors = match &power {
            None => published::factors(&matched, head.rank as usize, rng),
            Some(power) => solved::factors(&matched, head.rank as usize, power, rng),
        };
        let n_inputs = embedding.dictionary.embedding.n_rows();
        let [queries, keys] = [factors.queries, factors.keys].map(|factor| {
            let mut whole = Array2::zeros((factor.nrows(), n_inputs));
            whole.slice_mut(s![.., stored.clone()]).assign(&factor.mapv(|weight| weight as f32));
            whole
        });
        network::Head { name: head.name.clone(), tokens: head.tokens, matches: head.matches.clone(), queries, keys }
    };
    heads.iter().map(compiled).collect()
}

/// The coordinates that stored features share: those of the others come before them.
fn stored(compilation: &Compilation, dictionary: &InputDictionary) -> Range<usize> {
    let n_features = compilation.circuit.n_features();
    n_features - compilation.program.settings.stored_features(n_features).len()..dictionary.embedding.n_rows()
}
