//! Error correction, measured: how far from the truth signals are before a layer that corrects, and behind it.
//!
//! Vaintrob, Mendel, Hänni 2024 ("Toward a mathematical framework for computation in superposition", on error
//! correction): a layer of n neurons that clamps m signals, s of them on, brings errors down as long as they come in
//! below K n^¼ / (m^½ s^¼), with some constant K. Must not know how a layer corrects.

use rayon::prelude::*;
use serde::Serialize;

use crate::circuit::{Circuit, Signal};
use crate::network::Network;
use crate::network::forward::Forward;
use crate::readings::{BLOCK, Batch};

/// What a layer that corrects does to the signals that pass through it. Errors are the worst of an input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Correction {
    pub layer: String,
    /// The layer below, which it corrects.
    pub after: String,
    /// m: signals that pass through.
    pub signals: usize,
    /// s: how many of them are on, in the mean.
    pub active: f64,
    /// What 99 % of the inputs come in with at most.
    pub incoming: f32,
    /// And go on with.
    pub outgoing: f32,
    /// The greatest error up to which, of the inputs that come in with no more, 99 % go on with less than
    /// [`NEAR`]; `None` where there is none.
    pub tolerated: Option<f32>,
    /// n^¼ / (m^½ s^¼): the published tolerance, with 1 for its constant.
    pub published: f64,
}

/// How near the truth a corrected signal is to be: what the clamp of the next correction is deaf to.
pub const NEAR: f32 = 0.25;

/// So many inputs at most are looked at, those that come first.
const MOST_INPUTS: usize = 1 << 20;

const SHARE: f64 = 0.99;

/// What passes through a layer that corrects.
pub(super) struct Pass {
    layer_idx: usize,
    signals: Vec<Signal>,
    /// Of the layer below, by what it reads off; `None` of what does not pass.
    below: Vec<Option<Signal>>,
    /// By input: the worst error as it comes in, and as it goes on.
    errors: Vec<(f32, f32)>,
    n_on: u64,
}

/// One for each layer that corrects; nothing has passed yet.
pub(super) fn passes(circuit: &Circuit) -> Vec<Pass> {
    let correcting = (1..circuit.layers.len()).filter(|&layer_idx| circuit.layers[layer_idx].corrects);
    correcting.map(|layer_idx| Pass::new(circuit, layer_idx)).collect()
}

impl Pass {
    fn new(circuit: &Circuit, layer_idx: usize) -> Pass {
        let signals: Vec<Signal> = circuit.layer_signals(layer_idx).collect();
        let passes = |signal: Signal| signals.binary_search(&signal).is_ok().then_some(signal);
        let below = circuit.layer_signals(layer_idx - 1).map(passes).collect();
        Pass { layer_idx, signals, below, errors: Vec::new(), n_on: 0 }
    }

    /// Adds the inputs of filled batches, in order.
    pub fn add(&mut self, batches: &[Batch], forward: &Forward) {
        if self.errors.len() >= MOST_INPUTS {
            return;
        }
        let found: Vec<_> = batches.par_iter().map(|batch| self.of(batch, forward)).collect();
        for (errors, n_on) in found {
            self.errors.extend(errors);
            self.n_on += n_on;
        }
    }

    /// By input, and how many signals are on in all of them.
    fn of(&self, batch: &Batch, forward: &Forward) -> (Vec<(f32, f32)>, u64) {
        let mut space = Vec::new();
        let mut incoming = vec![[0.0f32; BLOCK]; batch.blocks().len()];
        let mut outgoing = incoming.clone();
        batch.read(forward, self.layer_idx - 1, 0..self.below.len(), &mut space, |reading| {
            if let Some(signal) = self.below[reading.signal_idx] {
                keep_worst(&mut incoming[reading.block_idx], &reading.errors(signal));
            }
        });
        batch.read(forward, self.layer_idx, 0..self.signals.len(), &mut space, |reading| {
            keep_worst(&mut outgoing[reading.block_idx], &reading.errors(self.signals[reading.signal_idx]));
        });
        let mut errors = Vec::new();
        let mut n_on = 0;
        for ((block, incoming), outgoing) in batch.blocks().iter().zip(incoming).zip(outgoing) {
            errors.extend(incoming.into_iter().zip(outgoing).take(block.n_inputs()));
            let of_signal = |signal: &Signal| u64::from((block.word(*signal) & block.valid()).count_ones());
            n_on += self.signals.iter().map(of_signal).sum::<u64>();
        }
        (errors, n_on)
    }

    pub fn judged(self, circuit: &Circuit, network: &Network) -> Correction {
        let Pass { layer_idx, signals, mut errors, n_on, .. } = self;
        let active = n_on as f64 / errors.len().max(1) as f64;
        errors.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut outgoing: Vec<f32> = errors.iter().map(|error| error.1).collect();
        let mut n_near = 0u64;
        let mut tolerated = None;
        for (n, &(incoming, outgoing)) in (1..).zip(&errors) {
            n_near += u64::from(outgoing < NEAR);
            // All that come in with as much are told together.
            let is_last = errors.get(n).is_none_or(|next| next.0 > incoming);
            if is_last && n_near as f64 >= SHARE * n as f64 {
                tolerated = Some(incoming);
            }
        }
        outgoing.sort_by(f32::total_cmp);
        let within = |sorted: &mut dyn ExactSizeIterator<Item = f32>| {
            let place = (libm::ceil(SHARE * sorted.len() as f64) as usize).saturating_sub(1);
            sorted.nth(place).unwrap_or(0.0)
        };
        let n = network.layers[layer_idx].width() as f64;
        Correction {
            layer: circuit.layers[layer_idx].name.clone(),
            after: circuit.layers[layer_idx - 1].name.clone(),
            signals: signals.len(),
            active,
            incoming: within(&mut errors.iter().map(|error| error.0)),
            outgoing: within(&mut outgoing.into_iter()),
            tolerated,
            published: tolerance(n, signals.len() as f64, active),
        }
    }
}

/// n^¼ / (m^½ s^¼), with fewer than one signal on taken as one.
fn tolerance(n: f64, m: f64, s: f64) -> f64 {
    libm::pow(n, 0.25) / (libm::sqrt(m.max(1.0)) * libm::pow(s.max(1.0), 0.25))
}

fn keep_worst(worst: &mut [f32; BLOCK], errors: &[f32; BLOCK]) {
    worst.iter_mut().zip(errors).for_each(|(worst, &error)| *worst = worst.max(error));
}
