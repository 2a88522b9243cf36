//! The step against the gradients that some groups of inputs have found.
//!
//! Work is split by target, feature or neuron; whatever is split, each sum runs in the order of groups and inputs.

use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;

use super::centre::Centre;
use super::recipe::{DECAY, Rates};
use super::step::{Group, Miss, PARTS};
use super::weights::{LayerWeights, Readoffs, Wiring, Writes};
use crate::kernels;

/// Moves the weights of the lowest layers, one for each of `rates`.
pub fn update(weights: &mut [LayerWeights], centres: &mut [Centre], groups: &[&Group], rates: &[Rates]) {
    weights.par_iter_mut().zip(centres).zip(rates).enumerate().for_each(|(layer_idx, ((weights, centre), rates))| {
        let LayerWeights { wiring, bias, bias_squares, writes, readoffs, .. } = weights;
        centre.learn(groups.iter().map(|group| group.layers[layer_idx].read_off().view()));
        rayon::join(
            || update_readoffs(layer_idx, readoffs, centre.values(), groups, rates),
            || {
                if let Some(Writes::Along { coordinates, weight, squares }) = writes {
                    let factors = groups.iter().map(|group| group.written(layer_idx, coordinates.clone()));
                    update_matrix(weight, squares, &factors.collect::<Vec<_>>(), rates.writes);
                }
                if rates.bias > 0.0 {
                    update_bias(layer_idx, bias, bias_squares, groups, rates.bias);
                    update_wiring(layer_idx, wiring, groups, rates);
                }
            },
        );
    });
}

/// Rows are moved about `centre`, [padded n]: by the gradient of R (h − centre) + offset, the same readings; h is the
/// stream where there is one.
fn update_readoffs(layer_idx: usize, readoffs: &mut Readoffs, centre: &[f32], groups: &[&Group], rates: &Rates) {
    let (n_targets, n) = readoffs.rows.dim();
    let part_length = n_targets.div_ceil(PARTS).max(1);
    readoffs.parts(part_length).enumerate().for_each(|(part_idx, part)| {
        let mut misses = Vec::new();
        for (group, group_idx) in groups.iter().zip(0u32..) {
            misses.extend(group.layers[layer_idx].misses[part_idx].iter().map(|miss| (group_idx, *miss)));
        }
        misses.sort_unstable_by_key(|(group_idx, miss)| (miss.target, *group_idx, miss.row));
        let mut gradient = vec![0f32; n];
        let mut runs = misses.chunk_by(|a, b| a.1.target == b.1.target).peekable();
        while let Some(of_target) = runs.next() {
            let row_of = |of_target: &[(u32, Miss)]| of_target[0].1.target as usize - part_idx * part_length;
            if let Some(next) = runs.peek() {
                let row = row_of(next) * n..(row_of(next) + 1) * n;
                kernels::fetch(&part.rows[row.clone()]);
                kernels::fetch(&part.row_squares[row]);
            }
            let target = row_of(of_target);
            gradient.fill(0.0);
            let mut slope = 0.0;
            for (group_idx, miss) in of_target {
                let read = groups[*group_idx as usize].layers[layer_idx].read_off().row(miss.row as usize);
                kernels::axpy(miss.slope, read.to_slice().expect("row-major"), &mut gradient);
                slope += miss.slope;
            }
            let place = target * n..(target + 1) * n;
            let row = &mut part.rows[place.clone()];
            kernels::axpy(-slope, centre, &mut gradient);
            let at_centre = kernels::dot(row, centre);
            kernels::rms_step(row, &mut part.row_squares[place.clone()], &gradient, rates.readoff, DECAY);
            part.units[target] = kernels::coarsen(row, &mut part.codes[place]);
            part.offsets[target] += at_centre - kernels::dot(row, centre);
            let place = target..target + 1;
            let (offset, square) = (&mut part.offsets[place.clone()], &mut part.offset_squares[place]);
            kernels::rms_step(offset, square, &[slope], rates.offset, DECAY);
        }
    });
}

