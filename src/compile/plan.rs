//! What to build: the command line over the `network` block over rules of thumb.
//!
//! Must not know how it is built.

use std::sync::Arc;

use super::construct::{self, CONSTRUCTIONS, Construction, Correcting, Inequality, Needs, Regime};
use super::error::Error;
use super::fit::widths;
use super::layer::{LayerTask, layer_tasks};
use super::options::{Options, Request};
use super::{dictionary, problems, stream};
use crate::circuit::{Circuit, GateId, Kind};
use crate::diagnostic::{Diagnostic, Span, suggest};
use crate::network::Network;
use crate::program::problems::unknown_layer;
use crate::program::{Activation, Decoder, Head, Level, Program, Sides, Width, construction_words};
use crate::readings::belongs;

/// Every choice made.
#[derive(Debug, Clone)]
pub struct Plan {
    pub level: Level,
    pub construction: Arc<dyn Construction>,
    /// By layer.
    pub widths: Vec<usize>,
    /// By layer, whether its width comes from a rule of thumb.
    pub is_by_rule: Vec<bool>,
    pub seed: u64,
}

/// What is asked for; widths may be open.
#[derive(Debug, Clone)]
pub struct Asked {
    pub level: Level,
    /// Of a fit.
    pub sides: Sides,
    pub construction: Arc<dyn Construction>,
    /// By layer; `None` where nobody says.
    pub widths: Vec<Option<Width>>,
    /// Whether layers are so many that errors would add up, and superposition would save less than a factor of two.
    is_deep: bool,
}

/// Layers of a circuit that is not deep: of more, the errors of each add up, and every step of a fit is long.
const FEW_LAYERS: usize = 8;

/// Weights of one layer that are still taken: 8 GB.
const MAX_WEIGHTS: usize = 1 << 31;

/// Neurons of one layer that are still taken: hundreds of inputs are run forward together, and each takes a megabyte.
const MAX_NEURONS: usize = 1 << 18;

/// Inputs of a parity that is still taken: each bends its staircase, over all the others.
const MAX_PARITY: u32 = 1024;

/// Inputs of a gate whose read-off is still solved for: each of some ten thousand inputs drawn looks at all of them.
const MAX_SOLVED_FAN_IN: u32 = 1 << 16;

/// Neurons of a layer whose covariance is still inverted.
const MAX_SOLVED_WIDTH: usize = 1 << 13;

impl Asked {
    /// What the command line or else the program asks for. Every unknown name at once.
    pub fn of(program: &Program, options: &Options) -> Result<Asked, Vec<Diagnostic>> {
        let (circuit, settings) = (&program.circuit, &program.settings);
        let mut problems = Vec::new();
        let activation = settings.activation.map_or(Activation::Relu, |asked| asked.0);
        let words = match (&options.construction, &settings.construction) {
            (Some(asked), _) => construction_words(asked),
            (None, Some(asked)) => asked.clone(),
            (None, None) => construction_words(construct::names_of(activation)[0]),
        };
        let construction = construct::chosen(&words).map_err(|problem| problems.push(*problem));
        let level = options.level_for(settings);
        let construction = construction.and_then(|construction| {
            with_activation(construction, program, words[0].1, level).map_err(|problem| problems.push(*problem))
        });
        if let (Level::Fitted, Some(name)) = (level, &options.construction) {
            problems.push(problems::construction_of_a_fit(name));
        }
        let layer_names = || circuit.layers.iter().map(|layer| layer.name.as_str());
        for (name, _) in &options.layer_widths {
            if layer_names().all(|known| known != name) {
                problems.push(unknown_layer(Span::NOWHERE, name, layer_names(), suggest(name, layer_names())));
            }
        }
        let (Ok(construction), true) = (construction, problems.is_empty()) else { return Err(problems) };
        let width = |(layer_idx, name)| options.width_of(name).or(settings.width_of(layer_idx));
        let sides = options.sides_for(program);
        let widths: Vec<Option<Width>> = layer_names().enumerate().map(width).collect();
        let is_deep = widths.len() > FEW_LAYERS && construction.may_be_exact() && {
            let tasks = layer_tasks(circuit);
            let sum = |of: &dyn Fn(&LayerTask) -> usize| tasks.iter().map(of).sum::<usize>();
            sum(&|task| construct::of_layer(&*construction, task).rule_of_thumb(task))
                <= 2 * sum(&|task| widths::rule_of_thumb(task, sides))
        };
        Ok(Asked { level, sides, construction, widths, is_deep })
    }

    /// Neurons for a layer when nobody says: the construction's rule, or the fit's.
    pub fn rule_of_thumb(&self, layer: &LayerTask) -> usize {
        match self.level {
            Level::Fitted if self.is_deep => construct::of_layer(&*self.construction, layer).rule_of_thumb(layer),
            Level::Fitted => widths::rule_of_thumb(layer, self.sides),
            Level::Published | Level::Solved => construct::of_layer(&*self.construction, layer).rule_of_thumb(layer),
        }
    }

