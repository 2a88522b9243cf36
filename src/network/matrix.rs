//! A matrix that is dense or sparse by rows, whichever is smaller.
//!
//! Products have fixed bits: each output element is one chain of fused multiply-adds over ascending k, from +0. A zero
//! factor adds ±0 to such a chain, which changes no bit of a sum that started at +0, so a sparse factor gives the
//! bits of the dense one. Must not know what its rows and columns stand for.

use ndarray::Array2;

use crate::kernels;

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

/// What makes compressed rows invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SparseFault {
    #[error("its row pointers do not rise from 0 to the number of its values, one for each row and one more")]
    RowPointers,
    #[error("the column indices of a row do not ascend below the number of columns")]
    ColumnIndices,
}

impl SparseMatrix {
    /// All zeros.
    pub fn zeros(n_rows: usize, n_columns: usize) -> SparseMatrix {
        SparseMatrix { n_rows, n_columns, indptr: vec![0; n_rows + 1], indices: Vec::new(), values: Vec::new() }
    }

    /// From (row, column, value) in any order; equal places are added in the order given.
    ///
    /// Panics when a place lies outside, as an array would.
    pub fn from_triplets(n_rows: usize, n_columns: usize, triplets: &[(u32, u32, f32)]) -> SparseMatrix {
        let mut starts = vec![0u32; n_rows + 1];
        for &(row, _, _) in triplets {
            starts[row as usize + 1] += 1;
        }
        for row in 0..n_rows {
            starts[row + 1] += starts[row];
        }
        let mut by_row = vec![(0u32, 0f32); triplets.len()];
        let mut next = starts.clone();
        for &(row, column, value) in triplets {
            let place = &mut next[row as usize];
            by_row[*place as usize] = (column, value);
            *place += 1;
        }
        let mut matrix = SparseMatrix::with_columns(n_columns);
        for row in 0..n_rows {
            let entries = &mut by_row[starts[row] as usize..starts[row + 1] as usize];
            entries.sort_by_key(|&(column, _)| column);
            matrix.push_row(entries.iter().copied());
        }
        matrix
    }

    /// No rows yet; see [`SparseMatrix::push_row`].
    pub fn with_columns(n_columns: usize) -> SparseMatrix {
        SparseMatrix::zeros(0, n_columns)
    }

    /// Adds a row of (column, value), columns ascending; values of equal columns are added.
    ///
    /// Panics when columns descend or lie outside.
    pub fn push_row(&mut self, entries: impl IntoIterator<Item = (u32, f32)>) {
        let start = self.indices.len();
        for (column, value) in entries {
            assert!((column as usize) < self.n_columns, "column {column} of {}", self.n_columns);
            match self.indices[start..].last() {
                Some(&last) if last == column => *self.values.last_mut().expect("a value for each index") += value,
                Some(&last) => {
                    assert!(last < column, "columns of a row ascend: {column} after {last}");
                    self.indices.push(column);
                    self.values.push(value);
                }
                None => {
                    self.indices.push(column);
                    self.values.push(value);
                }
            }
        }
        self.n_rows += 1;
        let end = i32::try_from(self.indices.len()).expect("a sparse matrix holds fewer than 2^31 values");
        self.indptr.push(end.unsigned_abs());
    }

    /// What is not zero of a dense matrix.
    pub fn from_dense(dense: &Array2<f32>) -> SparseMatrix {
        let mut matrix = SparseMatrix::with_columns(dense.ncols());
        for row in dense.rows() {
            let entries = row.iter().enumerate().filter(|(_, value)| **value != 0.0);
            matrix.push_row(entries.map(|(column, &value)| (column as u32, value)));
        }
        matrix
    }

