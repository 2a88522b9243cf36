//! One table of small circuits: between them everything that the language can say, each with few enough distinct inputs
//! to go through all of them.
//!
//! Whatever is promised for every circuit is held on these.

use superpose::program::{Level, Program};

use super::{loaded, sound};

/// A program, and what is to be known of it.
pub struct Case {
    pub name: &'static str,
    /// Its text, and the files that it names: (name, text).
    text: &'static str,
    beside: &'static [(&'static str, &'static str)],
    /// What cannot be done: (level, construction, the code that says so).
    pub refused: &'static [(Level, &'static str, &'static str)],
    /// Constructions that err on some input however many neurons they have and however well their read-offs are solved
    /// for: `universal` where an upper layer has few signals below, for each of which it has few neurons, and none for
    /// what it refuses as published; `channels`, `shared_circuits` and `naive` where every neuron hears other stored
    /// features; `linear` where a gate is no threshold of a sum.
    pub errs_when_solved: &'static [&'static str],
}

impl Case {
    #[track_caller]
    pub fn program(&self) -> Program {
        let text = format!("{} {IDLE}", self.text);
        sound(loaded(&[&[(self.name, &text[..])], self.beside].concat()))
    }

    /// The same circuit as one whose layers add to a stream of so many dimensions; `None` where features are stored
    /// already.
    #[track_caller]
    pub fn as_residual(&self, dimensions: u32) -> Option<Program> {
        let text = format!("{} {IDLE} network {{ residual {dimensions}; }}", self.text);
        (!self.text.contains("network {")).then(|| sound(loaded(&[&[(self.name, &text[..])], self.beside].concat())))
    }

    /// The code of the problem that is all there is at this level with this construction.
    pub fn refusal(&self, level: Level, construction: &str) -> Option<&'static str> {
        self.refused.iter().find(|row| (row.0, row.1) == (level, construction)).map(|row| row.2)
    }
}

/// Features that are never on and never read: random wiring counts on many signals, of which few matter.
const IDLE: &str = "feature idle[20];";

/// With so many neurons a layer every construction has some for each gate of the table, but for what it refuses.
pub const ENOUGH: u32 = 400;

/// Of a circuit in which no gate is another's copy.
const NOTHING_TO_SHARE: [(Level, &str, &str); 2] =
    [(Level::Published, "shared_circuits", "nothing-to-share"), (Level::Solved, "shared_circuits", "nothing-to-share")];

