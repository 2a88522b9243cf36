//! How far the f32 network can be from real arithmetic, whatever the input and in whatever order its sums are taken.
//!
//! The usual a-priori bound (Higham 2002, *Accuracy and stability of numerical algorithms*, sections 3.1 and 3.4):
//! where no term meets more than K roundings, a sum is off by at most γ_K = K u / (1 − K u) of the sum of its
//! magnitudes, u = 2^-24. What the layer below is off by is carried by |W| and grows in no ReLU; γ_j + γ_k + γ_j
//! γ_k ≤ γ_{j+k}, so that the roundings of layers add up. With H_0 = |b_0| + the most that |W_0| adds on any input,
//! H_l = |b_l| + |W_l| H_{l-1}:
//!
//! ```text
//! |f32 − real| ≤ 1.001 γ_K (|r| + Σ |R| H_l) + K 2^-126 (1 + Σ |R| A_l),  A_0 = 1,  A_l = 1 + |W_l| A_{l-1}
//! K = features on + coordinates of a dictionary + Σ_{k ≤ l} (n_k + 4)
//! ```
//!
//! the second term for what underflows. Must not know which gate is read, nor how worst cases are found.

use ndarray::{Array2, ArrayView1};

use super::real::by_feature;
use crate::circuit::inputs::support::Part;
use crate::circuit::{Circuit, Member};
use crate::network::Network;

/// Half a unit in the last place of an f32, relative.
const HALF_ULP_F32: f64 = 1.0 / (1 << 24) as f64;

/// Of more roundings the bound says nothing.
const MOST_ROUNDINGS: f64 = (1 << 22) as f64;

/// For the rounding of the bound itself, in f64.
const CARE: f64 = 1.001;

/// The bound, by layer; none where layers add to a stream.
pub struct Rounding(Vec<Reach>);

struct Reach {
    /// H_l: the most that the sum of magnitudes comes to on the way to each neuron.
    magnitude: Vec<f64>,
    /// A_l: what an absolute error of one in each sum comes to.
    amplified: Vec<f64>,
    /// K.
    n_roundings: f64,
    /// Whether f32 may overflow on the way: then nothing is known of what it does.
    may_overflow: bool,
}

impl Rounding {
    /// Of every input of the circuit.
    pub fn new(circuit: &Circuit, network: &Network) -> Rounding {
        if network.is_residual() {
            return Rounding(Vec::new());
        }
        let embedding = network.dictionary.as_ref().map(|dictionary| dictionary.embedding.to_dense());
        let coordinates: Vec<f64> = embedding.iter().flat_map(|phi| phi.rows()).map(sum_of_magnitudes).collect();
        let (added, n_features) = most_added(circuit, &by_feature(network, |weight| f64::from(weight).abs()));
        let mut n_roundings = (n_features + coordinates.len()) as f64;
        let mut may_overflow = coordinates.into_iter().any(overflows);
        let mut layers: Vec<Reach> = Vec::with_capacity(network.layers.len());
        for layer in &network.layers {
            let (weight, bias) = (layer.block.weight(), layer.block.bias());
            let with_bias = |(added, bias): (f64, &f32)| added + f64::from(*bias).abs();
            let (magnitude, amplified) = match layers.last() {
                None => (added.iter().copied().zip(bias).map(with_bias).collect(), vec![1.0; bias.len()]),
                Some(below) => {
                    let magnitude = weight.rows().into_iter().map(|row| times(row, &below.magnitude));
                    let amplified = weight.rows().into_iter().map(|row| 1.0 + times(row, &below.amplified));
                    (magnitude.zip(bias).map(with_bias).collect::<Vec<f64>>(), amplified.collect())
                }
            };
            n_roundings += (bias.len() + 4) as f64;
            may_overflow |= magnitude.iter().copied().any(overflows) || n_roundings > MOST_ROUNDINGS;
            layers.push(Reach { magnitude, amplified, n_roundings, may_overflow });
        }
        Rounding(layers)
    }

