//! From text to report, from 10^2 to 10^5 gates: `cargo bench --bench pipeline` (one part: `-- elaborate`).

mod circuits;
#[path = "../common/mod.rs"]
mod common;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use superpose::diagnostic::FileId;
use superpose::program::{Level, Width};
use superpose::progress::unwatched;
use superpose::{compile, evaluate, syntax};

const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];

/// One gate a line.
fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    for n_gates in SIZES {
        let sources = circuits::sources(&circuits::long(n_gates));
        group.throughput(Throughput::Elements(n_gates as u64));
        group.bench_function(BenchmarkId::from_parameter(n_gates), |bencher| {
            bencher.iter(|| syntax::parse(black_box(&sources), FileId(0)));
        });
    }
}

/// Parse and elaborate: gates by comprehension, so that next to nothing is parsed, and one gate a line.
fn elaborate(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("elaborate");
    for n_gates in SIZES {
        group.throughput(Throughput::Elements(n_gates as u64));
        for (name, text) in [("comprehension", circuits::short(n_gates)), ("lines", circuits::long(n_gates))] {
            group.bench_function(BenchmarkId::new(name, n_gates), |bencher| {
                bencher.iter(|| common::program(black_box(&text)));
            });
        }
    }
}

/// Neurons for so many gates: what holds them at `-O1`, up to 1000.
fn width(n_gates: usize) -> usize {
    (n_gates / 5).clamp(50, 1000)
}

fn options(level: Level, n_gates: usize) -> compile::Options {
    let width = Some(Width::Neurons(width(n_gates) as u32));
    compile::Options { level: Some(level), width, ..compile::Options::default() }
}

fn compile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compile");
    // At `-O1` a gate costs the square of the width: the largest takes minutes.
    for level in [Level::Published, Level::Solved] {
        for n_gates in SIZES {
            let program = common::program(&circuits::short(n_gates));
            let options = options(level, n_gates);
            group.throughput(Throughput::Elements(n_gates as u64));
            group.bench_function(BenchmarkId::new(format!("O{}", level.number()), n_gates), |bencher| {
                bencher.iter(|| compile::compile(black_box(&program), &options, &mut unwatched));
            });
        }
    }
}

/// 1000 inputs: sampling, truth, forward pass, read-offs, statistics.
fn evaluate(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("evaluate");
    for n_gates in SIZES {
        let program = common::program(&circuits::short(n_gates));
        let network =
            compile::compile(&program, &options(Level::Published, n_gates), &mut unwatched).expect("pairs compile");
        let options = evaluate::Sampling { samples: 1000, ..evaluate::Sampling::default() };
        group.throughput(Throughput::Elements(options.samples));
        group.bench_function(BenchmarkId::from_parameter(n_gates), |bencher| {
            bencher.iter(|| evaluate::evaluate(black_box(&program), &network, &options, &mut unwatched));
        });
    }
}

/// Writing and reading the file of a network.
fn file(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("file");
    for n_gates in SIZES {
        let program = common::program(&circuits::short(n_gates));
        let network =
            compile::compile(&program, &options(Level::Published, n_gates), &mut unwatched).expect("pairs compile");
        let bytes = network.to_bytes();
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(BenchmarkId::new("write", n_gates), |bencher| {
            bencher.iter(|| black_box(&network).to_bytes());
        });
        group.bench_function(BenchmarkId::new("read", n_gates), |bencher| {
            bencher.iter(|| superpose::network::Network::from_bytes(black_box(&bytes)));
        });
    }
}

fn few_samples() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
}

criterion_group! { name = benches; config = few_samples(); targets = parse, elaborate, compile, evaluate, file }
criterion_main!(benches);
