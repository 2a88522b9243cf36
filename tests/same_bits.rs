//! Same program, same bytes: whatever the number of threads, whatever the instruction set.

mod common;

use common::circuits::CASES;
use common::{constructions_at, options, program, report, samples, shown};
use superpose::compile::{self, Options, Request};
use superpose::kernels;
use superpose::program::{Level, Program};
use superpose::progress::unwatched;

/// Two layers, gates of several kinds, a planted distribution, superposed inputs: larger than those of the table.
const MIXED: &str = "
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

/// A program, and how it is compiled: (what it is called, program, options).
fn cases() -> Vec<(String, Program, Options)> {
    let mut cases = Vec::new();
    let mut add = |name: &str, program: &Program, level: Level, construction: &str, n: u32, budget: u64| {
        let budget = (level == Level::Fitted).then_some(budget);
        let fit = Request { budget, ..Request::default() };
        let called = format!("{name} at -O{} with `{construction}`", level.number());
        cases.push((called, program.clone(), Options { fit, ..options(level, n, construction) }));
    };
    for level in Level::ALL {
        for construction in constructions_at(level) {
            add("mixed", &program(MIXED), level, construction, 48, 20_000);
            CASES.iter().for_each(|case| add(case.name, &case.program(), level, construction, 16, 1000));
        }
    }
    cases
}

/// The bytes of the network's file, and the report with every gate; or why there is none.
fn run(program: &Program, options: &Options) -> (Vec<u8>, String) {
    match compile::compile(program, options, &mut unwatched) {
        Ok(network) => (network.to_bytes(), report(program, &network, &samples(1000)).to_json(true)),
        Err(error) => (Vec::new(), shown(error.problems(), &program.sources)),
    }
}

fn with_threads<R: Send>(n_threads: usize, work: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().expect("threads are to be had").install(work)
}

#[test]
fn network_and_report_do_not_depend_on_the_number_of_threads() {
    for (called, program, options) in cases() {
        let expected = with_threads(1, || run(&program, &options));
        let (bytes, report) = with_threads(2, || run(&program, &options));
        assert!(bytes == expected.0, "{called}: other bytes on 2 threads");
        assert_eq!(report, expected.1, "{called} on 2 threads");
    }
}

#[test]
fn network_and_report_do_not_depend_on_the_instruction_set() {
    for (called, program, options) in cases() {
        let on = |path| kernels::with_path(path, || run(&program, &options));
        let expected = on(kernels::Path::Portable);
        for path in kernels::available().into_iter().filter(|&path| path != kernels::Path::Portable) {
            let (bytes, report) = on(path);
            assert!(bytes == expected.0, "{called}: other bytes on {path:?}");
            assert_eq!(report, expected.1, "{called} on {path:?}");
        }
    }
}
