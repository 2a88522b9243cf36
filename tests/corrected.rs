//! Layers that correct others: where they stand, what passes through them, and what is said of them.

mod common;

use common::by_definition::{Tensors, distinct_inputs, truth};
use common::{compiled, example, program, report, samples};
use superpose::circuit::{Circuit, Signal};
use superpose::compile::Options;
use superpose::evaluate::Sampling;
use superpose::evaluate::corrections::NEAR;
use superpose::program::{Level, Program};

const STACK: &str = "
feature x[10];
layer low { a[i] = x[i] & x[i + 1] for i in 0..9; }
layer high { b[i] = a[i] | x[i] for i in 0..9; }
top = b[0] ^ a[3];
";

fn with(settings: &str) -> Program {
    program(&format!("{STACK}network {{ {settings} }}"))
}

fn at(level: Level) -> Options {
    Options { level: Some(level), ..Options::default() }
}

#[test]
fn a_layer_behind_the_one_that_is_named_carries_what_is_needed_above() {
    let circuit = with("correct after high; correct after low; width low_corrected 7;").circuit;
    let names: Vec<&str> = circuit.layers.iter().map(|layer| &layer.name[..]).collect();
    assert_eq!(names, ["low", "low_corrected", "high", "high_corrected", "level2"]);
    let corrects: Vec<bool> = circuit.layers.iter().map(|layer| layer.corrects).collect();
    assert_eq!(corrects, [false, true, false, true, false]);
    let carried = |layer_idx: usize| -> Vec<&str> {
        circuit.layers[layer_idx].carried.iter().map(|&signal| circuit.name(signal)).collect()
    };
    // The last two ANDs, and x[9], are read by nobody above.
    assert_eq!(carried(0), ["x[0]", "x[1]", "x[2]", "x[3]", "x[4]", "x[5]", "x[6]", "x[7]", "x[8]"]);
    assert!(circuit.layers[1].gates.is_empty() && carried(1).len() == 18, "{:?}", carried(1));
    assert_eq!(carried(3), ["a[3]", "b[0]"]);
    let plain = with("").circuit;
    assert_eq!((circuit.n_gates(), circuit.outputs), (plain.n_gates(), plain.outputs));
}

#[test]
fn it_has_a_width_of_its_own() {
    let program = with("width 40; correct after low; width low_corrected 7;");
    let widths = report(&program, &compiled(&program, &at(Level::Published)), &samples(64)).widths;
    assert_eq!(widths, [40, 7, 40, 40]);
}

/// How far from the truth the signals of a layer are at most, on each input.
fn worst(circuit: &Circuit, of: &[Signal], layer_idx: usize, readings: &[f64], stored: &[bool]) -> f64 {
    let signals = circuit.layer_signals(layer_idx).zip(readings);
    let of_interest = signals.filter(|(signal, _)| of.contains(signal));
    of_interest.map(|(signal, read)| (read - f64::from(u8::from(stored[signal.0 as usize]))).abs()).fold(0.0, f64::max)
}

#[test]
fn what_is_said_of_it_is_what_a_second_program_finds() {
    let program = with("width 12; correct after low; correct after high;");
    let circuit = &program.circuit;
    for level in [Level::Published, Level::Solved] {
        let network = compiled(&program, &at(level));
        let sampling = Sampling { exhaustive: true, ..samples(1) };
        let found = report(&program, &network, &sampling).corrections;
        let tensors = Tensors::of(&network);
        assert_eq!(found.len(), 2);
        for (correction, layer_idx) in found.iter().zip([1, 3]) {
            let of = &circuit.layers[layer_idx].carried;
            let mut errors: Vec<(f64, f64)> = Vec::new();
            let mut n_on = 0;
            for active in distinct_inputs(circuit).iter() {
                let readings = tensors.readings(circuit.n_features(), circuit.layers.len(), active);
                let stored = truth(circuit, active);
                n_on += of.iter().filter(|signal| stored[signal.0 as usize]).count();
                let at = |layer_idx: usize| worst(circuit, of, layer_idx, &readings[layer_idx], &stored);
                errors.push((at(layer_idx - 1), at(layer_idx)));
            }
            let within = |of: &dyn Fn(&(f64, f64)) -> f64| {
                let mut sorted: Vec<f64> = errors.iter().map(of).collect();
                sorted.sort_by(f64::total_cmp);
                sorted[(0.99 * sorted.len() as f64).ceil() as usize - 1]
            };
            let near = |found: f32, wanted: f64| assert!((f64::from(found) - wanted).abs() < 1e-4, "{found} {wanted}");
            near(correction.incoming, within(&|error| error.0));
            near(correction.outgoing, within(&|error| error.1));
            let s = n_on as f64 / errors.len() as f64;
            assert_eq!((correction.signals, correction.active), (of.len(), s));
            let n = network.layers[layer_idx].width() as f64;
            let published = n.powf(0.25) / (of.len() as f64).sqrt() / s.max(1.0).powf(0.25);
            assert!((correction.published / published - 1.0).abs() < 1e-9, "{correction:?}");
            let Some(tolerated) = correction.tolerated else { continue };
            let up_to = errors.iter().filter(|error| error.0 <= f64::from(tolerated) + 1e-6);
            let n_near = up_to.clone().filter(|error| error.1 < f64::from(NEAR) + 1e-6).count();
            assert!(n_near as f64 >= 0.99 * up_to.count() as f64, "{correction:?}");
        }
    }
}

/// In superposition, where the example says what it is worth.
#[test]
fn errors_that_come_in_go_on_smaller() {
    let program = example("corrected.circ");
    let found = report(&program, &compiled(&program, &Options::default()), &samples(2000)).corrections;
    for correction in &found {
        assert!(correction.outgoing < 0.75 * correction.incoming, "{correction:?}");
        assert!(f64::from(correction.tolerated.unwrap()) > correction.published, "{correction:?}");
    }
    assert_eq!(found.len(), 2);
}
