//! Construction `linear`: a random code of what is below, in which every neuron stays awake, so that none computes.
//!
//! Nobody's construction: what each must be held against. C is random signs, and the bias of a neuron such that no
//! input that there is puts it to sleep. Signals are read back through the code's pseudo-inverse, scaled to unit gain,
//! with noise of variance about s (1/n − 1/m) for s of m features on; a gate is read as a line over the signed sum of
//! its literals, and right as long as the noise leaves the sum on its side of a threshold: with few features on a few
//! hundred neurons are enough for thousands of ANDs. What no neuron does, the reader's threshold does. Read-offs are
//! another matter: a line over the sum is never nearer to an AND than ¼, however many neurons there are, and to an XOR,
//! or whatever else steps up and down, than ½.
//!
//! As published, the lines are those nearest to the gates where sums are exact (½ u − ¼ for an AND of two), with
//! thresholds at ½. Everything is linear: what is read of a layer is one more signal for the layer above, however
//! wrong.
//!
//! Must not know any sampled input: which lines and thresholds serve best is for `-O1` to see.

use ndarray::{Array2, ArrayView1};

use super::affine::Affine;
use super::code::Code;
use super::construction::{Chosen, Construction, Correcting, Ladder, Needs, Solution, Wiring, Word, without_options};
use super::line::Line;
use super::regime::{Inequality, Regime};
use super::site::Site;
use super::sum::Sum;
use crate::circuit::inputs::least::least_sums;
use crate::compile::layer::LayerTask;
use crate::compile::problems;
use crate::compile::readers::{filters, readers};
use crate::kernels;
use crate::linear;
use crate::network::matrix::Matrix;
use crate::program::Level;
use crate::random::{self, Pcg64};

/// The row of the table.
#[derive(Debug)]
pub struct Linear;

pub const LINEAR: Linear = Linear;

/// What is left to a neuron when the worst input is on.
const AWAKE: f32 = 1.0;

/// Share of the mean variance that is added before the code is inverted: enough for more neurons than signals, little
/// enough to read exactly with as many.
const RIDGE: f64 = 1e-9;

impl Construction for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn summary(&self) -> &'static str {
        "a random linear code: no neuron computes"
    }

    fn with(&self, options: &[Word]) -> Chosen {
        without_options(Linear, options)
    }

    fn correcting(&self) -> Correcting {
        Correcting::Never
    }

    /// With variance k s (1/n − 1/m) of a sum of k literals, half a step is √(2 ln 100 m') standard deviations: the
    /// worst of m' targets goes beyond in less than one of a hundred inputs. That is q m/(q + m) neurons with q = 8 k s
    /// ln 100 m', never more than the m signals below. Above the first layer s is still the number of features that are
    /// on.
    fn rule_of_thumb(&self, layer: &LayerTask) -> usize {
        let n_targets = layer.targets.len();
        let fan_in = (0..n_targets).map(|idx| layer.operands(idx).len()).max().unwrap_or(0) as f64;
        let n_on = layer.circuit.distribution.active_features();
        let half_a_step = Regime { n_on, stored_in: None, epsilon: 0.5, one_in: 100.0 };
        (libm::ceil(width(layer, &half_a_step, fan_in / 0.25)) as usize).max(1)
    }

    /// As many as signals: then they are read exactly.
    fn most_neurons(&self, layer: &LayerTask) -> usize {
        layer.below.len().max(1)
    }

    fn inequality(&self) -> Inequality {
        Inequality {
            formula: "q m / (q + m) with q = 2 k s ln(m'/δ) / τ²: a sum of k signals has the variance k s (1/n − 1/m), \
                      and τ, of an AND of two 2 ε − ½, is t = sqrt(2 ln(m'/δ)) of its deviations",
            source: "the noise of a pseudo-inverse",
        }
    }

    /// τ is what the line that lies nearest to the target leaves of ε, over its slope. No line tells an XOR.
    fn needs(&self, layer: &LayerTask, regime: &Regime) -> Needs {
        let mut most = 0.0;
        for target_idx in 0..layer.targets.len() {
            let sum = Sum::of(layer, target_idx);
            let ends = |is_on| sum.range_of(is_on).map(|ends| ends.map(|u| u as f64));
            let line = sum.nearest_line();
            let distance = |is_on: bool| {
                let truth = if is_on { 1.0 } else { 0.0 };
                ends(is_on).into_iter().flatten().map(move |u| (line.at(u) - truth).abs())
            };
            let nearest = distance(false).chain(distance(true)).fold(0.0, f64::max);
            if nearest >= regime.epsilon {
                return Err(problems::no_line_near_enough(layer, target_idx, nearest));
            }
            if line.slope != 0.0 {
                let tolerated = (regime.epsilon - nearest) / line.slope;
                most = f64::max(most, sum.weights.len() as f64 / (tolerated * tolerated));
            }
        }
        let width = width(layer, regime, most);
        match regime.stored_in {
            Some(d) if width > d => Err(problems::too_few_dimensions(layer.below.len(), d, width)),
            _ => Ok(width),
        }
    }

    fn published(&self, _: &LayerTask) -> Box<dyn Wiring> {
        Box::new(ReadAs::Nearest)
    }

    fn ladder(&self, _: &LayerTask, _: usize) -> Ladder {
        Ladder::only(ReadAs::Sums)
    }

    fn solution(&self) -> Solution {
        Solution::Lines
    }

    fn inverts(&self, _: Level) -> bool {
        true
    }
}

