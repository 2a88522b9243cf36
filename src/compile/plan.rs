//! What to build: the command line over the `network` block over rules of thumb.
//!
//! Must not know how it is built.

use crate::circuit::{Circuit, GateId, Kind, Layer};
use crate::compile::channels;
use crate::compile::code::LayerTask;
use crate::compile::error::Error;
use crate::compile::fit::Request;
use crate::compile::problems;
use crate::diagnostic::{Span, suggest};
use crate::network::Network;
use crate::program::problems::{unknown_construction, unknown_layer};
use crate::program::{Level, Program, Width};

/// What the caller asks for; `None` leaves it to the circuit's `network` block, then to the defaults.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    pub level: Option<Level>,
    /// Neurons in every layer.
    pub width: Option<Width>,
    /// By layer name; overrides `width`.
    pub layer_widths: Vec<(String, Width)>,
    pub construction: Option<String>,
    /// For codes; the default is the block's `seed`.
    pub seed: Option<u64>,
    /// For `-O2`.
    pub fit: Request,
}

/// What wires a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Construction {
    Channels,
    Universal,
}

impl Construction {
    pub const ALL: [Construction; 2] = [Construction::Channels, Construction::Universal];

    pub fn name(self) -> &'static str {
        match self {
            Construction::Channels => "channels",
            Construction::Universal => "universal",
        }
    }

    pub fn by_name(name: &str) -> Option<Construction> {
        Construction::ALL.into_iter().find(|construction| construction.name() == name)
    }
}

/// Whether a network reads off what the layers of this circuit read off.
fn is_of_this_circuit(network: &Network, circuit: &Circuit) -> bool {
    let names_agree = |layer_idx: usize, layer: &crate::network::Layer| {
        circuit.layer_signals(layer_idx).map(|signal| circuit.name(signal)).eq(layer
            .readoff
            .signals
            .iter()
            .map(|s| &s.name[..]))
    };
    let features = (0..circuit.n_features()).map(|feature| circuit.names.get(feature));
    features.eq(network.header.features.iter().map(String::as_str))
        && network.layers.len() == circuit.layers.len()
        && network.layers.iter().enumerate().all(|(layer_idx, layer)| names_agree(layer_idx, layer))
}

/// Every choice made.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub level: Level,
    pub construction: Construction,
    /// By layer.
    pub widths: Vec<usize>,
    /// Whether any width comes from the rule of thumb (`channels::rule_of_thumb`).
    pub width_by_rule: bool,
    pub seed: u64,
}

const DEFAULT_LEVEL: Level = Level::Fitted;

/// Weights of one layer that are still taken: 8 GB.
const MAX_WEIGHTS: usize = 1 << 31;

/// Inputs of a parity that is still taken: each bends its staircase, over all the others.
const MAX_PARITY: u32 = 1024;

/// Inputs of a gate whose read-off is still solved for: each of some ten thousand inputs drawn looks at all of them.
const MAX_SOLVED_FAN_IN: u32 = 1 << 16;

/// Neurons of a layer whose covariance is still inverted.
const MAX_SOLVED_WIDTH: usize = 1 << 13;

