//! Which part of a stream is whose, from `-O1` on: every feature has a coordinate of its own, and the neurons of
//! each layer have, as long as the stream has room for them. Then nothing that is written ever covers anything else,
//! and what a layer has computed is read the same off every stream above it.
//!
//! Coordinates are those of a random orthonormal basis: along the axes of the stream itself nothing is to be seen. Of a
//! stream with more room than is needed there are no more coordinates than that.
//!
//! Must not know what is written.

use std::ops::Range;

use ndarray::{Array2, s};

use super::dictionary::{Dictionary, GAUSSIAN};
use super::orthonormal::orthonormal;
use crate::linear;
use crate::random::{self, Pcg64};

#[derive(Clone)]
pub struct Slots {
    /// [d, coordinates], orthonormal: a coordinate is a column.
    pub basis: Array2<f64>,
    /// Features, as unit vectors over the first coordinates: [features, of theirs].
    pub features: Array2<f64>,
    /// The coordinates that each layer writes to: its own, or some that it shares; as many as it has gates, at most,
    /// where those are fewer than its neurons.
    pub layers: Vec<Range<usize>>,
}

impl Slots {
    /// Of a stream of `d` dimensions. `layers`: the neurons and the gates of each. The first coordinates are the same
    /// whether all that there may be are asked for or not.
    pub fn of(
        d: usize,
        n_features: usize,
        layers: impl Iterator<Item = (usize, usize)> + Clone,
        seed: u64,
        all: bool,
    ) -> Slots {
        let rng = &mut random::stream(&[seed, random::key_of("slots")]);
        let sizes = layers.clone().map(size);
        let n_used = room(n_features, layers.clone());
        let basis = orthonormal(d, if all { d } else { d.min(n_used) }, rng);
        let rng = &mut random::stream(&[seed, random::key_of("slots: features")]);
        let features = codes(n_features, d.min(n_features), rng);
        if d < n_used {
            return Slots { basis, features, layers: sharing(d, layers) };
        }
        let starts = sizes.clone().scan(n_features, |end, size| {
            *end += size;
            Some(*end - size..*end)
        });
        Slots { basis, features, layers: starts.collect() }
    }

    /// Of a stream whose features lie along these directions, [features, d]: layers share all coordinates, its axes.
    pub fn along(features: Array2<f64>, layers: impl Iterator<Item = (usize, usize)>) -> Slots {
        let d = features.ncols();
        Slots { basis: Array2::eye(d), features, layers: sharing(d, layers) }
    }

    /// Whether each layer has coordinates of its own.
    pub fn has_room(&self) -> bool {
        let starts = self.layers.iter().map(|slot| slot.start);
        starts.eq(self.layers.iter().scan(self.features.ncols(), |end, slot| Some(std::mem::replace(end, slot.end))))
    }

    /// So many coordinates, the first, are anything above a layer.
    pub fn n_above(&self, layer_idx: usize) -> usize {
        if self.has_room() { self.layers[layer_idx].end } else { self.basis.ncols() }
    }

    /// Where layers must share what they write to.
    pub fn shared(&self) -> Slots {
        Slots { layers: vec![0..self.basis.ncols(); self.layers.len()], ..self.clone() }
    }

    /// What is written along the first coordinates, as it lies in the stream: [signals, d].
    pub fn in_stream(&self, rows: &Array2<f64>) -> Array2<f32> {
        linear::product(rows, &self.basis.slice(s![.., ..rows.ncols()]).t().to_owned()).mapv(|value| value as f32)
    }
}

/// Where layers write that have to share `d` coordinates: all, or as many as a layer has gates where its neurons are
/// more, elsewhere than the one below.
fn sharing(d: usize, layers: impl Iterator<Item = (usize, usize)>) -> Vec<Range<usize>> {
    let mut n_passed = 0;
    let shared = |(n, n_gates): (usize, usize)| {
        let size = if n > n_gates { n_gates.min(d) } else { d };
        let start = n_passed % (d - size + 1);
        n_passed += size;
        start..start + size
    };
    layers.map(shared).collect()
}

/// Dimensions of a stream in which every feature, and whatever layers write, has its own. `layers`: the neurons and the
/// gates of each.
pub fn room(n_features: usize, layers: impl Iterator<Item = (usize, usize)>) -> usize {
    n_features + layers.map(size).sum::<usize>()
}

/// What is written of a layer is read as its gates, and spans no more dimensions than they do.
fn size((n, n_gates): (usize, usize)) -> usize {
    n.min(n_gates)
}

/// One coordinate for each feature, or unit vectors of random direction over fewer.
fn codes(n_features: usize, n_coordinates: usize, rng: &mut Pcg64) -> Array2<f64> {
    if n_features == n_coordinates {
        return Array2::eye(n_features);
    }
    GAUSSIAN.draw(n_features, n_coordinates, rng).mapv(f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_finds_room_has_it_alone() {
        let layers = [(10, 40), (20, 5)];
        let slots = |d| Slots::of(d, 30, layers.into_iter(), 1, false);
        assert_eq!(slots(60).layers, [30..40, 40..45]);
        assert_eq!((slots(40).features.dim(), &slots(40).layers[..]), ((30, 30), &[0..40, 4..9][..]));
        assert_eq!((slots(20).features.dim(), &slots(20).layers[..]), ((30, 20), &[0..20, 4..9][..]));
        assert!(slots(45).has_room() && !slots(44).has_room());
        assert_eq!((slots(60).n_above(0), slots(20).n_above(0)), (40, 20));
        assert_eq!((slots(60).basis.dim(), slots(20).basis.dim()), ((60, 45), (20, 20)));
    }
}
