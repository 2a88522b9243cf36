//! The arithmetic of every number that reaches an output: sums in a fixed order, the same bits on every machine.
//!
//! Each kernel has one body, written over a `Vector` of any width and compiled once per instruction set. Which
//! additions are made, and in which order, is fixed for every output element by the kernel's definition and never
//! depends on vector width, tiles or threads; a product is always added in one rounding. So the body over plain
//! `mul_add` ([`Path::Portable`]) defines the bits, and the others are held to it by tests. Only the screen and
//! what is cut off add up integers, in any order, and are written by hand for each instruction set.
//!
//! From the ground up: `path` (which instruction sets there are, and the one in use), `vector` (what a kernel is
//! written over), `sets` (its registers on each instruction set), `job` (a kernel, and how it is run), and above them
//! the kernels, a family a file.
//!
//! Floor 0: knows numbers only. `mul_add` stands in this folder and nowhere else (without hardware support it is a
//! library call, a hundred times slower); whoever needs a fused sum calls a kernel.

mod axpy;
mod bends;
mod columns;
mod cut_off;
mod dot;
mod fetch;
mod job;
mod path;
mod product;
mod relu;
mod screen;
mod sets;
mod steps;
mod vector;

pub use axpy::{axpy, sparse_axpy};
pub use bends::{Bends, bent_sums};
pub use columns::{sum_columns, sum_columns_relu, sum_scaled_columns};
pub use cut_off::{AT_ONCE as CODES_AT_ONCE, LARGEST as LARGEST_CODE, cut_off_sums, encode, whole};
pub use dot::{dot, dots};
pub use fetch::fetch;
pub use path::{Path, available, path, with_path};
pub use product::{par_product, product};
pub use relu::relu_in_place;
pub use screen::{CoarseInputs, CoarseRows, coarsen};
pub use steps::rms_step;
pub use vector::Element;

#[cfg(test)]
mod tests;
