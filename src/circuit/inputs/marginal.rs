//! How often features are on, expected, without plants.
//!
//! Exact sums, but for members that are chosen by weight. One after the other by weight is the same as the first of
//! independent waiting times, exponential of rates w: member i is among them when so few others come before it,
//!
//!   π_i = ∫ w_i exp(−w_i t) P(fewer than the count come before t, of the others) dt,
//!
//! which is summed over equal steps of log t; the integrand falls off on both sides faster than any power. The counts
//! of the others, coins of probabilities 1 − exp(−w_j t), are added up from both ends, so that nothing is subtracted.
//! Where members times count are more than [`MOST_WORK`], the waiting times are cut at the one time at which as many
//! come as are chosen, expected: 1 − exp(−w_i t), which is right where counts are large (Rosén 1972, "Asymptotic theory
//! for successive sampling"). Must not know how anything is drawn.

use std::ops::RangeInclusive;

use super::{Clause, Distribution, Member};

/// Members times counts, for each time that is looked at.
const MOST_WORK: usize = 1 << 21;

impl Distribution {
    /// The expected number of features that are on, without plants; of rows their mean.
    pub fn active_features(&self) -> f64 {
        match &self.rows {
            Some(rows) => rows.inputs.active.len() as f64 / rows.inputs.len().max(1) as f64,
            None => active_features(&self.clauses),
        }
    }
}

fn active_features(clauses: &[Clause]) -> f64 {
    // How often parents are on is needed under them only.
    let n_features = clauses.iter().flat_map(Clause::children).map(|child| child.parent.max(child.feature) + 1).max();
    let mut shares = vec![0.0; n_features.unwrap_or(0) as usize];
    let mut of_clause = |clause: &Clause| match clause {
        Clause::Each { features, probability } | Clause::Correlated { features, probability, .. } => {
            put(&mut shares, clause.coins());
            features.len() as f64 * probability
        }
        Clause::Coins { probabilities, .. } => {
            put(&mut shares, clause.coins());
            probabilities.iter().sum()
        }
        Clause::Choose { members, count } => {
            let total: f64 = members.iter().map(size).sum();
            let mean_count = (*count.start() as f64 + *count.end() as f64) / 2.0;
            let share = mean_count / members.len().max(1) as f64;
            put_members(&mut shares, members, std::iter::repeat(share));
            mean_count * total / members.len().max(1) as f64
        }
        Clause::Weighted { members, count, weights } => {
            let mean_count = (*count.start() as f64 + *count.end() as f64) / 2.0;
            let is_alike = members.windows(2).all(|pair| size(&pair[0]) == size(&pair[1]));
            if is_alike && shares.is_empty() {
                return members.first().map_or(0.0, |member| mean_count * size(member));
            }
            let chosen = chosen(weights, count);
            put_members(&mut shares, members, chosen.iter().copied());
            members.iter().zip(chosen).map(|(member, share)| share * size(member)).sum()
        }
        Clause::When { children } => children
            .iter()
            .map(|child| {
                let share = child.probability * shares[child.parent as usize];
                shares[child.feature as usize] = share;
                share
            })
            .sum(),
    };
    clauses.iter().map(&mut of_clause).sum()
}

/// How many features of a chosen member are on.
fn size(member: &Member) -> f64 {
    match member {
        Member::One(_) => 1.0,
        Member::Row(row) => row.len() as f64 / 2.0,
    }
}

/// Keeps what is asked for.
fn put(shares: &mut [f64], of: impl Iterator<Item = (u32, f64)>) {
    of.for_each(|(feature, share)| {
        if let Some(place) = shares.get_mut(feature as usize) {
            *place = share;
        }
    });
}

fn put_members(shares: &mut [f64], members: &[Member], of: impl Iterator<Item = f64>) {
    if shares.is_empty() {
        return;
    }
    for (member, share) in members.iter().zip(of) {
        match member {
            Member::One(feature) => put(shares, [(*feature, share)].into_iter()),
            Member::Row(row) => put(shares, row.clone().map(|feature| (feature, share / 2.0))),
        }
    }
}

/// By member, how often it is chosen.
fn chosen(weights: &[f64], count: &RangeInclusive<u32>) -> Vec<f64> {
    let n = weights.len();
    let most = (*count.end() as usize).min(n);
    if n == 0 || most == 0 {
        return vec![0.0; n];
    }
    let total: f64 = weights.iter().sum();
    let weights: Vec<f64> = weights.iter().map(|weight| (weight / total).max(f64::MIN_POSITIVE)).collect();
    if n.saturating_mul(most) > MOST_WORK {
        return cut(&weights, count);
    }
    // By the number of others before it: how likely the count is larger.
    let counts = f64::from(count.end() - count.start() + 1);
    let larger = |before: u32| count.end() - before.max(count.start().saturating_sub(1));
    let has_room: Vec<f64> = (0..most as u32).map(|before| f64::from(larger(before)) / counts).collect();
    let mut shares = vec![0.0; n];
    let step = 0.25 / (1.0 + (most as f64).sqrt() / 4.0);
    let least = weights.iter().copied().fold(f64::INFINITY, f64::min);
    let (first, last) = (-36.0, libm::log(45.0 / least));
    for at in 0..=((last - first) / step) as usize {
        let t = libm::exp(first + at as f64 * step);
        let scale = step * t;
        add_at(&weights, t, scale, &has_room, &mut shares);
    }
    shares
}

