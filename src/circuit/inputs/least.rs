//! The least that weighted sums of the features come to, over every input that there is.
//!
//! Proven, never sampled: each clause by itself can make its own part as small as it lets members be on, each with the
//! least that what is drawn under it comes to. Must not know what the weights are.

use std::ops::RangeInclusive;

use ndarray::{Array2, ArrayView1};

use super::forest::Forest;
use super::{Clause, Distribution, Member};

/// By row of `weights`, [sums, features], the least sum over the features that are on; of rows of a file, over those
/// rows. Planted inputs are among those that the clauses allow.
pub fn least_sums(distribution: &Distribution, weights: &Array2<f32>) -> Vec<f32> {
    let forest = Forest::of(&distribution.clauses, weights.ncols());
    let least = |weights: ArrayView1<f32>| match &distribution.rows {
        Some(rows) => {
            let sum = |active: &[u32]| active.iter().map(|&feature| weights[feature as usize]).sum();
            rows.inputs.iter().map(sum).fold(f32::INFINITY, f32::min)
        }
        None => {
            let mut weights = weights.to_vec();
            forest.iter().for_each(|forest| forest.gather_least(&mut weights));
            distribution.clauses.iter().map(|clause| least_of_clause(clause, &weights)).sum()
        }
    };
    weights.rows().into_iter().map(least).collect()
}

fn least_of_clause(clause: &Clause, weights: &[f32]) -> f32 {
    let of = |feature: u32| weights[feature as usize];
    let Some((members, count)) = clause.chosen() else {
        let of_coin = |(feature, probability): (u32, f64)| match probability {
            0.0 => 0.0,
            1.0 => of(feature),
            _ => of(feature).min(0.0),
        };
        return clause.coins().map(of_coin).sum();
    };
    let of_member = |member: &Member| match member {
        Member::One(feature) => of(*feature),
        Member::Row(row) => row.clone().map(|feature| of(feature).min(0.0)).sum(),
    };
    least_of_members(members.iter().map(of_member).collect(), count)
}

/// The least sum of so many members.
fn least_of_members(mut members: Vec<f32>, count: &RangeInclusive<u32>) -> f32 {
    let (least, most) = (*count.start() as usize, (*count.end() as usize).min(members.len()));
    if most < members.len() {
        members.select_nth_unstable_by(most, f32::total_cmp);
    }
    let chosen = &mut members[..most];
    chosen.sort_unstable_by(f32::total_cmp);
    chosen.iter().enumerate().map(|(place, &value)| if place < least { value } else { value.min(0.0) }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::by_hand::{self, choose, on};
    use crate::circuit::inputs::enumerate::distinct_inputs;
    use crate::circuit::{Inputs, Kind, Rows};
    use crate::random;

    #[test]
    fn no_input_comes_to_less_and_one_comes_to_as_much() {
        let each = |features, probability| Clause::Each { features, probability };
        let chosen_rows =
            Clause::Choose { members: vec![Member::Row(0..3), Member::Row(3..6), Member::One(6)], count: 1..=2 };
        let mut rows = Inputs::default();
        [&[0, 4][..], &[1], &[2, 3, 5]].into_iter().for_each(|row| rows.push(row.iter().copied()));
        let rows = Rows { path: "rows.csv".into(), bytes: Vec::new(), inputs: rows };
        let of_clauses = |clauses| Distribution { clauses, plant: 0.0, rows: None };
        for distribution in [
            of_clauses(vec![choose(0..8, 3..=3)]),
            of_clauses(vec![choose(0..5, 0..=4), each(vec![5, 6], 0.2)]),
            of_clauses(vec![choose(1..7, 5..=6), each(vec![0], 1.0), each(vec![7], 0.0)]),
            of_clauses(vec![chosen_rows]),
            of_clauses(Vec::new()),
            Distribution { clauses: Vec::new(), plant: 0.0, rows: Some(rows) },
        ] {
            let circuit = by_hand::circuit(8, &[vec![(Kind::And, vec![on(0), on(1)])]], distribution.clone());
            let mut rng = random::stream(&[3]);
            let weights = Array2::from_shape_simple_fn((20, 8), || random::gaussian(&mut rng) as f32);
            let inputs: Vec<Inputs> = distinct_inputs(&circuit).unwrap().blocks().collect();
            for (weights, least) in weights.rows().into_iter().zip(least_sums(&distribution, &weights)) {
                let sum = |active: &[u32]| active.iter().map(|&feature| weights[feature as usize]).sum::<f32>();
                let found = inputs.iter().flat_map(Inputs::iter).map(sum).fold(f32::INFINITY, f32::min);
                assert!((least - found).abs() < 1e-5, "{distribution:?}: {least}, not {found}");
            }
        }
    }
}
