//! Drawing from the clauses of `sample`, around features that are already decided.
//!
//! Each clause is drawn on its own, in the order of the file, and completes its own count around what is forced:
//!
//! - *choose*: a count uniform among those of the clause that leave room for the forced members (drawn only if there
//!   are several); then so many of the other members, by Floyd's algorithm as in [`crate::random::distinct`]; then,
//!   for each chosen row, one `u32` for every 32 members, the lowest bit first. Rows that a forced member is in come
//!   before the count.
//! - *choose … weighted*: the same, but for the other members, who come by their weights as in `weighted`. The count is
//!   uniform whatever is forced.
//! - *each*: coins, as in `toss`. With `when`, a feature that must be on has its parent on, and all that its parent is
//!   drawn under; of one that must be off the parent is drawn as without.
//!
//! No draw takes time proportional to the number of features. Must not know what a gate is.

use std::ops::RangeInclusive;

use rand::Rng;

use super::forest::Forest;
use super::scratch::Scratch;
use super::toss::{Children, Coin, Common, Mixed};
use super::weighted::Weights;
use super::{Child, Clause, Member};
use crate::random::{self, Pcg64};

/// Up to so many members are told apart by looking through them; more, by a set of bits.
const FEW: u32 = 16;

/// The clauses of a distribution, and where each feature stands in them.
#[derive(Debug, Clone)]
pub(super) struct Clauses<'a> {
    clauses: &'a [Clause],
    /// By feature.
    places: Vec<Place>,
    /// By clause.
    prepared: Vec<Prepared>,
    forest: Option<Forest>,
}

