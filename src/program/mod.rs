//! What a file asks for: a circuit, and of a network that computes it, how it is made and what it must achieve.
//!
//! The nouns that `elaborate` fills and that compiling, evaluating and showing read. Must not know what a network is,
//! nor how a program is written.

mod claim;
mod facts;
mod goal;
mod head;
mod metrics;
pub mod problems;
mod settings;

pub use claim::{Claim, Status};
pub use facts::{Facts, HeadFacts, LayerFacts, Spread, facts};
pub use goal::Goal;
pub use head::Head;
pub use metrics::{Better, Bound, METRICS, Measure, Metric, MetricRow, Requirement, Scope, Takes, is_epsilon};
pub use settings::{
    Activation, Decoder, Level, MAX_SAMPLES, Mix, Settings, Sides, Store, Width, construction_spelled,
    construction_words,
};

use crate::circuit::Circuit;
use crate::diagnostic::Sources;

/// A circuit, with what its file asks of a network.
#[derive(Debug, Clone)]
pub struct Program {
    pub circuit: Circuit,
    /// Whether it says which inputs are typical; else they are chosen for it.
    pub gave_sample: bool,
    pub settings: Settings,
    pub requirements: Vec<Requirement>,
    /// What `require` asks to be proved.
    pub claims: Vec<Claim>,
    /// Attention heads over stored features.
    pub heads: Vec<Head>,
    /// Every file that took part, the asked-for one first.
    pub sources: Sources,
    /// Theirs, as seen from the directory of the first: nothing tells where that lies.
    pub names: Vec<String>,
}

impl From<Circuit> for Program {
    /// A program that asks for nothing.
    fn from(circuit: Circuit) -> Program {
        let (settings, sources) = (Settings::default(), Sources::default());
        Program {
            circuit,
            gave_sample: true,
            settings,
            requirements: Vec::new(),
            claims: Vec::new(),
            heads: Vec::new(),
            sources,
            names: Vec::new(),
        }
    }
}
