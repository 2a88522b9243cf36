//! What a program means: listings of circuits, and the properties that every circuit has.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{loaded, program, sound};
use proptest::prelude::*;
use superpose::circuit::{Circuit, Clause, GateId, Member, Signal};
use superpose::program::{Decoder, Level, Metric, Width, facts};

fn circuit(text: &str) -> Circuit {
    let circuit = program(text).circuit;
    check_invariants(&circuit);
    circuit
}

/// Names are unique; operands are available, below; every stored value rests at 0.
fn check_invariants(circuit: &Circuit) {
    let names: BTreeSet<&str> = (0..circuit.names.len()).map(|signal| circuit.names.get(signal)).collect();
    assert_eq!(names.len(), circuit.n_signals(), "names are unique");
    let mut available: BTreeSet<Signal> = (0..circuit.n_features).map(Signal).collect();
    let mut n_gates = 0;
    for (layer_idx, layer) in circuit.layers.iter().enumerate() {
        assert_eq!(layer.gates.start, n_gates, "layers follow each other");
        n_gates = layer.gates.end;
        for gate_idx in layer.gates.clone() {
            let gate = circuit.gates[gate_idx as usize];
            assert_eq!(gate.layer as usize, layer_idx);
            let operands = circuit.operands(GateId(gate_idx));
            for literal in operands {
                assert!(available.contains(&literal.signal()), "{} is not available", circuit.name(literal.signal()));
            }
            let rest = gate.kind.value(operands.iter().map(|literal| literal.negated()));
            assert_eq!(rest, gate.complemented, "the stored value rests at 0");
        }
        for signal in &layer.carried {
            assert!(available.contains(signal), "only what is there can be carried");
        }
        assert!(layer.carried.is_sorted());
        available = circuit.layer_signals(layer_idx).collect();
    }
    assert_eq!(n_gates as usize, circuit.n_gates());
    assert!(circuit.outputs.is_sorted());
}

const NEWSROOM: &str = r#"
circuit newsroom;
const TOPICS = 6;
feature sport, politics, weather, breaking;
feature topic[TOPICS];
feature bit[3][4];
sample {
  choose 2 of topic;
  each sport, politics, weather, breaking with 0.2;
  choose 1 of bit;
  plant 0.5;
}
gate half_adder(a, b) -> (sum, carry) {
  sum = a ^ b;
  carry = a & b;
}
layer detect {
  upset = sport & breaking;
  storm = weather & breaking & !sport;
  either = politics ^ weather;
  busy = at_least(2, sport, politics, weather);
  pair[i][j] = topic[i] & topic[j] for i in 0..TOPICS, j in i+1..TOPICS;
  (s[t], c[t]) = half_adder(bit[t][0], bit[t][2]) for t in 0..3;
  low[t] = any(bit[t][1], bit[t][3]) for t in 0..3;
}
alert = (upset | storm) & !busy;
output alert, either, pair, s, c, low;
network { width 256; width detect 300; construction channels; optimize 1; seed 7; }
require { reliability > 0.9; error(alert) < 0.45; }
"#;

#[test]
fn the_newsroom_means_what_it_says() {
    insta::assert_snapshot!(circuit(NEWSROOM).listing());
}

#[test]
fn a_plant_that_no_gate_fits_is_an_error_at_its_place() {
    let problems = |sample: &str| {
        let text = format!("feature x[4];\nsample {{ choose 1 of x; {sample} }}\ng = x[0] & x[1];\n");
        let loaded = loaded(&[("a.circ", &text)]);
        assert_eq!(loaded.program.is_none(), loaded.diagnostics.iter().any(|problem| problem.is_error()));
        let marked = |span: superpose::diagnostic::Span| text[span.start as usize..span.end as usize].to_string();
        let errors = loaded.diagnostics.into_iter().filter(|problem| problem.is_error());
        errors.map(|problem| (problem.code, marked(problem.span))).collect::<Vec<_>>()
    };
    assert_eq!(problems("plant 0.5;"), [("nothing-to-plant", "plant 0.5".to_string())]);
    assert_eq!(problems("plant 0;"), []);
    assert_eq!(problems(""), []);
}

