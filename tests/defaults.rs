//! What comes out where nobody says much: rare gates are learnt and measured, and what is not known is not said.

mod common;

use common::binary::Place;
use common::{compiled, program, report, samples};
use superpose::circuit::Clause;
use superpose::compile::Options;
use superpose::evaluate::Report;
use superpose::evaluate::parts::Basis;
use superpose::program::{Level, Program, Width};
use superpose::progress::unwatched;
use superpose::search;

/// An AND of four features, each on in 3 % of the inputs: in ten thousand inputs it is never on.
const RARE: &str = "feature x[4]; sample { each x with 0.03; } v = all(x);";

fn at(level: Level) -> Options {
    Options { level: Some(level), ..Options::default() }
}

fn looked_at(program: &Program, options: &Options) -> Report {
    report(program, &compiled(program, options), &samples(10_000))
}

#[test]
fn a_gate_that_plain_inputs_never_show_on_is_read_right_when_it_is() {
    let program = program(RARE);
    for level in Level::ALL {
        let report = looked_at(&program, &at(level));
        let gate = &report.gates[0];
        assert_eq!((gate.measured, report.never_on), (Basis::Planted, 0), "-O{}", level.number());
        assert!(gate.inputs_on >= 42 && gate.false_negative == Some(0.0), "-O{}: {gate:?}", level.number());
        assert!(gate.error_max < 0.45 && report.planted.gates == 1, "-O{}: {gate:?}", level.number());
    }
}

#[test]
fn a_fit_learns_gates_that_its_inputs_hardly_show() {
    let text = "feature x[40]; sample { each x with 0.02; } v[i] = all(x[4 * i..4 * i + 4]) for i in 0..10;
                g[i][j] = x[i] & x[j] for i in 0..40, j in i + 1..40; network { width 64; }";
    let program = program(text);
    let mut options = at(Level::Fitted);
    options.fit.budget = Some(150_000);
    let report = looked_at(&program, &options);
    let rare: Vec<_> = report.gates.iter().filter(|gate| gate.name.starts_with('v')).collect();
    assert!(rare.len() == 10 && rare.iter().all(|gate| gate.measured == Basis::Planted));
    let n_missed = rare.iter().filter(|gate| gate.false_negative > Some(0.05)).count();
    assert_eq!(n_missed, 0, "{rare:#?}");
}

#[test]
fn a_bound_on_a_gate_that_was_never_on_is_unknown_unless_it_cannot_be_on() {
    // Of forty coins, no way is found to one parity and not to another that is the same.
    let unknown = program(
        "feature x[40]; sample { each x with 0.5; }
         p = parity(x); q = parity(x); y = p & !q; require { error(y) < 0.4; reliability > 0; }",
    );
    let of_unknown = looked_at(&unknown, &at(Level::Published));
    let holds: Vec<_> = of_unknown.requirements.iter().map(|requirement| requirement.holds).collect();
    assert_eq!((holds, of_unknown.holds()), (vec![None, Some(true)], false));
    assert_eq!(of_unknown.planted.unknown, [("y".to_string(), "on")]);
    assert_eq!(of_unknown.gates[2].measured, Basis::Never);
    let json = of_unknown.to_json(true);
    assert!(json.contains("\"holds\": null") && json.contains("\"measured\": \"never\""), "{json}");

    let impossible = program(
        "feature x[40]; sample { choose 1 of x; } y = x[0] & x[1]; z = x[0] | x[1]; require { error(y) < 0.4; }",
    );
    let of_impossible = looked_at(&impossible, &at(Level::Solved));
    assert_eq!(of_impossible.requirements[0].holds, Some(true));
    assert!(of_impossible.planted.unknown.is_empty());
}

#[test]
fn inputs_that_nobody_wrote_show_every_gate_on_and_off() {
    let program = program("feature a, b; y = a & b;");
    assert_eq!(program.circuit.distribution.plant, 0.5);
    let report = looked_at(&program, &at(Level::Fitted));
    let n_on = report.gates[0].inputs_on;
    assert!(n_on > 3000 && n_on < 8000, "{n_on}");
    assert_eq!(report.reliability, 1.0);
    assert!(report.usual_inputs.unwrap().contains("no `sample` block"));
    let wide = common::program("feature x[30]; y = all(x[0..9]);");
    let Clause::Choose { count, .. } = &wide.circuit.distribution.clauses[0] else { panic!("it chooses") };
    assert_eq!(*count, 0..=9);
}

#[test]
fn with_a_neuron_for_each_bend_a_deep_chain_is_exact_however_wide() {
    let chain = "feature x[25]; sample { each x with 0.9; }
                 y[0] = x[0] & x[1]; y[i] = y[i - 1] & x[i + 1] for i in 1..24; output y[23];";
    let program = program(chain);
    for n in [25, 50, 100] {
        let options = Options { width: Some(Width::Neurons(n)), ..at(Level::Solved) };
        let report = looked_at(&program, &options);
        assert_eq!(report.reliability, 1.0, "{n} neurons");
        assert!(report.layers.iter().all(|layer| layer.error_max < Some(1e-3)), "{n} neurons");
    }
}

#[test]
fn a_construction_has_room_at_its_own_default_width() {
    for text in [
        "feature a, b; x = a & b; y = a ^ b; z = a & !b;",
        "feature x[8]; y[i] = at_least(3, pick(5, x)) for i in 0..12; z = parity(x);",
    ] {
        for level in [Level::Published, Level::Solved] {
            compiled(&program(text), &at(level));
        }
    }
}

