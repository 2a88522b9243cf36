//! The Berkeley Logic Interchange Format, of one model without state: what SIS, ABC and Yosys read and write.
//!
//! `.names a b y` and rows below it, such as `1- 1`, say where y is on, or, if they end in `0`, where it is off.
//! Source: "Berkeley Logic Interchange Format (BLIF)", University of California, 1992.

mod read;
mod write;

pub(super) use read::read;
pub(super) use write::write;
