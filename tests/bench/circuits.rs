//! The programs that the benches compile: random pairs of features, at any size.

use std::fmt::Write;

use superpose::diagnostic::{SourceFile, Sources};

/// `n_gates` random pairs of a fifth as many features, four on, every other input planted; one line in all.
pub fn short(n_gates: usize) -> String {
    let n_features = (n_gates / 5).max(10);
    format!("{}layer only {{ g[i] = all(pick(2, x)) for i in 0..{n_gates}; }}\n", head(n_features))
}

/// As many pairs, one gate a line.
pub fn long(n_gates: usize) -> String {
    let n_features = (n_gates / 5).max(10);
    let mut text = head(n_features);
    text.push_str("layer only {\n");
    for gate_idx in 0..n_gates {
        let (a, b) = (gate_idx % n_features, (gate_idx + 1 + gate_idx / n_features) % n_features);
        writeln!(text, "  g{gate_idx} = x[{a}] & x[{b}];").expect("a string takes any text");
    }
    text.push_str("}\n");
    text
}

fn head(n_features: usize) -> String {
    format!("circuit pairs;\nfeature x[{n_features}];\nsample {{ choose 4 of x; plant 0.5; }}\n")
}

pub fn sources(text: &str) -> Sources {
    Sources { files: vec![SourceFile { name: "pairs.circ".into(), text: text.into() }] }
}
