//! The registers of each instruction set, as `Vector`s. Knows no kernel: a set is a list of instructions and the shape
//! of the tile that its registers hold.

#[macro_use]
mod register;

#[cfg(target_arch = "aarch64")]
mod arm;
mod scalar;
#[cfg(target_arch = "x86_64")]
mod x86;