fn update_bias(layer_idx: usize, bias: &mut [f32], squares: &mut [f32], groups: &[&Group], rate: f32) {
    let mut gradient = vec![0f32; bias.len()];
    for group in groups {
        for dz in group.gradients(layer_idx).rows() {
            kernels::axpy(1.0, dz.to_slice().expect("row-major"), &mut gradient);
        }
    }
    kernels::rms_step(bias, squares, &gradient, rate, DECAY);
}

fn update_wiring(layer_idx: usize, wiring: &mut Wiring, groups: &[&Group], rates: &Rates) {
    let sources: Vec<ArrayView2<f32>> = groups.iter().map(|group| group.sources(layer_idx, wiring)).collect();
    match wiring {
        Wiring::Columns { by_feature, squares } => {
            let (n_features, n) = by_feature.dim();
            let part_length = n_features.div_ceil(PARTS).max(1);
            let columns = by_feature.as_slice_mut().expect("row-major").par_chunks_mut(part_length * n);
            let squares = squares.as_slice_mut().expect("row-major").par_chunks_mut(part_length * n);
            columns.zip(squares).enumerate().for_each(|(part, (columns, squares))| {
                update_columns(layer_idx, part * part_length, n, columns, squares, groups, rates.columns);
            });
        }
        Wiring::Dense { weight, squares } | Wiring::Factored { compute: weight, squares } => {
            let factors: Vec<_> =
                groups.iter().zip(sources).map(|(group, x)| (group.gradients(layer_idx), x)).collect();
            update_matrix(weight, squares, &factors, rates.dense);
        }
    }
}

/// W, whose gradient is the sum of aᵀ b over `factors`: dL/dz of some inputs, [inputs, rows], and what W stands before.
fn update_matrix(
    weight: &mut Array2<f32>,
    squares: &mut Array2<f32>,
    factors: &[(ArrayView2<f32>, ArrayView2<f32>)],
    rate: f32,
) {
    let (n_rows, n) = weight.dim();
    let part_length = n_rows.div_ceil(PARTS).max(1);
    let rows = weight.as_slice_mut().expect("row-major").par_chunks_mut(part_length * n.max(1));
    let squares = squares.as_slice_mut().expect("row-major").par_chunks_mut(part_length * n.max(1));
    rows.zip(squares).enumerate().for_each(|(part, (rows, squares))| {
        let range = part * part_length..part * part_length + rows.len() / n;
        let mut gradient = Array2::<f32>::zeros((range.len(), n));
        for (a, b) in factors {
            kernels::product(a.slice(s![.., range.clone()]).t(), b.view(), gradient.view_mut());
        }
        kernels::rms_step(rows, squares, gradient.as_slice().expect("row-major"), rate, DECAY);
    });
}

/// The columns of some features, from `first_feature`: the inputs that have a feature on, together.
fn update_columns(
    layer_idx: usize,
    first_feature: usize,
    n: usize,
    columns: &mut [f32],
    squares: &mut [f32],
    groups: &[&Group],
    rate: f32,
) {
    let features = first_feature as u32..(first_feature + columns.len() / n) as u32;
    let mut places: Vec<(u32, u32, u32)> = Vec::new();
    for (group, group_idx) in groups.iter().zip(0..) {
        for (&input, row) in group.busy.iter().zip(0..) {
            let active = group.inputs.get(input as usize).iter().filter(|feature| features.contains(feature));
            places.extend(active.map(|&feature| (feature, group_idx, row)));
        }
    }
    places.sort_unstable();
    let mut gradient = vec![0f32; n];
    for of_feature in places.chunk_by(|a, b| a.0 == b.0) {
        gradient.fill(0.0);
        for &(_, group_idx, row) in of_feature {
            let dz = groups[group_idx as usize].layers[layer_idx].dz.row(row as usize);
            kernels::axpy(1.0, dz.to_slice().expect("row-major"), &mut gradient);
        }
        let feature = of_feature[0].0 as usize - first_feature;
        let column = feature * n..(feature + 1) * n;
        kernels::rms_step(&mut columns[column.clone()], &mut squares[column], &gradient, rate, DECAY);
    }
}
