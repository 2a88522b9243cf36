//! Formulas of the papers, held against networks: `cargo test --test theory -- --nocapture` prints the table that README
//! shows, and a row that strays from its formula fails.
//!
//! Networks are compiled as anyone would compile them, and looked at from outside.

mod common;

use std::collections::HashSet;
use std::fmt::Write;
use std::ops::Range;

use common::by_definition;
use common::{compiled, example, options, program, report, samples, text_of};
use ndarray::Array2;
use superpose::bounds::score_error;
use superpose::circuit::GateId;
use superpose::circuit::inputs::sample::Sampler;
use superpose::compile::{Options, compile, interference};
use superpose::linear;
use superpose::network::forward::Forward;
use superpose::network::{Block, Network};
use superpose::program::{Level, Program};
use superpose::progress::unwatched;
use superpose::random;
use superpose::random::Pcg64;

/// What a paper says of a network, and what is measured.
struct Row {
    setting: String,
    published: f64,
    measured: f64,
    /// Of measured to published; of a published zero, of what is measured.
    within: Range<f64>,
}

/// A formula, its source, and where it was looked at.
struct Claim {
    what: &'static str,
    formula: &'static str,
    source: &'static str,
    rows: Vec<Row>,
}

#[test]
fn formulas_of_the_papers_hold_and_the_table_in_readme_is_what_is_measured() {
    let claims: Vec<Claim> = [
        universal_bias_and_variance(),
        universal_of_stored_features(),
        random_features(),
        kerdock(),
        linear_decoder(),
        n_shared_circuits(),
        heard_of_shared_circuits(),
        growth_of_shared_circuits(),
        ping_pong(),
        attention(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut table = String::from("| what | formula | setting | published | measured |\n|---|---|---|---|---|\n");
    let mut strays = Vec::new();
    for Claim { what, formula, source, rows } in &claims {
        let mut heads = [what.to_string(), format!("{formula} ({source})")];
        for Row { setting, published, measured, within } in rows {
            let are_counts = published.fract() == 0.0 && measured.fract() == 0.0;
            let figure = |value: f64| match value {
                value if are_counts || value == 0.0 => format!("{value}"),
                value if value < 0.01 => format!("{value:.5}"),
                value => format!("{value:.4}"),
            };
            let (published_as, measured_as) = (figure(*published), figure(*measured));
            let [what, formula] = std::mem::take(&mut heads);
            writeln!(table, "| {what} | {formula} | {setting} | {published_as} | {measured_as} |").unwrap();
            let ratio = if *published == 0.0 { *measured } else { measured / published };
            if !within.contains(&ratio) {
                strays.push(format!("{source}, {setting}: {measured}, published {published}"));
            }
        }
    }
    println!("{table}");
    assert_eq!(strays, [] as [String; 0]);
    assert!(text_of("README.md").contains(&table), "README has another table");
}

/// By input, what every signal of the lowest layer is read as: [signals, inputs].
fn readings(network: &Network, inputs: &[Vec<u32>]) -> Array2<f32> {
    let forward = Forward::new(network);
    let n_signals = network.layers[0].n_signals();
    let mut all = Array2::zeros((n_signals, 0));
    for block in inputs.chunks(256) {
        let block: Vec<&[u32]> = block.iter().map(Vec::as_slice).collect();
        let mut out = Array2::zeros((n_signals, block.len()));
        forward.read_off(0, 0..n_signals, forward.run(&block).layer(0), out.view_mut());
        all.append(ndarray::Axis(1), out.view()).unwrap();
    }
    all
}

/// Some features and so many of the others, drawn; ascending.
fn with_others(rng: &mut Pcg64, given: &[u32], n_others: usize, without: &[u32], m: u32) -> Vec<u32> {
    let mut input = given.to_vec();
    while input.len() < given.len() + n_others {
        let feature = random::below(rng, m);
        if !input.contains(&feature) && !without.contains(&feature) {
            input.push(feature);
        }
    }
    input.sort_unstable();
    input
}

fn moments(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64)
}

/// An AND that is on beside s′ features that have nothing to do with it. Each of these is wired to a share p of its
/// neurons: the bias. The variance comes from how many neurons a pair has, if it is read as Σ / p²n, and from the others.
fn universal_bias_and_variance() -> Vec<Claim> {
    let (m, n, others) = (100u32, 2000u32, 3u32);
    let program = program("feature x[100]; y[i][j] = x[i] & x[j] for i in 0..100, j in i+1..100;");
    let network = compiled(&program, &options(Level::Published, n, "universal"));
    let circuit = &program.circuit;
    let compute = network.layers[0].factors.compute.to_dense();
    let rng = &mut random::stream(&[1]);
    let pairs: Vec<(u32, Vec<u32>)> = (0..4000)
        .map(|_| {
            let gate = random::below(rng, circuit.n_gates() as u32);
            (gate, circuit.operands(GateId(gate)).iter().map(|literal| literal.signal().0).collect())
        })
        .collect();
    let inputs: Vec<Vec<u32>> = pairs.iter().map(|(_, pair)| with_others(rng, pair, others as usize, &[], m)).collect();
    let readings = readings(&network, &inputs);
    let noise: Vec<f64> =
        pairs.iter().enumerate().map(|(idx, pair)| f64::from(readings[[pair.0 as usize, idx]]) - 1.0).collect();
    let p = (3.0 * libm::log(f64::from(m)) / f64::from(n)).sqrt();
    // As the text reads it: over the number of neurons that a pair has in the mean, and not over those that it has.
    let as_sums: Vec<f64> = pairs
        .iter()
        .zip(&noise)
        .map(|((_, pair), noise)| {
            let both = compute.rows().into_iter().filter(|row| pair.iter().all(|&x| row[x as usize] != 0.0));
            noise * both.count() as f64 / (p * p * f64::from(n))
        })
        .collect();
    let (s, n) = (f64::from(others), f64::from(n));
    let (of_count, of_others) = (s * s * (1.0 - p * p) / n, s * (1.0 - p) / (n * p));
    let ((mean, variance), (_, as_sum)) = (moments(&noise), moments(&as_sums));
    let (source, at) = ("Vaintrob, Mendel, Hänni 2024", format!("n = {n}, m = {m}, p = {p:.3}, s' = 3"));
    let row = |published, measured, within| vec![Row { setting: at.clone(), published, measured, within }];
    vec![
        Claim {
            what: "universal: mean error of an AND that is on",
            formula: "s' p",
            source,
            rows: row(s * p, mean, 0.9..1.1),
        },
        Claim {
            what: "universal: its variance, read as Σ / p²n",
            formula: "s'² (1 − p²) / n + s' (1 − p) / np",
            source,
            rows: row(of_count + of_others, as_sum, 0.85..1.15),
        },
        Claim {
            what: "universal: its variance, read as the mean of its own neurons",
            formula: "s' (1 − p) / np",
            source,
            rows: row(of_others, variance, 0.85..1.15),
        },
    ]
}

/// "Computation in superposition: math overview", when inputs are in superposition: features that are off add up in a
/// neuron that is wired to m p of them, however many neurons there are.
fn universal_of_stored_features() -> Vec<Claim> {
    let (m, n_on) = (240, 3);
    let row = |(d, n): (u32, u32)| {
        let program = program(&format!(
            "feature x[{m}]; sample {{ choose {n_on} of x; }} g[i] = x[2*i] & x[2*i+1] for i in 0..{m}/2;
             network {{ store x in {d} with gaussian; decoder transpose; }}"
        ));
        let network = compiled(&program, &options(Level::Published, n, "universal"));
        let compute = network.layers[0].factors.compute.to_dense();
        let Block::Relu(neurons) = &network.layers[0].block else { panic!("no stream") };
        let heard = neurons.weight.dot(&network.dictionary.as_ref().unwrap().embedding.to_dense());
        let density = f64::from(compute.sum()) / f64::from(n * m);
        // What a neuron is given, less what it would be if features came as they are.
        let inputs = Sampler::new(&program.circuit).unwrap().block(1, "test", 0);
        let (mut squares, mut n_seen) = (0.0, 0.0);
        for input in inputs.iter() {
            for (heard, wired) in heard.rows().into_iter().zip(compute.rows()) {
                let off: f32 = input.iter().map(|&x| heard[x as usize] - wired[x as usize]).sum();
                squares += f64::from(off * off);
                n_seen += 1.0;
            }
        }
        let published = (f64::from(n_on) * f64::from(m) * density / f64::from(d)).sqrt();
        let setting = format!("m = {m} in d = {d}, n = {n}, p = {density:.3}, s = {n_on}");
        Row { setting, published, measured: (squares / n_seen).sqrt(), within: 0.9..1.1 }
    };
    vec![Claim {
        what: "universal: noise of stored features in a neuron",
        formula: "√(s m p / d)",
        source: "Computation in superposition: math overview",
        rows: [(32, 300), (120, 300), (120, 1200), (480, 300)].map(row).into(),
    }]
}

/// What reading the sign of both weights of a neuron leaves of s features. The text takes E h² for the variance, which
/// is s/2: not all of it is.
fn random_features() -> Vec<Claim> {
    let (m, n) = (200u32, 2000u32);
    let row = |s: u32| {
        let program = program(&format!(
            "feature x[{m}]; sample {{ choose {s} of x; }} g[i] = x[i] & x[(i + 1) % {m}] for i in 0..{m};"
        ));
        let network = compiled(&program, &options(Level::Published, n, "random_features zero_bias"));
        let rng = &mut random::stream(&[u64::from(s)]);
        let gates = [7u32, 50, 100, 150];
        let deviations = gates.map(|gate| {
            let operands = [gate, (gate + 1) % m];
            let inputs: Vec<Vec<u32>> = (0..400).map(|_| with_others(rng, &[], s as usize, &operands, m)).collect();
            let read: Vec<f64> = readings(&network, &inputs).row(gate as usize).mapv(f64::from).to_vec();
            moments(&read).1.sqrt()
        });
        // Z: the sum of s − 2 signs, of which so many are down.
        let z = s - 2;
        let mean = |shift: f64| -> f64 {
            let mut share = libm::exp2(-f64::from(z));
            let mut sum = 0.0;
            for n_down in 0..=z {
                sum += share * (shift + f64::from(z) - 2.0 * f64::from(n_down)).max(0.0);
                share *= f64::from(z - n_down) / f64::from(n_down + 1);
            }
            sum
        };
        let c = 0.25 * (mean(2.0) - 2.0 * mean(0.0) + mean(-2.0));
        Row {
            setting: format!("n = {n}, m = {m}, s = {s}, c = {c:.3}"),
            published: (f64::from(s) / (2.0 * c * c * f64::from(n))).sqrt(),
            measured: deviations.iter().sum::<f64>() / deviations.len() as f64,
            within: 0.6..1.05,
        }
    };
    vec![Claim {
        what: "random features: standard deviation of an AND that is off, read by four conditions",
        formula: "√(s / 2c²n)",
        source: "Mendel 2024, after Hänni",
        rows: [2, 4, 8, 16, 32].map(row).into(),
    }]
}

fn kerdock() -> Vec<Claim> {
    let row = |(d, m): (u32, u32)| {
        let program = program(&format!(
            "feature x[{m}]; sample {{ choose 2 of x; }} g = x[0] & x[1]; network {{ store x in {d} with kerdock; }}"
        ));
        let measured = interference(&program)[0].coherence.unwrap();
        let setting = format!("{m} vectors in d = {d}");
        Row { setting, published: 1.0 / f64::from(d).sqrt(), measured, within: 1.0..1.0 + 1e-12 }
    };
    vec![Claim {
        what: "dictionary kerdock: coherence",
        formula: "1 / √d",
        source: "Calderbank et al. 1997",
        rows: [(4, 12), (16, 144), (64, 2112), (256, 1024)].map(row).into(),
    }]
}

/// All other features once, and what of them is read for one.
fn linear_decoder() -> Vec<Claim> {
    let (m, d) = (48, 16);
    let row = |name: &str| {
        let program = program(&format!(
            "feature x[{m}]; sample {{ choose 2 of x; }} g[i] = x[i] & x[i + 1] for i in 0..{m}-1;
             network {{ store x in {d} with {name}; decoder linear; }}"
        ));
        let network = compiled(&program, &options(Level::Published, 400, "channels"));
        let columns = network.dictionary.as_ref().unwrap().embedding.to_dense().mapv(f64::from);
        let decoder = network.decompress(0).unwrap().to_dense().mapv(f64::from);
        let gains = linear::product(&decoder, &columns);
        let mut power = linear::product(&columns, &columns.t().to_owned());
        linear::add_ridge(&mut power, 1e-9);
        let inverse = linear::inverse(power);
        let (mut published, mut measured) = (0.0, 0.0);
        for (feature, column) in columns.columns().into_iter().enumerate() {
            published += 1.0 / column.dot(&inverse.dot(&column)) - 1.0;
            let others = gains.row(feature).into_iter().enumerate().filter(|entry| entry.0 != feature);
            measured += others.map(|(_, gain)| gain * gain).sum::<f64>();
        }
        let (published, measured) = (published / f64::from(m), measured / f64::from(m));
        Row { setting: format!("{m} vectors in d = {d} by {name}"), published, measured, within: 0.999..1.001 }
    };
    vec![Claim {
        what: "best linear decoder: power that it reads of all other features",
        formula: "1 / h − 1 in the mean; of whole Kerdock bases m / d − 1",
        source: "Capon 1969",
        rows: ["gaussian", "kerdock"].map(row).into(),
    }]
}

/// T copies of an AND of two features of their own.
fn copies(n_copies: u32) -> Program {
    program(&format!(
        "feature x[{n_copies}][2]; sample {{ choose 2 of x; }} y[t] = x[t][0] & x[t][1] for t in 0..{n_copies};"
    ))
}

/// Places that copies lie on, in a layer of 250 neurons.
struct Codes(Vec<Vec<u32>>);

impl Codes {
    fn of(n_copies: u32, level: Level, seed: u64) -> Option<Codes> {
        let options = Options { seed: Some(seed), ..options(level, 250, "shared_circuits redundancy 6") };
        let network = compile(&copies(n_copies), &options, &mut unwatched).ok()?;
        let compute = network.layers[0].factors.compute.to_dense();
        let places = |t: usize| (0..250).filter(|&place| compute[[place as usize, 2 * t]] != 0.0).collect();
        Some(Codes((0..n_copies as usize).map(places).collect()))
    }

    /// Whether any two lie on one place together at most, each on six.
    fn are_sound(&self) -> bool {
        let mut pairs = HashSet::new();
        let mut is_new = |set: &Vec<u32>| (0..set.len()).all(|b| (0..b).all(|a| pairs.insert((set[a], set[b]))));
        self.0.iter().all(|set| set.len() == 6 && is_new(set))
    }
}

/// The greatest number of copies for which there are codes.
fn n_shared_circuits() -> Vec<Claim> {
    let most = |level: Level, around: u32| {
        let is_sound = |n_copies: &u32| Codes::of(*n_copies, level, 0).is_some_and(|codes| codes.are_sound());
        (around - 2..around + 3).filter(is_sound).max().map_or(0.0, f64::from)
    };
    let row = |level: Level, around: u32, published: f64, within| Row {
        setting: format!("`-O{}`, P = 250, S = 6", level.number()),
        published,
        measured: most(level, around),
        within,
    };
    let (p, s) = (250.0f64, 6.0);
    vec![
        Claim {
            what: "shared_circuits: copies of which any two share one place at most",
            formula: "arithmetic progressions of steps without a prime factor below S",
            source: "Linsefors & Bushnaq 2025",
            rows: vec![row(Level::Published, 557, 557.0, 1.0..1.0 + 1e-12)],
        },
        Claim {
            what: "shared_circuits: the same, by lines of a plane, against the bound on any",
            formula: "P (P − 1) / S (S − 1)",
            source: "Linsefors & Bushnaq 2025",
            rows: vec![row(Level::Solved, 1927, (p * (p - 1.0) / (s * (s - 1.0))).floor(), 0.9..1.0)],
        },
    ]
}

/// χ, the mean square of what one circuit hears of another.
fn chi(n_copies: u32) -> f64 {
    1.0 / 250.0 - 1.0 / (6.0 * f64::from(n_copies))
}

/// All of 557 circuits on 250 places. Those that are not in use hear z χ.
fn heard_of_shared_circuits() -> Vec<Claim> {
    let n_copies = 557;
    let network = compiled(&copies(n_copies), &options(Level::Published, 250, "shared_circuits redundancy 6"));
    let rng = &mut random::stream(&[1]);
    let row = |z: u32| {
        let in_use: Vec<Vec<u32>> = (0..300).map(|_| random::distinct(rng, z, n_copies)).collect();
        let inputs: Vec<Vec<u32>> = in_use
            .iter()
            .map(|in_use| {
                let mut input: Vec<u32> = in_use.iter().flat_map(|t| [2 * t, 2 * t + 1]).collect();
                input.sort_unstable();
                input
            })
            .collect();
        let readings = readings(&network, &inputs);
        let mut squares = 0.0;
        for (idx, in_use) in in_use.iter().enumerate() {
            for t in (0..n_copies).filter(|t| !in_use.contains(t)) {
                squares += f64::from(readings[[t as usize, idx]]).powi(2);
            }
        }
        Row {
            setting: format!("T = {n_copies}, P = 250, S = 6, z = {z}"),
            published: f64::from(z) * chi(n_copies),
            measured: squares / f64::from(300 * (n_copies - z)),
            within: 0.9..1.1,
        }
    };
    vec![Claim {
        what: "shared_circuits: mean square of what a copy that is not in use hears of z that are",
        formula: "z χ, χ = 1 / P − 1 / ST",
        source: "Linsefors & Bushnaq 2025",
        rows: [1, 2, 3].map(row).into(),
    }]
}

/// The mean square of the error of circuits in use, layer by layer: of linear circuits of gain one, on these codes,
/// whose neurons are at 0 unless they belong to a circuit in use.
fn growth(layers: &[Codes], z: u32) -> Vec<f64> {
    let (n_inputs, n_copies, places, s) = (300, layers[0].0.len() as u32, 250.0, 6.0);
    // What is read of a circuit's own places, and of the others.
    let t = f64::from(n_copies);
    let p = s * (t * s / places - 1.0) / (t - 1.0);
    let (own, others) = (1.0 / s, -p / (s * (s - p)));
    let mut squares = vec![0.0; layers.len()];
    let rng = &mut random::stream(&[2, u64::from(z)]);
    for _ in 0..n_inputs {
        let in_use = random::distinct(rng, z, n_copies);
        let mut values: Vec<f64> = (0..n_copies).map(|t| f64::from(u8::from(in_use.contains(&t)))).collect();
        for (Codes(sets), squares) in layers.iter().zip(&mut squares) {
            let mut h = vec![0.0; 250];
            for (set, value) in sets.iter().zip(&values) {
                set.iter().for_each(|&place| h[place as usize] += value);
            }
            let is_in_use = |place: usize| in_use.iter().any(|&t| sets[t as usize].contains(&(place as u32)));
            (0..h.len()).filter(|&place| !is_in_use(place)).for_each(|place| h[place] = 0.0);
            let all: f64 = h.iter().sum();
            let read = |set: &Vec<u32>| {
                let of_own: f64 = set.iter().map(|&place| h[place as usize]).sum();
                own * of_own + others * (all - of_own)
            };
            values = sets.iter().map(read).collect();
            *squares += in_use.iter().map(|&t| (values[t as usize] - 1.0).powi(2)).sum::<f64>();
        }
    }
    squares.into_iter().map(|square| square / f64::from(n_inputs * z)).collect()
}

/// So it is for two layers of the published codes; in the middle of their places more of them meet than at the ends, and
/// what is heard in common adds up. Lines, which load all places alike, keep to it; progressions would not be enough for
/// as many copies.
fn growth_of_shared_circuits() -> Vec<Claim> {
    let rows = |n_copies: u32, level: Level, codes: &str, within: [Range<f64>; 3]| {
        // Dealt out anew in each layer, as in a network of as many.
        let layers: Vec<Codes> = (1..6).map(|seed| Codes::of(n_copies, level, seed).unwrap()).collect();
        assert!(layers.iter().all(Codes::are_sound));
        let of_z = |z: u32| {
            let measured = growth(&layers, z);
            [2u32, 3, 5].into_iter().zip(within.clone()).map(move |(l, within)| {
                let (f_z, f_l, t, chi) = (f64::from(z), f64::from(l), f64::from(n_copies), chi(n_copies));
                Row {
                    setting: format!("{codes}, T = {n_copies}, z = {z}, l = {l}"),
                    published: f_l * (f_z - 1.0) * chi + (f_l - 1.0) * f_z * t * chi * chi,
                    measured: measured[l as usize - 1],
                    within,
                }
            })
        };
        [1, 2].into_iter().flat_map(of_z).collect::<Vec<Row>>()
    };
    // Where progressions run away is what their rows are there to show.
    let progressions = rows(557, Level::Published, "progressions", [0.75..1.3, 1.2..2.0, 1.5..3.0]);
    let lines = rows(1500, Level::Solved, "lines", [0.7..1.25, 0.7..1.25, 0.7..1.25]);
    vec![Claim {
        what: "shared_circuits: mean square error of copies in use after l layers",
        formula: "l (z − 1) χ + (l − 1) z T χ²",
        source: "Linsefors & Bushnaq 2025",
        rows: progressions.into_iter().chain(lines).collect(),
    }]
}

/// Every gate of the copy in use, in every layer, on every input.
fn ping_pong() -> Vec<Claim> {
    let program = example("ping_pong.circ");
    let options = Options { level: Some(Level::Published), ..Options::default() };
    let network = compiled(&program, &options);
    let (circuit, forward) = (&program.circuit, Forward::new(&network));
    let copy_of = |name: &str| name.split(['[', ']']).nth(1).unwrap().parse::<u32>().unwrap();
    let mut largest = 0.0f64;
    for (t, bits) in (0..100).flat_map(|t| (1..16u32).map(move |bits| (t, bits))) {
        let active: Vec<u32> = (0..4).filter(|bit| bits >> bit & 1 == 1).map(|bit| 4 * t + bit).collect();
        let activations = forward.run(&[&active]);
        let truth = by_definition::truth(circuit, &active);
        for layer_idx in 0..network.layers.len() {
            for (idx, signal) in circuit.layer_signals(layer_idx).enumerate() {
                if copy_of(circuit.name(signal)) == t {
                    let mut out = Array2::zeros((1, 1));
                    forward.read_off(layer_idx, idx..idx + 1, activations.layer(layer_idx), out.view_mut());
                    let error = out[[0, 0]] - f32::from(u8::from(truth[signal.0 as usize]));
                    largest = largest.max(f64::from(error.abs()));
                }
            }
        }
    }
    let widths: Vec<String> = network.layers.iter().map(|layer| layer.width().to_string()).collect();
    vec![Claim {
        what: "shared_circuits ping_pong: largest error of the copy in use",
        formula: "0 for (n / d)² copies of d neurons",
        source: "Gibson 2026",
        rows: vec![Row {
            setting: format!("`examples/ping_pong.circ`, 100 copies on {} neurons", widths.join(" + ")),
            published: 0.0,
            measured: largest,
            within: 0.0..1e-3,
        }],
    }]
}

/// Where tokens have many of the features, matches of which a token has one half count too.
fn attention() -> Vec<Claim> {
    let row = |(n, m, d, rank, k): (u32, u32, u32, u32, u32)| {
        let program = program(&format!(
            "feature x[{m}]; sample {{ choose {k} of x; }}
             head h rank {rank} tokens 8 {{ match x[i] -> x[(7 * i + 3) % {m}] for i in 0..{n}; }}
             network {{ store x in {d} with gaussian; }}"
        ));
        let network = compiled(&program, &Options { level: Some(Level::Published), ..Options::default() });
        let head = report(&program, &network, &samples(2000)).heads.remove(0);
        let k = f64::from(k);
        assert_eq!(head.features_on, Some([k, k]));
        let published = score_error([k, k], f64::from(n), f64::from(d), f64::from(rank));
        assert_eq!(head.score_error_expected, Some(published));
        let setting = format!("n = {n}, m = {m}, d_resid = {d}, d_head = {rank}, κ = {k}");
        Row { setting, published, measured: head.score_error_rms.unwrap(), within: 0.9..1.1 }
    };
    let settings = [
        (1500, 3001, 64, 32, 3),
        (3000, 3001, 64, 32, 3),
        (3000, 3001, 64, 8, 3),
        (3000, 3001, 16, 8, 3),
        (3000, 3001, 64, 32, 1),
        (3000, 3001, 64, 32, 8),
    ];
    let with_halves = row((400, 401, 64, 32, 2));
    let published = with_halves.published * (1.0 + f64::from(64 + 32) / 401.0).sqrt();
    vec![
        Claim {
            what: "head: rms error of the scores of n matches",
            formula: "√(κ_K κ_Q n / d_resid d_head)",
            source: "Mendel 2024",
            rows: settings.map(row).into(),
        },
        Claim {
            what: "head: the same, with matches of which a token has one half",
            formula: "that, times √(1 + (d_resid + d_head) / m)",
            source: "ours",
            rows: vec![Row { published, within: 0.95..1.05, ..with_halves }],
        },
    ]
}
