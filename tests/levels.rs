//! No level is worse than the one below: a hundred small circuits of each kind of gate, sparse and dense, of one to ten
//! levels, at their default widths and at the same ones.

mod common;

use std::time::Instant;

use common::{compiled, program, report, samples};
use superpose::compile::{Options, compile};
use superpose::evaluate::{Report, Sampling};
use superpose::network::Network;
use superpose::program::{Goal, Level, Program, Width};
use superpose::progress::unwatched;
use superpose::readings::{Confidence, Share};
use superpose::search;

/// Inputs that a fit may see in CI; and otherwise one of given widths, which goes on as long as it improves a little.
/// That is as many as one of open widths may see.
const BUDGET: u64 = 50_000;
const LONG_BUDGET: u64 = 2_000_000;

/// What stands for an operand list of so many members of an array.
const GATES: [&str; 10] = [
    "all(pick(2, IN))",
    "any(pick(2, IN))",
    "parity(pick(2, IN))",
    "at_least(2, pick(3, IN))",
    "majority(pick(3, IN))",
    "!all(pick(2, IN))",
    "exactly(1, pick(3, IN))",
    "at_most(1, pick(3, IN))",
    "mux(IN[i], IN[(i + 1) % N], IN[(i + 2) % N])",
    "IN[i] & !IN[(i + 3) % N]",
];

const N: usize = 8;

/// Case k of a hundred: its tens digit is the depth, its last the kind of gate; every other decade is dense.
fn case(k: usize) -> String {
    let (n_levels, kind) = (k / 10 + 1, k % 10);
    let sample = match k / 10 % 2 {
        0 => "choose 0..=3 of y0;",
        _ => "each y0 with 0.5;",
    };
    let mut text = format!("const N = {N}; feature y0[N]; sample {{ {sample} }}\n");
    for level in 1..=n_levels {
        // Kinds take turns upwards, so that signals do not die out.
        let gate = GATES[(kind + 3 * (level - 1)) % GATES.len()].replace("IN", &format!("y{}", level - 1));
        text += &format!("layer stage{level} {{ y{level}[i] = {gate} for i in 0..N; }}\n");
    }
    text + &format!("output y{n_levels}; network {{ seed {k}; }}")
}

fn near(program: &Program, network: &Network) -> Share {
    let sampling = Sampling { seldom: false, without_relu: false, ..samples(4096) };
    let report: Report = report(program, network, &sampling);
    let accuracy = report.accuracy.iter().find(|accuracy| accuracy.epsilon == Goal::EPSILON);
    accuracy.expect("every report has it").share
}

/// Whether the first is not surely the smaller.
fn is_as_good(one: Share, other: Share) -> bool {
    one.interval(Confidence::Usual)[1] >= other.interval(Confidence::Usual)[0]
}

/// Holds the levels against each other, and prints a row of the table for each circuit.
fn hold(n_cases: usize, budget: Option<u64>) {
    let mut n_narrow = 0;
    println!("case  seconds  -O0, -O1, -O2 at their defaults  and at the same neurons");
    for k in 0..n_cases {
        let text = case(k);
        let program = program(&text);
        let at = |level, widths: Option<&[usize]>| {
            let layers = program.circuit.layers.iter();
            let given = |widths: &[usize]| {
                let widths = layers.clone().zip(widths);
                widths.map(|(layer, &n)| (layer.name.clone(), Width::Neurons(n as u32))).collect()
            };
            let layer_widths = widths.map_or(Vec::new(), given);
            let mut options = Options { level: Some(level), layer_widths, ..Options::default() };
            let budget = budget.or(widths.map(|_| LONG_BUDGET));
            options.fit.budget = budget.filter(|_| level == Level::Fitted);
            options
        };
        let widths = |network: &Network| -> Vec<usize> { network.layers.iter().map(|layer| layer.width()).collect() };
        let hold = |better: Share, worse: Share, what: &str| {
            assert!(is_as_good(better, worse), "{what}: {} and {}\n{text}", better.value(), worse.value());
        };
        let measured = |network: &Network| (near(&program, network), widths(network));
        let start = Instant::now();
        let [published, solved] = [Level::Published, Level::Solved].map(|level| compiled(&program, &at(level, None)));
        let fitted = search::build(&program, &at(Level::Fitted, None), &mut unwatched).expect("it compiles").network;
        let defaults = [&published, &solved, &fitted].map(measured);
        hold(defaults[1].0, defaults[0].0, "-O1 and -O0 at their defaults");
        hold(defaults[2].0, defaults[1].0, "-O2 and -O1 at their defaults");
        // With too few neurons for all to be exact, where so few can be wired.
        let few: Vec<usize> = widths(&solved).into_iter().map(|n| 2 * n / 3 + 1).collect();
        let narrow = Level::ALL.map(|level| compile(&program, &at(level, Some(&few)), &mut unwatched).ok());
        let narrow = narrow.each_ref().map(|network| network.as_ref().map(|network| near(&program, network)));
        n_narrow += usize::from(narrow[1].is_some());
        if let (Some(solved), Some(published)) = (narrow[1], narrow[0]) {
            hold(solved, published, "-O1 and -O0 where it is narrow");
        }
        if let (Some(fitted), Some(solved)) = (narrow[2], narrow[1]) {
            hold(fitted, solved, "-O2 and -O1 where it is narrow");
        }
        let defaults =
            defaults.map(|(share, widths)| format!("{:.4} {:>4}", share.value(), widths.iter().sum::<usize>()));
        let narrow = narrow.map(|share| share.map_or("-".to_owned(), |share| format!("{:.4}", share.value())));
        let (defaults, narrow, few) = (defaults.join("  "), narrow.join(" "), few.iter().sum::<usize>());
        println!("{k:>4} {:>8.1}  {defaults}  {few:>4}: {narrow}", start.elapsed().as_secs_f64());
    }
    assert!(n_narrow > n_cases / 5, "{n_narrow} of {n_cases} were compared where it is narrow");
}

#[test]
fn no_level_is_worse_than_the_one_below() {
    hold(100, Some(BUDGET));
}

#[test]
#[ignore = "takes minutes"]
fn no_level_is_worse_than_the_one_below_however_long_a_fit_takes() {
    hold(100, None);
}
