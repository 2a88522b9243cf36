//! Many networks of a circuit that is written once: a grid of what may differ, and what each of its points comes to.
//!
//! `axes` is the grid and the order of its points, `row` compiles and evaluates one of them, `columns` says what of
//! that a table has. Must not know where rows go, which of them somebody has already, nor who makes the others.

mod axes;
mod columns;
mod row;

pub use axes::{Axes, Making, Point, Studies};
pub use columns::{Cells, Columns};
pub use row::{Asked, Figures, Row, Shape, row};
