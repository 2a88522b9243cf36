//! All distinct inputs of nonzero probability, each once, by number: for `--exhaustive`.
//!
//! They are counted before any is made. The clauses are disjoint, so an input is a part for each clause, and its
//! number is written in mixed radix, the first clause varying fastest. The part of a `choose` is a number of members
//! of each size (features; rows of 1, 2, … members), then a set of so many by the combinatorial number system (Knuth,
//! TAOCP 4A, 7.2.1.3), then what stands in each row: anything but all off, since a chosen row that is all off looks
//! like one that is not chosen. So a clause can have a pattern if its count reaches from the members that show up to
//! those plus all the other rows. What is drawn under its features is part of the part (`grown`).
//!
//! *Planting* never leaves these inputs: each clause completes its own count. But with `plant 1` only those are left
//! that have the operands of some first-level gate on and off as the gate has them.

use std::collections::BTreeMap;
use std::fmt;

use super::forest::Forest;
use super::grown::{self, Grown};
use super::sample::has;
use super::{Clause, Inputs, Member};
use crate::circuit::{Circuit, GateId};
use crate::lists::Lists;

/// More inputs than this are refused.
pub const MAX_INPUTS: u128 = 1 << 30;

/// There are more than [`MAX_INPUTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// How many; `u128::MAX` if it is that or more.
    pub count: u128,
}

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.count {
            u128::MAX => write!(f, "more than 10^38 distinct inputs")?,
            count => write!(f, "{count} distinct inputs")?,
        }
        write!(f, ", and at most {MAX_INPUTS} can be taken one by one")
    }
}

impl std::error::Error for TooMany {}

/// The distinct inputs of a circuit's distribution, by number.
#[derive(Debug, Clone)]
pub struct Distinct<'a> {
    n_inputs: u64,
    listed: Listed<'a>,
    planted: Option<AlwaysPlanted>,
}

#[derive(Debug, Clone)]
enum Listed<'a> {
    Clauses(Vec<Parts<'a>>, Option<Forest>),
    /// The first of each distinct row.
    Rows(&'a Inputs, Vec<u32>),
}

/// How many distinct inputs of nonzero probability there are, `u128::MAX` if they are that or more; with `plant 1`,
/// before those that no gate can have planted are left out, and of a file as many as it has rows.
pub fn count(circuit: &Circuit) -> u128 {
    match &circuit.distribution.rows {
        Some(rows) => rows.inputs.len() as u128,
        None => {
            let clauses = &circuit.distribution.clauses;
            let forest = Forest::of(clauses, circuit.n_features());
            let of_clause = |clause| match (&forest, Sizes::of(clause).count()) {
                (Some(forest), plain) if plain < u128::MAX && grown::is_grown(clause, forest) => {
                    grown::count(clause, forest)
                }
                (_, plain) => plain,
            };
            clauses.iter().map(of_clause).fold(1, u128::saturating_mul)
        }
    }
}

/// Counts the distinct inputs of nonzero probability, and makes ready to list them.
pub fn distinct_inputs(circuit: &Circuit) -> Result<Distinct<'_>, TooMany> {
    let distribution = &circuit.distribution;
    let (count, listed) = match &distribution.rows {
        Some(rows) => {
            let mut order: Vec<u32> = (0..rows.inputs.len() as u32).collect();
            order.sort_by_key(|&row| (rows.inputs.get(row as usize), row));
            order.dedup_by_key(|row| rows.inputs.get(*row as usize));
            order.sort_unstable();
            (order.len() as u128, Some(Listed::Rows(&rows.inputs, order)))
        }
        None => {
            let count = count(circuit);
            let parts = || {
                let forest = Forest::of(&distribution.clauses, circuit.n_features());
                let parts = distribution.clauses.iter().map(|clause| Parts::of(clause, forest.as_ref())).collect();
                Listed::Clauses(parts, forest)
            };
            (count, (count <= MAX_INPUTS).then(parts))
        }
    };
    let (Some(listed), true) = (listed, count <= MAX_INPUTS) else { return Err(TooMany { count }) };
    Ok(Distinct { n_inputs: count as u64, listed, planted: AlwaysPlanted::of(circuit) })
}

