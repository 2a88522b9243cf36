//! Circuits of other tools: what is read means what its format says, what is written comes back as the same function of
//! the same names, and whatever a file holds, there is an answer.

mod common;

use std::collections::BTreeMap;

use common::binary::{Place, Ran};
use common::{program, root, shown, sound, text_of};
use proptest::prelude::*;
use superpose::circuit::truth::Truth;
use superpose::circuit::{Circuit, Inputs, Signal};
use superpose::diagnostic::FileId;
use superpose::elaborate::{Limits, Loaded, load};
use superpose::exchange::{self, Format};
use superpose::random::{self, Pcg64, below, key_of};

fn loaded(name: &str, bytes: impl Into<Vec<u8>>) -> Loaded {
    load(name, &mut BTreeMap::from([(name.to_string(), bytes.into())]), &Limits::default())
}

#[track_caller]
fn circuit(name: &str, bytes: impl Into<Vec<u8>>) -> Circuit {
    sound(loaded(name, bytes)).circuit
}

fn format(name: &str) -> &'static Format {
    exchange::FORMATS.iter().find(|format| format.name == name).unwrap()
}

/// As `superpose import` prints it.
#[track_caller]
fn imported(name: &str, bytes: impl Into<Vec<u8>>) -> String {
    let loaded = loaded(name, bytes);
    assert!(loaded.program.is_some(), "{}", shown(&loaded.diagnostics, &loaded.sources));
    exchange::to_circ(exchange::format_of(name).unwrap(), &loaded.sources, FileId(0)).unwrap()
}

/// By the name of an output: its value as written on each of these inputs, which have the features of these names on.
fn values(circuit: &Circuit, inputs: &[Vec<&str>]) -> BTreeMap<String, Vec<bool>> {
    let place = |name: &&str| (0..circuit.n_features).find(|&feature| circuit.name(Signal(feature)) == *name);
    let mut drawn = Inputs::default();
    inputs.iter().for_each(|on| drawn.push(on.iter().filter_map(place)));
    let mut truth = Truth::new(circuit);
    let mut values: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    for start in (0..inputs.len()).step_by(64) {
        let block = start..(start + 64).min(inputs.len());
        truth.evaluate(circuit, &drawn, block.clone());
        for &output in &circuit.outputs {
            let row = values.entry(circuit.name(output).to_owned()).or_default();
            let complemented = circuit.is_complemented(output);
            row.extend((0..block.len()).map(|bit| (truth.word(output) >> bit & 1 == 1) != complemented));
        }
    }
    values
}

/// All inputs of a few features, a few of many.
fn inputs<'a>(circuit: &'a Circuit, rng: &mut Pcg64) -> Vec<Vec<&'a str>> {
    let names: Vec<&str> = (0..circuit.n_features).map(|feature| circuit.name(Signal(feature))).collect();
    let of_number = |number: u64| names.iter().enumerate().filter(move |(bit, _)| number >> (bit % 64) & 1 == 1);
    match names.len() {
        n @ 0..=10 => (0..1 << n).map(|number| of_number(number).map(|(_, name)| *name).collect()).collect(),
        _ => {
            let mut numbers = (0..512).map(|_| u64::from(below(rng, u32::MAX)) << 20 ^ u64::from(below(rng, u32::MAX)));
            (0..512).map(|_| of_number(numbers.next().unwrap()).map(|(_, name)| *name).collect()).collect()
        }
    }
}

/// The same function of the same names, whatever stands between.
#[track_caller]
fn assert_same(a: &Circuit, b: &Circuit, what: &str) {
    let mut names = [a, b].map(|circuit| (0..circuit.n_features).map(|f| circuit.name(Signal(f))).collect::<Vec<_>>());
    names.iter_mut().for_each(|names| names.sort_unstable());
    assert_eq!(names[0], names[1], "{what}");
    let inputs = inputs(a, &mut random::stream(&[key_of(what)]));
    assert_eq!(values(a, &inputs), values(b, &inputs), "{what}");
}

/// Written in each format that can hold it and read again, as it is and as `superpose import` prints it.
#[track_caller]
fn comes_back(circuit_: &Circuit, formats: &[&str]) {
    for name in formats {
        let bytes = (format(name).write.unwrap())(circuit_).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let file = format!("back.{name}");
        let what = format!("{name}: {}", String::from_utf8_lossy(&bytes).chars().take(2000).collect::<String>());
        assert_same(circuit_, &circuit(&file, bytes.clone()), &what);
        assert_same(circuit_, &circuit("back.circ", imported(&file, bytes)), &what);
    }
}

