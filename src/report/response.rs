//! Every read-off with the operands of one gate on and nothing else, of a network whose weights a page does not carry.
//!
//! Must not know what is drawn.

use ndarray::Array2;
use serde::Serialize;

use super::encode::Numbers;
use crate::circuit::{Circuit, GateId};
use crate::evaluate::dataset::as_written;
use crate::network::Network;
use crate::network::forward::Forward;

/// Gates that are looked at each way; of more, evenly some.
const MOST: usize = 200;

/// Of the gates that are looked at: a row for each whose operands are on, a column for each read-off, as written.
#[derive(Serialize)]
pub struct Response {
    gates: Vec<u32>,
    readings: Numbers,
    thresholds: Numbers,
}

impl Response {
    pub fn of(circuit: &Circuit, network: &Network) -> Response {
        let gates = looked_at(circuit.n_gates());
        let inputs: Vec<Vec<u32>> = gates.iter().map(|&gate| own_input(circuit, GateId(gate))).collect();
        let inputs: Vec<&[u32]> = inputs.iter().map(Vec::as_slice).collect();
        let forward = Forward::new(network);
        let activations = forward.run(&inputs);
        let mut readings = Array2::<f32>::zeros((inputs.len(), gates.len()));
        let mut thresholds = Vec::with_capacity(gates.len());
        for (mut column, &gate) in readings.columns_mut().into_iter().zip(&gates) {
            let (layer_idx, place) = circuit.place(GateId(gate));
            let written = |stored: f32| as_written(stored, circuit.gates[gate as usize].complemented);
            let mut row = Array2::zeros((1, inputs.len()));
            forward.read_off(layer_idx, place..place + 1, activations.layer(layer_idx), row.view_mut());
            column.assign(&row.row(0).mapv(written));
            thresholds.push(written(network.layers[layer_idx].readoff.threshold[place]));
        }
        Response { gates, readings: Numbers::f32(readings), thresholds: Numbers::f32(thresholds) }
    }
}

fn looked_at(n_gates: usize) -> Vec<u32> {
    let n = n_gates.min(MOST);
    (0..n).map(|place| (place * n_gates / n) as u32).collect()
}

/// The features that a gate reads without negation, down through the gates that it reads so; ascending.
fn own_input(circuit: &Circuit, gate: GateId) -> Vec<u32> {
    let mut is_seen = vec![false; circuit.n_signals()];
    let mut rest = vec![gate];
    while let Some(gate) = rest.pop() {
        for &operand in circuit.operands(gate) {
            let signal = operand.signal();
            if !circuit.is_negated(operand) && !std::mem::replace(&mut is_seen[signal.0 as usize], true) {
                rest.extend(circuit.as_gate(signal));
            }
        }
    }
    (0..circuit.n_features() as u32).filter(|&feature| is_seen[feature as usize]).collect()
}