/// q m / (q + m) neurons for m signals below, with q = 2 s ln(m'/δ) k / τ², where `most` is the greatest k / τ² of a
/// target: sums of k signals, of variance k s (1/n − 1/m), are within τ.
fn width(layer: &LayerTask, regime: &Regime, most: f64) -> f64 {
    let n_signals = layer.below.len() as f64;
    let q = most * regime.n_on * regime.variances(layer.targets.len());
    q * n_signals / (q + n_signals).max(1.0)
}

/// What is read off the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReadAs {
    /// Of each target the sum itself.
    Sums,
    /// The line over it that lies nearest to the target.
    Nearest,
}

impl Wiring for ReadAs {
    fn wire(&self, site: &Site, rng: &mut Pcg64) -> Code {
        let sign = || if random::coin(rng, 0.5) { 1.0 } else { -1.0 };
        let compute = Matrix::Dense(Array2::from_shape_simple_fn((site.n, site.task.below.len()), sign));
        let awake = Awake::of(site, &compute);
        let (readoff, readoff_bias) = self.read(site.task, &awake, &awake.readers(site));
        Code { bias: awake.bias(&compute), block: None, compute, readoff, readoff_bias, missing: Vec::new() }
    }
}

impl ReadAs {
    /// R and r, through what reads the signals below.
    fn read(self, task: &LayerTask, awake: &Awake, readers: &Array2<f64>) -> (Matrix, Vec<f32>) {
        let n = readers.ncols();
        let mut readoff = Array2::<f32>::zeros((task.targets.len(), n));
        let mut offsets = Vec::with_capacity(task.targets.len());
        for (target_idx, mut row) in readoff.rows_mut().into_iter().enumerate() {
            let sum = Sum::of(task, target_idx);
            let line = match self {
                ReadAs::Sums => Line { slope: 1.0, offset: 0.0 },
                ReadAs::Nearest => sum.nearest_line(),
            };
            let (mut reader, mut at_rest) = (vec![0.0; n], 0.0);
            for (signal, weight) in sum.weights {
                let column = task.column(signal) as usize;
                kernels::axpy(weight as f64, readers.row(column).to_slice().expect("row-major"), &mut reader);
                at_rest += weight as f64 * f64::from(awake.signals_at_rest[column]);
            }
            row.assign(&ArrayView1::from(&reader).mapv(|weight| (line.slope * weight) as f32));
            let neurons_at_rest = awake.neurons.at_rest.iter().zip(&row);
            let read_at_rest: f64 = neurons_at_rest.map(|(&h, &weight)| f64::from(h) * f64::from(weight)).sum();
            offsets.push((line.at(at_rest) - read_at_rest) as f32);
        }
        (Matrix::Dense(readoff), offsets)
    }
}

/// Neurons that no input puts to sleep, and what they stand on.
struct Awake {
    /// The neurons of the layer below; `None` where features are.
    below: Option<Affine>,
    /// What the signals below are read as with nothing on.
    signals_at_rest: Vec<f32>,
    neurons: Affine,
}

impl Awake {
    /// With the bias that the worst input asks for.
    fn of(site: &Site, compute: &Matrix) -> Awake {
        let below = Affine::of(site.below, site.embedding);
        let slopes = Affine::through(&site.weight(compute), &vec![0.0; site.n], below.as_ref(), site.embedding).slopes;
        let least = least_sums(&site.task.circuit.distribution, &slopes);
        let at_rest = least.into_iter().map(|least| AWAKE - least).collect();
        let signals_at_rest = match (site.readoff_below(), &below) {
            (Some((matrix, bias)), Some(below)) => {
                bias.iter().enumerate().map(|(signal, bias)| matrix.row_times(signal, &below.at_rest) + bias).collect()
            }
            _ => vec![0.0; site.task.below.len()],
        };
        Awake { below, signals_at_rest, neurons: Affine { slopes, at_rest } }
    }

