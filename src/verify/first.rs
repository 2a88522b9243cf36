//! The first layer as the search sees it: what each way of showing up adds to the neurons, in real arithmetic.
//!
//! Weights are exact f32 numbers, so f64 holds them, and sums of them nearly; how nearly is `slack`. Must not know
//! which gate is read.

use ndarray::{Array2, ArrayView1};

use super::real;
use crate::circuit::inputs::support::{Group, Support};
use crate::network::Network;

/// Beyond so many slots of a group the least and most that they add are not told apart by how many are left.
const MAX_TABLE: usize = 32;

/// Of what is added up in f64, at least; and for each rounding.
const SLACK: f64 = 1e-11;
const SLACK_EACH: f64 = 8.0 * f64::EPSILON;

/// Half a unit in the last place of an f32, relative.
const HALF_ULP_F32: f64 = 1.0 / (1 << 24) as f64;

/// Lanes over which a gain is added up, the roundings that a term meets beside those of its lane, and what the terms
/// come to, in what the neurons do.
const LANES: f64 = 16.0;
const ROUNDINGS_OF_A_GAIN: f64 = 40.0;
const MAGNITUDES_OF_A_GAIN: f64 = 4.0;

/// The most that the scale of a neuron that bends can be, for each open slot: a slot has a share of it of a hundredth
/// at least.
const SCALE_OF_A_SLOT: f64 = 101.0;

/// What is below this is far from overflowing in f32; and what is lost when something underflows.
const FITS_F32: f64 = 1e30;
const LEAST_F32: f64 = 1.5e-45;

/// The neurons of the first layer over the options of a support.
pub struct First {
    /// W_0ᵀ, of stored inputs (W_0 Φ)ᵀ: [features, n].
    pub by_feature: Array2<f64>,
    /// What an option adds to each neuron: [options, n].
    pub by_option: Array2<f64>,
    /// The same in f32, for bounds: that is twice as fast, and `slack_f32` says how far they can be off.
    pub by_option_f32: Array2<f32>,
    /// By neuron: the least and the most that an option adds.
    pub spans: Vec<(f64, f64)>,
    /// Of each neuron, with what is always on.
    pub base: Vec<f64>,
    pub groups: Vec<Slots>,
    /// By neuron: the most that any sum on the way to it can come to, in magnitude.
    pub magnitude: Vec<f64>,
    /// Roundings on the way to a read-off, at most.
    n_roundings: f64,
}

/// How the members of a group differ, by neuron.
pub struct Slots {
    /// What a slot adds on average.
    pub mean: Vec<f64>,
    /// Around the mean.
    pub deviation: Vec<f64>,
    /// The most and the least that j slots add together, for j = 0 ..: [slots, n].
    most: Array2<f64>,
    least: Array2<f64>,
}

impl First {
    pub fn new(network: &Network, support: &Support) -> First {
        let bias = network.layers[0].block.bias();
        let n = bias.len();
        let by_feature = real::by_feature(network, f64::from);
        let magnitude_by_feature = real::by_feature(network, |weight| f64::from(weight).abs());
        let mut by_option = Array2::zeros((support.options.len(), n));
        let mut magnitude_by_option = Array2::zeros((support.options.len(), n));
        let mut most_features = support.always.len();
        for ((option, mut row), mut magnitudes) in
            support.options.iter().zip(by_option.rows_mut()).zip(magnitude_by_option.rows_mut())
        {
            for &feature in &option.features {
                row += &by_feature.row(feature as usize);
                magnitudes += &magnitude_by_feature.row(feature as usize);
            }
        }
        let mut base: Vec<f64> = bias.iter().map(|&bias| bias.into()).collect();
        let mut magnitude: Vec<f64> = base.iter().map(|bias| bias.abs()).collect();
        for &feature in &support.always {
            add(&mut base, by_feature.row(feature as usize));
            add(&mut magnitude, magnitude_by_feature.row(feature as usize));
        }
        let groups: Vec<Slots> = support.groups.iter().map(|group| Slots::new(group, &by_option)).collect();
        for group in &support.groups {
            let magnitudes = Slots::new(group, &magnitude_by_option);
            add(&mut magnitude, magnitudes.most.row(magnitudes.most.nrows() - 1));
            let longest = group.members.iter().filter_map(|member| {
                let options = &support.options[member.start as usize..member.end as usize];
                options.iter().map(|option| option.features.len()).max()
            });
            most_features += group.most as usize * longest.max().unwrap_or(0);
        }
        let n_coordinates = network.dictionary.as_ref().map_or(0, |dictionary| dictionary.embedding.n_rows());
        let n_roundings = (n + most_features + n_coordinates + 4) as f64;
        let mut spans = vec![(f64::INFINITY, f64::NEG_INFINITY); n];
        for row in by_option.rows() {
            spans.iter_mut().zip(row).for_each(|(span, &value)| *span = (span.0.min(value), span.1.max(value)));
        }
        let by_option_f32 = by_option.mapv(|value| value as f32);
        First { by_feature, by_option, by_option_f32, spans, base, groups, magnitude, n_roundings }
    }

