//! What an input is put together from, for whoever looks for the worst of all inputs: groups of members, of which so
//! many show up, each in one of several ways.
//!
//! A `choose` is a group, and an `each` is one of which any number shows up. A row shows up with any of its members on;
//! one that is chosen and all off looks like one that is not. Rows of a file are no such thing: there are never more
//! than the file has. Must not know what a gate is, but that `plant 1` leaves only inputs in which one is planted.

use std::borrow::Cow;

use super::enumerate::AlwaysPlanted;
use super::forest::Forest;
use super::{Clause, Member};
use crate::circuit::Circuit;

/// All inputs of nonzero probability.
#[derive(Debug, Clone)]
pub struct Support {
    /// Features that are on in every input.
    pub always: Vec<u32>,
    pub groups: Vec<Group>,
    /// Group by group, member by member.
    pub options: Vec<Choice>,
    /// By feature: the member that it is in.
    places: Vec<Option<Place>>,
    planted: Option<AlwaysPlanted>,
    forest: Option<Forest>,
}

/// Members of which `least` single features at least, and `most` members at most, show up.
#[derive(Debug, Clone)]
pub struct Group {
    /// The options of each member.
    pub members: Vec<std::ops::Range<u32>>,
    pub least: u32,
    pub most: u32,
}

/// A way in which a member shows up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub group: u32,
    /// In its group.
    pub member: u32,
    /// Ascending, at least one.
    pub features: Vec<u32>,
    /// Whether the member is a feature, not a row.
    pub is_single: bool,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    group: u32,
    member: u32,
}

/// What inputs of nonzero probability show of one clause; plants leave that as it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Part<'a> {
    /// These features, in every input.
    Always(Vec<u32>),
    /// Of these members at most `most`, and of the single features among them at least `least`. A row shows up with any
    /// of its features on; one that is chosen and all off looks like one that is not. Where features are drawn under
    /// others there is more here than inputs have.
    Some { members: Cow<'a, [Member]>, least: u32, most: u32 },
}

impl Part<'_> {
    /// The parts of a clause, of which it has two where some of its coins always fall.
    pub fn of(clause: &Clause) -> Vec<Part<'_>> {
        if let Some((members, count)) = clause.chosen() {
            let n_rows = members.iter().filter(|member| matches!(member, Member::Row(_))).count() as u32;
            let least = count.start().saturating_sub(n_rows);
            return vec![Part::Some { members: Cow::Borrowed(members), least, most: *count.end() }];
        }
        let children = clause.children().iter().filter(|child| !child.is_never_on()).map(|child| child.feature);
        let always = clause.coins().filter(|(_, probability)| *probability >= 1.0).map(|(feature, _)| feature);
        let coins = clause.coins().filter(|(_, probability)| *probability > 0.0 && *probability < 1.0);
        let members: Vec<Member> = coins.map(|(feature, _)| feature).chain(children).map(Member::One).collect();
        let always: Vec<u32> = always.collect();
        let mut parts = Vec::new();
        if !always.is_empty() || members.is_empty() {
            parts.push(Part::Always(always));
        }
        if !members.is_empty() {
            let most = members.len() as u32;
            parts.push(Part::Some { members: members.into(), least: 0, most });
        }
        parts
    }
}

/// What is still open once some features are decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// Features that are on so far, ascending.
    pub on: Vec<u32>,
    pub open: Vec<Open>,
}

/// What is left of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Ascending.
    pub options: Vec<u32>,
    /// So many that count must still show up.
    pub least: u32,
    /// So many may still show up.
    pub most: u32,
    /// Whether rows count towards `least`: of one that must show up.
    pub rows_count: bool,
}

/// A row of more features than this has too many patterns.
const MAX_ROW: usize = 10;

impl Support {
    /// `None` for the rows of a file, and for wide rows of arrays.
    pub fn of(circuit: &Circuit) -> Option<Support> {
        let distribution = &circuit.distribution;
        if distribution.rows.is_some() {
            return None;
        }
        let mut support = Support {
            always: Vec::new(),
            groups: Vec::new(),
            options: Vec::new(),
            places: vec![None; circuit.n_features()],
            planted: AlwaysPlanted::of(circuit),
            forest: Forest::of(&distribution.clauses, circuit.n_features()),
        };
        for part in distribution.clauses.iter().flat_map(Part::of) {
            match part {
                Part::Always(features) => support.always.extend(features),
                Part::Some { members, least, most } => support.add_group(&members, least, most)?,
            }
        }
        support.always.sort_unstable();
        Some(support)
    }