const WRITTEN: [&str; 3] = ["blif", "aag", "aig"];

#[test]
fn every_kind_of_gate_comes_back_from_every_format() {
    let mut text = "feature x[9], y;\n".to_owned();
    for (name, n) in [("one", 1), ("three", 3), ("six", 6), ("nine", 9)] {
        for (idx, f) in ["all", "any", "nand", "nor", "parity", "xnor", "majority"].iter().enumerate() {
            text.push_str(&format!("{name}_{idx} = {f}(x[0..{n}]);\n"));
        }
        for (idx, k) in [0, 1, n / 2, n - 1, n, n + 1].iter().enumerate() {
            for f in ["at_least", "at_most", "exactly"] {
                text.push_str(&format!("{name}_{f}_{idx} = {f}({k}, !x[0], x[1..{n}]);\n"));
            }
        }
    }
    text.push_str("twice = at_least(3, x[0], x[0], !x[1], x[2], x[2], x[2..9]);\nodd = parity(x[0], x[1], y, y);\n");
    text.push_str("chosen = mux(y, x[0], !x[1]);\nown = mux(y, y, x[0]);\nno = any();\nyes = all();\nsame = x[3];\n");
    text.push_str("deep = !(twice & (chosen | !odd)) ^ at_most(2, no, yes, nine_4, three_1, x[8]);\nnever = y & !y;\n");
    comes_back(&program(&text).circuit, &WRITTEN);
}

#[test]
fn a_network_of_next_states_comes_back_as_formulas() {
    let text = "feature a, b[3], c;
        a_next = exactly(2, a, b[0], !b[1], c);
        b_next[0] = at_most(1, b, c);
        b_next[1] = mux(a, b[2], !c) ^ (a | b[0] & c);
        b_next[2] = nand(a, xnor(b[0], b[1], c));
        output a_next, b_next;";
    let circuit_ = program(text).circuit;
    comes_back(&circuit_, &["bnet"]);
    let written = (format("bnet").write.unwrap())(&circuit_).unwrap();
    assert!(String::from_utf8(written).unwrap().ends_with("\nc, c\n"), "an input is its own next state");
}

#[test]
fn what_a_boolean_network_cannot_say_is_refused() {
    let write = format("bnet").write.unwrap();
    let refused = write(&program("feature a, b; both = a & b;").circuit).unwrap_err();
    assert!(refused.fact.contains("`both` is the next state of no feature"), "{refused:?}");
    let refused = write(&program("feature x[60], a; a_next = parity(x);").circuit).unwrap_err();
    assert!(refused.fact.contains("letters"), "{refused:?}");
    let refused = write(&program("feature x[3000], a; a_next = at_least(1500, x);").circuit).unwrap_err();
    assert!(refused.fact.contains("more than 2^64 letters"), "{refused:?}");
    for word in ["not", "AND", "or", "True", "FALSE"] {
        let refused = write(&program(&format!("feature {word}, a; a_next = {word};")).circuit).unwrap_err();
        assert!(refused.fact.contains(&format!("`{word}` has a name")), "{refused:?}");
    }
    comes_back(&program("feature Not, targets; Not_next = targets; targets_next = !Not;").circuit, &["bnet"]);
}

#[test]
fn the_examples_come_back() {
    for name in ["every_kind", "newsroom", "adders", "crossings", "cells"] {
        comes_back(&common::example(&format!("{name}.circ")).circuit, &WRITTEN);
    }
    let cell = |file: &str| circuit(file, text_of(&format!("examples/{file}")));
    comes_back(&cell("cell_cycle.bnet"), &["bnet", "blif", "aag", "aig"]);
    comes_back(&cell("crossing.blif"), &WRITTEN);
}

#[test]
fn counting_many_costs_a_few_gates_for_each() {
    let circuit_ = program("feature x[1000]; half = at_least(500, x); odd = parity(x);").circuit;
    comes_back(&circuit_, &WRITTEN);
    let text = String::from_utf8((format("aag").write.unwrap())(&circuit_).unwrap()).unwrap();
    let n_ands: u32 = text.split_whitespace().nth(5).unwrap().parse().unwrap();
    assert!(n_ands < 20_000, "{n_ands}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_circuit_comes_back(seed in any::<u64>()) {
        comes_back(&program(&random_text(&mut random::stream(&[key_of("exchanged"), seed]))).circuit, &WRITTEN);
    }
}

