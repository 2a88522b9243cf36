//! Why a read-off has its value: `explain` takes one apart, `expect` says what moves it before there is an input, and
//! `trace` goes through all layers.
//!
//! The network is run by the forward pass of every evaluation, so that readings are the same to the last bit; what they
//! are made of is added up in f64. Everything speaks of gates as written: where a complement is stored, every part of
//! a reading is turned.

mod expected;
mod gate;
mod run;
mod stream;
mod subject;
mod text;
mod trace;

pub use expected::{Expectation, Overlap, expect};
pub use gate::{Contribution, Explanation, NeuronPart, explain};
pub use stream::{Stream, WrittenPart};
pub use subject::Subject;
pub use trace::{GateTrace, LayerTrace, Trace, trace};
