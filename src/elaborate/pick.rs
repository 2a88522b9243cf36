//! `pick(k, array)`: which members a random circuit takes, reproducible by any other program.
//!
//! The algorithm, with the names of [`crate::random`]:
//!
//! 1. *Members.* List the members of the array (or slice) in index order, the last index fastest; members of a gate
//!    array that are never defined are left out. Let n be their number; k must be at most n.
//! 2. *Key.* The stream's key is three words: the file's `network.seed` (0 when it is not set); FNV-1a (64 bits) of
//!    the full name of the gate whose definition holds the pick, as in reports (`pair[3]`; of a tuple the first
//!    target; inside a sub-circuit the name that the call gives to it, `s[3]` or `s[3].h`); and the ordinal of the
//!    pick within that name, from 0 in reading order (a pick in a comprehension counts once per turn; where a call's
//!    arguments and the definition of its result both pick, the arguments come first).
//! 3. *Stream.* [`crate::random::stream`] of the key: `state = 0x9e3779b97f4a7c15 ^ 3`; for each word
//!    `state = f(state ^ word)`, where f is SplitMix64's finaliser; then four words, each
//!    `state += 0x9e3779b97f4a7c15; f(state)`, are the high and low halves of the state and of the stream of a Pcg64
//!    (PCG XSL RR 128/64, the `Pcg64::new` of rand_pcg).
//! 4. *Draw.* [`crate::random::distinct`]`(k, n)`, Floyd's algorithm over Lemire's bounded u32: for j in n-k..n draw t
//!    uniformly in 0..=j and take t, or j if t was taken before. The taken places, ascending, are the members.
//!
//! Two gates may draw the same members. Nothing depends on the position in the file.

use crate::random;

/// The places, ascending, that a pick of `k` of `n` members takes. `k` must be at most `n`.
pub(crate) fn places(seed: u64, gate_name: &str, ordinal: u32, k: u32, n: u32) -> Vec<u32> {
    let mut rng = random::stream(&[seed, random::key_of(gate_name), ordinal as u64]);
    random::distinct(&mut rng, k, n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_are_fixed_for_ever() {
        let picked: Vec<Vec<u32>> = (0..4).map(|gate| places(7, &format!("pair[{gate}]"), 0, 2, 1000)).collect();
        insta::assert_compact_debug_snapshot!(picked);
    }

    #[test]
    fn ordinals_draw_apart() {
        assert_ne!(places(7, "pair[0]", 0, 5, 1000), places(7, "pair[0]", 1, 5, 1000));
    }
}
