//! One compilation: the program, every choice made, and what is worked out once for all layers.

use super::construct::Site;
use super::dictionary::{self, Embedding};
use super::error::Error;
use super::layer::{LayerTask, layer_tasks};
use super::options::Options;
use super::plan::Plan;
use super::problems::from_another_dictionary;
use super::seldom::Seldom;
use super::stream::Stream;
use crate::circuit::Circuit;
use crate::circuit::inputs::sample::Sampler;
use crate::diagnostic::Span;
use crate::network::forward::Entry;
use crate::network::{Layer, Network};
use crate::program::problems::nothing_to_plant;
use crate::program::{Level, Program};
use crate::random::{self, Pcg64};

pub struct Compilation<'a> {
    pub program: &'a Program,
    pub circuit: &'a Circuit,
    pub plan: Plan,
    /// By layer.
    pub tasks: Vec<LayerTask<'a>>,
    /// Where layers add to a stream.
    pub stream: Option<Stream>,
    /// Where inputs are stored in superposition; a stream stores them all.
    pub embedding: Option<Embedding>,
    pub sampler: Sampler<'a>,
    /// What a fit has to go and look for; nothing at the levels below.
    pub seldom: Seldom,
}

impl<'a> Compilation<'a> {
    /// # Errors
    /// What the plan refuses, and a distribution that plants where nothing can be planted.
    pub fn new(program: &'a Program, options: &Options) -> Result<Compilation<'a>, Error> {
        let circuit = &program.circuit;
        let tasks = layer_tasks(circuit);
        let plan = Plan::resolve(program, &tasks, options)?;
        let sampler = Sampler::new(circuit).map_err(|_| Error::Refused(vec![nothing_to_plant(Span::NOWHERE)]))?;
        let (stream, embedding) = entry(program, &plan, &tasks, options, &sampler);
        if let Some(network) = options.fit.from.as_deref().filter(|network| !enters_so(network, embedding.as_ref())) {
            let is_fitted = network.header.opt_level == Level::Fitted.number();
            let seed = Some(network.header.seed).filter(|&seed| is_fitted && seed != plan.seed);
            return Err(Error::Refused(vec![from_another_dictionary(seed)]));
        }
        let seldom = match plan.level {
            Level::Fitted => Seldom::find(circuit, &sampler, plan.seed),
            Level::Published | Level::Solved => Seldom::default(),
        };
        Ok(Compilation { program, circuit, plan, tasks, stream, embedding, sampler, seldom })
    }

    /// Takes these widths for layers whose width is by the rule; whether any other layer would need another.
    pub fn widen(&mut self, widths: Vec<usize>, options: &Options) -> bool {
        let does = self.plan.widen(widths);
        (self.stream, self.embedding) = entry(self.program, &self.plan, &self.tasks, options, &self.sampler);
        does
    }

    /// Where the code of a layer is to stand; `is_frequent` by target, or empty.
    pub fn site<'s>(&'s self, task: &'s LayerTask<'a>, below: &'s [Layer], is_frequent: &'s [bool]) -> Site<'s> {
        let n = self.plan.widths[task.layer_idx];
        Site { task, n, below, stream: self.stream.as_ref(), embedding: self.embedding.as_ref(), is_frequent }
    }

    /// A layer where it stands: on the one below, or on a stream that it adds to.
    pub fn placed(&self, task: &LayerTask, layer: Layer) -> Layer {
        match &self.stream {
            Some(stream) => stream.written(task, layer),
            None => layer,
        }
    }

    /// What the wiring of a layer is drawn from.
    pub fn wiring_stream(&self, task: &LayerTask) -> Pcg64 {
        random::stream(&[self.plan.seed, random::key_of("wiring"), task.layer_idx as u64])
    }

    /// How features reach the lowest layer: whatever stores them, a sum of columns of W·Φ reads them directly, unless
    /// they stay for the layers above.
    pub fn entry(&self, lowest: &Layer) -> Entry {
        match &self.embedding {
            Some(embedding) if lowest.block.is_residual() => Entry::stored(&embedding.dictionary),
            Some(embedding) => Entry::folded(&embedding.dictionary, lowest),
            None => Entry::direct(lowest),
        }
    }
}

/// The stream, if there is one, and how features enter it, or are stored.
fn entry(
    program: &Program,
    plan: &Plan,
    tasks: &[LayerTask],
    options: &Options,
    sampler: &Sampler,
) -> (Option<Stream>, Option<Embedding>) {
    let goes_on = options.fit.from.is_some();
    let stream = Stream::of(program, plan.level, &plan.widths, sampler, plan.seed, goes_on);
    let lowest = tasks.first().zip(plan.widths.first());
    let own = lowest.and_then(|(task, &n)| plan.construction.embedding(task, n, plan.level));
    let embedding = match &stream {
        Some(stream) => Some(stream.entry(&program.circuit)),
        None if own.is_some() => own,
        None => dictionary::embed(&program.circuit, &program.settings, plan.seed),
    };
    (stream, embedding)
}

/// What a number of the dictionary may have lost where a file left out half of its bits: a share of the largest.
const LOST: f32 = 0.01;

/// Whether features enter a network as they are stored here.
fn enters_so(network: &Network, embedding: Option<&Embedding>) -> bool {
    let (Some(theirs), Some(ours)) = (&network.dictionary, embedding) else {
        return network.dictionary.is_none() && embedding.is_none();
    };
    let (theirs, ours) = (theirs.embedding.to_dense(), ours.dictionary.embedding.to_dense());
    let largest = ours.iter().fold(0.0, |largest: f32, value| largest.max(value.abs()));
    theirs.dim() == ours.dim() && theirs.iter().zip(&ours).all(|(a, b)| (a - b).abs() <= LOST * largest)
}
