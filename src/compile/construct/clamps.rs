//! How a layer that corrects is wired: pairs of neurons that clamp what several signals add up to.
//!
//! Error correction of Vaintrob, Mendel, Hänni 2024 ("Toward a mathematical framework for computation in
//! superposition"): a signal is brought back to 0 or 1 by relu(2x − ½) − relu(2x − 3/2), deaf to errors of up to ¼ on
//! either side. Signals outnumber neurons, so a pair of neurons clamps the sum of all signals that have drawn it, and
//! a signal is read as the mean over its own pairs. Both neurons of a pair read the same sum, so none reads more than
//! 1, whatever comes in. With each signal on a pair with probability p, what m signals are off by, e each, adds up to
//! about e √(m p) in a pair, to be below ¼; the s signals that are on light p s of a signal's pairs by accident, give
//! or take √(s/n). The published tolerance e < K n^¼ / (m^½ s^¼) is that of p = √(s/n). Worked out from its statement,
//! not read in the paper.
//!
//! Must not know activations.

use super::channels::{Dealing, Deck, unshared_width};
use super::code::{Code, Missing};
use super::construction::{Chosen, Construction, Ladder, Needs, Wiring, Word, without_options};
use super::regime::{Inequality, Regime};
use super::site::Site;
use super::staircase::clamp;
use crate::compile::layer::LayerTask;
use crate::compile::problems;
use crate::network::matrix::{Matrix, SparseMatrix};
use crate::random::Pcg64;

/// Not in the table: nobody asks for it by name.
#[derive(Debug)]
pub struct Clamps;

/// Pairs a signal that `-O1` tries.
const SIZES: [usize; 10] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

/// Twice as many neurons as would leave none shared are the most that is worth trying: more would change nothing.
const SPARE: usize = 2;

impl Construction for Clamps {
    fn name(&self) -> &'static str {
        "clamps"
    }

    fn summary(&self) -> &'static str {
        "pairs of neurons that bring sums of signals back to 0 and 1"
    }

    fn with(&self, options: &[Word]) -> Chosen {
        without_options(Clamps, options)
    }

    /// Four standard deviations √(s/(n/2)) of what lights a signal's pairs by accident are ¼ for n = 512 s; never more
    /// than a pair for each signal.
    fn rule_of_thumb(&self, layer: &LayerTask) -> usize {
        let s = layer.circuit.distribution.active_features().max(1.0);
        unshared_width(layer).min(libm::ceil(512.0 * s) as usize).max(2)
    }

    fn most_neurons(&self, layer: &LayerTask) -> usize {
        SPARE * unshared_width(layer).max(1)
    }

    fn inequality(&self) -> Inequality {
        Inequality {
            formula: "ε^4 m^2 s, so that errors of ε are below n^¼ / m^½ s^¼, for m signals that are corrected",
            source: "Vaintrob, Mendel & Hänni 2024",
        }
    }

    fn needs(&self, layer: &LayerTask, regime: &Regime) -> Needs {
        let m_times_square = layer.targets.len() as f64 * regime.epsilon * regime.epsilon;
        Ok(m_times_square * m_times_square * regime.n_on)
    }

    fn may_be_exact(&self) -> bool {
        true
    }

    /// Where there is a pair for each signal, none is shared.
    fn published(&self, _: &LayerTask) -> Box<dyn Wiring> {
        Box::new(Pairs { size: None })
    }

    fn ladder(&self, _: &LayerTask, n: usize) -> Ladder {
        let sizes = SIZES.into_iter().filter(|&size| size == 1 || size <= n / 2);
        let pairs = |size| Box::new(Pairs { size: Some(size) }) as Box<dyn Wiring>;
        let rungs: Vec<Box<dyn Wiring>> = sizes.map(pairs).collect();
        let first = (rungs.len() - 1) / 2;
        Ladder { rungs, first }
    }
}

/// The free choice.
struct Pairs {
    /// How many pairs a signal draws from a deck of all; `None`: as published, the share p = √(s/n) at random, or one
    /// of its own.
    size: Option<usize>,
}

impl Wiring for Pairs {
    fn wire(&self, site: &Site, rng: &mut Pcg64) -> Code {
        let (task, n) = (site.task, site.n);
        let n_pairs = n / 2;
        let (size, dealing) = match self.size {
            Some(size) => (size.min(n_pairs), Dealing::Deck),
            None if task.targets.len() <= n_pairs => (1, Dealing::Deck),
            None => (published_size(task, n_pairs).min(n_pairs), Dealing::Independent),
        };
        let mut deck = Deck::new((0..n_pairs as u32).collect(), dealing);
        let mut members: Vec<Vec<(u32, f32)>> = vec![Vec::new(); n_pairs];
        let (mut hand, mut missing) = (Vec::new(), Vec::new());
        let mut readoff = SparseMatrix::with_columns(n);
        for (target_idx, &signal) in task.targets.iter().enumerate() {
            if n_pairs == 0 {
                let problem = problems::no_neuron_left(task, target_idx, n);
                missing.push(Missing { problem, would_fit_wider: true, can_be_solved: false });
            } else {
                deck.deal(size, |_| true, &mut hand, rng);
            }
            hand.sort_unstable();
            hand.iter().for_each(|&pair| members[pair as usize].push((task.column(signal), 1.0)));
            let rises = clamp(signal).bends.into_iter().map(|bend| bend.rise / hand.len() as f32);
            let rises: Vec<f32> = rises.collect();
            let neurons = hand.iter().flat_map(|&pair| (2 * pair..).zip(rises.iter().copied()));
            readoff.push_row(neurons.collect::<Vec<_>>());
        }
        let heights = task.targets.first().map(|&signal| clamp(signal).bends).unwrap_or_default();
        let mut compute = SparseMatrix::with_columns(task.below.len());
        let mut bias = Vec::with_capacity(n);
        for mut pair in members {
            pair.sort_by_key(|entry| entry.0);
            for bend in &heights {
                compute.push_row(pair.iter().copied());
                bias.push(-bend.at);
            }
        }
        while bias.len() < n {
            compute.push_row([]);
            bias.push(0.0);
        }
        Code {
            compute: Matrix::Sparse(compute),
            bias,
            block: None,
            readoff: Matrix::Sparse(readoff),
            readoff_bias: vec![0.0; task.targets.len()],
            missing,
        }
    }
}

