//! Drawing from the clauses of `sample`, around features that are already decided.
//!
//! Each clause is drawn on its own, in the order of the file, and completes its own count around what is forced:
//!
//! - *choose*: a count uniform among those of the clause that leave room for the forced members (drawn only if there
//!   are several); then so many of the other members, by Floyd's algorithm as in [`crate::random::distinct`]; then,
//!   for each chosen row, one `u32` for every 32 members, the lowest bit first. Rows that a forced member is in come
//!   before the count.
//! - *each*: one coin a feature, or, below a probability of 1/16, the gaps between the features that are on, each
//!   floor(log(u) / log(1 − p)), u uniform in (0, 1] in steps of 2^-53: the same distribution, in time proportional
//!   to what is on.
//!
//! No draw takes time proportional to the number of features. Must not know what a gate is.

use std::ops::RangeInclusive;

use rand::Rng;

use super::{Clause, Member};
use crate::random::{self, Pcg64};

/// Below this probability the gaps between coins that fall are drawn, not the coins.
const RARE: f64 = 1.0 / 16.0;

/// Up to so many members are told apart by looking through them; more, by a set of bits.
const FEW: u32 = 16;

/// The clauses of a distribution, and where each feature stands in them.
#[derive(Debug, Clone)]
pub(super) struct Clauses<'a> {
    clauses: &'a [Clause],
    /// By feature.
    places: Vec<Place>,
    /// By clause: log(1 − p) of an `each`.
    log_misses: Vec<f64>,
}

/// Which member of which clause a feature is, or is in; `clause` is [`NOWHERE`] for a feature in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    clause: u32,
    member: u32,
}

const NOWHERE: u32 = u32::MAX;

/// A feature whose value is decided. Sorted, those of one clause and of one member stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Forced {
    place: Place,
    feature: u32,
    on: bool,
}

/// How a count is drawn when several fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// All that fit are equally likely: the rule of `plant`.
    Uniform,
    /// As likely as they are among unforced draws in which the forced members come out as they are forced.
    Conditional,
}

/// Memory that draws reuse.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch {
    drawn: Vec<u32>,
    excluded: Vec<u32>,
    bits: Vec<u64>,
}