/// The layers of a listing, without its head and its outputs.
fn layers(text: &str) -> String {
    let listing = circuit(text).listing();
    let start = listing.find("layer 0").unwrap_or(0);
    let end = listing.find("output ").unwrap_or(listing.len());
    listing[start..end].trim_end().to_string()
}

/// What each feature of the language means, gate by gate.
#[test]
fn definitions_mean_what_the_reference_says() {
    let check = |text: &str, expect: &str| {
        let expect: Vec<&str> = expect.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let found = layers(text);
        let found: Vec<&str> = found.lines().map(str::trim).collect();
        assert_eq!(found, expect, "{text}");
    };
    // One operator is one gate; parentheses keep their own; numbers are in reading order, the outer one first.
    check(
        "feature a, b, c, d; x = a & b & c; y = ((a & b) | (c ^ d)) & !d;",
        "layer 0 level0
         x = and(a, b, c)
         y.2 = and(a, b)
         y.3 = xor(c, d)
         carried: d
         layer 1 level1
         y.1 = or(y.2, y.3)
         carried: d
         layer 2 level2
         y = and(y.1, !d)",
    );
    // `!` costs no depth: it turns an edge, or the gate in front of which it stands. But `exactly` has no opposite.
    check(
        "feature a, b, c; x = !a; y = !(a & b); z = a & !(b | c); w = !!a; v = !at_least(2, a, b, c); u = !mux(a, b, c);
         t = !exactly(1, a, b); s = !majority(a, b, c);",
        "layer 0 level0
         ~x = copy(!a)
         ~y = nand(a, b)
         z.1 = or(b, c)
         w = copy(a)
         ~v = at_most(1, a, b, c)
         ~u = mux(a, !b, !c)
         t.1 = exactly(1, a, b)
         ~s = at_most(1, a, b, c)
         carried: a
         layer 1 level1
         z = and(a, !z.1)
         ~t = copy(!t.1)",
    );
    // Sets and multisets; gates whose operands vanish are still gates.
    check(
        "feature a, b; x = a & b & a; y = parity(a, b, a); z = parity(a, a); w = all(); v = majority(a, a, b);
         u = any(); t = nand(a, a); s = exactly(2, a, a);",
        "layer 0 level0
         x = and(a, b)
         y = xor(b)
         z = xor()
         ~w = and()
         v = majority(a, a, b)
         u = or()
         ~t = nand(a)
         s = exactly(2, a, a)",
    );
    // What is on at rest is stored as its complement; who reads it says so as written.
    check(
        "feature a, b; n = nor(a, b); x = xnor(a, b); both = n & x; either = !n | a; few = at_most(1, n, x);",
        "layer 0 level0
         ~n = nor(a, b)
         ~x = xnor(a, b)
         carried: a
         layer 1 level1
         ~both = and(n, x)
         either = or(!n, a)
         few = at_most(1, n, x)",
    );
    // Arrays are defined by element, in any order; members may be missing; an array is its members in index order.
    check(
        "feature a, x[4]; all_of = any(pair); pair[3][0] = x[3] & a; pair[i][j] = x[i] & x[j] for i in 0..3, j in i+1..3;
         row = all(pair[0], !x[2..4]);",
        "layer 0 level0
         pair[3][0] = and(x[3], a)
         pair[0][1] = and(x[0], x[1])
         pair[0][2] = and(x[0], x[2])
         pair[1][2] = and(x[1], x[2])
         carried: x[2], x[3]
         layer 1 level1
         all_of = or(pair[0][1], pair[0][2], pair[1][2], pair[3][0])
         row = and(pair[0][1], pair[0][2], !x[2], !x[3])",
    );
    // A recurrence by element; guards; comprehensions as arguments; Euclidean indices.
    check(
        "const N = 3; feature x[N]; c[0] = x[0]; c[i+1] = x[i] & c[i] for i in 0..N-1;
         odd = parity(x[i] for i in 0..N if i % 2 == 0 || i > 5); ring[i] = x[i] | x[(i-1) % N] for i in 0..N if i != 1;",
        "layer 0 level0
         c[0] = copy(x[0])
         odd = xor(x[0], x[2])
         ring[0] = or(x[0], x[2])
         ring[2] = or(x[2], x[1])
         carried: x[0], x[1]
         layer 1 level1
         c[1] = and(x[0], c[0])
         carried: x[1]
         layer 2 level2
         c[2] = and(x[1], c[1])",
    );
    // Block k is level k; what stands outside follows, as early as it can.
    check(
        "feature a, b, c; last = one & a; layer first { one = a & b; } layer second { two = one | c; } free = a ^ c;",
        "layer 0 first
         one = and(a, b)
         carried: a, c
         layer 1 second
         two = or(one, c)
         carried: a, c, one
         layer 2 level2
         last = and(one, a)
         free = xor(a, c)",
    );
    // Private names of a sub-circuit are paths behind its first target.
    check(
        "feature x[2][3];
         gate half(a, b) -> (s, c) { s = a ^ b; c = a & b; }
         gate full(a, b, d) -> (s, c) { (h, e) = half(a, b); (s, f) = half(h, d); c = e | f; }
         gate same(a) -> (b) { b = !(a | g); g = !a; }
         (s[t], c[t]) = full(x[t][0], x[t][1], x[t][2]) for t in 0..1;
         y = same(x[1][0] & x[1][1]) | x[1][2];",
        "layer 0 level0
         s[0].h = xor(x[0][0], x[0][1])
         s[0].e = and(x[0][0], x[0][1])
         y.2 = and(x[1][0], x[1][1])
         carried: x[0][2], x[1][2]
         layer 1 level1
         s[0] = xor(s[0].h, x[0][2])
         s[0].f = and(s[0].h, x[0][2])
         ~y.1.g = copy(!y.2)
         carried: x[1][2], s[0].e, y.2
         layer 2 level2
         c[0] = or(s[0].e, s[0].f)
         y.1 = nor(y.2, y.1.g)
         carried: x[1][2]
         layer 3 level3
         y = or(y.1, x[1][2])",
    );
}