    /// Columns, ascending, and their values.
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let places = self.indptr[row] as usize..self.indptr[row + 1] as usize;
        (&self.indices[places.clone()], &self.values[places])
    }

    pub fn transpose(&self) -> SparseMatrix {
        let mut indptr = vec![0u32; self.n_columns + 1];
        for &column in &self.indices {
            indptr[column as usize + 1] += 1;
        }
        for column in 0..self.n_columns {
            indptr[column + 1] += indptr[column];
        }
        let mut next = indptr.clone();
        let mut indices = vec![0u32; self.indices.len()];
        let mut values = vec![0f32; self.values.len()];
        for row in 0..self.n_rows {
            let (columns, row_values) = self.row(row);
            for (&column, &value) in columns.iter().zip(row_values) {
                let place = next[column as usize] as usize;
                indices[place] = row as u32;
                values[place] = value;
                next[column as usize] += 1;
            }
        }
        SparseMatrix { n_rows: self.n_columns, n_columns: self.n_rows, indptr, indices, values }
    }

    pub fn to_dense(&self) -> Array2<f32> {
        let mut dense = Array2::zeros((self.n_rows, self.n_columns));
        for (row, mut target) in dense.rows_mut().into_iter().enumerate() {
            let (columns, values) = self.row(row);
            for (&column, &value) in columns.iter().zip(values) {
                target[column as usize] = value;
            }
        }
        dense
    }

    /// Whether the three vectors describe a matrix of this shape. Everything else here takes that for granted.
    pub fn validate(&self) -> Result<(), SparseFault> {
        let n_values = self.values.len();
        let rises = self.indptr.first() == Some(&0)
            && self.indptr.len() == self.n_rows.saturating_add(1)
            && self.indptr.windows(2).all(|pair| pair[0] <= pair[1])
            && self.indptr.last().is_some_and(|&end| end as usize == n_values)
            && self.indices.len() == n_values;
        if !rises {
            return Err(SparseFault::RowPointers);
        }
        for row in 0..self.n_rows {
            let columns = self.row(row).0;
            let ascend = columns.windows(2).all(|pair| pair[0] < pair[1]);
            if !ascend || columns.last().is_some_and(|&column| column as usize >= self.n_columns) {
                return Err(SparseFault::ColumnIndices);
            }
        }
        Ok(())
    }
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

    /// (rows, columns)
    pub fn shape(&self) -> (usize, usize) {
        (self.n_rows(), self.n_columns())
    }

    pub fn identity(n: usize) -> Matrix {
        let indptr = (0..=n as u32).collect();
        Matrix::Sparse(SparseMatrix {
            n_rows: n,
            n_columns: n,
            indptr,
            indices: (0..n as u32).collect(),
            values: vec![1.0; n],
        })
    }

    /// The greatest |element| of each column.
    pub fn greatest_of_columns(&self) -> Vec<f32> {
        let mut greatest = vec![0.0f32; self.n_columns()];
        let raise =
            |greatest: &mut f32, value: f32| *greatest = if value.abs() > *greatest { value.abs() } else { *greatest };
        match self {
            Matrix::Dense(dense) => {
                dense
                    .rows()
                    .into_iter()
                    .for_each(|row| greatest.iter_mut().zip(row).for_each(|(g, &value)| raise(g, value)));
            }
            Matrix::Sparse(sparse) => {
                let elements = sparse.indices.iter().zip(&sparse.values);
                elements.for_each(|(&column, &value)| raise(&mut greatest[column as usize], value));
            }
        }
        greatest
    }

    /// The same matrix in the form that takes fewer bytes.
    pub fn smaller(self) -> Matrix {
        let dense_words = self.n_rows().saturating_mul(self.n_columns());
        let sparse_words = self.n_nonzeros().saturating_mul(2) + self.n_rows() + 1;
        match self {
            Matrix::Dense(dense) if sparse_words < dense_words => Matrix::Sparse(SparseMatrix::from_dense(&dense)),
            Matrix::Sparse(sparse) if dense_words <= sparse_words => Matrix::Dense(sparse.to_dense()),
            same => same,
        }
    }

    /// How many values are not zero.
    pub fn n_nonzeros(&self) -> usize {
        self.values().iter().filter(|value| **value != 0.0).count()
    }

    /// All stored values, row by row.
    pub fn values(&self) -> &[f32] {
        match self {
            Matrix::Dense(dense) => dense.as_slice().expect("matrices are kept row-major"),
            Matrix::Sparse(sparse) => &sparse.values,
        }
    }

    pub fn transpose(&self) -> Matrix {
        match self {
            Matrix::Dense(dense) => Matrix::Dense(transposed(dense)),
            Matrix::Sparse(sparse) => Matrix::Sparse(sparse.transpose()),
        }
    }

    pub fn to_dense(&self) -> Array2<f32> {
        match self {
            Matrix::Dense(dense) => dense.clone(),
            Matrix::Sparse(sparse) => sparse.to_dense(),
        }
    }

    /// Σ over the row of value · `vector[column]`, in order of the columns.
    pub fn row_times(&self, row: usize, vector: &[f32]) -> f32 {
        match self {
            Matrix::Dense(_) => self.dense_row(row).iter().zip(vector).map(|(value, other)| value * other).sum(),
            Matrix::Sparse(sparse) => {
                let (columns, values) = sparse.row(row);
                columns.iter().zip(values).map(|(&column, value)| value * vector[column as usize]).sum()
            }
        }
    }

    /// Writes row `row` to `target`, `[n_columns]`.
    pub fn copy_row(&self, row: usize, target: &mut [f32]) {
        match self {
            Matrix::Dense(_) => target.copy_from_slice(self.dense_row(row)),
            Matrix::Sparse(sparse) => {
                target.fill(0.0);
                let (columns, values) = sparse.row(row);
                for (&column, &value) in columns.iter().zip(values) {
                    target[column as usize] = value;
                }
            }
        }
    }

    /// Whether a row has nothing but zeros.
    pub fn is_zero_row(&self, row: usize) -> bool {
        match self {
            Matrix::Dense(_) => self.dense_row(row).iter().all(|&value| value == 0.0),
            Matrix::Sparse(sparse) => sparse.row(row).1.iter().all(|&value| value == 0.0),
        }
    }

    /// `target` [right.n_columns] becomes row `row` of `self · right`.
    pub fn product_row(&self, row: usize, right: &Matrix, target: &mut [f32]) {
        target.fill(0.0);
        match self {
            Matrix::Dense(_) => {
                for (k, &factor) in self.dense_row(row).iter().enumerate().filter(|(_, factor)| **factor != 0.0) {
                    right.add_scaled_row(k, factor, target);
                }
            }
            Matrix::Sparse(sparse) => {
                let (columns, values) = sparse.row(row);
                for (&k, &factor) in columns.iter().zip(values) {
                    right.add_scaled_row(k as usize, factor, target);
                }
            }
        }
    }

    /// `self · right`, dense. [n_rows, right.n_columns]
    ///
    /// Panics when the inner sizes differ.
    pub fn product(&self, right: &Matrix) -> Array2<f32> {
        assert_eq!(self.n_columns(), right.n_rows(), "inner sizes of a product");
        let mut product = Array2::zeros((self.n_rows(), right.n_columns()));
        if let (Matrix::Dense(left), Matrix::Dense(right)) = (self, right) {
            kernels::par_product(left.view(), right.view(), product.view_mut());
            return product;
        }
        for (row, mut target) in product.rows_mut().into_iter().enumerate() {
            self.product_row(row, right, target.as_slice_mut().expect("new arrays are row-major"));
        }
        product
    }

    fn dense_row(&self, row: usize) -> &[f32] {
        &self.values()[row * self.n_columns()..][..self.n_columns()]
    }

    /// target += factor · row `row`
    fn add_scaled_row(&self, row: usize, factor: f32, target: &mut [f32]) {
        match self {
            Matrix::Dense(_) => kernels::axpy(factor, self.dense_row(row), target),
            Matrix::Sparse(sparse) => {
                let (columns, values) = sparse.row(row);
                kernels::sparse_axpy(factor, columns, values, target);
            }
        }
    }
}

