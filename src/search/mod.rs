//! Many compilations: what is searched for with them.
//!
//! Sees both `compile` and `evaluate`, which do not see each other.

mod trial;
mod wider;
mod widths;

pub use trial::Trial;
pub use widths::{Built, build};