/// p n pairs with p = √(s/n), n pairs in all and s features on: above the first layer it is not known how many signals
/// are on.
fn published_size(task: &LayerTask, n_pairs: usize) -> usize {
    let s = task.circuit.distribution.active_features().max(1.0);
    (libm::round(libm::sqrt(s * n_pairs as f64)) as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::{Circuit, Distribution, Kind, Layer, Literal, Signal, by_hand};
    use crate::random;

    const N_SIGNALS: u32 = 1000;

    /// A layer that corrects a thousand gates, and nothing above it.
    fn corrected() -> Circuit {
        let copy = |feature| (Kind::Copy, vec![Literal::new(Signal(feature), false)]);
        let gates = (0..N_SIGNALS).map(copy).collect();
        let mut circuit = by_hand::circuit(N_SIGNALS, &[gates], Distribution::default());
        let carried = (N_SIGNALS..2 * N_SIGNALS).map(Signal).collect();
        let gates = N_SIGNALS..N_SIGNALS;
        circuit.layers.push(Layer { name: "corrected".into(), gates, carried, corrects: true });
        circuit
    }

    /// What all signals read, where these values come in.
    fn read(code: &Code, incoming: &[f32]) -> Vec<f32> {
        let (Matrix::Sparse(compute), Matrix::Sparse(readoff)) = (&code.compute, &code.readoff) else {
            panic!("clamps are sparse")
        };
        let sum = |matrix: &SparseMatrix, row: usize, of: &[f32]| -> f32 {
            let (columns, weights) = matrix.row(row);
            columns.iter().zip(weights).map(|(&column, &weight)| weight * of[column as usize]).sum()
        };
        let neurons = code.bias.iter().enumerate();
        let awake: Vec<f32> = neurons.map(|(row, &bias)| (sum(compute, row, incoming) + bias).max(0.0)).collect();
        (0..incoming.len()).map(|row| sum(readoff, row, &awake)).collect()
    }

    #[test]
    fn with_a_pair_each_errors_of_a_quarter_are_gone() {
        let circuit = corrected();
        let task = LayerTask::new(&circuit, 1);
        let published = Clamps.published(&task);
        let code = published.wire(&Site::lowest(&task, 2 * N_SIGNALS as usize + 1), &mut random::stream(&[1]));
        assert!(code.missing.is_empty());
        let incoming: Vec<f32> = (0..N_SIGNALS).map(|idx| [0.25, -0.25, 0.75, 1.25][idx as usize % 4]).collect();
        let wanted: Vec<f32> = (0..N_SIGNALS).map(|idx| [0.0, 0.0, 1.0, 1.0][idx as usize % 4]).collect();
        assert_eq!(read(&code, &incoming), wanted);
    }

    /// What lights a signal's pairs by accident, over draws of the wiring: mean s p, standard deviation √(s/n) for n
    /// pairs, where few pairs are lit twice.
    #[test]
    fn what_is_lit_by_accident_is_as_much_as_expected() {
        let circuit = corrected();
        let task = LayerTask::new(&circuit, 1);
        let (n_pairs, n_on) = (900, 3);
        let s = circuit.distribution.active_features().max(1.0);
        let size = libm::round(libm::sqrt(s * n_pairs as f64)) as usize;
        let incoming: Vec<f32> = (0..N_SIGNALS).map(|idx| if idx < n_on { 1.0 } else { 0.0 }).collect();
        let (mut sum, mut squares, mut n) = (0.0, 0.0, 0.0);
        for seed in 0..10 {
            let code = Clamps.published(&task).wire(&Site::lowest(&task, 2 * n_pairs), &mut random::stream(&[seed]));
            let found = read(&code, &incoming);
            assert!(found[..n_on as usize].iter().all(|&on| (on - 1.0).abs() < 1e-5), "what is on reads 1");
            for &off in &found[n_on as usize..] {
                sum += f64::from(off);
                squares += f64::from(off * off);
                n += 1.0;
            }
        }
        let p = size as f64 / n_pairs as f64;
        let (mean, deviation) = (sum / n, libm::sqrt(squares / n - (sum / n) * (sum / n)));
        let (foretold, spread) = (n_on as f64 * p, libm::sqrt(n_on as f64 / n_pairs as f64));
        assert!((mean / foretold - 1.0).abs() < 0.1, "{mean} of {foretold}");
        assert!((deviation / spread - 1.0).abs() < 0.1, "{deviation} of {spread}");
    }
}
