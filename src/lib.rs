//! Compile Boolean circuits over sparse features to small networks that compute them in superposition.

pub mod build;
pub mod circuit;
pub mod compile;
pub mod diagnostic;
pub mod evaluate;
pub mod kernels;
pub mod network;
pub mod random;
pub mod syntax;