/// Adds what one time gives to each share.
fn add_at(weights: &[f64], t: f64, scale: f64, has_room: &[f64], shares: &mut [f64]) {
    let (n, most) = (weights.len(), has_room.len());
    let missed: Vec<f64> = weights.iter().map(|weight| libm::exp(-weight * t)).collect();
    let come = |member: usize| -libm::expm1(-weights[member] * t);
    // behind[member]: by the number of those before, how likely there is room once the members from here on have come.
    let mut behind = vec![0.0; (n + 1) * most];
    behind[n * most..].copy_from_slice(has_room);
    for member in (1..n).rev() {
        let (here, next) = behind.split_at_mut((member + 1) * most);
        let (here, next) = (&mut here[member * most..], &next[..most]);
        for before in 0..most {
            let with = next.get(before + 1).copied().unwrap_or(0.0);
            here[before] = missed[member] * next[before] + come(member) * with;
        }
    }
    // By number: how likely so many of the members up to here have come.
    let mut before = vec![0.0; most];
    before[0] = 1.0;
    for member in 0..n {
        let behind = &behind[(member + 1) * most..][..most];
        let room: f64 = before.iter().zip(behind).map(|(before, behind)| before * behind).sum();
        shares[member] += scale * weights[member] * missed[member] * room;
        for number in (0..most).rev() {
            let one_less = if number == 0 { 0.0 } else { before[number - 1] };
            before[number] = missed[member] * before[number] + come(member) * one_less;
        }
    }
}

/// The same where counts are large: one time for each count, up to a few of them.
fn cut(weights: &[f64], count: &RangeInclusive<u32>) -> Vec<f64> {
    /// Counts that are looked at, of a range.
    const MOST_COUNTS: u32 = 16;

    let (first, last) = (*count.start(), *count.end());
    let n_counts = (last - first + 1).min(MOST_COUNTS);
    let mut shares = vec![0.0; weights.len()];
    for idx in 0..n_counts {
        // The middles of equal parts of the range.
        let k = f64::from(first) + f64::from(last - first + 1) * (f64::from(idx) + 0.5) / f64::from(n_counts) - 0.5;
        let share = |weight: f64, log_t: f64| -libm::expm1(-weight * libm::exp(log_t));
        let (mut low, mut high) = (-40.0, 745.0);
        for _ in 0..80 {
            let middle = (low + high) / 2.0;
            let come: f64 = weights.iter().map(|&weight| share(weight, middle)).sum();
            if come < k { low = middle } else { high = middle }
        }
        let of = weights.iter().zip(&mut shares);
        of.for_each(|(&weight, total)| *total += share(weight, high) / f64::from(n_counts));
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By definition: every order in which members can come.
    fn by_orders(weights: &[f64], k: usize) -> Vec<f64> {
        let mut shares = vec![0.0; weights.len()];
        let mut open = vec![(Vec::new(), 1.0)];
        while let Some((taken, probability)) = open.pop() {
            if taken.len() == k {
                taken.iter().for_each(|&member: &usize| shares[member] += probability);
                continue;
            }
            let left: Vec<usize> = (0..weights.len()).filter(|member| !taken.contains(member)).collect();
            let total: f64 = left.iter().map(|&member| weights[member]).sum();
            for member in left {
                let with: Vec<usize> = taken.iter().copied().chain([member]).collect();
                open.push((with, probability * weights[member] / total));
            }
        }
        shares
    }

    #[test]
    fn shares_are_those_of_all_orders() {
        let zipf = |a: f64| (0..7).map(|place| libm::pow(f64::from(place) + 1.0, -a)).collect::<Vec<f64>>();
        for weights in [zipf(0.0), zipf(1.0), zipf(4.0), vec![1e-9, 1.0, 1e-4, 1.0, 1e-6]] {
            for k in 0..=weights.len().min(5) {
                let expected = by_orders(&weights, k);
                let found = chosen(&weights, &(k as u32..=k as u32));
                let far = expected.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(far < 1e-10, "{k} of {weights:?}: {found:?}, not {expected:?}");
            }
            let expected: Vec<f64> = (1..=3).map(|k| by_orders(&weights, k)[1] / 3.0).collect();
            assert!((chosen(&weights, &(1..=3))[1] - expected.iter().sum::<f64>()).abs() < 1e-10);
        }
    }

    #[test]
    fn of_many_they_add_up_to_the_count() {
        let weights: Vec<f64> = (0..20_000).map(|place| 1.0 / (f64::from(place) + 1.0)).collect();
        for k in [3, 60] {
            let sum: f64 = chosen(&weights, &(k..=k)).iter().sum();
            assert!((sum - f64::from(k)).abs() < 1e-6, "{sum}");
        }
        // Cut at one time, shares are near the exact ones where counts are large.
        let few = &weights[..400];
        let (exact, cut) = (chosen(few, &(40..=60)), cut(few, &(40..=60)));
        let far = exact.iter().zip(&cut).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(far < 0.01, "{far}");
        assert!((chosen(&weights, &(900..=1100)).iter().sum::<f64>() - 1000.0).abs() < 1e-6);
    }
}
