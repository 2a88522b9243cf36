//! Construction `naive`: no superposition. As many targets as there is room for have neurons of their own; the others
//! are read as a constant.
//!
//! Nobody's construction: what superposition must be held against. A target of b bends takes b neurons, one for each,
//! and is read exactly where what it reads is. Neurons go where they serve most: first to targets that stand on nothing
//! constant; of these to those that a layer above reads, carried signals among them, for without them that layer's
//! targets are lost as well; then to those of the fewest bends, in the order of the file.
//!
//! A constant is the value at rest; at `-O1` the most frequent one. Must not know any sampled input.

use super::channels::unshared_width;
use super::code::Code;
use super::construction::{Chosen, Construction, Correcting, Ladder, Needs, Solution, Wiring, Word, without_options};
use super::regime::{Inequality, Regime};
use super::site::Site;
use super::staircase::{DeadZone, Ramp, gathered, ramps};
use crate::circuit::GateId;
use crate::compile::layer::LayerTask;
use crate::network::matrix::{Matrix, SparseMatrix};
use crate::program::Level;
use crate::random::Pcg64;

/// The row of the table.
#[derive(Debug)]
pub struct Naive;

pub const NAIVE: Naive = Naive;

impl Construction for Naive {
    fn name(&self) -> &'static str {
        "naive"
    }

    fn summary(&self) -> &'static str {
        "neurons of its own for each gate that there is room for, the others constant"
    }

    fn correcting(&self) -> Correcting {
        Correcting::ByItself
    }

    fn with(&self, options: &[Word]) -> Chosen {
        without_options(Naive, options)
    }

    /// A neuron for each bend, with which every target is read.
    fn rule_of_thumb(&self, layer: &LayerTask) -> usize {
        self.most_neurons(layer)
    }

    fn most_neurons(&self, layer: &LayerTask) -> usize {
        unshared_width(layer).max(1)
    }

    fn inequality(&self) -> Inequality {
        Inequality {
            formula: "one for each bend: a gate is then as exact as what it reads",
            source: "no superposition",
        }
    }

    fn needs(&self, layer: &LayerTask, _: &Regime) -> Needs {
        Ok(self.most_neurons(layer) as f64)
    }

    fn published(&self, _: &LayerTask) -> Box<dyn Wiring> {
        Box::new(OneEach)
    }

    fn ladder(&self, _: &LayerTask, _: usize) -> Ladder {
        Ladder::only(OneEach)
    }

    fn solution(&self) -> Solution {
        Solution::Constants
    }

    fn inverts(&self, _: Level) -> bool {
        false
    }
}

/// There is nothing to choose.
struct OneEach;

impl Wiring for OneEach {
    fn wire(&self, site: &Site, _: &mut Pcg64) -> Code {
        let (task, n) = (site.task, site.n);
        let ramps: Vec<Vec<Ramp>> = (0..task.targets.len()).map(|idx| ramps(task, idx, DeadZone::AtRest)).collect();
        let mut compute = SparseMatrix::with_columns(task.below.len());
        let mut bias = Vec::with_capacity(n);
        let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); ramps.len()];
        for target_idx in order(site, &ramps) {
            if bias.len() + n_bends(&ramps[target_idx]) > n {
                continue;
            }
            for ramp in &ramps[target_idx] {
                for bend in &ramp.bends {
                    rows[target_idx].push((bias.len() as u32, bend.rise));
                    compute.push_row(gathered(
                        ramp.weights.iter().map(|&(signal, weight)| (task.column(signal), weight)).collect(),
                    ));
                    bias.push(-bend.at);
                }
            }
        }
        while bias.len() < n {
            compute.push_row([]);
            bias.push(0.0);
        }
        let mut readoff = SparseMatrix::with_columns(n);
        rows.into_iter().for_each(|row| readoff.push_row(row));
        Code {
            compute: Matrix::Sparse(compute),
            bias,
            block: None,
            readoff: Matrix::Sparse(readoff),
            readoff_bias: vec![0.0; ramps.len()],
            missing: Vec::new(),
        }
    }
}

fn n_bends(ramps: &[Ramp]) -> usize {
    ramps.iter().map(|ramp| ramp.bends.len()).sum()
}

/// The targets, the first to get neurons first.
fn order(site: &Site, ramps: &[Vec<Ramp>]) -> Vec<usize> {
    let task = site.task;
    let is_read_above = read_above(task);
    let is_constant: Vec<bool> = match site.readoff_below() {
        Some((readoff, _)) => (0..task.below.len()).map(|signal| readoff.is_zero_row(signal)).collect(),
        None => vec![false; task.below.len()],
    };
    let rank = |&target_idx: &usize| {
        let is_lost = task.operands(target_idx).iter().any(|&signal| is_constant[task.column(signal) as usize]);
        (is_lost, !is_read_above[target_idx], n_bends(&ramps[target_idx]))
    };
    let mut order: Vec<usize> = (0..ramps.len()).collect();
    order.sort_by_key(rank);
    order
}