/// The inputs that are left where every one has a first-level gate planted.
#[derive(Debug, Clone)]
pub(super) struct AlwaysPlanted {
    /// By gate, what it wants of its operands.
    wanted: Vec<Vec<(u32, bool)>>,
    /// By feature, the gates that want it on before any other; behind the last feature, those that want none on.
    by_first: Lists<u32>,
}

impl AlwaysPlanted {
    /// `None` without `plant 1`: then every input of the clauses has nonzero probability.
    pub fn of(circuit: &Circuit) -> Option<AlwaysPlanted> {
        if circuit.distribution.plant < 1.0 {
            return None;
        }
        let n_features = circuit.n_features();
        let gates = circuit.layers.first().map_or(0..0, |layer| layer.gates.clone());
        let wanted = |gate| circuit.operands(GateId(gate)).iter().map(|o| (o.signal().0, !o.negated())).collect();
        let wanted: Vec<Vec<(u32, bool)>> = gates.map(wanted).collect();
        let first = |wanted: &Vec<(u32, bool)>| {
            [wanted.iter().find(|(_, on)| *on).map_or(n_features as u32, |(feature, _)| *feature)]
        };
        let by_first = Lists::transposed(n_features + 1, wanted.iter().map(first));
        Some(AlwaysPlanted { wanted, by_first })
    }

    /// Whether some gate has what it wants in an input, ascending.
    pub fn reaches(&self, input: &[u32]) -> bool {
        let of_feature = |feature: usize| self.by_first.get(feature).iter();
        let of_none = of_feature(self.by_first.n_lists() - 1);
        let mut gates = input.iter().flat_map(|&feature| of_feature(feature as usize)).chain(of_none);
        gates.any(|&gate| has(input, &self.wanted[gate as usize]))
    }

    pub fn keep(&self, inputs: &Inputs) -> Inputs {
        let mut kept = Inputs::default();
        inputs.iter().filter(|input| self.reaches(input)).for_each(|input| kept.push(input.iter().copied()));
        kept
    }
}

impl Distinct<'_> {
    /// How many inputs there are; with `plant 1`, before those that no gate can have planted are left out.
    pub fn n_inputs(&self) -> u64 {
        self.n_inputs
    }

    pub fn n_blocks(&self) -> u64 {
        self.n_inputs.div_ceil(64)
    }

    /// Inputs `64 * block_idx ..`, at most 64 of them; fewer, or none, where `plant 1` leaves some out.
    pub fn block(&self, block_idx: u64) -> Inputs {
        let mut inputs = Inputs::default();
        for index in 64 * block_idx..self.n_inputs.min(64 * block_idx + 64) {
            match &self.listed {
                Listed::Rows(rows, first) => inputs.push(rows.get(first[index as usize] as usize).iter().copied()),
                Listed::Clauses(parts, forest) => {
                    let start = inputs.active.len();
                    let mut rest = index;
                    for part in parts {
                        part.push(rest % part.n, forest.as_ref(), &mut inputs.active);
                        rest /= part.n;
                    }
                    inputs.active[start..].sort_unstable();
                    inputs.starts.push(inputs.active.len() as u32);
                }
            }
        }
        match &self.planted {
            Some(planted) => planted.keep(&inputs),
            None => inputs,
        }
    }

    /// All blocks in order.
    pub fn blocks(&self) -> impl Iterator<Item = Inputs> + '_ {
        (0..self.n_blocks()).map(|block_idx| self.block(block_idx))
    }
}

/// The members of a clause by size: how many, and in how many ways each can show up.
struct Sizes {
    /// Features of a `choose`.
    n_ones: u32,
    /// Rows by length.
    rows: BTreeMap<u32, u32>,
    n_rows: u32,
    least: u32,
    most: u32,
    /// Features of an `each` that can be both on and off.
    n_coins: u32,
}

