//! Dictionaries: unit vectors along which signals are written where they share coordinates.
//!
//! One file a dictionary, and its row in `table`; names in messages, in the reference and in the loops of the tests
//! come from there. `holding`: whether there are vectors enough. `embedding`: features that are stored so, and their
//! decoder. `interference`: how much they overlap. `packing`: sparse codes of which no two share more than one place.

mod binary_field;
mod embedding;
mod gaussian;
mod hadamard;
mod holding;
mod interference;
mod kerdock;
mod packing;
mod rademacher;
mod row;
mod s_hot;
mod table;

pub use embedding::{Embedding, embed, of_stream};
pub use gaussian::GAUSSIAN;
pub use holding::refused;
pub use interference::{EXPLANATIONS, Stored, interference};
pub use packing::{n_progressions, packing, progressions};
pub use row::Dictionary;
pub use table::{named, names, summaries};
