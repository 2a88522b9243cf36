//! Whether a network computes a circuit, as far as names can tell.
//!
//! Must not know weights.

use crate::circuit::Circuit;
use crate::network::Network;

/// Where the axes of a network part from those of a circuit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the network does not compute this circuit: {0}")]
pub struct Mismatch(String);

/// Whether the network's axes are the circuit's: features, layers, and the signals that each reads off, by name.
///
/// # Errors
/// The first difference.
pub fn belongs(circuit: &Circuit, network: &Network) -> Result<(), Mismatch> {
    let mismatch = |text: String| Err(Mismatch(text));
    if network.header.features.len() != circuit.n_features() {
        let (theirs, ours) = (network.header.features.len(), circuit.n_features());
        return mismatch(format!("it reads {theirs} features, the circuit has {ours}"));
    }
    for (feature_idx, name) in network.header.features.iter().enumerate() {
        let ours = circuit.names.get(feature_idx);
        if name != ours {
            return mismatch(format!("its feature {feature_idx} is `{name}`, the circuit's is `{ours}`"));
        }
    }
    if network.layers.len() != circuit.layers.len() {
        let (theirs, ours) = (network.layers.len(), circuit.layers.len());
        return mismatch(format!("it has {theirs} layers, the circuit {ours}"));
    }
    for (layer_idx, (weights, layer)) in network.layers.iter().zip(&circuit.layers).enumerate() {
        let name = &layer.name;
        if weights.name != *name {
            return mismatch(format!("its layer {layer_idx} is `{}`, the circuit's is `{name}`", weights.name));
        }
        if (weights.readoff.n_gates, weights.readoff.signals.len()) != (layer.gates.len(), layer.n_signals()) {
            return mismatch(format!("layer `{name}` reads off other signals than the circuit's"));
        }
        for (theirs, signal) in weights.readoff.signals.iter().zip(circuit.layer_signals(layer_idx)) {
            let ours = circuit.name(signal);
            if theirs.name != ours {
                return mismatch(format!("layer `{name}` reads off `{}`, the circuit `{ours}`", theirs.name));
            }
            if theirs.complemented != circuit.is_complemented(signal) {
                return mismatch(format!("`{ours}` is complemented in one and not in the other"));
            }
        }
    }
    Ok(())
}