/// What a clause's draws have in common.
#[derive(Debug, Clone)]
enum Prepared {
    Nothing,
    Weights(Weights),
    Coin(Coin),
    Coins(Mixed),
    Common(Common),
    Children(Children),
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

impl<'a> Clauses<'a> {
    pub(super) fn new(clauses: &'a [Clause], n_features: usize) -> Clauses<'a> {
        let mut places = vec![Place { clause: NOWHERE, member: 0 }; n_features];
        let mut prepared = Vec::with_capacity(clauses.len());
        for (clause_idx, clause) in clauses.iter().enumerate() {
            let mut put = |feature: u32, member: usize| {
                places[feature as usize] = Place { clause: clause_idx as u32, member: member as u32 };
            };
            let members = clause.chosen().map_or(&[][..], |(members, _)| members);
            for (member_idx, member) in members.iter().enumerate() {
                match member {
                    Member::One(feature) => put(*feature, member_idx),
                    Member::Row(features) => features.clone().for_each(|feature| put(feature, member_idx)),
                }
            }
            clause.coins().enumerate().for_each(|(member_idx, (feature, _))| put(feature, member_idx));
            clause.children().iter().enumerate().for_each(|(member_idx, child)| put(child.feature, member_idx));
            prepared.push(match clause {
                Clause::Choose { .. } => Prepared::Nothing,
                Clause::Weighted { weights, .. } if weights.is_empty() => Prepared::Nothing,
                Clause::Weighted { weights, .. } => Prepared::Weights(Weights::new(weights)),
                Clause::Each { probability, .. } => Prepared::Coin(Coin::new(*probability)),
                Clause::Coins { probabilities, .. } => Prepared::Coins(Mixed::new(probabilities)),
                Clause::Correlated { probability, correlation, .. } => {
                    Prepared::Common(Common::new(*probability, *correlation))
                }
                Clause::When { children } => Prepared::Children(Children::new(children)),
            });
        }
        Clauses { clauses, places, prepared, forest: Forest::of(clauses, n_features) }
    }

    /// Brings decided features into the order that [`Clauses::complete`] wants. False if they contradict one another
    /// or no draw of the clauses can have them.
    pub(super) fn arrange(&self, decided: impl IntoIterator<Item = (u32, bool)>, forced: &mut Vec<Forced>) -> bool {
        forced.clear();
        let decided: &mut dyn Iterator<Item = (u32, bool)> = match &self.forest {
            Some(forest) => &mut forest.implied(decided).into_iter(),
            None => &mut decided.into_iter(),
        };
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
        let clause = &self.clauses[here[0].place.clause as usize];
        let has = |probability: f64, on: bool| if on { probability > 0.0 } else { probability < 1.0 };
        match clause {
            Clause::Choose { members, count } | Clause::Weighted { members, count, .. } => {
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
            Clause::Each { probability, .. } | Clause::Correlated { probability, .. } => {
                here.iter().all(|forced| has(*probability, forced.on))
            }
            Clause::Coins { probabilities, .. } => {
                here.iter().all(|forced| has(probabilities[forced.place.member as usize], forced.on))
            }
            // One of probability 1 is off where its parent is, which is forced as well.
            Clause::When { children } => {
                here.iter().all(|forced| !forced.on || children[forced.place.member as usize].probability > 0.0)
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
        let start = active.len();
        for ((clause_idx, clause), prepared) in (0..).zip(self.clauses).zip(&self.prepared) {
            let n_here = forced.iter().take_while(|forced| forced.place.clause == clause_idx).count();
            let here;
            (here, forced) = forced.split_at(n_here);
            match (clause, prepared) {
                (Clause::Choose { members, count }, _) => {
                    choose(rng, Choice { members, count, weights: None }, here, counts, scratch, active);
                }
                (Clause::Weighted { members, count, .. }, Prepared::Weights(weights)) => {
                    let choice = Choice { members, count, weights: Some(weights) };
                    choose(rng, choice, here, counts, scratch, active);
                }
                (Clause::Each { features, .. }, Prepared::Coin(coin)) => toss(rng, features, *coin, here, active),
                (Clause::Coins { features, .. }, Prepared::Coins(coins)) => {
                    let mut tossed = Tossed::new(here, active);
                    coins.toss(rng, |number| tossed.fell(number, features[number]));
                }
                (Clause::Correlated { features, .. }, Prepared::Common(common)) => {
                    let n_on = here.iter().filter(|forced| forced.on).count();
                    let coin = common.draw(rng, n_on, here.len() - n_on);
                    toss(rng, features, coin, here, active);
                }
                (Clause::When { children }, Prepared::Children(by_parent)) => {
                    toss_children(rng, children, by_parent, here, start, active);
                }
                _ => {}
            }
        }
    }
}

/// The counts of a clause over `n` members that leave room for `n_on` that must and `n_off` that must not be chosen.
fn room(count: &RangeInclusive<u32>, n: u32, n_on: u32, n_off: u32) -> RangeInclusive<u32> {
    *count.start().max(&n_on)..=*count.end().min(&(n - n_off))
}

/// What a `choose` draws from.
struct Choice<'c> {
    members: &'c [Member],
    count: &'c RangeInclusive<u32>,
    /// `None`: all alike.
    weights: Option<&'c Weights>,
}

fn choose(
    rng: &mut Pcg64,
    Choice { members, count, weights }: Choice,
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
        more if counts == Counts::Uniform || scratch.excluded.is_empty() || weights.is_some() => {
            fitting.start() + random::below(rng, more + 1)
        }
        _ => conditional_count(rng, fitting, n, n_on, n_on + n_off),
    };
    match weights {
        Some(weights) => weights.draw(rng, k - n_on, scratch),
        None => distinct(rng, k - n_on, n - n_on - n_off, scratch),
    }
    for &member_idx in &scratch.drawn {
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

/// `k` distinct members of the `n` that are not excluded, ascending, into `scratch.drawn`: the draws of
/// [`random::distinct`].
fn distinct(rng: &mut Pcg64, k: u32, n: u32, scratch: &mut Scratch) {
    let Scratch { drawn, bits, excluded } = scratch;
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
    let mut excluded = excluded.iter().peekable();
    let mut n_passed = 0;
    for number in drawn {
        while excluded.next_if(|&&member| member <= *number + n_passed).is_some() {
            n_passed += 1;
        }
        *number += n_passed;
    }
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

/// Coins of one probability, except those that are forced.
fn toss(rng: &mut Pcg64, features: &[u32], coin: Coin, forced: &[Forced], active: &mut Vec<u32>) {
    let mut tossed = Tossed::new(forced, active);
    coin.toss(rng, features.len(), |_, number| tossed.fell(number, features[number]));
}

/// Coins of a clause, some of which are forced.
struct Tossed<'a> {
    forced: &'a [Forced],
    active: &'a mut Vec<u32>,
}

impl<'a> Tossed<'a> {
    fn new(forced: &'a [Forced], active: &'a mut Vec<u32>) -> Tossed<'a> {
        active.extend(forced.iter().filter(|forced| forced.on).map(|forced| forced.feature));
        Tossed { forced, active }
    }

    fn is_forced(&self, number: u32) -> bool {
        self.forced.binary_search_by_key(&number, |forced| forced.place.member).is_ok()
    }

    fn fell(&mut self, number: usize, feature: u32) {
        if !self.is_forced(number as u32) {
            self.active.push(feature);
        }
    }
}

/// A coin for each child whose parent is on, among what is `active` from `start` on; children have children too.
fn toss_children(
    rng: &mut Pcg64,
    children: &[Child],
    by_parent: &Children,
    forced: &[Forced],
    start: usize,
    active: &mut Vec<u32>,
) {
    let mut tossed = Tossed::new(forced, active);
    let mut at = start;
    while let Some(&parent) = tossed.active.get(at) {
        for number in by_parent.of(parent) {
            let Child { feature, probability, .. } = children[number as usize];
            if random::coin(rng, probability) {
                tossed.fell(number as usize, feature);
            }
        }
        at += 1;
    }
}