/// Gates of every kind over features and each other.
fn random_text(rng: &mut Pcg64) -> String {
    let functions =
        ["all", "any", "nand", "nor", "parity", "xnor", "majority", "at_least", "at_most", "exactly", "mux"];
    let mut names: Vec<String> = (0..3).map(|i| format!("x[{i}]")).chain((0..4).map(|i| format!("f{i}"))).collect();
    let mut text = "feature x[3], f0, f1, f2, f3;\n".to_owned();
    for gate in 0..2 + below(rng, 14) {
        let function = functions[below(rng, functions.len() as u32) as usize];
        let n = if function == "mux" { 3 } else { below(rng, 9) };
        let mut operands: Vec<String> = Vec::new();
        if function.contains("at_") || function == "exactly" {
            operands.push(below(rng, n + 2).to_string());
        }
        operands.extend((0..n).map(|_| {
            let name = &names[below(rng, names.len() as u32) as usize];
            if below(rng, 3) == 0 { format!("!{name}") } else { name.clone() }
        }));
        let name = if gate % 3 == 0 { format!("g[{}]", gate * gate) } else { format!("h{gate}") };
        text.push_str(&format!("{name} = {function}({});\n", operands.join(", ")));
        names.push(name);
    }
    text
}

/// What each output of a file is, by the number of the input: bit i is the i-th feature.
fn table(name: &str, bytes: impl Into<Vec<u8>>) -> BTreeMap<String, String> {
    let circuit = circuit(name, bytes);
    let names: Vec<&str> = (0..circuit.n_features).map(|feature| circuit.name(Signal(feature))).collect();
    let on = |number: usize| (0..names.len()).filter(move |bit| number >> bit & 1 == 1).map(|bit| names[bit]).collect();
    let inputs: Vec<Vec<&str>> = (0..1 << names.len()).map(on).collect();
    let text = |row: Vec<bool>| row.iter().map(|&on| if on { '1' } else { '0' }).collect();
    values(&circuit, &inputs).into_iter().map(|(name, row)| (name, text(row))).collect()
}

#[track_caller]
fn has(name: &str, bytes: impl Into<Vec<u8>>, expect: &[(&str, &str)]) {
    let expect = expect.iter().map(|(name, row)| (name.to_string(), row.to_string())).collect();
    assert_eq!(table(name, bytes), expect);
}

#[test]
fn covers_mean_where_they_are_on_or_off() {
    let blif = ".model m # a comment\n.inputs a b \\\n c\n.outputs on off one no pass same\n\
        .names a b c on\n1-0 1\n01- 1\n.names a b off\n11 0\n00 0\n.names one\n1\n.names no\n\
        .names a b pass\n-- 1\n.names a a b same\n10- 1\n111 1\n.delay a 1\n.end\n.garbage behind the end\n";
    has(
        "m.blif",
        blif.replace('\n', "\r\n"),
        &[
            ("no", "00000000"),
            ("off", "01100110"),
            ("on", "01110010"),
            ("one", "11111111"),
            ("pass", "11111111"),
            ("same", "00010001"),
        ],
    );
}

#[test]
fn gates_of_benches_mean_what_they_are_called() {
    let bench = "# c\nINPUT(a)\nINPUT ( b )\nOUTPUT(1)\nOUTPUT(2)\nOUTPUT(3)\nOUTPUT(4)\nOUTPUT(5)\n\
        1 = NAND(a, b)\n2 = xnor(a, b)\n3 = NOT(a)\n4 = LUT 0x2 ( a, b )\n5 = vdd\n";
    let expect = [("n1", "1110"), ("n2", "1001"), ("n3", "1010"), ("n4", "0100"), ("n5", "1111")];
    has("b.bench", bench, &expect);
}

#[test]
fn next_states_are_formulas_over_states() {
    let bnet = "targets, factors\n# c\nA, !(A & B) | C & 0\nB, NOT A AND (B || C)\nC, C\nD, 1\n";
    let expect = [("A_next", "1110111011101110"), ("B_next", "0010101000101010"), ("D_next", "1111111111111111")];
    has("n.bnet", bnet, &expect);
}

