//! Any bytes given as a `.circ` file are a circuit or a list of diagnostics, within moderate time and memory.
//!
//! The text may `use` itself and draw rows from itself. What parses must format to a text that parses to the same
//! format; what loads may be compiled and evaluated. The slower parts see a fixed share of the texts.

#![no_main]

use libfuzzer_sys::fuzz_target;
use superpose::diagnostic::{self, FileId, SourceFile, Sources};
use superpose::elaborate::{Limits, Loader, load};
use superpose::program::{Level, Program, Width, facts};
use superpose::progress::unwatched;
use superpose::{compile, evaluate, random, syntax};

/// Three paths lead to the same bytes.
struct Mirror<'a>(&'a [u8]);

impl Loader for Mirror<'_> {
    fn read(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        match path {
            "main.circ" | "a" | "r" => Ok(self.0.to_vec()),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        check_syntax(text);
    }
    // Small, so that many texts are tried.
    let limits =
        Limits { max_gates: 300, max_turns: 3_000, max_operands: 3_000, max_features: 3_000, ..Limits::default() };
    let loaded = load("main.circ", &mut Mirror(bytes), &limits);
    let has_error = loaded.diagnostics.iter().any(|problem| problem.is_error());
    assert_eq!(loaded.program.is_none(), has_error, "no circuit exactly when there is an error");
    let share = random::key_of(&String::from_utf8_lossy(bytes));
    if share.is_multiple_of(8) {
        let _ = diagnostic::render(&loaded.diagnostics, &loaded.sources, false, 80);
    }
    let Some(program) = &loaded.program else { return };
    let _ = facts(program);
    if share.is_multiple_of(4) {
        run(program);
    }
});

/// A network of few neurons on few inputs. It may be refused, and need not be right.
fn run(program: &Program) {
    let width = Some(Width::Neurons(16));
    let options = compile::Options { level: Some(Level::Published), width, ..compile::Options::default() };
    let Ok(network) = compile::compile(program, &options, &mut unwatched) else { return };
    network.check().expect("the weights are the product of their factors");
    let options = evaluate::Sampling { samples: 64, ..evaluate::Sampling::default() };
    let _ = evaluate::evaluate(program, &network, &options, &mut unwatched);
}

fn check_syntax(text: &str) {
    let parse = |text: &str| {
        let file = SourceFile { name: "main.circ".into(), text: text.into() };
        let sources = Sources { files: vec![file] };
        let (ast, problems) = syntax::parse(&sources, FileId(0));
        (ast, problems.iter().any(|problem| problem.is_error()))
    };
    let (ast, broken) = parse(text);
    if broken {
        return;
    }
    let formatted = syntax::format(&ast, text);
    let (again, broken) = parse(&formatted);
    assert!(!broken, "the canonical form parses:\n{formatted}");
    assert_eq!(syntax::format(&again, &formatted), formatted, "formatting twice changes nothing");
}
