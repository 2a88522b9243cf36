//! How dense and how fast: circuits at few neurons, each with the reliability that is asked of the fit and the time
//! that it may take.
//!
//! `cargo bench --bench dense` runs all rows, `cargo bench --bench dense -- stored` those whose name has the word.
//! Networks are read through thresholds (one-sided). Times are of everything from text to figures: parse, compile at
//! `-O2`, evaluate on 10 000 fresh inputs.

#[path = "../common/mod.rs"]
mod common;

use std::time::Instant;

use common::{program, report, samples};
use superpose::compile::{Options, Request};
use superpose::evaluate::DEFAULT_SAMPLES;
use superpose::program::{Level, Sides, Width};
use superpose::progress::{Answer, Progress, Reason};
use superpose::search;

struct Row {
    name: &'static str,
    program: String,
    width: u32,
    target: f64,
    seconds: f64,
}

/// Random pairs of 1000 features, `on` of which are on, two of them always a gate's.
fn pairs(n_gates: u32, on: u32, stored_in: Option<u32>) -> String {
    let store = stored_in.map_or(String::new(), |n| format!("network {{ store x in {n} with gaussian; }}"));
    format!(
        "feature x[1000]; sample {{ choose {on} of x; plant 1; }} g[i] = all(pick(2, x)) for i in 0..{n_gates}; {store}"
    )
}

/// Two-bit adders in three layers, `active` of which are in use.
fn adders(copies: u32, active: u32) -> String {
    format!(
        "const COPIES = {copies};
        feature bit[COPIES][4];
        sample {{ choose {active} of bit; }}
        gate half_adder(a, b) -> (sum, carry) {{ sum = a ^ b; carry = a & b; }}
        layer halves {{
          (p0[t], g0[t]) = half_adder(bit[t][0], bit[t][2]) for t in 0..COPIES;
          (p1[t], g1[t]) = half_adder(bit[t][1], bit[t][3]) for t in 0..COPIES;
        }}
        layer ripple {{
          s0[t] = p0[t] for t in 0..COPIES;
          (s1[t], t1[t]) = half_adder(p1[t], g0[t]) for t in 0..COPIES;
          h1[t] = g1[t] for t in 0..COPIES;
        }}
        layer sums {{
          sum0[t] = s0[t] for t in 0..COPIES;
          sum1[t] = s1[t] for t in 0..COPIES;
          sum2[t] = h1[t] | t1[t] for t in 0..COPIES;
        }}
        output sum0, sum1, sum2;"
    )
}

/// Random gates of two inputs on random gates: 800, 400 and 150 of them, AND, OR and XOR.
fn random_gates() -> String {
    let level = |name: &str, below: &str, n_and: u32, n_or: u32, n_xor: u32| {
        let (ors, xors, end) = (n_and, n_and + n_or, n_and + n_or + n_xor);
        format!(
            "layer on_{below} {{
              {name}[i] = all(pick(2, {below})) for i in 0..{ors};
              {name}[i] = any(pick(2, {below})) for i in {ors}..{xors};
              {name}[i] = parity(pick(2, {below})) for i in {xors}..{end};
            }}"
        )
    };
    let levels = [level("a", "x", 300, 200, 300), level("b", "a", 130, 130, 140), level("c", "b", 50, 50, 50)];
    format!("feature x[400]; sample {{ choose 4 of x; }} {}", levels.concat())
}

fn rows() -> Vec<Row> {
    let row = |name, program, width, target, seconds| Row { name, program, width, target, seconds };
    let all_pairs = "feature x[100]; sample { choose 3 of x; plant 0.5; }
        both[i][j] = x[i] & x[j] for i in 0..100, j in i+1..100;";
    vec![
        row("5000 pairs", pairs(5000, 4, None), 250, 0.999, 3.0),
        row("5000 pairs", pairs(5000, 4, None), 125, 0.999, 25.0),
        row("5000 pairs", pairs(5000, 4, None), 64, 0.993, 15.0),
        row("5000 pairs", pairs(5000, 4, None), 40, 0.99, 60.0),
        row("5000 pairs stored in 250", pairs(5000, 4, Some(250)), 250, 0.999, 15.0),
        row("5000 pairs stored in 125", pairs(5000, 4, Some(125)), 125, 0.98, 30.0),
        row("20 000 pairs stored in 250", pairs(20_000, 3, Some(250)), 250, 0.999, 30.0),
        row("all pairs of 100", all_pairs.to_string(), 64, 0.999, 4.0),
        row("200 adders, 1 in use", adders(200, 1), 64, 0.9999, 15.0),
        row("50 adders, 2 in use", adders(50, 2), 128, 0.999, 12.0),
        row("50 adders, 2 in use", adders(50, 2), 80, 0.985, 40.0),
        row("200 adders, 2 in use", adders(200, 2), 256, 0.99, 60.0),
        row("random gates, 3 levels", random_gates(), 200, 0.98, 120.0),
    ]
}

fn main() {
    // `cargo bench` adds options of its own.
    let words: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    println!(
        "{:26} {:>5}  {:>8} {:>6}  {:>11} {:>6}  {:>10}",
        "circuit", "width", "asked", "s", "reliability", "s", "inputs"
    );
    for row in rows().iter().filter(|row| words.iter().all(|word| row.name.contains(word.as_str()))) {
        run(row);
    }
}

fn run(row: &Row) {
    let started = Instant::now();
    let program = program(&row.program);
    let options = Options {
        level: Some(Level::Fitted),
        width: Some(Width::Neurons(row.width)),
        fit: Request { target: Some(row.target), sides: Some(Sides::One), ..Request::default() },
        ..Options::default()
    };
    // As `--budget` does it, with some time left to judge and to evaluate.
    let mut in_time = |_: Progress| match started.elapsed().as_secs_f64() / row.seconds {
        ..0.67 => Answer::GoOn,
        ..0.95 => Answer::Finish(Reason::BudgetSpent),
        _ => Answer::Stop(Reason::BudgetSpent),
    };
    let network = search::build(&program, &options, &mut in_time).expect("the row compiles").network;
    let report = report(&program, &network, &samples(DEFAULT_SAMPLES));
    println!(
        "{:26} {:>5}  {:>8} {:>6.0}  {:>11.4} {:>6.1}  {:>10}",
        row.name,
        row.width,
        row.target,
        row.seconds,
        report.reliability,
        started.elapsed().as_secs_f64(),
        network.header.fit.map_or(0, |fit| fit.inputs),
    );
}
