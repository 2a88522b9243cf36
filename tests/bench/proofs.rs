//! How long proofs take, and fits that go on until there is one. `cargo bench --bench proofs` prints two tables.

use std::collections::BTreeMap;
use std::time::Instant;

use superpose::compile::{Beyond, Options};
use superpose::elaborate::{Limits, load};
use superpose::network::Network;
use superpose::program::{Claim, Program, Sides, Width};
use superpose::progress::unwatched;
use superpose::search;
use superpose::verify::{Proof, Request, verify};

/// The pairs of the README, and all pairs of a hundred features.
const PAIRS: &str = "feature x[1000]; sample { choose 4 of x; plant 1; } g[i] = all(pick(2, x)) for i in 0..5000;";
const ALL: &str =
    "feature x[100]; sample { choose 3 of x; plant 0.5; } g[i][j] = x[i] & x[j] for i in 0..100, j in i+1..100;";

/// Inputs that a fit may see.
const BUDGET: u64 = 400_000;

fn program(text: &str) -> Program {
    let mut files = BTreeMap::from([("proofs.circ".to_string(), text.as_bytes().to_vec())]);
    load("proofs.circ", &mut files, &Limits::default()).program.expect("the benches' programs are correct")
}

fn fitted(program: &Program, n: u32, sides: Sides) -> Network {
    let mut options = Options { width: Some(Width::Neurons(n)), beyond: Beyond::Nothing, ..Options::default() };
    options.fit.sides = Some(sides);
    options.fit.budget = Some(BUDGET);
    search::build(program, &options, &mut unwatched).expect("it compiles").network
}

fn main() {
    println!("| network | question | seconds | gates proved | refuted | left | failing inputs |");
    println!("|---|---|---|---|---|---|---|");
    let row = |what: &str, question: &str, program: &Program, network: &Network, request: Request| {
        let started = Instant::now();
        let proof: Proof = verify(&program.circuit, network, &request, &mut unwatched).expect("it belongs");
        let (seconds, failing) = (started.elapsed().as_secs_f64(), proof.failing_inputs);
        let failing = failing.map_or("-".to_string(), |n| n.to_string());
        let (proved, refuted, left) = (proof.n_proved(), proof.n_refuted(), proof.n_open());
        println!("| {what} | {question} | {seconds:.2} | {proved} | {refuted} | {left} | {failing} |");
    };
    let decide = Request::default;
    let count = || Request { count: true, ..Request::default() };
    let worst = || Request { worst: true, ..Request::default() };
    let pairs = program(PAIRS);
    for n in [1000, 500, 250] {
        let (what, network) = (format!("5000 pairs, {n} neurons"), fitted(&pairs, n, Sides::One));
        row(&what, "decide", &pairs, &network, decide());
        match n {
            1000 => row(&what, "worst", &pairs, &network, worst()),
            500 => row(&what, "count", &pairs, &network, count()),
            _ => {}
        }
    }
    let all = program(ALL);
    let network = fitted(&all, 64, Sides::One);
    row("all pairs of 100, 64 neurons", "decide", &all, &network, decide());
    row("all pairs of 100, 64 neurons", "worst, count", &all, &network, Request { count: true, ..worst() });
    let network = fitted(&all, 64, Sides::Two);
    row("the same, both sides", "worst, count", &all, &network, Request { count: true, ..worst() });

    println!("\n| until proved | neurons | seconds | rounds | training inputs | proved |");
    println!("|---|---|---|---|---|---|");
    for (what, text, n) in [("5000 pairs", PAIRS, 500), ("all pairs of 100", ALL, 64), ("all pairs of 100", ALL, 48)] {
        let mut program = program(text);
        program.claims.push(Claim::of_all(None));
        let mut options = Options { width: Some(Width::Neurons(n)), beyond: Beyond::Nothing, ..Options::default() };
        options.fit.sides = Some(Sides::One);
        let started = Instant::now();
        let built = search::build(&program, &options, &mut unwatched).expect("it compiles");
        let seconds = started.elapsed().as_secs_f64();
        let (proved, inputs) =
            (built.proved.expect("it was asked for"), built.network.header.fit.map_or(0, |fit| fit.inputs));
        println!("| {what} | {n} | {seconds:.1} | {} | {inputs} | {} |", proved.n_rounds, proved.is_proved());
    }
}
