//! The arithmetic on each instruction set: `cargo bench --bench kernels` (one kernel: `-- product`).

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use superpose::kernels::{self, Path};
use superpose::random;

fn random_matrix(n_rows: usize, n_columns: usize) -> Array2<f32> {
    let mut rng = random::stream(&[n_rows as u64, n_columns as u64]);
    Array2::from_shape_fn((n_rows, n_columns), |_| random::uniform(&mut rng) as f32 - 0.5)
}

/// Rows of A, its columns, columns of B. The cubes, then what a fit multiplies, and one input alone.
const SHAPES: [(usize, usize, usize); 6] =
    [(64, 64, 64), (256, 256, 256), (1024, 1024, 1024), (64, 250, 5000), (64, 5000, 250), (1, 1000, 1000)];

/// On one thread; a multiply-add counts as one element.
fn product(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("product");
    for path in kernels::available() {
        // Without fused multiply-add in hardware each one is a library call.
        let shapes = if path == Path::Portable { &SHAPES[..1] } else { &SHAPES[..] };
        for &(m, k, n) in shapes {
            let (a, b) = (random_matrix(m, k), random_matrix(k, n));
            let mut c = Array2::zeros((m, n));
            group.throughput(Throughput::Elements((m * k * n) as u64));
            group.bench_function(BenchmarkId::new(format!("{path:?}"), format!("{m} x {k} x {n}")), |bencher| {
                kernels::with_path(path, || {
                    bencher.iter(|| kernels::product(black_box(a.view()), b.view(), c.view_mut()));
                });
            });
        }
    }
}

fn dot(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dot");
    let rows = random_matrix(2, 1000);
    let (a, b) = (rows.row(0).to_vec(), rows.row(1).to_vec());
    group.throughput(Throughput::Elements(a.len() as u64));
    for path in kernels::available() {
        group.bench_function(format!("{path:?}"), |bencher| {
            kernels::with_path(path, || bencher.iter(|| kernels::dot(black_box(&a), &b)));
        });
    }
}

/// The first layer of one sparse input: 4 features of 10 000, 1000 neurons.
fn sum_columns(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sum_columns");
    let by_feature = random_matrix(10_000, 1000);
    let (base, mut out) = (vec![-1.0; 1000], vec![0.0; 1000]);
    let mut rng = random::stream(&[1]);
    let active: Vec<[u32; 4]> = (0..4096).map(|_| [0; 4].map(|_| random::below(&mut rng, 10_000))).collect();
    group.throughput(Throughput::Elements(active.len() as u64));
    for path in kernels::available() {
        group.bench_function(format!("{path:?}"), |bencher| {
            kernels::with_path(path, || {
                bencher.iter(|| {
                    for active in &active {
                        kernels::sum_columns_relu(&base, by_feature.view(), black_box(active), &mut out);
                    }
                });
            });
        });
    }
}

/// 64 inputs of 250 neurons against 5000 read-offs, by their codes.
fn screen(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("screen");
    let (rows, mut inputs) = (random_matrix(5000, 256), random_matrix(64, 256));
    inputs.mapv_inplace(|h| h.max(0.0));
    group.throughput(Throughput::Elements((rows.len() * inputs.nrows()) as u64));
    for path in kernels::available() {
        group.bench_function(format!("{path:?}"), |bencher| {
            kernels::with_path(path, || {
                let rows = kernels::CoarseRows::of(rows.view());
                let mut coarse = kernels::CoarseInputs::default();
                bencher.iter(|| {
                    coarse.set(black_box(inputs.view()));
                    let outside = |row| rows.outside(row, &coarse, (-10.0, 10.0)).count_ones();
                    (0..5000).map(outside).sum::<u32>()
                });
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

criterion_group! { name = benches; config = few_samples(); targets = product, dot, sum_columns, screen }
criterion_main!(benches);