/// The value as written of every gate, for one input.
fn values(circuit: &Circuit, features: &[bool]) -> BTreeMap<String, bool> {
    let mut stored: Vec<bool> = features.to_vec();
    for (gate_idx, gate) in circuit.gates.iter().enumerate() {
        let operands = circuit.operands(GateId(gate_idx as u32));
        let values = operands.iter().map(|literal| stored[literal.signal().0 as usize] != literal.negated());
        stored.push(gate.kind.value(values) != gate.complemented);
    }
    let written = |signal: usize| stored[signal] != circuit.is_complemented(Signal(signal as u32));
    (circuit.n_features()..circuit.n_signals())
        .map(|signal| (circuit.names.get(signal).to_string(), written(signal)))
        .collect()
}

/// A formula over four features, and what it means: bit i is its value when the features are the bits of i.
fn formula() -> impl Strategy<Value = (String, u16)> {
    const FEATURES: [(&str, u16); 4] = [("a", 0xaaaa), ("b", 0xcccc), ("c", 0xf0f0), ("d", 0xff00)];
    let leaf = (0..4usize).prop_map(|feature| (FEATURES[feature].0.to_string(), FEATURES[feature].1));
    leaf.prop_recursive(5, 40, 4, |inner| {
        let list = proptest::collection::vec(inner.clone(), 1..5);
        prop_oneof![
            inner.clone().prop_map(|(text, value)| (format!("!({text})"), !value)),
            (0..12u32, list, 0..5u32).prop_map(|(function, operands, k)| {
                let names: Vec<&str> = operands.iter().map(|(text, _)| text.as_str()).collect();
                let list = names.join(", ");
                // Sets and multisets differ for the counting functions alone.
                let counts = |holds: &dyn Fn(u32, u32) -> bool| -> u16 {
                    (0..16).fold(0, |value, input| {
                        let n_true = operands.iter().filter(|(_, value)| value >> input & 1 == 1).count() as u32;
                        value | (holds(n_true, operands.len() as u32) as u16) << input
                    })
                };
                match function {
                    0 => (format!("({})", names.join(" & ")), counts(&|t, n| t == n)),
                    1 => (format!("({})", names.join(" | ")), counts(&|t, _| t > 0)),
                    2 => (format!("({})", names.join(" ^ ")), counts(&|t, _| t % 2 == 1)),
                    3 => (format!("all({list})"), counts(&|t, n| t == n)),
                    4 => (format!("nand({list})"), counts(&|t, n| t != n)),
                    5 => (format!("nor({list})"), counts(&|t, _| t == 0)),
                    6 => (format!("xnor({list})"), counts(&|t, _| t % 2 == 0)),
                    7 => (format!("majority({list})"), counts(&|t, n| 2 * t > n)),
                    8 => (format!("at_least({k}, {list})"), counts(&|t, _| t >= k)),
                    9 => (format!("at_most({k}, {list})"), counts(&|t, _| t <= k)),
                    10 => (format!("exactly({k}, {list})"), counts(&|t, _| t == k)),
                    _ => {
                        let at = |place: usize| &operands[place % operands.len()];
                        let (choice, then, otherwise) = (at(0), at(1), at(2));
                        let value = choice.1 & then.1 | !choice.1 & otherwise.1;
                        (format!("mux({}, {}, {})", choice.0, then.0, otherwise.0), value)
                    }
                }
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_circuit_computes_what_its_formula_says(
        (text, expect) in formula(),
        (other, other_expect) in formula(),
    ) {
        // The same formulas in a sub-circuit, whose arguments come negated.
        let program = format!(
            "feature a, b, c, d; x = {text};
             gate twin(a, b, c, d) -> (p, q) {{ p = {text}; q = !p ^ ({other}); }}
             (p, q) = twin(!a, b, !c, d);"
        );
        let circuit = circuit(&program);
        for input in 0..16usize {
            let features: Vec<bool> = (0..4).map(|feature| input >> feature & 1 == 1).collect();
            let values = values(&circuit, &features);
            let turned = input ^ 0b0101;
            prop_assert_eq!(values["x"], expect >> input & 1 == 1);
            prop_assert_eq!(values["p"], expect >> turned & 1 == 1);
            prop_assert_eq!(values["q"], (expect >> turned & 1 == 0) != (other_expect >> turned & 1 == 1));
        }
    }
}

#[test]
fn used_files_bring_their_sub_circuits_and_constants_and_nothing_else() {
    let main = r#"use "lib/adders.circ"; feature x[N]; (s, c) = half(x[0], x[1]);"#;
    let adders = r#"use "../gates.circ"; const N = WIDTH + 1; feature x[7]; x_own = x[0] & x[1];
        gate half(a, b) -> (s, c) { s = parity_of(a, b); c = a & b; }"#;
    let gates = "const WIDTH = 1; gate parity_of(a, b) -> (p) { p = a ^ b; }";
    let files = [("dir/main.circ", main), ("dir/lib/adders.circ", adders), ("dir/gates.circ", gates)];
    let program = sound(loaded(&files));
    assert_eq!(program.circuit.n_features(), 2);
    assert_eq!(program.circuit.n_gates(), 2);
    let names: Vec<&str> = program.sources.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["dir/main.circ", "dir/lib/adders.circ", "dir/gates.circ"]);
}

#[test]
fn a_use_does_not_reach_through_to_what_is_used_there() {
    let main = r#"use "one.circ"; feature a; x = inner(a);"#;
    let one = r#"use "two.circ"; gate outer(a) -> (b) { b = inner(a); }"#;
    let two = "gate inner(a) -> (b) { b = !a; }";
    let loaded = loaded(&[("main.circ", main), ("one.circ", one), ("two.circ", two)]);
    let codes: Vec<&str> = loaded.diagnostics.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["unknown-function"]);
}

#[test]
fn files_that_use_each_other_are_one_error() {
    let loaded = loaded(&[("d/a.circ", r#"use "../d/b.circ";"#), ("d/b.circ", r#"use "./a.circ";"#)]);
    let problems: Vec<(&str, &str)> =
        loaded.diagnostics.iter().map(|problem| (problem.code, problem.label.as_str())).collect();
    assert_eq!(problems, [("circular-use", "closes the circle d/a.circ -> d/b.circ -> d/a.circ")]);
}

#[test]
fn without_a_sample_block_a_few_of_all_features_are_on() {
    let circuit = circuit("feature a, x[4]; y = a & any(x);");
    let members = (0..5).map(Member::One).collect();
    assert_eq!(circuit.distribution.clauses, [Clause::Choose { members, count: 0..=4 }]);
}

#[test]
fn arrays_of_rank_two_are_chosen_by_row_and_others_by_member() {
    let clauses = |sample: &str| {
        let program = format!("feature a, bit[3][4], cube[2][2][2]; y = a & any(bit, cube); sample {{ {sample} }}");
        circuit(&program).distribution.clauses
    };
    let choose = |members: Vec<Member>, count: std::ops::RangeInclusive<u32>| vec![Clause::Choose { members, count }];
    let rows = |ranges: &[std::ops::Range<u32>]| ranges.iter().cloned().map(Member::Row).collect::<Vec<_>>();
    assert_eq!(clauses("choose 1 of bit;"), choose(rows(&[1..5, 5..9, 9..13]), 1..=1));
    assert_eq!(clauses("choose 0..2 of bit[1..3];"), choose(rows(&[5..9, 9..13]), 0..=1));
    assert_eq!(clauses("one of cube;"), choose(rows(&[13..17, 17..21]), 1..=1));
    assert_eq!(clauses("one of cube[1];"), choose(rows(&[17..19, 19..21]), 1..=1));
    assert_eq!(clauses("one of bit[0..2][1..3];"), choose(rows(&[2..4, 6..8]), 1..=1));
    assert_eq!(clauses("one of bit[2], a;"), choose([9, 10, 11, 12, 0].map(Member::One).to_vec(), 1..=1));
    assert_eq!(clauses("one of bit[0..3][1];"), choose([2, 6, 10].map(Member::One).to_vec(), 1..=1));
}

#[test]
fn picks_are_keyed_by_name_and_not_by_position() {
    let picked = |text: &str| {
        let listing = layers(text);
        listing.lines().filter(|line| line.contains("g[")).map(str::to_string).collect::<Vec<_>>()
    };
    let alone = picked("feature x[100]; g[i] = all(pick(3, x)) for i in 0..5;");
    let later = picked(
        "feature x[100]; f = x[1] ^ x[2]; g[i] = all(pick(3, x)) for i in 2..5; g[i] = all(pick(3, x)) for i in 0..2;",
    );
    assert_eq!(alone.iter().collect::<BTreeSet<_>>(), later.iter().collect::<BTreeSet<_>>());
    let seeded = picked("feature x[100]; g[i] = all(pick(3, x)) for i in 0..5; network { seed 1; }");
    assert_ne!(alone, seeded);
    // Members are picked by place, from wherever they come.
    let slice = picked("feature y, x[100]; g[i] = all(pick(3, x[0..100])) for i in 0..5;");
    let listed = picked("feature y, x[100]; g[i] = all(pick(3, x[j] for j in 0..100)) for i in 0..5;");
    assert_eq!(alone, slice);
    assert_eq!(alone, listed);
    insta::assert_snapshot!(alone.join("\n"));
}

#[test]
fn what_no_gate_reads_is_an_output_unless_outputs_are_named() {
    let outputs = |text: &str| {
        let circuit = circuit(text);
        circuit.outputs.iter().map(|&output| circuit.name(output).to_string()).collect::<Vec<_>>()
    };
    assert_eq!(outputs("feature a, b; x = a & b; y = x | a; z = a ^ b;"), ["z", "y"]);
    assert_eq!(
        outputs("feature a, b; x[i] = a & b for i in 0..3; y = x[0] | a; output x[0..2], y;"),
        ["x[0]", "x[1]", "y"]
    );
}

#[test]
fn settings_and_requirements_speak_of_layers_and_gates() {
    let program = program(
        "feature a, topic[4]; layer one { x = a & topic[0]; y = a | topic[1]; } z = x ^ any(topic);
         network { width 64; width level1 auto; optimize 1; seed 5; samples 100; decoder transpose;
                   store topic in 3 with rademacher; construction universal; }
         require { error( x ) <= 0.25; error < 0.5; output_reliability >= 0.9; accuracy( 0.250 ) > 0.9; }",
    );
    let settings = &program.settings;
    assert_eq!(settings.width, Some(Width::Neurons(64)));
    assert_eq!(settings.layer_widths, [(1, Width::Auto)]);
    assert_eq!((settings.optimize, settings.seed, settings.samples), (Some(Level::Solved), 5, Some(100)));
    assert_eq!(settings.decoder, Some(Decoder::Transpose));
    assert_eq!(settings.stores.len(), 1);
    assert_eq!((&settings.stores[0].features[..], settings.stores[0].dimensions), (&[1, 2, 3, 4][..], 3));
    let requirements: Vec<(&str, &Metric)> =
        program.requirements.iter().map(|requirement| (requirement.text.as_str(), &requirement.metric)).collect();
    let error = Metric::named("error").unwrap();
    assert_eq!(
        requirements,
        [
            ("error(x) <= 0.25", &Metric { gates: Some(vec![GateId(0)]), ..error.clone() }),
            ("error < 0.5", &error),
            ("output_reliability >= 0.9", &Metric::named("output_reliability").unwrap()),
            ("accuracy(0.250) > 0.9", &Metric { epsilon: Some(0.25), ..Metric::named("accuracy").unwrap() }),
        ]
    );
}

#[test]
fn problems_beside_a_broken_statement_are_reported_with_it() {
    let codes = |text: &str| {
        let loaded = loaded(&[("a.circ", text)]);
        loaded.diagnostics.iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    // `storm` is declared by a statement that cannot be read: to read it is no second problem.
    let found = codes("feature a, b;\nstorm = a && b;\nalert = storm | a;\nlast = alrt & b;\n");
    assert_eq!(found, ["double-operator", "unknown-name"]);
}

#[test]
fn facts_count_what_is_there() {
    let facts = facts(&program(NEWSROOM));
    assert_eq!((facts.features, facts.gates, facts.layers.len()), (22, 30, 3));
    assert_eq!(facts.active_features, 2.0 + 4.0 * 0.2 + 2.0);
    let layer = &facts.layers[0];
    assert_eq!((layer.fan_in.min, layer.fan_in.max), (2, 3));
    // `sport` is read by upset, storm and busy; a topic by its five pairs.
    assert_eq!(layer.influence.max, 5);
    assert_eq!(layer.width, Some(300));
    assert_eq!(facts.layers[1].carried, 1);
    assert!((layer.bounds.storage - 28f64.log2()).abs() < 1e-12);
}

#[test]
fn what_is_too_large_is_one_error_before_anything_is_expanded() {
    let check = |text: &str, code: &str| {
        let codes: Vec<&str> = loaded(&[("t.circ", text)]).diagnostics.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [code], "{text}");
    };
    check("", "no-gate");
    check("feature a; gate f(a) -> (q[2147483648]) { q[i] = a for i in 0..2; } s = f(a);", "too-many-members");
    check("feature a; gate f(p[99999999]) -> (q) { q = p[0]; } s = !a;", "too-many-members");
    check("feature x[9]; y[i][j] = x[0] & x[1] for i in 0..100000, j in 0..100000;", "too-many-gates");
    check("feature x[9]; y = any(x[0] & x[1] for i in 0..100000, j in 0..100000);", "too-many-gates");
    check("feature x[9]; y[i][j] = x[0] & x[1] for i in 0..100000, j in 0..100000 if i < j;", "too-many-turns");
    check("feature x[9]; y = any(x) ; z[i] = x[0] & x[1] for i in 0..10000000000, j in 0..0;", "too-many-turns");
    check("feature x[9][10000000]; y = x[0][0] & x[0][1];", "too-many-features");
    check("feature x[1000000]; y[i] = any(x) for i in 0..1000;", "too-many-operands");
    check("feature x[100000]; c[0] = x[0] & x[1]; c[i+1] = x[i] & c[i] for i in 0..99999;", "too-many-levels");
    // Sixty sub-circuits, each of which calls the one below twice: 2^60 gates.
    let mut text = "feature a, b; gate f0(a, b) -> (s) { s = a & b; }".to_string();
    for level in 1..60 {
        let below = level - 1;
        text += &format!("gate f{level}(a, b) -> (s) {{ s = f{below}(a, b) & f{below}(b, a); }}");
    }
    check(&(text + "x = f59(a, b);"), "too-many-gates");
}

#[test]
fn a_deep_chain_needs_no_stack() {
    // Backwards, so that every gate waits for the next.
    let circuit = circuit("feature x; c[0] = !c[1]; c[i] = !c[i+1] for i in 1..8000; c[8000] = !x;");
    assert_eq!(circuit.layers.len(), 8001);
}