    /// What is published of how many neurons the construction takes.
    pub fn inequality(&self) -> Inequality {
        self.construction.inequality()
    }

    /// Neurons of a layer by that inequality, or why it tells none.
    pub fn needs(&self, layer: &LayerTask, regime: &Regime) -> Needs {
        match self.construction.correcting() {
            Correcting::Never if layer.corrects() => {
                Err(problems::nothing_corrected(Span::NOWHERE, self.construction.name()).headline)
            }
            _ => construct::of_layer(&*self.construction, layer).needs(layer, regime),
        }
    }

    /// Beyond so many neurons a search for a width does not go.
    pub fn most_neurons(&self, layer: &LayerTask) -> usize {
        match self.level {
            Level::Fitted => widths::most_neurons(layer),
            Level::Published | Level::Solved => construct::of_layer(&*self.construction, layer).most_neurons(layer),
        }
    }
}

impl Plan {
    /// # Errors
    /// Everything that cannot be done, at once.
    pub fn resolve(program: &Program, tasks: &[LayerTask], options: &Options) -> Result<Plan, Error> {
        let circuit = &program.circuit;
        let asked = Asked::of(program, options);
        let mut problems = asked.as_ref().err().cloned().unwrap_or_default();
        let level = options.level_for(&program.settings);
        if level < Level::Fitted && options.fit != Request::default() {
            let is_implied = options.level.is_none() && options.construction.is_some();
            problems.push(problems::nothing_is_fitted(level.number(), is_implied));
        }
        let from = options.fit.from.as_deref();
        if let Some(network) = from.filter(|network| belongs(circuit, network).is_err()) {
            problems.push(problems::from_another_circuit(&network.header.circuit));
        }
        let asked = match asked {
            Ok(asked) if problems.is_empty() => asked,
            _ => return Err(Error::Refused(problems)),
        };
        let widths = tasks.iter().filter_map(|task| width(task, &asked, options, from, &mut problems));
        let widths: Vec<usize> = widths.collect();
        let refused = tasks.iter().zip(&widths).filter_map(|(task, &n)| asked.construction.refused(task, n));
        problems.extend(refused.take(1));
        problems.extend(too_large(program, level, &*asked.construction, &widths));
        problems.extend(stream_too_large(program, level));
        problems.extend(heads_too_large(program, level));
        problems.extend(without_vectors(program));
        problems.extend(nothing_corrected(program, level, &*asked.construction));
        problems.extend(too_wide(circuit, level));
        if !problems.is_empty() {
            return Err(Error::Refused(problems));
        }
        Ok(Plan {
            level,
            construction: asked.construction,
            widths,
            is_by_rule: asked.widths.iter().map(Option::is_none).collect(),
            seed: options.seed.unwrap_or(program.settings.seed),
        })
    }
}

impl Plan {
    /// Takes these widths for layers whose width is by the rule; whether any other layer would need another.
    pub fn widen(&mut self, widths: Vec<usize>) -> bool {
        for ((n, wide), &is_by_rule) in self.widths.iter_mut().zip(widths).zip(&self.is_by_rule) {
            if is_by_rule {
                *n = wide;
            } else if *n < wide {
                return false;
            }
        }
        true
    }
}

/// The construction with the neurons that the file asks for.
///
/// # Errors
/// Where it has none such, and where they would have to be fitted.
fn with_activation(
    construction: Arc<dyn Construction>,
    program: &Program,
    named: Span,
    level: Level,
) -> Result<Arc<dyn Construction>, Box<Diagnostic>> {
    let own = construction.activations();
    let name = construction.name();
    let Some((activation, span)) = program.settings.activation.filter(|asked| asked.0 != Activation::Relu) else {
        let names: Vec<&str> = own.iter().map(|activation| activation.name()).collect();
        return match own.contains(&Activation::Relu) {
            true => Ok(construction),
            // A fit has no construction but its own.
            false if level == Level::Fitted => Ok(construct::chosen(&construction_words(CONSTRUCTIONS[0].name()))?),
            false => Err(Box::new(problems::construction_without_relus(named, name, &names))),
        };
    };
    if !own.contains(&activation) {
        let names = construct::names_of(activation);
        return Err(Box::new(problems::construction_without(span, name, activation.name(), &names)));
    }
    if level == Level::Fitted {
        return Err(Box::new(problems::only_relus_are_fitted(span, activation.name())));
    }
    match program.settings.stores.first().filter(|_| activation.multiplies()) {
        Some(store) => Err(Box::new(problems::stored_by_construction(store.span, name))),
        None => Ok(construction.over(activation)),
    }
}

