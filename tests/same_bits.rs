//! Same program, same bytes: whatever the number of threads, whatever the instruction set.

mod common;

use superpose::program::{Level, Program, Width};
use superpose::progress::unwatched;
use superpose::{compile, evaluate, kernels};

/// Two layers, gates of several kinds, a planted distribution, superposed inputs.
const PROGRAM: &str = "
circuit mixed;
feature x[24], y[6], z[8];
sample { choose 2 of x; each y with 0.1; choose 1 of z; plant 0.5; }
layer first {
  pair[i] = x[i] & x[(i + 5) % 24] for i in 0..24;
  odd[i] = x[i] ^ y[i] for i in 0..6;
  most = majority(y);
  calm[i] = !(z[i] | y[i % 6]) for i in 0..8;
}
layer second {
  chain[i] = pair[i] | odd[i % 6] for i in 0..24;
  low[i] = calm[i] & !most for i in 0..8;
}
network { store z in 6 with gaussian; seed 3; }
";

/// The bytes of the network's file, and the report with every gate.
fn run(program: &Program, level: u8, construction: &str) -> (Vec<u8>, String) {
    let options = compile::Options {
        level: Level::of_number(level),
        width: Some(Width::Neurons(48)),
        construction: Some(construction.to_string()),
        fit: compile::Request { budget: (level == 2).then_some(50_000), ..compile::Request::default() },
        ..compile::Options::default()
    };
    let network = compile::compile(program, &options, &mut unwatched).expect("the program compiles");
    let options = evaluate::Sampling { samples: 1000, ..evaluate::Sampling::default() };
    let report = evaluate::evaluate(program, &network, &options, &mut unwatched).expect("the network is the circuit's");
    (network.to_bytes(), report.to_json(true))
}

fn with_threads<R: Send>(n_threads: usize, work: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().expect("threads are to be had").install(work)
}

#[test]
fn network_and_report_do_not_depend_on_the_number_of_threads() {
    let program = common::program(PROGRAM);
    for (level, construction) in [(0, "channels"), (1, "channels"), (1, "universal"), (2, "channels")] {
        let expected = with_threads(1, || run(&program, level, construction));
        let (bytes, report) = with_threads(2, || run(&program, level, construction));
        assert!(bytes == expected.0, "{construction} -O{level}: other bytes on 2 threads");
        assert_eq!(report, expected.1, "{construction} -O{level} on 2 threads");
    }
}

#[test]
fn network_and_report_do_not_depend_on_the_instruction_set() {
    let program = common::program(PROGRAM);
    for level in [1, 2] {
        let on = |path| kernels::with_path(path, || run(&program, level, "channels"));
        let expected = on(kernels::Path::Portable);
        for path in kernels::available().into_iter().filter(|&path| path != kernels::Path::Portable) {
            let (bytes, report) = on(path);
            assert!(bytes == expected.0, "other bytes on {path:?} at -O{level}");
            assert_eq!(report, expected.1, "{path:?} at -O{level}");
        }
    }
}
