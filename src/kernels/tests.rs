use ndarray::{Array2, s};

use super::*;
use crate::random::{self, Pcg64};

const SIZES: [usize; 12] = [0, 1, 2, 7, 15, 16, 17, 48, 63, 64, 65, 200];

/// Ordinary, tiny (denormal after a product), large and zero values.
fn number(rng: &mut Pcg64) -> f64 {
    let scale = [1.0, 1.0, 1.0, 1e-30, 1e15, 0.0][random::below(rng, 6) as usize];
    scale * random::gaussian(rng)
}

fn numbers<T: Real>(rng: &mut Pcg64, n: usize) -> Vec<T> {
    (0..n).map(|_| T::of(number(rng))).collect()
}

fn matrix<T: Real>(rng: &mut Pcg64, n_rows: usize, n_columns: usize) -> Array2<T> {
    Array2::from_shape_simple_fn((n_rows, n_columns), || T::of(number(rng)))
}

trait Real: Element {
    fn of(value: f64) -> Self;
    fn bits(self) -> u64;
}

impl Real for f32 {
    fn of(value: f64) -> f32 {
        value as f32
    }
    fn bits(self) -> u64 {
        self.to_bits() as u64
    }
}

impl Real for f64 {
    fn of(value: f64) -> f64 {
        value * 1e-200
    }
    fn bits(self) -> u64 {
        self.to_bits()
    }
}

fn bits<T: Real>(values: impl IntoIterator<Item = T>) -> Vec<u64> {
    values.into_iter().map(T::bits).collect()
}

/// The definition of `product`, word for word.
fn chain<T: Real>(a: &Array2<T>, b: &Array2<T>, c: &Array2<T>) -> Array2<T> {
    Array2::from_shape_fn(c.dim(), |(i, j)| {
        (0..a.ncols()).fold(c[[i, j]], |sum, k| Element::mul_add(a[[i, k]], b[[k, j]], sum))
    })
}

fn product_is_its_definition<T: Real>(path: Path) {
    let mut rng = random::stream(&[1]);
    let shapes = [
        (0, 3, 5),
        (3, 0, 5),
        (3, 5, 0),
        (1, 1, 1),
        (1, 300, 130),
        (5, 17, 15),
        (9, 257, 49),
        (17, 40, 96),
        (9, 20, 3),
        (9, 20, 7),
        (21, 20, 64),
        (530, 3, 50),
    ];
    for (m, k, n) in shapes {
        let (a, b, start) = (matrix::<T>(&mut rng, m, k), matrix::<T>(&mut rng, k, n), matrix::<T>(&mut rng, m, n));
        let expected = bits(chain(&a, &b, &start));
        let mut c = start.clone();
        product(a.view(), b.view(), c.view_mut());
        assert_eq!(bits(c), expected, "{path:?} {m} x {k} x {n}");
        let (a_columns, b_columns) = (a.t().as_standard_layout().to_owned(), b.t().as_standard_layout().to_owned());
        let mut c = start.clone();
        product(a_columns.t(), b_columns.t(), c.view_mut());
        assert_eq!(bits(c), expected, "{path:?} {m} x {k} x {n}, transposed views");
    }
}

#[test]
fn product_is_one_chain_per_element_on_every_path() {
    for path in available() {
        with_path(path, || {
            product_is_its_definition::<f32>(path);
            product_is_its_definition::<f64>(path);
        });
    }
}

#[test]
fn product_respects_the_strides_of_a_window() {
    let mut rng = random::stream(&[2]);
    let (a, b) = (matrix::<f32>(&mut rng, 30, 40), matrix::<f32>(&mut rng, 40, 90));
    let mut c = matrix::<f32>(&mut rng, 40, 100);
    let before = c.clone();
    let (a, b) = (a.slice(s![3..25, ..;2]), b.slice(s![10..30, 5..77]));
    let expected = chain(&a.to_owned(), &b.to_owned(), &before.slice(s![2..24, 9..81]).to_owned());
    product(a, b, c.slice_mut(s![2..24, 9..81]));
    assert_eq!(bits(c.slice(s![2..24, 9..81]).iter().copied()), bits(expected));
    c.slice_mut(s![2..24, 9..81]).assign(&before.slice(s![2..24, 9..81]));
    assert_eq!(c, before, "nothing outside the window was touched");
}

#[test]
fn thread_counts_give_the_same_bits() {
    let mut rng = random::stream(&[3]);
    for (m, k, n) in [(100, 90, 301), (301, 90, 100), (5, 600, 700)] {
        let (a, b) = (matrix::<f32>(&mut rng, m, k), matrix::<f32>(&mut rng, k, n));
        let mut expected = Array2::zeros((m, n));
        product(a.view(), b.view(), expected.view_mut());
        for n_threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            let mut c = Array2::zeros((m, n));
            pool.install(|| par_product(a.view(), b.view(), c.view_mut()));
            assert_eq!(bits(c), bits(expected.clone()), "{n_threads} threads");
        }
    }
}

