//! What a fit that misses its goal would need: more neurons, up to one for every bend, with which nothing is left to
//! chance.
//!
//! Wider layers are first solved for in closed form, then fitted on half as many inputs; so a search takes no longer
//! than the fit did. It counts inputs and products, and knows no clock.

use super::trial::{Trial, judged};
use crate::compile::{self, Asked, Error, LayerTask, Options, layer_tasks};
use crate::evaluate::Report;
use crate::evaluate::requirement::Value;
use crate::network::Network;
use crate::program::Program;
use crate::progress::Watcher;

/// So wide a layer is always solved for; a wider one, if that is less work than the fit was.
const SOLVED_AT_ONCE: f64 = 1024.0;

/// Products for each cubed neuron of a layer that is solved for.
const CUBES: f64 = 12.0;

/// Which layers may become wider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layers {
    /// Those whose width nobody has given.
    Open,
    All,
}

/// What a search came to.
pub enum Wider {
    /// A network that meets the goal.
    Reached(Network),
    /// None; the one that came nearest, and how near.
    Nearer(f64, Network),
    Nothing,
}

/// The narrowest network that was found to meet the goal of one that does not; the trials go into `trials`.
pub fn wider(
    program: &Program,
    options: &Options,
    asked: &Asked,
    layers: Layers,
    short: &Network,
    trials: &mut Vec<Trial>,
    watcher: Watcher,
) -> Result<Wider, Error> {
    let tasks = layer_tasks(&program.circuit);
    let inputs = short.header.fit.map_or(0, |fit| fit.inputs);
    let widths: Vec<usize> = short.layers.iter().map(|layer| layer.width()).collect();
    let may_widen = |task: &LayerTask| layers == Layers::All || asked.widths[task.layer_idx].is_none();
    let at = |factor: usize| -> Vec<usize> {
        let width = |(task, &n): (&LayerTask, &usize)| {
            let most = asked.most_neurons(task).div_ceil(2).max(n);
            if may_widen(task) { (factor * n).min(most) } else { n }
        };
        tasks.iter().zip(&widths).map(width).collect()
    };
    let of_fit: f64 = tasks.iter().zip(&widths).map(|(task, &n)| (n * task.targets.len()) as f64).sum();
    let most_work = inputs as f64 * of_fit;
    let mut best: Option<(f64, Network)> = None;
    let mut factor = 2;
    while at(factor) != at(factor / 2) {
        let wide = at(factor);
        let work: f64 = wide.iter().map(|&n| CUBES * (n as f64 - SOLVED_AT_ONCE).max(0.0).powi(3)).sum();
        if work > most_work {
            break;
        }
        for budget in [0, inputs / 2] {
            let mut options = options.at_widths(&program.circuit, &wide);
            options.fit.budget = Some(budget);
            let network = compile::compile(program, &options, watcher)?;
            let report = judged(program, &options, &network, watcher)?;
            trials.push(Trial::of(&network, &report));
            if report.is_as_asked() {
                return Ok(Wider::Reached(network));
            }
            let nearness = nearness(&report);
            if best.as_ref().is_none_or(|best| nearness > best.0) {
                best = Some((nearness, network));
            }
        }
        factor *= 2;
    }
    Ok(best.map_or(Wider::Nothing, |(nearness, network)| Wider::Nearer(nearness, network)))
}

/// How much of what is asked for a network reaches, to be compared.
pub fn nearness(report: &Report) -> f64 {
    match report.goal.as_ref().and_then(|goal| goal.value) {
        Some(Value::Figure(share)) => share,
        _ => report.reliability,
    }
}