#[test]
fn the_help_of_a_width_that_is_too_small_works_at_the_first_try() {
    let program = program(
        "feature x[6]; layer one { y[i] = parity(pick(4, x)) for i in 0..6; }
         layer two { z[i] = parity(pick(3, y)) for i in 0..6; }",
    );
    let narrow = Options { width: Some(Width::Neurons(2)), ..at(Level::Published) };
    let error = superpose::compile::compile(&program, &narrow, &mut unwatched).expect_err("two neurons are too few");
    let help = error.problems()[0].help.clone().expect("it says what to type");
    let gates: Vec<_> = error.problems().iter().map(|problem| problem.headline.clone()).collect();
    let distinct: std::collections::BTreeSet<_> = gates.iter().collect();
    assert_eq!(gates.len(), distinct.len(), "{gates:?}");
    let widths = help.split("--width ").skip(1).map(|option| {
        let (layer, n) = option.split_once('=').expect("LAYER=N");
        let digits: String = n.chars().take_while(char::is_ascii_digit).collect();
        (layer.to_string(), Width::Neurons(digits.parse().unwrap()))
    });
    compiled(&program, &Options { layer_widths: widths.collect(), ..narrow });
}

#[test]
fn a_circuit_too_dense_for_superposition_gets_wider_until_it_is_right() {
    let dense = program(
        "feature x[16]; sample { each x with 0.5; }
         g[i] = parity(pick(2 + i % 4, x)) for i in 0..40;",
    );
    let built = search::build(&dense, &Options::default(), &mut unwatched).expect("it compiles");
    let report = report(&dense, &built.network, &samples(10_000));
    assert!(report.is_as_asked(), "{:?} after {:?}", report.requirements, built.trials);
}

#[test]
fn what_a_closed_form_does_exactly_is_not_fitted() {
    let program = program("feature x[200]; sample { choose 0..=6 of x; } p = parity(x); network { width 200; }");
    let network = compiled(&program, &Options::default());
    assert_eq!(network.header.fit.map(|fit| (fit.inputs, fit.is_closed_form)), Some((0, true)));
    assert_eq!(report(&program, &network, &samples(10_000)).reliability, 1.0);
}

#[test]
fn rows_that_somebody_gives_are_each_taken_once() {
    let place = Place::empty();
    place.write("a.circ", "feature a, b; y = a & b; z = a | b;");
    place.write("rows.csv", "a,b\n1,1\n1,0\n1,1\n");
    let ran = place.run(&["eval", "a.circ", "--inputs", "rows.csv", "--json"]).ends(0);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((report["samples"].as_u64(), report["exhaustive"].as_bool()), (Some(2), Some(true)));
}

#[test]
fn compiling_says_what_could_not_be_shown_to_work() {
    let place = Place::empty();
    let text = "feature x[40]; sample { each x with 0.5; } p = parity(x); q = parity(x); y = p & !q;";
    place.write("a.circ", text);
    let ran = place.run(&["compile", "a.circ", "-O0", "-o", "a.safetensors"]).ends(0);
    assert!(ran.stderr.contains("warning") && ran.stderr.contains("`y` was never on"), "{}", ran.stderr);
}

#[test]
fn a_fit_that_stalls_begins_again_with_other_weights() {
    let program = program(
        "feature x[20]; sample { choose 3 of x; plant 0.5; }
         g[i][j] = x[i] ^ x[j] for i in 0..20, j in i + 1..20; network { width 64; readoff one_sided; seed 0; }",
    );
    assert!(looked_at(&program, &at(Level::Fitted)).reliability > 0.99);
}

#[test]
fn a_deep_adder_is_exact_at_the_default_width() {
    let adder = "const N = 64; feature a[N], b[N]; sample { each a, b with 0.5; }
                 p[i] = a[i] ^ b[i] for i in 0..N; g[i] = a[i] & b[i] for i in 0..N;
                 c[0] = g[0]; t[i] = p[i] & c[i - 1] for i in 1..N; c[i] = g[i] | t[i] for i in 1..N;
                 s[0] = p[0]; s[i] = p[i] ^ c[i - 1] for i in 1..N; output s, c[63];";
    let program = program(adder);
    let network = compiled(&program, &at(Level::Solved));
    assert_eq!(report(&program, &network, &samples(2000)).reliability, 1.0);
}

/// Where superposition would save little, a fit is not tried at all: of many coins, and of many layers.
#[test]
fn dense_and_deep_circuits_are_exact_by_default_without_a_fit() {
    let dense = "feature x[60]; sample { each x with 0.5; } g[i] = parity(pick(2 + i % 4, x)) for i in 0..60;";
    let deep = "const N = 24; feature a[N], b[N]; sample { each a, b with 0.5; }
                p[i] = a[i] ^ b[i] for i in 0..N; g[i] = a[i] & b[i] for i in 0..N; c[0] = g[0];
                t[i] = p[i] & c[i - 1] for i in 1..N; c[i] = g[i] | t[i] for i in 1..N;
                s[0] = p[0]; s[i] = p[i] ^ c[i - 1] for i in 1..N; output s, c[N - 1];";
    for text in [dense, deep] {
        let program = program(text);
        let network = compiled(&program, &at(Level::Fitted));
        assert_eq!(network.header.fit.map(|fit| fit.inputs), Some(0));
        let report = report(&program, &network, &samples(2000));
        let worst = report.gates.iter().map(|gate| gate.error_max).fold(0.0, f32::max);
        assert!(report.reliability == 1.0 && worst < 0.01, "{worst}");
    }
}