/// What every other kernel makes of the same numbers, as bits.
fn all_kernels<T: Real>() -> Vec<Vec<u64>> {
    let mut rng = random::stream(&[4]);
    let mut results = Vec::new();
    for n in SIZES {
        let (x, y) = (numbers::<T>(&mut rng, n), numbers::<T>(&mut rng, n));
        let by_feature = matrix::<T>(&mut rng, 9, n);
        results.push(bits([dot(&x, &y)]));
        let mut out = y.clone();
        axpy(x.first().copied().unwrap_or_default(), &x, &mut out);
        results.push(bits(out));
        let mut out = y.clone();
        relu_in_place(&mut out);
        results.push(bits(out));
        for active in [&[][..], &[8], &[0, 3, 4, 8]] {
            let mut out = y.clone();
            sum_columns(&x, by_feature.view(), active, &mut out);
            results.push(bits(out.clone()));
            sum_columns_relu(&x, by_feature.view(), active, &mut out);
            results.push(bits(out.clone()));
            sum_scaled_columns(&x, by_feature.view(), active, &numbers(&mut rng, active.len()), &mut out);
            results.push(bits(out));
        }
    }
    results
}

#[test]
fn every_path_gives_the_bits_of_the_portable_body() {
    let expected = with_path(Path::Portable, || (all_kernels::<f32>(), all_kernels::<f64>()));
    for path in available() {
        assert!(with_path(path, || (all_kernels::<f32>(), all_kernels::<f64>())) == expected, "{path:?}");
    }
}

/// Equal on x86-64 and, run under emulation, on AArch64.
#[test]
fn the_bits_are_those_of_every_machine() {
    let hash = |results: Vec<Vec<u64>>| {
        results.concat().into_iter().fold(0u64, |hash, word| (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3))
    };
    assert_eq!((hash(all_kernels::<f32>()), hash(all_kernels::<f64>())), (7572268326583180655, 16752194024599100533));
}

#[test]
fn dot_has_sixteen_lanes_and_a_tree() {
    let mut rng = random::stream(&[5]);
    for n in SIZES {
        let (a, b) = (numbers::<f32>(&mut rng, n), numbers::<f32>(&mut rng, n));
        let mut lanes = [0.0f32; 16];
        for i in 0..n {
            lanes[i % 16] = a[i].mul_add(b[i], lanes[i % 16]);
        }
        for half in [8, 4, 2, 1] {
            for lane in 0..half {
                lanes[lane] += lanes[lane + half];
            }
        }
        assert_eq!(dot(&a, &b).to_bits(), lanes[0].to_bits());
    }
}

#[test]
fn many_dot_products_are_as_many_dots() {
    let mut rng = random::stream(&[8]);
    for n in SIZES {
        let wide = matrix::<f32>(&mut rng, 30, n + 5);
        let matrix = wide.slice(s![.., 3..n + 3]);
        let x = numbers::<f32>(&mut rng, n);
        for n_rows in [0usize, 1, 7, 8, 9, 20] {
            let rows: Vec<u32> = (0..n_rows).map(|_| random::below(&mut rng, 30)).collect();
            let of_row = |&row: &u32| dot(matrix.row(row as usize).as_slice().unwrap(), &x);
            let expected = bits(rows.iter().map(of_row));
            for path in available() {
                let mut out = vec![0.0; n_rows];
                with_path(path, || dots(&x, matrix, &rows, &mut out));
                assert_eq!(bits(out), expected, "{path:?}, {n_rows} rows of {n}");
            }
        }
    }
}

/// The definition of `bent_sums`, word for word.
fn bent_sum<T: Real>(bends: Bends<T>, row: &[T]) -> T {
    let mut lanes = [T::ZERO; 16];
    for (j, &x) in row.iter().enumerate() {
        let bent = bends.scale[j].mul_add(x, bends.base[j]);
        let bent = if bent > T::ZERO { bent } else { T::ZERO };
        let line = bends.linear[j].mul_add(x, lanes[j % 16]);
        lanes[j % 16] = bends.weight[j].mul_add(bent, line);
    }
    for half in [8, 4, 2, 1] {
        for lane in 0..half {
            lanes[lane] = lanes[lane] + lanes[lane + half];
        }
    }
    lanes[0]
}