#[test]
fn literals_of_aiger_are_doubled_and_odd_where_negated() {
    let aag = "aag 7 2 0 4 3\n2\n4\n6\n13\n1\n5\n6 2 4\n12 7 14\n14 3 5\ni0 a\ni1 b\no0 both\no1 either\nc\nanything\n";
    has("x.aag", aag, &[("both", "0001"), ("either", "0111"), ("o2", "1111"), ("o3", "1100")]);
}

#[test]
fn imports_read_as_shown() {
    let blif = ".model adder/2\n.inputs a[1] a[0] b[0] b[1] in\n.outputs s[0] s[1] 7 in\n.names a[0] b[0] in s[0]\n\
        100 1\n010 1\n001 1\n111 1\n.names a[0] b[0] in $c.0\n11- 1\n1-1 1\n-11 1\n.names a[1] b[1] $c.0 s[1]\n\
        100 1\n010 1\n001 1\n111 1\n.names a[1] b[1] $c.0 7\n11- 1\n1-1 1\n-11 1\n.names a[0] idle\n0 1\n.end\n";
    insta::assert_snapshot!("adder_blif", imported("adder.blif", blif));
    // Three ANDs are an exclusive or, and chains of them one gate.
    let aag = "aag 9 4 0 2 5\n2\n4\n6\n8\n14\n18\n10 2 4\n12 3 5\n14 11 13\n16 6 8\n18 16 15\no1 none\n";
    insta::assert_snapshot!("graph_aag", imported("graph.aag", aag));
    insta::assert_snapshot!("cell_cycle_bnet", imported("cell_cycle.bnet", text_of("examples/cell_cycle.bnet")));
}

#[test]
fn what_is_imported_is_what_is_used() {
    for file in ["crossing.blif", "cell_cycle.bnet"] {
        let bytes = text_of(&format!("examples/{file}"));
        let direct = circuit(file, bytes.clone());
        assert_same(&direct, &circuit("x.circ", imported(file, bytes)), file);
    }
    let text = "use \"crossing.blif\"; feature a, b, c, d;
        (green, amber, walk, beep, next1, next0) = crossing(a, b, c, d);
        output green, amber, walk, beep, next1, next0;";
    let mut files = BTreeMap::from([
        ("x.circ".to_string(), text.as_bytes().to_vec()),
        ("crossing.blif".to_string(), text_of("examples/crossing.blif").into_bytes()),
    ]);
    let used = sound(load("x.circ", &mut files, &Limits::default())).circuit;
    let direct = circuit("crossing.blif", text_of("examples/crossing.blif"));
    let letters = |names: [&'static str; 4]| {
        move |number: usize| (0..4).filter(|bit| number >> bit & 1 == 1).map(|bit| names[bit]).collect::<Vec<_>>()
    };
    let of_direct: Vec<_> = (0..16).map(letters(["button", "timeout", "s1", "s0"])).collect();
    let of_used: Vec<_> = (0..16).map(letters(["a", "b", "c", "d"])).collect();
    assert_eq!(values(&direct, &of_direct), values(&used, &of_used));
}

