//! Sets of S of P places, any two of which share one place at most: codes of as many ones, of least overlap.
//!
//! No more than P (P − 1) / S (S − 1) of them are there, for each takes S (S − 1) / 2 of the pairs of places to itself
//! (Johnson's bound, of the packings that reach it Steiner systems are the best known). `progressions` are those of
//! Linsefors & Bushnaq ("Circuits in Superposition 2", 2025, section Construction, steps 1 to 5; "Rotations in
//! Superposition", 2025): 557 for P = 250 and S = 6, where the bound is 2075. `packing` has 1927 there.
//!
//! Must not know what the sets are for.

use super::s_hot::Blocks;
use crate::primes::is_prime;

/// The published assignment, the first `n_wanted` of it: arithmetic progressions whose steps have no prime factor below
/// S, apart from powers of an S that is no prime, each step over all places before the next.
pub fn progressions(places: usize, s: usize, n_wanted: usize) -> Vec<Vec<u32>> {
    let mut sets = Vec::new();
    if s == 1 {
        return (0..places.min(n_wanted) as u32).map(|place| vec![place]).collect();
    }
    for step in steps(places, s) {
        for shift in 0..step {
            for first in starts(places, s, step, shift) {
                if sets.len() == n_wanted {
                    return sets;
                }
                sets.push((0..s).map(|place| (first + place * step) as u32).collect());
            }
        }
    }
    sets
}

/// How many progressions there are.
pub fn n_progressions(places: usize, s: usize) -> usize {
    match s {
        1 => places,
        _ => steps(places, s).flat_map(|step| (0..step).map(move |shift| starts(places, s, step, shift).len())).sum(),
    }
}

/// Ascending, but that each is followed by its multiples of S, S², … where S is no prime.
fn steps(places: usize, s: usize) -> impl Iterator<Item = usize> {
    let is_short = move |step: usize| step * (s - 1) < places;
    let primes: Vec<usize> = (2..s).filter(|&number| is_prime(number)).collect();
    let is_coarse = move |step: &usize| primes.iter().all(|prime| !step.is_multiple_of(*prime));
    let with_multiples = move |step: usize| {
        let next = move |&step: &usize| (!is_prime(s)).then_some(step * s);
        std::iter::successors(Some(step), next).take_while(move |&step| is_short(step))
    };
    (1..).take_while(move |&step| is_short(step)).filter(is_coarse).flat_map(with_multiples)
}

/// Where progressions of this step begin that follow each other from `shift` on.
fn starts(places: usize, s: usize, step: usize, shift: usize) -> impl ExactSizeIterator<Item = usize> {
    (shift..places.saturating_sub(step * (s - 1))).step_by(step * s)
}

/// The first `n_wanted` sets of the largest family that is found, or of one that has so many.
///
/// S groups of p places, p a prime, have p² lines, one place of each group (polynomials of degree 1 modulo p, as in the
/// dictionary `s_hot`); sets within a group share no pair with a line, so that each group is packed in the same way.
/// Or S places whose differences are all distinct modulo P, and what comes of moving them round: P sets for each such
/// block, whose differences no other has (optical orthogonal codes: Chung, Salehi & Wei 1989).
pub fn packing(places: usize, s: usize, n_wanted: usize) -> Vec<Vec<u32>> {
    if places < s || n_wanted == 0 {
        return Vec::new();
    }
    if s == 1 || s.saturating_mul(n_wanted) <= places {
        let n = (places / s).min(n_wanted);
        return (0..n * s).map(|place| place as u32).collect::<Vec<u32>>().chunks(s).map(<[u32]>::to_vec).collect();
    }
    let families = [lines, moved, progressions];
    let mut best = Vec::new();
    for family in families {
        let found = family(places, s, n_wanted);
        if found.len() > best.len() {
            best = found;
        }
        if best.len() == n_wanted {
            break;
        }
    }
    best
}

fn lines(places: usize, s: usize, n_wanted: usize) -> Vec<Vec<u32>> {
    let Some(p) = (s..=places / s).rev().find(|&p| is_prime(p)) else { return Vec::new() };
    let blocks = Blocks { s, p };
    let line = |line| (0..s).map(|block| (block * p + blocks.taken(line, block)) as u32).collect();
    let mut sets: Vec<Vec<u32>> = (0..(p * p).min(n_wanted)).map(line).collect();
    let within = packing(p, s, (n_wanted - sets.len()).div_ceil(s));
    for set in &within {
        for block in 0..s {
            sets.push(set.iter().map(|place| (block * p) as u32 + place).collect());
        }
    }
    sets.truncate(n_wanted);
    sets
}