    /// b of the code: what C makes of the signals at rest is left to it.
    fn bias(&self, compute: &Matrix) -> Vec<f32> {
        let neurons = self.neurons.at_rest.iter().enumerate();
        neurons.map(|(neuron, at_rest)| at_rest - compute.row_times(neuron, &self.signals_at_rest)).collect()
    }

    /// By signal below, what reads it off the neurons. [signals, n]
    ///
    /// Features are read off their codes. What a layer reads off is a function of the features itself, R K x with K
    /// the slopes of the neurons below: it is read through its covariance with the neurons here, as though features
    /// were independent and equally frequent.
    fn readers(&self, site: &Site) -> Array2<f64> {
        let transposed = |matrix: &Array2<f64>| matrix.t().to_owned();
        let slopes = self.neurons.slopes.mapv(f64::from);
        let (Some((readoff, _)), Some(below)) = (site.readoff_below(), &self.below) else {
            return readers(&transposed(&slopes), RIDGE);
        };
        let readoff = readoff.to_dense().mapv(f64::from);
        let below = below.slopes.mapv(f64::from);
        let with_below = linear::product(&readoff, &linear::product(&below, &transposed(&below)));
        let powers = with_below.rows().into_iter().zip(readoff.rows()).map(|(with, row)| (&with * &row).sum());
        let with_neurons = linear::product(&readoff, &linear::product(&below, &transposed(&slopes)));
        filters(&with_neurons, linear::product(&slopes, &transposed(&slopes)), &powers.collect::<Vec<f64>>(), RIDGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::by_hand::{self, choose, off, on};
    use crate::circuit::inputs::sample::Sampler;
    use crate::circuit::{Circuit, Clause, Distribution, Kind, Literal};
    use crate::compile::construct::join;
    use crate::compile::dictionary::{self, Embedding};
    use crate::compile::layer::layer_tasks;
    use crate::network::Layer;
    use crate::network::forward::Forward;
    use crate::program::{Settings, Store};

    fn distribution(clauses: Vec<Clause>) -> Distribution {
        Distribution { clauses, plant: 0.0, rows: None }
    }

    /// The layers of a circuit at these widths.
    fn layers(circuit: &Circuit, read_as: ReadAs, widths: &[usize], embedding: Option<&Embedding>) -> Vec<Layer> {
        let mut layers = Vec::new();
        for (task, &n) in layer_tasks(circuit).iter().zip(widths) {
            let site = Site { task, n, below: &layers, stream: None, embedding, is_frequent: &[] };
            let layer = join(&site, read_as.wire(&site, &mut random::stream(&[5, task.layer_idx as u64])));
            layers.push(layer);
        }
        layers
    }

    /// What the last layer reads off on one input.
    fn read(layers: &[Layer], active: &[u32]) -> Vec<f32> {
        let forward = Forward::of_layers(None, layers);
        let activations = forward.run(&[active]);
        let n_signals = layers.last().unwrap().n_signals();
        let mut out = Array2::zeros((n_signals, 1));
        forward.read_off(layers.len() - 1, 0..n_signals, activations.top(), out.view_mut());
        out.into_raw_vec_and_offset().0
    }

    fn assert_reads(layers: &[Layer], active: &[u32], expected: &[f32]) {
        let found = read(layers, active);
        let is_near = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-3);
        assert!(is_near && found.len() == expected.len(), "{active:?}: {found:?}, not {expected:?}");
    }

    /// a & b, a | b, a ^ b, a & !b, s ? a : b, a.
    fn of_every_sort() -> Circuit {
        let gates: Vec<(Kind, Vec<Literal>)> = vec![
            (Kind::And, vec![on(0), on(1)]),
            (Kind::Or, vec![on(0), on(1)]),
            (Kind::Xor, vec![on(0), on(1)]),
            (Kind::And, vec![on(0), off(1)]),
            (Kind::Mux, vec![on(2), on(0), on(1)]),
            (Kind::Copy, vec![on(0)]),
        ];
        by_hand::circuit(20, &[gates], distribution(vec![choose(0..20, 0..=4)]))
    }

    #[test]
    fn with_as_many_neurons_as_features_sums_are_exact() {
        for n in [20, 21, 60] {
            let layers = layers(&of_every_sort(), ReadAs::Sums, &[n], None);
            assert_reads(&layers, &[], &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
            assert_reads(&layers, &[0], &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
            assert_reads(&layers, &[1, 2], &[1.0, 1.0, 1.0, -1.0, 1.0, 0.0]);
            assert_reads(&layers, &[0, 1, 2, 3], &[2.0, 2.0, 2.0, 0.0, 2.0, 1.0]);
        }
    }

    #[test]
    fn as_published_an_and_is_within_a_quarter_and_an_xor_within_one_half() {
        let layers = layers(&of_every_sort(), ReadAs::Nearest, &[30], None);
        assert_reads(&layers, &[], &[-0.25, 0.25, 0.5, 0.25, 0.0, 0.0]);
        assert_reads(&layers, &[0, 2], &[0.25, 0.75, 0.5, 0.75, 0.5, 1.0]);
        assert_reads(&layers, &[0, 1], &[0.75, 1.25, 0.5, 0.25, 1.0, 1.0]);
        assert_reads(&layers, &[1], &[0.25, 0.75, 0.5, -0.25, 0.5, 0.0]);
    }

    #[test]
    fn with_fewer_neurons_each_feature_is_still_read_with_gain_one() {
        let gates = (0..50).map(|feature| (Kind::Copy, vec![on(feature)])).collect();
        let circuit = by_hand::circuit(50, &[gates], distribution(vec![choose(0..50, 1..=2)]));
        for n in [1, 3, 20] {
            let layers = layers(&circuit, ReadAs::Sums, &[n], None);
            let noise = (0..50).map(|feature| {
                let readings = read(&layers, &[feature]);
                assert!((readings[feature as usize] - 1.0).abs() < 1e-3, "{n} neurons");
                readings[(feature as usize + 1) % 50].powi(2)
            });
            assert!(noise.sum::<f32>() > 0.5 * 50.0 * (1.0 / n as f32 - 1.0 / 50.0), "{n} neurons read all apart");
        }
    }

    /// What is above reads what is below as it is read, not as it should be: a & b as ½ a + ½ b − ¼.
    #[test]
    fn each_layer_reads_what_is_read_of_the_one_below() {
        let both = vec![(Kind::And, vec![on(0), on(1)]), (Kind::Copy, vec![on(2)])];
        let above = vec![(Kind::Or, vec![on(20), on(21)])];
        let circuit = by_hand::circuit(20, &[both, above], distribution(vec![choose(0..20, 0..=3)]));
        let circuit = by_hand::carrying(circuit);
        for widths in [[20, 20], [25, 20], [20, 50]] {
            let mut layers = layers(&circuit, ReadAs::Nearest, &widths, None);
            let nearest = |u: f32| 0.5 * u + 0.25;
            assert_reads(&layers, &[], &[nearest(-0.25)]);
            assert_reads(&layers, &[0, 3], &[nearest(0.25)]);
            assert_reads(&layers, &[0, 1, 2], &[nearest(1.75)]);
            layers.pop();
            assert_reads(&layers, &[0, 1, 2], &[0.75, 1.0]);
        }
    }

    /// Two layers and carried signals, few neurons and many, whatever inputs are like.
    #[test]
    fn no_input_puts_a_neuron_to_sleep() {
        let each = Clause::Each { features: (20..30).collect(), probability: 0.3 };
        let mut rng = random::stream(&[2]);
        let mut circuit = by_hand::carrying(by_hand::random(&mut rng, 30, 3, 20));
        circuit.distribution = distribution(vec![choose(0..20, 1..=4), each]);
        let store = Store {
            features: (5..25).collect(),
            dimensions: 8,
            dictionary: ("gaussian".to_string(), Default::default()),
            span: Default::default(),
        };
        let settings = Settings { stores: vec![store], ..Settings::default() };
        let stored = dictionary::embed(&circuit, &settings, 2);
        let sampler = Sampler::new(&circuit).unwrap();
        for (embedding, widths) in [(None, [6, 5, 4]), (None, [40, 30, 60]), (stored.as_ref(), [12, 20, 7])] {
            let layers = layers(&circuit, ReadAs::Nearest, &widths, embedding);
            let forward = Forward::of_layers(embedding.map(|embedding| &embedding.dictionary), &layers);
            let mut sleepiest = f32::INFINITY;
            for block_idx in 0..20 {
                let inputs = sampler.block(3, "awake", block_idx);
                let activations = forward.run(&inputs.iter().collect::<Vec<_>>());
                for layer_idx in 0..3 {
                    let least = activations.layer(layer_idx).values().iter().copied().fold(f32::INFINITY, f32::min);
                    sleepiest = sleepiest.min(least);
                }
            }
            assert!(sleepiest > 0.9 * AWAKE, "{widths:?}: {sleepiest}");
        }
    }
}