impl Plan {
    pub fn resolve(program: &Program, options: &Options) -> Result<Plan, Error> {
        let (circuit, settings) = (&program.circuit, &program.settings);
        let mut problems = Vec::new();
        let level = Plan::requested_level(program, options);
        let (name, span) = match (&options.construction, &settings.construction) {
            (Some(name), _) => (name.as_str(), Span::NOWHERE),
            (None, Some((name, span))) => (name.as_str(), *span),
            (None, None) => (Construction::Channels.name(), Span::NOWHERE),
        };
        let construction = Construction::by_name(name).unwrap_or_else(|| {
            problems.push(unknown_construction(span, name, &Construction::ALL.map(Construction::name)));
            Construction::Channels
        });
        let layer_names: Vec<&str> = circuit.layers.iter().map(|layer| layer.name.as_str()).collect();
        for (name, _) in &options.layer_widths {
            if !layer_names.contains(&name.as_str()) {
                let meant = suggest(name, layer_names.iter().copied());
                problems.push(unknown_layer(Span::NOWHERE, name, layer_names.iter().copied(), meant));
            }
        }
        if level < Level::Fitted && options.fit != Request::default() {
            problems.push(problems::nothing_is_fitted(level.number()));
        }
        let from = options.fit.from.as_ref();
        if let Some(network) = from.filter(|network| !is_of_this_circuit(network, circuit)) {
            problems.push(problems::from_another_circuit(&network.header.circuit));
            return Err(Error::Refused(problems));
        }
        let requested = Plan::requested_widths(program, options);
        let mut widths = Vec::new();
        for (layer_idx, requested) in requested.iter().enumerate() {
            let given = from.map(|network| network.layers[layer_idx].width());
            widths.push(match requested {
                _ if given.is_some_and(|_| options.width.is_none() && options.layer_widths.is_empty()) => {
                    given.unwrap_or_default()
                }
                Some(Width::Neurons(n)) if given.is_some_and(|given| given != *n as usize) => {
                    problems.push(problems::from_another_width(layer_names[layer_idx], given.unwrap_or_default(), *n));
                    1
                }
                Some(Width::Neurons(n)) => *n as usize,
                Some(Width::Auto) => {
                    problems.push(problems::auto_unresolved(layer_names[layer_idx]));
                    1
                }
                None => Plan::rule_of_thumb(circuit, layer_idx, level),
            });
        }
        for (layer_idx, &n) in widths.iter().enumerate() {
            let n_below = if layer_idx == 0 { circuit.n_features() } else { widths[layer_idx - 1] };
            let most_published = MAX_WEIGHTS / n_below.max(1);
            let most = if level > Level::Published { most_published.min(MAX_SOLVED_WIDTH) } else { most_published };
            if n > most {
                let too_many_to_solve = n <= most_published;
                problems.push(problems::width_too_large(layer_names[layer_idx], n, n_below, most, too_many_to_solve));
            }
        }
        for (gate_idx, gate) in circuit.gates.iter().enumerate() {
            if matches!(gate.kind, Kind::Xor | Kind::Xnor) && gate.n_operands > MAX_PARITY {
                problems.push(problems::parity_too_wide(circuit, GateId(gate_idx as u32), MAX_PARITY));
            } else if level > Level::Published && gate.n_operands > MAX_SOLVED_FAN_IN {
                problems.push(problems::too_wide_to_solve(circuit, GateId(gate_idx as u32), MAX_SOLVED_FAN_IN));
            }
        }
        if !problems.is_empty() {
            return Err(Error::Refused(problems));
        }
        let width_by_rule = requested.contains(&None);
        Ok(Plan { level, construction, widths, width_by_rule, seed: options.seed.unwrap_or(settings.seed) })
    }

    /// What the command line or else the `network` block asks for.
    pub fn requested_level(program: &Program, options: &Options) -> Level {
        options.level.or(program.settings.optimize).unwrap_or(DEFAULT_LEVEL)
    }

    /// By layer, what the command line or else the `network` block asks for; `None` where neither does.
    pub fn requested_widths(program: &Program, options: &Options) -> Vec<Option<Width>> {
        let of_layer = |(layer_idx, layer): (usize, &Layer)| {
            let in_options = options.layer_widths.iter().rev().find(|(name, _)| *name == layer.name);
            let width = in_options.map(|entry| entry.1).or(options.width);
            width.or(program.settings.width_of(layer_idx))
        };
        program.circuit.layers.iter().enumerate().map(of_layer).collect()
    }

    /// Neurons for a layer when nobody says: √m' log2 m' for the m' bends of each height, at least 64, never more than
    /// one for each bend (the construction of Adler and Shavit 2024 with constant 1).
    ///
    /// For a fit, the counting floor √(m' log2 m') for the m' signals that the layer reads off, at least 32 and never
    /// more than that.
    pub fn rule_of_thumb(circuit: &Circuit, layer_idx: usize, level: Level) -> usize {
        let constructed = channels::rule_of_thumb(&LayerTask::new(circuit, layer_idx, None));
        if level < Level::Fitted {
            return constructed;
        }
        let n_signals = circuit.layers[layer_idx].n_signals().max(2) as f64;
        (libm::ceil(libm::sqrt(n_signals * libm::log2(n_signals))) as usize).max(32).min(constructed)
    }

    /// Neurons with which no two bends of a layer would share one.
    pub fn unshared_width(circuit: &Circuit, layer_idx: usize) -> usize {
        channels::unshared_width(&LayerTask::new(circuit, layer_idx, None))
    }
}
