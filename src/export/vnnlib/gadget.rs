//! Neurons that tell a verifier, which knows real numbers and sums, what it must know of inputs: that every feature is
//! off or on, and how many are.
//!
//! On the box [0, 1], Σ x − Σ relu(2x − 1) = Σ min(x, 1 − x) is 0 where every x is 0 or 1, and above 0 elsewhere. A
//! member of a count shows up where its features sum to at least 1: min(s, 1) = s − relu(s − 1). All sums are of whole
//! numbers on the inputs that count, so that f32 is exact there. Must not know what the network computes.

use super::region::{Count, Region};

/// relu(weight · Σ x + bias) of some features.
#[derive(Debug, Clone, PartialEq)]
pub struct Neuron {
    pub features: Vec<u32>,
    pub weight: f32,
    pub bias: f32,
}

/// Neurons beside those of the first layer, and what is read off them: each count, and last how far the features are
/// from being off or on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gadget {
    pub neurons: Vec<Neuron>,
    /// Each a sum of neurons, by index, with these weights. On the box no sum is below 0.
    pub sums: Vec<Vec<(usize, f32)>>,
}

impl Gadget {
    pub fn of(region: &Region) -> Gadget {
        let mut gadget = Gadget::default();
        for Count { members, .. } in &region.counts {
            let all = gadget.sum_of(members.concat());
            let rows = members.iter().filter(|member| member.len() > 1);
            let over: Vec<usize> = rows.map(|row| gadget.bend_of(row.clone(), 1.0)).collect();
            gadget.less(all, &over);
        }
        let free: Vec<u32> = region.free().collect();
        let all = gadget.sum_of(free.clone());
        let over: Vec<usize> = free.into_iter().map(|feature| gadget.bend_of(vec![feature], 2.0)).collect();
        gadget.less(all, &over);
        gadget
    }

    /// Adds Σ x: on the box a ReLU leaves it as it is.
    fn sum_of(&mut self, features: Vec<u32>) -> usize {
        self.neurons.push(Neuron { features, weight: 1.0, bias: 0.0 });
        self.neurons.len() - 1
    }

    /// Adds relu(weight · Σ x − 1).
    fn bend_of(&mut self, features: Vec<u32>, weight: f32) -> usize {
        self.neurons.push(Neuron { features, weight, bias: -1.0 });
        self.neurons.len() - 1
    }

    /// Reads one neuron less some others.
    fn less(&mut self, all: usize, over: &[usize]) {
        self.sums.push([(all, 1.0)].into_iter().chain(over.iter().map(|&neuron| (neuron, -1.0))).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::by_hand::choose;
    use crate::circuit::{Clause, Distribution, Member};
    use crate::random;

    fn sums(gadget: &Gadget, x: &[f32]) -> Vec<f32> {
        let of_neuron = |neuron: &Neuron| -> f32 {
            let sum: f32 = neuron.features.iter().map(|&feature| x[feature as usize]).sum();
            (neuron.weight * sum + neuron.bias).max(0.0)
        };
        let neurons: Vec<f32> = gadget.neurons.iter().map(of_neuron).collect();
        gadget.sums.iter().map(|sum| sum.iter().map(|&(neuron, weight)| weight * neurons[neuron]).sum()).collect()
    }

    fn gadget() -> Gadget {
        let rows = Clause::Choose { members: vec![Member::Row(4..6), Member::Row(6..9)], count: 0..=1 };
        let distribution = Distribution { clauses: vec![choose(0..4, 1..=2), rows], plant: 0.0, rows: None };
        Gadget::of(&Region::of(&distribution, 10).unwrap())
    }

    #[test]
    fn counts_are_those_of_the_members_that_show_up() {
        for bits in 0u32..1 << 9 {
            let x: Vec<f32> = (0..10).map(|feature| (bits >> feature & 1) as f32).collect();
            let n_rows = [4..6, 6..9].into_iter().filter(|row| x[row.clone()].contains(&1.0)).count();
            assert_eq!(sums(&gadget(), &x), [x[..4].iter().sum(), n_rows as f32, 0.0]);
        }
    }

    #[test]
    fn nothing_but_off_and_on_comes_to_nought() {
        let mut rng = random::stream(&[5]);
        for _ in 0..500 {
            let mut x: Vec<f32> = (0..10).map(|_| random::coin(&mut rng, 0.5) as u32 as f32).collect();
            x[9] = 0.0;
            let feature = random::below(&mut rng, 9) as usize;
            x[feature] = random::uniform(&mut rng) as f32;
            let distance = *sums(&gadget(), &x).last().unwrap();
            let exact = f64::from(x[feature]).min(1.0 - f64::from(x[feature]));
            assert!((f64::from(distance) - exact).abs() < 1e-5, "{x:?}: {distance}, not {exact}");
        }
    }
}
