//! How many neurons a layer that is fitted gets. Must not know how it is fitted.

use crate::compile::construct::{fewest_or_superposed, unshared_width};
use crate::compile::layer::LayerTask;
use crate::program::Sides;

/// Neurons for a layer that is fitted, when nobody says: the counting floor √(m' log2 m') for the m' signals that the
/// layer reads off, twice that where they are held near 0 and 1, at least 32, and never more than would be wired.
///
/// Inputs with s of m features on cannot be told apart by fewer than about s log2 m neurons, however many signals are
/// read off. Where that is more, and half of the bends or more besides, superposition would save nothing: each bend
/// gets its own neuron.
pub fn rule_of_thumb(layer: &LayerTask, sides: Sides) -> usize {
    let n_signals = layer.targets.len().max(2) as f64;
    let floor = libm::ceil(libm::sqrt(n_signals * libm::log2(n_signals))) as usize;
    let floors = if sides == Sides::Two { 2 } else { 1 };
    let sparse = (floors * floor).max(32);
    let dense = match layer.layer_idx {
        0 => layer.circuit.distribution.active_features() * libm::log2(layer.below.len().max(2) as f64),
        _ => 0.0,
    };
    let dense = libm::ceil(dense) as usize;
    match unshared_width(layer) {
        unshared if dense > sparse && 2 * dense >= unshared => unshared,
        _ => sparse.max(dense).min(fewest_or_superposed(layer)),
    }
}

/// Beyond so many neurons a search does not go: twice as many as bends, with which nothing need be fitted.
pub fn most_neurons(layer: &LayerTask) -> usize {
    2 * unshared_width(layer)
}