/// The width of one layer. A network that is fitted on keeps its own.
fn width(
    task: &LayerTask,
    asked: &Asked,
    options: &Options,
    from: Option<&Network>,
    problems: &mut Vec<Diagnostic>,
) -> Option<usize> {
    let found = from.map(|network| network.layers[task.layer_idx].width());
    match (asked.widths[task.layer_idx], found) {
        (_, Some(found)) if options.width.is_none() && options.layer_widths.is_empty() => return Some(found),
        (Some(Width::Neurons(n)), Some(found)) if found != n as usize => {
            problems.push(problems::from_another_width(task.layer_name(), found, n));
        }
        (Some(Width::Neurons(n)), _) => return Some(n as usize),
        (Some(Width::Auto), _) => problems.push(problems::auto_unresolved(task.layer_name())),
        (None, _) => return Some(asked.rule_of_thumb(task)),
    }
    None
}

/// Layers that no machine holds, or whose read-offs nobody waits for.
fn too_large(program: &Program, level: Level, construction: &dyn Construction, widths: &[usize]) -> Vec<Diagnostic> {
    let circuit = &program.circuit;
    let inverts = level == Level::Fitted || construction.inverts(level);
    let inverts_as_published = construction.inverts(Level::Published);
    let residual = program.settings.residual.map(|d| d as usize);
    let n_below = [circuit.n_features()].into_iter().chain(widths.iter().copied());
    let n_below = n_below.map(|n_below| residual.unwrap_or(n_below));
    let layers = circuit.layers.iter().zip(widths).zip(n_below);
    let of_layer = |((layer, &n), n_below): ((&crate::circuit::Layer, &usize), usize)| {
        let most_held = (MAX_WEIGHTS / n_below.max(1)).min(MAX_NEURONS);
        let most = if inverts { most_held.min(MAX_SOLVED_WIDTH) } else { most_held };
        let fits_as_published = n <= most_held && !inverts_as_published;
        (n > most).then(|| problems::width_too_large(&layer.name, n, n_below, most, fits_as_published))
    };
    layers.filter_map(of_layer).collect()
}

/// Layers that correct, by a construction that cannot.
fn nothing_corrected(program: &Program, level: Level, construction: &dyn Construction) -> Option<Diagnostic> {
    let asked = program.settings.corrections.first().filter(|_| level < Level::Fitted)?;
    (construction.correcting() == Correcting::Never).then(|| problems::nothing_corrected(*asked, construction.name()))
}

/// A stream whose decoder, of all signals, is too many numbers, or cannot be solved for.
fn stream_too_large(program: &Program, level: Level) -> Option<Diagnostic> {
    let d = program.settings.residual? as usize;
    let most_held = MAX_WEIGHTS / program.circuit.n_signals().max(1);
    let is_solved = level == Level::Fitted || stream::decoder(&program.settings, level) == Decoder::Linear;
    let most = if is_solved { most_held.min(MAX_SOLVED_WIDTH) } else { most_held };
    let fits_as_published = d <= most_held && program.settings.decoder.is_none();
    (d > most).then(|| problems::stream_too_large(d, most, fits_as_published))
}

/// Heads over a stream of which nothing can be solved for, or whose factors are too many numbers.
fn heads_too_large(program: &Program, level: Level) -> Vec<Diagnostic> {
    let settings = &program.settings;
    let Some(d) = settings.stream_dimensions().filter(|_| !program.heads.is_empty()) else { return Vec::new() };
    let d = d as usize;
    let n_features = program.circuit.n_features();
    let n_direct = n_features - settings.stored_features(n_features).len();
    let of_head = |head: &Head| {
        let most_held = (MAX_WEIGHTS / head.rank as usize).saturating_sub(n_direct);
        let most = if level > Level::Published { most_held.min(MAX_SOLVED_WIDTH) } else { most_held };
        (d > most).then(|| problems::head_too_large(&head.name, d, most, d <= most_held))
    };
    program.heads.iter().filter_map(of_head).collect()
}

/// Dictionaries that have too few vectors.
fn without_vectors(program: &Program) -> Vec<Diagnostic> {
    let settings = &program.settings;
    let stored = settings.stores.iter().map(|store| (&store.dictionary, store.features.len(), store.dimensions));
    let in_stream = settings.directions.iter().zip(settings.residual);
    let in_stream = in_stream.map(|(dictionary, d)| (dictionary, program.circuit.n_signals(), d));
    stored.chain(in_stream).filter_map(|(dictionary, n, d)| dictionary::refused(dictionary, n, d as usize)).collect()
}

/// Gates of too many inputs.
fn too_wide(circuit: &Circuit, level: Level) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (gate, gate_idx) in circuit.gates.iter().zip(0..) {
        if matches!(gate.kind, Kind::Xor | Kind::Xnor) && gate.n_operands > MAX_PARITY {
            problems.push(problems::parity_too_wide(circuit, GateId(gate_idx), MAX_PARITY));
        } else if level > Level::Published && gate.n_operands > MAX_SOLVED_FAN_IN {
            problems.push(problems::too_wide_to_solve(circuit, GateId(gate_idx), MAX_SOLVED_FAN_IN));
        }
    }
    problems
}
