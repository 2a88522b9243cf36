//! Questions about every gate for the verifiers of neural networks: ONNX and VNN-LIB, laid out as the benchmarks of
//! their competition, VNN-COMP, are.
//!
//! `region` says which inputs there are, `cases` parts them by what decides a gate, `gadget` makes neurons that tell a
//! verifier of real numbers which inputs those are, `model` puts them beside the network, `property` asks. Must not
//! know how a network comes about, nor who answers.

mod cases;
mod gadget;
mod model;
mod property;
mod region;

use std::borrow::Cow;

use cases::{Case, Decider, MOST_CASES};
use gadget::Gadget;
use model::Read;
use property::{Property, Version, Wrong};
use region::Region;

use super::error::Error;
use super::format::{Caveat, Export, File, Format, Request};
use crate::circuit::{Circuit, GateId};
use crate::network::Network;
use crate::readings::belongs;
use crate::text::counted;

pub const VNNLIB: Format = Format {
    name: "vnnlib",
    summary: "for verifiers of neural networks: ONNX and VNN-LIB 1.0 and 2.0, laid out as for VNN-COMP",
    export,
};

/// Bounds of all questions: each bounds every input, and declares every output.
const MOST_BOUNDS: u64 = 1 << 20;

/// Weights of one model, zeros included: a quarter of a gigabyte.
const MOST_WEIGHTS: u64 = 1 << 26;

/// Gates that a caveat names.
const N_NAMED: usize = 4;

/// For every gate that is asked about, and every case of its features, whether it can be read wrong.
fn export(circuit: &Circuit, network: &Network, request: &Request) -> Result<Export, Error> {
    belongs(circuit, network)?;
    let other = network.layers.iter().find_map(|layer| Some((layer.name.clone(), layer.block.activation()?.name())));
    if let Some((layer, activation)) = other {
        return Err(Error::NotOfRelus { layer, activation });
    }
    let network = &*network.without_offsets();
    let circuit = &*match request.support {
        Some(most) => Cow::Owned(circuit.with_at_most(most)),
        None => Cow::Borrowed(circuit),
    };
    let n_rows = circuit.distribution.rows.as_ref().map_or(0, |rows| rows.inputs.len() as u64);
    let region = Region::of(&circuit.distribution, circuit.n_features()).ok_or(Error::Rows { n_rows })?;
    let gadget = Gadget::of(&region);
    let asked = Asked::new(circuit, request, &region)?;
    let mut files = Vec::new();
    let mut instances = Version::ALL.map(|_| String::new());
    for layer_idx in 0..circuit.layers.len() {
        let questions = asked.of_layer(circuit, layer_idx);
        let mut signals: Vec<usize> = questions.iter().map(|question| circuit.place(question.gate).1).collect();
        signals.dedup();
        if signals.is_empty() {
            continue;
        }
        let layer = &circuit.layers[layer_idx].name;
        let read = Read { network, layer_idx, signals: &signals, gadget: &gadget };
        let n_weights = read.n_weights();
        if n_weights > MOST_WEIGHTS {
            return Err(Error::TooManyWeights { layer: layer.clone(), n_weights, most: MOST_WEIGHTS });
        }
        let model = format!("onnx/{layer_idx}_{}.onnx", file_name(layer));
        let bytes = read.graph(&circuit.name).to_bytes();
        let of_version = |version: Version, path: &str, bytes: Vec<u8>| -> File {
            File { path: format!("{}/{path}", version.folder()), bytes }
        };
        files.extend(Version::ALL.map(|version| of_version(version, &model, bytes.clone())));
        for question in questions {
            let output = signals.binary_search(&circuit.place(question.gate).1).expect("it is read");
            let threshold = network.layers[layer_idx].readoff.threshold[signals[output]];
            let wrong = match request.epsilon {
                Some(epsilon) => Wrong::beyond(epsilon, question.case.value),
                None => Wrong::at(threshold, question.case.value),
            };
            let title = question.title(circuit, output);
            let features = &question.case.features;
            let (region, n_readoffs) = (&region, signals.len());
            let property = Property { region, features, n_readoffs, output, wrong, title: &title };
            let path = format!("vnnlib/{}.vnnlib", question.file_name(circuit));
            for (version, instances) in Version::ALL.into_iter().zip(&mut instances) {
                files.push(of_version(version, &path, property.text(version).into_bytes()));
                instances.push_str(&format!("{model},{path},{}\n", request.timeout));
            }
        }
    }
    let listed = Version::ALL.into_iter().zip(instances);
    files.extend(
        listed.map(|(version, rows)| File {
            path: format!("{}/instances.csv", version.folder()),
            bytes: rows.into_bytes(),
        }),
    );
    let n_gates = counted(asked.n_gates as u64, "gate");
    let summary = format!("{} about {n_gates}", counted(asked.questions.len() as u64, "question"));
    Ok(Export { files, summary, caveats: asked.caveats(circuit) })
}

/// All that is asked, gate by gate.
struct Asked {
    questions: Vec<Question>,
    /// Gates that something is asked about.
    n_gates: usize,
    left_out: Vec<GateId>,
}

