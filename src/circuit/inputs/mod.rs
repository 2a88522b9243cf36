//! The inputs of a circuit: which are typical, and how they are drawn, planted, listed and read from a file.
//!
//! Here: the nouns. `clauses` draws around decided features; `sample` draws blocks of a distribution; `plant` draws
//! inputs with wanted values; `enumerate` lists them all; `rows` reads them from a file; `possible` proves what no
//! input can show, `shown` finds inputs for what hardly any does, `usual` chooses a distribution where none is given,
//! `least` how little sums of features come to, `support` what
//! inputs are put together from. The nouns must not know what a gate is.

mod clauses;
pub mod enumerate;
pub mod least;
pub mod plant;
pub mod possible;
pub mod rows;
pub mod sample;
pub mod shown;
pub mod support;
pub mod usual;

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

impl Distribution {
    /// The expected number of features that are on, without plants; of rows their mean.
    pub fn active_features(&self) -> f64 {
        match &self.rows {
            Some(rows) => rows.inputs.active.len() as f64 / rows.inputs.len().max(1) as f64,
            None => self.clauses.iter().map(Clause::active_features).sum(),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    /// A count drawn uniformly from `count`, then so many distinct members.
    Choose { members: Vec<Member>, count: RangeInclusive<u32> },
    /// Independent coins.
    Each { features: Vec<u32>, probability: f64 },
}

impl Clause {
    fn active_features(&self) -> f64 {
        match self {
            Clause::Each { features, probability } => features.len() as f64 * probability,
            Clause::Choose { members, count } => {
                let of_member = |member: &Member| match member {
                    Member::One(_) => 1.0,
                    Member::Row(row) => row.len() as f64 / 2.0,
                };
                let total: f64 = members.iter().map(of_member).sum();
                let mean_count = (*count.start() as f64 + *count.end() as f64) / 2.0;
                mean_count * total / members.len().max(1) as f64
            }
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
