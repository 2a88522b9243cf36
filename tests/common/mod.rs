//! What the tests share: programs from a text, from files in memory and from the examples; networks whose factors are
//! checked; reports; the program itself, run from outside.
//!
//! Must not know what any of them is to show.

// Every test is a crate of its own and takes what it needs.
#![allow(dead_code)]

pub mod binary;
pub mod by_definition;
pub mod circuits;
pub mod networks;
pub mod onnx;
pub mod python;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use superpose::compile::{self, Options, constructions_of};
use superpose::diagnostic::{Diagnostic, FileId, SourceFile, Sources, render};
use superpose::elaborate::{Limits, Loaded, Loader, load};
use superpose::evaluate::{self, Report};
use superpose::network::Network;
use superpose::program::{Activation, Level, Program, Width};
use superpose::progress::unwatched;
use superpose::syntax;
use superpose::syntax::ast::Ast;

/// The folder of the crate.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the crate, by its path below [`root`].
pub fn text_of(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The fenced blocks of exactly this info string.
pub fn blocks(text: &str, info: &str) -> Vec<String> {
    let fence = format!("\n```{info}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_string()).collect()
}

/// Every file below a folder of the crate whose name ends so, by its path below that folder; sorted.
pub fn files_below(folder: &Path, extension: &str) -> Vec<String> {
    let mut rest = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(path) = rest.pop() {
        if path.is_dir() {
            rest.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/"));
        }
    }
    found.sort();
    found
}

/// Files on disk, by their path below a folder.
pub struct Folder(pub PathBuf);

impl Loader for Folder {
    fn read(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        fs::read(self.0.join(path))
    }
}

/// Loads the first of these files, with the others at hand: (name, bytes).
pub fn loaded(files: &[(&str, &str)]) -> Loaded {
    let mut loader: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect();
    load(files[0].0, &mut loader, &Limits::default())
}

/// Loads a file on disk, by its path below `folder`.
pub fn loaded_below(folder: &Path, name: &str) -> Loaded {
    load(name, &mut Folder(folder.to_owned()), &Limits::default())
}

/// Problems as a person reads them, without colour.
pub fn shown(problems: &[Diagnostic], sources: &Sources) -> String {
    render(problems, sources, false, 80)
}

/// The program, or its problems on the screen.
#[track_caller]
pub fn sound(loaded: Loaded) -> Program {
    loaded.program.unwrap_or_else(|| panic!("{}", shown(&loaded.diagnostics, &loaded.sources)))
}

/// The program of a text without errors.
#[track_caller]
pub fn program(text: &str) -> Program {
    sound(loaded(&[("a.circ", text)]))
}

/// A text that stands alone, parsed.
pub fn parsed(name: &str, text: &str) -> (Ast, Vec<Diagnostic>, Sources) {
    let sources = Sources { files: vec![SourceFile { name: name.into(), text: text.into() }] };
    let (ast, problems) = syntax::parse(&sources, FileId(0));
    (ast, problems, sources)
}

/// Where the examples are.
pub fn examples_folder() -> PathBuf {
    root().join("examples")
}

/// All files of the examples, libraries of sub-circuits as well, by their path below their folder.
pub fn examples() -> Vec<String> {
    files_below(&examples_folder(), "circ")
}

/// An example, by its path below their folder.
#[track_caller]
pub fn example(name: &str) -> Program {
    sound(loaded_below(&examples_folder(), name))
}

/// Every example that is a program by itself.
pub fn example_programs() -> Vec<(String, Program)> {
    let loaded = examples().into_iter().map(|name| (loaded_below(&examples_folder(), &name), name));
    let programs = loaded.filter_map(|(loaded, name)| {
        let is_library = loaded.diagnostics.iter().any(|problem| problem.code == "no-gate");
        (!is_library).then(|| (name, sound(loaded)))
    });
    programs.collect()
}

/// The constructions that a network of this level can be made by; for a fit, whose own is, the default stands for it.
pub fn constructions_at(level: Level) -> Vec<&'static str> {
    let n = if level == Level::Fitted { 1 } else { usize::MAX };
    constructions_of(Activation::Relu).into_iter().take(n).collect()
}

/// This level, so many neurons in every layer, this construction, which a fit is not asked for.
pub fn options(level: Level, n: u32, construction: &str) -> Options {
    let construction = (level < Level::Fitted).then(|| construction.to_string());
    Options { level: Some(level), width: Some(Width::Neurons(n)), construction, ..Options::default() }
}

/// The network of a program that can be compiled so; it is what it says, factors and all.
#[track_caller]
pub fn compiled(program: &Program, options: &Options) -> Network {
    let network = compile::compile(program, options, &mut unwatched)
        .unwrap_or_else(|error| panic!("{error:?}\n{}", shown(error.problems(), &program.sources)));
    network.check().unwrap_or_else(|error| panic!("{}: {error}", program.circuit.name));
    network
}

/// The report on a network that belongs to the program.
#[track_caller]
pub fn report(program: &Program, network: &Network, sampling: &evaluate::Sampling) -> Report {
    evaluate::evaluate(program, network, sampling, &mut unwatched).expect("the network is the program's")
}

/// So many inputs drawn.
pub fn samples(n: u64) -> evaluate::Sampling {
    evaluate::Sampling { samples: n, ..evaluate::Sampling::default() }
}

/// Every distinct input once.
pub fn exhaustive() -> evaluate::Sampling {
    evaluate::Sampling { exhaustive: true, ..evaluate::Sampling::default() }
}