    fn add_group(&mut self, members: &[Member], least: u32, most: u32) -> Option<()> {
        let group = self.groups.len() as u32;
        let mut ranges = Vec::with_capacity(members.len());
        for (member, features) in members.iter().enumerate() {
            let member = member as u32;
            let start = self.options.len() as u32;
            match features {
                Member::One(feature) => {
                    self.places[*feature as usize] = Some(Place { group, member });
                    self.options.push(Choice { group, member, features: vec![*feature], is_single: true });
                }
                Member::Row(row) if row.len() > MAX_ROW => return None,
                Member::Row(row) => {
                    for feature in row.clone() {
                        self.places[feature as usize] = Some(Place { group, member });
                    }
                    for pattern in 1u32..1 << row.len() {
                        let is_on = |feature: &u32| pattern >> (feature - row.start) & 1 == 1;
                        let features = row.clone().filter(is_on).collect();
                        self.options.push(Choice { group, member, features, is_single: false });
                    }
                }
            }
            ranges.push(start..self.options.len() as u32);
        }
        self.groups.push(Group { members: ranges, least, most });
        Some(())
    }

    /// The group of a feature, and how many of its members show up at most; `None` for a feature that is always off, or
    /// always on.
    pub fn group_of(&self, feature: u32) -> Option<(u32, u32)> {
        let place = self.places[feature as usize]?;
        Some((place.group, self.groups[place.group as usize].most))
    }

    /// Whether every member of a group is a single feature.
    pub fn is_of_singles(&self, group: u32) -> bool {
        let members = &self.groups[group as usize].members;
        members.iter().all(|member| self.options[member.start as usize].is_single)
    }

    /// Whether a feature is on in every input.
    pub fn is_always_on(&self, feature: u32) -> bool {
        self.always.binary_search(&feature).is_ok()
    }

    /// What is open where these features are on and those off; `None` where no input has them so.
    pub fn around(&self, on: &[u32], off: &[u32]) -> Option<Rest> {
        let decided = on.iter().map(|&feature| (feature, true)).chain(off.iter().map(|&feature| (feature, false)));
        let decided: Vec<(u32, bool)> = match &self.forest {
            Some(forest) => forest.implied(decided).into_iter().collect(),
            None => decided.collect(),
        };
        let of_value = |value: bool| {
            let mut features: Vec<u32> =
                decided.iter().filter(|(_, on)| *on == value).map(|(feature, _)| *feature).collect();
            features.sort_unstable();
            features.dedup();
            features
        };
        let (on, off) = (of_value(true), of_value(false));
        let is_off = |feature: &u32| off.binary_search(feature).is_ok();
        if self.always.iter().chain(&on).any(is_off) {
            return None;
        }
        let mut rest = Rest { on: self.always.clone(), open: Vec::new() };
        // By group and member: those that must show up, and all that something is decided of.
        let mut must: Vec<(u32, u32)> = Vec::new();
        for &feature in &on {
            match self.places[feature as usize] {
                Some(place) => must.push((place.group, place.member)),
                None if self.is_always_on(feature) => {}
                None => return None,
            }
        }
        must.sort_unstable();
        must.dedup();
        let mut touched = must.clone();
        touched.extend(off.iter().filter_map(|feature| self.places[*feature as usize]).map(|at| (at.group, at.member)));
        touched.sort_unstable();
        for (group_idx, group) in (0..).zip(&self.groups) {
            let mut open = Open { options: Vec::new(), least: group.least, most: group.most, rows_count: false };
            for (member_idx, options) in (0..).zip(&group.members) {
                if touched.binary_search(&(group_idx, member_idx)).is_err() {
                    open.options.extend(options.clone());
                    continue;
                }
                let choices = &self.options[options.start as usize..options.end as usize];
                let is_here = |feature: &&u32| {
                    let place = self.places[**feature as usize];
                    place.is_some_and(|place| (place.group, place.member) == (group_idx, member_idx))
                };
                let fits = |choice: &Choice| {
                    !choice.features.iter().any(is_off)
                        && on.iter().filter(is_here).all(|feature| choice.features.contains(feature))
                };
                let fitting: Vec<u32> =
                    options.clone().zip(choices).filter(|(_, choice)| fits(choice)).map(|(option, _)| option).collect();
                if must.binary_search(&(group_idx, member_idx)).is_err() {
                    open.options.extend(fitting);
                    continue;
                }
                open.most = open.most.checked_sub(1)?;
                if choices[0].is_single {
                    open.least = open.least.saturating_sub(1);
                }
                match fitting[..] {
                    [] => return None,
                    [only] => rest.on.extend(&self.options[only as usize].features),
                    _ => rest.open.push(Open { options: fitting, least: 1, most: 1, rows_count: true }),
                }
            }
            let n_single = open.options.iter().filter(|&&option| self.options[option as usize].is_single).count();
            if open.least > open.most || n_single < open.least as usize {
                return None;
            }
            if open.most > 0 && !open.options.is_empty() {
                rest.open.push(open);
            }
        }
        rest.on.sort_unstable();
        Some(rest)
    }

