//! Circuit to network: W_l = C_l · D_l, layer by layer.
//!
//! Adler and Shavit 2024 ("On the complexity of neural computation in superposition") see each weight matrix as a
//! decompression D, which turns the few dense activations back into many sparse signals, followed by a computation C,
//! which wires those signals into neurons. Here a construction (`channels`, `universal`) gives C and the biases; D is
//! the read-off of the layer below (or the decoder of stored inputs); and the layer's own read-off is the published
//! mean at `-O0`, or solved for at `-O1`. At `-O2` nothing is constructed: all weights are fitted (`fit`) to the
//! circuit's own inputs, and C is what makes W = C·D of them, with D the read-off of the layer below.
//!
//! Must not know how a network is evaluated or stored.

mod background;
mod channels;
mod code;
mod dictionary;
mod error;
mod fit;
mod judge;
mod plan;
mod problems;
mod readoff;
mod solved;
mod staircase;
mod strata;
mod threshold;
mod universal;

use code::{Code, LayerTask};
use dictionary::Embedding;
pub use error::Error;
pub use fit::{Loss, Request};
pub use plan::{Construction, Options, Plan};
use universal::Universal;

use crate::circuit::Circuit;
use crate::circuit::inputs::sample::Sampler;
use crate::diagnostic::{Diagnostic, Span};
use crate::network::matrix::Matrix;
use crate::network::{Block, Factors, Header, Layer, Network, Readoff, Relu, SignalName};
use crate::program::problems::nothing_to_plant;
use crate::program::{Level, Program};
use crate::progress::{Progress, Watcher};
use crate::random;

/// The names of the constructions, as `network { construction NAME; }` and `--construction` take them.
pub fn construction_names() -> Vec<&'static str> {
    Construction::ALL.map(Construction::name).to_vec()
}

/// What the header of a fitted network has for a construction.
const FITTED: &str = "fitted";

/// Lowers a program to weights. `watcher` hears of progress; once it says that it is enough, a fit ends with the best
/// network that it has; at the levels below there is no network then, but [`Error::Stopped`].
///
/// The same circuit and options give the same network, to the last bit, on every machine and any number of threads.
pub fn compile(program: &Program, options: &Options, watcher: Watcher) -> Result<Network, Error> {
    let circuit = &program.circuit;
    let plan = Plan::resolve(program, options)?;
    let sampler = Sampler::new(circuit).map_err(|_| Error::Refused(vec![nothing_to_plant(Span::NOWHERE)]))?;
    let embedding =
        dictionary::embed(circuit, &program.settings, &mut random::stream(&[plan.seed, random::key_of("dictionary")]));
    let (layers, fit) = match plan.level {
        Level::Fitted => {
            let mut closed_form = |watcher: Watcher| {
                closed_form(
                    circuit,
                    &Plan { level: Level::Solved, ..plan.clone() },
                    embedding.as_ref(),
                    &sampler,
                    watcher,
                )
            };
            let (layers, fit) =
                fit::fit(program, &plan, &options.fit, embedding.as_ref(), &sampler, &mut closed_form, watcher);
            (layers, Some(fit))
        }
        _ => (closed_form(circuit, &plan, embedding.as_ref(), &sampler, watcher)?, None),
    };
    let construction = match fit {
        Some(fit) if !fit.is_closed_form => FITTED,
        _ => plan.construction.name(),
    };
    Ok(Network {
        header: Header {
            version: env!("CARGO_PKG_VERSION").to_string(),
            circuit: circuit.name.clone(),
            opt_level: plan.level.number(),
            construction: construction.to_string(),
            seed: plan.seed,
            width_by_rule: plan.width_by_rule,
            features: (0..circuit.n_features()).map(|feature| circuit.names.get(feature).to_string()).collect(),
            fit,
        },
        dictionary: embedding.map(|embedding| embedding.dictionary),
        layers,
        sources: program.sources.files.iter().map(|file| (file.name.clone(), file.text.clone())).collect(),
        rows: circuit.distribution.rows.as_ref().map(|rows| (rows.path.clone(), rows.bytes.clone())),
    })
}

