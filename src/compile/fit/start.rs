//! The weights that a fit begins with: a network's, a code's, or small random ones.
//!
//! Must not know how they are trained.

use std::borrow::Cow;

use ndarray::{Array2, s};

use super::recipe;
use super::weights::{LayerWeights, Wiring, Writes, noisy_identity};
use super::whitening::Whitening;
use super::{coded, finish, on_stream};
use crate::compile::compilation::Compilation;
use crate::compile::layer::LayerTask;
use crate::compile::options::Request;
use crate::compile::slots::Slots;
use crate::kernels;
use crate::network::{Freeze, Network};
use crate::program::Sides;
use crate::progress::Watcher;
use crate::random::{self, Pcg64};

/// By layer. `attempt` tells one start from the next.
pub fn begin(
    compilation: &Compilation,
    request: &Request,
    whitening: Option<&Whitening>,
    is_coded: bool,
    sides: Sides,
    attempt: u64,
    watcher: Watcher,
) -> Vec<LayerWeights> {
    let Compilation { tasks, plan, .. } = compilation;
    let widths = &plan.widths;
    let mut key = vec![plan.seed, random::key_of("fit: start")];
    key.extend((attempt > 0).then_some(attempt));
    let mut rng = random::stream(&key);
    if is_coded && request.from.is_none() {
        // Whoever stops it here stops the fit with its first step.
        if let Ok(start) = coded::start(compilation, &tasks[0], widths[0], &mut rng, watcher) {
            return vec![start];
        }
    }
    let from = request.from.as_deref().map(Network::without_offsets);
    let slots = compilation.stream.as_ref().and_then(|stream| stream.slots.as_ref());
    // A network that writes elsewhere goes on writing there.
    let slots = match (slots, whitening, &from) {
        (Some(slots), Some(whitening), Some(network)) if !on_stream::writes_to(slots, network, whitening) => {
            Some(Cow::Owned(slots.shared()))
        }
        (slots, ..) => slots.map(Cow::Borrowed),
    };
    let mut begun: Vec<LayerWeights> = Vec::new();
    for task in tasks {
        let mut start = match (slots.as_deref(), whitening) {
            (Some(slots), Some(whitening)) => start_on_stream(task, widths, slots, whitening, begun.last(), &mut rng),
            _ => start(task, widths, whitening, &mut rng),
        };
        if task.layer_idx == 0 && request.study.freeze == Freeze::Weights {
            // To either side alike.
            start.bias.fill(0.0);
        }
        begun.push(match &from {
            Some(network) => finish::resume(&network.layers, task.layer_idx, start, whitening, sides),
            None => start,
        });
    }
    begun
}

/// Where the fit of a layer begins: random signs over features, or nearly what the layer below has.
fn start(task: &LayerTask, widths: &[usize], whitening: Option<&Whitening>, rng: &mut Pcg64) -> LayerWeights {
    let n = widths[task.layer_idx];
    let (scale, bias) = recipe::start(n, whitening.is_some());
    let (wiring, bias) = match (task.layer_idx.checked_sub(1), whitening) {
        (None, None) => (Wiring::signs(task.below.len(), n, scale, rng), bias),
        (None, Some(whitening)) => {
            // Whitened features have length 1: a neuron sees each as a Gaussian of this scale.
            (Wiring::dense(&noisy_identity((n, whitening.n_coordinates()), 0.0, scale, rng)), bias)
        }
        (Some(below), _) => {
            let n_below = widths[below];
            let n_signals = task.below.len();
            if n_signals < n_below {
                (Wiring::factored(&noisy_identity((n, n_signals), 0.0, recipe::UPPER_WEIGHT, rng)), recipe::UPPER_BIAS)
            } else {
                let noise = recipe::UPPER_NOISE / (n_below as f32).sqrt();
                (Wiring::dense(&noisy_identity((n, n_below), 1.0, noise, rng)), recipe::UPPER_BIAS)
            }
        }
    };
    LayerWeights::new(n, task.targets.len(), bias, wiring)
}

/// Where the fit of a layer begins on a stream: random signs over features, or nearly the neurons of the layer below,
/// by what they have written, and a little of every feature.
fn start_on_stream(
    task: &LayerTask,
    widths: &[usize],
    slots: &Slots,
    whitening: &Whitening,
    below: Option<&LayerWeights>,
    rng: &mut Pcg64,
) -> LayerWeights {
    let n = widths[task.layer_idx];
    let n_entry = slots.features.ncols();
    let n_below = task.layer_idx.checked_sub(1).map_or(n_entry, |below| slots.n_above(below));
    let (scale, bias) = recipe::start(n, whitening.is_superposed);
    let (wiring, bias) = match below.and_then(|below| Some((below.n, below.writes.as_ref()?))) {
        None if whitening.is_superposed => (Wiring::dense(&noisy_identity((n, n_entry), 0.0, scale, rng)), bias),
        None => (Wiring::signs(task.below.len(), n, scale, rng), bias),
        Some((neurons_below, writes)) => {
            let noise = |n: usize| recipe::UPPER_NOISE / (n as f32).sqrt();
            let neurons = noisy_identity((n, neurons_below), 1.0, noise(neurons_below), rng);
            let mut weight = Array2::zeros((n, n_below));
            kernels::par_product(neurons.view(), writes.to_dense(n_below, neurons_below).t(), weight.view_mut());
            if slots.has_room() {
                weight.slice_mut(s![.., ..n_entry]).assign(&noisy_identity((n, n_entry), 0.0, noise(n_entry), rng));
            }
            (Wiring::dense(&weight), recipe::UPPER_BIAS)
        }
    };
    let slot = slots.layers[task.layer_idx].clone();
    let writes = match slot.len() == n && slots.has_room() {
        true => Writes::Own(slot),
        false => {
            let length = (slot.len() as f32).sqrt();
            let directions = noisy_identity((slot.len(), n), 0.0, 1.0, rng) / length;
            Writes::along(slot, &directions)
        }
    };
    LayerWeights::new(n, task.targets.len(), bias, wiring).writing(writes, slots.n_above(task.layer_idx))
}
