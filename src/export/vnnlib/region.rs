//! All inputs of a circuit as verifiers can have them: features that are fixed, and how many of some are on.
//!
//! Verifiers look for an input in a box of real numbers, and know sums. Must not know what a gate is.

use crate::circuit::inputs::forest::Forest;
use crate::circuit::{Child, Distribution, Member};

/// Inputs that have these features fixed and all these counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// By feature; those that may be on or off are `None`.
    pub fixed: Vec<Option<bool>>,
    pub counts: Vec<Count>,
    /// Pairs of features of which the second is on wherever the first is, which bounds and counts cannot say.
    pub implied: Vec<(u32, u32)>,
}

/// Of these members at least and at most so many show up: each has a feature on.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    /// The features of each.
    pub members: Vec<Vec<u32>>,
    pub least: u32,
    pub most: u32,
}

impl Region {
    /// Every input that the clauses can draw and, with what is implied, no other; `None` for the rows of a file. A row
    /// of an array that is drawn may have nothing on, and then looks like one that is not: it counts towards no least
    /// number.
    pub fn of(distribution: &Distribution, n_features: usize) -> Option<Region> {
        if distribution.rows.is_some() {
            return None;
        }
        let implied = Forest::of(&distribution.clauses, n_features).map_or(Vec::new(), |forest| forest.pairs());
        let mut region = Region { fixed: vec![Some(false); n_features], counts: Vec::new(), implied };
        for clause in &distribution.clauses {
            for (feature, probability) in clause.coins() {
                region.fixed[feature as usize] = match probability {
                    p if p <= 0.0 => Some(false),
                    p if p >= 1.0 => Some(true),
                    _ => None,
                };
            }
            for &Child { feature, parent, probability } in clause.children() {
                region.fixed[feature as usize] = match region.fixed[parent as usize] {
                    Some(false) => Some(false),
                    _ if probability <= 0.0 => Some(false),
                    of_parent => of_parent.filter(|_| probability >= 1.0),
                };
            }
            if let Some((members, count)) = clause.chosen() {
                region.choose(members, *count.start(), *count.end());
            }
        }
        Some(region)
    }

    fn choose(&mut self, members: &[Member], least: u32, most: u32) {
        let features = |member: &Member| match member {
            Member::One(feature) => vec![*feature],
            Member::Row(row) => row.clone().collect(),
        };
        let (singles, rows): (Vec<&Member>, Vec<&Member>) =
            members.iter().partition(|member| matches!(member, Member::One(_)));
        let all: Vec<Vec<u32>> = members.iter().map(features).collect();
        all.iter().flatten().for_each(|&feature| self.fixed[feature as usize] = None);
        let least = least.saturating_sub(rows.len() as u32);
        if rows.is_empty() {
            self.add(Count { members: all, least, most });
        } else {
            self.add(Count { members: all, least: 0, most });
            let most = singles.len() as u32;
            self.add(Count { members: singles.into_iter().map(features).collect(), least, most });
        }
    }

    /// What every input has is not said.
    fn add(&mut self, count: Count) {
        if count.least > 0 || count.most < count.members.len() as u32 {
            self.counts.push(count);
        }
    }

    /// The features that may be on or off, ascending.
    pub fn free(&self) -> impl Iterator<Item = u32> + '_ {
        (0..).zip(&self.fixed).filter(|(_, fixed)| fixed.is_none()).map(|(feature, _)| feature)
    }

    /// Whether an input has the features that are decided as they are; `value`: those that are fixed and others.
    pub fn has(&self, value: impl Fn(u32) -> Option<bool>) -> bool {
        let is_broken = |&(one, other): &(u32, u32)| value(one) == Some(true) && value(other) == Some(false);
        !self.implied.iter().any(is_broken)
            && self.counts.iter().all(|count| {
                let are = |member: &Vec<u32>, wanted| member.iter().any(|&feature| value(feature) == wanted);
                let n_on = count.members.iter().filter(|member| are(member, Some(true))).count();
                let can_be_on = |member: &&Vec<u32>| are(member, Some(true)) || are(member, None);
                let n_possible = count.members.iter().filter(can_be_on).count();
                n_on <= count.most as usize && n_possible >= count.least as usize
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Clause;
    use crate::circuit::by_hand::{self, choose};
    use crate::circuit::inputs::enumerate::distinct_inputs;
    use crate::random;

    /// Every input of nonzero probability is in the region, and no other.
    fn is_the_support_of(clauses: Vec<Clause>, n_features: u32) {
        let distribution = Distribution { clauses, plant: 0.0, rows: None };
        let region = Region::of(&distribution, n_features as usize).unwrap();
        let circuit = by_hand::circuit(n_features, &[], distribution);
        let distinct = distinct_inputs(&circuit).unwrap();
        let mut listed: Vec<Vec<u32>> = (0..distinct.n_blocks())
            .flat_map(|block| distinct.block(block).iter().map(<[u32]>::to_vec).collect::<Vec<_>>())
            .collect();
        listed.sort();
        let is_in = |input: &Vec<u32>| {
            let value = |feature: u32| Some(input.contains(&feature));
            let fits = |(feature, fixed): (u32, &Option<bool>)| fixed.is_none() || *fixed == value(feature);
            (0..).zip(&region.fixed).all(fits) && region.has(value)
        };
        let all = (0u32..1 << n_features).map(|bits| (0..n_features).filter(|bit| bits >> bit & 1 == 1).collect());
        let mut found: Vec<Vec<u32>> = all.filter(is_in).collect();
        found.sort();
        assert_eq!(found, listed);
    }

    #[test]
    fn it_holds_what_can_be_drawn_and_nothing_else() {
        let each =
            |features: std::ops::Range<u32>, probability| Clause::Each { features: features.collect(), probability };
        is_the_support_of(vec![choose(0..5, 1..=2), each(5..7, 0.3)], 8);
        is_the_support_of(vec![choose(0..3, 0..=3), each(3..5, 1.0), each(5..6, 0.0)], 6);
        let members = vec![Member::One(0), Member::Row(1..3), Member::One(3), Member::Row(4..7)];
        for (least, most) in [(0, 1), (2, 2), (3, 3), (4, 4), (1, 3)] {
            let mixed = Clause::Choose { members: members.clone(), count: least..=most };
            is_the_support_of(vec![mixed, choose(7..9, 1..=1)], 9);
        }
    }

    #[test]
    fn clauses_of_every_kind_have_their_region() {
        for seed in 0..80 {
            is_the_support_of(by_hand::random_clauses(&mut random::stream(&[seed]), 8), 8);
        }
    }

    #[test]
    fn decided_features_leave_room_or_they_do_not() {
        let distribution = Distribution { clauses: vec![choose(0..4, 2..=2)], plant: 0.0, rows: None };
        let region = Region::of(&distribution, 4).unwrap();
        let has = |values: [Option<bool>; 4]| region.has(|feature| values[feature as usize]);
        assert!(has([None; 4]) && has([Some(true), Some(true), None, Some(false)]));
        assert!(!has([Some(true), Some(true), None, Some(true)]), "three of two");
        assert!(!has([Some(false), Some(false), Some(false), None]), "one is left for two");
    }
}
