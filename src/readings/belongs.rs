//! Whether a network computes a circuit, as far as names can tell, and what its gates are called there.
//!
//! Must not know weights.

use crate::circuit::{Circuit, GateId};
use crate::network::{NamedGate, Network};
use crate::program::Program;

/// Where the axes of a network part from those of a circuit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the network does not compute this circuit: {0}")]
pub struct Mismatch(String);

/// The gates of a circuit as a network's header has them.
pub fn named_gates(circuit: &Circuit) -> impl Iterator<Item = NamedGate> + '_ {
    (0..circuit.n_gates() as u32).map(GateId).map(|gate| {
        let kind = circuit.gates[gate.0 as usize].kind;
        NamedGate {
            name: circuit.name(circuit.gate_signal(gate)).to_owned(),
            kind: kind.name().to_owned(),
            count: kind.count(),
            operands: circuit.operands(gate).iter().map(|&operand| circuit.literal_text(operand)).collect(),
        }
    })
}

/// Whether the network's heads are those that a program asks for, by what they are called and match.
///
/// # Errors
/// The first difference.
pub fn heads_belong(program: &Program, network: &Network) -> Result<(), Mismatch> {
    let mismatch = |text: String| Err(Mismatch(text));
    if network.heads.len() != program.heads.len() {
        let (theirs, ours) = (network.heads.len(), program.heads.len());
        return mismatch(format!("it has {theirs} heads, the circuit {ours}"));
    }
    for (theirs, ours) in network.heads.iter().zip(&program.heads) {
        if theirs.name != ours.name {
            return mismatch(format!("its head `{}` is the circuit's `{}`", theirs.name, ours.name));
        }
        let is_same = theirs.rank() == ours.rank as usize && theirs.tokens == ours.tokens;
        if !is_same || theirs.matches != ours.matches {
            return mismatch(format!("head `{}` is another in one than in the other", ours.name));
        }
    }
    if program.heads.is_empty() {
        return Ok(());
    }
    let n_direct = program.circuit.n_features() - program.settings.stored_features(program.circuit.n_features()).len();
    let d = program.settings.stream_dimensions().map(|d| n_direct + d as usize);
    match network.dictionary.as_ref().map(|dictionary| dictionary.embedding.n_rows()) {
        Some(found) if Some(found) != d => {
            mismatch(format!("its stream has {found} dimensions, the circuit's {}", d.unwrap_or(0)))
        }
        _ => Ok(()),
    }
}

/// Whether the network's axes are the circuit's: features, layers, and the signals that each reads off, by name; and
/// whether its gates are, where it says.
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
    let gates = &network.header.gates;
    if !gates.is_empty() && gates.len() != circuit.n_gates() {
        let (theirs, ours) = (gates.len(), circuit.n_gates());
        return mismatch(format!("it names {theirs} gates, the circuit has {ours}"));
    }
    match gates.iter().zip(named_gates(circuit)).find(|(theirs, ours)| *theirs != ours) {
        Some((_, ours)) => mismatch(format!("`{}` is another gate in one than in the other", ours.name)),
        None => Ok(()),
    }
}