impl Sizes {
    fn of(clause: &Clause) -> Sizes {
        let mut sizes = Sizes { n_ones: 0, rows: BTreeMap::new(), n_rows: 0, least: 0, most: 0, n_coins: 0 };
        if let Some((members, count)) = clause.chosen() {
            (sizes.least, sizes.most) = (*count.start(), *count.end());
            for member in members {
                match member {
                    Member::One(_) => sizes.n_ones += 1,
                    Member::Row(features) => {
                        *sizes.rows.entry(features.len() as u32).or_default() += 1;
                        sizes.n_rows += 1;
                    }
                }
            }
        }
        sizes.n_coins =
            clause.coins().filter(|(_, probability)| *probability > 0.0 && *probability < 1.0).count() as u32;
        sizes
    }

    /// How many features can be on: enough that the rows fill up the least count.
    fn ones(&self) -> std::ops::RangeInclusive<u32> {
        self.least.saturating_sub(self.n_rows)..=self.n_ones.min(self.most)
    }

    /// How many distinct patterns the clause has; `u128::MAX` if it is that or more.
    fn count(&self) -> u128 {
        // ways[j]: in how many ways j rows show up, up to the first number that is past counting.
        let mut ways = vec![1u128];
        for (&length, &n) in &self.rows {
            let each = 2u128.checked_pow(length).map_or(u128::MAX, |patterns| patterns - 1);
            let mut here = Vec::new();
            for j in 0..=n.min(self.most) {
                let term = binomial(n, j).saturating_mul(each.saturating_pow(j));
                if term == 0 {
                    break;
                }
                here.push(term);
                if term == u128::MAX {
                    break;
                }
            }
            let mut product = Vec::new();
            for j in 0..(ways.len() + here.len() - 1).min(self.most as usize + 1) {
                let pairs = (j.saturating_sub(here.len() - 1)..ways.len().min(j + 1)).map(|i| (ways[i], here[j - i]));
                let sum = pairs.fold(0u128, |sum, (a, b)| sum.saturating_add(a.saturating_mul(b)));
                product.push(sum);
                if sum == u128::MAX {
                    break;
                }
            }
            ways = product;
        }
        let mut total = 0u128;
        for n_on in self.ones() {
            for ways in ways.iter().take((self.most - n_on) as usize + 1) {
                total = total.saturating_add(binomial(self.n_ones, n_on).saturating_mul(*ways));
                if total == u128::MAX {
                    return total;
                }
            }
        }
        if self.n_coins > 0 { 2u128.checked_pow(self.n_coins).unwrap_or(u128::MAX) } else { total }
    }
}

/// n over k; `u128::MAX` if it is that or more.
fn binomial(n: u32, k: u32) -> u128 {
    if k > n {
        return 0;
    }
    let mut value = 1u128;
    for i in 1..=k.min(n - k) as u128 {
        // The product of i consecutive numbers is divisible by i!.
        match value.checked_mul(n as u128 + 1 - i) {
            Some(product) => value = product / i,
            None => return u128::MAX,
        }
    }
    value
}

/// The patterns of one clause, by number.
#[derive(Debug, Clone)]
struct Parts<'a> {
    n: u64,
    kind: PartsKind<'a>,
}

#[derive(Debug, Clone)]
enum PartsKind<'a> {
    /// Members of equal size together, and how many of each group can show up at once.
    Choose {
        groups: Vec<Vec<&'a Member>>,
        strata: Vec<Stratum>,
    },
    /// Features that may be on, and such as always are.
    Coins(Vec<u32>, Vec<u32>),
    Grown(Grown<'a>),
}

/// So many members of each group: patterns up to number `end`.
#[derive(Debug, Clone)]
struct Stratum {
    n_members: Vec<u32>,
    end: u64,
}

