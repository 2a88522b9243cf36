//! A proof written down, so that somebody else's program can check every number of it against the network's file.
//!
//! - `format`, `superpose`, `circuit`: of this layout, the version that wrote it, what of.
//! - `network`: the SHA-256 of its file, as it is on disk.
//! - `statement`: what is proved. Every read-off is strictly within `epsilon` of the truth, or (`null`) on its side
//!   of its threshold; over what `sample` can draw, or (`support`) any so many features on at most; of so many
//!   `gates`.
//! - `support`: the inputs. Of the `features`, those that are `always` on; of each of `groups` at least `least` of
//!   its `features`, and at most `most` of these and of its `rows` (a row shows up with any of its features on); no
//!   other. Of each pair in `implied`, if there are any, the second is on wherever the first is. Or else `rows`: the
//!   inputs themselves. `planted`: of these, those on which all operands of some gate of layer 0 are as it has them.
//! - `inputs`: how many distinct ones, to the nearest double, `planted` left aside.
//! - `tolerance`: no input reads worse than a worst reading by more than this.
//! - `gates`: every gate of the circuit, layer by layer, in the order of the network's read-offs. Signal i is
//!   feature i, or gate i − features.
//!
//! Of a gate: `kind` and its `count`; `operands` as [signal, value with which the operand is true]; whether its
//! `complemented` value is what is stored, which is the one that operands, thresholds and readings mean;
//! `threshold`; `rounding`, the most that the f32 network can be off in any order of sums (`null`: no bound, as f32
//! might overflow); and its `worst` readings, in real arithmetic, with the features of the input that has them
//! (`null`: no input does). `rounding` and `worst` are `null` of a gate that nothing was asked of.
//!
//! Numbers read back exactly. Must not know how worst cases are found, nor where a file is.

use std::fmt;

use serde::Serialize;

use super::asked::Request;
use super::proof::{GateProof, Proof, TOLERANCE};
use super::worst::Extreme;
use crate::circuit::inputs::enumerate;
use crate::circuit::inputs::forest::Forest;
use crate::circuit::inputs::support::Part;
use crate::circuit::{Circuit, GateId, Inputs, Member};
use crate::network::Network;
use crate::program::Status;
use crate::text::{precise, shown};

const FORMAT: u32 = 1;

/// Why there is no certificate of a proof.
#[derive(Debug, Clone, PartialEq)]
pub enum Uncertified {
    NotProved(Status),
    /// The budget ended before the worst case of this gate was found, or it was not asked for.
    WorstUnknown(String),
    /// This gate is right by no more than what worst cases are known to.
    TooNear(String, f64),
}

impl fmt::Display for Uncertified {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Uncertified::NotProved(status) => write!(f, "the network is {}", status.name()),
            Uncertified::WorstUnknown(gate) => {
                write!(f, "the worst case of `{}` is not known", shown(gate))
            }
            Uncertified::TooNear(gate, margin) => {
                let (gate, margin) = (shown(gate), precise(*margin));
                write!(f, "`{gate}` keeps a margin of {margin} in real arithmetic, and worst cases are to {TOLERANCE}")
            }
        }
    }
}

impl std::error::Error for Uncertified {}

impl Uncertified {
    /// What can be done about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Uncertified::NotProved(_) => None,
            Uncertified::WorstUnknown(_) => Some("give a longer `--budget`, or none"),
            Uncertified::TooNear(..) => Some("give the network more neurons, or a longer fit"),
        }
    }
}

#[derive(Serialize)]
struct NetworkFile<'a> {
    sha256: &'a str,
}

#[derive(Serialize)]
struct Statement {
    epsilon: Option<f64>,
    support: Option<u32>,
    gates: usize,
}

#[derive(Serialize)]
struct Support<'a> {
    features: u32,
    always: Vec<u32>,
    groups: Vec<Group>,
    rows: Option<Vec<&'a [u32]>>,
    planted: bool,
    /// Pairs of features of which the second is on wherever the first is; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    implied: Vec<(u32, u32)>,
}

#[derive(Serialize)]
struct Group {
    features: Vec<u32>,
    rows: Vec<Vec<u32>>,
    least: u32,
    most: u32,
}

#[derive(Serialize)]
struct Gate<'a> {
    name: &'a str,
    layer: usize,
    kind: &'static str,
    count: Option<u32>,
    operands: Vec<(u32, bool)>,
    complemented: bool,
    threshold: f64,
    rounding: Option<f64>,
    worst: Option<Worst<'a>>,
}

/// Those that can be wrong, and no others.
#[derive(Serialize)]
struct Worst<'a> {
    highest_off: Option<Reading<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lowest_off: Option<Option<Reading<'a>>>,
    lowest_on: Option<Reading<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    highest_on: Option<Option<Reading<'a>>>,
}

#[derive(Serialize)]
struct Reading<'a> {
    reading: f64,
    on: &'a [u32],
}