    pub fn n(&self) -> usize {
        self.base.len()
    }

    /// How far a bound of the search, or what it takes for a reading, can be from the real one.
    pub fn slack(&self, read: &[f64], bias: f64) -> f64 {
        SLACK.max(SLACK_EACH * self.n_roundings) * self.reach(read, bias)
    }

    /// How far what an option gains among `n_slots` open ones can be from what it would gain in real arithmetic, where
    /// it is added up in f32, over 16 lanes. `None` where something might overflow: of a neuron that bends, base and
    /// scale are up to 101 · `n_slots` times what it comes to.
    pub fn slack_f32(&self, read: &[f64], n_slots: u32) -> Option<f64> {
        let reach = MAGNITUDES_OF_A_GAIN * self.reach(read, 0.0);
        let most = self.magnitude.iter().fold(1.0, |most, &magnitude| f64::max(most, magnitude));
        let largest = SCALE_OF_A_SLOT * f64::from(n_slots) * most;
        let n = self.n() as f64;
        let slack = (n / LANES + ROUNDINGS_OF_A_GAIN) * HALF_ULP_F32 * reach + n * LEAST_F32 * largest;
        (reach < FITS_F32 && largest < FITS_F32).then_some(slack)
    }

    fn reach(&self, read: &[f64], bias: f64) -> f64 {
        bias.abs() + read.iter().zip(&self.magnitude).map(|(read, magnitude)| read.abs() * magnitude).sum::<f64>()
    }
}

impl Slots {
    fn new(group: &Group, by_option: &Array2<f64>) -> Slots {
        let n = by_option.ncols();
        let n_slots = (group.most as usize).min(group.members.len());
        let is_tabled = n_slots <= MAX_TABLE;
        let n_rows = if is_tabled { n_slots + 1 } else { 2 };
        let options: Vec<usize> =
            group.members.iter().flat_map(|member| member.start as usize..member.end as usize).collect();
        let mut slots = Slots {
            mean: vec![0.0; n],
            deviation: vec![0.0; n],
            most: Array2::zeros((n_rows, n)),
            least: Array2::zeros((n_rows, n)),
        };
        // Where a slot may stay empty, it is taken to be so in as many cases as the count leaves.
        let filled = (group.least as f64 + n_slots as f64) / (2 * n_slots.max(1)) as f64;
        let is_full = group.least as usize == n_slots;
        let mut extremes: Vec<(f64, f64)> = Vec::new();
        for neuron in 0..n {
            let of = |option: &usize| by_option[[*option, neuron]];
            let n_options = options.len().max(1) as f64;
            let mean = options.iter().map(of).sum::<f64>() / n_options;
            let square = options.iter().map(|option| of(option) * of(option)).sum::<f64>() / n_options;
            slots.mean[neuron] = filled * mean;
            slots.deviation[neuron] = (filled * square - filled * filled * mean * mean).max(0.0).sqrt();
            extremes.clear();
            extremes.extend(group.members.iter().map(|member| {
                let of_member = (member.start as usize..member.end as usize).map(|option| of(&option));
                let start = if is_full { (f64::NEG_INFINITY, f64::INFINITY) } else { (0.0, 0.0) };
                of_member.fold(start, |(most, least), value| (most.max(value), least.min(value)))
            }));
            for (table, is_most) in [(&mut slots.most, true), (&mut slots.least, false)] {
                let value = |&(most, least): &(f64, f64)| if is_most { most } else { -least };
                let sign = if is_most { 1.0 } else { -1.0 };
                if is_tabled {
                    let k = n_slots.min(extremes.len());
                    if k > 0 && k < extremes.len() {
                        extremes.select_nth_unstable_by(k - 1, |a, b| value(b).total_cmp(&value(a)));
                    }
                    let mut top: Vec<f64> = extremes[..k].iter().map(value).collect();
                    top.sort_unstable_by(|a, b| b.total_cmp(a));
                    let mut sum = 0.0;
                    for (row, value) in (1..).zip(top) {
                        sum += value;
                        table[[row, neuron]] = sign * sum;
                    }
                } else {
                    table[[1, neuron]] = sign * extremes.iter().map(|pair| value(pair).max(0.0)).sum::<f64>();
                }
            }
        }
        slots
    }

    /// The least and the most that so many slots add to each neuron.
    pub fn span(&self, n_slots: u32) -> (ArrayView1<'_, f64>, ArrayView1<'_, f64>) {
        let row = (n_slots as usize).min(self.most.nrows() - 1);
        (self.least.row(row), self.most.row(row))
    }

    /// Of one slot that holds one of these options.
    pub fn of_row(options: &[u32], by_option: &Array2<f64>) -> Slots {
        let members = options.iter().map(|&option| option..option + 1).collect();
        Slots::new(&Group { members, least: 1, most: 1 }, by_option)
    }
}

fn add(sums: &mut [f64], row: ArrayView1<f64>) {
    sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
}
