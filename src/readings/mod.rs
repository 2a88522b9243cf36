//! A circuit and a network on the same inputs: whether they belong together, and how often the network is right.
//!
//! The only room that holds a network against the truth; evaluation, the goal of a fit and the calibration of solved
//! read-offs stand on it. Must not know how a network came about, nor what is reported of it.

mod batch;
mod belongs;
mod measured;
mod share;

pub use batch::{BLOCK, Batch, InputBlock, Reading, TILE};
pub use belongs::{Mismatch, belongs, heads_belong, named_gates};
pub use measured::{Measured, holds, surely_holds, value};
pub use share::{Confidence, Share};
