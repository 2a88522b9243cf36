//! Text to [`ast::Ast`] and back: [`parse`] (in whose folder `pairs` alone pest is known) and [`format()`].
//!
//! Must not know what a circuit or a network is.

pub mod ast;
pub(crate) mod foreign;
mod format;
mod forms;
mod limits;
mod outline;
mod pairs;
mod parse;
mod problems;
mod refused;
mod slips;
pub mod spot;
mod tokens;
pub(crate) mod words;

pub use format::format;
pub use limits::MAX_BYTES;
pub use parse::{parse, too_large};
