//! Program to network: W_l = C_l · D_l, layer by layer.
//!
//! Adler and Shavit 2024 ("On the complexity of neural computation in superposition") see each weight matrix as a
//! decompression D, which turns the few dense activations back into many sparse signals, followed by a computation C,
//! which wires those signals into neurons. Here a construction (`construct`) gives C and the biases; D is the read-off
//! of the layer below (or the decoder of stored inputs, or what reads all signals below off a stream); and the layer's
//! own read-off is the published one at `-O0`, or solved for at `-O1`. At `-O2` nothing is constructed: all weights are
//! fitted (`fit`) to the circuit's own inputs, and C is what makes W = C·D of them, with D the read-off of the layer
//! below; what comes of it is held against the closed forms (`fitted`). Attention heads stand on what features enter as
//! (`head`). Last, linear spaces may be turned into another basis (`mix`).
//!
//! Must not know how a network is evaluated or stored.

mod closed_form;
mod compilation;
mod construct;
mod dictionary;
mod error;
mod factors;
mod fit;
mod fitted;
mod head;
mod layer;
mod mix;
mod options;
mod orthonormal;
mod plan;
mod problems;
mod readers;
mod room;
mod seldom;
mod slots;
mod solve;
mod stack;
mod strata;
mod stream;

pub use construct::check as check_construction;
pub use construct::names as construction_names;
pub use construct::names_of as constructions_of;
pub use construct::summaries as construction_summaries;
pub use construct::{
    Inequality, MOST_LOAD, Needs, PairShare, Regime, all_pairs_width, correction_inequality, readable_pairs,
    unshared_width,
};
pub use dictionary::EXPLANATIONS as INTERFERENCE_EXPLANATIONS;
pub use dictionary::names as dictionary_names;
pub use dictionary::refused as dictionary_refused;
pub use dictionary::summaries as dictionary_summaries;
pub use dictionary::{Stored, interference};
pub use error::Error;
pub use layer::{LayerTask, layer_tasks};
pub use options::{Beyond, Hard, Options, Request};
pub use plan::Asked;
pub use slots::room as stream_room;

use std::borrow::Cow;

use closed_form::{published, solved};
use compilation::Compilation;
use mix::mixtures;

use crate::diagnostic::Diagnostic;
use crate::network::{Fit, Header, Layer, Network};
use crate::program::{Level, Program};
use crate::progress::Watcher;
use crate::readings::named_gates;

/// Lowers a program to weights. `watcher` hears of progress; once it says that it is enough, a fit ends with the best
/// network that it has; at the levels below there is no network then, but [`Error::Stopped`].
///
/// The same circuit and options give the same network, to the last bit, on every machine and any number of threads.
pub fn compile(program: &Program, options: &Options, watcher: Watcher) -> Result<Network, Error> {
    let options = &*of_unmixed(options);
    let mut compilation = Compilation::new(program, options)?;
    let refused = |problem: Box<Diagnostic>| Error::Refused(vec![*problem]);
    mixtures(&compilation).map_err(refused)?;
    let mut made = make(&compilation, options, watcher);
    if let Err(Error::TooNarrow(_)) = made
        && let Some(widths) = room::widths(&compilation)
        && compilation.widen(widths, options)
    {
        made = make(&compilation, options, watcher);
    }
    match made {
        Ok((layers, fit, construction)) => {
            let mixtures = mixtures(&compilation).map_err(refused)?;
            let network = network(compilation, construction, layers, fit);
            match mixtures.is_empty() {
                true => Ok(network),
                false => Ok(network.mixed(&mixtures).expect("its spaces were looked at")),
            }
        }
        Err(Error::TooNarrow(problems)) => Err(room::explained(&compilation, problems)),
        Err(error) => Err(error),
    }
}

/// Goes on from a network as it was before it was mixed.
fn of_unmixed(options: &Options) -> Cow<'_, Options> {
    let mixed = options.fit.from.as_deref().filter(|network| !network.header.mixed.is_empty());
    match mixed.and_then(Network::unmixed) {
        Some(network) => {
            let mut options = options.clone();
            options.fit.from = Some(Box::new(network));
            Cow::Owned(options)
        }
        None => Cow::Borrowed(options),
    }
}

/// The layers, how the fit went, and what they came of.
fn make(compilation: &Compilation, options: &Options, watcher: Watcher) -> Result<Made, Error> {
    let construction = &*compilation.plan.construction;
    if compilation.tasks.is_empty() {
        return Ok((Vec::new(), None, construction.spelling()));
    }
    Ok(match compilation.plan.level {
        Level::Published => (published(compilation, construction, watcher)?, None, construction.spelling()),
        Level::Solved => (solved(compilation, construction, watcher)?, None, construction.spelling()),
        Level::Fitted => {
            let (layers, fit, construction) = fitted::layers(compilation, options, watcher);
            (layers, Some(fit), construction)
        }
    })
}

type Made = (Vec<Layer>, Option<Fit>, String);

fn network(compilation: Compilation, construction: String, layers: Vec<Layer>, fit: Option<Fit>) -> Network {
    let heads = head::heads(&compilation);
    let Compilation { program, circuit, plan, embedding, .. } = compilation;
    let texts = program.sources.files.iter().map(|file| file.text.clone());
    Network {
        header: Header {
            version: env!("CARGO_PKG_VERSION").to_string(),
            circuit: circuit.name.clone(),
            opt_level: plan.level.number(),
            construction,
            seed: plan.seed,
            width_by_rule: plan.is_by_rule.contains(&true),
            features: (0..circuit.n_features()).map(|feature| circuit.names.get(feature).to_string()).collect(),
            gates: named_gates(circuit).collect(),
            mixed: Vec::new(),
            fit,
        },
        dictionary: embedding.map(|embedding| embedding.dictionary),
        layers,
        heads,
        sources: program.names.iter().cloned().zip(texts).collect(),
        rows: circuit.distribution.rows.as_ref().map(|rows| (rows.path.clone(), rows.bytes.clone())),
    }
}
