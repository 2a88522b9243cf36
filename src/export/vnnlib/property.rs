//! A question to a verifier, as VNN-LIB 1.0 and 2.0 write it.
//!
//! A question is what must not be: is there an input of this case on which the read-off is wrong? `unsat` proves that
//! there is none. The bounds are not strict, since 1.0 knows no others. Sources: S. Demarchi, D. Guidotti, L. Pulina,
//! A. Tacchella, *Supporting standardization of neural networks verification with VNN-LIB and CoCoNet* (2023), and the
//! VNN-LIB 2.0 standard, <https://www.vnnlib.org>. Must not know a network.

use std::fmt::Write;

use super::region::Region;

/// The versions of the standard; the competition keeps a folder of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    One,
    Two,
}

impl Version {
    pub const ALL: [Version; 2] = [Version::One, Version::Two];

    pub fn folder(self) -> &'static str {
        match self {
            Version::One => "1.0",
            Version::Two => "2.0",
        }
    }

    /// An element of X or Y.
    fn element(self, tensor: &str, idx: usize) -> String {
        match self {
            Version::One => format!("{tensor}_{idx}"),
            Version::Two => format!("{tensor}[0,{idx}]"),
        }
    }

    fn declarations(self, n_inputs: usize, n_outputs: usize) -> String {
        match self {
            Version::One => {
                let inputs = (0..n_inputs).map(|idx| self.element("X", idx));
                let elements = inputs.chain((0..n_outputs).map(|idx| self.element("Y", idx)));
                elements.map(|element| format!("(declare-const {element} Real)\n")).collect()
            }
            Version::Two => format!(
                "(declare-network f\n  (declare-input X real [1,{n_inputs}])\n  \
                 (declare-output Y real [1,{n_outputs}])\n)\n"
            ),
        }
    }

    /// What stands before everything but comments.
    fn head(self) -> &'static str {
        match self {
            Version::One => "",
            Version::Two => "(vnnlib-version <2.0>)\n\n",
        }
    }
}

/// A read-off is wrong at a number or beyond it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wrong {
    AtMost(f64),
    AtLeast(f64),
}

impl Wrong {
    /// On the side of a threshold where it should not be. What lies at the threshold counts as off: of what should be
    /// off, the next number of f32 is the first wrong one.
    pub fn at(threshold: f32, truth: bool) -> Vec<Wrong> {
        vec![if truth { Wrong::AtMost(threshold.into()) } else { Wrong::AtLeast(threshold.into()) }]
    }

    /// This far from the truth, or farther.
    pub fn beyond(epsilon: f64, truth: bool) -> Vec<Wrong> {
        let truth = f64::from(u8::from(truth));
        vec![Wrong::AtMost(truth - epsilon), Wrong::AtLeast(truth + epsilon)]
    }

    fn comparison(self, element: &str) -> String {
        match self {
            Wrong::AtMost(bound) => format!("(<= {element} {})", number(bound)),
            Wrong::AtLeast(bound) => format!("(>= {element} {})", number(bound)),
        }
    }
}

/// One question. Outputs are those of the model: read-offs, the counts of the region, and the gadget's distance.
#[derive(Debug, Clone, PartialEq)]
pub struct Property<'a> {
    pub region: &'a Region,
    pub features: &'a [(u32, bool)],
    pub n_readoffs: usize,
    /// The read-off that is asked about.
    pub output: usize,
    /// Each is wrong.
    pub wrong: Vec<Wrong>,
    /// What is asked, for people; one line each.
    pub title: &'a [String],
}

impl Property<'_> {
    pub fn text(&self, version: Version) -> String {
        let Region { fixed, counts, .. } = self.region;
        let mut text = String::new();
        self.title.iter().for_each(|line| line_of(&mut text, format_args!("; {line}")));
        text.push('\n');
        text.push_str(version.head());
        text.push_str(&version.declarations(fixed.len(), self.n_readoffs + counts.len() + 1));

        let mut bounds: Vec<(f64, f64)> = fixed.iter().map(|fixed| fixed.map_or((0.0, 1.0), fixed_at)).collect();
        self.features.iter().for_each(|&(feature, value)| bounds[feature as usize] = fixed_at(value));
        line_of(&mut text, format_args!("\n; inputs"));
        for (feature, (least, most)) in bounds.into_iter().enumerate() {
            let element = version.element("X", feature);
            line_of(&mut text, format_args!("(assert (>= {element} {}))", number(least)));
            line_of(&mut text, format_args!("(assert (<= {element} {}))", number(most)));
        }
        for (count_idx, count) in counts.iter().enumerate() {
            let element = version.element("Y", self.n_readoffs + count_idx);
            let (least, most, n) = (count.least, count.most, count.members.len());
            let range = if least == most { least.to_string() } else { format!("{least} to {most}") };
            line_of(&mut text, format_args!("\n; {range} of {n} are on"));
            if least > 0 {
                line_of(&mut text, format_args!("(assert (>= {element} {}))", number(least.into())));
            }
            line_of(&mut text, format_args!("(assert (<= {element} {}))", number(most.into())));
        }
        line_of(&mut text, format_args!("\n; every input is 0 or 1"));
        let distance = version.element("Y", self.n_readoffs + counts.len());
        line_of(&mut text, format_args!("(assert (<= {distance} 0.0))"));

        line_of(&mut text, format_args!("\n; the read-off is wrong"));
        let element = version.element("Y", self.output);
        let wrong: Vec<String> = self.wrong.iter().map(|wrong| wrong.comparison(&element)).collect();
        match &wrong[..] {
            [only] => line_of(&mut text, format_args!("(assert {only})")),
            several => {
                let each: Vec<String> = several.iter().map(|wrong| format!("(and {wrong})")).collect();
                line_of(&mut text, format_args!("(assert (or {}))", each.join(" ")));
            }
        }
        text
    }
}

fn line_of(text: &mut String, line: std::fmt::Arguments) {
    writeln!(text, "{line}").expect("a text takes every line");
}

fn fixed_at(value: bool) -> (f64, f64) {
    let value = f64::from(u8::from(value));
    (value, value)
}

/// A decimal that is read back as the same number: the grammar of 2.0 has no exponents.
fn number(value: f64) -> String {
    let text = value.to_string();
    if text.contains('.') { text } else { text + ".0" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_point_and_no_exponent() {
        let small = f64::from(f32::MIN_POSITIVE);
        assert_eq!([0.0, 1.0, -0.45, 2e20].map(number), ["0.0", "1.0", "-0.45", "200000000000000000000.0"]);
        assert!(number(small).parse() == Ok(small) && !number(small).contains('e'));
    }

    #[test]
    fn at_a_threshold_a_gate_is_off() {
        assert_eq!(Wrong::at(0.5, true), [Wrong::AtMost(0.5)]);
        assert_eq!(Wrong::at(0.5, false), [Wrong::AtLeast(0.5)]);
        assert_eq!(Wrong::beyond(0.25, true), [Wrong::AtMost(0.75), Wrong::AtLeast(1.25)]);
    }
}