pub const CASES: [Case; 17] = [
    Case {
        name: "every kind of gate",
        text: "feature a, b, c, d; sample { each a, b, c, d with 0.5; }
            conjunction = a & b & c; disjunction = b | c; odd = a ^ b ^ d; not_both = nand(c, d); none = nor(a, d);
            even = xnor(b, d); same = c; two = at_least(2, a, b, c, d); few = at_most(1, a, b, c);
            one = exactly(1, b, c, d);
            most = majority(a, b, d); either = mux(a, b, c);",
        beside: &[],
        refused: &NOTHING_TO_SHARE,
        errs_when_solved: &["linear"],
    },
    Case {
        name: "a single gate",
        text: "feature a; sample { each a with 0.5; } not = !a;",
        beside: &[],
        refused: &NOTHING_TO_SHARE,
        errs_when_solved: &[],
    },
    Case {
        name: "complements that are read",
        text: "feature a, b, c; sample { each a, b, c with 0.3; }
            layer first { calm = nor(a, b); alike = xnor(b, c); }
            layer second { both = calm & alike; neither = nor(calm, !alike); turned = mux(calm, !alike, alike); }",
        beside: &[],
        refused: &[(Level::Published, "universal", "no-common-neuron"), NOTHING_TO_SHARE[0], NOTHING_TO_SHARE[1]],
        errs_when_solved: &["linear"],
    },
    Case {
        name: "several layers and carried signals",
        text: "feature x[5]; sample { choose 0..=3 of x; }
            chain[0] = x[0] | x[1]; chain[i] = chain[i - 1] ^ x[i + 1] for i in 1..4;
            late = chain[3] & chain[0] & !x[0];",
        beside: &[],
        refused: &NOTHING_TO_SHARE,
        errs_when_solved: &["linear"],
    },
    Case {
        name: "sub-circuits",
        text: "const COPIES = 2; feature bit[COPIES][4]; sample { choose 0..=2 of bit; }
            gate half_adder(a, b) -> (sum, carry) { sum = a ^ b; carry = a & b; }
            gate full_adder(a, b, c) -> (sum, carry) {
              (part, first) = half_adder(a, b); (sum, second) = half_adder(part, c); carry = first | second;
            }
            (low[t], carry[t]) = half_adder(bit[t][0], bit[t][2]) for t in 0..COPIES;
            (high[t], out[t]) = full_adder(bit[t][1], bit[t][3], carry[t]) for t in 0..COPIES;
            output low, high, out;",
        beside: &[],
        refused: &[],
        errs_when_solved: &["universal", "linear"],
    },
    Case {
        name: "a file that is used",
        text: "use \"lib/parts.circ\"; feature x[WIDTH]; sample { choose 2 of x; }
            g[i] = vote(x[i], x[i + 1], x[i + 2]) for i in 0..3;",
        beside: &[("lib/parts.circ", "const WIDTH = 5; gate vote(a, b, c) -> (d) { d = majority(a, b, c); }")],
        refused: &[],
        errs_when_solved: &[],
    },
    Case {
        name: "rows of a file",
        text: "feature hair, milk, eggs, wings; sample { from \"rows.csv\"; }
            mammal = milk & !eggs; bird = eggs & wings; bare = !hair & !wings;",
        beside: &[("rows.csv", "hair,milk,eggs,wings\n1,1,0,0\n1,1,0,1\n0,0,1,1\n0,0,1,0\n0,0,0,0\n1,1,0,0\n")],
        refused: &NOTHING_TO_SHARE,
        errs_when_solved: &[],
    },
    Case {
        name: "planted pairs",
        text: "feature x[12]; sample { choose 3 of x; plant 0.5; } pair[i] = all(pick(2, x)) for i in 0..20;",
        beside: &[],
        refused: &[],
        errs_when_solved: &[],
    },
    Case {
        name: "nothing but plants",
        text: "feature x[8]; sample { choose 2 of x; plant 1; } pair[i] = x[i] & !x[(i + 1) % 8] for i in 0..8;",
        beside: &[],
        refused: &[],
        errs_when_solved: &[],
    },
    Case {
        name: "coins and counts together",
        text: "feature rare[3], y[6], noise; sample { each rare with 0.1; choose 0..=2 of y; each noise with 0.5; }
            mixed[i] = rare[i] | y[i] & y[i + 3] for i in 0..3; any_rare = any(rare);",
        beside: &[],
        refused: &[],
        errs_when_solved: &["universal"],
    },
    Case {
        name: "arrays of rank two",
        text: "feature bit[3][3], on; sample { one of bit; each on with 0.5; }
            row[i] = all(bit[i]) for i in 0..3; column[j] = any(bit[i][j] for i in 0..3) for j in 0..3;
            diagonal = parity(bit[i][i] for i in 0..3) & on;",
        beside: &[],
        refused: &[],
        errs_when_solved: &[],
    },
    Case {
        name: "operands that come twice",
        text: "feature a, b, c; sample { each a, b, c with 0.5; }
            heavy = majority(a, a, b); weighed = at_least(3, a, a, b, b, c); doubled = exactly(2, a, a, c);
            set = a & b & a;",
        beside: &[],
        refused: &NOTHING_TO_SHARE,
        errs_when_solved: &["linear"],
    },
    Case {
        name: "gates that are constant",
        text: "feature a, b; sample { each a, b with 0.5; }
            always = all(); never = any(); gone = parity(a, a); kept = a | b & always;
            output always, never, gone, kept;",
        beside: &[],
        refused: &NOTHING_TO_SHARE,
        errs_when_solved: &[],
    },
    Case {
        name: "a gate of many inputs",
        text: "feature x[14]; sample { choose 0..=2 of x; } some = any(x); pair = at_least(2, x); none = nor(x);",
        beside: &[],
        refused: &[
            (Level::Published, "universal", "too-wide-for-construction"),
            (Level::Published, "random_features", "too-wide-for-construction"),
            NOTHING_TO_SHARE[0],
            NOTHING_TO_SHARE[1],
        ],
        errs_when_solved: &["universal"],
    },
    Case {
        name: "stored inputs",
        text: "feature x[10], alarm; sample { choose 1 of x; each alarm with 0.2; }
            g[i] = x[i] | x[i + 5] for i in 0..5;
            quiet[i] = g[i] & !alarm for i in 0..5; network { store x in 8 with gaussian; decoder linear; seed 3; }",
        beside: &[],
        refused: &[],
        errs_when_solved: &[],
    },
    Case {
        name: "stored inputs, read back by the transpose",
        text: "feature x[8]; sample { choose 1 of x; } g[i] = x[i] & !x[i + 4] for i in 0..4;
            network { store x in 12 with rademacher; decoder transpose; }",
        beside: &[],
        refused: &[],
        errs_when_solved: &["channels", "shared_circuits", "naive"],
    },
    Case {
        name: "distributions that features have",
        text: "feature x[4], kind[4], pair[2][2], tail; sample { choose 1..=2 of x weighted zipf(1.0);
            each kind[i] with 0.4 when x[i] for i in 0..4; each pair[i] with 0.3 / (i + 1) correlated 0.5 for i in 0..2;
            each tail with zipf(0.5, 2.0); plant 0.25; }
            g[i] = x[i] & kind[i] for i in 0..4; both[i] = all(pair[i]) | tail for i in 0..2;",
        beside: &[],
        refused: &[],
        errs_when_solved: &[],
    },
];
