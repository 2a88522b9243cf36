//! Which neurons of a layer are whose: families of copies, a block of neurons for each neuron of a small circuit, and
//! in it as many places for each copy.
//!
//! Must not know which places a copy has.

use std::collections::BTreeMap;

use super::copies::Copies;
use crate::circuit::Signal;
use crate::compile::construct::staircase::{self, DeadZone};
use crate::compile::dictionary::n_progressions;
use crate::compile::layer::LayerTask;

/// A neuron of the small circuits: relu(w·x − `at`), of which a target of each copy takes `rise` times.
pub struct Bend {
    pub target_idx: usize,
    /// The copy of the target, counted among those that the layer has of its family.
    pub copy: usize,
    /// Its weights w.
    pub weights: Vec<(Signal, f32)>,
    pub at: f32,
    pub rise: f32,
}

/// What copies of one circuit take in a layer.
pub struct Family {
    /// T: how many of them it has in the layer.
    pub n_copies: usize,
    /// By neuron of the small circuit; of a copy at most one in each, all bent at the same height.
    pub blocks: Vec<Vec<Bend>>,
}

/// By role, bend of the role, and its height as bits.
type Blocks = BTreeMap<(usize, usize, u32), Vec<Bend>>;

/// By family of the circuit that has anything in the layer.
pub fn families(task: &LayerTask, copies: &Copies, dead_zone: DeadZone) -> Vec<Family> {
    // By family, and the copies in it that are in the layer.
    let mut present: BTreeMap<usize, BTreeMap<usize, usize>> = BTreeMap::new();
    for &signal in &task.targets {
        let part = copies.of_signal(signal);
        present.entry(part.family).or_default().insert(part.copy, 0);
    }
    for copies in present.values_mut() {
        copies.values_mut().zip(0..).for_each(|(place, idx)| *place = idx);
    }
    let mut blocks: BTreeMap<usize, Blocks> = BTreeMap::new();
    for (target_idx, &signal) in task.targets.iter().enumerate() {
        let part = copies.of_signal(signal);
        let copy = present[&part.family][&part.copy];
        let ramps = staircase::ramps(task, target_idx, dead_zone);
        let bends =
            ramps.into_iter().flat_map(|ramp| ramp.bends.into_iter().map(move |bend| (ramp.weights.clone(), bend)));
        for (idx, (weights, bend)) in bends.enumerate() {
            let block = (part.role, idx, bend.at.to_bits());
            let bend = Bend { target_idx, copy, weights, at: bend.at, rise: bend.rise };
            blocks.entry(part.family).or_default().entry(block).or_default().push(bend);
        }
    }
    let family = |(family, blocks): (usize, Blocks)| Family {
        n_copies: present[&family].len(),
        blocks: blocks.into_values().collect(),
    };
    blocks.into_iter().map(family).collect()
}

/// P: places in each block of a family, and S: how many of them a copy has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub places: usize,
    pub s: usize,
}

/// The shares of families in `n` neurons, if each has some, and the most of S that would do somewhere.
///
/// Where there are neurons enough every copy has as many places of its own as fit, up to S; so has a circuit that
/// stands there once. Else places are in proportion to what S-hot codes of so many copies take, at most one for each.
pub fn shares(families: &[Family], n: usize, s: usize) -> Vec<Share> {
    let n_needed: usize = families.iter().map(|family| family.n_copies * family.blocks.len()).sum();
    if n_needed <= n {
        let s = (n / n_needed.max(1)).min(s);
        return families.iter().map(|family| Share { places: s * family.n_copies, s }).collect();
    }
    let is_single = |family: &&Family| family.n_copies == 1;
    let n_single: usize = families.iter().filter(is_single).map(|family| family.blocks.len()).sum();
    let needed = |family: &Family| fewest_places(family.n_copies, s);
    let rest = families.iter().filter(|family| !is_single(family));
    let total: usize = rest.map(|family| needed(family) * family.blocks.len()).sum();
    let of = |family: &Family| match family.n_copies {
        1 => Share { places: 1, s: 1 },
        n_copies => {
            let places = n.saturating_sub(n_single) * needed(family) / total;
            let places = places.min(s * n_copies);
            Share { places, s: if places >= n_copies { places / n_copies } else { s } }
        }
    };
    families.iter().map(of).collect()
}

/// The fewest places in which so many copies have S-hot codes as published; no more than one for each.
pub fn fewest_places(n_copies: usize, s: usize) -> usize {
    let (mut low, mut high) = (0, n_copies);
    while low < high {
        let places = low.midpoint(high);
        if n_progressions(places, s) >= n_copies { high = places } else { low = places + 1 }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(n_copies: usize, n_blocks: usize) -> Family {
        Family { n_copies, blocks: (0..n_blocks).map(|_| Vec::new()).collect() }
    }

    #[test]
    fn so_many_copies_as_published_take_as_many_places() {
        assert_eq!(fewest_places(557, 6), 250);
        assert_eq!(fewest_places(558, 6), 251);
        assert_eq!(fewest_places(10, 6), 10, "no more than one each");
    }

    #[test]
    fn a_circuit_that_stands_there_once_shares_no_neuron_and_the_rest_has_what_its_codes_need() {
        let share = |places, s| Share { places, s };
        let two = [family(557, 4), family(1, 3)];
        assert_eq!(shares(&two, 1003, 6), [share(250, 6), share(1, 1)]);
        assert_eq!(shares(&two, 1005, 6), [share(250, 6), share(1, 1)]);
        assert_eq!(shares(&[family(20, 2)], 400, 6), [share(120, 6)], "as many of its own as S");
        assert_eq!(shares(&[family(20, 2)], 100, 6), [share(40, 2)]);
        assert_eq!(shares(&two, 2, 6), [share(0, 6), share(1, 1)], "no room");
    }
}