impl<'a> Parts<'a> {
    /// The clause has at most `MAX_INPUTS` patterns.
    fn of(clause: &'a Clause, forest: Option<&Forest>) -> Parts<'a> {
        if let Some(forest) = forest.filter(|forest| grown::is_grown(clause, forest)) {
            let grown = Grown::of(clause, forest);
            return Parts { n: grown.n(), kind: PartsKind::Grown(grown) };
        }
        match clause.chosen() {
            None => {
                let always = clause.coins().filter(|(_, probability)| *probability >= 1.0);
                let coins = clause.coins().filter(|(_, probability)| *probability > 0.0 && *probability < 1.0);
                let [coins, always] = [coins.map(|(f, _)| f).collect::<Vec<_>>(), always.map(|(f, _)| f).collect()];
                Parts { n: 1 << coins.len(), kind: PartsKind::Coins(coins, always) }
            }
            Some((members, _)) => {
                let counted = Sizes::of(clause);
                let length = |member: &Member| match member {
                    Member::One(_) => 0,
                    Member::Row(features) => features.len(),
                };
                // The features are group 0, though there may be none; rows of no members never show up.
                let mut groups: Vec<Vec<&Member>> = vec![Vec::new()];
                groups[0].extend(members.iter().filter(|member| matches!(member, Member::One(_))));
                for &row_length in counted.rows.keys().filter(|length| **length > 0) {
                    let is_of = |member: &&Member| length(member) == row_length as usize;
                    groups.push(members.iter().filter(is_of).collect());
                }
                let strata = strata(&groups, &counted);
                Parts { n: strata.last().map_or(0, |last| last.end), kind: PartsKind::Choose { groups, strata } }
            }
        }
    }

    /// Appends the active features of pattern `index`.
    fn push(&self, index: u64, forest: Option<&Forest>, active: &mut Vec<u32>) {
        match &self.kind {
            PartsKind::Grown(grown) => {
                forest.into_iter().for_each(|forest| grown.push(index, forest, active));
            }
            PartsKind::Coins(features, always) => {
                active.extend_from_slice(always);
                active.extend(features.iter().enumerate().filter(|(bit, _)| index >> bit & 1 == 1).map(|(_, f)| f));
            }
            PartsKind::Choose { groups, strata } => {
                let stratum = strata.partition_point(|stratum| stratum.end <= index);
                let mut rest = index - if stratum == 0 { 0 } else { strata[stratum - 1].end };
                for (group, &n) in groups.iter().zip(&strata[stratum].n_members) {
                    let n_sets = binomial(group.len() as u32, n) as u64;
                    let mut rank = rest % n_sets;
                    rest /= n_sets;
                    let mut past = group.len() as u32;
                    for size in (1..=n).rev() {
                        // The last member of the set: the largest with no more than `rank` sets before it.
                        let (mut low, mut high) = (size - 1, past - 1);
                        while low < high {
                            let middle = low + (high - low).div_ceil(2);
                            if binomial(middle, size) <= rank as u128 { low = middle } else { high = middle - 1 }
                        }
                        rank -= binomial(low, size) as u64;
                        past = low;
                        match group[low as usize] {
                            Member::One(feature) => active.push(*feature),
                            Member::Row(features) => {
                                let n_patterns = (1u64 << features.len()) - 1;
                                let pattern = rest % n_patterns + 1;
                                rest /= n_patterns;
                                active.extend(features.clone().filter(|f| pattern >> (f - features.start) & 1 == 1));
                            }
                        }
                    }
                }
            }
        }
    }
}

/// All ways to take members from the groups such that the clause's count can be reached.
fn strata(groups: &[Vec<&Member>], counted: &Sizes) -> Vec<Stratum> {
    let mut strata = Vec::new();
    let least = *counted.ones().start();
    let mut n_members = vec![0; groups.len()];
    n_members[0] = least;
    let mut end = 0;
    'all: loop {
        let mut size = 1u64;
        for (group, &n) in groups.iter().zip(&n_members) {
            let patterns = match group.first() {
                Some(Member::Row(features)) => (1u64 << features.len().min(63)) - 1,
                _ => 1,
            };
            // Neither overflows: all strata together have at most MAX_INPUTS patterns.
            size *= binomial(group.len() as u32, n) as u64 * patterns.pow(n);
        }
        end += size;
        strata.push(Stratum { n_members: n_members.clone(), end });
        // The next tuple: raise the first group that may be raised, and put those before it back.
        for group_idx in 0..groups.len() {
            let total: u32 = n_members.iter().sum();
            if total < counted.most && n_members[group_idx] < groups[group_idx].len() as u32 {
                n_members[group_idx] += 1;
                continue 'all;
            }
            n_members[group_idx] = if group_idx == 0 { least } else { 0 };
        }
        return strata;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::circuit::by_hand::{self, choose, off, on};
    use crate::circuit::inputs::clauses::Clauses;
    use crate::circuit::inputs::sample::tests::draw;
    use crate::circuit::{Distribution, Kind, Rows};

    fn clauses(n_features: u32, clauses: Vec<Clause>) -> Circuit {
        by_hand::circuit(n_features, &[], Distribution { clauses, plant: 0.0, rows: None })
    }

    /// The inputs, after a check that they are as many as counted and none comes twice.
    fn listed(circuit: &Circuit) -> BTreeSet<Vec<u32>> {
        let distinct = distinct_inputs(circuit).unwrap();
        let all: Vec<Vec<u32>> = distinct
            .blocks()
            .flat_map(|block| (0..block.len()).map(|i| block.get(i).to_vec()).collect::<Vec<_>>())
            .collect();
        let set: BTreeSet<Vec<u32>> = all.iter().cloned().collect();
        assert_eq!(set.len(), all.len(), "an input comes twice");
        if circuit.distribution.plant < 1.0 {
            assert_eq!(set.len() as u64, distinct.n_inputs());
        }
        set
    }

    fn drawn(circuit: &Circuit, n: usize) -> BTreeSet<Vec<u32>> {
        let inputs = draw(circuit, 1, "test", 0, n).unwrap();
        (0..n).map(|i| inputs.get(i).to_vec()).collect()
    }

    #[test]
    fn counts_are_exact_or_refused() {
        let count = |n, clause| match distinct_inputs(&clauses(n, vec![clause])) {
            Ok(distinct) => distinct.n_inputs() as u128,
            Err(TooMany { count }) => count,
        };
        assert_eq!(count(10, choose(0..10, 3..=3)), 120);
        assert_eq!(count(10, choose(0..10, 0..=10)), 1024);
        assert_eq!(count(1000, choose(0..1000, 4..=4)), 41_417_124_750);
        assert_eq!(count(100_000, choose(0..100_000, 100_000..=100_000)), 1);
        assert_eq!(count(100_000, choose(0..100_000, 50_000..=60_000)), u128::MAX);
        assert_eq!(count(30, Clause::Each { features: (0..30).collect(), probability: 0.5 }), 1 << 30);
        assert_eq!(count(200, Clause::Each { features: (0..200).collect(), probability: 0.5 }), u128::MAX);
        let rows = |n: u32, length: u32| (0..n).map(|row| Member::Row(row * length..(row + 1) * length)).collect();
        assert_eq!(count(80, Clause::Choose { members: rows(20, 4), count: 1..=1 }), 20 * 15 + 1);
        assert_eq!(count(80, Clause::Choose { members: rows(20, 4), count: 2..=2 }), 190 * 225 + 20 * 15 + 1);
        assert_eq!(count(400_000, Clause::Choose { members: rows(200_000, 2), count: 100_000..=200_000 }), u128::MAX);
        let message = TooMany { count: 41_417_124_750 }.to_string();
        assert_eq!(message, "41417124750 distinct inputs, and at most 1073741824 can be taken one by one");
    }

    /// Blocks are made by number, so that the last of many is as good as the first.
    #[test]
    fn any_block_of_many_inputs_can_be_had() {
        let circuit = clauses(48, vec![choose(0..48, 0..=7)]);
        let distinct = distinct_inputs(&circuit).unwrap();
        assert_eq!(distinct.n_inputs(), 87_825_941);
        let blocks = [0, 1, 1 << 18, distinct.n_blocks() - 2, distinct.n_blocks() - 1];
        let inputs: Vec<Inputs> = blocks.into_iter().map(|block| distinct.block(block)).collect();
        let all: Vec<&[u32]> = inputs.iter().flat_map(Inputs::iter).collect();
        assert_eq!(all.len() as u64, 4 * 64 + distinct.n_inputs() % 64);
        assert!(all.iter().all(|input| input.len() <= 7 && input.is_sorted()));
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert_eq!(all.last().map(|input| input.len()), Some(7));
    }

    #[test]
    fn distinct_rows_are_taken_once_in_their_order() {
        let mut inputs = Inputs::default();
        for row in [&[2][..], &[0, 1], &[2], &[], &[0, 1]] {
            inputs.push(row.iter().copied());
        }
        let rows = Some(Rows { path: "rows.csv".into(), bytes: Vec::new(), inputs });
        let gates = vec![(Kind::And, vec![on(0), off(2)])];
        let mut circuit = by_hand::circuit(3, &[gates], Distribution { clauses: Vec::new(), plant: 0.5, rows });
        let block = distinct_inputs(&circuit).unwrap().block(0);
        assert_eq!((0..block.len()).map(|i| block.get(i)).collect::<Vec<_>>(), [&[2][..], &[0, 1], &[]]);
        circuit.distribution.plant = 1.0;
        assert_eq!(listed(&circuit), [vec![0, 1]].into());
    }

    #[test]
    fn with_plant_1_an_input_has_a_gate() {
        let mut circuit = by_hand::ring_of_pairs(6);
        circuit.distribution.plant = 1.0;
        assert_eq!(listed(&circuit).len(), 6);
        assert_eq!(listed(&circuit), drawn(&circuit, 2000));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn the_list_is_what_can_be_drawn(
            lengths in prop::collection::vec(0u32..4, 0..4), ends in (0u32..4, 0u32..4),
            n_coins in 0u32..3, probability in prop::sample::select(vec![0.0, 0.3, 0.5, 1.0]), plant: bool,
        ) {
            // Length 0 stands for a feature.
            let mut members = Vec::new();
            let mut n_features = 0;
            for length in lengths {
                members.push(if length == 0 { Member::One(n_features) } else { Member::Row(n_features..n_features + length) });
                n_features += length.max(1);
            }
            let most = (members.len() as u32).min(ends.0.max(ends.1));
            let count = ends.0.min(ends.1).min(most)..=most;
            let coins = Clause::Each { features: (n_features..n_features + n_coins).collect(), probability };
            let clauses = vec![coins, Clause::Choose { members, count }];
            n_features += n_coins + 1;
            let gates = (0..n_features - 1).map(|i| (Kind::And, vec![on(i), off(i + 1)])).collect();
            let distribution = Distribution { clauses, plant: plant as u32 as f64, rows: None };
            let circuit = by_hand::circuit(n_features, &[gates], distribution);
            if draw(&circuit, 0, "", 0, 1).is_ok() {
                let listed = listed(&circuit);
                prop_assert!(drawn(&circuit, 2000).is_subset(&listed), "drawn, but not listed");
                // Any input at all is in the list if, and only if, the clauses can be completed around all of it.
                let fits = Clauses::new(&circuit.distribution.clauses, n_features as usize);
                for input in 0u32..1 << n_features {
                    let is_on = |feature: u32| input >> feature & 1 == 1;
                    let decided = (0..n_features).map(|feature| (feature, is_on(feature)));
                    let has_gate = !plant || (0..n_features - 1).any(|i| is_on(i) && !is_on(i + 1));
                    let expected = has_gate && fits.arrange(decided, &mut Vec::new());
                    let active: Vec<u32> = (0..n_features).filter(|&feature| is_on(feature)).collect();
                    prop_assert_eq!(listed.contains(&active), expected, "{:?}", active);
                }
            }
        }
    }
}