/// Whether a gate can be read wrong on an input of one case.
struct Question {
    gate: GateId,
    /// Of the gate's.
    case_idx: usize,
    case: Case,
}

impl Asked {
    fn new(circuit: &Circuit, request: &Request, region: &Region) -> Result<Asked, Error> {
        let gates = match &request.gates {
            Some(gates) => gates.clone(),
            None => (0..circuit.n_gates() as u32).map(GateId).collect(),
        };
        let mut decider = Decider::new(circuit, region);
        let mut asked = Asked { questions: Vec::new(), n_gates: 0, left_out: Vec::new() };
        // A question declares what its layer's model reads.
        let n_outputs = gates.len().min(circuit.layers.iter().map(|layer| layer.gates.len()).max().unwrap_or(0));
        let n_bounds = (circuit.n_features() + n_outputs) as u64;
        for &gate in &gates {
            match decider.cases(gate) {
                None => asked.left_out.push(gate),
                Some(cases) => {
                    asked.n_gates += 1;
                    let cases = cases.into_iter().enumerate();
                    asked.questions.extend(cases.map(|(case_idx, case)| Question { gate, case_idx, case }));
                }
            }
            if asked.questions.len() as u64 * n_bounds > MOST_BOUNDS {
                return Err(Error::TooManyGates { n_gates: gates.len() as u64, n_bounds, most: MOST_BOUNDS });
            }
        }
        match asked.questions.is_empty() {
            true => Err(Error::NothingLeft { most: MOST_CASES as u64 }),
            false => Ok(asked),
        }
    }

    /// In order.
    fn of_layer(&self, circuit: &Circuit, layer_idx: usize) -> Vec<&Question> {
        self.questions.iter().filter(|question| circuit.place(question.gate).0 == layer_idx).collect()
    }

    /// What the questions do not say of the circuit.
    fn caveats(&self, circuit: &Circuit) -> Vec<Caveat> {
        let mut caveats = Vec::new();
        if circuit.distribution.plant >= 1.0 {
            caveats.push(Caveat {
                fact: "`plant 1` draws no input without a planted gate, which bounds and counts cannot say: the \
                       questions are about all inputs that its clauses allow"
                    .into(),
                meaning: "`unsat` proves that a gate is right on planted inputs as well; what `sat` finds may be an \
                          input that is never drawn"
                    .into(),
            });
        }
        if circuit.distribution.clauses.iter().any(|clause| !clause.children().is_empty()) {
            caveats.push(Caveat {
                fact: "`when` draws features only where others are on, which bounds and counts cannot say: the \
                       questions leave them free"
                    .into(),
                meaning:
                    "`unsat` proves that a gate is right on all inputs that are drawn; what `sat` finds may be an \
                          input that is never drawn"
                        .into(),
            });
        }
        if !self.left_out.is_empty() {
            let name = |gate: &GateId| format!("`{}`", circuit.name(circuit.gate_signal(*gate)));
            let names: Vec<String> = self.left_out.iter().take(N_NAMED).map(name).collect();
            let more = if self.left_out.len() > N_NAMED { ", …" } else { "" };
            caveats.push(Caveat {
                fact: format!(
                    "{} left out, which features decide in more than {MOST_CASES} ways: {}{more}",
                    counted(self.left_out.len() as u64, "gate"),
                    names.join(", ")
                ),
                meaning: "`superpose verify` may decide them".into(),
            });
        }
        caveats
    }
}

impl Question {
    /// As written, not as stored.
    fn is_on(&self, circuit: &Circuit) -> bool {
        self.case.value != circuit.gates[self.gate.0 as usize].complemented
    }

    fn title(&self, circuit: &Circuit, output: usize) -> Vec<String> {
        let name = circuit.name(circuit.gate_signal(self.gate));
        let value = |on: bool| if on { "on" } else { "off" };
        let decided = self.case.features.iter();
        let decided: Vec<String> =
            decided.map(|&(feature, on)| format!("{} {}", circuit.names.get(feature as usize), value(on))).collect();
        let case = if decided.is_empty() { "every input".into() } else { decided.join(", ") };
        let stored = if circuit.gates[self.gate.0 as usize].complemented { ", complemented" } else { "" };
        vec![
            format!("{}: {name} is {} with {case}", circuit.name, value(self.is_on(circuit))),
            format!("output {output} reads {name}{stored}; sat: on this input it is read wrong, unsat: on none"),
        ]
    }

    fn file_name(&self, circuit: &Circuit) -> String {
        let Question { gate, case_idx, .. } = self;
        let name = file_name(circuit.name(circuit.gate_signal(*gate)));
        format!("{}_{name}_{}_{}", gate.0, case_idx, if self.is_on(circuit) { "on" } else { "off" })
    }
}

/// A name as a part of a file's: `both[0][1]` is `both_0_1`. What is lost is in the number before it.
fn file_name(name: &str) -> String {
    const MOST_LETTERS: usize = 64;
    let parts = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("_").chars().take(MOST_LETTERS).collect()
}