/// Large, deep, lying, in circles: refused by one of these, or read, and soon.
#[test]
fn hostile_files_are_refused_or_read() {
    let check = |name: &str, bytes: Vec<u8>, code: Option<&str>| {
        let loaded = loaded(name, bytes);
        let codes: Vec<&str> = loaded.diagnostics.iter().filter(|p| p.is_error()).map(|problem| problem.code).collect();
        match code {
            Some(code) => assert!(codes.contains(&code), "{name}: {codes:?}, not {code}"),
            None => assert_eq!(codes, [] as [&str; 0], "{name}"),
        }
    };
    let chain = |n: usize| {
        let mut text = ".model m\n.inputs a b\n.outputs y\n.names a x0\n1 1\n".to_owned();
        (0..n).for_each(|i| text.push_str(&format!(".names x{i} b x{}\n11 1\n", i + 1)));
        (text + &format!(".names x{n} y\n1 1\n.end\n")).into_bytes()
    };
    check("chain.blif", chain(5_000), None);
    check("long_chain.blif", chain(50_000), Some("too-many-levels"));
    let circle = ".inputs a\n.outputs y\n.names y a x\n11 1\n.names x y\n1 1\n";
    check("circle.blif", circle.into(), Some("cycle"));
    check("circle.aag", "aag 3 1 0 1 2\n2\n4\n4 6 2\n6 4 2\n".into(), Some("cycle"));
    check("self.aag", "aag 2 1 0 1 1\n2\n4\n4 4 2\n".into(), Some("cycle"));
    check("lies.aag", "aag 1152921504606 1152921504606 0 1 0\n".into(), Some("netlist-too-large"));
    check("lies.aig", "aig 1152921504606 1152921504606 0 1 0\n".into(), Some("netlist-broken"));
    check("more.aig", "aig 1000000 0 0 1 1000000\n2\n\u{1}\u{1}".into(), Some("netlist-broken"));
    check("bytes.aig", vec![0xff; 1 << 16], Some("netlist-broken"));
    check("overflow.aag", "aag 99999999999999999999 1 0 1 0\n".into(), Some("netlist-syntax"));
    let deep = |open: &str, close: &str| format!("A, {}B & A{}\n", open.repeat(200_000), close.repeat(200_000));
    check("deep.bnet", deep("(", ")").into(), None);
    check("deeper.bnet", deep("(B | C & ", ")").into(), Some("too-many-levels"));
    check("nots.bnet", deep("!", "").into(), None);
    check("operator.bnet", "A, B\nnot, A\n".into(), Some("netlist-syntax"));
    check("constant.bnet", "A, B\nTrue, A\n".into(), Some("netlist-syntax"));
    check("unclosed.bnet", deep("(", "").into(), Some("netlist-syntax"));
    let wide = format!(".inputs {0}\n.outputs y\n.names {0} y\n{1} 1\n", "a ".repeat(1 << 18), "1".repeat(1 << 18));
    check("same.blif", wide.into(), Some("netlist-driven-twice"));
    let many = format!(".inputs a\n.outputs y\n.names a y\n{}", "1 1\n".repeat(1 << 18));
    check("many.blif", many.into(), None);
    check("lines.blif", ".latch a b 0\n".repeat(1 << 16).into(), Some("netlist-not-flat"));
    check("nothing.blif", Vec::new(), Some("netlist-without-outputs"));
    check("zeros.bench", vec![0; 1 << 20], Some("netlist-syntax"));
    check("bytes.blif", vec![0xff; 1 << 16], Some("not-utf8"));
}

/// Each is whole; what happens to it need not leave it so.
const SEEDS: [(&str, &str); 4] = [
    (
        "a.blif",
        ".model m\n.inputs a b c[0] c[1]\n.outputs y z\n.names a b t\n10 1\n01 1\n.names t c[0] c[1] y\n1-1 0\n-01 0\n\
         .names z\n1\n.end\n",
    ),
    ("a.aag", "aag 6 3 0 2 3\n2\n4\n6\n8\n13\n8 2 4\n10 3 5\n12 9 11\ni0 a\ni1 b[0]\ni2 b[1]\no0 y\no1 z w\nc\nx\n"),
    ("a.bnet", "targets, factors\nA, (B & !C) | (!B & C)\nB, !(A | D) & (C | B)\nC, C\nD, 1\n"),
    ("a.bench", "INPUT(a)\nINPUT(b)\nOUTPUT(y)\nt = NAND(a, b)\ny = LUT 0x6 (t, a)\n# end\n"),
];

#[test]
fn changed_files_are_refused_or_imported() {
    let (mut n_tried, mut n_read) = (0, 0);
    for (name, text) in SEEDS {
        let mut texts = vec![(name, text.as_bytes().to_vec())];
        if name == "a.aag" {
            texts.push(("a.aig", (format("aig").write.unwrap())(&circuit(name, text)).unwrap()));
        }
        for (name, bytes) in texts {
            for index in 0..400 {
                let mut rng = random::stream(&[key_of(name), index]);
                let changed = changed(&bytes, &mut rng);
                let loaded = loaded(name, changed.clone());
                let has_error = loaded.diagnostics.iter().any(|problem| problem.is_error());
                assert_eq!(loaded.program.is_none(), has_error, "{:?}", String::from_utf8_lossy(&changed));
                let _ = shown(&loaded.diagnostics, &loaded.sources);
                n_tried += 1;
                if let Some(program) = &loaded.program {
                    n_read += 1;
                    let text = imported(name, changed.clone());
                    assert_same(&program.circuit, &circuit("x.circ", text.clone()), &text);
                }
            }
        }
    }
    assert!(n_read > n_tried / 20, "{n_read} of {n_tried}");
}

