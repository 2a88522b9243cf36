//! Text to [`ast::Ast`] and back: `parse` (the only file that knows pest) and `format`.
//!
//! Must not know what a circuit or a network is.

pub mod ast;
