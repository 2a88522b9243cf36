//! Numbers as a page carries them: little-endian bytes in base64 (RFC 4648), matrices dense or by rows, whichever is
//! shorter.
//!
//! Must not know what the numbers are.

use ndarray::Array2;
use serde::Serialize;

use crate::network::matrix::{Matrix, SparseMatrix};

/// Bytes in base64.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Numbers(String);

/// A matrix; of one that is sparse by rows `indptr` and `indices` say where its values stand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    rows: usize,
    columns: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    indptr: Option<Numbers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    indices: Option<Numbers>,
    values: Numbers,
}

impl Numbers {
    pub fn f32(values: impl IntoIterator<Item = f32>) -> Numbers {
        Numbers(base64(values.into_iter().flat_map(f32::to_le_bytes)))
    }

    pub fn u32(values: impl IntoIterator<Item = u32>) -> Numbers {
        Numbers(base64(values.into_iter().flat_map(u32::to_le_bytes)))
    }
}

impl Table {
    pub fn of(matrix: &Matrix) -> Table {
        match matrix {
            Matrix::Dense(dense) => Table::dense(dense),
            Matrix::Sparse(sparse) => Table::sparse(sparse),
        }
    }

    pub fn dense(dense: &Array2<f32>) -> Table {
        let n_nonzeros = dense.iter().filter(|value| **value != 0.0).count();
        if 2 * n_nonzeros + dense.nrows() < dense.len() {
            return Table::sparse(&SparseMatrix::from_dense(dense));
        }
        let (rows, columns) = dense.dim();
        Table { rows, columns, indptr: None, indices: None, values: Numbers::f32(dense.iter().copied()) }
    }

    fn sparse(sparse: &SparseMatrix) -> Table {
        Table {
            rows: sparse.n_rows,
            columns: sparse.n_columns,
            indptr: Some(Numbers::u32(sparse.indptr.iter().copied())),
            indices: Some(Numbers::u32(sparse.indices.iter().copied())),
            values: Numbers::f32(sparse.values.iter().copied()),
        }
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: impl Iterator<Item = u8>) -> String {
    let bytes: Vec<u8> = bytes.collect();
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let at = |idx: usize| u32::from(three.get(idx).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let place = (bits >> (18 - 6 * digit) & 63) as usize;
            text.push(if digit <= three.len() { char::from(ALPHABET[place]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.bytes()), text);
        }
        assert_eq!(Numbers::f32([1.0, -0.0]), Numbers("AACAPwAAAIA=".into()));
    }

    #[test]
    fn a_matrix_travels_in_the_shorter_way() {
        let mostly_zeros = Array2::from_shape_fn((4, 8), |(row, column)| f32::from(u8::from(row == column)));
        assert!(Table::dense(&mostly_zeros).indptr.is_some());
        assert!(Table::dense(&Array2::ones((4, 8))).indptr.is_none());
    }
}
