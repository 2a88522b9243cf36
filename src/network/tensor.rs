//! One tensor of a network: its name, where it stands, and the shape that fits its neighbours.
//!
//! A kind of layer lists its own as rows; whoever writes, reads, checks or hashes walks them (`tensors`). Must not know
//! which there are.

use ndarray::Array2;

use super::matrix::Matrix;

/// What is stored.
#[derive(Debug, Clone, Copy)]
pub enum Tensor<'a> {
    Dense(&'a Array2<f32>),
    /// Dense, or sparse by rows.
    Matrix(&'a Matrix),
    Vector(&'a [f32]),
}

/// Where a tensor goes that is read.
#[derive(Debug)]
pub enum Slot<'a> {
    Dense(&'a mut Array2<f32>),
    Matrix(&'a mut Matrix),
    /// It may be absent.
    Optional(&'a mut Option<Matrix>),
    Vector(&'a mut Vec<f32>),
}

/// The sizes around a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// n_{l-1}.
    pub n_below: usize,
    pub n_signals_below: usize,
    /// n_l.
    pub width: usize,
    /// Rows of W, and of C, for each neuron.
    pub n_maps: usize,
    /// What the layer hands up: n_l, or d.
    pub n_above: usize,
    pub n_signals: usize,
}

/// (rows, columns); of a vector (length, 1).
pub type Shape = fn(&Sizes) -> (usize, usize);

/// A tensor of whatever `T` is.
pub struct TensorRow<T: 'static> {
    pub name: &'static str,
    pub shape: Shape,
    pub place: Place<T>,
}

/// How to get at it, and how to change it.
pub enum Place<T: 'static> {
    Dense(fn(&T) -> &Array2<f32>, fn(&mut T) -> &mut Array2<f32>),
    Matrix(fn(&T) -> &Matrix, fn(&mut T) -> &mut Matrix),
    Optional(fn(&T) -> &Option<Matrix>, fn(&mut T) -> &mut Option<Matrix>),
    Vector(fn(&T) -> &Vec<f32>, fn(&mut T) -> &mut Vec<f32>),
}

impl<T> TensorRow<T> {
    /// `None` where it is absent.
    pub fn tensor<'a>(&self, of: &'a T) -> Option<Tensor<'a>> {
        match self.place {
            Place::Dense(get, _) => Some(Tensor::Dense(get(of))),
            Place::Matrix(get, _) => Some(Tensor::Matrix(get(of))),
            Place::Optional(get, _) => get(of).as_ref().map(Tensor::Matrix),
            Place::Vector(get, _) => Some(Tensor::Vector(get(of))),
        }
    }

    pub fn slot<'a>(&self, of: &'a mut T) -> Slot<'a> {
        match self.place {
            Place::Dense(_, get) => Slot::Dense(get(of)),
            Place::Matrix(_, get) => Slot::Matrix(get(of)),
            Place::Optional(_, get) => Slot::Optional(get(of)),
            Place::Vector(_, get) => Slot::Vector(get(of)),
        }
    }
}

/// Visits name, fitting shape and tensor (`None` where it is absent) of each row.
pub fn each_of<'a, T, E>(
    rows: &[TensorRow<T>],
    of: &'a T,
    visit: &mut impl FnMut(&'static str, Shape, Option<Tensor<'a>>) -> Result<(), E>,
) -> Result<(), E> {
    rows.iter().try_for_each(|row| visit(row.name, row.shape, row.tensor(of)))
}

/// The same, to be filled in.
pub fn each_slot_of<T, E>(
    rows: &[TensorRow<T>],
    of: &mut T,
    visit: &mut impl FnMut(&'static str, Shape, Slot<'_>) -> Result<(), E>,
) -> Result<(), E> {
    rows.iter().try_for_each(|row| visit(row.name, row.shape, row.slot(of)))
}

impl<'a> Tensor<'a> {
    /// (rows, columns); of a vector (length, 1).
    pub fn shape(self) -> (usize, usize) {
        match self {
            Tensor::Dense(dense) => dense.dim(),
            Tensor::Matrix(matrix) => matrix.shape(),
            Tensor::Vector(vector) => (vector.len(), 1),
        }
    }

    /// All stored values, row by row.
    pub fn values(self) -> &'a [f32] {
        match self {
            Tensor::Dense(dense) => dense.as_slice().expect("matrices are kept row-major"),
            Tensor::Matrix(matrix) => matrix.values(),
            Tensor::Vector(vector) => vector,
        }
    }

    /// How many values are not zero.
    pub fn n_nonzeros(self) -> usize {
        self.values().iter().filter(|value| **value != 0.0).count()
    }
}