/// Layer by layer, each on top of the ones below: `-O0` and `-O1`.
fn closed_form(
    circuit: &Circuit,
    plan: &Plan,
    embedding: Option<&Embedding>,
    sampler: &Sampler,
    watcher: Watcher,
) -> Result<Vec<Layer>, Error> {
    let n_layers = circuit.layers.len() as u64;
    let mut layers: Vec<Layer> = Vec::with_capacity(circuit.layers.len());
    for layer_idx in 0..circuit.layers.len() {
        let task = LayerTask::new(circuit, layer_idx, embedding);
        let layer = match plan.level {
            Level::Published => published(&task, &layers, plan)?,
            _ => solved::layer(&task, &mut layers, plan, sampler, watcher)?,
        };
        layers.push(layer);
        watcher(Progress { total: n_layers, ..Progress::of("wiring", layers.len() as u64) }).go_on()?;
    }
    if let (Level::Solved, Some(embedding)) = (plan.level, embedding) {
        // It was solved as W·Φ, which reads sparse features directly.
        *layers[0].block.weight_mut() = layers[0].factors.compute.product(&embedding.decoder);
    }
    Ok(layers)
}

/// `-O0`: the construction as published.
fn published(task: &LayerTask, layers: &[Layer], plan: &Plan) -> Result<Layer, Error> {
    let n = plan.widths[task.layer_idx];
    let mut rng = random::stream(&[plan.seed, random::key_of("wiring"), task.layer_idx as u64]);
    let code = match plan.construction {
        Construction::Channels => channels::wire(task, n, channels::published(task), &[], &mut rng),
        Construction::Universal => universal::wire(task, n, Universal { density: 1.0 }, &mut rng),
    };
    if code.missing.is_empty() { Ok(join(task, layers, code)) } else { Err(lacking(code.missing)) }
}

/// The error of a layer that has no neuron for some targets.
fn lacking(missing: Vec<Diagnostic>) -> Error {
    match missing.iter().all(|problem| problem.code == problems::WIDTH_TOO_SMALL) {
        true => Error::TooNarrow(missing),
        false => Error::Refused(missing),
    }
}

/// W = C·D and b = b_C + C d, with D and d the decoder of the inputs or the read-off of the layer below.
fn join(task: &LayerTask, layers: &[Layer], code: Code) -> Layer {
    let mut bias = code.bias;
    if let Some(below) = layers.last() {
        for (neuron, bias) in bias.iter_mut().enumerate() {
            let (columns, weights) = code.compute.row(neuron);
            *bias += columns
                .iter()
                .zip(weights)
                .map(|(&column, weight)| weight * below.readoff.bias[column as usize])
                .sum::<f32>();
        }
    }
    let compute = Matrix::Sparse(code.compute);
    let (weight, decompress) = match (layers.last(), task.embedding) {
        (Some(below), _) => (compute.product(&below.readoff.matrix), None),
        (None, Some(embedding)) => (compute.product(&embedding.decoder), Some(embedding.decoder.clone())),
        (None, None) => (compute.to_dense(), None),
    };
    let n_targets = code.readoff.n_rows;
    let signal = |&signal: &crate::circuit::Signal| SignalName {
        name: task.circuit.name(signal).to_string(),
        complemented: task.circuit.is_complemented(signal),
    };
    Layer {
        name: task.circuit.layers[task.layer_idx].name.clone(),
        block: Block::Relu(Relu { weight, bias }),
        factors: Factors { compute: compute.smaller(), decompress },
        readoff: Readoff {
            matrix: Matrix::Sparse(code.readoff).smaller(),
            bias: vec![0.0; n_targets],
            threshold: vec![0.5; n_targets],
            signals: task.targets.iter().map(signal).collect(),
            n_gates: task.circuit.layers[task.layer_idx].gates.len(),
        },
    }
}
