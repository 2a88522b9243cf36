//! What a clause shows together with all that is drawn under its features, by number: for `enumerate`.
//!
//! Under a feature that is on stand trees, whose ways to be multiply: those of a child are one, where it is off, and
//! those of what is under it. Coins are digits of mixed radix. The members of a `choose` are gone through in order, the
//! single features first: a table has by member, and by how many show up so far, in how many ways the rest can be; rows
//! show up with any feature on. Must not know how likely any of it is.

use super::forest::Forest;
use super::{Clause, Member};

/// Whether anything is drawn under a feature of the clause.
pub(super) fn is_grown(clause: &Clause, forest: &Forest) -> bool {
    let is_parent = |feature: u32| forest.children_of(feature).next().is_some();
    let members = clause.chosen().map_or(&[][..], |(members, _)| members);
    let of_member = |member: &Member| match member {
        Member::One(feature) => is_parent(*feature),
        Member::Row(row) => row.clone().any(is_parent),
    };
    members.iter().any(of_member) || clause.coins().any(|(feature, _)| is_parent(feature))
}

/// How many patterns there are; `u128::MAX` if they are that or more. Without what is drawn under them there are fewer
/// than that.
pub(super) fn count(clause: &Clause, forest: &Forest) -> u128 {
    match Members::of(clause, forest) {
        Some(members) => {
            let last = members.last();
            (0..members.n()).rev().fold(last, |next, member| members.before(member, &next)).at(0)
        }
        None => {
            let coins = Coins::of(clause, forest).coins.into_iter();
            coins.fold(1, |product, (_, _, radix)| product.saturating_mul(radix))
        }
    }
}

/// Patterns of a clause, at most as many as can be listed.
#[derive(Debug, Clone)]
pub(super) enum Grown<'a> {
    Coins(Coins),
    Members(Members<'a>, Vec<Ways>),
}

/// Features that may be on.
#[derive(Debug, Clone)]
pub(super) struct Coins {
    /// Each with whether it always is, and its radix.
    coins: Vec<(u32, bool, u128)>,
}

/// The members of a `choose`, single features first.
#[derive(Debug, Clone)]
pub(super) struct Members<'a> {
    /// Each with the number of ways in which it shows up.
    members: Vec<(&'a Member, u128)>,
    n_ones: usize,
    /// Of the single features so many at least show up.
    least: usize,
    most: usize,
}

/// By how many members show up so far, from `first` on: in how many ways the rest can be.
#[derive(Debug, Clone)]
pub(super) struct Ways {
    first: usize,
    ways: Vec<u128>,
}

impl Ways {
    fn at(&self, n_shown: usize) -> u128 {
        n_shown.checked_sub(self.first).and_then(|at| self.ways.get(at)).copied().unwrap_or(0)
    }
}

impl Coins {
    fn of(clause: &Clause, forest: &Forest) -> Coins {
        let coins = clause.coins().filter(|(_, probability)| *probability > 0.0).map(|(feature, probability)| {
            let always = probability >= 1.0;
            (feature, always, forest.n_ways(feature).saturating_add(u128::from(!always)))
        });
        Coins { coins: coins.collect() }
    }
}

impl<'a> Members<'a> {
    /// `None` for coins.
    fn of(clause: &'a Clause, forest: &Forest) -> Option<Members<'a>> {
        let (members, count) = clause.chosen()?;
        let (ones, rows): (Vec<&Member>, Vec<&Member>) =
            members.iter().partition(|member| matches!(member, Member::One(_)));
        let (n_ones, n_rows) = (ones.len(), rows.len());
        let of_member = |member: &'a Member| match member {
            Member::One(feature) => (member, forest.n_ways(*feature)),
            Member::Row(row) => {
                let radix = |feature: u32| forest.n_ways(feature).saturating_add(1);
                (member, row.clone().map(radix).fold(1, u128::saturating_mul) - 1)
            }
        };
        Some(Members {
            members: ones.into_iter().chain(rows).map(of_member).collect(),
            n_ones,
            least: (*count.start() as usize).saturating_sub(n_rows),
            most: *count.end() as usize,
        })
    }