impl<'a> Clauses<'a> {
    pub(super) fn new(clauses: &'a [Clause], n_features: usize) -> Clauses<'a> {
        let mut places = vec![Place { clause: NOWHERE, member: 0 }; n_features];
        let mut log_misses = Vec::with_capacity(clauses.len());
        for (clause_idx, clause) in clauses.iter().enumerate() {
            let mut put = |feature: u32, member: usize| {
                places[feature as usize] = Place { clause: clause_idx as u32, member: member as u32 };
            };
            match clause {
                Clause::Choose { members, .. } => {
                    for (member_idx, member) in members.iter().enumerate() {
                        match member {
                            Member::One(feature) => put(*feature, member_idx),
                            Member::Row(features) => features.clone().for_each(|feature| put(feature, member_idx)),
                        }
                    }
                    log_misses.push(0.0);
                }
                Clause::Each { features, probability } => {
                    features.iter().enumerate().for_each(|(member_idx, feature)| put(*feature, member_idx));
                    log_misses.push(libm::log1p(-probability));
                }
            }
        }
        Clauses { clauses, places, log_misses }
    }

    /// Brings decided features into the order that [`Clauses::complete`] wants. False if they contradict one another
    /// or no draw of the clauses can have them.
    pub(super) fn arrange(&self, decided: impl IntoIterator<Item = (u32, bool)>, forced: &mut Vec<Forced>) -> bool {
        forced.clear();
        for (feature, on) in decided {
            let place = self.places[feature as usize];
            if place.clause != NOWHERE {
                forced.push(Forced { place, feature, on });
            } else if on {
                return false;
            }
        }
        forced.sort_unstable();
        forced.dedup();
        if forced.windows(2).any(|pair| pair[0].feature == pair[1].feature) {
            return false;
        }
        forced.chunk_by(|a, b| a.place.clause == b.place.clause).all(|here| self.fits(here))
    }

    /// Whether one clause can have what is forced on it.
    fn fits(&self, here: &[Forced]) -> bool {
        match &self.clauses[here[0].place.clause as usize] {
            Clause::Choose { members, count } => {
                let (mut n_on, mut n_off) = (0, 0);
                for group in here.chunk_by(|a, b| a.place.member == b.place.member) {
                    if group.iter().any(|forced| forced.on) {
                        n_on += 1;
                    } else if matches!(members[group[0].place.member as usize], Member::One(_)) {
                        n_off += 1;
                    }
                }
                !room(count, members.len() as u32, n_on, n_off).is_empty()
            }
            Clause::Each { probability, .. } => {
                here.iter().all(|forced| if forced.on { *probability > 0.0 } else { *probability < 1.0 })
            }
        }
    }

    /// Draws an input in which the forced features are as they are forced: its active features, appended in no
    /// particular order. `forced` comes from [`Clauses::arrange`].
    pub(super) fn complete(
        &self,
        rng: &mut Pcg64,
        mut forced: &[Forced],
        counts: Counts,
        scratch: &mut Scratch,
        active: &mut Vec<u32>,
    ) {
        for (clause_idx, clause) in self.clauses.iter().enumerate() {
            let n_here = forced.iter().take_while(|forced| forced.place.clause == clause_idx as u32).count();
            let here;
            (here, forced) = forced.split_at(n_here);
            match clause {
                Clause::Choose { members, count } => choose(rng, members, count, here, counts, scratch, active),
                Clause::Each { features, probability } => {
                    toss(rng, features, *probability, self.log_misses[clause_idx], here, active);
                }
            }
        }
    }
}

/// The counts of a clause over `n` members that leave room for `n_on` that must and `n_off` that must not be chosen.
fn room(count: &RangeInclusive<u32>, n: u32, n_on: u32, n_off: u32) -> RangeInclusive<u32> {
    *count.start().max(&n_on)..=*count.end().min(&(n - n_off))
}

fn choose(
    rng: &mut Pcg64,
    members: &[Member],
    count: &RangeInclusive<u32>,
    here: &[Forced],
    counts: Counts,
    scratch: &mut Scratch,
    active: &mut Vec<u32>,
) {
    let n = members.len() as u32;
    let mut n_on = 0;
    scratch.excluded.clear();
    for group in here.chunk_by(|a, b| a.place.member == b.place.member) {
        let on = group.iter().any(|forced| forced.on);
        match &members[group[0].place.member as usize] {
            Member::One(feature) if on => active.push(*feature),
            Member::Row(features) if on => toss_row(rng, features.clone(), group, active),
            Member::One(_) => {}
            // A row with some members off may still be chosen.
            Member::Row(_) => continue,
        }
        scratch.excluded.push(group[0].place.member);
        n_on += on as u32;
    }
    let n_off = scratch.excluded.len() as u32 - n_on;
    let fitting = room(count, n, n_on, n_off);
    let k = match fitting.end() - fitting.start() {
        0 => *fitting.start(),
        more if counts == Counts::Uniform || scratch.excluded.is_empty() => {
            fitting.start() + random::below(rng, more + 1)
        }
        _ => conditional_count(rng, fitting, n, n_on, n_on + n_off),
    };
    distinct(rng, k - n_on, n - n_on - n_off, scratch);
    let mut excluded = scratch.excluded.iter().peekable();
    let mut n_passed = 0;
    for &drawn in &scratch.drawn {
        while excluded.next_if(|&&member| member <= drawn + n_passed).is_some() {
            n_passed += 1;
        }
        let member_idx = drawn + n_passed;
        match &members[member_idx as usize] {
            Member::One(feature) => active.push(*feature),
            Member::Row(features) => {
                let start = here.partition_point(|forced| forced.place.member < member_idx);
                let end = here.partition_point(|forced| forced.place.member <= member_idx);
                toss_row(rng, features.clone(), &here[start..end], active);
            }
        }
    }
}

/// A count k of `fitting` with weight C(n − decided, k − on) / C(n, k): what is left of a uniform count once the
/// decided members have come out as they did.
fn conditional_count(rng: &mut Pcg64, fitting: RangeInclusive<u32>, n: u32, n_on: u32, n_decided: u32) -> u32 {
    // The weight of k + 1 over that of k.
    let ratio = |k: u32| {
        let (more, room) = ((k + 1) as f64 / (n - k) as f64, (n - n_decided - (k - n_on)) as f64);
        more * room / (k - n_on + 1) as f64
    };
    let (first, last) = (*fitting.start(), *fitting.end());
    let mut weight = 1.0;
    let mut total = 1.0;
    for k in first..last {
        weight *= ratio(k);
        total += weight;
    }
    let mut left = random::uniform(rng) * total;
    let mut weight = 1.0;
    for k in first..last {
        left -= weight;
        if left < 0.0 {
            return k;
        }
        weight *= ratio(k);
    }
    last
}

/// `k` distinct numbers of `0..n`, ascending, into `scratch.drawn`: the draws of [`random::distinct`].
fn distinct(rng: &mut Pcg64, k: u32, n: u32, scratch: &mut Scratch) {
    let Scratch { drawn, bits, .. } = scratch;
    drawn.clear();
    if k > FEW && bits.len() * 64 < n as usize {
        bits.resize(n as usize / 64 + 1, 0);
    }
    for j in n - k..n {
        let t = random::below(rng, j + 1);
        let taken = if k <= FEW { drawn.contains(&t) } else { bits[t as usize / 64] >> (t % 64) & 1 == 1 };
        let number = if taken { j } else { t };
        if k > FEW {
            bits[number as usize / 64] |= 1 << (number % 64);
        }
        drawn.push(number);
    }
    if k > FEW {
        drawn.iter().for_each(|&number| bits[number as usize / 64] = 0);
    }
    drawn.sort_unstable();
}

/// The members of a chosen row: fair coins, except those that are forced.
fn toss_row(rng: &mut Pcg64, features: std::ops::Range<u32>, forced: &[Forced], active: &mut Vec<u32>) {
    for first in features.clone().step_by(32) {
        let coins = rng.next_u32();
        for feature in first..features.end.min(first + 32) {
            let on = match forced.iter().find(|forced| forced.feature == feature) {
                Some(forced) => forced.on,
                None => coins >> (feature - first) & 1 == 1,
            };
            if on {
                active.push(feature);
            }
        }
    }
}

/// Independent coins, except those that are forced.
fn toss(rng: &mut Pcg64, features: &[u32], probability: f64, log_miss: f64, forced: &[Forced], active: &mut Vec<u32>) {
    active.extend(forced.iter().filter(|forced| forced.on).map(|forced| forced.feature));
    let mut fell = |feature_idx: usize| {
        if forced.binary_search_by_key(&(feature_idx as u32), |forced| forced.place.member).is_err() {
            active.push(features[feature_idx]);
        }
    };
    if probability >= RARE {
        for feature_idx in 0..features.len() {
            if random::coin(rng, probability) {
                fell(feature_idx);
            }
        }
    } else if probability > 0.0 {
        let mut at = 0;
        loop {
            let high = (rng.next_u32() >> 5) as u64;
            let steps = high << 26 | (rng.next_u32() >> 6) as u64;
            let gap = libm::floor(libm::log((steps + 1) as f64 / (1u64 << 53) as f64) / log_miss);
            if gap >= (features.len() - at) as f64 {
                break;
            }
            at += gap as usize;
            fell(at);
            at += 1;
        }
    }
}
