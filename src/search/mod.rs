//! Many compilations: what is searched for with them.
//!
//! Sees `compile`, `evaluate` and `verify`, which do not see each other.

pub mod plan;
mod prove;
pub mod sweep;
mod trial;
mod wider;
mod widths;

pub use prove::{Proved, statuses};
pub use trial::Trial;
pub use widths::{Built, build};