impl From<Array2<f32>> for Matrix {
    /// Dense, row-major whatever the layout of the array was.
    fn from(dense: Array2<f32>) -> Matrix {
        Matrix::Dense(if dense.is_standard_layout() { dense } else { dense.as_standard_layout().into_owned() })
    }
}

impl From<SparseMatrix> for Matrix {
    fn from(sparse: SparseMatrix) -> Matrix {
        Matrix::Sparse(sparse)
    }
}

/// A row-major transpose, in square tiles so that both sides stay in cache.
pub fn transposed(dense: &Array2<f32>) -> Array2<f32> {
    const TILE: usize = 32;
    let (n_rows, n_columns) = dense.dim();
    let standard = dense.as_standard_layout();
    let from = standard.as_slice().expect("standard layout is contiguous");
    let mut to = vec![0f32; from.len()];
    for first_row in (0..n_rows).step_by(TILE) {
        for first_column in (0..n_columns).step_by(TILE) {
            for row in first_row..n_rows.min(first_row + TILE) {
                for column in first_column..n_columns.min(first_column + TILE) {
                    to[column * n_rows + row] = from[row * n_columns + column];
                }
            }
        }
    }
    Array2::from_shape_vec((n_columns, n_rows), to).expect("as many elements as before")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    fn random_dense(key: u64, n_rows: usize, n_columns: usize, density: f64) -> Array2<f32> {
        let mut rng = random::stream(&[key]);
        Array2::from_shape_fn((n_rows, n_columns), |_| {
            if random::coin(&mut rng, density) { random::gaussian(&mut rng) as f32 } else { 0.0 }
        })
    }

    fn bits(array: &Array2<f32>) -> Vec<u32> {
        array.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn triplets_come_out_sorted_with_equal_places_added() {
        let matrix = SparseMatrix::from_triplets(3, 4, &[(2, 3, 1.0), (0, 2, 5.0), (0, 1, 4.0), (2, 3, 0.5)]);
        assert_eq!(matrix.indptr, [0, 2, 2, 3]);
        assert_eq!(matrix.indices, [1, 2, 3]);
        assert_eq!(matrix.values, [4.0, 5.0, 1.5]);
        assert_eq!(matrix.validate(), Ok(()));
    }

    #[test]
    fn sparse_and_dense_products_have_the_same_bits() {
        let left = random_dense(1, 17, 40, 0.3);
        let right = random_dense(2, 40, 23, 0.4);
        let forms =
            |dense: &Array2<f32>| [Matrix::from(dense.clone()), Matrix::Sparse(SparseMatrix::from_dense(dense))];
        let expected = bits(&Matrix::from(left.clone()).product(&Matrix::from(right.clone())));
        for l in forms(&left) {
            for r in forms(&right) {
                assert_eq!(bits(&l.product(&r)), expected);
            }
        }
        let exact = left.mapv(f64::from).dot(&right.mapv(f64::from));
        let ours = Matrix::from(left).product(&Matrix::from(right));
        assert!(ours.iter().zip(&exact).all(|(a, b)| (*a as f64 - b).abs() < 1e-5));
    }

    #[test]
    fn the_greatest_of_a_column_is_of_either_sign() {
        let dense = ndarray::array![[1.0, 0.0, -2.0], [-3.0, 0.0, 1.5]];
        let sparse = Matrix::Sparse(SparseMatrix::from_dense(&dense));
        assert_eq!(sparse.greatest_of_columns(), [3.0, 0.0, 2.0]);
        assert_eq!(Matrix::Dense(dense).greatest_of_columns(), [3.0, 0.0, 2.0]);
    }

    #[test]
    fn transposing_twice_changes_nothing() {
        let dense = random_dense(3, 37, 70, 0.2);
        assert_eq!(transposed(&dense), dense.t().as_standard_layout());
        let sparse = SparseMatrix::from_dense(&dense);
        assert_eq!(sparse.transpose().to_dense(), transposed(&dense));
        assert_eq!(sparse.transpose().transpose(), sparse);
        assert_eq!(sparse.to_dense(), dense);
    }

    #[test]
    fn the_smaller_form_is_chosen_by_bytes() {
        assert!(matches!(Matrix::from(random_dense(4, 20, 20, 0.9)).smaller(), Matrix::Dense(_)));
        assert!(matches!(Matrix::from(random_dense(4, 20, 20, 0.1)).smaller(), Matrix::Sparse(_)));
        let full = SparseMatrix::from_dense(&random_dense(4, 20, 20, 1.0));
        assert!(matches!(Matrix::Sparse(full).smaller(), Matrix::Dense(_)));
    }

    #[test]
    fn a_transposed_array_becomes_row_major() {
        let dense = random_dense(5, 4, 6, 1.0);
        let matrix = Matrix::from(dense.clone().reversed_axes());
        assert_eq!(matrix.values(), transposed(&dense).as_slice().unwrap());
    }

    #[test]
    fn broken_rows_are_named() {
        let good = SparseMatrix::from_triplets(2, 3, &[(0, 0, 1.0), (0, 2, 1.0), (1, 1, 1.0)]);
        let broken = |change: &dyn Fn(&mut SparseMatrix)| {
            let mut matrix = good.clone();
            change(&mut matrix);
            matrix.validate()
        };
        assert_eq!(broken(&|m| m.indptr[1] = 4), Err(SparseFault::RowPointers));
        assert_eq!(broken(&|m| m.indptr[2] = 2), Err(SparseFault::RowPointers));
        assert_eq!(broken(&|m| m.indptr[0] = 1), Err(SparseFault::RowPointers));
        assert_eq!(broken(&|m| m.n_rows = usize::MAX), Err(SparseFault::RowPointers));
        assert_eq!(broken(&|m| m.indices[1] = 0), Err(SparseFault::ColumnIndices));
        assert_eq!(broken(&|m| m.indices[1] = 3), Err(SparseFault::ColumnIndices));
    }
}
