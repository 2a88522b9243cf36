//! AIGER: circuits of two-input ANDs and inverters, in ASCII and in bytes, without latches.
//!
//! Literals are numbers: twice a variable, and one more where it is negated; 0 is off, 1 on. The bytes are read as the
//! ASCII form that says the same. Source: A. Biere, "The AIGER And-Inverter Graph (AIG) Format", 2007; A. Biere,
//! K. Heljanko, S. Wieringa, "AIGER 1.9 and beyond", 2011.

mod ands;
mod binary;
mod header;
mod read;
mod write;

pub use binary::Broken;
pub(super) use binary::ascii;
pub(super) use read::read;
pub(super) use write::{to_ascii, to_binary};
