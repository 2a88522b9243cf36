//! How far right sums stand from wrong ones with some frequencies, and with which they stand farthest.
//!
//! Read as the mean of cos(2π f d/P) over the frequencies f, a sum that is off by d is at 1 where d = 0, and below it
//! else, by a margin that some frequencies together make larger than others: whatever one of them hardly tells apart
//! another must. Must not know neurons.

/// Subsets of frequencies that are looked at one and all; of more, one frequency after the other is exchanged.
const MOST_SUBSETS: usize = 1 << 15;

/// The frequencies below P/2: each is a pair of coordinates of its own.
pub fn most(modulus: usize) -> usize {
    (modulus - 1) / 2
}

/// cos(2π number/P), by number.
pub fn cosines(modulus: usize) -> Vec<f64> {
    (0..modulus).map(|number| libm::cos(angle(number, modulus))).collect()
}

/// 2π number/P.
pub fn angle(number: usize, modulus: usize) -> f64 {
    2.0 * std::f64::consts::PI * number as f64 / modulus as f64
}

/// The least and the greatest that a wrong sum is read as.
pub fn wrong(frequencies: &[usize], cosines: &[f64]) -> [f64; 2] {
    let modulus = cosines.len();
    let read = |d: usize| {
        let sum: f64 = frequencies.iter().map(|f| cosines[f * d % modulus]).sum();
        sum / frequencies.len() as f64
    };
    (1..modulus)
        .map(read)
        .fold([f64::INFINITY, f64::NEG_INFINITY], |[least, greatest], value| [least.min(value), greatest.max(value)])
}

/// The `n` with the widest margin that is found, ascending: of all, or where they are too many, such that no other one
/// in place of one of them makes it wider.
pub fn best(n: usize, cosines: &[f64]) -> Vec<usize> {
    let most = most(cosines.len());
    let greatest = |frequencies: &[usize]| wrong(frequencies, cosines)[1];
    let mut best: Vec<usize> = (1..=n).collect();
    let mut least = greatest(&best);
    if n_subsets(most, n) <= MOST_SUBSETS {
        let mut subset = best.clone();
        while next(&mut subset, most) {
            let value = greatest(&subset);
            if value < least - 1e-12 {
                (best, least) = (subset.clone(), value);
            }
        }
        return best;
    }
    loop {
        let mut better = None;
        for place in 0..n {
            for frequency in (1..=most).filter(|frequency| !best.contains(frequency)) {
                let mut other = best.clone();
                other[place] = frequency;
                let value = greatest(&other);
                if value < least - 1e-12 {
                    (better, least) = (Some(other), value);
                }
            }
        }
        match better {
            Some(other) => best = other,
            None => break,
        }
    }
    best.sort_unstable();
    best
}

/// How many subsets of `n` there are, or more than are looked at.
fn n_subsets(of: usize, n: usize) -> usize {
    let mut count = 1usize;
    for chosen in 0..n.min(of - n) {
        count = count.saturating_mul(of - chosen) / (chosen + 1);
        if count > MOST_SUBSETS {
            return count;
        }
    }
    count
}

/// The next subset of 1..=most; whether there is one.
fn next(subset: &mut [usize], most: usize) -> bool {
    let n = subset.len();
    let Some(place) = (0..n).rev().find(|&place| subset[place] < most - (n - 1 - place)) else { return false };
    subset[place] += 1;
    (place + 1..n).for_each(|later| subset[later] = subset[later - 1] + 1);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_frequencies_together_tell_every_number() {
        let cosines = cosines(13);
        let [least, greatest] = wrong(&[1, 2, 3, 4, 5, 6], &cosines);
        // Σ_f cos(2π f d/P) over all f below P/2 is −½, unless d = 0.
        assert!((least + 1.0 / 12.0).abs() < 1e-12 && (greatest + 1.0 / 12.0).abs() < 1e-12);
    }

    #[test]
    fn no_subset_has_a_wider_margin() {
        let cosines = cosines(19);
        for n in 1..=4 {
            let least = wrong(&best(n, &cosines), &cosines)[1];
            for set in 0..1u32 << 9 {
                let subset: Vec<usize> = (1..=9).filter(|f| set >> (f - 1) & 1 == 1).collect();
                assert!(subset.len() != n || wrong(&subset, &cosines)[1] > least - 1e-9);
            }
        }
    }

    #[test]
    fn exchanges_end_where_none_is_better() {
        let cosines = cosines(113);
        let found = best(7, &cosines);
        assert!(n_subsets(56, 7) > MOST_SUBSETS && found.is_sorted());
        let margin = 1.0 - wrong(&found, &cosines)[1];
        assert!(margin > 2.0 * (1.0 - wrong(&[1, 2, 3, 4, 5, 6, 7], &cosines)[1]), "{margin}");
    }
}