    /// The most that a reading of layer `layer_idx` can be off; infinite where something may overflow, or
    /// layers add to a stream. `read`: by neuron; `bias` is the read-off's own: whatever it is compared with, its
    /// rounding goes by that.
    pub fn of(&self, layer_idx: usize, read: &[f64], bias: f64) -> f64 {
        let Some(Reach { magnitude, amplified, n_roundings, may_overflow }) = self.0.get(layer_idx) else {
            return f64::INFINITY;
        };
        let sum = |by: &[f64]| read.iter().zip(by).map(|(read, by)| read.abs() * by).sum::<f64>();
        let reach = bias.abs() + sum(magnitude);
        if *may_overflow || overflows(reach) {
            return f64::INFINITY;
        }
        let gamma = n_roundings * HALF_ULP_F32 / (1.0 - n_roundings * HALF_ULP_F32);
        CARE * gamma * reach + n_roundings * f64::from(f32::MIN_POSITIVE) * (1.0 + sum(amplified))
    }

    /// The same of a signal that the network reads off.
    pub fn of_signal(&self, network: &Network, layer_idx: usize, signal_idx: usize) -> f64 {
        let readoff = &network.layers[layer_idx].readoff;
        let mut row = vec![0.0; readoff.matrix.n_columns()];
        readoff.matrix.copy_row(signal_idx, &mut row);
        let read: Vec<f64> = row.into_iter().map(f64::from).collect();
        self.of(layer_idx, &read, readoff.bias[signal_idx].into())
    }
}

/// Whether a sum of such a size may leave the range of f32 on the way.
fn overflows(reach: f64) -> bool {
    reach.is_nan() || reach > f64::from(f32::MAX) / 4.0
}

fn sum_of_magnitudes(row: ArrayView1<f32>) -> f64 {
    row.iter().map(|&value| f64::from(value).abs()).sum()
}

fn times(row: ArrayView1<f32>, by: &[f64]) -> f64 {
    row.iter().zip(by).map(|(&weight, by)| f64::from(weight).abs() * by).sum()
}

/// The most that the features of an input add to each neuron, each at most, and how many are on at most; `magnitudes`:
/// [features, n].
fn most_added(circuit: &Circuit, magnitudes: &Array2<f64>) -> (Vec<f64>, usize) {
    let sum = |features: &mut dyn Iterator<Item = u32>| -> Vec<f64> {
        let mut sum = vec![0.0; magnitudes.ncols()];
        features.for_each(|feature| add(&mut sum, magnitudes.row(feature as usize)));
        sum
    };
    if let Some(rows) = &circuit.distribution.rows {
        let mut most = vec![0.0f64; magnitudes.ncols()];
        for input in rows.inputs.iter() {
            let added = sum(&mut input.iter().copied());
            most.iter_mut().zip(added).for_each(|(most, added)| *most = most.max(added));
        }
        return (most, rows.inputs.iter().map(<[u32]>::len).max().unwrap_or(0));
    }
    let (mut added, mut n_features) = (vec![0.0; magnitudes.ncols()], 0);
    for part in circuit.distribution.clauses.iter().flat_map(Part::of) {
        match part {
            Part::Always(features) => {
                n_features += features.len();
                features.iter().for_each(|&feature| add(&mut added, magnitudes.row(feature as usize)));
            }
            Part::Some { members, most, .. } => {
                let most = (most as usize).min(members.len());
                let features = |member: &Member| match member {
                    Member::One(feature) => *feature..*feature + 1,
                    Member::Row(row) => row.clone(),
                };
                n_features += most * members.iter().map(|member| features(member).len()).max().unwrap_or(0);
                let by_member: Vec<Vec<f64>> = members.iter().map(|member| sum(&mut features(member))).collect();
                for (neuron, added) in added.iter_mut().enumerate() {
                    let mut of_neuron: Vec<f64> = by_member.iter().map(|sums| sums[neuron]).collect();
                    of_neuron.sort_unstable_by(|a, b| b.total_cmp(a));
                    *added += of_neuron[..most].iter().sum::<f64>();
                }
            }
        }
    }
    (added, n_features)
}

fn add(sums: &mut [f64], row: ArrayView1<f64>) {
    sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
}
