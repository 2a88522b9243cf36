//! The arithmetic of every number that reaches an output: sums in a fixed order, the same bits on every machine.