    fn n(&self) -> usize {
        self.members.len()
    }

    /// How many can show up before a member, such that the count can be reached.
    fn band(&self, member: usize) -> std::ops::RangeInclusive<usize> {
        self.least.saturating_sub(self.n_ones.saturating_sub(member))..=member.min(self.most)
    }

    /// Behind all members.
    fn last(&self) -> Ways {
        let band = self.band(self.n());
        Ways { first: *band.start(), ways: band.map(|_| 1).collect() }
    }

    /// Before a member, from what is behind it.
    fn before(&self, member: usize, behind: &Ways) -> Ways {
        let band = self.band(member);
        let (_, shows) = self.members[member];
        let ways = |n_shown: usize| {
            let with = if n_shown < self.most { behind.at(n_shown + 1).saturating_mul(shows) } else { 0 };
            behind.at(n_shown).saturating_add(with)
        };
        Ways { first: *band.start(), ways: band.map(ways).collect() }
    }
}

impl<'a> Grown<'a> {
    pub fn of(clause: &'a Clause, forest: &Forest) -> Grown<'a> {
        let Some(members) = Members::of(clause, forest) else { return Grown::Coins(Coins::of(clause, forest)) };
        let mut table = vec![members.last()];
        for member in (0..members.n()).rev() {
            let before = members.before(member, &table[table.len() - 1]);
            table.push(before);
        }
        table.reverse();
        Grown::Members(members, table)
    }

    /// How many there are.
    pub fn n(&self) -> u64 {
        let n = match self {
            Grown::Coins(Coins { coins }) => coins.iter().map(|(_, _, radix)| radix).product(),
            Grown::Members(_, table) => table[0].at(0),
        };
        n as u64
    }

    /// Appends the active features of pattern `index`.
    pub fn push(&self, index: u64, forest: &Forest, active: &mut Vec<u32>) {
        let mut rest = u128::from(index);
        match self {
            Grown::Coins(Coins { coins }) => {
                for &(feature, always, radix) in coins {
                    push_coin(feature, always, rest % radix, forest, active);
                    rest /= radix;
                }
            }
            Grown::Members(members, table) => {
                let mut n_shown = 0;
                for ((member, shows), behind) in members.members.iter().zip(&table[1..]) {
                    let without = behind.at(n_shown);
                    if rest < without {
                        continue;
                    }
                    rest -= without;
                    n_shown += 1;
                    push_member(member, rest % shows, forest, active);
                    rest /= shows;
                }
            }
        }
    }
}

/// A member that shows up, and what is under it.
fn push_member(member: &Member, way: u128, forest: &Forest, active: &mut Vec<u32>) {
    match member {
        Member::One(feature) => push_on(*feature, way, forest, active),
        Member::Row(row) => {
            // All off is way 0 of the coins, and none of the row's.
            let mut rest = way + 1;
            for feature in row.clone() {
                let radix = forest.n_ways(feature) + 1;
                push_coin(feature, false, rest % radix, forest, active);
                rest /= radix;
            }
        }
    }
}

/// A feature that may be off, and is for way 0, unless it always is on.
fn push_coin(feature: u32, always: bool, way: u128, forest: &Forest, active: &mut Vec<u32>) {
    if let Some(way) = way.checked_sub(u128::from(!always)) {
        push_on(feature, way, forest, active);
    }
}

/// A feature that is on, and what is under it. Trees may be deep.
fn push_on(feature: u32, way: u128, forest: &Forest, active: &mut Vec<u32>) {
    let mut open = vec![(feature, way)];
    while let Some((feature, mut rest)) = open.pop() {
        active.push(feature);
        for child in forest.children_of(feature).filter(|child| !child.is_never_on()) {
            let radix = forest.n_ways_of(child);
            let way = rest % radix;
            rest /= radix;
            open.extend(way.checked_sub(u128::from(!child.is_always_on())).map(|way| (child.feature, way)));
        }
    }
}