/// A few bytes or lines removed, doubled, or taken from elsewhere.
fn changed(bytes: &[u8], rng: &mut Pcg64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + below(rng, 3) {
        let (at, other) = (below(rng, bytes.len() as u32) as usize, below(rng, bytes.len() as u32) as usize);
        match below(rng, 6) {
            0 => drop(bytes.remove(at)),
            1 => bytes.insert(at, bytes[other]),
            2 => bytes[at] = below(rng, 256) as u8,
            3 => bytes.swap(at, other),
            4 => {
                let line: Vec<u8> = bytes[other..].iter().copied().take_while(|byte| *byte != b'\n').collect();
                bytes.splice(at..at, line);
            }
            _ => bytes.truncate(at.max(1)),
        }
        if bytes.is_empty() {
            bytes.push(b'\n');
        }
    }
    bytes
}

#[test]
fn a_file_of_another_tool_is_imported_checked_compiled_and_written_again() {
    let place = Place::empty();
    place.write("crossing.blif", &text_of("examples/crossing.blif"));
    let Ran { stdout, .. } = place.run(&["import", "crossing.blif"]).ends(0);
    place.run(&["import", "crossing.blif", "-o", "crossing.circ"]).ends(0);
    assert_eq!(place.read("crossing.circ"), stdout);
    let fmt = place.run(&["fmt", "--check", "crossing.circ"]);
    assert_eq!((fmt.code, fmt.stdout.as_str()), (0, ""), "in canonical form");
    let arguments = ["import", "-", "--from", "blif"];
    let piped = place.run_with(&arguments, &text_of("examples/crossing.blif")).ends(0);
    assert_eq!(piped.stdout, stdout.replace("From crossing.blif", "From stdin.blif"));
    // A network carries the netlist, and is the same circuit.
    place.run(&["compile", "crossing.blif", "-O1", "--width", "32", "-o", "net.safetensors"]).ends(0);
    place.run(&["eval", "net.safetensors"]).ends(0);
    place.run(&["export", "net.safetensors", "--to", "aig", "-o", "net.aig"]).ends(0);
    place.run(&["export", "crossing.circ", "--to", "aig", "-o", "circ.aig"]).ends(0);
    let bytes = |name: &str| std::fs::read(place.path(name)).unwrap();
    assert_eq!(bytes("net.aig"), bytes("circ.aig"));
    place.run(&["compile", "net.aig", "-O1", "--width", "32", "-o", "of_aig.safetensors"]).ends(0);
    place.run(&["eval", "of_aig.safetensors"]).ends(0);
}

#[test]
fn what_cannot_be_imported_or_written_leaves_nothing() {
    let place = Place::with_pairs();
    place.write("state.blif", ".inputs a\n.outputs y\n.latch a y 0\n.end\n");
    let ran = place.run(&["import", "state.blif", "-o", "state.circ"]).ends(1);
    assert!(ran.stderr.contains("state.blif:3:1: error[netlist-not-flat]"), "{}", ran.stderr);
    assert!(!place.path("state.circ").exists());
    let ran = place.run(&["fmt", "state.blif"]).ends(1);
    assert!(ran.stderr.contains("superpose import state.blif"), "{}", ran.stderr);
    let ran = place.run(&["import", "pairs.circ"]).ends(2);
    assert!(ran.stderr.contains("say --from and one of blif, aag, aig, bnet, bench"), "{}", ran.stderr);
    let ran = place.run(&["export", "pairs.circ", "--to", "bnet", "-o", "pairs.bnet"]).ends(1);
    assert!(ran.stderr.contains("the next state of no feature"), "{}", ran.stderr);
    let ran = place.run(&["export", "pairs.circ", "--to", "blif", "-o", "pairs.blif", "--width", "9"]).ends(2);
    assert!(ran.stderr.contains("`--width` is of networks"), "{}", ran.stderr);
    assert_eq!(std::fs::read_dir(place.folder()).unwrap().count(), 2, "pairs.circ and state.blif");
}

#[test]
fn each_format_is_known_by_its_name_alone() {
    for format in exchange::FORMATS {
        for extension in format.extensions {
            assert_eq!(exchange::format_of(&format!("dir.d/x.{extension}")).unwrap().name, format.name);
        }
    }
    assert!(exchange::format_of("x.circ").is_none() && exchange::format_of("blif").is_none());
    assert!(root().join("examples/crossing.blif").exists());
}
