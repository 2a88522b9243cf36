//! The inputs of a circuit: drawing them, what its gates say to them, and inputs that have gates on and off as wanted.
//! `cargo bench --bench inputs` (one part: `-- sample`).

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use superpose::circuit::inputs::plant::Planter;
use superpose::circuit::inputs::sample::Sampler;
use superpose::circuit::truth::Truth;
use superpose::circuit::{Circuit, Inputs, Signal};
use superpose::elaborate::{Limits, load};
use superpose::random;

/// 5000 random pairs of 1000 features, four of which are on, two of them always a gate's.
const PAIRS: &str = "feature x[1000];
    sample { choose 4 of x; plant 1; }
    layer pairs { g[i] = all(pick(2, x)) for i in 0..5000; }";

/// Gates on 2000 of them, a pair each.
const ABOVE: &str = "layer above { h[i] = g[i] | g[1000 + i] for i in 0..1000; }";

fn circuit(text: &str) -> Circuit {
    let mut files = BTreeMap::from([("inputs.circ".to_string(), text.as_bytes().to_vec())]);
    load("inputs.circ", &mut files, &Limits::default()).program.expect("the benches' programs are correct").circuit
}

/// Blocks of 64 inputs, every one with a gate planted.
fn sample(criterion: &mut Criterion) {
    let circuit = circuit(PAIRS);
    let sampler = Sampler::new(&circuit).expect("pairs can be planted");
    let mut group = criterion.benchmark_group("sample");
    group.throughput(Throughput::Elements(64));
    let mut block_idx = 0;
    group.bench_function("5000 pairs", |bencher| {
        bencher.iter(|| {
            block_idx += 1;
            sampler.block(0, "bench", black_box(block_idx))
        });
    });
}

/// The values of all gates on 1000 blocks of 64 inputs.
fn truth(criterion: &mut Criterion) {
    let circuit = circuit(PAIRS);
    let sampler = Sampler::new(&circuit).expect("pairs can be planted");
    let blocks: Vec<Inputs> = (0..1000).map(|block_idx| sampler.block(0, "bench", block_idx)).collect();
    let mut truth = Truth::new(&circuit);
    let mut group = criterion.benchmark_group("truth");
    group.throughput(Throughput::Elements(64 * blocks.len() as u64));
    group.bench_function("5000 pairs", |bencher| {
        bencher.iter(|| {
            for block in &blocks {
                truth.evaluate(&circuit, black_box(block), 0..64);
            }
        });
    });
}

/// One input that has a signal on and the next of its kind off, or word that none was found.
fn plant(criterion: &mut Criterion) {
    let circuit = circuit(&format!("{PAIRS}{ABOVE}"));
    let signals = |layer_idx| circuit.layer_signals(layer_idx).collect();
    let features: Vec<Signal> = (0..circuit.n_features() as u32).map(Signal).collect();
    let kinds = [("features", features), ("gates", signals(0)), ("gates of gates", signals(1))];
    let mut planter = Planter::new(&circuit);
    let mut rng = random::stream(&[1]);
    let mut active = Vec::new();
    let mut group = criterion.benchmark_group("plant");
    group.throughput(Throughput::Elements(1));
    for (name, signals) in kinds {
        let mut next = signals.iter().zip(signals.iter().cycle().skip(1)).cycle();
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| {
                let (&on, &off) = next.next().expect("a cycle has no end");
                planter.draw(&mut rng, black_box(&[(on, true), (off, false)]), &mut active)
            });
        });
    }
}

fn few_samples() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
}

criterion_group! { name = benches; config = few_samples(); targets = sample, truth, plant }
criterion_main!(benches);