fn bent_sums_are_their_definition<T: Real>() {
    let mut rng = random::stream(&[10]);
    for n in SIZES {
        let wide = matrix::<T>(&mut rng, 30, n + 5);
        let matrix = wide.slice(s![.., 3..n + 3]);
        let [linear, base, scale, weight] = [(); 4].map(|()| numbers::<T>(&mut rng, n));
        let bends = Bends { linear: &linear, base: &base, scale: &scale, weight: &weight };
        for n_rows in [0usize, 1, 3, 4, 5, 20] {
            let rows: Vec<u32> = (0..n_rows).map(|_| random::below(&mut rng, 30)).collect();
            let of_row = |&row: &u32| bent_sum(bends, matrix.row(row as usize).as_slice().unwrap());
            let expected = bits(rows.iter().map(of_row));
            for path in available() {
                let mut out = vec![T::ZERO; n_rows];
                with_path(path, || bent_sums(bends, matrix, &rows, &mut out));
                assert_eq!(bits(out), expected, "{path:?}, {n_rows} rows of {n}");
            }
        }
    }
}

#[test]
fn many_bent_sums_are_their_definition_on_every_path() {
    bent_sums_are_their_definition::<f32>();
    bent_sums_are_their_definition::<f64>();
}

/// The definition of `encode`, word for word but for the order of what is off.
#[test]
fn codes_are_whole_numbers_and_what_they_lose_is_told_on_every_path() {
    let mut rng = random::stream(&[12]);
    for n in [0usize, 32, 96] {
        let x: Vec<f64> = (0..40).map(|_| random::gaussian(&mut rng)).collect();
        let least = x.iter().copied().fold(f64::INFINITY, f64::min);
        let most = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let at: Vec<u32> = (0..n).map(|_| random::below(&mut rng, 40)).collect();
        let (zero, scale) = (vec![least; n], vec![255.0 / (most - least); n]);
        let scaled: Vec<f64> = at.iter().map(|&at| scale[0] * (x[at as usize] - least)).collect();
        for is_low in [true, false] {
            let off: f64 = scaled.iter().map(|x| if is_low { x - x.round() } else { x.round() - x }.max(0.0)).sum();
            let mut sums = Vec::new();
            for path in available() {
                let mut codes = vec![0; n];
                sums.push(with_path(path, || encode(&x, &at, &zero, &scale, is_low, &mut codes)));
                assert!(codes.iter().zip(&scaled).all(|(&code, x)| f64::from(code) == x.round()), "{path:?}");
                assert!((sums[0] - off).abs() < 1e-9 && sums.iter().all(|sum| *sum == sums[0]), "{path:?}");
            }
        }
    }
}

/// The definition of `cut_off_sums`, word for word.
#[test]
fn sums_of_what_is_cut_off_are_their_definition_on_every_path() {
    let mut rng = random::stream(&[11]);
    let mut byte = || random::below(&mut rng, 256) as u8;
    for (n, n_positive) in [(0, 0), (32, 32), (64, 0), (96, 32), (512, 256)] {
        let matrix = Array2::from_shape_simple_fn((30, n), &mut byte);
        let cut: Vec<u8> = (0..n).map(|_| byte()).collect();
        for n_rows in [0usize, 1, 3, 4, 9] {
            let rows: Vec<u32> = (0..n_rows).map(|_| u32::from(byte()) % 30).collect();
            let term = |row: u32, j: usize| {
                let above = (i32::from(matrix[[row as usize, j]]) - i32::from(cut[j])).max(0);
                if j < n_positive { above } else { -above }
            };
            let expected: Vec<i32> = rows.iter().map(|&row| (0..n).map(|j| term(row, j)).sum()).collect();
            for path in available() {
                let mut out = vec![0; n_rows];
                with_path(path, || cut_off_sums(&cut, n_positive, matrix.view(), &rows, &mut out));
                assert_eq!(out, expected, "{path:?}, {n_rows} rows of {n}");
            }
        }
    }
}

/// The definition of `rms_step`, word for word.
#[test]
fn a_step_by_root_mean_squares_is_its_definition_on_every_path() {
    let mut rng = random::stream(&[9]);
    let (rate, decay) = (0.01f32, 0.99f32);
    for n in SIZES {
        let (weights, gradient) = (numbers::<f32>(&mut rng, n), numbers::<f32>(&mut rng, n));
        let squares: Vec<f32> = numbers::<f32>(&mut rng, n).into_iter().map(f32::abs).collect();
        let mean = |i: usize| gradient[i].mul_add((1.0 - decay) * gradient[i], decay * squares[i]);
        let expected_squares: Vec<f32> = (0..n).map(mean).collect();
        let moved = |i: usize| weights[i] - rate * gradient[i] / (expected_squares[i].sqrt() + 1e-8);
        let expected: Vec<f32> = (0..n).map(moved).collect();
        for path in available() {
            let (mut stepped, mut means) = (weights.clone(), squares.clone());
            with_path(path, || rms_step(&mut stepped, &mut means, &gradient, rate, decay));
            assert_eq!(bits(means), bits(expected_squares.clone()), "{path:?}, {n} squares");
            assert_eq!(bits(stepped), bits(expected.clone()), "{path:?}, {n} weights");
        }
    }
}

