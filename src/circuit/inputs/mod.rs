//! The inputs of a circuit: which are typical, and how they are drawn, planted, listed and read from a file.
//!
//! Here: the nouns. `clauses` draws around decided features, with the coins of `toss` and the weights of `weighted`;
//! `sample` draws blocks of a distribution; `plant` draws
//! inputs with wanted values; `enumerate` lists them all; `rows` reads them from a file; `possible` proves what no
//! input can show, `shown` finds inputs for what hardly any does, `usual` chooses a distribution where none is given,
//! `least` how little sums of features come to, `support` what
//! inputs are put together from, `forest` which features are drawn under others, `marginal` how often each is on. The
//! nouns must not know what a gate is.

mod clauses;
pub mod enumerate;
pub mod forest;
mod grown;
pub mod least;
mod marginal;
pub mod plant;
pub mod possible;
pub mod rows;
pub mod sample;
mod scratch;
pub mod shown;
pub mod support;
#[cfg(test)]
mod tests;
mod toss;
pub mod usual;
mod weighted;

use std::ops::{Range, RangeInclusive};

/// Which inputs are typical.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Distribution {
    /// Over disjoint features; a feature in no clause is off.
    pub clauses: Vec<Clause>,
    /// The probability that an input has one first-level gate planted.
    pub plant: f64,
    /// Rows of a file; replaces the clauses.
    pub rows: Option<Rows>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    /// A count drawn uniformly from `count`, then so many distinct members.
    Choose { members: Vec<Member>, count: RangeInclusive<u32> },
    /// The same count, but the members come one after the other, each as likely as its weight among those that are
    /// left; `weights`: by member, all above 0.
    Weighted { members: Vec<Member>, count: RangeInclusive<u32>, weights: Vec<f64> },
    /// Independent coins.
    Each { features: Vec<u32>, probability: f64 },
    /// Independent coins, each with a probability of its own.
    Coins { features: Vec<u32>, probabilities: Vec<f64> },
    /// Coins of which any two have the correlation, below 1: with the probability √correlation, each for itself, a
    /// feature is what one common coin is, and else what a coin of its own is. All have the same probability.
    Correlated { features: Vec<u32>, probability: f64, correlation: f64 },
    /// Coins that are tossed where another feature is on, which is drawn before.
    When { children: Vec<Child> },
}

/// A feature that is on only where its parent is, and there with this probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Child {
    pub feature: u32,
    /// Of an earlier clause, or of an earlier child of the same.
    pub parent: u32,
    pub probability: f64,
}

impl Clause {
    /// The members that it chooses among, and how many it chooses.
    pub fn chosen(&self) -> Option<(&[Member], &RangeInclusive<u32>)> {
        match self {
            Clause::Choose { members, count } | Clause::Weighted { members, count, .. } => Some((members, count)),
            Clause::Each { .. } | Clause::Coins { .. } | Clause::Correlated { .. } | Clause::When { .. } => None,
        }
    }

    /// Its coins that are tossed in every input, and their probabilities. Whatever some show, the others can be on and
    /// off, but for those of probability 0 and 1.
    pub fn coins(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        let features: &[u32] = match self {
            Clause::Each { features, .. } | Clause::Coins { features, .. } | Clause::Correlated { features, .. } => {
                features
            }
            Clause::Choose { .. } | Clause::Weighted { .. } | Clause::When { .. } => &[],
        };
        features.iter().enumerate().map(move |(feature_idx, &feature)| match self {
            Clause::Coins { probabilities, .. } => (feature, probabilities[feature_idx]),
            Clause::Each { probability, .. } | Clause::Correlated { probability, .. } => (feature, *probability),
            Clause::Choose { .. } | Clause::Weighted { .. } | Clause::When { .. } => (feature, 0.0),
        })
    }

    /// Its coins that are tossed only where their parents are on.
    pub fn children(&self) -> &[Child] {
        match self {
            Clause::When { children } => children,
            _ => &[],
        }
    }
}

/// What a `choose` draws.
#[derive(Debug, Clone, PartialEq)]
pub enum Member {
    /// A feature: on when chosen.
    One(u32),
    /// A row of an array of rank two or more: when chosen, every bit is a fair coin.
    Row(Range<u32>),
}

/// The inputs of a `from` clause.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The file as seen from the circuit's, and its bytes: they travel with the network.
    pub path: String,
    pub bytes: Vec<u8>,
    pub inputs: Inputs,
}

/// Inputs as lists of the features that are on: input i is `active[starts[i]..starts[i + 1]]`, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    pub starts: Vec<u32>,
    pub active: Vec<u32>,
}

impl Default for Inputs {
    fn default() -> Inputs {
        Inputs { starts: vec![0], active: Vec::new() }
    }
}

impl Inputs {
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The features that are on in input `index`, ascending.
    pub fn get(&self, index: usize) -> &[u32] {
        &self.active[self.starts[index] as usize..self.starts[index + 1] as usize]
    }
    /// Input by input, the features that are on.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> + '_ {
        (0..self.len()).map(|index| self.get(index))
    }
    /// Adds an input; `active` must be ascending.
    pub fn push(&mut self, active: impl IntoIterator<Item = u32>) {
        self.active.extend(active);
        self.starts.push(self.active.len() as u32);
    }
}