/// By target, whether a layer above reads it.
fn read_above(task: &LayerTask) -> Vec<bool> {
    let circuit = task.circuit;
    let mut is_read = vec![false; circuit.n_signals()];
    for gate in circuit.layers[task.layer_idx].gates.end..circuit.n_gates() as u32 {
        circuit.operands(GateId(gate)).iter().for_each(|literal| is_read[literal.signal().0 as usize] = true);
    }
    task.targets.iter().map(|signal| is_read[signal.0 as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::by_hand::{self, evaluate, on};
    use crate::circuit::{Circuit, Distribution, Kind};
    use crate::compile::construct::join;
    use crate::compile::layer::layer_tasks;
    use crate::network::Layer;
    use crate::network::forward::Forward;
    use crate::random;

    fn layers(circuit: &Circuit, widths: &[usize]) -> Vec<Layer> {
        let mut layers = Vec::new();
        for (task, &n) in layer_tasks(circuit).iter().zip(widths) {
            let site = Site { task, n, below: &layers, stream: None, embedding: None, is_frequent: &[] };
            let layer = join(&site, OneEach.wire(&site, &mut random::stream(&[1])));
            layers.push(layer);
        }
        layers
    }

    /// By layer, which targets are read off any neuron.
    fn read(layers: &[Layer]) -> Vec<Vec<usize>> {
        let of_layer = |layer: &Layer| {
            (0..layer.n_signals()).filter(|&signal| !layer.readoff.matrix.is_zero_row(signal)).collect()
        };
        layers.iter().map(of_layer).collect()
    }

    #[test]
    fn with_a_neuron_for_each_bend_everything_is_exact() {
        let circuit = by_hand::carrying(by_hand::random(&mut random::stream(&[4]), 6, 3, 12));
        let widths: Vec<usize> = layer_tasks(&circuit).iter().map(|task| NAIVE.rule_of_thumb(task)).collect();
        let layers = layers(&circuit, &widths);
        let forward = Forward::of_layers(None, &layers);
        for pattern in 0..64u32 {
            let active: Vec<u32> = (0..6).filter(|feature| pattern >> feature & 1 == 1).collect();
            let stored = evaluate(&circuit, &active);
            let activations = forward.run(&[&active]);
            for (layer_idx, layer) in layers.iter().enumerate() {
                let mut readings = ndarray::Array2::zeros((layer.n_signals(), 1));
                forward.read_off(layer_idx, 0..layer.n_signals(), activations.layer(layer_idx), readings.view_mut());
                for (signal, reading) in circuit.layer_signals(layer_idx).zip(&readings) {
                    let truth = f32::from(u8::from(stored[signal.0 as usize]));
                    assert!((reading - truth).abs() < 1e-4, "{}: {reading} on {active:?}", circuit.name(signal));
                }
            }
        }
    }

    #[test]
    fn cheap_gates_come_first_and_the_rest_has_nothing() {
        let pair = |kind| (kind, vec![on(0), on(1)]);
        let gates = [Kind::Xor, Kind::And, Kind::Or, Kind::And].map(pair).to_vec();
        let circuit = by_hand::circuit(2, &[gates], Distribution::default());
        for (n, expected) in [(1, vec![1]), (3, vec![1, 3]), (4, vec![0, 1, 3]), (6, vec![0, 1, 2, 3])] {
            assert_eq!(read(&layers(&circuit, &[n])), [expected], "{n} neurons");
        }
    }

    #[test]
    fn what_a_layer_above_reads_comes_first_and_what_it_has_lost_last() {
        let pair = |a, b| (Kind::And, vec![on(a), on(b)]);
        let lowest = vec![pair(0, 1), pair(1, 2), pair(2, 3)];
        // Gates 4 to 6 below, of which the last two are read, and feature 3, which is carried.
        let upper = vec![pair(5, 6), pair(5, 3)];
        let circuit = by_hand::carrying(by_hand::circuit(4, &[lowest, upper], Distribution::default()));
        assert_eq!(read(&layers(&circuit, &[3, 1])), [vec![1, 2, 3], vec![0]]);
        // One of two is lost, and with it a gate that reads both.
        let lost =
            by_hand::circuit(4, &[vec![pair(0, 1), pair(1, 2)], vec![pair(5, 4), pair(4, 4)]], Distribution::default());
        assert_eq!(read(&layers(&lost, &[1, 1])), [vec![0], vec![1]]);
    }
}
