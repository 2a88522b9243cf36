//! What a fit takes of memory: a few times the weights of its network, however many inputs it is trained on.

mod common;

use peak_alloc::PeakAlloc;
use superpose::compile::{Options, Request, compile};
use superpose::program::{Level, Width};
use superpose::progress::unwatched;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most memory that compiling takes, in sizes of the network that comes out.
fn peak(program: &str, n: u32, inputs: u64) -> f64 {
    let program = common::program(program);
    // More than can be reached, so that all inputs are used, and the closed form is asked as well.
    let fit = Request { target: Some(1.0), budget: Some(inputs), ..Request::default() };
    let options = Options { level: Some(Level::Fitted), width: Some(Width::Neurons(n)), fit, ..Options::default() };
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let network = compile(&program, &options, &mut unwatched).expect("the circuit compiles");
    let peak = MEMORY.peak_usage() - before;
    let weights: usize = network
        .layers
        .iter()
        .map(|layer| layer.block.weight().len() + layer.n_signals() * layer.width() + layer.width())
        .sum();
    peak as f64 / (4 * weights) as f64
}

fn pairs(n_gates: u32) -> String {
    format!("feature x[1000]; sample {{ choose 4 of x; plant 1; }} g[i] = all(pick(2, x)) for i in 0..{n_gates};")
}

#[test]
fn a_fit_takes_a_few_times_the_memory_of_its_weights() {
    let small = peak(&pairs(2000), 128, 20_000);
    assert!(small < 16.0, "{small} times the weights");
    let longer = peak(&pairs(2000), 128, 100_000);
    assert!(longer < 1.05 * small, "{longer} times the weights after more inputs, {small} before");
    for (n_gates, n) in [(16_000, 128), (16_000, 256)] {
        let larger = peak(&pairs(n_gates), n, 20_000);
        assert!(larger < 1.1 * small, "{larger} times the weights of {n_gates} gates on {n} neurons, {small} of fewer");
    }
}
