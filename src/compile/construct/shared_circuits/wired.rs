//! A layer of shared circuits while it is wired, neuron after neuron.
//!
//! Must not know how codes are chosen.

use super::plan::{Family, Share};
use crate::compile::construct::code::{Code, Missing};
use crate::compile::construct::staircase::gathered;
use crate::compile::layer::LayerTask;
use crate::network::matrix::{Matrix, SparseMatrix};

/// A layer while it is wired: neuron after neuron.
pub struct Wired<'a> {
    task: &'a LayerTask<'a>,
    n: usize,
    /// By neuron, as far as there are some: its weights, (column, weight) ascending.
    pub compute: Vec<Vec<(u32, f32)>>,
    pub bias: Vec<f32>,
    /// By target, what is read of it, (neuron, weight) in any order.
    pub rows: Vec<Vec<(u32, f32)>>,
    pub missing: Vec<Missing>,
}

impl<'a> Wired<'a> {
    pub fn new(task: &'a LayerTask<'a>, n: usize) -> Wired<'a> {
        let rows = vec![Vec::new(); task.targets.len()];
        Wired { task, n, compute: Vec::with_capacity(n), bias: Vec::with_capacity(n), rows, missing: Vec::new() }
    }

    /// The blocks of a family whose copies lie on these places.
    pub fn add(&mut self, family: &Family, share: Share, sets: &[Vec<u32>]) {
        let Share { places, s } = share;
        let (own, others) = unembedding(share, family.n_copies);
        for block in &family.blocks {
            let first = self.bias.len() as u32;
            let mut weights: Vec<Vec<(u32, f32)>> = vec![Vec::new(); places];
            for bend in block {
                let set = &sets[bend.copy];
                debug_assert_eq!(set.len(), s);
                for &place in set {
                    weights[place as usize]
                        .extend(bend.weights.iter().map(|&(signal, weight)| (self.task.column(signal), weight)));
                }
                let row = &mut self.rows[bend.target_idx];
                if others == 0.0 {
                    row.extend(set.iter().map(|&place| (first + place, bend.rise * own as f32)));
                } else {
                    let part = |place: u32| if set.binary_search(&place).is_ok() { own } else { others };
                    row.extend((0..places as u32).map(|place| (first + place, bend.rise * part(place) as f32)));
                }
            }
            self.compute.extend(weights.into_iter().map(once));
            self.bias.extend(std::iter::repeat_n(-block[0].at, places));
        }
    }

    pub fn into_code(mut self) -> Code {
        self.compute.resize(self.n, Vec::new());
        self.bias.resize(self.n, 0.0);
        let mut compute = SparseMatrix::with_columns(self.task.below.len());
        self.compute.into_iter().for_each(|row| compute.push_row(row));
        let mut readoff = SparseMatrix::with_columns(self.n);
        let readoff_bias = vec![0.0; self.rows.len()];
        self.rows.into_iter().for_each(|row| readoff.push_row(gathered(row)));
        let (compute, readoff) = (Matrix::Sparse(compute), Matrix::Sparse(readoff));
        Code { compute, bias: self.bias, block: None, readoff, readoff_bias, missing: self.missing }
    }
}

/// What U_t has on the places of circuit t, and on the others.
pub fn unembedding(Share { places, s }: Share, n_copies: usize) -> (f64, f64) {
    let (p_places, s, t) = (places as f64, s as f64, n_copies as f64);
    if t * s <= p_places {
        return (1.0 / s, 0.0);
    }
    let p = s * (t * s / p_places - 1.0) / (t - 1.0);
    (1.0 / s, -p / (s * (s - p)))
}

/// The weights of one neuron: a signal that several copies read with one weight comes in once.
pub fn once(mut weights: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
    weights.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    weights.dedup();
    let mut weights = gathered(weights);
    weights.retain(|term| term.1 != 0.0);
    weights
}
