//! A matrix that is dense or sparse by rows, whichever is smaller.

use ndarray::Array2;

#[derive(Debug, Clone, PartialEq)]
pub enum Matrix {
    Dense(Array2<f32>),
    Sparse(SparseMatrix),
}

/// Compressed rows: row i is `indices[indptr[i]..indptr[i + 1]]`, ascending, with `values` beside.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseMatrix {
    pub n_rows: usize,
    pub n_columns: usize,
    pub indptr: Vec<u32>,
    pub indices: Vec<u32>,
    pub values: Vec<f32>,
}

impl Matrix {
    pub fn n_rows(&self) -> usize {
        match self {
            Matrix::Dense(dense) => dense.nrows(),
            Matrix::Sparse(sparse) => sparse.n_rows,
        }
    }
    pub fn n_columns(&self) -> usize {
        match self {
            Matrix::Dense(dense) => dense.ncols(),
            Matrix::Sparse(sparse) => sparse.n_columns,
        }
    }
}