/// Each block by the smallest places that leave its differences distinct, from those of the blocks before as well.
fn moved(places: usize, s: usize, n_wanted: usize) -> Vec<Vec<u32>> {
    let mut is_taken = vec![false; places];
    let mut sets = Vec::new();
    while sets.len() < n_wanted {
        let mut block = vec![0];
        let mut with = is_taken.clone();
        for place in 1..places {
            if block.len() == s {
                break;
            }
            let mut tried = with.clone();
            let mut take = |difference: usize| !std::mem::replace(&mut tried[difference], true);
            if block.iter().all(|other| take(place - other) && take(places - (place - other))) {
                with = tried;
                block.push(place);
            }
        }
        if block.len() < s {
            break;
        }
        is_taken = with;
        let by = |offset: usize| block.iter().map(move |place| ((place + offset) % places) as u32);
        sets.extend((0..places).map(|offset| {
            let mut set: Vec<u32> = by(offset).collect();
            set.sort_unstable();
            set
        }));
    }
    sets.truncate(n_wanted);
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That each has S distinct places, and any two share one at most.
    #[track_caller]
    fn assert_packed(sets: &[Vec<u32>], places: usize, s: usize) {
        let mut pairs = vec![false; places * places];
        for set in sets {
            assert_eq!(set.len(), s);
            assert!(set.windows(2).all(|pair| pair[0] < pair[1]) && set.iter().all(|&place| (place as usize) < places));
            for (idx, &one) in set.iter().enumerate() {
                for &other in &set[..idx] {
                    let pair = &mut pairs[one as usize * places + other as usize];
                    assert!(!*pair, "{one} and {other} are together twice: {s} of {places}");
                    *pair = true;
                }
            }
        }
    }

    fn bound(places: usize, s: usize) -> usize {
        places * (places - 1) / (s * (s - 1))
    }

    #[test]
    fn the_published_rule_has_557_and_ours_comes_near_the_bound() {
        let published = progressions(250, 6, usize::MAX);
        assert_eq!((published.len(), n_progressions(250, 6)), (557, 557));
        assert_eq!(published[0], [0, 1, 2, 3, 4, 5]);
        assert_packed(&published, 250, 6);
        let ours = packing(250, 6, usize::MAX);
        assert_eq!((ours.len(), bound(250, 6)), (1927, 2075));
        assert_packed(&ours, 250, 6);
    }

    /// What the authors' own program counts.
    #[test]
    fn the_published_rule_has_as_many_as_published() {
        for (places, s, n) in
            [(250, 5, 815), (500, 5, 3237), (250, 7, 300), (250, 4, 1773), (250, 3, 3854), (64, 4, 125)]
        {
            assert_eq!(n_progressions(places, s), n, "{s} of {places}");
        }
    }

    #[test]
    fn no_two_sets_share_two_places() {
        for places in [1, 2, 5, 7, 13, 16, 31, 40, 57, 64, 100] {
            for s in 1..=9 {
                let published = progressions(places, s, usize::MAX);
                assert_eq!(published.len(), n_progressions(places, s), "{s} of {places}");
                assert_packed(&published, places, s);
                let ours = packing(places, s, usize::MAX);
                assert_packed(&ours, places, s);
                assert!(ours.len() >= published.len(), "{s} of {places}");
                assert!(s == 1 || ours.len() <= bound(places, s), "{s} of {places}");
                for n_wanted in [0, ours.len() / 2, ours.len()] {
                    assert_eq!(packing(places, s, n_wanted).len(), n_wanted, "{s} of {places}");
                    assert_packed(&packing(places, s, n_wanted), places, s);
                }
            }
        }
    }

    /// A projective plane: the block 0, 1, 3, 9 modulo 13.
    #[test]
    fn where_the_bound_is_reached_so_is_it_here() {
        assert_eq!(packing(13, 4, usize::MAX).len(), bound(13, 4));
        assert_eq!(packing(7, 3, usize::MAX).len(), bound(7, 3));
    }
}
