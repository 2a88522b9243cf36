//! `superpose` compiles Boolean circuits over sparse features to small ReLU networks that compute them *in
//! superposition*: many more gates than neurons.
//!
//! ```text
//! text --parse--> Ast --elaborate--> Program --compile--> Network --evaluate--> Report
//!                                       |                    |
//!                              Circuit, truth, inputs   file (safetensors, onnx, npz)
//! ```
//!
//! Four nouns carry the meaning: [`syntax::ast::Ast`] (what was written, with spans), [`circuit::Circuit`] (what it
//! means: a flat arena of gates in topological order, inversion on the edge), [`program::Program`] (a circuit and what
//! its file asks of a network) and [`network::Network`] (what is shipped). Each pass is one function named by what it
//! turns into what.
//!
//! ```
//! use std::collections::BTreeMap;
//! use superpose::program::Width;
//! use superpose::progress::unwatched;
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
//! let network = search::build(&program, &options, &mut unwatched).unwrap().network;
//! let report = evaluate::evaluate(&program, &network, &evaluate::Sampling::default(), &mut unwatched).unwrap();
//! assert!(report.reliability > 0.99);
//! ```
//!
//! In layer l the weight matrix is W_l = C_l · D_l: D (decompress: signals × neurons of the layer below) turns dense
//! activations back into approximate signal values, C (compute and compress: neurons × signals) wires signals into
//! neurons. The read-off of a layer *is* D of the next. Level `-O0` is a construction as published, `-O1` the same
//! wiring solved in closed form, `-O2`, the default, fits all weights to the circuit's own inputs. See [`compile`].
//!
//! Beside gates, or without any, a program may have attention heads over stored features: W_Q and W_K, evaluated on
//! sequences of tokens.
//!
//! # The house
//!
//! | floor | rooms | |
//! |---|---|---|
//! | the rim | `main`, `cli` | the only ones that print, read the clock or touch a path |
//! | 4 | [`search`] | many compilations, each evaluated: the widths that `auto` asks for, plans, sweeps |
//! | | [`plot`] | the tables of sweeps as pictures; knows no network |
//! | | [`report`] | a network, its circuit and its evaluation as a page to look at |
//! | | [`ide`] | what an editor asks of a program; knows no network and no protocol |
//! | 3 | [`elaborate`], [`compile`], [`evaluate`], [`verify`] | Ast to Program to Network, to Report, to Proof |
//! | | [`export`] | circuits and networks for tools of others |
//! | 2 | [`readings`] | the only one that holds a network against a circuit |
//! | | [`exchange`] | circuits of other tools: read as what is written, written from what is meant |
//! | 1 | [`syntax`]; [`program`] on [`circuit`]; [`network`] | what is written; asked, meant; shipped |
//! | the ground | [`linear`] on [`kernels`]; [`random`]; [`bounds`] | arithmetic, streams, how few neurons may do |
//! | | [`weighing`] on [`primes`] | matrices of signs |
//! | | [`onnx`], [`npz`], [`csv`] | file formats, which know no network |
//! | | [`diagnostic`] on [`text`]; [`progress`], [`lists`] | problems, words, who waits, lists |
//!
//! A room knows rooms below it and none beside it, but that `program` stands on `circuit`, that `diagnostic` stands on
//! `text`, and that `elaborate` asks `compile` whether there is such a construction or dictionary; no files import in a
//! circle. Files come in through an [`elaborate::Loader`], and whoever waits watches through a [`progress::Watcher`].
//! `tests/house.rs` holds all this.
//!
//! To add …
//! - a construction: its file in `compile/construct`, and its row in `CONSTRUCTIONS` there (what it promises is a row
//!   of `tests/every_circuit.rs`); a new way to find its read-offs at `-O1` is a file of `compile/solve` besides;
//! - a dictionary: its file in `compile/dictionary`, and its row in `DICTIONARIES` there;
//! - a kind of layer: its file in `network/block`, and its variant of [`network::Block`] with its arms there;
//! - a file format: its file in `network/file`, and its row in [`network::file::FORMATS`];
//! - a format of other tools: its file in `export`, and its row in [`export::FORMATS`];
//! - a format of circuits alone: its file in `exchange`, and its row in [`exchange::FORMATS`];
//! - a metric of `require`: its row in [`program::METRICS`], and, where nothing like it is counted yet, its
//!   [`program::Measure`];
//! - a file format of datasets: its row in `cli/shards.rs`;
//! - a figure of the page: its file in `report/page`, and its row in `SCRIPTS` of `report`;
//! - a command: its file in `cli/commands`, and its row there;
//! - a setting of the `network` block: its word in `syntax/words.rs`, and its row in `elaborate/blocks/network.rs`;
//! - a function of the language: its word in `syntax/words.rs`, and what it is in `elaborate/plan.rs` (a test asks that
//!   the reference, and the dictionary of the fuzzer, have each word).

pub mod bounds;
pub mod circuit;
pub mod compile;
pub mod csv;
pub mod diagnostic;
pub mod elaborate;
pub mod evaluate;
pub mod exchange;
pub mod export;
pub mod ide;
pub mod kernels;
pub mod linear;
pub mod lists;
pub mod network;
pub mod npz;
pub mod onnx;
pub mod plot;
pub mod primes;
pub mod program;
pub mod progress;
pub mod random;
pub mod readings;
pub mod report;
pub mod search;
pub mod syntax;
pub mod text;
pub mod verify;
pub mod weighing;
