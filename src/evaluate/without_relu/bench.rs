//! Readers of some gates of a layer, fitted in several ways and held against other inputs.
//!
//! Must not know what is told of what comes out.

use std::ops::Range;

use ndarray::Array2;

use super::drawn::{Counts, Drawn, Seen};
use super::judged::Judged;
use super::linear::{Directions, Linear};
use super::reader::{Reader, Values};
use crate::circuit::inputs::plant::Planter;
use crate::circuit::{Circuit, GateId, Inputs, Signal};
use crate::kernels;
use crate::network::matrix::transposed;
use crate::readings::BLOCK;

/// Ways to read the gates of a layer.
pub const WAYS: usize = 4;

/// What all gates of all layers are held against.
pub struct Bench<'a> {
    pub circuit: &'a Circuit,
    pub seed: u64,
    pub fit: Drawn,
    pub judge: Drawn,
}

impl Bench<'_> {
    /// What each way of reading makes of some gates of a layer: as the network does, with the best line and threshold
    /// along its own direction, and with those along either discriminant. `first`: the layer's first gate.
    pub fn judge(
        &self,
        layer: &Linear,
        discriminants: &[Array2<f32>; 2],
        gates: Range<u32>,
        first: u32,
        planter: &mut Planter,
        counts: &mut Counts,
    ) -> [Judged; WAYS] {
        let (own, standing) = layer.own((gates.start - first) as usize..(gates.end - first) as usize);
        let signals = gates.map(|gate| self.circuit.gate_signal(GateId(gate)));
        let seen = signals.map(|signal| (signal, self.fit.seen(signal, self.seed, planter, counts)));
        let gates: Vec<(Signal, Seen)> = seen.collect();
        let zeros = vec![0.0; discriminants[0].ncols()];
        let [independent, correlated] = discriminants.each_ref().map(|discriminant| {
            let mut readers = Array2::zeros((gates.len(), discriminant.ncols()));
            for ((_, seen), mut reader) in gates.iter().zip(readers.rows_mut()) {
                let reader = reader.as_slice_mut().expect("new arrays are row-major");
                kernels::sum_scaled_columns(&zeros, discriminant.view(), &seen.features, &seen.shifts, reader);
            }
            layer.directions(readers.view())
        });
        let best_along = |directions| self.judged(&gates, directions, &self.fitted(&gates, directions));
        let standing = self.judged(&gates, &own, &standing);
        [standing, best_along(&own), best_along(&independent), best_along(&correlated)]
    }

    /// Holds a reader of each gate along its direction against the truth.
    fn judged(&self, gates: &[(Signal, Seen)], directions: &Directions, readers: &[Reader]) -> Judged {
        let mut judged = Judged::nothing(self.judge.n_blocks());
        project(&self.judge.inputs, directions, |block_idx, place, values| {
            judged.add(block_idx, self.judge.word(block_idx, gates[place].0), values, &readers[place]);
        });
        judged
    }

    /// The best reader of each gate along its direction.
    fn fitted(&self, gates: &[(Signal, Seen)], directions: &Directions) -> Vec<Reader> {
        // Most gates are off on most inputs.
        let off = || Vec::with_capacity(self.fit.inputs.len());
        let of_gate = |(_, seen): &(Signal, Seen)| Values { on: Vec::new(), off: off(), p_on: seen.p_on };
        let mut all: Vec<Values> = gates.iter().map(of_gate).collect();
        project(&self.fit.inputs, directions, |block_idx, place, values| {
            let truth = self.fit.word(block_idx, gates[place].0);
            let of_gate = &mut all[place];
            match truth {
                0 => of_gate.off.extend_from_slice(values),
                _ => values.iter().enumerate().for_each(|(input_idx, &value)| match truth >> input_idx & 1 {
                    1 => of_gate.on.push(value),
                    _ => of_gate.off.push(value),
                }),
            }
        });
        for (values, ((_, seen), direction)) in all.iter_mut().zip(gates.iter().zip(directions.rows())) {
            let value = |active: &[u32]| active.iter().fold(0.0, |sum, &feature| sum + direction[feature as usize]);
            values.off.extend(seen.planted[0].iter().map(value));
            values.on.extend(seen.planted[1].iter().map(value));
        }
        all.iter().map(Reader::fitted).collect()
    }
}

/// Hands on c · x of the inputs, block by block of 64, and in each by direction.
fn project(inputs: &Inputs, directions: &Directions, mut act: impl FnMut(usize, usize, &[f32; BLOCK])) {
    let by_feature = transposed(directions);
    let zeros = vec![0.0; directions.nrows()];
    let (mut sums, mut values) = (zeros.clone(), vec![[0.0; BLOCK]; directions.nrows()]);
    for block_idx in 0..inputs.len() / BLOCK {
        for input_idx in 0..BLOCK {
            kernels::sum_columns(&zeros, by_feature.view(), inputs.get(block_idx * BLOCK + input_idx), &mut sums);
            values.iter_mut().zip(&sums).for_each(|(values, &sum)| values[input_idx] = sum);
        }
        values.iter().enumerate().for_each(|(place, values)| act(block_idx, place, values));
    }
}
