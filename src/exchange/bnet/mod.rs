//! Boolean networks as BoolNet, PyBoolNet and the repositories of models write them: each line a component, and the
//! formula of its next state.
//!
//! The next state of `A` is put out as `A_next`, that of `x[3]` as `x_next[3]`. What is its own next state, or has no
//! line, is an input and nothing more. Source: Müssel, Hopfensitz, Kestler, "BoolNet", Bioinformatics 26 (2010).

mod meaning;
mod next;
mod read;
mod write;

pub(super) use read::read;
pub(super) use write::write;