/// The certificate of a proof, as JSON with a gate a line; `proof` is of this circuit and network over what `request`
/// asks for, `sha256` the hexadecimal digest of the network's file.
///
/// # Errors
/// Where there is nothing to certify.
pub fn certificate(
    circuit: &Circuit,
    network: &Network,
    request: &Request,
    proof: &Proof,
    sha256: &str,
) -> Result<String, Uncertified> {
    if proof.status != Status::Proved {
        return Err(Uncertified::NotProved(proof.status));
    }
    let circuit = request.over(circuit);
    let mut proofs = proof.gates.iter().peekable();
    let mut gates = Vec::with_capacity(circuit.n_gates());
    for gate in (0..circuit.n_gates() as u32).map(GateId) {
        let proof = proofs.next_if(|proof| proof.gate == gate);
        gates.push(json(&Gate::of(&circuit, network, gate, proof, request.epsilon)?));
    }
    let statement = Statement { epsilon: request.epsilon, support: request.support, gates: proof.gates.len() };
    let fields = [
        ("format", json(&FORMAT)),
        ("superpose", json(&env!("CARGO_PKG_VERSION"))),
        ("circuit", json(&circuit.name)),
        ("network", json(&NetworkFile { sha256 })),
        ("statement", json(&statement)),
        ("support", json(&Support::of(&circuit))),
        ("inputs", json(&n_inputs(&circuit))),
        ("tolerance", json(&TOLERANCE)),
        ("gates", format!("[\n    {}\n  ]", gates.join(",\n    "))),
    ];
    let fields = fields.map(|(name, value)| format!("  \"{name}\": {value}"));
    Ok(format!("{{\n{}\n}}\n", fields.join(",\n")))
}

impl Support<'_> {
    fn of(circuit: &Circuit) -> Support<'_> {
        let distribution = &circuit.distribution;
        let planted = distribution.plant >= 1.0;
        let features = circuit.n_features;
        if let Some(rows) = &distribution.rows {
            let rows = Some(distinct(&rows.inputs));
            return Support { features, always: Vec::new(), groups: Vec::new(), rows, planted, implied: Vec::new() };
        }
        let forest = Forest::of(&distribution.clauses, circuit.n_features());
        let implied = forest.map_or(Vec::new(), |forest| forest.pairs());
        let mut support = Support { features, always: Vec::new(), groups: Vec::new(), rows: None, planted, implied };
        for part in distribution.clauses.iter().flat_map(Part::of) {
            match part {
                Part::Always(features) => support.always.extend(features),
                Part::Some { members, least, most } => {
                    let mut group = Group { features: Vec::new(), rows: Vec::new(), least, most };
                    for member in members.iter() {
                        match member {
                            Member::One(feature) => group.features.push(*feature),
                            Member::Row(row) => group.rows.push(row.clone().collect()),
                        }
                    }
                    support.groups.push(group);
                }
            }
        }
        support
    }
}

impl<'a> Gate<'a> {
    fn of(
        circuit: &'a Circuit,
        network: &Network,
        gate: GateId,
        proof: Option<&'a GateProof>,
        epsilon: Option<f64>,
    ) -> Result<Gate<'a>, Uncertified> {
        let written = &circuit.gates[gate.0 as usize];
        let (layer, signal_idx) = circuit.place(gate);
        let name = circuit.name(circuit.gate_signal(gate));
        let operands = circuit.operands(gate).iter().map(|operand| (operand.signal().0, !operand.negated()));
        let worst = proof.map(|proof| Worst::of(proof, name, epsilon)).transpose()?;
        Ok(Gate {
            name,
            layer,
            kind: written.kind.name(),
            count: written.kind.count(),
            operands: operands.collect(),
            complemented: written.complemented,
            threshold: network.layers[layer].readoff.threshold[signal_idx].into(),
            rounding: proof.map(|proof| proof.rounding),
            worst,
        })
    }
}

impl<'a> Worst<'a> {
    fn of(proof: &'a GateProof, name: &str, epsilon: Option<f64>) -> Result<Worst<'a>, Uncertified> {
        let margin = proof.margin.ok_or_else(|| Uncertified::WorstUnknown(name.to_string()))?;
        if margin <= TOLERANCE {
            return Err(Uncertified::TooNear(name.to_string(), margin));
        }
        let reading = |extreme: &'a Option<Extreme>| {
            let extreme = extreme.as_ref().filter(|extreme| extreme.reading.is_finite());
            extreme.map(|extreme| Reading { reading: extreme.reading, on: &extreme.on })
        };
        let [highest, lowest] = [&proof.worst.highest, &proof.worst.lowest];
        Ok(Worst {
            highest_off: reading(&highest[0]),
            lowest_off: epsilon.map(|_| reading(&lowest[0])),
            lowest_on: reading(&lowest[1]),
            highest_on: epsilon.map(|_| reading(&highest[1])),
        })
    }
}

/// How many distinct inputs there are, to the nearest double, before any is left out where all have a gate planted.
fn n_inputs(circuit: &Circuit) -> f64 {
    match &circuit.distribution.rows {
        Some(rows) => distinct(&rows.inputs).len() as f64,
        None => enumerate::count(circuit) as f64,
    }
}

/// Each input once, in lexical order.
fn distinct(inputs: &Inputs) -> Vec<&[u32]> {
    let mut distinct: Vec<&[u32]> = inputs.iter().collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a certificate has no key that is not text")
}
