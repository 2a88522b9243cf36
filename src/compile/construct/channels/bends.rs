//! The bends of a layer, each with what it reads and where it may draw its neurons.
//!
//! Must not know neurons.

use std::collections::BTreeMap;

use crate::circuit::{Case, Influence};
use crate::compile::construct::site::Site;
use crate::compile::construct::staircase::{self, DeadZone, Ramp};
use crate::compile::layer::LayerTask;

/// Bends that share neurons only among themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Each then has a neuron of its own.
    pub is_frequent: bool,
    pub case: Case,
    /// As bits: heights are positive, so their bits sort as they do.
    height: u32,
}

/// One bend of a target.
#[derive(Debug, Clone, PartialEq)]
pub struct Bend {
    /// (column of C, weight), scaled so that the bias is −1: rise · relu(w·x − at) = rise · at · relu(w/at · x − 1).
    pub weights: Vec<(u32, f32)>,
    /// rise · at.
    pub gain: f32,
    pub place: Place,
}

/// All bends of a layer.
pub struct Bends {
    pub by_target: Vec<Vec<Bend>>,
    /// m'.
    pub n_gates: usize,
}

/// Whether targets are told apart by the influence of what they read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Routing {
    /// All of them choose neurons of their own.
    Output,
    /// By the case of each, unless there is a neuron for every bend.
    ByInfluence,
}

impl Bends {
    pub fn of(site: &Site, dead_zone: DeadZone, routing: Routing) -> Bends {
        let task = site.task;
        let is_routed = routing == Routing::ByInfluence && site.n < unshared_width(task);
        let influence = is_routed.then(|| Influence::of(task.circuit, task.layer_idx));
        let of_target = |target_idx: usize| {
            let is_frequent = site.is_frequent.get(target_idx).copied().unwrap_or(false);
            let case = match &influence {
                Some(influence) if !is_frequent => influence.case(&task.operands(target_idx)),
                _ => Case::Output,
            };
            let of_ramp = |Ramp { weights, bends }: Ramp| {
                let bend = |bend: staircase::Bend| Bend {
                    weights: weights.iter().map(|&(signal, weight)| (task.column(signal), weight / bend.at)).collect(),
                    gain: bend.rise * bend.at,
                    place: Place { is_frequent, case, height: bend.at.to_bits() },
                };
                bends.into_iter().map(bend).collect::<Vec<_>>()
            };
            staircase::ramps(task, target_idx, dead_zone).into_iter().flat_map(of_ramp).collect()
        };
        Bends { by_target: (0..task.targets.len()).map(of_target).collect(), n_gates: task.n_gates() }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Bend> {
        self.by_target.iter().flatten()
    }

    /// How many there are.
    pub fn by_place(&self) -> BTreeMap<Place, usize> {
        let mut n_bends_at = BTreeMap::new();
        self.iter().for_each(|bend| *n_bends_at.entry(bend.place).or_default() += 1);
        n_bends_at
    }
}

/// How many bends a layer has, by height (as bits). Of a gate of pairs, which no ReLU adds up, each product is one.
fn bends_by_height(task: &LayerTask) -> BTreeMap<u32, usize> {
    let mut n_bends_at = BTreeMap::new();
    for target_idx in 0..task.targets.len() {
        if let Some(n_products) = task.n_products(target_idx) {
            *n_bends_at.entry(1f32.to_bits()).or_default() += n_products;
            continue;
        }
        for bend in staircase::ramps(task, target_idx, DeadZone::AtRest).iter().flat_map(|ramp| &ramp.bends) {
            *n_bends_at.entry(bend.at.to_bits()).or_default() += 1;
        }
    }
    n_bends_at
}

/// With so many neurons no two bends of the layer share one.
pub fn unshared_width(task: &LayerTask) -> usize {
    bends_by_height(task).values().sum()
}

/// Neurons that superpose the bends of each height, and never more than one for each.
pub fn fewest_or_superposed(task: &LayerTask) -> usize {
    bends_by_height(task).into_values().map(superposed_width).sum::<usize>().max(1)
}

/// √m' log2 m' neurons for m' bends (the construction of Adler and Shavit 2024 with constant 1), at least 64, never
/// more than one for each.
pub fn superposed_width(n_bends: usize) -> usize {
    let n = n_bends as f64;
    let superposed = libm::ceil(libm::sqrt(n) * libm::log2(n.max(1.0))) as usize;
    superposed.max(64).min(n_bends)
}
