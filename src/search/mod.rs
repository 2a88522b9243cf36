//! Many compilations: what is searched for with them.
//!
//! Sees both `compile` and `evaluate`, which do not see each other.

mod wider;
mod widths;

pub use widths::{Built, Trial, build};
