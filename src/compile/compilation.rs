//! One compilation: the program, every choice made, and what is worked out once for all layers.

use super::dictionary::{self, Embedding};
use super::error::Error;
use super::layer::{LayerTask, layer_tasks};
use super::options::Options;
use super::plan::Plan;
use crate::circuit::Circuit;
use crate::circuit::inputs::sample::Sampler;
use crate::diagnostic::Span;
use crate::program::Program;
use crate::program::problems::nothing_to_plant;
use crate::random;

pub struct Compilation<'a> {
    pub program: &'a Program,
    pub circuit: &'a Circuit,
    pub plan: Plan,
    /// By layer.
    pub tasks: Vec<LayerTask<'a>>,
    /// Where inputs are stored in superposition.
    pub embedding: Option<Embedding>,
    pub sampler: Sampler<'a>,
}

impl<'a> Compilation<'a> {
    /// # Errors
    /// What the plan refuses, and a distribution that plants where nothing can be planted.
    pub fn new(program: &'a Program, options: &Options) -> Result<Compilation<'a>, Error> {
        let circuit = &program.circuit;
        let tasks = layer_tasks(circuit);
        let plan = Plan::resolve(program, &tasks, options)?;
        let sampler = Sampler::new(circuit).map_err(|_| Error::Refused(vec![nothing_to_plant(Span::NOWHERE)]))?;
        let rng = &mut random::stream(&[plan.seed, random::key_of("dictionary")]);
        let embedding = dictionary::embed(circuit, &program.settings, rng);
        Ok(Compilation { program, circuit, plan, tasks, embedding, sampler })
    }
}