#[test]
fn columns_are_added_in_the_order_of_the_list() {
    let mut rng = random::stream(&[6]);
    let by_feature = matrix::<f32>(&mut rng, 12, 133);
    let base = numbers::<f32>(&mut rng, 133);
    let active = [1, 4, 7, 11];
    let mut out = vec![0.0; 133];
    sum_columns(&base, by_feature.view(), &active, &mut out);
    for (j, out) in out.iter().enumerate() {
        let expected = active.iter().fold(base[j], |sum, &i| sum + by_feature[[i as usize, j]]);
        assert_eq!(out.to_bits(), expected.to_bits());
    }
}

#[test]
fn relu_maps_negative_zero_and_nan_to_zero() {
    for path in available() {
        let mut x = vec![-0.0f32, f32::NAN, -1.0, 2.0, f32::INFINITY];
        x.resize(40, -0.0);
        with_path(path, || relu_in_place(&mut x));
        let expected: Vec<f32> =
            (0..40).map(|i| [0.0, 0.0, 0.0, 2.0, f32::INFINITY].get(i).copied().unwrap_or(0.0)).collect();
        assert_eq!(bits(x), bits(expected), "{path:?}");
    }
}

/// Rows and inputs as the fit has them, and one input of zeros.
fn rows_and_inputs(rng: &mut Pcg64, n: usize, n_inputs: usize) -> (Array2<f32>, Array2<f32>) {
    let rows = Array2::from_shape_simple_fn((9, n), || random::gaussian(rng) as f32);
    let mut inputs = Array2::from_shape_simple_fn((n_inputs, n), || (random::gaussian(rng) as f32).max(0.0));
    inputs.row_mut(0).fill(0.0);
    (rows, inputs)
}

#[test]
fn screening_gives_the_same_bits_on_every_path() {
    let mut rng = random::stream(&[8]);
    for (n, n_inputs) in [(16, 1), (64, 63), (128, 64), (208, 64)] {
        let (mut rows, inputs) = rows_and_inputs(&mut rng, n, n_inputs);
        rows.row_mut(1).fill(0.0);
        rows.row_mut(2)[3] = f32::NAN;
        rows.row_mut(3)[4] = f32::NEG_INFINITY;
        rows.row_mut(4)[5] = f32::MIN_POSITIVE;
        let screen = |path| {
            with_path(path, || {
                let mut coarse = CoarseInputs::default();
                coarse.set(inputs.view());
                let rows = CoarseRows::of(rows.view());
                let words: Vec<u64> = (0..9).map(|row| rows.outside(row, &coarse, (-3.0, 2.0))).collect();
                (rows.codes, bits(rows.units), words)
            })
        };
        let expected = screen(Path::Portable);
        for path in available() {
            assert_eq!(screen(path), expected, "{path:?} {n} {n_inputs}");
        }
    }
}

#[test]
fn screening_finds_what_is_clearly_outside_and_nothing_that_is_clearly_inside() {
    let mut rng = random::stream(&[9]);
    let (rows, inputs) = rows_and_inputs(&mut rng, 200, 64);
    let mut coarse = CoarseInputs::default();
    coarse.set(inputs.view());
    let coarse_rows = CoarseRows::of(rows.view());
    let (low, high) = (-8.0, 5.0);
    let (mut n_outside, mut n_inside) = (0, 0);
    for (idx, row) in rows.rows().into_iter().enumerate() {
        let outside = coarse_rows.outside(idx, &coarse, (low, high));
        for (input_idx, input) in inputs.rows().into_iter().enumerate() {
            let slack = 0.01 * (row.dot(&row) * input.dot(&input)).sqrt();
            let value = row.dot(&input);
            let is_outside = outside >> input_idx & 1 == 1;
            if value < low - slack || value > high + slack {
                n_outside += 1;
                assert!(is_outside, "{value}");
            } else if value > low + slack && value < high - slack {
                n_inside += 1;
                assert!(!is_outside, "{value}");
            }
        }
    }
    assert!(n_outside > 50 && n_inside > 50);
}

#[test]
fn what_is_not_there_is_never_outside() {
    let mut coarse = CoarseInputs::default();
    coarse.set(Array2::from_elem((3, 16), 1.0).view());
    let rows = CoarseRows::of(Array2::from_elem((1, 16), 1.0).view());
    assert_eq!(rows.outside(0, &coarse, (f32::INFINITY, f32::NEG_INFINITY)), 0b111);
    assert_eq!(rows.outside(0, &coarse, (f32::NEG_INFINITY, 15.0)), 0b111);
    assert_eq!(rows.outside(0, &coarse, (f32::NEG_INFINITY, 17.0)), 0);
}
