//! The language server: what `ide` knows of a program, in the words of the Language Server Protocol.
//!
//! `server` answers, `convert` turns bytes and paths into what editors call them and back, `judge` compiles and
//! evaluates what was saved. Must not know what an answer is made of.

mod convert;
mod judge;
mod server;

pub use server::serve;
