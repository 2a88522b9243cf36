//! Readers of some gates of a layer, fitted in several ways and held against other inputs.
//!
//! Must not know what is told of what comes out.

use std::ops::Range;

use ndarray::{Array2, ArrayView1, ArrayView2};

use super::drawn::{Counts, Drawn, Seen};
use super::judged::Judged;
use super::linear::{Directions, Linear};
use super::reader::{Reader, Scale, Values, alike};
use crate::circuit::inputs::plant::Planter;
use crate::circuit::{Circuit, GateId, Inputs, Kind, Signal};
use crate::kernels;
use crate::network::matrix::transposed;
use crate::readings::BLOCK;

/// Ways to read the gates of a layer.
pub const WAYS: usize = 5;

/// What all gates of all layers are held against.
pub struct Bench<'a> {
    pub circuit: &'a Circuit,
    pub seed: u64,
    pub fit: Drawn,
    pub judge: Drawn,
}

impl Bench<'_> {
    /// What each way of reading makes of some gates of a layer, counted from its first. `discriminant`: the layer's.
    pub fn judge(
        &self,
        layer: &Linear,
        discriminant: ArrayView2<f32>,
        gates: Range<u32>,
        first: u32,
        planter: &mut Planter,
        counts: &mut Counts,
    ) -> [Judged; WAYS] {
        let (own, standing) = layer.own((gates.start - first) as usize..(gates.end - first) as usize);
        let signals = gates.map(|gate| self.circuit.gate_signal(GateId(gate)));
        let gates: Vec<(Signal, Seen)> =
            signals.map(|signal| (signal, self.fit.seen(signal, self.seed, planter, counts))).collect();
        let standing = standing.into_iter().map(|(offset, threshold)| Reader {
            slope: 1.0,
            offset,
            threshold: threshold - offset,
        });
        let (each, together) = self.readers(&gates, &own);
        let [own0, own1, own2] = self.judged(&gates, &own, [standing.collect(), each, together]);
        let mut readers = Array2::zeros((gates.len(), discriminant.ncols()));
        for ((_, seen), mut row) in gates.iter().zip(readers.rows_mut()) {
            let row = row.as_slice_mut().expect("new arrays are row-major");
            kernels::sum_scaled_columns(&vec![0.0; row.len()], discriminant, &seen.features, &seen.shifts, row);
        }
        let other = layer.directions(readers.view());
        let (each, together) = self.readers(&gates, &other);
        let [other0, other1] = self.judged(&gates, &other, [each, together]);
        [own0, own1, own2, other0, other1]
    }

    /// Holds readers along a direction each against the truth.
    fn judged<const N: usize>(
        &self,
        gates: &[(Signal, Seen)],
        directions: &Directions,
        readers: [Vec<Reader>; N],
    ) -> [Judged; N] {
        let projected = projected(&self.judge.inputs, directions);
        readers.map(|readers| {
            let mut judged = Judged::nothing(self.judge.n_blocks());
            for ((reader, (signal, _)), projected) in readers.iter().zip(gates).zip(projected.rows()) {
                let (projected, _) = projected.to_slice().expect("rows are contiguous").as_chunks::<BLOCK>();
                for (block_idx, (truth, projected)) in self.judge.words(*signal).zip(projected).enumerate() {
                    judged.add(block_idx, truth, projected, reader);
                }
            }
            judged
        })
    }

    /// Readers of the gates along these directions, fitted to each by itself, and to those that are alike together.
    fn readers(&self, gates: &[(Signal, Seen)], directions: &Directions) -> (Vec<Reader>, Vec<Reader>) {
        let values = self.values(gates, directions);
        let scale = |((_, seen), direction): (&(Signal, Seen), ArrayView1<f32>)| {
            let direction = direction.to_slice().expect("rows are contiguous");
            let of_features = seen.features.iter().zip(&seen.shifts);
            let shift = of_features.map(|(&feature, shift)| shift * direction[feature as usize]).sum();
            Scale { mean: kernels::dot(direction, &self.fit.frequencies), shift }
        };
        let scales: Vec<Scale> = gates.iter().zip(directions.rows()).map(scale).collect();
        let mut readers = vec![None; gates.len()];
        for first in 0..gates.len() {
            if readers[first].is_none() {
                let kind = |place: usize| self.kind(gates[place].0);
                let places: Vec<usize> = (first..gates.len()).filter(|&place| kind(place) == kind(first)).collect();
                let same: Vec<(&Values, Scale)> = places.iter().map(|&place| (&values[place], scales[place])).collect();
                places.iter().zip(alike(&same)).for_each(|(&place, reader)| readers[place] = Some(reader));
            }
        }
        (values.iter().map(Reader::fitted).collect(), readers.into_iter().flatten().collect())
    }

    /// What makes gates alike.
    fn kind(&self, signal: Signal) -> (Kind, u32, bool) {
        let gate_id = self.circuit.as_gate(signal).expect("the signal of a gate");
        let gate = &self.circuit.gates[gate_id.0 as usize];
        (gate.kind, gate.n_operands, gate.complemented)
    }

    /// What is seen of each gate along its direction.
    fn values(&self, gates: &[(Signal, Seen)], directions: &Directions) -> Vec<Values> {
        let projected = projected(&self.fit.inputs, directions);
        let n_gates = 0..gates.len();
        n_gates
            .map(|gate_idx| {
                let (signal, seen) = &gates[gate_idx];
                let (direction, projected) = (directions.row(gate_idx), projected.row(gate_idx));
                let (mut on, mut off) = (Vec::new(), Vec::with_capacity(projected.len()));
                let projected = projected.to_slice().expect("rows are contiguous");
                for (truth, projected) in self.fit.words(*signal).zip(projected.chunks(BLOCK)) {
                    for (input_idx, &value) in projected.iter().enumerate() {
                        if truth >> input_idx & 1 == 1 { on.push(value) } else { off.push(value) }
                    }
                }
                for (inputs, class) in seen.planted.iter().zip([&mut off, &mut on]) {
                    class.extend(inputs.iter().map(|active| -> f32 {
                        active.iter().fold(0.0, |sum, &feature| sum + direction[feature as usize])
                    }));
                }
                Values::new(on, off, seen.p_on)
            })
            .collect()
    }
}

/// c · x: [directions, inputs].
fn projected(inputs: &Inputs, directions: &Directions) -> Array2<f32> {
    let by_feature = transposed(directions);
    let nothing = vec![0.0; directions.nrows()];
    let mut projected = Array2::zeros((inputs.len(), directions.nrows()));
    for (mut row, active) in projected.rows_mut().into_iter().zip(inputs.iter()) {
        kernels::sum_columns(
            &nothing,
            by_feature.view(),
            active,
            row.as_slice_mut().expect("new arrays are row-major"),
        );
    }
    transposed(&projected)
}