    /// Whether an input, ascending, that is put together from the groups is one of nonzero probability.
    pub fn has(&self, input: &[u32]) -> bool {
        self.forest.as_ref().is_none_or(|forest| forest.allows(input))
            && self.planted.as_ref().is_none_or(|planted| planted.reaches(input))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::circuit::by_hand::{self, off, on};
    use crate::circuit::inputs::enumerate::distinct_inputs;
    use crate::circuit::{Distribution, Kind};

    /// All inputs that are left, put together from what is open.
    fn inputs(support: &Support, rest: &Rest) -> BTreeSet<Vec<u32>> {
        let mut all: BTreeSet<Vec<u32>> = [rest.on.clone()].into();
        for open in &rest.open {
            all = all.iter().flat_map(|input| of_group(support, input, open)).collect();
        }
        all.retain(|input| support.has(input));
        all
    }

    fn of_group(support: &Support, input: &[u32], open: &Open) -> Vec<Vec<u32>> {
        let n = open.options.len();
        let subsets = (0u32..1 << n).filter(|subset| subset.count_ones() <= open.most);
        let made = subsets.filter_map(|subset| {
            let chosen: Vec<&Choice> = (0..n)
                .filter(|idx| subset >> idx & 1 == 1)
                .map(|idx| &support.options[open.options[idx] as usize])
                .collect();
            let members: BTreeSet<u32> = chosen.iter().map(|choice| choice.member).collect();
            let n_counting = chosen.iter().filter(|choice| choice.is_single || open.rows_count).count();
            let fits = members.len() == chosen.len() && n_counting >= open.least as usize;
            fits.then(|| {
                let mut input = input.to_vec();
                chosen.iter().for_each(|choice| input.extend(&choice.features));
                input.sort_unstable();
                input
            })
        });
        made.collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn what_is_open_around_decided_features_are_the_inputs_that_have_them_so(
            lengths in prop::collection::vec(0u32..3, 0..4), ends in (0u32..4, 0u32..4), n_coins in 0u32..3,
            probability in prop::sample::select(vec![0.0, 0.3, 1.0]), plant: bool,
            decided in prop::collection::vec((0u32..9, any::<bool>()), 0..3),
        ) {
            let mut members = Vec::new();
            let mut n_features = 0;
            for length in lengths {
                members.push(match length {
                    0 => Member::One(n_features),
                    _ => Member::Row(n_features..n_features + length),
                });
                n_features += length.max(1);
            }
            let most = (members.len() as u32).min(ends.0.max(ends.1));
            let coins = Clause::Each { features: (n_features..n_features + n_coins).collect(), probability };
            let clauses = vec![coins, Clause::Choose { members, count: ends.0.min(ends.1).min(most)..=most }];
            n_features += n_coins + 1;
            let gates = (0..n_features - 1).map(|i| (Kind::And, vec![on(i), off(i + 1)])).collect();
            let distribution = Distribution { clauses, plant: plant as u32 as f64, rows: None };
            let circuit = by_hand::circuit(n_features, &[gates], distribution);
            let distinct = distinct_inputs(&circuit).unwrap();
            let all: BTreeSet<Vec<u32>> = (0..distinct.n_blocks())
                .flat_map(|block| distinct.block(block).iter().map(<[u32]>::to_vec).collect::<Vec<_>>())
                .collect();
            let decided: Vec<(u32, bool)> = decided.into_iter().filter(|(feature, _)| *feature < n_features).collect();
            let with = |value: bool| -> Vec<u32> {
                decided.iter().filter(|(_, on)| *on == value).map(|(feature, _)| *feature).collect()
            };
            let (ons, offs) = (with(true), with(false));
            let expected: BTreeSet<Vec<u32>> = all
                .into_iter()
                .filter(|input| ons.iter().all(|f| input.contains(f)) && !offs.iter().any(|f| input.contains(f)))
                .collect();
            let support = Support::of(&circuit).unwrap();
            let found = support.around(&ons, &offs).map(|rest| inputs(&support, &rest)).unwrap_or_default();
            prop_assert_eq!(found, expected);
        }
    }
}
