//! The same network with its ReLUs left out and each read-off refitted affinely to what is left: a network that loses
//! nothing there is a linear code of its features.
//!
//! Without its ReLUs every layer is an affine map of the features (`linear`). Gates are read as the network does; along
//! the directions of its own read-offs, with the slope, offset and threshold that do best on inputs of a stream of
//! their own (`drawn`, `reader`); and so along Fisher's discriminants (`bench`). Of these ways each layer keeps the one
//! that is best on other inputs (`judged`). So the figures are of about as good a linear code as the layers have room
//! for, and not of a network that was broken.
//!
//! It looks at a few thousand inputs, however many the evaluation has. Gates are the work of one thread each, and what
//! comes out of them is joined by `or` and the greater of two: the same bits for any number of threads. Must not know
//! how the network came about.

mod bench;
mod drawn;
mod judged;
mod linear;
mod reader;

pub use self::judged::WithoutRelu;

use rayon::prelude::*;

use self::bench::{Bench, WAYS};
use self::drawn::{Counts, Drawn};
use self::judged::Judged;
use self::linear::Linear;
use super::error::Error;
use crate::circuit::Circuit;
use crate::circuit::inputs::plant::Planter;
use crate::circuit::inputs::sample::Sampler;
use crate::network::Network;
use crate::progress::{Progress, Watcher};

/// Blocks of 64 inputs to fit readers to, and as many to judge them on.
const BLOCKS: usize = 32;

/// Gates × neurons × features up to which this is told: some seconds.
const MOST_WORK: usize = 1 << 36;

/// Gates whose readers are made together: enough rows for a product, few enough to stay in cache.
const GATES: usize = 64;

/// So many times these, and whoever watches is asked whether to go on.
const AT_ONCE: usize = 64;

/// `None` where no input can be drawn, for a network without layers or with neurons that are no ReLUs, and where it
/// would take more than some seconds. `seed`: of the evaluation's own streams.
pub fn without_relu(
    circuit: &Circuit,
    network: &Network,
    seed: u64,
    watcher: Watcher,
) -> Result<Option<WithoutRelu>, Error> {
    let Ok(sampler) = Sampler::new(circuit) else { return Ok(None) };
    let layers = circuit.layers.iter().zip(&network.layers);
    let weights = layers.clone().map(|(layer, weights)| (layer.gates.len() + weights.width()) * weights.width());
    let n_weights = weights.fold(0, usize::saturating_add);
    let has_relus = network.layers.iter().all(|layer| layer.block.activation().is_none());
    if network.layers.is_empty() || !has_relus || n_weights.saturating_mul(circuit.n_features()) > MOST_WORK {
        return Ok(None);
    }
    let draw = |purpose| Drawn::new(circuit, &sampler, seed, purpose, BLOCKS);
    let (fit, judge) = (draw("without ReLU: fit"), draw("without ReLU: judge"));
    let bench = Bench { circuit, seed, fit, judge };
    let planter = Planter::new(circuit);
    let hands = || (planter.clone(), Counts::new(circuit.n_features()));
    let nothing = || std::array::from_fn(|_| Judged::nothing(BLOCKS));
    let join = |a: [Judged; WAYS], b: [Judged; WAYS]| {
        let mut b = b.into_iter();
        a.map(|a| a.with(b.next().expect("as many")))
    };
    let mut judged = Judged::nothing(BLOCKS);
    let mut linear: Option<Linear> = None;
    for (layer, weights) in layers {
        let this = match &linear {
            None => Linear::lowest(network),
            Some(below) => below.above(weights),
        };
        let discriminants = this.discriminants(&bench.fit.inputs, &bench.fit.frequencies);
        let tiles: Vec<u32> = layer.gates.clone().step_by(GATES).collect();
        let mut of_layer = nothing();
        for tiles in tiles.chunks(AT_ONCE) {
            let total = circuit.n_gates() as u64;
            let progress = Progress { total, ..Progress::of("leaving ReLUs out", tiles[0].into()) };
            watcher(progress).go_on().map_err(Error::Stopped)?;
            let judge = |(planter, counts): &mut (Planter, Counts), &first: &u32| {
                let gates = first..layer.gates.end.min(first + GATES as u32);
                bench.judge(&this, &discriminants, gates, layer.gates.start, planter, counts)
            };
            of_layer = join(of_layer, tiles.par_iter().map_init(hands, judge).reduce(nothing, join));
        }
        judged = judged.with(of_layer.into_iter().reduce(Judged::or_better).expect("there is a way"));
        linear = Some(this);
    }
    Ok(Some(judged.figures()))
}
