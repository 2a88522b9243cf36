//! `superpose` compiles Boolean circuits over sparse features to small ReLU networks that compute them *in
//! superposition*: many more gates than neurons.
//!
//! ```text
//! text --parse--> Ast --elaborate--> Circuit --compile--> Network --evaluate--> Report
//!                                       |                    |
//!                                 truth, samples      file (safetensors)
//! ```
//!
//! Three nouns carry the meaning: [`syntax::ast::Ast`] (what was written, with spans), [`circuit::Circuit`] (what it
//! means: a flat arena of gates in topological order, inversion on the edge) and [`network::Network`] (what is
//! shipped). Each pass is one function named by what it turns into what.
//!
//! ```
//! use std::collections::BTreeMap;
//! use superpose::program::Width;
//! use superpose::{compile, elaborate, evaluate, search};
//!
//! // Files come through a loader: here a map, at the command line the disk.
//! let text = "feature x[40];
//!             sample { choose 3 of x; plant 0.5; }
//!             both[i][j] = x[i] & x[j] for i in 0..40, j in i + 1..40;
//!             require { reliability > 0.99; }";
//! let mut files = BTreeMap::from([("pairs.circ".to_string(), text.as_bytes().to_vec())]);
//! let loaded = elaborate::load("pairs.circ", &mut files, &elaborate::Limits::default());
//! let program = loaded.program.expect("a program without errors");
//! assert_eq!(program.circuit.n_gates(), 780);
//!
//! let options = compile::Options { width: Some(Width::Neurons(100)), ..Default::default() };
//! let network = search::build(&program, &options, &mut |_progress| true).unwrap().network;
//! let report = evaluate::evaluate(&program, &network, &evaluate::Options::default(), &mut |_| true).unwrap();
//! assert!(report.reliability > 0.99);
//! ```
//!
//! In layer l the weight matrix is W_l = C_l · D_l: D (decompress: signals × neurons of the layer below) turns dense
//! activations back into approximate signal values, C (compute and compress: neurons × signals) wires signals into
//! neurons. The read-off of a layer *is* D of the next. Level `-O0` is a construction as published, `-O1` the same
//! wiring solved in closed form, `-O2`, the default, fits all weights to the circuit's own inputs. See [`compile`].
//!
//! Who may know whom: [`syntax`] knows nothing of circuits, [`circuit`] nothing of networks, [`network`] nothing of
//! circuits; only [`compile`] and [`evaluate`] see both, and only [`search`] sees those two. [`diagnostic`],
//! [`kernels`] and [`random`] know nothing of any of them. Nothing here prints, reads the clock or touches a path:
//! files come through a [`elaborate::Loader`], interruption through a `keep_going` callback. `tests/house.rs` holds
//! this.

pub mod bounds;
pub mod circuit;
pub mod compile;
pub mod diagnostic;
pub mod elaborate;
pub mod evaluate;
pub mod kernels;
pub mod linear;
pub mod lists;
pub mod network;
pub mod program;
pub mod progress;
pub mod random;
pub mod readings;
pub mod search;
pub mod syntax;
pub mod text;
