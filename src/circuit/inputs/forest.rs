//! Features that are drawn under others: the trees that `when` makes of them.
//!
//! A child is on only where its parent is; one of probability 1 is on wherever its parent is, and one of probability 0
//! never. Clauses come in an order in which parents stand before their children. Must not know how anything is drawn.

use std::collections::BTreeSet;

use super::{Child, Clause};
use crate::lists::Lists;

#[derive(Debug, Clone)]
pub struct Forest {
    /// In the order in which they are drawn.
    children: Vec<Child>,
    /// By feature, the numbers of its children.
    by_parent: Lists<u32>,
    /// By feature, its own number, if it is a child.
    own: Vec<Option<u32>>,
    /// By feature, in how many ways what is under it can be where it is on; `u128::MAX` if they are that or more.
    n_ways: Vec<u128>,
}

impl Child {
    pub(super) fn is_never_on(&self) -> bool {
        self.probability <= 0.0
    }

    /// Wherever its parent is.
    pub(super) fn is_always_on(&self) -> bool {
        self.probability >= 1.0
    }
}

impl Forest {
    /// `None` where no feature is drawn under another.
    pub fn of(clauses: &[Clause], n_features: usize) -> Option<Forest> {
        let children: Vec<Child> = clauses.iter().flat_map(Clause::children).copied().collect();
        if children.is_empty() {
            return None;
        }
        let by_parent = Lists::transposed(n_features, children.iter().map(|child| [child.parent]));
        let mut own = vec![None; n_features];
        (0..).zip(&children).for_each(|(number, child)| own[child.feature as usize] = Some(number));
        let mut forest = Forest { children, by_parent, own, n_ways: vec![1; n_features] };
        for number in (0..forest.children.len()).rev() {
            let child = forest.children[number];
            let of_child = forest.n_ways_of(&child);
            let of_parent = &mut forest.n_ways[child.parent as usize];
            *of_parent = of_parent.saturating_mul(of_child);
        }
        Some(forest)
    }

    /// In the order in which they are drawn.
    pub fn children(&self) -> &[Child] {
        &self.children
    }

    pub(super) fn children_of(&self, feature: u32) -> impl DoubleEndedIterator<Item = &Child> + '_ {
        self.by_parent.get(feature as usize).iter().map(|number| &self.children[*number as usize])
    }

    /// A feature as a child.
    pub fn as_child(&self, feature: u32) -> Option<&Child> {
        self.own[feature as usize].map(|number| &self.children[number as usize])
    }

    /// What these features are, and all that follows from it, each once. A feature that comes on and off cannot be so.
    pub fn implied(&self, decided: impl IntoIterator<Item = (u32, bool)>) -> BTreeSet<(u32, bool)> {
        let mut found = BTreeSet::new();
        let mut open: Vec<(u32, bool)> = decided.into_iter().collect();
        while let Some((feature, on)) = open.pop() {
            if !found.insert((feature, on)) {
                continue;
            }
            let parent = self.as_child(feature).filter(|child| on || child.is_always_on());
            open.extend(parent.map(|child| (child.parent, on)));
            let children = self.children_of(feature).filter(|child| !on || child.is_always_on());
            open.extend(children.map(|child| (child.feature, on)));
        }
        found
    }

    /// Whether the features of an input, ascending, are on together with those that they go with.
    pub fn allows(&self, input: &[u32]) -> bool {
        let is_on = |feature: u32| input.binary_search(&feature).is_ok();
        input.iter().all(|&feature| {
            self.as_child(feature).is_none_or(|child| is_on(child.parent))
                && self.children_of(feature).all(|child| !child.is_always_on() || is_on(child.feature))
        })
    }

    /// Pairs of features of which the second is on wherever the first is.
    pub fn pairs(&self) -> Vec<(u32, u32)> {
        let up = self.children.iter().filter(|child| !child.is_never_on()).map(|child| (child.feature, child.parent));
        let down = self.children.iter().filter(|child| child.is_always_on()).map(|child| (child.parent, child.feature));
        up.chain(down).collect()
    }

    /// In how many ways what is under a feature can be where it is on; `u128::MAX` if they are that or more.
    pub(super) fn n_ways(&self, feature: u32) -> u128 {
        self.n_ways[feature as usize]
    }

    /// In how many ways a child, and what is under it, can be where its parent is on.
    pub(super) fn n_ways_of(&self, child: &Child) -> u128 {
        let on = self.n_ways(child.feature);
        match (child.is_never_on(), child.is_always_on()) {
            (true, _) => 1,
            (_, true) => on,
            _ => on.saturating_add(1),
        }
    }

    /// Adds to the weight of each feature the least that features under it come to where it is on.
    pub(super) fn gather_least(&self, weights: &mut [f32]) {
        for child in self.children.iter().rev() {
            let on = weights[child.feature as usize];
            weights[child.parent as usize] += match (child.is_never_on(), child.is_always_on()) {
                (true, _) => 0.0,
                (_, true) => on,
                _ => on.min(0.0),
            };
        }
    }
}
