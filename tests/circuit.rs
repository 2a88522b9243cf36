//! What a program means: listings of circuits, and the properties that every circuit has.

use std::collections::{BTreeMap, BTreeSet};

use superpose::circuit::{Circuit, Kind, Limits, Loaded, Signal, load};

fn loaded(files: &[(&str, &str)]) -> Loaded {
    let mut loader: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect();
    load(files[0].0, &mut loader, &Limits::default())
}

fn circuit(text: &str) -> Circuit {
    let loaded = loaded(&[("test.circ", text)]);
    let problems: Vec<_> = loaded.diagnostics.iter().map(|problem| (problem.code, &problem.headline)).collect();
    let circuit = loaded.circuit.unwrap_or_else(|| panic!("{problems:?}\n{text}"));
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
            let operands = circuit.operands(superpose::circuit::GateId(gate_idx));
            for literal in operands {
                assert!(available.contains(&literal.signal()), "{} is not available", circuit.name(literal.signal()));
            }
            let rest = match gate.kind {
                Kind::Mux => operands[if operands[0].negated() { 1 } else { 2 }].negated(),
                kind => {
                    let n_true = operands.iter().filter(|literal| literal.negated()).count() as u32;
                    kind.value(n_true, operands.len() as u32)
                }
            };
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
        let loaded = loaded(&[("test.circ", &text)]);
        assert_eq!(loaded.circuit.is_none(), loaded.diagnostics.iter().any(|problem| problem.is_error()));
        let marked = |span: superpose::diagnostic::Span| text[span.start as usize..span.end as usize].to_string();
        let errors = loaded.diagnostics.into_iter().filter(|problem| problem.is_error());
        errors.map(|problem| (problem.code, marked(problem.span))).collect::<Vec<_>>()
    };
    assert_eq!(problems("plant 0.5;"), [("nothing-to-plant", "plant 0.5".to_string())]);
    assert_eq!(problems("plant 0;"), []);
    assert_eq!(problems(""), []);
}
